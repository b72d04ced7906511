"""What layout yields and `pdf` draws: pages, paint groups, fragments.

A page is a tree of `PaintGroup`s in painting order (CSS 2.2, appendix E). A group's items are fragments with the
absolute position of their origin, or further groups. Structure (reading order, roles) follows `node.order` instead,
so painting may reorder freely. Units: CSS px, y downwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.style import Style

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import AnchorBox
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.paint.cutoff import Cut
    from spark_pdf.layout.shapes.outlines import Outline
    from spark_pdf.layout.values import Color
    from spark_pdf.text.words import Word


class BoxFragment:
    """The part of a box that stands on one page: what its background and borders are painted from.

    `x`, `y`: border-box origin relative to the parent fragment. `children` are placed relative to this origin.
    `open_top`, `open_bottom`: the box goes on from, or on, another page (CSS Fragmentation 3, `box-decoration-break:
    slice`: no border and padding on that side); `open_left`, `open_right` the same for an inline box that goes on on
    another line. `node` is None for anonymous boxes. `borders` is False where the style's borders are not this box's to
    paint: table rows, row groups and columns, and everything in a table of collapsed borders, whose borders come as
    `EdgeFragment`s. Never paint `children` when a box is `Placed`: what they paint is placed on its own.

    Layout alone reads `margin_after` (largest positive and least negative of the margins that collapse below the
    box), `baseline` and `last_baseline` (of its first and last line, from its top, or None).
    """

    __slots__ = (
        "baseline",
        "borders",
        "children",
        "height",
        "last_baseline",
        "link",
        "margin_after",
        "node",
        "open_bottom",
        "open_left",
        "open_right",
        "open_top",
        "style",
        "width",
        "x",
        "y",
    )

    def __init__(self, style: Style, node: Element | None, x: float, y: float, width: float, height: float) -> None:
        self.style = style
        self.node = node
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.children: list[Fragment] = []
        self.open_top = False
        self.open_bottom = False
        self.open_left = False
        self.open_right = False
        self.borders = True
        self.link = ""
        self.margin_after: tuple[float, float] = (0.0, 0.0)
        self.baseline: float | None = None
        self.last_baseline: float | None = None


class Decoration(NamedTuple):
    """A line under, over or through a text, that it or an ancestor asks for.

    `style` is of the box that asked: its `text_decoration_*`, `font_size` and face say what to draw. `shift` is where
    that box's baseline lies, relative to the text's (y downwards).
    """

    style: Style
    shift: float


class TextFragment:
    """Words of one style on one line. `y` is the baseline, relative to the parent fragment; `x` its left end.

    `words` holds spaces as words of their own. `space` is what justification and word-spacing add to each space,
    `letter` what letter-spacing and justification add after every glyph cluster. `decorations`: from the outermost box
    inwards.
    `role` is "" for text of the flow, or "marker" (of a list item) or "repeat" (header and footer rows repeated on
    later pages; they are artifacts to a reader). `link` is where a text leads: a URI, `#id`, or "".
    """

    __slots__ = ("decorations", "letter", "link", "node", "role", "space", "style", "width", "words", "x", "y")

    def __init__(
        self,
        style: Style,
        node: Element | None,
        x: float,
        y: float,
        width: float,
        words: tuple[Word, ...],
        space: float = 0.0,
        decorations: tuple[Decoration, ...] = (),
    ) -> None:
        self.style = style
        self.node = node
        self.x = x
        self.y = y
        self.width = width
        self.words = words
        self.space = space
        self.letter = style.letter_spacing
        self.decorations = decorations
        self.role = ""
        self.link = ""


class ImageFragment:
    """A replaced element's content box, filled with an image. `x`, `y` relative to the parent fragment."""

    __slots__ = ("height", "image", "link", "node", "style", "width", "x", "y")

    def __init__(
        self, style: Style, node: Element | None, x: float, y: float, width: float, height: float, image: Image
    ) -> None:
        self.style = style
        self.node = node
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.image = image
        self.link = ""


class FieldsetFragment(BoxFragment):
    """The first part of a `<fieldset>`: its frame begins `rise` px below its upper edge, and leaves out the rectangle
    `gap`, which is relative to the box.
    """

    __slots__ = ("gap", "rise")

    def __init__(self, style: Style, node: Element | None, x: float, y: float, width: float, height: float) -> None:
        super().__init__(style, node, x, y, width, height)
        self.rise = 0.0
        self.gap: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


