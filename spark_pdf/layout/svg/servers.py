"""Paint servers: gradients and patterns (SVG 2, chapter 14).

In: the element that `fill` or `stroke` refers to, the shape's box and matrix. Out: a `Gradient` or `Tiling` in px of
the drawing, a plain colour where the gradient is one, or None where nothing is painted. Attributes that an element
lacks are those of the element that its `href` names.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.shapes.matrix import Matrix, apply, inverse, is_sound, multiply
from spark_pdf.layout.shapes.numbers import Units, length, number, transform
from spark_pdf.layout.svg.drawing import Gradient
from spark_pdf.layout.svg.environment import Environment, Styles, href_of, local_id
from spark_pdf.layout.values import Color

if TYPE_CHECKING:
    from spark_pdf.layout.shapes.paths import Bounds

Stops = tuple[tuple[float, Color], ...]

_GRADIENTS = ("linearGradient", "radialGradient")
_MOST_STOPS = 500
_MOST_REPEATS = 200


def chain(element: Element, environment: Environment, kinds: tuple[str, ...]) -> list[Element]:
    """The element and those that it takes attributes from, in order; a circle ends the list."""
    found = [element]
    while True:
        name = local_id(href_of(found[-1]))
        following = environment.find(name) if name else None
        if following is None or following.tag not in kinds or following in found or len(found) > 32:
            return found
        found.append(following)


def attribute(elements: list[Element], name: str) -> str | None:
    """The first of the elements' attributes of that name."""
    for element in elements:
        found = element.attributes.get(name)
        if found is not None:
            return found
    return None


def box_matrix(bounds: Bounds) -> Matrix:
    """From the unit square to a box: `objectBoundingBox` units."""
    left, top, right, bottom = bounds
    return right - left, 0.0, 0.0, bottom - top, left, top


def gradient(
    element: Element, environment: Environment, styles: Styles, bounds: Bounds | None, matrix: Matrix, units: Units
) -> Gradient | Color | None:
    """What a gradient element paints on a shape whose box in its own space is `bounds`."""
    elements = chain(element, environment, _GRADIENTS)
    stops = _stops(elements, styles)
    if not stops:
        return None
    of_box = attribute(elements, "gradientUnits") != "userSpaceOnUse"
    if of_box:
        if bounds is None or bounds[2] <= bounds[0] or bounds[3] <= bounds[1]:
            return None  # 14.2.2: a box without an area paints nothing
        matrix = multiply(matrix, box_matrix(bounds))
        units = Units(1.0, 1.0, units.em, units.rem)
    if len(stops) == 1:
        return stops[0][1]
    matrix = multiply(matrix, transform(attribute(elements, "gradientTransform")))
    if not is_sound(matrix):
        return stops[-1][1]
    spread = (attribute(elements, "spreadMethod") or "pad").strip()
    if element.tag == "linearGradient":
        return _linear(elements, stops, spread, of_box, bounds, matrix, units)
    return _radial(elements, stops, spread, of_box, bounds, matrix, units)


def _stops(elements: list[Element], styles: Styles) -> Stops:
    """The stops of the first element that has any; offsets never fall."""
    for element in elements:
        found: list[tuple[float, Color]] = []
        low = 0.0
        for child in element.children:
            if isinstance(child, str) or child.tag != "stop" or len(found) >= _MOST_STOPS:
                continue
            style = styles.of(child)
            low = max(low, min(max(number(child.attributes.get("offset"), 0.0), 0.0), 1.0))
            color = style.stop_color
            found.append((low, color._replace(alpha=color.alpha * style.stop_opacity)))
        if found:
            return tuple(found)
    return ()


def _coordinate(elements: list[Element], name: str, percent_of: float, units: Units, default: float) -> float:
    found = length(attribute(elements, name), percent_of, units)
    return default if found is None else found


