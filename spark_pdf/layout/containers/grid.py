"""Grid layout: items in rows and columns (CSS Grid Layout 1, with gaps and alignment by Box Alignment 3).

In: a `GridBox`, a `Space`, a `BreakToken`. Out: a fragment with the items, and a token where the page ended first.

As with flex, the container is a block box, and the `GridBox` its only child. The grid is planned once for each size
that it is given: lines and placement (`grid_lines`, `grid_placement`), columns and rows (`grid_tracks`), then each
item's place in its area; `bands` places the rows that fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.containers.bands import Band, Cell, Plan
from spark_pdf.layout.containers.flex import place_plans
from spark_pdf.layout.containers.grid_lines import Axis, definite, edges_between, make_axis, names_lines
from spark_pdf.layout.containers.grid_placement import Area, place
from spark_pdf.layout.containers.grid_tracks import MAX_CONTENT, MIN_CONTENT, Contribution, Span, size_tracks
from spark_pdf.layout.containers.items import (
    Item,
    ItemsBox,
    border_height,
    endless,
    fixed_limits,
    ratio_of,
    used_width,
)  # fmt: skip
from spark_pdf.layout.formatting import INFINITE, BreakToken, Laid, Space, content_sizes, register
from spark_pdf.layout.geometry import Edges, clamped_height, clamped_width, edges_of
from spark_pdf.layout.sizing.alignment import distribute, gap, position, self_alignment
from spark_pdf.layout.values import Fr, Percentage, Track

if TYPE_CHECKING:
    from spark_pdf.layout.formatting import GridLines, Reach
    from spark_pdf.layout.style import Style


class GridBox(ItemsBox):
    """The items of a grid container, in order-modified document order."""

    __slots__ = ()

    def lines_for(self, style: Style) -> GridLines | None:
        """As of any box with items."""
        return self.lines if names_lines(style) else None

    def lines(self, style: Style, width: float, height: float | None) -> tuple[Reach, Reach]:
        """Where the lines are that a positioned child of this style names, across and along the container (9.1)."""
        grid = _Grid(self, width, height)
        _, columns, lefts, rows, tops, _ = _tracks(grid)
        found = grid.placement
        across = _reach(edges_between(style.grid_column_start, style.grid_column_end, grid.axes[0]),
                        found.column_shift, columns, lefts)  # fmt: skip
        if grid.style.direction == "rtl":
            across = (
                None if across[1] is None else width - across[1],
                None if across[0] is None else width - across[0],
            )
        along = _reach(edges_between(style.grid_row_start, style.grid_row_end, grid.axes[1]),
                       found.row_shift, rows, tops)  # fmt: skip
        return across, along


def _reach(lines: tuple[int | None, int | None], shift: int, sizes: list[float], starts: list[float]) -> Reach:
    """Where an area between these lines begins and ends; None for a line that is not there."""
    first, last = (None if line is None else line + shift for line in lines)
    count = len(sizes)
    begin = end = None
    if first is not None and 0 <= first <= count:
        begin = starts[first] if first < count else starts[-1] + sizes[-1]
    if last is not None and 0 <= last <= count:
        end = starts[last - 1] + sizes[last - 1] if last else starts[0]
    return begin, end


class _Seated:
    """An item in its area, while the grid is planned."""

    __slots__ = ("area", "ascent", "edges", "height", "item", "room", "shim", "style", "width", "x")

    def __init__(self, area: Area, width: float) -> None:
        self.area = area
        self.item = area.item
        self.style = area.item.style
        self.edges: Edges = edges_of(area.item.style, width)
        self.room = 0.0  # the width of its area
        self.width = 0.0
        self.height = 0.0
        self.x = 0.0
        self.ascent = 0.0
        self.shim = 0.0  # what aligning by baselines puts above it


class _Grid:
    """The work on one grid for one container size."""

    __slots__ = (
        "axes",
        "box",
        "column_gap",
        "columns",
        "height",
        "least",
        "most",
        "placement",
        "row_gap",
        "rows",
        "style",
        "width",
    )

    def __init__(
        self, box: GridBox, width: float | None, height: float | None, least: float = 0.0, most: float = INFINITE
    ) -> None:
        self.box = box
        self.style = style = box.container
        self.width = width
        self.height = height
        self.least = least
        self.most = most
        self.column_gap = gap(style.column_gap, width)
        self.row_gap = gap(style.row_gap, height)
        areas = style.grid_template_areas
        columns = make_axis(
            style.grid_template_columns, areas, style.grid_auto_columns, False, width, 0.0, self.column_gap
        )
        rows = make_axis(style.grid_template_rows, areas, style.grid_auto_rows, True, height, least, self.row_gap)
        self.axes = (columns, rows)
        self.placement = place(box.items, columns, rows, style.grid_auto_flow)
        found = self.placement
        self.columns = _all_tracks(columns, style.grid_auto_columns, found.column_shift, found.columns)
        self.rows = _all_tracks(rows, style.grid_auto_rows, found.row_shift, found.rows)
        if columns.fitted or rows.fitted:
            self._collapse(columns, rows)

    def _collapse(self, columns: Axis, rows: Axis) -> None:
        """Empty tracks of an auto-fit vanish, and their gaps with them (7.2.3.2)."""
        areas = self.placement.areas
        if columns.fitted:
            kept = _kept(columns.fitted, self.placement.column_shift, len(self.columns),
                         [(area.column, area.columns) for area in areas])  # fmt: skip
            self.columns = [self.columns[at] for at in kept]
            moved = {old: new for new, old in enumerate(kept)}
            for area in areas:
                area.column = moved[area.column]
        if rows.fitted:
            kept = _kept(rows.fitted, self.placement.row_shift, len(self.rows),
                         [(area.row, area.rows) for area in areas])  # fmt: skip
            self.rows = [self.rows[at] for at in kept]
            moved = {old: new for new, old in enumerate(kept)}
            for area in areas:
                area.row = moved[area.row]

    def column_sizes(self, constraint: str = "") -> list[float]:
        """Widths of the columns; with a constraint, those that the container's own width would come of."""
        width = self.width
        spans = [Span(area.column, area.columns, _WidthAsk(area, self.columns, width)) for area in self.placement.areas]
        stretch = not constraint and self.style.justify_content in ("normal", "stretch")
        return size_tracks(self.columns, spans, self.column_gap, width, constraint=constraint, stretch=stretch)


