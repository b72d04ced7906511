"""What a content stream of SVG is made of: bytes, and parts that each document has to name itself.

Values between `vector_stream`, which makes them once per worker, and `vectors`, which puts them on pages.
"""

from __future__ import annotations

from typing import NamedTuple

from spark_pdf.layout.fragments import TextFragment
from spark_pdf.layout.images import Image
from spark_pdf.layout.shapes.paths import Bounds
from spark_pdf.layout.svg.drawing import Gradient, Tiling


class AlphaPart(NamedTuple):
    """The constant alpha of fills and strokes."""

    fill: float
    stroke: float


class BlendPart(NamedTuple):
    """A blend mode, by its CSS name."""

    mode: str


class PatternPart(NamedTuple):
    """A gradient or pattern becomes the colour of fills, or of strokes. `alpha`: the gradient's alpha, as grey.

    `tile`: the content of a pattern's tile.
    """

    paint: Gradient | Tiling
    stroke: bool
    alpha: bool = False
    tile: VectorStream | None = None


class TextPart(NamedTuple):
    """Words shown in an open text object."""

    fragment: TextFragment
    size: float
    spacing: float


class FormPart(NamedTuple):
    """A stream of its own, painted as a whole; `group`: as a transparency group."""

    stream: VectorStream
    group: bool


class MaskPart(NamedTuple):
    """A soft mask from now on, until the graphics state is restored."""

    stream: VectorStream
    luminance: bool


class ImagePart(NamedTuple):
    """An image in the unit square, bitmap or drawing."""

    image: Image


Part = AlphaPart | BlendPart | PatternPart | TextPart | FormPart | MaskPart | ImagePart


class VectorStream:
    """Bytes and parts in order. `packed` and `tiles` belong to `vectors`: what it prepared of them."""

    __slots__ = ("box", "packed", "parts", "patterned")

    def __init__(self, parts: list[bytes | Part], box: Bounds, patterned: bool) -> None:
        self.parts = parts
        self.box = box
        self.patterned = patterned
        """Its patterns are placed relative to where it starts, so it must be a form."""
        self.packed: bytes | None = None


class GraphicsState(NamedTuple):
    """What is set already, as operators; empty where that is not known."""

    fill: object = None
    stroke: object = None
    alpha: tuple[float, float] = (1.0, 1.0)
    width: bytes = b""
    cap: int = -1
    join: int = -1
    miter: bytes = b""
    dash: bytes = b""
