"""Font matching: of the files of one family, those that show a text (CSS Fonts 4, section 5.2).

In: what `@font-face` says of each file, and `font-stretch`, `font-style` and `font-weight` as computed. Out: the files
chosen, of equal fitness, which together make one composite face by their `unicode-range`.
"""

from __future__ import annotations

from typing import NamedTuple

from spark_pdf.errors import BundleError

OBLIQUE = 14.0
"""Degrees of an `oblique` without an angle (CSS Fonts 4, 2.4), and of synthesised ones."""

Ranges = tuple[tuple[int, int], ...]


class FaceOptions(NamedTuple):
    """The descriptors of `@font-face` beside family, weight and style.

    `stretch`: a range, 1.0 is normal. `auto`: weight and stretch are not given, so they do not limit a variable font.
    `ranges`: of code points, empty for all of them. `features`, `variations`: defaults that a style may override.
    """

    stretch: tuple[float, float] = (1.0, 1.0)
    auto: bool = False
    ranges: Ranges = ()
    ascent: float | None = None
    descent: float | None = None
    line_gap: float | None = None
    scale: float = 1.0
    features: tuple[tuple[str, int], ...] = ()
    variations: tuple[tuple[str, float], ...] = ()


PLAIN = FaceOptions()


class Slant(NamedTuple):
    """`font-style`: normal, italic or oblique with its angles in degrees (a range in `@font-face`)."""

    kind: str
    low: float = OBLIQUE
    high: float = OBLIQUE


UPRIGHT = Slant("normal", 0.0, 0.0)


def slant_of(style: str) -> Slant | None:
    """A `font-style` as written: "italic", "oblique 10deg 20deg"; None where it is none."""
    words = style.split()
    if not words or words[0] not in ("normal", "italic", "oblique") or len(words) > 3:
        return None
    if words[0] == "normal":
        return UPRIGHT if len(words) == 1 else None
    try:
        angles = [float(word.removesuffix("deg")) for word in words[1:]]
    except ValueError:
        return None
    if not angles:
        return Slant(words[0])
    return Slant("oblique", min(angles), max(angles)) if words[0] == "oblique" else None


class Source:
    """A font file that a bundle brought: weights that it covers, style, bytes. Loaded when it is first used."""

    __slots__ = ("data", "options", "origin", "slant", "weights")

    def __init__(
        self, weights: tuple[float, float], style: str, data: bytes, origin: str, options: FaceOptions = PLAIN
    ) -> None:
        slant = slant_of(style)
        if slant is None:
            raise BundleError(f"the font {origin} has the style '{style}'; known are normal, italic and oblique")
        self.weights = weights
        self.slant = slant
        self.data = data
        self.origin = origin
        self.options = options

    def covers(self, low: int, high: int) -> bool:
        """Whether `unicode-range` lets it show these code points."""
        ranges = self.options.ranges
        return not ranges or any(first <= low and high <= last for first, last in ranges)


def best_matches(sources: list[Source], weight: float, style: str, stretch: float = 1.0) -> list[Source]:
    """The files of one family that CSS chooses: by stretch first, then by style, then by weight."""
    if not sources:
        return []
    wanted = slant_of(style) or UPRIGHT
    widths = min((source.options.stretch for source in sources), key=lambda item: _stretch_distance(item, stretch))
    left = [source for source in sources if source.options.stretch == widths]
    slant = min((source.slant for source in left), key=lambda item: _slant_distance(item, wanted))
    left = [source for source in left if source.slant == slant]
    weights = min((source.weights for source in left), key=lambda item: weight_distance(item, weight))
    return [source for source in left if source.weights == weights]


def _stretch_distance(widths: tuple[float, float], wanted: float) -> tuple[int, float]:
    low, high = widths
    if low <= wanted <= high:
        return 0, 0.0
    narrower = (1 if wanted <= 1.0 else 2, wanted - high)
    wider = (2 if wanted <= 1.0 else 1, low - wanted)
    return narrower if high < wanted else wider


def _slant_distance(found: Slant, wanted: Slant) -> tuple[int, float]:
    """Rank of the search step, distance within it. Angles below 0 slant backwards, and are searched the other way."""
    if wanted.kind == "normal":
        if found.kind == "normal":
            return 0, 0.0
        return (1, abs(found.low)) if found.kind == "oblique" and found.high >= 0 else (2, abs(found.high))
    if wanted.kind == "italic":
        order = {"italic": 0, "oblique": 1, "normal": 2}
        return order[found.kind], abs(found.low - OBLIQUE) if found.kind == "oblique" else 0.0
    if found.kind != "oblique":
        return (3, 0.0) if found.kind == "italic" else (4, 0.0)
    angle, low, high = wanted.low, found.low, found.high
    if angle < 0:
        angle, low, high = -angle, -high, -low
    if low <= angle <= high:
        return 0, 0.0
    above, below = (low - angle, 1), (angle - high, 2)
    if angle < OBLIQUE:  # below 14 degrees (11 in older drafts), smaller angles come first
        above, below = (low - angle, 2), (angle - high, 1)
    distance, rank = above if low > angle else below
    return (rank, distance) if high >= 0 else (3, distance)


def weight_distance(weights: tuple[float, float], wanted: float) -> tuple[int, float]:
    """How far a file's weights are from the one wanted: (rank of the search step, distance within it)."""
    low, high = weights
    if low <= wanted <= high:
        return 0, 0.0
    if 400 <= wanted <= 500:
        if wanted < low <= 500:
            return 1, low - wanted
        return (2, wanted - high) if high < wanted else (3, low - wanted)
    if wanted < 400:
        return (1, wanted - high) if high < wanted else (2, low - wanted)
    return (1, low - wanted) if low > wanted else (2, wanted - high)
