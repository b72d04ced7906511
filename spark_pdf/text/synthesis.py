"""Bold and oblique drawn out of a face that is neither (CSS Fonts 4, `font-synthesis`), in the outlines that are
embedded.

In: a `Face` whose `changes` ask for it, and a glyph. Out: an entry of glyf, or a Type 2 charstring. So text stays
text in any viewer, and nothing of drawing or layout knows of it. HarfBuzz moves the points: outlines grow by 1/28 of
the em, half of it on each side, and upwards (browsers take 1/24 to 1/32, by size), and lean by 14 degrees, as CSS's
`oblique` does. Advances stay as they are.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import uharfbuzz as hb

from spark_pdf.text.matching import OBLIQUE
from spark_pdf.text.woff2 import coordinate

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

STRENGTH = 1 / 28
SLANT = math.tan(math.radians(OBLIQUE))


def is_synthetic(face: Face) -> bool:
    """Whether a face's outlines are not those of its file."""
    return face.changes.bold or face.changes.slanted


class Drawer:
    """Draws the glyphs of a face as its changes say."""

    __slots__ = ("_font",)

    def __init__(self, face: Face) -> None:
        font: Any = hb.Font(face.hb_face)
        if face.changes.bold:
            font.synthetic_bold = (STRENGTH, STRENGTH, True)
        if face.changes.slanted:
            font.synthetic_slant = SLANT
        self._font = font

    def outline(self, glyph: int) -> tuple[bytes, int]:
        """An entry of glyf, and its left edge."""
        pen = _Quadratic()
        self._font.draw_glyph_with_pen(glyph, pen)
        return pen.entry()

    def charstring(self, glyph: int, advance: int) -> bytes:
        """A Type 2 charstring whose first operand is the width, to be read with a nominal width of 0."""
        pen = _Cubic(advance)
        self._font.draw_glyph_with_pen(glyph, pen)
        return pen.program()


class _Quadratic:
    """A pen that gathers points for glyf."""

    def __init__(self) -> None:
        self._contours: list[list[tuple[int, int, bool]]] = []

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - the pen protocol
        self._contours.append([(round(point[0]), round(point[1]), True)])

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._contours[-1].append((round(point[0]), round(point[1]), True))

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        for number, (x, y) in enumerate(points, 1):
            self._contours[-1].append((round(x), round(y), number == len(points)))

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        raise ValueError("glyf holds no cubic curves")

    def closePath(self) -> None:  # noqa: N802
        contour = self._contours[-1]
        if len(contour) > 1 and contour[-1] == contour[0]:
            contour.pop()

    def endPath(self) -> None:  # noqa: N802
        pass

    def entry(self) -> tuple[bytes, int]:
        contours = [contour for contour in self._contours if len(contour) > 1]
        if not contours:
            return b"", 0
        points = [point for contour in contours for point in contour]
        xs, ys = [x for x, _, _ in points], [y for _, y, _ in points]
        ends: list[int] = []
        last = -1
        for contour in contours:
            last += len(contour)
            ends.append(last)
        marks, across, down = bytearray(), bytearray(), bytearray()
        before = (0, 0)
        for x, y, on in points:
            mark = coordinate(x - before[0], across, 0x02, 0x10) | coordinate(y - before[1], down, 0x04, 0x20)
            marks.append(on | mark)
            before = (x, y)
        head = struct.pack(f">5h{len(ends)}HH", len(ends), min(xs), min(ys), max(xs), max(ys), *ends, 0)
        return head + bytes(marks) + bytes(across) + bytes(down), min(xs)


class _Cubic:
    """A pen that writes a charstring (Adobe Technical Note 5177): one operator for each segment."""

    def __init__(self, advance: int) -> None:
        self._out = bytearray(_operand(advance))
        self._at = (0, 0)

    def _steps(self, *points: tuple[float, float]) -> None:
        for x, y in points:
            to = (round(x), round(y))
            self._out += _operand(to[0] - self._at[0]) + _operand(to[1] - self._at[1])
            self._at = to

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._steps(point)
        self._out.append(21)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._steps(point)
        self._out.append(5)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._steps(*points)
        self._out.append(8)

    def qCurveTo(self, control: tuple[float, float], end: tuple[float, float]) -> None:  # noqa: N802
        start = self._at
        first = (start[0] + (control[0] - start[0]) * 2 / 3, start[1] + (control[1] - start[1]) * 2 / 3)
        second = (end[0] + (control[0] - end[0]) * 2 / 3, end[1] + (control[1] - end[1]) * 2 / 3)
        self.curveTo(first, second, end)

    def closePath(self) -> None:  # noqa: N802
        pass

    def endPath(self) -> None:  # noqa: N802
        pass

    def program(self) -> bytes:
        return bytes(self._out) + b"\x0e"


def _operand(value: int) -> bytes:
    if -107 <= value <= 107:
        return bytes([value + 139])
    if 108 <= value <= 1131:
        return bytes([247 + (value - 108 >> 8), value - 108 & 255])
    if -1131 <= value <= -108:
        return bytes([251 + (-value - 108 >> 8), -value - 108 & 255])
    return b"\x1c" + struct.pack(">h", max(-32768, min(value, 32767)))
