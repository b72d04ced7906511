"""Elements from lexbor's own serialisation of its tree: a walk over text costs a third of a walk over its nodes.

In: HTML as the standard says that a tree is written (HTML Standard, 13.3): every element but the void ones with its end
tag, attribute values in double quotes. Out: the elements in document order; or None where the text is not that plain
(comments, templates, `<` or `>` in attribute values or raw text), which whoever called does by the nodes then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from spark_pdf.layout.dom import Element

if TYPE_CHECKING:
    from spark_pdf.layout.html.sharing import Shared, SharedMarkup

_TAG: Final = re.compile(r'([a-zA-Z][^\s/>"=]*)((?: [^\s"=<>]+="[^"<>]*")*)')
_ATTRIBUTE: Final = re.compile(r' ([^\s"=<>]+)="([^"<>]*)"')
_VOID: Final = frozenset((
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
))  # fmt: skip
RAW: Final = frozenset(("style", "script"))
OTHERWISE: Final = frozenset(("template", "noscript", "xmp", "iframe", "noembed", "noframes", "plaintext"))
"""Elements whose content is not what it looks like."""

_NO_ATTRIBUTES: Final[dict[str, str]] = {}
_MOST_TAGS: Final = 4096
"""Different start tags that are remembered; a template has dozens, unless it writes attributes from data."""


class StartTag:
    """A start tag as it stands in the text, taken apart once. `attributes` is shared by all elements that have it;
    `end` is what its end tag's chunk begins with. `classes` and `id` are as its elements have them.
    """

    __slots__ = ("attributes", "classes", "end", "id", "name", "raw", "void")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        example = Element(name, attributes, None, 0, 1)
        self.classes, self.id = example.classes, example.id
        self.end = f"/{name}>"
        self.void = name in _VOID
        self.raw = name in RAW


class TagBook:
    """The start tags that a worker has met, by their text; bounded by count."""

    __slots__ = ("_tags",)

    def __init__(self) -> None:
        self._tags: dict[str, StartTag] = {}

    def tag(self, text: str) -> StartTag | None:
        """What stands between `<` and `>`, taken apart; None where it is no plain start tag."""
        known = self._tags.get(text)
        if known is not None:
            return known
        if len(self._tags) >= _MOST_TAGS:
            self._tags.clear()
        found = _start_tag(text)
        if found is not None:
            self._tags[text] = found
        return found


def _start_tag(text: str) -> StartTag | None:
    match = _TAG.fullmatch(text)
    if match is None or match[1] in OTHERWISE:
        return None
    attributes = {name: unescaped(value) for name, value in _ATTRIBUTE.findall(match[2])}
    return StartTag(match[1], attributes)


def unescaped(text: str) -> str:
    """The five references that serialisation writes (13.3, "Escaping a string")."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\u00a0").replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&amp;", "&")


