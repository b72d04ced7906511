"""Block layout: boxes one below the other, margins collapsing, over as many pages as it takes.

In: a `BlockBox`, a `Space`, a `BreakToken` to go on from. Out: its fragment, and a token where the page ended first.
CSS 2.2, chapters 8.3.1, 9.4.1 and 10.6; CSS Fragmentation 3, chapters 3 to 5.

Margins: a box's top margin joins those of its first children as far as nothing stands between; `top_strut` finds that
ahead, so a box is placed once, at its final y. What is below comes back as `margin_after` of the fragment. At the top
of a page margins vanish, except behind a forced break (Fragmentation 3, 5.2).

Breaks: a child that does not fit is broken inside, or before. Where a break before it is to be avoided, an earlier one
is looked for: between its older siblings, or inside them, by laying them out again in less height (each at most once).
"""

from __future__ import annotations

from spark_pdf.layout.block.keeping import recalled, remember
from spark_pdf.layout.block.markers import place_marker
from spark_pdf.layout.boxes import (
    AVOIDS,
    COLUMN_AVOIDS,
    FORCED,
    AnchorBox,
    BlockBox,
    Box,
    CellBox,
    FloatBox,
    Lines,
    OutOfFlow,
    avoids_inside,
    begins_pages,
    breaks_of,
    edge_page,
    is_monolithic,
    leaves_ink,
)
from spark_pdf.layout.formatting import (
    BEFORE,
    EPSILON,
    FILLING,
    INFINITE,
    BreakToken,
    Laid,
    PageTurn,
    Space,
    content_sizes,
    layout,
)
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import (
    NO_MARGIN,
    Edges,
    Strut,
    clamped_height,
    edges_of,
    height_limits,
    horizontal,
    join,
    joined,
    resolve,
    specified_height,
)
from spark_pdf.layout.inline.fixed import fix_sizes
from spark_pdf.layout.inline.inline import layout_lines
from spark_pdf.layout.inline.linestack import relative_offset
from spark_pdf.layout.sizing.keywords import block_width, ratio_height, ratio_of, special_sizes
from spark_pdf.layout.values import Percentage


def top_strut(box: Box, width: float) -> tuple[Strut, bool]:
    """The margins that adjoin a box's top edge, and whether all of the box collapses through. `width`: its
    container's.
    """
    if not isinstance(box, BlockBox):
        return join(NO_MARGIN, edges_of(box.style, width).margin_top), False
    found = box.strut
    if found is not None and found[0] == width:
        return found[1]
    edges = box.edges or edges_of(box.style, width)
    strut, through = join(NO_MARGIN, edges.margin_top), False
    if not box.root and not edges.top:
        inner, through = _inner_strut(box, edges, width)
        strut = joined(strut, inner)
        if through:
            strut = join(strut, edges.margin_bottom)
    box.strut = (width, (strut, through))
    return strut, through


def _inner_strut(box: BlockBox, edges: Edges, width: float) -> tuple[Strut, bool]:
    """Margins of the first children, as far as they adjoin their parent's top; and whether nothing stands in their
    way.
    """
    strut = NO_MARGIN
    if box.children:
        inner_width = horizontal(box.style, edges, width)[1] - edges.sides
        for child in box.children:
            if isinstance(child, Lines):
                return strut, False
            if isinstance(child, OutOfFlow):
                continue
            margins, through = top_strut(child, inner_width)
            strut = joined(strut, margins)
            if not through:
                return strut, False
    style = box.style
    height = style.height
    flat = type(height) is str or height == 0 or type(height) is Percentage
    if edges.special and ratio_of(style)[0]:
        flat = False
    return strut, flat and not edges.bottom and (style.min_height in ("auto", 0.0)) and box.marker is None


class PlacedChild:
    """A child that was placed: what is needed to take it back, or to lay it out again in less height."""

    __slots__ = ("at_start", "count", "fragment", "index", "inner", "strut", "y")

    def __init__(
        self, index: int, fragment: BoxFragment | None, y: float, at_start: bool, inner: object, count: int
    ) -> None:
        self.index = index
        self.fragment = fragment
        self.y = y
        self.at_start = at_start
        self.inner = inner
        self.count = count  # of the parent's fragments before this child


