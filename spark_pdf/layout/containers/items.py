"""Flex and grid items: boxes of any kind, measured once per width and laid out once (Flexbox 1, 4; Grid 1, 6).

In: a block-level box, a `Space`. Out: its size, its fragment. What an item measures is remembered by what it was given,
and the fragment that came of measuring is handed out to the first who wants it, so that containers within containers
cost in proportion to their number, however deep they are.

All widths and heights here are of border boxes, unless they say otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.block.block import inner_sizes
from spark_pdf.layout.boxes import (
    ATOM,
    BlockBox,
    Box,
    Lines,
    OutOfFlow,
    ReplacedBox,
    TableBox,
    forced_between,
)
from spark_pdf.layout.formatting import INFINITE, BreakToken, Laid, Space, content_sizes, layout
from spark_pdf.layout.geometry import Edges, clamped_height, clamped_width, edges_of, resolve, specified_height
from spark_pdf.layout.sizing.endings import ends_with_content
from spark_pdf.layout.sizing.replaced import used_size
from spark_pdf.layout.table.columns import column_widths
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.formatting import GridLines
    from spark_pdf.layout.fragments import BoxFragment
    from spark_pdf.layout.style import Style


class Measure(NamedTuple):
    """What an item measures: its border box, and its first and last baseline from the top (None: it has none)."""

    width: float
    height: float
    baseline: float | None
    last_baseline: float | None


class Item:
    """A flex or grid item. `depends`: what is in it depends on its height, where its container decides that."""

    __slots__ = ("_forces", "_kept", "_measures", "_plain", "box", "depends", "style")

    def __init__(self, box: Box) -> None:
        self.box = box
        self.style: Style = box.style
        self.depends = _depends(box)
        self._forces: bool | None = None
        self._plain: bool | None = None
        self._measures: dict[Space, Measure] = {}
        self._kept: dict[Space, BoxFragment] = {}

    def measure(self, space: Space) -> Measure:
        """What the item measures in a space without an end."""
        found = self._measures.get(space)
        if found is None:
            fragment, _ = layout(self.box, space)
            assert fragment is not None  # nothing ends the space, so all of the item fits
            found = Measure(fragment.width, fragment.height, fragment.baseline, fragment.last_baseline)
            self._measures[space] = found
            self._kept[space] = fragment
        return found

    def whole(self, space: Space) -> BoxFragment:
        """All of the item, in a space without an end: a fragment of the caller's own."""
        fragment = self._kept.pop(space, None)
        if fragment is None:
            fragment, _ = layout(self.box, space)
            assert fragment is not None  # nothing ends the space, so all of the item fits
        return fragment

    def part(self, space: Space, resume: BreakToken | None) -> Laid:
        """As much of the item as fits."""
        return layout(self.box, space, resume)

    @property
    def forces(self) -> bool:
        """Whether a break is forced somewhere in the item."""
        if self._forces is None:
            self._forces = self.box.forces()
        return self._forces

    @property
    def plain(self) -> bool:
        """Whether all of the item fits where none of it is left over."""
        if self._plain is None:
            self._plain = not self.forces and ends_with_content(self.box)
        return self._plain

    @property
    def is_replaced(self) -> bool:
        """Whether it is an image or its like."""
        return isinstance(self.box, ReplacedBox)


class ItemsBox(Box):
    """What fills the block box of a flex or grid container: its items, in the order in which they are placed.

    `container` is the container's style, which says how; its own is anonymous, and paints nothing.
    """

    __slots__ = ("breaks", "container", "items", "page", "plans")

    def __init__(self, style: Style, container: Style, items: list[Item], page: str) -> None:
        super().__init__(style, None)
        self.container = container
        self.items = items
        self.page = page
        self.breaks: tuple[str, str] | None = ("auto", "auto")
        self.plans: dict[object, object] = {}

    def lines_for(self, style: Style) -> GridLines | None:
        """What tells where the grid lines are that a positioned child names; None where it names none."""
        return None

    def forces(self) -> bool:
        """As of any box."""
        return any(item.forces for item in self.items) or forced_between([item.box for item in self.items])

    def within(self) -> list[Box]:
        """As of any box."""
        return [item.box for item in self.items]


class PartsBox(Box):
    """What fills the block box of a multi-column container: `parts`, one below the other. `container`: its style."""

    __slots__ = ("breaks", "container", "heights", "page", "parts")

    def __init__(self, style: Style, container: Style, parts: list[Box], page: str) -> None:
        super().__init__(style, None)
        self.container = container
        self.parts = parts
        self.page = page
        self.breaks: tuple[str, str] | None = ("auto", "auto")
        self.heights: dict[tuple[int, float, float | None], tuple[float, float]] = {}

    def forces(self) -> bool:
        """As of any box."""
        return forced_between(self.parts)

    def within(self) -> list[Box]:
        """As of any box."""
        return self.parts


