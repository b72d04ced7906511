"""Lengths and percentages. Specification: CSS Values and Units 4, sections 5, 6 and 10.

In: a token. Out: px as float where the unit is absolute, `Relative` where it depends on a font or the
page, `Percentage`, `Math` for calculations of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from spark_pdf.layout.css.tokens import CalculatedDimension, CalculatedNumber, CalculatedPercentage, Terms, Token
from spark_pdf.layout.values import Color, MathNode, Percentage, apply_math

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
_FONT_UNITS = ("em", "ex", "ch", "cap", "ic", "lh")
_AXES = ("w", "h", "i", "b", "min", "max")
_PAGE_UNITS = {
    **{f"{size}v{axis}": axis for size in ("", "s", "l", "d") for axis in _AXES},
    **{f"cq{axis}": axis for axis in _AXES},
}
"""Parts of the page area; on paper small, large and dynamic are one, and so is a container that is none."""
RELATIVE_UNITS = frozenset((*_FONT_UNITS, *(f"r{unit}" for unit in _FONT_UNITS), *_PAGE_UNITS))


class Relative(NamedTuple):
    """A length that becomes px when the style is computed."""

    value: float
    unit: str


class Math(NamedTuple):
    """A calculation that becomes px, or a `Percentage`, when the style is computed. `low`: nothing is below zero."""

    terms: Terms
    low: bool


Specified = float | Relative | Math
"""px, `Percentage`, `Relative` or `Math`."""


def length(token: Token, *, percentage: bool = True, negative: bool = False, number: bool = False) -> Specified | None:
    """A length, or None. `number`: a plain number counts as px (only zero does otherwise)."""
    kind = token.type
    if kind == "dimension":
        value, unit = float(token.value), token.lower_unit
        if value < 0 and not negative:
            # What a math function comes to is brought into range, not refused (10.12).
            if token.__class__ is not CalculatedDimension:
                return None
            value = 0.0
        factor = PX_PER_UNIT.get(unit)
        if factor is not None:
            return value * factor
        return Relative(value, unit) if unit in RELATIVE_UNITS else None
    if kind == "percentage" and percentage:
        if token.value < 0 and not negative:
            return Percentage(0.0) if token.__class__ is CalculatedPercentage else None
        return Percentage(token.value / 100)
    if kind == "number" and (token.value == 0 or (number and (token.value > 0 or negative))):
        return None if token.__class__ is CalculatedNumber and not number else float(token.value)
    if kind == "calculation" and (percentage or not has_percentage(token.terms)):
        return Math(token.terms, not negative)
    return None


def has_percentage(terms: Terms) -> bool:
    """Whether the result depends on what percentages are of."""
    return any(
        unit == "%" if unit.__class__ is str else any(has_percentage(inner) for inner in unit[1:]) for _, unit in terms
    )


def scaled(value: Specified, factor: float) -> Specified:
    """A multiple of a specified length."""
    if isinstance(value, Relative):
        return Relative(value.value * factor, value.unit)
    if isinstance(value, Math):
        return Math(tuple((number * factor, unit) for number, unit in value.terms), False)
    return Percentage(float(value) * factor) if isinstance(value, Percentage) else value * factor


class FontMetrics(NamedTuple):
    """What units ask of a face, in em: heights of x and capitals, advances of 0 and 水, and the normal line height."""

    x_height: float = 0.5
    cap_height: float = 0.7
    zero: float = 0.5
    ideograph: float = 1.0
    line: float = 1.2


Measure = Callable[[Any], FontMetrics]
"""Gives the metrics of the first face of a style; None for the initial style's."""


def half_an_em(style: Any) -> FontMetrics:
    """Where no fonts are at hand (6.1.1)."""
    return FontMetrics()


class Font(NamedTuple):
    """The values of a style that decide its first face."""

    font_family: tuple[str, ...]
    font_weight: int
    font_style: str
    font_stretch: float


class Computing:
    """What the values of one element are relative to. Lengths in px. `parent` is what is inherited from.

    `font_size`, `font` and `color` are the parent's until the element's own are known: the cascade computes them first.
    `line_height` is None for `normal`.
    """

    __slots__ = ("color", "font", "font_size", "line_height", "measure", "parent", "root", "root_font_size", "viewport")

    def __init__(self, parent: Style, viewport: tuple[float, float], measure: Measure = half_an_em) -> None:
        self.parent = parent
        self.font_size: float = parent.font_size
        self.root_font_size: float = parent.root_font_size
        self.root: tuple[Font, float | None] | None = parent.root_font
        self.color: Color = parent.color
        self.viewport = viewport
        self.measure = measure
        self.font = font_of(parent)
        self.line_height: float | None = None if isinstance(parent.line_height, str) else parent.line_height

    def px(self, relative: Relative) -> float:
        """Absolute length."""
        return relative.value * self.unit(relative.unit)

    def unit(self, unit: str) -> float:
        """px of one."""
        if unit == "px":
            return 1.0
        if unit == "em":
            return self.font_size
        if unit == "rem":
            return self.root_font_size
        axis = _PAGE_UNITS.get(unit)
        if axis is not None:
            return self._page(axis)
        if unit[0] == "r" and self.root is not None:
            font, line = self.root
            return _of_face(unit[1:], self.measure(font), self.root_font_size, line)
        return _of_face(unit.removeprefix("r"), self.measure(self.font), self.font_size, self.line_height)

    def _page(self, axis: str) -> float:
        width, height = self.viewport
        if axis in ("w", "i"):
            return width / 100
        if axis in ("h", "b"):
            return height / 100
        return (min(width, height) if axis == "min" else max(width, height)) / 100

    def math(self, value: Math) -> float:
        """px, or a `Percentage` where the calculation has percentages."""
        fraction, px, nodes = self._sum(value.terms)
        if not fraction and not nodes and not has_percentage(value.terms):
            return max(0.0, px) if value.low else px
        node = _node(fraction, px, nodes) if nodes else None
        if value.low and (nodes or fraction < 0 or px < 0):
            node = ("max", (0.0, 0.0), _node(fraction, px, nodes))
        return Percentage(fraction, px, node)

    def _sum(self, terms: Terms) -> tuple[float, float, list[MathNode]]:
        """What a percentage's base is multiplied by, px, and functions that wait for the base."""
        fraction = px = 0.0
        nodes: list[MathNode] = []
        for factor, unit in terms:
            if unit == "%":
                fraction += factor / 100
            elif unit.__class__ is str:
                px += factor * self.unit(unit)
            else:
                sums = [self._sum(inner) for inner in unit[1:]]
                if any(part[0] or part[2] for part in sums):
                    node: MathNode = (unit[0], *(_node(*part) for part in sums))
                    nodes.append(node if factor == 1 else ("times", (0.0, factor), node))
                else:
                    px += factor * apply_math(unit[0], [part[1] for part in sums])
        return fraction, px, nodes


def _node(fraction: float, px: float, nodes: list[MathNode]) -> MathNode:
    return ("sum", (fraction, px), *nodes) if nodes else (fraction, px)


def _of_face(unit: str, metrics: FontMetrics, size: float, line_height: float | None) -> float:
    if unit == "ex":
        return metrics.x_height * size
    if unit == "ch":
        return metrics.zero * size
    if unit == "cap":
        return metrics.cap_height * size
    if unit == "ic":
        return metrics.ideograph * size
    return metrics.line * size if line_height is None else line_height


def font_of(style: Style) -> Font:
    """The values that decide a style's first face."""
    return Font(style.font_family, style.font_weight, style.font_style, style.font_stretch)
