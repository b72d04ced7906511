"""SVG drawings on the pages of one document: names filled into streams that the worker remembers.

In: an image that holds a `VectorSource`, and where it goes. Out: operators of a `Painter`. A drawing stands in the
page's own content the first time, and is a form XObject from its second time on, or where it has patterns, or where it
is large and the same in every document: then its compressed form is remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spark_pdf.layout.svg.drawing import Drawing, Gradient
from spark_pdf.model import RenderWarning
from spark_pdf.pdf.colors import ColorOperators
from spark_pdf.pdf.deflating import DOCUMENT_LEVEL, compress
from spark_pdf.pdf.numbers import rounded
from spark_pdf.pdf.painter import Painter
from spark_pdf.pdf.shadings import alpha_shading, color_shading, shading_pattern
from spark_pdf.pdf.textdrawing import show_words
from spark_pdf.pdf.vector_parts import (
    AlphaPart,
    BlendPart,
    FormPart,
    ImagePart,
    MaskPart,
    Part,
    PatternPart,
    TextPart,
    VectorStream,
)
from spark_pdf.pdf.vector_stream import compiled
from spark_pdf.pdf.writer import ref

if TYPE_CHECKING:
    from spark_pdf.layout.images import Image
    from spark_pdf.pdf.images import PreparedImage

_LARGE = 1500
"""Bytes from which on it pays to remember a stream compressed."""
_FAR_OUT = 2000.0
"""How far a drawing that is not clipped may reach beyond its box, in px."""


class Vectors:
    """The drawings of one document. `prepare` makes bitmaps ready; `warn` takes what drawings could not show."""

    __slots__ = ("_colors", "_forms", "_prepare", "_shown", "_warn")

    def __init__(
        self, prepare: Callable[[Image], PreparedImage | None], warn: Callable[[RenderWarning], None],
        colors: ColorOperators,
    ) -> None:  # fmt: skip
        self._prepare = prepare
        self._warn = warn
        self._colors = colors
        self._forms: dict[tuple[VectorStream, bool], bytes] = {}
        self._shown: set[VectorStream] = set()

    def draw(self, painter: Painter, image: Image, rect: tuple[float, float, float, float]) -> None:
        """Draw an image that is an SVG in a rectangle."""
        x, y, width, height = rect
        if image.vector is None or not width > 0 or not height > 0:
            return
        drawing = image.vector.drawing(width, height)
        for warning in drawing.warnings:
            self._warn(warning)
        stream = self._stream(drawing)
        if not stream.parts:
            return
        painter.save()
        painter.plain()
        painter.opacity(1.0)
        painter.blend("normal")
        painter.transform((1.0, 0.0, 0.0, 1.0, x, y))
        self._put(painter, stream, drawing)
        painter.restore()

    def _stream(self, drawing: Drawing) -> VectorStream:
        stream = drawing.drawn
        if stream is None:
            far = 0.0 if drawing.clips else _FAR_OUT
            box = (-far, -far, drawing.width + far, drawing.height + far)
            places = 2 if max(drawing.width, drawing.height) >= 200 else 3
            stream = drawing.drawn = compiled(drawing.nodes, box, self._colors, places)
            drawing.nodes = ()  # a third of the memory, when a worker remembers hundreds
        assert isinstance(stream, VectorStream)
        return stream

    def _put(self, painter: Painter, stream: VectorStream, drawing: Drawing) -> None:
        again = stream in self._shown
        if again or stream.patterned or _is_static(stream):
            painter.out.append(self._form(painter, stream, group=False))
            return
        self._shown.add(stream)
        if drawing.clips:
            painter.rect(0.0, 0.0, drawing.width, drawing.height)
            painter.clip()
        for part in stream.parts:
            if isinstance(part, bytes):
                painter.out.append(part)
            else:
                self._part(painter, part)

    def _content(self, painter: Painter, stream: VectorStream) -> bytes:
        """A stream with this document's names."""
        inner = painter.nested()
        for part in stream.parts:
            if isinstance(part, bytes):
                inner.out.append(part)
            else:
                self._part(inner, part)
        return inner.content()

    def _form(self, painter: Painter, stream: VectorStream, *, group: bool) -> bytes:
        """The operator that paints a stream as a form, made once per document."""
        found = self._forms.get((stream, group))
        if found is None:
            number = self._form_number(painter, stream, {"S": "/Transparency", "I": True} if group else None)
            found = self._forms[stream, group] = painter.resources.form(number)
        return found

    def _form_number(self, painter: Painter, stream: VectorStream, group: dict[str, object] | None) -> int:
        left, top, right, bottom = stream.box
        entries: dict[str, object] = {
            "Type": "/XObject", "Subtype": "/Form",
            "BBox": [rounded(left), rounded(top), rounded(right), rounded(bottom)], "Group": group,
        }  # fmt: skip
        if _is_static(stream):
            if stream.packed is None:
                stream.packed = compress(stream.parts[0])  # type: ignore[arg-type]
            return painter.writer.stream({**entries, "Filter": "/FlateDecode"}, stream.packed, shared=True)
        content = self._content(painter, stream)
        entries["Resources"] = painter.resources.reference(painter.writer)
        return painter.writer.stream(entries, content, level=DOCUMENT_LEVEL, shared=True)

    def _part(self, painter: Painter, part: Part) -> None:
        """What a document names itself."""
        resources = painter.resources
        if isinstance(part, TextPart):
            painter.font = None
            show_words(painter, part.fragment, part.size, part.spacing)
            painter.font = None
        elif isinstance(part, AlphaPart):
            if part.fill == part.stroke:
                painter.out.append(resources.opacity(part.fill))
            else:
                painter.out.append(resources.state({"ca": part.fill, "CA": part.stroke}))
        elif isinstance(part, PatternPart):
            self._pattern(painter, part)
        elif isinstance(part, FormPart):
            painter.out.append(self._form(painter, part.stream, group=part.group))
        elif isinstance(part, MaskPart):
            space = {"CS": "/DeviceRGB"} if part.luminance else {}
            group: dict[str, object] = {"S": "/Transparency", "I": True, **space}
            number = self._form_number(painter, part.stream, group)
            kind = "/Luminosity" if part.luminance else "/Alpha"
            painter.out.append(resources.state({"SMask": {"Type": "/Mask", "S": kind, "G": ref(number)}}))
        elif isinstance(part, BlendPart):
            name = "".join(word.capitalize() for word in part.mode.split("-"))
            painter.out.append(resources.state({"BM": "/" + name}))
        elif isinstance(part, ImagePart):
            self._image(painter, part)

    def _image(self, painter: Painter, part: ImagePart) -> None:
        image = part.image
        if image.vector is not None:
            drawing = image.vector.drawing(image.width or 1.0, image.height or 1.0)
            for warning in drawing.warnings:
                self._warn(warning)
            painter.out.append(self._form(painter, self._stream(drawing), group=False))
            return
        prepared = self._prepare(image)
        if prepared is None:
            return
        if prepared.turn is not None:
            painter.transform(prepared.turn)
        painter.out.append(painter.resources.image(prepared))

    def _pattern(self, painter: Painter, part: PatternPart) -> None:
        paint, resources, writer = part.paint, painter.resources, painter.writer
        if isinstance(paint, Gradient):
            made = alpha_shading if part.alpha else color_shading
            shading = made(resources, writer, paint.radial, paint.coords, paint.stops)
            name = shading_pattern(resources, writer, shading, paint.matrix)
        else:
            assert part.tile is not None
            entries = {
                "Type": "/Pattern", "PatternType": 1, "PaintType": 1, "TilingType": 1,
                "BBox": [rounded(value, 3) for value in paint.bounds],
                "XStep": rounded(paint.step_x, 4), "YStep": rounded(paint.step_y, 4),
                "Matrix": [rounded(value, 6) for value in paint.matrix], "Resources": resources.reference(writer),
            }  # fmt: skip
            content = self._content(painter, part.tile)
            name = resources.named("Pattern", "P", writer.stream(entries, content, level=DOCUMENT_LEVEL, shared=True))
        painter.out.append(b"/Pattern %b /%b %b\n" % ((b"CS", name, b"SCN") if part.stroke else (b"cs", name, b"scn")))


def _is_static(stream: VectorStream) -> bool:
    """Whether it is the same bytes in every document, and enough of them to be remembered compressed."""
    parts = stream.parts
    return len(parts) == 1 and parts[0].__class__ is bytes and len(parts[0]) > _LARGE
