"""What `draw(pdf, record)` of a `template.py` gets: fpdf2's `FPDF`, with the worker's faces and images.

The methods are fpdf2's own. Differences: fonts are always embedded subsets (a core font's name means the packaged
face of the same widths, and says so); fonts and images are files of the bundle, by relative path; nothing else can be
read; there is no date unless `set_creation_date` gives one. So the same record gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import PurePath
from typing import Any

from PIL import Image as Pillow

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.generation.lacking import lacking_text
from spark_pdf.model import Limits, RenderWarning, Resources
from spark_pdf.pdf.embedding import FaceCodes
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.pdf.fonts import FontUse
from spark_pdf.pdf.fpdf2 import FPDF, RasterImageInfo, ResourceAccessPolicy, ResourceCatalog, TextEmphasis, TTFFont
from spark_pdf.pdf.images import PreparedImage, image_key
from spark_pdf.pdf.metadata import Metadata
from spark_pdf.pdf.producer import Producer
from spark_pdf.pdf.resources import Resources as Shared
from spark_pdf.pdf.writer import PdfWriter
from spark_pdf.text.face import Face
from spark_pdf.text.fonts import FontSet, load_face

_GLYPH = 0x10000
"""Glyph ids travel through fpdf2's strings as characters from here on, where no text of one code unit is."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class _Widths(dict[int, float]):
    """Advance widths by code point, in 1/1000 em, looked up when asked for."""

    def __init__(self, codes: FaceCodes) -> None:
        super().__init__()
        self._codes = codes

    def __missing__(self, codepoint: int) -> float:
        glyph = self._codes.face.hb_font.get_nominal_glyph(codepoint) or 0
        width = self[codepoint] = self._codes[glyph].width
        return width


class _Subset:
    """fpdf2's view of the glyphs in use: `pick` gives a code point's glyph and notes that it is shown."""

    def __init__(self, font: CanvasFont) -> None:
        self._font = font

    def pick(self, codepoint: int) -> int:
        return _GLYPH + self._font.shown(codepoint)

    def items(self) -> Iterator[tuple[Any, int]]:
        return iter(())


class CanvasFont(TTFFont):  # type: ignore[misc]
    """A face as fpdf2's text methods use it; parsed once per worker, not once per document."""

    def __init__(self, use: FontUse, fontkey: str, style: str, missing: dict[str, None]) -> None:
        face = use.codes.face
        self.i = use.number
        self.type = "TTF"
        self.ttffile = self.ttfont = self._hbfont = self.color_font = self.cff_ros = None
        self.fontkey = fontkey
        self.scale = 1000 / face.units_per_em
        self.name = face.postscript_name
        self.up = round(1000 * face.underline_position)
        self.ut = round(1000 * face.underline_thickness)
        self.sp = round(1000 * face.strikeout_position)
        self.ss = round(1000 * face.strikeout_thickness)
        self.emphasis = TextEmphasis.coerce(style)
        self.is_compressed = self.is_cff = self.is_cid_keyed = self.is_symbol = False
        self.collection_font_number = self.palette_index = self.biggest_size_pt = 0
        self.desc = _Descriptor(face)
        self.cw = _Widths(use.codes)
        self.cmap = _Covered(face)
        self.glyph_ids: dict[int, int] = {}
        self.missing_glyphs: list[int] = []
        self.subset = _Subset(self)
        self._use = use
        self._missing = missing

    def shown(self, codepoint: int) -> int:
        """The glyph of a code point, which the document now shows; `.notdef` and a warning where the face lacks it."""
        glyph: int = self._use.codes.face.hb_font.get_nominal_glyph(codepoint) or 0
        character = chr(codepoint)
        if not glyph:
            self._missing[character] = None
        if glyph not in self._use.glyphs:
            self._use.glyphs.add(glyph)
            if not self._use.codes[glyph].character:
                self._use.extra[glyph] = character
        return glyph

    def escape_text(self, text: str) -> str:
        """Glyphs (and characters that fpdf2 puts in itself) as the inside of a literal string."""
        glyphs = [ord(c) - _GLYPH if ord(c) >= _GLYPH else self.shown(ord(c)) for c in text]
        return b"".join([self._use.codes[glyph].code for glyph in glyphs]).decode("latin-1")

    def encode_text(self, text: str) -> str:
        """A text-showing operator."""
        return f"({self.escape_text(''.join(chr(_GLYPH + self.shown(ord(c))) for c in text))}) Tj"

    def get_text_width(self, text: str, font_size_pt: float, _: object) -> tuple[int, float]:
        """Number of characters, and their width at a size."""
        widths = self.cw
        return len(text), sum([widths[ord(c)] for c in text]) * font_size_pt * 0.001

    def close(self) -> None:
        """The face stays with the worker."""

    def __deepcopy__(self, memo: dict[int, Any]) -> CanvasFont:
        return self


