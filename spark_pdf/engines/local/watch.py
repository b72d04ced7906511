"""The edge: a folder or an SQLite outbox is looked at, and what is new becomes a run, without Spark, Java or DuckDB.

In: a config with a `watch`. Out: a `BatchesResult`, when it has been asked to stop, or, with `once`, when nothing is
left. One process renders, in small memory. The steps of a batch, each of which may be the last before a crash:

    1  write `_watch/<name>.json`: its units with their digests, and the run_id, which follows from them
    2  put dead letters aside, under a name that follows from the run_id
    3  run it: a run_id that is committed adds nothing
    4  mark its units done
    5  take `_watch/<name>.json` away

Whoever starts again finds the batch in that file, and goes through the same steps.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.batches import (
    BatchesResult,
    Tally,
    batch_config,
    batch_line,
    committed_batch,
    give_up,
    run_batch,
)
from spark_pdf.engines.local.inbox import Inbox, Unit, open_inbox
from spark_pdf.engines.partition import render_partition
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.source import BUCKETS, ID_COLUMN, Measure, PartitionPlan, Snapshot
from spark_pdf.engines.stopping import asked_by_signal
from spark_pdf.errors import AccessDenied, ConfigError, StoreError, UnsupportedError
from spark_pdf.manifest.files import as_written, read_json, write_json
from spark_pdf.manifest.resume import done_ids
from spark_pdf.model import Record, TaskSummary
from spark_pdf.store import output_store
from spark_pdf.store.locations import dead_letters_of, key_fields, watch_state
from spark_pdf.template.loading import load_bundle

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.engines.job import RenderJob

_LONGEST_WAIT = 60.0


class BatchRecords:
    """A batch's records in memory, as a `RecordSource`: one partition, rendered in this process.

    A run that is begun a second time is rendered in a child process: a record may have ended the first.
    """

    slots = 1
    declared = False  # fields are what happens to be there; one that is absent is its record's own failure

    def __init__(self, records: Mapping[str, Record], names: Sequence[str], config: Config, run_id: str) -> None:
        self._records, self._names, self._run_id = dict(records), names, run_id
        self._output = config.store_options(config.output.uri)

    def schema(self) -> pa.Schema:
        """Names only."""
        import pyarrow as pa

        return pa.schema([(name, pa.null()) for name in self._names])

    def prune(self, columns: Sequence[str] | None) -> None:
        """Records hold what is read already."""

    def only(self, failures: Sequence[str]) -> None:
        """Not for batches."""
        raise UnsupportedError("a batch of `spark-pdf watch` has no source any more; send the records again")

    def against(self, mode: str, baseline: Sequence[str]) -> None:
        """Refused before it comes to this."""
        raise UnsupportedError("mode: the edge renders all that comes")

    def snapshot(self) -> Snapshot:
        """The run_id says what the batch holds."""
        return Snapshot("batch", "a batch", {"batch": self._run_id.split(".")[0]})

    def sample(self, count: int) -> list[Record]:
        """A few."""
        return [{ID_COLUMN: name, **record} for name, record in list(self._records.items())[:count]]

    def measure(self, done: Sequence[str]) -> Measure:
        """All in one bucket, but for what is done."""
        for batch in done_ids(done, self._output):
            for name in batch["document_id"].to_pylist():
                self._records.pop(name, None)
        count = len(self._records)
        return Measure([0], [count], [float(count)]) if count else Measure([], [], [])

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """Render here."""
        assert plan.bounds == (0, BUCKETS)
        records = ({ID_COLUMN: name, **record} for name, record in sorted(self._records.items()))
        yield render_partition(records, job.at(0, supervised=job.wave > 1))

    def close(self) -> None:
        """Nothing is held."""


def watch(
    config: Config, *, once: bool = False, progress: Progress | None = None, stop: threading.Event | None = None
) -> BatchesResult:
    """Render what comes in until `stop` is set, or SIGTERM or Ctrl-C come: the batch in hand is finished first.

    `once`: end when nothing is left. A store that cannot be reached is waited for, unless `once`. Raises errors of
    `spark_pdf.errors`; the same call again goes on where this one was.
    """
    _check(config)
    inbox = open_inbox(config)
    try:
        with _alone(config), asked_by_signal(stop := stop or threading.Event()):
            return _Watch(config, inbox, progress or Progress(), stop).go(once)
    finally:
        inbox.close()


def _check(config: Config) -> None:
    if config.watch is None:
        raise ConfigError("the edge needs the section `watch`, which may be empty: `watch: {}`", key="watch")
    if config.engine != "local":
        raise UnsupportedError(
            f"engine: `spark-pdf watch` is the local engine's; {config.engine} has `stream` or `run`"
        )
    refused = {
        "source.sql": (config.source.sql, "the edge has no SQL"),
        "document.cost": (config.document.cost, "a batch is one task"),
        "manifest.columns": (config.manifest.columns, "records at the edge have no types that a table could rely on"),
        "mode": (config.mode != "all", "the edge renders all that comes"),
        "limit": (config.limit, "what comes has no end of which a part could be rendered"),
    }
    for key, (given, why) in refused.items():
        if given:
            raise UnsupportedError(f"{key}: {why}; take it away")
    if not config.document.id.isidentifier():
        raise UnsupportedError("document.id: the edge has no SQL; name a field")


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Two that take from one inbox would render the same."""
    path = Path(str(config.source.path))
    handle = os.open(path if path.is_dir() else path.absolute().parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UnsupportedError(f"source.path: another `spark-pdf watch` takes from {path}") from None
        yield
    finally:
        os.close(handle)


class _Watch:
    """One call of `watch`."""

    def __init__(self, config: Config, inbox: Inbox, progress: Progress, stop: threading.Event) -> None:
        assert config.watch is not None
        self._settings, self._inbox, self._progress, self._stop = config.watch, inbox, progress, stop
        self._config = batch_config(config, limit_failures=config.watch.limit_failures)
        self._store = output_store(config)
        self._state = watch_state(config.name)
        self._trusted = False
        self._tally = Tally()

    def go(self, once: bool) -> BatchesResult:
        """Look, render, look again."""
        began, wait, idle = time.monotonic(), 0.0, 0
        self._progress.phase("open", self._config.name)
        while not self._stop.wait(wait):
            try:
                found = self._finish() or self._next()
            except StoreError as error:
                if once or isinstance(error, AccessDenied):
                    raise
                wait = min(max(2 * wait, self._settings.interval, 0.5), _LONGEST_WAIT)
                self._progress.note(f"{error}; trying again in {wait:.0f} s")
                continue
            # A file is taken when it looks the same twice, so that nothing is left is known at the second look.
            idle = 0 if found else idle + 1
            if once and idle > 1:
                break
            wait = 0.0 if found else self._settings.interval
        return self._tally.result(self._config, time.monotonic() - began)

    def _finish(self) -> bool:
        """The batch that was in hand when an earlier process ended."""
        said = read_json(self._store, self._state)
        if said is None:
            return False
        with as_written(self._state):
            run_id, digests = str(said["run_id"]), {str(name): str(digest) for name, digest in said["units"]}
        units = [unit for unit in self._inbox.take(list(digests)) if digests[unit.name] == unit.digest]
        if len(units) == len(digests):
            self._batch(run_id, units)
        elif committed_batch(self._config, run_id) is not None:
            self._inbox.done([unit.name for unit in units])
        else:
            # What it held was taken away or changed: it can never be whole again. The rest is new.
            give_up(self._config, run_id)
        self._store.delete((self._state,))
        return True

    def _next(self) -> bool:
        units = self._inbox.new(self._settings.max_records)
        if not units:
            return False
        digest = hashlib.sha256("\n".join(sorted(unit.digest for unit in units)).encode()).hexdigest()
        run_id = f"{self._config.name[:76]}-{digest[:16]}"
        state = {"run_id": run_id, "units": [[unit.name, unit.digest] for unit in units]}
        write_json(self._store, self._state, state)
        self._batch(run_id, units)
        self._store.delete((self._state,))
        return True

    def _batch(self, run_id: str, units: Sequence[Unit]) -> None:
        began = time.monotonic()
        records, dead = self._sort(units)
        reasons = Counter(str(one["reason"]) for one in dead)
        if dead:
            letters = "".join(json.dumps(one, ensure_ascii=False, default=str) + "\n" for one in dead)
            self._store.write(dead_letters_of(run_id), letters.encode())
            self._tally.dead(reasons)
        result, replayed = None, False
        if records:
            names = self._names()
            result = run_batch(
                self._config,
                run_id,
                lambda again: BatchRecords(_chosen(records, names), _all_names(records, names), self._config, again),
                fresh=False,  # the same units may have been rendered and put in again
                trusted=self._trusted,
            )
            self._trusted = True
            replayed = getattr(result, "already_committed", True)
            self._tally.ended(result, replayed=replayed)
        self._inbox.done([unit.name for unit in units])
        seconds = time.monotonic() - began
        self._progress.note(batch_line(run_id, result, replayed=replayed, dead=reasons, seconds=seconds))

    def _sort(self, units: Sequence[Unit]) -> tuple[dict[str, Record], list[dict[str, Any]]]:
        """Records by id, and dead letters; the first of several with one id stands."""
        records: dict[str, Record] = {}
        dead: list[dict[str, Any]] = []
        for unit in units:
            for entry in self._inbox.entries(unit):
                reason, name = entry.reason, None
                if entry.record is not None:
                    name = entry.record.get(self._config.document.id)
                    reason = "no_id" if name is None or name == "" else "duplicate" if str(name) in records else ""
                if not reason:
                    assert entry.record is not None
                    records[str(name)] = entry.record
                    continue
                value = entry.value.decode("utf-8", "backslashreplace") or json.dumps(entry.record, default=str)
                dead.append({"reason": reason, "document_id": name, "place": entry.place, "value": value})
        return records, dead

    def _names(self) -> list[str] | None:
        """The fields that template and key read; None: all."""
        config = self._config
        read = load_bundle(config.template, config.store_options(config.template)).contract.columns
        if read is None:
            return None
        in_key = key_fields(config.output.key) if config.output.layout == "objects" else ()
        return list(dict.fromkeys([*read, *(path.split(".")[0] for path in in_key if path != "document_id")]))


def _chosen(records: Mapping[str, Record], names: Sequence[str] | None) -> Mapping[str, Record]:
    """Records with just these fields, so that a record's hash does not depend on those that came with it."""
    if names is None:
        return records
    return {key: {name: record[name] for name in names if name in record} for key, record in records.items()}


def _all_names(records: Mapping[str, Record], names: Sequence[str] | None) -> list[str]:
    return list(names if names is not None else dict.fromkeys(name for one in records.values() for name in one))
