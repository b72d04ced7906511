"""The compactor: entries of single documents in, committed runs out, each document once.

Batches of a day are a log: runs `<service>-<day>-<n>`, of which number n is begun only when n-1 is settled, and belongs
to whoever creates its run.json. A compactor remembers the ids of the day's rows, so an entry that comes twice is known,
whatever sent it again (a worker that died before its acknowledgement, a client, the broker). One that finds a number
taken, which it did not expect, was not alone: it settles that run, reads its ids, and looks at its batch again. The
broker lets one compactor work at a time (`x-single-active-consumer`); what is exactly once does not rest on that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError

from spark_pdf.config import Config
from spark_pdf.engines.celery.app import make_app
from spark_pdf.engines.celery.letters import Undertaker
from spark_pdf.engines.celery.messages import EntryMessage, as_bytes
from spark_pdf.engines.celery.rendering import HashedRecord
from spark_pdf.engines.celery.topology import Topology
from spark_pdf.engines.entries import MadeBy, commit_entries, settle_entries
from spark_pdf.engines.result import RunResult
from spark_pdf.errors import CommitError, DamagedFile, RunPinned, RunSuperseded, StoreError, UsageError
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.manifest.table import ManifestTable, open_table
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.locations import RunLocations, batch_of
from spark_pdf.wording import plural

log = logging.getLogger(__name__)

_DAYS = 4
"""Days whose ids are remembered; entries of older ones, which replays bring, have them read again."""

_TRIES = 1000

Commit = Callable[..., RunResult]


class DayLog:
    """The committed batches of one day."""

    def __init__(
        self, config: Config, run_id: str, store: ObjectStore, table: ManifestTable, commit: Commit = commit_entries
    ) -> None:
        self._config, self._run_id, self._store, self._table, self._commit = config, run_id, store, table, commit
        self._seen: set[bytes] = set()
        self._next = 1
        self._read_committed()

    @property
    def next_number(self) -> int:
        """The number that the next batch will have."""
        return self._next

    def _read_committed(self) -> None:
        """All batches of the day at once: one look at the table for each would take longer than the broker waits."""
        there: set[int] = set()
        for number, names in self._rows():
            there.add(number)
            self._seen.update(map(_hash, names))
        while True:
            if self._next in there:
                self._next += 1
            elif not self._catch_up():  # one without rows has to be asked for
                break

    def _catch_up(self) -> bool:
        """Settle the next number, if somebody has begun it, and read its ids."""
        run_id = batch_of(self._run_id, self._next)
        if not settle_entries(self._config, run_id, self._store, self._table):
            return False
        for batch in self._table.scan(["document_id"], run_id=run_id):
            self._seen.update(map(_hash, batch["document_id"].to_pylist()))
        self._next += 1
        return True

    def commit(self, entries: Sequence[ManifestEntry], made_by: MadeBy) -> list[RunResult]:
        """Commit what the day does not have yet."""
        for _ in range(_TRIES):
            fresh = self._fresh(entries)
            if not fresh:
                return []
            run_id = batch_of(self._run_id, self._next)
            try:
                result = self._commit(
                    self._config, run_id, fresh, made_by=made_by, store=self._store, table=self._table,
                    details={"batch_of": self._run_id},
                )  # fmt: skip
            except (RunPinned, RunSuperseded):
                self._catch_up()
                continue
            self._seen.update(_hash(entry.document_id) for entry in fresh)
            self._next += 1
            return [result]
        raise RunSuperseded(f"{self._run_id}: other compactors were always faster; stop all but one")

    def _fresh(self, entries: Sequence[ManifestEntry]) -> list[ManifestEntry]:
        """Entries that are new: the first of each id. Equal hashes are asked for by name: a hash drops no document."""
        found: dict[str, ManifestEntry] = {}
        for entry in entries:
            found.setdefault(entry.document_id, entry)
        known = {name for name in found if _hash(name) in self._seen}
        if known:
            known &= {name for _, names in self._rows(known) for name in names}
        return [entry for name, entry in found.items() if name not in known]

    def _rows(self, ids: Collection[str] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Ids that the table has of the day's batches, with the batch's number; of all ids, or of these."""
        prefix = f"{self._run_id}-"
        for batch in self._table.scan(["run_id", "document_id"], run_prefix=prefix, document_ids=ids):
            names: dict[str, list[str]] = {}
            for run_id, name in zip(batch["run_id"].to_pylist(), batch["document_id"].to_pylist(), strict=True):
                names.setdefault(run_id.removeprefix(prefix), []).append(name)
            # Other days may begin alike: those of second attempts, `<day>-r1`, do.
            yield from ((int(number), found) for number, found in names.items() if number.isdecimal())


def _hash(document_id: str) -> bytes:
    return blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()


