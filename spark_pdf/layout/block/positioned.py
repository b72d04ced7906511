"""Absolutely positioned boxes of one page (CSS 2.2, 9.6, 10.3.7, 10.3.8, 10.6.4 and 10.6.5; CSS Positioned Layout 3).

In: a page's fragments, all of which have their size by now, with an `AnchorFragment` wherever a positioned box would
stand in flow. Out: in place of each anchor, the box's fragment, so that painting meets it where it stands in the tree.
The containing block is the padding box of the nearest positioned (or transformed) ancestor, else the page area.

A containing block that goes on is, on each page, its part there; but what would begin below the end of a part stands
where it lands in the next ones (CSS 2.2, 10.1: as if the document were continuous).

Fixed boxes stand on every page. Absolutely positioned boxes whose content would be cut off at the sheet's end go on at
the top of the next page, unless something clips, moves or sizes them (CSS Fragmentation 3, 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.boxes import AnchorBox, Box, ReplacedBox, TableBox, anonymous
from spark_pdf.layout.formatting import EPSILON, BreakToken, Space, layout
from spark_pdf.layout.fragments import AnchorFragment, BoxFragment, FieldsetFragment, Fragment
from spark_pdf.layout.geometry import (
    Edges,
    clamped_height,
    clamped_width,
    derived,
    edges_of,
    resolve,
    specified_height,
    specified_width,
)
from spark_pdf.layout.inline.atoms import shrink_to_fit
from spark_pdf.layout.sizing.alignment import static_shift
from spark_pdf.layout.sizing.keywords import fitted_width, ratio_of
from spark_pdf.layout.sizing.replaced import used_size
from spark_pdf.layout.table.columns import column_widths

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.style import Style


CONTAINERS = ("flex", "inline-flex", "grid", "inline-grid")

Key = tuple["Element | None", "Style | None"]
"""What tells a containing block from others on all of its pages; (None, None) is the page area."""

_PAGES: Key = (None, None)


class Area(NamedTuple):
    """A containing block: a rectangle on the page. `rtl`: its direction. `key`: whose it is, if it goes on behind this
    page; `whole`: its height over all pages, where its style gives one, else 0.
    """

    x: float
    y: float
    width: float
    height: float
    rtl: bool = False
    key: Key | None = None
    whole: float = 0.0


class Waiting(NamedTuple):
    """A positioned box that begins in a later part of its containing block: `top` px below that block's beginning, of
    which `above` stand on earlier pages. `height`: what its percentages are of; `x`: its static place in it. `strip`:
    it has begun, paints only, and reaches from one end of the block to the other.
    """

    anchor: AnchorBox
    top: float
    above: float
    height: float
    x: float
    strip: bool = False


class Going(NamedTuple):
    """A positioned box that goes on on the next page: from `token`, or from its beginning. `x`, `width`: its border
    box's; `room`: the size of its containing block.
    """

    box: Box
    token: BreakToken | None
    x: float
    width: float
    room: tuple[float, float]


def contains(style: Style) -> bool:
    """Whether a box is the containing block of absolutely positioned descendants."""
    kept = derived(style)
    found = kept.get("contains")
    if found is None:
        found = kept["contains"] = style.position != "static" or transformed(style)
    return found  # type: ignore[return-value]


def transformed(style: Style) -> bool:
    """Whether a box is transformed, and so also the containing block of fixed descendants."""
    return bool(style.transform or style.translate or style.rotate or style.scale)


class Positioning:
    """Puts the positioned boxes of a document's pages in their places. `fixed`: the boxes that stand on every page."""

    def __init__(self, fixed: list[AnchorBox]) -> None:
        self.fixed = fixed
        self._seen: dict[AnchorBox, tuple[float, float]] = {}  # where the flow came by, on its page
        self._here: set[AnchorBox] = set()
        self._page = Area(0.0, 0.0, 0.0, 0.0)
        self._end = 0.0
        self.going: tuple[Going, ...] = ()
        """What goes on from the page before."""
        self.rest: list[Going] = []
        """What goes on on the next page, if this one stays as it is."""
        self.waiting: dict[Key, list[Waiting]] = {}
        """What waits, from the page before, for the part of its containing block in which it begins."""
        self.later: dict[Key, list[Waiting]] = {}
        """What still waits behind this page, if it stays as it is."""
        self.below = False
        """A positioned box reaches below the sheet's end."""

    def place(
        self, root: BoxFragment, width: float, height: float, end: float
    ) -> tuple[list[Fragment], list[Fragment]]:
        """Place all of a page whose area has this size, and below which the sheet ends at `end`. Returns the fixed
        boxes of earlier and of later pages, which are painted below and above this page's content.
        """
        self._page = Area(0.0, 0.0, width, height, root.style.direction == "rtl", _PAGES if root.open_bottom else None)
        self._end = end
        self._here.clear()
        self.below = False
        self.rest = []
        self.later = {key: list(found) for key, found in self.waiting.items()}
        before = [anchor for anchor in self.fixed if anchor in self._seen]
        page = self._page
        area, fixed = (_padding_box(root, root.x, root.y), page) if contains(root.style) else (page, page)
        key = _PAGES if area is page else (root.node, root.style)
        arrived = self.later.pop(key, None) if self.later else None
        self._walk(root, root.x, root.y, area, fixed, False)
        if not root.open_bottom and self.later:
            # There is no page behind this one: what still waits has a containing block that never went on.
            arrived = [*(arrived or ()), *(waiting for found in self.later.values() for waiting in found)]
            self.later = {}
        if arrived:
            self._land(root, root.x, root.y, area, fixed, arrived)
        after = [anchor for anchor in self.fixed if anchor not in self._seen and anchor not in self._here]
        return (
            [self._fixed(anchor) for anchor in before if anchor not in self._here],
            [*[self._go_on(going) for going in self.going], *[self._fixed(anchor) for anchor in after]],
        )

    def alone(self, width: float, height: float) -> list[Fragment]:
        """The fixed boxes of a page that the flow leaves empty, whose area has this size, and what goes on there."""
        self._page = Area(0.0, 0.0, width, height)
        self._end = height
        self.rest = []
        self.later = {key: list(found) for key, found in self.waiting.items()}
        return [*[self._go_on(going) for going in self.going], *[self._fixed(anchor) for anchor in self.fixed]]

    def _go_on(self, going: Going) -> Fragment:
        room, percent = going.room
        fragment, token = layout(
            going.box, Space(room, self._page.height, percent_height=percent, size=going.width), going.token
        )
        assert fragment is not None  # at the start of a page something is always placed
        fragment.x, fragment.y = going.x, 0.0
        if token is not None:
            self.rest.append(going._replace(token=token))
        self._inside(fragment, fragment.x, 0.0)
        return fragment

    def _fixed(self, anchor: AnchorBox) -> Fragment:
        x, y = self._seen.get(anchor, (0.0, 0.0))
        fragment = lay_out_positioned(anchor, self._page, x, y)
        self._inside(fragment, fragment.x, fragment.y)
        return fragment

    def _inside(self, fragment: BoxFragment, x: float, y: float, fixed: Area | None = None) -> None:
        """Place what is positioned within a positioned box, whose origin is at (x, y)."""
        cut = fragment.style.overflow_y != "visible"
        self._contained(fragment, x, y, fixed or self._page, cut)

    def _contained(self, fragment: BoxFragment, x: float, y: float, fixed: Area, cut: bool) -> None:
        """Place what is positioned within a containing block, or a part of one."""
        style = fragment.style
        inner = _padding_box(fragment, x, y)
        fixed = inner if transformed(style) else fixed
        arrived = self.later.pop((fragment.node, style), None) if self.later and fragment.open_top else None
        self._walk(fragment, x, y, inner, fixed, cut)
        if arrived:
            self._land(fragment, x, y, inner, fixed, arrived)

    def _walk(self, fragment: BoxFragment, x: float, y: float, area: Area, fixed: Area, cut: bool) -> None:
        """`x`, `y`: the fragment's origin on the page. `cut`: something around it clips."""
        children = fragment.children
        for index, child in enumerate(children):
            kind = type(child)
            if kind is AnchorFragment:
                children[index] = self._anchored(child, fragment, x, y, area, fixed, cut)  # type: ignore[arg-type]
            elif kind is BoxFragment or kind is FieldsetFragment:
                assert isinstance(child, BoxFragment)
                if not child.children and not (self.later and child.open_top):
                    continue
                style = child.style
                at_x, at_y = x + child.x, y + child.y
                clips = cut or style.overflow_y != "visible"
                if contains(style):
                    self._contained(child, at_x, at_y, fixed, clips)
                else:
                    self._walk(child, at_x, at_y, area, fixed, clips)

    def _anchored(
        self, anchor: AnchorFragment, parent: BoxFragment, x: float, y: float, area: Area, fixed: Area, cut: bool
    ) -> BoxFragment:
        box = anchor.box
        at_x, at_y = x + anchor.x, y + anchor.y
        if box.style.position == "fixed":
            area = fixed
            self._seen[box] = (at_x, at_y)
            self._here.add(box)
        elif box.container is not None:
            area = _inline_area(box, parent, x, y) or area
        over = _grid_area(box, parent, area, x, y) if box.grid is not None else area
        fragment = self._begun(box, area, over, at_x, at_y)
        if fragment is None:
            return _nothing(anchor.style)
        if over is not area:
            _align_within(fragment, parent, over)
        elif parent.style.display in CONTAINERS:
            _align_alone(fragment, parent, x, y)
        if fragment.y + fragment.height > self._end:
            self.below = True
            if not cut and fixed is self._page:
                fragment = self._broken(box.box, fragment, area)
        self._inside(fragment, fragment.x, fragment.y, fixed)
        fragment.x -= x
        fragment.y -= y
        return fragment

    def _begun(self, box: AnchorBox, area: Area, over: Area, x: float, y: float) -> BoxFragment | None:
        """A positioned box, if it begins on this page. `x`, `y`: its static position; `over`: what its offsets are
        from: its containing block, or an area of it.
        """
        style = box.style
        if area.key is None or over is not area or style.position == "fixed" or style.top == style.bottom == "auto":
            return lay_out_positioned(box, over, x, y)
        if area.whole and (style.top == "auto" or style.bottom == "auto"):
            over = area._replace(height=area.whole)
        fragment = lay_out_positioned(box, over, x, y)
        here = self._taken(area)
        if fragment.y < area.y + here - EPSILON:
            if _is_strip(fragment) and area.key is not _PAGES:
                fragment.height = max(area.y + area.height - fragment.y, 0.0)
                fragment.open_bottom = True
                self._wait(area.key, Waiting(box, 0.0, here, area.height, x - area.x, True))
            return fragment
        self._wait(area.key, Waiting(box, fragment.y - area.y, here, over.height, x - area.x))
        return None

    def _wait(self, key: Key, waiting: Waiting) -> None:
        self.later.setdefault(key, []).append(waiting)

    def _taken(self, area: Area) -> float:
        """How much of a containing block that goes on this page takes: what is left of the page counts, as everywhere
        before a break (CSS Fragmentation 3, 5.1).
        """
        return max(area.height, self._page.height - area.y)

    def _land(
        self, part: BoxFragment, x: float, y: float, area: Area, fixed: Area, arrived: list[Waiting]
    ) -> None:  # fmt: skip
        """Place what waits for this part of its containing block, or leave it to the next."""
        cut = part.style.overflow_y != "visible"
        taken = self._taken(area)
        landed: list[Fragment] = []
        for waiting in arrived:
            if area.key is not None and not waiting.strip and waiting.top - waiting.above >= taken - EPSILON:
                self._wait(area.key, waiting._replace(above=waiting.above + taken))
                continue
            over = area if waiting.strip else area._replace(y=area.y - waiting.above, height=waiting.height)
            fragment = lay_out_positioned(waiting.anchor, over, area.x + waiting.x, area.y)
            if waiting.strip:
                end = fragment.y + fragment.height if area.key is None else area.y + area.height
                fragment.y, fragment.height = area.y, max(end - area.y, 0.0)
                fragment.open_top, fragment.open_bottom = True, area.key is not None
                if area.key is not None:
                    self._wait(area.key, waiting)
            elif fragment.y + fragment.height > self._end:
                self.below = True
                if not cut and fixed is self._page:
                    fragment = self._broken(waiting.anchor.box, fragment, area)
            self._inside(fragment, fragment.x, fragment.y, fixed)
            fragment.x -= x
            fragment.y -= y
            landed.append(fragment)
        part.children[:0] = landed  # the document has them before all that this part holds

    def _broken(self, box: Box, whole: BoxFragment, area: Area) -> BoxFragment:
        """A positioned box that reaches beyond the sheet: what the page has room for, where it may be divided."""
        style, page = box.style, self._page
        sized = style.height != "auto" or style.bottom != "auto" or style.position == "fixed" or transformed(style)
        if sized or isinstance(box, ReplacedBox) or whole.y >= page.height or whole.y < 0:
            return whole
        room = (area.width, area.height)
        space = Space(
            area.width, page.height - whole.y, whole.y <= EPSILON, percent_height=area.height, size=whole.width
        )
        part, token = layout(box, space)
        if part is None:
            # Not even its beginning fits: all of it stands on the next page, and nothing here.
            part, token = _nothing(style), None
        elif token is None:
            return whole
        self.rest.append(Going(box, token, whole.x, whole.width, room))
        part.x, part.y = whole.x, whole.y
        return part


