"""Atomic inline-level boxes: how wide they are and how high they stand on a line (CSS 2.2, 10.3.9 and 10.8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import ReplacedBox, TableBox
from spark_pdf.layout.formatting import Space, content_sizes, layout
from spark_pdf.layout.geometry import clamped_width, edges_of, specified_width
from spark_pdf.layout.sizing.keywords import fitted_width
from spark_pdf.layout.sizing.replaced import replaced_sizes, used_size

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import Box
    from spark_pdf.layout.fragments import BoxFragment


def shrink_to_fit(box: Box, available: float) -> float:
    """Border-box width of a box whose width is auto: between its content sizes, at most what is available."""
    edges = edges_of(box.style, available)
    low, high = content_sizes(box)
    margins = edges.margin_left + edges.margin_right
    return max(min(max(low, available), high) - margins, edges.sides)


def atom_width(box: Box, available: float, percent_height: float | None = None) -> float:
    """Outer width of an atom in a line whose container is `available` px wide. `percent_height`: as in `Space`."""
    edges = edges_of(box.style, available)
    margins = edges.margin_left + edges.margin_right
    if isinstance(box, ReplacedBox):
        return used_size(box, available, percent_height)[0] + edges.sides + margins
    return border_width(box, available, percent_height) + margins


def atom_sizes(box: Box, percent_height: float | None) -> tuple[float, float]:
    """Content contribution of an atom. `percent_height`: where its container's height is known."""
    if percent_height is not None and isinstance(box, ReplacedBox):
        return replaced_sizes(box, percent_height)
    return content_sizes(box)


def border_width(box: Box, available: float, percent_height: float | None = None) -> float:
    """Border-box width of an atom, a float or an absolutely positioned box that is not replaced (CSS 2.2, 10.3.5)."""
    edges = edges_of(box.style, available)
    if edges.special:
        return fitted_width(box, edges, available, percent_height)
    used = specified_width(box.style, edges, available)
    if used is None:
        used = clamped_width(box.style, shrink_to_fit(box, available), edges, available)
    return used


def layout_atom(box: Box, available: float, percent_height: float | None = None) -> tuple[BoxFragment, float, float]:
    """Lay out an atom: its fragment, and how far its margin box reaches above and below the baseline."""
    edges = edges_of(box.style, available)
    size = None if isinstance(box, (ReplacedBox, TableBox)) else border_width(box, available, percent_height)
    fragment, _ = layout(box, Space(available, percent_height=percent_height, size=size))
    assert fragment is not None  # nothing ends the space, so all of the box fits
    fragment.x = edges.margin_left
    baseline = fragment.baseline if isinstance(box, TableBox) else fragment.last_baseline
    if baseline is None or isinstance(box, ReplacedBox) or box.style.overflow_y not in ("visible", "clip"):
        baseline = fragment.height + edges.margin_bottom
    above = baseline + edges.margin_top
    return fragment, above, fragment.height + edges.margin_top + edges.margin_bottom - above
