"""Gradients as PDF shadings (ISO 32000-1, 8.7.4), their transparency as soft masks (11.6.5).

In: a gradient, and the rectangle that it fills. Out: operators of a `Painter`. Linear and radial ones are axial and
radial shadings, whose stitched functions say what CSS does, hints included; conic ones are sectors, or meshes where
colours run. Equal gradients of equal size are one shading in the document, at whatever place.
"""

from __future__ import annotations

import struct
from math import cos, pi, radians, sin, sqrt
from typing import Any, NamedTuple

from spark_pdf.layout.paint.gradients import Ramp, linear_line, point, radial_reach, radial_size, ramp, visible
from spark_pdf.layout.shapes.outlines import Rect, ellipse_path
from spark_pdf.layout.values import Color, ConicGradient, Gradient, LinearGradient, RadialGradient
from spark_pdf.pdf.colors import SPACES, channels, fill_operator
from spark_pdf.pdf.deflating import DOCUMENT_LEVEL
from spark_pdf.pdf.numbers import number, rounded
from spark_pdf.pdf.painter import Painter
from spark_pdf.pdf.writer import ref

_SMALL = 0.01
_STEP = 3.0
"""Degrees of a mesh's wedge: what a colour does within one is straight."""


_MOST_EDGES = 400
"""Edges between plain colours that are drawn as shapes; shadings place them only nearly, and do not smooth them."""

_UNDER = 1.0
_UNDER_ANGLE = 0.003
"""How far (px; parts of a turn) a colour goes on under the next one."""

_Visible = list[tuple[float, float, int, float, float]]
"""As `layout.gradients.visible` gives it."""


class _Made(NamedTuple):
    """What fills a box of one size with a gradient, from its own origin: operators, and the state of its mask."""

    content: bytes
    mask: bytes
    alpha: float


def paint_gradient(painter: Painter, gradient: Gradient, rect: Rect) -> None:
    """Fill a rectangle."""
    x, y, width, height = rect
    if width < _SMALL or height < _SMALL:
        return
    painter.save()
    painter.rect(*rect)
    painter.clip()
    painter.transform((1, 0, 0, 1, x, y))
    fill_with_gradient(painter, gradient, width, height)
    painter.restore()


def fill_with_gradient(painter: Painter, gradient: Gradient, width: float, height: float) -> None:
    """Fill the clip; the box that the gradient is made for starts at the origin. Changes the graphics state."""
    made = _made(painter, gradient, width, height)
    painter.opacity(made.alpha)
    painter.out.append(made.mask)
    painter.out.append(made.content)


def _made(painter: Painter, gradient: Gradient, width: float, height: float) -> _Made:
    key = (gradient, round(width, 2), round(height, 2))
    found = painter.resources.made.get(key)
    if found is None:
        found = painter.resources.made[key] = _make(painter, gradient, width, height)
    return found  # type: ignore[return-value]


def _make(painter: Painter, gradient: Gradient, width: float, height: float) -> _Made:
    kind = gradient.__class__
    if kind is LinearGradient:
        draw: _Drawn = _Linear(gradient, width, height)  # type: ignore[arg-type]
    elif kind is RadialGradient:
        draw = _Radial(gradient, width, height)  # type: ignore[arg-type]
    else:
        draw = _Conic(gradient, width, height)  # type: ignore[arg-type]
    if any(len(piece.first.components) == 4 for piece in draw.ramp.pieces):
        painter.resources.cmyk = True
    alphas = {color.alpha for piece in draw.ramp.pieces for color in (piece.first, piece.last)}
    content = draw.content(painter, alpha=False)
    if alphas == {1.0}:
        return _Made(content, b"", 1.0)
    if content.count(b" f\n") + content.count(b"f*\n") > 1:  # shapes that lie on each other fade as one
        content = painter.form(content, (0.0, 0.0, width, height), {"I": True})
    if len(alphas) == 1:
        return _Made(content, b"", alphas.pop())
    group = {"CS": "/DeviceGray"}
    mask = painter.form_number(draw.content(painter, alpha=True), (0.0, 0.0, width, height), group)
    state = painter.resources.state({"SMask": {"Type": "/Mask", "S": "/Luminosity", "G": ref(mask)}})
    return _Made(content, state, 1.0)


class _Drawn:
    """One gradient in one size. `content`: operators that paint its colours, or its alpha as a grey."""

    __slots__ = ("height", "ramp", "width")

    ramp: Ramp

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height

    def content(self, painter: Painter, *, alpha: bool) -> bytes:
        """The operators."""
        raise NotImplementedError

    def flat(self, reach: float, alpha: bool) -> _Visible:
        """What is seen of the ramp, if that is few plain colours with edges between them; else nothing."""
        shown = visible(self.ramp, reach)
        pieces = self.ramp.pieces
        if len(shown) > _MOST_EDGES:
            return []
        for _, _, n, _, _ in shown:
            if _values(pieces[n].first, alpha) != _values(pieces[n].last, alpha):
                return []
        return shown

    def _bands(self, shown: _Visible, alpha: bool) -> list[tuple[float, float, tuple[float, ...]]]:
        """Start and end of each colour, and its components."""
        found: list[tuple[float, float, tuple[float, ...]]] = []
        for start, end, n, _, _ in shown:
            values = _values(self.ramp.pieces[n].first, alpha)
            if found and found[-1][2] == values:
                found[-1] = (found[-1][0], end, values)
            else:
                found.append((start, end, values))
        return found


