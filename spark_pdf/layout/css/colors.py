"""Colours. Specifications: CSS Color 4, `device-cmyk()`, `color-mix()` and `light-dark()` of CSS Color 5.

In: a token. Out: a `Color`: in sRGB whatever space it was written in, except for `device-cmyk()`, which stays what it
is until `pdf`; `CURRENT_COLOR`; or a `ColorMix` that waits for it. tinycss2 reads most notations.
"""

from __future__ import annotations

from typing import NamedTuple

from tinycss2 import color4, color5
from tinycss2.ast import FunctionBlock

from spark_pdf.layout.css.color_spaces import HUES, SPACES, Tint, mixed, tint_of, to_srgb
from spark_pdf.layout.css.tokens import Token, Tokens, ident, is_literal, significant, split
from spark_pdf.layout.values import Color

CURRENT_COLOR = Color("currentcolor", ())
"""Stands in specified values only: computed, it is the element's own `color`."""


class ColorMix(NamedTuple):
    """`color-mix()` of `currentcolor`: two colours (`CURRENT_COLOR` among them), the second's share, and the alpha that
    percentages under 100 leave.
    """

    one: Color | Tint | ColorMix
    other: Color | Tint | ColorMix
    share: float
    alpha: float
    space: str
    hue: str


AnyColor = Color | ColorMix

_SYSTEM = {
    "accentcolor": (0.0, 0.459, 1.0), "accentcolortext": (1.0, 1.0, 1.0), "activetext": (1.0, 0.0, 0.0),
    "buttonborder": (0.463, 0.463, 0.463), "buttonface": (0.937, 0.937, 0.937), "buttontext": (0.0, 0.0, 0.0),
    "canvas": (1.0, 1.0, 1.0), "canvastext": (0.0, 0.0, 0.0), "field": (1.0, 1.0, 1.0), "fieldtext": (0.0, 0.0, 0.0),
    "graytext": (0.502, 0.502, 0.502), "highlight": (0.71, 0.835, 1.0), "highlighttext": (0.0, 0.0, 0.0),
    "linktext": (0.0, 0.0, 0.933), "mark": (1.0, 1.0, 0.0), "marktext": (0.0, 0.0, 0.0),
    "selecteditem": (0.71, 0.835, 1.0), "selecteditemtext": (0.0, 0.0, 0.0), "visitedtext": (0.333, 0.102, 0.545),
}  # fmt: skip
_DEPRECATED = {
    **dict.fromkeys(("activeborder", "inactiveborder", "threeddarkshadow", "threedhighlight", "threedlightshadow",
                     "threedshadow", "windowframe"), "buttonborder"),
    **dict.fromkeys(("activecaption", "appworkspace", "background", "inactivecaption", "infobackground", "menu",
                     "scrollbar", "window"), "canvas"),
    **dict.fromkeys(("buttonhighlight", "buttonshadow", "threedface"), "buttonface"),
    **dict.fromkeys(("captiontext", "infotext", "menutext", "windowtext"), "canvastext"),
    "inactivecaptiontext": "graytext",
}  # fmt: skip
_HUE_METHODS = ("shorter", "longer", "increasing", "decreasing")


def color(token: Token) -> Color | None:
    """A colour, `CURRENT_COLOR`, or None for what is no colour or of a space that is not supported."""
    found = _read(token)
    if found is None or found is CURRENT_COLOR or isinstance(found, ColorMix):
        return found  # type: ignore[return-value]  # a mix is a colour as soon as styles are computed
    return to_srgb(found) if isinstance(found, Tint) else found


def _read(token: Token) -> Color | Tint | ColorMix | None:
    """The colour in the space in which it was written."""
    name = ident(token)
    if name is not None:
        system = _SYSTEM.get(_DEPRECATED.get(name, name))
        if system is not None:
            return Color("srgb", system)
    elif token.type == "function" and token.lower_name == "color-mix":
        return _mix(token)
    elif token.type == "function" and token.lower_name == "light-dark":
        return _light(token)
    missing = _without_alpha(token)
    if missing is not None:
        found = _read(missing)
        return found._replace(alpha=None) if isinstance(found, Tint) else found
    parsed = color5.parse_color(token)
    if parsed == "currentcolor":
        return CURRENT_COLOR
    if not isinstance(parsed, (color4.Color, color5.Color)):
        return None
    return _of_tinycss2(parsed)


