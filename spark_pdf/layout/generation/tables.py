"""The boxes of a table, with what its markup leaves out (CSS 2.2, 17.2.1, anonymous table objects).

In: the children of a table, row group or row, whatever they are. Out: a `TableBox` in which cells stand in rows, rows
in groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_pdf.layout.boxes import BlockBox, CellBox, ColumnBox, GroupBox, RowBox, TableBox, anonymous
from spark_pdf.layout.dom import Element
from spark_pdf.layout.generation.bands import Band, stand_ins, unfold
from spark_pdf.layout.generation.later import MANY_CELLS, Later
from spark_pdf.layout.inline.whitespace import is_blank
from spark_pdf.layout.pages.live import LiveGroup

if TYPE_CHECKING:
    from spark_pdf.layout.generation.flow import Flow
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.html.folding import FoldedRows
    from spark_pdf.layout.style import Style

_GROUPS: Final = ("table-row-group", "table-header-group", "table-footer-group")
_MOST_COLUMNS = 1000
"""HTML, 4.9.11: no column beyond this one."""
_ENDLESS = 1 << 40


class TableBuilder:
    """Takes the parts of a table in document order."""

    __slots__ = (
        "_cell", "_cells_over", "_flow", "_given_group", "_given_row", "_group", "_later", "_row", "context",
        "generator", "table",
    )  # fmt: skip

    def __init__(self, generator: Generator, table: TableBox, context: Context) -> None:
        self.generator = generator
        self.table = table
        table.page = context.page
        self.context = context
        self._group: GroupBox | None = None
        self._row: RowBox | None = None
        self._given_group = False  # the group, or row, comes from an element that is not closed yet
        self._given_row = False
        self._cell: CellBox | None = None
        self._flow: Flow | None = None
        self._cells_over = -MANY_CELLS
        self._later: Later | None = None

    def part(self, element: Element, style: Style, context: Context) -> None:
        """An element whose display is a part of tables."""
        display = style.display
        self._end_stray()
        if display == "table-cell":
            row = self._current_row()
            self._cells_over += 1
            later = self._later_cells(context) if self._cells_over > 0 else None
            cell = self.generator.cell(element, style, context) if later is None else later.cell(element, style)
            row.cells.append(cell)
        elif display == "table-row":
            self._row_element(element, style, context)
        elif display in _GROUPS:
            self._group_element(element, style, display, context)
        elif display == "table-caption":
            self.table.captions.append(self.generator.block(element, style, context))
        elif display == "table-column":
            self._columns(element, style, None)
        else:
            self._column_group(element, style)

    def text(self, text: str, style: Style, node: Element, context: Context) -> None:
        """Text right within a table, group or row: white space is nothing, other text gets a cell."""
        if is_blank(text) and self._flow is None:
            return
        self.flow(style).text(text, style, node, context)

    def stray(self, element: Element, parent: Style, context: Context) -> None:
        """An element that is no part of a table: it goes into an anonymous cell, with its neighbours."""
        self.generator.element(element, parent, self.flow(parent), context)

    def take(self, cell: CellBox) -> None:
        """A cell that an earlier document has had."""
        self._end_stray()
        self._current_row().cells.append(cell)

    def latest(self) -> CellBox | None:
        """The cell that was placed last in the row at hand."""
        return self._row.cells[-1] if self._row is not None and self._row.cells else None

    def folded(self, rows: FoldedRows, parent: Style, context: Context) -> None:
        """Rows that are made when they are asked for, if they can be told from what stands for them (`bands.py`)."""
        generator, group = self.generator, self._group
        if group is None or not self._stands_in(group, rows) or self._later_cells(context) is None:
            self._nodes(rows.keep(), parent, rows.parent, context)
            return
        before, first = generator.deeds(), len(group.rows)
        nodes = rows.open()
        self._cells_over = max(self._cells_over, 0)  # so that what is in the cells is let go
        self._nodes(nodes, parent, rows.parent, context)
        made = group.rows[first:]
        band = Band(generator, rows, group, self.table.style, context, len(made))
        found = None
        if generator.deeds() == before and self._group is group and self._flow is None:
            found = stand_ins(made, band, group)
        if found is None:
            rows.keep(nodes)
            return
        rows.close(nodes)
        group.rows[first:] = found
        if group.bands is None:
            group.bands = []
        group.bands.append(band)

    def _stands_in(self, group: GroupBox, rows: FoldedRows) -> bool:
        if not self._given_group or self._row is not None or self._flow is not None:
            return False
        return group.node is rows.parent and group.kind == "table-row-group"

    def _nodes(self, nodes: list[Element | str], parent: Style, node: Element | None, context: Context) -> None:
        for child in nodes:
            if isinstance(child, Element):
                self.generator.table_child(child, parent, self, context)
            elif node is not None:
                self.text(child, parent, node, context)

    def again(self, group: GroupBox, nodes: list[Element | str]) -> list[RowBox]:
        """Rows of a group once more, with all that is in them, in a table that has no others."""
        own = self._group = GroupBox(group.style, group.node, group.kind)
        self._given_group = True
        self._cells_over = -_ENDLESS
        self._nodes(nodes, group.style, group.node, self.context)
        for row in own.rows:
            row.group = group
        return own.rows

    def finish(self) -> TableBox:
        """The table. The first header and footer groups stand above and below; others are like bodies (CSS 2.2,
        17.2).
        """
        self._end_stray()
        table = self.table
        bodies: list[GroupBox] = []
        for group in table.groups:
            if group.kind == "table-header-group" and table.header is None:
                table.header = group
            elif group.kind == "table-footer-group" and table.footer is None:
                table.footer = group
            else:
                group.kind = "table-row-group"
                bodies.append(group)
        for group in bodies:
            # A cell that reaches into rows from above moves what is in them.
            if group.bands is not None and any(cell.rowspan != 1 for row in group.rows for cell in row.cells):
                unfold(group)
        self.generator.groups += table.groups
        for repeated in (table.header, table.footer):
            if repeated is not None and repeated.live is not None:
                repeated.live.measure(repeated)
        table.groups = bodies
        return table

    def _row_element(self, element: Element, style: Style, context: Context) -> None:
        if not self._given_group and self._group is not None and self._group.node is not None:
            self._group = None
        row = RowBox(style, element, self._current_group())
        row.marked = element in self.generator.paged.marks
        row.group.rows.append(row)
        outer = self._row, self._given_row
        self._row, self._given_row = row, True
        self.inside(element, style, context)
        self._row, self._given_row = (None, False) if not outer[1] else outer

    def _group_element(self, element: Element, style: Style, display: str, context: Context) -> None:
        group = GroupBox(style, element, display)
        paged = self.generator.paged
        group.marked = element in paged.marks
        repeats = display != "table-row-group" and all(other.kind != display for other in self.table.groups)
        self.table.groups.append(group)
        self._group, self._given_group, self._row = group, True, None
        outer, asks = paged.band, paged.band_asks
        paged.band = outer or repeats
        counters = self.generator.counters.snapshot() if repeats else {}
        self.inside(element, style, context)
        paged.band = outer
        if paged.band_asks != asks and repeats and paged.now is None:
            group.live = LiveGroup(self.generator, self.table.style, element, style, context, counters)
        self._group, self._given_group, self._row = None, False, None

    def generated(self, element: Element, style: Style, context: Context) -> None:
        """A pseudo-element whose display is a part of tables: its content stands in the parts that are missing."""
        self._end_stray()
        generator, display = self.generator, style.display
        if display == "table-cell":
            row = self._current_row()
            row.cells.append(generator.generated(CellBox(style, element), style, element, context))
        elif display == "table-caption":
            box = BlockBox(style, element, root=True)
            self.table.captions.append(generator.generated(box, style, element, context))
        elif display == "table-row" or display in _GROUPS:
            group = self._current_group() if display == "table-row" else GroupBox(style, element, display)
            if display in _GROUPS:
                self.table.groups.append(group)
            row = RowBox(style if display == "table-row" else anonymous(style, "table-row"), element, group)
            cell = CellBox(anonymous(row.style, "table-cell"), None)
            row.cells.append(generator.generated(cell, style, element, context))
            group.rows.append(row)
            self._row = None

    def inside(self, element: Element, style: Style, context: Context) -> None:
        """All that is within a table, row group or row, `::before` and `::after` included."""
        generator = self.generator
        generator.counters.depth += 1
        matched = element.context
        pseudo = matched is None or matched.pseudo is not None  # type: ignore[attr-defined]
        if pseudo:
            generator.table_pseudo(element, style, "before", self, context)
        for child in element.children:
            if isinstance(child, str):
                self.text(child, style, element, context)
            else:
                generator.table_child(child, style, self, context)
        if pseudo:
            generator.table_pseudo(element, style, "after", self, context)
        generator.counters.depth -= 1
        generator.counters.leave()
        self._end_stray()

    def _later_cells(self, context: Context) -> Later | None:
        """What lets go of cells' content and makes it again; None where that could come to something else."""
        generator = self.generator
        if not generator.keeps or generator.in_footnote or generator.paged.band or generator.paged.now is not None:
            return None
        if self._later is None or self._later.context != context:
            self._later = Later(generator, context)
        return self._later

    def _current_group(self) -> GroupBox:
        if self._group is None:
            self._group = GroupBox(anonymous(self.table.style, "table-row-group"), None, "table-row-group")
            self.table.groups.append(self._group)
        return self._group

    def _current_row(self) -> RowBox:
        if self._row is None:
            group = self._current_group()
            self._row = RowBox(anonymous(group.style, "table-row"), None, group)
            group.rows.append(self._row)
        return self._row

    def flow(self, parent: Style) -> Flow:
        """The flow of an anonymous cell, for what is no part of a table."""
        from spark_pdf.layout.generation.flow import Flow

        if self._flow is None:
            cell = CellBox(anonymous(parent, "table-cell"), None)
            self._current_row().cells.append(cell)
            self._cell = cell
            self._flow = Flow(self.generator, cell.style)
        return self._flow

    def _end_stray(self) -> None:
        if self._flow is not None:
            assert self._cell is not None
            self._flow.fill_box(self._cell)
            self._flow = self._cell = None

    def _columns(self, element: Element, style: Style, group: Style | None) -> None:
        try:
            count = max(int(element.attributes.get("span", "1")), 1)
        except ValueError:
            count = 1
        for _ in range(min(count, _MOST_COLUMNS - len(self.table.columns))):
            self.table.columns.append(ColumnBox(style, element, group))

    def _column_group(self, element: Element, style: Style) -> None:
        stylist = self.generator.stylist
        columns = [child for child in element.children if isinstance(child, Element)]
        before = len(self.table.columns)
        for child in columns:
            own = stylist.style(child, style)
            if own.display == "table-column":
                self._columns(child, own, style)
        if len(self.table.columns) == before:
            self._columns(element, style, style)
