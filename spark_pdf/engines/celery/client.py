"""A client of the queue: submit records, and learn what became of them.

    with QueueClient(config) as client:
        ticket = client.submit(record)                      waits until the broker has it
        status = client.wait(ticket, seconds=30)            "document" or "failure"
        pdf = client.document(status)

The document's id is the idempotency key: submitted again on the same day (UTC), it is the same document, whatever
happened in between; whoever tries again after midnight gives the day. Statuses stand in the store, so polling asks
the broker nothing. A client may be shared between threads.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Any

from kombu.exceptions import KombuError, OperationalError

from spark_pdf.config import Config
from spark_pdf.engines.celery.app import CONFIRM_SECONDS, GENERATE, HASTE, make_app, send_task
from spark_pdf.engines.celery.callbacks import check_url
from spark_pdf.engines.celery.messages import Status, Ticket, pack_record
from spark_pdf.engines.celery.rendering import HashedRecord, read_accepted, read_status, utc_text
from spark_pdf.engines.celery.topology import LANES, Lane, Topology
from spark_pdf.engines.day import days_from_today, today
from spark_pdf.errors import DocumentError, QueueError, UsageError
from spark_pdf.model import Record
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.documents import read_document
from spark_pdf.store.locations import RunLocations
from spark_pdf.template.loading import load_bundle
from spark_pdf.template.record import normalise

_LONGEST_ID = 512


class OtherRecord(UsageError):  # noqa: N818 - says what it found
    """The idempotency key was used today for another record."""


class QueueClient:
    """Submits to one service's queue. Raises `QueueError` where the broker is away or refuses: after some minutes of
    trying, or, `hasty`, after some twenty seconds.
    """

    def __init__(self, config: Config, *, hasty: bool = False) -> None:
        self._config, self._topology = config, Topology.of(config)
        # Without patience's end, whoever closes a channel that the broker has blocked waits until its disk has room.
        self._app = make_app(config, patience=HASTE["confirm_timeout"] if hasty else CONFIRM_SECONDS)
        self._haste = HASTE if hasty else {}
        self._store = output_store(config)
        bundle = load_bundle(config.template, config.store_options(config.template))
        self._bundle, self._hashed = bundle, HashedRecord(config, bundle)
        self._declared = False

    def __enter__(self) -> QueueClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._app.close()

    def declare(self) -> None:
        """Make the queues, or find them. Workers, and the first submission, do so too."""
        with broker_errors(), self._app.connection_for_write() as connection:
            self._topology.declare(connection.default_channel)
        self._declared = True

    def parse(self, data: bytes) -> dict[str, Any]:
        """A record from JSON, with the types that template.toml declares. Raises `BundleError`, without data."""
        return self._bundle.parse_record(data)

    def submit(
        self,
        record: Record,
        document_id: str | None = None,
        *,
        lane: Lane = "single",
        day: str | None = None,
        run_id: str | None = None,
        callback: str | None = None,
        link: Any = None,
        link_error: Any = None,
        remember: bool = False,
    ) -> Ticket:
        """Hand over a record; when this returns, the broker has it on disk.

        `document_id`: default is the record's field that `document.id` names. `callback`: a URL that hears of
        document or failure. `link`, `link_error`: Celery signatures that are called with what became of it.
        `remember`: write down that it was submitted, so that `status` tells what waits from what was never there, and
        the same key for another record is refused (`OtherRecord`). A key whose document failed may be used again:
        that is another attempt. `run_id` names another run than the day's.
        """
        plain = normalise(record)
        ticket = self.ticket(plain, document_id, day, run_id)
        if callback is not None:
            check_url(self._config, callback)
        if remember:
            _, digest = self._hashed(plain)
            found = self._remembered(ticket, digest)
            if found.state in ("document", "erased") or (found.state == "failure" and found.record_hash == digest):
                return found.ticket
            ticket = self._again(found, digest) if found.state == "failure" else found.ticket
        links = {"link": link, "link_error": link_error}
        self._send(ticket, pack_record(plain), lane, callback, {name: one for name, one in links.items() if one})
        return ticket

    def submit_all(
        self, records: Iterable[Record], *, day: str | None = None, run_id: str | None = None, threads: int = 4
    ) -> Iterator[Ticket]:
        """Hand over many records, to the queue for bulk; tickets in the order of the records."""
        day = day or today()
        with ThreadPoolExecutor(threads) as pool:
            waiting: list[Any] = []
            for record in records:
                waiting.append(pool.submit(self.submit, record, lane="bulk", day=day, run_id=run_id))
                if len(waiting) >= 16 * threads:
                    yield waiting.pop(0).result()
            yield from (one.result() for one in waiting)

    def ticket(
        self, record: Record, document_id: str | None = None, day: str | None = None, run_id: str | None = None
    ) -> Ticket:
        """What a submission would be known by."""
        if document_id is None:
            value = record.get(self._config.document.id)
            if not isinstance(value, (str, int)) or isinstance(value, bool):
                raise UsageError(
                    f"a submission needs a document_id, or a record with '{self._config.document.id}' (document.id)"
                )
            document_id = str(value)
        if not document_id or len(document_id.encode("utf-8", "replace")) > _LONGEST_ID:
            raise UsageError(f"a document's id has 1 to {_LONGEST_ID} bytes")
        if day is not None and days_from_today(day) > 1:
            raise UsageError("a day is not after tomorrow (UTC)")
        run_id = run_id or f"{self._config.name}-{day or today()}"
        RunLocations(run_id)
        return Ticket(run_id, document_id)

    def status(self, ticket: Ticket) -> Status | None:
        """What became of a submission. None: nothing that is known, unless it was submitted with `remember`."""
        return read_status(self._store, ticket) or read_accepted(self._store, ticket)

    def wait(self, ticket: Ticket, seconds: float = 60.0) -> Status:
        """Wait for a submission's end. Raises `QueueError` after so many seconds; it may still be rendered."""
        deadline, pause = time.monotonic() + seconds, 0.01
        while True:
            found = read_status(self._store, ticket)
            if found is not None and found.state != "accepted":
                return found
            if time.monotonic() + pause > deadline:
                raise QueueError(f"document {ticket.document_id} is not rendered after {seconds:g} seconds")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    def document(self, status: Status) -> bytes:
        """The PDF. Raises `DocumentError` if the document failed, `UsageError` if there is none."""
        if status.entry is None:
            raise UsageError(f"document {status.ticket.document_id} is {status.state}")
        if status.entry.uri is None:
            raise DocumentError(status.entry.error_code or "render", status.entry.error_detail or "")
        uri = status.entry.uri
        return read_document(uri, 0, status.entry.length, self._config.store_options(uri))

    def depths(self) -> Mapping[str, int]:
        """How many messages wait, by queue: single, bulk, callbacks, entries, killed, dead, later."""
        # None of the pool's: RabbitMQ reads nothing more of a connection that publishes while its disk is full.
        with broker_errors(), self._app.connection_for_read() as connection:
            if not self._declared:
                self._topology.declare(connection.default_channel)
                self._declared = True
            with connection.channel() as channel:
                found = {}
                for role in (*LANES, "callbacks", "entries", "killed", "dead", "later"):
                    asked = channel.queue_declare(self._topology.queue_name(role), passive=True)
                    found[role] = int(asked.message_count)
                return found

    def replay(self, most: int | None = None) -> int:
        """Submit dead letters again, at most so many; how many those were. See `letters.replay`."""
        from spark_pdf.engines.celery.letters import replay

        with broker_errors():
            return replay(self._app, self._topology, self._store, self._config, most)

    def _send(self, ticket: Ticket, packed: bytes, lane: str, callback: str | None, links: Mapping[str, Any]) -> None:
        if not self._declared:
            self.declare()
        args = [ticket.run_id, ticket.document_id, packed, 1, callback]
        with broker_errors():
            send_task(self._app, self._topology, GENERATE, args, lane, **links, **self._haste)

    def _remembered(self, ticket: Ticket, digest: str) -> Status:
        """The status of a submission that is written down now, or was before."""
        mine = Status(ticket, "accepted", digest, at=utc_text())
        key = RunLocations(ticket.run_id).accepted(ticket.document_id)
        if self._store.create(key, mine.encode()):
            return read_status(self._store, ticket) or mine  # it may have been submitted without `remember`
        found = self.status(ticket) or mine
        if found.record_hash and found.record_hash != digest and found.state in ("accepted", "document"):
            raise OtherRecord(f"the key '{ticket.document_id}' was used for another record on this day; use a new one")
        return found

    def _again(self, failed: Status, digest: str) -> Ticket:
        ticket = next_attempt(failed, self._config)
        self._remembered(ticket, digest)  # before anything leads there: whose record it is, is said once
        lead_on(self._store, failed, ticket)
        return ticket


def next_attempt(ended: Status, config: Config) -> Ticket:
    """A ticket for another attempt at a document that has failed."""
    match = re.fullmatch(rf"{re.escape(config.name)}-\d{{8}}-r(\d+)", ended.ticket.run_id)
    number = int(match[1]) + 1 if match else 1
    return Ticket(f"{config.name}-{today()}-r{number}", ended.ticket.document_id)


def lead_on(store: ObjectStore, ended: Status, ticket: Ticket) -> None:
    """Have a failed status lead to another attempt from now on."""
    key = RunLocations(ended.ticket.run_id).status(ended.ticket.document_id)
    store.write(key, replace(ended, again=ticket.run_id).encode())


class broker_errors:  # noqa: N801 - reads as the statement that it is: with broker_errors():
    """Whatever the broker's libraries raise in this block becomes a `QueueError` without their words."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (OperationalError, KombuError, OSError, TimeoutError)) or _is_amqp(error):
            raise QueueError(
                f"the broker does not answer, or refuses ({type(error).__name__}): see queue.broker"
            ) from error


def _is_amqp(error: BaseException | None) -> bool:
    return error is not None and type(error).__module__.split(".")[0] in ("amqp", "kombu")
