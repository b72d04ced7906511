"""Pages with footnotes: how much height the flow leaves to them (GCPM 3, 2.5 and 2.6).

In: a page's style and where the flow goes on. Out: a `Trial` whose flow and footnotes share the page area. The flow is
laid out first without notes, then in less height by what its notes take; where that moves calls to the next page,
again with what the remaining ones take. Which line a note's call stands on decides: by `footnote-policy` a note that
finds no room waits for the next page (auto), or takes its line, or its whole block, along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import TextItem
from spark_pdf.layout.formatting import EPSILON
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import edges_of
from spark_pdf.layout.pages.area import area_of, origin_of
from spark_pdf.layout.pages.footnotes import NoteArea, NoteRest, lay_notes

if TYPE_CHECKING:
    from spark_pdf.layout.css import PageStyle
    from spark_pdf.layout.formatting import BreakToken
    from spark_pdf.layout.marks import Footnote, Marks, Noted
    from spark_pdf.layout.pages.pages import PageMaker, Trial
    from spark_pdf.layout.pages.values import PageValues
    from spark_pdf.layout.style import Style

_MOST = 0.8
"""The part of a page area that footnotes may take: the flow must go on."""


class Notes:
    """The footnotes of one document, from page to page. `waiting`: those that found no room yet."""

    def __init__(self, maker: PageMaker) -> None:
        self._maker = maker
        self.waiting: list[NoteRest] = []
        self._number = 0

    def page(self, number: int, style: PageStyle, values: PageValues, resume: BreakToken | None) -> Trial:
        """The next page of the flow, with its footnotes."""
        width, height = area_of(style)
        carried = self._area(style, self.waiting, width, _MOST * height)
        page = _PageOfNotes(self, number, style, values, resume)
        less = carried.height
        trial = page.lay(less)
        calls = _calls(trial.noted)
        if calls:
            trial, less = self._shared(page, trial, calls, height)
            calls = _calls(trial.noted)
        room = max(height - _bottom(trial), 0.0) if calls else _MOST * height
        area = self._area(style, [*self.waiting, *map(NoteRest, calls)], width, min(max(room, less), height))
        self._count(style, calls)
        return self._put(trial, area, number, style)

    def alone(self, number: int, style: PageStyle, values: PageValues) -> Trial:
        """A page of footnotes alone."""
        width, height = area_of(style)
        trial = self._maker.trial(number, style, values, None, flows=False)
        return self._put(trial, self._area(style, self.waiting, width, height), number, style)

    def _shared(self, page: _PageOfNotes, trial: Trial, calls: list[Footnote], height: float) -> tuple[Trial, float]:
        """Find what the flow and its notes take of the page, both together at most all of it."""
        need = self._need(page.style, calls)
        second = page.lay(need, trial)
        remaining = _calls(second.noted)
        if remaining == calls:
            return second, need
        need = self._need(page.style, remaining)
        third = page.lay(need, second)
        again = _calls(third.noted)
        if len(again) > len(remaining):
            third, remaining, again = self._filled(page, third, len(remaining), again)
            need = self._need(page.style, remaining)
        if again == remaining:
            return third, need
        lost = next(noted for noted in third.noted if noted.mark.footnote and noted.mark.footnote not in remaining)
        assert lost.mark.footnote is not None
        policy = lost.mark.footnote.policy
        top = origin_of(page.style)[1]
        if policy == "block" and third.fragment is not None:
            start = _block_top(third.fragment, lost, self._maker.generator.paged.marks, 0.0)
            if start is not None and start > EPSILON:
                return self._cut(page, third, start, height)
        if policy in ("line", "block"):
            fourth, need = self._cut(page, third, lost.y - top + lost.height / 2, height)
            if lost.mark.footnote not in _calls(fourth.noted):
                return fourth, need
            third = fourth
        return third, need

    def _filled(
        self, page: _PageOfNotes, trial: Trial, least: int, calls: list[Footnote]
    ) -> tuple[Trial, list[Footnote], list[Footnote]]:
        """Room for a few notes lets many more calls in: the most notes whose calls are on the page with them. Returns
        them between the page and all of its calls.
        """
        low, high = least, len(calls)
        laid, again = low, calls
        while low < high:
            laid = (low + high + 1) // 2
            trial = page.lay(self._need(page.style, calls[:laid]), trial)
            again = _calls(trial.noted)
            low, high = (laid, high) if len(again) >= laid else (low, laid - 1)
        if laid != low:
            trial = page.lay(self._need(page.style, calls[:low]), trial)
            again = _calls(trial.noted)
        return trial, calls[:low], again

    def _cut(self, page: _PageOfNotes, trial: Trial, at: float, height: float) -> tuple[Trial, float]:
        """End the flow above `at`."""
        found = page.lay(height - at, trial)
        return found, height - at

    def _need(self, style: PageStyle, calls: list[Footnote]) -> float:
        width, height = area_of(style)
        return self._area(style, [*self.waiting, *map(NoteRest, calls)], width, _MOST * height).height

    def _area(self, style: PageStyle, notes: list[NoteRest], width: float, room: float) -> NoteArea:
        return lay_notes(style.footnote, notes, width, room, self._separator, must=bool(self.waiting))

    def _separator(self, style: Style) -> list[Any]:
        generator = self._maker.generator
        pieces = generator.pieces(" ", style, self._maker.language, False)
        return [] if pieces is None else [TextItem(style, None, None, pieces, (), "")]

    def _count(self, style: PageStyle, calls: list[Footnote]) -> None:
        """The numbers of this page's notes, where each page begins anew."""
        paged = self._maker.generator.paged
        if not paged.notes_by_page:
            return
        self._number = dict((*style.counts.reset, *style.counts.set)).get("footnote", self._number)
        for note in calls:
            self._number += 1
            paged.found.notes[note.order] = self._number

    def _put(self, trial: Trial, area: NoteArea, number: int, style: PageStyle) -> Trial:
        """Place the area at the foot of the page area."""
        self.waiting = area.rest
        if area.fragment is None:
            return trial
        fragment = area.fragment
        width, height = area_of(style)
        fragment.y = height - area.height + edges_of(style.footnote, width).margin_top
        self._maker.add(trial, fragment, number, style)
        return trial


class _PageOfNotes:
    """One page on trial."""

    __slots__ = ("_notes", "number", "resume", "style", "values")

    def __init__(
        self, notes: Notes, number: int, style: PageStyle, values: PageValues, resume: BreakToken | None
    ) -> None:
        self._notes = notes
        self.number = number
        self.style = style
        self.values = values
        self.resume = resume

    def lay(self, less: float, before: Trial | None = None) -> Trial:
        """Lay out the flow in `less` height; in place of an earlier trial."""
        maker = self._notes._maker
        if before is not None:
            maker.discard(before)
        return maker.settled(self.number, self.style, self.values, self.resume, less)


def _calls(noted: list[Noted]) -> list[Footnote]:
    return [found.mark.footnote for found in noted if found.mark.footnote is not None]


def _bottom(trial: Trial) -> float:
    """Where the flow ends, in the page area."""
    fragment = trial.fragment
    return 0.0 if fragment is None else fragment.y + fragment.height


def _block_top(fragment: BoxFragment, lost: Noted, marks: Marks, y: float) -> float | None:
    """The top of the innermost block that holds a call."""
    y += fragment.y
    for child in fragment.children:
        if isinstance(child, BoxFragment):
            node = child.node
            if node is not None and any(mark is lost.mark for mark in marks.get(node, ())):
                return y
            found = _block_top(child, lost, marks, y)
            if found is not None:
                return found
    return None
