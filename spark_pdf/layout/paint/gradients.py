"""Used values of gradients: where the line, circle or ellipse lies, and how colours run along it (CSS Images 3 and 4).

In: a gradient of `values` and the size of the box that it fills. Out: geometry in px, and a `Ramp`: pieces of the way
from the start (0) to the end (1) and beyond, each from one colour to another.
"""

from __future__ import annotations

from math import cos, log, radians, sin, sqrt
from typing import NamedTuple

from spark_pdf.layout.css.mixing import between
from spark_pdf.layout.values import Color, ColorStop, LinearGradient, Percentage, Position, RadialGradient

_SAMPLES = 8
"""Pieces for a way that is not straight in the colour space that is drawn in."""
_MOST_REPEATS = 1000


class Piece(NamedTuple):
    """From `first` at `start` to `last` at `end`: the share of `last` is progress to the power of `exponent`."""

    start: float
    end: float
    first: Color
    last: Color
    exponent: float = 1.0


class Ramp(NamedTuple):
    """Pieces without gaps; repeated without end if `repeats`, else the outer colours go on."""

    pieces: tuple[Piece, ...]
    repeats: bool

    @property
    def opaque(self) -> bool:
        """Whether nothing is seen through it."""
        return all(piece.first.alpha >= 1 and piece.last.alpha >= 1 for piece in self.pieces)


def ramp(
    stops: tuple[ColorStop, ...], length: float, *, repeating: bool, space: str, hue: str, reach: float = 1.0
) -> Ramp:
    """The colours along a gradient line `length` px long; positions are fractions of it, `reach` is the last seen."""
    placed = _placed(stops, length)
    low, high = placed[0][1], placed[-1][1]
    if repeating and high - low < 1e-6:
        # 3.6: all periods at once come to their average; we take the last colour, as for no length at all.
        repeating = False
    pieces: list[Piece] = []
    index = 0
    while index < len(placed) - 1:
        color, at = placed[index]
        following, end = placed[index + 1]
        exponent, middle = 1.0, None
        if following is None:
            middle = end
            following, end = placed[index + 2]
            index += 1
        index += 1
        assert color is not None
        assert following is not None
        if middle is not None and end > at:
            share = (middle - at) / (end - at)
            if share <= 0.001 or share >= 0.999:
                color = following = following if share <= 0.001 else color
            else:
                exponent = _exponent(share)
        if end > at:
            pieces += _mixed(Piece(at, end, color, following, exponent), space, hue)
    first, last = placed[0][0], placed[-1][0]
    assert first is not None
    assert last is not None
    if not repeating:
        if not pieces or pieces[0].first != first or low > 0:
            pieces.insert(0, Piece(min(low, 0.0) - 1.0, low, first, first))
        if pieces[-1].last != last or high < reach:
            pieces.append(Piece(high, max(high, reach) + 1.0, last, last))
    return Ramp(_same_space(pieces), repeating)


def _exponent(share: float) -> float:
    """The power that is a half at `share` (CSS Images 4, 3.5.3). Rounded: logarithms differ between machines."""
    return round(log(0.5) / log(share), 4)


def _placed(stops: tuple[ColorStop, ...], length: float) -> list[tuple[Color | None, float]]:
    """Every stop with its position (CSS Images 3, 3.4.3)."""
    positions: list[float | None] = []
    for stop in stops:
        at = stop.position
        if at is None:
            positions.append(None)
        elif at.__class__ is Percentage:
            positions.append(at * length / length if length > 0 else float(at))
        else:
            positions.append(at / length if length > 0 else 0.0)
    if positions[0] is None:
        positions[0] = 0.0
    if positions[-1] is None:
        positions[-1] = 1.0
    largest = -1e9
    for index, position in enumerate(positions):
        if position is not None:
            positions[index] = largest = max(largest, position)
    index = 1
    while index < len(positions):
        if positions[index] is None:
            end = index
            while positions[end] is None:
                end += 1
            start, stop_at = positions[index - 1], positions[end]
            assert start is not None
            assert stop_at is not None
            for step in range(index, end):
                positions[step] = start + (stop_at - start) * (step - index + 1) / (end - index + 1)
            index = end
        index += 1
    return [(stop.color, position or 0.0) for stop, position in zip(stops, positions, strict=True)]


def _mixed(piece: Piece, space: str, hue: str) -> list[Piece]:
    """A piece as pieces that are straight without premultiplication, in the space that is drawn in."""
    first, last = piece.first, piece.last
    if space in ("", "srgb"):
        if first.alpha == last.alpha or first.components == last.components:
            return [piece]
        if first.alpha == 0 or last.alpha == 0:
            seen = last if first.alpha == 0 else first
            return [piece._replace(first=seen._replace(alpha=first.alpha), last=seen._replace(alpha=last.alpha))]
    elif first == last:
        return [piece]
    count = _SAMPLES if space in ("", "srgb") else 2 * _SAMPLES
    colors = [first, *(between(first, last, (n / count) ** piece.exponent, space, hue) for n in range(1, count)), last]
    if first.alpha == 0:
        colors[0] = colors[1]._replace(alpha=0.0)
    if last.alpha == 0:
        colors[-1] = colors[-2]._replace(alpha=0.0)
    step = (piece.end - piece.start) / count
    return [Piece(piece.start + n * step, piece.start + (n + 1) * step, colors[n], colors[n + 1]) for n in range(count)]


