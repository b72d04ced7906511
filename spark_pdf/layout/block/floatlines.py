"""Lines beside floats, and floats within lines (CSS 2.2, 9.5).

In: a `Lines` box and the `FloatView` of its container. Out: as `inline.layout_lines`. Each line gets the room that the
floats leave at its height; one for which that is too little goes down to where there is enough. A float within a line
stands at the line's top where there is room beside what precedes it, else below the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spark_pdf.layout.block.floats import FloatContext, FloatView, PendingFloat
from spark_pdf.layout.boxes import (
    ATOM,
    CLOSE,
    FILL,
    FLOAT,
    OPEN,
    TEXT,
    BlockBox,
    Box,
    FloatBox,
    Lines,
    OutOfFlow,
    ReplacedBox,
    TableBox,
)
from spark_pdf.layout.formatting import EPSILON, INFINITE, BreakToken, LineToken, Space, content_sizes, layout
from spark_pdf.layout.geometry import edges_of
from spark_pdf.layout.inline.atoms import atom_width, border_width
from spark_pdf.layout.inline.breaking import LineEnd, find_end, rest_of
from spark_pdf.layout.inline.filling import advance
from spark_pdf.layout.inline.inline import START, indent_of, kept_lines, place_line
from spark_pdf.layout.inline.linestack import relative_offset
from spark_pdf.layout.inline.special import line_indent
from spark_pdf.layout.table.columns import column_widths, table_edges

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import BoxFragment, Fragment


def place_float(
    float_box: FloatBox, context: FloatContext, y: float, start: float, width: float, limit: float, fresh: bool,
    percent_height: float | None, resume: BreakToken | None, column: bool,
) -> BoxFragment | None:  # fmt: skip
    """Lay out a float at `y` or below, in a containing block of `width` px from `start`; the page ends at `limit`.

    Its fragment has its place in the float context. None: it does not fit on the page. What is left of it waits in the
    context.
    """
    box = float_box.box
    style = box.style
    if context.blocked:
        return None
    if float_box.clear:
        y = max(y, context.cleared(float_box.clear))
    edges = edges_of(style, width)
    size = None if isinstance(box, (ReplacedBox, TableBox)) else border_width(box, width, percent_height)
    outer = outer_width(box, width, percent_height)
    x, top = context.place(float_box.left, outer, y, start, start + width)
    if top > y + EPSILON:
        fresh = False
    margin = edges.margin_top if resume is None else 0.0
    room = limit - top - margin
    if not fresh and room <= 0:
        return None
    fragment, token = layout(box, Space(width, room, fresh, 0.0, percent_height, size, column=column), resume)
    if fragment is None:
        return None
    if token is not None and resume is None and not fresh and _only_height_is_left(box, token):
        return None
    bottom = top + margin + fragment.height + edges.margin_bottom
    if token is not None:
        bottom = max(bottom, limit)
    context.add(float_box.left, x + outer if float_box.left else x, top, bottom)
    if token is not None:
        context.pending.append(PendingFloat(float_box, token, start, width, percent_height, True))
    fragment.x = x + edges.margin_left
    fragment.y = top + margin
    if style.position == "relative":
        dx, dy = relative_offset(style, width, percent_height)
        fragment.x += dx
        fragment.y += dy
    return fragment


def _only_height_is_left(box: Box, token: BreakToken) -> bool:
    """Whether a box of a given height breaks below all of its content: a float rather goes to the next page whole."""
    return isinstance(box, BlockBox) and token.index >= len(box.children) and not token.floats


def outer_width(box: Box, width: float, percent_height: float | None) -> float:
    """Width of a float's margin box."""
    if isinstance(box, TableBox):
        edges = table_edges(box, width)
        return column_widths(box, width)[1] + edges.margin_left + edges.margin_right
    return atom_width(box, width, percent_height)


