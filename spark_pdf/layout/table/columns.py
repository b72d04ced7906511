"""Column widths: fixed and automatic table layout (CSS 2.2, 17.5.2; CSS Tables 3, section 3 for what that leaves open).

In: a table's grid and the width there is. Out: one width per column. Automatic widths look at every cell once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import CellBox, TableBox
from spark_pdf.layout.formatting import content_sizes
from spark_pdf.layout.geometry import Edges, edges_of, resolve
from spark_pdf.layout.inline.fixed import fix_sizes
from spark_pdf.layout.table.grid import Grid, grid_of
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style


class _Column:
    """What a column asks for. `fixed`: some cell or col gives a width in px. `percent`: the largest percentage, as
    a fraction.
    """

    __slots__ = ("fixed", "high", "low", "percent")

    def __init__(self) -> None:
        self.low = 0.0
        self.high = 0.0
        self.fixed = False
        self.percent = 0.0


def table_edges(box: TableBox, width: float) -> Edges:
    """Edges of the table box: in the collapsed model, half of the outer borders and no padding."""
    grid = grid_of(box)
    edges = grid.edges
    if edges is None:
        return edges_of(box.style, width)
    if any(type(m) is Percentage for m in (box.style.margin_left, box.style.margin_right)):
        own = edges_of(box.style, width)
        edges.margin_left, edges.margin_right = own.margin_left, own.margin_right
    return edges


def column_widths(box: TableBox, available: float, size: float | None = None) -> tuple[list[float], float]:
    """Widths of the columns, and of the table's border box, in a container `available` px wide. `size`: the border-box
    width, where the container decides it.
    """
    grid = grid_of(box)
    known = grid.widths.get((available, size))
    style = box.style
    edges = table_edges(box, available)
    gaps = grid.spacing[0] * (grid.columns + 1) if grid.columns else 0.0
    if known is None:
        wanted = _table_width(style, edges, available) if size is None else size
        if wanted is None and style.width in ("min-content", "stretch"):
            wanted = 0.0 if style.width == "min-content" else available - edges.margin_left - edges.margin_right
        inside = None if wanted is None else max(wanted - edges.sides - gaps, 0.0)
        if style.table_layout == "fixed" and inside is not None:
            known = _fixed(box, grid, inside)
        else:
            margins = edges.margin_left + edges.margin_right
            room = max(available - margins - edges.sides - gaps, 0.0)
            least = _minimum(style, edges, available)
            for caption in box.captions:
                # A table is as wide as its captions need at least (CSS 2.2, 17.5.2.2).
                least = max(least, content_sizes(caption)[0])
            known = _automatic(box, grid, inside, room, least - edges.sides - gaps)
        if grid.hidden:
            known = [0.0 if index in grid.hidden else width for index, width in enumerate(known)]
        grid.widths[available, size] = known
    return known, sum(known) + gaps + edges.sides


def _table_width(style: Style, edges: Edges, available: float) -> float | None:
    """The border-box width that the style gives; None for auto."""
    if type(style.width) is str:
        return None
    width = resolve(style.width, available)
    if style.box_sizing != "border-box":
        width += edges.sides
    if type(style.max_width) is not str:
        width = min(width, resolve(style.max_width, available))
    return max(width, _minimum(style, edges, available))


def _minimum(style: Style, edges: Edges, available: float) -> float:
    if type(style.min_width) is str:
        return 0.0
    return resolve(style.min_width, available) + (0.0 if style.box_sizing == "border-box" else edges.sides)


def _fixed(box: TableBox, grid: Grid, inside: float) -> list[float]:
    """CSS 2.2, 17.5.2.1: cols and the first row's cells decide, the other columns share what is left equally."""
    widths: list[float | None] = [None] * grid.columns
    for index, column in enumerate(box.columns):
        if type(column.style.width) is not str:
            widths[index] = resolve(column.style.width, inside)
    gap = grid.spacing[0]
    for cell in grid.rows[0].cells if grid.rows else ():
        width = cell.style.width
        if type(width) is str:
            continue
        edges = cell.edges or edges_of(cell.style, inside)
        used = resolve(width, inside)
        if cell.style.box_sizing != "border-box" and type(width) is not Percentage:
            used += edges.sides
        span = range(cell.column, cell.column + cell.colspan)
        open_ = [c for c in span if widths[c] is None]
        taken = sum(widths[c] or 0.0 for c in span) + gap * (cell.colspan - 1)
        for c in open_:
            widths[c] = max(used - taken, 0.0) / len(open_)
    rest = inside - sum(w or 0.0 for w in widths)
    autos = widths.count(None)
    if autos:
        share = max(rest, 0.0) / autos
        return [share if w is None else w for w in widths]
    found = [w or 0.0 for w in widths]
    total = sum(found)
    if rest > 0 and found:
        return [w + rest * w / total if total else rest / len(found) for w in found]
    return found


