"""Pages of fragments in, the bytes of a PDF file out.

Pages are taken one by one: each is drawn, compressed and forgotten, so that a document of 20,000 pages needs the
memory of its bytes. Margin boxes come last, since only then the number of pages is known; the first pages, which are
all of most documents, wait for theirs and get one content stream, later ones two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.errors import LimitExceeded
from spark_pdf.model import Limits, RenderWarning
from spark_pdf.pdf.assembly import assemble
from spark_pdf.pdf.colors import ColorOperators
from spark_pdf.pdf.drawing import Drawing
from spark_pdf.pdf.images import BrokenImageError, ImageCache, PreparedImage
from spark_pdf.pdf.links import Links
from spark_pdf.pdf.metadata import NO_METADATA, Metadata, own_metadata
from spark_pdf.pdf.outline import Outline
from spark_pdf.pdf.resources import FaceBook, Resources
from spark_pdf.pdf.sheet import Sheet
from spark_pdf.pdf.vectors import Vectors
from spark_pdf.pdf.writer import PdfWriter

if TYPE_CHECKING:
    from spark_pdf.layout.document import LaidOut
    from spark_pdf.layout.fragments import Page
    from spark_pdf.layout.images import Image

_WAITING = 256 * 1024
"""Bytes of page content that wait for their margin boxes before pages get a second stream for them."""


class PdfEngine:
    """Writes documents; lives as long as its worker, and remembers faces, colours and prepared images between them.

    `object_streams` packs objects that are no streams (PDF 1.5): 8 % fewer bytes per invoice for some 0.04 ms.
    `repertoire`: code points of font subsets that all documents share, if these hold all that a document shows.
    """

    def __init__(
        self, *, image_bytes: int = 64 * 1024 * 1024, object_streams: bool = True,
        repertoire: frozenset[int] | None = None,
    ) -> None:  # fmt: skip
        self.faces = FaceBook(repertoire)
        self.images = ImageCache(image_bytes)
        self.colors = ColorOperators()
        self.object_streams = object_streams

    def write(
        self, laid_out: LaidOut, *, limits: Limits | None = None, metadata: Metadata = NO_METADATA,
        warnings: list[RenderWarning] | None = None,
    ) -> tuple[bytes, int]:  # fmt: skip
        """The PDF file of a laid-out document, and its number of pages.

        What could not be drawn as asked is appended to
        `warnings`. Raises `LimitExceeded` (`limit_pages`, `limit_bytes`, `limit_pixels`).
        """
        document = _Document(self, limits or Limits(), warnings if warnings is not None else [])
        return document.write(laid_out, metadata)


class _Document:
    """One document in the making."""

    def __init__(self, engine: PdfEngine, limits: Limits, warnings: list[RenderWarning]) -> None:
        self.limits = limits
        self.warnings = warnings
        self.writer = PdfWriter(object_streams=engine.object_streams)
        self.resources = Resources(engine.faces)
        self.links = Links()
        self.outline = Outline()
        self._engine = engine
        self._bad_images: set[str] = set()
        self._cut: set[str] = set()

    def write(self, laid_out: LaidOut, metadata: Metadata) -> tuple[bytes, int]:
        drawing = Drawing(self._prepared, laid_out.image, Vectors(self._prepared, self._warn, self._engine.colors))
        sheets: list[Sheet] = []
        waiting = 0
        for page in laid_out.pages:
            if len(sheets) >= self.limits.pages_per_document:
                text = f"more than {self.limits.pages_per_document} pages (limits.pages_per_document)"
                raise LimitExceeded("limit_pages", text)
            sheet = Sheet(page, len(sheets), self.writer, self.resources, self._engine.colors, self.links)
            if page.bookmarks:
                self.outline.page(page, len(sheets))
            if page.cut:
                self._lost(page)
            sheets.append(sheet)
            sheet.draw_body(drawing, page)
            waiting += sheet.waiting
            if waiting > _WAITING:
                waiting -= sheet.waiting
                sheet.store_body()
            self._check_size(waiting)
        for sheet in sheets:
            sheet.finish(drawing, len(sheets))
            self._check_size(0)
        own = own_metadata(laid_out.title, laid_out.language, laid_out.meta)
        return self._assemble(sheets, metadata.over(own))

    def _assemble(self, sheets: list[Sheet], metadata: Metadata) -> tuple[bytes, int]:
        data = assemble(self.writer, sheets, self.resources, self.links, self.outline, metadata)
        if len(data) > self.limits.bytes_per_document:
            raise self._too_large()
        self.warnings += self.links.warnings
        return data, len(sheets)

    def _check_size(self, waiting: int) -> None:
        if self.writer.size + waiting > self.limits.bytes_per_document:
            raise self._too_large()

    def _too_large(self) -> LimitExceeded:
        text = f"more than {self.limits.bytes_per_document} bytes (limits.bytes_per_document)"
        return LimitExceeded("limit_bytes", text)

    def _lost(self, page: Page) -> None:
        """Report what the page's edge cuts off, once for each kind."""
        for cut in page.cut:
            if cut.kind not in self._cut:
                self._cut.add(cut.kind)
                self._warn(RenderWarning("overflow", cut.told(page.number)))

    def _warn(self, warning: RenderWarning) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)

    def _prepared(self, image: Image) -> PreparedImage | None:
        if image.key in self._bad_images:
            return None
        try:
            return self._engine.images.get(image.key, image.data, self.limits.pixels_per_image)
        except BrokenImageError as error:
            self._bad_images.add(image.key)
            self.warnings.append(RenderWarning("broken_image", f"the image '{image.url[:100]}' is not shown: {error}"))
            return None
