"""The page area, and what stands in it: small questions that several parts of the page loop ask.

In: a page's style, or its paint tree. Out: px. CSS Paged Media 3, chapter 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import ImageFragment, PaintGroup, TextFragment
from spark_pdf.layout.geometry import edges_of

if TYPE_CHECKING:
    from spark_pdf.layout.css import PageStyle

LEAST = 1.0
"""A page area is at least this high (px): margins that leave nothing would make pages without end."""


def first_content(group: PaintGroup) -> float:
    """Where the highest text (by its baseline) or image of a page stands."""
    top = float("inf")
    for item in group.items:
        if isinstance(item, PaintGroup):
            top = min(top, first_content(item))
        elif item.y < top and isinstance(item.fragment, (TextFragment, ImageFragment)):
            top = item.y
    return top


def origin_of(style: PageStyle) -> tuple[float, float]:
    """Where the page area begins: within the page's margins, borders and padding."""
    edges = edges_of(style.style, style.width)
    return style.margin_left + edges.left, style.margin_top + edges.top


def area_of(style: PageStyle) -> tuple[float, float]:
    """Width and height of the page area: what is left to the flow."""
    edges = edges_of(style.style, style.width)
    width = style.width - style.margin_left - style.margin_right - edges.sides
    height = style.height - style.margin_top - style.margin_bottom - edges.top - edges.bottom
    return max(width, 0.0), max(height, LEAST)