class _Linear(_Drawn):
    __slots__ = ("line",)

    def __init__(self, gradient: LinearGradient, width: float, height: float) -> None:
        super().__init__(width, height)
        self.line = linear_line(gradient, width, height)
        self.ramp = ramp(
            gradient.stops, self.line[4], repeating=gradient.repeating, space=gradient.space, hue=gradient.hue
        )

    def content(self, painter: Painter, *, alpha: bool) -> bytes:
        x0, y0, x1, y1, _ = self.line
        shown = self.flat(1.0, alpha)
        if shown:
            return self._stripes(shown, alpha)
        if x0 == x1:  # the width is nothing to it, so that more boxes share it
            x0 = x1 = 0.0
        if y0 == y1:
            y0 = y1 = 0.0
        coordinates = [rounded(value, 3) for value in (x0, y0, x1, y1)]
        return _shaded(painter, 2, coordinates, self.ramp, 1.0, alpha)

    def _stripes(self, shown: _Visible, alpha: bool) -> bytes:
        """Each colour a little beyond its end, under the next: edges are exact, and no seam shows."""
        x0, y0, x1, y1, length = self.line
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        far = self.width + self.height
        out: list[bytes] = []
        for start, end, values in self._bands(shown, alpha):
            at, size = start * length, (end - start) * length + _UNDER
            ax, ay = x0 + dx * at - dy * far, y0 + dy * at + dx * far
            bx, by = x0 + dx * at + dy * far, y0 + dy * at - dx * far
            out.append(fill_operator(values))
            out.append(
                _polygon([(ax, ay), (bx, by), (bx + dx * size, by + dy * size), (ax + dx * size, ay + dy * size)])
            )
        return b"".join(out)


class _Radial(_Drawn):
    __slots__ = ("center", "radii", "reach")

    def __init__(self, gradient: RadialGradient, width: float, height: float) -> None:
        super().__init__(width, height)
        x, y, rx, ry = radial_size(gradient, width, height)
        if ry <= _SMALL < rx:  # CSS Images 3, 3.2.3: flat ellipses are all of the last colour, and so are points
            rx = ry = _SMALL
        self.center = (x, y)
        self.radii = (max(rx, _SMALL), max(ry, _SMALL))
        self.reach = max(radial_reach(x, y, *self.radii, width, height), 0.001)
        self.ramp = ramp(
            gradient.stops, self.radii[0], repeating=gradient.repeating, space=gradient.space, hue=gradient.hue,
            reach=self.reach,
        )  # fmt: skip

    def content(self, painter: Painter, *, alpha: bool) -> bytes:
        (x, y), (rx, ry) = self.center, self.radii
        shown = self.flat(self.reach, alpha)
        if shown:
            return self._rings(painter, shown, alpha)
        shaded = _shaded(painter, 3, [0, 0, 0, 0, 0, rounded(rx * self.reach, 3)], self.ramp, self.reach, alpha)
        scale = number(ry / rx, 5) if rx != ry else b"1"
        return b"1 0 0 %b %b %b cm\n%b" % (scale, number(x, 3), number(y, 3), shaded)

    def _rings(self, painter: Painter, shown: _Visible, alpha: bool) -> bytes:
        """Each colour up to where it ends, the outermost first, a little of it under the next."""
        (x, y), (rx, ry) = self.center, self.radii
        inner = painter.nested()
        bands = self._bands(shown, alpha)
        for start, end, values in reversed(bands):
            inner.out.append(fill_operator(values))
            if (start, end, values) == bands[-1]:
                inner.rect(0.0, 0.0, self.width, self.height)
            else:
                inner.path(ellipse_path(x, y, rx * end, ry * end))
            if rx * start > _UNDER and ry * start > _UNDER:
                inner.path(ellipse_path(x, y, rx * start - _UNDER, ry * start - _UNDER))
            inner.out.append(b"f*\n")
        return inner.content()


