"""Header and footer groups of tables whose rows say something else on each page: sums carried forward, page numbers.

In: the element of such a group, and the values of the page at hand (`Paged.now`). Out: its rows with their content
made anew, in the places of those that the table was measured by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import RowBox

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import GroupBox
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.marks import Snapshot
    from spark_pdf.layout.style import Style


class LiveGroup:
    """Makes the rows of one group again. `counters`: those in scope where the group stands."""

    __slots__ = ("_context", "_counters", "_element", "_generator", "_style", "_table")

    def __init__(
        self, generator: Generator, table: Style, element: Element, style: Style, context: Context, counters: Snapshot
    ) -> None:
        self._generator = generator
        self._table = table
        self._element = element
        self._style = style
        self._context = context
        self._counters = counters

    def rows(self, measured: list[RowBox]) -> list[RowBox]:
        """The rows for the page at hand. `measured`: those whose places in the grid they take."""
        generator = self._generator
        kept = generator.counters.visit(self._counters)
        made = generator.group_again(self._table, self._element, self._style, self._context)
        generator.counters.restore(kept)
        return [_placed_like(old, new) for old, new in zip(measured, made, strict=True)]

    def measure(self, group: GroupBox) -> None:
        """Fill the group with the longest texts that it can come to show, for the widths of columns."""
        paged = self._generator.paged
        if paged.now is not None:
            return
        paged.now = paged.widest()
        for old, new in zip(group.rows, self.rows(group.rows), strict=True):
            for cell, filled in zip(old.cells, new.cells, strict=True):
                cell.children = filled.children
        paged.now = None


def _placed_like(old: RowBox, new: RowBox) -> RowBox:
    if not old.cells:
        return old
    row = RowBox(old.style, old.node, old.group)
    row.marked = old.marked
    row.cells = new.cells
    for cell, known in zip(new.cells, old.cells, strict=True):
        cell.row, cell.column = known.row, known.column
        cell.rowspan, cell.colspan = known.rowspan, known.colspan
        cell.edges = known.edges
    return row
