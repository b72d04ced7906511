"""From specified to computed values. Specification: CSS Cascade 5, 4.4, and each property's "Computed value" line.

In: a specified value and what it is relative to. Out: what stands in a `Style`.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.colors import CURRENT_COLOR, ColorMix, resolved
from spark_pdf.layout.css.lengths import Computing, Math, Relative
from spark_pdf.layout.css.text_parsers import FONT_SIZES
from spark_pdf.layout.values import Percentage

TH = "-internal-center"
"""`text-align` of `th`: centred where the parent's is the initial value (HTML, 15.3.8 Tables)."""

ALIGN = "-align-"
"""Before a side: `text-align` of HTML's `align`, where blocks without margins go to that side as well."""


def resolve(value: Any, computing: Computing) -> Any:
    """The value with every relative length in it made px, and `currentcolor` made the element's colour."""
    if not isinstance(value, tuple):
        return value
    if type(value) is Relative:
        return computing.px(value)
    if type(value) is Math:
        return computing.math(value)
    if value is CURRENT_COLOR:
        return computing.color
    if type(value) is ColorMix:
        return resolved(value, computing.color)
    items = [resolve(item, computing) for item in value]
    if all(new is old for new, old in zip(items, value, strict=True)):
        return value
    return tuple(items) if type(value) is tuple else type(value)(*items)


def font_size(value: Any, computing: Computing) -> float:
    """px. `computing.font_size` is still the parent's here, which is what em and percentages mean."""
    if value in ("larger", "smaller"):
        return _relative_size(computing.font_size, value == "larger")
    value = resolve(value, computing)
    return float(value * computing.font_size) if type(value) is Percentage else float(value)


def _relative_size(size: float, larger: bool) -> float:
    """CSS Fonts 4, 2.5.2: the next of the absolute sizes; beyond the last of them a ratio."""
    slack = 1e-6
    if larger:
        return next((step for step in FONT_SIZES.values() if step > size + slack), size * 1.2)
    return next((step for step in reversed(tuple(FONT_SIZES.values())) if step < size - slack), size * 0.8)


def font_weight(value: Any, computing: Computing) -> int:
    """CSS Fonts 4, 2.4.1: what bolder and lighter make of the inherited weight."""
    inherited = computing.parent.font_weight
    if value == "bolder":
        return 400 if inherited < 350 else 700 if inherited < 550 else max(900, inherited)
    if value == "lighter":
        return min(100, inherited) if inherited < 100 else 100 if inherited < 550 else 400 if inherited < 750 else 700
    return int(value)


def color(value: Any, computing: Computing) -> Any:
    """`color: currentcolor` is the inherited colour."""
    if type(value) is ColorMix:
        return resolved(value, computing.parent.color)
    return computing.parent.color if value is CURRENT_COLOR else value


def line_height(value: Any, computing: Computing) -> Any:
    """px or "normal"; the number that children inherit is kept apart, in `line_height_factor`."""
    if type(value) is tuple:
        return value[1] * computing.font_size
    value = resolve(value, computing)
    return value * computing.font_size if type(value) is Percentage else value


def unwrapped(value: Any, computing: Computing) -> Any:
    """The image in the 1-tuple of `image_parsers.one_image`."""
    return resolve(value[0], computing)


def page_break(value: Any, computing: Computing) -> Any:
    """`always` is a page break here: nothing encloses a page."""
    return "page" if value == "always" else value


def text_align(value: Any, computing: Computing) -> Any:
    """`match-parent` is what the parent's value comes to by the parent's direction (CSS Text 4, 6.2)."""
    if value == TH:
        return "center" if computing.parent.text_align == "start" else computing.parent.text_align
    if value.startswith(ALIGN):
        return value[len(ALIGN) :]
    if value != "match-parent":
        return value
    inherited, rtl = computing.parent.text_align, computing.parent.direction == "rtl"
    if inherited in ("start", "end"):
        return "right" if (inherited == "end") is not rtl else "left"
    return inherited