def _automatic(box: TableBox, grid: Grid, inside: float | None, room: float, least: float) -> list[float]:
    columns = measured(box)
    if not columns:
        return []
    low = sum(column.low for column in columns)
    inside = max(min(room, _wished(columns)) if inside is None else inside, least)
    return _distributed(columns, max(inside, low))


def _wished(columns: list[_Column]) -> float:
    """The width at which every column has its max-content width, percentages kept (CSS Tables 3, 4.1)."""
    wide = sum(column.high for column in columns)
    percent = min(sum(column.percent for column in columns), 1.0)
    for column in columns:
        if column.percent:
            wide = max(wide, column.high / min(column.percent, 1.0))
    others = sum(column.high for column in columns if not column.percent)
    if percent and others:
        wide = max(wide, others / (1 - percent)) if percent < 1 else float("inf")
    return wide


def measured(box: TableBox) -> list[_Column]:
    """Content sizes of the columns: cells of one column first, then spanning ones from narrow to wide."""
    grid = grid_of(box)
    if grid.extent is not None:
        return grid.extent  # type: ignore[return-value]
    columns = [_Column() for _ in range(grid.columns)]
    for index, described in enumerate(box.columns):
        _take_width(columns[index], described.style, 0.0)
    spanning: list[CellBox] = []
    for row in grid.distinct:
        for cell in row.cells:
            if cell.colspan == 1:
                column = columns[cell.column]
                low, high = cell_sizes(cell)
                if low > column.low:
                    column.low = low
                if high > column.high:
                    column.high = high
                if type(cell.style.width) is not str:
                    _take_width(column, cell.style, _sides(cell))
            else:
                spanning.append(cell)
    for column in columns:
        column.high = max(column.high, column.low)
    for cell in sorted(spanning, key=lambda cell: cell.colspan):
        _span(columns[cell.column : cell.column + cell.colspan], cell, grid.spacing[0])
    if sum(column.percent for column in columns) > 1.0:
        _whole(columns)
    grid.extent = columns
    return columns


def _whole(columns: list[_Column]) -> None:
    """Percentages come to 100 %: of what is more, the last columns get none (CSS Tables 3, 4.1)."""
    left = 1.0
    for column in columns:
        column.percent = min(column.percent, left)
        left = max(left - column.percent, 0.0)


def _sides(cell: CellBox) -> float:
    return (cell.edges or edges_of(cell.style, 0.0)).sides


def cell_sizes(cell: CellBox) -> tuple[float, float]:
    """Content contribution of a cell: a given width is the most it asks for, never less than its content needs."""
    edges = cell.edges or edges_of(cell.style, 0.0)
    sides = edges.sides
    style = cell.style
    if type(style.height) is float and cell.later is None:
        fix_sizes(cell)
    low, high = cell.inner
    for child in cell.children:
        narrow, wide = child.sizes or content_sizes(child)
        if narrow > low:
            low = narrow
        if wide > high:
            high = wide
    low += sides
    high += sides
    if type(style.width) is float:
        high = max(resolve(style.width, 0.0) + (0.0 if style.box_sizing == "border-box" else sides), low)
    if type(style.max_width) is float:
        limit = resolve(style.max_width, 0.0) + (0.0 if style.box_sizing == "border-box" else sides)
        # Of the least width too, as browsers have it: so long texts are cut off in cells (`text-overflow`).
        low = min(low, max(limit, sides))
        high = max(min(high, limit), low)
    if type(style.min_width) is float:
        low = max(low, resolve(style.min_width, 0.0) + (0.0 if style.box_sizing == "border-box" else sides))
        high = max(high, low)
    if style.white_space == "nowrap" and type(style.width) is not float:
        low = max(low, min(high, low))
    return low, high


