"""Documents that differ in their texts alone: the tree without lexbor, where a document of the same shape came before.

In: the text of a document. Out: what it is serialised to (HTML Standard, 13.3), cut at each `<`, with each piece taken
apart (`markup.elements_from`); or None, and lexbor parses it. What a parser makes of a text follows from what stands
before it, and from the text only by where it begins with white space and whether there is anything else (13.2.6). So
texts count from their first character that is no white space, and all else is the document's *shape*.

A shape that comes again is kept, and which of its texts changed. A *recipe* is what lexbor makes of the document with
a marker in place of each of these: it says where each went, and holds for any text that the tokenizer takes as it is.
There is none if a marker did not come out as one piece of text, as in scripts and comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from sys import intern
from typing import Final

from spark_pdf.layout.dom import Element, unlink
from spark_pdf.layout.html.markup import OTHERWISE, RAW, StartTag, escaped, unescaped
from spark_pdf.text.doorkeeper import Doorkeeper, Room

_MOST_CHARACTERS: Final = 100_000
"""So long are documents that may have a recipe: rows of long tables are seldom as many as in another document."""
_CREDIT: Final = 64
_GAIN: Final = 4
"""What it costs to look at a document's shape, compared with what a recipe spares, is one to four: a template whose
shapes do not come again is left alone when it has used its credit up."""
_EVERY: Final = 32
"""Then one of so many documents is looked at."""
_CHANGES: Final = 12
"""So often a recipe is made anew because one more of its texts has changed; then all of them may."""
_ROOM: Final = Room(2_000_000)
"""In bytes, roughly: an invoice's shape takes 50 KB, so this is a generation of 40."""
_COST: Final = 200
"""Bytes that a piece of markup takes beside its characters, in shape and recipe. Rows repeat pieces, and shapes of a
template have most of them in common, so all are interned."""
_PER_COUNT: Final = 8
"""Shapes with as many `<`, which are told apart only by comparing what stands between texts."""
_MOST_HEADS: Final = 4096

_BLANK: Final = "\t\n\f\r "
_NO_START: Final = "\t\n\f\r <"
"""What a text that may change does not begin with; `<` if there is none."""
_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
"""Around the number that marks a text: for private use, so seldom in a document."""
_REFUSED: Final = re.compile(r"<!\[CDATA\[|<plaintext|\ue000|&#(?:0*5734[45]|x0*e00[01])", re.IGNORECASE)
"""Documents in which tags may be texts, or texts look like markers."""
_TEXT: Final = "<<"
"""Behind a piece of a shape that ends where a text is."""
_HEAD: Final = re.compile(
    r"/?(?!(?:script|style|xmp|iframe|noembed|noframes|noscript|plaintext|template)\b)[a-z][a-z0-9-]*"
    r"""(?:\s+[^\s"'<>/=`\0]+(?:\s*=\s*(?:"[^"\0]*"|'[^'\0]*'|[^\s"'=<>`\0]+))?)*\s*/?""",
    re.IGNORECASE | re.ASCII,
)
"""A tag after which the tokenizer is in its data state (13.2.5.1), or in that of `title` and `textarea`, which are told
from it by `<` alone."""
_OTHERWISE: Final = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#34|#39);|[&>\0\r\xa0]")
"""What does not stand in a text as it is serialised."""
_CHANGED: Final = ("&", ">", "\0", "\r", "\xa0")
_WRITTEN: Final = {
    "&amp;": "&amp;", "&lt;": "&lt;", "&gt;": "&gt;", "&quot;": '"', "&nbsp;": "&nbsp;", "&#34;": '"', "&#39;": "'",
    ">": "&gt;", "\xa0": "&nbsp;",
}  # fmt: skip
_RAW: Final = RAW | OTHERWISE