def _same_space(pieces: list[Piece]) -> tuple[Piece, ...]:
    """All pieces in one colour space: a gradient between CMYK and sRGB is drawn in sRGB."""
    spaces = {color.space for piece in pieces for color in (piece.first, piece.last)}
    if len(spaces) == 1:
        return tuple(pieces)
    return tuple([piece._replace(first=as_srgb(piece.first), last=as_srgb(piece.last)) for piece in pieces])


def as_srgb(color: Color) -> Color:
    """A device-cmyk colour by the plain conversion of CSS Color 5, 7.1; others as they are."""
    if color.space != "device-cmyk":
        return color
    c, m, y, k = color.components
    return Color("srgb", tuple([1 - min(1.0, v * (1 - k) + k) for v in (c, m, y)]), color.alpha)


def visible(ramp: Ramp, reach: float) -> list[tuple[float, float, int, float, float]]:
    """What of the ramp lies between 0 and `reach`: start, end, number of the piece, progress at start and at end."""
    found: list[tuple[float, float, int, float, float]] = []
    pieces = ramp.pieces
    low, high = pieces[0].start, pieces[-1].end
    shift, period = 0.0, high - low
    if ramp.repeats:
        shift = -((low // period) + 1) * period if low > 0 else ((-low) // period) * period
        while low + shift > 0:
            shift -= period
        if reach / period > _MOST_REPEATS:
            reach = _MOST_REPEATS * period
    while True:
        for number, piece in enumerate(pieces):
            start, end = piece.start + shift, piece.end + shift
            if end <= 1e-9 or start >= reach - 1e-9:
                continue
            cut_start, cut_end = max(start, 0.0), min(end, reach)
            size = end - start
            found.append((cut_start, cut_end, number, (cut_start - start) / size, (cut_end - start) / size))
        shift += period
        if not ramp.repeats or low + shift >= reach:
            return found


def linear_line(gradient: LinearGradient, width: float, height: float) -> tuple[float, float, float, float, float]:
    """Start and end of the gradient line, and its length (CSS Images 3, 3.1)."""
    direction = gradient.direction
    if isinstance(direction, tuple):
        across = height if "right" in direction else -height if "left" in direction else 0.0
        down = width if "bottom" in direction else -width if "top" in direction else 0.0
        size = sqrt(across * across + down * down) or 1.0
        dx, dy = across / size, down / size
    else:
        dx, dy = _direction(direction)
    length = abs(width * dx) + abs(height * dy)
    half_x, half_y = dx * length / 2, dy * length / 2
    return width / 2 - half_x, height / 2 - half_y, width / 2 + half_x, height / 2 + half_y, length


def _direction(degrees: float) -> tuple[float, float]:
    """The unit vector at an angle clockwise from the top, y downwards; exact where it is upright."""
    upright = {0.0: (0.0, -1.0), 90.0: (1.0, 0.0), 180.0: (0.0, 1.0), 270.0: (-1.0, 0.0)}.get(degrees % 360)
    if upright is not None:
        return upright
    angle = radians(degrees)
    return sin(angle), -cos(angle)


def point(center: tuple[Position, Position], width: float, height: float) -> tuple[float, float]:
    """A position as a point in a box."""
    across, down = center
    return across.fraction * width + across.offset, down.fraction * height + down.offset


def radial_size(gradient: RadialGradient, width: float, height: float) -> tuple[float, float, float, float]:
    """The centre, and the horizontal and vertical radius (CSS Images 3, 3.2)."""
    x, y = point(gradient.center, width, height)
    size = gradient.size
    if isinstance(size, tuple):
        rx, ry = (
            max(value * room if value.__class__ is Percentage else float(value), 0.0)
            for value, room in zip(size, (width, height), strict=True)
        )
        return x, y, rx, ry
    sides_x, sides_y = (abs(x), abs(width - x)), (abs(y), abs(height - y))
    choose = min if size.startswith("closest") else max
    rx, ry = choose(sides_x), choose(sides_y)
    if gradient.shape == "circle":
        if size.endswith("side"):
            rx = ry = choose(rx, ry)
        else:
            rx = ry = choose([sqrt(a * a + b * b) for a in sides_x for b in sides_y])
    elif size.endswith("corner"):
        rx, ry = rx * sqrt(2), ry * sqrt(2)
    return x, y, rx, ry


def radial_reach(x: float, y: float, rx: float, ry: float, width: float, height: float) -> float:
    """How far, in radii, the farthest corner of the box is from the centre."""
    return max(sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2) for cx in (0.0, width) for cy in (0.0, height))
