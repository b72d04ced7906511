"""Lengths and percentages. Specification: CSS Values and Units 4, sections 5 and 6.

In: a token. Out: px as float where the unit is absolute, `Relative` where it depends on a font or the
page, `Percentage`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.css.tokens import Token
from spark_pdf.layout.values import Color, Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

PX_PER_UNIT = {
    "px": 1.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "pt": 96 / 72,
    "pc": 16.0,
}
RELATIVE_UNITS = frozenset(("em", "rem", "ex", "ch", "vw", "vh", "vmin", "vmax"))


class Relative(NamedTuple):
    """A length that becomes px when the style is computed."""

    value: float
    unit: str


Specified = float | Relative
"""px, `Percentage` or `Relative`."""


def length(token: Token, *, percentage: bool = True, negative: bool = False, number: bool = False) -> Specified | None:
    """A length, or None. `number`: a plain number counts as px (only zero does otherwise)."""
    kind = token.type
    if kind == "dimension":
        value, unit = float(token.value), token.lower_unit
        if value < 0 and not negative:
            return None
        factor = PX_PER_UNIT.get(unit)
        if factor is not None:
            return value * factor
        return Relative(value, unit) if unit in RELATIVE_UNITS else None
    if kind == "percentage" and percentage:
        return Percentage(token.value / 100) if token.value >= 0 or negative else None
    if kind == "number" and (token.value == 0 or (number and (token.value > 0 or negative))):
        return float(token.value)
    return None


class Computing:
    """What the values of one element are relative to. Lengths in px. `parent` is what is inherited from.

    `font_size` and `color` are the parent's until the element's own are known: the cascade computes them first.
    """

    __slots__ = ("color", "font_size", "parent", "root_font_size", "viewport")

    def __init__(self, parent: Style, viewport: tuple[float, float]) -> None:
        self.parent = parent
        self.font_size: float = parent.font_size
        self.root_font_size: float = parent.root_font_size
        self.color: Color = parent.color
        self.viewport = viewport

    def px(self, relative: Relative) -> float:
        """Absolute length. Without the font's own metrics `ex` and `ch` are half an em, as section 6.1.1 says."""
        value, unit = relative
        if unit == "em":
            return value * self.font_size
        if unit == "rem":
            return value * self.root_font_size
        if unit in ("ex", "ch"):
            return value * self.font_size * 0.5
        width, height = self.viewport
        per_cent = {"vw": width, "vh": height, "vmin": min(width, height), "vmax": max(width, height)}[unit]
        return value * per_cent / 100
