"""Flex layout: items in lines, grown or shrunk to fill them (CSS Flexbox 1, section 9).

In: a `FlexBox`, a `Space`, a `BreakToken`. Out: a fragment with the items, and a token where the page ended first.

The container itself is an ordinary block box whose only child is the `FlexBox`: borders, padding, its own size and
where it may break are the block's. Lines, sizes and places are planned once for each size that the container
is given (`row_plan`, `column_plan`), as if there were no pages; `bands` then places what fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.containers.bands import Band, BandLayout, Cell, Plan
from spark_pdf.layout.containers.flex_lengths import Flexing, break_lines, column_item, flex, row_item
from spark_pdf.layout.containers.items import (
    Item,
    ItemsBox,
    border_height,
    border_width,
    content_widths,
    endless,
    fixed_limits,
)
from spark_pdf.layout.formatting import BEFORE, INFINITE, BreakToken, Laid, Space, content_sizes, register
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import clamped_height, clamped_width, edges_of
from spark_pdf.layout.sizing.alignment import distribute, gap, position, self_alignment
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style


class FlexBox(ItemsBox):
    """The items of a flex container, in order-modified document order."""

    __slots__ = ()

    @property
    def is_row(self) -> bool:
        """Whether the main axis is the inline axis."""
        return self.container.flex_direction in ("row", "row-reverse")


class _Frame:
    """The container's sizes while it is planned. `height`: None where it depends on content; `least`, `most` limit
    it.
    """

    __slots__ = ("box", "height", "least", "most", "reverse", "style", "width", "wrap", "wrap_reverse")

    def __init__(self, box: FlexBox, space: Space) -> None:
        self.box = box
        self.style = style = box.container
        self.width = space.width
        self.height = space.percent_height
        self.least = space.least
        self.most = space.most
        self.wrap = style.flex_wrap != "nowrap"
        self.wrap_reverse = style.flex_wrap == "wrap-reverse"
        self.reverse = style.flex_direction in ("row-reverse", "column-reverse")

    def clamp(self, height: float) -> float:
        """A content height within the container's limits."""
        return max(min(height, self.most), self.least)


def layout_flex(box: FlexBox, space: Space, resume: BreakToken | None = None) -> Laid:
    """Place what fits of the items of a flex container."""
    key = (space.width, space.percent_height, space.least, space.most)
    plans = box.plans.get(key)
    if plans is None:
        frame = _Frame(box, space)
        plans = box.plans[key] = [_row_plan(frame)] if box.is_row else _column_plans(frame)
    return place_plans(box, plans, space, resume)  # type: ignore[arg-type]


def place_plans(box: ItemsBox, plans: list[Plan], space: Space, resume: BreakToken | None) -> Laid:
    """Place what fits of several sequences of bands, side by side."""
    fragment = BoxFragment(box.style, None, 0.0, 0.0, space.width, 0.0)
    resumes = resume.inner if resume is not None else [None] * len(plans)
    tokens: list[BreakToken | None] = []
    for plan, part in zip(plans, resumes, strict=True):
        if resume is not None and part is None:
            tokens.append(None)
            continue
        work = BandLayout(plan, space, part)
        if not work.lay_out():
            return None, BEFORE
        fragment.children += work.children()
        whole = resume is None and work.token is None and plan.given is not None
        fragment.height = max(fragment.height, plan.given if whole and plan.given is not None else work.bottom)
        tokens.append(work.token)
        if resume is None and fragment.baseline is None:
            fragment.baseline = plan.baseline
            fragment.last_baseline = plan.baseline if is_inline(box) else plan.last_baseline
    rest = [token for token in tokens if token is not None]
    if not rest:
        return fragment, None
    forced = [token.forced for token in rest if token.forced]
    return fragment, BreakToken(0, tokens, forced[0] if forced else "")


