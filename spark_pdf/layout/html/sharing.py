"""Elements that documents of one template have in common: made once, and taken over by those that come later.

In: the markup of a document, cut at each `<` (`markup.py`). Out: subtrees whose markup an earlier document had as well.
A subtree is a function of its markup, so the elements are the same; what hangs on them (`Kept`) spares box generation
and layout too. Letterheads, heads of tables, labels and terms come to a third of an invoice.

A subtree stands in one place at a time: while a document that has it is at work, others make their own. Only elements
below `body` are shared, and none whose meaning lies outside of them. Documents are looked through for what is shared
now and then, the first ones always; what comes for the second time is kept, the largest subtree that does. There are
two generations, which all templates of a process share.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from spark_pdf.layout.dom import Element, Kept, unlink_shared
from spark_pdf.layout.html.recipes import Recipes
from spark_pdf.text.doorkeeper import Doorkeeper, Room

_FIRST: Final = 8
_EVERY: Final = 32
"""Documents that are looked through: the first so many, then one of so many."""
_MOST_CHUNKS: Final = 4096
"""So far documents are looked through: what templates have in common stands before and behind long tables."""
_MOST_CHARACTERS: Final = 8000
_COST: Final = 64
"""Characters that an element counts for beside its markup."""
_ROOM: Final = Room(100_000)
"""In characters. An element with what hangs on it takes some 3 KB, so this is a generation of some 4 MB."""
_MOST_WAITING: Final = 100
"""Subtrees that are forgotten but may still be in use, as by a document that failed."""
_PER_START: Final = 8
"""Subtrees that begin alike, and are told apart only by comparing all of their markup."""
_NEVER: Final = frozenset((
    "style", "script", "link", "meta", "title", "base", "svg", "math", "template", "details", "summary", "bdi",
))  # fmt: skip
"""Elements that say something of the document, or are understood by what stands around them."""


class Use:
    """A document at work with what it shares. `done`: it has been drawn, and others may have that."""

    __slots__ = ("done", "roots")

    def __init__(self) -> None:
        self.done = False
        self.roots: list[Element] = []

    def end(self) -> None:
        """The document is done with: what it shares no longer stands in it, or it would be kept as long as that is."""
        self.done = True
        for root in self.roots:
            root.parent = root.previous = None
        self.roots.clear()


class Shared:
    """A subtree of `count` elements. `chunks`: its markup, up to its `end` tag. `use`: which document has it."""

    __slots__ = ("chunks", "count", "depth", "end", "root", "size", "use")

    def __init__(self, root: Element, chunks: list[str], size: int, count: int, use: Use) -> None:
        self.root = root
        self.chunks = chunks
        self.size = size
        self.end = f"/{root.tag}>"
        self.count = count
        self.depth = _depth(root)
        self.use = use

    def stands(self, chunks: list[str], position: int) -> bool:
        """Whether a document's markup goes on like this from a place whose first chunk is the same."""
        own = self.chunks
        count = len(own)
        if position + count >= len(chunks):
            return False
        for offset in range(1, count):
            if own[offset] != chunks[position + offset]:
                return False
        return chunks[position + count].startswith(self.end)


class _Found(NamedTuple):
    """A subtree that came before: its markup, between which chunks it stands, which elements of the document it has."""

    root: Element
    markup: list[str]
    size: int
    start: int
    end: int
    first: int
    last: int