def _depends(box: Box) -> bool:
    if not isinstance(box, BlockBox):
        return True
    for child in box.children:
        if isinstance(child, Lines):
            if child.simple is None and _has_percent_atoms(child):
                return True
            continue
        if isinstance(child, OutOfFlow):
            continue
        if not isinstance(child, (BlockBox, TableBox, ReplacedBox)):
            return True
        if _is_percent_high(child.style):
            return True
    return False


def _is_percent_high(style: Style) -> bool:
    return Percentage in (type(style.height), type(style.min_height), type(style.max_height))


def _has_percent_atoms(lines: Lines) -> bool:
    return any(item.kind == ATOM and _is_percent_high(item.box.style) for item in lines.items)


# Sizes


def content_widths(box: Box, edges: Edges) -> tuple[float, float]:
    """Min-content and max-content border-box width of what is in a box, whatever its own width properties say."""
    if isinstance(box, BlockBox):
        low, high = inner_sizes(box)
        return low + edges.sides, high + edges.sides
    if isinstance(box, ReplacedBox):
        width = natural_width(box, edges) + edges.sides
        return width, width
    low, high = content_sizes(box)
    own = edges_of(box.style, 0.0)
    margins = own.margin_left + own.margin_right
    return low - margins, high - margins


def natural_width(box: ReplacedBox, edges: Edges, percent_height: float | None = None) -> float:
    """The content width of an image that its own size, or its height, its height's limits and ratio, give it."""
    image, style = box.image, box.style
    if not image.height:
        return image.width
    height = specified_height(style, edges, percent_height)
    natural = image.height + edges.top + edges.bottom
    height = clamped_height(style, natural if height is None else height, edges, percent_height)
    if height == natural:
        return image.width
    return max(height - edges.top - edges.bottom, 0.0) * image.width / image.height


def border_width(style: Style, value: object, edges: Edges, base: float) -> float:
    """A border-box width of a length or percentage, as `box-sizing` says."""
    used = resolve(value, base)
    return max(used, edges.sides) if style.box_sizing == "border-box" else max(used, 0.0) + edges.sides


def border_height(style: Style, value: object, edges: Edges, base: float | None) -> float | None:
    """A border-box height of a length or percentage; None for keywords, and for percentages of auto."""
    if type(value) is str or (type(value) is Percentage and base is None):
        return None
    used = resolve(value, base or 0.0)
    both = edges.top + edges.bottom
    return max(used, both) if style.box_sizing == "border-box" else max(used, 0.0) + both


def fixed_limits(style: Style, edges: Edges, width: float) -> float:
    """A border-box width within those of min-width and max-width that are lengths."""
    high, low = style.max_width, style.min_width
    if type(high) is float:
        width = min(width, border_width(style, high, edges, 0.0))
    if type(low) is float:
        width = max(width, border_width(style, low, edges, 0.0))
    return width


def fit_content(item: Item, edges: Edges, available: float) -> float:
    """The width of an item whose width is auto and that is not stretched (CSS Sizing 3, 5.1)."""
    box = item.box
    if isinstance(box, ReplacedBox):
        return used_size(box, available, None)[0] + edges.sides
    low, high = content_widths(box, edges)
    room = available - edges.margin_left - edges.margin_right
    used = max(min(max(low, room), high), edges.sides)
    if isinstance(box, TableBox):
        return used
    return clamped_width(box.style, used, edges, available)


def used_width(item: Item, edges: Edges, available: float) -> float:
    """The width of an item that is not stretched: what its style says, else fit-content."""
    style = item.style
    if isinstance(item.box, TableBox):
        return column_widths(item.box, available)[1]
    if style.width == "auto" or item.is_replaced:
        return fit_content(item, edges, available)
    if type(style.width) is str:
        return clamped_width(style, keyword_width(item, style.width, edges, available), edges, available)
    return clamped_width(style, border_width(style, style.width, edges, available), edges, available)


def keyword_width(item: Item, value: object, edges: Edges, available: float) -> float:
    """A border-box width of a sizing keyword (CSS Sizing 3, 3.1)."""
    low, high = content_widths(item.box, edges)
    if value == "min-content":
        return low
    if value == "max-content":
        return high
    room = available - edges.margin_left - edges.margin_right
    if value == "stretch":
        return max(room, edges.sides)
    return max(min(max(low, room), high), edges.sides)


def ratio_of(item: Item) -> float:
    """Width by height, where an item prefers one; else 0 (CSS Sizing 4, 5)."""
    wanted = item.style.aspect_ratio
    if isinstance(item.box, ReplacedBox):
        image = item.box.image
        if type(wanted) is float:
            return float(wanted)
        return image.width / image.height if image.height else 0.0
    if wanted == "auto":
        return 0.0
    return float(wanted[1]) if isinstance(wanted, tuple) else float(wanted)


def endless(width: float, size: float | None, extent: float | None, percent: float | None) -> Space:
    """A space without an end, for measuring."""
    return Space(width, INFINITE, True, 0.0, percent, size, extent)
