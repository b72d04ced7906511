"""Rows as records: structs as mappings, arrays as lists, decimals as Decimal, timestamps aware, in UTC.

In: Arrow batches (mapInArrow) or pyspark Rows (RDDs). Out: plain dicts, the same from both. What has to be done to
a row is decided once, from the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Row
    from pyspark.sql.types import DataType, StructType

_SLICE = 256
"""Rows that are Python objects at a time; what remains of a batch stays Arrow, which is several times smaller."""

Convert = Callable[[Any], Any]


def arrow_records(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """The rows of Arrow batches, converted a slice at a time."""
    mend: Convert | None = None
    known = False
    for batch in batches:
        if not known:
            mend, known = _arrow_convert(batch.schema), True
        for start in range(0, batch.num_rows, _SLICE):
            rows = batch.slice(start, _SLICE).to_pylist()
            yield from map(mend, rows) if mend else rows


def _arrow_convert(schema: pa.Schema) -> Convert | None:
    """What `to_pylist` leaves to do: maps come as lists of pairs."""
    return _fields({field.name: _arrow_value(field.type) for field in schema})


def _arrow_value(kind: pa.DataType) -> Convert | None:
    import pyarrow as pa

    if pa.types.is_map(kind):
        return _pairs(_arrow_value(kind.key_type), _arrow_value(kind.item_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _each(_arrow_value(kind.value_type))
    if pa.types.is_struct(kind):
        return _fields({kind.field(i).name: _arrow_value(kind.field(i).type) for i in range(kind.num_fields)})
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return _in_utc  # to_pylist gives a zone object of its own, which prints as another name
    return None


def row_records(rows: Iterable[Row], schema: StructType) -> Iterator[dict[str, Any]]:
    """pyspark Rows of a schema."""
    convert = _row_convert(schema)
    return map(convert, rows)


def _row_convert(schema: StructType) -> Convert:
    names = schema.names
    mends = [
        (name, convert)
        for name, kind in zip(names, schema.fields, strict=True)
        if (convert := _row_value(kind.dataType))
    ]

    def record(row: Row) -> dict[str, Any]:
        values = dict(zip(names, row, strict=True))
        for name, convert in mends:
            if values[name] is not None:
                values[name] = convert(values[name])
        return values

    return record


def _row_value(kind: DataType) -> Convert | None:
    from pyspark.sql.types import ArrayType, BinaryType, MapType, StructType, TimestampType

    if isinstance(kind, StructType):
        return _row_convert(kind)
    if isinstance(kind, ArrayType):
        return _each(_row_value(kind.elementType))
    if isinstance(kind, MapType):
        return _items(_row_value(kind.keyType), _row_value(kind.valueType))
    if isinstance(kind, TimestampType):
        return _in_utc
    if isinstance(kind, BinaryType):
        return bytes  # a bytearray otherwise
    return None


def _in_utc(value: Any) -> Any:
    """An instant in UTC. Spark's Rows hold naive times in the process's zone, with `fold` where that is ambiguous."""
    return value.astimezone(timezone.utc)


def _fields(converts: dict[str, Convert | None]) -> Convert | None:
    mends = [(name, convert) for name, convert in converts.items() if convert]
    if not mends:
        return None

    def mend(value: dict[str, Any]) -> dict[str, Any]:
        for name, convert in mends:
            if value[name] is not None:
                value[name] = convert(value[name])
        return value

    return mend


def _each(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda values: [None if value is None else convert(value) for value in values]


def _pairs(key: Convert | None, item: Convert | None) -> Convert:
    mend_key, mend_item = key or _same, item or _same
    return lambda pairs: {mend_key(k): None if v is None else mend_item(v) for k, v in pairs}


def _items(key: Convert | None, item: Convert | None) -> Convert:
    pairs = _pairs(key, item)
    return lambda mapping: pairs(mapping.items())


def _same(value: Any) -> Any:
    return value