def is_inline(box: ItemsBox) -> bool:
    """Whether the container stands in a line, where its first baseline counts."""
    return box.container.display.startswith("inline")


# Rows


def _row_plan(frame: _Frame) -> Plan:
    box, style, width = frame.box, frame.style, frame.width
    rtl = style.direction == "rtl"
    mirrored = frame.reverse != rtl
    column_gap, row_gap = gap(style.column_gap, width), gap(style.row_gap, frame.height)
    items: list[Flexing] = []
    for item in box.items:
        known = frame.height if not frame.wrap and _aligns(frame, item) in ("stretch", "normal") else None
        items.append(row_item(item, width, known, mirrored, frame.height))
    lines = break_lines(items, width, column_gap, frame.wrap)
    for line in lines:
        flex(line, width - column_gap * (len(line) - 1))
        _justify(line, width, column_gap, style.justify_content, frame.reverse, not mirrored)
        for flexing in line:
            flexing.cross = _hypothetical_height(flexing, frame)
    heights = [_line_height(line, frame) for line in lines]
    if not frame.wrap and lines:
        heights[0] = frame.clamp(heights[0]) if frame.height is None else frame.height
    heights, tops = _stack_lines(heights, row_gap, frame)
    order = list(range(len(lines)))
    if frame.wrap_reverse:
        total = frame.height if frame.height is not None else frame.clamp(sum(heights) + row_gap * (len(lines) - 1))
        tops = [total - top - height for top, height in zip(tops, heights, strict=True)]
        order.reverse()
    return _row_bands(frame, lines, heights, tops, order, mirrored)


def _aligns(frame: _Frame, item: Item) -> str:
    return self_alignment(item.style.align_self, frame.style.align_items)


def _hypothetical_height(flexing: Flexing, frame: _Frame) -> float:
    space = endless(frame.width, flexing.main, None, frame.height)
    measured = flexing.item.measure(space)
    baseline = measured.last_baseline if _aligns(frame, flexing.item) == "last baseline" else measured.baseline
    flexing.ascent = measured.height if baseline is None else baseline
    return measured.height


def _vertical_autos(flexing: Flexing) -> bool:
    return "auto" in (flexing.style.margin_top, flexing.style.margin_bottom)


def _by_baseline(flexing: Flexing, frame: _Frame) -> bool:
    return _aligns(frame, flexing.item).endswith("baseline") and not _vertical_autos(flexing)


def _reach(line: list[Flexing], frame: _Frame, last: bool) -> tuple[float, float]:
    """How far items that share their first, or last, baseline reach above and below it."""
    above = below = 0.0
    for flexing in line:
        if _by_baseline(flexing, frame) and (_aligns(frame, flexing.item) == "last baseline") is last:
            above = max(above, flexing.edges.margin_top + flexing.ascent)
            below = max(below, flexing.cross - flexing.ascent + flexing.edges.margin_bottom)
    return above, below


def _line_height(line: list[Flexing], frame: _Frame) -> float:
    """The cross size that a line's items ask for (9.4, step 8)."""
    height = max(sum(_reach(line, frame, False)), sum(_reach(line, frame, True)))
    for flexing in line:
        if not _by_baseline(flexing, frame):
            height = max(height, flexing.cross + flexing.edges.margin_top + flexing.edges.margin_bottom)
    return height


def _shared_baselines(line: list[Flexing], frame: _Frame, height: float) -> tuple[float, float]:
    """Where the first and last baselines that items share lie in their line: the items are flush with its start, or
    with its end (8.3 and Box Alignment 3, 9.1).
    """
    found = []
    for last in (False, True):
        above, below = _reach(line, frame, last)
        found.append(height - below if last != frame.wrap_reverse else above)
    return found[0], found[1]


