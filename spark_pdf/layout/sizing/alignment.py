"""Box alignment: where things go in the space that is left (CSS Box Alignment 3).

In: a keyword, the free space, how many things share it. Out: offsets from the start of the axis. Whoever calls says
which way the axis runs; "flex-start" and its kin are along it, "start", "left" and their kin along the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

_FALLBACK = {"space-between": "flex-start", "stretch": "flex-start", "normal": "flex-start",
             "space-around": "safe center", "space-evenly": "safe center",
             "baseline": "start", "last baseline": "end"}  # fmt: skip
_START = ("flex-start", "start", "self-start", "left", "baseline")


def toward_end(keyword: str, reverse: bool, right: bool) -> bool | None:
    """Whether a position keyword means the axis's end; None for the middle.

    `reverse`: the axis runs against the writing mode's. `right`: its end is at the right (of a vertical axis: never
    asked for, so `left` and `right` are start).
    """
    if keyword == "center":
        return None
    if keyword in ("flex-start", "flex-end"):
        return keyword == "flex-end"
    if keyword in ("left", "right"):
        return (keyword == "right") == right
    if keyword in ("end", "self-end", "last baseline"):
        return not reverse
    return reverse


def distribute(keyword: str, free: float, count: int, reverse: bool = False, right: bool = True) -> tuple[float, float]:
    """`justify-content` or `align-content`: where the first of `count` things begins, and what comes between two."""
    if free > 0 and count:
        if keyword == "space-between" and count > 1:
            return 0.0, free / (count - 1)
        if keyword == "space-around":
            return free / count / 2, free / count
        if keyword == "space-evenly":
            return free / (count + 1), free / (count + 1)
    return position(_FALLBACK.get(keyword, keyword), free, reverse, right), 0.0


def position(keyword: str, free: float, reverse: bool = False, right: bool = True) -> float:
    """How far one thing is moved along its axis into the free space that it has; that may be negative.

    `safe` means the start of the writing mode rather than losing content (4.4).
    """
    first, _, second = keyword.partition(" ")
    if second and first in ("safe", "unsafe"):
        if first == "safe" and free < 0:
            return free if reverse else 0.0
        keyword = second
    end = toward_end(keyword, reverse, right)
    if end is None:
        return free / 2
    return free if end else 0.0


def self_alignment(own: str, items: str) -> str:
    """`align-self` or `justify-self`, where auto is what the container says for its items."""
    return items if own == "auto" else own


def static_shift(container: Style, style: Style, free: tuple[float, float]) -> tuple[float, float]:
    """Where a positioned child of a flex or grid container stands in the container's content box, from its top left
    corner, as if it were the only item (Flexbox 1, 4.1; Grid 1, 9.2). `free`: what the child leaves of that box.
    """
    rtl = container.direction == "rtl"
    align = self_alignment(style.align_self, container.align_items)
    if container.display.endswith("grid"):
        across = _alone(self_alignment(style.justify_self, container.justify_items), free[0], False, not rtl)
        return free[0] - across if rtl else across, _alone(align, free[1], False, True)
    direction, wrap_reverse = container.flex_direction, container.flex_wrap == "wrap-reverse"
    reverse = direction.endswith("reverse")
    if direction.startswith("row"):
        across, _ = distribute(container.justify_content, free[0], 1, reverse, reverse == rtl)
        along = _alone(align, free[1], wrap_reverse, True)
        mirrored = reverse != rtl, wrap_reverse
    else:
        across = _alone(align, free[0], wrap_reverse, wrap_reverse == rtl)
        along, _ = distribute(container.justify_content, free[1], 1, reverse)
        mirrored = wrap_reverse != rtl, reverse
    return free[0] - across if mirrored[0] else across, free[1] - along if mirrored[1] else along


def _alone(keyword: str, free: float, reverse: bool, right: bool) -> float:
    return position("flex-start" if keyword in ("stretch", "normal", "baseline") else keyword, free, reverse, right)


def gap(value: object, base: float | None) -> float:
    """`row-gap` or `column-gap` in px, percentages of `base`; of an unknown base they are 0 (8.3)."""
    from spark_pdf.layout.values import Percentage

    if value.__class__ is str:
        return 0.0
    if value.__class__ is Percentage:
        return 0.0 if base is None else max(value * base, 0.0)
    return float(value)  # type: ignore[arg-type]


def is_stretched(style: Style, keyword: str, auto_size: bool) -> bool:
    """Whether an item fills its area along an axis in which its size is auto and it has no auto margins."""
    return auto_size and keyword in ("stretch", "normal")