def sizes_of(box: OutOfFlow) -> tuple[float, float]:
    """Content contribution of a box out of flow: a float has its own, an absolutely positioned box none."""
    return content_sizes(box.box) if isinstance(box, FloatBox) else (0.0, 0.0)


class LinesRest(NamedTuple):
    """Where lines with floats go on, and the last of their floats that needs no place any more."""

    at: LineToken
    passed: int


class FloatPlacement(NamedTuple):
    """What `float_lines` says: where the lines end, where the rest begins (None: all placed), the baselines."""

    bottom: float
    token: LinesRest | None
    baseline: float | None
    last_baseline: float | None


class _Line:
    """A line that was placed, with what is needed to take it back."""

    __slots__ = ("at", "baseline", "bottom", "deferred", "floats", "lead", "mark", "passed", "text")

    def __init__(self, at: LineToken, mark: tuple[int, int], deferred: list[tuple[int, FloatBox]], passed: int) -> None:
        self.at = at
        self.passed = passed
        self.mark = mark
        self.deferred = deferred
        self.floats: list[Fragment] = []
        # Where the line goes on behind the floats that it begins with, how many there are, the context then.
        self.lead: tuple[LineToken, int, tuple[int, int], int] = (at, 0, mark, passed)
        self.text: list[Fragment] = []
        self.bottom = 0.0
        self.baseline = 0.0


def float_lines(
    lines: Lines, out: list[Fragment], x: float, y: float, width: float, limit: float, tail: float, at_start: bool,
    resume: LineToken | LinesRest | None, view: FloatView, percent_height: float | None, column: bool,
) -> FloatPlacement | None:  # fmt: skip
    """Place lines from `y` down to `limit`, beside floats. None: the break belongs before them."""
    return _Lines(lines, x, width, limit, at_start, view, percent_height, column).place(out, y, tail, resume)


