"""Page-margin boxes: sixteen places around the page area (CSS Paged Media 3, chapter 5).

In: a `PageStyle`, and a function that makes the content of one box. Out: fragments and where they stand. How sizes are
shared along an edge, and follow from the page's margins across it, is in `margin_sizes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.boxes import BlockBox, Lines
from spark_pdf.layout.formatting import Space, content_sizes, layout
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import Edges, derived, edges_of, resolve
from spark_pdf.layout.pages.margin_sizes import INFINITE, Extent, across, along
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.css import PageStyle
    from spark_pdf.layout.fragments import Fragment
    from spark_pdf.layout.style import Style

Placed = list[tuple["Fragment", float, float]]


class _Area(NamedTuple):
    """A rectangle on the page."""

    x: float
    y: float
    width: float
    height: float


class _Edge(NamedTuple):
    """Three boxes along one edge. `upright`: it lies left or right of the page area, and its height is shared."""

    names: tuple[str, str, str]
    place: str
    upright: bool


_EDGES = (
    _Edge(("top-left", "top-center", "top-right"), "top", False),
    _Edge(("bottom-left", "bottom-center", "bottom-right"), "bottom", False),
    _Edge(("left-top", "left-middle", "left-bottom"), "left", True),
    _Edge(("right-top", "right-middle", "right-bottom"), "right", True),
)
_PLACES = (0.0, 0.5, 1.0)


def margin_fragments(page: PageStyle, make: Callable[[Style], BlockBox]) -> Placed:
    """The margin boxes of one page, with their origins. `make`: a style's box with its content."""
    styles = page.margin_boxes
    made = {name: make(style) for name, style in styles.items()}
    areas = _areas(page)
    found: Placed = []
    for name in ("top-left-corner", "top-right-corner", "bottom-right-corner", "bottom-left-corner"):
        if name in made:
            found.append(_corner(made[name], areas[name], name.startswith("top"), "left" in name))
    for edge in _EDGES:
        boxes = [made.get(name) for name in edge.names]
        if any(boxes):
            found += (_column if edge.upright else _row)(boxes, areas[edge.place], edge.place in ("top", "left"))
    return found


def _areas(page: PageStyle) -> dict[str, _Area]:
    left, right, top, bottom = page.margin_left, page.margin_right, page.margin_top, page.margin_bottom
    width, height = page.width - left - right, page.height - top - bottom
    end_x, end_y = page.width - right, page.height - bottom
    return {
        "top-left-corner": _Area(0.0, 0.0, left, top),
        "top-right-corner": _Area(end_x, 0.0, right, top),
        "bottom-right-corner": _Area(end_x, end_y, right, bottom),
        "bottom-left-corner": _Area(0.0, end_y, left, bottom),
        "top": _Area(left, 0.0, width, top),
        "bottom": _Area(left, end_y, width, bottom),
        "left": _Area(0.0, top, left, height),
        "right": _Area(end_x, top, right, height),
    }


def _corner(box: BlockBox, area: _Area, above: bool, before: bool) -> tuple[Fragment, float, float]:
    edges = _edges(box.style, area)
    left, width, _ = _across_width(box.style, edges, area, before)
    top, height, _ = _across_height(box.style, edges, area, above)
    return _filled(box, edges, area.x + left, area.y + top, width, height)


def _row(boxes: list[BlockBox | None], area: _Area, above: bool) -> Placed:
    """Three boxes along the top or bottom edge."""
    widths = along([_width_asked(box, area) for box in boxes], area.width)
    found: Placed = []
    for box, outer, place in zip(boxes, widths, _PLACES, strict=True):
        if box is None:
            continue
        edges = _edges(box.style, area)
        top, height, _ = _across_height(box.style, edges, area, above)
        width = max(outer - edges.margin_left - edges.margin_right, edges.sides)
        x = area.x + (area.width - outer) * place + edges.margin_left
        used = _running_width(box, width - edges.sides)
        if used is None:
            found.append(_filled(box, edges, x, area.y + top, width, height))
            continue
        narrow, _, _ = _filled(box, edges, x, area.y + top, used + edges.sides, height)
        assert isinstance(narrow, BoxFragment)
        narrow.width = width
        for child in narrow.children:
            child.x += (width - edges.sides - used) * _ALIGNED.get(box.style.text_align, 0.0)
        found.append((narrow, x, area.y + top))
    return found


_ALIGNED = {"center": 0.5, "right": 1.0, "end": 1.0}


def _running_width(box: BlockBox, room: float) -> float | None:
    """The width that the blocks in a box of automatic width take: as much as their content, and the box's `text-align`
    says where they stand, so that a running element goes where a text would. None where they fill the box.
    """
    if box.style.width != "auto" or all(type(child) is Lines for child in box.children):
        return None
    wide = max(content_sizes(child)[1] for child in box.children)
    return wide if wide < room else None


def _column(boxes: list[BlockBox | None], area: _Area, before: bool) -> Placed:
    """Three boxes along the left or right edge; heights are shared like widths."""
    heights = along([_height_asked(box, area, before) for box in boxes], area.height)
    found: Placed = []
    for box, outer, place in zip(boxes, heights, _PLACES, strict=True):
        if box is None:
            continue
        edges = _edges(box.style, area)
        left, width, _ = _across_width(box.style, edges, area, before)
        height = max(outer - edges.margin_top - edges.margin_bottom, edges.top + edges.bottom)
        y = area.y + (area.height - outer) * place + edges.margin_top
        found.append(_filled(box, edges, area.x + left, y, width, height))
    return found


