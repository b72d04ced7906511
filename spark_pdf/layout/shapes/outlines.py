"""Rectangles with rounded corners, and other outlines that clip or are painted (CSS Backgrounds 3, 4.1 to 4.5).

In: sizes of boxes and the radii that their styles give. Out: used radii in px, and paths: tuples of segments, of which
each is ("m" | "l", x, y), ("c", x1, y1, x2, y2, x3, y3) or ("h",), as PDF and SVG know them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from spark_pdf.layout.values import Dimension, Percentage

Rect = tuple[float, float, float, float]
"""x, y, width, height."""

Radii = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Horizontal and vertical radius of the corners: top left, top right, bottom right, bottom left."""

Segment = tuple[Any, ...]
Matrix = tuple[float, float, float, float, float, float]

SQUARE: Radii = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
KAPPA = 0.5522847498
"""Control points of a quarter of an ellipse drawn as a Bézier curve."""


class Outline(NamedTuple):
    """A path that clips, in px of the page. `rule`: what is inside, "nonzero" or "evenodd"."""

    segments: tuple[Segment, ...]
    rule: str = "nonzero"


def used_radii(
    corners: tuple[tuple[Dimension, Dimension], ...], width: float, height: float,
    open_at: tuple[bool, bool, bool, bool] = (False, False, False, False),
) -> Radii | None:  # fmt: skip
    """Radii in px, scaled down where they would overlap (CSS Backgrounds 3, 4.5); None where all corners are square.

    `open_at`: corners that are square because the box goes on there.
    """
    px = [
        (0.0, 0.0) if is_open or not (h and v) else (_px(h, width), _px(v, height))
        for (h, v), is_open in zip(corners, open_at, strict=True)
    ]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = px
    if not ((ax > 0 and ay > 0) or (bx > 0 and by > 0) or (cx > 0 and cy > 0) or (dx > 0 and dy > 0)):
        return None
    factor = 1.0
    for total, room in ((ax + bx, width), (cx + dx, width), (ay + dy, height), (by + cy, height)):
        if total > room:
            factor = min(factor, max(room, 0.0) / total)
    a, b, c, d = [(h * factor, v * factor) for h, v in px]
    return a, b, c, d


def _px(value: Dimension, base: float) -> float:
    return value * base if type(value) is Percentage else float(value)


def inner_radii(radii: Radii, by: tuple[float, ...]) -> Radii:
    """Radii of the edge that lies so far inside, by top, right, bottom, left (CSS Backgrounds 3, 4.2)."""
    top, right, bottom, left = by
    (ax, ay), (bx, by_), (cx, cy), (dx, dy) = radii
    return (
        (max(ax - left, 0.0), max(ay - top, 0.0)), (max(bx - right, 0.0), max(by_ - top, 0.0)),
        (max(cx - right, 0.0), max(cy - bottom, 0.0)), (max(dx - left, 0.0), max(dy - bottom, 0.0)),
    )  # fmt: skip


def outer_radii(radii: Radii, by: float) -> Radii:
    """Radii of the edge that lies so far outside (CSS Backgrounds 3, 6.1.1): small ones grow less, square ones stay."""
    grown = []
    for h, v in radii:
        if by < 0:
            grown.append((max(h + by, 0.0), max(v + by, 0.0)))
        elif h <= 0 or v <= 0:
            grown.append((0.0, 0.0))
        else:
            grown.append((h + by * _share(h, by), v + by * _share(v, by)))
    a, b, c, d = grown
    return a, b, c, d


def _share(radius: float, by: float) -> float:
    if radius >= by:
        return 1.0
    ratio = radius / by
    return 1 + (ratio - 1) ** 3


def inset(box: Rect, by: tuple[float, ...] | list[float]) -> Rect:
    """The box without so much at its top, right, bottom and left."""
    x, y, width, height = box
    top, right, bottom, left = by
    return x + left, y + top, max(width - left - right, 0.0), max(height - top - bottom, 0.0)


def rounded_path(rect: Rect, radii: Radii) -> tuple[Segment, ...]:
    """A rectangle with elliptical corners."""
    x, y, width, height = rect
    right, bottom = x + width, y + height
    if radii == SQUARE:
        return ("m", x, y), ("l", right, y), ("l", right, bottom), ("l", x, bottom), ("h",)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = radii
    k = 1 - KAPPA
    return (
        ("m", x + ax, y), ("l", right - bx, y),
        ("c", right - bx * k, y, right, y + by * k, right, y + by), ("l", right, bottom - cy),
        ("c", right, bottom - cy * k, right - cx * k, bottom, right - cx, bottom), ("l", x + dx, bottom),
        ("c", x + dx * k, bottom, x, bottom - dy * k, x, bottom - dy), ("l", x, y + ay),
        ("c", x, y + ay * k, x + ax * k, y, x + ax, y), ("h",),
    )  # fmt: skip


def ellipse_path(x: float, y: float, rx: float, ry: float) -> tuple[Segment, ...]:
    """An ellipse around (x, y)."""
    corner = (rx, ry)
    return rounded_path((x - rx, y - ry, 2 * rx, 2 * ry), (corner, corner, corner, corner))


def polygon_path(points: list[tuple[float, float]]) -> tuple[Segment, ...]:
    """A closed polygon."""
    return (*[("l" if index else "m", x, y) for index, (x, y) in enumerate(points)], ("h",))


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that applies `first`, then `second` (points as rows, as in PDF)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


def applied(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """A point under a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def bounds(matrix: Matrix, rect: Rect) -> Rect:
    """The upright rectangle around a rectangle under a matrix."""
    x, y, width, height = rect
    corners = [applied(matrix, px, py) for px in (x, x + width) for py in (y, y + height)]
    left, top = min(px for px, _ in corners), min(py for _, py in corners)
    return left, top, max(px for px, _ in corners) - left, max(py for _, py in corners) - top
