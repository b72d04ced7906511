"""Records from JSON: text in, a record typed as a bundle declares it out.

JSON has no decimals and no dates: numbers with a fraction become `Decimal`, and strings stay strings unless `[types]`
of template.toml says that the field is a date, a timestamp, a time or a decimal. A path is written `customer.since` or
`lines[].price`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from spark_pdf.errors import BundleError, Place
from spark_pdf.template.filters import FilterError, read_moment


def parse_record(data: bytes, name: str, types: Mapping[str, str]) -> dict[str, Any]:
    """One record from JSON. Raises `BundleError` that names file and field, never the value."""
    try:
        record = json.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise BundleError(f"not valid JSON: {error.msg}", place=Place(name, error.lineno)) from None
    except UnicodeDecodeError:
        raise BundleError("the file is not UTF-8 text", place=Place(name)) from None
    except (RecursionError, ValueError, InvalidOperation):
        text = "a number is too long, or values are nested too deeply"
        raise BundleError(f"not a record that can be read: {text}", place=Place(name)) from None
    if not isinstance(record, dict):
        raise BundleError("a record is a JSON object", place=Place(name))
    for path, kind in types.items():
        _coerce(record, path.replace("[]", ".[]").split("."), kind, path, name)
    return record


def _coerce(holder: Any, parts: list[str], kind: str, path: str, name: str) -> None:
    """Give the field at `parts` below `holder` its type, in place; what is absent or null stays so."""
    head, rest = parts[0], parts[1:]
    if head == "[]":
        keys: list[Any] = list(range(len(holder))) if isinstance(holder, list) else []
    else:
        keys = [head] if isinstance(holder, dict) and head in holder else []
    for key in keys:
        if rest:
            _coerce(holder[key], rest, kind, path, name)
        elif holder[key] is not None:
            holder[key] = _converted(holder[key], kind, path, name)


def _converted(value: Any, kind: str, path: str, name: str) -> Any:
    convert = _CONVERSIONS.get(kind)
    if convert is None:
        return value
    try:
        return convert(value)
    except (ValueError, TypeError, InvalidOperation, FilterError):
        raise BundleError(f"'{path}' is not a {kind}, which template.toml says it is", place=Place(name)) from None


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise TypeError
    return Decimal(value)


def _date(value: Any) -> date:
    moment = read_moment("date", value)
    if isinstance(moment, datetime) or not isinstance(moment, date):
        raise TypeError
    return moment


def _timestamp(value: Any) -> datetime:
    """A timestamp; one with an offset in UTC, as a record has it."""
    moment = read_moment("datetime", value)
    if not isinstance(moment, datetime):
        raise TypeError
    return moment.astimezone(timezone.utc) if moment.tzinfo else moment


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "decimal": _decimal,
    "number": _decimal,
    "integer": _integer,
    "date": _date,
    "timestamp": _timestamp,
    "time": lambda value: time.fromisoformat(value),
}
