"""How what stands on a line stands in height: baselines, `vertical-align`, the line box (CSS 2.2, 10.8.1).

In: what `inline` placed across a line. Out: the line's height and baseline, and the `y` of each fragment. Every inline
box that the line touches counts with its line-height, and so does the container's strut. Boxes aligned to `top` or
`bottom` are settled last, each with what is aligned to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import InlineBox, Lines
from spark_pdf.layout.fragments import BoxFragment, Decoration
from spark_pdf.layout.geometry import edges_of
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.inline.textrun import TextMetrics
    from spark_pdf.layout.style import Style

Run = tuple[Any, InlineBox | None, Any]


class _Group:
    """Boxes that keep their distance to each other: those on the line's baseline, or those of one top or bottom box."""

    __slots__ = ("above", "align", "below", "y")

    def __init__(self, align: str) -> None:
        self.align = align
        self.above = -1e9
        self.below = -1e9
        self.y = 0.0

    def take(self, above: float, below: float) -> None:
        if above > self.above:
            self.above = above
        if below > self.below:
            self.below = below


class LineStack:
    """One line's heights. `runs`: (fragment, inline parent, item, or what an atom reaches)."""

    __slots__ = ("_width", "boxes", "groups", "lines", "runs", "shifts")

    def __init__(self, lines: Lines, runs: list[Run], boxes: dict[InlineBox, BoxFragment | None]) -> None:
        self.lines = lines
        self.runs = runs
        self.boxes = boxes
        self.shifts: dict[InlineBox | None, tuple[float, _Group]] = {}
        self.groups: list[_Group] = []

    def place(self, y: float, width: float) -> tuple[float, float]:
        """Set every fragment's `y`; return the line's height and the y of its baseline."""
        root = _Group("")
        metrics = self.lines.metrics
        root.take(metrics.above, metrics.below)
        self.shifts[None] = (0.0, root)
        for inline in self.boxes:
            self._shift_of(inline)
        atoms: list[tuple[Any, float, _Group, float]] = []
        for fragment, parent, extra in self.runs:
            if type(extra) is tuple:
                above, below, style = extra
                shift, group = self._aligned(style, parent, above, below)
                group.take(above - shift, below + shift)
                atoms.append((fragment, shift, group, above))
            elif extra is not None:
                shift, group = self._shift_of(parent)
                own = extra.pieces.metrics
                if own is not (metrics if parent is None else parent.metrics):
                    group.take(own.above - shift, own.below + shift)
        height = root.above + root.below
        for group in self.groups:
            height = max(height, group.above + group.below)
        grown = height - root.above - root.below
        if grown > 0 and any(group.align == "bottom" for group in self.groups):
            # CSS 2.2 leaves open where the line grows; as browsers do: below for `top`, above for `bottom`.
            tallest = max(self.groups, key=lambda group: group.above + group.below)
            root.above += grown if tallest.align == "bottom" else 0.0
        root.y = y + root.above
        for group in self.groups:
            group.y = y + group.above if group.align == "top" else y + height - group.below
        for fragment, shift, group, above in atoms:
            margin = edges_of(fragment.style, width).margin_top
            fragment.y = group.y + shift - above + margin
        self._place_text(width)
        return height, root.y

    def _place_text(self, width: float) -> None:
        for fragment, parent, extra in self.runs:
            if extra is None:
                shift, group = self.shifts[parent]
                edges = edges_of(fragment.style, width)
                fragment.y = group.y + shift - parent.metrics.ascent - edges.top  # type: ignore[union-attr]
            elif type(extra) is not tuple:
                shift, group = self._shift_of(parent)
                fragment.y = group.y + shift
                if extra.decorations:
                    fragment.decorations = tuple(
                        [Decoration(style, self._baseline(owner) - fragment.y) for style, owner in extra.decorations]
                    )
        self._relative(width)

    def _baseline(self, owner: InlineBox | None) -> float:
        shift, group = self._shift_of(owner)
        return group.y + shift

    def _relative(self, width: float) -> None:
        """Relative positioning of inline boxes moves what is in them, after all else is settled (CSS 2.2, 9.4.3)."""
        for fragment, parent, extra in self.runs:
            inline = parent
            while inline is not None:
                if inline.style.position == "relative":
                    dx, dy = relative_offset(inline.style, width, None)
                    fragment.x += dx
                    fragment.y += dy
                inline = inline.parent
            if type(extra) is tuple and fragment.style.position == "relative":
                dx, dy = relative_offset(fragment.style, width, None)
                fragment.x += dx
                fragment.y += dy

    def _shift_of(self, inline: InlineBox | None) -> tuple[float, _Group]:
        """How far below its group's baseline an inline box's baseline lies; counts its line-height the first time."""
        found = self.shifts.get(inline)
        if found is None:
            assert inline is not None
            metrics = inline.metrics
            found = self._aligned(inline.style, inline.parent, metrics.above, metrics.below)
            self.shifts[inline] = found
            shift, group = found
            group.take(metrics.above - shift, metrics.below + shift)
        return found

    def _aligned(self, style: Style, parent: InlineBox | None, above: float, below: float) -> tuple[float, _Group]:
        shift, group = self._shift_of(parent)
        align = style.vertical_align
        if align == "baseline":
            return shift, group
        if align in ("top", "bottom"):
            own = _Group(str(align))
            self.groups.append(own)
            return 0.0, own
        outer = parent.metrics if parent is not None else self.lines.metrics
        return shift + _offset(style, align, outer, above, below), group


def _offset(style: Style, align: object, outer: TextMetrics, above: float, below: float) -> float:
    """How far below the parent's baseline a box goes whose margin box reaches `above` and `below` its own."""
    if isinstance(align, Percentage):
        # CSS 2.2, 10.8: of the box's own line-height.
        return -(align * (outer.line if isinstance(style.line_height, str) else float(style.line_height)))
    if isinstance(align, float):
        return -align
    if align in ("sub", "super"):
        # CSS 2.2 leaves the distance open; this one is Pango's, which WeasyPrint has too.
        return style.font_size / 2 if align == "sub" else -style.font_size / 2
    if align == "middle":
        return (above - below) / 2 - outer.x_height / 2
    if align == "text-top":
        return above - outer.ascent
    if align == "text-bottom":
        return outer.descent - below
    return 0.0


def relative_offset(style: Style, width: float, height: float | None) -> tuple[float, float]:
    """Where `position: relative` moves a box (CSS 2.2, 9.4.3)."""
    left, right, top, bottom = style.left, style.right, style.top, style.bottom
    dx = dy = 0.0
    if left != "auto" and (style.direction == "ltr" or right == "auto"):
        dx = left * width if type(left) is Percentage else left  # type: ignore[assignment]
    elif right != "auto":
        dx = -(right * width if type(right) is Percentage else right)  # type: ignore[operator]
    if type(top) is Percentage:
        dy = top * height if height is not None else 0.0
    elif top != "auto":
        dy = top  # type: ignore[assignment]
    elif type(bottom) is Percentage:
        dy = -bottom * height if height is not None else 0.0
    elif bottom != "auto":
        dy = -bottom  # type: ignore[operator]
    return dx, dy
