"""How values look to a template: which attributes they have, and how they are printed.

A struct's or map's attribute is its key and nothing else, so that columns named `items`, `values` or `count` are the
columns. Text, dates and numbers offer methods that depend on their value alone: none asks the clock, the time zone of
the machine or its locale. NULL prints nothing; what would print a memory address, or Python's own notation, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import markupsafe
from jinja2.runtime import Undefined
from markupsafe import Markup, escape

from spark_pdf.template.guards import GuardError
from spark_pdf.template.needs import words

TEXT_ATTRIBUTES = words(
    "capitalize casefold center count endswith expandtabs find format index isalnum isalpha isascii "
    "isdecimal isdigit islower isnumeric isspace istitle isupper join ljust lower lstrip partition "
    "removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines "
    "startswith strip swapcase title unescape striptags upper zfill"
)
DATE_ATTRIBUTES = words("year month day weekday isoweekday isocalendar isoformat toordinal replace")
TIME_ATTRIBUTES = frozenset({"hour", "minute", "second", "microsecond", "isoformat", "replace"})
NUMBER_ATTRIBUTES = frozenset({"is_integer", "as_integer_ratio", "bit_length", "numerator", "denominator", "real"})
LIST_ATTRIBUTES = frozenset({"index", "count"})

_ATTRIBUTES: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (str, TEXT_ATTRIBUTES),
    (datetime, DATE_ATTRIBUTES | TIME_ATTRIBUTES | {"date", "time"}),
    (date, DATE_ATTRIBUTES),
    (time, TIME_ATTRIBUTES),
    (timedelta, frozenset({"days", "seconds", "microseconds", "total_seconds"})),
    ((bool, int, float, Decimal), NUMBER_ATTRIBUTES),
    ((list, tuple), LIST_ATTRIBUTES),
    ((bytes, bytearray), frozenset({"hex"})),
    (UUID, frozenset({"hex"})),
)

PLAIN = frozenset({str, Markup, int, float, bool, Decimal, date, datetime, time, timedelta, UUID})


escaped: Callable[[str], str] = getattr(markupsafe, "_escape_inner", escape)
"""The escaped text of a plain text, which is the same one where there is nothing to escape. Without the wrapping as
Markup, as what is printed is joined to plain text in any case."""

PLAIN_ATTRIBUTES: dict[type, frozenset[str]] = {
    kind: next(names for base, names in _ATTRIBUTES if issubclass(kind, base)) for kind in (*PLAIN, list, tuple)
}
"""What `offered` says of values that are of a type itself, and not of one that is made from it."""


def offered(value: Any) -> frozenset[str] | None:
    """Attributes that a value of a record's type offers to templates; None: it is not of such a type."""
    for kind, names in _ATTRIBUTES:
        if isinstance(value, kind):
            fields = getattr(value, "_fields", None)  # the groups that `groupby` makes
            return names.union(fields) if fields else names
    return None


def printed(value: Any) -> str:
    """What `{{ value }}` writes: `printable`, escaped."""
    kind = type(value)
    if kind is str:
        return escaped(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    if kind in PLAIN:
        return str(value)
    return escape(printable(value))


def printable(value: Any) -> Any:
    """What `{{ value }}` prints; escaping aside."""
    if type(value) in PLAIN or isinstance(value, (str, Undefined)):
        return value
    if value is None:
        return ""
    if hasattr(value, "__html__"):
        return value
    if isinstance(value, Mapping):
        raise GuardError("a struct is printed as a whole; name the field of it that is meant")
    if isinstance(value, (bytes, bytearray)):
        raise GuardError("binary data is printed as text")
    if isinstance(value, (list, tuple)):
        raise GuardError("a list is printed as a whole; loop over it, or join it: | join(', ')")
    raise GuardError("something that is no text, number or date is printed")
