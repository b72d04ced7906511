"""Flexible lengths: how large flex items are along the main axis (Flexbox 1, 9.2, 9.3, 9.7 and 4.5).

In: items, the container's sizes. Out: a `Flexing` for each item, with its used main size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import ReplacedBox, TableBox
from spark_pdf.layout.containers.items import (
    Item,
    border_height,
    border_width,
    content_widths,
    endless,
    keyword_width,
    natural_width,
    ratio_of,
    used_width,
)  # fmt: skip
from spark_pdf.layout.formatting import AS_CONTENT, EPSILON, INFINITE
from spark_pdf.layout.geometry import Edges, clamped_height, clamped_width, edges_of

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style


class Flexing:
    """A flex item while it is sized. Along the main axis: `base`, `hypothetical` and used (`main`) border-box size,
    limits `low` and `high`, margins `before` and `after` in the order of the axis. `cross`: size along the other axis.
    """

    __slots__ = (
        "after", "ascent", "autos", "base", "before", "cross", "edges", "factor", "frozen", "high", "hypothetical",
        "item", "low", "main", "offset", "position", "sides", "style", "width",
    )  # fmt: skip

    def __init__(self, item: Item, edges: Edges, before: float, after: float, autos: tuple[bool, bool]) -> None:
        self.item = item
        self.style = item.style
        self.edges = edges
        self.before = before
        self.after = after
        self.autos = autos
        self.base = self.hypothetical = self.main = self.low = 0.0
        self.high = INFINITE
        self.cross = 0.0
        self.width = 0.0
        self.sides = edges.sides
        self.position = 0.0
        self.offset = 0.0
        self.ascent = 0.0
        self.factor = 0.0
        self.frozen = False

    def settle(self, base: float, low: float, high: float) -> None:
        """Take the flex base size and the limits."""
        self.base, self.low, self.high = base, low, max(high, low)
        self.hypothetical = self.main = max(min(base, high), low)

    @property
    def outer(self) -> float:
        """The hypothetical outer main size."""
        return self.hypothetical + self.before + self.after


def row_item(item: Item, width: float, cross: float | None, reverse: bool, percent: float | None) -> Flexing:
    """An item of a row container `width` px wide. `cross`: the container's cross size where an item that stretches has
    it from the start; `percent`: what percentages of heights are of.
    """
    style = item.style
    edges = edges_of(style, width)
    before, after = edges.margin_left, edges.margin_right
    autos = edges.auto_left, edges.auto_right
    if reverse:
        before, after, autos = after, before, (autos[1], autos[0])
    flexing = Flexing(item, edges, before, after, autos)
    high = _width_limit(item, style.max_width, edges, width)
    basis = style.flex_basis if style.flex_basis != "auto" else style.width
    content = None
    ratio = ratio_of(item)
    if ratio and (style.height.__class__ is not str or cross is not None):
        content = _from_height(item, edges, cross, ratio, percent)
    if content is None and percent is not None and isinstance(item.box, ReplacedBox):
        content = natural_width(item.box, edges, percent) + edges.sides
    if basis in ("auto", "content", "max-content", "fit-content"):
        base = content if content is not None else content_widths(item.box, edges)[1]
    elif basis.__class__ is str:
        base = keyword_width(item, basis, edges, width)
    else:
        base = border_width(style, basis, edges, width)
    low = _width_floor(item, edges, width, high, content)
    flexing.settle(max(base, edges.sides), max(low, edges.sides), high)
    return flexing


def _from_height(item: Item, edges: Edges, cross: float | None, ratio: float, percent: float | None) -> float | None:
    """The width that a definite height and a preferred aspect ratio give (9.2, 3B)."""
    style = item.style
    height = border_height(style, style.height, edges, percent)
    if height is None:
        if cross is None or style.height.__class__ is not str:
            return None
        height = cross - edges.margin_top - edges.margin_bottom
    height = clamped_height(style, height, edges, percent)
    return max(height - edges.top - edges.bottom, 0.0) * ratio + edges.sides


def _width_limit(item: Item, value: object, edges: Edges, width: float) -> float:
    if value == "none":
        return INFINITE
    if value.__class__ is str:
        return keyword_width(item, value, edges, width)
    return border_width(item.style, value, edges, width)


def _width_floor(item: Item, edges: Edges, width: float, high: float, content: float | None) -> float:
    """`min-width`; its auto is the content-based minimum size (4.5)."""
    style = item.style
    value = style.min_width
    if value != "auto":
        return _width_limit(item, value, edges, width)
    if style.overflow_x not in ("visible", "clip"):
        return 0.0
    least = content_widths(item.box, edges)[0] if content is None or not item.is_replaced else content
    if isinstance(item.box, TableBox):
        return least
    if style.width.__class__ is not str:
        least = min(least, border_width(style, style.width, edges, width))
    return min(least, high)


def column_item(item: Item, width: float, height: float | None, stretches: bool, reverse: bool) -> Flexing:
    """An item of a column container. `stretches`: it is as wide as the container where nothing says otherwise."""
    style = item.style
    edges = edges_of(style, width)
    before, after = edges.margin_top, edges.margin_bottom
    autos = style.margin_top == "auto", style.margin_bottom == "auto"
    if reverse:
        before, after, autos = after, before, (autos[1], autos[0])
    flexing = Flexing(item, edges, before, after, autos)
    flexing.sides = edges.top + edges.bottom
    high = _height_limit(style, style.max_height, edges, height, INFINITE)
    basis = style.flex_basis if style.flex_basis != "auto" else style.height
    base = border_height(style, basis, edges, height)
    flexing.width = _column_width(item, edges, width, stretches, height)
    content = content_height(flexing, width, height)
    ratio = ratio_of(item)
    if base is None and ratio and not item.is_replaced:
        base = (flexing.width - edges.sides) / ratio + flexing.sides
    elif base is None:
        base = content
    low = 0.0
    if style.min_height != "auto":
        low = _height_limit(style, style.min_height, edges, height, 0.0)
    elif style.overflow_y in ("visible", "clip"):
        specified = border_height(style, style.height, edges, height)
        low = min(content if specified is None else min(content, specified), high)
    both = edges.top + edges.bottom
    flexing.settle(max(base, both), max(low, both), high)
    return flexing


def _height_limit(style: Style, value: object, edges: Edges, height: float | None, otherwise: float) -> float:
    found = border_height(style, value, edges, height)
    return otherwise if found is None else found


def _column_width(item: Item, edges: Edges, width: float, stretches: bool, height: float | None) -> float:
    """The border-box width of an item in a column (9.4, step 7)."""
    style = item.style
    fills = stretches and style.width == "auto" and not (edges.auto_left or edges.auto_right)
    if fills:
        room = max(width - edges.margin_left - edges.margin_right, edges.sides)
        return clamped_width(style, room, edges, width)
    ratio = ratio_of(item)
    basis = style.flex_basis if style.flex_basis != "auto" else style.height
    if ratio and style.width == "auto":
        tall = border_height(style, basis, edges, height)
        if tall is not None:
            tall = clamped_height(style, tall, edges, height)
            wide = max(tall - edges.top - edges.bottom, 0.0) * ratio + edges.sides
            return clamped_width(style, wide, edges, width)
    return used_width(item, edges, width)


def content_height(flexing: Flexing, width: float, height: float | None) -> float:
    """How high the content of an item in a column makes it, whatever its own height properties say."""
    item, style = flexing.item, flexing.style
    plain = style.height.__class__ is str and style.min_height == "auto" and style.max_height == "none"
    extent = None if plain and not isinstance(item.box, ReplacedBox) else AS_CONTENT
    return item.measure(endless(width, flexing.width, extent, height)).height


def break_lines(items: list[Flexing], room: float, gap: float, wraps: bool) -> list[list[Flexing]]:
    """Collect items into lines (9.3)."""
    if not wraps:
        return [items]
    lines: list[list[Flexing]] = []
    taken = 0.0
    for flexing in items:
        if lines and taken + gap + flexing.outer <= room + EPSILON:
            lines[-1].append(flexing)
            taken += gap + flexing.outer
        else:
            lines.append([flexing])
            taken = flexing.outer
    return lines


def flex(line: list[Flexing], room: float) -> None:
    """Resolve the flexible lengths of one line (9.7). `room`: the main size less gaps."""
    growing = sum(item.outer for item in line) < room
    for item in line:
        item.factor = item.style.flex_grow if growing else item.style.flex_shrink
        beyond = item.base > item.hypothetical if growing else item.base < item.hypothetical
        item.frozen = not item.factor or beyond
        item.main = item.hypothetical if item.frozen else item.base
    initial = room - sum(item.main + item.before + item.after for item in line)
    while True:
        open_ = [item for item in line if not item.frozen]
        if not open_:
            return
        free = room - sum((item.main if item.frozen else item.base) + item.before + item.after for item in line)
        total = sum(item.factor for item in open_)
        if total < 1 and abs(initial * total) < abs(free):
            free = initial * total
        _share(open_, free, total, growing)
        _freeze(open_)


def _share(open_: list[Flexing], free: float, total: float, growing: bool) -> None:
    if growing:
        for item in open_:
            item.main = item.base + free * item.factor / total
        return
    # 9.7, 4c: items shrink in proportion to what they have to lose.
    weights = [item.factor * (item.base - item.sides) for item in open_]
    whole = sum(weights)
    for item, weight in zip(open_, weights, strict=True):
        item.main = item.base + (free * weight / whole if whole else 0.0)


def _freeze(open_: list[Flexing]) -> None:
    """Fix min and max violations, and freeze the items that have them (9.7, 4d and 4e)."""
    violation = 0.0
    clamped: list[float] = []
    for item in open_:
        size = max(min(item.main, item.high), item.low)
        clamped.append(size)
        violation += size - item.main
    for item, size in zip(open_, clamped, strict=True):
        broken = size - item.main
        item.main = size
        if abs(violation) < 1e-9 or (violation > 0 and broken > 0) or (violation < 0 and broken < 0):
            item.frozen = True
