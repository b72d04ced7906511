"""Room whose width a line decides: preserved tabs (CSS Text 3, 4.2 and `tab-size`) and leaders (GCPM 3, `leader()`).

In: a `FillItem` and where on the line it stands. Out: how wide it is. A leader is first as wide as one copy of its
text; what is free on the line is given to it when all of the line is known (`special.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import FillItem
    from spark_pdf.layout.inline.textrun import TextMetrics
    from spark_pdf.layout.style import Style


def tab_interval(style: Style, metrics: TextMetrics) -> float:
    """The distance of tab stops in px: a number counts spaces with their spacing, a length stands below zero."""
    size = style.tab_size
    return -size if size < 0 else size * metrics.space


def advance(item: FillItem, x: float) -> float:
    """The width of a tab that begins at `x`, or the least one of a leader."""
    interval = item.tab
    if interval < 0:
        return item.pieces.total
    if interval < 0.01:
        return 0.0
    stop = (int(x / interval + 1e-6) + 1) * interval
    # A stop nearer than half the advance of "0" is passed over; half an em is near to a whole one.
    if stop - x < item.pieces.metrics.size / 4:
        stop += interval
    return stop - x
