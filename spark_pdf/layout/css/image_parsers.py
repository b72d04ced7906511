"""Images: URLs and gradients. Specification: CSS Images 3 and 4.

In: the significant tokens of one `<image>`. Out: a `Url` or a gradient of `values`, with specified lengths and colours
in it; None for anything else.
"""

from __future__ import annotations

from spark_pdf.layout.css.angles import angle
from spark_pdf.layout.css.colors import color
from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.parsers import four, layers, position, url
from spark_pdf.layout.css.tokens import Token, Tokens, ident, significant, split
from spark_pdf.layout.values import (
    ColorStop,
    ConicGradient,
    Gradient,
    ImageValue,
    LinearGradient,
    Percentage,
    Position,
    RadialGradient,
    Url,
)

_CENTER = (Position(0.5, 0.0), Position(0.5, 0.0))
_POLAR = ("hsl", "hwb", "lch", "oklch")
_SPACES = ("srgb", "srgb-linear", "display-p3", "a98-rgb", "prophoto-rgb", "rec2020", "lab", "oklab", "xyz", "xyz-d50",
           "xyz-d65", *_POLAR)  # fmt: skip
_HUES = ("shorter", "longer", "increasing", "decreasing")
_EXTENTS = ("closest-side", "farthest-side", "closest-corner", "farthest-corner")
_SIDES: dict[tuple[str, ...], float] = {("top",): 0.0, ("right",): 90.0, ("bottom",): 180.0, ("left",): 270.0}


def image(token: Token) -> ImageValue | None:
    """One image."""
    return url(token) or gradient(token) or _from_set(token)


def gradient(token: Token) -> Gradient | None:
    """A linear, radial or conic gradient, repeating or not."""
    if token.type != "function":
        return None
    name, repeating = token.lower_name, False
    if name in ("-webkit-linear-gradient", "-moz-linear-gradient", "-o-linear-gradient"):
        return _prefixed_linear(token)
    if name.startswith("repeating-"):
        name, repeating = name[10:], True
    parts = split(significant(token.arguments))
    if name == "linear-gradient":
        return _linear(parts, repeating)
    if name == "radial-gradient":
        return _radial(parts, repeating)
    return _conic(parts, repeating) if name == "conic-gradient" else None


def _interpolation(tokens: list[Token]) -> tuple[list[Token], str, str] | None:
    """The tokens without `in <color space>`, and that space and hue method."""
    at = next((index for index, token in enumerate(tokens) if ident(token) == "in"), -1)
    if at < 0:
        return tokens, "", "shorter"
    space = ident(tokens[at + 1]) if at + 1 < len(tokens) else None
    end, hue = at + 2, "shorter"
    if space in _POLAR and end + 1 < len(tokens) and ident(tokens[end]) in _HUES and ident(tokens[end + 1]) == "hue":
        hue, end = str(ident(tokens[end])), end + 2
    return ([*tokens[:at], *tokens[end:]], space, hue) if space in _SPACES else None


def _linear(parts: list[list[Token]], repeating: bool) -> LinearGradient | None:
    found = _interpolation(parts[0])
    if found is None:
        return None
    first, space, hue = found
    direction = _direction(first) if first else 180.0
    if direction is None:
        if space:
            return None
        direction = 180.0
    else:
        parts = parts[1:] if first or space else parts
    stops = _stops(parts, conic=False)
    return None if stops is None else LinearGradient(direction, stops, repeating, space or "srgb", hue)


def _direction(tokens: list[Token]) -> float | tuple[str, str] | None:
    if len(tokens) == 1:
        return angle(tokens[0])
    names = tuple(ident(token) or "" for token in tokens)
    if names[0] != "to":
        return None
    if names[1:] in _SIDES:
        return _SIDES[names[1:]]
    across = [name for name in names[1:] if name in ("left", "right")]
    down = [name for name in names[1:] if name in ("top", "bottom")]
    return (down[0], across[0]) if len(names) == 3 and len(across) == len(down) == 1 else None


def _prefixed_linear(token: Token) -> LinearGradient | None:
    """`-webkit-linear-gradient(top, ...)`: keywords say where it starts, angles count from the right (Compat 4.2)."""
    parts = split(significant(token.arguments))
    names = tuple(ident(item) or "" for item in parts[0])
    opposite = {"top": 180.0, "bottom": 0.0, "left": 90.0, "right": 270.0}
    direction = 180.0
    if len(names) == 1 and names[0] in opposite:
        direction, parts = opposite[names[0]], parts[1:]
    elif len(parts[0]) == 1 and (turned := angle(parts[0][0])) is not None:
        direction, parts = 90 - turned, parts[1:]
    stops = _stops(parts, conic=False)
    return None if stops is None else LinearGradient(direction, stops)


def _radial(parts: list[list[Token]], repeating: bool) -> RadialGradient | None:
    found = _interpolation(parts[0])
    if found is None:
        return None
    first, space, hue = found
    shape = _radial_shape(first)
    if shape is None:
        if space:
            return None
        shape = ("ellipse", "farthest-corner", _CENTER)
    else:
        parts = parts[1:] if first or space else parts
    stops = _stops(parts, conic=False)
    return None if stops is None else RadialGradient(*shape, stops, repeating, space or "srgb", hue)