class Block:
    """The work on one block container on one page."""

    __slots__ = (
        "absorbing", "box", "content", "edges", "foot", "fragment", "height", "last", "least", "limit", "percent",
        "placed", "resume", "space", "strut", "style", "token", "top", "width", "y",
    )  # fmt: skip

    def __init__(self, box: BlockBox, space: Space, resume: BreakToken | None) -> None:
        self.box = box
        self.space = space
        self.resume = resume
        self.style = style = box.style
        self.edges = edges = box.edges or edges_of(style, space.width)
        if space.size is not None:
            x, width = 0.0, space.size
        elif edges.special:
            x, width = block_width(box, edges, space.width, space.percent_height)
        else:
            x, width = horizontal(style, edges, space.width)
        self.fragment = fragment = BoxFragment(style, box.node, x, 0.0, width, 0.0)
        fragment.link = box.link
        fragment.open_top = resume is not None
        fragment.borders = box.edges is None
        self.width = width
        self.content = max(width - edges.sides, 0.0)
        self.limit = space.height
        height = space.extent
        if height is None:
            height = specified_height(style, edges, space.percent_height)
            if height is not None:
                height = clamped_height(style, height, edges, space.percent_height)
        elif height < 0:
            height = None
        self.percent = None if height is None else max(height - edges.top - edges.bottom, 0.0)
        # A cell's height is a minimum, which its row deals with (CSS 2.2, 17.5.3).
        self.height = height if type(box) is not CellBox else None
        self.top = 0.0 if resume is not None else edges.top
        self.y = self.top
        self.foot = self.least = 0.0
        if edges.special:
            self._special()
        self.strut = NO_MARGIN
        # Its children's margins are part of its own as long as nothing but margins has come by.
        self.absorbing = resume is None and not box.root and not edges.top
        self.token: BreakToken | None = None
        self.placed: list[PlacedChild] = []
        self.last = len(box.children) - 1

    def _special(self) -> None:
        """A height by ratio; edges of their own for each fragment (CSS Fragmentation 3, 5.4: `clone`)."""
        edges, style = self.edges, self.style
        height = ratio_height(style, edges, self.width) if self.height is None else None
        if height is not None and self.space.extent is None:
            height = clamped_height(style, height, edges, self.space.percent_height)
            self.percent = max(height - edges.top - edges.bottom, 0.0)
            if style.overflow_y == "visible":
                self.least = height  # content may make it higher (CSS Sizing 4, 5.2)
            else:
                self.height = height
        if style.box_decoration_break == "clone" and self.box.edges is None:
            self.fragment.open_top = False
            self.y = self.top = edges.top
            self.foot = edges.bottom
            self.limit -= edges.bottom

    def lay_out(self) -> Laid:
        """As much of the container as fits, and where the rest begins."""
        space, box = self.space, self.box
        if not space.at_start and self.limit != INFINITE and self._too_tall_ahead():
            return None, BEFORE
        if not self._children():
            return None, BEFORE
        fragment = self.fragment
        if box.marker is not None and self.resume is None:
            if not box.children:
                self.y += box.marker.metrics.line
            place_marker(box, fragment, self.top)
        if self.token is not None and not space.at_start and avoids_inside(self.style, space.column):
            return None, BEFORE
        return self._finish()

    def _too_tall_ahead(self) -> bool:
        """Whether even the top edge, or a given height that may not break, is too much for what is left of the page."""
        if self.edges.top and self.edges.top > self.limit + EPSILON:
            return True
        if self.height is None or self.resume is not None:
            return False
        whole = not self.box.children or avoids_inside(self.style, self.space.column) or is_monolithic(self.style)
        return whole and self.height + self.space.tail > self.limit + EPSILON

    def _children(self) -> bool:
        """Place children until the page ends. False: the break belongs before this box."""
        children = self.box.children
        resume = self.resume
        index = start = resume.index if resume is not None else 0
        inner = resume.inner if resume is not None else None
        breaking = self.limit != INFINITE
        while index < len(children):
            child = children[index]
            if breaking and index > start:
                forced = self._forced(children, index)
                if forced is not None:
                    self.token = BreakToken(index, None, forced[0], page=forced[1])
                    return True
            place = self._lines if isinstance(child, Lines) else self._child
            if not place(child, index, inner):  # type: ignore[arg-type]
                return self._break_before(index)
            if self.token is not None:
                return True
            inner = None
            index += 1
        return True

    def _forced(self, children: list[Box], index: int) -> tuple[str, PageTurn | None] | None:
        """The forced break before a child: the side that it asks for, and the pages behind it."""
        before, after = children[index - 1], children[index]
        first, second = breaks_of(before)[1], breaks_of(after)[0]
        old, new = edge_page(before, True), edge_page(after, False)
        if isinstance(before, Lines):
            old = self.box.page
        if isinstance(after, Lines):
            new = self.box.page
        if first in FORCED or second in FORCED:
            turn = PageTurn(new, self.box.page, begins_pages(after, new))
            return FORCED.get(second) or FORCED.get(first) or "page", turn
        if self.space.column and "column" in (first, second):
            return "column", None
        return ("page", PageTurn(new, self.box.page, begins_pages(after, new))) if old != new else None

    def _tail(self, index: int) -> float:
        return self.space.tail + self.edges.bottom - self.foot if index == self.last and self.height is None else 0.0

    def _fresh(self) -> bool:
        """Whether nothing stands on the page above what comes next."""
        return self.space.at_start and not self.placed

    def _lines(self, lines: Lines, index: int, inner: object) -> bool:
        y = self.y + self.strut[0] + self.strut[1]
        edges = self.edges
        fragment = self.fragment
        fresh = self._fresh()
        count = len(fragment.children)
        done = layout_lines(
            lines, fragment.children, edges.left, y, self.content, self.limit, self._tail(index), fresh,
            inner, self.percent,  # type: ignore[arg-type]
        )  # fmt: skip
        if done is None:
            return False
        self._note_baselines(done.baseline, done.last_baseline, 0.0)
        self.placed.append(PlacedChild(index, None, y, fresh, inner, count))
        self.y = done.bottom
        self.strut = NO_MARGIN
        self.absorbing = False
        if done.token is not None:
            self.token = BreakToken(index, done.token)
        return True

    def _note_baselines(self, first: float | None, last: float | None, y: float) -> None:
        fragment = self.fragment
        if first is not None and fragment.baseline is None:
            fragment.baseline = y + first
        if last is not None:
            fragment.last_baseline = y + last

    def _child(self, child: Box, index: int, inner: object) -> bool:
        strut, through = top_strut(child, self.content)
        fresh = self._fresh()
        if inner is not None or self.absorbing:
            y = self.y
        elif self.resume is not None and fresh and truncates(child, self.resume.forced):
            y = self.y  # CSS Fragmentation 3, 5.2: margins behind an unforced break are truncated
        else:
            both = joined(self.strut, strut)
            y = self.y + both[0] + both[1]
        laid = self._lay_child(child, index, inner, y, fresh, self.limit - y)
        if laid is None:
            return False
        fragment, token = laid
        count = len(self.fragment.children)
        self.fragment.children.append(fragment)
        if token is not None:
            self.token = BreakToken(index, token, token.forced, page=token.page)
        if through and token is None and inner is None and not fragment.height:
            if not self.absorbing:
                self.strut = joined(self.strut, strut)
            return True
        self.placed.append(PlacedChild(index, fragment, y, fresh, inner, count))
        self._note_baselines(fragment.baseline, fragment.last_baseline, fragment.y)
        self.y = y + fragment.height
        self.strut = fragment.margin_after
        self.absorbing = False
        return True

    def _lay_child(
        self, child: Box, index: int, inner: object, y: float, fresh: bool, height: float
    ) -> tuple[BoxFragment, BreakToken | None] | None:
        space = Space(self.content, height, fresh, self._tail(index), self.percent, column=self.space.column)
        if type(child) in FILLING:
            space = self._told(space)
        memory = child.memory if inner is None else None
        fragment, token = None if memory is None else recalled(memory, space), None
        if fragment is None:
            fragment, token = layout(child, space, inner)  # type: ignore[arg-type]
            if fragment is None:
                return None
            if memory is not None and token is None:
                remember(memory, space, fragment)
        fragment.x += self.edges.left
        fragment.y += y
        if child.style.position == "relative":
            dx, dy = relative_offset(child.style, self.content, self.percent)
            fragment.x += dx
            fragment.y += dy
        return fragment, token

    def _told(self, space: Space) -> Space:
        """What fills this box is told how high it may be."""
        if self.height is not None or self.space.extent is not None:
            return space
        least, most = height_limits(self.style, self.edges, self.space.percent_height)
        return space._replace(least=least, most=most)

    def _break_before(self, index: int) -> bool:
        """Child `index` does not fit: break before it, or at the latest earlier place where a break is not to be
        avoided.
        """
        children, placed = self.box.children, self.placed
        at = index
        while placed and self._avoided(children, at):
            # Inside the child above, as late as can be; else before that child.
            if self._break_inside(placed[-1]):
                return True
            last = placed[-1]
            if len(placed) == 1:
                break
            at = last.index
            placed.pop()
            del self.fragment.children[last.count :]
        else:
            if placed:
                self._settle(at)
                return True
        if not self.space.at_start:
            return False  # before this box itself, then
        return self._break_anyway(index)

    def _break_anyway(self, index: int) -> bool:
        """Every break on this page is to be avoided, so that wish gives way (CSS Fragmentation 3, 4.4)."""
        again = self._again()
        again.last = self.last
        children = self.box.children
        start = self.resume.index if self.resume is not None else 0
        inner = self.resume.inner if self.resume is not None else None
        for at in range(start, index):
            child = children[at]
            if not (again._lines(child, at, inner) if isinstance(child, Lines) else again._child(child, at, inner)):
                break
            inner = None
        self.fragment, self.y, self.strut, self.placed = again.fragment, again.y, again.strut, again.placed
        self._settle(index)
        return True

    def _again(self) -> Block:
        return Block(self.box, self.space, self.resume)

    def _avoided(self, children: list[Box], index: int) -> bool:
        """Whether a break before a child is to be avoided."""
        return _avoided(children[index - 1], children[index], self.space.column)

    def _break_inside(self, last: PlacedChild) -> bool:
        """Lay out a placed child again, in less height than it took, so that it breaks inside."""
        child = self.box.children[last.index]
        if isinstance(child, Lines) or last.fragment is None or avoids_inside(child.style, self.space.column):
            return self._break_lines(last, child)
        height = last.fragment.height - 2 * EPSILON
        if height <= 2 * EPSILON:
            return False  # what an earlier break of this kind left: it would be broken on each page again
        laid = self._lay_child(child, last.index, last.inner, last.y, last.at_start, height)
        if laid is None or laid[1] is None or laid[0].height > height or only_height_left(child, laid[1]):
            return False
        del self.fragment.children[last.count :]
        self.fragment.children.append(laid[0])
        self.token = BreakToken(last.index, laid[1])
        self.y = last.y + laid[0].height
        self.strut = NO_MARGIN
        return True

    def _break_lines(self, last: PlacedChild, child: Box) -> bool:
        if not isinstance(child, Lines):
            return False
        out = self.fragment.children
        kept = out[last.count :]
        del out[last.count :]
        limit = self.y - 2 * EPSILON
        done = layout_lines(
            child, out, self.edges.left, last.y, self.content, limit, 0.0, last.at_start,
            last.inner, self.percent,  # type: ignore[arg-type]
        )  # fmt: skip
        if done is None or done.token is None or done.bottom > limit:
            del out[last.count :]
            out.extend(kept)
            return False
        self.token = BreakToken(last.index, done.token)
        self.y = done.bottom
        return True

    def _settle(self, index: int) -> None:
        """Break before child `index`. Its older siblings' margins are truncated with it."""
        self.token = BreakToken(index)
        last = self.placed[-1] if self.placed else None
        if last is not None and last.fragment is not None:
            self.y = last.y + last.fragment.height
        self.strut = NO_MARGIN

    def _finish(self) -> Laid:
        """The fragment's height, what margin comes behind it, and the token with what this page took of a given
        height.
        """
        fragment, edges, token = self.fragment, self.edges, self.token
        used = self.resume.consumed if self.resume is not None else 0.0
        self.limit += self.foot
        if token is not None:
            fragment.open_bottom = not self.foot
            self.y += self.foot
            if self.limit != INFINITE and token is not None:
                # CSS Fragmentation 3, 5.1: a box that goes on fills what is left of the page.
                fragment.height = max(self.y, min(self.limit, self._rest(used))) if self.height else self.y
            token.consumed = used + fragment.height
            return fragment, token
        open_end = not self.box.root and not edges.bottom and self.height is None
        if open_end:
            fragment.margin_after = join(self.strut, edges.margin_bottom)
            height = self.y
        else:
            height = self.y + (0.0 if self.absorbing else self.strut[0] + self.strut[1]) + edges.bottom
            over = 0.0
            if height > self.limit:
                over, height = height, max(self.limit, self.y + edges.bottom)
                # A margin does not reach beyond a page's end (5.2), but columns that have room are made higher.
                over = over - height if self.space.column else 0.0
            fragment.margin_after = join((over, 0.0), edges.margin_bottom)
        if self.height is not None:
            height = max(self.height - used, 0.0)
        elif (self.style.min_height != "auto" or self.style.max_height != "none") and self.space.extent is None:
            whole = clamped_height(self.style, height + used, edges, self.space.percent_height)
            height = max(whole - used, 0.0)
        if self.least:
            height = max(height, self.least - used)
        if height > self.limit + EPSILON and self.limit != INFINITE and height > self.y + edges.bottom + EPSILON:
            return self._continue_empty(height, used)
        fragment.height = height
        return fragment, None

    def _rest(self, used: float) -> float:
        return max((self.height or 0.0) - used, 0.0)

    def _continue_empty(self, height: float, used: float) -> Laid:
        """A box of a given height whose content has ended goes on, empty, on the next page. There is no page for a rest
        that nobody would see.
        """
        fragment = self.fragment
        moves = self.style.float_ != "none" and not self.space.at_start  # to where there is room for all of it
        if not moves and not self.space.column and not leaves_ink(self.box):
            fragment.height = max(self.limit - self.space.tail, self.y)
            return fragment, None
        if self.limit <= self.y or self.style.overflow_y != "visible":
            fragment.height = height
            return fragment, None
        fragment.height = self.limit
        fragment.open_bottom = True
        return fragment, BreakToken(len(self.box.children), None, consumed=used + self.limit)


