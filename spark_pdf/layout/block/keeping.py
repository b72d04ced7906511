"""Fragments of boxes that documents share (`generation/keeping.py`): laid out once, then copied.

In: a box, the space that it is given. Out: the fragment that it led to in an earlier document, if the space is the same
and there is room for all of it; then where the page ends has no say in it. A fragment is kept if it is all of its box
and no part of it reaches out of what holds it, so that its height says how much room it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.formatting import EPSILON, INFINITE
from spark_pdf.layout.fragments import BoxFragment, EdgeFragment, ImageFragment, TextFragment

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import Memory
    from spark_pdf.layout.formatting import Space


def recalled(memory: Memory, space: Space) -> BoxFragment | None:
    """A copy of the fragment that the box leads to in this space; None where that is not known."""
    known, fragment = memory.space, memory.fragment
    if known is None or fragment is None:
        return None
    if (
        known.width != space.width
        or known.at_start != space.at_start
        or known.percent_height != space.percent_height
        or known.column != space.column
        or known.least != space.least
        or known.most != space.most
        or space.floats is not None
        or space.height - space.tail < _room(fragment)
        or (known.height == INFINITE) != (space.height == INFINITE)
    ):
        return None
    return _copy(fragment)


def remember(memory: Memory, space: Space, fragment: BoxFragment) -> None:
    """Keep the whole fragment of a box, before its container moves it."""
    if space.floats is not None or space.size is not None or space.extent is not None or not _contained(fragment):
        return
    memory.space = space
    memory.fragment = _copy(fragment)


def _room(fragment: BoxFragment) -> float:
    margin = fragment.margin_after
    return fragment.height + margin[0] + margin[1] + EPSILON


def _contained(fragment: BoxFragment) -> bool:
    """Whether the heights of boxes follow from what is in them, and hold it."""
    children = fragment.children
    style = fragment.style
    if len(children) == 1 and type(children[0]) is ImageFragment:
        return True
    if type(style.height) is not str or type(style.max_height) is not str or style.aspect_ratio != "auto":
        return False
    if style.box_decoration_break == "clone":
        return False
    height = fragment.height + EPSILON
    for child in children:
        if isinstance(child, BoxFragment):
            if child.y + child.height > height or not _contained(child):
                return False
        elif isinstance(child, ImageFragment):
            if child.y + child.height > height:
                return False
        elif isinstance(child, TextFragment):
            if child.y > height:
                return False
        elif not isinstance(child, EdgeFragment):
            return False
    return True


def _copy(fragment: BoxFragment) -> BoxFragment:
    """The same fragment, to be placed elsewhere; what is in it is shared."""
    made = BoxFragment(fragment.style, fragment.node, fragment.x, fragment.y, fragment.width, fragment.height)
    made.children = list(fragment.children)
    made.open_top = fragment.open_top
    made.open_bottom = fragment.open_bottom
    made.open_left = fragment.open_left
    made.open_right = fragment.open_right
    made.borders = fragment.borders
    made.link = fragment.link
    made.margin_after = fragment.margin_after
    made.baseline = fragment.baseline
    made.last_baseline = fragment.last_baseline
    return made
