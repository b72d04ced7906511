"""The box tree: what layout lays out (CSS Display 3). Made by `generate`, read by every formatting context.

A block container has children that are all block-level; a run of inline content is one `Lines` box among them, so no
anonymous block needs a style of its own. Inline content is a flat list of items, because lines cut through its nesting.
Boxes hold memos (`sizes`, `strut`, ...) of what follows from the box alone; layout changes nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spark_pdf.layout.css.properties import BY_ATTRIBUTE
from spark_pdf.layout.geometry import Edges, Strut, derived
from spark_pdf.layout.values import WHITE

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.formatting import GridLines, Space
    from spark_pdf.layout.fragments import BoxFragment
    from spark_pdf.layout.generation.bands import Band
    from spark_pdf.layout.generation.later import Later
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.inline.textrun import Pieces, TextMetrics
    from spark_pdf.layout.pages.live import LiveGroup
    from spark_pdf.layout.style import Style

TEXT: Final = 0
OPEN: Final = 1
CLOSE: Final = 2
ATOM: Final = 3
NEWLINE: Final = 4
FLOAT: Final = 5
ANCHOR: Final = 6
FILL: Final = 7

FORCED: Final = {"page": "page", "always": "page", "left": "left", "right": "right", "recto": "recto", "verso": "verso"}
"""Values of `break-before` and `break-after` that force a break, and which side of the sheet they ask for."""
AVOIDS: Final = ("avoid", "avoid-page")
COLUMN_AVOIDS: Final = ("avoid", "avoid-column")
"""Values that avoid a break between pages, and between columns."""


class Memory:
    """How a box that documents share was laid out last (`block/keeping.py`): in which space, and its fragment."""

    __slots__ = ("fragment", "space")

    def __init__(self) -> None:
        self.space: Space | None = None
        self.fragment: BoxFragment | None = None


class Box:
    """Any box. `node` is None for anonymous boxes; `link` is where the box leads, or "". `memory`: what a later
    document may take over.
    """

    __slots__ = ("link", "memory", "node", "sizes", "style")

    def __init__(self, style: Style, node: Element | None) -> None:
        self.style = style
        self.node = node
        self.link = ""
        self.memory: Memory | None = None
        self.sizes: tuple[float, float] | None = None

    def forces(self) -> bool:
        """Whether a break is forced between boxes somewhere within."""
        return False

    def within(self) -> list[Box]:
        """What fills a box, where that is a flex, grid or multi-column container."""
        return []


class BlockBox(Box):
    """A block container. `root`: it starts a block formatting context, so no margin collapses through its edges.

    `edges`: set where a table with collapsed borders decides them. `page`: the used value of the `page` property.
    `out`: a child is out of flow, or a float stands anywhere in the formatting context that the box starts. `clears`:
    within its formatting context it holds a box with `clear`; kept once it has been asked.
    """

    __slots__ = ("breaks", "children", "clears", "edges", "marker", "out", "page", "root", "strut")

    def __init__(self, style: Style, node: Element | None, root: bool = False) -> None:
        self.style = style
        self.node = node
        self.link = ""
        self.memory = None
        self.sizes = None
        self.children: list[Box] = []
        self.root = root
        self.out = False
        self.clears: bool | None = None
        self.edges: Edges | None = None
        self.marker: Marker | None = None
        self.page = ""
        self.strut: tuple[float, tuple[Strut, bool]] | None = None
        self.breaks: tuple[str, str] | None = None

    def forces(self) -> bool:
        """As of any box."""
        return forced_between(self.children)


class FieldsetBox(BlockBox):
    """A `<fieldset>`. `legend`: what stands in its upper border, and is not among its children."""

    __slots__ = ("legend",)

    def __init__(self, style: Style, node: Element | None) -> None:
        super().__init__(style, node, root=True)
        self.legend: BlockBox | None = None


class CellBox(BlockBox):
    """A table cell and its place in the grid. `later`: makes what is in it, which was let go; `inner` are the content
    sizes of that. `plain`: as `ends_with_content` (`sizing/endings.py`) says, once it has been asked.
    """

    __slots__ = ("colspan", "column", "inner", "later", "plain", "row", "rowspan")

    def __init__(self, style: Style, node: Element | None, colspan: int = 1, rowspan: int = 1) -> None:
        super().__init__(style, node, root=True)
        self.colspan = colspan
        self.rowspan = rowspan
        self.row = 0
        self.column = 0
        self.later: Later | None = None
        self.plain: bool | None = None
        self.inner: tuple[float, float] = (0.0, 0.0)


class RowBox(Box):
    """A table row: the cells that start in it. `group` is the row group that it belongs to; `marked`: it is looked for
    on pages.
    """

    __slots__ = ("cells", "group", "marked")

    def __init__(self, style: Style, node: Element | None, group: GroupBox) -> None:
        super().__init__(style, node)
        self.marked = False
        self.cells: list[CellBox] = []
        self.group = group


class GroupBox(Box):
    """A row group. `kind` is its display: table-row-group, table-header-group or table-footer-group. `live`: makes its
    rows anew for each page, where what they say depends on that. `bands`: those of its rows that are folded.
    """

    __slots__ = ("bands", "kind", "live", "marked", "rows")

    def __init__(self, style: Style, node: Element | None, kind: str) -> None:
        super().__init__(style, node)
        self.live: LiveGroup | None = None
        self.marked = False
        self.kind = kind
        self.rows: list[RowBox] = []
        self.bands: list[Band] | None = None


class ColumnBox(Box):
    """One column that a `col` or `colgroup` describes. `group` is the style of its colgroup, if any."""

    __slots__ = ("group",)

    def __init__(self, style: Style, node: Element | None, group: Style | None) -> None:
        super().__init__(style, node)
        self.group = group


class TableBox(Box):
    """A table with its captions: rows in visual order (header, bodies, footer). `grid` is what `table_grid` keeps
    of it.
    """

    __slots__ = ("breaks", "captions", "columns", "footer", "forced", "grid", "groups", "header", "page")

    def __init__(self, style: Style, node: Element | None) -> None:
        super().__init__(style, node)
        self.forced: bool | None = None
        self.captions: list[BlockBox] = []
        self.columns: list[ColumnBox] = []
        self.groups: list[GroupBox] = []
        self.header: GroupBox | None = None
        self.footer: GroupBox | None = None
        self.grid: Any = None
        self.page = ""
        self.breaks: tuple[str, str] | None = None

    def forces(self) -> bool:
        """As of any box, kept: nested tables ask at each level."""
        if self.forced is None:
            styles = [group.style for group in self.groups]
            styles += [row.style for group in self.groups for row in group.rows]
            self.forced = any(style.break_before in FORCED or style.break_after in FORCED for style in styles) or any(
                forces_within(row) for group in self.groups for row in group.rows
            )
        return self.forced


class ReplacedBox(Box):
    """An image. Block-level or, in `Lines`, an atom."""

    __slots__ = ("breaks", "image", "page")

    def __init__(self, style: Style, node: Element | None, image: Image) -> None:
        super().__init__(style, node)
        self.image = image
        self.page = ""
        self.breaks: tuple[str, str] | None = None


class Lines(Box):
    """A run of inline content: one inline formatting context, or a part of one between two blocks.

    `style` is the block container's. `indent`: its first line is the container's first, so `text-indent` is due.
    `simple`: the only item's pieces where it is one plain text; the way most table cells take. `special`: lines are
    arranged by `special.py`; then `bases` says which way each of their paragraphs goes: (first item, base level).
    `floats`: there are floats among the items. `opening`: the same items as the first line shows them, where that has a
    style of its own.
    """

    __slots__ = ("bases", "floats", "indent", "items", "metrics", "opening", "simple", "special")

    def __init__(
        self, style: Style, items: list[Any], metrics: TextMetrics, indent: bool, special: bool = False
    ) -> None:
        super().__init__(style, None)
        self.items = items
        self.metrics = metrics
        self.indent = indent
        self.floats = False
        self.opening: OpeningLines | None = None
        self.simple: Pieces | None = None
        self.special = special or metrics.special
        self.bases: tuple[tuple[int, int], ...] = ()
        if len(items) == 1 and items[0].kind == TEXT:
            first: TextItem = items[0]
            pieces = first.pieces
            if pieces.special:
                self.special = True
            if not self.special and pieces.metrics is metrics:
                self.simple = pieces


class OpeningLines(Lines):
    """The first line of a block container with `::first-line`, whose style is `ground`."""

    __slots__ = ("ground",)

    def __init__(
        self, style: Style, items: list[Any], metrics: TextMetrics, indent: bool, special: bool = False
    ) -> None:
        super().__init__(style, items, metrics, indent, special)
        self.ground: Style | None = None


class InlineBox:
    """An inline box (`<b>`, `<a>`): what all of its fragments share. `parent` is None directly in the block
    container.
    """

    __slots__ = ("clones", "link", "metrics", "node", "paints", "parent", "style")

    def __init__(self, style: Style, node: Element | None, parent: InlineBox | None, metrics: TextMetrics) -> None:
        self.style = style
        self.node = node
        self.parent = parent
        self.metrics = metrics
        self.link = ""
        self.paints = paints(style) or layered(style) or style.outline_width > 0
        self.clones = style.box_decoration_break == "clone"


class TextItem:
    """Text of one style. `decorations`: (style, inline box or None) of each box that draws a line along it."""

    __slots__ = ("decorations", "joins", "level", "link", "node", "parent", "pieces", "style")
    kind = TEXT

    def __init__(
        self, style: Style, node: Element | None, parent: InlineBox | None, pieces: Pieces,
        decorations: tuple[tuple[Style, InlineBox | None], ...], link: str,
    ) -> None:  # fmt: skip
        self.style = style
        self.node = node
        self.parent = parent
        self.pieces = pieces
        self.decorations = decorations
        self.link = link
        self.joins = False  # a line may end behind its last piece although that is no space
        self.level = 0  # of the bidirectional algorithm


class OpenItem:
    """An inline box begins, or goes on behind a block (`first` is False)."""

    __slots__ = ("first", "inline")
    kind = OPEN

    def __init__(self, inline: InlineBox, first: bool = True) -> None:
        self.inline = inline
        self.first = first


class CloseItem:
    """An inline box ends, or breaks off before a block (`last` is False)."""

    __slots__ = ("inline", "last")
    kind = CLOSE

    def __init__(self, inline: InlineBox, last: bool = True) -> None:
        self.inline = inline
        self.last = last


class AtomItem:
    """An inline-level box laid out as one: an image, an inline-block, an inline-table."""

    __slots__ = ("box", "level", "parent", "wrap")
    kind = ATOM

    def __init__(self, box: Box, parent: InlineBox | None, wrap: bool) -> None:
        self.box = box
        self.parent = parent
        self.wrap = wrap
        self.level = 0


class FillItem:
    """A tab, or a `leader()`: room of a width that the line decides.

    `pieces`: a space, or what a leader repeats. `tab`: the distance of tab stops in px, and -1 for a leader.
    """

    __slots__ = ("decorations", "level", "link", "node", "parent", "pieces", "style", "tab")
    kind = FILL

    def __init__(
        self, style: Style, node: Element | None, parent: InlineBox | None, pieces: Pieces,
        decorations: tuple[tuple[Style, InlineBox | None], ...], link: str, tab: float,
    ) -> None:  # fmt: skip
        self.style = style
        self.node = node
        self.parent = parent
        self.pieces = pieces
        self.decorations = decorations
        self.link = link
        self.tab = tab
        self.level = 0


class NewlineItem:
    """A forced line break: `<br>`."""

    __slots__ = ("parent",)
    kind = NEWLINE

    def __init__(self, parent: InlineBox | None) -> None:
        self.parent = parent


class OutOfFlow(Box):
    """What stands in a block container, or in a line, for a box that is out of flow there. `box` is that box, `parent`
    the inline box that it is in.
    """

    __slots__ = ("box", "breaks", "page", "parent")

    def __init__(self, box: Box, page: str, parent: InlineBox | None) -> None:
        super().__init__(box.style, box.node)
        self.box = box
        self.page = page
        self.parent = parent
        # Values of `break-before` and `break-after` are not for boxes out of flow (CSS Fragmentation 3, 3.1).
        self.breaks: tuple[str, str] | None = ("auto", "auto")


class FloatBox(OutOfFlow):
    """A float. `left`: to which side it goes; `clear`: below which others ("", left, right or both)."""

    __slots__ = ("clear", "left")
    kind = FLOAT

    def __init__(self, box: Box, page: str, parent: InlineBox | None) -> None:
        super().__init__(box, page, parent)
        self.left = box.style.float_ != "right"
        self.clear = "" if box.style.clear == "none" else box.style.clear


class AnchorBox(OutOfFlow):
    """The place in the flow of an absolutely positioned box. `inline`: it would stand in a line, were it in flow.

    `container`: the inline box that is its containing block; None where that is a block. `rtl`: the direction of its
    parent, which says from where it is placed (CSS 2.2, 10.3.7). `grid`: tells where the grid lines are that it names,
    if it is a child of a grid container.
    """

    __slots__ = ("container", "grid", "inline", "rtl")
    kind = ANCHOR

    def __init__(
        self, box: Box, page: str, parent: InlineBox | None, inline: bool, container: InlineBox | None, rtl: bool
    ) -> None:
        super().__init__(box, page, parent)
        self.inline = inline
        self.container = container
        self.rtl = rtl
        self.grid: GridLines | None = None


class Marker:
    """A list item's outside marker: words, an image, or a box with what `content` made."""

    __slots__ = ("box", "image", "metrics", "pieces", "style")

    def __init__(
        self, style: Style, metrics: TextMetrics, pieces: Pieces | None, image: Image | None,
        box: BlockBox | None = None,
    ) -> None:  # fmt: skip
        self.box = box
        self.style = style
        self.metrics = metrics
        self.pieces = pieces
        self.image = image


