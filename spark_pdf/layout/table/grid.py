"""The grid of a table: which cell is where, and its collapsed borders (CSS 2.2, 17.2, 17.5 and 17.6).

In: a `TableBox`. Out: a `Grid`, kept on the box. Rows are in visual order: header, bodies, footer. Costs grow with the
number of cells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from spark_pdf.layout.boxes import CellBox, ColumnBox, GroupBox, RowBox, TableBox, anonymous
from spark_pdf.layout.geometry import Edges, derived, edges_of

if TYPE_CHECKING:
    from spark_pdf.layout.generation.bands import Band
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.values import Color


class Edge(NamedTuple):
    """A collapsed border between two cells, or at the table's edge."""

    width: float
    line: str
    color: Color


_RANK = {name: rank for rank, name in enumerate(
    ("none", "inset", "groove", "outset", "ridge", "dotted", "dashed", "solid", "double")
)}  # fmt: skip
_SIDES = ("top", "right", "bottom", "left")
TOP, RIGHT, BOTTOM, LEFT = range(4)
_MOST_ROWS: Final = 40
_MOST_KEPT = 2000
"""Decisions kept with one table style; a template has dozens, unless it writes style attributes from data."""


EdgeKey = tuple["Style", float, float, float, float]
"""A cell's style, and the halves of its borders: top, right, bottom, left."""


class FoldedRow(RowBox):
    """Stands for rows of a band that are alike and stand between rows that are alike: the grid has it at the place of
    each. Its cells are empty, and ask for as much room as the widest.
    """

    __slots__ = ("band",)

    def __init__(self, style: Style, group: GroupBox, band: Band) -> None:
        super().__init__(style, None, group)
        self.band = band


class Grid:
    """A table's rows and columns. `bodies`: rows that are neither header nor footer, the flow that pages divide.

    `horizontal[r][c]`: the collapsed border above row r (one more than rows); `vertical[r][c]`: left of column c. Both
    empty in the separated model. `parted`: cells stand apart, or span rows. `widths`: column widths by available
    width, a memo of `table_columns`. Rows that are alike may be one object (`FoldedRow`) in several places: `distinct`
    are the different ones, and `body` gives a row of the bodies as it is.
    """

    __slots__ = (
        "_open", "bodies", "collapse", "columns", "distinct", "edges", "extent", "footer", "header", "hidden",
        "horizontal", "parted", "rows", "spacing", "vertical", "widths",
    )  # fmt: skip

    def __init__(self, box: TableBox) -> None:
        header = box.header.rows if box.header is not None else []
        footer = box.footer.rows if box.footer is not None else []
        self.header = list(header)
        self.footer = list(footer)
        self.bodies = [row for group in box.groups for row in group.rows]
        self.rows: list[RowBox] = [*self.header, *self.bodies, *self.footer]
        groups = [group for group in (box.header, *box.groups, box.footer) if group is not None]
        placed, spans = _place(groups)
        self.columns = max(placed, len(box.columns))
        self.distinct = self.rows
        self._open: list[tuple[Band, list[RowBox]]] = []
        folds = any(group.bands is not None for group in groups)
        if folds:
            self.distinct = list(dict.fromkeys(self.rows))
        if box.style.direction == "rtl":
            _mirror(self, box)
        if any(row.style.visibility == "collapse" for row in self.distinct):
            self._collapse_rows()
        if folds:
            self._number_bands()
        self.hidden = frozenset(
            [index for index, column in enumerate(box.columns) if column.style.visibility == "collapse"]
        )
        self.collapse = box.style.border_collapse == "collapse"
        self.spacing = (0.0, 0.0) if self.collapse else box.style.border_spacing
        self.parted = spans or self.spacing != (0.0, 0.0)
        self.horizontal: list[list[Edge | None]] = []
        self.vertical: list[list[Edge | None]] = []
        self.widths: dict[tuple[float, float | None], list[float]] = {}
        self.extent: object = None
        self.edges: Edges | None = None
        if self.collapse and self.columns:
            _Borders(box, self).resolve()

    def _number_bands(self) -> None:
        band: Band | None = None
        for index, row in enumerate(self.bodies):
            if isinstance(row, FoldedRow) and row.band is not band:
                band = row.band
                band.first = index

    def body(self, index: int) -> RowBox:
        """A row of the bodies with its cells; some that pages come to are made now, and the last ones kept."""
        row = self.bodies[index]
        if not isinstance(row, FoldedRow):
            return row
        band = row.band
        for known, rows in self._open:
            if known is band:
                return rows[index - band.first]
        rows = self._opened(band)
        self._open = [*self._open[-1:], (band, rows)]
        return rows[index - band.first]

    def _opened(self, band: Band) -> list[RowBox]:
        """The rows of a band, each in its place."""
        rows = band.open()
        for offset, row in enumerate(rows):
            index = band.first + offset
            for cell, known in zip(row.cells, self.bodies[index].cells, strict=True):
                cell.row, cell.column = len(self.header) + index, known.column
                cell.edges = known.edges
        return rows

    def _collapse_rows(self) -> None:
        """Rows of `visibility: collapse` are left out, and cells that span them become shorter (CSS 2.2, 17.5.5)."""
        kept: list[RowBox] = []
        every = self.rows
        above: list[CellBox] = []  # cells that go on below the row at hand
        for row in self.rows:
            above = [cell for cell in above if cell.row + cell.rowspan > len(kept)]
            if row.style.visibility == "collapse":
                for cell in above:
                    cell.rowspan -= 1
                continue
            for cell in row.cells:
                cell.row = len(kept)
                if cell.rowspan > 1:
                    above.append(cell)
            kept.append(row)
        self.rows = kept
        self.distinct = kept if self.distinct is every else list(dict.fromkeys(kept))
        gone = {*self.header, *self.bodies, *self.footer} - set(kept)
        self.header = [row for row in self.header if row not in gone]
        self.bodies = [row for row in self.bodies if row not in gone]
        self.footer = [row for row in self.footer if row not in gone]


