"""The document's outline, of the bookmarks that pages bring (ISO 32000-1, 12.3.3).

In: bookmarks with their levels, page by page. Out: outline items, as a tree: a bookmark stands below the last one of a
lower level before it, whatever levels are left out between them.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.fragments import Page
from spark_pdf.pdf.numbers import rounded
from spark_pdf.pdf.strings import Text
from spark_pdf.pdf.writer import PdfWriter, ref


class _Item:
    """One bookmark. `page`: the index of its page; `x`, `y` in pt, y upwards. `shown`: how many items are seen below it
    when it is open.
    """

    __slots__ = ("children", "label", "level", "number", "opened", "page", "parent", "shown", "x", "y")

    def __init__(self, level: int, label: str, opened: bool, page: int, x: float, y: float) -> None:
        self.level = level
        self.label = label
        self.opened = opened
        self.page = page
        self.x = x
        self.y = y
        self.children: list[_Item] = []
        self.parent: _Item | None = None
        self.number = 0
        self.shown = 0


class Outline:
    """The bookmarks of one document."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[_Item] = []

    def page(self, page: Page, index: int) -> None:
        """Take in a page's bookmarks."""
        for level, label, opened, x, y in page.bookmarks:
            self._items.append(_Item(level, label, opened, index, 0.75 * x, 0.75 * (page.height - y)))

    def write(self, writer: PdfWriter, pages: list[int]) -> int | None:
        """Put the outline into the document, whose pages have these numbers. None where there is none."""
        items = self._items
        if not items:
            return None
        root = _Item(0, "", True, 0, 0.0, 0.0)
        path = [root]
        for item in items:
            while path[-1].level >= item.level:
                path.pop()
            item.parent = path[-1]
            path[-1].children.append(item)
            path.append(item)
        root.number = writer.reserve()
        for item in items:
            item.number = writer.reserve()
        for item in (*reversed(items), root):  # children stand behind their parents
            item.shown = sum([1 + (child.shown if child.opened else 0) for child in item.children])
        for item in (root, *items):
            before, last = None, len(item.children) - 1
            for index, child in enumerate(item.children):
                after = item.children[index + 1] if index < last else None
                writer.put(_entries(child, item, before, after, pages), child.number)
                before = child
        writer.put({"Type": "/Outlines", **_below(root)}, root.number)
        for item in items:
            item.children.clear()  # which know their parents
        return root.number


def _entries(
    item: _Item, parent: _Item, before: _Item | None, after: _Item | None, pages: list[int]
) -> dict[str, Any]:  # fmt: skip
    return {
        "Title": Text(item.label),
        "Parent": ref(parent.number),
        "Prev": None if before is None else ref(before.number),
        "Next": None if after is None else ref(after.number),
        "Dest": [ref(pages[item.page]), "/XYZ", rounded(item.x), rounded(item.y), "null"],
        **_below(item),
    }


def _below(item: _Item) -> dict[str, Any]:
    if not item.children:
        return {}
    return {
        "First": ref(item.children[0].number),
        "Last": ref(item.children[-1].number),
        "Count": item.shown if item.opened else -item.shown,
    }
