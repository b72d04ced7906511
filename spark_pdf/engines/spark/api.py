"""The Python API for people who have a DataFrame already: a notebook, a pipeline, a session of their own.

from spark_pdf.engines.spark.api import run_dataframe
result = run_dataframe(orders, config, run_id="2026-11")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.engines.driver import run_opened
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.spark.source import SparkRecordSource

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def run_dataframe(
    frame: DataFrame, config: Config, run_id: str | None = None, *, progress: Progress | None = None
) -> RunResult:
    """Render every row of a DataFrame, classic or Connect, in the session that it belongs to.

    The config's `source` says nothing here but `materialize`: the rows are copied below the run first, so that a retry
    sees the same, unless that is `never` because the DataFrame is known to give the same rows each time.
    """
    return run_opened(
        config, run_id, progress, lambda name: SparkRecordSource(config, name, frame=frame, progress=progress)
    )
