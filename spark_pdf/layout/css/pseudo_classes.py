"""Pseudo-classes: conditions on where an element stands, and on what is in it. Selectors 4, sections 4 and 7 to 14.

Each is a `selectors.Test`. Those that count siblings remember what they counted for the last parents, so that a table
of n rows costs n steps; those that look ahead remember answers likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from spark_pdf.layout.css.selectors import Alternatives, Attribute, Compound, Selector, Test
from spark_pdf.layout.dom import Element, nearest_language
from spark_pdf.layout.html.folding import FoldedRows

_PARENTS = 16
"""How many parents are remembered."""


def sibling_count(element: Element) -> int:
    """How many element children the element's parent has."""
    return 1 if element.parent is None else element.parent.count


def siblings(element: Element) -> list[Element]:
    """The element children of an element's parent, itself among them."""
    if element.parent is None:
        return [element]
    return [child for child in element.parent.children if isinstance(child, Element)]


def _fits(index: int, a: int, b: int) -> bool:
    """Whether index = a * n + b for an n of at least 0."""
    if a == 0:
        return index == b
    steps, rest = divmod(index - b, a)
    return rest == 0 and steps >= 0


@dataclass(frozen=True, slots=True)
class Nth:
    """`:nth-child(an+b)`, or counted from the end."""

    a: int
    b: int
    from_end: bool = False
    structural = True
    asks = ()

    def matches(self, element: Element) -> bool:
        """Its place among all siblings."""
        index = sibling_count(element) - element.index + 1 if self.from_end else element.index
        return _fits(index, self.a, self.b)


class _Places:
    """(place, count) of elements among those siblings that are like them; None for those that do not count."""

    __slots__ = ("_kind", "_known")

    def __init__(self, kind: Callable[[Element], Hashable]) -> None:
        self._kind = kind
        self._known: dict[Element, tuple[dict[Element, int], dict[Hashable, int]]] = {}

    def of(self, element: Element) -> tuple[int, int] | None:
        """`kind` says which siblings are alike; None that an element does not count."""
        kind = self._kind(element)
        parent = element.parent
        if kind is None:
            return None
        if parent is None:
            return 1, 1
        known = self._known.get(parent)
        if parent.kept is not None:
            known = self._counted(element)  # it will stand elsewhere in another document
        elif known is None:
            if len(self._known) >= _PARENTS:
                self._known.clear()
            known = self._known[parent] = self._counted(element)
        places, counts = known
        # A row that stays text (`html/folding.py`) has only rows beside it.
        return places.get(element, element.index), counts[kind]

    def _counted(self, element: Element) -> tuple[dict[Element, int], dict[Hashable, int]]:
        places: dict[Element, int] = {}
        counts: dict[Hashable, int] = {}
        for sibling in siblings(element):
            kind = self._kind(sibling)
            if kind is not None:
                places[sibling] = counts.get(kind, 0) + 1
                counts[kind] = counts.get(kind, 0) + (sibling.rows if isinstance(sibling, FoldedRows) else 1)
        return places, counts


class NthAlike:
    """`:nth-of-type(an+b)`, `:nth-child(an+b of S)`, and their kin that count from the end."""

    __slots__ = ("_a", "_b", "_from_end", "_places", "by_tag")
    structural = True
    asks = ()

    def __init__(self, a: int, b: int, kind: Callable[[Element], Hashable], *, from_end: bool = False) -> None:
        self.by_tag = kind is _tag
        self._a = a
        self._b = b
        self._from_end = from_end
        self._places = _Places(kind)

    def matches(self, element: Element) -> bool:
        """Its place among siblings that are alike."""
        place = self._places.of(element)
        if place is None:
            return False
        index, count = place
        return _fits(count - index + 1 if self._from_end else index, self._a, self._b)


def of_type(a: int, b: int, *, from_end: bool = False) -> NthAlike:
    """`:nth-of-type()`: siblings of one tag are alike."""
    return NthAlike(a, b, _tag, from_end=from_end)


def of_selectors(a: int, b: int, selectors: tuple[Selector, ...], *, from_end: bool = False) -> NthAlike:
    """`:nth-child(... of S)`: siblings that match are alike, others do not count."""

    def kind(element: Element) -> Hashable:
        return True if any(selector.subject.matches(element) for selector in selectors) else None

    return NthAlike(a, b, kind, from_end=from_end)


def _tag(element: Element) -> Hashable:
    return element.tag


