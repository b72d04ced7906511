"""Cells of long tables whose content is let go once it is measured, and made again when their row is laid out.

In: a cell's element and style, far down in a long table. Out: a `CellBox` that knows the content sizes of what is in
it, and how to get it back. A cell's content is some 2 KB of boxes and shaped words. Automatic column widths ask for
that of all rows before the first page; a page asks for some forty rows of it. So long tables pay with a quarter of
their time for a third of the memory, and shorter ones, which nearly all are, keep what they have.

Content is let go if it follows from element, style and context alone: nothing was counted, marked, quoted, reported
or floated while it was made, which is what `keeping.py` asks too. It must also be short: a cell that goes on over
pages is laid out on each, and would be made anew for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_pdf.layout.boxes import CLOSE, NEWLINE, OPEN, TEXT, BlockBox, Lines
from spark_pdf.layout.formatting import content_sizes
from spark_pdf.layout.sizing.endings import ends_with_content

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import Box, CellBox
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import Style

MANY_CELLS = 60_000
"""Cells of a table that keep their content, where they are short: some 150 MB, and 20,000 rows of three."""
_MOST_WORDS = 100
_NOTHING: Final[list[Box]] = []
"""The children of cells whose content was let go; nobody writes into it."""


class Later:
    """Makes cells of one context, and their content once more."""

    __slots__ = ("_generator", "context")

    def __init__(self, generator: Generator, context: Context) -> None:
        self._generator = generator
        self.context = context

    def cell(self, element: Element, style: Style) -> CellBox:
        """A cell, without its content if that may be let go."""
        generator = self._generator
        before = generator.deeds()
        cell = generator.cell(element, style, self.context)
        if cell.children and generator.deeds() == before and _may_go(cell):
            low = high = 0.0
            for child in cell.children:
                narrow, wide = content_sizes(child)
                low, high = max(low, narrow), max(high, wide)
            cell.inner = (low, high)
            cell.plain = ends_with_content(cell)
            cell.later = self
            cell.children = _NOTHING
        return cell

    def fill(self, cell: CellBox) -> None:
        """Give a cell its content again."""
        self._generator.refill(cell, self.context)

    def empty(self, cell: CellBox) -> None:
        """Let go of it."""
        cell.children = _NOTHING


def _may_go(cell: CellBox) -> bool:
    if cell.memory is not None or cell.marker is not None or cell.out:
        return False
    if type(cell.style.height) is float:  # it may decide how wide images are, once borders are known
        only = cell.children[0]
        return len(cell.children) == 1 and isinstance(only, Lines) and only.simple is not None
    return _words(cell) <= _MOST_WORDS and not cell.forces()


def _words(box: BlockBox) -> int:
    """How much there is to shape in a box; more than enough where there is anything but text."""
    found = 0
    for child in box.children:
        if type(child) is BlockBox:
            found += 2 + _words(child)
        elif type(child) is Lines:
            found += _words_of(child)
        else:
            return _MOST_WORDS + 1
    return found


def _words_of(lines: Lines) -> int:
    if lines.simple is not None:
        return len(lines.simple.words)
    if lines.opening is not None:
        return _MOST_WORDS + 1
    found = 0
    for item in lines.items:
        if item.kind == TEXT:
            found += len(item.pieces.words)
        elif item.kind not in (OPEN, CLOSE, NEWLINE):
            return _MOST_WORDS + 1
    return found
