"""Selectors: parsing, specificity, matching. Specification: Selectors 4.

In: the prelude of a rule. Out: `Selector`s, whose `subject.matches(element)` walks from right to left. Matching asks
the element itself and is the plain truth; `cascade` remembers its answers. A `structural` test depends on the element's
siblings or children, everything else on the element and its ancestors only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tinycss2 import nth

from spark_pdf.layout.css.tokens import Token, Tokens, is_literal, serialize, significant, split
from spark_pdf.layout.dom import Element

Specificity = tuple[int, int, int]


class SelectorError(ValueError):
    """A selector that is not valid or not supported; the message quotes the part."""


class Test(Protocol):
    """One condition of a compound selector beside tag, id and classes."""

    @property
    def structural(self) -> bool:
        """Whether the answer depends on siblings or children."""
        ...

    def matches(self, element: Element) -> bool:
        """Whether the element meets it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Compound:
    """What one element must be, and by `combinator` (" ", ">", "+", "~") what must stand before or above it."""

    tag: str | None = None
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    left: Compound | None = None
    combinator: str = ""

    def is_like(self, element: Element) -> bool:
        """Tag, id, classes and the tests that are not structural."""
        return (
            (self.tag is None or self.tag == element.tag)
            and (not self.ids or all(name == element.id for name in self.ids))
            and all(name in element.classes for name in self.classes)
            and all(test.matches(element) for test in self.tests if not test.structural)
        )

    def matches(self, element: Element) -> bool:
        """Whether the whole selector that ends here selects the element."""
        if not self.is_like(element) or not all(test.matches(element) for test in self.tests if test.structural):
            return False
        left = self.left
        if left is None:
            return True
        if self.combinator == ">":
            return element.parent is not None and left.matches(element.parent)
        if self.combinator == " ":
            above = element.parent
            while above is not None:
                if left.matches(above):
                    return True
                above = above.parent
            return False
        return self.sibling_matches(element)

    def sibling_matches(self, element: Element) -> bool:
        """The part left of `+` or `~`, on the siblings before the element."""
        before, left = element.previous, self.left
        if left is None:
            return False
        if self.combinator == "+":
            return before is not None and left.matches(before)
        while before is not None:
            if left.matches(before):
                return True
            before = before.previous
        return False

    @property
    def has_sibling(self) -> bool:
        """Whether it is bound to a sibling."""
        return self.combinator in ("+", "~")

    def chain(self) -> Iterator[Compound]:
        """This compound and all to its left."""
        compound: Compound | None = self
        while compound is not None:
            yield compound
            compound = compound.left

    def everything(self) -> Iterator[Compound]:
        """The chain and the chains inside `:is()`, `:not()` and `:where()`."""
        for compound in self.chain():
            yield compound
            for test in compound.tests:
                if isinstance(test, Alternatives):
                    for selector in test.selectors:
                        yield from selector.subject.everything()


@dataclass(frozen=True, slots=True)
class Selector:
    """A complex selector: its rightmost compound, pseudo-element ("" for none) and specificity."""

    subject: Compound
    pseudo: str
    specificity: Specificity


@dataclass(frozen=True, slots=True)
class Attribute:
    """`[name operator value]`; operator "" asks for presence only."""

    name: str
    operator: str = ""
    value: str = ""
    ignore_case: bool = False
    structural = False

    def matches(self, element: Element) -> bool:
        """Selectors 4, 6."""
        found = element.attributes.get(self.name)
        if found is None or not self.operator:
            return found is not None
        wanted = self.value
        if self.ignore_case:
            found, wanted = found.lower(), wanted.lower()
        return _OPERATORS[self.operator](found, wanted)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda found, wanted: found == wanted,
    "~=": lambda found, wanted: wanted in found.split(),
    "|=": lambda found, wanted: found == wanted or found.startswith(wanted + "-"),
    "^=": lambda found, wanted: bool(wanted) and found.startswith(wanted),
    "$=": lambda found, wanted: bool(wanted) and found.endswith(wanted),
    "*=": lambda found, wanted: bool(wanted) and wanted in found,
}


def sibling_count(element: Element) -> int:
    """How many element children the element's parent has."""
    if element.parent is None:
        return 1
    return next(child.index for child in reversed(element.parent.children) if isinstance(child, Element))


@dataclass(frozen=True, slots=True)
class Nth:
    """`:nth-child(an+b)`, or counted from the end."""

    a: int
    b: int
    from_end: bool = False
    structural = True

    def matches(self, element: Element) -> bool:
        """Whether index = a * n + b for an n of at least 0."""
        index = sibling_count(element) - element.index + 1 if self.from_end else element.index
        if self.a == 0:
            return index == self.b
        steps, rest = divmod(index - self.b, self.a)
        return rest == 0 and steps >= 0


