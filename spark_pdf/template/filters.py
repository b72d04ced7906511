"""The filters that print money, numbers, percentages, dates and times in the bundle's locale.

    {{ total | money }}   {{ total | money("CHF") }}   {{ qty | number }}   {{ rate | number(digits=3) }}   {{ tax |
    percent(1) }} {{ due | date }}   {{ due | date("d. MMMM y") }}   {{ sent | datetime("short") }}   {{ sent | time }}

Values are typed: a number is Decimal, int or float (read as its shortest decimal form); a date is a date, a timestamp,
or an ISO 8601 string. Rounding is half-even, as CLDR and Babel do. NULL is an error unless `default` is given. A
timestamp with a zone is shown in the bundle's time zone; one without stays as it is. Messages name the filter, never
the value.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_time
from babel.numbers import is_currency
from jinja2.runtime import Undefined

from spark_pdf.template.date_formats import LENGTHS, DateFormat, compile_date
from spark_pdf.template.number_formats import NumberFormat, compile_number
from spark_pdf.template.remembering import Texts, remembered
from spark_pdf.template.zones import time_zone

MISSING: Any = object()
_REMEMBERED = 4096
_PATTERNS = 32
"""Formats of dates, and of numbers, of which texts are remembered: as many, times the texts of each, are kept."""

_NUMBERS = 256
_LONGEST = 64
"""Characters of a format of which texts are remembered: they are as long as it, or longer."""

_UNREADABLE = (KeyError, ValueError, AttributeError, TypeError)
"""What Babel raises for a pattern that is none."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.]\d{3}(\d{3})?)?)?(Z|[+-]\d{2}:\d{2})?")


class FilterError(Exception):
    """A filter got what it cannot print. The message names filter and type, never data."""


class Filters:
    """The filters of one locale, currency and time zone; what they compile and print, they remember."""

    def __init__(self, locale: str = "en_US", currency: str = "", timezone: str = "UTC") -> None:
        self._locale = Locale.parse(locale)
        self._currency = currency
        self._zone = time_zone(timezone)
        self._numbers: dict[tuple[object, ...], NumberFormat] = {}
        self._dates: dict[str, DateFormat] = {}
        self._moments: dict[tuple[object, ...], str] = {}

    def table(self) -> dict[str, Callable[..., Any]]:
        """Filter functions by the names under which templates use them."""
        return {
            "money": self.money,
            "number": self.number,
            "percent": self.percent,
            "date": self.date,
            "datetime": self.datetime,
            "time": self.time,
        }

    def money(self, value: Any, currency: str | None = None, default: Any = MISSING, format: str | None = None) -> Any:
        """An amount in a currency: the given one, else the bundle's."""
        if value is None:
            return _default("money", default)
        key = ("money", currency, format)
        known = self._numbers.get(key) if type(currency) is str or currency is None else None
        if known is None:
            known = self._money_format(key, currency, format)
        return known(value if type(value) is Decimal and value.is_finite() else _decimal("money", value))

    def number(self, value: Any, format: str | None = None, digits: int | None = None, default: Any = MISSING) -> Any:
        """A number, by the locale's pattern, a CLDR pattern such as "#,##0.00", or with a number of decimals."""
        if value is None:
            return _default("number", default)
        key = ("number", format, digits, type(digits))  # True is 1, but no number of digits
        known = self._numbers.get(key) or self._pattern("number", key, format, digits)
        return known(value if type(value) is Decimal and value.is_finite() else _decimal("number", value))

    def percent(self, value: Any, digits: int = 0, default: Any = MISSING) -> Any:
        """A fraction as percentage: 0.19 is 19 %."""
        if value is None:
            return _default("percent", default)
        key = ("percent", None, digits, type(digits))
        known = self._numbers.get(key) or self._pattern("percent", key, None, digits)
        return known(value if type(value) is Decimal and value.is_finite() else _decimal("percent", value))

    def date(self, value: Any, format: str = "medium", default: Any = MISSING) -> Any:
        """A date: "short", "medium", "long", "full", or a CLDR pattern such as "d. MMMM y"."""
        if value is None:
            return _default("date", default)
        if type(value) is not dt.date:
            value = read_moment("date", value)
            if isinstance(value, dt.datetime):
                value = self._local(value).date()
            elif isinstance(value, dt.time):
                raise FilterError("date: needs a date, got a time of day")
        known = self._dates.get(format)
        try:
            return (known or self._date_format(format))(value)
        except _UNREADABLE:
            raise _no_pattern("date") from None

    def datetime(self, value: Any, format: str = "medium", default: Any = MISSING) -> Any:
        """A timestamp in the bundle's time zone: "short", "medium", "long", "full", or a CLDR pattern."""
        if value is None:
            return _default("datetime", default)
        moment = read_moment("datetime", value)
        if not isinstance(moment, dt.datetime):
            raise FilterError("datetime: needs a timestamp, got a date or a time of day")
        # A pattern may print the zone, so the offset is part of what is remembered.
        local = self._local(moment)
        key = ("datetime", local.replace(tzinfo=None), local.utcoffset(), format)
        zone = self._zone if local.tzinfo else None
        return self._remembered(key, lambda: format_datetime(local, format, zone, self._locale))

    def time(self, value: Any, format: str = "medium", default: Any = MISSING) -> Any:
        """The time of day of a timestamp, in the bundle's time zone, or of a time."""
        if value is None:
            return _default("time", default)
        moment = read_moment("time", value)
        if isinstance(moment, dt.datetime):
            local = self._local(moment)
        elif isinstance(moment, dt.time):
            local = dt.datetime.combine(dt.date(2000, 1, 1), moment)
        else:
            raise FilterError("time: needs a timestamp or a time of day, got a date")
        key = ("time", local.replace(tzinfo=None), local.utcoffset(), format)
        zone = self._zone if local.tzinfo else None
        return self._remembered(key, lambda: format_time(local, format, zone, self._locale))

    def _money_format(self, key: tuple[object, ...], currency: Any, pattern: str | None) -> NumberFormat:
        code = self._currency if currency is None else currency
        if not code:
            raise FilterError('money: no currency; give one, money("EUR"), or set `currency` in template.toml')
        if not isinstance(code, str) or not is_currency(code):
            raise FilterError('money: the currency is none that ISO 4217 has, such as "EUR"')
        return self._compiled(key, pattern or self._locale.currency_formats["standard"], code, None)

    def _pattern(self, name: str, key: tuple[object, ...], pattern: str | None, digits: int | None) -> NumberFormat:
        if digits is not None and (type(digits) is not int or not 0 <= digits <= 30):
            raise FilterError(f"{name}: `digits` is a whole number from 0 to 30")
        usual = self._locale.percent_formats if name == "percent" else self._locale.decimal_formats
        return self._compiled(key, pattern or usual[None], "", digits)

    def _compiled(self, key: tuple[object, ...], pattern: Any, currency: str, digits: int | None) -> NumberFormat:
        if len(self._numbers) >= _REMEMBERED:
            self._numbers.clear()
        try:
            make = compile_number(pattern, self._locale, currency=currency, digits=digits)
        except (ValueError, TypeError, AttributeError, KeyError):
            raise FilterError(f'{key[0]}: the format is not a CLDR pattern such as "#,##0.00"') from None

        if len(self._numbers) < _PATTERNS and (not isinstance(pattern, str) or len(pattern) <= _LONGEST):
            make = remembered(make, _NUMBERS, partial(self._numbers.__setitem__, key, make))
        self._numbers[key] = make
        return make

    def _date_format(self, pattern: str) -> DateFormat:
        make = compile_date(pattern, self._locale)
        if len(pattern) > _LONGEST:
            return make
        if len(self._dates) >= _PATTERNS:
            self._dates.clear()
        self._dates[pattern] = found = Texts(make, _REMEMBERED).__getitem__
        return found

    def _local(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self._zone) if moment.tzinfo else moment

    def _remembered(self, key: tuple[object, ...], make: Callable[[], str]) -> str:
        known = self._moments.get(key)
        if known is None:
            if len(self._moments) >= _REMEMBERED:
                self._moments.clear()
            try:
                known = self._moments[key] = make()
            except _UNREADABLE:
                raise _no_pattern(str(key[0])) from None
        return known


