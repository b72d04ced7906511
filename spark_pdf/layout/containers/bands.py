"""Flex lines and grid rows over pages: items side by side in bands, one band below the other.

In: bands with their heights, cells (an item, its place across, the bands that it covers), a `Space`, a `BreakToken`.
Out: fragments, and a token before or inside the band that is left. CSS Fragmentation 3; Flexbox 1, 10; Grid 1, 10.

As long as nothing breaks, everything stands as planned. A band that does not fit is broken inside if each of its items
can place something, all of them going on in parallel on the next page; else the break comes before it. A band that goes
on is as high as the rest of its items. Gaps vanish at breaks (Box Alignment 3, 8).
"""

from __future__ import annotations

from typing import NamedTuple

from spark_pdf.layout.boxes import AVOIDS, COLUMN_AVOIDS, FORCED, breaks_of, forced_break
from spark_pdf.layout.containers.items import Item
from spark_pdf.layout.formatting import EPSILON, INFINITE, BreakToken, Space
from spark_pdf.layout.fragments import BoxFragment, Fragment
from spark_pdf.layout.geometry import resolve
from spark_pdf.layout.inline.linestack import relative_offset

DONE = BreakToken(1 << 30)
"""The token of an item whose content has ended while its band goes on."""


class Band:
    """A flex line or a grid row. `before`: the space above it. `fixed`: its height is given, not that of content."""

    __slots__ = ("before", "fixed", "height")

    def __init__(self, before: float, height: float, fixed: bool = False) -> None:
        self.before = before
        self.height = height
        self.fixed = fixed


class Cell:
    """An item's place. `first`, `last`: the bands it covers. `x`: its border box's left edge.

    `space`: what it is laid out in where it does not break. `offset`: from the top of its first band to its border box.
    `height`: its border box's. `fills`: it is as high as its bands leave it, less `above` and `below`, its margins.
    """

    __slots__ = ("above", "below", "fills", "first", "height", "item", "last", "offset", "space", "x")

    def __init__(
        self, item: Item, first: int, last: int, x: float, space: Space, offset: float, height: float, fills: bool,
        above: float, below: float,
    ) -> None:  # fmt: skip
        self.item = item
        self.first = first
        self.last = last
        self.x = x
        self.space = space
        self.offset = offset
        self.height = height
        self.fills = fills
        self.above = above
        self.below = below


class Plan:
    """All bands and cells of a container, and where its baselines lie. `given`: its height, where bands reach beyond
    that.
    """

    __slots__ = ("bands", "baseline", "by_first", "by_last", "cells", "given", "last_baseline")

    def __init__(
        self,
        bands: list[Band],
        cells: list[Cell],
        baseline: float | None = None,
        last_baseline: float | None = None,
        given: float | None = None,
    ) -> None:
        self.bands = bands
        self.cells = cells
        self.baseline = baseline
        self.last_baseline = last_baseline
        self.given = given
        self.by_first: list[list[int]] = [[] for _ in bands]
        self.by_last: list[list[Cell]] = [[] for _ in bands]
        for number, cell in enumerate(cells):
            self.by_first[cell.first].append(number)
            self.by_last[cell.last].append(cell)

    @property
    def height(self) -> float:
        """From the container's content edge to the last band's end."""
        return sum(band.before + band.height for band in self.bands)


class BandRest(NamedTuple):
    """What a token says of the band that it stands before: tokens of the cells that are begun, by number; whether it
    is split, and how much of a fixed height is left.
    """

    cells: dict[int, BreakToken]
    split: bool
    left: float


class _Open:
    """A cell that has begun and not ended: where its border box begins on this page, and its token from before."""

    __slots__ = ("cell", "here", "number", "rest", "resume", "top")

    def __init__(self, number: int, cell: Cell, top: float, resume: BreakToken | None) -> None:
        self.number = number
        self.cell = cell
        self.top = top
        self.resume = resume
        self.rest: BoxFragment | None = None  # all that is left of it, laid out to see how high that is
        self.here: tuple[BoxFragment, BreakToken | None] | None = None  # what this page takes of it


class _Done:
    """A band placed on this page, with what is needed to take it back."""

    __slots__ = ("bottom", "count", "index", "open", "top")

    def __init__(self, index: int, top: float, bottom: float, count: int, opened: list[_Open]) -> None:
        self.index = index
        self.top = top
        self.bottom = bottom
        self.count = count
        self.open = opened


