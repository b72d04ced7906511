"""The manifest as an Iceberg table, by pyiceberg and a catalog: no Spark and no JVM.

In: a run's rows, in chunks of bounded size. Out: data files, then one snapshot that overwrites by `run_id = <run>`
under serializable isolation and carries the property `spark-pdf.run-id`. Never a plain append: pyiceberg tries an
append again after a conflict, without looking whether the twin has won. So retries are ours
(`commit.retry.num-retries` is 0), and each begins by asking the very snapshot that it is going to replace: pyiceberg's
overwrite finds a twin that came after it, and does not take away the rows of one that came before. Data files are
written once; a retry costs a metadata commit.
"""

from __future__ import annotations

import itertools
import json
import logging
import random
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config, resolve_secret
from spark_pdf.errors import CommitFailed, CommitStateUnknown, ConfigError, StoreError, UnsafeStoreError
from spark_pdf.manifest.batches import Counted, chunks, conform, plain_schema
from spark_pdf.manifest.checks import check_columns, check_partition_columns
from spark_pdf.manifest.rewriting import Change, Gone, Touched, exchanged
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.storage import iceberg_options
from spark_pdf.manifest.table import Batches, CommitInfo, summed

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

log = logging.getLogger(__name__)

RUN_PROPERTY = "spark-pdf.run-id"
COMMIT_PROPERTY = "spark-pdf.commit"

_SAFE_CATALOGS = ("sql", "rest", "glue", "dynamodb", "hive", "bigquery")
_ATTEMPTS = 10
_CHUNK_BYTES = 64 * 1024 * 1024
_RETRIES_OFF = {"commit.retry.num-retries": "0", "write.update.isolation-level": "serializable"}