class _Lines:
    """The work on one run of lines on one page."""

    __slots__ = (
        "ahead", "at_start", "column", "context", "deferred", "indent", "limit", "lines", "passed", "percent",
        "shown", "view", "width", "x",
    )  # fmt: skip

    def __init__(
        self, lines: Lines, x: float, width: float, limit: float, at_start: bool, view: FloatView,
        percent: float | None, column: bool,
    ) -> None:  # fmt: skip
        self.lines = self.shown = lines  # what the line at hand consists of
        self.x = x
        self.width = width
        self.limit = limit
        self.at_start = at_start
        self.view = view
        self.context = view.context
        self.percent = percent
        self.column = column
        self.passed = -1  # the last float that was placed, or put off to below the line
        self.deferred: list[tuple[int, FloatBox]] = []  # with their places among the items
        self.indent = 0.0
        self.ahead: _Ahead | None = None

    def place(
        self, out: list[Fragment], y: float, tail: float, resume: LineToken | LinesRest | None
    ) -> FloatPlacement | None:
        """All lines that fit."""
        lines = self.lines
        at = resume.at if isinstance(resume, LinesRest) else resume or START
        self.passed = resume.passed if isinstance(resume, LinesRest) else at.item - 1
        end = LineToken(len(lines.items), 0, 0)
        placed: list[_Line] = []
        first = resume is None
        beyond, top = 0, y
        widows = lines.style.widows
        while at != end:
            self.shown = lines.opening if first and lines.opening is not None else lines
            self.indent = indent_of(lines, self.width) if first else 0.0
            if lines.special:
                self.indent = line_indent(lines, at, first, self.width)
            line = _Line(at, self.context.mark(), list(self.deferred), self.passed)
            self._place_deferred(line, y)
            found, y, left, room = self._find(line, at, y, not placed and self.at_start and y == top, bool(beyond))
            height, baseline, y = self._put(line, at, found, y, left, room)
            bottom = y + height
            ends = self.limit - (tail if found.to == end else 0.0)
            if beyond or (bottom > ends + EPSILON and (placed or not self.at_start or y > top + EPSILON)):
                if not beyond:
                    if placed or not self.at_start:
                        self.context.rewind(line.mark)
                        self.deferred = line.deferred
                    broken = line
                beyond += 1
                if beyond >= widows:
                    break
            else:
                line.bottom, line.baseline = bottom, baseline
                placed.append(line)
            y, at, first = bottom, found.to, False
        if beyond:
            return self._broken(placed, broken, beyond, out, resume is not None, top)
        for line in placed:
            out.extend(line.floats)
            out.extend(line.text)
        rest = _Line(end, self.context.mark(), self.deferred, self.passed)
        self._place_deferred(rest, y)
        out.extend(rest.floats)
        if not placed:
            return FloatPlacement(y, None, None, None)
        return FloatPlacement(placed[-1].bottom, None, placed[0].baseline, placed[-1].baseline)

    def _broken(
        self, placed: list[_Line], broken: _Line, beyond: int, out: list[Fragment], resumed: bool, top: float
    ) -> FloatPlacement | None:
        """The page ends within the lines."""
        keep = kept_lines(len(placed), beyond, self.lines, self.at_start, resumed)
        if not keep:
            return self._pushed(broken, out, top) if self.at_start and not placed else None
        stop = placed[keep] if keep < len(placed) else broken
        self.context.rewind(stop.mark)
        for line in placed[:keep]:
            out.extend(line.floats)
            out.extend(line.text)
        for _, waiting in stop.deferred:
            self._wait(waiting)
        rest = LinesRest(stop.at, stop.passed)
        return FloatPlacement(placed[keep - 1].bottom, rest, placed[0].baseline, placed[keep - 1].baseline)

    def _pushed(self, first: _Line, out: list[Fragment], top: float) -> FloatPlacement:
        """Floats alone fill the page: they stay, and all lines go on the next one."""
        at, count, mark, passed = first.lead
        self.context.rewind(mark)
        out.extend(first.floats[:count])
        for _, waiting in first.deferred:
            self._wait(waiting)
        return FloatPlacement(top, LinesRest(at, passed), None, None)

    def _wait(self, box: FloatBox) -> None:
        start = self.view.x + self.x
        self.context.pending.append(PendingFloat(box, None, start, self.width, self.percent))

    def _place_deferred(self, line: _Line, y: float) -> None:
        waiting, self.deferred = self.deferred, []
        for _, box in waiting:
            self._float(line, box, y, False)

    def _float(self, line: _Line, box: FloatBox, y: float, fresh: bool) -> None:
        view = self.view
        laid = place_float(
            box, self.context, view.y + y, view.x + self.x, self.width, view.y + self.limit, fresh, self.percent, None,
            self.column,
        )  # fmt: skip
        if laid is None:
            self._wait(box)
            return
        laid.x -= view.x
        laid.y -= view.y
        line.floats.append(laid)

    def _band(self, y: float, height: float) -> tuple[float, float, bool]:
        """Offset and width of the room for a line, and whether floats narrow it."""
        start = self.view.x + self.x
        left, right = self.context.edges(self.view.y + y, height)
        low, high = max(left, start), min(right, start + self.width)
        return low - start, high - low, left > start or right < start + self.width

    def _find(
        self, line: _Line, at: LineToken, y: float, fresh: bool, counting: bool
    ) -> tuple[LineEnd, float, float, float]:
        """The end of the line that begins at `at`, where it stands, and what room it has; its floats are placed."""
        lines = self.lines
        height = self.shown.metrics.line
        self.ahead = None
        while True:
            left, room, narrowed = self._band(y, height)
            found = find_end(self.shown, at, room, self.indent, self.width, self.percent)
            if lines.floats and not counting and self._floats(line, at, found, y, room, fresh):
                continue
            if narrowed and found.width > room + EPSILON:
                y = self.context.below(self.view.y + y) - self.view.y
                continue
            return found, y, left, room

    def _floats(self, line: _Line, at: LineToken, found: LineEnd, y: float, room: float, fresh: bool) -> bool:
        """Place the floats of a line, or put them off. True: one was placed, so the line has less room now."""
        items = self.shown.items
        if self.ahead is None:
            self.ahead = _Ahead(items, at, self.indent, self.width, self.percent)
        stop = found.to.item if found.forced else found.to.item + 1
        for index in range(max(self.passed + 1, at.item), min(stop, len(items))):
            item = items[index]
            if item.kind != FLOAT:
                continue
            self.passed = index
            before = self.ahead.width_before(index)
            begun = before > self.indent + EPSILON
            if not self.deferred and (
                not begun or before + outer_width(item.box, self.width, self.percent) <= room + EPSILON
            ):
                room_before = self._band(y, self.shown.metrics.line)
                self._float(line, item, y, fresh and not begun)
                # Where the line goes to the next page, what precedes the float goes with it.
                begin = at if begun else LineToken(index + 1, 0, 0)
                line.lead = (begin, len(line.floats), self.context.mark(), index)
                if self._band(y, self.shown.metrics.line) != room_before:
                    return True
                continue
            self.deferred.append((index, item))
        return False

    def _put(
        self, line: _Line, at: LineToken, found: LineEnd, y: float, left: float, room: float
    ) -> tuple[float, float, float]:
        """Place a line; where it turns out higher than was thought, the room over its real height counts."""
        tallest = self.shown.metrics.line
        for _ in range(4):
            fragments: list[Fragment] = []
            height, baseline = place_line(
                self.shown, at, found, fragments, self.x + left, y, room, self.indent, self.width, self.percent
            )
            if height <= tallest + EPSILON:
                break
            again = self._band(y, height)
            if again[0] <= left + EPSILON and again[0] + again[1] >= left + room - EPSILON:
                break
            tallest = height
            left, room, narrowed = again
            found_again = find_end(self.shown, at, room, self.indent, self.width, self.percent)
            if found_again.to != found.to or (narrowed and found_again.width > room + EPSILON):
                # It would hold less: below the floats that are in its way there is room for all of it.
                following = self.context.below(self.view.y + y) - self.view.y
                if following == INFINITE:
                    break
                y = following
                left, room, _ = self._band(y, height)
        line.text = fragments
        return height, baseline, y