class _Conic(_Drawn):
    __slots__ = ("center", "start")

    def __init__(self, gradient: ConicGradient, width: float, height: float) -> None:
        super().__init__(width, height)
        self.center = point(gradient.center, width, height)
        self.start = gradient.start
        self.ramp = ramp(gradient.stops, 1.0, repeating=gradient.repeating, space=gradient.space, hue=gradient.hue)

    def content(self, painter: Painter, *, alpha: bool) -> bytes:
        x, y = self.center
        far = sqrt(max(x * x, (self.width - x) ** 2) + max(y * y, (self.height - y) ** 2)) * 1.01 + 1
        shown = self.flat(1.0, alpha)
        if shown:
            return self._sectors(shown, far, alpha)
        return self._mesh(painter, visible(self.ramp, 1.0), far, alpha)

    def _sectors(self, shown: _Visible, far: float, alpha: bool) -> bytes:
        """Each colour a little beyond its end, under the next, and the first one under the last as well."""
        bands = self._bands(shown, alpha)
        out: list[bytes] = []
        reach = far / cos(pi / 12)
        for start, end, values in bands:
            if len(bands) > 1:
                start, end = start or -_UNDER_ANGLE, min(end + _UNDER_ANGLE, 1.0)
            steps = int((end - start) * 12) + 2
            turns = [start + (end - start) * step / steps for step in range(steps + 1)]
            out.append(fill_operator(values))
            out.append(_polygon([self.center, *[self._at(turn, reach) for turn in turns]]))
        return b"".join(out)

    def _mesh(self, painter: Painter, shown: _Visible, far: float, alpha: bool) -> bytes:
        """A lattice of two columns: the centre, as a ring too small to see, and a circle around the box."""
        x, y = self.center
        reach = far / cos(radians(_STEP / 2))
        low_x, low_y, size = x - reach - 1, y - reach - 1, 2 * reach + 2
        data: list[bytes] = []
        count = 1
        for start, end, n, first, last in shown:
            piece = self.ramp.pieces[n]
            a, b = _values(piece.first, alpha), _values(piece.last, alpha)
            count = len(a)
            steps = max(int((end - start) * 360 / _STEP + 0.999), 1) if a != b else max(int((end - start) * 24), 1)
            for step in range(steps + 1):
                share = step / steps
                progress = (first + (last - first) * share) ** piece.exponent
                color = [p + (q - p) * progress for p, q in zip(a, b, strict=True)]
                packed = bytes([round(min(max(value, 0.0), 1.0) * 255) for value in color])
                for radius in (0.0, reach):
                    px, py = self._at(start + (end - start) * share, radius)
                    across, down = round((px - low_x) / size * 65535), round((py - low_y) / size * 65535)
                    data.append(struct.pack(">HH", across, down) + packed)
        decode = [rounded(low_x, 3), rounded(low_x + size, 3), rounded(low_y, 3), rounded(low_y + size, 3)]
        entries = {
            "ShadingType": 5, "ColorSpace": SPACES[count], "BitsPerCoordinate": 16, "BitsPerComponent": 8,
            "VerticesPerRow": 2, "Decode": [*decode, *([0, 1] * count)],
        }  # fmt: skip
        stored = painter.writer.stream(entries, b"".join(data), level=DOCUMENT_LEVEL, shared=True)
        return b"/%b sh\n" % painter.resources.named("Shading", "S", stored)

    def _at(self, turn: float, radius: float) -> tuple[float, float]:
        angle = radians(self.start + 360 * turn)
        return self.center[0] + radius * sin(angle), self.center[1] - radius * cos(angle)


def _polygon(points: list[tuple[float, float]]) -> bytes:
    out = [b"%b %b %b" % (number(x, 2), number(y, 2), b"l" if n else b"m") for n, (x, y) in enumerate(points)]
    return b" ".join(out) + b" h f\n"


def _values(color: Color, alpha: bool) -> tuple[float, ...]:
    return (color.alpha,) if alpha else channels(color)


def _shaded(painter: Painter, kind: int, coordinates: list[float], ramp: Ramp, reach: float, alpha: bool) -> bytes:
    """An axial or radial shading; `coordinates` are those of progress 0 and of `reach`."""
    pieces = [(_values(piece.first, alpha), _values(piece.last, alpha)) for piece in ramp.pieces]
    if all(len(values) == 3 and values[0] == values[1] == values[2] for pair in pieces for values in pair):
        pieces = [(first[:1], last[:1]) for first, last in pieces]
    functions = [_exponential(a, b, piece.exponent) for (a, b), piece in zip(pieces, ramp.pieces, strict=True)]
    shown = visible(ramp, reach)
    if len(shown) == 1 and shown[0][3:] == (0.0, 1.0):
        function: Any = functions[shown[0][2]]
    else:
        if len(shown) > len(functions):  # repeated: each is written once
            functions = [ref(painter.resources.shared(painter.writer, f)) for f in functions]  # type: ignore[misc]
        function = {
            "FunctionType": 3, "Domain": [0, 1],
            "Functions": [functions[n] for _, _, n, _, _ in shown],
            "Bounds": [rounded(start / reach, 6) for start, _, _, _, _ in shown[1:]],
            "Encode": [rounded(value, 5) for piece in shown for value in piece[3:]],
        }  # fmt: skip
    shading = {
        "ShadingType": kind, "ColorSpace": SPACES[len(pieces[0][0])], "Coords": coordinates, "Function": function,
        "Extend": [True, True],
    }  # fmt: skip
    stored = painter.resources.shared(painter.writer, shading)
    return b"/%b sh\n" % painter.resources.named("Shading", "S", stored)


def _exponential(first: tuple[float, ...], last: tuple[float, ...], exponent: float) -> dict[str, Any]:
    return {
        "FunctionType": 2, "Domain": [0, 1], "C0": [rounded(value, 4) for value in first],
        "C1": [rounded(value, 4) for value in last], "N": exponent if exponent != 1 else 1,
    }  # fmt: skip
