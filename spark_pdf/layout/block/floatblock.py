"""Block layout where there are boxes out of flow: floats, what stands beside them, clearance (CSS 2.2, 9.5 and 10.6.7).

In and out as in `block`, which is the way of all other block containers. A box that starts a block formatting context
keeps a `FloatContext` for the page; the blocks in it get it by `Space.floats`. A float that does not fit on the page
any more, or the rest of one that broke, travels in the token of the box that started the context, and stands at the top
of the next page. Absolutely positioned boxes leave an `AnchorFragment` (see `positioned`).
"""

from __future__ import annotations

from spark_pdf.layout.block.block import Block, PlacedChild, block_sizes, top_strut, truncates
from spark_pdf.layout.block.floatlines import LinesRest, float_lines, place_float, sizes_of
from spark_pdf.layout.block.floats import FloatContext, FloatView, PendingFloat
from spark_pdf.layout.boxes import (
    FORCED,
    AnchorBox,
    BlockBox,
    Box,
    CellBox,
    FloatBox,
    Lines,
    OutOfFlow,
    ReplacedBox,
    TableBox,
    anonymous,
    breaks_of,
)  # fmt: skip
from spark_pdf.layout.formatting import (
    EPSILON,
    FILLING,
    INFINITE,
    BreakToken,
    Laid,
    PageTurn,
    Space,
    content_sizes,
    layout,
    register,
)
from spark_pdf.layout.fragments import AnchorFragment, BoxFragment
from spark_pdf.layout.geometry import (
    NO_MARGIN,
    Edges,
    Strut,
    clamped_width,
    edges_of,
    horizontal,
    join,
    joined,
    specified_width,
)
from spark_pdf.layout.inline.atoms import atom_width
from spark_pdf.layout.inline.linestack import relative_offset


def layout_container(box: BlockBox, space: Space, resume: BreakToken | None = None) -> Laid:
    """Lay out a block container: as much as fits."""
    if box.out or space.floats is not None:
        return FloatBlock(box, space, resume).lay_out()
    return Block(box, space, resume).lay_out()


