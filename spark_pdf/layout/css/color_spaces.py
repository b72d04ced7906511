"""Colour spaces: conversion to sRGB, and mixing. Specifications: CSS Color 4, sections 8 to 14 and 17; CSS Color 5, 3.

In: components in the ranges of `color()` (0 to 1), `lab()` (lightness 0 to 100), `oklab()` (0 to 1), `hsl()` and
`hwb()` (degrees, per cent); None is `none`, a component that is missing. Out: sRGB components between 0 and 1: what
lies outside is clipped.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from spark_pdf.layout.values import Color

Vector = tuple[float, float, float]
Parts = tuple[float | None, float | None, float | None]
_Matrix = tuple[Vector, Vector, Vector]


class Tint(NamedTuple):
    """A colour in any space; None is a missing component."""

    space: str
    parts: Parts
    alpha: float | None = 1.0


# Matrices to XYZ with the white point of each space, by the sample code of CSS Color 4.
_TO_XYZ: dict[str, _Matrix] = {
    "srgb": (
        (0.41239079926595934, 0.357584339383878, 0.1804807884018343),
        (0.21263900587151027, 0.715168678767756, 0.07219231536073371),
        (0.01933081871559182, 0.11919477979462598, 0.9505321522496607),
    ),
    "display-p3": (
        (0.4865709486482162, 0.26566769316909306, 0.1982172852343625),
        (0.2289745640697488, 0.6917385218365064, 0.079286914093745),
        (0.0, 0.04511338185890264, 1.043944368900976),
    ),
    "a98-rgb": (
        (0.5766690429101305, 0.1855582379065463, 0.1882286462349947),
        (0.29734497525053605, 0.6273635662554661, 0.07529145849399788),
        (0.02703136138641234, 0.07068885253582723, 0.9913375368376388),
    ),
    "rec2020": (
        (0.6369580483012914, 0.14461690358620832, 0.1688809751641721),
        (0.2627002120112671, 0.6779980715188708, 0.05930171646986196),
        (0.0, 0.028072693049087428, 1.060985057710791),
    ),
    "prophoto-rgb": (
        (0.7977666449006423, 0.13518129740053308, 0.0313477341283922),
        (0.2880748288194013, 0.711835234241873, 0.00008993693872564),
        (0.0, 0.0, 0.8251046025104602),
    ),
}
_D50_TO_D65: _Matrix = (
    (0.955473421488075, -0.02309845494876471, 0.06325924320057072),
    (-0.0283697093338637, 1.0099953980813041, 0.021041441191917323),
    (0.012314014864481998, -0.020507649298898964, 1.330365926242124),
)
_D50 = (0.3457 / 0.3585, 1.0, (1.0 - 0.3457 - 0.3585) / 0.3585)
_XYZ_TO_LMS: _Matrix = (
    (0.819022437996703, 0.3619062600528904, -0.1288737815209879),
    (0.0329836539323885, 0.9292868615863434, 0.0361446663506424),
    (0.0481771893596242, 0.2642395317527308, 0.6335478284694309),
)
_LMS_TO_OKLAB: _Matrix = (
    (0.210454268309314, 0.7936177747023054, -0.0040720430116193),
    (1.9779985324311684, -2.4285922420485799, 0.450593709617411),
    (0.0259040424655478, 0.7827717124575296, -0.8086757549230774),
)


def _times(matrix: _Matrix, vector: Vector) -> Vector:
    x, y, z = vector
    a, b, c = matrix
    return a[0] * x + a[1] * y + a[2] * z, b[0] * x + b[1] * y + b[2] * z, c[0] * x + c[1] * y + c[2] * z


def _inverse(m: _Matrix) -> _Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    ca, cb, cc = e * i - f * h, f * g - d * i, d * h - e * g
    det = a * ca + b * cb + c * cc
    return (
        (ca / det, (c * h - b * i) / det, (b * f - c * e) / det),
        (cb / det, (a * i - c * g) / det, (c * d - a * f) / det),
        (cc / det, (b * g - a * h) / det, (a * e - b * d) / det),
    )


_FROM_XYZ = {space: _inverse(matrix) for space, matrix in _TO_XYZ.items()}
_D65_TO_D50, _LMS_TO_XYZ, _OKLAB_TO_LMS = (_inverse(m) for m in (_D50_TO_D65, _XYZ_TO_LMS, _LMS_TO_OKLAB))
_POLAR = {"lch": "lab", "oklch": "oklab"}
HUES = {"hsl": 0, "hwb": 0, "lch": 2, "oklch": 2}
"""Where the hue stands in polar spaces."""
SPACES = frozenset((*_TO_XYZ, "srgb-linear", "xyz", "xyz-d65", "xyz-d50", "lab", "lch", "oklab", "oklch", "hsl", "hwb"))
_ACHROMATIC = {"hsl": 0.1, "hwb": 0.1, "lch": 0.0015, "oklch": 0.000004}


def _linear(value: float, space: str) -> float:
    """Without the transfer function."""
    size, sign = abs(value), math.copysign(1.0, value)
    if space in ("srgb", "display-p3"):
        return value / 12.92 if size <= 0.04045 else sign * ((size + 0.055) / 1.055) ** 2.4
    if space == "a98-rgb":
        return float(sign * size ** (563 / 256))
    if space == "prophoto-rgb":
        return value / 16 if size <= 16 / 512 else float(sign * size**1.8)
    alpha, beta = 1.09929682680944, 0.018053968510807
    return value / 4.5 if size < beta * 4.5 else float(sign * ((size + alpha - 1) / alpha) ** (1 / 0.45))


def _curved(value: float, space: str) -> float:
    """With the transfer function."""
    size, sign = abs(value), math.copysign(1.0, value)
    if space in ("srgb", "display-p3"):
        return value * 12.92 if size <= 0.0031308 else sign * (1.055 * size ** (1 / 2.4) - 0.055)
    if space == "a98-rgb":
        return float(sign * size ** (256 / 563))
    if space == "prophoto-rgb":
        return value * 16 if size < 1 / 512 else float(sign * size ** (1 / 1.8))
    alpha, beta = 1.09929682680944, 0.018053968510807
    return value * 4.5 if size <= beta else float(sign * (alpha * size**0.45 - (alpha - 1)))


def _to_xyz(space: str, parts: Vector) -> Vector:
    """XYZ, D65."""
    if space in ("xyz", "xyz-d65"):
        return parts
    if space == "xyz-d50":
        return _times(_D50_TO_D65, parts)
    if space in _POLAR:
        lightness, chroma, hue = parts
        turned = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
        return _to_xyz(_POLAR[space], (lightness, *turned))
    if space == "lab":
        return _times(_D50_TO_D65, _xyz_of_lab(parts))
    if space == "oklab":
        x, y, z = _times(_OKLAB_TO_LMS, parts)
        return _times(_LMS_TO_XYZ, (x**3, y**3, z**3))
    if space in ("hsl", "hwb"):
        return _to_xyz("srgb", _of_hsl(parts) if space == "hsl" else _of_hwb(parts))
    if space == "srgb-linear":
        return _times(_TO_XYZ["srgb"], parts)
    x, y, z = (_linear(part, space) for part in parts)
    xyz = _times(_TO_XYZ[space], (x, y, z))
    return _times(_D50_TO_D65, xyz) if space == "prophoto-rgb" else xyz


def _from_xyz(space: str, xyz: Vector) -> Vector:
    if space in ("xyz", "xyz-d65"):
        return xyz
    if space == "xyz-d50":
        return _times(_D65_TO_D50, xyz)
    if space in _POLAR:
        lightness, a, b = _from_xyz(_POLAR[space], xyz)
        return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360
    if space == "lab":
        return _lab_of_xyz(_times(_D65_TO_D50, xyz))
    if space == "oklab":
        x, y, z = (math.copysign(abs(part) ** (1 / 3), part) for part in _times(_XYZ_TO_LMS, xyz))
        return _times(_LMS_TO_OKLAB, (x, y, z))
    if space in ("hsl", "hwb"):
        return _to_hsl(_from_xyz("srgb", xyz)) if space == "hsl" else _to_hwb(_from_xyz("srgb", xyz))
    if space == "srgb-linear":
        return _times(_FROM_XYZ["srgb"], xyz)
    if space == "prophoto-rgb":
        xyz = _times(_D65_TO_D50, xyz)
    x, y, z = (_curved(part, space) for part in _times(_FROM_XYZ[space], xyz))
    return x, y, z


_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def _xyz_of_lab(parts: Vector) -> Vector:
    lightness, a, b = parts
    y = (lightness + 16) / 116
    x, z = y + a / 500, y - b / 200
    return (
        (x**3 if x**3 > _EPSILON else (116 * x - 16) / _KAPPA) * _D50[0],
        (y**3 if lightness > _KAPPA * _EPSILON else lightness / _KAPPA) * _D50[1],
        (z**3 if z**3 > _EPSILON else (116 * z - 16) / _KAPPA) * _D50[2],
    )


def _lab_of_xyz(xyz: Vector) -> Vector:
    x, y, z = (
        ratio ** (1 / 3) if ratio > _EPSILON else (_KAPPA * ratio + 16) / 116
        for ratio in (part / white for part, white in zip(xyz, _D50, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _of_hsl(parts: Vector) -> Vector:
    hue, saturation, lightness = parts[0] % 360, parts[1] / 100, parts[2] / 100

    def channel(n: int) -> float:
        k = (n + hue / 30) % 12
        return lightness - saturation * min(lightness, 1 - lightness) * max(-1.0, min(k - 3, 9 - k, 1.0))

    return channel(0), channel(8), channel(4)


def _of_hwb(parts: Vector) -> Vector:
    hue, white, black = parts[0], parts[1] / 100, parts[2] / 100
    if white + black >= 1:
        return (white / (white + black),) * 3
    r, g, b = (channel * (1 - white - black) + white for channel in _of_hsl((hue, 100.0, 50.0)))
    return r, g, b


def _to_hsl(rgb: Vector) -> Vector:
    high, low = max(rgb), min(rgb)
    lightness, spread = (high + low) / 2, high - low
    saturation = 0.0 if lightness in (0.0, 1.0) or not spread else (high - lightness) / min(lightness, 1 - lightness)
    return _hue(rgb, high, spread), saturation * 100, lightness * 100


def _hue(rgb: Vector, high: float, spread: float) -> float:
    r, g, b = rgb
    if spread < 1e-12:
        return 0.0
    if high == r:
        return 60 * (((g - b) / spread) % 6)
    return 60 * ((b - r) / spread + 2) if high == g else 60 * ((r - g) / spread + 4)


def _to_hwb(rgb: Vector) -> Vector:
    high = max(rgb)
    return _hue(rgb, high, high - min(rgb)), min(rgb) * 100, (1 - high) * 100


def _present(parts: Parts) -> Vector:
    a, b, c = (0.0 if part is None else part for part in parts)
    return a, b, c


def to_srgb(tint: Tint) -> Color:
    """The colour in sRGB, clipped; missing components are 0."""
    parts = _present(tint.parts)
    if tint.space == "hsl":
        parts = _of_hsl(parts)
    elif tint.space == "hwb":
        parts = _of_hwb(parts)
    elif tint.space != "srgb":
        parts = _from_xyz("srgb", _to_xyz(tint.space, parts))
    alpha = 0.0 if tint.alpha is None else min(1.0, max(0.0, tint.alpha))
    r, g, b = (min(1.0, max(0.0, round(part, 6))) + 0.0 for part in parts)
    return Color("srgb", (r, g, b), alpha)


_ANALOGOUS = (
    {("srgb", 0), ("display-p3", 0), ("a98-rgb", 0), ("prophoto-rgb", 0), ("rec2020", 0), ("srgb-linear", 0)},
    {("srgb", 1), ("display-p3", 1), ("a98-rgb", 1), ("prophoto-rgb", 1), ("rec2020", 1), ("srgb-linear", 1)},
    {("srgb", 2), ("display-p3", 2), ("a98-rgb", 2), ("prophoto-rgb", 2), ("rec2020", 2), ("srgb-linear", 2)},
    {("lab", 0), ("lch", 0), ("oklab", 0), ("oklch", 0), ("hsl", 2)},
    {("lch", 1), ("oklch", 1), ("hsl", 1)},
    {("hsl", 0), ("hwb", 0), ("lch", 2), ("oklch", 2)},
    {("lab", 1), ("oklab", 1)},
    {("lab", 2), ("oklab", 2)},
)


def converted(tint: Tint, space: str) -> Tint:
    """The colour in another space; missing components stay missing where there is one like them (12.2)."""
    if tint.space == space:
        return tint
    parts: list[float | None] = list(_from_xyz(space, _to_xyz(tint.space, _present(tint.parts))))
    hue = HUES.get(space)
    if hue is not None:
        chroma = parts[1] if space != "hwb" else 100 - (parts[1] or 0.0) - (parts[2] or 0.0)
        if chroma is not None and abs(chroma) <= _ACHROMATIC[space]:
            parts[hue] = None  # a grey has no hue
    for at, part in enumerate(tint.parts):
        if part is not None:
            continue
        group = next((found for found in _ANALOGOUS if (tint.space, at) in found), None)
        for index in range(3):
            if group is not None and (space, index) in group:
                parts[index] = None
    return Tint(space, (parts[0], parts[1], parts[2]), tint.alpha)


def mixed(one: Tint, other: Tint, share: float, space: str, hue: str = "shorter") -> Tint:
    """`share` of `other` and the rest of `one`, interpolated in a space with premultiplied alpha (section 12)."""
    a, b = converted(one, space), converted(other, space)
    alpha_a, alpha_b = a.alpha, b.alpha
    alpha_a, alpha_b = (alpha_b if alpha_a is None else alpha_a), (alpha_a if alpha_b is None else alpha_b)
    alpha = None if alpha_a is None or alpha_b is None else alpha_a * (1 - share) + alpha_b * share
    at_hue = HUES.get(space)
    parts: list[float | None] = []
    for index in range(3):
        x, y = a.parts[index], b.parts[index]
        x, y = (y if x is None else x), (x if y is None else y)
        if x is None or y is None:
            parts.append(None)
        elif index == at_hue:
            x, y = _arc(x % 360, y % 360, hue)
            parts.append((x * (1 - share) + y * share) % 360)
        elif alpha is None or alpha_a is None or alpha_b is None:
            parts.append(x * (1 - share) + y * share)
        else:
            weight = x * alpha_a * (1 - share) + y * alpha_b * share
            parts.append(weight / alpha if alpha else 0.0)
    return Tint(space, (parts[0], parts[1], parts[2]), alpha)


def _arc(x: float, y: float, method: str) -> tuple[float, float]:
    """Two hues so that going from one to the other takes the arc that is asked for (12.4)."""
    turn = y - x
    if method == "shorter":
        x, y = (x + 360, y) if turn > 180 else (x, y + 360) if turn < -180 else (x, y)
    elif method == "longer":
        x, y = (x + 360, y) if 0 < turn < 180 else (x, y + 360) if -180 < turn <= 0 else (x, y)
    elif method == "increasing":
        y = y + 360 if turn < 0 else y
    elif turn > 0:
        x += 360
    return x, y


def interpolated(one: Color, other: Color, share: float, space: str = "srgb", hue: str = "shorter") -> Color:
    """A colour between two of sRGB, for gradients: `share` 0 is the first."""
    if space == "srgb":
        alpha = one.alpha * (1 - share) + other.alpha * share
        parts = [
            (x * one.alpha * (1 - share) + y * other.alpha * share) / alpha if alpha else 0.0
            for x, y in zip(one.components, other.components, strict=True)
        ]
        return Color("srgb", (parts[0], parts[1], parts[2]), alpha)
    return to_srgb(mixed(tint_of(one), tint_of(other), share, space, hue))


def tint_of(color: Color) -> Tint:
    """A colour of sRGB as one of any space."""
    r, g, b = color.components
    return Tint("srgb", (r, g, b), color.alpha)
