"""Retry: the failures of a committed run, rendered again as a run of their own.

In: a committed run. Out: another run, `<run>.retry-<n>`, over just the records that failed; with its commit it
becomes the latest that the manifest's current view shows for their ids. The first run's rows stay as they are. What
fails again is a row again, and no limit stops it: the first run's commit has accepted it.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.engines.progress import Progress
from spark_pdf.errors import RunPinned, UsageError
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
    for retry_id in _run_ids(table, run_id):
        try:
            return run(config, retry_id, progress=progress, retry_of=run_id)
        except RunPinned as error:
            # One that was interrupted is resumed, unless template, config or source were mended since.
            if progress is not None:
                progress.note(f"{error}. A new retry begins")
    raise AssertionError("unreachable")


def _run_ids(table: ManifestTable, run_id: str) -> Iterator[str]:
    """Retries that are not committed, the first of them first."""
    for number in itertools.count(1):
        if table.committed(f"{run_id}.retry-{number}") is None:
            yield f"{run_id}.retry-{number}"


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