def layered(style: Style) -> bool:
    """Whether an inline box of this style is painted as one with what is in it."""
    kept = derived(style)
    found = kept.get("inline layer")
    if found is None:
        found = kept["inline layer"] = (
            style.position in ("relative", "sticky") or style.opacity < 1 or style.mix_blend_mode != "normal"
            or style.isolation == "isolate" or style.clip_path is not None or "text" in style.background_clip
        )  # fmt: skip
    return found  # type: ignore[return-value]


def paints(style: Style) -> bool:
    """Whether a box of this style draws a background or a border."""
    kept = derived(style)
    found = kept.get("paints")
    if found is None:
        found = kept["paints"] = (
            bool(
                style.background_color.alpha
                or any(style.background_image)
                or (style.border_top_width or style.border_right_width)
                or (style.border_bottom_width or style.border_left_width)
                or style.box_shadow
                or style.border_image_source is not None
            )
            and style.visibility == "visible"
        )
    return found  # type: ignore[return-value]


def paints_background(style: Style) -> bool:
    """Whether a background alone would be seen (rows, row groups, columns)."""
    return bool(style.background_color.alpha or any(style.background_image)) and style.visibility == "visible"


def anonymous(parent: Style, display: str) -> Style:
    """The style of an anonymous box: inherited properties of the parent, initial values for all others."""
    kept = derived(parent)
    found = kept.get(("anonymous", display))
    if found is None:
        values = {name: row.initial for name, row in BY_ATTRIBUTE.items() if not row.inherited}
        for side in ("top", "right", "bottom", "left"):
            values[f"border_{side}_width"] = 0.0
            values[f"border_{side}_color"] = parent.color
        values["outline_width"] = values["column_rule_width"] = 0.0
        values["text_decoration_color"] = parent.color
        values["display"] = display
        values["special"] = False
        values["out_of_flow"] = ""
        found = kept[("anonymous", display)] = parent.replace(**values)
    return found  # type: ignore[return-value]


