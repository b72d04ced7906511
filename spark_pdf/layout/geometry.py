"""The arithmetic of the box model: margins, borders, padding, and sizes clamped by min and max (CSS 2.2, 8 and 10).

In: a `Style` and the containing block's size. Out: numbers. What does not depend on the containing block is kept with
the style, so that it is worked out once per worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

DEFAULT_WIDTH, DEFAULT_HEIGHT = 300.0, 150.0
"""The default object size (CSS 2.2, 10.3.2)."""

_PERCENTABLE = (
    "margin_top", "margin_right", "margin_bottom", "margin_left",
    "padding_top", "padding_right", "padding_bottom", "padding_left",
)  # fmt: skip


class Edges:
    """Used margins, and borders with padding, of one box. `auto` margins are 0, and flagged.

    `top` ... `left`: border plus padding of a side. `border_top` ... the border alone. `special`: `sizing` decides the
    box's sizes, or its fragments are decorated each on its own.
    """

    __slots__ = (
        "auto_left", "auto_right", "border_bottom", "border_left", "border_right", "border_top", "bottom", "left",
        "margin_bottom", "margin_left", "margin_right", "margin_top", "right", "sides", "special", "top",
    )  # fmt: skip

    def __init__(self, margins: tuple[object, ...], borders: tuple[float, ...], paddings: tuple[float, ...]) -> None:
        top, right, bottom, left = (0.0 if type(m) is str else float(m) for m in margins)  # type: ignore[arg-type]
        self.margin_top, self.margin_right, self.margin_bottom, self.margin_left = top, right, bottom, left
        self.auto_left = margins[3] == "auto"
        self.auto_right = margins[1] == "auto"
        self.border_top, self.border_right, self.border_bottom, self.border_left = borders
        self.top = borders[0] + paddings[0]
        self.right = borders[1] + paddings[1]
        self.bottom = borders[2] + paddings[2]
        self.left = borders[3] + paddings[3]
        self.sides = self.left + self.right
        self.special = False


def derived(style: Style) -> dict[object, object]:
    """The dictionary in which layout keeps what follows from a style alone."""
    found = style.derived
    if found is None:
        found = style.derived = {}
    return found


def resolve(value: object, base: float) -> float:
    """A length or percentage in px. `value` is not a keyword."""
    if type(value) is float:  # as nearly all are
        return value
    return value * base if type(value) is Percentage else value  # type: ignore[return-value]


def edges_of(style: Style, width: float) -> Edges:
    """Margins, borders and padding; percentages are of the containing block's `width`, vertical ones too."""
    kept = derived(style)
    found = kept.get("edges")
    if found is not None:
        return found  # type: ignore[return-value]
    values = [getattr(style, name) for name in _PERCENTABLE]
    relative = any(type(value) is Percentage for value in values)
    if relative:
        values = [value * width if type(value) is Percentage else value for value in values]
    borders = (style.border_top_width, style.border_right_width, style.border_bottom_width, style.border_left_width)
    edges = Edges(tuple(values[:4]), borders, tuple(max(v, 0.0) for v in values[4:]))
    if not relative:
        kept["edges"] = edges
    sizes = (style.width, style.min_width, style.max_width)
    edges.special = (
        style.aspect_ratio != "auto"
        or style.box_decoration_break == "clone"
        or any(type(size) is str and size not in ("auto", "none") for size in sizes)
    )
    return edges


def clamped_width(style: Style, border_width: float, edges: Edges, base: float) -> float:
    """A border-box width within min-width and max-width."""
    sides = edges.sides
    extra = 0.0 if style.box_sizing == "border-box" else sides
    high = style.max_width
    if type(high) is not str:
        border_width = min(border_width, max(resolve(high, base) + extra, sides))
    low = style.min_width
    if type(low) is not str:
        border_width = max(border_width, resolve(low, base) + extra)
    return border_width


def specified_width(style: Style, edges: Edges, base: float) -> float | None:
    """The border-box width that `width` gives, clamped; None for auto and for sizing keywords."""
    width = style.width
    if type(width) is str:
        return None
    used = resolve(width, base)
    used = max(used, edges.sides) if style.box_sizing == "border-box" else used + edges.sides
    return clamped_width(style, used, edges, base)


def specified_height(style: Style, edges: Edges, percent_base: float | None) -> float | None:
    """The border-box height that `height` gives, not yet clamped; None for auto and for percentages of auto."""
    return _border_height(style, style.height, edges, percent_base)


def _border_height(style: Style, value: object, edges: Edges, percent_base: float | None) -> float | None:
    if type(value) is str:
        return None
    if type(value) is Percentage:
        if percent_base is None:
            return None
        value = value * percent_base
    both = edges.top + edges.bottom
    return max(value, both) if style.box_sizing == "border-box" else value + both  # type: ignore[call-overload,operator]


def clamped_height(style: Style, border_height: float, edges: Edges, percent_base: float | None) -> float:
    """A border-box height within min-height and max-height."""
    high = _border_height(style, style.max_height, edges, percent_base)
    if high is not None and border_height > high:
        border_height = high
    low = _border_height(style, style.min_height, edges, percent_base)
    return border_height if low is None or border_height >= low else low


def height_limits(style: Style, edges: Edges, percent_base: float | None) -> tuple[float, float]:
    """The least and the most content height that min-height and max-height allow."""
    both = edges.top + edges.bottom
    least = clamped_height(style, 0.0, edges, percent_base)
    return max(least - both, 0.0), max(clamped_height(style, float("inf"), edges, percent_base) - both, 0.0)


def horizontal(style: Style, edges: Edges, width: float) -> tuple[float, float]:
    """Left offset and border-box width of a block-level box in normal flow (CSS 2.2, 10.3.3)."""
    used = specified_width(style, edges, width)
    if used is None:
        fill = max(width - edges.margin_left - edges.margin_right, edges.sides)
        used = clamped_width(style, fill, edges, width)
        if used == fill:
            return edges.margin_left, used
    return aligned(style, edges, width, used), used


def aligned(style: Style, edges: Edges, width: float, used: float) -> float:
    """Left offset of a block-level box whose width is known: `auto` margins take what is left."""
    free = width - used - edges.margin_left - edges.margin_right
    if edges.auto_left and free > 0:
        return free / 2 if edges.auto_right else free + edges.margin_left
    if style.within_rtl and not edges.auto_right and not edges.auto_left:
        return width - used - edges.margin_right
    return edges.margin_left


Strut = tuple[float, float]
"""Margins that adjoin: the largest positive and the least negative; they collapse to their sum (CSS 2.2, 8.3.1)."""

NO_MARGIN: Strut = (0.0, 0.0)


def join(strut: Strut, margin: float) -> Strut:
    """A strut with one more margin."""
    if margin > strut[0]:
        return margin, strut[1]
    if margin < strut[1]:
        return strut[0], margin
    return strut


def joined(a: Strut, b: Strut) -> Strut:
    """Two struts that adjoin."""
    return (a[0] if a[0] > b[0] else b[0], a[1] if a[1] < b[1] else b[1])