def _mirror(grid: Grid, box: TableBox) -> None:
    """Columns from right to left (CSS 2.2, 17.5): everything else counts columns as they are seen."""
    for row in grid.distinct:
        for cell in row.cells:
            cell.column = grid.columns - cell.column - cell.colspan
    if box.columns:
        plain = anonymous(box.style, "table-column")
        missing = [ColumnBox(plain, None, None) for _ in range(grid.columns - len(box.columns))]
        box.columns = [*box.columns, *missing][::-1]


def grid_of(box: TableBox) -> Grid:
    """The grid of a table, made when it is first asked for."""
    found = box.grid
    if found is None:
        found = box.grid = Grid(box)
    return found  # type: ignore[no-any-return]


def _place(groups: list[GroupBox]) -> tuple[int, bool]:
    """Give each cell its row and column; no cell spans beyond its row group (HTML, 4.9.12). Returns the number of
    columns, and whether any cell spans rows.
    """
    columns, spans = 0, False
    row_index = 0
    for group in groups:
        taken: dict[int, int] = {}  # column: rows that a cell from above still covers
        count = len(group.rows)
        for offset, row in enumerate(group.rows):
            column = 0
            below: dict[int, int] = {}
            for cell in row.cells:
                while taken and taken.get(column, 0):
                    column += 1
                cell.row = row_index
                cell.column = column
                left = count - offset
                if cell.rowspan == 0 or cell.rowspan > left:
                    cell.rowspan = left
                if cell.rowspan > 1:
                    for spanned in range(column, column + cell.colspan):
                        below[spanned] = cell.rowspan - 1
                column += cell.colspan
            columns = max(columns, column)
            if taken or below:
                spans = True
                taken = {c: n - 1 for c, n in taken.items() if n > 1}
                taken.update(below)
            row_index += 1
    return columns, spans


def _side(style: Style, side: int) -> Edge:
    kept = derived(style)
    found = kept.get("border sides")
    if found is None:
        found = kept["border sides"] = tuple(
            Edge(
                getattr(style, f"border_{name}_width"),
                getattr(style, f"border_{name}_style"),
                getattr(style, f"border_{name}_color"),
            )
            for name in _SIDES
        )
    return found[side]  # type: ignore[index,no-any-return]