class _Descriptor:
    """Vertical metrics, which fpdf2 reads where it aligns text."""

    def __init__(self, face: Face) -> None:
        self.ascent = round(1000 * face.ascent)
        self.descent = -round(1000 * face.descent)
        self.cap_height = round(1000 * face.cap_height)


class _Covered:
    """`code point in cmap`, as fpdf2 asks where it looks for a fallback font."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def __contains__(self, codepoint: object) -> bool:
        return isinstance(codepoint, int) and self._face.covers(codepoint)


class _Catalog(ResourceCatalog):  # type: ignore[misc]
    """fpdf2's registry of resources, which takes fonts for SVG text from the canvas instead of the core fonts."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas
        self.next_xobject_index = 1_000_000  # far from the numbers of images, which are ours

    def get_font_from_family(self, font_family: str, font_style: str = "") -> CanvasFont:
        """The font that `font-family` of an SVG text names."""
        family = font_family.split(",")[0].strip().strip("'\"").lower()
        return self._canvas.font(family, "".join(sorted(font_style.upper())))


class _Lasting:
    """What fpdf2 may not take back: the worker's, and what a document only ever gets more of.

    Its `unbreakable` and `offset_rendering` copy all that a document has, draw, and perhaps return to the copy. Fonts
    and images that are noted twice are noted once; faces and the bundle are nothing that a document has.
    """

    __slots__ = ("bundle", "engine", "fonts", "limits", "missing", "shared", "warnings", "writer")

    def __init__(self, engine: PdfEngine, fonts: FontSet, bundle: Resources, limits: Limits) -> None:
        self.engine, self.fonts, self.bundle, self.limits = engine, fonts, bundle, limits
        self.writer = PdfWriter(object_streams=engine.object_streams)
        self.shared = Shared(engine.faces)
        self.missing: dict[str, None] = {}
        self.warnings: list[RenderWarning] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> _Lasting:
        return self