def _all_tracks(axis: Axis, auto: tuple[Track, ...], shift: int, count: int) -> list[Track]:
    """Explicit tracks between implicit ones, whose sizes repeat in both directions (7.6)."""
    before = [auto[-(number % len(auto)) - 1] for number in range(shift)]
    before.reverse()
    behind = count - shift - len(axis.tracks)
    return [*before, *axis.tracks, *(auto[number % len(auto)] for number in range(behind))]


def _kept(fitted: range, shift: int, count: int, taken: list[tuple[int, int]]) -> list[int]:
    used: set[int] = set()
    for start, length in taken:
        used.update(range(start, start + length))
    return [at for at in range(count) if at in used or not fitted.start <= at - shift < fitted.stop]


class _WidthAsk:
    """What an item asks of its columns, when asked."""

    __slots__ = ("area", "available", "tracks")

    def __init__(self, area: Area, tracks: list[Track], available: float | None) -> None:
        self.area = area
        self.tracks = tracks
        self.available = available

    def __call__(self) -> Contribution:
        item, style = self.area.item, self.area.item.style
        low, high = content_sizes(item.box)
        least = low
        covered = self.tracks[self.area.column : self.area.column + self.area.columns]
        auto_width = style.width == "auto" or type(style.width) is Percentage
        if auto_width:
            edges = edges_of(style, self.available or 0.0)
            margins = edges.margin_left + edges.margin_right
            if style.min_width != "auto":
                least = margins + fixed_limits(style, edges, edges.sides)
            elif style.overflow_x not in ("visible", "clip") or not _automatic(covered):
                least = margins + edges.sides
            else:
                least = min(low, _fixed_sum(covered, self.available))
        return least, low, high


