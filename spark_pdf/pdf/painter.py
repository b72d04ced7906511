"""A content stream in the making: graphics state that is never set twice, and the shapes that fragments are drawn with.

In: calls in px, y downwards (the page's matrix turns that into points). Out: `content()`, the operators (ISO 32000-1,
clauses 8 and 9). What stands between two text fragments of the same style is only their distance; a text object stays
open until something else is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from spark_pdf.layout.shapes.outlines import Matrix, Radii, Rect, Segment, rounded_path
from spark_pdf.layout.values import Color
from spark_pdf.pdf.colors import ColorOperators
from spark_pdf.pdf.deflating import DOCUMENT_LEVEL
from spark_pdf.pdf.fonts import FontUse
from spark_pdf.pdf.numbers import FAR, hundredths, nearest, number, rounded
from spark_pdf.pdf.resources import Resources
from spark_pdf.pdf.writer import PdfWriter

_State = tuple["Color | None", "Color | None", float, bytes, float, str, "FontUse | None", float, float]
"""Colours, line width, dashes, alpha, blend mode, font and its size, letter-spacing: what `q` saves."""


class Painter:
    """Collects operators. `alpha` multiplies every colour's own alpha."""

    __slots__ = (
        "_alpha", "_blend", "_dash", "_fill", "_line_width", "_saved", "_stroke", "colors", "extent", "font",
        "font_size", "in_text", "letter_spacing", "out", "resources", "text_x", "text_y", "writer",
    )  # fmt: skip

    def __init__(self, resources: Resources, colors: ColorOperators, writer: PdfWriter, extent: Rect) -> None:
        self.resources = resources
        self.writer = writer
        self.extent = extent
        """What may be drawn on: the page."""
        self.out: list[bytes] = []
        self.in_text = False
        self.font: FontUse | None = None
        self.font_size = 0.0
        self.letter_spacing = 0.0
        self.text_x = self.text_y = 0
        """Where the text object's line starts, in hundredths of a px."""
        self.colors = colors
        self._fill: Color | None = None
        self._stroke: Color | None = None
        self._line_width = -1.0
        self._dash = b""
        self._alpha = 1.0
        self._blend = "normal"
        self._saved: list[_State] = []

    def content(self) -> bytes:
        """Everything drawn so far."""
        self.end_text()
        return b"".join(self.out)

    def nested(self) -> Painter:
        """A painter for a content stream of its own, drawn with the same resources: a transparency group's."""
        return Painter(self.resources, self.colors, self.writer, self.extent)

    def plain(self) -> None:
        """Take back what the content of a form takes over from here, and does not set itself (8.10.1)."""
        if self.letter_spacing:
            self.letter_spacing = 0.0
            self.out.append(b"0 Tc\n")
        self.line(self._line_width)

    def form(self, content: bytes, box: Rect | None = None, group: dict[str, Any] | None = None) -> bytes:
        """A form XObject of a content stream (8.10); returns the operator that paints it. Equal ones are shared.

        `box` is what it may paint on, by default the page. `group`: the entries of its transparency group (11.6.6).
        """
        return self.resources.form(self.form_number(content, box, group))

    def form_number(self, content: bytes, box: Rect | None = None, group: dict[str, Any] | None = None) -> int:
        """The number of a form XObject, for others to refer to."""
        x, y, width, height = box or self.extent
        entries = {
            "Type": "/XObject", "Subtype": "/Form",
            "BBox": [rounded(x), rounded(y), rounded(x + width), rounded(y + height)],
            "Group": {"S": "/Transparency", **group} if group is not None else None,
            "Resources": self.resources.reference(self.writer),
        }  # fmt: skip
        return self.writer.stream(entries, content, level=DOCUMENT_LEVEL, shared=True)

    def begin_text(self) -> None:
        """Open a text object whose y axis points up again, so that glyphs stand upright."""
        if not self.in_text:
            self.out.append(b"BT 1 0 0 -1 0 0 Tm\n")
            self.in_text = True
            self.text_x = self.text_y = 0

    def end_text(self) -> None:
        """Close the text object, if one is open."""
        if self.in_text:
            self.out.append(b"ET\n")
            self.in_text = False

    def save(self) -> None:
        """Push the graphics state (`q`)."""
        self.end_text()
        self.out.append(b"q\n")
        self._saved.append(
            (
                self._fill,
                self._stroke,
                self._line_width,
                self._dash,
                self._alpha,
                self._blend,
                self.font,
                self.font_size,
                self.letter_spacing,
            )
        )

    def restore(self) -> None:
        """Pop the graphics state (`Q`)."""
        self.end_text()
        self.out.append(b"Q\n")
        (
            self._fill,
            self._stroke,
            self._line_width,
            self._dash,
            self._alpha,
            self._blend,
            self.font,
            self.font_size,
            self.letter_spacing,
        ) = self._saved.pop()

    def transform(self, matrix: Matrix) -> None:
        """Concatenate a matrix (`cm`)."""
        self.out.append(b" ".join(number(value, 5) for value in matrix) + b" cm\n")

    def fill_color(self, color: Color) -> None:
        """The colour of fills and text."""
        if color is not self._fill:
            known = self._fill
            if known is None or color.components != known.components or color.space != known.space:
                self.out.append(self.colors.fill(color))
                if len(color.components) == 4:
                    self.resources.cmyk = True
            self._fill = color
        if color.alpha != self._alpha:
            self.opacity(color.alpha)

    def stroke_color(self, color: Color) -> None:
        """The colour of lines."""
        if color is not self._stroke:
            known = self._stroke
            if known is None or color.components != known.components or color.space != known.space:
                self.out.append(self.colors.stroke(color))
                if len(color.components) == 4:
                    self.resources.cmyk = True
            self._stroke = color
        if color.alpha != self._alpha:
            self.opacity(color.alpha)

    def opacity(self, alpha: float) -> None:
        """The constant alpha."""
        if alpha != self._alpha:
            self._alpha = alpha
            self.out.append(self.resources.opacity(alpha))

    def blend(self, mode: str) -> None:
        """The blend mode (11.3.5), by its CSS name."""
        if mode != self._blend:
            self._blend = mode
            name = "".join(part.capitalize() for part in mode.split("-"))
            self.out.append(self.resources.state({"BM": "/" + name}))

    def line(self, width: float, dash: bytes = b"[] 0 d\n") -> None:
        """Width and dash pattern of lines."""
        if width != self._line_width:
            self._line_width = width
            self.out.append(number(width, 3) + b" w\n")
        if dash != (self._dash or b"[] 0 d\n"):
            self._dash = dash
            self.out.append(dash)

    def rect(self, x: float, y: float, width: float, height: float) -> None:
        """Add a rectangle to the path. Its edges are rounded, not its size, so that neighbours meet."""
        if not (-FAR < x < FAR and -FAR < y < FAR and width < FAR and height < FAR):
            x, y, width, height = rounded(x), rounded(y), rounded(width), rounded(height)
        left, top = nearest(x * 100), nearest(y * 100)
        self.out.append(
            b"%b %b %b %b re\n"
            % (
                hundredths[left],
                hundredths[top],
                hundredths[nearest((x + width) * 100) - left],
                hundredths[nearest((y + height) * 100) - top],
            )
        )

    def fill_rect(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle."""
        if width > 0 and height > 0:
            self.end_text()
            self.rect(x, y, width, height)
            self.out.append(b"f\n")

    def polygon(self, *points: tuple[float, float]) -> None:
        """Add a closed polygon to the path."""
        for index, (x, y) in enumerate(points):
            self.out.append(b"%.9g %.9g %b" % (rounded(x), rounded(y), b"l " if index else b"m "))
        self.out.append(b"h\n")

    def segment(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Stroke a straight line."""
        self.out.append(b"%.9g %.9g m %.9g %.9g l S\n" % (rounded(x1), rounded(y1), rounded(x2), rounded(y2)))

    def rounded_rect(self, rect: Rect, radii: Radii | None) -> None:
        """Add a rectangle with elliptical corners to the path (CSS Backgrounds 3, 4.1)."""
        if radii is None or not any(rx > 0 and ry > 0 for rx, ry in radii):
            self.rect(*rect)
        else:
            self.path(rounded_path(rect, radii))

    def path(self, segments: Iterable[Segment]) -> None:
        """Add segments to the path."""
        out = self.out
        for segment in segments:
            for value in segment[1:]:
                out.append(b"%.9g " % rounded(value))
            out.append(_OPERATORS[segment[0]])

    def ellipse(self, x: float, y: float, width: float, height: float) -> None:
        """Add an ellipse to the path."""
        corner = (width / 2, height / 2)
        self.rounded_rect((x, y, width, height), (corner, corner, corner, corner))

    def clip(self, rule: bytes = b"W n\n") -> None:
        """Clip to the path."""
        self.out.append(rule)


_OPERATORS: Final = {"m": b"m\n", "l": b"l\n", "c": b"c\n", "h": b"h\n"}
