"""Records for the local engine: DuckDB over Arrow datasets, sorted into hash buckets on local disk.

In: a config's `source`. Out: a `RecordSource`. `measure` writes the pruned records once, in order of their buckets,
to a scratch Parquet file; a worker then reads just the row groups of its partition. Memory stays flat: DuckDB sorts
on disk.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.local.datasets import open_dataset
from spark_pdf.engines.local.pool import run_partitions
from spark_pdf.engines.source import BUCKETS, ID_COLUMN, Measure, PartitionPlan, Snapshot
from spark_pdf.errors import SourceError, UnsupportedError
from spark_pdf.manifest.schema import DOCUMENT, FAILURE
from spark_pdf.manifest.tasks import task_batches
from spark_pdf.model import Record, TaskSummary
from spark_pdf.store.documents import read_document
from spark_pdf.template.record import normalise

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.engines.job import RenderJob

BUCKET_COLUMN = "__bucket"
COST_COLUMN = "__cost"
ROWS_PER_GROUP = 2000


class LocalRecordSource:
    """See `engines.source.RecordSource`."""

    def __init__(self, config: Config) -> None:
        try:
            import duckdb
        except ImportError:
            raise UnsupportedError("`engine: local` needs an extra: pip install 'spark-pdf[local]'") from None
        import os

        self.slots = config.local.processes or os.cpu_count() or 1
        self._config = config
        self._errors = duckdb.Error
        self._output = config.store_options(config.output.uri)
        self._scratch = Path(tempfile.mkdtemp(prefix="spark-pdf-"))
        # No files and no network from SQL: it sees the views of the config and nothing else.
        self._duckdb = duckdb.connect(config={"enable_external_access": "false"})
        self._duckdb.execute("SET TimeZone = 'UTC'")
        self._columns: list[str] | None = None
        self._only = False
        try:
            self._pins = self._open_views()
        except BaseException:
            self.close()
            raise

    @property
    def scratch(self) -> Path:
        """The records that are to do, after `measure`: Parquet, sorted by bucket."""
        return self._scratch / "records.parquet"

    def _open_views(self) -> dict[str, Any]:
        source, pins = self._config.source, {}
        views = source.views or {"records": source}
        for name, view in views.items():
            key = f"source.views.{name}" if source.views else "source"
            dataset, pins[name] = open_dataset(view, self._config, key)
            self._duckdb.register(name if source.views else "__table", dataset)
        sql = source.sql or 'SELECT * FROM "__table"'
        try:
            self._duckdb.execute(f"CREATE TEMP VIEW __records AS {sql.rstrip().rstrip(';')}")
        except self._errors as error:
            raise SourceError(f"source.sql: {_first_line(error)}") from None
        return pins

    def schema(self) -> pa.Schema:
        """Arrow schema of the records."""
        schema: pa.Schema = self._query("SELECT * FROM __records LIMIT 0", "source").to_arrow_table().schema
        return schema

    def prune(self, columns: Sequence[str] | None) -> None:
        """Keep only these columns."""
        names = self.schema().names
        absent = [column for column in columns or () if column not in names]
        if absent:
            raise SourceError(f"the source has no column '{absent[0]}'; it has: {', '.join(names)}")
        self._columns = None if columns is None else [name for name in names if name in set(columns)]

    def only(self, failures: Sequence[str]) -> None:
        """Keep only records that failed."""
        self._load_ids("__only", failures, FAILURE)
        self._only = True

    def snapshot(self) -> Snapshot:
        """Files with size and time of change, or a Delta version, for each view."""
        files = sum(len(pin.get("files", ())) for pin in self._pins.values())
        summary = f"{len(self._pins)} view(s), {files} file(s)" if files else f"{len(self._pins)} Delta table(s)"
        return Snapshot("arrow", summary, self._pins)

    def sample(self, count: int) -> list[Record]:
        """The first few records that DuckDB comes by."""
        query = f"SELECT {self._kept()}, {self._id()} FROM __records LIMIT {count:d}"
        return [normalise(row) for row in self._query(query, "document.id").to_arrow_table().to_pylist()]

    def measure(self, done: Sequence[str]) -> Measure:
        """Write the records that are still to do, by bucket, and count them."""
        import pyarrow.parquet as pq

        self._check_ids()
        self._load_ids("__done", done, DOCUMENT)
        reader = self._query(self._to_do(), "source").to_arrow_reader(ROWS_PER_GROUP)
        with pq.ParquetWriter(self.scratch, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch, row_group_size=ROWS_PER_GROUP)
        rows = self._measured()
        return Measure([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """One process per slot; a partition whose process dies runs again, supervised."""
        del done  # the scratch file holds only what is still to do
        yield from run_partitions(job, plan, str(self.scratch), self.slots)

    def close(self) -> None:
        """Remove the scratch file."""
        self._duckdb.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _kept(self) -> str:
        return "*" if self._columns is None else ", ".join(_quoted(name) for name in self._columns) or "NULL AS __none"

    def _id(self) -> str:
        return f"CAST(({self._config.document.id}) AS VARCHAR) AS {ID_COLUMN}"

    def _limited(self) -> str:
        order = f"ORDER BY {ID_COLUMN} LIMIT {self._config.limit:d}" if self._config.limit else ""
        cost = f"CAST(({self._config.document.cost or '1'}) AS DOUBLE) AS {COST_COLUMN}"
        records = f"SELECT {self._kept()}, {self._id()}, {cost} FROM __records {order}"
        return f"SELECT * FROM ({records}) WHERE {ID_COLUMN} IN (SELECT id FROM __only)" if self._only else records

    def _to_do(self) -> str:
        bucket = f"CAST(md5_number_lower({ID_COLUMN}) % {BUCKETS} AS INTEGER) AS {BUCKET_COLUMN}"
        return (
            f"SELECT *, {bucket} FROM ({self._limited()}) AS r "
            f"WHERE NOT EXISTS (SELECT 1 FROM __done d WHERE d.id = r.{ID_COLUMN}) "
            f"ORDER BY {BUCKET_COLUMN}, {ID_COLUMN}"
        )

    def _check_ids(self) -> None:
        query = f"SELECT {ID_COLUMN}, count(*) FROM (SELECT {self._id()} FROM __records) GROUP BY 1 "
        query += f"HAVING count(*) > 1 OR {ID_COLUMN} IS NULL ORDER BY 1 NULLS FIRST LIMIT 5"
        rows = self._query(query, "document.id").fetchall()
        if rows and rows[0][0] is None:
            raise SourceError(f"document.id is null in {rows[0][1]} record(s); every record needs an id")
        if rows:
            ids = ", ".join(str(row[0]) for row in rows)
            raise SourceError(
                f"document.id is not unique: {ids} occur more than once; choose another column or expression"
            )

    def _load_ids(self, table: str, uris: Sequence[str], status: str) -> None:
        """A table of the ids that task manifests have with this status."""
        import pyarrow as pa

        self._duckdb.execute(f"CREATE OR REPLACE TEMP TABLE {table} (id VARCHAR)")
        schema = pa.schema([("document_id", pa.string())])
        for uri in uris:
            for batch in task_batches(read_document(uri, options=self._output), schema, status=status):
                self._duckdb.register("__batch", pa.Table.from_batches([batch]))
                self._duckdb.execute(f"INSERT INTO {table} SELECT document_id FROM __batch")
                self._duckdb.unregister("__batch")

    def _measured(self) -> list[tuple[int, int, float]]:
        import pyarrow.dataset as pads

        self._duckdb.register("__scratch", pads.dataset(self.scratch))
        cost = f"sum(coalesce(greatest({COST_COLUMN}, 0), 0))"
        query = f"SELECT {BUCKET_COLUMN}, count(*), {cost} FROM __scratch GROUP BY 1 ORDER BY 1"
        rows: list[tuple[int, int, float]] = self._query(query, "document.cost").fetchall()
        return rows

    def _query(self, sql: str, key: str) -> Any:
        try:
            return self._duckdb.sql(sql)
        except self._errors as error:
            raise SourceError(f"{key}: {_first_line(error)}") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    """DuckDB's complaint without the excerpt of data that conversion errors quote."""
    kind = type(error).__name__.removesuffix("Exception")
    if kind in ("Conversion", "InvalidInput", "OutOfRange"):
        return f"{kind} error in SQL; a value does not convert as the expression asks"
    return str(error).splitlines()[0]
