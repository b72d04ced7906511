"""Dead letters: documents that no worker could finish. Each becomes a row, and can be replayed.

In: messages that the broker has taken out of their queue, because they were delivered `queue.deliveries` times and
more. Out: an entry `worker_killed`, by the same conditional create that every fate goes through; the message itself
is kept in `<name>.dead`, where those lie too that workers have laid aside (the world failed too often), which have no
entry. Brokers count deliveries, not deaths: a document that a worker held ready when it died, or handed back when it
was stopped, was delivered too. So one that was not begun so often is submitted again, as if nothing had happened.

A replay is another attempt, in a run of its own, `<service>-<day>-r<n>`: the row of the first stands, as with
`spark-pdf retry`, and the manifest's current view has the latest.
"""

from __future__ import annotations

import logging
from typing import Any

import msgpack
from celery import Celery

from spark_pdf.config import Config
from spark_pdf.engines.celery.app import CALL_BACK, CONFIRM_SECONDS, GENERATE, RETRIES, send_task
from spark_pdf.engines.celery.callbacks import told
from spark_pdf.engines.celery.client import lead_on, next_attempt
from spark_pdf.engines.celery.messages import Status, Ticket, as_bytes, unpack_record
from spark_pdf.engines.celery.rendering import HashedRecord, count_begun, read_status, settle_status, utc_text
from spark_pdf.engines.celery.tasks import AGAIN, announce, tell
from spark_pdf.engines.celery.topology import LANES, Topology
from spark_pdf.engines.entries import MadeBy
from spark_pdf.errors import DamagedFile, UsageError
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.model import Record
from spark_pdf.store import ObjectStore
from spark_pdf.store.locations import RunLocations

log = logging.getLogger(__name__)


class Letter:
    """A task's message, read without Celery: what was to be rendered, and who wants to know."""

    def __init__(self, body: bytes, headers: dict[str, Any]) -> None:
        self.headers = headers
        try:
            args, _, embed = msgpack.unpackb(as_bytes(body), strict_map_key=False)
            self.ticket, self.record = Ticket(str(args[0]), str(args[1])), bytes(args[2])
            self.attempt = int(args[3]) if len(args) > 3 else 1
            self.callback = args[4] if len(args) > 4 else None
            self.links = {
                "link": (embed or {}).get("callbacks") or [], "link_error": (embed or {}).get("errbacks") or []
            }  # fmt: skip
        except (ValueError, TypeError, IndexError, AttributeError, msgpack.UnpackException):
            raise DamagedFile("a dead letter is no document; another program has sent it") from None

    @property
    def lane(self) -> str:
        """The queue that it was in at first."""
        deaths = self.headers.get("x-death") or [{}]
        found = self.headers.get("x-spark-pdf-lane") or str(deaths[0].get("queue", "")).rpartition(".")[2]
        return found if found in LANES else "bulk"

    def submit(self, app: Celery, topology: Topology, run_id: str, attempt: int, *, again: bool) -> None:
        """Put the document into its queue, for a run. `again`: one of its deliveries has not ended, as far as known."""
        args = [run_id, self.ticket.document_id, self.record, attempt, self.callback]
        options: dict[str, Any] = {name: links for name, links in self.links.items() if links}
        if again:
            options["headers"] = {AGAIN: 1}
        send_task(app, topology, GENERATE, args, self.lane, **options)