def _is_strip(fragment: BoxFragment) -> bool:
    """Whether a box reaches from one end of its containing block to the other, and only paints."""
    style = fragment.style
    return style.height == "auto" and style.top != "auto" and style.bottom != "auto" and not fragment.children


def _nothing(style: Style) -> BoxFragment:
    """In place of a box that begins on a later page."""
    return BoxFragment(anonymous(style, "block"), None, 0.0, 0.0, 0.0, 0.0)


def _align_alone(fragment: BoxFragment, parent: BoxFragment, x: float, y: float) -> None:
    """A child of a flex or grid container stands, where its offsets are auto, as if it were the only item."""
    around = edges_of(parent.style, parent.width)
    width, height = parent.width - around.sides, parent.height - around.top - around.bottom
    _align_within(fragment, parent, Area(x + around.left, y + around.top, width, height))


def _align_within(fragment: BoxFragment, parent: BoxFragment, room: Area) -> None:
    style = fragment.style
    own = edges_of(style, parent.width)
    free_x = room.width - fragment.width - own.margin_left - own.margin_right
    free_y = room.height - fragment.height - own.margin_top - own.margin_bottom
    dx, dy = static_shift(parent.style, style, (free_x, free_y))
    if style.left == "auto" and style.right == "auto":
        fragment.x = room.x + own.margin_left + dx
    if style.top == "auto" and style.bottom == "auto":
        fragment.y = room.y + own.margin_top + dy


