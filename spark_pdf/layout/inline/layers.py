"""Inline boxes that are painted as one: what stands in them on a line becomes theirs (CSS 2.2, appendix E, 7.2.1).

In: the runs of a line, all placed. Out: its fragments, where what an inline box with `opacity`, a z-index, `position:
relative` and the like holds are children of that box's fragment. Lines without such boxes stay flat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import layered
from spark_pdf.layout.fragments import BoxFragment, Fragment

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import InlineBox

Boxes = dict["InlineBox", "BoxFragment | None"]


def host_of(inline: InlineBox | None, boxes: Boxes) -> BoxFragment | None:
    """The fragment of the nearest inline box around that is painted as one."""
    while inline is not None:
        if layered(inline.style):
            found = boxes.get(inline)
            if found is not None:
                return found
        inline = inline.parent
    return None


def layers_of(runs: list[tuple[Any, InlineBox | None, Any, int]], boxes: Boxes) -> list[Fragment]:
    """The fragments of a line that stand in its container; all others are in one of these."""
    out: list[Fragment] = []
    places: dict[BoxFragment, tuple[float, float]] = {
        fragment: (fragment.x, fragment.y) for fragment in boxes.values() if fragment is not None
    }
    for fragment, inline, extra, _ in runs:
        own = extra is None and inline is not None and boxes.get(inline) is fragment
        host = host_of(inline.parent if own and inline is not None else inline, boxes)
        if fragment.style.visibility != "visible" and type(fragment) is not BoxFragment:
            continue
        if host is None:
            out.append(fragment)
        else:
            x, y = places[host]
            fragment.x -= x
            fragment.y -= y
            host.children.append(fragment)
    return out
