"""Drawings of SVG as content streams, once per worker (ISO 32000-1, 8.5, 9.3 and 11.6).

In: nodes of `layout.svg.drawing`. Out: a `VectorStream`: bytes that hold in any document, and between them what each
document has to name itself (fonts, patterns, forms, graphics states), which `vectors` fills in. Most charts and icons
are one piece of bytes.
"""

from __future__ import annotations

from spark_pdf.layout.shapes.matrix import Matrix, multiply
from spark_pdf.layout.shapes.paths import Bounds, Path
from spark_pdf.layout.svg.drawing import Gradient, Group, Ink, Node, Pen, Picture, Shape, Text, Tiling
from spark_pdf.layout.values import Color
from spark_pdf.pdf.colors import ColorOperators
from spark_pdf.pdf.numbers import FAR, number, rounded
from spark_pdf.pdf.vector_parts import (
    AlphaPart,
    BlendPart,
    FormPart,
    GraphicsState,
    ImagePart,
    MaskPart,
    Part,
    PatternPart,
    TextPart,
    VectorStream,
)

_FLIP: Matrix = (1.0, 0.0, 0.0, -1.0, 0.0, 1.0)
"""Images fill the unit square with y upwards."""


def compiled(nodes: tuple[Node, ...], box: Bounds, colors: ColorOperators, places: int) -> VectorStream:
    """The stream of some nodes. `box`: what it may paint on; `places`: decimals of coordinates."""
    compiler = _Compiler(box, colors, places)
    compiler.nodes(nodes)
    return compiler.stream()


