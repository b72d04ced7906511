"""Documents into a table, by Spark itself, where executors reach no store; and out of it again.

In: a config with `output.table`. Out of `render_into_table`: the run's rows in that table, once, whatever was tried
how often; nothing is stored, nothing is committed. Out of `unpack`: the same run, stored and committed by the
protocol that every run goes through, on a machine that may write.

A table's name is Delta's: the rows of one run are replaced in one commit. A folder is Parquet: each run has a folder
of its own in it, and as its rows say how many there are, one that was cut off is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config, Document
from spark_pdf.engines.partition import render_records, rendering
from spark_pdf.engines.planning import cut
from spark_pdf.engines.preflight import check_sample, prepare
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.rows import BATCH_BYTES, BATCH_ROWS, RowHeader, row_batches, rows_schema
from spark_pdf.engines.source import RecordSource
from spark_pdf.engines.spark.adapters import attempt_number
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.records import arrow_records
from spark_pdf.engines.spark.session import open_session
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.engines.spark.stores import hadoop_uri
from spark_pdf.errors import RunPinned, SourceError, UnsupportedError, UsageError
from spark_pdf.store.locations import RunLocations, key_fields
from spark_pdf.store.options import ResolvedOptions

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from spark_pdf.engines.job import RenderJob
    from spark_pdf.template.bundle import Bundle

_MOST_BYTES = 256 << 20


def render_into_table(
    config: Config, run_id: str, progress: Progress, *, source: RecordSource | None = None, retry_of: str | None = None
) -> RunResult:
    """Render every record into `output.table`. A run that is there, whole and of this config, is left as it is."""
    import time

    from spark_pdf.template.loading import load_bundle

    began = time.monotonic()
    _check(config, retry_of)
    RunLocations(run_id)
    progress.phase("open", config.name)
    bundle = load_bundle(config.template, config.store_options(config.template))
    opened = source or SparkRecordSource(config, run_id, progress=progress)
    if not isinstance(opened, SparkRecordSource):
        raise UnsupportedError("output.table is written by Spark; leave it away for records of another engine")
    try:
        header = _header(config, run_id, bundle)
        table = _Table(config, run_id, opened.spark)
        there = table.rows()
        if there is None or not _is_whole(there, header):
            _render(config, opened, bundle, header, table, progress)
            there = table.rows()
        if there is None or not _is_whole(there, header):
            raise SourceError(f"output.table: {table.name} does not hold run {run_id} after it was written there")
        return _result(config, run_id, there, round(time.monotonic() - began, 3))
    finally:
        if source is None:
            opened.close()


def unpack(config: Config, run_id: str, *, progress: Progress | None = None) -> RunResult:
    """Store and commit the documents of a run that lie in `output.table`. Again, it resumes, or does nothing."""
    from spark_pdf.engines.driver import run
    from spark_pdf.template.loading import load_bundle

    progress = progress or Progress()
    _check(config, None)
    bundle = load_bundle(config.template, config.store_options(config.template))
    session = open_session(config)
    try:
        table = _Table(config, run_id, session.spark)
        there = table.rows()
        if there is None:
            raise UsageError(
                f"output.table: {table.name} has no documents of run {run_id}; `spark-pdf run` renders them"
            )
        if not _is_whole(there, _header(config, run_id, bundle)):
            raise UsageError(
                f"output.table: {table.name} has a part of run {run_id} only; `spark-pdf run` renders the rest"
            )
        own = config.model_copy(
            update={
                "document": Document(id="document_id"),
                "source": config.source.model_copy(update={"materialize": "never", "sql": None, "views": {}}),
                "limit": None,
            }
        )
        rows = batch_rows(there)
        # By itself Spark's reader of Parquet holds 4,096 values of a column at once, in the JVM's heap.
        session.set("spark.sql.parquet.columnarReaderBatchSize", str(rows), wanted=False)
        source = SparkRecordSource(own, run_id, frame=there, progress=progress, batch_rows=rows)
        try:
            return run(config, run_id, progress=progress, source=source, rendered=True)
        finally:
            source.close()
    finally:
        session.close()


class _Table:
    """`output.table`, as far as one run is concerned."""

    def __init__(self, config: Config, run_id: str, spark: Any) -> None:
        self.name, self._run_id, self._spark = config.output.table or "", run_id, spark
        self._folder = "/" in self.name
        self._place = f"{hadoop_uri(self.name).rstrip('/')}/run={run_id}" if self._folder else self.name

    def rows(self) -> DataFrame | None:
        """The run's rows; None if there are none."""
        from pyspark.errors import AnalysisException

        try:
            if self._folder:
                frame = self._spark.read.parquet(self._place)
            else:
                table = self._spark.read.table(self.name)
                frame = table.where(table["run_id"] == self._run_id)
            return frame if frame.select("run_id").limit(1).collect() else None
        except AnalysisException as error:
            if any(word in str(error) for word in ("PATH_NOT_FOUND", "TABLE_OR_VIEW_NOT_FOUND", "UNABLE_TO_INFER")):
                return None
            raise SourceError(f"output.table: {str(error).splitlines()[0]}") from None

    def write(self, frame: DataFrame) -> None:
        """Put the run's rows there, in the place of any that are there; one action."""
        if self._folder:
            frame.write.mode("overwrite").parquet(self._place)
            return
        options = {"mergeSchema": "true"}
        if self._spark.catalog.tableExists(self.name):
            options["replaceWhere"] = f"run_id = '{self._run_id}'"
        else:
            empty = self._spark.createDataFrame([], frame.schema)
            empty.write.format("delta").mode("ignore").partitionBy("run_id").saveAsTable(self.name)
            options["replaceWhere"] = f"run_id = '{self._run_id}'"
        frame.write.format("delta").mode("overwrite").options(**options).saveAsTable(self.name)


