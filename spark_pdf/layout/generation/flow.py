"""The content of one block container while it is made: inline items, and anonymous blocks around runs of them.

In: text, inline boxes, atoms and blocks in document order. Out: block-level boxes (CSS 2.2, 9.2.1.1). White space
collapses across inline boundaries (CSS Text 3, 4.1.1); a block within an inline box divides that box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spark_pdf.layout.boxes import (
    ANCHOR,
    ATOM,
    CLOSE,
    FILL,
    NEWLINE,
    OPEN,
    TEXT,
    AnchorBox,
    AtomItem,
    BlockBox,
    Box,
    CloseItem,
    FillItem,
    FloatBox,
    InlineBox,
    Lines,
    NewlineItem,
    OpenItem,
    TableBox,
    TextItem,
    anonymous,
)  # fmt: skip
from spark_pdf.layout.inline.bidi import resolve
from spark_pdf.layout.inline.breaking import mark_joins
from spark_pdf.layout.inline.filling import tab_interval
from spark_pdf.layout.inline.textrun import metrics_of
from spark_pdf.layout.inline.whitespace import is_blank

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.generation.tables import TableBuilder
    from spark_pdf.layout.style import Style

_COLLAPSED: Final = ("normal", "nowrap")


class Flow:
    """What a block container will contain. `first`: nothing was placed yet, so `text-indent` is still due."""

    __slots__ = (
        "_scanned",
        "after_space",
        "anchored",
        "blockifies",
        "children",
        "first",
        "floats",
        "generator",
        "inline",
        "items",
        "out",
        "pending",
        "special",
        "style",
        "table",
        "texts",
    )

    def __init__(self, generator: Generator, style: Style) -> None:
        self.generator = generator
        self.style = style
        self.first = True
        self.blockifies = False  # its elements are flex or grid items
        self.children: list[Box] = []
        self.items: list[Any] = []
        self.inline: InlineBox | None = None
        self.after_space = True
        self.special = False  # lines need `special.py`
        self.texts = 0  # texts in `items`: two that adjoin need a look at what lies between
        self.table: TableBuilder | None = None
        self.pending: list[Element] = []
        """Elements of note for which there is no box yet."""
        self.out = False  # a box out of flow is among the children
        self.floats = False  # a float is among the items
        self.anchored = False  # a positioned box is among the items
        self._scanned = 0  # so many items make no line

    def text(self, text: str, style: Style, node: Element | None, context: Context) -> None:
        """A text node, or generated text."""
        mode = style.white_space
        if mode not in _COLLAPSED:
            if self.table is not None and not is_blank(text):
                self._end_table()
            if "\n" in text and style.white_space_collapse != "preserve-spaces":
                self._preserved(text, style, node, context)
                return
            if "\t" in text and style.white_space_collapse in ("preserve", "break-spaces"):
                self._tabbed(text, style, node, context)
                return
        elif is_blank(text):
            if self.after_space or self.table is not None:
                return
        elif self.table is not None:
            self._end_table()
        pieces = self.generator.pieces(text, style, context.language, self.after_space and mode != "pre-wrap")
        if pieces is None:
            return
        if pieces.special:
            self.special = True
        self.items.append(TextItem(style, node, self.inline, pieces, context.decorations, context.link))
        self.texts += 1
        self.after_space = not pieces.ends_open and mode in ("normal", "nowrap", "pre-line")

    def _preserved(self, text: str, style: Style, node: Element | None, context: Context) -> None:
        """Text whose line feeds count: each ends a line."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        collapse = style.white_space_collapse == "preserve-breaks"
        for number, line in enumerate(text.split("\n")):
            if number:
                self.newline()
            line = line.strip(" \t\f") if collapse else line
            if line:
                self.text(line, style, node, context)

    def _tabbed(self, text: str, style: Style, node: Element | None, context: Context) -> None:
        """Text with preserved tabs, each of which leads to a tab stop."""
        for number, part in enumerate(text.split("\t")):
            if number:
                self.fill(" ", style, node, context, tab_interval(style, metrics_of(style, self.generator.fonts)))
            if part:
                self.text(part, style, node, context)

    def fill(self, text: str, style: Style, node: Element | None, context: Context, tab: float) -> None:
        """Room whose width the line decides: a tab, or a leader of this text (`tab` is -1)."""
        if self.table is not None:
            self._end_table()
        pieces = self.generator.pieces(text, style.replace(white_space="pre", text_wrap_mode="nowrap"), "", False)
        if pieces is not None:
            self.items.append(FillItem(style, node, self.inline, pieces, context.decorations, context.link, tab))
            self.after_space = False
            self.special = True

    def newline(self) -> None:
        """A forced line break."""
        if self.table is not None:
            self._end_table()
        self.items.append(NewlineItem(self.inline))
        self.after_space = True

    def open(self, style: Style, node: Element | None, link: str) -> InlineBox:
        """An inline box begins."""
        if self.table is not None:
            self._end_table()
        inline = InlineBox(style, node, self.inline, metrics_of(style, self.generator.fonts))
        inline.link = link
        if style.unicode_bidi != "normal" and style.direction == "rtl":
            self.special = True
        self.inline = inline
        self.items.append(OpenItem(inline))
        return inline

    def close(self) -> None:
        """The innermost inline box ends."""
        if self.table is not None:
            self._end_table()
        inline = self.inline
        assert inline is not None
        self.items.append(CloseItem(inline))
        self.inline = inline.parent

    def mark(self, node: Element, style: Style) -> None:
        """An element that leaves nothing in the flow but its place."""
        self.open(anonymous(style, "inline"), node, "").paints = True
        self.close()

    def atom(self, box: Box) -> None:
        """An atomic inline."""
        if self.table is not None:
            self._end_table()
        wrap = self.style.white_space not in ("nowrap", "pre")
        self.items.append(AtomItem(box, self.inline, wrap))
        self.after_space = False

    def block(self, box: Box) -> None:
        """A block-level box: what was inline so far becomes a block of its own."""
        if self.table is not None:
            self._end_table()
        inner = self.inline
        chain: list[InlineBox] = []
        while inner is not None:
            chain.append(inner)
            inner = inner.parent
        self.items += [CloseItem(inline, last=False) for inline in chain]
        self._flush()
        if self.pending and self.generator.paged.attach(box, self.pending):
            self.pending = []
        self.children.append(box)
        self.first = False
        self.items = [OpenItem(inline, first=False) for inline in reversed(chain)]

    def float_(self, box: FloatBox) -> None:
        """A float: where a line has begun, it belongs to that; else it stands before the line."""
        if self.table is not None:
            self._end_table()
        box.parent = self.inline
        self.generator.floats = True
        if self._begun():
            self.items.append(box)
            self.floats = True
        else:
            self.children.append(box)
            self.out = True

    def anchor(self, box: AnchorBox) -> None:
        """The place of an absolutely positioned box."""
        if self.table is not None:
            self._end_table()
        box.parent = self.inline
        inline = self.inline
        while inline is not None and inline.style.position == "static":
            inline = inline.parent
        box.container = inline
        if inline is not None:
            inline.paints = True  # its fragments are needed: they are the containing block
        # Behind another one that waits for a line, so that they are painted in tree order.
        if box.inline or box.container is not None or self.anchored or self._begun():
            self.items.append(box)
            self.anchored = True
        else:
            self.children.append(box)
            self.out = True

    def _begun(self) -> bool:
        """Whether what is inline so far makes a line."""
        items = self.items
        if self._scanned > len(items):
            self._scanned = 0
        for index in range(self._scanned, len(items)):
            if _substantial(items[index : index + 1]):
                return True
            self._scanned = index + 1
        return False

    def table_part(self, element: Element, style: Style, context: Context, generated: bool = False) -> None:
        """A part of a table outside of any: an anonymous table is made around it and its like (CSS 2.2, 17.2.1).
        `generated`: it is a pseudo-element.
        """
        from spark_pdf.layout.generation.tables import TableBuilder

        if self.table is None:
            inline = self.inline is not None
            parent = self.inline.style if self.inline is not None else self.style
            display = "inline-table" if inline else "table"
            table = TableBox(anonymous(parent, display), None)
            table.page = context.page
            self.table = TableBuilder(self.generator, table, context)
        (self.table.generated if generated else self.table.part)(element, style, context)

    def _end_table(self) -> None:
        builder, self.table = self.table, None
        assert builder is not None
        table = builder.finish()
        if self.inline is not None:
            self.atom(table)
        else:
            self.block(table)

    def _flush(self) -> None:
        """Make a block of the inline content so far, if any of it would be seen."""
        items = self.items
        self.items = []
        self.anchored = False
        self.after_space = True
        texts, self.texts = self.texts, 0
        self._scanned = 0
        if not items or not _substantial(items):
            if items:
                self._keep_places(items)
            for item in items:
                if item.kind == ANCHOR:
                    self.children.append(item)
                    self.out = True
            return
        if items[-1].kind == CLOSE:
            _end_with_newline(items)
        if texts > 1:
            mark_joins(items)
        metrics = metrics_of(self.style, self.generator.fonts)
        lines = Lines(self.style, items, metrics, self.first, self.special)
        lines.floats = self.floats
        if lines.special:
            resolve(lines, self.generator.piece_cache, self.generator.fonts)
            self.special = False
        self.children.append(lines)
        self.first = self.floats = False

    def _keep_places(self, items: list[Any]) -> None:
        """Inline content that makes no line may hold elements that are looked for on pages."""
        marks = self.generator.paged.marks
        for item in items:
            if item.kind == OPEN and item.first:
                node = item.inline.node
                if node is not None and (node.id or node in marks):
                    self.generator.once += 1
                    self.pending.append(node)

    def finish(self) -> list[Box]:
        """All that the container contains."""
        if self.table is not None:
            self._end_table()
        if self.items:
            self._flush()
        return self.children

    def fill_box(self, box: BlockBox) -> None:
        """Give a block container all that it contains."""
        box.children = self.finish()
        if self.out or (box.root and self.generator.floats):
            box.out = True


def _substantial(items: list[Any]) -> bool:
    """Whether inline content makes a line: CSS 2.2, 9.4.2, says when a line box counts as nothing."""
    for item in items:
        kind = item.kind
        if kind in (TEXT, ATOM, NEWLINE, FILL):
            return True
        if kind in (OPEN, CLOSE):
            style = item.inline.style
            for side in ("left", "right"):
                if getattr(style, f"margin_{side}") or getattr(style, f"padding_{side}"):
                    return True
                if getattr(style, f"border_{side}_width"):
                    return True
    return False


def _end_with_newline(items: list[Any]) -> None:
    """A line break that only ends of inline boxes follow goes behind them: they would make a line that counts as
    nothing (CSS 2.2, 9.4.2).
    """
    at = len(items) - 1
    while at > 0 and items[at].kind == CLOSE:
        at -= 1
    if items[at].kind == NEWLINE and not _substantial(items[at + 1 :]):
        items.append(items.pop(at))
