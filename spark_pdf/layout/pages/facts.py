"""What one layout of a document found out, for text in the flow that depends on pages.

In: the pages of a pass, and what box generation wrote down of targets. Out: answers to the questions that generation
asks (`Question`), in the next pass. CSS Content 3, section 2.6 (`target-counter()` and its kin).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spark_pdf.layout.marks import Noted, PlaceKey, Snapshot
    from spark_pdf.layout.pages.values import PageValues

Question = tuple[Any, ...]
"""("place", order, part, counter); ("string", order, part, name, which); ("target", id, counter); ("text", id, part);
("note", order); ("pages",).
"""


class Target:
    """An element that a `target-*()` asks for: its counters, and its text by part."""

    __slots__ = ("counters", "texts")

    def __init__(self, counters: Snapshot, texts: dict[str, str]) -> None:
        self.counters = counters
        self.texts = texts


class Facts:
    """The facts of one pass. `targets`: by id, of those that were asked for before the pass began."""

    __slots__ = ("anchors", "notes", "pages", "places", "targets")

    def __init__(self) -> None:
        self.targets: dict[str, Target] = {}
        self.anchors: dict[str, int] = {}
        self.places: dict[PlaceKey, int] = {}
        self.notes: dict[int, int] = {}
        self.pages: list[PageValues] = []

    def page(self, values: PageValues, noted: list[Noted], anchors: dict[str, tuple[float, float]]) -> None:
        """Take in one more page."""
        index = len(self.pages)
        self.pages.append(values)
        for name in anchors:
            self.anchors.setdefault(name, index)
        for mark, _, _, _ in noted:
            if mark.place is not None:
                self.places.setdefault(mark.place, index)

    def answer(self, question: Question) -> Any:
        """The answer, or None where there is none (yet)."""
        kind = question[0]
        if kind == "place":
            return self._counters(self.places.get(question[1:3]), question[3])
        if kind == "string":
            index = self.places.get(question[1:3])
            return None if index is None else self.pages[index].string(question[3], question[4])
        if kind == "target":
            name, counter = question[1:]
            found = self._counters(self.anchors.get(name), counter)
            target = self.targets.get(name)
            if found is None and target is not None:
                found = target.counters.get(counter, (0,))
            return found
        if kind == "text":
            target = self.targets.get(question[1])
            return None if target is None else target.texts.get(question[2], "")
        if kind == "note":
            return self.notes.get(question[1])
        return len(self.pages)

    def _counters(self, index: int | None, name: str) -> tuple[int, ...] | None:
        if index is None:
            return None
        if name == "pages":
            return (len(self.pages),)
        value = self.pages[index].counters.get(name)
        return None if value is None else (value,)
