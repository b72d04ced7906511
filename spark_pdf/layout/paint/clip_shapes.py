"""`clip-path`: basic shapes as outlines on the page (CSS Shapes 1, 3; CSS Masking 1, 5).

In: a `Shape`, and the boxes of what it clips. Out: an `Outline`. A shape of no area clips everything away.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.shapes.outlines import (
    SQUARE,
    Outline,
    Radii,
    Rect,
    Segment,
    ellipse_path,
    inset,
    polygon_path,
    rounded_path,
    used_radii,
)
from spark_pdf.layout.shapes.paths import parse_path
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.values import Shape


def shape_outline(shape: Shape, box: Rect, radii: Radii | None) -> Outline:
    """The outline of a shape. `box`: its reference box; `radii`: of that box's corners."""
    x, y, width, height = box
    kind, arguments = shape.kind, shape.arguments
    if kind == "box":
        return Outline(rounded_path(box, radii or SQUARE))
    if kind == "inset":
        return _inset(box, arguments)
    if kind in ("circle", "ellipse"):
        return _ellipse(kind, box, arguments)
    if kind == "polygon":
        rule, points = arguments
        return Outline(polygon_path([(x + _px(px, width), y + _px(py, height)) for px, py in points]), rule)
    rule, data = arguments
    return Outline(_moved(data, x, y), rule)


def _px(value: float, base: float) -> float:
    return value * base if value.__class__ is Percentage else float(value)


def _inset(box: Rect, arguments: tuple[Any, ...]) -> Outline:
    """`inset()`: opposite insets that overlap shrink in proportion (Shapes 1, 3.1)."""
    sides, corners = arguments
    _, _, width, height = box
    top, right, bottom, left = [_px(v, room) for v, room in zip(sides, (height, width, height, width), strict=True)]
    if top + bottom > height:
        top, bottom = _shrunk(top, bottom, height)
    if left + right > width:
        left, right = _shrunk(left, right, width)
    rect = inset(box, (top, right, bottom, left))
    # Percentages of the radii are of the reference box.
    px = tuple([(_px(h, width), _px(v, height)) for h, v in corners])
    return Outline(rounded_path(rect, used_radii(px, rect[2], rect[3]) or SQUARE))


def _shrunk(first: float, last: float, room: float) -> tuple[float, float]:
    factor = room / (first + last)
    return first * factor, last * factor


def _ellipse(kind: str, box: Rect, arguments: tuple[Any, ...]) -> Outline:
    x, y, width, height = box
    across, down = arguments[-2:]
    cx, cy = across.fraction * width + across.offset, down.fraction * height + down.offset
    sides_x, sides_y = (abs(cx), abs(width - cx)), (abs(cy), abs(height - cy))
    if kind == "circle":
        radius = arguments[0]
        if isinstance(radius, str):
            rx = min(*sides_x, *sides_y) if radius == "closest-side" else max(*sides_x, *sides_y)
        else:
            rx = _px(radius, sqrt((width * width + height * height) / 2))
        ry = rx
    else:
        rx, ry = _radius(arguments[0], sides_x, width), _radius(arguments[1], sides_y, height)
    return Outline(ellipse_path(x + cx, y + cy, max(rx, 0.0), max(ry, 0.0)))


def _radius(value: float | str, sides: tuple[float, float], base: float) -> float:
    if isinstance(value, str):
        return min(sides) if value == "closest-side" else max(sides)
    return _px(value, base)


def _moved(data: str, x: float, y: float) -> tuple[Segment, ...]:
    """Path data from the reference box's corner on; `path()` knows no percentages."""
    path = parse_path(data)
    found: list[Segment] = []
    points = path.points
    at = 0
    for operator in path.ops:
        count = _POINTS[operator]
        values = points[at : at + count]
        at += count
        moved = [value + (y if index % 2 else x) for index, value in enumerate(values)]
        found.append((_NAMES[operator], *moved))
    return tuple(found)


_POINTS = {"M": 2, "L": 2, "C": 6, "c": 6, "Z": 0}
_NAMES = {"M": "m", "L": "l", "C": "c", "c": "c", "Z": "h"}
