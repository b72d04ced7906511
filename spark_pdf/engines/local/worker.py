"""The child's side of the local engine: read one partition from the scratch file, render it.

In: (job, first bucket, bucket after the last). Out: its `TaskSummary`.
"""

from __future__ import annotations

from collections.abc import Iterator

from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.partition import render_partition
from spark_pdf.model import Record, TaskSummary
from spark_pdf.template.record import normalise


class Worker:
    """Handler for `Child`: caches live as long as it does."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, request: tuple[RenderJob, int, int]) -> TaskSummary:
        """Render the records of one partition."""
        job, low, high = request
        return render_partition(self.records(low, high), job)

    def records(self, low: int, high: int) -> Iterator[Record]:
        """The records of the buckets from `low` to below `high`, a few at a time."""
        import pyarrow.dataset as pads

        dataset = pads.dataset(self._path)
        columns = [name for name in dataset.schema.names if name not in ("__bucket", "__cost", "__none")]
        rows = (pads.field("__bucket") >= low) & (pads.field("__bucket") < high)
        for batch in dataset.to_batches(columns=columns, filter=rows, batch_size=200, batch_readahead=1):
            for row in batch.to_pylist():
                yield normalise(row)
