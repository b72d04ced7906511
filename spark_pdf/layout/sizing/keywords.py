"""Sizes that take more than arithmetic: keywords for widths, and preferred aspect ratios (CSS Sizing 3, 3 and 5; CSS
Sizing 4, 5).

In: a box, its edges, the containing block's width. Out: border-box widths and heights. Only boxes whose `Edges` are
`special` come here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.formatting import content_sizes
from spark_pdf.layout.geometry import Edges, aligned, clamped_height, resolve, specified_height
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import Box
    from spark_pdf.layout.style import Style


def keyword_width(box: Box, value: object, edges: Edges, available: float) -> float:
    """The border-box width that `min-content`, `max-content`, `fit-content` or `stretch` means."""
    margins = edges.margin_left + edges.margin_right
    room = max(available - margins, edges.sides)
    if value == "stretch":
        return room
    # The content sizes of a box whose own width is a keyword are those of its content.
    low, high = (max(size - margins, edges.sides) for size in content_sizes(box))
    if value == "min-content":
        return low
    return high if value == "max-content" else max(min(high, room), low)


def limited_width(box: Box, width: float, edges: Edges, available: float) -> float:
    """A border-box width within min-width and max-width, which may be keywords."""
    style = box.style
    high, low = style.max_width, style.min_width
    if high != "none":
        width = min(width, _border_width(box, style, high, edges, available))
    if low != "auto":
        width = max(width, _border_width(box, style, low, edges, available))
    return max(width, edges.sides)


def _border_width(box: Box, style: Style, value: object, edges: Edges, available: float) -> float:
    if type(value) is str:
        return keyword_width(box, value, edges, available)
    used = resolve(value, available)
    return max(used, edges.sides) if style.box_sizing == "border-box" else used + edges.sides


def block_width(box: Box, edges: Edges, available: float, percent_height: float | None) -> tuple[float, float]:
    """As `geometry.horizontal`: left offset and border-box width of a block-level box."""
    style = box.style
    used = _given_width(box, edges, available, percent_height)
    fill = max(available - edges.margin_left - edges.margin_right, edges.sides)
    whole = limited_width(box, fill if used is None else used, edges, available)
    if used is None and whole == fill:
        return edges.margin_left, whole
    return aligned(style, edges, available, whole), whole


def fitted_width(box: Box, edges: Edges, available: float, percent_height: float | None = None) -> float:
    """As `atoms.border_width`: the border-box width of a box that shrinks to fit."""
    used = _given_width(box, edges, available, percent_height)
    if used is None:
        used = keyword_width(box, "fit-content", edges, available)
    return limited_width(box, used, edges, available)


def _given_width(box: Box, edges: Edges, available: float, percent_height: float | None) -> float | None:
    """The border-box width that the style decides, be it by height and ratio; None for auto."""
    style = box.style
    if style.width != "auto":
        return _border_width(box, style, style.width, edges, available)
    ratio, by_border = ratio_of(style)
    height = specified_height(style, edges, percent_height) if ratio else None
    if height is None:
        return None
    height = clamped_height(style, height, edges, percent_height)
    if by_border:
        return height * ratio
    return (height - edges.top - edges.bottom) * ratio + edges.sides


def ratio_of(style: Style) -> tuple[float, bool]:
    """The preferred aspect ratio of a box that is not replaced, 0 for none; whether it is the border box's."""
    wanted = style.aspect_ratio
    if isinstance(wanted, tuple):
        return float(wanted[1]), False
    return (0.0, False) if isinstance(wanted, str) else (float(wanted), style.box_sizing == "border-box")


def ratio_height(style: Style, edges: Edges, width: float) -> float | None:
    """The border-box height that follows from a border-box width; None without a ratio."""
    ratio, by_border = ratio_of(style)
    if not ratio:
        return None
    if by_border:
        return width / ratio
    return max(width - edges.sides, 0.0) / ratio + edges.top + edges.bottom


def special_sizes(style: Style, edges: Edges, low: float, high: float) -> tuple[float, float]:
    """Content sizes (border box) of a box whose sizes are special: what its style makes of those of its content."""
    if style.width == "min-content":
        high = low
    elif style.width == "max-content":
        low = high
    elif style.width == "auto":
        height = specified_height(style, edges, None)
        ratio, by_border = ratio_of(style)
        if ratio and height is not None:
            both = edges.top + edges.bottom
            low = high = height * ratio if by_border else (height - both) * ratio + edges.sides
    if style.max_width == "min-content":
        high = low
    if style.min_width == "max-content":
        low = high
    extra = 0.0 if style.box_sizing == "border-box" else edges.sides
    for value, pick in ((style.max_width, min), (style.min_width, max)):
        if type(value) is not str and type(value) is not Percentage:
            low, high = pick(low, value + extra), pick(high, value + extra)  # type: ignore[operator]
    return low, high