def _no_pattern(name: str) -> FilterError:
    return FilterError(f"{name}: the format is none of {', '.join(LENGTHS)}, nor a CLDR pattern")


def _default(name: str, default: Any) -> Any:
    if default is MISSING:
        raise FilterError(f'{name}: the value is NULL; say what stands there instead: {name}(default="")')
    return default


def _decimal(name: str, value: Any) -> Decimal:
    kind = type(value)
    number: Decimal
    if kind is Decimal:
        number = value
    elif kind is int:
        return Decimal(value)
    elif kind is float:
        number = Decimal(repr(value))
    else:
        raise FilterError(f"{name}: needs a number, got {_described(value)}")
    if not number.is_finite():
        raise FilterError(f"{name}: needs a finite number, got NaN or infinity")
    return number


def read_moment(name: str, value: Any) -> Any:
    """A date, datetime or time; ISO 8601 strings of the forms that every supported Python reads alike."""
    if isinstance(value, (dt.date, dt.time)):
        return value
    if isinstance(value, str):
        try:
            if _DATE.fullmatch(value):
                return dt.date.fromisoformat(value)
            if _DATETIME.fullmatch(value):
                return dt.datetime.fromisoformat(value[:-1] + "+00:00" if value[-1] == "Z" else value)
        except ValueError:
            pass
        raise FilterError(f"{name}: needs a date, got a string that is no ISO 8601 date, such as 2026-01-31")
    raise FilterError(f"{name}: needs a date, got {_described(value)}")


_NAMES: dict[type, str] = {
    bool: "a boolean", str: "a string", int: "a whole number", float: "a number", Decimal: "a number",
    dict: "a struct", list: "a list", bytes: "binary data", dt.datetime: "a timestamp", dt.date: "a date",
    dt.time: "a time",
}  # fmt: skip


def _described(value: Any) -> str:
    """The kind of a value in words; Undefined raises with the field's name instead."""
    if isinstance(value, Undefined):
        str(value)
    return next((name for kind, name in _NAMES.items() if isinstance(value, kind)), "something else")
