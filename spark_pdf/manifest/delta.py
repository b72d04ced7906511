"""The manifest as a Delta table, by delta-rs: no Spark and no JVM, whatever engine renders.

In: a run's rows, streamed. Out: one Delta commit with `txn.appId` = run_id, version 1 (Delta protocol, "Transaction
Identifiers"). The transaction is looked up before each append and after each answer that is not a plain yes. delta-rs
refuses to commit an application's transaction over one that it has not read, so of two drivers that append one run, one
is told.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from spark_pdf.config import Config
from spark_pdf.errors import (
    CommitFailed,
    CommitStateUnknown,
    ConfigError,
    StoreError,
    UnsafeStoreError,
    UnsupportedError,
)
from spark_pdf.manifest.batches import Counted, conform, matching, plain_schema, with_filters
from spark_pdf.manifest.checks import check_columns, check_partition_columns
from spark_pdf.manifest.ranges import parquet_file
from spark_pdf.manifest.rewriting import Change, Gone, Touched, exchanged
from spark_pdf.manifest.schema import FIRST_EXTRA_ID
from spark_pdf.manifest.storage import delta_uri, storage_options
from spark_pdf.manifest.table import Batches, CommitInfo, summed
from spark_pdf.store import open_store

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from spark_pdf.store import ObjectStore

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_FILE_BYTES = 64 * 1024 * 1024
_ROW_GROUP = 100_000  # rows; delta-rs holds a row group in memory until it is full, and its default is a million
_COMMIT_KEY = "sparkPdf"
_RECENT_COMMITS = 20
_IDS_IN_SQL = 1000
_SETTING = "if this table's log store is another one, such as DynamoDB, name it in manifest.log_store"


__all__ = ["DeltaManifest", "storage_options"]


class DeltaManifest:
    """A manifest table in Delta format below one URI."""

    def __init__(
        self,
        store: ObjectStore,
        options: Mapping[str, str],
        partition_by: Sequence[str] = (),
        *,
        shared_log: bool = False,
    ) -> None:
        self.store = store
        self.uri = store.uri
        self._options = dict(options)
        self._partition_by = tuple(partition_by)
        self._shared_log = shared_log

    @classmethod
    def of(cls, config: Config) -> DeltaManifest:
        """The table that a config names. `manifest.log_store` has the last word on delta-rs' storage options."""
        uri = config.manifest_uri()
        options = config.store_options(uri)
        log_store = config.manifest.log_store
        locking = {key.lower(): value for key, value in log_store.items()}.get("aws_s3_locking_provider")
        return cls(
            open_store(uri, options),
            {**storage_options(uri, options), **log_store},
            config.manifest.partition_by,
            shared_log=locking == "dynamodb",
        )

    def exists(self) -> bool:
        """Whether there is a Delta table."""
        return self._load() is not None

    def check(self, schema: pa.Schema) -> None:
        """The log is safe for several writers, and an existing table takes these columns."""
        self._check_log_store()
        table = self._load()
        if table is None:
            check_partition_columns(self._partition_by, schema)
            return
        there = tuple(table.metadata().partition_columns)
        if self._partition_by and there != self._partition_by:
            raise ConfigError(
                f"manifest.partition_by: the table {self.uri} is partitioned by {', '.join(there) or 'nothing'}",
                key="manifest.partition_by",
            )
        check_columns(_schema_of(table), schema, self.uri)

    def _check_log_store(self) -> None:
        """Runs that append at once are kept apart by the log's conditional create, or by a lock table."""
        settings = {key.lower(): value.lower() for key, value in {**os.environ, **self._options}.items()}
        if settings.get("aws_s3_allow_unsafe_rename") == "true" or settings.get("aws_conditional_put") == "disabled":
            raise UnsafeStoreError(
                f"{self.uri}: the settings allow Delta commits that overwrite each other "
                "(AWS_S3_ALLOW_UNSAFE_RENAME or AWS_CONDITIONAL_PUT); take them away"
            )
        if self._shared_log:
            return
        try:
            self.store.probe()
        except UnsafeStoreError as error:
            raise UnsafeStoreError(f"{error}; {_SETTING}") from None

    def committed(self, run_id: str) -> CommitInfo | None:
        """What the table says of a run: by its rows, or by its transaction where it has none."""
        table = self._load()
        return None if table is None else self._said_of(table, run_id)

    def _said_of(self, table: DeltaTable, run_id: str) -> CommitInfo | None:
        counted = self._count(table, run_id)
        if counted is not None or table.transaction_version(run_id) is None:
            return counted
        for recent in (_RECENT_COMMITS, None):
            for commit in self._history(table, recent):
                said = commit.get(_COMMIT_KEY)
                if isinstance(said, Mapping) and said.get("run_id") == run_id:
                    return CommitInfo.from_json(said)
        raise StoreError(f"{self.uri}: run {run_id} was committed, and its rows were deleted since; use a new run_id")

    def _history(self, table: DeltaTable, recent: int | None) -> list[dict[str, Any]]:
        from deltalake.exceptions import DeltaError

        try:
            return table.history(recent)
        except (DeltaError, OSError) as error:
            raise StoreError(f"{self.uri}: its log cannot be read: {_first_line(error)}") from None

    def _count(self, table: DeltaTable, run_id: str) -> CommitInfo | None:
        sums = self._query(
            table,
            "select error_code, count(*) as n, max(committed_at) as at, sum(cast(pages as bigint)) as p, "
            f"sum(length) as b from t where run_id = {_quoted(run_id)} group by error_code",
        )
        return summed(run_id, [tuple(row.values()) for batch in sums for row in batch.to_pylist()])

    def latest(self) -> datetime | None:
        """The latest `committed_at`; delta-rs finds it in the files' statistics."""
        table = self._load()
        if table is None:
            return None
        found = [
            row for batch in self._query(table, "select max(committed_at) as at from t") for row in batch.to_pylist()
        ]
        return found[0]["at"] if found else None

    def append(self, info: CommitInfo, schema: pa.Schema, batches: Batches) -> CommitInfo:
        """Stream the rows into files and commit them with the run's transaction."""
        unsure: BaseException | None = None
        if self._load() is None:
            self._create(schema)
        for attempt in range(_ATTEMPTS):
            table, settled = self._settle(info.run_id, unsure)
            if settled is not None:
                return settled
            stream = Counted(batches())
            try:
                self._write(info, schema, stream, table)
                return replace(info, rows=stream.rows)
            except BaseException as error:
                if stream.error is not None:
                    raise stream.error from None
                if not isinstance(error, Exception):
                    raise
                if not _is_conflict(error):
                    # The commit comes after the last row: an error before it has committed nothing.
                    if not stream.finished:
                        raise CommitFailed(f"{self.uri}: nothing was appended: {_first_line(error)}") from error
                    unsure = error
                log.warning("append %d to %s failed: %s", attempt + 1, self.uri, _first_line(error))
        _, settled = self._settle(info.run_id, unsure)
        if settled is not None:
            return settled
        if unsure is not None:
            raise self._unknown(info.run_id, unsure) from unsure
        raise CommitFailed(f"{self.uri}: other writers were faster {_ATTEMPTS} times; nothing was appended, try again")

    def _create(self, schema: pa.Schema) -> None:
        """Make an empty table. delta-rs appends to a table that it creates itself without looking for transactions."""
        from deltalake import DeltaTable

        try:
            DeltaTable.create(
                delta_uri(self.store),
                _target(None, schema),
                mode="ignore",
                partition_by=list(self._partition_by) or None,
                storage_options=self._options or None,
            )
        except Exception as error:
            if self._load() is None:  # else another run has created it at this moment
                raise CommitFailed(f"{self.uri} cannot be created: {_first_line(error)}") from error

    def _settle(self, run_id: str, unsure: BaseException | None) -> tuple[DeltaTable, CommitInfo | None]:
        """The table, and what this very version of it says of the run: what is asked is what is written over."""
        try:
            table = self._load()
            if table is None:
                raise StoreError(f"{self.uri} was created, and is gone")
            return table, self._said_of(table, run_id)
        except Exception as error:
            if unsure is not None:
                raise self._unknown(run_id, unsure) from error
            raise

    def _unknown(self, run_id: str, error: BaseException) -> CommitStateUnknown:
        return CommitStateUnknown(
            f"{self.uri}: whether run {run_id} was committed cannot be found out ({_first_line(error)}); "
            "run it again with the same run_id"
        )

    def _write(self, info: CommitInfo, schema: pa.Schema, stream: Counted, table: DeltaTable) -> None:
        """Write over the version of the table that was asked: a later one may hold this run by a twin's hand."""
        import pyarrow as pa
        from deltalake import CommitProperties, Transaction, WriterProperties, write_deltalake

        target = _target(table, schema)
        write_deltalake(
            table,
            pa.RecordBatchReader.from_batches(target, (conform(batch, target) for batch in stream)),
            mode="append",
            partition_by=list(table.metadata().partition_columns) or None,
            schema_mode="merge",
            target_file_size=_FILE_BYTES,
            writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=_ROW_GROUP),
            commit_properties=CommitProperties(
                custom_metadata={_COMMIT_KEY: info.to_json()}, app_transactions=[Transaction(info.run_id, 1)]
            ),
        )

    def scan(
        self,
        columns: Sequence[str] | None = None,
        *,
        run_id: str | None = None,
        run_prefix: str | None = None,
        document_ids: Collection[str] | None = None,
        status: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of the table's latest version, by delta-rs' own query engine, which knows its statistics."""
        table = self._load()
        if table is None:
            return
        there = _schema_of(table)
        wanted = with_filters(there.names if columns is None else columns, document_ids=document_ids)
        conditions = []
        if run_id is not None:
            conditions.append(f"run_id = {_quoted(run_id)}")
        if run_prefix:
            after = run_prefix[:-1] + chr(ord(run_prefix[-1]) + 1)  # a range, because files have statistics of it
            conditions.append(f"run_id >= {_quoted(run_prefix)} and run_id < {_quoted(after)}")
        if status is not None:
            conditions.append(f"status = {_quoted(status)}")
        if document_ids is not None and len(document_ids) <= _IDS_IN_SQL:
            conditions.append(f"document_id in ({', '.join(map(_quoted, sorted(document_ids))) or 'null'})")
        where = f" where {' and '.join(conditions)}" if conditions else ""
        selected = ", ".join('"' + name.replace('"', '""') + '"' for name in wanted)
        import pyarrow as pa

        schema = there if columns is None else pa.schema([there.field(name) for name in columns])
        for batch in self._query(table, f"select {selected} from t{where}"):
            kept = matching(batch, document_ids=document_ids)
            if kept.num_rows:
                yield conform(kept, schema)

    def rewrite(self, touched: Touched, change: Change) -> int:
        """Exchange rows by one `MERGE`. What another writer commits meanwhile is met, and asked again."""
        unsure: BaseException | None = None
        for _ in range(_ATTEMPTS):
            table = self._load()
            rows = None if table is None else self._touched(table, touched)
            other = None if rows is None else exchanged(rows, change, self.uri)
            if table is None or other is None:
                return 0
            try:
                self._merge(table, other)
                return int(other.num_rows)
            except Exception as error:  # whatever it was: if it has been committed, nothing is left to exchange
                log.warning("a rewrite of %s failed: %s", self.uri, _first_line(error))
                unsure = error
        raise CommitFailed(f"{self.uri}: rows could not be exchanged: {_first_line(unsure or OSError())}") from unsure

    def _touched(self, table: DeltaTable, touched: Touched) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute as pc

        there = _schema_of(table)
        found: list[pa.Table] = []
        before: dict[str, pa.Array] = {}
        for name, values in touched.by_column.items():
            where = f"{name} in ({', '.join(map(_quoted, sorted(values)))})"
            batches = (conform(b, there) for b in self._query(table, f"select * from t where {where}"))
            rows = pa.Table.from_batches(batches, there)
            # A row that is meant twice comes once.
            for column, wanted in before.items():
                rows = rows.filter(pc.invert(pc.is_in(rows[column], wanted)))
            before[name] = pa.array(sorted(values), pa.string())
            found.append(rows)
        return pa.concat_tables(found) if found else there.empty_table()

    def _merge(self, table: DeltaTable, rows: pa.Table) -> None:
        from deltalake import WriterProperties

        runs = ", ".join(map(_quoted, sorted(set(rows["run_id"].to_pylist()))))
        table.merge(
            rows,
            predicate=f"t.run_id in ({runs}) AND t.run_id = s.run_id AND t.document_id = s.document_id",
            source_alias="s",
            target_alias="t",
            writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=_ROW_GROUP),
        ).when_matched_update_all().execute()

    def purge(self, gone: Gone) -> None:
        """Delta's own vacuum, without its week: files that the log has removed. For the others see `Gone`."""
        from deltalake.exceptions import DeltaError

        table = self._load()
        if table is None:
            return
        try:
            table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
        except (DeltaError, OSError) as error:
            raise StoreError(f"{self.uri}: earlier files cannot be taken: {_first_line(error)}") from None
        if not gone.run_ids:
            return
        named = {unquote(uri).rpartition("/")[2] for uri in table.file_uris()}
        self.store.delete([key for key in self._unnamed(named) if self._has(key, gone)])

    def _unnamed(self, named: Collection[str]) -> Iterator[str]:
        for info in self.store.list():
            name = info.key.rpartition("/")[2]
            if name.endswith(".parquet") and name not in named and not info.key.startswith("_delta_log/"):
                yield info.key

    def _has(self, key: str, gone: Gone) -> bool:
        info = self.store.head(key)
        if info is None:
            return False
        with parquet_file(self.store, key, info.size) as parquet:
            return gone.is_in(parquet)

    def _query(self, table: DeltaTable, sql: str) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from deltalake import QueryBuilder

        reader = pa.RecordBatchReader.from_stream(QueryBuilder().register("t", table).execute(sql))
        plain = plain_schema(reader.schema)
        try:
            for batch in reader:
                yield conform(batch, plain)
        except (pa.ArrowException, OSError) as error:
            raise StoreError(f"{self.uri} cannot be read: {_first_line(error)}") from None

    def _load(self) -> DeltaTable | None:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, DeltaProtocolError, TableNotFoundError

        try:
            return DeltaTable(delta_uri(self.store), storage_options=self._options or None)
        except TableNotFoundError:
            return None
        except DeltaProtocolError as error:
            raise UnsupportedError(f"{self.uri}: this deltalake cannot use the table: {_first_line(error)}") from None
        except (DeltaError, OSError) as error:
            raise StoreError(f"{self.uri} cannot be opened: {_first_line(error)}") from None


def _is_conflict(error: Exception) -> bool:
    """Whether delta-rs says that another commit stood in the way of ours."""
    from deltalake.exceptions import CommitFailedError

    return isinstance(error, CommitFailedError)


def _schema_of(table: DeltaTable) -> pa.Schema:
    import pyarrow as pa

    return plain_schema(pa.schema(table.schema().to_arrow()))


def _target(table: DeltaTable | None, schema: pa.Schema) -> pa.Schema:
    """The columns to write: an existing table's as it has them, then what it lacks.

    Numbers of source columns are the config's, and two configs may differ, so a Delta table does not keep them.
    """
    import pyarrow as pa

    fields = [f if int(f.metadata[b"PARQUET:field_id"]) < FIRST_EXTRA_ID else f.remove_metadata() for f in schema]
    if table is None:
        return pa.schema(fields)
    there = plain_schema(pa.schema(table.schema().to_arrow()), keep_metadata=True)
    return pa.schema([*there, *(field.remove_metadata() for field in fields if field.name not in there.names)])


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300]
