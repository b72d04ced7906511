"""Text along a path (SVG 2, 11.8.1): each letter stands on the path at the middle of its advance."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.shapes.matrix import multiply, translated
from spark_pdf.layout.shapes.numbers import Units, length, number, transform
from spark_pdf.layout.shapes.paths import Path
from spark_pdf.layout.svg.drawing import Ink, Node, Pen
from spark_pdf.layout.svg.environment import href_of, local_id

if TYPE_CHECKING:
    from spark_pdf.layout.svg.text import Piece, TextLayout

_STEPS = 24
"""Chords of one curve."""


class Track:
    """A path as chords: which point and direction lie how far along it."""

    __slots__ = ("_chords", "_starts", "length")

    def __init__(self, path: Path) -> None:
        self._starts: list[float] = []
        self._chords: list[tuple[float, float, float, float]] = []  # x, y, and the direction
        self.length = 0.0
        for op, (x, y), points in path.segments():
            if op in "LZ":
                self._add(x, y, points[0], points[1])
            elif op in "Cc":
                self._curve(x, y, points)

    def _curve(self, x: float, y: float, points: tuple[float, ...]) -> None:
        x1, y1, x2, y2, x3, y3 = points
        px, py = x, y
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            u = 1 - t
            nx = u * u * u * x + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t * t * t * x3
            ny = u * u * u * y + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t * t * t * y3
            self._add(px, py, nx, ny)
            px, py = nx, ny

    def _add(self, x1: float, y1: float, x2: float, y2: float) -> None:
        size = math.hypot(x2 - x1, y2 - y1)
        if size > 1e-9:
            self._starts.append(self.length)
            self._chords.append((x1, y1, (x2 - x1) / size, (y2 - y1) / size))
            self.length += size

    def at(self, where: float) -> tuple[float, float, float, float] | None:
        """Point and direction at a length; None beyond the ends."""
        if not self._chords or where < 0 or where > self.length:
            return None
        index = bisect_right(self._starts, where) - 1
        x, y, dx, dy = self._chords[index]
        rest = where - self._starts[index]
        return x + dx * rest, y + dy * rest, dx, dy


def along_path(
    layout: TextLayout, piece: Piece, element: Element, before: float, total: float,
    inks: tuple[Ink | None, Ink | None, Pen | None], out: list[Node],
) -> None:  # fmt: skip
    """Place one piece of a `textPath` element; letters beyond the path's ends are not shown.

    `before`: the advance of what the element has before the piece; `total`: of all that it has.
    """
    builder, state = layout.builder, piece.span.state
    name = local_id(href_of(element))
    target = builder.environment.find(name) if name else None
    path = builder.path(target, state) if target is not None else None
    if target is None or path is None:
        return
    track = Track(path.transformed(transform(target.attributes.get("transform"))))
    where = before + _offset(element, target, track, builder.units(state))
    where -= total * {"middle": 0.5, "end": 1.0}.get(state.style.text_anchor, 0.0)
    shaped = piece.metrics.words(layout.language, "ltr")
    for letter in piece.text:
        word = shaped[letter]
        width = word.width * piece.metrics.size + piece.spacing + (piece.space if letter == " " else 0.0)
        width *= piece.squeeze
        place = track.at(where + width / 2)
        where += width
        if place is None or not word.runs:
            continue
        x, y, dx, dy = place
        turned = multiply(translated(layout.state.matrix, x, y), (dx, dy, -dy, dx, 0.0, 0.0))
        matrix = translated(turned, -width / 2, -piece.span.shift)
        out.append(layout.node(piece, (word,), width, matrix, inks))


def _offset(element: Element, target: Element, track: Track, units: Units) -> float:
    """`startOffset`, in units of the path's `pathLength` if it has one."""
    text = element.attributes.get("startOffset")
    offset = length(text, track.length, units) or 0.0
    said = number(target.attributes.get("pathLength"), 0.0)
    relative = text is not None and text.strip().endswith("%")
    return offset * track.length / said if said > 0 and not relative else offset
