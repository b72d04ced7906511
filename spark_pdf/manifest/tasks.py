"""Task manifests: what became of the records of one task, written once, by conditional create.

In: entries of one task attempt. Out: a Parquet file with the entries and, in its footer, what the attempt says of them;
the first attempt's file stands, a later attempt adopts it or stops. A sealed task manifest is empty and keeps
any later attempt out. Task manifests have all columns of the table but `committed_at`, which the job commit knows.
"""

from __future__ import annotations

import io
import json
import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from spark_pdf.errors import CommitFailed, DamagedFile, RunSuperseded, SourceError, StoreError, TaskConflict
from spark_pdf.manifest.batches import conform
from spark_pdf.manifest.digest import InputDigest
from spark_pdf.manifest.files import as_written, read_bytes, typed
from spark_pdf.manifest.schema import DOCUMENT, ManifestEntry, manifest_schema
from spark_pdf.model import TaskSummary

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.store import ObjectStore
    from spark_pdf.store.locations import RunLocations

FORMAT_VERSION = 1
_FOOTER_KEY = "spark_pdf.task"
_FLUSH_ROWS = 4096
_READ_THREADS = 8


def new_attempt_id() -> str:
    """A random id of a task attempt. Engine attempt numbers are not used: they repeat when a stage runs again."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class TaskContext:
    """What all entries of a task have in common. `extra` is the schema of the copied source columns."""

    run_id: str
    wave: int
    partition: int
    template: str
    template_hash: str
    renderer_version: str
    attempt_id: str = field(default_factory=new_attempt_id)
    extra: pa.Schema | None = None


@dataclass(frozen=True, slots=True)
class TaskFile:
    """What a task manifest's footer says: the summary of the attempt that wrote it, or that it is a seal."""

    summary: TaskSummary
    sealed: bool


class TaskBuffer:
    """Collects the entries of one task attempt as compressed Parquet in memory, about 100 bytes a document.

    Raises `SourceError` if a document id comes twice: both would be rendered, and only one row could be right.
    """

    def __init__(self, context: TaskContext) -> None:
        import pyarrow.parquet as pq

        self.context = context
        self.digest = InputDigest()
        self.cpu_ms = 0.0
        self._schema = manifest_schema(context.extra, leave_out=["committed_at"])
        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._rows: list[ManifestEntry] = []
        self._ids: set[str] = set()
        self._documents = self._failed = self._skipped = self._pages = self._bytes = 0
        self._codes: dict[str, int] = {}

    def add(self, entry: ManifestEntry) -> None:
        """Take one entry."""
        self._see(entry.document_id, entry.record_hash)
        self._rows.append(entry)
        if len(self._rows) >= _FLUSH_ROWS:
            self._flush()

    def skip(self, document_id: str, record_hash: str) -> None:
        """Count a record that the task has seen and that gets no row."""
        self._see(document_id, record_hash)
        self._skipped += 1

    def _see(self, document_id: str, record_hash: str) -> None:
        if document_id in self._ids:
            raise SourceError(f"the document id '{document_id}' occurs twice; document.id has to be unique")
        self._ids.add(document_id)
        self.digest.add(document_id, record_hash)

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        for entry in rows:
            if entry.status == DOCUMENT:
                self._documents += 1
                self._pages += entry.pages or 0
                self._bytes += entry.length or 0
            else:
                self._failed += 1
                code = entry.error_code or ""
                self._codes[code] = self._codes.get(code, 0) + 1
        self._writer.write_batch(_record_batch(rows, self.context, self._schema))

    def summary(self) -> TaskSummary:
        """What this attempt says of itself so far."""
        self._flush()
        return TaskSummary(
            wave=self.context.wave,
            partition=self.context.partition,
            attempt_id=self.context.attempt_id,
            input_count=self.digest.count,
            input_digest=self.digest.hexdigest(),
            documents=self._documents,
            failed=self._failed,
            pages=self._pages,
            bytes=self._bytes,
            failures_by_code=dict(sorted(self._codes.items())),
            cpu_ms=round(self.cpu_ms, 3),
            skipped=self._skipped,
        )

    def finish(self, *, sealed: bool = False) -> tuple[TaskSummary, bytes]:
        """The summary, and the task manifest's bytes. Nothing can be added afterwards."""
        summary = self.summary()
        self._writer.add_key_value_metadata({_FOOTER_KEY: _footer(summary, sealed)})
        self._writer.close()
        return summary, self._sink.getvalue()


def _footer(summary: TaskSummary, sealed: bool) -> str:
    values = {name: getattr(summary, name) for name in TaskSummary.__slots__ if name != "adopted"}
    return json.dumps({"format": FORMAT_VERSION, "sealed": sealed, **values})


