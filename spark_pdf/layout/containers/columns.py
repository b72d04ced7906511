"""Multi-column layout: content in columns side by side (CSS Multi-column Layout 1).

In: a `ColumnsBox`, a `Space`, a `BreakToken`. Out: a fragment with the columns, and a token where the page ended first.

The container is an ordinary block box, and the `ColumnsBox` its only child. What flows in columns is a block of its
own, broken into columns as others are into pages; boxes with `column-span: all` stand between two such blocks. Columns
that end on this page are balanced: the least height at which the content takes no more columns than there are is
searched for, by doubling and halving. Where the page ends first they are full, and what is left goes on after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.boxes import (
    AVOIDS,
    COLUMN_AVOIDS,
    FORCED,
    BlockBox,
    Box,
    Lines,
    OutOfFlow,
    anonymous,
    avoids_inside,
    breaks_of,
    forced_break,
)
from spark_pdf.layout.containers.items import PartsBox
from spark_pdf.layout.formatting import (
    BEFORE,
    EPSILON,
    INFINITE,
    BreakToken,
    Laid,
    PageTurn,
    Space,
    content_sizes,
    layout,
    register,
)
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import derived, edges_of
from spark_pdf.layout.sizing.alignment import gap

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

_PRECISION = 0.1
"""Balanced columns are at most so much (px) higher than they need be."""
_TALL = 1e7
"""Columns are as high as this where no page ends them."""
_MOST = 1000
"""Columns side by side, at most."""


class ColumnsBox(PartsBox):
    """What fills the block box of a multi-column container. `parts`: blocks that flow in columns, and boxes that span
    all of them (`column-span: all`). `container` is the container's style.
    """

    __slots__ = ()


class _Rest(NamedTuple):
    """What a token says: where the part goes on that it stands before, and what of a given height is used."""

    inner: BreakToken | None
    used: float


class _Row(NamedTuple):
    """Columns side by side: the fragments, the highest of them, where the rest begins, and whether a column begins
    where a break is to be avoided. `whole`: the height with the last margin, if that is the content's end.
    """

    columns: list[BoxFragment]
    height: float
    whole: float
    token: BreakToken | None
    torn: bool


def column_geometry(style: Style, width: float) -> tuple[int, float, float]:
    """Number of columns, their width, and the gap between two (3.4)."""
    between = style.font_size if style.column_gap == "normal" else gap(style.column_gap, width)
    count = int(style.column_count) if isinstance(style.column_count, int) else 0
    if style.column_width != "auto":
        wanted = max(float(style.column_width), 1.0)
        fitting = max(1, int((width + between + EPSILON) // (wanted + between)))
        count = min(count, fitting) if count else fitting
    count = max(1, min(count, _MOST))
    return count, max((width - between * (count - 1)) / count, 0.0), between


def layout_columns(box: ColumnsBox, space: Space, resume: BreakToken | None = None) -> Laid:
    """Place what fits of a multi-column container."""
    return _Columns(box, space, resume).lay_out()


class _Columns:
    """The work on one multi-column container on one page."""

    __slots__ = ("box", "count", "fragment", "gap", "given", "resume", "space", "style", "token", "used", "width", "y")

    def __init__(self, box: ColumnsBox, space: Space, resume: BreakToken | None) -> None:
        self.box = box
        self.space = space
        self.resume = resume
        self.style = style = box.container
        self.count, self.width, self.gap = column_geometry(style, space.width)
        self.fragment = BoxFragment(box.style, None, 0.0, 0.0, space.width, 0.0)
        self.used = resume.inner.used if resume is not None else 0.0
        # The height that columns may take, where the container's own height says so.
        self.given = space.percent_height
        if self.given is None and space.most != INFINITE:
            self.given = space.most
        self.token: BreakToken | None = None
        self.y = 0.0

    def lay_out(self) -> Laid:
        parts = self.box.parts
        index = self.resume.index if self.resume is not None else 0
        inner: BreakToken | None = self.resume.inner.inner if self.resume is not None else None
        placed: list[tuple[float, int]] = []  # y and number of fragments before each part
        while index < len(parts):
            if placed and self.space.height != INFINITE:
                forced = forced_break(breaks_of(parts[index - 1])[1], breaks_of(parts[index])[0])
                if forced:
                    self._stop(index, None, forced)
                    break
            placed.append((self.y, len(self.fragment.children)))
            done = self._spanner(index, inner) if self._spans(index) else self._flow(index, inner)
            if not done:
                if not self._break_before(index, inner, placed):
                    return None, BEFORE
                break
            if self.token is not None:
                break
            inner = None
            index += 1
        self.fragment.height = self.y
        return self.fragment, self.token

    def _break_before(self, index: int, inner: BreakToken | None, placed: list[tuple[float, int]]) -> bool:
        """Break before a part, or before an older one where that is better. False: before the container."""
        parts, back = self.box.parts, len(placed) - 1
        at = index
        avoids = COLUMN_AVOIDS if self.space.column else AVOIDS
        while back and (breaks_of(parts[at - 1])[1] in avoids or breaks_of(parts[at])[0] in avoids):
            back -= 1
            at -= 1
        if not back:
            if not self.space.at_start or len(placed) == 1:
                return False
            at, back = index, len(placed) - 1  # every break is to be avoided, so that wish gives way
        self.y = placed[back][0]
        del self.fragment.children[placed[back][1] :]
        self._stop(at, inner if at == index else None, "")
        return True

    def _spans(self, index: int) -> bool:
        return self.box.parts[index].style.column_span == "all"

    def _stop(self, index: int, inner: BreakToken | None, forced: str, page: PageTurn | None = None) -> None:
        self.token = BreakToken(index, _Rest(inner, self.used + self.y), forced, page=page)

    def _fresh(self) -> bool:
        return self.space.at_start and not self.y

    def _tail(self, index: int) -> float:
        return self.space.tail if index == len(self.box.parts) - 1 else 0.0

    def _spanner(self, index: int, inner: BreakToken | None) -> bool:
        """Place a box across all columns (6). Its margins meet those of other spanning boxes only."""
        part = self.box.parts[index]
        edges = edges_of(part.style, self.space.width)
        above = 0.0
        if inner is None:
            above = edges.margin_top
            if index and self._spans(index - 1):
                before = edges_of(self.box.parts[index - 1].style, self.space.width).margin_bottom
                above = max(above, before) - before if above > 0 and before > 0 else above
        top = self.y + above
        space = Space(
            self.space.width, self.space.height - top, self._fresh(), self._tail(index), self.space.percent_height,
            column=self.space.column,
        )  # fmt: skip
        fragment, token = layout(part, space, inner)
        if fragment is None:
            return False
        fragment.y += top
        self._add(fragment)
        self.y = top + fragment.height
        if token is not None:
            self._stop(index, token, token.forced, token.page)
        else:
            self.y += edges.margin_bottom
        return True

    def _add(self, fragment: BoxFragment) -> None:
        own = self.fragment
        own.children.append(fragment)
        if fragment.baseline is not None and own.baseline is None:
            own.baseline = fragment.y + fragment.baseline
        if fragment.last_baseline is not None:
            own.last_baseline = fragment.y + fragment.last_baseline

    def _flow(self, index: int, inner: BreakToken | None) -> bool:
        """Fill columns with a part, or with what fits of it."""
        part = self.box.parts[index]
        page_room = self.space.height - self.y - self._tail(index)
        room, spills = page_room, page_room == INFINITE
        if self.given is not None:
            room = max(self.given - self.used - self.y, 0.0)
            spills = room <= page_room + EPSILON
            room = min(room, page_room)
        balances = self.style.column_fill != "auto" or index < len(self.box.parts) - 1 or room == INFINITE
        row = self._remembered(index, room) if balances and inner is None else None
        if row is None:
            row = self._row(part, inner, min(room, _TALL), spills or self._fresh(), _MOST if spills else self.count)
            if row is None:
                return False
            if balances:
                row = self._balanced(index, inner, row, room)
        ends = row.token is None or self._ends_page(row.token)
        height = max(row.height, min(row.whole, room))
        if not ends or (not balances and self.given is not None):
            height = max(height, room)
        self._place(row, height)
        if row.token is not None:
            self._stop(index, row.token, "" if row.token.forced == "column" else row.token.forced, row.token.page)
        return True

    def _row(self, part: Box, inner: BreakToken | None, height: float, fresh: bool, most: int) -> _Row | None:
        """Columns of a given height, as many as it takes and `most` allows. None: not even one begins here."""
        columns: list[BoxFragment] = []
        highest = 0.0
        token = inner
        torn = False
        while True:
            space = Space(self.width, height, fresh, 0.0, self.space.percent_height, column=True)
            fragment, token_after = layout(part, space, token)
            if fragment is None:
                return _Row(columns, highest, highest, token, torn) if columns else None
            columns.append(fragment)
            highest = max(highest, fragment.height)
            token = token_after
            whole = highest if token is not None else max(highest, fragment.height + fragment.margin_after[0])
            if token is None or len(columns) >= most or self._ends_page(token):
                return _Row(columns, highest, whole, token, torn)
            torn = torn or _torn(part, token)

    def _ends_page(self, token: BreakToken) -> bool:
        """Whether a forced break ends the page; where there are no pages, it ends the column."""
        return token.forced in FORCED.values() and self.space.height != INFINITE

    def _remembered(self, index: int, room: float) -> _Row | None:
        """Columns of a height that an earlier search has found, if they are all that is needed here."""
        known = self.box.heights.get((index, self.width, self.space.percent_height))
        if known is None:
            return None
        height, enough = known
        if room + EPSILON < min(height, enough):
            return None
        row = self._row(self.box.parts[index], None, height, True, self.count)
        return row if row is not None and row.token is None and row.height <= height + EPSILON else None

    def _balanced(self, index: int, inner: BreakToken | None, full: _Row, room: float) -> _Row:
        """The lowest columns that hold what `full` holds, if that ends on this page (7, balancing).

        Columns in columns search once for all of their content, and never for a rest: depth must not multiply the work.
        So they remember the least height, and the least room in which all of it was placed, be it by overflowing.
        """
        part, best = self.box.parts[index], full
        ends = full.token is None or self._ends_page(full.token)
        if not ends or len(full.columns) > self.count or self.count == 1:
            return full
        whole = inner is None and full.token is None
        if self.space.column and not whole:
            return full
        key = (index, self.width, self.space.percent_height)
        known = self.box.heights.get(key) if whole else None
        if known is not None:
            self.box.heights[key] = (known[0], min(known[1], room))
            row = self._remembered(index, room)
            if row is not None:
                return row
        guess = sum(column.height for column in full.columns) / self.count
        step = max(1.2 * self.style.font_size, 4.0)
        low, high = 0.0, full.height
        while high - low > _PRECISION:
            row = self._row(part, inner, guess, True, self.count)
            fits = row is not None and row.height <= guess + EPSILON and _same_end(row.token, full.token)
            if row is not None and fits and (full.torn or not row.torn):
                exact = row.height < guess - _PRECISION
                best, high = row, row.height
                # The least height is that of some column: if a little less will not do, it is found.
                guess = high - _PRECISION if exact and high - low <= 2 * step else (low + high) / 2
            else:
                low = guess
                guess = min(guess + step, (low + high) / 2)
                step *= 2
        if room + EPSILON >= best.whole > best.height + EPSILON:
            # The last margin makes the columns higher: those before may take more.
            row = self._row(part, inner, best.whole, True, self.count)
            if row is not None and _same_end(row.token, full.token) and row.whole <= best.whole + EPSILON:
                best = row if full.torn or not row.torn else best
        if whole:
            self.box.heights[key] = (best.height, room)
        return best

    def _place(self, row: _Row, height: float) -> None:
        """Put columns side by side, with rules between two of them."""
        rtl = self.style.direction == "rtl"
        rule = rule_style(self.box.style, self.style)
        for number, column in enumerate(row.columns):
            x = number * (self.width + self.gap)
            if rule is not None and number:
                middle = x - self.gap / 2 - rule.border_left_width / 2
                if rtl:
                    middle = self.space.width - middle - rule.border_left_width
                line = BoxFragment(rule, None, middle, self.y, rule.border_left_width, height)
                self.fragment.children.append(line)
            column.x = self.space.width - x - self.width if rtl else x
            column.y = self.y
            self._add(column)
        self.y += height


def _torn(box: Box, token: BreakToken) -> bool:
    """Whether a column that begins at a token divides what is to stay together (CSS Fragmentation 3, 3.1)."""
    while isinstance(box, BlockBox) and not token.forced and 0 <= token.index < len(box.children):
        after = box.children[token.index]
        # The lines of a container have its style, but it is not the container that would be cut.
        if token.inner is not None and type(after) is not Lines and avoids_inside(after.style, True):
            return True
        if not isinstance(token.inner, BreakToken):
            before = box.children[token.index - 1] if token.index and token.inner is None else None
            return before is not None and (
                breaks_of(before)[1] in COLUMN_AVOIDS or breaks_of(after)[0] in COLUMN_AVOIDS
            )
        box, token = after, token.inner
    return False


def _same_end(token: BreakToken | None, other: BreakToken | None) -> bool:
    """Whether two rows hold the same content: all of it, or all up to a forced page break."""
    if token is None or other is None:
        return token is other
    return bool(token.forced) and token.forced == other.forced


def rule_style(own: Style, container: Style) -> Style | None:
    """The style of a box that draws a column rule as its left border; None where there is none (4)."""
    width = container.column_rule_width
    if not width or container.column_rule_style in ("none", "hidden"):
        return None
    kept = derived(container)
    found = kept.get("column-rule")
    if found is None:
        # 4.2: inset and outset are drawn as where two cells share a border.
        line = {"inset": "ridge", "outset": "groove"}.get(container.column_rule_style, container.column_rule_style)
        found = kept["column-rule"] = own.replace(
            border_left_width=width, border_left_style=line, border_left_color=container.column_rule_color
        )
    return found  # type: ignore[return-value]


# Making boxes


def in_columns(container: Style, children: list[Box], page: str) -> list[Box]:
    """The children of a multi-column container's block box: one box that holds them all."""
    if not children:
        return []
    parts: list[Box] = []
    flow: list[Box] = []
    for child in children:
        for piece in _split(child):
            if _is_spanner(piece):
                _close(parts, flow, container, page)
                flow = []
                parts.append(piece)
            else:
                flow.append(piece)
    _close(parts, flow, container, page)
    return [ColumnsBox(anonymous(container, "block"), container, parts, page)]