def _stack_lines(heights: list[float], row_gap: float, frame: _Frame) -> tuple[list[float], list[float]]:
    """`align-content`: heights and tops of the lines, from the cross-start side (9.4, step 9; 9.6, step 16)."""
    count = len(heights)
    offset = between = 0.0
    if frame.wrap and count:
        used = sum(heights) + row_gap * (count - 1)
        free = (frame.height if frame.height is not None else frame.clamp(used)) - used
        mode = frame.style.align_content
        if mode in ("normal", "stretch"):
            if free > 0:
                heights = [height + free / count for height in heights]
        elif free:
            offset, between = distribute(mode, free, count, frame.wrap_reverse)
    tops = []
    for height in heights:
        tops.append(offset)
        offset += height + row_gap + between
    return heights, tops


def _row_bands(
    frame: _Frame, lines: list[list[Flexing]], heights: list[float], tops: list[float], order: list[int],
    mirrored: bool,
) -> Plan:  # fmt: skip
    bands: list[Band] = []
    cells: list[Cell] = []
    numbered: list[tuple[int, Cell]] = []
    bottom = 0.0
    count = 0
    starts = [0]
    for line in lines:
        count += len(line)
        starts.append(count)
    for index in order:
        line, height, top = lines[index], heights[index], tops[index]
        bands.append(Band(top - bottom, height, frame.height is not None))
        bottom = top + height
        shared = _shared_baselines(line, frame, height)
        for number, flexing in enumerate(line, starts[index]):
            numbered.append((number, _row_cell(frame, flexing, len(bands) - 1, height, shared, mirrored)))
    numbered.sort(key=_first)
    cells = [cell for _, cell in numbered]
    first = last = None
    if lines and lines[0]:
        first = tops[0] + _baseline(lines[0], frame)
        last = tops[-1] + _baseline(lines[-1], frame)
    return Plan(bands, cells, first, last)


def _first(entry: tuple[int, Cell]) -> int:
    return entry[0]


def _baseline(line: list[Flexing], frame: _Frame) -> float:
    """Where the baseline of a line lies: that of the items aligned by it, else of its first item (8.5)."""
    for flexing in line:
        if _by_baseline(flexing, frame):
            return flexing.offset + flexing.ascent
    return line[0].offset + line[0].ascent


def _row_cell(
    frame: _Frame, flexing: Flexing, band: int, height: float, shared: tuple[float, float], mirrored: bool
) -> Cell:
    item, edges, style = flexing.item, flexing.edges, flexing.style
    align = _aligns(frame, item)
    above, below = edges.margin_top, edges.margin_bottom
    used = flexing.cross
    auto = border_height(style, style.height, edges, frame.height) is None
    fills = auto and align in ("stretch", "normal") and not _vertical_autos(flexing)
    extent = None
    if fills:
        used = clamped_height(style, max(height - above - below, edges.top + edges.bottom), edges, frame.height)
        extent = used if item.depends else None
    free = height - used - above - below
    if _vertical_autos(flexing):
        offset = above + _auto_offset(style.margin_top == "auto", style.margin_bottom == "auto", free)
    elif _by_baseline(flexing, frame):
        offset = shared[align == "last baseline"] - flexing.ascent
    else:
        moved = position(_keyword(align), free, frame.wrap_reverse)
        offset = above + (free - moved if frame.wrap_reverse else moved)
    flexing.offset = offset
    x = frame.width - flexing.position - flexing.main if mirrored else flexing.position
    space = endless(frame.width, flexing.main, extent, frame.height)
    return Cell(item, band, band, x, space, offset, used, fills, above, below)


def _keyword(align: str) -> str:
    if align in ("stretch", "normal", "baseline"):
        return "flex-start"
    return "flex-end" if align == "last baseline" else align


def _auto_offset(first: bool, second: bool, free: float) -> float:
    """Auto margins take the free space before anything else does (8.1); of less than none they take nothing."""
    if free <= 0 or not first:
        return 0.0
    return free / 2 if second else free


