"""Where floats stand, and what room they leave (CSS 2.2, 9.5).

In: the margin boxes of floats, in document order. Out: places for further floats, and the left and right edge of what
is free at a height. One `FloatContext` belongs to one block formatting context on one page. Within it floats are
written down as they are met; who lays out a box again first takes back what it wrote (`mark`, `rewind`), so that
seen from outside a formatting context stays pure. Coordinates are those of the box that starts the context: x and y
from its border edges.

The edges are a step function of y, kept as sorted lists: the cost of a question does not grow with the number of
floats above it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.formatting import EPSILON, INFINITE, BreakToken

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import FloatBox

_Float = tuple[bool, float, float, float]  # left, its inner edge, top, bottom


class PendingFloat(NamedTuple):
    """A float that stands, or goes on (`token`), on the next page. `x`, `width`, `percent_height`: its containing
    block's. `begun`: a part of it stands on this page.
    """

    box: FloatBox
    token: BreakToken | None
    x: float
    width: float
    percent_height: float | None
    begun: bool = False


class FloatContext:
    """The floats of one block formatting context on one page. `bottom`: where the lowest one ends, its margin included.

    `last_top`: no later float stands higher (CSS 2.2, 9.5.1, rule 5).
    """

    __slots__ = ("_bottoms", "_floats", "_lefts", "_rights", "_ys", "bottom", "last_top", "pending")

    def __init__(self) -> None:
        self.pending: list[PendingFloat] = []
        self._floats: list[_Float] = []
        # From _ys[i] to _ys[i + 1] the free room is from _lefts[i] to _rights[i].
        self._ys: list[float] = [-INFINITE]
        self._lefts: list[float] = [-INFINITE]
        self._rights: list[float] = [INFINITE]
        self._bottoms: list[float] = [-INFINITE, -INFINITE]
        self.bottom = -INFINITE
        self.last_top = -INFINITE

    @property
    def empty(self) -> bool:
        """Whether no float stands on this page, or waits for the next one."""
        return not self._floats and not self.pending

    @property
    def blocked(self) -> bool:
        """Whether a float waits for the next page, so that all later ones do (CSS 2.2, 9.5.1, rule 5)."""
        return bool(self.pending) and not self.pending[-1].begun

    def mark(self) -> tuple[int, int]:
        """What is written down so far."""
        return len(self._floats), len(self.pending)

    def rewind(self, mark: tuple[int, int]) -> None:
        """Take back what was written since `mark`."""
        count, pending = mark
        del self.pending[pending:]
        if count == len(self._floats):
            return
        kept, self._floats = self._floats[:count], []
        self._ys, self._lefts, self._rights = [-INFINITE], [-INFINITE], [INFINITE]
        self._bottoms = [-INFINITE, -INFINITE]
        self.bottom = self.last_top = -INFINITE
        for left, edge, top, bottom in kept:
            self.add(left, edge, top, bottom)

    def add(self, left: bool, edge: float, top: float, bottom: float) -> None:
        """Write down a float: its side, its margin box's edge that faces the content, its top and bottom."""
        self._floats.append((left, edge, top, bottom))
        if top > self.last_top:
            self.last_top = top
        side = 0 if left else 1
        if bottom > self._bottoms[side]:
            self._bottoms[side] = bottom
        if bottom > self.bottom:
            self.bottom = bottom
        if bottom <= top:
            return
        first, last = self._cut(top), self._cut(bottom)
        if left:
            lefts = self._lefts
            for i in range(first, last):
                if edge > lefts[i]:
                    lefts[i] = edge
        else:
            rights = self._rights
            for i in range(first, last):
                if edge < rights[i]:
                    rights[i] = edge

    def _cut(self, y: float) -> int:
        """The index of the step that begins at `y`."""
        ys = self._ys
        index = bisect_left(ys, y)
        if index == len(ys) or ys[index] != y:
            ys.insert(index, y)
            self._lefts.insert(index, self._lefts[index - 1])
            self._rights.insert(index, self._rights[index - 1])
        return index

    def edges(self, y: float, height: float = 0.0) -> tuple[float, float]:
        """Left and right edge of what is free from `y` on, over a height. Infinite where there is no float."""
        ys = self._ys
        index = bisect_right(ys, y + EPSILON) - 1
        left, right = self._lefts[index], self._rights[index]
        if height:
            end = y + height - EPSILON
            index += 1
            while index < len(ys) and ys[index] < end:
                if self._lefts[index] > left:
                    left = self._lefts[index]
                if self._rights[index] < right:
                    right = self._rights[index]
                index += 1
        return left, right

    def below(self, y: float) -> float:
        """The next height at which what is free changes; infinite where no float ends or begins below `y`."""
        index = bisect_right(self._ys, y + EPSILON)
        return self._ys[index] if index < len(self._ys) else INFINITE

    def cleared(self, clear: str) -> float:
        """Where `clear` lets a box begin: below the floats of a side, or of both. Infinite where one goes on."""
        for pending in self.pending:
            if clear == "both" or pending.box.left == (clear == "left"):
                return INFINITE
        if clear == "both":
            return self.bottom
        return self._bottoms[0 if clear == "left" else 1]

    def place(self, left: bool, width: float, y: float, start: float, end: float) -> tuple[float, float]:
        """Where a float `width` px wide goes, at `y` or below: x and y of its margin box (CSS 2.2, 9.5.1).

        `start`, `end`: the edges of its containing block.
        """
        y = max(y, self.last_top)
        while True:
            free_left, free_right = self.edges(y)
            low, high = max(free_left, start), min(free_right, end)
            alone = free_left <= start and free_right >= end
            if alone or width <= high - low + EPSILON:
                return (low if left else high - width), y
            following = self.below(y)
            if following == INFINITE:
                return (low if left else high - width), y
            y = following


class FloatView:
    """A float context as a box within it sees it: `x`, `y` lead from the context's origin to the containing block's
    content edge and the top of the box.
    """

    __slots__ = ("context", "x", "y")

    def __init__(self, context: FloatContext, x: float, y: float) -> None:
        self.context = context
        self.x = x
        self.y = y