class Recipe:
    """How documents of a shape are read and serialised. `sources`: what stands in them before, between and behind the
    texts that change. `chunks`: what they come to, cut at each `<`; of each its tag (None: an element ends), and the
    text behind it. `body` is the chunk that begins the body.
    """

    __slots__ = ("_parts", "_places", "_sources", "body", "chunks", "tags", "texts")

    def __init__(self, sources: list[str]) -> None:
        self._sources = sources
        self._places = [-1] * (len(sources) - 1)
        self._parts = [("", "", "", "")] * (len(sources) - 1)
        """Of each text: its chunk up to it and from its end on, and what stands before and behind it unescaped."""
        self.chunks: list[str] = []
        self.tags: list[StartTag | None] = []
        self.texts: list[str] = []
        self.body = -1

    def match(self, source: str) -> list[str] | None:
        """The texts of a document, if it is one of these."""
        sources = self._sources
        first = sources[0]
        at = len(first)
        if source[:at] != first:
            return None
        texts: list[str] = []
        for number in range(1, len(sources)):
            end = source.find("<", at)
            if end < 0 or source[at] in _NO_START:
                return None
            texts.append(source[at:end])
            between = sources[number]
            at = end + len(between)
            if source[end:at] != between:
                return None
        return texts if at == len(source) else None

    def fill(self, found: list[str]) -> tuple[list[str], list[str]] | None:
        """Chunks, and the texts in them, with those of a document in their places; None if one is not that plain."""
        chunks, texts = self.chunks[:], self.texts[:]
        all_plain = _are_plain(found)
        for number, text in enumerate(found):
            written = text
            if not all_plain:
                plain = _written(text)
                if plain is None:
                    return None
                written, text = plain, unescaped(plain)
            place = self._places[number]
            start, end, before, behind = self._parts[number]
            chunks[place] = start + written + end
            texts[place] = before + text + behind
        return chunks, texts

    def marked(self) -> str:
        """The document with a marker for each text."""
        parts = [self._sources[0]]
        for number in range(1, len(self._sources)):
            parts += (f"{_OPEN}{number - 1}{_CLOSE}", self._sources[number])
        return "".join(parts)

    def write(self, root: Element) -> bool:
        """Take over the tree that the document with markers has. False: some did not come out as texts."""
        return self._write(root, 1) and -1 not in self._places

    def _write(self, element: Element, depth: int) -> bool:
        if element.tag == "bdi" or element.attributes.get("dir", "").strip().lower() == "auto":
            return False  # texts decide on attributes
        tag = StartTag(element.tag, element.attributes)
        if depth == 2 and element.tag == "body":
            self.body = len(self.chunks)
        values = [f' {name}="{escaped(value, quotes=True)}"' for name, value in element.attributes.items()]
        self._add("".join([element.tag, *values, ">"]), tag)
        for child in element.children:
            if isinstance(child, Element):
                if not self._write(child, depth + 1):
                    return False
            elif self.texts[-1] or not self._write_text(child, element.tag in _RAW):
                return False
        if not tag.void:
            self._add(tag.end, None)
        return not (tag.void and element.children)

    def _add(self, chunk: str, tag: StartTag | None) -> None:
        self.chunks.append(intern(chunk))
        self.tags.append(tag)
        self.texts.append("")

    def _write_text(self, text: str, raw: bool) -> bool:
        """Text behind the last tag, with up to one marker in it."""
        start = self.chunks[-1]
        self.texts[-1] = intern(text)
        self.chunks[-1] = intern(start + escaped(text))
        before, opened, rest = text.partition(_OPEN)
        if not opened:
            return True
        number, closed, behind = rest.partition(_CLOSE)
        if raw or not closed or _OPEN in behind or self._places[int(number)] >= 0:
            return False
        self._places[int(number)] = len(self.chunks) - 1
        self._parts[int(number)] = (start + escaped(before), escaped(behind), before, behind)
        return True


def _are_plain(texts: list[str]) -> bool:
    """Whether texts stand in a document as they are serialised."""
    joined = "<".join(texts)
    for character in _CHANGED:
        if character in joined:
            return False
    return joined.isascii() or _is_encodable(joined)


def _written(text: str) -> str | None:
    """A text as it is serialised; None for what a parser may read otherwise, or not at all."""
    parts: list[str] = []
    at = 0
    for found in _OTHERWISE.finditer(text):
        written = _WRITTEN.get(found[0])
        if written is None:
            return None
        parts += (text[at : found.start()], written)
        at = found.end()
    parts.append(text[at:])
    return "".join(parts) if _is_encodable(text) else None