class IcebergManifest:
    """A manifest table in Iceberg format, in a catalog."""

    def __init__(
        self,
        name: str,
        properties: Mapping[str, str],
        partition_by: Sequence[str] = (),
        *,
        chunk_bytes: int = _CHUNK_BYTES,
    ) -> None:
        self.uri = name
        self._properties = dict(properties)
        self._partition_by = tuple(partition_by)
        self._chunk_bytes = chunk_bytes
        self._catalog: Catalog | None = None

    @classmethod
    def of(cls, config: Config) -> IcebergManifest:
        """The table that a config names. What `stores` says of the warehouse goes to pyiceberg, unless given there."""
        secrets = {name: resolve_secret(reference) for name, reference in config.manifest.secret_catalog.items()}
        properties = {**config.manifest.catalog, **secrets}
        warehouse = properties.get("warehouse", config.output.uri)
        properties = {**iceberg_options(warehouse, config.store_options(warehouse)), **properties}
        return cls(config.manifest_uri(), properties, config.manifest.partition_by)

    @property
    def catalog(self) -> Catalog:
        """The catalog, loaded once. Raises `ConfigError` for properties that make none."""
        if self._catalog is None:
            self._catalog = self._load_catalog()
        return self._catalog

    def _load_catalog(self) -> Catalog:
        from pyiceberg.catalog import load_catalog

        properties = dict(self._properties)
        name = properties.pop("name", "default")
        for last in (False, False, True):
            try:
                return load_catalog(name, **properties)
            except Exception as error:
                # Two drivers that make the tables of a new SQL catalog at once: the second finds them there.
                if last or "already exists" not in str(error):
                    raise ConfigError(
                        f"manifest.catalog: no catalog can be made of this ({_said(error)})", key="manifest.catalog"
                    ) from None
                time.sleep(0.1)
        raise AssertionError("unreachable")

    def exists(self) -> bool:
        """Whether the catalog has the table."""
        return self._load() is not None

    def check(self, schema: pa.Schema) -> None:
        """The catalog swaps metadata atomically, and an existing table takes these columns."""
        kind = self._properties.get("type") or ("rest" if "uri" in self._properties else "?")
        if "py-catalog-impl" not in self._properties and kind not in _SAFE_CATALOGS and not _is_sql(self._properties):
            raise UnsafeStoreError(
                f"manifest.catalog: a catalog of type '{kind}' cannot keep runs from overwriting each other's commits; "
                f"use one of {', '.join(_SAFE_CATALOGS)}"
            )
        table = self._load()
        if table is None:
            check_partition_columns(self._partition_by, schema)
            return
        check_columns(_arrow_schema(table), schema, self.uri)

    def committed(self, run_id: str) -> CommitInfo | None:
        """What the table says of a run: by its snapshot's properties, or by its rows where that has expired."""
        table = self._load()
        return None if table is None else self._committed(table, run_id)

    def _committed(self, table: Table, run_id: str) -> CommitInfo | None:
        for snapshot in table.metadata.snapshots:
            summary = snapshot.summary
            if summary is not None and summary.additional_properties.get(RUN_PROPERTY) == run_id:
                return CommitInfo.from_json(json.loads(summary.additional_properties[COMMIT_PROPERTY]))
        return self._count(table, run_id)

    def _count(self, table: Table, run_id: str) -> CommitInfo | None:
        import pyarrow as pa

        sums: list[tuple[Any, ...]] = []
        for batch in self._scan(table, ["error_code", "pages", "length", "committed_at"], run_id=run_id):
            grouped = pa.Table.from_batches([batch]).group_by("error_code", use_threads=False)
            wanted = [([], "count_all"), ("committed_at", "max"), ("pages", "sum"), ("length", "sum")]
            names = ("error_code", "count_all", "committed_at_max", "pages_sum", "length_sum")
            sums.extend(tuple(row[name] for name in names) for row in grouped.aggregate(wanted).to_pylist())
        return summed(run_id, sums)

    def latest(self) -> datetime | None:
        """The latest commit's time: from snapshots, or from the rows where all of ours have expired."""
        table = self._load()
        if table is None:
            return None
        said = [s.summary.additional_properties.get(COMMIT_PROPERTY) for s in table.metadata.snapshots if s.summary]
        times = [CommitInfo.from_json(json.loads(text)).committed_at for text in said if text]
        if times:
            return max(times)
        found = [max(batch["committed_at"].to_pylist()) for batch in self._scan(table, ["committed_at"])]
        return max(found, default=None)

    def append(self, info: CommitInfo, schema: pa.Schema, batches: Batches) -> CommitInfo:
        """Write data files in chunks, then commit them all in one snapshot."""
        table = self._prepare(self._load() or self._create(schema), schema)
        # Asked of what is written over, and not of an earlier look: our snapshot replaces this one, and no other.
        settled = self._committed(table, info.run_id)
        if settled is not None:
            return settled
        stream = Counted(batches())
        try:
            files = list(self._write(table, schema, stream))
        except Exception as error:
            if stream.error is not None:
                raise stream.error from None
            raise CommitFailed(f"{self.uri}: nothing was appended: {_said(error)}") from error
        return self._commit(table, replace(info, rows=stream.rows), files)

    def _write(self, table: Table, schema: pa.Schema, stream: Counted) -> Iterator[DataFile]:
        # pyiceberg streams into unpartitioned tables only; chunk by chunk, memory is bounded for both.
        from pyiceberg.io.pyarrow import _dataframe_to_data_files

        write_uuid, counter = uuid.uuid4(), itertools.count(0)
        target = _arrow_schema(table)
        for chunk in chunks((conform(batch, target) for batch in stream), self._chunk_bytes):
            yield from _dataframe_to_data_files(
                table_metadata=table.metadata, df=chunk, io=table.io, write_uuid=write_uuid, counter=counter
            )

    def _commit(self, table: Table, info: CommitInfo, files: Sequence[DataFile]) -> CommitInfo:
        """Try until this run is in the table, by us or by a twin. What is unclear after the last try is said so."""
        from pyiceberg.exceptions import CommitFailedException, ValidationException

        unsure: Exception | None = None
        for attempt in range(_ATTEMPTS):
            try:
                self._commit_once(table, info, files)
                return info
            except (CommitFailedException, ValidationException) as error:
                log.warning("commit %d of run %s to %s met another: %s", attempt + 1, info.run_id, self.uri, error)
            except Exception as error:
                # A lost answer. If that commit still arrives, ours below meets it: both replace the same snapshot.
                log.warning(
                    "the answer to commit %d of run %s to %s was lost: %s", attempt + 1, info.run_id, self.uri, error
                )
                unsure = error
            if attempt:
                time.sleep(random.uniform(0.05, 0.1) * 2 ** min(attempt, 6))
            try:
                table = self._load() or table
                settled = self._committed(table, info.run_id)
            except Exception as error:
                if unsure is None:
                    raise CommitFailed(f"{self.uri}: nothing was appended: {_said(error)}") from error
                raise self._unknown(info.run_id, unsure) from error
            if settled is not None:
                return settled
        if unsure is not None:
            raise self._unknown(info.run_id, unsure) from unsure
        raise CommitFailed(f"{self.uri}: other writers were faster {_ATTEMPTS} times; nothing was appended, try again")

    def _commit_once(self, table: Table, info: CommitInfo, files: Sequence[DataFile]) -> None:
        from pyiceberg import expressions

        mine: Any = expressions.EqualTo  # pydantic hides its signature from type checkers
        properties = {RUN_PROPERTY: info.run_id, COMMIT_PROPERTY: json.dumps(info.to_json())}
        with table.transaction() as transaction:
            update = transaction.update_snapshot(snapshot_properties=properties)
            with update.overwrite() as overwrite:
                overwrite.delete_by_predicate(mine("run_id", info.run_id))
                for file in files:
                    overwrite.append_data_file(file)

    def _unknown(self, run_id: str, error: BaseException) -> CommitStateUnknown:
        return CommitStateUnknown(
            f"{self.uri}: whether run {run_id} was committed cannot be found out ({_said(error)}); "
            "run it again with the same run_id"
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
        """Rows of the current snapshot, file by file."""
        table = self._load()
        if table is not None:
            yield from self._scan(
                table, columns, run_id=run_id, run_prefix=run_prefix, document_ids=document_ids, status=status
            )

    def _scan(
        self,
        table: Table,
        columns: Sequence[str] | None,
        *,
        run_id: str | None = None,
        run_prefix: str | None = None,
        document_ids: Collection[str] | None = None,
        status: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        from pyiceberg import expressions

        of: Any = expressions  # pydantic hides its signatures from type checkers
        rows = of.AlwaysTrue()
        if run_id is not None:
            rows = of.And(rows, of.EqualTo("run_id", run_id))
        if run_prefix:
            rows = of.And(rows, of.StartsWith("run_id", run_prefix))
        if status is not None:
            rows = of.And(rows, of.EqualTo("status", status))
        if document_ids is not None:
            rows = of.And(rows, of.In("document_id", set(document_ids)))
        yield from self._read(table, columns, rows)

    def _read(self, table: Table, columns: Sequence[str] | None, rows: Any) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyiceberg.io.pyarrow import ArrowScan

        there = _arrow_schema(table)
        schema = there if columns is None else pa.schema([there.field(name) for name in columns])
        scan = table.scan(row_filter=rows, selected_fields=tuple(schema.names))
        reader = ArrowScan(scan.table_metadata, scan.io, scan.projection(), scan.row_filter)
        try:
            for task in scan.plan_files():
                # One at a time: given all, pyiceberg would start to read all of them into memory.
                for batch in reader.to_record_batches([task]):
                    if batch.num_rows:
                        yield conform(batch, schema)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{self.uri} cannot be read: {_said(error)}") from None

    def rewrite(self, touched: Touched, change: Change) -> int:
        """Exchange rows by one transaction over the snapshot that they were read from."""
        import pyarrow as pa
        from pyiceberg import expressions

        of: Any = expressions
        # pyiceberg keeps rows in which a column that a filter asks about is null, unless the filter says so itself.
        by_uri = of.And(of.NotNull("uri"), of.In("uri", set(touched.uris)))
        by_name = of.Or(of.In("document_id", set(touched.document_ids)), of.In("run_id", set(touched.run_ids)))
        meant = of.Or(by_uri, by_name)
        unsure: Exception | None = None
        for attempt in range(_ATTEMPTS):
            table = self._load()
            if table is None:
                return 0
            table = self._prepare(table, manifest_schema())
            rows = pa.Table.from_batches(self._read(table, None, meant), _arrow_schema(table))
            other = exchanged(rows, change, self.uri)
            if other is None:
                return 0
            try:
                with table.transaction() as transaction:
                    transaction.overwrite(other, overwrite_filter=meant)
                return int(other.num_rows)
            except Exception as error:  # whatever it was: if it has been committed, nothing is left to exchange
                log.warning("a rewrite of %s failed: %s", self.uri, _said(error))
                unsure = error
                time.sleep(random.uniform(0.05, 0.1) * 2 ** min(attempt, 6))
        raise CommitFailed(f"{self.uri}: rows could not be exchanged: {_said(unsure or OSError())}") from unsure

    def purge(self, gone: Gone) -> None:
        """Take data files of earlier snapshots that the current one does not have. The snapshots stay in history.

        What a crash left is for `remove_orphan_files`: pyiceberg lists no files.
        """
        table = self._load()
        if table is None:
            return
        try:
            current = set(table.inspect.data_files()["file_path"].to_pylist())
            for path in set(table.inspect.all_data_files()["file_path"].to_pylist()) - current:
                with suppress(FileNotFoundError):
                    table.io.delete(path)
        except Exception as error:
            raise StoreError(f"{self.uri}: earlier files cannot be taken: {_said(error)}") from error

    def _load(self) -> Table | None:
        from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

        try:
            return self.catalog.load_table(self.uri)
        except (NoSuchTableError, NoSuchNamespaceError):
            return None
        except ConfigError:
            raise
        except Exception as error:
            raise StoreError(f"{self.uri} cannot be loaded from the catalog: {_said(error)}") from error

    def _create(self, schema: pa.Schema) -> Table:
        """Create the table. The catalog numbers the fields 1, 2, ... in order, which are our field ids."""
        for last in (False, False, True):
            try:
                self.catalog.create_namespace_if_not_exists(self.uri.rpartition(".")[0])
                with self.catalog.create_table_transaction(
                    self.uri, schema=schema, properties=_RETRIES_OFF
                ) as transaction:
                    for name in self._partition_by:
                        with transaction.update_spec() as spec:
                            spec.add_identity(name)
            except Exception as error:
                # Another run may create the namespace or the table at this moment; then it is there soon.
                if last and self._load() is None:
                    raise CommitFailed(f"{self.uri} cannot be created: {_said(error)}") from error
            table = self._load()
            if table is not None:
                return table
            time.sleep(0.1)
        raise CommitFailed(f"{self.uri} was created, and is gone")

    def _prepare(self, table: Table, schema: pa.Schema) -> Table:
        """Turn pyiceberg's retries off in a table made elsewhere, and add the columns that it lacks."""
        missing = [field for field in schema if field.name not in _arrow_schema(table).names]
        properties = table.properties
        try:
            if any(properties.get(name) != value for name, value in _RETRIES_OFF.items()):
                with table.transaction() as transaction:
                    transaction.set_properties(_RETRIES_OFF)
            if missing:
                import pyarrow as pa

                with table.update_schema() as update:
                    update.union_by_name(pa.schema([field.with_nullable(True).remove_metadata() for field in missing]))
        except Exception as error:
            raise CommitFailed(f"{self.uri}: the table cannot be prepared for this run: {_said(error)}") from error
        return self._load() or table


def _is_sql(properties: Mapping[str, str]) -> bool:
    return "type" not in properties and str(properties.get("uri", "")).startswith(("sqlite", "postgresql"))


def _arrow_schema(table: Table) -> pa.Schema:
    """The table's schema with plain Arrow types."""
    return plain_schema(table.schema().as_arrow())


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]