class EdgeFragment:
    """A piece of a collapsed table border: a rectangle along its length, already centred on the grid line.

    `line` is a border style ("solid", "dashed", "double", ...). Horizontal when `horizontal`, else vertical.
    """

    __slots__ = ("color", "height", "horizontal", "line", "width", "x", "y")

    def __init__(
        self, color: Color, line: str, horizontal: bool, x: float, y: float, width: float, height: float
    ) -> None:
        self.color = color
        self.line = line
        self.horizontal = horizontal
        self.x = x
        self.y = y
        self.width = width
        self.height = height


class AnchorFragment:
    """Where an absolutely positioned box would stand, were it in flow. `positioned` puts the box in its place; none is
    left when a page is painted.
    """

    __slots__ = ("box", "height", "node", "style", "width", "x", "y")

    def __init__(self, box: AnchorBox, x: float, y: float) -> None:
        self.box = box
        self.style = box.style
        self.node = box.node
        self.x = x
        self.y = y
        self.width = 0.0
        self.height = 0.0


class CellsGround:
    """The background of a table's row or column, or of a group of them, where cells stand apart or span: it is seen
    behind its cells alone, each of which shows its part (CSS 2.2, 17.5.1). `parts`: x, y, width and height of the
    cells, relative to the ground's origin.
    """

    __slots__ = ("height", "node", "parts", "style", "width", "x", "y")

    def __init__(
        self, style: Style, x: float, y: float, width: float, height: float,
        parts: list[tuple[float, float, float, float]],
    ) -> None:  # fmt: skip
        self.style = style
        self.node: Element | None = None
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.parts = parts


Fragment = BoxFragment | TextFragment | ImageFragment | EdgeFragment | AnchorFragment | CellsGround


class OutlineFragment:
    """The `outline` of a box, which is painted above the box's stacking context. Its size is the border box's."""

    __slots__ = ("height", "style", "width")

    def __init__(self, style: Style, width: float, height: float) -> None:
        self.style = style
        self.width = width
        self.height = height


class GroundFragment:
    """A background that covers more than its box: the canvas's or the page's. Painted without borders.

    `origin`: x, y, width and height of the background positioning area, relative to the fragment's own origin.
    """

    __slots__ = ("height", "origin", "style", "width")

    def __init__(self, style: Style, width: float, height: float, origin: tuple[float, float, float, float]) -> None:
        self.style = style
        self.width = width
        self.height = height
        self.origin = origin


Painted = Fragment | OutlineFragment | GroundFragment
"""What a paint group may hold: fragments of the tree, and what painting adds to them."""


class Placed:
    """A fragment and the absolute position of its origin on the page. A box placed here paints itself only."""

    __slots__ = ("fragment", "x", "y")

    def __init__(self, fragment: Painted, x: float, y: float) -> None:
        self.fragment = fragment
        self.x = x
        self.y = y


@dataclass(slots=True)
class PaintGroup:
    """Fragments that are painted together: under one opacity, transform, clip, blend mode or layer.

    The transform comes first: clips and items are in its coordinates. `isolated`: what is in it blends with nothing
    below the group (Compositing 1, 3.3).
    """

    items: list[Placed | PaintGroup] = field(default_factory=list)
    opacity: float = 1.0
    transform: tuple[float, float, float, float, float, float] | None = None
    clip: tuple[float, float, float, float] | None = None  # x, y, width, height on the page
    outline: Outline | None = None  # a clip that is no rectangle
    blend: str = "normal"
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A rectangle (x, y, width, height) that leads to a URI, or to `#id` within the document."""

    target: str
    x: float
    y: float
    width: float
    height: float


class Bookmark(NamedTuple):
    """An entry of the document's outline: its level from 1, and the place that it leads to."""

    level: int
    label: str
    opened: bool
    x: float
    y: float


@dataclass(slots=True)
class Page:
    """One page: its size, what is painted, where its links and named places are.

    `margins(total)` lays out the margin boxes once the number of pages is known, so that `counter(pages)` needs no
    second layout of the flow and pages can be drawn and dropped as they come. It fills `margin_links`, which are links
    in margin boxes.
    """

    number: int
    width: float
    height: float
    body: PaintGroup
    margins: Callable[[int], PaintGroup]
    links: list[Link] = field(default_factory=list)
    anchors: dict[str, tuple[float, float]] = field(default_factory=dict)
    area: tuple[float, float, float, float] | None = None
    """x, y, width, height of the page area, within margins: what fixed backgrounds are placed in."""
    bookmarks: list[Bookmark] = field(default_factory=list)
    margin_links: list[Link] = field(default_factory=list)
    bleed: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """How far the sheet reaches beyond the page: top, right, bottom, left."""
    cut: tuple[Cut, ...] = ()
    """What reaches over the page's edge, so that it is lost."""
