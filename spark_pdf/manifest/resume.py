"""Resume: what earlier waves of a run have done, and what is left.

In: a run whose earlier waves are sealed. Out: the task manifests to anti-join with, and their sums. Only documents
count as done: failures are tried again. Because every task of a sealed wave has a task manifest, their names follow
from the plans, and nothing is listed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_pdf.manifest.runs import Run
from spark_pdf.manifest.schema import DOCUMENT, FAILURE, manifest_schema
from spark_pdf.manifest.tasks import read_task_files, task_batches
from spark_pdf.manifest.waves import Plan, find_plan
from spark_pdf.store.documents import locate

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.config import StoreOptions
    from spark_pdf.manifest.table import ManifestTable
    from spark_pdf.store import ObjectStore, ResolvedOptions


@dataclass(frozen=True, slots=True)
class Done:
    """Documents that earlier waves committed. `keys` are the task manifests that have some, below the output root.

    An engine leaves out every record whose id has `status = 'document'` in one of them.
    """

    keys: tuple[str, ...] = ()
    documents: int = 0
    pages: int = 0
    bytes: int = 0


def tasks_of(plans: Sequence[Plan]) -> list[tuple[int, int]]:
    """(wave, partition) of every task of these plans, in order."""
    return [(plan.wave, partition) for plan in plans for partition in range(plan.partitions)]


def done_tasks(run: Run, plans: Sequence[Plan]) -> Done:
    """What the waves of these plans have done; `Wave.seal_earlier_waves` gives the plans."""
    keys, documents, pages, size = [], 0, 0, 0
    for file, _ in read_task_files(run.store, run.locations, tasks_of(plans)):
        summary = file.summary
        if summary.documents:
            keys.append(run.locations.task(summary.wave, summary.partition))
        documents += summary.documents
        pages += summary.pages
        size += summary.bytes
    return Done(tuple(keys), documents, pages, size)


def done_task_files(run: Run, below_wave: int) -> list[str]:
    """Keys of the task manifests of sealed waves that have documents; an engine anti-joins with those."""
    plans = [find_plan(run, wave) for wave in range(1, below_wave)]
    return list(done_tasks(run, [plan for plan in plans if plan is not None]).keys)


def done_ids(uris: Sequence[str], options: StoreOptions | ResolvedOptions) -> Iterator[pa.RecordBatch]:
    """The ids that task manifests have as documents, for engines that have no Parquet reader of their own.

    Batches with one column, `document_id`. `uris` are those of `done_task_files`, `options` of their store.
    """
    import pyarrow as pa

    schema = pa.schema([manifest_schema().field("document_id")])
    for uri in uris:
        store, key = locate(uri, options)
        yield from task_batches(store.read(key), schema, status=DOCUMENT)


def failed_ids(table: ManifestTable, run_id: str) -> Iterator[tuple[str, str]]:
    """(document id, error code) of every failure of a committed run: what `retry` renders again, in a new run."""
    for batch in table.scan(["document_id", "error_code"], run_id=run_id, status=FAILURE):
        yield from zip(batch["document_id"].to_pylist(), batch["error_code"].to_pylist(), strict=True)


def write_failed(store: ObjectStore, table: ManifestTable, failed_run: str, key: str) -> None:
    """Write the ids that failed to `key`, as engines read them from task manifests."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [document_id for document_id, _ in failed_ids(table, failed_run)]
    sink = io.BytesIO()
    pq.write_table(pa.table({"document_id": ids, "status": [FAILURE] * len(ids)}), sink, compression="zstd")
    store.write(key, sink.getvalue())