def _grid_area(box: AnchorBox, parent: BoxFragment, area: Area, x: float, y: float) -> Area:
    """The area of its grid that a child of a grid container is placed in, if the container is its containing block
    (CSS Grid 1, 9.1): between the lines that it names, and the padding edges where it names none.
    """
    if not contains(parent.style) or box.style.position == "fixed":
        return area
    around = edges_of(parent.style, parent.width)
    left, top = x + around.left, y + around.top
    height = None if parent.open_bottom else parent.height - around.top - around.bottom
    assert box.grid is not None
    across, along = box.grid(box.style, parent.width - around.sides, height)
    x1 = area.x if across[0] is None else left + across[0]
    x2 = area.x + area.width if across[1] is None else left + across[1]
    y1 = area.y if along[0] is None else top + along[0]
    y2 = area.y + area.height if along[1] is None else top + along[1]
    return Area(x1, y1, max(x2 - x1, 0.0), max(y2 - y1, 0.0), area.rtl)


def _padding_box(fragment: BoxFragment, x: float, y: float) -> Area:
    style = fragment.style
    left, right = style.border_left_width, style.border_right_width
    top = 0.0 if fragment.open_top else style.border_top_width
    bottom = 0.0 if fragment.open_bottom else style.border_bottom_width
    width, height = max(fragment.width - left - right, 0.0), max(fragment.height - top - bottom, 0.0)
    if not fragment.open_bottom:
        return Area(x + left, y + top, width, height, style.direction == "rtl")
    whole = 0.0
    if type(style.height) is float and not fragment.open_top:
        edges = edges_of(style, fragment.width)
        given = specified_height(style, edges, None) or 0.0
        whole = max(given - style.border_top_width - style.border_bottom_width, height)
    return Area(x + left, y + top, width, height, style.direction == "rtl", (fragment.node, style), whole)


