"""Records for the local engine, which reads the ordered file where DuckDB wrote it.

In: a config's `source`. Out: a `RecordSource`.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.engines.local.processes import Processes
from spark_pdf.engines.pool import run_partitions
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.records.source import OrderedRecords
from spark_pdf.engines.records.worker import OnDisk
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.model import TaskSummary

if TYPE_CHECKING:
    from spark_pdf.engines.job import RenderJob


class LocalRecordSource(OrderedRecords):
    """See `engines.source.RecordSource`."""

    def __init__(self, config: Config, run_id: str, progress: Progress | None = None) -> None:
        super().__init__(config, run_id, progress)
        self.slots = config.local.processes or os.cpu_count() or 1

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """One process per slot; a partition whose process dies runs again, supervised."""
        del done  # the ordered file holds only what is still to do
        yield from run_partitions(job, plan, Processes(OnDisk(str(self.scratch)), self.slots))
