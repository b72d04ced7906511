"""Outlines of glyphs, for those who paint letters as shapes: the shadows of text.

In: a face and a glyph. Out: segments in em, y upwards: ("m" | "l", x, y), ("c", x1, y1, x2, y2, x3, y3), ("h",).
"""

from __future__ import annotations

from typing import Any

import uharfbuzz as hb

from spark_pdf.text.face import Face

Segment = tuple[Any, ...]

_MOST = 4096
_known: dict[tuple[str, int], tuple[Segment, ...]] = {}


class _Collector:
    """Takes what HarfBuzz draws; quadratic curves become cubic ones."""

    __slots__ = ("_at", "_em", "segments")

    def __init__(self, em: float) -> None:
        self._em = em
        self._at = (0.0, 0.0)
        self.segments: list[Segment] = []

    def move(self, x: float, y: float) -> None:
        self._at = (x / self._em, y / self._em)
        self.segments.append(("m", *self._at))

    def line(self, x: float, y: float) -> None:
        self._at = (x / self._em, y / self._em)
        self.segments.append(("l", *self._at))

    def cubic(self, *points: float) -> None:
        values = [value / self._em for value in points]
        self._at = (values[4], values[5])
        self.segments.append(("c", *values))

    def quadratic(self, cx: float, cy: float, x: float, y: float) -> None:
        (ax, ay), cx, cy, x, y = self._at, cx / self._em, cy / self._em, x / self._em, y / self._em
        self._at = (x, y)
        first = (ax + 2 / 3 * (cx - ax), ay + 2 / 3 * (cy - ay))
        second = (x + 2 / 3 * (cx - x), y + 2 / 3 * (cy - y))
        self.segments.append(("c", *first, *second, x, y))

    def close(self) -> None:
        self.segments.append(("h",))


def _functions() -> Any:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, taker: taker.move(x, y))
    functions.set_line_to_func(lambda x, y, taker: taker.line(x, y))
    functions.set_cubic_to_func(lambda a, b, c, d, x, y, taker: taker.cubic(a, b, c, d, x, y))
    functions.set_quadratic_to_func(lambda a, b, x, y, taker: taker.quadratic(a, b, x, y))
    functions.set_close_path_func(lambda taker: taker.close())
    return functions


_FUNCTIONS = _functions()


def glyph_outline(face: Face, glyph: int) -> tuple[Segment, ...]:
    """The outline of a glyph, remembered; empty for a space."""
    key = (face.key, glyph)
    found = _known.get(key)
    if found is None:
        taker = _Collector(float(face.units_per_em))
        face.hb_font.draw_glyph(glyph, _FUNCTIONS, taker)
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[key] = tuple(taker.segments)
    return found