class _Decided(NamedTuple):
    """The collapsed borders of a table: along its lines, around the cells of each row, and around itself."""

    horizontal: list[list[Edge | None]]
    vertical: list[list[Edge | None]]
    cells: list[list[Edges | None]]
    borders: tuple[float, float, float, float]


def _give(row: RowBox, decided: list[Edges | None]) -> None:
    for index, cell in enumerate(row.cells):
        cell.edges = decided[index]


class _Borders:
    """Conflicts of collapsed borders (CSS 2.2, 17.6.2.1), decided once for each combination of styles.

    What was decided is kept with the table's style, so that a template's tables decide it once per worker: of whole
    tables where they are short and no cell spans, else of the lines and rows.
    """

    __slots__ = ("box", "boxes", "cells", "grid", "known", "lines", "rows", "tables")

    def __init__(self, box: TableBox, grid: Grid) -> None:
        self.box = box
        self.grid = grid
        kept = derived(box.style)
        columns = ("collapsed", grid.columns, *[(column.style, column.group) for column in box.columns])
        found = kept.get(columns)
        if found is None or sum(map(len, found)) > _MOST_KEPT:  # type: ignore[call-overload]
            found = kept[columns] = ({}, {}, {}, {}, {})
        self.known: dict[tuple[tuple[Style, int], ...], Edge | None]
        self.lines: dict[object, list[Edge | None]]
        self.boxes: dict[EdgeKey, Edges]
        self.rows: dict[object, list[Edges | None]]
        self.tables: dict[object, _Decided]
        self.known, self.lines, self.boxes, self.rows, self.tables = found  # type: ignore[misc]
        self.cells: list[list[CellBox | None]] = []

    def resolve(self) -> None:
        """Give the grid its lines, and the cells and the table their edges."""
        grid = self.grid
        alike = self._signatures()
        key = self._table_key(alike)
        known = self.tables.get(key) if key is not None else None
        if known is None:
            borders = self._decide(alike)
            if key is not None:
                cells = [[cell.edges for cell in row.cells] for row in grid.rows]
                self.tables[key] = _Decided(grid.horizontal, grid.vertical, cells, borders)
        else:
            grid.horizontal, grid.vertical, borders = known.horizontal, known.vertical, known.borders
            for number, row in enumerate(grid.rows):
                _give(row, known.cells[number])
        style = self.box.style
        margins = (style.margin_top, style.margin_right, style.margin_bottom, style.margin_left)
        grid.edges = Edges(margins, borders, (0.0, 0.0, 0.0, 0.0))

    def _table_key(self, alike: list[tuple[Style, ...] | None]) -> object:
        """What all of a table's borders follow from: its rows, and where groups begin. None where they are to be
        decided anew.
        """
        grid = self.grid
        if len(alike) > _MOST_ROWS or grid.distinct is not grid.rows or None in alike:
            return None
        begins: list[int] = []
        group: GroupBox | None = None
        for number, row in enumerate(grid.rows):
            if row.group is not group:
                group = row.group
                begins.append(number)
        return (*begins, *alike)

    def _place_cells(self) -> None:
        grid = self.grid
        if grid.distinct is grid.rows:
            self.cells = [[None] * grid.columns for _ in grid.rows]
        else:
            lines: dict[RowBox, list[CellBox | None]] = {row: [None] * grid.columns for row in grid.distinct}
            self.cells = [lines[row] for row in grid.rows]
        for row in grid.distinct:
            for cell in row.cells:
                for r in range(cell.row, cell.row + cell.rowspan):
                    line = self.cells[r]
                    for c in range(cell.column, min(cell.column + cell.colspan, grid.columns)):
                        line[c] = cell

    def _decide(self, alike: list[tuple[Style, ...] | None]) -> tuple[float, float, float, float]:
        """Decide what is not known yet; returns the table's own borders."""
        grid = self.grid
        self._place_cells()
        lines, boxes = self.lines, self.boxes
        for r in range(len(grid.rows) + 1):
            above = alike[r - 1] if r else ()
            below = alike[r] if r < len(grid.rows) else ()
            key: object = None
            if above is not None and below is not None:
                joined = bool(above and below) and grid.rows[r - 1].group is grid.rows[r].group
                key = (above, below, joined)
            grid.horizontal.append(self._remembered(lines, key, self._horizontal, r))
        for r in range(len(grid.rows)):
            grid.vertical.append(self._remembered(lines, alike[r], self._vertical, r))
        if grid.distinct is grid.rows:
            for r, row in enumerate(grid.rows):
                self._row_edges(row, r, alike, boxes)
        else:
            for row in grid.distinct:
                for cell in row.cells:
                    self._cell_edges(cell, boxes)
        return self._table_borders()

    def _signatures(self) -> list[tuple[Style, ...] | None]:
        """What a row's borders follow from: its styles. None where a cell spans, so that rows may differ otherwise."""
        found: list[tuple[Style, ...] | None] = []
        covered = 0
        folded: dict[FoldedRow, tuple[Style, ...] | None] = {}
        for number, row in enumerate(self.grid.rows):
            if isinstance(row, FoldedRow) and row in folded:
                found.append(folded[row])
                continue
            spans = number < covered or len(row.cells) != self.grid.columns
            for cell in row.cells:
                if cell.colspan > 1 or cell.rowspan > 1:
                    spans = True
                    covered = max(covered, number + cell.rowspan)
            styles = (row.style, row.group.style, *[cell.style for cell in row.cells])
            found.append(None if spans else styles)
            if isinstance(row, FoldedRow):
                folded[row] = found[-1]
        return found

    def _remembered(
        self, lines: dict[object, list[Edge | None]], key: object, make: Callable[[int], list[Edge | None]], r: int
    ) -> list[Edge | None]:
        if key is None:
            return make(r)
        found = lines.get(key)
        if found is None:
            found = lines[key] = make(r)
        return found

    def _wins(self, candidates: tuple[tuple[Style, int], ...]) -> Edge | None:
        """The winner among (style, side)s, in order of precedence where width and style are equal."""
        try:
            return self.known[candidates]
        except KeyError:
            pass
        best: Edge | None = None
        for style, side in candidates:
            edge = _side(style, side)
            if edge.line == "hidden":
                best = None
                break
            if edge.line == "none" or not edge.width:
                continue
            if best is None or (edge.width, _RANK[edge.line]) > (best.width, _RANK[best.line]):
                best = edge
        self.known[candidates] = best
        return best

    def _horizontal(self, r: int) -> list[Edge | None]:
        grid, table = self.grid, self.box.style
        above = self.cells[r - 1] if r else None
        below = self.cells[r] if r < len(grid.rows) else None
        upper, lower = (grid.rows[r - 1] if r else None), (grid.rows[r] if below is not None else None)
        rows: list[tuple[Style, int]] = []
        if upper is not None:
            rows.append((upper.style, BOTTOM))
        if lower is not None:
            rows.append((lower.style, TOP))
        if upper is None or lower is None or upper.group is not lower.group:
            if upper is not None:
                rows.append((upper.group.style, BOTTOM))
            if lower is not None:
                rows.append((lower.group.style, TOP))
        outer = TOP if upper is None else BOTTOM if lower is None else None
        line: list[Edge | None] = []
        for c in range(grid.columns):
            a = above[c] if above is not None else None
            b = below[c] if below is not None else None
            if a is not None and a is b:
                line.append(None)
                continue
            found: list[tuple[Style, int]] = []
            if a is not None:
                found.append((a.style, BOTTOM))
            if b is not None:
                found.append((b.style, TOP))
            found += rows
            if outer is not None:
                if c < len(self.box.columns):
                    column = self.box.columns[c]
                    found.append((column.style, outer))
                    if column.group is not None:
                        found.append((column.group, outer))
                found.append((table, outer))
            line.append(self._wins(tuple(found)))
        return line

    def _vertical(self, r: int) -> list[Edge | None]:
        grid, table, columns = self.grid, self.box.style, self.box.columns
        cells, row = self.cells[r], grid.rows[r]
        line: list[Edge | None] = []
        for c in range(grid.columns + 1):
            a = cells[c - 1] if c else None
            b = cells[c] if c < grid.columns else None
            if a is not None and a is b:
                line.append(None)
                continue
            found: list[tuple[Style, int]] = []
            if a is not None:
                found.append((a.style, RIGHT))
            if b is not None:
                found.append((b.style, LEFT))
            outer = LEFT if not c else RIGHT if c == grid.columns else None
            if outer is not None:
                found += [(row.style, outer), (row.group.style, outer)]
            if columns:
                left = columns[c - 1] if 0 < c <= len(columns) else None
                right = columns[c] if c < len(columns) else None
                if left is not None:
                    found.append((left.style, RIGHT))
                if right is not None:
                    found.append((right.style, LEFT))
                before, after = left.group if left else None, right.group if right else None
                if before is not after:
                    if before is not None:
                        found.append((before, RIGHT))
                    if after is not None:
                        found.append((after, LEFT))
            if outer is not None:
                found.append((table, outer))
            line.append(self._wins(tuple(found)))
        return line

    def _row_edges(
        self, row: RowBox, r: int, alike: list[tuple[Style, ...] | None], boxes: dict[EdgeKey, Edges]
    ) -> None:
        """The edges of a row's cells, which follow from its styles and the lines around it, where these are kept."""
        key: object = None
        last = r + 1 == len(alike)
        if alike[r] is not None and (not r or alike[r - 1] is not None) and (last or alike[r + 1] is not None):
            key = (alike[r], id(self.grid.horizontal[r]), id(self.grid.horizontal[r + 1]))
            known = self.rows.get(key)
            if known is not None:
                _give(row, known)
                return
        for cell in row.cells:
            self._cell_edges(cell, boxes)
        if key is not None:
            self.rows[key] = [cell.edges for cell in row.cells]

    def _cell_edges(self, cell: CellBox, boxes: dict[EdgeKey, Edges]) -> None:
        """In the collapsed model half of each border belongs to a cell."""
        grid = self.grid
        if cell.colspan == 1 and cell.rowspan == 1:
            r, c = cell.row, cell.column
            sides = grid.horizontal[r][c], grid.vertical[r][c + 1], grid.horizontal[r + 1][c], grid.vertical[r][c]
            top, right, bottom, left = [edge.width / 2 if edge is not None else 0.0 for edge in sides]
            key = (cell.style, top, right, bottom, left)
            cell.edges = boxes.get(key) or self._new_edges(key, boxes)
            return
        columns = range(cell.column, min(cell.column + cell.colspan, grid.columns))
        rows = range(cell.row, cell.row + cell.rowspan)
        above, below = grid.horizontal[cell.row], grid.horizontal[cell.row + cell.rowspan]
        last = columns[-1] + 1 if columns else cell.column
        top = max([e.width for c in columns if (e := above[c])], default=0.0) / 2
        bottom = max([e.width for c in columns if (e := below[c])], default=0.0) / 2
        left = max([e.width for r in rows if (e := grid.vertical[r][cell.column])], default=0.0) / 2
        right = max([e.width for r in rows if (e := grid.vertical[r][last])], default=0.0) / 2
        key = (cell.style, top, right, bottom, left)
        cell.edges = boxes.get(key) or self._new_edges(key, boxes)

    def _new_edges(self, key: EdgeKey, boxes: dict[EdgeKey, Edges]) -> Edges:
        style, top, right, bottom, left = key
        own = edges_of(style, 0.0)
        paddings = (
            own.top - own.border_top, own.right - own.border_right,
            own.bottom - own.border_bottom, own.left - own.border_left,
        )  # fmt: skip
        edges = boxes[key] = Edges((0.0, 0.0, 0.0, 0.0), (top, right, bottom, left), paddings)
        return edges

    def _table_borders(self) -> tuple[float, float, float, float]:
        grid = self.grid
        if not grid.rows:
            own = edges_of(self.box.style, 0.0)
            return own.border_top / 2, own.border_right / 2, own.border_bottom / 2, own.border_left / 2
        return (
            max([e.width for e in grid.horizontal[0] if e], default=0.0) / 2,
            max([e.width for line in grid.vertical if (e := line[-1])], default=0.0) / 2,
            max([e.width for e in grid.horizontal[-1] if e], default=0.0) / 2,
            max([e.width for line in grid.vertical if (e := line[0])], default=0.0) / 2,
        )
