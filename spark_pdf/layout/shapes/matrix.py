"""Affine matrices as six numbers (a, b, c, d, e, f), as SVG and PDF write them.

They take (x, y) to (a x + c y + e, b x + d y + f).
"""

from __future__ import annotations

import math

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_LARGEST = 1e9


def multiply(outer: Matrix, inner: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """A point, transformed."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def translated(matrix: Matrix, x: float, y: float) -> Matrix:
    """First a shift by (x, y), then the matrix."""
    a, b, c, d, e, f = matrix
    return a, b, c, d, a * x + c * y + e, b * x + d * y + f


def scaled(matrix: Matrix, x: float, y: float) -> Matrix:
    """First a scaling, then the matrix."""
    a, b, c, d, e, f = matrix
    return a * x, b * x, c * y, d * y, e, f


def rotation(degrees: float) -> Matrix:
    """A turn about the origin, clockwise on the page."""
    quarters = degrees / 90
    if quarters == int(quarters):  # exact where everybody expects it
        cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    else:
        angle = math.radians(degrees)
        cosine, sine = math.cos(angle), math.sin(angle)
    return cosine, sine, -sine, cosine, 0.0, 0.0


def scale_of(matrix: Matrix) -> float:
    """How much longer lengths become, on average over directions."""
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))


def is_similar(matrix: Matrix) -> bool:
    """Whether it keeps the shape of a circle, and so the width of a stroke."""
    a, b, c, d, _, _ = matrix
    slack = 1e-6 * (abs(a) + abs(b) + abs(c) + abs(d))
    return (abs(a - d) <= slack and abs(b + c) <= slack) or (abs(a + d) <= slack and abs(b - c) <= slack)


def is_sound(matrix: Matrix) -> bool:
    """Whether anything can be drawn with it: finite numbers of a sensible size, and an area left of it."""
    a, b, c, d, _, _ = matrix
    return all(-_LARGEST < value < _LARGEST for value in matrix) and abs(a * d - b * c) > 1e-18


def inverse(matrix: Matrix) -> Matrix:
    """The matrix that undoes a sound one."""
    a, b, c, d, e, f = matrix
    det = a * d - b * c
    return d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det
