"""What pages know: their counters, named strings and running elements, from the first page to the last.

In: page styles, and the marks found on each page. Out: `PageValues`, which content in margin boxes, and in header and
footer rows of tables, asks. CSS Paged Media 3, 6.1; GCPM 3, 1.1 (`string()`) and 1.2 (`element()`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from spark_pdf.layout.fragments import Bookmark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_pdf.layout.css.pages import PageCounts
    from spark_pdf.layout.marks import CounterSteps, Noted, Running, Snapshot

T = TypeVar("T")


class PageValues:
    """The values of one page. `entry_*`: what earlier pages left; the others: what was assigned on this page, in
    order. `fresh`: names whose first assignment is at the very start of the page.

    `total` is the number of pages, 0 while that is not known.
    """

    __slots__ = (
        "counted", "counters", "elements", "entry_elements", "entry_strings", "fresh", "index", "strings", "total",
    )  # fmt: skip

    def __init__(
        self, index: int, counters: dict[str, int], strings: dict[str, str], elements: dict[str, Running],
        counted: Snapshot,
    ) -> None:  # fmt: skip
        self.index = index
        self.total = 0
        self.counters = counters
        self.entry_strings = strings
        self.entry_elements = elements
        self.strings: dict[str, list[str]] = {}
        self.elements: dict[str, list[Running]] = {}
        self.fresh: frozenset[str] = frozenset()
        self.counted = counted

    def string(self, name: str, which: str) -> str:
        """`string()`: "" where nothing was ever assigned."""
        return _chosen(self.entry_strings.get(name), self.strings.get(name, ()), name in self.fresh, which) or ""

    def element(self, name: str, which: str) -> Running | None:
        """`element()`."""
        return _chosen(self.entry_elements.get(name), self.elements.get(name, ()), name in self.fresh, which)

    def counter(self, name: str) -> tuple[int, ...] | None:
        """A counter's values as content on this page sees them; None where the page has no such counter."""
        if name == "pages":
            return (self.total,)
        value = self.counters.get(name)
        return self.counted.get(name) if value is None else (value,)


def _chosen(entry: T | None, assigned: Sequence[T], fresh: bool, which: str) -> T | None:
    if not assigned:
        return entry
    if which == "first-except":
        return None
    if which == "last":
        return assigned[-1]
    return assigned[0] if which == "first" or fresh else entry


class PageGroups:
    """Which page of its page group a page is: a group is all pages of an element with a page name of its own, and what
    is nested in it counts too (GCPM 3, 5.1).
    """

    __slots__ = ("_starts",)

    def __init__(self) -> None:
        self._starts: dict[str, int] = {}

    def enter(self, name: str, number: int, fresh: bool = False) -> None:
        """Pages are named so from page `number` on; `fresh`: another element of this name begins."""
        if fresh or name not in self._starts:
            self._starts[name] = number

    def place(self, name: str, number: int) -> int:
        """The place of page `number` in the group, from 1."""
        return number - self._starts.get(name, number) + 1


class PageLedger:
    """Carries values from page to page."""

    __slots__ = ("_counted", "_counters", "_elements", "_strings")

    def __init__(self) -> None:
        self._counters: dict[str, int] = {"page": 0}
        self._strings: dict[str, str] = {}
        self._elements: dict[str, Running] = {}
        self._counted: Snapshot = {}

    def begin(self, index: int, counts: PageCounts) -> PageValues:
        """A new page: its counters, and what earlier pages left."""
        counters = self._counters
        for name, value in counts.reset:
            counters[name] = value
        for name, value in counts.increment:
            counters[name] = counters.get(name, 0) + value
        for name, value in counts.set:
            counters[name] = value
        return PageValues(index, dict(counters), self._strings, self._elements, self._counted)

    def assign(self, values: PageValues, noted: list[Noted], top: float) -> None:
        """Write down what marks say of this page; `top` is where its first content stands. May be told again, when a
        page is laid out again.
        """
        strings: dict[str, list[str]] = {}
        elements: dict[str, list[Running]] = {}
        fresh: set[str] = set()
        for mark, _, y, _ in noted:
            for name, text in mark.strings:
                if name not in strings and y <= top:
                    fresh.add(name)
                strings.setdefault(name, []).append(text)
            running = mark.running
            if running is not None:
                if running.name not in elements and y <= top:
                    fresh.add(running.name)
                elements.setdefault(running.name, []).append(running)
        values.strings, values.elements, values.fresh = strings, elements, frozenset(fresh)

    def close(self, values: PageValues, noted: list[Noted]) -> None:
        """The page is done: later ones begin with what it leaves."""
        if values.strings:
            self._strings = {**self._strings, **{name: found[-1] for name, found in values.strings.items()}}
        if values.elements:
            self._elements = {**self._elements, **{name: found[-1] for name, found in values.elements.items()}}
        counted: Snapshot = {}
        for mark, _, _, _ in noted:
            if mark.steps:
                self._step(mark.steps)
                values.counters = dict(self._counters)
            counted.update(mark.counted)
        if counted:
            self._counted = {**self._counted, **counted}

    def _step(self, steps: CounterSteps) -> None:
        """What an element does to the counters of its page."""
        counters = self._counters
        for kind, name, value in steps:
            counters[name] = counters.get(name, 0) + value if kind == "increment" else value


def bookmarks(noted: list[Noted]) -> list[Bookmark]:
    """The bookmarks of one page, in document order."""
    return [
        Bookmark(mark.outline.level, mark.outline.label, mark.outline.opened, x, y)
        for mark, x, y, _ in noted
        if mark.outline is not None
    ]
