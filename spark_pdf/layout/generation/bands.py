"""Bands of table rows that are not kept: made to be measured, let go, and made again when pages come to them.

In: the rows that a `FoldedRows` (`html/folding.py`) led to. Out: what stands for them in their group: for rows of one
style between rows of one style a single `FoldedRow`, whose cells ask for as much room as the widest of them. So what
walks all rows before the first page (places in the grid, collapsed borders, widths of columns) comes to the same, and
20,000 pages of rows take some 100 bytes a row. Rows are folded if nothing was done for the document alone while they
were made, by the same `once` as in `keeping.py`, and all their content could be let go (`later.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import CellBox, RowBox
from spark_pdf.layout.sizing.endings import cell_ends_with_content
from spark_pdf.layout.table.grid import FoldedRow

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import GroupBox
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.html.folding import FoldedRows
    from spark_pdf.layout.style import Style


class Band:
    """`count` rows of a group that are made when they are asked for. `first`: the number of its first row in the grid's
    bodies.
    """

    __slots__ = ("_context", "_generator", "_group", "_rows", "_table", "count", "first")

    def __init__(
        self, generator: Generator, rows: FoldedRows, group: GroupBox, table: Style, context: Context, count: int
    ) -> None:  # fmt: skip
        self._generator = generator
        self._rows = rows
        self._group = group
        self._table = table
        self._context = context
        self.count = count
        self.first = 0

    def open(self) -> list[RowBox]:
        """The rows with all that is in them. Whoever has them places them in the grid."""
        nodes = self._rows.open()
        made = self._generator.rows_again(self._table, self._group, nodes, self._context)
        self._rows.close(nodes)
        return made

    def keep(self) -> list[RowBox]:
        """The rows, which remain from now on."""
        nodes = self._rows.keep()
        return self._generator.rows_again(self._table, self._group, nodes, self._context)


def stand_ins(made: list[RowBox], band: Band, group: GroupBox) -> list[RowBox] | None:
    """What stands for each of some rows; None where they have to be kept."""
    shapes: list[tuple[Style, ...]] = []
    fixed: dict[int, bool] = {}
    for row in made:
        if not _may_go(row, group):
            return None
        styles = [cell.style for cell in row.cells]
        for column, style in enumerate(styles):
            # The first given width of a column takes back what other cells ask for, so their order would count.
            if fixed.setdefault(column, type(style.width) is float) != (type(style.width) is float):
                return None
        shapes.append((row.style, *styles))
    known: dict[object, FoldedRow] = {}
    found: list[RowBox] = []
    last = len(made) - 1
    for index, row in enumerate(made):
        key = (shapes[index - 1], shapes[index], shapes[index + 1]) if 0 < index < last else index
        stand = known.get(key)
        if stand is None:
            stand = known[key] = FoldedRow(row.style, group, band)
            stand.cells = [_empty(cell) for cell in row.cells]
        for cell, own in zip(stand.cells, row.cells, strict=True):
            cell.inner = max(cell.inner[0], own.inner[0]), max(cell.inner[1], own.inner[1])
        found.append(stand)
    return found


def unfold(group: GroupBox) -> None:
    """Make the folded rows of a group for good."""
    rows: list[RowBox] = []
    done: Band | None = None
    for row in group.rows:
        if not isinstance(row, FoldedRow):
            rows.append(row)
        elif row.band is not done:
            done = row.band
            rows += done.keep()
    group.rows[:] = rows
    group.bands = None


def _may_go(row: RowBox, group: GroupBox) -> bool:
    node = row.node
    if node is None or node.parent is not group.node or row.marked or row.style.visibility == "collapse":
        return False
    return bool(row.cells) and all(map(_cell_may_go, row.cells))


def _cell_may_go(cell: CellBox) -> bool:
    if cell.colspan != 1 or cell.rowspan != 1 or (cell.children and cell.later is None):
        return False
    return cell.marker is None and not cell.out and cell_ends_with_content(cell)


def _empty(cell: CellBox) -> CellBox:
    made = CellBox(cell.style, None)
    made.page = cell.page
    made.plain = cell.plain
    return made