def _automatic(covered: list[Track]) -> bool:
    """Whether an item's automatic minimum size counts in its tracks (6.6)."""
    if not any(track.low == "auto" for track in covered):
        return False
    return len(covered) == 1 or not any(type(track.high) is Fr for track in covered)


def _fixed_sum(covered: list[Track], available: float | None) -> float:
    """The most that tracks of given maximums can be."""
    total = 0.0
    for track in covered:
        size = definite(track.high, available)
        if size is None:
            return float("inf")
        total += size
    return total


class _HeightAsk:
    """What an item asks of its rows: it is measured already."""

    __slots__ = ("seated", "tracks")

    def __init__(self, seated: _Seated, tracks: list[Track]) -> None:
        self.seated = seated
        self.tracks = tracks

    def __call__(self) -> Contribution:
        seated = self.seated
        outer = seated.height + seated.edges.margin_top + seated.edges.margin_bottom + seated.shim
        least = outer
        style, edges = seated.style, seated.edges
        if type(style.height) is str or type(style.height) is Percentage:
            covered = self.tracks[seated.area.row : seated.area.row + seated.area.rows]
            hidden = style.overflow_y not in ("visible", "clip")
            if style.min_height != "auto" or hidden or not _automatic(covered):
                least = outer - seated.height + clamped_height(style, edges.top + edges.bottom, edges, None)
        return least, outer, outer


def layout_grid(box: GridBox, space: Space, resume: BreakToken | None = None) -> Laid:
    """Place what fits of the items of a grid container."""
    key = (space.width, space.percent_height, space.least, space.most)
    plan = box.plans.get(key)
    if plan is None:
        plan = box.plans[key] = _plan(_Grid(box, space.width, space.percent_height, space.least, space.most))
    return place_plans(box, [plan], space, resume)  # type: ignore[list-item]


def _plan(grid: _Grid) -> Plan:
    seats, _, _, rows, tops, given = _tracks(grid)
    bands = _bands(grid, rows, tops)
    cells = [_cell(grid, s, _extent(rows, tops, s.area.row, s.area.rows)) for s in seats]
    first, last = _baselines(seats, cells, tops)
    return Plan(bands, cells, first, last, given)


class _Tracks(NamedTuple):
    """The tracks of a grid, sized and placed, and its items across them. `given`: see `_row_sizes`."""

    seats: list[_Seated]
    columns: list[float]
    lefts: list[float]
    rows: list[float]
    tops: list[float]
    given: float | None


def _tracks(grid: _Grid) -> _Tracks:
    width, style = grid.width or 0.0, grid.style
    columns = grid.column_sizes()
    lefts = _offsets(columns, grid.column_gap, width, style.justify_content, style.direction == "rtl")
    seats = [_Seated(area, 0.0) for area in grid.placement.areas]
    for seated in seats:
        area = seated.area
        _seat_across(grid, seated, lefts[area.column], _extent(columns, lefts, area.column, area.columns))
    _align_baselines(grid, seats)
    spans = [Span(s.area.row, s.area.rows, _HeightAsk(s, grid.rows)) for s in seats]
    rows, inner, given = _row_sizes(grid, spans)
    tops = _offsets(rows, grid.row_gap, inner, style.align_content)
    return _Tracks(seats, columns, lefts, rows, tops, given)