def _inline_area(box: AnchorBox, parent: BoxFragment, x: float, y: float) -> Area | None:
    """The containing block that an inline box makes: from the padding edges of its first to those of its last fragment
    (CSS 2.2, 10.1).
    """
    container = box.container
    assert container is not None
    first = last = None
    for child in parent.children:
        if isinstance(child, BoxFragment) and child.style is container.style and child.node is container.node:
            first = first or child
            last = child
    if first is None or last is None:
        return None
    style = container.style
    left = first.x + (0.0 if first.open_left else style.border_left_width)
    top = first.y + style.border_top_width
    right = last.x + last.width - (0.0 if last.open_right else style.border_right_width)
    bottom = last.y + last.height - style.border_bottom_width
    return Area(x + left, y + top, max(right - left, 0.0), max(bottom - top, 0.0), style.direction == "rtl")


def lay_out_positioned(anchor: AnchorBox, area: Area, x: float, y: float) -> BoxFragment:
    """A positioned box in its containing block; `x`, `y` is its static position. All on the page."""
    box = anchor.box
    style = box.style
    edges = edges_of(style, area.width)
    left, width = _across(box, style, edges, area, x - area.x, anchor.rtl)
    top, height = _along(style, edges, area.height)
    decided = height if not isinstance(box, ReplacedBox) else None
    size = None if isinstance(box, ReplacedBox) else width
    fragment, _ = layout(box, Space(area.width, percent_height=area.height, size=size, extent=decided))
    assert fragment is not None  # nothing ends the space, so all of the box fits
    fragment.x = area.x + left
    fragment.y = area.y + _top(style, edges, area.height, fragment.height, top, y - area.y)
    return fragment