def _close(parts: list[Box], flow: list[Box], container: Style, page: str) -> None:
    if flow:
        block = BlockBox(anonymous(container, "block"), None, root=True)
        block.children = flow
        block.page = page
        parts.append(block)


def _is_spanner(box: Box) -> bool:
    return box.node is not None and box.style.column_span == "all" and not isinstance(box, OutOfFlow)


def _split(box: Box) -> list[Box]:
    """A box that holds spanning boxes, in the pieces between them (6: they take their ancestors apart)."""
    if type(box) is not BlockBox or box.root or _is_spanner(box) or not _holds_spanner(box):
        return [box]
    pieces: list[Box] = []
    flow: list[Box] = []
    for child in box.children:
        for piece in _split(child):
            if _is_spanner(piece):
                if flow:
                    pieces.append(_piece(box, flow))
                    flow = []
                pieces.append(piece)
            else:
                flow.append(piece)
    if flow:
        pieces.append(_piece(box, flow))
    own = [piece for piece in pieces if not _is_spanner(piece)]
    for number, piece in enumerate(own):
        piece.style = _sliced(box.style, number > 0, number < len(own) - 1)
    return pieces


def _holds_spanner(box: BlockBox) -> bool:
    return any(
        _is_spanner(child) or (type(child) is BlockBox and not child.root and _holds_spanner(child))
        for child in box.children
    )