class SharedMarkup:
    """What the documents of one template share, as far as a worker has seen: subtrees, and `recipes` for those that
    differ in texts alone. Serves one thread.
    """

    __slots__ = (
        "_documents",
        "_dropped",
        "_found",
        "_generation",
        "_inside",
        "_met",
        "_old",
        "_young",
        "learns",
        "recipes",
        "use",
    )

    def __init__(self) -> None:
        self._documents = 0
        self._generation = _ROOM.generation
        self._met = Doorkeeper()
        self._young: dict[str, list[Shared]] = {}
        self._old: dict[str, list[Shared]] = {}
        self._inside: list[tuple[int, Shared]] = []
        self._found: list[_Found] = []
        self._dropped: list[Shared] = []
        self.use = Use()
        self.learns = False
        self.recipes = Recipes()

    def begin(self) -> None:
        """A document begins."""
        self.use = Use()
        self._inside.clear()
        self._found.clear()
        if self._dropped:
            self._let_go()
        self.learns = self._documents < _FIRST or self._documents % _EVERY == 0
        self._documents += 1

    def find(self, chunks: list[str], position: int, room: int) -> Shared | None:
        """The subtree that begins here, if it is known, free, and no deeper than `room`."""
        start = chunks[position]
        known = self._young.get(start)
        if known is None:
            known = self._old.pop(start, None) if self._old else None
            if known is None:
                return None
            for shared in known:
                self._keep(shared, start)
        for shared in known:
            if shared.use.done and shared.depth <= room and shared.stands(chunks, position):
                shared.use = self.use
                self.use.roots.append(shared.root)
                if self.learns:
                    self._inside.append((position, shared))
                return shared
        return None

    def learn(self, root: Element, chunks: list[str], start: int, end: int, first: int, last: int) -> None:
        """An element ends: its markup is what lies between two chunks, and it has those elements of the document."""
        if end > _MOST_CHUNKS:
            return
        markup = chunks[start:end]
        size = sum(map(len, markup))
        if size > _MOST_CHARACTERS or not self._met.knows((root.tag, *markup)):
            return
        while self._found and self._found[-1].start >= start:
            self._found.pop()  # part of a larger one
        self._found.append(_Found(root, markup, size, start, end, first, last))

    def finish(self, elements: list[Element]) -> None:
        """The document ends: keep what was found, and leave to `elements` what is this document's own."""
        for found in reversed(self._found):
            members = elements[found.first : found.last]
            if any(element.tag in _NEVER for element in members) or self._is_taken(found.markup):
                continue
            inner = [shared for position, shared in self._inside if found.start <= position < found.end]
            for shared in inner:
                self._forget(shared)
                self.use.roots.remove(shared.root)  # from now on it stands in the larger one
            for element in members:
                element.kept = Kept()
            del elements[found.first : found.last]
            count = len(members) + sum([shared.count for shared in inner])
            self.use.roots.append(found.root)
            self._keep(Shared(found.root, found.markup, found.size + _COST * count, count, self.use), found.markup[0])
        self._found.clear()

    def _is_taken(self, markup: list[str]) -> bool:
        """Whether this document has the subtree in another place. One that failed never gave it back: it is left."""
        for shared in self._young.get(markup[0], ()):
            if shared.chunks == markup:
                if shared.use is self.use:
                    return True
                self._forget(shared)
                self._dropped.append(shared)
                return False
        return False

    def _keep(self, shared: Shared, start: str) -> None:
        if self._generation != _ROOM.generation:
            for alike in self._old.values():
                self._dropped += alike
            self._old, self._young = self._young, {}
            self._generation = _ROOM.generation
        alike = self._young.setdefault(start, [])
        if shared not in alike:
            alike.append(shared)
            _ROOM.charge(shared.size)
        if len(alike) > _PER_START:
            self._dropped.append(alike.pop(0))

    def _let_go(self) -> None:
        """Free the memory of what was dropped and is in no document any more, by counting alone (`dom.unlink`)."""
        waiting: list[Shared] = []
        for shared in self._dropped:
            if shared.use.done:
                unlink_shared(shared.root)
            else:
                waiting.append(shared)
        self._dropped = waiting[-_MOST_WAITING:]

    def _forget(self, shared: Shared) -> None:
        if shared in self._dropped:
            self._dropped.remove(shared)
        start = shared.chunks[0]
        for generation in (self._young, self._old):
            alike = generation.get(start)
            if alike is not None and shared in alike:
                alike.remove(shared)
                if not alike:
                    del generation[start]


def _depth(element: Element) -> int:
    """How many elements stand within each other."""
    return 1 + max([_depth(child) for child in element.children if isinstance(child, Element)], default=0)
