"""Table cells: laid out at a column's width, then stretched to the row's height (CSS 2.2, 17.5.3 and 17.5.4).

Most cells hold one line of plain text; those take a way of their own, which makes the same fragments with less ado.
"""

from __future__ import annotations

from typing import Final

from spark_pdf.layout.boxes import CellBox, Lines, paints
from spark_pdf.layout.formatting import BEFORE, EPSILON, INFINITE, BreakToken, Space, layout
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import edges_of
from spark_pdf.layout.inline.inline import place_text

DONE: Final = BreakToken(1 << 30)
"""The token of a cell whose content has ended while its row goes on."""


_NOT_BY_BASELINE: Final = ("top", "middle", "bottom")


class CellLayout:
    """A cell laid out: its fragment, natural height, and the first baseline if it is aligned by that (else None)."""

    __slots__ = ("baseline", "cell", "clipped", "content", "fragment", "height", "resume", "token")

    def __init__(self, cell: CellBox, fragment: BoxFragment | None, height: float, baseline: float | None) -> None:
        self.cell = cell
        self.fragment = fragment
        self.height = height
        self.baseline = baseline
        self.content = fragment.height if fragment is not None else 0.0
        self.token: BreakToken | None = None
        self.resume: BreakToken | None = None
        self.clipped = False


def lay_cell(
    cell: CellBox, width: float, container: float, resume: BreakToken | None, height: float = INFINITE,
    at_start: bool = True,
) -> CellLayout:  # fmt: skip
    """Lay out a cell `width` px wide; in at most `height`, where a row is divided. `container`: what percentages in its
    padding are of, the table's width.
    """
    later = cell.later
    if later is not None and not cell.children:
        later.fill(cell)
        try:
            return lay_cell(cell, width, container, resume, height, at_start)
        finally:
            later.empty(cell)
    style = cell.style
    children = cell.children
    if resume is None and height == INFINITE and len(children) == 1:
        lines = children[0]
        if type(lines) is Lines and lines.simple is not None:
            laid = _one_text(cell, lines, width, container)
            if laid is not None:
                return laid
    fragment, token = layout(cell, Space(container, height, at_start, size=width), resume)
    if fragment is None:
        unlaid = CellLayout(cell, None, 0.0, None)
        unlaid.token = BEFORE
        return unlaid
    return _cell_layout(cell, fragment, token, resume, style.vertical_align not in _NOT_BY_BASELINE)


def _cell_layout(
    cell: CellBox, fragment: BoxFragment, token: BreakToken | None, resume: BreakToken | None, by_baseline: bool
) -> CellLayout:
    natural = fragment.height
    wanted = cell.style.height
    if type(wanted) is float and resume is None:
        edges = cell.edges or edges_of(cell.style, 0.0)
        least = wanted if cell.style.box_sizing == "border-box" else wanted + edges.top + edges.bottom
        natural = max(natural, least)
    laid = CellLayout(cell, fragment, natural, fragment.baseline if by_baseline else None)
    if by_baseline and fragment.baseline is None:
        # CSS 2.2, 17.5.3: without a line, the baseline is the bottom of the content.
        laid.baseline = fragment.height - (cell.edges or edges_of(cell.style, 0.0)).bottom
    laid.token, laid.resume = token, resume
    return laid


def _one_text(cell: CellBox, lines: Lines, width: float, container: float) -> CellLayout | None:
    """A cell with one line of plain text; None where it takes more."""
    style = cell.style
    edges = cell.edges or edges_of(style, container)
    fragment = BoxFragment(style, cell.node, 0.0, 0.0, width, 0.0)
    if not place_text(lines, fragment.children, edges.left, edges.top, width - edges.sides):
        return None
    metrics = lines.metrics
    fragment.height = edges.top + metrics.line + edges.bottom
    fragment.baseline = edges.top + metrics.above
    fragment.borders = cell.edges is None
    by_baseline = style.vertical_align not in _NOT_BY_BASELINE
    if type(style.height) is float:
        return _cell_layout(cell, fragment, None, None, by_baseline)
    return CellLayout(cell, fragment, fragment.height, fragment.baseline if by_baseline else None)


def shared_baseline(laid: list[CellLayout]) -> float | None:
    """The baseline of a row: the lowest of its cells'; None where none has one."""
    shared: float | None = None
    for part in laid:
        if part.baseline is not None and (shared is None or part.baseline > shared):
            shared = part.baseline
    return shared


def leave_open(laid: CellLayout) -> None:
    """A cell whose row goes on on the next page does so too, also if its content has ended (`box-decoration-break`)."""
    if laid.fragment is not None and laid.cell.style.box_decoration_break != "clone":
        laid.fragment.open_bottom = True


def place_cell(fragment: BoxFragment, height: float, shared: float | None, laid: CellLayout | None = None) -> None:
    """Stretch a cell to its row's height, and move its content as `vertical-align` says. `shared`: the row's
    baseline.
    """
    content = laid.content if laid is not None else fragment.height
    align = fragment.style.vertical_align
    shift = 0.0
    if laid is not None and laid.baseline is not None and shared is not None and not laid.clipped:
        shift = shared - laid.baseline
    elif align == "middle":
        shift = (height - content) / 2
    elif align == "bottom":
        shift = height - content
    goes_on = laid is not None and laid.token is not None and bool(laid.token.forced)
    if shift > EPSILON and not fragment.open_top and not goes_on:
        for child in fragment.children:
            child.y += shift
    fragment.height = height


def is_hidden(cell: CellBox) -> bool:
    """`empty-cells: hide`: an empty cell of the separated model paints nothing (CSS 2.2, 17.6.1.1)."""
    if cell.children or cell.later is not None or cell.style.empty_cells != "hide":
        return False
    return cell.edges is None and paints(cell.style)
