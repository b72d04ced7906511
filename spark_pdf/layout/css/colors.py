"""Colours. Specification: CSS Color 4, and `device-cmyk()` of CSS Color 5; tinycss2 reads the notations.

`hsl()` and `hwb()` are other ways to write sRGB and become it; device-cmyk stays what it is until `pdf`.
"""

from __future__ import annotations

from tinycss2 import color4, color5

from spark_pdf.layout.css.tokens import Token, Tokens
from spark_pdf.layout.values import Color

CURRENT_COLOR = Color("currentcolor", ())
"""Stands in specified values only: computed, it is the element's own `color`."""


def color(token: Token) -> Color | None:
    """A colour, `CURRENT_COLOR`, or None for what is no colour or of a space that is not supported."""
    parsed = color5.parse_color(token)
    if parsed is None:
        return None
    if parsed == "currentcolor":
        return CURRENT_COLOR
    if not isinstance(parsed, (color4.Color, color5.Color)):
        return None
    alpha = 1.0 if parsed.alpha is None else float(parsed.alpha)
    if parsed.space in ("hsl", "hwb"):
        parsed = parsed.to("srgb")
    if parsed.space not in ("srgb", "device-cmyk"):
        return None
    components = tuple(min(1.0, max(0.0, float(component or 0))) for component in parsed.coordinates)
    return Color(parsed.space, components, min(1.0, max(0.0, alpha)))


def parse_color(tokens: Tokens) -> Color | None:
    """The value of a colour property."""
    return color(tokens[0]) if len(tokens) == 1 else None
