"""Colours between two others, in a colour space (CSS Color 4, 12).

In: two colours, a share, the space's name and how hues go. Out: the colour between, in sRGB. Spaces that are not here
are mixed in Oklab, which is what CSS takes by default. Alpha is premultiplied, hues are not (12.3).
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, degrees, radians, sin, sqrt

from spark_pdf.layout.values import Color

_Triple = tuple[float, float, float]


def between(first: Color, last: Color, share: float, space: str, hue: str = "shorter") -> Color:
    """The colour at `share` of the way, 0 being `first`."""
    alpha = first.alpha * (1 - share) + last.alpha * share
    if space in ("", "srgb") or first.space == "device-cmyk" or last.space == "device-cmyk":
        if alpha <= 0 or len(first.components) != len(last.components):
            return first._replace(alpha=alpha)
        mixed = tuple(
            [
                (a * first.alpha * (1 - share) + b * last.alpha * share) / alpha
                for a, b in zip(first.components, last.components, strict=True)
            ]
        )
        return Color(first.space, mixed, alpha)
    to, back = _SPACES.get(space, _SPACES["oklab"])
    a, b = to(_rgb(first)), to(_rgb(last))
    hue_at = 0 if space == "hsl" else 2 if space in ("oklch", "lch") else -1
    found = []
    for index in range(3):
        if index == hue_at:
            found.append(_hue(a, b, index, share, hue))
        elif alpha > 0:
            found.append((a[index] * first.alpha * (1 - share) + b[index] * last.alpha * share) / alpha)
        else:
            found.append(a[index])
    red, green, blue = back((found[0], found[1], found[2]))
    return Color("srgb", (_unit(red), _unit(green), _unit(blue)), alpha)


def _rgb(color: Color) -> _Triple:
    red, green, blue = color.components
    return red, green, blue


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _hue(a: _Triple, b: _Triple, index: int, share: float, method: str) -> float:
    """A hue between (12.4); a grey has none of its own."""
    saturation = 1
    first, last = a[index], b[index]
    if a[saturation] < 1e-4:
        return last
    if b[saturation] < 1e-4:
        return first
    distance = (last - first) % 360
    shorter, longer = method == "shorter" and distance > 180, method == "longer" and 0 < distance < 180
    if shorter or longer or (method == "decreasing" and distance > 0):
        distance -= 360
    return (first + distance * share) % 360


def _linear(rgb: _Triple) -> _Triple:
    r, g, b = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in rgb]
    return r, g, b


def _from_linear(rgb: _Triple) -> _Triple:
    r, g, b = [value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055 for value in map(_unit, rgb)]
    return r, g, b


def _oklab(rgb: _Triple) -> _Triple:
    r, g, b = _linear(rgb)
    l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)  # noqa: E741
    m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def _from_oklab(lab: _Triple) -> _Triple:
    lightness, a, b = lab
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return _from_linear(
        (
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
        )
    )


def _oklch(rgb: _Triple) -> _Triple:
    lightness, a, b = _oklab(rgb)
    return lightness, sqrt(a * a + b * b), degrees(atan2(b, a)) % 360


def _from_oklch(lch: _Triple) -> _Triple:
    lightness, chroma, hue = lch
    return _from_oklab((lightness, chroma * cos(radians(hue)), chroma * sin(radians(hue))))


def _hsl(rgb: _Triple) -> _Triple:
    low, high = min(rgb), max(rgb)
    lightness, spread = (low + high) / 2, high - low
    if spread <= 0:
        return 0.0, 0.0, lightness
    saturation = spread / (1 - abs(2 * lightness - 1))
    r, g, b = rgb
    if high == r:
        hue = ((g - b) / spread) % 6
    elif high == g:
        hue = (b - r) / spread + 2
    else:
        hue = (r - g) / spread + 4
    return hue * 60, saturation, lightness


def _from_hsl(hsl: _Triple) -> _Triple:
    hue, saturation, lightness = hsl
    spread = (1 - abs(2 * lightness - 1)) * saturation
    low = lightness - spread / 2
    r, g, b = [low + spread * _unit(abs(((hue / 60 + shift) % 6) - 3) - 1) for shift in (0, 4, 2)]
    return r, g, b


_Conversion = Callable[[_Triple], _Triple]
_SPACES: dict[str, tuple[_Conversion, _Conversion]] = {
    "srgb-linear": (_linear, _from_linear),
    "hsl": (_hsl, _from_hsl),
    "oklab": (_oklab, _from_oklab),
    "oklch": (_oklch, _from_oklch),
    "lch": (_oklch, _from_oklch),
}
