"""Rows that an engine's own workers hold, written below the run as they are, by themselves: for those who have a
Ray Dataset, a Dask DataFrame or a Bag.

In: blocks of rows, on workers. Out: the run's copy, Parquet files each row of which has its document id and cost. Of
the drivers of a run that copy at once one wins, by conditional create of a marker that names its files; a block that
was written twice, because a worker died, is in the copy once. The next driver finds the marker and asks for no row.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.records.files import download
from spark_pdf.engines.records.sql import as_source_error, costs, identity
from spark_pdf.errors import SourceError, SparkPdfError, StoreError
from spark_pdf.manifest.files import as_written, create_json, read_json
from spark_pdf.store import open_store, resolve
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.store.options import ResolvedOptions

Part = str | Exception
"""The name of a file that was written, or why it was not: a value, so that no scheduler tells it with the rows."""


@dataclass(frozen=True, slots=True)
class PartWriter:
    """Writes a block of rows as a file of the copy; travels to workers."""

    uri: str
    options: ResolvedOptions
    folder: str
    identity: str
    cost: str

    def __call__(self, rows: Callable[[], pa.Table]) -> list[Part]:
        """The name of the new file; nothing for a block without rows."""
        try:
            table = rows()
            return [self._write(table)] if table.num_rows else []
        except Exception as error:
            return [error if isinstance(error, SparkPdfError) else _unreadable(error)]

    def _write(self, rows: pa.Table) -> str:
        import pyarrow as pa
        import pyarrow.parquet as pq

        named = self._named(rows)
        for column in named.column_names:
            rows = rows.append_column(column, named[column])
        name = secrets.token_hex(8)
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        store = open_store(self.uri, self.options)
        store.write(f"{self.folder}/{name}.parquet", sink.getvalue().to_pybytes())
        return name

    def _named(self, rows: pa.Table) -> pa.Table:
        """The ids and costs of the rows, in their order."""
        import duckdb

        with duckdb.connect(config={"enable_external_access": "false"}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("__rows", rows)
            with as_source_error("document.id"):
                return connection.sql(f"SELECT {self.identity}, {self.cost} FROM __rows").to_arrow_table()


Rows = Callable[[PartWriter], Sequence[Part]]
"""Has an engine's workers call the writer with each block of rows; what came back of all."""


@dataclass(frozen=True)
class Parts:
    """Where a run's copy is, and where its rows come from."""

    config: Config
    run_id: str
    rows: Rows

    @property
    def _folder(self) -> str:
        return RunLocations(self.run_id).source

    @property
    def _marker(self) -> str:
        asked = hashlib.sha256(f"{self.config.pinned_hash()} rows".encode()).hexdigest()[:16]
        return f"{self._folder}/copy-{asked}.json"

    def fetch(self, target: Path) -> str:
        """Put the files of the run's copy into a folder; the copy's name. They are written if there are none yet."""
        store = open_store(self.config.output.uri, self.config.store_options(self.config.output.uri))
        found = read_json(store, self._marker)
        if found is None:
            create_json(store, self._marker, self._write())
            found = read_json(store, self._marker)
        if found is None:
            raise StoreError(f"{self._marker} was written and is not there")
        with as_written(self._marker):
            name, parts = str(found["name"]), [str(part) for part in found["parts"]]
        for number, part in enumerate(parts):
            download(store, f"{self._folder}/{name}/{part}.parquet", target / f"{number:06d}.parquet")
        return name

    def _write(self) -> dict[str, Any]:
        config, name = self.config, secrets.token_hex(8)
        folder = f"{self._folder}/{name}"
        options = resolve(config.store_options(config.output.uri))
        writer = PartWriter(config.output.uri, options, folder, identity(config), costs(config))
        written = list(self.rows(writer))
        for part in written:
            if isinstance(part, Exception):
                raise part
        store = open_store(config.output.uri, options)
        # What a worker wrote that died before it could say so.
        store.delete(info.key for info in store.list(folder) if info.key.rpartition("/")[2][:-8] not in written)
        return {"name": name, "parts": sorted(map(str, written))}

    def forget(self, name: str) -> None:
        """Take a copy away that the run has refused, unless it is pinned to it by now."""
        store = open_store(self.config.output.uri, self.config.store_options(self.config.output.uri))
        with suppress(StoreError):
            if not store.exists(RunLocations(self.run_id).run_json):
                store.delete((self._marker,))
                store.delete(info.key for info in store.list(f"{self._folder}/{name}"))


def unified(files: Sequence[Path]) -> pa.Schema:
    """One schema for all files: a column without values in one has the type that it has in another."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pa.unify_schemas([pq.read_schema(file) for file in files], promote_options="permissive")
    except pa.ArrowException:
        raise SourceError("the rows have columns whose types differ from block to block; cast them first") from None


def _unreadable(error: Exception) -> SourceError:
    """The text of any other exception may quote a row."""
    return SourceError(f"a block of rows cannot be copied ({type(error).__name__})")
