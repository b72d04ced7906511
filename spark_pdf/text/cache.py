"""What a worker remembers of text: dictionaries that make what they lack, bounded together by bytes.

A `Remembered` is a dictionary whose missing entries are made by a function, so a hit is one look-up in C. All that
share a `Budget` have two generations: entries are made in, or moved to, the young one; when the young ones fill half
of the budget, they become the old ones, and the old ones are forgotten. So what is in use stays, as in an LRU,
without bookkeeping at each hit.

What is met for the first time is not kept: most texts of a document (amounts, names, numbers) come once and never
again, and would push out what is shared, fill memory, and give Python's collector more to walk through (a third of a
statement's time). `Doorkeeper` remembers by their hashes which texts were met (Einziger and others, "TinyLFU", 2017,
section 3.4.2).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from spark_pdf.text.doorkeeper import Doorkeeper

V = TypeVar("V")


class Budget:
    """Bytes that several caches may take together."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.young = 0
        self.met = Doorkeeper()
        self._caches: list[weakref.ref[Remembered[object]]] = []

    def join(self, cache: Remembered[V]) -> None:
        """Let a cache take part, as long as somebody else holds it."""
        self._caches = [ref for ref in self._caches if ref() is not None]
        self._caches.append(weakref.ref(cache))  # type: ignore[arg-type]

    def charge(self, cost: int) -> None:
        """Count an entry of a young generation, and age all caches when these are full."""
        self.young += cost
        if self.young > self.size // 2:
            self.young = 0
            for ref in self._caches:
                cache = ref()
                if cache is not None:
                    cache.age()


class Remembered(dict[str, V], Generic[V]):
    """`remembered[text]` is `make(text)`, made once while it is remembered. `cost(text)` estimates an entry's bytes."""

    __slots__ = ("__weakref__", "_budget", "_cost", "_make", "_old")

    def __init__(self, budget: Budget, cost: Callable[[str], int], make: Callable[[str], V]) -> None:
        super().__init__()
        self._budget = budget
        self._cost = cost
        self._make = make
        self._old: dict[str, V] = {}
        budget.join(self)

    def __missing__(self, text: str) -> V:
        if text in self._old:
            value = self._old[text]
        else:
            value = self._make(text)
            if not self._budget.met.knows(text):
                return value
        self[text] = value
        self._budget.charge(self._cost(text))
        return value

    def age(self) -> None:
        """The young generation becomes the old one, and the old one is forgotten."""
        self._old = dict(self)
        self.clear()