def forced_break(first: str, second: str) -> str:
    """The break that two values at one place force: "", or page, left, right; the later one decides the side."""
    return FORCED.get(second) or FORCED.get(first) or ""


def forces_within(row: RowBox) -> bool:
    """Whether a break is forced in one of a row's cells."""
    for cell in row.cells:
        children = cell.children
        if children and (type(children[0]) is not Lines or len(children) > 1) and cell.forces():
            return True
    return False


def forced_between(children: list[Box]) -> bool:
    """Whether a break is forced between some of these boxes, or within one."""
    if any(child.forces() for child in children if type(child) is not Lines):
        return True
    edges = [breaks_of(child) for child in children]
    return any(edge[0] in FORCED for edge in edges[1:]) or any(edge[1] in FORCED for edge in edges[:-1])


def breaks_of(box: Box) -> tuple[str, str]:
    """`break-before` and `break-after` of a block-level box, those of its first and last child included.

    Where several boxes meet at one edge, a forced value wins over `avoid`, `avoid` over `auto` (CSS Fragmentation 3,
    3.1).
    """
    if isinstance(box, Lines):
        return "auto", "auto"
    found = box.breaks  # type: ignore[attr-defined]
    if found is None:
        before, after = box.style.break_before, box.style.break_after
        if type(box) is BlockBox:
            children = in_flow(box.children) if box.out else box.children
            if children:
                before = _stronger(before, breaks_of(children[0])[0])
                after = _stronger(breaks_of(children[-1])[1], after)
        elif isinstance(box, TableBox) and not box.captions:
            # A table begins with its first row, and ends with its last one.
            groups = [group for group in (box.header, *box.groups, box.footer) if group is not None and group.rows]
            if groups:
                first, last = groups[0], groups[-1]
                before = _stronger(before, _stronger(first.style.break_before, first.rows[0].style.break_before))
                after = _stronger(_stronger(last.style.break_after, last.rows[-1].style.break_after), after)
        found = box.breaks = (before, after)  # type: ignore[attr-defined]
    return found  # type: ignore[no-any-return]


