"""The worker's side of engines without Spark: read one partition from the ordered file, render it.

In: where the file is (this machine's disk, or the output store), and a task. Out: its `TaskSummary`. Rows are sorted
by bucket, so a partition is a few row groups of the file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_pdf.engines.partition import render_partition
from spark_pdf.engines.pool import Task
from spark_pdf.errors import UnsupportedError
from spark_pdf.manifest.ranges import parquet_file
from spark_pdf.model import Record, TaskSummary
from spark_pdf.render.version import renderer_version
from spark_pdf.template.record import normalise

if TYPE_CHECKING:
    import pyarrow.parquet as pq

BUCKET_COLUMN = "__bucket"
COST_COLUMN = "__cost"
_NOT_RECORD = (BUCKET_COLUMN, COST_COLUMN, "__none")
_ROWS = 200
"""Rows that are Python objects at a time."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The ordered file on the disk of the machine that renders."""

    path: str

    def records(self, low: int, high: int) -> Iterator[Record]:
        """The records of the buckets from `low` to below `high`, a few at a time."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path, pre_buffer=False) as file:
            yield from _records(file, low, high)

    def read(self, task: Task) -> Iterator[Record]:
        """The records of a task."""
        return self.records(task.low, task.high)


@dataclass(frozen=True, slots=True)
class InStore:
    """The ordered file in the output store, read by ranges."""

    key: str
    size: int

    def read(self, task: Task) -> Iterator[Record]:
        """The records of a task, a few at a time."""
        with parquet_file(task.job.store(), self.key, self.size) as file:
            yield from _records(file, task.low, task.high)


class Worker:
    """Renders partitions of one ordered file; caches live as long as its process does. A handler for `Child`."""

    def __init__(self, records: OnDisk | InStore) -> None:
        self._records = records

    def __call__(self, task: Task) -> TaskSummary:
        """Render the records of one partition.

        Raises `UnsupportedError` where this machine would make other bytes than the run is pinned to.
        """
        here = renderer_version()
        if here != task.job.renderer_version:
            raise UnsupportedError(
                f"a worker's renderer is {here}, the run's is {task.job.renderer_version}: install the same versions "
                "of spark_pdf and what it depends on everywhere (`spark-pdf doctor` says which renderer a machine has)"
            )
        return render_partition(self._records.read(task), task.job)


def _records(file: pq.ParquetFile, low: int, high: int) -> Iterator[Record]:
    """Row group by row group, without Arrow's scanner of datasets: its read-ahead holds a whole partition, decoded,
    and as many threads as there are cores.
    """
    names = [name for name in file.schema_arrow.names if name not in _NOT_RECORD]
    for group in _groups(file.metadata, low, high):
        for batch in file.iter_batches(_ROWS, [group], [*names, BUCKET_COLUMN], use_threads=False):
            buckets = batch.column(BUCKET_COLUMN).to_pylist()
            first = bisect_left(buckets, low)
            rows = batch.slice(first, bisect_left(buckets, high) - first).select(names).to_pylist()
            yield from map(normalise, rows)


def _groups(metadata: pq.FileMetaData, low: int, high: int) -> Iterator[int]:
    """The row groups that may hold these buckets."""
    where = [metadata.schema.column(number).path for number in range(metadata.num_columns)].index(BUCKET_COLUMN)
    for number in range(metadata.num_row_groups):
        found = metadata.row_group(number).column(where).statistics
        if found is None or (found.min < high and found.max >= low):
            yield number
