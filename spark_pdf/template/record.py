"""Records: how values from Arrow, Spark and JSON become the plain values that templates see, and a hash of them.

    RecordNormaliser(schema)(row)   from Arrow's `to_pylist` or a Spark Row, by the Arrow schema
    normalise(value)                without a schema
    record_hash(record)             SHA-256 over the typed content, whatever the order of keys

A template sees: dict for structs and maps, list for arrays, Decimal, date, time, datetime (aware in UTC for timestamps
with a zone, naive for those without), str, int, float, bool, bytes, None.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

UTC = timezone.utc
_Converter = Callable[[Any], Any]

_ATOMS = frozenset({str, int, float, bool, type(None), Decimal, date, bytes, time, timedelta})


def normalise(value: Any) -> Any:
    """A plain value of any: Rows and mappings become dicts, tuples lists, NumPy's and pandas' scalars Python's own."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: normalise(item) for key, item in value.items()}
    if kind is list:
        return [normalise(item) for item in value]
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, Mapping):
        return {key: normalise(item) for key, item in value.items()}
    if hasattr(value, "__fields__"):  # pyspark's Row, without importing pyspark
        return {key: normalise(item) for key, item in zip(value.__fields__, value, strict=True)}
    if isinstance(value, (tuple, set, frozenset)):
        return [normalise(item) for item in value]
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    for base in (str, bool, int, float, date, time, timedelta):
        if isinstance(value, base):
            return _rebuilt(value, base)
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        return normalise(value.tolist())
    return value


class RecordNormaliser:
    """Makes rows of one schema into records. What needs no conversion costs nothing: it is settled once, by type."""

    def __init__(self, schema: pa.Schema) -> None:
        converters = ((field.name, _converter(field.type)) for field in schema)
        self._converters = [(name, convert) for name, convert in converters if convert is not None]

    def __call__(self, row: Any) -> dict[str, Any]:
        """The record of a row: a mapping (which is left as it is) or a Spark Row."""
        record = dict(zip(row.__fields__, row, strict=True)) if hasattr(row, "__fields__") else dict(row)
        for name, convert in self._converters:
            value = record.get(name)
            if value is not None:
                record[name] = convert(value)
        return record


def record_hash(record: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a record. Typed: Decimal 1.0, string "1.0" and float 1.0 differ. Key order does not count.

    Built on `ascii`, whose output, unlike `repr`'s, does not follow the Unicode version of the Python that runs.
    """
    return hashlib.sha256(ascii(_canonical(record)).encode("ascii")).hexdigest()


def _canonical(value: Any) -> Any:
    """The same value with sorted keys, and made of types whose notation says what they are."""
    kind = type(value)
    if kind is dict:
        return {k: v if type(v) in _ATOMS else _canonical(v) for k, v in sorted(value.items())}
    if kind is list:
        return [v if type(v) in _ATOMS else _canonical(v) for v in value]
    if kind in _ATOMS:
        return value
    if isinstance(value, datetime):
        # As text with its kind: the notation of a zone differs between zoneinfo, pytz and timezone.utc.
        return ("timestamp", _instant(value).isoformat())
    return _canonical(normalised) if type(normalised := normalise(value)) is not kind else ("other", str(kind))


def _instant(value: datetime) -> datetime:
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return value if type(value) is datetime else _rebuilt(value, datetime)


def _rebuilt(value: Any, base: type) -> Any:
    """A value of a subclass (pandas.Timestamp, NumPy's str_) as its plain base."""
    if base is datetime:
        zone = value.tzinfo and UTC
        parts = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
        return datetime(*parts, tzinfo=zone, fold=value.fold)
    if base is date:
        return date(value.year, value.month, value.day)
    if base is timedelta:
        return timedelta(value.days, value.seconds, value.microseconds)
    if base is time:
        return value.replace()
    return base(value)


def _aware(value: datetime) -> datetime:
    """An instant. Spark hands rows naive timestamps in the worker's own zone; Arrow's are aware."""
    return _instant(value.astimezone(UTC) if value.tzinfo is None else value)


def _converter(kind: pa.DataType) -> _Converter | None:
    """What makes a value of an Arrow type plain; None where it is plain already."""
    # Imported here because it loads Arrow, which rendering a document from JSON does without.
    from pyarrow import types

    if types.is_dictionary(kind):
        return _converter(kind.value_type)
    if types.is_timestamp(kind):
        return _aware if kind.tz else _instant
    if types.is_struct(kind):
        return _struct_converter({field.name: _converter(field.type) for field in kind})
    if types.is_map(kind):
        return _map_converter(_converter(kind.key_type), _converter(kind.item_type))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _list_converter(_converter(kind.value_type))
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return bytes
    if types.is_duration(kind):
        return lambda value: _rebuilt(value, timedelta)
    return None


def _struct_converter(fields: dict[str, _Converter | None]) -> _Converter:
    """A struct as a dict; Spark's are Rows (tuples), Arrow's are dicts already."""
    names = tuple(fields)
    needed = [(name, convert) for name, convert in fields.items() if convert is not None]

    def convert_struct(value: Any) -> dict[str, Any]:
        record = (
            value
            if type(value) is dict
            else dict(zip(names, value, strict=True))
            if isinstance(value, tuple)
            else dict(value)
        )
        if needed:
            record = dict(record)
            for name, convert in needed:
                if record.get(name) is not None:
                    record[name] = convert(record[name])
        return record

    return convert_struct


def _map_converter(key: _Converter | None, item: _Converter | None) -> _Converter:
    """A map as a dict; Arrow's are lists of pairs."""

    def plain(convert: _Converter | None, value: Any) -> Any:
        return value if convert is None or value is None else convert(value)

    def convert_map(value: Any) -> dict[Any, Any]:
        pairs = value.items() if isinstance(value, Mapping) else value
        return {plain(key, k): plain(item, v) for k, v in pairs}

    return convert_map


def _list_converter(item: _Converter | None) -> _Converter | None:
    """A list; of plain elements it is left alone."""
    if item is None:
        return None
    return lambda value: [None if element is None else item(element) for element in value]
