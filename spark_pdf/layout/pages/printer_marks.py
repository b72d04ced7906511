"""Marks for the printer, in the bleed around a page (CSS Paged Media 3, 7.5).

In: a page's style. Out: what is painted above all else: lines at the corners where the sheet is cut, crosses in the
middle of each side by which sheets are aligned. They reach half-way from the sheet's edge to the page's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import EdgeFragment, PaintGroup, Placed
from spark_pdf.layout.values import BLACK

if TYPE_CHECKING:
    from spark_pdf.layout.css.pages import PageStyle

_THICK = 2 / 3
"""px: half a point."""


def printer_marks(style: PageStyle) -> PaintGroup:
    """The marks that a page asks for."""
    group = PaintGroup()
    top, right, bottom, left = style.bleed
    width, height = style.width, style.height
    if "crop" in style.marks:
        for y in (0.0, height):
            _line(group, True, -left, y, left / 2)
            _line(group, True, width + right / 2, y, right / 2)
        for x in (0.0, width):
            _line(group, False, x, -top, top / 2)
            _line(group, False, x, height + bottom / 2, bottom / 2)
    if "cross" in style.marks:
        for y, size in ((-top / 2, top), (height + bottom / 2, bottom)):
            _cross(group, width / 2, y, size / 2)
        for x, size in ((-left / 2, left), (width + right / 2, right)):
            _cross(group, x, height / 2, size / 2)
    return group


def _cross(group: PaintGroup, x: float, y: float, size: float) -> None:
    _line(group, True, x - size / 2, y, size)
    _line(group, False, x, y - size / 2, size)


def _line(group: PaintGroup, horizontal: bool, x: float, y: float, size: float) -> None:
    if size <= 0:
        return
    half = _THICK / 2
    if horizontal:
        edge = EdgeFragment(BLACK, "solid", True, x, y - half, size, _THICK)
    else:
        edge = EdgeFragment(BLACK, "solid", False, x - half, y, _THICK, size)
    group.items.append(Placed(edge, edge.x, edge.y))