def in_flow(children: list[Box]) -> list[Box]:
    """Those children that are in flow."""
    return [child for child in children if not isinstance(child, OutOfFlow)]


def _stronger(outer: str, inner: str) -> str:
    if inner in FORCED or outer == "auto":
        return inner
    if inner == "auto":
        return outer
    if outer in FORCED or outer in AVOIDS:
        return outer
    return inner


def avoids_inside(style: Style, column: bool) -> bool:
    """Whether a break inside a box is to be avoided: between columns (`column`), else between pages."""
    return style.break_inside != "auto" and style.break_inside in (COLUMN_AVOIDS if column else AVOIDS)


def is_monolithic(style: Style) -> bool:
    """Whether a box is kept whole where a page has room for it: it clips, and is of a given height, as cards, labels
    and tickets are (CSS Fragmentation 3, section 4.1).
    """
    return type(style.height) is float and style.overflow_y not in ("visible", "clip")


def leaves_ink(box: BlockBox) -> bool:
    """Whether an empty part of a box would be seen on white paper, apart from shadows. The backgrounds of root and body
    are the canvas's.
    """
    style, node = box.style, box.node
    if style.visibility != "visible":
        return False
    if style.border_right_width or style.border_bottom_width or style.border_left_width:
        return True
    if node is not None and node.tag in ("html", "body"):
        return False
    color = style.background_color
    return any(style.background_image) or bool(color.alpha and color != WHITE)


def edge_page(box: Box, last: bool) -> str:
    """The page name at a box's start or end: that of its first or last child, where it has one."""
    while isinstance(box, BlockBox) and box.children:
        children = in_flow(box.children) if box.out else box.children
        if not children:
            break
        child = children[-1 if last else 0]
        if isinstance(child, Lines):
            break
        box = child
    return getattr(box, "page", "")


def begins_pages(box: Box, name: str) -> bool:
    """Whether an element that asks for pages of this name begins with the box."""
    while not isinstance(box, Lines):
        if box.style.page == name:
            return True
        if not isinstance(box, BlockBox) or not box.children:
            return False
        box = box.children[0]
    return False