class Undertaker:
    """Makes entries of deaths."""

    def __init__(self, app: Celery, config: Config, store: ObjectStore, made_by: MadeBy, hashed: HashedRecord) -> None:
        self._app, self._topology = app, Topology.of(config)
        self._store, self._made_by, self._hashed = store, made_by, hashed
        self._columns = len(config.manifest.columns)

    def take(self, body: bytes, headers: dict[str, Any]) -> None:
        """Say of a document that it kills its workers, unless it was rendered after all; then keep the message.

        One that no worker has begun so often goes to its queue again.
        """
        try:
            letter = Letter(body, headers)
            RunLocations(letter.ticket.run_id)
            record = unpack_record(letter.record)  # what is none is nobody's to begin
            times = count_begun(self._store, letter.ticket)
            if times < self._topology.deliveries and read_status(self._store, letter.ticket) is None:
                log.warning("%s was delivered often, and begun seldom: submitted again", letter.ticket.document_id)
                letter.submit(self._app, self._topology, letter.ticket.run_id, letter.attempt, again=True)
                return
            failure = self._failure(letter, record, times)
        except (DamagedFile, UsageError) as error:  # raised, it would come again, and nothing after it be done
            log.error("%s", error)
        else:
            status = settle_status(self._store, failure)
            announce(self._app, self._topology, status)
            log.error("document %s of %s is a dead letter", letter.ticket.document_id, letter.ticket.run_id)
            said = told(status)
            if letter.callback is not None:
                send_task(self._app, self._topology, CALL_BACK, [letter.callback, said], "callbacks")
            tell(self._app, letter.links["link" if status.state == "document" else "link_error"], said)
        forward(self._app, self._topology, body, headers)

    def _failure(self, letter: Letter, record: Record, times: int) -> Status:
        _, digest = self._hashed(record)
        extra = (None,) * self._columns
        detail = f"document {letter.ticket.document_id}: the worker that renders it ended {times + 1} times"
        entry = ManifestEntry.failure(
            letter.ticket.document_id, digest, code="worker_killed", detail=detail, extra=extra
        )
        return Status(letter.ticket, "failure", digest, entry, self._made_by, at=utc_text())


def forward(app: Celery, topology: Topology, body: bytes, headers: dict[str, Any]) -> None:
    """Keep a message among the dead, as it is."""
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(
            as_bytes(body), exchange=topology.exchange.name, routing_key=topology.queue_name("dead"),
            content_type="application/x-msgpack", content_encoding="binary", headers=dict(headers), delivery_mode=2,
            mandatory=True, retry=True, retry_policy=RETRIES, confirm_timeout=CONFIRM_SECONDS,
        )  # fmt: skip


def replay(app: Celery, topology: Topology, store: ObjectStore, config: Config, most: int | None) -> int:
    """Submit what lies in `<name>.dead` now; each letter leaves it once the broker has the new task."""
    with app.connection_for_read() as connection, connection.channel() as channel:
        topology.declare(channel)
        name = topology.queue_name("dead")
        count = channel.queue_declare(name, passive=True).message_count
        done = 0
        for _ in range(count if most is None else min(count, most)):
            message = channel.basic_get(name, no_ack=False)
            if message is None:
                break
            done += _again(app, topology, store, config, message)
            channel.basic_ack(message.delivery_tag)
    return done


def _callback_of(body: bytes | str) -> list[Any]:
    """URL and status of a callback that was given up by its workers."""
    try:
        args, _, _ = msgpack.unpackb(as_bytes(body), strict_map_key=False)
        return [args[0], args[1]]
    except (ValueError, TypeError, IndexError, KeyError, msgpack.UnpackException):
        raise DamagedFile("a dead letter is no callback; another program has sent it") from None


def _again(app: Celery, topology: Topology, store: ObjectStore, config: Config, message: Any) -> bool:
    headers = dict(message.headers or {})
    try:
        if headers.get("task") == CALL_BACK:
            send_task(app, topology, CALL_BACK, _callback_of(message.body), "callbacks")
            return True
        letter = Letter(message.body, headers)
    except DamagedFile as error:
        log.error("%s: it is dropped", error)
        return False
    status = read_status(store, letter.ticket)
    if status is not None:
        announce(app, topology, status)  # it may have been laid aside because the entry could not be sent
    if status is not None and status.state in ("document", "erased"):
        return False
    ticket = letter.ticket
    if status is not None and status.state == "failure":
        ticket = next_attempt(status, config)
        lead_on(store, status, ticket)
    elif status is not None:  # another attempt was begun, and is not known to have ended
        ticket = status.ticket
    letter.submit(app, topology, ticket.run_id, 1, again=False)
    return True