def _justify(line: list[Flexing], room: float, between: float, mode: str, reverse: bool, right: bool) -> None:
    """Main-axis alignment of one line: auto margins, then `justify-content` (9.5). Sets `position`, of border boxes."""
    free = room - between * (len(line) - 1) - sum(f.main + f.before + f.after for f in line)
    autos = sum(f.autos[0] + f.autos[1] for f in line)
    share = free / autos if autos and free > 0 else 0.0
    at = extra = 0.0
    if not share:
        at, extra = distribute(mode, free, len(line), reverse, right)
    for flexing in line:
        at += flexing.before + (share if flexing.autos[0] else 0.0)
        flexing.position = at
        at += flexing.main + flexing.after + (share if flexing.autos[1] else 0.0) + between + extra


# Columns


def _column_plans(frame: _Frame) -> list[Plan]:
    box, style, width, height = frame.box, frame.style, frame.width, frame.height
    row_gap, column_gap = gap(style.row_gap, height), gap(style.column_gap, width)
    items = [
        column_item(
            item, width, height, not frame.wrap and _aligns(frame, item) in ("stretch", "normal"), frame.reverse
        )
        for item in box.items
    ]
    room = height if height is not None else frame.most
    lines = break_lines(items, room, row_gap, frame.wrap and room != INFINITE)
    mode = "flex-start" if style.justify_content in ("left", "right") else style.justify_content
    if style.justify_content in ("left", "right") and frame.reverse:
        mode = "flex-end"  # they are start (8.2), which is the end of this axis
    sizes: list[float] = []
    inner = height
    if inner is None:
        content = [sum(f.outer for f in line) + row_gap * (len(line) - 1) for line in lines]
        inner = frame.clamp(max(content, default=0.0))
    for line in lines:
        flex(line, inner - row_gap * (len(line) - 1))
        _justify(line, inner, row_gap, mode, frame.reverse, True)
        sizes.append(max(f.width + f.edges.margin_left + f.edges.margin_right for f in line) if line else 0.0)
    if not frame.wrap:
        sizes = [width]
    sizes, offsets = _spread_lines(sizes, column_gap, frame)
    return [
        _column_plan(frame, line, size, offset, inner) for line, size, offset in zip(lines, sizes, offsets, strict=True)
    ]


def _spread_lines(sizes: list[float], column_gap: float, frame: _Frame) -> tuple[list[float], list[float]]:
    """`align-content` of columns: their widths, and where they begin from the cross-start side."""
    count = len(sizes)
    offset = between = 0.0
    if frame.wrap and count:
        free = frame.width - sum(sizes) - column_gap * (count - 1)
        mode = frame.style.align_content
        if mode in ("normal", "stretch"):
            if free > 0:
                sizes = [size + free / count for size in sizes]
        else:
            offset, between = distribute(mode, free, count, frame.wrap_reverse)
    offsets = []
    for size in sizes:
        offsets.append(offset)
        offset += size + column_gap + between
    return sizes, offsets


def _column_plan(frame: _Frame, line: list[Flexing], size: float, offset: float, inner: float) -> Plan:
    """One line of a column container: each item is a band of its own."""
    mirrored = frame.wrap_reverse != (frame.style.direction == "rtl")
    tops: list[tuple[float, int, Flexing]] = []
    for number, flexing in enumerate(line):
        top = inner - flexing.position - flexing.main if frame.reverse else flexing.position
        tops.append((top, number, flexing))
    if frame.reverse:
        tops.reverse()
    bands: list[Band] = []
    placed: list[tuple[int, Cell]] = []
    bottom = 0.0
    for top, number, flexing in tops:
        above, below = flexing.edges.margin_top, flexing.edges.margin_bottom
        cell = _column_cell(frame, flexing, len(bands), size, offset, mirrored)
        bands.append(
            Band(top - above - bottom, above + flexing.main + below, cell.fills or cell.space.extent is not None)
        )
        bottom = top + flexing.main + below
        placed.append((number, cell))
    placed.sort(key=_first)
    first = last = None
    if line:
        first = _own_baseline(frame, tops[0])
        last = _own_baseline(frame, tops[-1])
    return Plan(bands, [cell for _, cell in placed], first, last)


