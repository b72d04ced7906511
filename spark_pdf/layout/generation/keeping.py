"""Boxes of shared elements: made for one document, taken over by later ones (`html/sharing.py` finds such elements).

In: an element that earlier documents had as well. Out: the box that it led to then, if all that it follows from is as
it was: the markup, what the stylist knows of the path, the parent's style, language and page name. A box is kept if
nothing was done for its document alone while it was made: `Generator.once` and `Stylist.once` count counters, marks,
quotes, warnings, floats, questions about siblings and pages. Memos on the box are functions of the box, so they stay;
what grows among them is bounded by how often a box is taken over before it is made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import BlockBox, CellBox, Memory, TableBox
from spark_pdf.layout.dom import forget_boxes
from spark_pdf.layout.html.folding import FoldedRows

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import Box
    from spark_pdf.layout.dom import Element, Kept
    from spark_pdf.layout.generation.flow import Flow
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.generation.tables import TableBuilder
    from spark_pdf.layout.style import Style


_MOST_USES = 200
"""Documents after which a box is made anew: sizes are remembered by width, and each may have brought another."""


def keeps_box(generator: Generator, element: Element, parent: Style, flow: Flow, context: Context) -> bool:
    """Put the block-level box of a shared element into a flow: a kept one, or a new one to keep. False: it is to be
    made like any other.
    """
    if isinstance(element, FoldedRows):
        for child in element.keep():  # what they are in is no row group
            if isinstance(child, str):
                flow.text(child, parent, element.parent, context)
            else:
                generator.element(child, parent, flow, context)
        return True
    kept = element.kept
    if kept is None or flow.blockifies or flow.inline is not None or not _plain(generator, context):
        return False
    if generator.paged.band:
        return False  # fragments in what pages repeat are marked as such, so they are not shared
    if _holds(generator, kept, element, parent, context):
        box = kept.box
        assert isinstance(box, (BlockBox, TableBox))
        flow.block(box)
        return True
    watch = _Watch(generator, kept, element, parent)
    kept.forget()
    element.kept = None
    generator.element(element, parent, flow, context)
    element.kept = kept
    made = flow.children[-1] if flow.children and not flow.items and flow.table is None else None
    if isinstance(made, (BlockBox, TableBox)) and watch.keep(made, context):
        made.memory = Memory()
    else:
        kept.refused = True
    return True


def keeps_cell(generator: Generator, element: Element, parent: Style, builder: TableBuilder, context: Context) -> bool:
    """The same for an element within a table, if it is a cell that spans no rows."""
    if isinstance(element, FoldedRows):
        builder.folded(element, parent, context)
        return True
    kept = element.kept
    if kept is None or not _plain(generator, context):
        return False
    if _holds(generator, kept, element, parent, context):
        cell = kept.box
        assert isinstance(cell, CellBox)
        cell.edges = None  # its table's borders decide them anew
        builder.take(cell)
        return True
    watch = _Watch(generator, kept, element, parent)
    kept.forget()
    element.kept = None
    generator.table_child(element, parent, builder, context)
    element.kept = kept
    made = builder.latest()
    kept.refused = made is None or made.rowspan != 1 or made.later is not None or not watch.keep(made, context)
    return True


def _plain(generator: Generator, context: Context) -> bool:
    """Whether what stands around says no more to the box than `Kept` knows of."""
    if context.decorations or context.link or generator.in_footnote:
        return False
    return generator.paged.now is None


def _holds(generator: Generator, kept: Kept, element: Element, parent: Style, context: Context) -> bool:
    if kept.uses >= _MOST_USES:
        forget_boxes(element)
    if kept.box is None or kept.style is not parent or kept.page != context.page or kept.language != context.language:
        return False
    if kept.asks:
        generator.stylist.style(element, parent)
        holds = element.context is kept.context
    else:
        above = element.parent
        holds = above is not None and above.context is kept.context
    kept.uses += holds
    return holds


class _Watch:
    """Whether anything is done for one document alone while the box of an element is made."""

    __slots__ = ("_asked", "_element", "_generator", "_groups", "_kept", "_once", "_parent")

    def __init__(self, generator: Generator, kept: Kept, element: Element, parent: Style) -> None:
        stylist = generator.stylist
        asked = stylist.asked
        stylist.style(element, parent)
        kept.asks = stylist.asked != asked
        self._asked = stylist.asked + (stylist.asked - asked)  # it will be asked once more, and nothing within it
        self._once = generator.once + stylist.once
        self._groups = len(generator.groups)
        self._generator = generator
        self._kept = kept
        self._element = element
        self._parent = parent

    def keep(self, box: Box, context: Context) -> bool:
        """Keep what was made, if it may be."""
        generator, kept, element = self._generator, self._kept, self._element
        own = generator.stylist.asked != self._asked or generator.once + generator.stylist.once != self._once
        if box.node is not element or own:
            return False
        kept.rings = [group.rows for group in generator.groups[self._groups :]]
        del generator.groups[self._groups :]  # they live on with the box
        kept.box = box
        kept.style = self._parent
        kept.page, kept.language = context.page, context.language
        kept.context = element.context if kept.asks else element.parent.context if element.parent is not None else None
        return True
