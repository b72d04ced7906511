"""Retry: the failures of a committed run, rendered again as a run of their own.

In: a committed run. Out: another run, `<run>.retry-<n>` or as its caller names it, over just the records that failed;
with its commit it becomes the latest that the manifest's current view shows for their ids. The first run's rows stay as
they are. What fails again is a row again, and no limit stops it: the first run's commit has accepted it. The result
says what changed since: if nothing has, most failures will be the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.engines.driver import run
from spark_pdf.engines.progress import Progress
from spark_pdf.errors import RunPinned, UsageError
from spark_pdf.manifest.runs import not_committed
from spark_pdf.manifest.table import ManifestTable, open_table
from spark_pdf.store import output_store

if TYPE_CHECKING:
    from spark_pdf.engines.result import RunResult


def retry(config: Config, run_id: str, retry_id: str | None = None, *, progress: Progress | None = None) -> RunResult:
    """Render the failures of a committed run again. The same `retry_id` again resumes that retry.

    Raises `UsageError` if there is no such run, it is not committed, or nothing failed.
    """
    table = open_table(config)
    info = table.committed(run_id)
    if info is None:
        raise not_committed(output_store(config), table.uri, run_id)
    if not info.failed:
        raise UsageError(f"run {run_id} has no failures; there is nothing to try again")
    if retry_id is not None:
        return run(config, retry_id, progress=progress, retry_of=run_id)
    for next_id in _run_ids(table, run_id):
        try:
            return run(config, next_id, progress=progress, retry_of=run_id)
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
