"""fpdf2's producer for what a `template.py` draws, with our writer: the only subclass of `OutputProducer`.

fpdf2 collects and connects the objects of a document (page tree, catalog, outlines, annotations, structure,
patterns), and says what is in each; bytes are `PdfWriter`'s. Fonts and images come from `Resources`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spark_pdf.pdf.deflating import DOCUMENT_LEVEL
from spark_pdf.pdf.fpdf2 import OutputProducer, PDFCatalog, PDFContentStream, PDFObject, PDFPage, PDFPagesRoot
from spark_pdf.pdf.images import write_image
from spark_pdf.pdf.writer import PdfWriter, syntax

if TYPE_CHECKING:
    from spark_pdf.pdf.resources import Resources


class Stored(PDFObject):  # type: ignore[misc]
    """An object that is in the writer already, as fpdf2 wants to see it."""

    def __init__(self, number: int) -> None:
        self.id = number


_PAGE_GROUP = syntax({"Type": "/Group", "S": "/Transparency", "CS": "/DeviceRGB"})


class Producer(OutputProducer):  # type: ignore[misc]
    """Assembles a `Canvas` (which brings `writer`, `shared` and `info`)."""

    def __init__(self, fpdf: Any) -> None:
        super().__init__(fpdf)
        self.writer: PdfWriter = fpdf.writer
        self.shared: Resources = fpdf.shared
        self._collected: list[PDFObject] = []
        self._catalog = 0
        self._info: int | None = None

    def bufferize(self) -> bytearray:
        """Let fpdf2 collect and connect, then serialise."""
        super().bufferize()
        loose = [o for o in self.pdf_objs if isinstance(o, PDFObject)]  # soft masks, which fpdf2 numbers itself
        for pdf_object in self._collected + loose:
            self._put(pdf_object)
        self.buffer = self.writer.finish(self._catalog, self._info)
        self._unlink()
        return self.buffer

    def _unlink(self) -> None:
        """Cut what refers to each other, so that a document's memory is freed at once."""
        self.pdf_objs.clear()
        for pdf_object in self._collected:
            if isinstance(pdf_object, PDFPagesRoot):
                pdf_object.kids = None

    def _out(self, data: Any) -> None:
        """fpdf2's own header, cross-reference table and trailer: the writer makes them."""

    def _add_pdf_obj(self, pdf_obj: PDFObject, trace_label: str | None = None) -> int:
        number = self.writer.reserve()
        pdf_obj.id = number
        self._collected.append(pdf_obj)
        return number

    def _put(self, pdf_object: PDFObject) -> None:
        if isinstance(pdf_object, PDFContentStream):
            entries = {key[1:]: str(value) for key, value in pdf_object._build_obj_dict().items() if key != "/Length"}
            self.writer.stream(entries, bytes(pdf_object.content_stream()), pdf_object.id)
        else:
            self.writer.adopt(pdf_object.serialize(), pdf_object.id)

    def _add_pages(self, _slice: slice = slice(0, None)) -> list[PDFPage]:
        pages = list(self._iter_pages_in_order())[_slice]
        for page in pages:
            box = page.dimensions()
            page.media_box = f"[0 0 {box[0]:.2f} {box[1]:.2f}]"
            page.group = _PAGE_GROUP
            page.contents = Stored(self.writer.stream({}, bytes(page.contents), level=DOCUMENT_LEVEL))
            self._add_pdf_obj(page)
        return pages

    def _add_fonts(self, *_: Any) -> dict[int, Any]:
        uses = self.shared.fonts.values()
        return {use.number: Stored(use.write(self.writer)) for use in uses if use.glyphs}

    def _add_images(self) -> dict[int, Any]:
        return {number: Stored(write_image(self.writer, image)) for number, image in self.shared.images.values()}

    def _add_info(self) -> None:
        info: Mapping[str, Any] = self.fpdf.info
        self._info = self.writer.put(dict(info))

    def _finalize_catalog(self, catalog_obj: PDFCatalog, **connected: Any) -> None:
        self._catalog = catalog_obj.id
        super()._finalize_catalog(catalog_obj, **connected)
