"""From a page's fragments to what is painted, in order (CSS 2.2, appendix E), with its links and anchors.

In: the root fragment of a page and where it stands. Out: a `PaintGroup`; links and anchors are added to those of the
page. Only what paints something is placed.

A stacking context paints: its own box, contexts below zero, backgrounds of blocks in tree order, floats, inline
content, positioned boxes and contexts at zero in tree order, contexts above zero, outlines. Floats, inline blocks and
positioned boxes without a z-index are painted as if they were contexts, but what stacks in them belongs to the
context around them: `_Layer` is what is painted together, `_Stack` what stacks.

Clips of overflow do not make contexts. What a box clips is wrapped layer by layer; what stacks in it is wrapped where
it is painted, unless it is positioned by a box outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import (
    BoxFragment,
    CellsGround,
    EdgeFragment,
    FieldsetFragment,
    Fragment,
    ImageFragment,
    Link,
    OutlineFragment,
    PaintGroup,
    Placed,
    TextFragment,
)  # fmt: skip
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.marks import Noted
from spark_pdf.layout.paint.cutoff import BLEED, SLACK, Cuts
from spark_pdf.layout.paint.fieldsets import frame_with_gap
from spark_pdf.layout.paint.stacking import Look, corners_of, look_of
from spark_pdf.layout.shapes.outlines import Matrix, Outline, Rect, applied, bounds, inner_radii, multiply, rounded_path

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.marks import Marks
    from spark_pdf.layout.style import Style

Items = list[Placed | PaintGroup]

_FAR = 20000.0


class Clip:
    """A rectangle, or an outline, that the overflow of a box is cut at."""

    __slots__ = ("outline", "rect")

    def __init__(self, rect: Rect, outline: Outline | None) -> None:
        self.rect = rect
        self.outline = outline

    def around(self, items: Items) -> Items:
        """The items within the clip."""
        if not items:
            return items
        if self.outline is not None:
            return [PaintGroup(items, outline=self.outline)]
        return [PaintGroup(items, clip=self.rect)]


Clips = tuple[Clip, ...]


class Painter:
    """Collects what one page paints, its links and its anchors; and of `marks` those that stand on page `number`.

    `canvas`: whose background covers the page already. `width`: of the page, whose edge cuts what reaches over it.
    """

    __slots__ = ("anchors", "canvas", "cuts", "links", "marks", "matrix", "noted", "number", "right")

    def __init__(
        self, canvas: Element | None = None, marks: Marks | None = None, number: int = 0, width: float = _FAR
    ) -> None:
        self.right = width + SLACK
        self.cuts = Cuts()
        self.marks: Marks = {} if marks is None else marks
        self.number = number
        self.noted: list[Noted] = []
        self.links: list[Link] = []
        self.anchors: dict[str, tuple[float, float]] = {}
        self.canvas = canvas
        self.matrix: Matrix | None = None
        """What the transforms around the place come to."""

    def page(self, fragments: list[tuple[Fragment, float, float]]) -> PaintGroup:
        """The root stacking context."""
        stack = _Stack()
        layer = _Layer(self, stack, (), ())
        for fragment, x, y in fragments:
            layer.walk(fragment, x, y)
        return PaintGroup(stack.around(layer.items()))

    def link(self, target: str, x: float, y: float, width: float, height: float) -> None:
        """A rectangle that leads somewhere; it joins the one before it on the same line."""
        if not target or width <= 0 or height <= 0:
            return
        if self.matrix is not None:
            x, y, width, height = bounds(self.matrix, (x, y, width, height))
        if self.links:
            last = self.links[-1]
            same_line = last.height == height and abs(last.y - y) < 0.01
            if last.target == target and same_line and last.x - 0.01 <= x <= last.x + last.width + 0.5:
                right = max(last.x + last.width, x + width)
                self.links[-1] = Link(target, last.x, last.y, right - last.x, height)
                return
        self.links.append(Link(target, x, y, width, height))

    def meet(self, node: Element, x: float, y: float, height: float) -> None:
        """An element begins or goes on here: it may be a place that links lead to, and bear marks, which only its first
        part does.
        """
        if self.matrix is not None:
            x, y = applied(self.matrix, x, y)
        if node.id:
            self.anchors.setdefault(node.id, (x, y))
        if node in self.marks:
            for mark in self.marks[node]:
                if not mark.page:
                    mark.page = self.number
                    self.noted.append(Noted(mark, x, y, height))
                    if mark.anchor:
                        self.anchors.setdefault(mark.anchor, (x, y))


class _Entry:
    """What stacks: at which z-index, and what it paints."""

    __slots__ = ("items", "z")

    def __init__(self, z: int) -> None:
        self.z = z
        self.items: Items = []


class _Stack:
    """The boxes that stack in one stacking context, in tree order."""

    __slots__ = ("blends", "entries")

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.blends = False

    def add(self, z: int) -> _Entry:
        """A place in tree order, which is filled when what is in the box is known."""
        entry = _Entry(z)
        self.entries.append(entry)
        return entry

    def around(self, items: Items) -> Items:
        """What stacks below, the items, what stacks above."""
        entries = self.entries
        if not entries:
            return items
        entries.sort(key=_z_index)  # stable: equal ones stay in tree order
        below: Items = []
        above: Items = []
        for entry in entries:
            (below if entry.z < 0 else above).extend(entry.items)
        return [*below, *items, *above]


def _z_index(entry: _Entry) -> int:
    return entry.z


class _Layer:
    """What is painted as one: the root, a stacking context, a float, an inline block, a positioned box.

    `clips`: those between the stacking context and what is in flow here; `outer`: those that hold for what is
    positioned absolutely too.
    """

    __slots__ = ("blocks", "clips", "floats", "inline", "outer", "outlines", "painter", "stack")

    def __init__(self, painter: Painter, stack: _Stack, clips: Clips, outer: Clips) -> None:
        self.painter = painter
        self.stack = stack
        self.clips = clips
        self.outer = outer
        self.blocks: Items = []
        self.floats: Items = []
        self.inline: Items = []
        self.outlines: Items = []

    def items(self) -> Items:
        """All of it, in painting order."""
        if self.floats or self.outlines:
            return [*self.blocks, *self.floats, *self.inline, *self.outlines]
        return self.blocks + self.inline

    def walk(self, fragment: Fragment, x: float, y: float, item: bool = False) -> None:
        """Place a fragment whose parent's origin is at (x, y). `item`: of a flex or grid container."""
        kind = type(fragment)
        x += fragment.x
        y += fragment.y
        if kind is TextFragment:
            self.inline.append(Placed(fragment, x, y))
            if x + fragment.width > self.painter.right:
                self.painter.cuts.right(fragment)  # type: ignore[arg-type]
            if fragment.link:  # type: ignore[union-attr]
                self._text_link(fragment, x, y)  # type: ignore[arg-type]
        elif kind is BoxFragment:
            self._box(fragment, x, y, item)  # type: ignore[arg-type]
        elif kind is ImageFragment:
            assert isinstance(fragment, ImageFragment)
            if fragment.style.visibility == "visible":
                self.inline.append(Placed(fragment, x, y))
            if x + fragment.width > self.painter.right + BLEED:
                self.painter.cuts.right(fragment)
            if fragment.link:
                self.painter.link(fragment.link, x, y, fragment.width, fragment.height)
            elif fragment.image.vector is not None and fragment.width > 0 and fragment.height > 0:
                for link in fragment.image.vector.drawing(fragment.width, fragment.height).links:
                    self.painter.link(link.target, x + link.x, y + link.y, link.width, link.height)
        elif kind is EdgeFragment or kind is CellsGround:
            self.blocks.append(Placed(fragment, x, y))
        elif kind is FieldsetFragment:
            self._box(fragment, x, y, item)  # type: ignore[arg-type]

    def _text_link(self, fragment: TextFragment, x: float, y: float) -> None:
        metrics = derived(fragment.style)["text"]
        top, bottom = metrics.ascent, metrics.descent  # type: ignore[attr-defined]
        self.painter.link(fragment.link, x, y - top, fragment.width, top + bottom)

    def _box(self, box: BoxFragment, x: float, y: float, item: bool) -> None:
        style = box.style
        kept = style.derived
        look: Look | None = kept.get("look") if kept is not None else None
        if look is None:
            look = look_of(style)
        if look.whole is not None and (_only_image(box) if look.inline else box.children):
            look = look.whole
        if not look.plain or item:
            self._apart(box, x, y, look, item)
            return
        node = box.node
        if node is not None and (node.id or node in self.painter.marks):
            self.painter.meet(node, x, y, box.height)
        if look.paints if box.borders else look.ground:
            (self.inline if look.inline else self.blocks).append(self._placed(box, x, y))
        if box.link:
            self.painter.link(box.link, x, y, box.width, box.height)
        if look.holds_items:
            for child in box.children:
                self.walk(child, x, y, True)
        else:
            for child in box.children:
                self.walk(child, x, y)

    def _placed(self, box: BoxFragment, x: float, y: float) -> Placed | PaintGroup:
        if box.node is not None and box.node is self.painter.canvas:
            box = _without_background(box)
        return Placed(box, x, y) if type(box) is BoxFragment else frame_with_gap(box, x, y)

    def _apart(self, box: BoxFragment, x: float, y: float, look: Look, item: bool) -> None:
        """A box that is painted as one, that stacks, or that clips."""
        painter = self.painter
        outside: Matrix | None = painter.matrix
        matrix = look.matrix(box, x, y)
        if matrix is not None:
            painter.cuts.hidden += 1
            painter.matrix = matrix if outside is None else multiply(matrix, outside)
        if box.node is not None and (box.node.id or box.node in painter.marks):
            painter.meet(box.node, x, y, box.height)
        if box.link:
            painter.link(box.link, x, y, box.width, box.height)
        if look.stacks or look.positioned or (item and look.z is not None):
            self._stacked(box, x, y, look, matrix)
        elif look.floats or look.atomic or item:
            layer = _Layer(painter, self.stack, self.clips, self.outer)
            own = layer.fill(box, x, y, look)
            (self.floats if look.floats and not item else self.inline).extend(own + layer.items())
        else:
            layer = _Layer(painter, self.stack, self.clips, self.outer)
            (self.inline if look.inline else self.blocks).extend(layer.fill(box, x, y, look))
            self.blocks += layer.blocks
            self.floats += layer.floats
            self.inline += layer.inline
            self.outlines += layer.outlines
        painter.matrix = outside
        if matrix is not None:
            painter.cuts.hidden -= 1

    def _stacked(self, box: BoxFragment, x: float, y: float, look: Look, matrix: Matrix | None) -> None:
        """A stacking context, or a positioned box that is painted like one."""
        position = box.style.position
        wrap = self.clips if position not in ("absolute", "fixed") else self.outer if position == "absolute" else ()
        entry = self.stack.add(look.z or 0)
        if look.stacks or look.z is not None:
            stack = _Stack()
            layer = _Layer(self.painter, stack, (), ())
            own = layer.fill(box, x, y, look, whole=stack)
            items = own + layer.items()
            if items and look.grouped:
                self.stack.blends = self.stack.blends or look.blend != "normal"
                clip = look.outline(box, x, y)
                items = [
                    PaintGroup(
                        items, look.opacity, matrix, outline=clip, blend=look.blend,
                        isolated=look.isolated or stack.blends,
                    )
                ]  # fmt: skip
            elif items and stack.blends:
                items = [PaintGroup(items, isolated=True)]
        else:
            layer = _Layer(self.painter, self.stack, wrap, wrap)
            own = layer.fill(box, x, y, look)
            items = own + layer.items()
        for clip_around in reversed(wrap):
            items = clip_around.around(items)
        entry.items = items

    def fill(self, box: BoxFragment, x: float, y: float, look: Look, whole: _Stack | None = None) -> Items:
        """Take in a box's children, cut where it clips; returns what the box itself paints.

        `whole`: the stacking context that the box makes; what stacks in it is cut with everything else.
        """
        own: Items = []
        if look.paints if box.borders else look.ground:
            own.append(self._placed(box, x, y))
        clip = self._clip(box, x, y) if look.clips else None
        if clip is not None:
            self.painter.cuts.hidden += 1
        if clip is not None and whole is None:
            self.clips = (*self.clips, clip)
            if look.positioned:
                self.outer = (*self.outer, clip)
        for child in box.children:
            self.walk(child, x, y, look.holds_items)
        if clip is not None:
            self.painter.cuts.hidden -= 1
        if whole is not None:
            self.inline = whole.around(self.items())
            self.blocks, self.floats, self.outlines = [], [], []
        if clip is not None:
            self.blocks, self.floats = clip.around(self.blocks), clip.around(self.floats)
            self.inline, self.outlines = clip.around(self.inline), clip.around(self.outlines)
        if look.outlined:
            self.outlines.append(Placed(OutlineFragment(box.style, box.width, box.height), x, y))
        return own

    def _clip(self, box: BoxFragment, x: float, y: float) -> Clip | None:
        """The padding box, in those axes that clip (CSS Overflow 3, 3). Not of the root's, nor of an image's box,
        which the image fills.
        """
        if _only_image(box):
            return None
        node = box.node
        if node is not None and (node.parent is None or (node.tag == "body" and node.parent.parent is None)):
            return None  # 3.3: it is the viewport that clips
        style = box.style
        by = _border_widths(box)
        left, top = x + by[3], y + by[0]
        width, height = max(box.width - by[1] - by[3], 0.0), max(box.height - by[0] - by[2], 0.0)
        if style.overflow_x == "visible":
            return Clip((left - _FAR, top, width + 2 * _FAR, height), None)
        if style.overflow_y == "visible":
            return Clip((left, top - _FAR, width, height + 2 * _FAR), None)
        radii = corners_of(box)
        if radii is None:
            return Clip((left, top, width, height), None)
        rect = (left, top, width, height)
        return Clip(rect, Outline(rounded_path(rect, inner_radii(radii, by))))


def _only_image(box: BoxFragment) -> bool:
    return len(box.children) == 1 and type(box.children[0]) is ImageFragment


def _border_widths(box: BoxFragment) -> tuple[float, float, float, float]:
    style = box.style
    if not box.borders:
        return 0.0, 0.0, 0.0, 0.0
    return (
        0.0 if box.open_top else style.border_top_width, 0.0 if box.open_right else style.border_right_width,
        0.0 if box.open_bottom else style.border_bottom_width, 0.0 if box.open_left else style.border_left_width,
    )  # fmt: skip


def bordered_only(style: Style) -> Style:
    """The style without what is behind the box: its background is painted elsewhere."""
    kept = derived(style)
    found = kept.get("no background")
    if found is None:
        color = style.background_color._replace(alpha=0.0)
        found = kept["no background"] = style.replace(background_color=color, background_image=(None,))
    return found  # type: ignore[return-value]


def _without_background(box: BoxFragment) -> BoxFragment:
    bare = BoxFragment(bordered_only(box.style), box.node, box.x, box.y, box.width, box.height)
    bare.open_top, bare.open_bottom = box.open_top, box.open_bottom
    bare.open_left, bare.open_right = box.open_left, box.open_right
    bare.borders = box.borders
    return bare
