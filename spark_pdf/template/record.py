"""Records: how values from Arrow, Spark and JSON become the plain values that templates see, and a hash of them.

    normalise(value)        plain values of Rows, NumPy's and pandas' scalars, aware datetimes in UTC
    record_hash(record)     SHA-256 over the typed content, whatever the order of keys

A template sees: dict for structs and maps, list for arrays, Decimal, date, time, datetime (aware in UTC for timestamps
with a zone, naive for those without), str, int, float, bool, bytes, None.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

UTC = timezone.utc

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