def _record_batch(rows: Sequence[ManifestEntry], context: TaskContext, schema: pa.Schema) -> pa.RecordBatch:
    """Columns from rows: what differs comes from the entries, what a task has in common is repeated."""
    import pyarrow as pa

    *columns, extras = zip(*rows, strict=True)
    values: dict[str, Iterable[Any]] = dict(zip(ManifestEntry._fields, columns, strict=False))
    extra_names = context.extra.names if context.extra is not None else ()
    if extra_names:
        values.update(zip(extra_names, zip(*extras, strict=True), strict=True))
    common = {
        "run_id": context.run_id,
        "template": context.template,
        "template_hash": context.template_hash,
        "renderer_version": context.renderer_version,
        "attempt": context.attempt_id,
        "wave": context.wave,
        "partition": context.partition,
    }
    arrays = [
        pa.repeat(pa.scalar(common[f.name], f.type), len(rows))
        if f.name in common
        else pa.array(values[f.name], type=f.type)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def commit_task(store: ObjectStore, locations: RunLocations, task: TaskBuffer) -> TaskSummary:
    """Write the task manifest by conditional create; the summary of the attempt that won is the result.

    Raises `RunSuperseded` if a later driver has sealed the task, `TaskConflict` if the winner saw other records.
    """
    summary, data = task.finish()
    key = locations.task(summary.wave, summary.partition)
    if store.create(key, data):
        return summary
    return adopt(find_task(store, locations, summary.wave, summary.partition), summary)


def adopt(found: TaskFile | None, own: TaskSummary) -> TaskSummary:
    """The summary of the attempt that won, if it saw the same records as ours."""
    where = f"task {own.partition} of wave {own.wave}"
    if found is None:
        raise StoreError(f"{where}: its task manifest existed when it was to be created, and is gone now")
    if found.sealed:
        raise RunSuperseded(
            f"{where} was sealed by a later driver of this run, so this one stops; the same run_id again "
            "tells what became of the run"
        )
    won = found.summary
    if (won.input_count, won.input_digest) != (own.input_count, own.input_digest):
        raise TaskConflict(
            f"{where}: attempt {won.attempt_id} saw {won.input_count} records (digest {won.input_digest}), attempt "
            f"{own.attempt_id} saw {own.input_count} (digest {own.input_digest}); the source is not deterministic: "
            "set source.materialize to always, and use a new run_id"
        )
    return replace(won, adopted=True)


def seal_task(store: ObjectStore, locations: RunLocations, wave: int, partition: int, run_id: str) -> bool:
    """Create an empty, sealed task manifest, so that no later attempt can commit. False: an attempt was there first."""
    seal = TaskBuffer(TaskContext(run_id, wave, partition, "", "", ""))
    return store.create(locations.task(wave, partition), seal.finish(sealed=True)[1])


def find_task(store: ObjectStore, locations: RunLocations, wave: int, partition: int) -> TaskFile | None:
    """What the task manifest says, if there is one. An attempt that finds one need not render: see `adopt`."""
    data = read_bytes(store, locations.task(wave, partition))
    return None if data is None else _task_file(data, locations.task(wave, partition))


def _task_file(data: bytes, key: str) -> TaskFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(pa.BufferReader(data)).metadata or {}
        values = json.loads(metadata[_FOOTER_KEY.encode()])
    except (pa.ArrowException, OSError, KeyError, ValueError, RecursionError):
        raise DamagedFile(f"{key} is not a task manifest; another program has written it") from None
    with as_written(key):
        if values.pop("format") != FORMAT_VERSION:
            raise StoreError(f"{key} was written by another version of spark_pdf; finish the run with that version")
        return TaskFile(sealed=values.pop("sealed"), summary=typed(TaskSummary(**values)))


def list_tasks(store: ObjectStore, locations: RunLocations) -> Iterator[tuple[int, int]]:
    """(wave, partition) of every task manifest of the run: the only listing of the protocol, once per wave."""
    for info in store.list(locations.tasks):
        task = locations.parse_task(info.key)
        if task:
            yield task


def read_task_files(
    store: ObjectStore, locations: RunLocations, tasks: Iterable[tuple[int, int]]
) -> Iterator[tuple[TaskFile, bytes]]:
    """Task manifests by name, in the order asked for, some read ahead. Raises `CommitFailed` if one is absent."""

    def read(task: tuple[int, int]) -> tuple[TaskFile, bytes]:
        key = locations.task(*task)
        data = read_bytes(store, key)
        if data is None:
            raise CommitFailed(f"task {task[1]} of wave {task[0]} has no task manifest: {key} is absent")
        return _task_file(data, key), data

    waiting: deque[Future[tuple[TaskFile, bytes]]] = deque()
    pool = ThreadPoolExecutor(_READ_THREADS)
    try:
        for task in tasks:
            waiting.append(pool.submit(read, task))
            if len(waiting) > 2 * _READ_THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def task_batches(data: bytes, schema: pa.Schema, status: str | None = None) -> Iterator[pa.RecordBatch]:
    """The entries in a task manifest, with `schema` (the task manifests' own, or some of its columns)."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(data))
    columns = list(dict.fromkeys([*schema.names, "status"]))
    for batch in file.iter_batches(columns=columns):
        kept = batch.filter(pc.equal(batch["status"], status)) if status else batch
        if kept.num_rows:
            yield conform(kept, schema)


def read_tasks(
    store: ObjectStore,
    locations: RunLocations,
    tasks: Iterable[tuple[int, int]],
    schema: pa.Schema,
    *,
    status: str | None = None,
) -> Iterator[pa.RecordBatch]:
    """Entries of many task manifests as a stream, with an explicit schema; only those of `status`, if given."""
    for _, data in read_task_files(store, locations, tasks):
        yield from task_batches(data, schema, status)