class FloatBlock(Block):
    """The work on one block container on one page, beside floats. `x`, `y`: its origin in the float context."""

    __slots__ = ("begin", "context", "floated", "marks", "owner", "sealed", "x0", "y0")

    def __init__(self, box: BlockBox, space: Space, resume: BreakToken | None) -> None:
        super().__init__(box, space, resume)
        view = space.floats
        self.owner = view is None or box.root
        if view is None or box.root:
            self.context, self.x0, self.y0 = FloatContext(), 0.0, 0.0
        else:
            self.context, self.x0, self.y0 = view.context, view.x + self.fragment.x, view.y
        self.begin = self.context.mark()
        self.marks: list[tuple[int, int]] = []  # the context before each of the children placed
        self.floated = False
        self.sealed = False  # the margin below the last child has clearance above it, and stays inside
        if self.owner and resume is not None:
            # A float that goes on here stands before everything else (CSS Fragmentation 3, 5.2).
            for place, pending in enumerate(resume.floats):
                if self.context.blocked:
                    self.context.pending += resume.floats[place:]
                    break
                self._pending(pending)

    def _again(self) -> Block:
        if not self.owner:
            self.context.rewind(self.begin)
        again = FloatBlock(self.box, self.space, self.resume)
        self.context, self.marks = again.context, again.marks
        return again

    def _tail(self, index: int) -> float:
        """What must remain below a child: nothing, where one in flow follows."""
        children = self.box.children
        for later in range(index + 1, len(children)):
            if not isinstance(children[later], OutOfFlow):
                return 0.0
        return self.space.tail + self.edges.bottom - self.foot if self.height is None else 0.0

    def _forced(self, children: list[Box], index: int) -> tuple[str, PageTurn | None] | None:
        child = children[index]
        if isinstance(child, AnchorBox):
            return None
        start = self.resume.index if self.resume is not None else 0
        before = index - 1
        while before >= start and isinstance(children[before], OutOfFlow):
            before -= 1
        if before >= start:
            if isinstance(child, OutOfFlow) and breaks_of(children[before])[1] not in FORCED:
                return None  # floats go along with what is forced behind the box above them, and force nothing
            return super()._forced([children[before], child], 1)
        if start == 0 or breaks_of(child)[0] not in FORCED:
            return None
        return super()._forced([children[start], child], 1)  # only floats stand on this page above it

    def _avoided(self, children: list[Box], index: int) -> bool:
        if isinstance(children[index], OutOfFlow):
            return False
        before = index - 1
        while before >= 0 and isinstance(children[before], OutOfFlow):
            before -= 1
        return before >= 0 and super()._avoided([children[before], children[index]], 1)

    # Floats

    def _pending(self, pending: PendingFloat) -> None:
        """Place a float that an earlier page left."""
        context = self.context
        limit = self.y0 + self.limit
        laid = place_float(
            pending.box, context, self.y0 + self.y, pending.x, pending.width, limit, self.space.at_start,
            pending.percent_height,
            pending.token, self.space.column,
        )  # fmt: skip
        if laid is None:
            context.pending.append(pending)
            return
        laid.x -= self.x0
        laid.y -= self.y0
        self.fragment.children.append(laid)
        self.floated = True

    def _out(self, child: OutOfFlow) -> bool:
        """A child out of flow. False: a float does not fit, and the break belongs before it."""
        y = self.y + self.strut[0] + self.strut[1]
        if isinstance(child, AnchorBox):
            x = self.edges.left
            if self.style.display in _CONTAINERS:
                y = self.top  # as if it were the only item (Flexbox 1, 4.1; Grid 1, 9)
            if child.inline:
                x += _aligned_start(self.style.text_align, self.style.direction, self.content)
            elif child.rtl:
                x += self.content
            self.fragment.children.append(AnchorFragment(child, x, y))
            return True
        assert isinstance(child, FloatBox)
        context = self.context
        start = self.x0 + self.edges.left
        fresh = self.space.at_start and not self.placed and y <= self.top + EPSILON
        laid = place_float(
            child, context, self.y0 + y, start, self.content, self.y0 + self.limit, fresh, self.percent, None,
            self.space.column,
        )  # fmt: skip
        if laid is None:
            if not context.blocked and (self.placed or not self.space.at_start or context.bottom > self.y0):
                return False
            context.pending.append(PendingFloat(child, None, start, self.content, self.percent))
            return True
        laid.x -= self.x0
        laid.y -= self.y0
        self.fragment.children.append(laid)
        self.floated = True
        return True

    # What is in flow

    def _lines(self, lines: Lines, index: int, inner: object) -> bool:
        context = self.context
        mark = context.mark()
        y = self.y + self.strut[0] + self.strut[1]
        if not lines.floats and not isinstance(inner, LinesRest) and context.bottom <= self.y0 + y + EPSILON:
            done = super()._lines(lines, index, inner)
        else:
            done = self._lines_beside(lines, index, inner, y)
        if done:
            self._mark(mark)
            self.sealed = False
        else:
            context.rewind(mark)
        return done

    def _lines_beside(self, lines: Lines, index: int, inner: object, y: float) -> bool:
        fragment, edges = self.fragment, self.edges
        fresh = self._fresh()
        count = len(fragment.children)
        view = FloatView(self.context, self.x0, self.y0)
        done = float_lines(
            lines, fragment.children, edges.left, y, self.content, self.limit, self._tail(index), fresh,
            inner, view, self.percent, self.space.column,  # type: ignore[arg-type]
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

    def _mark(self, mark: tuple[int, int]) -> None:
        if self.placed:
            del self.marks[len(self.placed) - 1 :]
            self.marks.append(mark)

    def _child(self, child: Box, index: int, inner: object) -> bool:
        if isinstance(child, OutOfFlow):
            return self._out(child)
        mark = self.context.mark()
        strut, through = self._strut(child)
        fresh = self._fresh()
        truncated = self.resume is not None and fresh and truncates(child, self.resume.forced) and not self.floated
        if inner is not None or self.absorbing or truncated:
            y = self.y
        else:
            both = joined(self.strut, strut)
            y = self.y + both[0] + both[1]
        cleared = False
        if inner is None and child.style.clear != "none":
            bottom = self.context.cleared(child.style.clear) - self.y0
            if bottom > y + EPSILON:
                y, cleared, fresh = bottom, True, False
        if y == INFINITE:
            return False
        if isinstance(child, BlockBox) and not child.root:
            # As in `_lay_child`, but here: each level of nesting costs stack.
            view = FloatView(self.context, self.x0 + self.edges.left, self.y0 + y)
            space = Space(
                self.content, self.limit - y, fresh, self._tail(index), self.percent, column=self.space.column,
                floats=view,
            )  # fmt: skip
            found, token = layout(child, space, inner)  # type: ignore[arg-type]
            if found is None:
                self.context.rewind(mark)
                return False
            fragment = found
            self._put(child, fragment, y)
        else:
            laid = self._beside(child, index, inner, y, fresh)
            if laid is None:
                self.context.rewind(mark)
                return False
            fragment, token, y = laid
        self._took(child, index, inner, fragment, token, y, fresh, cleared, strut, through)
        if self.placed and self.placed[-1].index == index:
            self._mark(mark)
        return True

    def _took(
        self, child: Box, index: int, inner: object, fragment: BoxFragment, token: BreakToken | None, y: float,
        fresh: bool, cleared: bool, strut: Strut, through: bool,
    ) -> None:  # fmt: skip
        """Note a child that has been laid out at `y`."""
        count = len(self.fragment.children)
        self.fragment.children.append(fragment)
        if token is not None:
            self.token = BreakToken(index, token, token.forced, page=token.page)
        if through and token is None and inner is None and not fragment.height:
            if cleared:
                # Its margins collapse with each other and with those below, not with its parent's (CSS 2.2, 8.3.1).
                self.placed.append(PlacedChild(index, fragment, y, fresh, inner, count))
                self.y, self.strut = y - strut[0] - strut[1], strut
                self.absorbing, self.sealed = False, True
            elif not self.absorbing:
                self.strut = joined(self.strut, strut)
            return
        self.placed.append(PlacedChild(index, fragment, y, fresh, inner, count))
        self._note_baselines(fragment.baseline, fragment.last_baseline, fragment.y)
        self.y = y + fragment.height
        self.strut = fragment.margin_after
        self.absorbing = self.sealed = False

    def _lay_child(
        self, child: Box, index: int, inner: object, y: float, fresh: bool, height: float
    ) -> tuple[BoxFragment, BreakToken | None] | None:
        view = None
        if isinstance(child, BlockBox) and not child.root:
            view = FloatView(self.context, self.x0 + self.edges.left, self.y0 + y)
        space = Space(
            self.content, height, fresh, self._tail(index), self.percent, column=self.space.column, floats=view
        )
        return self._laid(child, self._told(space) if type(child) in FILLING else space, inner, y)

    def _laid(self, child: Box, space: Space, inner: object, y: float) -> tuple[BoxFragment, BreakToken | None] | None:
        fragment, token = layout(child, space, inner)  # type: ignore[arg-type]
        if fragment is None:
            return None
        self._put(child, fragment, y)
        return fragment, token

    def _put(self, child: Box, fragment: BoxFragment, y: float) -> None:
        fragment.x += self.edges.left
        fragment.y += y
        if child.style.position == "relative":
            dx, dy = relative_offset(child.style, self.content, self.percent)
            fragment.x += dx
            fragment.y += dy

    # Boxes that may not overlap floats

    def _beside(
        self, child: Box, index: int, inner: object, y: float, fresh: bool
    ) -> tuple[BoxFragment, BreakToken | None, float] | None:
        """Lay out a child in flow. One that starts a formatting context of its own goes beside the floats, narrower if
        it must, or below them (CSS 2.2, 9.5).
        """
        context = self.context
        if context.bottom <= self.y0 + y + EPSILON:
            laid = self._lay_child(child, index, inner, y, fresh, self.limit - y)
            return None if laid is None else (laid[0], laid[1], y)
        edges = edges_of(child.style, self.content)
        start = self.x0 + self.edges.left
        end = start + self.content
        height = 0.0
        while True:
            left, right = context.edges(self.y0 + y, height)
            low, high = max(start + edges.margin_left, left), min(end - edges.margin_right, right)
            narrowed = left > start or right < end
            if narrowed and self._needed(child, edges, high - low) > high - low + EPSILON:
                y, fresh, height = context.below(self.y0 + y) - self.y0, False, 0.0
                continue
            if not narrowed:
                laid = self._lay_child(child, index, inner, y, fresh, self.limit - y)
            else:
                laid = self._lay_between(child, index, inner, y, fresh, edges, low - start, high - low)
            if laid is None:
                return None
            reach = laid[0].height
            if reach <= height or context.edges(self.y0 + y, reach) == (left, right):
                return laid[0], laid[1], y
            height = reach

    def _needed(self, child: Box, edges: Edges, room: float) -> float:
        """The border-box width that a child needs at least."""
        if isinstance(child, ReplacedBox):
            return atom_width(child, self.content, self.percent) - edges.margin_left - edges.margin_right
        given = specified_width(child.style, edges, self.content)
        if given is not None:
            return given
        least = content_sizes(child)[0] - edges.margin_left - edges.margin_right
        return least if isinstance(child, TableBox) else clamped_width(child.style, least, edges, self.content)

    def _lay_between(
        self, child: Box, index: int, inner: object, y: float, fresh: bool, edges: Edges, x: float, room: float
    ) -> tuple[BoxFragment, BreakToken | None] | None:
        """Lay out a child between floats: `x` from the content's edge, in `room` px."""
        style = child.style
        space = Space(self.content, self.limit - y, fresh, self._tail(index), self.percent, column=self.space.column)
        given = isinstance(child, ReplacedBox) or specified_width(style, edges, self.content) is not None
        if not given and isinstance(child, TableBox):
            space = space._replace(width=room + edges.margin_left + edges.margin_right)
        elif not given:
            space = space._replace(size=clamped_width(style, room, edges, self.content))
        laid = self._laid(child, space, inner, y)
        if laid is None:
            return None
        fragment = laid[0]
        free = max(room - fragment.width, 0.0)
        if edges.auto_left:
            x += free / 2 if edges.auto_right else free
        elif self.style.direction == "rtl" and not edges.auto_right:
            x += free
        fragment.x = self.edges.left + x
        if style.position == "relative":
            fragment.x += relative_offset(style, self.content, self.percent)[0]
        return laid

    # Margins

    def _strut(self, child: Box) -> tuple[Strut, bool]:
        """`top_strut`, up to where clearance keeps margins apart."""
        found = top_strut(child, self.content)
        if isinstance(child, BlockBox) and not child.root and child.children and clears(child):
            edges = child.edges or edges_of(child.style, self.content)
            if not edges.top:
                base = joined(self.strut, join(NO_MARGIN, edges.margin_top))
                y = self.y0 + self.y
                strut, through, _, _ = self._chain(child, self.content, base, y, False)
                if not through:
                    return strut, False
        return found

    def _chain(
        self, box: BlockBox, width: float, strut: Strut, y: float, floats: bool
    ) -> tuple[Strut, bool, bool, bool]:
        """Walk the first children of a box: the margins that adjoin `strut`, whether nothing stands in their way,
        whether clearance does, whether floats came by.
        """
        edges = box.edges or edges_of(box.style, width)
        inner = horizontal(box.style, edges, width)[1] - edges.sides
        for child in box.children:
            if isinstance(child, Lines):
                return strut, False, False, floats
            if isinstance(child, OutOfFlow):
                floats = floats or isinstance(child, FloatBox)
                continue
            own = edges_of(child.style, inner).margin_top
            both = join(strut, own)
            if child.style.clear != "none" and (
                floats or self.context.cleared(child.style.clear) > y + both[0] + both[1] + EPSILON
            ):
                return strut, False, True, floats
            strut = both
            if not isinstance(child, BlockBox) or child.root or edges_of(child.style, inner).top:
                return strut, False, False, floats
            strut, through, stopped, floats = self._chain(child, inner, strut, y, floats)
            if not through:
                return strut, False, stopped, floats
        return strut, top_strut(box, width)[1], False, floats

    # The end

    def _break_before(self, index: int) -> bool:
        waiting = len(self.context.pending) > self.begin[1]
        if not self.placed and (waiting or (self.floated and isinstance(self.box.children[index], FloatBox))):
            # Floats of this box go on on the next page, or others of them stand there.
            self._settle(index)
            return True
        return super()._break_before(index)

    def _break_inside(self, last: PlacedChild) -> bool:
        place = len(self.placed) - 1
        if place < len(self.marks):
            self.context.rewind(self.marks[place])
        return super()._break_inside(last)

    def _break_lines(self, last: PlacedChild, child: Box) -> bool:
        if not isinstance(child, Lines):
            return False
        out = self.fragment.children
        kept = out[last.count :]
        del out[last.count :]
        limit = self.y - 2 * EPSILON
        mark = self.context.mark()
        view = FloatView(self.context, self.x0, self.y0)
        done = float_lines(
            child, out, self.edges.left, last.y, self.content, limit, 0.0, last.at_start,
            last.inner, view, self.percent, self.space.column,  # type: ignore[arg-type]
        )  # fmt: skip
        # Without a baseline no line was placed, so a break after floats alone would keep nothing together.
        if done is None or done.token is None or done.baseline is None or done.bottom > limit:
            self.context.rewind(mark)
            del out[last.count :]
            out.extend(kept)
            return False
        self.token = BreakToken(last.index, done.token)
        self.y = done.bottom
        return True

    def _settle(self, index: int) -> None:
        if len(self.placed) < len(self.marks):
            self.context.rewind(self.marks[len(self.placed)])
            del self.marks[len(self.placed) :]
        super()._settle(index)
        resume = self.resume
        if resume is not None and index == resume.index and self.token is not None:
            self.token.inner = resume.inner  # nothing but floats had room on this page

    def _finish(self) -> Laid:
        if self.sealed and self.token is None:
            self.y += self.strut[0] + self.strut[1]
            self.strut = NO_MARGIN
        if self.owner:
            context = self.context
            if context.pending and self.token is None:
                self.token = BreakToken(len(self.box.children))
            bottom = context.bottom - self.y0
            if bottom > self.y + self.strut[0] + self.strut[1]:
                self.y, self.strut = bottom, NO_MARGIN  # CSS 2.2, 10.6.7
                self.absorbing = False
                if self.token is not None:
                    self.y = min(bottom, self.limit)
        fragment, token = super()._finish()
        if self.owner and token is not None:
            # On the next page none of them has begun; behind the first that has not begun here, none has.
            floats = self.context.pending
            for place, pending in enumerate(floats):
                if not pending.begun:
                    break
                floats[place] = pending._replace(begun=False)
            token.floats = tuple(floats)
        return fragment, token


_CONTAINERS = ("flex", "inline-flex", "grid", "inline-grid")


def clears(box: BlockBox) -> bool:
    """Whether a box in a block's formatting context asks to be cleared of floats."""
    found = box.clears
    if found is None:
        found = False
        for child in box.children:
            if isinstance(child, (OutOfFlow, Lines)):
                continue
            if child.style.clear != "none" or (isinstance(child, BlockBox) and not child.root and clears(child)):
                found = True
                break
        box.clears = found
    return found


def _aligned_start(align: str, direction: str, width: float) -> float:
    """Where an empty line begins."""
    if align == "center":
        return width / 2
    if align == "right" or align == ("end" if direction == "ltr" else "start"):
        return width
    return 0.0


register(BlockBox, layout_container, block_sizes)
register(CellBox, layout_container, block_sizes)


def _layout_stray(box: OutOfFlow, space: Space, resume: BreakToken | None = None) -> Laid:
    """A box out of flow in a container that knows none: a float is then like any box (CSS Flexbox 1, 3)."""
    if isinstance(box, FloatBox):
        return layout(box.box, space, resume)
    assert isinstance(box, AnchorBox)
    holder = BoxFragment(anonymous(box.style, "block"), None, 0.0, 0.0, 0.0, 0.0)
    holder.children.append(AnchorFragment(box, 0.0, 0.0))
    return holder, None


register(FloatBox, _layout_stray, sizes_of)
register(AnchorBox, _layout_stray, sizes_of)