def _across(box: Box, style: Style, edges: Edges, area: Area, static: float, rtl: bool) -> tuple[float, float]:
    """Left border edge, from the containing block's edge, and border-box width (CSS 2.2, 10.3.7 and 10.3.8)."""
    room = area.width
    left = None if style.left == "auto" else resolve(style.left, room)
    right = None if style.right == "auto" else resolve(style.right, room)
    margins = edges.margin_left + edges.margin_right
    if left is None and right is None:
        if rtl:
            right = room - static
        else:
            left = static
    if isinstance(box, ReplacedBox):
        width: float | None = used_size(box, room, area.height)[0] + edges.sides
    elif isinstance(box, TableBox):
        width = column_widths(box, max(room - (left or 0.0) - (right or 0.0), 0.0))[1]
    else:
        width = specified_width(style, edges, room)
    if width is None:
        if edges.special and (style.width != "auto" or ratio_of(style)[0]):
            width = fitted_width(box, edges, room - (left or 0.0) - (right or 0.0), area.height)
        elif left is not None and right is not None:
            width = clamped_width(style, max(room - left - right - margins, edges.sides), edges, room)
        else:
            free = room - (left or 0.0) - (right or 0.0)
            width = clamped_width(style, shrink_to_fit(box, free), edges, room)
    if left is not None and right is not None:
        free = room - left - right - width - margins
        if edges.auto_left and edges.auto_right and free < 0:
            return (left, width) if not area.rtl else (room - right - width, width)
        if edges.auto_left:
            return left + (free / 2 if edges.auto_right else free), width
        if area.rtl and not edges.auto_right:
            left = None  # over-constrained: the side where lines end gives way
    if left is not None:
        return left + edges.margin_left, width
    assert right is not None
    return room - right - edges.margin_right - width, width


def _along(style: Style, edges: Edges, room: float) -> tuple[float | None, float | None]:
    """The top offset, and the border-box height where it does not depend on content (CSS 2.2, 10.6.4)."""
    top = None if style.top == "auto" else resolve(style.top, room)
    bottom = None if style.bottom == "auto" else resolve(style.bottom, room)
    height = specified_height(style, edges, room)
    if height is None and top is not None and bottom is not None and style.height == "auto":
        both = edges.top + edges.bottom
        height = max(room - top - bottom - edges.margin_top - edges.margin_bottom, both)
    return top, None if height is None else clamped_height(style, height, edges, room)


def _top(style: Style, edges: Edges, room: float, height: float, top: float | None, static: float) -> float:
    """The top border edge, from the containing block's edge."""
    bottom = None if style.bottom == "auto" else resolve(style.bottom, room)
    if top is None and bottom is None:
        return static + edges.margin_top
    if top is None:
        assert bottom is not None
        return room - bottom - edges.margin_bottom - height
    if bottom is not None:
        auto_top, auto_bottom = style.margin_top == "auto", style.margin_bottom == "auto"
        free = room - top - bottom - height - edges.margin_top - edges.margin_bottom
        if auto_top:
            return top + (free / 2 if auto_bottom else free)
    return top + edges.margin_top
