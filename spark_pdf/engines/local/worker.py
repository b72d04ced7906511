"""The child's side of the local engine: read one partition from the scratch file, render it.

In: (job, first bucket, bucket after the last). Out: its `TaskSummary`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.partition import render_partition
from spark_pdf.model import Record, TaskSummary
from spark_pdf.template.record import normalise

if TYPE_CHECKING:
    import pyarrow.parquet as pq

BUCKET_COLUMN = "__bucket"
COST_COLUMN = "__cost"
_NOT_RECORD = (BUCKET_COLUMN, COST_COLUMN, "__none")
_ROWS = 200
"""Rows that are Python objects at a time."""


class Worker:
    """Handler for `Child`: caches live as long as it does."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, request: tuple[RenderJob, int, int]) -> TaskSummary:
        """Render the records of one partition."""
        job, low, high = request
        return render_partition(self.records(low, high), job)

    def records(self, low: int, high: int) -> Iterator[Record]:
        """The records of the buckets from `low` to below `high`, a few at a time.

        Row group by row group, without Arrow's scanner of datasets: its read-ahead holds a whole partition, decoded,
        and as many threads as there are cores.
        """
        import pyarrow.parquet as pq

        with pq.ParquetFile(self._path, pre_buffer=False) as file:
            names = [name for name in file.schema_arrow.names if name not in _NOT_RECORD]
            for group in _groups(file.metadata, low, high):
                for batch in file.iter_batches(_ROWS, [group], [*names, BUCKET_COLUMN], use_threads=False):
                    buckets = batch.column(BUCKET_COLUMN).to_pylist()
                    first = bisect_left(buckets, low)
                    rows = batch.slice(first, bisect_left(buckets, high) - first).select(names).to_pylist()
                    yield from map(normalise, rows)


def _groups(metadata: pq.FileMetaData, low: int, high: int) -> Iterator[int]:
    """The row groups that may hold these buckets. Rows are sorted by bucket."""
    where = [metadata.schema.column(number).path for number in range(metadata.num_columns)].index(BUCKET_COLUMN)
    for number in range(metadata.num_row_groups):
        found = metadata.row_group(number).column(where).statistics
        if found is None or (found.min < high and found.max >= low):
            yield number
