"""Texts of values that return, such as tax rates, quantities and days: the values that come first are remembered.

Where more come than are worth it, as with prices, nothing is remembered any more: looking in vain costs, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Printer = Callable[[Any], str]


class Texts(dict[Any, str]):
    """What `make` says of values. It puts itself into a table as its function, and `make` in its place once there are
    more than `most` of them.

    Values that are equal have to have equal texts, apart from 0, which is equal to -0.
    """

    __slots__ = ("_key", "_make", "_most", "_table")

    def __init__(self, table: dict[Any, Printer], key: Any, make: Printer, most: int) -> None:
        super().__init__()
        self._table = table
        self._key = key
        self._make = make
        self._most = most
        table[key] = self.__getitem__

    def __missing__(self, value: Any) -> str:
        text = self._make(value)
        if not value:
            return text
        if len(self) < self._most:
            self[value] = text
        else:
            self.clear()
            self._table[self._key] = self._make
        return text