class _Ahead:
    """How wide a line is up to its floats, asked from left to right."""

    __slots__ = ("container", "hang", "index", "items", "offset", "percent", "piece", "x")

    def __init__(self, items: list[Any], at: LineToken, indent: float, container: float, percent: float | None) -> None:
        self.items = items
        self.index, self.piece, self.offset = at
        self.container = container
        self.percent = percent
        self.x = indent
        self.hang = 0.0

    def width_before(self, index: int) -> float:
        """The width of what stands on the line before an item, without spaces at its end."""
        while self.index < index:
            self._take(self.items[self.index])
            self.index += 1
            self.piece = self.offset = 0
        return self.x - self.hang

    def _take(self, item: Any) -> None:
        kind = item.kind
        if kind == TEXT:
            pieces = item.pieces
            for piece in range(self.piece, len(pieces.widths)):
                offset = self.offset if piece == self.piece else 0
                width = rest_of(pieces, piece, offset)[1] if offset else pieces.widths[piece]
                self.x += width
                self.hang = self.hang + width if pieces.spaces[piece] else 0.0
        elif kind == OPEN and item.first:
            edges = edges_of(item.inline.style, self.container)
            self.x += edges.margin_left + edges.left
        elif kind == CLOSE and item.last:
            edges = edges_of(item.inline.style, self.container)
            self.x += edges.margin_right + edges.right
        elif kind == ATOM:
            self.x += atom_width(item.box, self.container, self.percent)
            self.hang = 0.0
        elif kind == FILL:
            self.x += advance(item, self.x)
            self.hang = 0.0
