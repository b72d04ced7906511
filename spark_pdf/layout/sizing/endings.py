"""Whether a box that goes on from page to page ends where its content does (CSS Fragmentation 3, 3 and 5).

In: a table cell, or a flex or grid item. Out: whether all that is left of it fits on a page exactly where none of it is
left over when that page is full. So what a page takes tells whether there is more, and nobody has to lay out all that
is left to see how high that is, which would cost what goes on over many pages the square of their number. It is
otherwise where heights are given, beyond which content may reach or where it may end early, and where pages are asked
for by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import ATOM, FLOAT, BlockBox, Box, CellBox, FieldsetBox, Lines, OutOfFlow, TableBox

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style


def ends_with_content(box: Box) -> bool:
    """Whether the box and each one within are as high as what is in them, and stand on whatever page."""
    waiting = [box]
    while waiting:
        inner = waiting.pop()
        style = inner.style
        if style.page != "auto":
            return False
        # A cell's height is a minimum; lines have their container's style.
        if type(inner) is not CellBox and type(inner) is not Lines and not _is_auto(style):
            return False
        waiting += _within(inner)
    return True


def _is_auto(style: Style) -> bool:
    if style.height != "auto" or style.max_height != "none" or style.min_height not in ("auto", 0.0):
        return False
    return style.overflow_y in ("visible", "clip")


def cell_ends_with_content(cell: CellBox) -> bool:
    """The same of a cell, which keeps the answer."""
    if cell.plain is None:
        cell.plain = ends_with_content(cell)
    return cell.plain


def _within(box: Box) -> list[Box]:
    if isinstance(box, BlockBox):
        found = list(box.children)
        if isinstance(box, FieldsetBox) and box.legend is not None:
            found.append(box.legend)
        return found
    if isinstance(box, Lines):
        return [] if box.simple is not None else [item.box for item in box.items if item.kind in (ATOM, FLOAT)]
    if isinstance(box, TableBox):
        return [cell for group in box.groups for row in group.rows for cell in row.cells]
    return [box.box] if isinstance(box, OutOfFlow) else list(box.within())
