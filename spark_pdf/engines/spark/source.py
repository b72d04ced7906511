"""Records from Spark: pinned, counted, and rendered on executors.

In: a config's source, or a DataFrame. Out: a `RecordSource`. Ids, costs, buckets and anti-joins are Spark SQL;
Python sees a record for the first time where it is rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.source import (
    EXPECTED_COLUMN,
    ID_COLUMN,
    PARTITION_COLUMN,
    Measure,
    PartitionPlan,
    Snapshot,
)
from spark_pdf.engines.spark.action import Result, choose_adapter, run_action, watched
from spark_pdf.engines.spark.adapters import run_arrow
from spark_pdf.engines.spark.columns import COST_COLUMN, arrow_schema, check_names
from spark_pdf.engines.spark.determinism import differs_each_time
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.materialize import Materialized, forget, materialize
from spark_pdf.engines.spark.origin import Origin, frame_origin, open_origin
from spark_pdf.engines.spark.placement import BUCKET_COLUMN, BUCKET_SQL, FEW, KEY_COLUMN, placement_rows, placement_sql
from spark_pdf.engines.spark.profile import stage_profile
from spark_pdf.engines.spark.records import row_records
from spark_pdf.engines.spark.session import open_session, semantics, set_store_options
from spark_pdf.engines.spark.sources import quoted, resolved
from spark_pdf.engines.spark.stores import hadoop_options, hadoop_uri
from spark_pdf.errors import SourceError
from spark_pdf.manifest.schema import DOCUMENT, ERASED, FAILURE
from spark_pdf.model import Record, TaskSummary

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame, SparkSession

    from spark_pdf.engines.job import RenderJob
    from spark_pdf.manifest.baseline import Mode

_LEFT_OUT: Mapping[Mode | None, str] = {
    None: "false",
    "missing": f"`{EXPECTED_COLUMN}` IS NOT NULL",
    "changed": f"`{EXPECTED_COLUMN}` <=> '{ERASED}'",
}
"""Whether a record is left out, as far as the engine can tell; in mode `changed`, workers compare hashes."""

_BASELINE = "document_id string, committed_at long, run_id string, expected string"


# A cost that is null, negative or not a number counts as nothing; the record counts all the same.
_COST_SUM = f"sum(greatest(coalesce(nanvl(`{COST_COLUMN}`, 0D), 0D), 0D))"


class SparkRecordSource:
    """See `engines.source.RecordSource`. `spark` is a session to use, `frame` records to take instead of the
    config's, `pins` what their maker holds them still by, `batch_rows` how many go to a worker in one Arrow batch;
    else that follows from the sample.
    """

    def __init__(
        self,
        config: Config,
        run_id: str,
        *,
        spark: SparkSession | None = None,
        frame: DataFrame | None = None,
        pins: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        batch_rows: int | None = None,
    ) -> None:
        self.progress = progress or Progress()
        self._config = config
        self._run_id = run_id
        self._columns: list[str] | None = None
        self._only: Sequence[str] = ()
        self._mode: Mode | None = None
        self._baseline: Sequence[str] = ()
        self._materialized: Materialized | None = None
        self._row_bytes = 0.0
        self._rows_of_batch = batch_rows
        _check_expressions(config)
        self._session = open_session(config, frame.sparkSession if frame is not None else spark)
        self._origin: Origin | None = None
        try:
            self._adapter = choose_adapter(config.spark.adapter, self._session.connect)
            self._profile = stage_profile(self._session, config.spark.profile, arrow=self._adapter is run_arrow)
            set_store_options(self._session.spark, hadoop_options(config))
            self._origin = frame_origin(frame, pins) if frame is not None else open_origin(self._session, config)
            self._frame = self._origin.frame
            check_names(self._frame.columns)
            self.slots = self._slots()
        except BaseException:
            self.close()
            raise

    @property
    def spark(self) -> SparkSession:
        """The session that the records belong to."""
        return self._session.spark

    @property
    def retries(self) -> bool:
        """Whether it tries a task again that failed."""
        return self._session.retries

    def schema(self) -> pa.Schema:
        """Arrow schema of the records."""
        return arrow_schema(self._frame.schema)

    def prune(self, columns: Sequence[str] | None) -> None:
        """Keep only these columns; Spark does not read the others from files that are columnar."""
        names = self._frame.columns
        absent = [column for column in columns or () if column not in names]
        if absent:
            raise SourceError(f"the source has no column '{absent[0]}'; it has: {', '.join(names)}")
        self._columns = None if columns is None else [name for name in names if name in set(columns)]

    def only(self, failures: Sequence[str]) -> None:
        """Keep only records that failed."""
        self._only = tuple(failures)

    def against(self, mode: Mode, baseline: Sequence[str]) -> None:
        """Join with each id's latest line from now on."""
        if baseline:
            self._mode, self._baseline = mode, tuple(baseline)

    def snapshot(self) -> Snapshot:
        """The views' pins, or the copy that this run has made of its records."""
        origin, policy = self._opened(), self._config.source.materialize
        if policy == "always" or (policy == "auto" and origin.pins is None):
            self.progress.note(
                f"the records are copied below the run first: {origin.why or 'source.materialize is always'}"
            )
            self._materialized = materialize(self._identified(), self._config, self._run_id)
            return Snapshot("materialized", "a copy of the records below the run", {"copy": self._materialized.name})
        if origin.pins is None:
            return Snapshot("unpinned", f"not pinned: {origin.why}", {"columns": self._frame.columns})
        # The same files give other records where casts fail instead of giving null, or dates are read another way.
        return Snapshot("spark", origin.summary, {"views": origin.pins, "settings": semantics(self._session.spark)})

    def sample(self, count: int) -> list[Record]:
        """The first few records that Spark comes by."""
        import pyarrow as pa

        frame = self._identified().drop(COST_COLUMN)
        with as_source_error("source"):
            frame = self._few(frame, count)
            rows: list[Record] = list(row_records(frame.collect(), frame.schema))
        if rows:
            self._row_bytes = pa.Table.from_pylist([dict(row) for row in rows]).nbytes / len(rows)
        return rows

    def _few(self, frame: DataFrame, count: int) -> DataFrame:
        """The first few, of SQL by their ids: Spark filters by them before it joins and groups, and for ids alone it
        need not read the other columns; `limit` alone would have it compute every record first.
        """
        if self._config.source.sql is None or self._config.limit or self._opened().pins is None:
            return frame.limit(count)  # what cannot be pinned may have other ids when it is asked again
        ids = frame.select(f"`{ID_COLUMN}`").limit(count).collect()
        known = [row[0] for row in ids if row[0] is not None]
        # Ids that occur twice are found when records are counted; here they must not bring more than a few.
        return frame.where(frame[ID_COLUMN].isin(known)).limit(count)

    def measure(self, done: Sequence[str]) -> Measure:
        """One job: ids are grouped, which counts twins, and the groups summed up by bucket."""
        ids = (
            self._compared(done)
            .groupBy(f"`{ID_COLUMN}`", self._sql(_LEFT_OUT[self._mode], "out"))
            .agg(
                self._sql("count(*)", "n"),
                self._sql(_COST_SUM, "cost"),
            )
        )
        grouped = ids.groupBy(self._sql(BUCKET_SQL, BUCKET_COLUMN)).agg(
            self._sql("sum(if(out, 0, n))", "n"),
            self._sql("sum(if(out, n, 0))", "out"),
            self._sql("sum(if(out, 0D, cost))", "cost"),
            self._sql(f"sum(if(`{ID_COLUMN}` IS NULL, n, 0))", "nulls"),
            self._sql(f"min(if(n > 1, `{ID_COLUMN}`, NULL))", "twin"),
        )
        self._describe("count and measure the records")
        with as_source_error("source"):
            rows = sorted(grouped.collect())
        twins = sorted(row["twin"] for row in rows if row["twin"] is not None)
        nulls = sum(row["nulls"] for row in rows)
        if self._materialized is not None and (twins or nulls or not (rows or done)):
            forget(self._materialized, self._config, self._run_id)
        _check_ids(nulls, twins)
        left_out = sum(row["out"] for row in rows)
        rows = [row for row in rows if row["n"]]
        counts, costs = [row["n"] for row in rows], [row["cost"] for row in rows]
        return Measure([row[BUCKET_COLUMN] for row in rows], counts, costs, left_out)

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """One action: records go to the tasks that the plan gives them, and a summary comes back of each."""
        frame = self.placed(plan, done)
        if not self._session.retries:
            # Nobody would come back to find the record that has killed a worker: each is rendered apart from it.
            self.progress.note("this session tries no task again, so records are rendered in child processes")
            job = replace(job, supervised=True)
        yield from run_action(self._session, frame, job, self._adapter, self.progress, self._profile)
        self.check_unchanged()

    def watched(self, job: RenderJob, action: Callable[[], Result]) -> Result:
        """Another action over placed records, with the job's name in Spark's UI; an interrupt cancels it."""
        return watched(self._session, job, self.progress, action)

    def check_unchanged(self) -> None:
        """Raise if files were exchanged while they were read: they are not what the run is pinned to."""
        if self._materialized is None and self._opened().pins is not None:
            self._opened().check()

    def placed(self, plan: PartitionPlan, done: Sequence[str]) -> DataFrame:
        """The records that are to do, each in its task: partition p in task p, in the order of ids."""
        self._session.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(self._batch_rows()), wanted=False)
        frame = self._to_do(done)
        kept = [name for name in frame.columns if name != COST_COLUMN]
        return (
            self._with_places(frame.withColumn(BUCKET_COLUMN, self._sql(BUCKET_SQL, BUCKET_COLUMN)), plan)
            # A number of partitions given by the caller is one that adaptive execution neither merges nor splits.
            .repartition(plan.partitions, f"`{KEY_COLUMN}`")
            .select(*map(quoted, kept), f"`{PARTITION_COLUMN}`")
            # One order for every attempt, and each partition in one piece wherever it is.
            .sortWithinPartitions(PARTITION_COLUMN, ID_COLUMN)
        )

    def _with_places(self, frame: DataFrame, plan: PartitionPlan) -> DataFrame:
        if plan.partitions <= FEW:
            partition, key = placement_sql(plan)
            placed = frame.withColumn(PARTITION_COLUMN, self._sql(partition, PARTITION_COLUMN))
            return placed.withColumn(KEY_COLUMN, self._sql(key, KEY_COLUMN))
        places = self._session.spark.createDataFrame(
            placement_rows(plan), "first int, last int, partition int, key int"
        )
        places = places.selectExpr(
            f"explode(sequence(first, last)) AS `{BUCKET_COLUMN}`",
            f"partition AS `{PARTITION_COLUMN}`",
            f"key AS `{KEY_COLUMN}`",
        )
        return frame.join(places.hint("broadcast"), BUCKET_COLUMN)

    def close(self) -> None:
        """Take our views out of the session and put its settings back; end it if it was started here."""
        if self._origin is not None:
            self._origin.close()
            self._origin = None
        self._session.close()

    def _opened(self) -> Origin:
        if self._origin is None:
            raise SourceError("the source is closed")
        return self._origin

    def _slots(self) -> int:
        spark = self._session.spark
        if not self._session.connect:
            return max(1, int(spark.sparkContext.defaultParallelism))
        # Spark cuts a range into as many parts as it has cores for.
        return max(1, int(spark.range(1 << 16).selectExpr("spark_partition_id() AS part").distinct().count()))

    def _identified(self) -> DataFrame:
        """The kept columns, the id as a string, and the cost."""
        if self._materialized is not None:
            frame = self._materialized.frame(self._session.spark)
            kept = frame.columns if self._columns is None else [*self._columns, ID_COLUMN, COST_COLUMN]
            return frame.select(*map(quoted, kept))
        document, names = self._config.document, self._frame.columns
        kept = names if self._columns is None else self._columns
        with as_source_error("document.id"):
            identity = quoted(document.id) if document.id in names else f"({document.id})"
            ids = self._sql(f"CAST({identity} AS STRING)", ID_COLUMN)
            resolved(self._frame.select(ids))
        with as_source_error("document.cost"):
            cost = self._sql(f"CAST(({document.cost or '1'}) AS DOUBLE)", COST_COLUMN)
            resolved(self._frame.select(cost))
        frame = self._frame.select(*map(quoted, kept), ids, cost)
        return frame.orderBy(ID_COLUMN).limit(self._config.limit) if self._config.limit else frame

    def _to_do(self, done: Sequence[str]) -> DataFrame:
        """Records that workers have to see; in mode `changed` with the hash that each is expected to have."""
        frame = self._compared(done).where(f"NOT ({_LEFT_OUT[self._mode]})")
        return frame.drop(EXPECTED_COLUMN) if self._mode == "missing" else frame

    def _compared(self, done: Sequence[str]) -> DataFrame:
        """Records whose ids no task manifest of `done` has as a document; of a retry, only those that failed.

        With the latest line that the baseline has of each, if there is one.
        """
        frame = self._identified()
        if self._only:
            frame = frame.join(self._ids(self._only, FAILURE), ID_COLUMN, "left_semi")
        if done:
            frame = frame.join(self._ids(done, DOCUMENT), ID_COLUMN, "left_anti")
        if self._mode:
            frame = frame.join(self._latest(), ID_COLUMN, "left")
        return frame

    def _latest(self) -> DataFrame:
        lines = self._written(_BASELINE, self._baseline)
        latest = self._sql("max_by(expected, struct(committed_at, run_id))", EXPECTED_COLUMN)
        return lines.groupBy(lines["document_id"].alias(ID_COLUMN)).agg(latest)

    def _ids(self, uris: Sequence[str], status: str) -> DataFrame:
        """The ids that task manifests have with this status."""
        ids = self._written("document_id string, status string", uris)
        return ids.where(f"status = '{status}'").select(ids["document_id"].alias(ID_COLUMN))

    def _written(self, schema: str, uris: Sequence[str]) -> DataFrame:
        """Parquet files that the run has written below its output. Raises `SourceError`: a session that spark_pdf did
        not start may have no jar for that store.
        """
        # With its schema named, Spark opens no file to learn it, and a file that was exchanged cannot change it.
        with as_source_error("output.uri: Spark has to read what the run has written there"):
            return resolved(self._session.spark.read.schema(schema).parquet(*map(hadoop_uri, uris)))

    def _batch_rows(self) -> int:
        """Rows of an Arrow batch: about 4 MiB of them, so that wide rows do not fill a worker."""
        if self._rows_of_batch is not None:
            return self._rows_of_batch
        return int(min(max((4 << 20) // max(self._row_bytes, 1), 16), 2048)) if self._row_bytes else 1024

    def _sql(self, expression: str, name: str) -> Column:
        """A column from SQL, of this session's kind: a process may have both."""
        if self._session.connect:
            from pyspark.sql.connect.functions import expr
        else:
            from pyspark.sql.functions import expr
        return expr(expression).alias(name)

    def _describe(self, what: str) -> None:
        self._session.describe(f"{self._run_id}: {what}")


def _check_expressions(config: Config) -> None:
    for key, text in (("document.id", config.document.id), ("document.cost", config.document.cost or "")):
        found = differs_each_time(text)
        if found:
            raise SourceError(
                f"{key} uses {found}, which gives another value each time it is asked; a retry would not match"
            )


def _check_ids(nulls: int, twins: Sequence[str]) -> None:
    if nulls:
        raise SourceError(f"document.id is null in {nulls} record(s); every record needs an id")
    if twins:
        more = " and more" if len(twins) > 5 else ""
        ids = ", ".join(f"'{twin}'" for twin in twins[:5])
        raise SourceError(
            f"document.id is not unique: more than one record has {ids}{more}; choose another column or expression"
        )
