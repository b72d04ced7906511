"""The document tree that style and box generation walk: plain objects, made once from lexbor's tree."""

from __future__ import annotations

from collections.abc import Mapping


class Element:
    """An HTML element. `order` counts elements in document order from 0. `children` holds elements and strings.

    `classes` and `id` are split out because selectors ask for nothing else as often. `index` is the 1-based position
    among the parent's element children, which is all that `:nth-child` needs; `previous` is the element before it
    there. `context` belongs to the stylist: what it remembers of the path to this element.
    """

    __slots__ = ("attributes", "children", "classes", "context", "id", "index", "order", "parent", "previous", "tag")

    def __init__(self, tag: str, attributes: Mapping[str, str], parent: Element | None, order: int, index: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.order = order
        self.index = index
        self.children: list[Element | str] = []
        self.previous: Element | None = None
        self.context: object | None = None
        self.id = ""
        self.classes: tuple[str, ...] = ()
        if attributes:
            self.id = attributes.get("id", "")
            names = attributes.get("class")
            if names:
                self.classes = tuple(names.split())