def _without_alpha(token: Token) -> Token | None:
    """A function that ends with `/ none`, without it; tinycss2 does not know that alpha may be missing."""
    if token.type != "function":
        return None
    arguments = significant(token.arguments)
    if len(arguments) < 4 or ident(arguments[-1]) != "none" or not is_literal(arguments[-2], "/"):
        return None
    return FunctionBlock(token.source_line, token.source_column, token.name, arguments[:-2])


def _of_tinycss2(parsed: color4.Color) -> Color | Tint | None:
    parts = tuple(None if part is None else float(part) for part in parsed.coordinates)
    alpha = None if parsed.alpha is None else min(1.0, max(0.0, float(parsed.alpha)))
    if parsed.space == "device-cmyk":
        inks = tuple(min(1.0, max(0.0, part or 0.0)) for part in parts)
        return Color("device-cmyk", inks, 0.0 if alpha is None else alpha)
    if parsed.space not in SPACES or len(parts) != 3:
        return None
    return Tint(parsed.space, parts, alpha)


def _light(token: Token) -> Color | Tint | ColorMix | None:
    """`light-dark()`: paper is light."""
    parts = split(significant(token.arguments))
    if len(parts) != 2 or any(len(part) != 1 or _read(part[0]) is None for part in parts):
        return None
    return _read(parts[0][0])


def _mix(token: Token) -> Color | Tint | ColorMix | None:
    """`color-mix(in <space> [<hue method> hue]?, <color> [<percentage>]?, <color> [<percentage>]?)`."""
    parts = split(significant(token.arguments))
    space, hue = "oklab", "shorter"
    if len(parts) == 3:
        method = _method(parts.pop(0))
        if method is None:
            return None
        space, hue = method
    if len(parts) != 2:
        return None
    sides = [_side(part) for part in parts]
    if sides[0] is None or sides[1] is None:
        return None
    (one, first), (other, second) = sides[0], sides[1]
    if first is None and second is None:
        first = second = 50.0
    elif first is None:
        first = 100.0 - (second or 0.0)
    elif second is None:
        second = 100.0 - first
    total = first + (second or 0.0)
    if total <= 0:
        return None
    return _settled(ColorMix(one, other, (second or 0.0) / total, min(1.0, total / 100), space, hue))


def _method(tokens: list[Token]) -> tuple[str, str] | None:
    names = [ident(token) or "" for token in tokens]
    if len(names) not in (2, 4) or names[0] != "in" or names[1] not in SPACES:
        return None
    if len(names) == 2:
        return names[1], "shorter"
    return (names[1], names[2]) if names[1] in HUES and names[2] in _HUE_METHODS and names[3] == "hue" else None


def _side(tokens: list[Token]) -> tuple[Color | Tint | ColorMix, float | None] | None:
    shares = [token for token in tokens if token.type == "percentage"]
    colors = [token for token in tokens if token.type != "percentage"]
    if len(shares) > 1 or len(colors) != 1 or any(not 0 <= share.value <= 100 for share in shares):
        return None
    found = _read(colors[0])
    if found is None or (isinstance(found, Color) and found.space == "device-cmyk"):
        return None
    return found, float(shares[0].value) if shares else None


def _settled(mix: ColorMix) -> Tint | ColorMix:
    """The mix, where nothing in it waits for `currentcolor`."""
    one, other = mix.one, mix.other
    if one is CURRENT_COLOR or other is CURRENT_COLOR or isinstance(one, ColorMix) or isinstance(other, ColorMix):
        return mix
    return _blend(mix, _tint(one), _tint(other))


def _tint(found: Color | Tint) -> Tint:
    return found if isinstance(found, Tint) else tint_of(found)


def _blend(mix: ColorMix, one: Tint, other: Tint) -> Tint:
    found = mixed(one, other, mix.share, mix.space, mix.hue)
    return found if found.alpha is None or mix.alpha == 1 else found._replace(alpha=found.alpha * mix.alpha)


def resolved(mix: ColorMix, current: Color) -> Color:
    """The colour that a mix is on an element with this `color`; inks cannot be mixed and give way to the other."""
    sides = [
        _tint(current if side is CURRENT_COLOR else resolved(side, current) if isinstance(side, ColorMix) else side)
        if current.space == "srgb" or side is not CURRENT_COLOR
        else None
        for side in (mix.one, mix.other)
    ]
    one, other = sides
    if one is None or other is None:
        return current
    return to_srgb(_blend(mix, one, other))


def parse_color(tokens: Tokens) -> Color | None:
    """The value of a colour property."""
    return color(tokens[0]) if len(tokens) == 1 else None