class BandLayout:
    """The work on the bands of one container on one page. `fragments`: what was placed; `bottom`: where it ends."""

    __slots__ = ("avoids", "bottom", "fragments", "limit", "open", "placed", "plan", "resume", "space", "token", "y")

    def __init__(self, plan: Plan, space: Space, resume: BreakToken | None) -> None:
        self.plan = plan
        self.space = space
        self.resume = resume
        self.limit = space.height
        self.avoids = COLUMN_AVOIDS if space.column else AVOIDS
        self.fragments: list[tuple[int, BoxFragment]] = []
        self.placed: list[_Done] = []
        self.open: list[_Open] = []
        self.token: BreakToken | None = None
        self.y = 0.0
        self.bottom = 0.0

    def lay_out(self) -> bool:
        """Place what fits. False: the break belongs before the container."""
        resume = self.resume
        index = start = resume.index if resume is not None else 0
        rest: BandRest | None = resume.inner if resume is not None else None
        if rest is not None:
            for number, token in rest.cells.items():
                self.open.append(_Open(number, self.plan.cells[number], 0.0, token))
        while index < len(self.plan.bands):
            if index > start and self.limit != INFINITE:
                forced = self._forced(index)
                if forced:
                    self._end(index, forced)
                    break
            if not self._band(index, rest):
                if not self._break_before(index, start):
                    return False
                break
            rest = None
            if self.token is not None:
                break
            index += 1
        self.fragments.sort(key=_number)
        return True

    def children(self) -> list[Fragment]:
        """The fragments, in the order of their items."""
        return [fragment for _, fragment in self.fragments]

    def _fresh(self) -> bool:
        return self.space.at_start and not self.placed

    def _top(self, index: int) -> float:
        """Where a band begins: no gap behind a break."""
        if self.resume is not None and not self.placed:
            return self.y
        return self.y + self.plan.bands[index].before

    def _forced(self, index: int) -> str:
        """The break that is forced between two bands: "", or what it asks for."""
        plan = self.plan
        first = second = "auto"
        for cell in plan.by_last[index - 1]:
            value = breaks_of(cell.item.box)[1]
            first = value if value in FORCED or (self.space.column and value == "column") else first
        for number in plan.by_first[index]:
            value = breaks_of(plan.cells[number].item.box)[0]
            second = value if value in FORCED or (self.space.column and value == "column") else second
        return forced_break(first, second) or ("column" if "column" in (first, second) else "")

    def _avoided(self, index: int) -> bool:
        """Whether a break before a band is to be avoided."""
        plan = self.plan
        if any(breaks_of(plan.cells[number].item.box)[0] in self.avoids for number in plan.by_first[index]):
            return True
        return any(breaks_of(cell.item.box)[1] in self.avoids for cell in plan.by_last[index - 1])

    # One band

    def _band(self, index: int, rest: BandRest | None) -> bool:
        """Place a band, whole or in part. False: it does not fit, and the break belongs before it."""
        top = self._top(index)
        band = self.plan.bands[index]
        opened = list(self.open)
        split = rest is not None and rest.split
        going_on = [entry for entry in self.open if entry.resume is not None and entry.cell.last == index]
        if not split:
            for number in self.plan.by_first[index]:
                cell = self.plan.cells[number]
                self.open.append(_Open(number, cell, top + cell.offset, None))
        height = rest.left if split and rest is not None else band.height
        bottom = top + height
        if going_on:
            bottom = max(bottom, INFINITE if self._goes_on(index, going_on) else self._end_of(going_on))
        done = _Done(index, top, bottom, len(self.fragments), opened)
        if self.limit == INFINITE or self._fits(index, bottom):
            self._commit(done)
            return True
        if self._split(done):
            return True
        if self._fresh():
            if bottom == INFINITE:
                done.bottom = max(top + height, self._end_of(going_on))
            for entry in self.open:
                if entry.resume is None and entry.cell.first == index:
                    entry.top = top + entry.cell.offset
            self._commit(done)  # it overflows: nothing of it can be divided
            return True
        self.open = opened
        return False

    def _goes_on(self, index: int, entries: list[_Open]) -> bool:
        """Whether a cell from an earlier page goes on on the next one too, seen from what this page takes of it: a look
        at all that is left, on each page, would cost a cell over many pages the square of their number.

        What the page takes is kept for `_part`: looked at twice, cells within cells would cost twice as much at each
        level.
        """
        if (
            self.limit == INFINITE
            or self.plan.bands[index].fixed
            or not all(entry.cell.item.plain for entry in self.open)
        ):
            return False
        for entry in entries:
            if entry.resume is not DONE:
                part, token = entry.cell.item.part(self._space_of(entry, index, True), entry.resume)
                if part is None:
                    return False
                entry.here = part, token
                if token is not None:
                    return True
        return False

    def _end_of(self, entries: list[_Open]) -> float:
        """Where the rest of cells from an earlier page would end."""
        bottom = 0.0
        for entry in entries:
            if entry.resume is DONE:
                continue
            entry.rest, _ = entry.cell.item.part(self._endless(entry.cell), entry.resume)
            if entry.rest is not None:
                bottom = max(bottom, entry.top + entry.rest.height + entry.cell.below)
        return bottom

    def _endless(self, cell: Cell) -> Space:
        return cell.space._replace(extent=None) if cell.fills else cell.space

    def _fits(self, index: int, bottom: float) -> bool:
        tail = self.space.tail if index == len(self.plan.bands) - 1 else 0.0
        if bottom + tail > self.limit + EPSILON:
            return False
        return not any(entry.cell.item.forces for entry in self.open)

    def _commit(self, done: _Done) -> None:
        """Place the cells that end with a band, now that its height is known."""
        index, bottom = done.index, done.bottom
        going: list[_Open] = []
        for entry in self.open:
            if entry.cell.last > index:
                going.append(entry)
            else:
                self._place(entry, bottom)
        self.open = going
        self.placed.append(done)
        self.y = self.bottom = bottom

    def _place(self, entry: _Open, bottom: float) -> None:
        cell = entry.cell
        if entry.resume is not None:
            if entry.resume is DONE:
                fragment = self._empty(cell)
            else:
                if entry.rest is None:
                    return
                fragment = entry.rest
            if cell.fills:
                fragment.height = max(fragment.height, bottom - entry.top - cell.below)
        else:
            fragment = cell.item.whole(cell.space)
            fragment.height = cell.height
        self._put(entry, fragment)

    def _empty(self, cell: Cell) -> BoxFragment:
        """What is seen of an item whose content has ended while its band goes on: its background and sides."""
        fragment = BoxFragment(cell.item.style, cell.item.box.node, 0.0, 0.0, cell.space.size or 0.0, 0.0)
        fragment.open_top = True
        return fragment

    def _put(self, entry: _Open, fragment: BoxFragment) -> None:
        cell = entry.cell
        fragment.x, fragment.y = cell.x, entry.top
        if cell.item.style.position == "relative":
            dx, dy = relative_offset(cell.item.style, cell.space.width, cell.space.percent_height)
            fragment.x += dx
            fragment.y += dy
        self.fragments.append((entry.number, fragment))

    # Page ends

    def _split(self, done: _Done) -> bool:
        """Place what fits of the cells that are open. False: some of them can place nothing here."""
        fresh = self._fresh()
        parts: list[tuple[_Open, BoxFragment, BreakToken | None]] = []
        lowest = 0.0
        for entry in self.open:
            if entry.resume is DONE:
                fragment, token = self._empty(entry.cell), None
            else:
                found, token = self._part(entry, done, fresh)
                if found is None:
                    return False
                fragment = found
                lowest = max(lowest, entry.top + fragment.height)
            parts.append((entry, fragment, token))
        if all(token is None for _, _, token in parts):
            return self._overhang(done, parts, lowest)
        forced = [token.forced for _, _, token in parts if token is not None and token.forced]
        rest: dict[int, BreakToken] = {}
        bottom = lowest if forced else max(self.limit, lowest)
        for entry, fragment, token in parts:
            self._cut(entry, fragment, token, bottom, rest)
        band = self.plan.bands[done.index]
        left = max(done.bottom - bottom, 0.0) if band.fixed else 0.0
        pages = [token.page for _, _, token in parts if token is not None and token.page is not None]
        self.token = BreakToken(
            done.index, BandRest(rest, True, left), forced[0] if forced else "", page=pages[0] if pages else None
        )
        self.bottom = bottom
        return True

    def _part(self, entry: _Open, done: _Done, fresh: bool) -> tuple[BoxFragment | None, BreakToken | None]:
        """What fits of one cell above the page's end."""
        cell = entry.cell
        begins_here = entry.resume is None and cell.first == done.index
        if begins_here and entry.top + cell.height <= self.limit + EPSILON and not cell.item.forces:
            fragment = cell.item.whole(cell.space)
            fragment.height = cell.height
            return fragment, None
        if begins_here:
            entry.top = done.top + cell.above
        if entry.here is not None:
            return entry.here
        space = self._space_of(entry, done.index, fresh or not begins_here)
        part, token = cell.item.part(space, entry.resume)
        if part is not None and token is None and part.height > space.height + EPSILON and not space.at_start:
            return None, None  # it cannot be divided
        return part, token

    def _space_of(self, entry: _Open, index: int, at_start: bool) -> Space:
        """What is left of the page for a cell in a band that does not fit."""
        tail = entry.cell.below + (self.space.tail if index == len(self.plan.bands) - 1 else 0.0)
        return self._endless(entry.cell)._replace(
            height=self.limit - entry.top, at_start=at_start, tail=tail, column=self.space.column
        )

    def _cut(
        self, entry: _Open, fragment: BoxFragment, token: BreakToken | None, bottom: float, rest: dict[int, BreakToken]
    ) -> None:
        """Place a part of a cell; what has ended goes on, empty, where it fills its bands."""
        cell = entry.cell
        if token is not None:
            rest[entry.number] = token
            if cell.fills:
                fragment.height = max(fragment.height, bottom - entry.top)
        elif cell.fills:
            rest[entry.number] = DONE
            fragment.height = max(fragment.height, bottom - entry.top)
            fragment.open_bottom = True
        self._put(entry, fragment)

    def _overhang(self, done: _Done, parts: list[tuple[_Open, BoxFragment, BreakToken | None]], lowest: float) -> bool:
        """Each cell fits, but not the band: its height is given, or cells are aligned in it."""
        room = self.limit - done.top
        band = self.plan.bands[done.index]
        left = done.bottom - self.limit
        if not self._fresh() or not band.fixed or room <= EPSILON or left <= EPSILON:
            return self._fits_parts(done)
        rest: dict[int, BreakToken] = {}
        for entry, fragment, token in parts:
            self._cut(entry, fragment, token, self.limit, rest)
        self.token = BreakToken(done.index, BandRest(rest, True, left))
        self.bottom = self.limit
        return True

    def _fits_parts(self, done: _Done) -> bool:
        """A band with forced breaks in it that come to nothing here."""
        tail = self.space.tail if done.index == len(self.plan.bands) - 1 else 0.0
        if done.bottom + tail > self.limit + EPSILON:
            return False
        self._commit(done)
        return True

    def _end(self, index: int, forced: str = "") -> None:
        """Break before a band; cells that cover it and its like above are cut."""
        rest: dict[int, BreakToken] = {}
        for entry in self.open:
            cell = entry.cell
            if entry.resume is DONE:
                self._cut(entry, self._empty(cell), None, self.bottom, rest)
                continue
            space = self._endless(cell)._replace(
                height=self.bottom - entry.top, at_start=True, column=self.space.column
            )
            fragment, token = cell.item.part(space, entry.resume)
            if fragment is not None:
                self._cut(entry, fragment, token, self.bottom, rest)
                if token is None and not cell.fills:
                    continue
        self.token = BreakToken(index, BandRest(rest, False, 0.0) if rest else None, forced)

    def _break_before(self, index: int, start: int) -> bool:
        """Break before a band, or before an older one where that is better. False: before the container."""
        at = index
        while at > start and self._avoided(at):
            at -= 1
        if at == start:
            if not self.space.at_start:
                return False
            at = index  # every break is to be avoided, so that wish gives way
        while self.placed and self.placed[-1].index >= at:
            last = self.placed.pop()
            del self.fragments[last.count :]
            self.open = last.open
            self.bottom = self.y = self.placed[-1].bottom if self.placed else 0.0
        self._end(at)
        return True


def _number(entry: tuple[int, BoxFragment]) -> int:
    return entry[0]


def margin(value: object, base: float) -> float:
    """A used margin; auto is 0 here."""
    return 0.0 if type(value) is str else resolve(value, base)
