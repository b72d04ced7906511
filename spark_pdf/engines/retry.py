"""Retry: the failures of a committed run, rendered again as a run of their own.

In: a committed run. Out: another run, `<run>.retry-<n>`, over just the records that failed; with its commit it
becomes the latest that the manifest's current view shows for their ids. The first run's rows stay as they are.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.engines.progress import Progress
from spark_pdf.errors import UsageError
from spark_pdf.manifest.resume import failed_ids
from spark_pdf.manifest.schema import FAILURE
from spark_pdf.manifest.table import ManifestTable, open_table
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    from spark_pdf.engines.result import RunResult
    from spark_pdf.store import ObjectStore


def retry(config: Config, run_id: str, *, progress: Progress | None = None) -> RunResult:
    """Render the failures of a committed run again.

    Raises `UsageError` if the run is not committed, or nothing failed.
    """
    from spark_pdf.engines.driver import run

    table = open_table(config)
    info = table.committed(run_id)
    if info is None:
        raise UsageError(f"run {run_id} is not committed; the same run_id again (`spark-pdf run --run-id`) resumes it")
    if not info.failed:
        raise UsageError(f"run {run_id} has no failures; there is nothing to try again")
    return run(config, _next_run_id(table, run_id), progress=progress, retry_of=run_id)


def _next_run_id(table: ManifestTable, run_id: str) -> str:
    """The first retry that is not committed: one that was interrupted is resumed."""
    number = 1
    while table.committed(f"{run_id}.retry-{number}") is not None:
        number += 1
    return f"{run_id}.retry-{number}"


def leave_failed(store: ObjectStore, table: ManifestTable, failed_run: str, run_id: str) -> str:
    """Write the ids that failed into the new run's folder, as engines read task manifests; the file's key."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [document_id for document_id, _ in failed_ids(table, failed_run)]
    sink = io.BytesIO()
    pq.write_table(pa.table({"document_id": ids, "status": [FAILURE] * len(ids)}), sink, compression="zstd")
    key = f"{RunLocations(run_id).folder}/retry.parquet"
    store.write(key, sink.getvalue())
    return key
