"""Shadows of boxes and outlines around them (CSS Backgrounds 3, 6; CSS UI 4, 3).

In: a border box, its radii, a shadow. Out: filled shapes. PDF has no blur: a blurred shadow is a stack of rounded
rectangles, the contours of what the blur would give, each adding a little to the alpha. Steps are small enough not to
be seen, one lies within the other, so nothing shows between them, and equal shadows of equal boxes are one form.

The blur is that of three box blurs, which is what browsers do for a Gaussian: its integral is made of cubics, so the
same numbers come out on any machine.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from spark_pdf.layout.shapes.outlines import SQUARE, Radii, Rect, inner_radii, outer_radii
from spark_pdf.layout.values import Shadow
from spark_pdf.pdf.painter import Painter

_MOST_STEPS = 40
_LEAST = 0.004
"""An alpha of one step in 255."""
_DIAGONAL = 0.29289322
"""How far a quarter circle's middle lies within its corner, in radii: 1 - sqrt(1/2)."""


class Boxed(NamedTuple):
    """A box that casts a shadow: its edge, and its corners. `open`: sides on which it goes on elsewhere."""

    rect: Rect
    radii: Radii | None
    open: tuple[bool, bool, bool, bool] = (False, False, False, False)


def paint_outer_shadows(painter: Painter, shadows: tuple[Shadow, ...], box: Boxed, covered: bool) -> None:
    """Paint what is not inset, the first one on top. `covered`: an opaque background will lie over the box."""
    for shadow in reversed(shadows):
        if not shadow.inset and shadow.color.alpha > 0:
            _outer(painter, shadow, box, covered)


def paint_inner_shadows(painter: Painter, shadows: tuple[Shadow, ...], padding: Boxed) -> None:
    """Paint the inset ones within the padding box, the first one on top."""
    for shadow in reversed(shadows):
        if shadow.inset and shadow.color.alpha > 0:
            _inner(painter, shadow, padding)


def _outer(painter: Painter, shadow: Shadow, box: Boxed, covered: bool) -> None:
    painter.end_text()
    x, y, width, height = box.rect
    reach = abs(shadow.x) + abs(shadow.y) + 1.5 * shadow.blur + abs(shadow.spread) + 1
    own = (0.0, 0.0, width, height)
    cast = _grown(_extended(own, box.open, 2 * reach), shadow.spread)
    if cast[2] <= 0 or cast[3] <= 0:
        return
    cast = (cast[0] + shadow.x, cast[1] + shadow.y, cast[2], cast[3])
    radii = None if box.radii is None else outer_radii(box.radii, shadow.spread)
    area = _cut(own, box.open, reach)
    key = ("shadow", shadow, own, box.radii, box.open, covered)
    painter.save()
    painter.transform((1, 0, 0, 1, x, y))
    made = painter.resources.made.get(key)
    if made is None:
        inner = painter.nested()
        if any(box.open):
            inner.rect(*area)
            inner.clip()
        if not covered:  # 6.1: it is clipped inside the border box
            inner.rect(*area)
            inner.rounded_rect(own, box.radii)
            inner.clip(b"W* n\n")
        if shadow.blur > 0:
            for alpha, rect, corners in _contours(shadow, cast, radii):
                inner.fill_color(shadow.color._replace(alpha=alpha))
                inner.rounded_rect(rect, corners)
                inner.out.append(b"f\n")
        else:
            inner.fill_color(shadow.color)
            inner.rounded_rect(cast, radii)
            inner.out.append(b"f\n")
        made = painter.resources.made[key] = painter.form(inner.content(), area)
    painter.opacity(1.0)
    painter.out.append(made)  # type: ignore[arg-type]
    painter.restore()


def _inner(painter: Painter, shadow: Shadow, padding: Boxed) -> None:
    painter.end_text()
    x, y, width, height = padding.rect
    if width <= 0 or height <= 0:
        return
    own = (0.0, 0.0, width, height)
    hole = _grown(own, -shadow.spread)
    hole = _extended(hole, padding.open, 2 * (width + height))
    hole = (hole[0] + shadow.x, hole[1] + shadow.y, max(hole[2], 0.0), max(hole[3], 0.0))
    spread = (shadow.spread,) * 4
    radii = None
    if padding.radii is not None:
        radii = inner_radii(padding.radii, spread) if shadow.spread > 0 else outer_radii(padding.radii, -shadow.spread)
    key = ("inset", shadow, own, padding.radii, padding.open)
    painter.save()
    painter.transform((1, 0, 0, 1, x, y))
    made = painter.resources.made.get(key)
    if made is None:
        inner = painter.nested()
        inner.rounded_rect(own, padding.radii)
        inner.clip()
        far = abs(shadow.x) + abs(shadow.y) + 1.5 * shadow.blur + abs(shadow.spread) + 10
        around = _grown(_extended(own, padding.open, 2 * (width + height)), 2 * far)
        if shadow.blur > 0:
            for alpha, rect, corners in _holes(shadow, hole, radii):
                inner.fill_color(shadow.color._replace(alpha=alpha))
                inner.rect(*around)
                if rect is not None:
                    inner.rounded_rect(rect, corners)
                inner.out.append(b"f*\n")
        else:
            inner.fill_color(shadow.color)
            inner.rect(*around)
            if hole[2] > 0 and hole[3] > 0:
                inner.rounded_rect(hole, radii)
            inner.out.append(b"f*\n")
        made = painter.resources.made[key] = painter.form(inner.content(), own)
    painter.opacity(1.0)
    painter.out.append(made)  # type: ignore[arg-type]
    painter.restore()


