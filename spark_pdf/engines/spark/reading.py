"""Reading a manifest as Spark's data source: rows by runs, documents where they are asked for, filters pushed down.

In: a config, the schema that Spark wants, filters if the session pushes them down. Out: Arrow batches, on executors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
from pyspark.sql.datasource import DataSourceReader, InputPartition
from pyspark.sql.pandas.types import to_arrow_schema

from spark_pdf.config import Config, resolve_secret
from spark_pdf.engines.rows import BATCH_BYTES
from spark_pdf.errors import ConfigError
from spark_pdf.manifest.runs import not_committed
from spark_pdf.manifest.table import open_table, runs
from spark_pdf.store import output_store, resolve
from spark_pdf.store.documents import read_document

if TYPE_CHECKING:
    from pyspark.sql.datasource import Filter
    from pyspark.sql.types import StructType

CONTENT = "content"
_ROWS = 256
_Reference = TypeVar("_Reference")


@dataclass
class Rows(InputPartition):
    """Rows of one run: those of every `of`-th task, from `number` on."""

    run_id: str
    number: int
    of: int


class ManifestReader(DataSourceReader):
    """Rows of a manifest, each run in a few partitions, so that documents are fetched by all executors."""

    def __init__(self, config: Config, schema: StructType, run_id: str | None, parts: int) -> None:
        self._config, self._run_id, self._parts = with_secrets(config), run_id, parts
        self._schema = to_arrow_schema(schema)
        self._run_ids: Collection[str] | None = None
        self._rows: dict[str, Any] = {}

    def partitions(self) -> Sequence[Rows]:
        """Every run, or the one that was asked for."""
        table = open_table(self._config)
        if self._run_id and table.committed(self._run_id) is None:
            raise not_committed(output_store(self._config), table.uri, self._run_id)
        names = [self._run_id] if self._run_id else self._run_ids
        if names is None:
            names = [name for _, name in runs(table)]
        elif self._run_ids is not None:
            names = [name for name in names if name in self._run_ids and table.committed(name) is not None]
        return [Rows(name, number, self._parts) for name in names for number in range(self._parts)] or [Rows("", 0, 1)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """On an executor: rows, with bytes where the schema has `content`."""
        assert isinstance(partition, Rows)
        if not partition.run_id:
            return
        wanted = [name for name in self._schema.names if name != CONTENT]
        asked = list(dict.fromkeys([*wanted, "partition", "uri", "offset", "length"]))
        for batch in open_table(self._config).scan(asked, run_id=partition.run_id, **self._rows):
            tasks = batch["partition"].to_pylist()
            kept = batch.filter(pa.array([task % partition.of == partition.number for task in tasks], pa.bool_()))
            for rows in self._pieces(kept):
                yield self._batch(rows)

    def _pieces(self, rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Slices that a worker can hold: of so many rows, and of so many bytes of documents where they come along."""
        lengths = rows["length"].to_pylist() if CONTENT in self._schema.names else [0] * rows.num_rows
        start = size = 0
        for at, length in enumerate(lengths):
            if at > start and (at - start == _ROWS or size + (length or 0) > BATCH_BYTES):
                yield rows.slice(start, at - start)
                start, size = at, 0
            size += length or 0
        if start < rows.num_rows:
            yield rows.slice(start)

    def _batch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        arrays = []
        for field in self._schema:
            column = pa.array(self._content(rows), pa.binary()) if field.name == CONTENT else rows[field.name]
            arrays.append(column.cast(field.type))
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _content(self, rows: pa.RecordBatch) -> Iterator[bytes | None]:
        places = zip(*(rows[name].to_pylist() for name in ("uri", "offset", "length")), strict=True)
        for uri, offset, length in places:
            yield None if uri is None else read_document(uri, offset, length, self._config.store_options(uri))


class FilteringReader(ManifestReader):
    """Of filters it takes those that the table's scan knows: equality of `run_id`, `document_id` and `status`, and `IN`
    for the first two. Spark applies the others.
    """

    def pushFilters(self, filters: list[Filter]) -> Iterable[Filter]:  # noqa: N802 - Spark's name
        """Take filters; what is left for Spark. All of them hold, so the first of each column is taken."""
        for one in filters:
            column, values = _equal(one)
            if column == "run_id" and self._run_ids is None:
                self._run_ids = values
            elif column == "document_id" and "document_ids" not in self._rows:
                self._rows["document_ids"] = values
            elif column == "status" and "status" not in self._rows and len(values) == 1:
                (self._rows["status"],) = values
            else:
                yield one


def with_secrets(config: Config) -> Config:
    """A config with its references to secrets looked up, for executors: `env:` variables are the driver's.

    One that is not there stays a reference: perhaps it is of a store that this reader does not come to.
    """
    catalog = _looked_up(config.manifest.secret_catalog, resolve_secret)
    manifest = config.manifest.model_copy(
        update={
            "catalog": {**config.manifest.catalog, **catalog},
            "secret_catalog": {k: v for k, v in config.manifest.secret_catalog.items() if k not in catalog},
        }
    )
    stores = {**config.stores, **_looked_up(config.stores, resolve)}
    return config.model_copy(update={"manifest": manifest, "stores": stores})


def _looked_up(references: Mapping[str, _Reference], look_up: Callable[[_Reference], Any]) -> dict[str, Any]:
    found = {}
    for name, reference in references.items():
        with suppress(ConfigError):
            found[name] = look_up(reference)
    return found


def _equal(one: Filter) -> tuple[str, list[str]]:
    """The column and the strings that it may be equal to; no column for any other filter."""
    from pyspark.sql.datasource import EqualTo, In

    if isinstance(one, (EqualTo, In)) and len(one.attribute) == 1:
        values = one.value if isinstance(one, In) else (one.value,)
        if all(isinstance(value, str) for value in values):
            return one.attribute[0], list(dict.fromkeys(values))
    return "", []
