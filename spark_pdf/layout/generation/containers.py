"""Flex, grid and multi-column containers as boxes: which of their children become items, and in which order (Flexbox 1,
4 and 5.4; Grid 1, 6; CSS Display 3, 2.7).

In: what a `Flow` made of a container's children. Out: the container's block box, filled. Each child is an item, as a
block; a run of text is wrapped in an anonymous one. What lays a container out is imported with the first one of its
kind: a document that has none does not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import TEXT, AnchorBox, BlockBox, Box, Lines, anonymous, breaks_of, forced_break
from spark_pdf.layout.containers.items import Item, ItemsBox
from spark_pdf.layout.css.box_parsers import BLOCKIFIED
from spark_pdf.layout.generation.flow import Flow
from spark_pdf.layout.generation.listing import make_marker
from spark_pdf.layout.geometry import derived

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import Style

CONTAINERS = frozenset(("flex", "inline-flex", "grid", "inline-grid"))
"""Values of `display` whose children are items."""


def blockified(style: Style) -> Style:
    """The style of an item: block-level, and no float."""
    if style.display not in BLOCKIFIED and style.float_ == "none":
        return style
    kept = derived(style)
    found = kept.get("blockified")
    if found is None:
        found = kept["blockified"] = style.replace(
            display=BLOCKIFIED.get(style.display, style.display),
            float_="none",
            out_of_flow="" if style.float_ != "none" else style.out_of_flow,
        )
    return found  # type: ignore[return-value]


def fill_container(generator: Generator, element: Element, style: Style, context: Context, box: BlockBox) -> BlockBox:
    """Make the items of a container."""
    flow = Flow(generator, style)
    flow.blockifies = True
    generator.children(element, style, flow, context)
    box.root = True
    box.children = contained(style, flow.finish(), context.page)
    box.out = any(isinstance(child, AnchorBox) for child in box.children)
    return box


def fill_columns(generator: Generator, element: Element, style: Style, context: Context, box: BlockBox) -> BlockBox:
    """Make the content of a multi-column container."""
    from spark_pdf.layout.containers.columns import ColumnsBox, in_columns

    flow = Flow(generator, style)
    if style.display == "list-item":
        make_marker(generator, box, style, flow, context)
    outer, generator.floats = generator.floats, False
    generator.children(element, style, flow, context)
    box.root = True
    box.children = in_columns(style, flow.finish(), context.page)
    if flow.out or generator.floats:
        for columns in box.children:
            for part in columns.parts if isinstance(columns, ColumnsBox) else ():
                if isinstance(part, BlockBox):
                    part.out = True
    generator.floats = outer
    return box


def contained(style: Style, children: list[Box], page: str) -> list[Box]:
    """The children of a container's block box: one box that holds the items, and what is positioned absolutely."""
    anchors = [child for child in children if isinstance(child, AnchorBox)]
    in_flow = [child for child in children if not isinstance(child, AnchorBox)] if anchors else children
    items = [Item(item) for item in (_item(child, style, page) for child in in_flow) if item is not None]
    if not items:
        return [*anchors]
    items.sort(key=_order)
    box = _items_box(style, items, page)
    box.breaks = _edge_breaks(box)
    for anchor in anchors:
        anchor.grid = box.lines_for(anchor.style)
    return [*anchors, box]  # their static position is the content box's corner


def _items_box(style: Style, items: list[Item], page: str) -> ItemsBox:
    own = anonymous(style, style.display.removeprefix("inline-"))
    if style.display.endswith("grid"):
        from spark_pdf.layout.containers.grid import GridBox

        return GridBox(own, style, items, page)
    from spark_pdf.layout.containers.flex import FlexBox

    return FlexBox(own, style, items, page)


def _order(item: Item) -> int:
    return int(item.style.order)


def _item(child: Box, style: Style, page: str) -> Box | None:
    """A child as an item; None for text that is nothing but white space (Flexbox 1, 4)."""
    if not isinstance(child, Lines):
        return child
    if all(item.kind == TEXT and all(word.is_space for word in item.pieces.words) for item in child.items):
        return None
    child.indent = True
    wrapper = BlockBox(anonymous(style, "block"), None, root=True)
    wrapper.children = [child]
    wrapper.page = page
    return wrapper


def _edge_breaks(box: ItemsBox) -> tuple[str, str]:
    """Breaks before the first and after the last items are the container's (Flexbox 1, 10)."""
    first, last = breaks_of(box.items[0].box)[0], breaks_of(box.items[-1].box)[1]
    style = box.container
    is_row = not style.display.endswith("grid") and style.flex_direction in ("row", "row-reverse")
    if is_row and style.flex_wrap == "nowrap":
        for item in box.items:
            before, after = breaks_of(item.box)
            first = before if forced_break(before, "") else first
            last = after if forced_break(after, "") else last
    return first, last
