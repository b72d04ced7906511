"""Numbers, lengths, view boxes and transform lists in SVG attributes (SVG 2, chapters 4 and 8).

In: attribute text. Out: floats in user units, or None where it says nothing. Nothing here raises on any text.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from spark_pdf.layout.shapes.matrix import IDENTITY, Matrix, multiply, rotation

LARGEST = 1e9
"""Numbers are held within this, so that no arithmetic on them overflows."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LENGTH = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%|[a-zA-Z]*)\s*")
_TRANSFORM = re.compile(r"\s*,?\s*([a-zA-Z]+)\s*\(([^()]*)\)")
_UNITS = {
    "": 1.0, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6, "pt": 96 / 72, "pc": 16.0,
}  # fmt: skip
_ALIGN = re.compile(r"\s*(?:defer\s+)?(none|x(Min|Mid|Max)Y(Min|Mid|Max))(?:\s+(meet|slice))?\s*")
_FRACTION = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}


def held(value: float) -> float:
    """A number within `LARGEST`; NaN counts as 0."""
    if -LARGEST <= value <= LARGEST:
        return value
    return 0.0 if value != value else LARGEST if value > 0 else -LARGEST


def numbers(text: str) -> list[float]:
    """All numbers in a list with whatever separates them."""
    return [held(float(found)) for found in _NUMBER.findall(text)]


def number(text: str | None, default: float) -> float:
    """A number or a percentage (as a fraction)."""
    found = _LENGTH.fullmatch(text) if text else None
    if found is None or found[2] not in ("", "%"):
        return default
    value = held(float(found[1]))
    return value / 100 if found[2] else value


class Units(NamedTuple):
    """What relative lengths are of, in user units: the nearest viewport, and font sizes."""

    width: float
    height: float
    em: float = 16.0
    rem: float = 16.0

    @property
    def diagonal(self) -> float:
        """What percentages are of that are neither along x nor along y (SVG 2, 8.9)."""
        return math.sqrt((self.width * self.width + self.height * self.height) / 2)


def length(text: str | None, percent_of: float, units: Units) -> float | None:
    """A length in user units, None where there is none."""
    found = _LENGTH.fullmatch(text) if text else None
    if found is None:
        return None
    value, unit = held(float(found[1])), found[2].lower()
    factor = _UNITS.get(unit)
    if factor is not None:
        return value * factor
    if unit == "%":
        return value / 100 * percent_of
    factor = {"em": units.em, "rem": units.rem, "ex": units.em / 2, "ch": units.em / 2,
              "vw": units.width / 100, "vh": units.height / 100}.get(unit)  # fmt: skip
    return None if factor is None else value * factor


def lengths(text: str | None, percent_of: float, units: Units) -> list[float]:
    """A list of lengths, as `x` and `dy` of a text have; it ends before the first that is none."""
    values: list[float] = []
    for part in (text or "").replace(",", " ").split():
        value = length(part, percent_of, units)
        if value is None:
            break
        values.append(value)
    return values


class ViewBox(NamedTuple):
    """`viewBox`: what part of user space fills the viewport."""

    x: float
    y: float
    width: float
    height: float


def view_box(text: str | None) -> ViewBox | None:
    """The attribute's box; None where it is missing, not valid, or empty."""
    values = numbers(text) if text else []
    if len(values) != 4 or values[2] <= 0 or values[3] <= 0:
        return None
    return ViewBox(*values)


def fit(box: ViewBox, width: float, height: float, aspect: str | None) -> tuple[Matrix, bool]:
    """The matrix from a view box to a viewport by `preserveAspectRatio`, and whether it slices (SVG 2, 8.7)."""
    found = _ALIGN.fullmatch(aspect) if aspect else None
    across, down = width / box.width, height / box.height
    if found is not None and found[1] == "none":
        return (across, 0.0, 0.0, down, -box.x * across, -box.y * down), False
    slices = found is not None and found[4] == "slice"
    scale = max(across, down) if slices else min(across, down)
    x, y = (_FRACTION[found[2]], _FRACTION[found[3]]) if found is not None else (0.5, 0.5)
    return (
        scale, 0.0, 0.0, scale,
        (width - box.width * scale) * x - box.x * scale, (height - box.height * scale) * y - box.y * scale,
    ), slices  # fmt: skip


def transform(text: str | None) -> Matrix:
    """A transform list; one that is not valid transforms nothing (SVG 2, 8.5)."""
    if not text:
        return IDENTITY
    at, result = 0, IDENTITY
    text = text.rstrip()
    while at < len(text):
        found = _TRANSFORM.match(text, at)
        made = None if found is None else _one_transform(found[1], found[2])
        if found is None or made is None:
            return IDENTITY
        result = multiply(result, made)
        at = found.end()
    return result


def _one_transform(name: str, arguments: str) -> Matrix | None:
    values = [_with_unit(part) for part in arguments.replace(",", " ").split()]
    if len(values) == 1 and "-" in arguments.strip()[1:] and values[0] is None:
        values = list(numbers(arguments))  # "10-20"
    given = [value for value in values if value is not None]
    count = len(given)
    if count != len(values) or not count:
        return None
    if name == "matrix" and count == 6:
        return (given[0], given[1], given[2], given[3], given[4], given[5])
    if name in ("translate", "translateX", "translateY") and count <= 2:
        x, y = given[0], given[1] if count == 2 else 0.0
        return (1.0, 0.0, 0.0, 1.0, 0.0 if name == "translateY" else x, x if name == "translateY" else y)
    if name == "scale" and count <= 2:
        return (given[0], 0.0, 0.0, given[-1], 0.0, 0.0)
    if name == "rotate" and count in (1, 3):
        turned = rotation(given[0])
        if count == 1:
            return turned
        x, y = given[1], given[2]
        return multiply(multiply((1.0, 0.0, 0.0, 1.0, x, y), turned), (1.0, 0.0, 0.0, 1.0, -x, -y))
    if name in ("skewX", "skewY") and count == 1:
        slope = held(math.tan(math.radians(given[0])))
        return (1.0, 0.0, slope, 1.0, 0.0, 0.0) if name == "skewX" else (1.0, slope, 0.0, 1.0, 0.0, 0.0)
    return None


_WITH_UNIT = {"": 1.0, "px": 1.0, "deg": 1.0, "rad": 180 / math.pi, "grad": 0.9, "turn": 360.0}


def _with_unit(part: str) -> float | None:
    """A number, or one with a unit that CSS transforms have."""
    found = _LENGTH.fullmatch(part)
    factor = _WITH_UNIT.get(found[2].lower()) if found is not None else None
    return None if found is None or factor is None else held(float(found[1])) * factor
