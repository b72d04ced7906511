"""fpdf2's producer, with one writer for everything: the only subclass of `OutputProducer`.

fpdf2 collects and connects the objects of a document (page tree, catalog, outlines, annotations, structure,
patterns); nothing of it is serialised by fpdf2's generic code, which costs 0.9 ms a document (measured), but by
`PdfWriter`: the common kinds from their attributes here, all others from what fpdf2 says of them. Fonts and images
come from `Resources`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spark_pdf.pdf.deflating import DOCUMENT_LEVEL
from spark_pdf.pdf.fonts import write_font
from spark_pdf.pdf.fpdf2 import OutputProducer, PDFCatalog, PDFContentStream, PDFObject, PDFPage, PDFPagesRoot
from spark_pdf.pdf.images import write_image
from spark_pdf.pdf.strings import Text
from spark_pdf.pdf.writer import PdfWriter, ref, syntax

if TYPE_CHECKING:
    from spark_pdf.pdf.resources import Resources

_KIDS = 64
"""Children of a node of the page tree (7.7.3): a viewer finds one page of 20,000 without reading them all."""


class LaidPage(PDFPage):  # type: ignore[misc]
    """A page whose content streams and annotations are in the writer already; the numbers of their objects.

    `box` is the sheet; `trim` the page on it, "" where that is all of the sheet.
    """

    __slots__ = ("annotations", "box", "streams", "trim")

    def __init__(self, index: int, box: str, streams: list[int], annotations: list[int], trim: str = "") -> None:
        super().__init__(0, None, bytearray(), index)
        self.box = box
        self.streams = streams
        self.annotations = annotations
        self.trim = trim


class Stored(PDFObject):  # type: ignore[misc]
    """An object that is in the writer already, as fpdf2 wants to see it."""

    def __init__(self, number: int) -> None:
        self.id = number


class _PageNode(Stored):
    """A node of the page tree between its root and its pages."""

    def __init__(self, number: int, kids: list[tuple[Any, int]]) -> None:
        super().__init__(number)
        self.kids = kids
        self.count = sum(count for _, count in kids)
        self.parent: PDFObject | None = None
        for child, _ in kids:
            child.parent = self


_DISPLAY_TITLE = {"DisplayDocTitle": True}
_PAGE_GROUP = syntax({"Type": "/Group", "S": "/Transparency", "CS": "/DeviceRGB"})


class Producer(OutputProducer):  # type: ignore[misc]
    """Assembles a `LaidOutPdf` or a `Canvas` (they bring `writer`, `shared` and `info`)."""

    def __init__(self, fpdf: Any) -> None:
        super().__init__(fpdf)
        self.writer: PdfWriter = fpdf.writer
        self.shared: Resources = fpdf.shared
        self._collected: list[PDFObject] = []
        self._resources = ""
        self._group: dict[str, str] | None = None
        self._catalog = 0
        self._outline: int | None = None
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
        kind = type(pdf_object)
        if kind is LaidPage:
            self._put_page(pdf_object)
        elif kind is PDFPagesRoot:
            self._put_pages_root(pdf_object)
        elif kind is PDFCatalog and self.fpdf.laid_out:
            self.writer.put(self._catalog_entries(pdf_object), pdf_object.id)
        elif isinstance(pdf_object, PDFContentStream):
            entries = {key[1:]: str(value) for key, value in pdf_object._build_obj_dict().items() if key != "/Length"}
            self.writer.stream(entries, bytes(pdf_object.content_stream()), pdf_object.id)
        else:
            self.writer.adopt(pdf_object.serialize(), pdf_object.id)

    def _put_page(self, page: LaidPage) -> None:
        streams = page.streams
        self.writer.put(
            {
                "Type": "/Page",
                "Parent": page.parent.ref,
                "MediaBox": page.box,
                "TrimBox": page.trim or None,
                "Resources": self._resources,
                "Group": self._group,
                "Contents": ref(streams[0]) if len(streams) == 1 else "[" + " ".join(map(ref, streams)) + "]",
                "Annots": "[" + " ".join(map(ref, page.annotations)) + "]" if page.annotations else None,
            },
            page.id,
        )

    def _put_pages_root(self, root: PDFPagesRoot) -> None:
        """The page tree: flat as fpdf2 makes it, or nested where it has many pages."""
        kids = root.kids
        if len(kids) <= _KIDS or not self.fpdf.laid_out:
            self.writer.put({"Type": "/Pages", "Count": root.count, "Kids": [page.ref for page in kids]}, root.id)
            return
        level: list[tuple[Any, int]] = [(page, 1) for page in kids]
        nodes: list[_PageNode] = []
        while len(level) > _KIDS:
            above = [_PageNode(self.writer.reserve(), level[at : at + _KIDS]) for at in range(0, len(level), _KIDS)]
            nodes += above
            level = [(node, node.count) for node in above]
        for child, _ in level:
            child.parent = root
        for node in nodes:
            assert node.parent is not None
            entries = {"Type": "/Pages", "Parent": node.parent.ref, "Count": node.count}
            self.writer.put({**entries, "Kids": [kid.ref for kid, _ in node.kids]}, node.id)
        self.writer.put({"Type": "/Pages", "Count": root.count, "Kids": [kid.ref for kid, _ in level]}, root.id)

    def _catalog_entries(self, catalog: PDFCatalog) -> dict[str, Any]:
        return {
            "Type": "/Catalog",
            "Pages": catalog.pages.ref,
            "Lang": Text(catalog.lang) if catalog.lang else None,
            "Outlines": ref(self._outline) if self._outline else None,
            "StructTreeRoot": catalog.struct_tree_root.ref if catalog.struct_tree_root else None,
            "Metadata": catalog.metadata.ref if catalog.metadata else None,
            "ViewerPreferences": _DISPLAY_TITLE if self.fpdf.title else None,
        }

    def _add_pages(self, _slice: slice = slice(0, None)) -> list[PDFPage]:
        fpdf = self.fpdf
        pages = list(self._iter_pages_in_order())[_slice]
        for page in pages:
            if not fpdf.laid_out:
                box = page.dimensions()
                page.media_box = f"[0 0 {box[0]:.2f} {box[1]:.2f}]"
                page.group = _PAGE_GROUP
                page.contents = Stored(self.writer.stream({}, bytes(page.contents), level=DOCUMENT_LEVEL))
            self._add_pdf_obj(page)
        if fpdf.laid_out:
            numbers = [page.id for page in pages]
            fpdf.internal_links.finish(self.writer, numbers)
            self._outline = fpdf.outline.write(self.writer, numbers)
        return pages

    def _insert_resources(self, page_objs: list[PDFPage]) -> None:
        if self.fpdf.laid_out:
            self._resources = self.shared.write(self.writer)
            self._group = self.shared.page_group()
        else:
            super()._insert_resources(page_objs)

    def _add_fonts(self, *_: Any) -> dict[int, Any]:
        uses = self.shared.fonts.values()
        return {use.number: Stored(write_font(self.writer, use)) for use in uses if use.glyphs}

    def _add_images(self) -> dict[int, Any]:
        return {number: Stored(write_image(self.writer, image)) for number, image in self.shared.images.values()}

    def _add_info(self) -> None:
        info: Mapping[str, Any] = self.fpdf.info
        self._info = self.writer.put(dict(info))

    def _finalize_catalog(self, catalog_obj: PDFCatalog, **connected: Any) -> None:
        self._catalog = catalog_obj.id
        if not self.fpdf.laid_out:
            super()._finalize_catalog(catalog_obj, **connected)
            return
        catalog_obj.pages = connected["pages_root_obj"]
        catalog_obj.struct_tree_root = connected["struct_tree_root_obj"]
        catalog_obj.metadata = connected["xmp_metadata_obj"]
