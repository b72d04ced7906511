"""The document tree that style and box generation walk: plain objects, made once from lexbor's tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Kept:
    """What is remembered of an element that documents share (`html/sharing.py`): the box that it led to, and what that
    followed from beside its markup. `context` is what the stylist knew of the path to its parent, or, if the element's
    siblings have a say in its style (`asks`), to itself; `style` the parent's. `refused`: its box depends on more.
    """

    __slots__ = ("asks", "box", "context", "language", "page", "refused", "rings", "style", "uses")

    def __init__(self) -> None:
        self.box: object | None = None
        self.rings: list[list[Any]] = []
        """Lists in the box that lead back to themselves: rows of groups."""
        self.asks = False
        self.context: object | None = None
        self.style: object | None = None
        self.language = ""
        self.page = ""
        self.refused = False
        self.uses = 0
        """How many documents have taken the box over."""

    def forget(self) -> None:
        """Let go of the box, so that its memory is freed at once."""
        self.box = None
        self.uses = 0
        for ring in self.rings:
            ring.clear()
        self.rings = []


class Element:
    """An HTML element. `order` counts elements in document order from 0. `children` holds elements and strings.

    `classes` and `id` are split out because selectors ask for nothing else as often. `index` is the 1-based position
    among the parent's element children, `count` how many of those it has itself: all that `:nth-child` and
    `:nth-last-child` need; `previous` is the element before it there. `context` belongs to the stylist: what it
    remembers of the path to this element. `kept`: it stands in more documents than this one.
    """

    __slots__ = (
        "attributes", "children", "classes", "context", "count", "id", "index", "kept", "order", "parent", "previous",
        "tag",
    )  # fmt: skip

    def __init__(self, tag: str, attributes: Mapping[str, str], parent: Element | None, order: int, index: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.order = order
        self.index = index
        self.count = 0
        if parent is not None:
            parent.count += 1
        self.children: list[Element | str] = []
        self.previous: Element | None = None
        self.context: object | None = None
        self.kept: Kept | None = None
        self.id = ""
        self.classes: tuple[str, ...] = ()
        if attributes:
            self.id = attributes.get("id", "")
            names = attributes.get("class")
            if names:
                self.classes = tuple(names.split())


def nearest_language(element: Element) -> str | None:
    """The nearest `lang` attribute, the element's own or above it, as it is written; None where there is none."""
    at: Element | None = element
    while at is not None:
        language = at.attributes.get("lang")
        if language is not None:
            return language
        at = at.parent
    return None


def unlink(elements: list[Element]) -> None:
    """Cut what refers to each other among the elements of a document, when it is done with."""
    for element in elements:
        element.children.clear()


def unlink_shared(root: Element) -> None:
    """The same for a subtree that was shared, and the boxes that it led to."""
    forget_boxes(root)
    waiting = [root]
    while waiting:
        element = waiting.pop()
        waiting += [child for child in element.children if isinstance(child, Element)]
        element.children.clear()
        element.kept = None


def forget_boxes(root: Element) -> None:
    """Let go of the boxes that the elements of a shared subtree led to."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        waiting += [child for child in element.children if isinstance(child, Element)]
        if element.kept is not None:
            element.kept.forget()
