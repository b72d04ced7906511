"""Texts of values that return, such as tax rates, quantities and days: those of the values that come first are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

_LONGEST = 64
"""Characters of a number that is remembered, as it is written."""


class Texts(dict[date, str]):
    """What `make` says of days, of which at most so many are kept."""

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[date], str], most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, day: date) -> str:
        text = self._make(day)
        if len(self) < self._most:
            self[day] = text
        return text


def remembered(make: Callable[[Decimal], str], most: int, give_up: Callable[[], None]) -> Callable[[Decimal], str]:
    """A function that says what `make` says. Where there are too many values, as with prices, it gives up.

    Values are known by how they are written: to hash a Decimal takes as long as to print it, and 0 is equal to -0.
    """
    texts: dict[str, str] = {}

    def printed(value: Decimal) -> str:
        written = str(value)
        text = texts.get(written)
        if text is None:
            text = make(value)
            if len(written) > _LONGEST:
                return text
            if len(texts) < most:
                texts[written] = text
            else:
                texts.clear()
                give_up()
        return text

    return printed