@dataclass(frozen=True, slots=True)
class OnlyChild:
    """`:only-child`."""

    structural = True

    def matches(self, element: Element) -> bool:
        """First and last."""
        return element.index == 1 and sibling_count(element) == 1


@dataclass(frozen=True, slots=True)
class Empty:
    """`:empty`: neither elements nor text, white space included."""

    structural = True

    def matches(self, element: Element) -> bool:
        """No children (comments are dropped when the tree is built)."""
        return not element.children


@dataclass(frozen=True, slots=True)
class Root:
    """`:root`."""

    structural = False

    def matches(self, element: Element) -> bool:
        """No parent."""
        return element.parent is None


@dataclass(frozen=True, slots=True)
class Link:
    """`:link` and `:any-link`."""

    structural = False

    def matches(self, element: Element) -> bool:
        """A hyperlink."""
        return element.tag in ("a", "area") and "href" in element.attributes


@dataclass(frozen=True, slots=True)
class Never:
    """`:hover` and other states that paper cannot have."""

    structural = False

    def matches(self, element: Element) -> bool:
        """Never."""
        return False


@dataclass(frozen=True, slots=True)
class Alternatives:
    """`:is()`, `:where()`, and negated `:not()`."""

    selectors: tuple[Selector, ...]
    negated: bool = False
    structural: bool = field(init=False)

    def __post_init__(self) -> None:
        found = any(
            compound.has_sibling or any(test.structural for test in compound.tests)
            for selector in self.selectors
            for compound in selector.subject.chain()
        )
        object.__setattr__(self, "structural", found)

    def matches(self, element: Element) -> bool:
        """Whether one of them matches, or none if negated."""
        return any(selector.subject.matches(element) for selector in self.selectors) is not self.negated


PSEUDO_ELEMENTS = ("before", "after", "marker", "first-line", "first-letter", "footnote-call", "footnote-marker")
_SINGLE_COLON = ("before", "after", "first-line", "first-letter")
_STATES = (
    "hover",
    "active",
    "focus",
    "focus-visible",
    "focus-within",
    "visited",
    "target",
    "checked",
    "disabled",
    "enabled",
    "required",
)
_STATE_ATTRIBUTES = {"checked": "checked", "disabled": "disabled", "required": "required"}
_SIMPLE: dict[str, Test] = {
    "root": Root(),
    "empty": Empty(),
    "first-child": Nth(0, 1),
    "last-child": Nth(0, 1, from_end=True),
    "only-child": OnlyChild(),
    "link": Link(),
    "any-link": Link(),
    **{state: Attribute(_STATE_ATTRIBUTES[state]) if state in _STATE_ATTRIBUTES else Never() for state in _STATES},
}
# HTML, 4.17.2: attributes whose values selectors compare without case (those that documents on paper use)
_CASELESS_VALUES = frozenset(
    [
        "align",
        "alink",
        "axis",
        "bgcolor",
        "border",
        "char",
        "charset",
        "clear",
        "color",
        "dir",
        "direction",
        "face",
        "frame",
        "hreflang",
        "http-equiv",
        "lang",
        "language",
        "link",
        "media",
        "method",
        "rel",
        "rev",
        "rules",
        "scope",
        "scrolling",
        "shape",
        "target",
        "text",
        "type",
        "valign",
        "vlink",
    ]
)


def parse_selectors(tokens: Tokens) -> tuple[Selector, ...]:
    """A selector list. Raises `SelectorError` if any part is not valid or not supported."""
    return tuple(_complex(part) for part in split(tokens))


def _complex(tokens: Tokens) -> Selector:
    """One complex selector: compounds joined by combinators."""
    compound: Compound | None = None
    combinator, pending, pseudo = "", [], ""
    specificity = (0, 0, 0)
    for token in [*_trimmed(tokens), None]:
        joined = _combinator(token)
        if token is not None and not joined:
            pending.append(token)
            continue
        if pending:
            if pseudo or (compound is not None and not combinator):
                raise SelectorError("nothing may follow a pseudo-element")
            compound, pseudo, added = _compound(pending, compound, combinator)
            specificity = _sum(specificity, added)
            combinator, pending = joined, []
        elif joined != " ":
            if compound is None or combinator not in (" ", ""):
                raise SelectorError(f"'{serialize(tokens)}' has a combinator with nothing to combine")
            combinator = joined
    if compound is None or combinator:
        raise SelectorError(f"'{serialize(tokens)}' is not a whole selector")
    return Selector(compound, pseudo, specificity)


def _trimmed(tokens: Tokens) -> list[Token]:
    kept = [token for token in tokens if token.type != "comment"]
    while kept and kept[0].type == "whitespace":
        kept.pop(0)
    while kept and kept[-1].type == "whitespace":
        kept.pop()
    return kept