def _is_encodable(text: str) -> bool:
    """False for halves of surrogate pairs, which lexbor never gets to see."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Shape:
    """A shape that came more than once. `texts`: those of the first document; `changes`: which of them were others
    later. `recipe`: None until two documents were compared, and where lexbor's tree has no place for a text.
    """

    __slots__ = ("_changes", "_made", "_pieces", "_refused", "_texts", "recipe", "size")

    def __init__(self, pieces: tuple[str, ...], texts: list[str], size: int) -> None:
        self._pieces = pieces
        self._texts = texts
        self._changes = [False] * len(texts)
        self._made = 0
        self._refused = False
        self.recipe: Recipe | None = None
        self.size = size

    def is_of(self, pieces: tuple[str, ...]) -> bool:
        """Whether a document has this shape."""
        return self._pieces == pieces

    def meet(self, texts: list[str], parse: Callable[[str], list[Element]]) -> None:
        """A document of this shape, for which there was no recipe."""
        if self._refused:
            return
        for number, text in enumerate(texts):
            if text != self._texts[number] or self._made >= _CHANGES:
                self._changes[number] = True
        self._made += 1
        recipe = Recipe(self._sources())
        elements = parse(recipe.marked())
        self._refused = not recipe.write(elements[0])
        unlink(elements)
        self.recipe = None if self._refused else recipe

    def _sources(self) -> list[str]:
        """The document, cut where texts change."""
        sources: list[str] = []
        parts: list[str] = []
        number = 0
        for piece in self._pieces:
            parts.append(piece)
            if not piece.endswith(_TEXT):
                continue
            parts[-1] = piece[: -len(_TEXT)]
            if self._changes[number]:
                sources.append("".join(parts))
                parts.clear()
            else:
                parts.append(self._texts[number])
            number += 1
        sources.append("".join(parts))
        return sources


class Recipes:
    """The recipes of one template, as far as a worker has seen, by how many `<` a document has. Serves one thread."""

    __slots__ = ("_credit", "_generation", "_heads", "_met", "_old", "_passed", "_young")

    def __init__(self) -> None:
        self._credit = _CREDIT
        self._passed = 0
        self._generation = _ROOM.generation
        self._heads: dict[str, bool] = {}
        self._met = Doorkeeper()
        self._young: dict[int, list[_Shape]] = {}
        self._old: dict[int, list[_Shape]] = {}

    def find(self, source: str) -> tuple[Recipe, list[str], list[str]] | None:
        """The recipe for a document, and chunks and texts as it comes out; None: lexbor has to parse it."""
        if not (self._young or self._old) or len(source) > _MOST_CHARACTERS:
            return None
        for shape in self._like(source):
            recipe = shape.recipe
            texts = recipe.match(source) if recipe is not None else None
            if recipe is not None and texts is not None:
                filled = recipe.fill(texts)
                if filled is None:
                    return None
                self._credit = min(self._credit + _GAIN, _CREDIT)
                return recipe, filled[0], filled[1]
        return None

    def learn(self, source: str, parse: Callable[[str], list[Element]]) -> None:
        """A document that lexbor has parsed. `parse`: makes elements of others."""
        if len(source) > _MOST_CHARACTERS:
            return
        if self._credit <= 0:
            self._passed = (self._passed + 1) % _EVERY
            if self._passed:
                return
        self._credit -= 1
        if _REFUSED.search(source) is not None:
            return
        pieces, texts = self._shape_of(source)
        for shape in self._like(source):
            if shape.is_of(pieces):
                shape.meet(texts, parse)
                return
        if self._met.knows(pieces):
            self._keep(source.count("<"), _Shape(pieces, texts, 2 * len(source) + _COST * len(pieces)))

    def _shape_of(self, source: str) -> tuple[tuple[str, ...], list[str]]:
        """What a document is but for its texts, and these. Where one stands, a piece ends with what no other has."""
        first, *chunks = source.split("<")
        pieces = [first]
        texts: list[str] = []
        for chunk in chunks[:-1]:
            head, closed, text = chunk.partition(">")
            start = text.lstrip(_BLANK)
            if start and closed and self._is_plain(head) and _written(start) is not None:
                pieces.append("<" + chunk[: -len(start)] + _TEXT)
                texts.append(start)
            else:
                pieces.append("<" + chunk)
        pieces += ["<" + chunk for chunk in chunks[-1:]]
        return tuple([intern(piece) for piece in pieces]), texts

    def _is_plain(self, head: str) -> bool:
        known = self._heads.get(head)
        if known is None:
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
            known = self._heads[head] = _HEAD.fullmatch(head) is not None
        return known

    def _like(self, source: str) -> list[_Shape]:
        """The shapes with as many `<`."""
        count = source.count("<")
        alike = self._young.get(count)
        if alike is None:
            alike = self._old.pop(count, [])
            for shape in alike:
                self._keep(count, shape)
        return alike

    def _keep(self, count: int, shape: _Shape) -> None:
        if self._generation != _ROOM.generation:
            self._old, self._young = self._young, {}
            self._generation = _ROOM.generation
        alike = self._young.setdefault(count, [])
        alike.append(shape)
        if len(alike) > _PER_COUNT:
            alike.pop(0)
        _ROOM.charge(shape.size)
