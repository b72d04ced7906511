"""What a page's edge cuts off: text and images that nobody will ever see. Deliberate bleed is none of it.

In: fragments that reach over an edge, met while a page is painted. Out: one `Cut` for each kind, named by its element.
Painting compares the right end of each text and image with the page's edge, and nothing more; what is below the page's
lower edge is looked for on pages only that hold something higher than they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.fragments import ImageFragment, PaintGroup, TextFragment

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element

SLACK = 1.0
"""px by which text may reach over the edge: rounding, and the space behind a letter."""

BLEED = 16.0
"""px by which images may: a little more than the 3 mm that printers ask for."""


class Cut(NamedTuple):
    """Something that is cut off. `kind`: table, text or image; `name`: its element, as a selector writes it."""

    kind: str
    name: str
    edge: str

    def told(self, page: int) -> str:
        """The message about it."""
        what = "text in" if self.kind == "text" else f"the {self.kind}"
        return f"{what} '{self.name}' is cut off at the {self.edge} edge of page {page}: it does not fit"


class Cuts:
    """What one page cuts off: the first of each kind."""

    __slots__ = ("found", "hidden")

    def __init__(self) -> None:
        self.found: dict[str, Cut] = {}
        self.hidden = 0
        """How many clips and transforms are around the place: what they do is deliberate."""

    def right(self, fragment: TextFragment | ImageFragment) -> None:
        """A text or image that ends beyond the right edge."""
        if not self.hidden:
            self._note(fragment, "right")

    def below(self, group: PaintGroup, height: float) -> None:
        """Look for what begins below the lower edge."""
        for item in group.items:
            if isinstance(item, PaintGroup):
                if item.transform is None and item.clip is None and item.outline is None:
                    self.below(item, height)
                continue
            fragment, y = item.fragment, item.y
            if isinstance(fragment, TextFragment):
                if y > height + SLACK:
                    self._note(fragment, "lower")
            elif isinstance(fragment, ImageFragment) and y + fragment.height > height + BLEED:
                self._note(fragment, "lower")

    def _note(self, fragment: TextFragment | ImageFragment, edge: str) -> None:
        node = fragment.node
        if node is None or fragment.style.visibility != "visible":
            return
        table = _table_around(node)
        kind = "image" if isinstance(fragment, ImageFragment) else "text" if table is None else "table"
        if kind not in self.found:
            self.found[kind] = Cut(kind, selector_of(node if table is None or kind == "image" else table), edge)


def _table_around(node: Element) -> Element | None:
    place: Element | None = node
    while place is not None:
        if place.tag == "table":
            return place
        place = place.parent
    return None


def selector_of(node: Element) -> str:
    """An element as a designer would select it: `td.price`, `img#logo`."""
    name = f"#{node.id}" if node.id else "".join(f".{word}" for word in node.classes[:2])
    if not name and node.parent is not None and node.parent.tag not in ("body", "html"):
        return f"{selector_of(node.parent)} {node.tag}" if node.parent.id or node.parent.classes else node.tag
    return node.tag + name
