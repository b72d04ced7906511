"""Records for engines without Spark: DuckDB over Arrow datasets, sorted into hash buckets on the driver's disk.

In: a config's `source`. Out: a `RecordSource`, but for `execute`, which is each engine's own. `measure` writes the
pruned records once, in order of their buckets, to a scratch Parquet file; a worker then reads just the row groups of
its partition. Memory stays flat: DuckDB sorts on disk.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.records.copies import Copies
from spark_pdf.engines.records.datasets import open_dataset
from spark_pdf.engines.records.determinism import differs_each_time
from spark_pdf.engines.records.parts import Parts, Rows, unified
from spark_pdf.engines.records.sql import as_source_error, check_expressions, costs, identity, quoted
from spark_pdf.engines.records.worker import BUCKET_COLUMN, COST_COLUMN
from spark_pdf.engines.source import BUCKETS, EXPECTED_COLUMN, ID_COLUMN, Measure, Snapshot
from spark_pdf.errors import SourceError, TaskConflict, UnsupportedError
from spark_pdf.manifest.schema import DOCUMENT, ERASED, FAILURE
from spark_pdf.manifest.tasks import task_batches
from spark_pdf.model import Record
from spark_pdf.store.documents import read_document
from spark_pdf.template.record import normalise

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.manifest.baseline import Mode

ROWS_PER_GROUP = 2000


class OrderedRecords:
    """What engines without Spark have in common; see `engines.source.RecordSource`."""

    slots = 1

    def __init__(self, config: Config, run_id: str, progress: Progress | None = None, rows: Rows | None = None) -> None:
        """`rows`: where they come from, in place of the config's `source`."""
        try:
            import duckdb
        except ImportError:
            engine = config.engine
            raise UnsupportedError(f"`engine: {engine}` needs an extra: pip install 'spark-pdf[{engine}]'") from None
        self._config, self._run_id, self._progress = config, run_id, progress or Progress()
        self._output = config.store_options(config.output.uri)
        self._scratch = Path(tempfile.mkdtemp(prefix="spark-pdf-"))
        # No files and no network from SQL: it sees the views of the config and nothing else.
        self._duckdb = duckdb.connect(config={"enable_external_access": "false"})
        self._duckdb.execute("SET TimeZone = 'UTC'")
        self._columns: list[str] | None = None
        self._only = False
        self._mode: Mode | None = None
        self._copy: tuple[Copies | Parts, str] | None = None
        self._rows = rows
        try:
            check_expressions(config)
            if rows is not None and config.source.materialize == "never":
                raise UnsupportedError(
                    f"source.materialize: never: engine {config.engine} copies what it is handed below the run"
                )
            self._pins = self._open_views() if rows is None else {}
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
        with as_source_error("source.sql"):
            self._duckdb.execute(f"CREATE TEMP VIEW __records AS {sql.rstrip().rstrip(';')}")
        return pins

    def _open_rows(self, rows: Rows) -> None:
        """The run's copy of the rows that were handed over, made by the engine's workers if there is none yet."""
        import pyarrow.dataset as pads

        folder = self._scratch / "rows"
        folder.mkdir()
        self._progress.note("the rows are copied below the run first")
        parts = Parts(self._config, self._run_id, rows)
        name = parts.fetch(folder)
        files = sorted(folder.iterdir())
        if not files:
            parts.forget(name)
            raise SourceError("the source has no records; nothing was rendered and nothing committed")
        self._duckdb.register("__copy", pads.dataset(files, schema=unified(files)))
        self._duckdb.execute("CREATE TEMP VIEW __records AS SELECT * FROM __copy")
        self._copy = parts, name

    def schema(self) -> pa.Schema:
        """Arrow schema of the records."""
        if self._rows is not None and self._copy is None:
            self._open_rows(self._rows)
        names = f"* EXCLUDE ({ID_COLUMN}, {COST_COLUMN})" if self._copy else "*"
        with as_source_error("source"):
            schema: pa.Schema = self._duckdb.sql(f"SELECT {names} FROM __records LIMIT 0").to_arrow_table().schema
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

    def against(self, mode: Mode, baseline: Sequence[str]) -> None:
        """Write each id's latest line to local disk, once; `measure` joins with it."""
        import pyarrow.dataset as pads

        if not baseline:
            return
        self._mode = mode
        folder = self._scratch / "baseline"
        folder.mkdir()
        for number, uri in enumerate(baseline):
            (folder / f"{number}.parquet").write_bytes(read_document(uri, options=self._output))
        self._duckdb.register("__baseline", pads.dataset(folder))
        latest = "arg_max(expected, {'at': committed_at, 'run': run_id})"
        query = f"SELECT document_id AS id, {latest} AS expected FROM __baseline GROUP BY 1"
        self._write(query, self._scratch / "latest.parquet")
        self._duckdb.register("__latest", pads.dataset(self._scratch / "latest.parquet"))

    def snapshot(self) -> Snapshot:
        """Files with size and time of change, or a Delta version, for each view; or the copy that this run has made."""
        if self._copy is not None:
            return Snapshot("materialized", "a copy of the records below the run", {"copy": self._copy[1]})
        source = self._config.source
        differs = differs_each_time(source.sql or "")
        if source.materialize == "always" or (differs and source.materialize == "auto"):
            why = f"source.sql uses {differs}" if differs else "source.materialize is always"
            self._progress.note(f"the records are copied below the run first: {why}")
            return Snapshot("materialized", "a copy of the records below the run", {"copy": self._materialize()})
        files = sum(len(pin.get("files", ())) for pin in self._pins.values())
        summary = f"{len(self._pins)} view(s), {files} file(s)" if files else f"{len(self._pins)} Delta table(s)"
        return Snapshot("arrow", summary, self._pins)

    def _materialize(self) -> str:
        """From now on the records, with their ids and costs, are those of the run's copy; its name."""
        import pyarrow.dataset as pads

        path = self._scratch / "copy.parquet"
        query = f"SELECT {self._kept()}, {self._id()}, {self._cost()} FROM __records"
        copies = Copies(self._config, self._run_id, query)
        name = copies.fetch(lambda target: self._write(query, target), path)
        self._duckdb.register("__copy", pads.dataset(path))
        self._duckdb.execute("CREATE OR REPLACE TEMP VIEW __records AS SELECT * FROM __copy")
        self._copy = copies, name
        return name

    def _write(self, query: str, path: Path) -> None:
        import pyarrow.parquet as pq

        with as_source_error("source"):
            reader = self._duckdb.sql(query).to_arrow_reader(ROWS_PER_GROUP)
            with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch, row_group_size=ROWS_PER_GROUP)

    def sample(self, count: int) -> list[Record]:
        """The first few records that DuckDB comes by; where the run has a limit, of those that it takes."""
        order = f"ORDER BY {ID_COLUMN} " if self._config.limit else ""
        query = f"SELECT {self._kept()}, {self._id()} FROM __records {order}LIMIT {count:d}"
        with as_source_error("document.id"):
            rows = self._duckdb.sql(query).to_arrow_table().to_pylist()
        return [normalise(row) for row in rows]

    def measure(self, done: Sequence[str]) -> Measure:
        """Write the records that are still to do, by bucket, and count them."""
        try:
            self._check_ids()
        except SourceError:
            self._forget_copy()
            raise
        self._load_ids("__done", done, DOCUMENT)
        self._write(self._to_do(), self.scratch)
        self._check_unchanged()
        rows, left_out = self._measured(), self._left_out()
        if not rows and not left_out and not done:
            self._forget_copy()
        return Measure([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], left_out)

    def close(self) -> None:
        """Remove the scratch file."""
        self._duckdb.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _forget_copy(self) -> None:
        """A refused copy is not asked again: the source may be mended under the same run_id."""
        if self._copy is not None:
            copies, name = self._copy
            copies.forget(name)

    def _check_unchanged(self) -> None:
        """Files that were exchanged while they were read are not what the run is pinned to."""
        source = self._config.source
        if self._copy is not None:
            return
        for name, view in (source.views or {"records": source}).items():
            key = f"source.views.{name}" if source.views else "source"
            if "files" in self._pins[name] and open_dataset(view, self._config, key)[1] != self._pins[name]:
                raise TaskConflict(f"{key}: files changed while they were read, so nothing was rendered; run it again")

    def _kept(self) -> str:
        if self._columns is None:
            return f"* EXCLUDE ({ID_COLUMN}, {COST_COLUMN})" if self._copy else "*"
        return ", ".join(quoted(name) for name in self._columns) or "NULL AS __none"

    def _id(self) -> str:
        return ID_COLUMN if self._copy else identity(self._config)

    def _cost(self) -> str:
        return COST_COLUMN if self._copy else costs(self._config)

    def _limited(self) -> str:
        order = f"ORDER BY {ID_COLUMN} LIMIT {self._config.limit:d}" if self._config.limit else ""
        records = f"SELECT {self._kept()}, {self._id()}, {self._cost()} FROM __records {order}"
        return f"SELECT * FROM ({records}) WHERE {ID_COLUMN} IN (SELECT id FROM __only)" if self._only else records

    def _to_do(self) -> str:
        bucket = f"CAST(md5_number_lower({ID_COLUMN}) % {BUCKETS} AS INTEGER) AS {BUCKET_COLUMN}"
        expected = f", l.expected AS {EXPECTED_COLUMN}" if self._mode == "changed" else ""
        left_out = f"AND NOT coalesce({self._is_left_out()}, false)" if self._mode else ""
        return (
            f"SELECT r.*, {bucket}{expected} FROM {self._compared()} "
            f"WHERE NOT EXISTS (SELECT 1 FROM __done d WHERE d.id = r.{ID_COLUMN}) {left_out} "
            f"ORDER BY {BUCKET_COLUMN}, {ID_COLUMN}"
        )

    def _compared(self) -> str:
        """The records, each with its latest line in the baseline, if there is one."""
        join = f" LEFT JOIN __latest l ON l.id = r.{ID_COLUMN}" if self._mode else ""
        return f"({self._limited()}) AS r{join}"

    def _is_left_out(self) -> str:
        return "l.id IS NOT NULL" if self._mode == "missing" else f"l.expected = '{ERASED}'"

    def _left_out(self) -> int:
        if not self._mode:
            return 0
        with as_source_error("document.id"):
            found = self._duckdb.sql(f"SELECT count(*) FROM {self._compared()} WHERE {self._is_left_out()}").fetchall()
        return int(found[0][0])

    def _check_ids(self) -> None:
        query = f"SELECT {ID_COLUMN}, count(*) FROM (SELECT {self._id()} FROM __records) GROUP BY 1 "
        query += f"HAVING count(*) > 1 OR {ID_COLUMN} IS NULL ORDER BY 1 NULLS FIRST LIMIT 5"
        with as_source_error("document.id"):
            rows = self._duckdb.sql(query).fetchall()
        if rows and rows[0][0] is None:
            raise SourceError(f"document.id is null in {rows[0][1]} record(s); every record needs an id")
        if rows:
            ids = ", ".join(f"'{row[0]}'" for row in rows)
            raise SourceError(
                f"document.id is not unique: more than one record has {ids}; choose another column or expression"
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
        with as_source_error("document.cost"):
            rows: list[tuple[int, int, float]] = self._duckdb.sql(query).fetchall()
        return rows