def _radial_shape(tokens: list[Token]) -> tuple[str, str | tuple[float, float], tuple[Position, Position]] | None:
    """Shape, size and centre; None where this is not one (but the first colour stop)."""
    tokens, center = _at(tokens)
    if center is None:
        return None
    names = [ident(token) for token in tokens]
    shape = next((name for name in names if name in ("circle", "ellipse")), None)
    extent = next((name for name in names if name in _EXTENTS), None)
    sizes = [length(token) for token in tokens if ident(token) is None]
    known = (shape is not None) + (extent is not None) + len(sizes)
    if known != len(tokens) or None in sizes or (extent and sizes) or len(sizes) > 2:
        return None
    if extent or not sizes:
        return shape or "ellipse", extent or "farthest-corner", center
    if len(sizes) == 1:
        circle = shape != "ellipse" and not isinstance(sizes[0], Percentage)
        return ("circle", (sizes[0], sizes[0]), center) if circle else None  # type: ignore[return-value]
    return None if shape == "circle" else ("ellipse", (sizes[0], sizes[1]), center)  # type: ignore[return-value]


def _at(tokens: list[Token]) -> tuple[list[Token], tuple[Position, Position] | None]:
    """The tokens before `at`, and the position behind it (the centre without one; None where it is not valid)."""
    at = next((index for index, token in enumerate(tokens) if ident(token) == "at"), -1)
    if at < 0:
        return tokens, _CENTER
    return tokens[:at], position(tokens[at + 1 :])


def _conic(parts: list[list[Token]], repeating: bool) -> ConicGradient | None:
    found = _interpolation(parts[0])
    if found is None:
        return None
    first, space, hue = found
    first, center = _at(first)
    start: float | None = 0.0
    leading = bool(space) or len(first) < len(found[0])
    if first and ident(first[0]) == "from":
        start = angle(first[1]) if len(first) == 2 else None
        leading = True
    elif first and leading:
        return None
    if start is None or center is None:
        return None
    stops = _stops(parts[1:] if leading else parts, conic=True)
    return None if stops is None else ConicGradient(start, center, stops, repeating, space or "srgb", hue)


def _stops(parts: list[list[Token]], *, conic: bool) -> tuple[ColorStop, ...] | None:
    """The colour stop list: stops with none, one or two positions; hints between two stops."""
    stops: list[ColorStop] = []
    for index, part in enumerate(parts):
        found = color(part[0]) if part else None
        if found is None:
            hint = _place(part[0], conic) if len(part) == 1 else None
            if hint is None or index in (0, len(parts) - 1) or stops[-1].color is None:
                return None
            stops.append(ColorStop(None, hint))  # type: ignore[arg-type]
            continue
        places = [_place(token, conic) for token in part[1:]]
        if None in places or len(places) > 2:
            return None
        stops += [ColorStop(found, place) for place in places or [None]]  # type: ignore[arg-type]
    return tuple(stops) if sum(stop.color is not None for stop in stops) >= 1 and len(stops) > 1 else None


def _place(token: Token, conic: bool) -> Specified | None:
    if not conic:
        return length(token, negative=True)
    if token.type == "percentage":
        return Percentage(token.value / 100)
    turned = angle(token)
    return None if turned is None else Percentage(turned / 360)


def _from_set(token: Token) -> ImageValue | None:
    """`image-set()`: the option with the highest resolution, for print."""
    if token.type != "function" or token.lower_name not in ("image-set", "-webkit-image-set"):
        return None
    best: tuple[float, ImageValue] | None = None
    for part in split(significant(token.arguments)):
        found = image(part[0]) if part and part[0].type != "string" else None
        if part and part[0].type == "string":
            found = Url(part[0].value, "")
        density = next((resolution(item) for item in part[1:] if item.type == "dimension"), 1.0)
        if found is None or density is None:
            return None
        if best is None or density > best[0]:
            best = density, found
    return None if best is None else best[1]


def resolution(token: Token) -> float | None:
    """Dots per px (CSS Values 4, 7.4)."""
    if token.type != "dimension":
        return None
    factor = {"x": 1.0, "dppx": 1.0, "dpi": 1 / 96, "dpcm": 2.54 / 96}.get(token.lower_unit)
    return None if factor is None or token.value < 0 else float(token.value) * factor


NO_IMAGE = (None,)
"""The specified value of an absent image: None alone would say "not valid"."""


def one_image(tokens: Tokens) -> tuple[ImageValue | None] | None:
    """`none` or one image, wrapped: see `NO_IMAGE`."""
    if len(tokens) != 1:
        return None
    if ident(tokens[0]) == "none":
        return NO_IMAGE
    found = image(tokens[0])
    return (found,) if found else None


def background_image(tokens: Tokens) -> tuple[ImageValue | None, ...] | None:
    """Layers of images and `none`."""
    parsed = layers(one_image)(tokens)
    return None if parsed is None else tuple(found for (found,) in parsed)


def border_image_slice(tokens: Tokens) -> tuple[tuple[float, float, float, float], bool] | None:
    """((top, right, bottom, left), fill): numbers as px of the image, or `Percentage`s of it."""
    fill = [token for token in tokens if ident(token) == "fill"]
    kept = [token for token in tokens if ident(token) != "fill"]
    values = [_slice(token) for token in kept]
    if len(fill) > 1 or not 1 <= len(values) <= 4 or None in values:
        return None
    sides = four(values)
    return (sides[0], sides[1], sides[2], sides[3]), bool(fill)


def _slice(token: Token) -> float | None:
    if token.type not in ("number", "percentage") or token.value < 0:
        return None
    return float(token.value) if token.type == "number" else Percentage(token.value / 100)