def _edges(style: Style, area: _Area) -> Edges:
    """Percentages of vertical margins and padding are of the area's height here (Paged Media 3, chapter 6)."""
    found = derived(style).get("edges")
    if found is not None:
        return found  # type: ignore[return-value]
    across_, down = edges_of(style, area.width), edges_of(style, area.height)
    if across_ is down:
        return across_
    across_.margin_top, across_.margin_bottom = down.margin_top, down.margin_bottom
    across_.top, across_.bottom = down.top, down.bottom
    return across_


def _given(value: object, style: Style, edges: float, room: float) -> float | None:
    """The border-box size of a `width`, `min-height` and their like; None for keywords."""
    if type(value) is str:
        return None
    used = resolve(value, room)
    return max(used, edges) if style.box_sizing == "border-box" else used + edges


def _width_asked(box: BlockBox | None, area: _Area) -> Extent | None:
    if box is None:
        return None
    style = box.style
    edges = _edges(style, area)
    margins = edges.margin_left + edges.margin_right
    low = high = 0.0
    given = _given(style.width, style, edges.sides, area.width)
    if given is None:
        for child in box.children:
            narrow, wide = content_sizes(child)
            low, high = max(low, narrow), max(high, wide)
        low, high = low + edges.sides + margins, high + edges.sides + margins
    return _limited(given, low, high, style.min_width, style.max_width, style, edges.sides, margins, area.width)


def _height_asked(box: BlockBox | None, area: _Area, before: bool) -> Extent | None:
    if box is None:
        return None
    style = box.style
    edges = _edges(style, area)
    both, margins = edges.top + edges.bottom, edges.margin_top + edges.margin_bottom
    natural = 0.0
    given = _given(style.height, style, both, area.height)
    if given is None:
        width = _across_width(style, edges, area, before)[1]
        natural = _laid(box, edges, width, None).height + margins
    return _limited(given, natural, natural, style.min_height, style.max_height, style, both, margins, area.height)


def _limited(
    given: float | None, low: float, high: float, least: object, most: object, style: Style, edges: float,
    margins: float, room: float,
) -> Extent:  # fmt: skip
    minimum = _given(least, style, edges, room)
    maximum = _given(most, style, edges, room)
    return Extent(
        None if given is None else given + margins, low, high,
        0.0 if minimum is None else minimum + margins, INFINITE if maximum is None else maximum + margins,
    )  # fmt: skip


def _across_width(style: Style, edges: Edges, area: _Area, before: bool) -> tuple[float, float, float]:
    margins = (style.margin_left, style.margin_right)
    sizes = (style.width, style.min_width, style.max_width)
    return _across(style, margins, (edges.margin_left, edges.margin_right), sizes, edges.sides, area.width, before)


def _across_height(style: Style, edges: Edges, area: _Area, above: bool) -> tuple[float, float, float]:
    margins = (style.margin_top, style.margin_bottom)
    sizes = (style.height, style.min_height, style.max_height)
    both = edges.top + edges.bottom
    return _across(style, margins, (edges.margin_top, edges.margin_bottom), sizes, both, area.height, above)


def _across(
    style: Style, margins: tuple[object, object], used: tuple[float, float], sizes: tuple[object, object, object],
    edges: float, room: float, first: bool,
) -> tuple[float, float, float]:  # fmt: skip
    before = None if margins[0] == "auto" else used[0]
    after = None if margins[1] == "auto" else used[1]
    size, least, most = (_given(value, style, edges, room) for value in sizes)
    found = across(before, size, after, edges, room, first)
    if most is not None and found[1] > most:
        found = across(before, most, after, edges, room, first)
    if least is not None and found[1] < least:
        found = across(before, least, after, edges, room, first)
    return found


def _laid(box: BlockBox, edges: Edges, width: float, height: float | None) -> BoxFragment:
    """The box laid out as high as its content; `height`: what percentages in it are of, where that is known."""
    style = box.style
    box.edges = edges
    box.style = _auto_height(style)
    if height is not None and any(type(child.style.height) is Percentage for child in box.children):
        box.style = style.replace(height=height, box_sizing="border-box", min_height="auto", max_height="none")
    fragment, _ = layout(box, Space(width, size=width))
    assert fragment is not None
    if box.style.height != "auto":
        ends = [child.y + child.height for child in fragment.children if isinstance(child, BoxFragment)]
        fragment.height = max(ends, default=edges.top) + edges.bottom
    box.style = fragment.style = style
    fragment.borders = True
    return fragment


def _auto_height(style: Style) -> Style:
    """The same style with a height that follows from the content."""
    if style.height == "auto" and style.min_height == "auto" and style.max_height == "none":
        return style
    kept = derived(style)
    found = kept.get("auto height")
    if found is None:
        found = kept["auto height"] = style.replace(height="auto", min_height="auto", max_height="none")
    return found  # type: ignore[return-value]


def _filled(
    box: BlockBox, edges: Edges, x: float, y: float, width: float, height: float
) -> tuple[Fragment, float, float]:
    """A margin box in its place: it fills it, and `vertical-align` moves its content."""
    fragment = _laid(box, edges, width, height)
    align = box.style.vertical_align
    if align in ("middle", "bottom"):
        shift = (height - fragment.height) / (2 if align == "middle" else 1)
        for child in fragment.children:
            child.y += shift
    fragment.height = height
    fragment.x = fragment.y = 0.0
    return fragment, x, y