def _linear(
    elements: list[Element], stops: Stops, spread: str, of_box: bool, bounds: Bounds | None, matrix: Matrix,
    units: Units,
) -> Gradient | Color:  # fmt: skip
    x1 = _coordinate(elements, "x1", units.width, units, 0.0)
    y1 = _coordinate(elements, "y1", units.height, units, 0.0)
    x2 = _coordinate(elements, "x2", units.width, units, units.width)
    y2 = _coordinate(elements, "y2", units.height, units, 0.0)
    dx, dy = x2 - x1, y2 - y1
    square = dx * dx + dy * dy
    if square < 1e-18:
        return stops[-1][1]
    if spread in ("repeat", "reflect") and bounds is not None:
        along = [((x - x1) * dx + (y - y1) * dy) / square for x, y in _corners(bounds, of_box, elements, units)]
        first, last = _periods(min(along), max(along))
        if last - first > 1 or first < 0:
            stops = repeated(stops, first, last, spread == "reflect")
            x1, y1, x2, y2 = x1 + dx * first, y1 + dy * first, x1 + dx * last, y1 + dy * last
    return Gradient(False, (x1, y1, x2, y2), stops, matrix)


def _corners(bounds: Bounds, of_box: bool, elements: list[Element], units: Units) -> list[tuple[float, float]]:
    """The corners of a shape's box in the gradient's own space."""
    left, top, right, bottom = (0.0, 0.0, 1.0, 1.0) if of_box else bounds
    # A stroke reaches beyond the box, by less than its size as a rule.
    wide, high = (right - left) / 2, (bottom - top) / 2
    places = [(left - wide, top - high), (right + wide, top - high),
              (left - wide, bottom + high), (right + wide, bottom + high)]  # fmt: skip
    own = transform(attribute(elements, "gradientTransform"))
    if not is_sound(own):
        return places
    back = inverse(own)
    return [apply(back, x, y) for x, y in places]


def _periods(low: float, high: float) -> tuple[int, int]:
    first, last = math.floor(max(low, -_MOST_REPEATS)), math.ceil(min(high, _MOST_REPEATS))
    return min(first, 0), max(last, 1)


def repeated(stops: Stops, first: int, last: int, reflect: bool) -> Stops:
    """The stops of all periods from `first` to `last`, over 0 to 1."""
    count = last - first
    found: list[tuple[float, Color]] = []
    for period in range(first, last):
        turned = reflect and period % 2
        ordered = [(1 - offset, color) for offset, color in reversed(stops)] if turned else list(stops)
        if ordered[0][0] > 0:
            ordered.insert(0, (0.0, ordered[0][1]))
        if ordered[-1][0] < 1:
            ordered.append((1.0, ordered[-1][1]))
        found += [((period - first + offset) / count, color) for offset, color in ordered]
    return tuple(found)


def _radial(
    elements: list[Element], stops: Stops, spread: str, of_box: bool, bounds: Bounds | None, matrix: Matrix,
    units: Units,
) -> Gradient | Color:  # fmt: skip
    cx = _coordinate(elements, "cx", units.width, units, units.width / 2)
    cy = _coordinate(elements, "cy", units.height, units, units.height / 2)
    r = _coordinate(elements, "r", units.diagonal, units, units.diagonal / 2)
    fx = _coordinate(elements, "fx", units.width, units, cx)
    fy = _coordinate(elements, "fy", units.height, units, cy)
    fr = max(_coordinate(elements, "fr", units.diagonal, units, 0.0), 0.0)
    if r <= 0:
        return stops[-1][1]
    fr = min(fr, r * 0.999)
    apart = math.hypot(fx - cx, fy - cy)
    most = (r - fr) * 0.999  # the focal point is brought within the circle (SVG 1.1, 13.2.3)
    if apart > most:
        fx, fy = cx + (fx - cx) * most / apart, cy + (fy - cy) * most / apart
    if spread in ("repeat", "reflect") and bounds is not None:
        far = max(math.hypot(x - fx, y - fy) for x, y in _corners(bounds, of_box, elements, units))
        nearest = max(r - fr - math.hypot(fx - cx, fy - cy), r * 0.05)
        last = min(math.ceil((far - fr) / nearest), _MOST_REPEATS) if far > fr else 1
        if last > 1:
            stops = repeated(stops, 0, last, spread == "reflect")
            cx, cy, r = fx + (cx - fx) * last, fy + (cy - fy) * last, fr + (r - fr) * last
    return Gradient(True, (fx, fy, fr, cx, cy, r), stops, matrix)
