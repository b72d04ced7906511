"""Locale-aware date formats, compiled once: a CLDR pattern in, a function from a date to text out.

For each date Babel makes an object, finds the locale, and looks up each field's names by way of the whole locale. But
a field follows from the year, the month, the day or the weekday alone: what Babel prints for one is remembered, and a
date costs one look-up a field. What Babel prints, this prints: tests compare them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from operator import attrgetter

from babel import Locale
from babel.dates import DateTimeFormat, parse_pattern

DateFormat = Callable[[date], str]

LENGTHS = ("short", "medium", "long", "full")
_FIELD = re.compile(r"%%|%\((\w+)\)s")
_YEAR: Callable[[date], int] = attrgetter("year")
_MONTH: Callable[[date], int] = attrgetter("month")
_DAY: Callable[[date], int] = attrgetter("day")
_PARTS: dict[str, Callable[[date], int]] = {
    **dict.fromkeys("Gyu", _YEAR), **dict.fromkeys("QqML", _MONTH), "d": _DAY, **dict.fromkeys("Eec", date.weekday),
}  # fmt: skip
"""What decides a field, by its letter. Those that are not here (weeks, days of the year) depend on whole dates."""


def compile_date(pattern: str, locale: Locale) -> DateFormat:
    """A function that prints dates by a CLDR pattern, or one of `LENGTHS`.

    Raises what Babel raises for a pattern that cannot be read; the function does so as well.
    """
    parsed = parse_pattern(locale.date_formats[pattern] if pattern in LENGTHS else pattern)
    written = str(parsed.format)  # text, whatever Babel's types say
    names = [name for name in _FIELD.findall(written) if name]
    if any(name[0] not in _PARTS for name in names):
        return lambda value: parsed.apply(value, locale)
    fields: list[tuple[str, Callable[[date], int], dict[int, str]]] = [(name, _PARTS[name[0]], {}) for name in names]
    template = _FIELD.sub(lambda field: "%s" if field[1] else "%%", written)

    def format_date(value: date) -> str:
        texts = []
        for name, part, known in fields:
            decisive = part(value)
            text = known.get(decisive)
            if text is None:
                text = known[decisive] = str(DateTimeFormat(value, locale)[name])
            texts.append(text)
        return template % tuple(texts)

    return format_date
