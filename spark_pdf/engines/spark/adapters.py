"""The two thin adapters around `render_partition`: `DataFrame.mapInArrow` and `rdd.mapPartitions`.

In: a DataFrame whose rows carry `ID_COLUMN` and `PARTITION_COLUMN` and lie in tasks by partition, sorted. Out: one
row for each partition, a task summary; neither documents nor manifest entries go through Spark. Each is exactly one
action. What runs on executors is at the end of this module; it imports no Spark before it is there.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from spark_pdf.engines.source import PARTITION_COLUMN
from spark_pdf.engines.spark.records import arrow_records, row_records
from spark_pdf.model import Record, TaskSummary

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.resource import ResourceProfile
    from pyspark.sql import DataFrame, Row
    from pyspark.sql.types import StructType

    from spark_pdf.engines.job import RenderJob

Adapter = Callable[["DataFrame", "RenderJob", "ResourceProfile | None"], list[TaskSummary]]


def run_arrow(frame: DataFrame, job: RenderJob, profile: ResourceProfile | None = None) -> list[TaskSummary]:
    """By `mapInArrow`: on every kind of session, and the cheaper one for wide or nested rows."""

    def task(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow

        for summary in render_groups(arrow_records(batches), job):
            yield pyarrow.RecordBatch.from_pydict({"summary": [pack(summary)]})

    more = {} if profile is None else {"profile": profile}  # which Spark 3.5 does not know
    rows = frame.mapInArrow(task, "summary string", **more).collect()  # type: ignore[arg-type]
    return [unpack(row[0]) for row in rows]


def run_rdd(frame: DataFrame, job: RenderJob, profile: ResourceProfile | None = None) -> list[TaskSummary]:
    """By `rdd.mapPartitions`: on classic sessions, where pandas or pyarrow on executors is not what Spark expects."""
    schema: StructType = frame.schema

    def task(rows: Iterator[Row]) -> Iterator[str]:
        for summary in render_groups(row_records(rows, schema), job):
            yield pack(summary)

    texts = frame.rdd.mapPartitions(task)  # type: ignore[arg-type]
    return [unpack(text) for text in (texts if profile is None else texts.withResources(profile)).collect()]


def pack(summary: TaskSummary) -> str:
    """A summary as the one small value that travels through Spark."""
    return json.dumps(dataclasses.asdict(summary))


def unpack(text: str) -> TaskSummary:
    """The summary that `pack` made a string of."""
    return TaskSummary(**json.loads(text))


def render_groups(records: Iterable[Record], job: RenderJob) -> Iterator[TaskSummary]:
    """On an executor: render each partition of a task. Rows of a partition follow each other.

    Attempt numbers decide only whether records are rendered in a child process: a first attempt that did not end
    may have been killed by a record. They are part of no name.
    """
    from spark_pdf.engines.partition import render_partition

    supervised = job.supervised or attempt_number() > 0
    for partition, group in groupby(records, key=itemgetter(PARTITION_COLUMN)):
        yield render_partition(group, job.at(partition, supervised))


def attempt_number() -> int:
    """How often this task has been tried before; 0 outside a task."""
    from pyspark import TaskContext

    context: Any = TaskContext.get()
    return int(context.attemptNumber()) if context is not None else 0
