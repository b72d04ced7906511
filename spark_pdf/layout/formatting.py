"""What every formatting context shares: the space that a box is given, and where it breaks off.

    layout(box, space, resume) -> (fragment, token | None)

is pure: the same arguments give the same fragment, and nothing is changed but memos on the box that depend on the box
alone. `space` says how wide the containing block is and how much of the page is left; `resume` is the token with which
an earlier page broke off, or None. A token says where the rest begins. No fragment (None) says that nothing of the box
fits: the break belongs before it. With `space.at_start` there is nothing before it to break after, so a box must then
place something, even if it overflows (CSS Fragmentation 3, sections 4.4 and 4.5).

A fragment's `x` and `y` are its border box's place in what the caller calls its content box: `x` set by the box itself
(margins, `auto`), `y` by the caller. Each kind of box registers its function here, so that no context knows another's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from spark_pdf.layout.block.floats import FloatView, PendingFloat
    from spark_pdf.layout.boxes import Box
    from spark_pdf.layout.fragments import BoxFragment
    from spark_pdf.layout.style import Style

INFINITE: Final = float("inf")
EPSILON: Final = 5e-3
"""Lengths that differ by less than this (px) are equal: sums of floats never decide where a page ends."""


AS_CONTENT: Final = -1.0
"""As `Space.extent`: the box is as high as what is in it, whatever its height properties say."""


class Space(NamedTuple):
    """What a box is given. All lengths in px.

    `width`: the containing block's content width. `height`: from the box's border-box top to the end of the page;
    infinite where nothing breaks. `at_start`: nothing stands above it on this page. `tail`: what must remain below the
    box's end (bottom padding and borders of ancestors that end with it). `percent_height`: what percentages of heights
    are of, None where that depends on content. `size`: the border-box width, where the caller has decided it (cells,
    inline blocks). `extent`: the border-box height, where the caller has decided it (flex and grid items), definite for
    percentages. `column`: what ends below is a column, so `break-before: column` counts. `least`, `most`: the content
    height's limits, told by a block to the flex or grid container that fills it. `floats`: those
    beside which the box stands, where its block formatting context has any.
    """

    width: float
    height: float = INFINITE
    at_start: bool = True
    tail: float = 0.0
    percent_height: float | None = None
    size: float | None = None
    extent: float | None = None
    column: bool = False
    least: float = 0.0
    most: float = INFINITE
    floats: FloatView | None = None


class PageTurn(NamedTuple):
    """The pages behind a forced break: their `name`; `outer`: that of a blank page in between, where the break is made
    by no child; `fresh`: an element of its own page name begins, and with it a page group.
    """

    name: str
    outer: str = ""
    fresh: bool = False


class BreakToken:
    """Where a box goes on: before `index` (child, row), within it if `inner`. `forced`: page, left, right or "".

    `consumed`: the content height that earlier fragments took, for boxes of a given height. `page`: the
    pages that the rest asks for, where a break is forced or the name changes; else None. `floats`: those of a block
    formatting context that go on, or stand, on the next page; told by the box that starts the context.
    """

    __slots__ = ("consumed", "floats", "forced", "index", "inner", "page")

    def __init__(
        self, index: int, inner: Any = None, forced: str = "", consumed: float = 0.0, page: PageTurn | None = None
    ) -> None:
        self.index = index
        self.inner = inner
        self.forced = forced
        self.consumed = consumed
        self.page = page
        self.floats: tuple[PendingFloat, ...] = ()


class LineToken(NamedTuple):
    """Where a paragraph goes on: item, piece of the item, character of the piece."""

    item: int
    piece: int
    offset: int


Laid = tuple["BoxFragment | None", "BreakToken | None"]
LayoutFunction = Callable[[Any, Space, Any], Laid]
SizeFunction = Callable[[Any], tuple[float, float]]

Reach = tuple["float | None", "float | None"]
"""Where an area of a grid begins and ends along an axis, from the content box's edge; None: at the padding edge."""

GridLines = Callable[["Style", float, "float | None"], tuple[Reach, Reach]]
"""Of a style that names grid lines, and a container's content width and height: where they are."""

_LAYOUT: Final[dict[type, LayoutFunction]] = {}
_SIZES: Final[dict[type, SizeFunction]] = {}
FILLING: Final[set[type]] = set()
"""Kinds that fill a block box, which tells them the limits of its height."""

BEFORE: Final = BreakToken(0)
"""The token that goes with no fragment: everything is still to come."""


def register(kind: type, layout_function: LayoutFunction, size_function: SizeFunction, *, fills: bool = False) -> None:
    """Say how boxes of a kind are laid out, and how their content sizes are found. `fills`: see `FILLING`."""
    if fills:
        FILLING.add(kind)
    _LAYOUT[kind] = layout_function
    _SIZES[kind] = size_function


def layout(box: Box, space: Space, resume: BreakToken | None = None) -> Laid:
    """Lay out a box of any kind: as much of it as fits, and where the rest begins."""
    return _LAYOUT[type(box)](box, space, resume)


def content_sizes(box: Box) -> tuple[float, float]:
    """Min-content and max-content contribution of a box: outer widths, margins included. Memoised on the box."""
    found = box.sizes
    if found is None:
        found = box.sizes = _SIZES[type(box)](box)
    return found
