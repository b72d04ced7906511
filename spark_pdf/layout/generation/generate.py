"""Box generation: from elements and styles to boxes (CSS Display 3; CSS 2.2, 9.2, 12 and 17.2.1; CSS Lists 3).

In: the element tree, a `Stylist`, fonts, images. Out: the root `BlockBox`. One walk in document order, which also
counts counters, processes white space across inline boundaries, and shapes text (so that layout is nothing but
geometry).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from spark_pdf.layout.boxes import (
    AnchorBox,
    BlockBox,
    Box,
    CellBox,
    FieldsetBox,
    FloatBox,
    GroupBox,
    InlineBox,
    Lines,
    ReplacedBox,
    TableBox,
    TextItem,
    anonymous,
)  # fmt: skip
from spark_pdf.layout.dom import Element
from spark_pdf.layout.generation.containers import CONTAINERS, blockified, contained, fill_columns, fill_container
from spark_pdf.layout.generation.counters import PAGE_COUNTERS, Counters, format_counter
from spark_pdf.layout.generation.disclosure import seen
from spark_pdf.layout.generation.firsts import make_firsts
from spark_pdf.layout.generation.flow import Flow
from spark_pdf.layout.generation.keeping import keeps_box, keeps_cell
from spark_pdf.layout.generation.lacking import Lacking
from spark_pdf.layout.generation.legends import take_legend
from spark_pdf.layout.generation.listing import NUMBERED, make_marker, number
from spark_pdf.layout.generation.paged import Paged
from spark_pdf.layout.generation.quotes import automatic_quotes
from spark_pdf.layout.generation.replacing import SPECIAL, place_special
from spark_pdf.layout.generation.tables import TableBuilder
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.html.links import target_of
from spark_pdf.layout.images import Image
from spark_pdf.layout.inline.bidi import resolve
from spark_pdf.layout.inline.textrun import PieceCache, Pieces, metrics_of
from spark_pdf.layout.inline.whitespace import is_blank
from spark_pdf.layout.values import Url
from spark_pdf.model import RenderWarning

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import RowBox
    from spark_pdf.layout.css import Stylist
    from spark_pdf.layout.generation.inline_svg import InlineSvg
    from spark_pdf.layout.pages.facts import Facts
    from spark_pdf.layout.style import ContentItem, Style
    from spark_pdf.text.fonts import FontSet

Generated = TypeVar("Generated", bound=BlockBox)

TABLE_PARTS: Final = frozenset((
    "table-row", "table-cell", "table-row-group", "table-header-group", "table-footer-group", "table-column",
    "table-column-group", "table-caption",
))  # fmt: skip
ATOMIC: Final = ("inline-block", "inline-table", "inline-flex", "inline-grid")


class Context(NamedTuple):
    """What descends the tree beside style: decorations of ancestors, the link that is open, the language, the page
    name.
    """

    decorations: tuple[tuple[Style, InlineBox | None], ...] = ()
    link: str = ""
    language: str = ""
    page: str = ""


class Generator:
    """Makes the boxes of one document. `warn` takes what cannot be shown; `image` finds images."""

    def __init__(
        self, stylist: Stylist, fonts: FontSet, pieces: PieceCache, image: Callable[[Url], Image | None],
        warn: Callable[[RenderWarning], None], facts: Facts | None = None, wanted: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.stylist = stylist
        self.fonts = fonts
        self.piece_cache = pieces
        self._image = image
        self._warn = warn
        self.keeps = facts is None and not wanted
        """Boxes of shared elements may be taken over, and kept for other documents (`keeping.py`)."""
        self.once = 0
        """Counts what was done for this document alone, so that no box that comes of it is kept."""
        self.counters = Counters()
        self.quote_depth = 0
        self.floats = False
        """A float was met in the block formatting context that is being filled."""
        self.fixed: list[AnchorBox] = []
        """Boxes that stand on every page."""
        self.positioned = False
        """There are absolutely positioned boxes."""
        self.groups: list[GroupBox] = []
        """The row groups made: they and their rows refer to each other."""
        self.in_footnote = False
        self.paged = Paged(self, facts, wanted)
        self._reported: set[str] = set()
        self.lacking: Lacking = {}
        """Characters of which no face of a chain has a glyph, each once per document."""
        self.vectors: InlineSvg | None = None
        """Makes images of inline SVG; without, their texts are shown."""

    def unlink(self) -> None:
        """Cut what refers to each other among the boxes, when they are done with."""
        if self.vectors is not None:
            self.vectors.release()
        for group in self.groups:
            group.rows.clear()
            group.live = group.bands = None
        self.paged.unlink()

    def root(self, element: Element, language: str) -> BlockBox:
        """The box of the root element. Its `display` is always block (CSS Display 3, 2.7)."""
        style = self.stylist.style(element, None)
        context = Context(language=language)
        self.counters.apply(style, False)
        self.paged.count(element, style)
        if style.page != "auto":
            context = context._replace(page=style.page)
        if style.special:
            self.paged.note(element, style)
        if style.display == "none":
            return BlockBox(anonymous(style, "block"), None, root=True)
        return self._block(element, style, context, BlockBox(style, element, root=True))

    def warn(self, warning: RenderWarning) -> None:
        """Report something, which each document has to do for itself."""
        self.once += 1
        self._warn(warning)

    def image(self, url: Url) -> Image | None:
        """The image of a URL; where there is none, that has been reported."""
        found = self._image(url)
        if found is None:
            self.once += 1
        return found

    def pieces(self, text: str, style: Style, language: str, after_space: bool) -> Pieces | None:
        """Shaped pieces of a text; characters that no face has are noted."""
        found = self.piece_cache.get(text, style, language, after_space, self.fonts)
        if found is not None and found.missing:
            for character in found.missing:
                self._missing(character, style)
        return found

    def _missing(self, character: str, style: Style) -> None:
        self.once += 1
        if character not in self._reported:
            self._reported.add(character)
            if len(character) > 1:
                self.warn(RenderWarning("text_layout", character))
                return
            self.lacking.setdefault(style.font_family, []).append(character)

    # The walk

    def children(self, element: Element, style: Style, flow: Flow, context: Context) -> None:
        """Everything between an element's tags, `::before` and `::after` included."""
        counters = self.counters
        counters.depth += 1
        matched = element.context
        # Most elements have neither ::before nor ::after, and the stylist knows that already.
        pseudo = matched is None or matched.pseudo is not None  # type: ignore[attr-defined]
        if pseudo:
            self._pseudo(element, style, "before", flow, context)
        for child in element.children if element.tag != "details" else seen(element):
            if type(child) is str:
                flow.text(child, style, element, context)
            else:
                self.element(child, style, flow, context)  # type: ignore[arg-type]
        if pseudo:
            self._pseudo(element, style, "after", flow, context)
        counters.depth -= 1
        counters.leave()

    def element(self, element: Element, parent: Style, flow: Flow, context: Context) -> None:
        """One element within a flow."""
        kept = element.kept
        if kept is not None and self.keeps and not kept.refused and keeps_box(self, element, parent, flow, context):
            return
        style = self.stylist.style(element, parent)
        if flow.blockifies:
            style = blockified(style)
        display = style.display
        if display == "none":
            return
        special = style.special
        if special:
            self.once += 1
        if special and self.paged.runs(element, style, parent, flow, context):
            return
        if display == "list-item" or style.counter_reset or style.counter_increment or style.counter_set:
            self._count(element, style)
        attributes = element.attributes
        if attributes:
            context = self._descend(element, attributes, context)
            if element.id and element.id in self.paged.wanted:
                self.paged.target(element, style)
        if style.page != "auto" and style.page != context.page:
            context = context._replace(page=style.page)
        if special and self.paged.element(element, style, flow, context):
            return
        tag = element.tag
        if tag == "br":
            flow.newline()
            if style.clear != "none":
                line = BlockBox(_clearing(style), None)
                line.page = context.page
                flow.block(line)
        elif tag in SPECIAL and place_special(self, element, style, flow, context):
            pass
        elif display == "inline":
            self._inline(element, style, flow, context)
        elif display == "contents":
            if element.id or element in self.paged.marks:
                flow.mark(element, parent)
            self.children(element, style, flow, context)
        elif display in TABLE_PARTS:
            flow.table_part(element, style, context)
        elif style.out_of_flow:
            self._out_of_flow(element, style, flow, context)
        else:
            self._boxed(element, style, flow, context)

    def _descend(self, element: Element, attributes: object, context: Context) -> Context:
        language = element.attributes.get("lang")
        if language is not None:
            context = context._replace(language=language.strip())
        if element.tag == "a":
            if "href" in element.attributes:
                context = context._replace(link=target_of(element.attributes["href"]))
            if "name" in element.attributes:
                self.once += 1
                self.paged.name(element)
        return context

    def _count(self, element: Element, style: Style) -> None:
        self.once += 1
        self.counters.apply(style, style.display == "list-item")
        if style.counter_reset or style.counter_increment or style.counter_set:
            self.paged.count(element, style)
        if element.tag in NUMBERED:
            number(self.counters, element, style)

    def _inline(self, element: Element, style: Style, flow: Flow, context: Context) -> None:
        inline = flow.open(style, element, context.link)
        if element.id or element in self.paged.marks:
            inline.paints = True
        if style.text_decoration_line:
            context = context._replace(decorations=(*context.decorations, (style, inline)))
        self.children(element, style, flow, context)
        flow.close()

    def _boxed(self, element: Element, style: Style, flow: Flow, context: Context) -> None:
        display = style.display
        if display in ATOMIC:
            # Decorations do not reach into atomic inlines (CSS Text Decoration 3, 2.1).
            inner = context._replace(decorations=())
            box: Box
            if display == "inline-table":
                box = self.table(element, style, inner)
            else:
                box = self._container(element, style, inner, root=True)
            flow.atom(box)
        elif display == "table":
            flow.block(self.table(element, style, context))
        else:
            root = display == "flow-root" or style.overflow_y not in ("visible", "clip") or style.out_of_flow != ""
            root = root or flow.blockifies
            flow.block(self._container(element, style, context, root=root))

    def _container(self, element: Element, style: Style, context: Context, *, root: bool) -> BlockBox:
        if element.tag != "fieldset":
            return self._block(element, style, context, BlockBox(style, element, root=root))
        box = self._block(element, style, context, FieldsetBox(style, element))
        if isinstance(box, FieldsetBox):
            take_legend(box)
        return box

    def _out_of_flow(self, element: Element, style: Style, flow: Flow, context: Context) -> None:
        """A float, or an absolutely positioned box: made as if it were alone, in a flow that holds nothing else."""
        holder = Flow(self, flow.style)
        # Decorations do not reach what is out of flow (CSS Text Decoration 3, 2.1).
        self._boxed(element, style, holder, context._replace(decorations=()))
        for box in holder.finish():
            self._put_out(box, style, flow, context)

    def _put_out(self, box: Box, style: Style, flow: Flow, context: Context) -> None:
        self.once += 1
        if style.float_ != "none":
            flow.float_(FloatBox(box, context.page, None))
            return
        self.positioned = True
        inline = style.out_of_flow.startswith("inline")
        anchor = AnchorBox(box, context.page, None, inline, None, flow.style.direction == "rtl")
        if style.position == "fixed":
            self.fixed.append(anchor)
        flow.anchor(anchor)

    def _block(self, element: Element, style: Style, context: Context, box: BlockBox) -> BlockBox:
        """Fill a block container."""
        if style.text_decoration_line:
            context = context._replace(decorations=(*context.decorations, (style, None)))
        box.page = context.page
        box.link = context.link if element.tag == "a" else ""
        if style.display in CONTAINERS:
            return fill_container(self, element, style, context, box)
        if style.column_count != "auto" or style.column_width != "auto":
            self.once += 1
            return fill_columns(self, element, style, context, box)
        if style.display != "list-item":
            content = self._one_text(element, style, context)
            if content is not None:
                box.children = content
                return box
        flow = Flow(self, style)
        if style.display == "list-item":
            make_marker(self, box, style, flow, context)
        if box.root:
            outer, self.floats = self.floats, False
            self.children(element, style, flow, context)
            flow.fill_box(box)
            self._firsts(element, style, box, context)
            box.out = box.out or self.floats
            self.floats = outer
        else:
            self.children(element, style, flow, context)
            flow.fill_box(box)
            self._firsts(element, style, box, context)
        if flow.pending:
            self.paged.attach(box, flow.pending)
        return box

    def _firsts(self, element: Element, style: Style, box: BlockBox, context: Context) -> None:
        """`::first-letter` and `::first-line`, where a rule is about them."""
        matched = element.context
        if matched is None or matched.pseudo is not None:  # type: ignore[attr-defined]
            make_firsts(self, element, style, box, context)

    def _one_text(self, element: Element, style: Style, context: Context) -> list[Box] | None:
        """The content of a block container that holds one text, as most do; None where there is more to it.

        Comes to what `Flow` would make of it.
        """
        children, matched = element.children, element.context
        if len(children) != 1 or matched is None or matched.pseudo is not None:  # type: ignore[attr-defined]
            return None
        text = children[0]
        if type(text) is not str or style.white_space not in ("normal", "nowrap") or element.tag == "details":
            return None
        if is_blank(text):
            return []
        pieces = self.pieces(text, style, context.language, True)
        if pieces is None:
            return []
        item = TextItem(style, element, None, pieces, context.decorations, context.link)
        lines = Lines(style, [item], metrics_of(style, self.fonts), True)
        if lines.special:
            resolve(lines, self.piece_cache, self.fonts)
        return [lines]

    def cell(self, element: Element, style: Style, context: Context) -> CellBox:
        """A table cell with its content."""
        if element.attributes:
            cell = CellBox(style, element, _span(element, "colspan", 1000), _span(element, "rowspan", 65534, 0))
        else:
            cell = CellBox(style, element)
        self._block(element, style, context, cell)
        return cell

    def refill(self, cell: CellBox, context: Context) -> None:
        """The content of a cell once more (`later.py`)."""
        element = cell.node
        assert element is not None
        kept = self.counters.visit({})
        self._block(element, cell.style, context, cell)
        self.counters.restore(kept)

    def deeds(self) -> tuple[int, int]:
        """What was done for this document alone, and the row groups that there are."""
        return self.once + self.stylist.once, len(self.groups)

    def block(self, element: Element, style: Style, context: Context) -> BlockBox:
        """A block container of its own formatting context (captions)."""
        return self._block(element, style, context, BlockBox(style, element, root=True))

    def table(self, element: Element, style: Style, context: Context) -> TableBox:
        """A table element."""
        if style.text_decoration_line:
            context = context._replace(decorations=(*context.decorations, (style, None)))
        builder = TableBuilder(self, TableBox(style, element), context)
        builder.inside(element, style, context)
        return builder.finish()

    def table_child(self, child: Element, parent: Style, builder: TableBuilder, context: Context) -> None:
        """An element right within a table, row group or row."""
        kept = child.kept
        if kept is not None and self.keeps and not kept.refused and keeps_cell(self, child, parent, builder, context):
            return
        style = self.stylist.style(child, parent)
        if style.display == "none":
            return
        if child.attributes:
            context = self._descend(child, child.attributes, context)
            if child.id and child.id in self.paged.wanted:
                self.paged.target(child, style)
        if style.display in TABLE_PARTS:
            if style.counter_reset or style.counter_increment or style.counter_set:
                self.once += 1
                self.counters.apply(style, False)
                self.paged.count(child, style)
            if style.special:
                self.once += 1
                self.paged.note(child, style)
            builder.part(child, style, context)
        else:
            builder.stray(child, parent, context)

    def table_pseudo(self, element: Element, style: Style, name: str, builder: TableBuilder, context: Context) -> None:
        """`::before` or `::after` of a table, row group or row: a part of the table, or in a cell of its own."""
        own = self.stylist.pseudo_style(element, style, name)
        if own is None or own.display == "none":
            return
        if own.display in TABLE_PARTS:
            builder.generated(self._counted(element, own, name), own, context)
        else:
            self._pseudo(element, style, name, builder.flow(style), context)

    def group_again(self, table: Style, element: Element, style: Style, context: Context) -> list[RowBox]:
        """The rows of a row group, made once more, in a table of this style."""
        builder = TableBuilder(self, TableBox(table, None), context)
        builder.part(element, style, context)
        return builder.table.groups[-1].rows

    def rows_again(self, table: Style, group: GroupBox, nodes: list[Element | str], context: Context) -> list[RowBox]:
        """Rows of a row group, made once more (`bands.py`)."""
        kept = self.counters.visit({})
        rows = TableBuilder(self, TableBox(table, None), context).again(group, nodes)
        self.counters.restore(kept)
        return rows

    # Replaced and generated content

    def put(self, box: Box, style: Style, flow: Flow, context: Context) -> None:
        """Put the box of a special element into the flow, as a block or as an atom of a line."""
        if style.out_of_flow:
            self._put_out(box, style, flow, context)
        elif style.display in ("block", "list-item", "flow-root", "table", "flex", "grid"):
            flow.block(box)
        else:
            flow.atom(box)

    def _pseudo(self, element: Element, style: Style, name: str, flow: Flow, context: Context) -> None:
        """`::before` or `::after`."""
        own = self.stylist.pseudo_style(element, style, name)
        if own is None or own.display == "none":
            return
        if flow.blockifies:
            own = blockified(own)
        origin, element = element, self._counted(element, own, name)
        if own.display in TABLE_PARTS:
            flow.table_part(element, own, context, True)
            return
        if own.display == "inline":
            inline = flow.open(own, element, context.link)
            if element is not origin:
                inline.paints = True
            if own.text_decoration_line:
                context = context._replace(decorations=(*context.decorations, (own, inline)))
            self.content(own.content, own, element, flow, context)
            flow.close()
            return
        if own.page != "auto":
            context = context._replace(page=own.page)
        box = self.generated(BlockBox(own, element, root=True), own, element, context)
        if own.out_of_flow:
            self._put_out(box, own, flow, context)
        elif own.display in ATOMIC:
            flow.atom(box)
        else:
            box.root = own.display not in ("block", "list-item")
            flow.block(box)

    def _counted(self, element: Element, own: Style, name: str) -> Element:
        """Count a pseudo-element. Returns its node: the element, or one of its own where pages are asked."""
        if own.counter_reset or own.counter_increment or own.counter_set or own.display == "list-item":
            self.once += 1
        self.counters.apply(own, own.display == "list-item")
        return self.paged.proxy(element, name) if self.paged.lives(own) and self.paged.now is None else element

    def generated(self, box: Generated, style: Style, element: Element, context: Context) -> Generated:
        """Fill the box of a pseudo-element with its `content`."""
        box.page = context.page
        inner = Flow(self, style)
        if style.display == "list-item":
            make_marker(self, box, style, inner, context)
        self.content(style.content, style, element, inner, context)
        inner.fill_box(box)
        if style.display in CONTAINERS:
            box.children = contained(style, box.children, context.page)
        return box

    def content(
        self, items: str | tuple[ContentItem, ...], style: Style, element: Element, flow: Flow, context: Context
    ) -> None:
        """What `content` generates."""
        for item in items if isinstance(items, tuple) else ():
            kind = item[0]
            if kind == "element":
                self.once += 1
                self.paged.show(item[1], item[2], flow)
            elif kind == "url":
                image = self.image(item[1])
                if image is not None:
                    flow.atom(ReplacedBox(anonymous(style, "inline"), element, image))
            elif kind == "leader":
                flow.fill(item[1], style, element, context, -1.0)
            else:
                text = self.content_text(item, style, element)
                if text:
                    flow.text(text, style, element, context)

    def margin_box(self, style: Style, root: Element, language: str) -> BlockBox:
        """A page-margin box with its content, on the page at hand."""
        box = BlockBox(style, None, root=True)
        context = Context(language=language)
        if style.text_decoration_line:
            context = context._replace(decorations=((style, None),))
        flow = Flow(self, style)
        self.content(style.content, style, root, flow, context)
        flow.fill_box(box)
        return box

    def content_text(self, item: ContentItem, style: Style, element: Element) -> str:
        """One item of `content` as text."""
        kind = item[0]
        if kind == "string":
            return str(item[1])
        if kind == "attr":
            return element.attributes.get(item[1], "")
        self.once += 1
        if kind in ("counter", "counters"):
            values: Sequence[int] | None = None
            if item[1] in PAGE_COUNTERS or self.paged.now is not None:
                values = self.paged.counter(item[1], element)
            if values is None:
                values = self.counters.values(item[1])
            if kind == "counter":
                return format_counter(values[-1], item[2], self.stylist.sheets.counter_styles)
            own = self.stylist.sheets.counter_styles
            return str(item[2]).join([format_counter(value, item[3], own) for value in values])
        return self._quote(item[1], style, element) if kind == "quote" else self.paged.text(item, style, element)

    def _quote(self, which: str, style: Style, element: Element) -> str:
        pairs = style.quotes if isinstance(style.quotes, tuple) else ()
        if style.quotes == "auto":
            pairs = automatic_quotes(element)
        opening = which in ("open-quote", "no-open-quote")
        if not opening:
            self.quote_depth = max(self.quote_depth - 1, 0)
        pair = pairs[min(self.quote_depth, len(pairs) - 1)] if pairs else ("", "")
        if opening:
            self.quote_depth += 1
        return pair[0 if opening else 1] if not which.startswith("no-") else ""


def _clearing(style: Style) -> Style:
    """The style of what keeps lines behind a `<br clear>` below floats, which HTML's line break does."""
    kept = derived(style)
    found = kept.get("clearing")
    if found is None:
        found = kept["clearing"] = anonymous(style, "block").replace(clear=style.clear)
    return found  # type: ignore[return-value]


def _span(element: Element, name: str, most: int, least: int = 1) -> int:
    """`colspan` or `rowspan` (HTML, 4.9.11); 1 where it is no number."""
    text = element.attributes.get(name)
    if text is None:
        return 1
    try:
        value = int(text.strip())
    except ValueError:
        return 1
    return min(value, most) if value >= least else 1