@dataclass(frozen=True, slots=True)
class Both:
    """Several tests at once: `:only-of-type`, `:only-child`."""

    tests: tuple[Test, ...]
    structural = True
    asks = ()

    def matches(self, element: Element) -> bool:
        """All of them."""
        return all(test.matches(element) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Empty:
    """`:empty`: neither elements nor text, white space included."""

    structural = True
    asks = ()

    def matches(self, element: Element) -> bool:
        """No children (comments are dropped when the tree is built)."""
        return not element.children


@dataclass(frozen=True, slots=True)
class Root:
    """`:root`."""

    structural = False
    asks = ()

    def matches(self, element: Element) -> bool:
        """No parent."""
        return element.parent is None


@dataclass(frozen=True, slots=True)
class Link:
    """`:link` and `:any-link`."""

    structural = False
    asks = ("href",)

    def matches(self, element: Element) -> bool:
        """A hyperlink."""
        return element.tag in ("a", "area") and "href" in element.attributes


@dataclass(frozen=True, slots=True)
class Never:
    """`:hover` and other states that paper cannot have."""

    structural = False
    asks = ()

    def matches(self, element: Element) -> bool:
        """Never."""
        return False


@dataclass(frozen=True, slots=True)
class Control:
    """A form control of these tags, with or without one of these attributes."""

    tags: tuple[str, ...]
    asks: tuple[str, ...]
    present: bool = True
    structural = False

    def matches(self, element: Element) -> bool:
        """HTML, 4.16.3."""
        return element.tag in self.tags and any(name in element.attributes for name in self.asks) is self.present


@dataclass(frozen=True, slots=True)
class Language:
    """`:lang(en, "*-CH")`: extended filtering of RFC 4647 (Selectors 4, 7.2)."""

    ranges: tuple[str, ...]
    structural = False
    asks = ("lang",)

    def matches(self, element: Element) -> bool:
        """By the nearest `lang` attribute, the element's own or above it."""
        language = nearest_language(element)
        if language is None:
            return False
        return any(_in_range(language.strip().lower(), wanted) for wanted in self.ranges)


def _in_range(language: str, wanted: str) -> bool:
    if not wanted or not language:
        return wanted == language
    subtags, asked = language.split("-"), wanted.split("-")
    if asked[0] not in ("*", subtags[0]):
        return False
    at = 1
    for tag in asked[1:]:
        if tag == "*":
            continue
        while at < len(subtags) and subtags[at] != tag:
            if len(subtags[at]) == 1:
                return False
            at += 1
        if at == len(subtags):
            return False
        at += 1
    return True


@dataclass(frozen=True, slots=True)
class Direction:
    """`:dir(rtl)`: by the nearest `dir` attribute (`auto` counts as ltr)."""

    wanted: str
    structural = False
    asks = ("dir",)

    def matches(self, element: Element) -> bool:
        """HTML, 3.2.6.4, without looking into the text."""
        at: Element | None = element
        while at is not None:
            direction = at.attributes.get("dir", "").strip().lower()
            if direction in ("ltr", "rtl", "auto"):
                return ("rtl" if direction == "rtl" else "ltr") == self.wanted
            at = at.parent
        return self.wanted == "ltr"


class Anchor:
    """What the relative selectors of a `:has()` start from: the element that is being asked about."""

    __slots__ = ("element",)
    structural = True
    asks = ()

    def __init__(self) -> None:
        self.element: Element | None = None

    def matches(self, element: Element) -> bool:
        """Whether it is that element."""
        return element is self.element


@dataclass(frozen=True, slots=True)
class Relative:
    """One selector of a `:has()`: how its leftmost compound stands to the anchor, and the whole.

    `plain`: what the subject must be, where the selector has no more than that. `further`: it goes on to siblings.
    """

    combinator: str
    subject: Compound
    plain: Compound | None
    further: bool


class Has:
    """`:has()`. Looks at what follows or is within, and remembers what it saw."""

    __slots__ = ("_anchor", "_children", "_following", "_relatives", "_within")
    structural = True
    asks = ()

    _LIMIT = 8192

    def __init__(self, anchor: Anchor, relatives: tuple[Relative, ...]) -> None:
        self._anchor = anchor
        self._relatives = relatives
        self._children: dict[Element, list[Element]] = {}
        self._within: dict[tuple[Compound, Element], bool] = {}
        self._following: dict[tuple[Compound, Element], int] = {}

    def matches(self, element: Element) -> bool:
        """Whether one of the selectors finds an element."""
        return any(self._finds(relative, element) for relative in self._relatives)

    def _finds(self, relative: Relative, element: Element) -> bool:
        plain = relative.plain
        if plain is not None and relative.combinator == " ":
            return self._has_within(plain, element)
        if plain is not None and relative.combinator == "~":
            return self._last_following(plain, element) > element.index
        before, self._anchor.element = self._anchor.element, element
        try:
            return any(relative.subject.matches(candidate) for candidate in self._candidates(relative, element))
        finally:
            self._anchor.element = before

    def _candidates(self, relative: Relative, element: Element) -> list[Element]:
        """Elements that the selector may end at."""
        if relative.combinator == ">" and relative.plain is not None:
            return [child for child in element.children if isinstance(child, Element)]
        if relative.combinator in (" ", ">"):
            return _descendants([element])
        index = element.index
        end = index + 1 if relative.combinator == "+" and not relative.further else None
        after = self._siblings(element)[index:end]
        return after if relative.plain is not None else [*after, *_descendants(after)]

    def _siblings(self, element: Element) -> list[Element]:
        parent = element.parent
        if parent is None:
            return [element]
        known = self._children.get(parent)
        if known is None:
            if len(self._children) >= _PARENTS:
                self._children.clear()
            known = self._children[parent] = siblings(element)
        return known

    def _has_within(self, wanted: Compound, element: Element) -> bool:
        """Whether a descendant matches; each element is asked once."""
        known = self._within.get((wanted, element))
        if known is not None:
            return known
        if len(self._within) > self._LIMIT:
            self._within.clear()
        found = any(
            wanted.matches(child) or self._has_within(wanted, child)
            for child in element.children
            if isinstance(child, Element)
        )
        if element.kept is None:
            self._within[wanted, element] = found
        return found

    def _last_following(self, wanted: Compound, element: Element) -> int:
        """The index of the last sibling that matches; 0 where none does."""
        parent = element.parent
        if parent is None:
            return 0
        known = self._following.get((wanted, parent))
        if known is None:
            if len(self._following) >= _PARENTS:
                self._following.clear()
            matching = (sibling.index for sibling in reversed(siblings(element)) if wanted.matches(sibling))
            known = next(matching, 0)
            if parent.kept is None:
                self._following[wanted, parent] = known
        return known


def _descendants(roots: list[Element]) -> list[Element]:
    found: list[Element] = []
    waiting = list(reversed(roots))
    while waiting:
        for child in waiting.pop().children:
            if isinstance(child, Element):
                found.append(child)
                waiting.append(child)
    return found


_CONTROLS = ("button", "input", "select", "textarea", "optgroup", "option", "fieldset")
_FIELDS = ("input", "select", "textarea")
_NEVER = (
    "hover", "active", "focus", "focus-visible", "focus-within", "visited", "target", "target-within", "current",
    "past", "future", "playing", "paused", "fullscreen", "modal", "popover-open", "picture-in-picture", "autofill",
    "user-valid", "user-invalid", "invalid", "in-range", "out-of-range", "indeterminate", "default", "blank",
    "local-link", "buffering", "seeking", "stalled", "muted", "volume-locked", "host", "active-view-transition",
)  # fmt: skip
SIMPLE: dict[str, Test] = {
    "root": Root(),
    "scope": Root(),
    "empty": Empty(),
    "first-child": Nth(0, 1),
    "last-child": Nth(0, 1, from_end=True),
    "only-child": Both((Nth(0, 1), Nth(0, 1, from_end=True))),
    "first-of-type": of_type(0, 1),
    "last-of-type": of_type(0, 1, from_end=True),
    "only-of-type": Both((of_type(0, 1), of_type(0, 1, from_end=True))),
    "link": Link(),
    "any-link": Link(),
    "checked": Control(("input", "option"), ("checked", "selected")),
    "disabled": Control(_CONTROLS, ("disabled",)),
    "enabled": Control(_CONTROLS, ("disabled",), present=False),
    "required": Control(_FIELDS, ("required",)),
    "optional": Control(_FIELDS, ("required",), present=False),
    "read-only": Alternatives((Selector(Compound(tests=(Control(_FIELDS, ("readonly", "disabled"), present=False),)),
                                        "", (0, 0, 0)),), negated=True),
    "read-write": Control(_FIELDS, ("readonly", "disabled"), present=False),
    "placeholder-shown": Control(("input", "textarea"), ("value",), present=False),
    "valid": Never(),
    "defined": Alternatives((Selector(Compound(), "", (0, 0, 0)),)),
    "open": Attribute("open"),
    **{name: Never() for name in _NEVER},
}  # fmt: skip
"""Pseudo-classes without arguments."""