def _grown(rect: Rect, by: float) -> Rect:
    x, y, width, height = rect
    return x - by, y - by, width + 2 * by, height + 2 * by


def _extended(rect: Rect, sides: tuple[bool, bool, bool, bool], by: float) -> Rect:
    x, y, width, height = rect
    top, right, bottom, left = [by if is_open else 0.0 for is_open in sides]
    return x - left, y - top, width + left + right, height + top + bottom


def _cut(rect: Rect, sides: tuple[bool, bool, bool, bool], reach: float) -> Rect:
    x, y, width, height = rect
    top, right, bottom, left = [0.0 if is_open else reach for is_open in sides]
    return x - left, y - top, width + left + right, height + top + bottom


def _steps(shadow: Shadow, peak: float) -> list[tuple[float, float]]:
    """The alpha that each step adds, and the level whose contour it fills, from the faintest on.

    Contours stand at equal distances, so that steps are small where the shadow fades out and an edge would show. A step
    of less than what a viewer's eight bits can tell joins the next one.
    """
    most = shadow.color.alpha * peak
    count = max(4, min(int(shadow.blur * 1.2) + 3, _MOST_STEPS))
    found: list[tuple[float, float]] = []
    reached = below = 0.0
    for step in range(1, count + 1):
        share = 1.0 if step == count else _integral(-2.7 + 5.4 * step / count)
        target = most * share
        if target - reached < _LEAST and step < count:
            continue
        alpha = round(max(target - reached, 0.0) / max(1 - reached, 1e-6), 3)
        if alpha > 0:
            found.append((alpha, peak * (below + share) / 2))
            reached += (1 - reached) * alpha
            below = share
    return found


def _contours(shadow: Shadow, cast: Rect, radii: Radii | None) -> list[tuple[float, Rect, Radii | None]]:
    """Alpha and outline of each step, the outermost first."""
    sigma = shadow.blur / 2
    peak = _profile(cast[2] / 2, cast[2], sigma) * _profile(cast[3] / 2, cast[3], sigma)
    return [(alpha, *_contour(cast, radii, sigma, level)) for alpha, level in _steps(shadow, peak)]


def _holes(shadow: Shadow, hole: Rect, radii: Radii | None) -> list[tuple[float, Rect | None, Radii | None]]:
    """Alpha and hole of each step, the smallest hole first: what is around it is the largest."""
    sigma = shadow.blur / 2
    peak = 0.0
    if hole[2] > 0 and hole[3] > 0:
        peak = _profile(hole[2] / 2, hole[2], sigma) * _profile(hole[3] / 2, hole[3], sigma)
    found: list[tuple[float, Rect | None, Radii | None]] = []
    for alpha, level in _steps(shadow, 1.0):
        if 1 - level >= peak:
            found.append((alpha, None, None))
        else:
            found.append((alpha, *_contour(hole, radii, sigma, 1 - level)))
    return found


def _contour(box: Rect, radii: Radii | None, sigma: float, level: float) -> tuple[Rect, Radii | None]:
    """Where the blurred box is as dark as `level`: a rectangle with corners, near enough.

    Along the edges it is exact. A corner's radius is such that the contour of a blurred square corner is met on its
    diagonal; large radii of the box itself go on as they are.
    """
    x, y, width, height = box
    middle_x, middle_y = _profile(width / 2, width, sigma), _profile(height / 2, height, sigma)
    u = _inset_of(level / middle_y, width, sigma)
    v = _inset_of(level / middle_x, height, sigma)
    straight = sigma * _inverse(min(level, 1.0))
    square = (sigma * _inverse(sqrt(min(level, 1.0))) - straight) / _DIAGONAL
    rect = (x + u, y + v, max(width - 2 * u, 0.0), max(height - 2 * v, 0.0))
    corners = []
    for h, k in radii or SQUARE:
        corners.append((_together(square, h - straight if h else 0.0), _together(square, k - straight if k else 0.0)))
    largest = max(max(h, k) for h, k in corners)
    room = min(rect[2], rect[3]) / 2
    if largest > room:
        corners = [(min(h, rect[2] / 2), min(k, rect[3] / 2)) for h, k in corners]
    a, b, c, d = corners
    return rect, (a, b, c, d)


def _together(a: float, b: float) -> float:
    if b <= 0:
        return a
    return sqrt(sqrt(a * a * a * a + b * b * b * b))


def _integral(z: float) -> float:
    """How much of a blurred edge is reached `z` deviations behind it: three box blurs, each two deviations wide."""
    s = z / 2 + 1.5
    if s <= 0:
        return 0.0
    if s >= 3:
        return 1.0
    if s < 1:
        return s * s * s / 6
    if s < 2:
        return (-2 * s * s * s + 9 * s * s - 9 * s + 3) / 6
    return 1 - (3 - s) * (3 - s) * (3 - s) / 6


def _profile(at: float, size: float, sigma: float) -> float:
    """How dark a blurred strip is, `at` px from its edge."""
    return _integral(at / sigma) - _integral((at - size) / sigma)


def _inverse(level: float) -> float:
    """The deviations behind an edge at which so much of it is reached."""
    low, high = -3.0, 3.0
    for _ in range(24):
        middle = (low + high) / 2
        if _integral(middle) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _inset_of(level: float, size: float, sigma: float) -> float:
    """Where a blurred strip is as dark as `level`; its middle where it never is."""
    low, high = -3 * sigma, size / 2
    for _ in range(24):
        middle = (low + high) / 2
        if _profile(middle, size, sigma) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