def _check(config: Config, retry_of: str | None) -> None:
    if config.output.table is None:
        raise UsageError("config key 'output.table' is missing: it names the table whose documents are unpacked")
    if config.engine != "spark":
        raise UnsupportedError(f"output.table is written by Spark, and engine is {config.engine}")
    if config.spark.profile is not None:
        raise UnsupportedError("spark.profile: the stage that writes output.table takes none")
    if config.mode != "all":
        raise UnsupportedError(f"mode: {config.mode} compares with the manifest, and output.table is made without it")
    if retry_of is not None:
        raise UnsupportedError("output.table: failures are tried again without it, where workers may write")


def _header(config: Config, run_id: str, bundle: Bundle) -> RowHeader:
    from spark_pdf.render.version import renderer_version

    return RowHeader(run_id, config.pinned_hash(), bundle.hash, renderer_version(), 0)


def _is_whole(there: DataFrame, wanted: RowHeader) -> bool:
    """Whether the rows are all that the run has. Raises `RunPinned` if they are of another world than this one's."""
    names = ("config_hash", "template_hash", "renderer_version", "records")
    groups = there.groupBy(*names).count().collect()
    for name, words in (
        ("config_hash", "the config"),
        ("template_hash", "the template bundle"),
        ("renderer_version", "the renderer"),
    ):
        if any(group[name] != getattr(wanted, name) for group in groups):
            raise RunPinned(
                f"run {wanted.run_id} was rendered into output.table with another state of {words}; use a new run_id, "
                "or restore what changed"
            )
    return len(groups) == 1 and groups[0]["count"] == groups[0]["records"]


def _render(
    config: Config, source: SparkRecordSource, bundle: Bundle, header: RowHeader, table: _Table, progress: Progress
) -> None:
    """Measure, cut, and write: the same steps as any run's, and one action."""
    from spark_pdf.engines.job import RenderJob

    extra, hashed = prepare(config, bundle, source)
    progress.phase("preflight")
    check_sample(config, bundle, source, progress)
    progress.phase("measure")
    measure = source.measure([])
    if not measure.records:
        raise SourceError("the source has no records; nothing was rendered")
    plan = cut(measure, config.tasks, source.slots)
    header = replace(header, records=plan.records)
    job = RenderJob(
        run_id=header.run_id,
        wave=1,
        config=config,
        bundle_hash=bundle.hash,
        template=bundle.name,
        renderer_version=header.renderer_version,
        output=ResolvedOptions(),  # no worker reaches it
        extra=extra,
        hashed=hashed,
        counts=plan.counts,
        supervised=not source.retries,
        archive=bundle.to_archive(),
    )
    progress.planned(plan.records, plan.partitions)
    progress.phase("render")
    rows = into_rows(source.placed(plan, []), job, header, _kept(config))
    source.watched(job, lambda: table.write(rows))
    source.check_unchanged()


def _kept(config: Config) -> list[str]:
    """Columns of the record that the key and the manifest will need."""
    in_key = key_fields(config.output.key) if config.output.layout == "objects" else ()
    fields = [path.split(".")[0] for path in in_key if path != "document_id"]
    return list(dict.fromkeys([*fields, *config.manifest.columns]))


def into_rows(frame: DataFrame, job: RenderJob, header: RowHeader, kept: list[str]) -> DataFrame:
    """The placed records as rows of documents, by mapInArrow; nothing runs yet."""
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
    from pyspark.sql.types import StructType

    record: Any = to_arrow_schema(StructType([frame.schema[name] for name in kept])) if kept else ()
    schema = rows_schema([record.field(name) for name in kept])

    def task(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        own = replace(job, supervised=job.supervised or attempt_number() > 0)
        with rendering(own) as render:
            yield from row_batches(render_records(arrow_records(batches), render, job.hashed), header, schema)

    return frame.mapInArrow(task, from_arrow_schema(schema))  # type: ignore[arg-type]


def batch_rows(there: DataFrame) -> int:
    """Rows of a batch on their way to a worker: some `BATCH_BYTES` of documents, and `_MOST_BYTES` if all were as large
    as the largest.
    """
    with as_source_error("output.table"):
        ((mean, most),) = there.selectExpr("avg(length)", "max(length)").collect()
    return int(max(1, min(BATCH_ROWS, BATCH_BYTES // max(mean or 1, 1), _MOST_BYTES // max(most or 1, 1))))


def _result(config: Config, run_id: str, there: DataFrame, seconds: float) -> RunResult:
    with as_source_error("output.table"):
        (row,) = there.selectExpr(
            "count_if(status = 'document') AS documents",
            "count_if(status = 'failure') AS failed",
            "coalesce(sum(pages), 0) AS pages",
            "coalesce(sum(length), 0) AS bytes",
        ).collect()
    return RunResult(
        run_id=run_id,
        state="rendered",
        documents=row["documents"],
        failed=row["failed"],
        skipped=0,
        pages=row["pages"],
        bytes=row["bytes"],
        seconds=seconds,
        manifest=config.manifest_uri(),
        output=config.output.uri,
    )