def _row_sizes(grid: _Grid, spans: list[Span]) -> tuple[list[float], float, float | None]:
    """Heights of the rows, the height in which they are aligned, and the container's where rows may stand out of it.

    Percentages of a height that follows from the rows are of what comes out without them (Box Alignment 3, 8.3).
    """
    stretch = grid.style.align_content in ("normal", "stretch")
    rows = size_tracks(
        grid.rows, spans, grid.row_gap, grid.height, stretch=stretch, least=grid.least, most=grid.most
    )  # fmt: skip
    if grid.height is not None:
        return rows, grid.height, None
    inner = max(min(sum(rows) + grid.row_gap * max(len(rows) - 1, 0), grid.most), grid.least)
    sizes = [size for track in grid.rows for size in (track.low, track.high)]
    if not any(type(size) is Percentage for size in (grid.style.row_gap, *sizes)):
        return rows, inner, None
    grid.row_gap = gap(grid.style.row_gap, inner)
    return size_tracks(grid.rows, spans, grid.row_gap, inner, stretch=stretch), inner, inner


def _offsets(sizes: list[float], gap: float, room: float, mode: str, rtl: bool = False) -> list[float]:
    """Where tracks begin (10.5)."""
    free = room - sum(sizes) - gap * max(len(sizes) - 1, 0)
    if mode in ("normal", "stretch"):
        mode = "start"
    at, between = distribute(mode, free, len(sizes), False, not rtl)
    starts = []
    for size in sizes:
        starts.append(at)
        at += size + gap + between
    return starts


def _extent(sizes: list[float], starts: list[float], first: int, count: int) -> float:
    """How far an area reaches, gaps included."""
    last = first + count - 1
    return starts[last] + sizes[last] - starts[first]


def _bands(grid: _Grid, rows: list[float], tops: list[float]) -> list[Band]:
    bands: list[Band] = []
    bottom = 0.0
    for track, size, top in zip(grid.rows, rows, tops, strict=True):
        fixed = grid.height is not None or definite(track.low, None) is not None
        bands.append(Band(top - bottom, size, fixed))
        bottom = top + size
    return bands


def _justifies(grid: _Grid, item: Item) -> str:
    return self_alignment(item.style.justify_self, grid.style.justify_items)


def _aligns(grid: _Grid, item: Item) -> str:
    return self_alignment(item.style.align_self, grid.style.align_items)


def _seat_across(grid: _Grid, seated: _Seated, left: float, width: float) -> None:
    """Width and x of an item in its area, and its height at that width (6.2 and 10.3)."""
    item, style = seated.item, seated.style
    seated.room = width
    seated.edges = edges = edges_of(style, width)
    autos = edges.auto_left or edges.auto_right
    justify = _justifies(grid, item)
    natural = item.is_replaced
    fills = style.width == "auto" and not autos and (justify == "stretch" or (justify == "normal" and not natural))
    if fills:
        room = max(width - edges.margin_left - edges.margin_right, edges.sides)
        seated.width = clamped_width(style, room, edges, width)
    else:
        seated.width = _natural_width(item, edges, width)
    free = width - seated.width - edges.margin_left - edges.margin_right
    rtl = grid.style.direction == "rtl"
    if autos:
        moved = _auto(edges.auto_left, edges.auto_right, free)
    else:
        # Both axes of alignment are the container's: with rtl, start is at the right.
        keyword = "start" if justify in ("stretch", "normal") else justify
        if keyword in ("self-start", "self-end") and style.direction != grid.style.direction:
            keyword = "end" if keyword == "self-start" else "start"
        moved = position(keyword, free, False, not rtl)
        moved = free - moved if rtl else moved
    at = (grid.width or 0.0) - left - width if rtl else left
    seated.x = at + edges.margin_left + moved
    measured = item.measure(endless(width, seated.width, None, None))
    seated.height = measured.height
    seated.ascent = measured.height if measured.baseline is None else measured.baseline


def _natural_width(item: Item, edges: Edges, width: float) -> float:
    style = item.style
    ratio = ratio_of(item)
    tall = border_height(style, style.height, edges, None) if ratio and style.width == "auto" else None
    if tall is not None:
        tall = clamped_height(style, tall, edges, None)
        return clamped_width(style, (tall - edges.top - edges.bottom) * ratio + edges.sides, edges, width)
    return used_width(item, edges, width)