def only_height_left(box: Box, token: BreakToken) -> bool:
    """Whether nothing but room is behind a break: that of a box whose height is more than its content's. Such a break
    is made where the page ends, never to keep others together: it would take nothing along.
    """
    inner: object = token
    while isinstance(box, BlockBox) and type(inner) is BreakToken:
        assert isinstance(inner, BreakToken)
        if inner.index >= len(box.children):
            return not inner.floats
        box, inner = box.children[inner.index], inner.inner
    return False


def _avoided(before: Box, after: Box, column: bool) -> bool:
    avoids = COLUMN_AVOIDS if column else AVOIDS
    return breaks_of(before)[1] in avoids or breaks_of(after)[0] in avoids


def truncates(child: Box, forced: str) -> bool:
    """Whether a margin behind a break is truncated: if that is not forced (Fragmentation 3, 5.2), or as `margin-break`
    (Fragmentation 4, 5.2) says.
    """
    margin = child.style.margin_break
    return margin == "discard" or (not forced and margin == "auto")


def block_sizes(box: BlockBox) -> tuple[float, float]:
    """Content contribution of a block: that of its widest child, or what `width` says, with edges and margins."""
    style = box.style
    edges = box.edges or edges_of(style, 0.0)
    margins = edges.margin_left + edges.margin_right
    if edges.special:
        low, high = sizes_with_floats(box.children)
        low, high = special_sizes(style, edges, low + edges.sides, high + edges.sides)
        return low + margins, high + margins
    if type(style.width) is float or type(style.width) is int:
        own = max(style.width, edges.sides) if style.box_sizing == "border-box" else style.width + edges.sides
        used = _limited(box, edges, own) + margins
        return used, used
    low, high = inner_sizes(box)
    return _limited(box, edges, low + edges.sides) + margins, _limited(box, edges, high + edges.sides) + margins


