"""Record batches on their way into or out of the table: filters, columns, pieces of a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Counted:
    """A stream that counts its rows and keeps what it raised: libraries wrap errors that come from our own streams."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self.rows = 0
        self.finished = False
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches:
                self.rows += batch.num_rows
                yield batch
            self.finished = True
        except GeneratorExit:
            raise
        except BaseException as error:
            self.error = error
            raise


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with exactly the columns of `schema`: cast, in its order, null where the batch has none."""
    import pyarrow as pa

    names = set(batch.schema.names)
    arrays = [
        batch[field.name].cast(field.type) if field.name in names else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type without what an engine made of its layout: views and large variants of strings, binaries and lists."""
    import pyarrow as pa

    if pa.types.is_string_view(kind) or pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_binary_view(kind) or pa.types.is_large_binary(kind):
        return pa.binary()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.field("element", plain_type(kind.value_type), kind.value_field.nullable))
    return kind


def plain_schema(schema: pa.Schema, *, keep_metadata: bool = False) -> pa.Schema:
    """The schema with plain types; without metadata, unless they are to be kept."""
    import pyarrow as pa

    return pa.schema(
        [pa.field(f.name, plain_type(f.type), f.nullable, f.metadata if keep_metadata else None) for f in schema]
    )


def matching(
    batch: pa.RecordBatch,
    *,
    run_id: str | None = None,
    document_ids: Collection[str] | None = None,
    status: str | None = None,
) -> pa.RecordBatch:
    """The rows that match everything given. The columns asked about have to be in the batch."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if run_id is not None:
        batch = batch.filter(pc.equal(batch["run_id"], run_id))
    if status is not None:
        batch = batch.filter(pc.equal(batch["status"], status))
    if document_ids is not None:
        batch = batch.filter(pc.is_in(batch["document_id"], pa.array(sorted(document_ids), pa.string())))
    return batch


def with_filters(
    columns: Sequence[str],
    *,
    run_id: str | None = None,
    document_ids: Collection[str] | None = None,
    status: str | None = None,
) -> list[str]:
    """The columns, and those that `matching` asks about."""
    asked = [("run_id", run_id), ("document_id", document_ids), ("status", status)]
    return list(dict.fromkeys([*columns, *(name for name, value in asked if value is not None)]))


def gathered(batches: Iterable[pa.RecordBatch], least: int = 16_384) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at least so many: a table format does work for each batch."""
    for table in _tables(batches, lambda batch: batch.num_rows, least):
        yield from table.combine_chunks().to_batches()


def chunks(batches: Iterable[pa.RecordBatch], most_bytes: int) -> Iterator[pa.Table]:
    """The rows in tables of about `most_bytes`, so that memory does not grow with their number."""
    return _tables(batches, lambda batch: batch.nbytes, most_bytes)


def _tables(
    batches: Iterable[pa.RecordBatch], size_of: Callable[[pa.RecordBatch], int], enough: int
) -> Iterator[pa.Table]:
    """The rows in tables, each of which ends with the batch that makes it large enough."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += size_of(batch)
        if size >= enough:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)
