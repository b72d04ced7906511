"""Transforms as matrices (CSS Transforms 1 and 2, in the plane of the page).

In: `transform`, `translate`, `rotate`, `scale` and `transform-origin` of a style, and the border box. Out: one matrix,
in the coordinates of the page, for points as rows: (x, y, 1) times the matrix, as PDF takes it.
"""

from __future__ import annotations

from math import cos, radians, sin, tan
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.shapes.outlines import Matrix, Rect, multiply
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

_UPRIGHT = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}


def matrix_of(style: Style, box: Rect) -> Matrix:
    """The matrix of a border box (or of the content box, where `transform-box` says so, which is not given here)."""
    x, y, width, height = box
    across, down = style.transform_origin
    origin_x = x + across.fraction * width + across.offset
    origin_y = y + down.fraction * height + down.offset
    made: Matrix = (1.0, 0.0, 0.0, 1.0, -origin_x, -origin_y)
    for function in reversed(style.transform):
        made = multiply(made, _function(function, width, height))
    if style.scale:
        made = multiply(made, (style.scale[0], 0.0, 0.0, style.scale[1], 0.0, 0.0))
    if style.rotate:
        made = multiply(made, _rotation(style.rotate))
    if style.translate:
        made = multiply(made, _function(("translate", *style.translate), width, height))
    return multiply(made, (1.0, 0.0, 0.0, 1.0, origin_x, origin_y))


def _function(function: tuple[Any, ...], width: float, height: float) -> Matrix:
    name = function[0]
    if name == "translate":
        dx, dy = function[1:]
        return (
            1.0, 0.0, 0.0, 1.0,
            dx * width if dx.__class__ is Percentage else float(dx),
            dy * height if dy.__class__ is Percentage else float(dy),
        )  # fmt: skip
    if name == "scale":
        return float(function[1]), 0.0, 0.0, float(function[2]), 0.0, 0.0
    if name == "rotate":
        return _rotation(function[1])
    if name == "skew":
        return 1.0, tan(radians(function[2])), tan(radians(function[1])), 1.0, 0.0, 0.0
    a, b, c, d, e, f = function[1:]
    return float(a), float(b), float(c), float(d), float(e), float(f)


def _rotation(degrees: float) -> Matrix:
    upright = _UPRIGHT.get(degrees % 360)
    cosine, sine = upright if upright is not None else (cos(radians(degrees)), sin(radians(degrees)))
    return cosine, sine, -sine, cosine, 0.0, 0.0