class _Compiler:
    """One stream in the making."""

    __slots__ = ("_box", "_colors", "_out", "_parts", "_patterned", "_places", "_saved", "_state")

    def __init__(self, box: Bounds, colors: ColorOperators, places: int) -> None:
        self._box = box
        self._colors = colors
        self._places = places
        self._out: list[bytes] = []
        self._parts: list[bytes | Part] = []
        self._patterned = False
        self._state = GraphicsState()
        self._saved: list[GraphicsState] = []

    def stream(self) -> VectorStream:
        self._flush()
        return VectorStream(self._parts, self._box, self._patterned)

    def _flush(self) -> None:
        if self._out:
            self._parts.append(b"".join(self._out))
            self._out = []

    def _part(self, part: Part) -> None:
        self._flush()
        self._parts.append(part)

    def _inner(self, nodes: tuple[Node, ...], box: Bounds | None = None) -> VectorStream:
        return compiled(nodes, box or self._box, self._colors, self._places)

    def _save(self) -> None:
        self._out.append(b"q\n")
        self._saved.append(self._state)

    def _restore(self) -> None:
        self._out.append(b"Q\n")
        self._state = self._saved.pop()

    def nodes(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            if isinstance(node, Shape):
                self._shape(node)
            elif isinstance(node, Text):
                self._text(node)
            elif isinstance(node, Group):
                self._group(node)
            else:
                self._picture(node)

    # Graphics state

    def _alpha(self, fill: float, stroke: float) -> None:
        wanted = (rounded(fill, 3), rounded(stroke, 3))
        if wanted != self._state.alpha:
            self._state = self._state._replace(alpha=wanted)
            self._part(AlphaPart(*wanted))

    def _ink(self, ink: Ink, stroke: bool) -> None:
        """Make an ink the colour of fills or strokes."""
        paint = ink.paint
        state = self._state
        if isinstance(paint, Color):
            operator = self._colors.stroke(paint) if stroke else self._colors.fill(paint)
            if operator != (state.stroke if stroke else state.fill):
                self._out.append(operator)
                self._state = state._replace(stroke=operator) if stroke else state._replace(fill=operator)
        elif paint is not (state.stroke if stroke else state.fill):
            self._patterned = True
            tile = self._inner(paint.nodes, paint.bounds) if isinstance(paint, Tiling) else None
            self._part(PatternPart(paint, stroke, tile=tile))
            self._state = state._replace(stroke=paint) if stroke else state._replace(fill=paint)

    def _pen(self, pen: Pen) -> None:
        out, state = self._out, self._state
        width, miter = number(pen.width, 4) + b" w\n", number(max(pen.miter, 1.0), 3) + b" M\n"
        if width != state.width:
            out.append(width)
        if pen.cap != state.cap:
            out.append(b"%d J\n" % pen.cap)
        if pen.join != state.join:
            out.append(b"%d j\n" % pen.join)
        if pen.join == 0 and miter != state.miter:
            out.append(miter)
        elif pen.join != 0:
            miter = state.miter
        dash = _dash(pen)
        if dash != state.dash:
            out.append(dash)
        self._state = GraphicsState(state.fill, state.stroke, state.alpha, width, pen.cap, pen.join, miter, dash)

    # Shapes

    def _shape(self, node: Shape) -> None:
        fill, stroke, pen = node.fill, node.stroke, node.pen
        if not node.path.ops:
            return
        both = fill is not None and stroke is not None and not node.stroke_first and node.matrix is None
        if both and _opaque(fill) and _opaque(stroke):
            assert fill is not None
            assert stroke is not None
            assert pen is not None
            self._alpha(1.0, 1.0)
            self._ink(fill, False)
            self._ink(stroke, True)
            self._pen(pen)
            self._out.append(path_operators(node.path, self._places) + (b"B*\n" if node.evenodd else b"B\n"))
            return
        if node.stroke_first:
            self._stroke(node)
        if fill is not None:
            path = node.path if node.matrix is None else node.path.transformed(node.matrix)
            self._veil(fill, False)
            self._ink(fill, False)
            self._out.append(path_operators(path, self._places) + (b"f*\n" if node.evenodd else b"f\n"))
            self._unveil(fill)
        if not node.stroke_first:
            self._stroke(node)

    def _stroke(self, node: Shape) -> None:
        stroke, pen = node.stroke, node.pen
        if stroke is None or pen is None:
            return
        self._veil(stroke, True)
        self._ink(stroke, True)
        if node.matrix is None:
            self._pen(pen)
            self._out.append(path_operators(node.path, self._places) + b"S\n")
        else:
            self._save()
            self._out.append(_cm(node.matrix))
            self._pen(pen)
            self._out.append(path_operators(node.path, 5) + b"S\n")
            self._restore()
        self._unveil(stroke)

    def _veil(self, ink: Ink, stroke: bool) -> None:
        """Set the alpha of what is painted next; that of a gradient with translucent stops is a soft mask."""
        if _veiled(ink):
            assert isinstance(ink.paint, Gradient)
            self._save()
            self._part(MaskPart(self._veil_stream(ink.paint), luminance=True))
        self._alpha(ink.alpha, ink.alpha)

    def _unveil(self, ink: Ink) -> None:
        if _veiled(ink):
            self._restore()

    def _veil_stream(self, gradient: Gradient) -> VectorStream:
        left, top, right, bottom = self._box
        area = path_operators(Path("MLLLZ", (left, top, right, top, right, bottom, left, bottom)), self._places)
        return VectorStream([PatternPart(gradient, False, alpha=True), area + b"f\n"], self._box, True)

    # Text, pictures, groups

    def _text(self, node: Text) -> None:
        fill, stroke = node.fill, node.stroke
        if (fill is None and stroke is None) or node.size <= 0:
            return
        apart = fill is not None and stroke is not None and (
            node.stroke_first or fill.alpha != stroke.alpha or _veiled(fill) or _veiled(stroke)
        )  # fmt: skip
        if not apart:
            self._show(node, fill, stroke, again=False)
        elif node.stroke_first:
            self._show(node, None, stroke, again=True)
            self._show(node, fill, None, again=False)
        else:
            self._show(node, fill, None, again=False)
            self._show(node, None, stroke, again=True)

    def _show(self, node: Text, fill: Ink | None, stroke: Ink | None, *, again: bool) -> None:
        """Show the words. `again`: they are shown twice, and this time they are no text to a reader."""
        ink = fill or stroke
        assert ink is not None
        self._veil(ink, fill is None)
        if fill is not None:
            self._ink(fill, False)
        if stroke is not None and node.pen is not None:
            self._ink(stroke, True)
            self._pen(node.pen)
        mode = 2 if fill is not None and stroke is not None else 1 if stroke is not None else 0
        a, b, c, d, e, f = node.matrix
        if a == d == 1.0 and b == c == 0.0:
            turn = b"1 0 0 -1"
        else:
            turn = b" ".join([number(value, 6) for value in (a, b, -c, -d)])
        self._save()
        if again:
            self._out.append(b"/Span<</ActualText<FEFF>>>BDC\n")
        mode_set = b"%d Tr " % mode if mode else b""
        self._out.append(b"BT %b%b %.9g %.9g Tm\n" % (mode_set, turn, rounded(e, 3), rounded(f, 3)))
        self._part(TextPart(node.fragment, rounded(node.size, 4), rounded(node.spacing, 4)))
        self._out.append(b"ET\nEMC\n" if again else b"ET\n")
        self._restore()
        self._unveil(ink)

    def _picture(self, node: Picture) -> None:
        self._alpha(1.0, 1.0)
        self._save()
        if node.image.vector is None:
            self._out.append(_cm(multiply(node.matrix, _FLIP)))
        else:
            a, b, c, d, e, f = node.matrix
            width, height = node.image.width or 1.0, node.image.height or 1.0
            self._out.append(_cm((a / width, b / width, c / height, d / height, e, f)))
        self._part(ImagePart(node.image))
        self._restore()

    def _group(self, node: Group) -> None:
        self._save()
        for clip in node.clips:
            rule = b"W* n\n" if clip.evenodd else b"W n\n"
            self._out.append((path_operators(clip.path, self._places) or b"0 0 0 0 re\n") + rule)
        if node.opacity >= 1 and not node.masks and node.blend == "normal":
            self.nodes(node.nodes)
        else:
            stream = self._inner(node.nodes)
            for mask in node.masks[1:]:
                wrapper = _Compiler(self._box, self._colors, self._places)
                wrapper._part(MaskPart(self._inner(mask.nodes), mask.luminance))
                wrapper._part(FormPart(stream, group=True))
                stream = wrapper.stream()
            if node.masks:
                mask = node.masks[0]
                self._part(MaskPart(self._inner(mask.nodes), mask.luminance))
            self._alpha(node.opacity, node.opacity)
            if node.blend != "normal":
                self._part(BlendPart(node.blend))
            self._part(FormPart(stream, group=True))
        self._restore()


def _veiled(ink: Ink | None) -> bool:
    """Whether an ink is a gradient with translucent stops."""
    return ink is not None and isinstance(ink.paint, Gradient) and any(c.alpha < 1 for _, c in ink.paint.stops)


def _opaque(ink: Ink | None) -> bool:
    return ink is not None and ink.alpha == 1.0 and not _veiled(ink)


def _cm(matrix: Matrix) -> bytes:
    return b" ".join([number(value, 6) for value in matrix]) + b" cm\n"


def _dash(pen: Pen) -> bytes:
    if not pen.dashes or sum(pen.dashes) < 0.02:  # finer than what is written, and than what any device shows
        return b"[] 0 d\n"
    offset = pen.offset
    if offset < 0:
        offset %= sum(pen.dashes)
    return b"[%b] %b d\n" % (b" ".join([number(dash, 3) for dash in pen.dashes]), number(offset, 3))


def path_operators(path: Path, places: int) -> bytes:
    """The construction of a path."""
    points = path.points
    if not points:
        return b""
    if path.ops == "MLLLZ" and _is_upright(points):
        left, top, right, bottom = (rounded(points[at], places) for at in (0, 1, 4, 5))
        return b"%.9g %.9g %.9g %.9g re\n" % (left, top, rounded(right - left, places), rounded(bottom - top, places))
    if min(points) > -FAR and max(points) < FAR:
        texts = [f"{round(value, places) + 0.0:.9g}" for value in points]
    else:
        texts = [f"{rounded(value, places):.9g}" for value in points]
    out: list[str] = []
    at = 0
    for op in path.ops:
        if op == "L" or op == "M":
            out.append(f"{texts[at]} {texts[at + 1]} {'l' if op == 'L' else 'm'}\n")
            at += 2
        elif op == "Z":
            out.append("h\n")
        else:
            out.append(" ".join(texts[at : at + 6]) + " c\n")
            at += 6
    return "".join(out).encode()


def _is_upright(p: tuple[float, ...]) -> bool:
    """Whether four corners are those of a rectangle as `re` draws it."""
    return p[1] == p[3] and p[2] == p[4] and p[5] == p[7] and p[6] == p[0]
