"""Page-margin boxes: sixteen places around the page area (CSS Paged Media 3, chapter 5).

In: a `PageStyle`, the page's number, the number of pages. Out: fragments and where they stand. Widths along an edge
are shared as section 5.3.2.1 says: boxes A, B and C, with B in the middle of the edge if it generates content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.boxes import BlockBox
from spark_pdf.layout.flow import Flow
from spark_pdf.layout.formatting import Space, content_sizes, layout
from spark_pdf.layout.generate import Context, Generator
from spark_pdf.layout.geometry import clamped_width, edges_of, resolve, specified_width

if TYPE_CHECKING:
    from spark_pdf.layout.css import PageStyle
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.fragments import Fragment
    from spark_pdf.layout.style import Style


class _Area(NamedTuple):
    """A rectangle on the page."""

    x: float
    y: float
    width: float
    height: float


def margin_fragments(
    page: PageStyle, generator: Generator, root: Element, number: int, total: int, language: str
) -> list[tuple[Fragment, float, float]]:
    """The margin boxes of one page, with their origins."""
    boxes = page.margin_boxes
    if not boxes:
        return []
    found: list[tuple[Fragment, float, float]] = []
    left, right, top, bottom = page.margin_left, page.margin_right, page.margin_top, page.margin_bottom
    inner_width, inner_height = page.width - left - right, page.height - top - bottom
    made = {name: _box(style, generator, root, number, total, language) for name, style in boxes.items()}
    corners = {
        "top-left-corner": _Area(0.0, 0.0, left, top),
        "top-right-corner": _Area(page.width - right, 0.0, right, top),
        "bottom-right-corner": _Area(page.width - right, page.height - bottom, right, bottom),
        "bottom-left-corner": _Area(0.0, page.height - bottom, left, bottom),
    }
    for name, area in corners.items():
        if name in made:
            found.append(_placed(made[name], area))
    rows = (
        (("top-left", "top-center", "top-right"), _Area(left, 0.0, inner_width, top)),
        (("bottom-left", "bottom-center", "bottom-right"), _Area(left, page.height - bottom, inner_width, bottom)),
    )
    for names, area in rows:
        if any(name in made for name in names):
            found += _row([made.get(name) for name in names], area)
    sides = (
        (("left-top", "left-middle", "left-bottom"), _Area(0.0, top, left, inner_height)),
        (("right-top", "right-middle", "right-bottom"), _Area(page.width - right, top, right, inner_height)),
    )
    for names, area in sides:
        if any(name in made for name in names):
            found += _column([made.get(name) for name in names], area)
    return found


def _box(style: Style, generator: Generator, root: Element, number: int, total: int, language: str) -> BlockBox:
    box = BlockBox(style, None, root=True)
    context = Context(language=language)
    if style.text_decoration_line:
        context = context._replace(decorations=((style, None),))
    flow = Flow(generator, style)
    counters = generator.counters
    counters.page(number, total)
    generator.content(style.content, style, root, flow, context)
    box.children = flow.finish()
    return box


def _row(boxes: list[BlockBox | None], area: _Area) -> list[tuple[Fragment, float, float]]:
    """Three boxes along the top or bottom edge."""
    a, b, c = boxes
    widths = _shared([_extent(box, area.width) for box in boxes], area.width)
    found = []
    for box, width, align in ((a, widths[0], 0.0), (b, widths[1], 0.5), (c, widths[2], 1.0)):
        if box is not None:
            x = area.x + (area.width - width) * align
            found.append(_placed(box, _Area(x, area.y, width, area.height)))
    return found


def _column(boxes: list[BlockBox | None], area: _Area) -> list[tuple[Fragment, float, float]]:
    """Three boxes along the left or right edge; heights are shared like widths."""
    extents: list[_Extent | None] = []
    for box in boxes:
        if box is None:
            extents.append(None)
            continue
        edges = edges_of(box.style, area.width)
        margins = edges.margin_top + edges.margin_bottom
        height = box.style.height
        if height.__class__ is not str:
            given = resolve(height, area.height) + margins + edges.top + edges.bottom
            extents.append((given, given, True))
        else:
            natural = _natural(box, area.width) + margins
            extents.append((natural, natural, False))
    heights = _shared(extents, area.height)
    found = []
    for box, height, align in zip(boxes, heights, (0.0, 0.5, 1.0), strict=True):
        if box is not None:
            y = area.y + (area.height - height) * align
            found.append(_placed(box, _Area(area.x, y, area.width, height)))
    return found


def _natural(box: BlockBox, width: float) -> float:
    edges = edges_of(box.style, width)
    fragment, _ = layout(box, Space(width, size=_inner(box, width, edges.margin_left + edges.margin_right)))
    assert fragment is not None
    return fragment.height


def _inner(box: BlockBox, outer: float, margins: float) -> float:
    edges = edges_of(box.style, outer)
    used = specified_width(box.style, edges, outer)
    return clamped_width(box.style, max(outer - margins, edges.sides), edges, outer) if used is None else used


_Extent = tuple[float, float, bool]
"""Outer min-content and max-content size, and whether the size is given rather than auto."""


def _extent(box: BlockBox | None, room: float) -> _Extent | None:
    if box is None:
        return None
    edges = edges_of(box.style, room)
    used = specified_width(box.style, edges, room)
    if used is not None:
        outer = used + edges.margin_left + edges.margin_right
        return outer, outer, True
    low, high = content_sizes(box)
    return low, max(low, high), False


def _shared(extents: list[_Extent | None], room: float) -> list[float]:
    """Outer sizes of A, B and C (CSS Paged Media 3, 5.3.2.1 to 5.3.2.3)."""
    a, b, c = extents
    if b is None:
        first, last = _two(a, c, room)
        return [first, 0.0, last]
    # With B, A and C are taken as one box of twice the larger, so that B stays in the middle.
    sides: _Extent | None = None
    if a is not None or c is not None:
        low = 2 * max(a[0] if a else 0.0, c[0] if c else 0.0)
        high = 2 * max(a[1] if a else 0.0, c[1] if c else 0.0)
        given = bool((a is None or a[2]) and (c is None or c[2]))
        sides = (low, high, given)
    middle, _ = _two(b, sides, room)
    rest = max(room - middle, 0.0) / 2
    first = a[0] if a is not None and a[2] else rest
    last = c[0] if c is not None and c[2] else rest
    return [first if a is not None else 0.0, middle, last if c is not None else 0.0]


def _two(a: _Extent | None, c: _Extent | None, room: float) -> tuple[float, float]:
    """Share an edge between two boxes: by flex, from their max-content or min-content sizes."""
    if a is None or c is None:
        one = a or c
        size = 0.0 if one is None else one[0] if one[2] else room
        return (size, 0.0) if c is None else (0.0, size)
    if a[2] and c[2]:
        return a[0], c[0]
    if a[2]:
        return a[0], max(room - a[0], 0.0)
    if c[2]:
        return max(room - c[0], 0.0), c[0]
    wide = a[1] + c[1]
    if wide <= room:
        return _flexed(a[1], c[1], room - wide, a[1], c[1])
    narrow = a[0] + c[0]
    if narrow <= room:
        return _flexed(a[0], c[0], room - narrow, a[1] - a[0], c[1] - c[0])
    return _flexed(a[0], c[0], room - narrow, a[0], c[0])


def _flexed(a: float, c: float, free: float, weight_a: float, weight_c: float) -> tuple[float, float]:
    total = weight_a + weight_c
    share = weight_a / total if total else 0.5
    return max(a + free * share, 0.0), max(c + free * (1 - share), 0.0)


def _placed(box: BlockBox, area: _Area) -> tuple[Fragment, float, float]:
    """A margin box in its place: it fills it, and `vertical-align` moves its content."""
    style = box.style
    edges = edges_of(style, area.width)
    margins = edges.margin_left + edges.margin_right
    fragment, _ = layout(box, Space(area.width, size=_inner(box, area.width, margins)))
    assert fragment is not None
    content = fragment.height
    if style.height == "auto":
        height = max(area.height - edges.margin_top - edges.margin_bottom, edges.top + edges.bottom)
        free = height - content
        shift = free / 2 if style.vertical_align == "middle" else free if style.vertical_align == "bottom" else 0.0
        for child in fragment.children:
            child.y += shift
        fragment.height = height
    fragment.x = fragment.y = 0.0
    return fragment, area.x + edges.margin_left, area.y + edges.margin_top