def inner_sizes(box: BlockBox) -> tuple[float, float]:
    """Min-content and max-content width of what is in a block container."""
    if type(box.style.height) is float:
        fix_sizes(box)
    if box.out:
        return sizes_with_floats(box.children)
    low = high = 0.0
    for child in box.children:
        narrow, wide = content_sizes(child)
        low = max(low, narrow)
        high = max(high, wide)
    return low, high


def sizes_with_floats(children: list[Box]) -> tuple[float, float]:
    """Content sizes of children of which some are floats: those stand side by side, up to one that is cleared."""
    low = high = beside = 0.0
    for child in children:
        if isinstance(child, AnchorBox):
            continue
        narrow, wide = content_sizes(child)
        low = max(low, narrow)
        if isinstance(child, FloatBox):
            beside = wide if child.clear else beside + wide
            high = max(high, beside)
            continue
        if child.style.clear != "none":
            beside = 0.0
        high = max(high, beside + wide)
    return low, high


def _limited(box: BlockBox, edges: Edges, width: float) -> float:
    style = box.style
    extra = 0.0 if style.box_sizing == "border-box" else edges.sides
    if type(style.max_width) is not str and type(style.max_width) is not Percentage:
        width = min(width, resolve(style.max_width, 0.0) + extra)
    if type(style.min_width) is not str and type(style.min_width) is not Percentage:
        width = max(width, resolve(style.min_width, 0.0) + extra)
    return width