def _piece(box: BlockBox, children: list[Box]) -> BlockBox:
    piece = BlockBox(box.style, box.node)
    piece.children = children
    piece.out = box.out
    piece.page = box.page
    piece.link = box.link
    piece.out = box.out
    return piece


def _sliced(style: Style, top: bool, bottom: bool) -> Style:
    """A style without edges where a box was taken apart (CSS Fragmentation 3, 5.4: slice)."""
    if not top and not bottom:
        return style
    kept = derived(style)
    key = ("sliced", top, bottom)
    found = kept.get(key)
    if found is None:
        values: dict[str, object] = {}
        for side, cut in (("top", top), ("bottom", bottom)):
            if cut:
                values[f"margin_{side}"] = values[f"padding_{side}"] = values[f"border_{side}_width"] = 0.0
        found = kept[key] = style.replace(**values)
    return found  # type: ignore[return-value]


def columns_sizes(box: ColumnsBox) -> tuple[float, float]:
    """Min-content and max-content width (CSS Sizing 3, 4.1)."""
    low = high = 0.0
    for part in box.parts:
        narrow, wide = content_sizes(part)
        if part.style.column_span == "all":
            low, high = max(low, narrow), max(high, wide)
            continue
        style = box.container
        between = style.font_size if style.column_gap == "normal" else gap(style.column_gap, None)
        count = int(style.column_count) if isinstance(style.column_count, int) else 1
        if style.column_width != "auto":
            own = float(style.column_width)
            low = max(low, min(own, narrow) if narrow else own)
            high = max(high, count * max(own, narrow) + (count - 1) * between)
        else:
            low = max(low, count * narrow + (count - 1) * between)
        high = max(high, count * wide + (count - 1) * between)
    return low, max(low, high)


register(ColumnsBox, layout_columns, columns_sizes, fills=True)
