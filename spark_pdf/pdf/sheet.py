"""One page on its way into the file: drawn when it comes, completed with its margin boxes when all pages are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_pdf.pdf.deflating import DOCUMENT_LEVEL
from spark_pdf.pdf.numbers import number
from spark_pdf.pdf.painter import Painter

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import Page
    from spark_pdf.pdf.colors import ColorOperators
    from spark_pdf.pdf.drawing import Drawing
    from spark_pdf.pdf.links import Links
    from spark_pdf.pdf.resources import Resources
    from spark_pdf.pdf.writer import PdfWriter

_PT: Final = 0.75
"""Points in a px (CSS Values 4, 6.2; ISO 32000-1, 8.3.2.3)."""


class Sheet:
    """A page's content, boxes and annotations. Keeps nothing of its fragments once it is drawn."""

    __slots__ = (
        "_links",
        "_margin_links",
        "_margins",
        "_page_size",
        "_painter",
        "_writer",
        "annotations",
        "box",
        "streams",
        "trim",
        "waiting",
    )

    def __init__(
        self, page: Page, index: int, writer: PdfWriter, resources: Resources, colors: ColorOperators, links: Links
    ) -> None:
        self._writer = writer
        self._page_size = (page.width, page.height)
        self._margins = page.margins
        self._margin_links = page.margin_links
        self._links = links
        self.trim = ""
        width, height = number(_PT * page.width, 2), number(_PT * page.height, 2)
        self.box = f"[0 0 {width.decode('ascii')} {height.decode('ascii')}]"
        if any(page.bleed):
            self.trim, self.box = self.box, _bleed_box(page)
        self.streams: list[int] = []
        self.annotations = links.page(writer, page, index) if page.links or page.anchors else []
        self._painter = self._begin(resources, colors)
        self.waiting = 0
        """Bytes of content that is not in the writer yet."""

    def _begin(self, resources: Resources, colors: ColorOperators) -> Painter:
        width, height = self._page_size
        painter = Painter(resources, colors, self._writer, (0.0, 0.0, width, height))
        painter.out.append(b"%b 0 0 -%b 0 %b cm\n" % (number(_PT), number(_PT), number(_PT * height, 2)))
        return painter

    def draw_body(self, drawing: Drawing, page: Page) -> None:
        """Draw the page's own paint tree."""
        painter = self._painter
        drawing.pictures.page = page.area or (0.0, 0.0, page.width, page.height)
        drawing.group(painter, page.body)
        painter.resources.forget()
        content = painter.content()
        painter.out = [content]
        self.waiting = len(content)

    def store_body(self) -> None:
        """Compress what is drawn; margin boxes get a stream of their own, in a fresh graphics state."""
        painter = self._painter
        content = b"q\n" + painter.content() + b"Q\n"
        self.streams.append(self._writer.stream({}, content, level=DOCUMENT_LEVEL))
        self._painter = self._begin(painter.resources, painter.colors)
        self.waiting = 0

    def finish(self, drawing: Drawing, total: int) -> None:
        """Draw the margin boxes, now that the number of pages is known, and store what waits."""
        margins = self._margins(total)
        if self._margin_links:
            self.annotations += self._links.more(self._writer, self._margin_links, self._page_size[1])
        if margins.items or not self.streams:
            drawing.group(self._painter, margins)
            content = self._painter.content()
            self.streams.append(self._writer.stream({}, content, level=DOCUMENT_LEVEL))
        self.waiting = 0


def _bleed_box(page: Page) -> str:
    top, right, bottom, left = page.bleed
    corners = (-left, -bottom, page.width + right, page.height + top)
    return f"[{' '.join([number(_PT * corner, 2).decode('ascii') for corner in corners])}]"