class Canvas(FPDF):  # type: ignore[misc]
    """An `FPDF` whose fonts and images come from a bundle and from the worker's caches."""

    def __init__(self, engine: PdfEngine, fonts: FontSet, resources: Resources, limits: Limits) -> None:
        super().__init__()
        self._lasting = _Lasting(engine, fonts, resources, limits)
        self._created: datetime | None = None
        self.resource_access_policy = ResourceAccessPolicy.NONE
        self.font_aliases: dict[str, str] = {}
        self.pdf_version = "1.7"
        self.creation_date = _EPOCH
        self._resource_catalog = _Catalog(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Canvas:
        return self  # what fpdf2 copies of a canvas refers to the canvas itself

    @property
    def writer(self) -> PdfWriter:
        """For the producer."""
        return self._lasting.writer

    @property
    def shared(self) -> Shared:
        """The resources of all pages."""
        return self._lasting.shared

    @property
    def render_warnings(self) -> list[RenderWarning]:
        """What was noted while drawing."""
        return self._lasting.warnings

    @property
    def info(self) -> dict[str, Any]:
        """The information dictionary, for the producer."""
        values: dict[str, Any] = {
            key: _joined(getattr(self, key, None)) for key in ("title", "author", "subject", "keywords", "creator")
        }
        return Metadata(**values, created=self._created).info()

    def finish(self) -> tuple[bytes, int]:
        """The file and its number of pages."""
        for _ in range(self._resource_catalog.last_reserved_object_id):
            self.writer.reserve()  # fpdf2 numbers soft masks itself, from 1
        data = bytes(super().output(output_producer_class=Producer))
        if len(data) > self._lasting.limits.bytes_per_document:
            text = f"more than {self._lasting.limits.bytes_per_document} bytes (limits.bytes_per_document)"
            raise LimitExceeded("limit_bytes", text)
        if self._lasting.missing:
            self.render_warnings.append(RenderWarning("missing_glyph", lacking_text(self._lasting.missing)))
        return data, self.pages_count

    def output(self, *_: object, **__: object) -> None:
        """Not for templates: what `draw` has drawn is written when it returns."""
        raise ValueError("draw(pdf, record) only draws; the document is written when it returns")

    def file_id(self) -> None:
        """The writer derives /ID from the content."""

    def set_creation_date(self, date: datetime | None = None) -> None:
        """The document's date; without a call it has none."""
        if date is None:
            raise ValueError("give a date: the time of rendering must not enter a document")
        self._created = date

    def set_text_shaping(self, use_shaping_engine: bool = True, *_: object, **__: object) -> None:
        """HarfBuzz shapes HTML templates; here text is drawn glyph by glyph."""
        if use_shaping_engine:
            self._warn(
                "text_shaping", "template.py draws text without shaping; use an HTML template for complex scripts"
            )

    def add_page(self, *arguments: Any, **options: Any) -> None:
        """fpdf2's `add_page`, within `limits.pages_per_document`."""
        if self.pages_count >= self._lasting.limits.pages_per_document:
            text = f"more than {self._lasting.limits.pages_per_document} pages (limits.pages_per_document)"
            raise LimitExceeded("limit_pages", text)
        super().add_page(*arguments, **options)

    def add_font(
        self, family: str | None = None, style: str = "", fname: str | PurePath | None = None, **_: Any
    ) -> None:
        """A font file of the bundle. Weights of variable fonts are taken as they are in the file's default instance."""
        if not fname:
            raise ValueError('"fname" parameter is required')
        path = PurePath(fname)
        name = (family or path.stem).lower()
        face = load_face(self._lasting.bundle.read(path.as_posix()), path.name)
        self._register(name + "".join(sorted(style.upper())), style, face)

    def set_font(self, family: str | None = None, style: str | TextEmphasis = "", size: float = 0) -> None:
        """fpdf2's `set_font`; a family that was not added is chosen as in CSS, and reported where another stands in."""
        letters = style.style if isinstance(style, TextEmphasis) else style.upper()
        self.font((family or self.font_family).lower(), "".join(sorted(c for c in letters if c in "BI")))
        super().set_font(family, style, size)

    def font(self, family: str, style: str) -> CanvasFont:
        """The font of a family (lower case) and a style among "", "B", "I", "BI"."""
        key = family + style
        found = self.fonts.get(key)
        if found is None:
            weight, slant = 700 if "B" in style else 400, "italic" if "I" in style else "normal"
            chain = self._lasting.fonts.select((family,), weight, slant)
            self.render_warnings.extend(w for w in chain.warnings if w not in self.render_warnings)
            found = self._register(key, style, chain.primary)
        return found  # type: ignore[no-any-return]

    def _register(self, key: str, style: str, face: Face) -> CanvasFont:
        font = self.fonts[key] = CanvasFont(self.shared.font(face), key, style, self._lasting.missing)
        return font

    def image(
        self, name: Any, x: Any = None, y: float | None = None, w: float = 0, h: float = 0, type: str = "",
        link: Any = "", title: str | None = None, alt_text: str | None = None, dims: Any = None,
        keep_aspect_ratio: bool = False, resource_access_policy: object = None,
    ) -> Any:  # fmt: skip
        """fpdf2's `image`; a path is one of the bundle's files. `dims` has no effect: images go in as they are."""
        data = self._image_bytes(name)
        if data.lstrip()[:1] == b"<":
            return super().image(
                data, x, y, w, h, link=link, title=title, alt_text=alt_text, keep_aspect_ratio=keep_aspect_ratio
            )
        key = image_key(data)
        image = self._lasting.engine.images.get(key, data, self._lasting.limits.pixels_per_image)
        if image.turn is not None:
            image = self._turned(data)
        info = self._info_of(image)
        return self._raster_image(image.key, None, info, x, y, w, h, link, title, alt_text, None, keep_aspect_ratio)

    def preload_image(self, name: Any, *_: object, **__: object) -> tuple[str, None, RasterImageInfo]:
        """An image ready for use; the worker's cache keeps it."""
        data = self._image_bytes(name)
        image = self._lasting.engine.images.get(image_key(data), data, self._lasting.limits.pixels_per_image)
        return image.key, None, self._info_of(image)

    def _turned(self, data: bytes) -> PreparedImage:
        from PIL import ImageOps

        with Pillow.open(io.BytesIO(data)) as opened:
            plain = self._image_bytes(ImageOps.exif_transpose(opened))
        return self._lasting.engine.images.get(image_key(plain), plain, self._lasting.limits.pixels_per_image)

    def _image_bytes(self, name: Any) -> bytes:
        if isinstance(name, (bytes, bytearray)):
            return bytes(name)
        if isinstance(name, Pillow.Image):
            out = io.BytesIO()
            name.save(out, "PNG", compress_level=1)
            return out.getvalue()
        if isinstance(name, (str, PurePath)):
            return self._lasting.bundle.read(name.as_posix() if isinstance(name, PurePath) else name)
        return bytes(name.read())

    def _info_of(self, image: PreparedImage) -> RasterImageInfo:
        self.shared.image(image)
        number = self.shared.images[image.key][0]
        return RasterImageInfo(w=image.width, h=image.height, i=number, usages=1)

    def embed_file(self, *arguments: Any, **options: Any) -> Any:
        """fpdf2's `embed_file`, uncompressed: its own compression depends on the machine's zlib."""
        return super().embed_file(*arguments, **{**options, "compress": False})

    def _warn(self, code: str, message: str) -> None:
        warning = RenderWarning(code, message)
        if warning not in self.render_warnings:
            self.render_warnings.append(warning)


def _joined(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value) if value else ""
