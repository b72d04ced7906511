"""Table layout: rows one below the other, over as many pages as it takes, header and footer on each.

In: a `TableBox`, a `Space`, a `BreakToken`. Out: its fragment, and a token before or inside the first row that is
left. CSS 2.2, chapter 17; CSS Fragmentation 3; CSS Tables 3, section 6 (fragmentation).

A row that avoids breaks is kept whole, unless it alone is taller than what a page has. Otherwise each of its cells
breaks off with a token of its own. Cells that span rows break with the rows that they span. The cells of a row stand
right in the table's fragment, behind the backgrounds of columns, row groups and rows, which fragments without borders
paint.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import NamedTuple

from spark_pdf.layout.boxes import (
    AVOIDS,
    FORCED,
    BlockBox,
    CellBox,
    GroupBox,
    RowBox,
    TableBox,
    anonymous,
    forced_break,
    forces_within,
    paints_background,
)  # fmt: skip
from spark_pdf.layout.formatting import (
    BEFORE,
    EPSILON,
    INFINITE,
    BreakToken,
    Laid,
    Space,
    content_sizes,
    layout,
    register,
)
from spark_pdf.layout.fragments import BoxFragment, Fragment
from spark_pdf.layout.geometry import NO_MARGIN, aligned, clamped_height, edges_of, join, specified_height
from spark_pdf.layout.sizing.endings import cell_ends_with_content
from spark_pdf.layout.table.cells import DONE, CellLayout, is_hidden, lay_cell, leave_open, place_cell, shared_baseline
from spark_pdf.layout.table.columns import column_widths, table_edges, table_sizes
from spark_pdf.layout.table.grid import grid_of
from spark_pdf.layout.table.heights import shares
from spark_pdf.layout.table.paint import (
    bare,
    cell_grounds,
    column_backgrounds,
    edge_fragments,
    group_spans,
    layered,
    mark_repeated,
)


class RowRest(NamedTuple):
    """What a token says of the row that it stands before: tokens of cells that are begun, by cell; whether it is
    split. `row`: that row then, which might be made anew (`Grid.body`).
    """

    cells: dict[CellBox, BreakToken]
    split: bool
    row: RowBox | None = None


class _Span:
    """A cell over several rows that has begun and not ended: where it began on this page."""

    __slots__ = ("cell", "height", "resume", "y")

    def __init__(self, cell: CellBox, y: float, resume: BreakToken | None, height: float) -> None:
        self.cell = cell
        self.y = y
        self.resume = resume
        self.height = height


class _Row:
    """A row placed on this page, with what is needed to take it back. `spans`: the spanning cells open before it."""

    __slots__ = ("bottom", "cells", "count", "grounds", "index", "row", "spans", "y")

    def __init__(
        self, index: int, row: RowBox, y: float, bottom: float, cells: int, grounds: int, spans: list[_Span]
    ) -> None:
        self.index = index
        self.row = row
        self.y = y
        self.bottom = bottom
        self.count = cells
        self.grounds = grounds
        self.spans = spans


def layout_table(box: TableBox, space: Space, resume: BreakToken | None = None) -> Laid:
    """Lay out a table with its captions: as much as fits."""
    edges = table_edges(box, space.width)
    widths, width = column_widths(box, space.width, space.size)
    for caption in box.captions:
        width = max(width, content_sizes(caption)[0]) if not widths else width
    x = aligned(box.style, edges, space.width, width)
    if not box.captions:
        fragment, token = _Table(box, space, resume, widths, width).lay_out()
        if fragment is not None:
            fragment.x = x
            fragment.margin_after = join(NO_MARGIN, edges.margin_bottom)
        return fragment, token
    return _with_captions(box, space, resume, widths, width, x)


def _with_captions(
    box: TableBox, space: Space, resume: BreakToken | None, widths: list[float], width: float, x: float
) -> Laid:
    """The table wrapper box: captions above and below (CSS 2.2, 17.4). Captions themselves do not break."""
    wrapper = BoxFragment(anonymous(box.style, "block"), None, x, 0.0, width, 0.0)
    wrapper.open_top = resume is not None
    y = 0.0
    above = [c for c in box.captions if c.style.caption_side != "bottom"] if resume is None else []
    below = [c for c in box.captions if c.style.caption_side == "bottom"]
    laid_below = [_caption(c, width) for c in below]
    tail = sum(fragment.y + fragment.height + sum(fragment.margin_after) for fragment in laid_below)
    for caption in above:
        fragment = _caption(caption, width)
        fragment.y += y
        y = fragment.y + fragment.height + sum(fragment.margin_after)
        wrapper.children.append(fragment)
    extent = None if space.extent is None else max(space.extent - y - tail, 0.0)
    inner = space._replace(height=space.height - y, tail=space.tail + tail, extent=extent)
    table, token = _Table(box, inner, resume, widths, width).lay_out()
    if table is None:
        return None, BEFORE
    table.y = y
    wrapper.baseline = None if table.baseline is None else y + table.baseline
    wrapper.last_baseline = wrapper.baseline
    wrapper.children.append(table)
    y += table.height
    if token is None:
        for fragment in laid_below:
            fragment.y += y
            y = fragment.y + fragment.height + sum(fragment.margin_after)
            wrapper.children.append(fragment)
    wrapper.height = y
    wrapper.open_bottom = token is not None
    wrapper.margin_after = join(NO_MARGIN, table_edges(box, space.width).margin_bottom)
    return wrapper, token


def _caption(caption: BlockBox, width: float) -> BoxFragment:
    """A caption laid out below `y` 0, its top margin above it."""
    fragment, _ = layout(caption, Space(width))
    assert fragment is not None  # nothing ends the space, so all of the box fits
    fragment.y = edges_of(caption.style, width).margin_top
    return fragment


def _top_of(row: _Row) -> float:
    return row.y


def _rows_of(group: GroupBox | None, rows: list[RowBox]) -> list[RowBox]:
    """The rows of a header or footer as this page has them."""
    return rows if group is None or group.live is None else group.live.rows(rows)


class _Table:
    """The work on the rows of one table on one page."""

    __slots__ = (
        "box", "cells", "collapse", "columns", "edges", "foot", "fragment", "gap", "grid", "grounds",
        "limit", "offsets", "placed", "rest", "resume", "space", "spans", "style", "token", "widths", "y",
    )  # fmt: skip

    def __init__(
        self, box: TableBox, space: Space, resume: BreakToken | None, widths: list[float], width: float
    ) -> None:
        self.box = box
        self.space = space
        self.resume = resume
        self.style = box.style
        self.grid = grid = grid_of(box)
        self.edges = edges = table_edges(box, space.width)
        self.widths = widths
        self.fragment = BoxFragment(box.style, box.node, 0.0, 0.0, width, 0.0)
        self.fragment.link = box.link
        self.fragment.open_top = resume is not None
        self.fragment.borders = not grid.collapse
        self.gap = grid.spacing[1]
        self.limit = space.height
        self.offsets = self._offsets(edges.left, grid.spacing[0])
        self.grounds: list[Fragment] = []
        self.cells: list[Fragment] = []
        self.placed: list[_Row] = []
        self.spans: list[_Span] = []
        self.token: BreakToken | None = None
        self.rest: RowRest | None = resume.inner if resume is not None else None
        self.y = 0.0
        self.foot = 0.0

    def _offsets(self, left: float, gap: float) -> list[float]:
        """Left edge of each column, from the table's border edge, and one behind the last."""
        offsets = []
        x = left + gap
        for width in self.widths:
            offsets.append(x)
            x += width + gap
        offsets.append(x)
        return offsets

    def lay_out(self) -> Laid:
        grid, space, resume = self.grid, self.space, self.resume
        bodies = grid.bodies
        if not space.at_start and self.style.break_inside in AVOIDS and self.limit != INFINITE:
            endless = space._replace(height=INFINITE, tail=0.0)
            whole, _ = _Table(self.box, endless, resume, self.widths, self.fragment.width).lay_out()
            if whole is not None and whole.height + space.tail <= self.limit + EPSILON:
                return whole, None
            return None, BEFORE
        # A border at the top belongs to the first fragment alone; collapsed ones to every row that begins.
        begins = grid.collapse and (self.rest is None or not self.rest.split or grid.header)
        self.y = self.edges.top if resume is None or begins else 0.0
        if grid.rows and resume is None:
            self.y += self.gap
        header, footer = _rows_of(self.box.header, grid.header), _rows_of(self.box.footer, grid.footer)
        self.foot = footer_height = self._height_of(footer)
        # Further down on a page the room that is left says nothing: a table that does not fit begins on the next one.
        alone = not (resume is not None or footer_height)
        repeats = alone or not space.at_start or not self._too_high(header, footer_height)
        if not repeats:
            # They leave too little of a page: the header stands on the first page only, the footer on the last.
            header, self.foot = (header if resume is None else []), 0.0
        self._band(header, resume is not None)
        if not space.at_start and self.y > self.limit + EPSILON:
            return None, BEFORE
        self._reopen()
        index = start = resume.index if resume is not None else 0
        while index < len(bodies):
            if index > start and self.limit != INFINITE:
                forced = self._forced(bodies[index - 1], bodies[index])
                if forced:
                    self.token = BreakToken(index, self._rest(self.y), forced)
                    break
            if not self._row(index):
                if not self._break_before(index):
                    return None, BEFORE
                break
            if self.token is not None:
                break
            index += 1
        if self.token is None or repeats:
            self._band(footer, self.token is not None)
        return self._finish()

    def _finish(self) -> Laid:
        fragment, grid = self.fragment, self.grid
        bottom = self.edges.bottom if self.token is None or grid.collapse else 0.0
        height = self.y + bottom
        height_min = self.space.extent
        if height_min is None:
            wanted = specified_height(self.style, self.edges, self.space.percent_height)
            height_min = clamped_height(self.style, wanted or 0.0, self.edges, self.space.percent_height)
        if self.token is None and self.resume is None and height_min > height:
            self._stretch(height_min - height, height_min - self.edges.top - self.edges.bottom)
            height = height_min
        fragment.height = height
        fragment.open_bottom = self.token is not None
        spans = group_spans(self)
        if grid.parted and self._has_grounds():
            fragment.children = [*cell_grounds(self), *bare([*self._group_grounds(spans), *self.grounds]), *self.cells]
        else:
            columns = column_backgrounds(self, height)
            fragment.children = [*columns, *self._group_grounds(spans), *self.grounds, *self.cells]
        fragment.children = layered(self, fragment.children, spans)
        if grid.collapse and grid.columns:
            fragment.children += edge_fragments(self)
        return fragment, self.token

    def _has_grounds(self) -> bool:
        """Whether anything may be painted between the table's own background and the cells."""
        box = self.box
        if self.grounds or box.columns:
            return True
        groups = (box.header, *box.groups, box.footer)
        return any(group is not None and paints_background(group.style) for group in groups)

    def _group_grounds(self, spans: dict[GroupBox, tuple[float, float]]) -> list[Fragment]:
        """Backgrounds of row groups, over the rows of theirs on this page."""
        found: list[Fragment] = []
        for group, (top, bottom) in spans.items():
            if paints_background(group.style) or group.marked or (group.node is not None and group.node.id):
                found.append(self.ground(group.style, group.node, top, bottom))
        return found

    def ground(self, style: object, node: object, top: float, bottom: float) -> BoxFragment:
        """A box behind the columns, between two edges."""
        gap = self.grid.spacing[0]
        left, right = self.offsets[0], self.offsets[-1] - gap
        ground = BoxFragment(style, node, left, top, right - left, bottom - top)  # type: ignore[arg-type]
        ground.borders = False
        return ground

    def _stretch(self, extra: float, height: float) -> None:
        """A table of a given height is higher than its rows, which share the difference."""
        rows = sorted(self.placed, key=_top_of)
        if not rows:
            return
        given = shares([(row.row, row.bottom - row.y) for row in rows], extra, height)
        moved = [0.0, *accumulate(given)]
        starts = [row.y for row in rows]
        for fragment in [*self.cells, *self.grounds]:
            first = bisect_left(starts, fragment.y - EPSILON)
            end = fragment.y + fragment.height - EPSILON  # type: ignore[union-attr]
            behind = bisect_left(starts, end)
            fragment.y += moved[first]
            if isinstance(fragment, BoxFragment):
                place_cell(fragment, fragment.height + moved[behind] - moved[first], None)
        for number, row in enumerate(rows):
            row.y += moved[number]
            row.bottom += moved[number + 1]

    # Header and footer

    def _height_of(self, rows: list[RowBox]) -> float:
        if not rows:
            return 0.0
        y, self.y = self.y, 0.0
        kept = self.cells, self.grounds, self.placed, self.spans
        self.cells, self.grounds, self.placed, self.spans = [], [], [], []
        self._band(rows, False)
        height, self.y = self.y, y
        self.cells, self.grounds, self.placed, self.spans = kept
        return height

    def _too_high(self, header: list[RowBox], footer_height: float) -> bool:
        """Whether header and footer leave too little of a page for rows, and are therefore not repeated."""
        return self._height_of(header) + footer_height > self.limit * 0.75

    def _band(self, rows: list[RowBox], repeated: bool) -> None:
        """Place header or footer rows, which never break."""
        for offset, row in enumerate(rows):
            first = len(self.cells)
            self._whole(offset, row, offset == len(rows) - 1)
            if repeated:
                for fragment in self.cells[first:]:
                    mark_repeated(fragment)

    # Rows

    def _whole(self, index: int, row: RowBox, last: bool) -> None:
        laid = self._lay_row(row)
        height = self._row_height(row, laid)
        self._commit(index, row, laid, height, last)

    def _cell_width(self, cell: CellBox) -> float:
        column = cell.column
        if cell.colspan == 1:
            return self.widths[column]
        end = min(column + cell.colspan, len(self.widths))
        return self.offsets[end] - self.grid.spacing[0] - self.offsets[column]

    def _lay_row(self, row: RowBox) -> list[CellLayout]:
        inside = self.fragment.width
        return [lay_cell(cell, self._cell_width(cell), inside, self._token_of(cell)) for cell in row.cells]

    def _token_of(self, cell: CellBox) -> BreakToken | None:
        return self.rest.cells.get(cell) if self.rest is not None else None

    def _row_height(self, row: RowBox, laid: list[CellLayout]) -> float:
        """CSS 2.2, 17.5.3: the highest cell, baselines aligned; the row's and cells' own heights are minima."""
        height = above = below = 0.0
        wanted = row.style.height
        if type(wanted) is float:
            height = wanted
        split = self.rest is not None and self.rest.split
        if split:
            height = 0.0
        for cell_layout in laid:
            cell = cell_layout.cell
            if cell.rowspan > 1:
                continue
            natural = cell_layout.height
            if natural > height:
                height = natural
            if cell_layout.baseline is not None:
                if cell_layout.baseline > above:
                    above = cell_layout.baseline
                if natural - cell_layout.baseline > below:
                    below = natural - cell_layout.baseline
        height = max(height, above + below)
        end = laid[0].cell.row if laid else None
        for span in self.spans:
            if span.cell.row + span.cell.rowspan - 1 == self._row_number(row, end):
                height = max(height, span.height - (self.y - span.y))
        return height

    def _row_number(self, row: RowBox, known: int | None) -> int:
        if known is not None:
            return known
        return self.grid.rows.index(row)

    def _row(self, index: int) -> bool:
        """Place a body row, whole or in part. False: it does not fit, and the break belongs before it."""
        rest = self.rest
        row = rest.row if rest is not None and rest.row is not None else self.grid.body(index)
        if self.rest is not None and self.rest.split and self._goes_on(index, row):
            return True
        laid = self._lay_row(row)
        height = self._row_height(row, laid)
        limit = self.limit
        if limit != INFINITE:
            last = index == len(self.grid.bodies) - 1
            room = limit - self.foot - self.y - (self.space.tail + self.edges.bottom + self.gap if last else 0.0)
            forced = forces_within(row)
            if height > room + EPSILON or forced:
                fresh = not self.placed_bodies()
                avoids = row.style.break_inside in AVOIDS or row.group.style.break_inside in AVOIDS
                if not avoids or forced or (fresh and self.space.at_start):
                    split = self._split(index, row, room, fresh and self.space.at_start)
                    if split is not None:
                        return split
                if height > room + EPSILON and not (fresh and self.space.at_start):
                    return False
        if self.rest is not None:
            self.rest = None
        self._commit(index, row, laid, height, index == len(self.grid.bodies) - 1 and not self.grid.footer)
        return True

    def _goes_on(self, index: int, row: RowBox) -> bool:
        """Place what fits of a row from an earlier page, if it goes on on the next one too (`sizing/endings.py`)."""
        if self.limit == INFINITE or not self.space.at_start or self.placed_bodies() or self.spans:
            return False
        last = index == len(self.grid.bodies) - 1
        room = self.limit - self.foot - self.y - (self.space.tail + self.edges.bottom + self.gap if last else 0.0)
        return all(map(cell_ends_with_content, row.cells)) and self._split(index, row, room, True) is True

    def placed_bodies(self) -> bool:
        """Whether a body row stands on this page already."""
        return any(row.row.group.kind == "table-row-group" for row in self.placed)

    def _split(self, index: int, row: RowBox, room: float, must: bool) -> bool | None:
        """Place what fits of a row, and leave a token for the rest. None: nothing of it may be divided."""
        laid: list[CellLayout] = []
        rest: dict[CellBox, BreakToken] = {}
        for cell in row.cells:
            part = lay_cell(cell, self._cell_width(cell), self.fragment.width, self._token_of(cell), room, must)
            if part.token is not None:
                rest[cell] = part.token
            laid.append(part)
        progress = any(part.height > 0 and part.token is not BEFORE for part in laid)
        if not progress or not rest:
            return None
        if not must and any(token is BEFORE for token in rest.values()):
            return None
        forced = next((token for token in rest.values() if token.forced), None)
        height = min(max([part.height for part in laid if part.cell.rowspan == 1], default=room), max(room, 0.0))
        if forced is not None:
            height = max(room, 0.0)  # a box that goes on fills what is left of the page (CSS Fragmentation 3, 5.1)
        if must:
            height = max(height, max([part.height for part in laid], default=0.0))
        for part in laid:
            rest.setdefault(part.cell, DONE)
            leave_open(part)
        for span in self.spans:
            rest[span.cell] = self._cut_span(span, self.y + height)
        self.rest = None
        self.spans = []
        self._commit(index, row, laid, height, True, split=True)
        self.spans = []
        self.token = BreakToken(index, RowRest(rest, True, row))
        if forced is not None:
            self.token.forced, self.token.page = forced.forced, forced.page
        return True

    def _commit(
        self, index: int, row: RowBox, laid: list[CellLayout], height: float, last: bool, split: bool = False
    ) -> None:
        """Place a row's cells at `y`, now that its height is known."""
        y = self.y
        bottom = y + height
        self.placed.append(_Row(index, row, y, bottom, len(self.cells), len(self.grounds), list(self.spans)))
        if paints_background(row.style) or row.marked or (row.node is not None and row.node.id):
            self._row_grounds(row, laid, y, height)
        shared = shared_baseline(laid)
        if shared is not None and self.fragment.baseline is None:
            self.fragment.baseline = y + shared
        number = laid[0].cell.row if laid else -1
        for part in laid:
            cell = part.cell
            if cell.rowspan > 1 and not split:
                self.spans.append(_Span(cell, y, part.resume, part.height))
                continue
            self._put(part, y, height, shared)
        if self.spans and not split:
            number = self._row_number(row, number if number >= 0 else None)
            self._end_spans(number, bottom)
        self.y = bottom + self.gap

    def _put(self, part: CellLayout, y: float, height: float, shared: float | None) -> None:
        fragment = part.fragment
        if fragment is None or is_hidden(part.cell) or (self.grid.hidden and part.cell.column in self.grid.hidden):
            return
        fragment.x = self.offsets[part.cell.column]
        fragment.y += y
        place_cell(fragment, height, shared, part)
        self.cells.append(fragment)

    def _end_spans(self, number: int, bottom: float) -> None:
        """Place the spanning cells that end with this row."""
        open_: list[_Span] = []
        for span in self.spans:
            cell = span.cell
            if cell.row + cell.rowspan - 1 > number:
                open_.append(span)
                continue
            part = lay_cell(cell, self._cell_width(cell), self.fragment.width, span.resume)
            self._put(part, span.y, bottom - span.y, part.baseline)
        self.spans = open_

    def _row_grounds(self, row: RowBox, laid: list[CellLayout], y: float, height: float) -> None:
        """A row's background (CSS 2.2, 17.5.1). Where cells stand apart, theirs are made last: see `cell_grounds`."""
        self.grounds.append(self.ground(row.style, row.node, y, y + height))

    # Page ends

    def _forced(self, before: RowBox, after: RowBox) -> str:
        first, second = before.style.break_after, after.style.break_before
        if before.group is not after.group:
            if first not in FORCED:
                first = before.group.style.break_after
            if second not in FORCED:
                second = after.group.style.break_before
        return forced_break(first, second)

    def _avoided(self, index: int) -> bool:
        """Whether a break before body row `index` is to be avoided."""
        before, after = self.grid.bodies[index - 1], self.grid.bodies[index]
        if before.style.break_after in AVOIDS or after.style.break_before in AVOIDS:
            return True
        if before.group is after.group:
            return after.group.style.break_inside in AVOIDS
        return before.group.style.break_after in AVOIDS or after.group.style.break_before in AVOIDS

    def _break_before(self, index: int) -> bool:
        """Break before body row `index`, or before an older one where that is better. False: before the table."""
        start = self.resume.index if self.resume is not None else 0
        at = index
        while at > start and self._avoided(at):
            at -= 1
        if at == start:
            if not self.space.at_start:
                return False
            at = index  # every break is to be avoided, so that wish gives way
        while at < index:
            index -= 1
            last = self.placed.pop()
            del self.cells[last.count :]
            del self.grounds[last.grounds :]
            self.spans = last.spans
            self.y = last.y
        if at == start:
            return self.space.at_start
        self.token = BreakToken(at, self._rest(self.y - self.gap))
        return True

    def _rest(self, bottom: float) -> RowRest | None:
        """Tokens of the spanning cells that the break cuts."""
        if not self.spans:
            return None
        rest = {span.cell: self._cut_span(span, bottom) for span in self.spans}
        self.spans = []
        return RowRest(rest, False)

    def _cut_span(self, span: _Span, bottom: float) -> BreakToken:
        """Place what fits of a spanning cell above the page's end."""
        room = bottom - span.y
        width = self._cell_width(span.cell)
        part = lay_cell(span.cell, width, self.fragment.width, span.resume, room, True)
        part.clipped = True
        leave_open(part)
        self._put(part, span.y, room, part.baseline)
        return part.token or DONE

    def _reopen(self) -> None:
        """Spanning cells that began on an earlier page go on at the top of this one."""
        if self.rest is None or self.resume is None:
            return
        begun = self.rest.row
        current = begun.cells if begun is not None else []
        for cell, token in self.rest.cells.items():
            if cell not in current or (cell.rowspan > 1 and self.rest.split):
                part = lay_cell(cell, self._cell_width(cell), self.fragment.width, token)
                self.spans.append(_Span(cell, self.y, token, part.height))
        if not self.rest.split:
            self.rest = None


register(TableBox, layout_table, table_sizes)