def _take_width(column: _Column, style: Style, sides: float) -> None:
    width = style.width
    if isinstance(width, Percentage):
        if width.is_plain:  # a sum of a percentage and a length counts as auto (CSS Tables 3, 5.2.1)
            column.percent = max(column.percent, float(width))
    elif type(width) is float:
        used = width if style.box_sizing == "border-box" else width + sides
        if not column.fixed:
            # A given width is the column's max-content width, unless content is wider yet (CSS 2.2, 17.5.2.2).
            column.high = max(column.low, used)
        column.high = max(column.high, used)
        column.fixed = True


def _span(columns: list[_Column], cell: CellBox, gap: float) -> None:
    """Widen columns for a cell that spans them, in proportion to what they ask for."""
    low, high = cell_sizes(cell)
    gaps = gap * (len(columns) - 1)
    width = cell.style.width
    if isinstance(width, Percentage) and width.is_plain:
        missing = float(width) - sum(column.percent for column in columns)
        open_ = [column for column in columns if not column.percent]
        if missing > 0 and open_:
            total = sum(column.high for column in open_)
            for column in open_:
                column.percent = missing * (column.high / total if total else 1 / len(open_))
    for name, wanted in (("low", low - gaps), ("high", high - gaps)):
        missing = wanted - sum(getattr(column, name) for column in columns)
        if missing <= 0:
            continue
        open_ = [column for column in columns if not column.fixed and not column.percent] or list(columns)
        total = sum(column.high for column in open_)
        for column in open_:
            share = missing * (column.high / total if total else 1 / len(open_))
            setattr(column, name, getattr(column, name) + share)
    for column in columns:
        column.high = max(column.high, column.low)


def _distributed(columns: list[_Column], inside: float) -> list[float]:
    """Share a width among columns: CSS Tables 3, 4.5.1, four guesses from narrow to wide, and what lies between two."""
    low: list[float] = []
    percent: list[float] = []
    fixed: list[float] = []
    high: list[float] = []
    for column in columns:
        part = max(column.low, column.percent * inside) if column.percent else column.low
        most = part if column.percent else column.high
        low.append(column.low)
        percent.append(part)
        fixed.append(most if column.percent or column.fixed else column.low)
        high.append(most)
    guess, taken = low, _sum(low)
    for wider in (percent, fixed, high):
        wanted = _sum(wider)
        if wanted > inside:
            share = (inside - taken) / (wanted - taken) if wanted > taken else 0.0
            return [narrow + (wider[index] - narrow) * share for index, narrow in enumerate(guess)]
        guess, taken = wider, wanted
    return _excess(columns, high, inside - taken)


def _sum(widths: list[float]) -> float:
    """As `sum()`, at a tenth of its price where a few numbers are compiled code's."""
    total = 0.0
    for width in widths:
        total += width
    return total


def _excess(columns: list[_Column], widths: list[float], free: float) -> list[float]:
    """CSS Tables 3, 4.5.2: to columns of automatic width first, then of given widths, then percentages."""
    if free <= 0:
        return widths
    for chosen in (
        [i for i, c in enumerate(columns) if not c.fixed and not c.percent and c.high > 0],
        [i for i, c in enumerate(columns) if c.fixed and not c.percent and c.high > 0],
        [i for i, c in enumerate(columns) if c.percent],
    ):
        if chosen:
            weights = [columns[i].percent or columns[i].high for i in chosen]
            total = sum(weights)
            result = list(widths)
            for i, weight in zip(chosen, weights, strict=True):
                result[i] += free * weight / total
            return result
    return [width + free / len(widths) for width in widths]


def table_sizes(box: TableBox) -> tuple[float, float]:
    """Content contribution of a table: the sums of its columns, or the width that it is given."""
    grid = grid_of(box)
    edges = table_edges(box, 0.0)
    extra = edges.sides + (grid.spacing[0] * (grid.columns + 1) if grid.columns else 0.0)
    margins = edges.margin_left + edges.margin_right
    columns = measured(box)
    low = sum(column.low for column in columns) + extra
    high = max(_wished(columns) + extra if columns else extra, low)
    if high == float("inf"):
        high = 1e6
    for caption in box.captions:
        low = max(low, content_sizes(caption)[0])
        high = max(high, low)
    if type(box.style.width) is float:
        wanted = _table_width(box.style, edges, 0.0) or 0.0
        low = high = max(low, wanted)
    return low + margins, high + margins
