"""The page loop: a document's root box, one page after the other (CSS Paged Media 3; CSS Fragmentation 3).

In: the root box, a `Stylist` for `@page`. Out: a lazy iterator of `Page`s; nothing of a page is kept when the next one
is made. Blank pages come where a break asks for a left or right page. Page progression is left to right, so first
pages are right ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.block import top_strut
from spark_pdf.layout.boxes import edge_page, paints, paints_background
from spark_pdf.layout.formatting import BreakToken, Space, layout
from spark_pdf.layout.fragments import BoxFragment, Fragment, GroundFragment, Page, PaintGroup, Placed
from spark_pdf.layout.geometry import edges_of
from spark_pdf.layout.margins import margin_fragments
from spark_pdf.layout.paint import Painter, bordered_only

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.css import PageStyle, Stylist
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generate import Generator
    from spark_pdf.layout.style import Style

_LEAST = 1.0
"""A page area is at least this high (px): margins that leave nothing would make pages without end."""


class PageMaker:
    """Makes the pages of one document. `generator` makes the content of margin boxes."""

    def __init__(
        self, root: BlockBox, element: Element, stylist: Stylist, generator: Generator, language: str, most: int
    ) -> None:
        self.root = root
        self.element = element
        self.stylist = stylist
        self.generator = generator
        self.language = language
        self.most = most
        # The root's background covers the page's canvas; without one, the body's does (CSS Backgrounds 3, 2.11).
        self.canvas = self._canvas()

    def _canvas(self) -> BlockBox | None:
        if paints_background(self.root.style):
            return self.root
        for child in self.root.children:
            if child.node is not None and child.node.tag == "body":
                return child if paints_background(child.style) else None  # type: ignore[return-value]
        return None

    def pages(self) -> Iterator[Page]:
        """All pages, each made when it is asked for."""
        token: BreakToken | None = None
        name = edge_page(self.root, False)
        number = 0
        while True:
            number += 1
            left = number % 2 == 0
            blank = token is not None and ((token.forced == "right" and left) or (token.forced == "left" and not left))
            if number > self.most:
                raise LimitExceeded("limit_pages", f"more than {self.most} pages (limits.pages_per_document)")
            style = self.stylist.page_style(self.root.style, name, left=left, first=number == 1, blank=blank)
            if blank:
                yield self._page(number, style, None)
                continue
            fragment, token = self._flow(style, token)
            yield self._page(number, style, fragment)
            if token is None:
                return
            if token.page is not None:
                name = token.page

    def _flow(self, style: PageStyle, resume: BreakToken | None) -> tuple[BoxFragment, BreakToken | None]:
        width, height = _area(style)
        # Only the document's first margin stands: others are at the top of a page (Fragmentation 3, 5.2).
        margin = sum(top_strut(self.root, width)[0]) if resume is None else 0.0
        fragment, token = layout(self.root, Space(width, height - margin, percent_height=height), resume)
        assert fragment is not None  # at the start of a page something is always placed
        fragment.y = margin
        return fragment, token

    def _page(self, number: int, style: PageStyle, fragment: BoxFragment | None) -> Page:
        painter = Painter(self.canvas.node if self.canvas is not None else None)
        left, top = _origin(style)
        content: list[tuple[Fragment, float, float]] = []
        if fragment is not None:
            content.append((fragment, left, top))
        body = painter.page(content)
        grounds = self._grounds(style)
        if grounds:
            body.items = [*grounds, *body.items]
        page = Page(
            number, style.width, style.height, body, self._margins(number, style), painter.links, painter.anchors
        )
        page.area = (left, top, *_area(style))
        return page

    def _grounds(self, style: PageStyle) -> list[PaintGroup]:
        """What lies below everything: the page's own background, the canvas, the page's borders (CSS Paged Media 3,
        3.1). The page's background covers the margins too, the canvas's only what is within them; both are placed
        within the page's padding box.
        """
        found: list[PaintGroup] = []
        if self.canvas is None and not paints(style.style):
            return found
        left, top = style.margin_left, style.margin_top
        width = style.width - left - style.margin_right
        height = style.height - top - style.margin_bottom
        own = style.style
        inner = (
            own.border_left_width, own.border_top_width, width - own.border_left_width - own.border_right_width,
            height - own.border_top_width - own.border_bottom_width,
        )  # fmt: skip
        if paints_background(own):
            origin = (left + inner[0], top + inner[1], inner[2], inner[3])
            found.append(_single(GroundFragment(own, style.width, style.height, origin), 0.0, 0.0))
        if self.canvas is not None:
            found.append(_single(GroundFragment(self.canvas.style, width, height, inner), left, top))
        if paints(own):
            frame = BoxFragment(bordered_only(own), None, 0.0, 0.0, width, height)
            found.append(_single(frame, left, top))
        return found

    def _margins(self, number: int, style: PageStyle) -> Callable[[int], PaintGroup]:
        if not style.margin_boxes:
            return _nothing
        generator, element, language = self.generator, self.element, self.language

        def margins(total: int) -> PaintGroup:
            def make(box: Style) -> BlockBox:
                return generator.margin_box(box, element, number, total, language)

            return Painter().page(margin_fragments(style, make))

        return margins


def _nothing(total: int) -> PaintGroup:
    return PaintGroup()


def _single(fragment: BoxFragment | GroundFragment, x: float, y: float) -> PaintGroup:
    return PaintGroup([Placed(fragment, x, y)])


def _origin(style: PageStyle) -> tuple[float, float]:
    """Where the page area begins: within the page's margins, borders and padding."""
    edges = edges_of(style.style, style.width)
    return style.margin_left + edges.left, style.margin_top + edges.top


def _area(style: PageStyle) -> tuple[float, float]:
    edges = edges_of(style.style, style.width)
    width = style.width - style.margin_left - style.margin_right - edges.sides
    height = style.height - style.margin_top - style.margin_bottom - edges.top - edges.bottom
    return max(width, 0.0), max(height, _LEAST)
