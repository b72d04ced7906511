"""HTML text to `Element`s and what the head says. Specification: the HTML Standard's parsing, by lexbor.

In: the text of a document. Out: an `HtmlDocument`. Comments, processing instructions and the content of `<template>`
are left out; text that they divided is joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from spark_pdf.errors import DocumentError
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.direction import MAY_BE_AUTO, resolve_auto
from spark_pdf.layout.html.folding import Folds, find_rows
from spark_pdf.layout.html.markup import TagBook, elements_from, elements_of
from spark_pdf.layout.html.sharing import SharedMarkup, Use

MAX_DEPTH: Final = 200
"""Elements within elements. Layout recurses, so there is a limit, far above what documents have."""

_LONG = 1_000_000
"""Characters of a document from which on memory counts more than parsing it once more, where it is not plain."""
_OF_THE_HEAD: Final = frozenset(("style", "link", "title", "meta"))
_NO_ELEMENT: Final = frozenset("-_!#")  # how lexbor names comments and their kin begins
_META_NAMES: Final = frozenset(
    ("author", "description", "keywords", "generator", "dcterms.created", "dcterms.modified")
)
_SEVERAL: Final = ("author", "keywords")
"""Names of which a document may have several `<meta>`: their values are joined."""


class StyleReference(NamedTuple):
    """A style sheet of the document: kind "text" with the CSS, or "link" with the URL; and its `media` attribute."""

    kind: str
    value: str
    media: str = ""


@dataclass(frozen=True, slots=True)
class HtmlDocument:
    """A parsed document. `meta` holds what `<meta>` says by name: author, description, keywords, generator, and the
    dates dcterms.created and dcterms.modified.

    `elements`: all of them, in document order, less those that are shared with other documents; `use` is what says
    that this one has them. `folds`: rows that are not among them, but text (`folding.py`).
    """

    root: Element
    style_sources: tuple[StyleReference, ...] = ()
    title: str = ""
    language: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    use: Use | None = None
    folds: Folds | None = None


def parse_html(text: str, sharing: SharedMarkup | None = None, folding: bool = False) -> HtmlDocument:
    """Parse a document as browsers do. Raises `DocumentError` if elements are nested deeper than `MAX_DEPTH`.

    `sharing`: what it may have in common with earlier documents, which is left to it until its `use` is done.
    `folding`: plain rows of a long document may stay text, and sharing is not worth it then.
    """
    folds = find_rows(text, _alone) if folding and len(text) > _LONG else None
    if folds is not None and MAY_BE_AUTO.search(folds.markup) is None:
        document = parse_html(folds.markup)
        if folds.settle(document.elements, MAX_DEPTH):
            return replace(document, folds=folds)
    recipes = sharing.recipes if sharing is not None else None
    read = recipes.find(text) if recipes is not None else None
    if sharing is not None and read is not None:
        recipe, chunks, texts = read
        elements = elements_from(recipe.tags, chunks, texts, recipe.body, MAX_DEPTH, sharing)
    else:
        elements, sharing = _parsed(text, sharing)
        if recipes is not None:
            recipes.learn(text, _alone)
    root = elements[0]
    title, styles = "", []
    meta: dict[str, str] = {}
    for element in elements:
        if element.tag not in _OF_THE_HEAD:
            continue
        attributes = element.attributes
        if element.tag == "style":
            if attributes.get("type", "text/css").strip().lower() in ("", "text/css"):
                styles.append(StyleReference("text", text_of(element), attributes.get("media", "")))
        elif element.tag == "link":
            relations = attributes.get("rel", "").lower().split()
            if "stylesheet" in relations and "alternate" not in relations and attributes.get("href"):
                styles.append(StyleReference("link", attributes["href"].strip(), attributes.get("media", "")))
        elif element.tag == "title":
            in_head = element.parent is not None and element.parent.tag == "head"
            title = title or (" ".join(text_of(element).split()) if in_head else "")
        elif "content" in attributes and (name := attributes.get("name", "").strip().lower()) in _META_NAMES:
            content = " ".join(attributes["content"].split())
            if name in _SEVERAL and meta.get(name):
                meta[name] += ", " + content
            elif content:
                meta.setdefault(name, content)
    language = root.attributes.get("lang", "").strip()
    use = sharing.use if sharing is not None else None
    return HtmlDocument(root, tuple(styles), title, language, meta, elements, use)


def _parsed(text: str, sharing: SharedMarkup | None) -> tuple[list[Element], SharedMarkup | None]:
    """The elements of a document by lexbor, and with whom they are shared."""
    parser: LexborHTMLParser | None = LexborHTMLParser(text)
    markup = parser.html or ""  # type: ignore[union-attr]
    if len(text) > _LONG:
        parser = None  # its tree would take as much memory as the elements do
    # lexbor writes names in lower case; its text is looked through for two words first, which costs next to nothing.
    auto = ('dir="' in markup or "<bdi" in markup) and MAY_BE_AUTO.search(markup) is not None
    if auto:
        sharing = None
    elements = elements_of(markup, _TAGS, MAX_DEPTH, sharing) or tree_of(parser or LexborHTMLParser(text))
    del parser, markup
    if auto:
        resolve_auto(elements)
    return elements, sharing


def _alone(text: str) -> list[Element]:
    """The elements of a small text."""
    parser = LexborHTMLParser(text)
    return elements_of(parser.html or "", _TAGS, MAX_DEPTH) or tree_of(parser)


def text_of(element: Element) -> str:
    """All text below an element."""
    parts: list[str] = []
    waiting: list[Element | str] = [element]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
        else:
            waiting.extend(reversed(node.children))
    return "".join(parts)


_TAGS: Final = TagBook()


def tree_of(parser: LexborHTMLParser) -> list[Element]:
    """All elements in document order, the root first, whatever is in the document.

    One flat traversal; a node's place is known by its parent's address, which is the cheapest that selectolax offers
    (`first_child` and `next` make twice as many Python objects).
    """
    source = parser.root
    root = Element("html", {}, None, 0, 1)
    elements: list[Element] = []
    if source is None:
        return [root]
    path: list[Element] = []
    last: dict[Element, Element] = {}  # the last element child so far
    addresses: list[int] = []
    parent: Element | None = None
    address = order = 0
    divided = False  # by a comment, so that the next text may go on from the text before
    for node in source.traverse(include_text=True):
        tag = node.tag
        above: int = node.parent.mem_id  # type: ignore[union-attr]
        if above != address and order:
            if above not in addresses:
                continue  # below what is left out
            while addresses[-1] != above:
                addresses.pop()
                path.pop()
            parent, address = path[-1], above
        if tag == "-text":
            if parent is not None:
                text = node.text_content or ""
                if divided:
                    _append_text(parent.children, text)
                else:
                    parent.children.append(text)
            continue
        if tag is None or tag[0] in _NO_ELEMENT:
            divided = True
            continue
        divided = False
        given: dict[str, str | None] = node.attributes
        attributes = {name: value or "" for name, value in given.items()}
        if parent is None:
            root = element = Element(tag, attributes, None, 0, 1)
        else:
            before = last.get(parent)
            element = Element(tag, attributes, parent, order, 1 if before is None else before.index + 1)
            element.previous = before
            last[parent] = element
            parent.children.append(element)
        order += 1
        elements.append(element)
        if tag == "template":
            continue
        path.append(element)
        address = node.mem_id
        addresses.append(address)
        parent = element
        if len(path) > MAX_DEPTH:
            raise DocumentError("render", f"HTML elements are nested deeper than {MAX_DEPTH}")
    return elements or [root]


def _append_text(children: list[Element | str], text: str) -> None:
    """Add text, joined with the text before it if a comment stood between."""
    if children and isinstance(children[-1], str):
        children[-1] += text
    else:
        children.append(text)
