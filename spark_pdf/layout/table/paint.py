"""What a table paints besides its cells: backgrounds of columns, and collapsed borders along the grid (CSS 2.2,
17.5.1, 17.6.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import paints_background
from spark_pdf.layout.fragments import BoxFragment, CellsGround, EdgeFragment, Fragment, TextFragment
from spark_pdf.layout.paint.paint import bordered_only
from spark_pdf.layout.paint.stacking import is_row_layer

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import GroupBox
    from spark_pdf.layout.formatting import BreakToken
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.table.grid import Edge
    from spark_pdf.layout.table.table import _Row, _Table


def mark_repeated(fragment: Fragment) -> None:
    """Say of all text in a fragment that it repeats what an earlier page has."""
    if isinstance(fragment, TextFragment):
        fragment.role = "repeat"
    elif isinstance(fragment, BoxFragment):
        for child in fragment.children:
            mark_repeated(child)


def column_backgrounds(table: _Table, height: float) -> list[Fragment]:
    """Backgrounds of column groups, then of columns, over all rows on this page."""
    columns = table.box.columns
    if not columns or not table.placed:
        return []
    gap = table.grid.spacing[0]
    top, bottom = table.placed[0].y, max(row.bottom for row in table.placed)
    groups: list[Fragment] = []
    singles: list[Fragment] = []

    def ground(style: Style, node: object, first: int, last: int) -> BoxFragment:
        left, right = table.offsets[first], table.offsets[last + 1] - gap
        found = BoxFragment(style, node, left, top, right - left, bottom - top)  # type: ignore[arg-type]
        found.borders = False
        return found

    index = 0
    while index < len(columns):
        last = index
        group = columns[index].group
        while group is not None and last + 1 < len(columns) and columns[last + 1].group is group:
            last += 1
        if group is not None and paints_background(group):
            groups.append(ground(group, None, index, last))
        index = last + 1
    for index, column in enumerate(columns):
        if paints_background(column.style):
            singles.append(ground(column.style, column.node, index, index))
    return groups + singles


def cell_grounds(table: _Table) -> list[Fragment]:
    """All backgrounds below cells, where these stand apart or span rows: a cell shows what it originates in."""
    by_row: dict[float, list[Fragment]] = {}
    by_column: dict[float, list[Fragment]] = {}
    for cell in table.cells:
        by_row.setdefault(round(cell.y, 2), []).append(cell)
        by_column.setdefault(round(cell.x, 2), []).append(cell)
    found: list[Fragment] = []
    for ground in column_backgrounds(table, 0.0):
        right = ground.x + ground.width
        cells = [by_column.get(round(x, 2), []) for x in table.offsets[:-1] if ground.x - 0.01 <= x < right]
        found.append(_behind(ground, cells))
    groups: dict[GroupBox, list[list[Fragment]]] = {}
    spans: dict[GroupBox, tuple[float, float]] = {}
    rows: list[Fragment] = []
    for row in table.placed:
        cells_of_row = by_row.get(round(row.y, 2), [])
        group = row.row.group
        if paints_background(group.style):
            groups.setdefault(group, []).append(cells_of_row)
            spans[group] = (spans[group][0] if group in spans else row.y, row.bottom)
        if paints_background(row.row.style):
            ground = table.ground(row.row.style, row.row.node, row.y, row.bottom)
            rows.append(_behind(ground, [cells_of_row]))
    for group, cells_of_group in groups.items():
        found.append(_behind(table.ground(group.style, group.node, *spans[group]), cells_of_group))
    return found + rows


def bare(grounds: list[Fragment]) -> list[Fragment]:
    """The same boxes, to be found by links and marks, without what they would paint."""
    for ground in grounds:
        ground.style = bordered_only(ground.style)  # type: ignore[union-attr]
    return grounds


def group_spans(table: _Table) -> dict[GroupBox, tuple[float, float]]:
    """Where the rows of each group on this page begin and end."""
    spans: dict[GroupBox, tuple[float, float]] = {}
    for row in table.placed:
        group = row.row.group
        top, bottom = spans.get(group, (row.y, row.bottom))
        spans[group] = (min(top, row.y), max(bottom, row.bottom))
    return spans


def layered(table: _Table, children: list[Fragment], spans: dict[GroupBox, tuple[float, float]]) -> list[Fragment]:
    """The same fragments, where a row or a group of rows that fades, moves or blends holds all of it."""
    for row in table.placed:
        if is_row_layer(row.row.style):
            children = _layer(table, children, row.row.style, row.row.node, (row.y, row.bottom))
    for group, span in spans.items():
        if is_row_layer(group.style):
            children = _layer(table, children, group.style, group.node, span)
    return children


def _layer(
    table: _Table, children: list[Fragment], style: Style, node: object, span: tuple[float, float]
) -> list[Fragment]:
    """What begins between two edges, in a box of its own; what belongs to columns stays outside."""
    layer = table.ground(bordered_only(style), node, *span)
    around = () if style.display == "table-row" else (style.display,)
    shown = ("table-cell", "table-row", *around)
    kept: list[Fragment] = []
    for child in children:
        if span[0] - 0.01 < child.y < span[1] - 0.01 and child.style.display in shown:  # type: ignore[union-attr]
            child.x -= layer.x
            child.y -= layer.y
            layer.children.append(child)
        else:
            kept.append(child)
    return [*kept, layer]


def _behind(ground: Fragment, cells: list[list[Fragment]]) -> Fragment:
    x, y = ground.x, ground.y
    parts = [(cell.x - x, cell.y - y, cell.width, cell.height) for some in cells for cell in some]  # type: ignore[union-attr]
    return CellsGround(ground.style, x, y, ground.width, ground.height, parts)  # type: ignore[union-attr]


def edge_fragments(table: _Table) -> list[EdgeFragment]:
    """Collapsed borders of the rows on this page, equal neighbours joined. Where a row is divided there are none (CSS
    Fragmentation 3, 5.4).
    """
    grid = table.grid
    numbers = [_number(table, row.index, row.row.group.kind) for row in table.placed]
    found: list[EdgeFragment] = []
    verticals: dict[int, EdgeFragment] = {}
    offsets = table.offsets
    for place, row in enumerate(table.placed):
        number = numbers[place]
        if (place == 0 or numbers[place - 1] != number - 1) and not _divided(row, table.resume):
            # The first row of a page, or one behind a repeated header, brings its own upper border.
            found += _horizontal(grid.horizontal[number], row.y, offsets, grid.vertical[number])
        if not _divided(row, table.token):
            found += _horizontal(grid.horizontal[number + 1], row.bottom, offsets, grid.vertical[number])
        for column, edge in enumerate(grid.vertical[number]):
            above = verticals.get(column)
            if edge is None:
                verticals.pop(column, None)
                continue
            if (
                above is not None
                and above.line == edge.line
                and above.color == edge.color
                and above.width == edge.width
            ):
                above.height = row.bottom - above.y
                continue
            x = offsets[column] - edge.width / 2
            line = EdgeFragment(edge.color, edge.line, False, x, row.y, edge.width, row.bottom - row.y)
            verticals[column] = line
            found.append(line)
    if len({_thickness(edge) for edge in found}) > 1:
        found.sort(key=_thickness)  # where lines cross, the wider one is not interrupted
    return found


def _divided(row: _Row, token: BreakToken | None) -> bool:
    """Whether a row is the one that a token divides."""
    if token is None or token.inner is None or not token.inner.split:
        return False
    return row.index == token.index and row.row.group.kind == "table-row-group"


def _thickness(edge: EdgeFragment) -> float:
    return edge.height if edge.horizontal else edge.width


def _number(table: _Table, index: int, kind: str) -> int:
    """A placed row's number in the grid."""
    grid = table.grid
    if kind == "table-header-group" and table.box.header is not None:
        return index
    if kind == "table-footer-group" and table.box.footer is not None:
        return len(grid.header) + len(grid.bodies) + index
    return len(grid.header) + index


def _horizontal(
    edges: list[Edge | None], y: float, offsets: list[float], crossing: list[Edge | None]
) -> list[EdgeFragment]:
    """The borders along one grid line; they reach over the corners."""
    found: list[EdgeFragment] = []
    column, count = 0, len(edges)
    while column < count:
        edge = edges[column]
        last = column
        while last + 1 < count and edges[last + 1] == edge:
            last += 1
        if edge is not None:
            before, after = crossing[column], crossing[last + 1]
            left = offsets[column] - (before.width / 2 if before is not None else 0.0)
            right = offsets[last + 1] + (after.width / 2 if after is not None else 0.0)
            found.append(EdgeFragment(edge.color, edge.line, True, left, y - edge.width / 2, right - left, edge.width))
        column = last + 1
    return found