def _own_baseline(frame: _Frame, placed: tuple[float, int, Flexing]) -> float:
    top, _, flexing = placed
    measured = flexing.item.measure(endless(frame.width, flexing.width, None, frame.height))
    return top + (flexing.main if measured.baseline is None else measured.baseline)


def _column_cell(frame: _Frame, flexing: Flexing, band: int, size: float, offset: float, mirrored: bool) -> Cell:
    item, edges, style = flexing.item, flexing.edges, flexing.style
    left, right = edges.margin_left, edges.margin_right
    align = _aligns(frame, item)
    autos = edges.auto_left or edges.auto_right
    if frame.wrap and align in ("stretch", "normal") and style.width == "auto" and not autos:
        flexing.width = clamped_width(style, max(size - left - right, edges.sides), edges, frame.width)
    free = size - flexing.width - left - right
    if autos:
        first, second = edges.auto_left, edges.auto_right
        at = _auto_offset(second, first, free) if mirrored else _auto_offset(first, second, free)
        if mirrored and free < 0:
            at = 0.0
    else:
        at = position(_keyword(align), free, frame.wrap_reverse, not mirrored)
    x = frame.width - offset - at - right - flexing.width if mirrored else offset + at + left
    natural = item.measure(endless(frame.width, flexing.width, None, frame.height)).height
    changed = abs(natural - flexing.main) > 1e-6
    definite = changed or frame.height is not None or _is_inflexible(style)
    extent = flexing.main if definite and item.depends else None
    space = endless(frame.width, flexing.width, extent, frame.height)
    fills = changed and extent is None
    return Cell(
        item, band, band, x, space, edges.margin_top, flexing.main, fills, edges.margin_top, edges.margin_bottom
    )


def _is_inflexible(style: Style) -> bool:
    """Whether an item's main size is its flex basis, and definite for that (9.8)."""
    return type(style.flex_basis) is float and not style.flex_grow and not style.flex_shrink


# Content sizes


def flex_sizes(box: FlexBox) -> tuple[float, float]:
    """Min-content and max-content width (9.9): rows add up their items, and wrap where they may."""
    style = box.container
    between = gap(style.column_gap, None)
    sizes = [_contribution(item, box.is_row) for item in box.items]
    if not sizes:
        return 0.0, 0.0
    low, high = max(size[0] for size in sizes), max(size[1] for size in sizes)
    if box.is_row:
        gaps = between * (len(sizes) - 1)
        high = sum(size[1] for size in sizes) + gaps
        if style.flex_wrap == "nowrap":
            low = sum(size[0] for size in sizes) + gaps
    return low, max(low, high)


def _contribution(item: Item, is_row: bool) -> tuple[float, float]:
    """An item's outer content sizes, with its flex basis as the limit where it cannot grow or shrink."""
    low, high = content_sizes(item.box)
    style = item.style
    basis = style.flex_basis
    if not is_row or type(basis) is str or type(basis) is Percentage:
        return low, high
    edges = edges_of(style, 0.0)
    margins = edges.margin_left + edges.margin_right
    outer = border_width(style, basis, edges, 0.0) + margins
    if not style.flex_grow:
        low, high = min(low, outer), min(high, outer)
    if not style.flex_shrink:
        low, high = max(low, outer), max(high, outer)
    if style.min_width == "auto" and style.overflow_x in ("visible", "clip"):
        least = content_widths(item.box, edges)[0] + margins
        low, high = max(low, least), max(high, least)
    return fixed_limits(style, edges, low - margins) + margins, fixed_limits(style, edges, high - margins) + margins


register(FlexBox, layout_flex, flex_sizes, fills=True)
