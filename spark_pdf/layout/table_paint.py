"""What a table paints besides its cells: backgrounds of columns, and collapsed borders along the grid (CSS 2.2,
17.5.1, 17.6.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import paints_background
from spark_pdf.layout.fragments import BoxFragment, EdgeFragment, Fragment, TextFragment

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.table import _Table
    from spark_pdf.layout.table_grid import Edge


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


def edge_fragments(table: _Table) -> list[Fragment]:
    """Collapsed borders of the rows on this page, equal neighbours joined."""
    grid = table.grid
    numbers = [_number(table, row.index, row.row.group.kind) for row in table.placed]
    found: list[Fragment] = []
    verticals: dict[int, EdgeFragment] = {}
    offsets = table.offsets
    for place, row in enumerate(table.placed):
        number = numbers[place]
        if place == 0 or numbers[place - 1] != number - 1:
            # The first row of a page, or one behind a repeated header, brings its own upper border.
            found += _horizontal(grid.horizontal[number], row.y, offsets, grid.vertical[number])
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
    return found


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
) -> list[Fragment]:
    """The borders along one grid line; they reach over the corners."""
    found: list[Fragment] = []
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
