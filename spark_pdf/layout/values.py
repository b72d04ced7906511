"""Computed CSS values that are neither a plain float (CSS px) nor a keyword string."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

MathNode = tuple[Any, ...]
"""A `min()`, `max()` or `clamp()` whose answer depends on what a percentage is of: ("min", (fraction, px), ...)."""


class Percentage(float):
    """A percentage, as a fraction: 50% is `Percentage(0.5)`. What it is of, the property says.

    `calc(50% + 10px)` is one too: `px` is added when it is multiplied by what it is of (`value * base`, never
    `float(value) * base`). `node` is set where `min()`, `max()` and their kin must wait for the base.
    """

    __slots__ = ("node", "px")

    px: float
    node: MathNode | None

    def __new__(cls, fraction: float, px: float = 0.0, node: MathNode | None = None) -> Percentage:  # noqa: D102
        self = float.__new__(cls, fraction)
        self.px = px
        self.node = node
        return self

    def __mul__(self, base: float) -> float:
        if self.node is not None:
            return float(evaluate(self.node, base))
        return float.__mul__(self, base) + self.px

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if other.__class__ is Percentage:
            return float.__eq__(self, other) and self.px == other.px and self.node == other.node
        return float.__eq__(self, other) is True and not self.px and self.node is None

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__

    @property
    def is_plain(self) -> bool:
        """Whether it is a percentage and nothing else."""
        return not self.px and self.node is None


def evaluate(node: MathNode, base: float) -> float:
    """px of a math function, `base` being what its percentages are of; a leaf is (fraction, px)."""
    if node[0].__class__ is float:
        return float(node[0] * base + node[1])
    return apply_math(node[0], [evaluate(item, base) for item in node[1:]])


def apply_math(name: str, values: list[float]) -> float:
    """A math function of numbers (CSS Values 4, 10.2 to 10.6)."""
    if name == "min":
        return min(values)
    if name == "max":
        return max(values)
    if name == "sum":
        return sum(values)
    if name == "times":
        return values[0] * values[1]
    if name == "abs":
        return abs(values[0])
    if name == "hypot":
        return math.hypot(*values)
    return _stepped(name, values[0], values[1])


def _stepped(name: str, value: float, step: float) -> float:
    """`mod()`, `rem()` and `round()`."""
    if not step or not math.isfinite(value) or not math.isfinite(step):
        return value if step and math.isfinite(value) and name != "mod" else math.nan
    if name == "mod":
        return value - math.floor(value / step) * step
    if name == "rem":
        return math.fmod(value, step)
    step = abs(step)
    steps = value / step
    if name == "round-up":
        return math.ceil(steps) * step
    if name == "round-down":
        return math.floor(steps) * step
    if name == "round-to-zero":
        return math.trunc(steps) * step
    return math.floor(steps + 0.5) * step


class Fr(float):
    """A flexible grid track: 1fr is `Fr(1.0)`."""

    __slots__ = ()


class Factor(float):
    """A plain number where a length may stand too: a multiple of what the property says (`border-image-width: 2`)."""

    __slots__ = ()


class Color(NamedTuple):
    """A colour in the space in which it was written: `space` is "srgb" (components 0-1) or "device-cmyk" (0-1)."""

    space: str
    components: tuple[float, ...]
    alpha: float = 1.0


BLACK = Color("srgb", (0.0, 0.0, 0.0))
WHITE = Color("srgb", (1.0, 1.0, 1.0))
TRANSPARENT = Color("srgb", (0.0, 0.0, 0.0), 0.0)

Dimension = Any
"""px as float, or a `Percentage`. Not `float`: compiled code keeps a value of that type as a bare number, and a
percentage, or a `Factor`, would be px from then on.
"""

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


class ColorStop(NamedTuple):
    """One stop of a gradient. `position`: px or `Percentage` along the gradient line (a fraction of a turn in conic
    gradients, as `Percentage`), None where it is not given. `color` None: a hint, halfway between its neighbours.
    """

    color: Color | None
    position: float | None


class LinearGradient(NamedTuple):
    """`direction`: degrees clockwise from "to top", or a corner such as ("bottom", "right").

    `space`: the colour space to interpolate in ("srgb", "oklab", ...), with a hue method for polar ones.
    """

    direction: float | tuple[str, str]
    stops: tuple[ColorStop, ...]
    repeating: bool = False
    space: str = "srgb"
    hue: str = "shorter"


class RadialGradient(NamedTuple):
    """`shape` is circle or ellipse; `size` closest-side, farthest-side, closest-corner, farthest-corner, or
    (horizontal, vertical) radius: px or `Percentage` of the box. `center` is placed as a point in the box.
    """

    shape: str
    size: str | tuple[float, float]
    center: tuple[Position, Position]
    stops: tuple[ColorStop, ...]
    repeating: bool = False
    space: str = "srgb"
    hue: str = "shorter"


class ConicGradient(NamedTuple):
    """`start`: the angle in degrees, clockwise from the top, at which it begins."""

    start: float
    center: tuple[Position, Position]
    stops: tuple[ColorStop, ...]
    repeating: bool = False
    space: str = "srgb"
    hue: str = "shorter"


Gradient = LinearGradient | RadialGradient | ConicGradient
ImageValue = Url | LinearGradient | RadialGradient | ConicGradient
"""What may stand where CSS says `<image>`."""


class Shadow(NamedTuple):
    """One of `box-shadow` or `text-shadow` (whose spread is 0). Lengths in px."""

    x: float
    y: float
    blur: float
    spread: float
    color: Color
    inset: bool


class Shape(NamedTuple):
    """A basic shape of `clip-path`, in px and `Percentage`s of its reference box `box` (border-box, ...).

    ("inset", (top, right, bottom, left), four corner radii as (horizontal, vertical)); ("circle", radius, x, y) and
    ("ellipse", rx, ry, x, y) with radii that may be "closest-side" or "farthest-side" and x, y `Position`s;
    ("polygon", "nonzero" or "evenodd", ((x, y), ...)); ("path", rule, SVG path data); ("box",): the box itself.
    """

    kind: str
    arguments: tuple[Any, ...]
    box: str


class Track(NamedTuple):
    """The size of a grid track, minimum and maximum: px, `Percentage`, `Fr`, "auto", "min-content" or "max-content".

    A single size is both. `limit` is that of `fit-content()`, where minimum is "auto" and maximum "max-content".
    """

    low: float | str
    high: float | str
    limit: float | None = None


class AutoRepeat(NamedTuple):
    """`repeat(auto-fill | auto-fit, ...)`; `names` of its lines: one more than tracks."""

    keyword: str
    tracks: tuple[Track, ...]
    names: tuple[tuple[str, ...], ...]


class TrackList(NamedTuple):
    """`grid-template-columns` and `-rows`: tracks, and the names of the lines around them: one more than tracks.

    `repeat()` with a number is written out.
    """

    tracks: tuple[Track | AutoRepeat, ...]
    names: tuple[tuple[str, ...], ...]


class GridLine(NamedTuple):
    """`grid-row-start` and its kin: a line's number (0: none given) and name ("": none), or a span."""

    span: bool
    number: int
    name: str
