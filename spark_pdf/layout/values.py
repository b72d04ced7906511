"""Computed CSS values that are neither a plain float (CSS px) nor a keyword string."""

from __future__ import annotations

from typing import NamedTuple


class Percentage(float):
    """A percentage, as a fraction: 50% is `Percentage(0.5)`. What it is of, the property says."""

    __slots__ = ()


class Color(NamedTuple):
    """A colour in the space in which it was written: `space` is "srgb" (components 0-1) or "device-cmyk" (0-1)."""

    space: str
    components: tuple[float, ...]
    alpha: float = 1.0


BLACK = Color("srgb", (0.0, 0.0, 0.0))
TRANSPARENT = Color("srgb", (0.0, 0.0, 0.0), 0.0)

Length = float | str
"""A used or computed length: px as float, `Percentage`, or a keyword such as "auto" or "none"."""


class Url(NamedTuple):
    """A URL as written, and the bundle path of the file in which it stands: `resources.read(url.url, url.base)`."""

    url: str
    base: str


class Position(NamedTuple):
    """One axis of a background or object position: `fraction * (area - image) + offset`, offset in px."""

    fraction: float
    offset: float


class PaintServer(NamedTuple):
    """`fill` or `stroke` by reference: a gradient or pattern, and what to take where there is none of that name."""

    url: Url
    fallback: Color | str