class Compactor:
    """Consumes entries and dead letters of one service until it is stopped."""

    def __init__(self, config: Config) -> None:
        from spark_pdf.template.loading import load_bundle

        self._config, self._topology, self._app = config, Topology.of(config), make_app(config)
        self._store, self._table = output_store(config), open_table(config)
        self._days: OrderedDict[str, DayLog] = OrderedDict()
        bundle = load_bundle(config.template, config.store_options(config.template))
        hashed = HashedRecord(config, bundle)
        self._undertaker = Undertaker(self._app, config, self._store, MadeBy.now(config), hashed)
        self._stopped = threading.Event()
        self._held: list[Any] = []
        self._since = 0.0

    def stop(self) -> None:
        """End after the batch at hand. May be called by a signal."""
        self._stopped.set()

    def run(self, *, until_idle: float | None = None) -> None:
        """Work until stopped; or until nothing has come for so many seconds. A broker that is away is waited for."""
        self._store.probe()
        pause = 1.0
        while not self._stopped.is_set():
            try:
                self._consume(until_idle)
                return
            except (OSError, AMQPError, KombuError) as error:
                log.warning("the broker is away (%s); trying again", type(error).__name__)
            except (StoreError, CommitError) as error:
                log.warning("a batch was not committed; trying again: %s", error)
            # What was not acknowledged comes again; what became of it is read anew.
            self._held = []
            self._days.clear()
            self._stopped.wait(pause)
            pause = min(pause * 2, 15.0)

    def _consume(self, until_idle: float | None) -> None:
        with self._app.connection_for_read(heartbeat=600) as connection, connection.channel() as channel:
            self._topology.declare(channel)
            channel.basic_qos(0, self._config.queue.batch_entries, False)
            channel.basic_consume(self._topology.queue_name("entries"), callback=self._hold)
            letters = connection.channel()
            letters.basic_qos(0, 1, False)
            letters.basic_consume(
                self._topology.queue_name("killed"), callback=lambda message: self._bury(letters, message)
            )
            log.info("waits for entries of %s", self._config.name)
            last = time.monotonic()
            while not self._stopped.is_set():
                held = len(self._held)
                try:
                    connection.drain_events(timeout=self._patience())
                except TimeoutError:
                    connection.heartbeat_check()
                if self._is_due():
                    self._commit(channel)
                if len(self._held) != held:
                    last = time.monotonic()
                if until_idle is not None and not self._held and time.monotonic() - last > until_idle:
                    return
            self._commit(channel)

    def _hold(self, message: Any) -> None:
        if not self._held:
            self._since = time.monotonic()
        self._held.append(message)

    def _bury(self, channel: Any, message: Any) -> None:
        self._undertaker.take(message.body, dict(message.headers or {}))
        channel.basic_ack(message.delivery_tag)

    def _patience(self) -> float:
        if not self._held:
            return 0.5
        return max(min(self._config.queue.batch_seconds - (time.monotonic() - self._since), 0.5), 0.001)

    def _is_due(self) -> bool:
        if not self._held:
            return False
        waited = time.monotonic() - self._since
        return len(self._held) >= self._config.queue.batch_entries or waited >= self._config.queue.batch_seconds

    def _commit(self, channel: Any) -> None:
        """Commit what is held, a run for each day and renderer, then acknowledge all of it."""
        held, self._held = self._held, []
        groups: dict[tuple[str, MadeBy], list[ManifestEntry]] = {}
        for message in held:
            try:
                found = EntryMessage.decode(as_bytes(message.body))
                RunLocations(found.ticket.run_id)
            except (DamagedFile, UsageError) as error:
                log.error("%s: it is dropped", error)
                continue
            groups.setdefault((found.ticket.run_id, found.made_by), []).append(self._fitting(found.entry))
        for (run_id, made_by), entries in groups.items():
            for result in self._day(run_id).commit(entries, made_by):
                log.info("run %s: %s, %d failed", result.run_id, plural(result.documents, "document"), result.failed)
        if held:
            channel.basic_ack(held[-1].delivery_tag, multiple=True)

    def _fitting(self, entry: ManifestEntry) -> ManifestEntry:
        """The entry; without what it copies, if its worker's config has other columns: a new config comes by and by."""
        columns = len(self._config.manifest.columns)
        if len(entry.extra) == columns and all(value is None or isinstance(value, str) for value in entry.extra):
            return entry
        log.error("document %s: its worker has other manifest.columns; they are left empty", entry.document_id)
        return entry._replace(extra=(None,) * columns)

    def _day(self, run_id: str) -> DayLog:
        day = self._days.pop(run_id, None) or DayLog(self._config, run_id, self._store, self._table)
        self._days[run_id] = day
        while len(self._days) > _DAYS:
            self._days.popitem(last=False)
        return day