def escaped(text: str, quotes: bool = False) -> str:
    """The same the other way. `quotes`: in the value of an attribute."""
    text = text.replace("&", "&amp;").replace("\u00a0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if quotes else text


def elements_of(
    markup: str, tags: TagBook, most_depth: int, sharing: SharedMarkup | None = None
) -> list[Element] | None:
    """All elements in document order, the root first, less those that are shared with other documents (`sharing`);
    None where the text is not plain.
    """
    elements: list[Element] = []
    path: list[Element] = []
    ends: list[str] = []  # how their end tags begin
    last: list[Element | None] = []  # the last element child so far, of each on the path
    parent: Element | None = None
    chunks = markup.split("<")
    if chunks[0].strip():
        return None
    order = 0
    raw = False  # within text that is written as it is
    in_body = False  # body has begun: it is the last child of the root
    begun: list[tuple[int, int]] = []  # of each on the path: its chunk, and how many elements there were before
    learns = False
    if sharing is not None:
        sharing.begin()
        learns = sharing.learns
    position, count = 0, len(chunks)
    while position + 1 < count:
        position += 1
        chunk = chunks[position]
        if chunk.startswith("/"):
            if parent is None or not chunk.startswith(ends[-1]):
                return None
            if learns and sharing is not None:
                start, before_it = begun.pop()
                if len(path) > 2 and in_body:
                    sharing.learn(parent, chunks, start, position, before_it, len(elements))
            text = chunk[len(ends[-1]) :]
            path.pop()
            ends.pop()
            last.pop()
            parent = path[-1] if path else None
            raw = False
            if text and not _add_text(parent, text):
                return None
            continue
        if in_body and not raw and sharing is not None and len(path) > 1:
            shared = sharing.find(chunks, position, most_depth - len(path))
            if shared is not None and parent is not None:
                _adopt(shared, parent, last[-1], order)
                last[-1] = shared.root
                order += shared.count
                position += len(shared.chunks)
                text = chunks[position][len(shared.end) :]
                if text:
                    _add_text(parent, text)
                continue
        head, closed, text = chunk.partition(">")
        tag = None if raw or not closed else tags.tag(head)
        if tag is None:
            if closed and not order and head[:8].lower() == "!doctype" and not text.strip():
                continue
            return None
        if parent is None:
            if order:
                return None
            element = Element(tag.name, tag.attributes, None, 0, 1)
        else:
            element = last[-1] = _child(tag, parent, last[-1], order)
        if learns and not tag.void:
            begun.append((position, len(elements)))
        elements.append(element)
        order += 1
        if not tag.void:
            path.append(element)
            ends.append(tag.end)
            last.append(None)
            parent = element
            in_body = in_body or (len(path) == 2 and tag.name == "body")
            raw = tag.raw
            if raw:
                if text:
                    element.children.append(text)
                continue
            if len(path) > most_depth:
                return None
        if text and not _add_text(parent, text):
            return None
    if not elements or path:
        return None
    if learns and sharing is not None:
        sharing.finish(elements)
    return elements


def elements_from(
    tags: list[StartTag | None], chunks: list[str], texts: list[str], body: int, most_depth: int, sharing: SharedMarkup
) -> list[Element]:
    """The same from chunks that are known to be plain, each with its tag (None: an element ends) and the text behind
    it. `body`: the chunk that begins the body; -1 where there is none.
    """
    sharing.begin()
    learns = sharing.learns
    parent = Element(tags[0].name, tags[0].attributes, None, 0, 1)  # type: ignore[union-attr]
    elements = [parent]
    path: list[Element] = []
    begun: list[tuple[int, int]] = []  # of each on the path below the root: its chunk, how many elements were before
    before: Element | None = None
    order = 1
    position, last = 0, len(chunks) - 1
    while True:
        text = texts[position]
        if text:
            parent.children.append(text)
        position += 1
        if position >= last:
            break
        tag = tags[position]
        if tag is None:
            if learns:
                start, before_it = begun.pop()
                if len(path) > 1 and 0 <= body < position:
                    sharing.learn(parent, chunks, start, position, before_it, len(elements))
            before = parent
            parent = path.pop()
            continue
        if 0 <= body < position:
            shared = sharing.find(chunks, position, most_depth - 1 - len(path))
            if shared is not None:
                _adopt(shared, parent, before, order)
                before = shared.root
                order += shared.count
                position += len(shared.chunks)
                continue
        element = _child(tag, parent, before, order)
        if tag.void:
            before = element
        else:
            if learns:
                begun.append((position, len(elements)))
            path.append(parent)
            parent = element
            before = None
        elements.append(element)
        order += 1
    if learns:
        sharing.finish(elements)
    return elements


def _child(tag: StartTag, parent: Element, before: Element | None, order: int) -> Element:
    """The next element within another. What its attributes say was found out once for all that have them."""
    element = Element(tag.name, _NO_ATTRIBUTES, parent, order, parent.count + 1)
    if tag.attributes:
        element.attributes, element.id, element.classes = tag.attributes, tag.id, tag.classes
    element.previous = before
    parent.children.append(element)
    return element


def _add_text(parent: Element | None, text: str) -> bool:
    """Text within an element; False: it stands outside of the root."""
    if parent is None:
        return not text.strip()
    parent.children.append(unescaped(text) if "&" in text else text)
    return True


def _adopt(shared: Shared, parent: Element, before: Element | None, order: int) -> None:
    """Put a shared subtree where an element stands in this document."""
    root = shared.root
    parent.count += 1
    root.parent = parent
    root.index = parent.count
    root.previous = before
    root.order = order
    parent.children.append(root)