def _combinator(token: Token | None) -> str:
    if token is None:
        return ""
    if token.type == "whitespace":
        return " "
    return token.value if token.type == "literal" and token.value in (">", "+", "~") else ""


def _sum(one: Specificity, other: Specificity) -> Specificity:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _compound(tokens: list[Token], left: Compound | None, combinator: str) -> tuple[Compound, str, Specificity]:
    """One compound selector, its pseudo-element and what it adds to the specificity."""
    tag: str | None = None
    ids: list[str] = []
    classes: list[str] = []
    tests: list[Test] = []
    specificity, pseudo, at = (0, 0, 0), "", 0
    if tokens[0].type == "ident":
        tag, specificity, at = tokens[0].lower_value, (0, 0, 1), 1
    elif is_literal(tokens[0], "*"):
        at = 1
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
        if pseudo:
            raise SelectorError(f"'{serialize(tokens)}': nothing may follow a pseudo-element")
        if token.type == "hash" and token.is_identifier:
            ids.append(token.value)
            specificity, at = _sum(specificity, (1, 0, 0)), at + 1
        elif is_literal(token, ".") and following is not None and following.type == "ident":
            classes.append(following.value)
            specificity, at = _sum(specificity, (0, 1, 0)), at + 2
        elif token.type == "[] block":
            tests.append(_attribute(token))
            specificity, at = _sum(specificity, (0, 1, 0)), at + 1
        elif is_literal(token, ":") and following is not None:
            pseudo, at = _pseudo_element(tokens, at)
            if pseudo:
                specificity = _sum(specificity, (0, 0, 1))
            else:
                test, added = _pseudo_class(following)
                tests.append(test)
                specificity, at = _sum(specificity, added), at + 2
        else:
            raise SelectorError(f"'{serialize(tokens)}' is not supported")
    return Compound(tag, tuple(ids), tuple(classes), tuple(tests), left, combinator), pseudo, specificity


def _pseudo_element(tokens: list[Token], at: int) -> tuple[str, int]:
    """The pseudo-element at a colon, and where the tokens go on; ("", at) for a pseudo-class."""
    double = is_literal(tokens[at + 1], ":")
    where = at + 2 if double else at + 1
    token = tokens[where] if where < len(tokens) else None
    name = token.lower_value if token is not None and token.type == "ident" else ""
    if name in PSEUDO_ELEMENTS and (double or name in _SINGLE_COLON):
        return name, where + 1
    if double:
        raise SelectorError(f"'::{name or '?'}' is not supported")
    return "", at


def _attribute(block: Token) -> Attribute:
    """Selectors 4, 6: `[name]`, `[name=value]`, `[name=value i]`."""
    tokens = significant(block.content)
    if not tokens or tokens[0].type != "ident":
        raise SelectorError(f"'{serialize([block])}' is not supported")
    name = tokens[0].lower_value
    if len(tokens) == 1:
        return Attribute(name)
    flag = tokens[3].lower_value if len(tokens) == 4 and tokens[3].type == "ident" else ""
    plain = len(tokens) == 3 or flag in ("i", "s")
    if not plain or tokens[1].type != "literal" or tokens[1].value not in _OPERATORS:
        raise SelectorError(f"'{serialize([block])}' is not supported")
    if tokens[2].type not in ("ident", "string"):
        raise SelectorError(f"'{serialize([block])}' needs quotation marks around its value")
    ignore_case = flag == "i" or (name in _CASELESS_VALUES and flag != "s")
    return Attribute(name, tokens[1].value, tokens[2].value, ignore_case)


def _pseudo_class(token: Token) -> tuple[Test, Specificity]:
    """The test of a pseudo-class, and its specificity."""
    if token.type == "ident" and token.lower_value in _SIMPLE:
        return _SIMPLE[token.lower_value], (0, 1, 0)
    if token.type == "function":
        name = token.lower_name
        if name in ("nth-child", "nth-last-child"):
            parsed = nth.parse_nth(token.arguments)
            if parsed is None:
                raise SelectorError(f"':{serialize([token])}' is not supported")
            return Nth(parsed[0], parsed[1], from_end=name == "nth-last-child"), (0, 1, 0)
        if name in ("is", "where", "not"):
            return _alternatives(name, token)
    shown = serialize([token])
    raise SelectorError(f"':{shown}' is not supported")


def _alternatives(name: str, token: Token) -> tuple[Test, Specificity]:
    selectors = parse_selectors(token.arguments)
    if any(selector.pseudo for selector in selectors):
        raise SelectorError(f"':{name}()' takes no pseudo-elements")
    heaviest = (0, 0, 0) if name == "where" else max(selector.specificity for selector in selectors)
    return Alternatives(selectors, negated=name == "not"), heaviest
