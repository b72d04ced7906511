"""Dashed and dotted lines: along a strip, or around a rounded border (CSS Backgrounds 3, 3.2).

In: what the line fills. Out: strokes. The period is stretched so that a dash or a dot stands at both ends of a strip,
and so that the last one of a closed line is as far from the first as any other.
"""

from __future__ import annotations

from math import sqrt

from spark_pdf.layout.shapes.outlines import Radii, Rect, inner_radii, inset
from spark_pdf.layout.values import Color
from spark_pdf.pdf.numbers import number
from spark_pdf.pdf.painter import Painter

_DASH = 3
"""A dash's length, and that of the gap behind it, by the line's thickness: CSS leaves it to us."""


def dash_strip(painter: Painter, rect: Rect, line: str, color: Color, horizontal: bool) -> None:
    """Fill a strip with dashes or dots."""
    x, y, width, height = rect
    length, thickness = (width, height) if horizontal else (height, width)
    if length <= 0 or thickness <= 0:
        return
    painter.save()
    painter.stroke_color(color)
    trim = 0.0
    if line == "dotted":
        gaps = max(round((length - thickness) / (2 * thickness)), 1)
        painter.out.append(b"1 J\n")
        _pattern(painter, thickness, 0.0, (length - thickness) / gaps)
        trim = thickness / 2
    else:
        gaps = max(round((length / thickness - _DASH) / (2 * _DASH)), 1)
        dash = length / (2 * gaps + 1)
        _pattern(painter, thickness, dash, dash)
    if horizontal:
        painter.segment(x + trim, y + height / 2, x + width - trim, y + height / 2)
    else:
        painter.segment(x + width / 2, y + trim, x + width / 2, y + height - trim)
    painter.restore()


def dash_path(
    painter: Painter, box: Rect, radii: Radii, widths: tuple[float, ...], thickness: float, line: str, color: Color
) -> None:
    """Dashes or dots along the middle of a rounded border."""
    half = tuple([width / 2 for width in widths])
    middle, corners = inset(box, half), inner_radii(radii, half)
    length = _around(middle, corners)
    if length <= 0:
        return
    painter.save()
    painter.stroke_color(color)
    if line == "dotted":
        painter.out.append(b"1 J\n")
        _pattern(painter, thickness, 0.0, length / max(round(length / (2 * thickness)), 1))
    else:
        dash = length / max(round(length / (2 * _DASH * thickness)), 1) / 2
        _pattern(painter, thickness, dash, dash)
    painter.rounded_rect(middle, corners)
    painter.out.append(b"S\n")
    painter.restore()


def _pattern(painter: Painter, thickness: float, dash: float, gap: float) -> None:
    gap = max(gap, 0.01)
    if dash == gap:
        painter.line(thickness, b"[%b] 0 d\n" % number(gap, 3))
    else:
        painter.line(thickness, b"[%b %b] 0 d\n" % (number(dash, 3), number(gap, 3)))


def _around(rect: Rect, radii: Radii) -> float:
    """The length of a rounded rectangle's edge; quarters of ellipses by Ramanujan's second formula."""
    total = 2 * (rect[2] + rect[3])
    for h, v in radii:
        if h > 0 and v > 0:
            ratio = 3 * ((h - v) / (h + v)) ** 2
            quarter = 0.7853981634 * (h + v) * (1 + ratio / (10 + sqrt(4 - ratio)))
            total += quarter - h - v
    return total
