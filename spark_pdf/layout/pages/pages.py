"""The page loop: a document's root box, one page after the other (CSS Paged Media 3; CSS Fragmentation 3).

In: the root box, a `Stylist` for `@page`. Out: a lazy iterator of `Page`s; nothing of a page is kept when the next one
is made. Blank pages come where a break asks for a left or right page. The first page is a right one, or where the root
is written from right to left a left one.

Most pages are laid out once. A page is laid out again where header rows of a table ask what stands on it, until they
have the answer, and where it has footnotes, whose height is missing from what the flow has (`notepages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.block.block import top_strut
from spark_pdf.layout.block.positioned import Going, Key, Positioning, Waiting
from spark_pdf.layout.boxes import edge_page, paints, paints_background
from spark_pdf.layout.formatting import BreakToken, Space, layout
from spark_pdf.layout.fragments import BoxFragment, Fragment, GroundFragment, Link, Page, PaintGroup, Placed
from spark_pdf.layout.pages.area import LEAST, area_of, first_content, origin_of
from spark_pdf.layout.pages.margins import margin_fragments
from spark_pdf.layout.pages.notepages import Notes
from spark_pdf.layout.pages.printer_marks import printer_marks
from spark_pdf.layout.pages.values import PageGroups, PageLedger, bookmarks
from spark_pdf.layout.paint.paint import Painter, bordered_only
from spark_pdf.model import RenderWarning

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.css import PageStyle, Stylist
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Generator
    from spark_pdf.layout.marks import Noted
    from spark_pdf.layout.pages.values import PageValues
    from spark_pdf.layout.style import Style

_ATTEMPTS = 8
"""How often a page is laid out again for what its own content says of it."""


class Trial(NamedTuple):
    """A page laid out, for good or to see what stands on it. `token`: where the rest begins; `going`: the positioned
    boxes that go on; `waiting`: those that begin on a later page.
    """

    page: Page
    token: BreakToken | None
    noted: list[Noted]
    fragment: BoxFragment | None
    going: tuple[Going, ...] = ()
    waiting: dict[Key, list[Waiting]] | None = None


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
        self.ledger = PageLedger()
        marks = generator.paged.marks
        self.notes = Notes(self) if any(mark.footnote for found in marks.values() for mark in found) else None
        self._fixed: tuple[list[Fragment], list[Fragment]] = ([], [])
        self.positioning = Positioning(generator.fixed) if generator.positioned else None

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
        groups = PageGroups()
        groups.enter(name, 1)
        number = 0
        rtl = self.root.style.direction == "rtl"
        # What a break asks for that no left page, and no right page, can be.
        sides = (("left", "recto"), ("right", "verso")) if rtl else (("left", "verso"), ("right", "recto"))
        while True:
            number += 1
            left = (number % 2 == 0) is not rtl
            blank = token is not None and token.forced in (sides[1] if left else sides[0])
            if number > self.most:
                raise LimitExceeded("limit_pages", f"more than {self.most} pages (limits.pages_per_document)")
            turn = token.page if token is not None else None
            if turn is not None and not blank:
                name = turn.name
                groups.enter(name, number, turn.fresh)
            used = turn.outer if blank and turn is not None else name
            style = self.stylist.page_style(
                self.root.style, used, left=left, first=number == 1, blank=blank, number=number,
                place=groups.place(used, number),
            )  # fmt: skip
            values = self.ledger.begin(number - 1, style.counts)
            if blank:
                yield self._finished(self.trial(number, style, values, None, flows=False), style, values)
                continue
            if self.notes is not None:
                trial = self.notes.page(number, style, values, token)
            else:
                trial = self.settled(number, style, values, token)
            token = trial.token
            yield self._finished(trial, style, values)
            while token is None and (more := self._more(number, name, rtl)) is not None:
                number += 1
                yield more
            if token is None:
                self.notes = None  # which knows this maker
                return

    def _more(self, last: int, name: str, rtl: bool) -> Page | None:
        """A page behind the last one of the flow, for footnotes that found no room and positioned boxes that go on."""
        waits = self.notes is not None and bool(self.notes.waiting)
        if not waits and (self.positioning is None or not self.positioning.going):
            return None
        number = last + 1
        if number > self.most:
            raise LimitExceeded("limit_pages", f"more than {self.most} pages (limits.pages_per_document)")
        left = (number % 2 == 0) is not rtl
        style = self.stylist.page_style(self.root.style, name, left=left, blank=waits, number=number)
        values = self.ledger.begin(number - 1, style.counts)
        if waits:
            assert self.notes is not None
            return self._finished(self.notes.alone(number, style, values), style, values)
        return self._finished(self.trial(number, style, values, None, flows=False), style, values)

    def _finished(self, trial: Trial, style: PageStyle, values: PageValues) -> Page:
        """A page that stays as it is: what it leaves to later ones is written down."""
        page = trial.page
        if self.positioning is not None:
            self.positioning.going, self.positioning.waiting = trial.going, trial.waiting or {}
        if trial.noted:
            page.bookmarks = bookmarks(trial.noted)
            self.ledger.close(values, trial.noted)
        paged = self.generator.paged
        if paged.asked:
            paged.found.page(values, trial.noted, page.anchors)
        page.margins = self._margins(style, values, page.margin_links)
        return page

    def settled(
        self, number: int, style: PageStyle, values: PageValues, resume: BreakToken | None, less: float = 0.0
    ) -> Trial:
        """A page on which header and footer rows say what is on it. `less`: height that the flow does not get."""
        paged = self.generator.paged
        for _ in range(_ATTEMPTS):
            paged.used.clear()
            trial = self.trial(number, style, values, resume, less)
            if not paged.used or paged.holds(values):
                return trial
            self.discard(trial)
        self.generator.warn(
            RenderWarning("unsettled_page", f"rows of page {number} that show what is on it do not come to rest")
        )
        return self.trial(number, style, values, resume, less)

    def trial(
        self, number: int, style: PageStyle, values: PageValues, resume: BreakToken | None, less: float = 0.0,
        flows: bool = True,
    ) -> Trial:  # fmt: skip
        """A page laid out once. Its marks are its own until it is discarded."""
        paged = self.generator.paged
        paged.now, paged.final = values, False
        fragment, token = self._flow(style, resume, less) if flows else (None, resume)
        paged.now = None
        page, noted = self._page(number, style, fragment)
        if noted:
            noted.sort(key=_order)
            self.ledger.assign(values, noted, first_content(page.body))
        if self.positioning is None:
            return Trial(page, token, noted, fragment)
        return Trial(page, token, noted, fragment, tuple(self.positioning.rest), self.positioning.later)

    def add(self, trial: Trial, fragment: BoxFragment, number: int, style: PageStyle) -> None:
        """Paint something more within the page area."""
        left, top = origin_of(style)
        painter = Painter(None, self.generator.paged.marks, number)
        page = trial.page
        page.body.items.append(painter.page([(fragment, left, top)]))
        page.links += painter.links
        for name, place in painter.anchors.items():
            page.anchors.setdefault(name, place)
        trial.noted.extend(painter.noted)

    def discard(self, trial: Trial) -> None:
        """Give back the marks of a page that is to be laid out again."""
        for noted in trial.noted:
            noted.mark.page = 0

    def _flow(
        self, style: PageStyle, resume: BreakToken | None, less: float = 0.0
    ) -> tuple[BoxFragment, BreakToken | None]:
        width, height = area_of(style)
        # Only the document's first margin stands: others are at the top of a page (Fragmentation 3, 5.2).
        margin = sum(top_strut(self.root, width)[0]) if resume is None else 0.0
        fragment, token = layout(
            self.root, Space(width, max(height - margin - less, LEAST), percent_height=height), resume
        )
        assert fragment is not None  # at the start of a page something is always placed
        fragment.y = margin
        if self.positioning is not None:
            self._fixed = self.positioning.place(fragment, width, height, style.height - origin_of(style)[1])
        return fragment, token

    def _page(self, number: int, style: PageStyle, fragment: BoxFragment | None) -> tuple[Page, list[Noted]]:
        canvas = self.canvas.node if self.canvas is not None else None
        painter = Painter(canvas, self.generator.paged.marks, number, style.width)
        left, top = origin_of(style)
        content: list[tuple[Fragment, float, float]] = []
        if fragment is not None:
            below, above = self._fixed
            content += [(box, left, top) for box in below]
            content.append((fragment, left, top))
            content += [(box, left, top) for box in above]
        elif self.positioning is not None:
            content += [(box, left, top) for box in self.positioning.alone(*area_of(style))]
        body = painter.page(content)
        grounds = self._grounds(style)
        if grounds:
            body.items = [*grounds, *body.items]
        if style.marks:
            body.items = [*body.items, printer_marks(style)]
        page = Page(number, style.width, style.height, body, _nothing, painter.links, painter.anchors)
        page.bleed = style.bleed
        page.area = (left, top, *area_of(style))
        lost = self.positioning is not None and self.positioning.below
        if fragment is not None and (lost or top + fragment.y + fragment.height > style.height):
            painter.cuts.below(body, style.height)
        if painter.cuts.found:
            page.cut = tuple(painter.cuts.found.values())
        return page, painter.noted

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
            up, right, down, back = style.bleed
            origin = (left + inner[0] + back, top + inner[1] + up, inner[2], inner[3])
            ground = GroundFragment(own, style.width + back + right, style.height + up + down, origin)
            found.append(_single(ground, -back, -up))
        if self.canvas is not None:
            found.append(_single(GroundFragment(self.canvas.style, width, height, inner), left, top))
        if paints(own):
            frame = BoxFragment(bordered_only(own), None, 0.0, 0.0, width, height)
            found.append(_single(frame, left, top))
        return found

    def _margins(self, style: PageStyle, values: PageValues, links: list[Link]) -> Callable[[int], PaintGroup]:
        if not style.margin_boxes:
            return _nothing
        generator, element, language = self.generator, self.element, self.language

        def margins(total: int) -> PaintGroup:
            def make(box: Style) -> BlockBox:
                return generator.margin_box(box, element, language)

            paged = generator.paged
            values.total = total
            paged.now, paged.final = values, True
            painter = Painter()
            group = painter.page(margin_fragments(style, make))
            paged.now = None
            links.extend(painter.links)
            return group

        return margins


def _nothing(total: int) -> PaintGroup:
    return PaintGroup()


def _order(noted: Noted) -> int:
    return noted.mark.order


def _single(fragment: BoxFragment | GroundFragment, x: float, y: float) -> PaintGroup:
    return PaintGroup([Placed(fragment, x, y)])
