"""The heart: what every worker of every engine does with the records of one partition.

In: an iterator of records, each with `ID_COLUMN`, and a `RenderJob`. Out: a `TaskSummary`; the documents are in the
store and the task manifest is committed. Records are taken one by one and forgotten; memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spark_pdf.engines.outcome import Outcome, Rendered, outcome_of
from spark_pdf.engines.rows import rendered_rows
from spark_pdf.engines.sinks import open_sink
from spark_pdf.engines.source import EXPECTED_COLUMN, ID_COLUMN, PARTITION_COLUMN
from spark_pdf.engines.supervise import Supervised, cpu_fuse, disarm_fuse
from spark_pdf.errors import DocumentError, TaskConflict
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.manifest.tasks import TaskBuffer, TaskContext, commit_task
from spark_pdf.model import Record, TaskSummary
from spark_pdf.template.record import record_hash

if TYPE_CHECKING:
    from spark_pdf.engines.job import RenderJob
    from spark_pdf.engines.sinks import Sink

Render = Callable[[str, Record], Outcome]


def render_records(
    records: Iterable[Record], render: Render, hashed: Sequence[str] | None = None
) -> Iterator[Rendered]:
    """What became of each record: a pure generator, no store and no manifest.

    `hashed`: the columns that make the record hash; None: all. A record whose hash is the expected one is skipped.
    """
    for record in records:
        values = dict(record)
        document_id = values.pop(ID_COLUMN)
        values.pop(PARTITION_COLUMN, None)
        expected = values.pop(EXPECTED_COLUMN, None)
        digest = record_hash(values if hashed is None else {name: values[name] for name in hashed if name in values})
        yield Rendered(document_id, values, digest, None if digest == expected else render(document_id, values))


def render_partition(records: Iterable[Record], job: RenderJob) -> TaskSummary:
    """Render, store, and commit one task. Raises `StoreError` where the world failed: the engine tries again.

    Raises `RunSuperseded` if a later driver has sealed this task, `TaskConflict` if another attempt saw other records.
    """
    if job.rendered:
        return store_partition(rendered_rows(records), job)
    with rendering(job) as render:
        return store_partition(render_records(records, render, job.hashed), job)


def store_partition(rendered: Iterable[Rendered], job: RenderJob) -> TaskSummary:
    """Store what was rendered, a moment ago or by another task into a table, and commit one task."""
    store, locations = job.store(), job.locations
    context = TaskContext(
        job.run_id, job.wave, job.partition, job.template, job.bundle_hash, job.renderer_version, extra=job.extra
    )
    task = TaskBuffer(context)
    with open_sink(job, store, context.attempt_id) as sink:
        for one in rendered:
            if one.outcome is None:
                task.skip(one.document_id, one.record_hash)
            else:
                extra = tuple(one.record.get(name) for name in job.extra.names)
                task.add(stored_entry(one.outcome, one.record, one.record_hash, sink, extra))
                task.cpu_ms += one.outcome.render_ms
    _check_count(task, job)
    # If another attempt has won, what this one stored is referenced by nobody, and vacuum takes it.
    return commit_task(store, locations, task)


@contextmanager
def rendering(job: RenderJob) -> Iterator[Render]:
    """A renderer for the time of one task: in this process, or supervised in a child."""
    render, end = _in_child(job) if job.supervised else _in_process(job)
    try:
        yield render
    finally:
        end()


def _in_process(job: RenderJob) -> tuple[Render, Callable[[], None]]:
    renderer, limits = job.renderer(), job.config.limits

    def render(document_id: str, record: Record) -> Outcome:
        cpu_fuse(limits)
        return outcome_of(renderer, document_id, record)

    return render, disarm_fuse


def _in_child(job: RenderJob) -> tuple[Render, Callable[[], None]]:
    supervised = Supervised(job)
    return supervised, supervised.close


def stored_entry(outcome: Outcome, record: Record, digest: str, sink: Sink, extra: tuple[object, ...]) -> ManifestEntry:
    """Hand a rendition to the store and make its entry; a failure of the record's own becomes an entry as it is.

    `extra`: the values that the manifest copies.
    """
    code, detail = outcome.error_code, outcome.error_detail
    if outcome.rendition is not None:
        rendition = outcome.rendition
        try:
            place = sink(outcome.document_id, record, rendition.pdf)
        except DocumentError as error:
            code, detail = error.code, error.detail
        else:
            return ManifestEntry.document(
                outcome.document_id,
                digest,
                uri=place.uri,
                offset=place.offset,
                length=place.length,
                pages=rendition.pages,
                content_sha256=rendition.sha256,
                sha256=rendition.sha256,
                warnings=tuple(map(str, rendition.warnings)),
                render_ms=outcome.render_ms,
                extra=extra,
            )
    return ManifestEntry.failure(
        outcome.document_id,
        digest,
        code=code or "render",
        detail=detail or "",
        render_ms=outcome.render_ms,
        extra=extra,
    )


def _check_count(task: TaskBuffer, job: RenderJob) -> None:
    """The plan counted the records before they were read again: if they differ, the source is not what was planned."""
    if job.counts and task.digest.count != job.counts[0]:
        raise TaskConflict(
            f"task {job.partition} of wave {job.wave} was planned with {job.counts[0]} records and saw "
            f"{task.digest.count}; the source is not deterministic: set source.materialize to always, and use a "
            "new run_id"
        )