def _auto(first: bool, second: bool, free: float) -> float:
    if free <= 0 or not first:
        return 0.0
    return free / 2 if second else free


def _vertical_autos(style_margin_top: object, style_margin_bottom: object) -> bool:
    return "auto" in (style_margin_top, style_margin_bottom)


def _by_baseline(grid: _Grid, seated: _Seated) -> bool:
    autos = _vertical_autos(seated.style.margin_top, seated.style.margin_bottom)
    return _aligns(grid, seated.item) == "baseline" and not autos


def _align_baselines(grid: _Grid, seats: list[_Seated]) -> None:
    """Items of one row that are aligned by their baselines take shims above them (11.5, "baseline-aligned")."""
    highest: dict[int, float] = {}
    chosen = [seated for seated in seats if _by_baseline(grid, seated)]
    for seated in chosen:
        above = seated.edges.margin_top + seated.ascent
        highest[seated.area.row] = max(highest.get(seated.area.row, 0.0), above)
    for seated in chosen:
        seated.shim = highest[seated.area.row] - seated.edges.margin_top - seated.ascent


def _cell(grid: _Grid, seated: _Seated, height: float) -> Cell:
    """An item's place along its rows."""
    item, style, edges, area = seated.item, seated.style, seated.edges, seated.area
    above, below = edges.margin_top, edges.margin_bottom
    align = _aligns(grid, item)
    autos = _vertical_autos(style.margin_top, style.margin_bottom)
    natural = item.is_replaced or (ratio_of(item) and align == "normal")
    percent = height if _uses_height(style) else None
    wanted = border_height(style, style.height, edges, percent)
    fills = wanted is None and not autos and (align == "stretch" or (align == "normal" and not natural))
    used, extent = seated.height, None
    if fills:
        used = clamped_height(style, max(height - above - below, edges.top + edges.bottom), edges, height)
        extent = used if item.depends else None
    elif percent is not None:
        used = item.measure(endless(seated.room, seated.width, None, percent)).height
    free = height - used - above - below
    if autos:
        offset = above + _auto(style.margin_top == "auto", style.margin_bottom == "auto", free)
    elif align == "baseline":
        offset = above + seated.shim
    else:
        keyword = "start" if align in ("stretch", "normal") else align
        offset = above + position(keyword, free)
    space = endless(seated.room, seated.width, extent, percent)
    return Cell(item, area.row, area.row + area.rows - 1, seated.x, space, offset, used, fills, above, below)


def _uses_height(style: object) -> bool:
    kinds = (type(style.height), type(style.min_height), type(style.max_height))  # type: ignore[attr-defined]
    return Percentage in kinds


def _baselines(seats: list[_Seated], cells: list[Cell], tops: list[float]) -> tuple[float | None, float | None]:
    """First and last baseline of the grid: that of an item in its first, or last, row with items (10.6)."""
    if not cells:
        return None, None
    order = range(len(cells))
    first = min(order, key=lambda at: (cells[at].first, at))
    last = max(order, key=lambda at: (cells[at].first, -at))
    return (
        tops[cells[first].first] + cells[first].offset + seats[first].ascent,
        tops[cells[last].first] + cells[last].offset + seats[last].ascent,
    )


def grid_sizes(box: GridBox) -> tuple[float, float]:
    """Min-content and max-content width: the columns sized under that constraint (11.1)."""
    grid = _Grid(box, None, None)
    if not grid.columns:
        return 0.0, 0.0
    gaps = grid.column_gap * (len(grid.columns) - 1)
    low = sum(grid.column_sizes(MIN_CONTENT)) + gaps
    high = sum(grid.column_sizes(MAX_CONTENT)) + gaps
    return low, max(low, high)


register(GridBox, layout_grid, grid_sizes, fills=True)
