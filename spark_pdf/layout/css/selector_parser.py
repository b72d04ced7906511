"""Selector lists from tokens. Specifications: Selectors 4; CSS Nesting 1.

In: the prelude of a rule, and the selectors of the rule around it. Out: `Selector`s with their specificity. What is not
valid, or not supported, raises `SelectorError`; within `:is()` and `:where()` it is left out, and noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinycss2 import nth

from spark_pdf.layout.css.nearest import hint, nearest
from spark_pdf.layout.css.pseudo_classes import (
    SIMPLE,
    Anchor,
    Direction,
    Has,
    Language,
    Nth,
    Relative,
    of_selectors,
    of_type,
)
from spark_pdf.layout.css.selectors import (
    OPERATORS,
    Alternatives,
    Attribute,
    Compound,
    Selector,
    SelectorError,
    Specificity,
    Test,
)
from spark_pdf.layout.css.tokens import Token, Tokens, ident, is_literal, serialize, significant, split

PSEUDO_ELEMENTS = ("before", "after", "marker", "first-line", "first-letter", "footnote-call", "footnote-marker")
_SINGLE_COLON = ("before", "after", "first-line", "first-letter")
_NOT_ON_PAPER = frozenset((
    "selection", "placeholder", "backdrop", "file-selector-button", "cue", "cue-region", "grammar-error",
    "spelling-error", "target-text", "highlight", "part", "slotted", "details-content", "view-transition",
))  # fmt: skip
FUNCTIONS = (
    "is", "where", "not", "has", "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type", "lang", "dir",
)  # fmt: skip
_MATCHES_ANY = {"is": "is", "matches": "is", "any": "is", "-webkit-any": "is", "-moz-any": "is", "where": "where"}
# HTML, 4.17.2: attributes whose values selectors compare without case (those that documents on paper use)
_CASELESS_VALUES = frozenset((
    "align", "alink", "axis", "bgcolor", "border", "char", "charset", "clear", "color", "dir", "direction", "face",
    "frame", "hreflang", "http-equiv", "lang", "language", "link", "media", "method", "rel", "rev", "rules", "scope",
    "scrolling", "shape", "target", "text", "type", "valign", "vlink",
))  # fmt: skip
_SVG_TAGS = frozenset((
    "clipPath", "foreignObject", "linearGradient", "radialGradient", "textPath", "animateTransform", "feBlend",
))  # fmt: skip
NOTHING = "nothing"
"""The pseudo-element of selectors that are valid and select nothing on paper (`::selection`)."""


MOST_WEIGHT = 10_000
"""Selectors that one may consist of: `& a, & b { & a, & b { ...`, twenty times over, is a bomb."""


def parse_selectors(
    tokens: Tokens, parents: tuple[Selector, ...] | None = None, dropped: list[str] | None = None
) -> tuple[Selector, ...]:
    """A selector list. `parents`: those of the style rule around it, which `&` stands for.

    `dropped` takes what forgiving lists leave out.
    """
    parser = _Parser(parents, dropped if dropped is not None else [])
    return tuple(parser.complex(part, relative=parents is not None) for part in split(tokens))


@dataclass(slots=True)
class _Building:
    """A compound selector that is being read."""

    tag: str | None = None
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    left: Compound | None = None
    combinator: str = ""
    pseudo: str = ""
    specificity: Specificity = (0, 0, 0)

    def weigh(self, ids: int, classes: int, tags: int) -> None:
        """Add to the specificity."""
        a, b, c = self.specificity
        self.specificity = (a + ids, b + classes, c + tags)

    def test(self, test: Test, weight: Specificity = (0, 1, 0)) -> None:
        """Add a condition."""
        self.tests = (*self.tests, test)
        self.weigh(*weight)


class _Parser:
    """Reads complex selectors. `nested` is set within `:has()`, which takes no other."""

    def __init__(self, parents: tuple[Selector, ...] | None, dropped: list[str]) -> None:
        self._parents = parents
        self._dropped = dropped
        self._in_has = False
        self._weight = 0

    def complex(self, tokens: Tokens, *, relative: bool = False, anchor: Compound | None = None) -> Selector:
        """One complex selector. `relative`: nested in a rule; `anchor`: in `:has()`, what it is relative to."""
        items = _trimmed(tokens)
        compounds, combinators = _parts(items, tokens)
        before = self._weight
        if combinators[0] and not relative and anchor is None:
            raise SelectorError(f"'{serialize(tokens)}' has a combinator with nothing to combine")
        left, combinator, weight = anchor, "", (0, 0, 0)
        if anchor is not None:
            combinator = combinators[0] or " "
        elif relative and (combinators[0] or not any(_has_ampersand(part) for part in compounds)):
            parent = self._compound([_AMPERSAND], None, "")
            left, combinator, weight = _made(parent), combinators[0] or " ", parent.specificity
        pseudo = ""
        for at, part in enumerate(compounds):
            if pseudo:
                raise SelectorError(f"'{serialize(tokens)}': nothing may follow a pseudo-element")
            found = self._compound(part, left, combinators[at] if at else combinator)
            left, pseudo = _made(found), found.pseudo
            weight = _sum(weight, found.specificity)
        if left is None:
            raise SelectorError(f"'{serialize(tokens)}' is not a whole selector")
        return Selector(left, pseudo, weight, 1 + self._weight - before)

    def _compound(self, tokens: list[Token], left: Compound | None, combinator: str) -> _Building:
        """One compound selector, its pseudo-element and what it adds to the specificity."""
        found = _Building(left=left, combinator=combinator)
        at = 0
        if is_literal(tokens[0], "&"):
            self._parent(found, inline=left is None)
            at = 1
        at += _type(tokens[at:], found)
        while at < len(tokens):
            at += self._part(tokens, at, found)
        return found

    def _parent(self, found: _Building, *, inline: bool) -> None:
        """What `&` stands for: the rule's selectors, or the root where there is no rule."""
        parents = self._parents
        if parents is None:
            found.test(SIMPLE["root"], (0, 0, 0))
            return
        kept = tuple(parent for parent in parents if not parent.pseudo)
        self._weight += sum(parent.weight for parent in kept)
        if self._weight > MOST_WEIGHT:
            raise SelectorError("selectors nested in each other come to too many")
        if inline and len(parents) == 1 and kept:
            # One selector can stand in its own place, where the index of rules sees its classes.
            subject = kept[0].subject
            found.tag, found.ids, found.classes, found.tests = (
                subject.tag, subject.ids, subject.classes, subject.tests,
            )  # fmt: skip
            found.left, found.combinator = subject.left, subject.combinator
            found.specificity = kept[0].specificity
            return
        heaviest = max((parent.specificity for parent in parents), default=(0, 0, 0))
        found.test(Alternatives(kept), heaviest)

    def _part(self, tokens: list[Token], at: int, found: _Building) -> int:
        """One simple selector at a place: how many tokens it takes."""
        token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
        if found.pseudo and not is_literal(token, ":"):
            raise SelectorError(f"'{serialize(tokens)}': nothing may follow a pseudo-element")
        if token.type == "hash" and token.is_identifier:
            found.ids = (*found.ids, token.value)
            found.weigh(1, 0, 0)
            return 1
        if is_literal(token, ".") and following is not None and following.type == "ident":
            found.classes = (*found.classes, following.value)
            found.weigh(0, 1, 0)
            return 2
        if token.type == "[] block":
            found.test(_attribute(token))
            return 1
        if is_literal(token, "&"):
            self._parent(found, inline=False)
            return 1
        if is_literal(token, ":") and following is not None:
            return self._pseudo(tokens, at, found)
        raise SelectorError(f"'{serialize(tokens)}' is not supported")

    def _pseudo(self, tokens: list[Token], at: int, found: _Building) -> int:
        """A pseudo-element or pseudo-class at a colon."""
        double = is_literal(tokens[at + 1], ":")
        where = at + 2 if double else at + 1
        token = tokens[where] if where < len(tokens) else None
        name = token.lower_value if token is not None and token.type == "ident" else ""
        if found.pseudo:
            function = token is not None and token.type == "function" and not double
            if (not double and name in SIMPLE) or (function and found.pseudo == NOTHING):
                found.pseudo = NOTHING  # `::before:hover`: a state, which paper lacks
                return 2
            raise SelectorError(f"'{serialize(tokens)}': nothing may follow a pseudo-element")
        if name in PSEUDO_ELEMENTS and (double or name in _SINGLE_COLON):
            found.pseudo = name
            found.weigh(0, 0, 1)
            return where + 1 - at
        if double:
            function = token.lower_name if token is not None and token.type == "function" else name
            if function in _NOT_ON_PAPER or function.startswith(("-webkit-", "-moz-", "-ms-")):
                found.pseudo = NOTHING
                return where + 1 - at
            near = hint(nearest(function, PSEUDO_ELEMENTS))
            raise SelectorError(f"'::{function or '?'}' is not supported", near)
        assert token is not None
        if token.type == "ident" and name in SIMPLE:
            found.test(SIMPLE[name])
        elif token.type == "function":
            found.test(*self._function(token))
        elif name.startswith(("-webkit-", "-moz-", "-ms-")):
            found.pseudo = NOTHING
        else:
            raise SelectorError(f"':{serialize([token])}' is not supported", hint(nearest(name, SIMPLE)))
        return 2

    def _function(self, token: Token) -> tuple[Test, Specificity]:
        """The test of a functional pseudo-class, and its specificity."""
        name = token.lower_name
        if name in _MATCHES_ANY:
            return self._any(_MATCHES_ANY[name], token)
        if name == "not":
            selectors = self._list(token)
            return Alternatives(selectors, negated=True), max(selector.specificity for selector in selectors)
        if name == "has":
            return self._has(token)
        if name.startswith("nth-"):
            return self._nth(name, token)
        if name == "lang":
            ranges = [_language(part) for part in split(significant(token.arguments))]
            if None not in ranges:
                return Language(tuple(str(text).lower() for text in ranges)), (0, 1, 0)
        if name == "dir":
            words = [ident(word) for word in significant(token.arguments)]
            if words in (["ltr"], ["rtl"]):
                return Direction(str(words[0])), (0, 1, 0)
        raise SelectorError(f"':{serialize([token])}' is not supported")

    def _list(self, token: Token) -> tuple[Selector, ...]:
        """The arguments of `:not()` and `of`: a list that is valid as a whole."""
        selectors = tuple(self.complex(part) for part in split(token.arguments))
        if any(selector.pseudo for selector in selectors):
            raise SelectorError(f"':{token.lower_name}()' takes no pseudo-elements")
        return selectors

    def _any(self, name: str, token: Token) -> tuple[Test, Specificity]:
        """`:is()` and `:where()`: what is not valid in them selects nothing, and the rest stays (Selectors 4, 3.2)."""
        kept: list[Selector] = []
        for part in split(token.arguments):
            if not significant(part) and len(token.arguments) == 0:
                break
            try:
                selector = self.complex(part)
                if selector.pseudo:
                    raise SelectorError(f"':{token.lower_name}()' takes no pseudo-elements")
                kept.append(selector)
            except SelectorError as error:
                self._dropped.append(str(error))
        heaviest = max((selector.specificity for selector in kept), default=(0, 0, 0))
        return Alternatives(tuple(kept)), (0, 0, 0) if name == "where" else heaviest

    def _has(self, token: Token) -> tuple[Test, Specificity]:
        if self._in_has:
            raise SelectorError("':has()' stands within ':has()'")
        self._in_has = True
        try:
            anchor = Anchor()
            start = Compound(tests=(anchor,))
            selectors = [self.complex(part, anchor=start) for part in split(token.arguments)]
        finally:
            self._in_has = False
        if any(selector.pseudo for selector in selectors):
            raise SelectorError("':has()' takes no pseudo-elements")
        relatives = tuple(_relative(selector.subject, start) for selector in selectors)
        return Has(anchor, relatives), max(selector.specificity for selector in selectors)

    def _nth(self, name: str, token: Token) -> tuple[Test, Specificity]:
        """`an+b`, and for children `of` a selector list."""
        kept = list(token.arguments)
        of = next((at for at, word in enumerate(kept) if ident(word) == "of"), None)
        parsed = nth.parse_nth(kept if of is None else kept[:of])
        known = name in ("nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type")
        if parsed is None or not known or (of is not None and name.endswith("of-type")):
            raise SelectorError(f"':{serialize([token])}' is not supported")
        a, b = parsed
        from_end = "last" in name
        if of is not None:
            selectors = tuple(self.complex(part) for part in split(kept[of + 1 :]))
            if any(selector.pseudo for selector in selectors):
                raise SelectorError(f"':{name}()' takes no pseudo-elements")
            heaviest = max(selector.specificity for selector in selectors)
            return of_selectors(a, b, selectors, from_end=from_end), _sum((0, 1, 0), heaviest)
        if name.endswith("of-type"):
            return of_type(a, b, from_end=from_end), (0, 1, 0)
        return Nth(a, b, from_end=from_end), (0, 1, 0)


def _relative(subject: Compound, anchor: Compound) -> Relative:
    """How a selector in `:has()` hangs on its anchor."""
    chain = list(subject.chain())
    first = chain[-2] if chain[-1] is anchor else chain[-1]
    plain = None
    if first is subject:
        plain = Compound(subject.tag, subject.ids, subject.classes, subject.tests)
    further = any(compound.has_sibling for compound in chain if compound not in (first, anchor))
    return Relative(first.combinator, subject, plain, further)


def _made(found: _Building) -> Compound:
    return Compound(found.tag, found.ids, found.classes, found.tests, found.left, found.combinator)


class _Ampersand:
    """`&` where nobody wrote it."""

    type = "literal"
    value = "&"

    def serialize(self) -> str:
        """As it would be written."""
        return "&"


_AMPERSAND: Token = _Ampersand()


def _has_ampersand(tokens: list[Token]) -> bool:
    return any(
        is_literal(token, "&")
        or (token.type == "function" and _has_ampersand(token.arguments))
        for token in tokens
    )  # fmt: skip


def _parts(items: list[Token], tokens: Tokens) -> tuple[list[list[Token]], list[str]]:
    """Compounds as tokens, and the combinator before each ("" before the first)."""
    compounds: list[list[Token]] = []
    combinators: list[str] = []
    pending: list[Token] = []
    combinator = ""
    for token in items:
        joined = _combinator(token)
        if not joined:
            pending.append(token)
            continue
        if pending:
            compounds.append(pending)
            combinators.append(combinator)
            combinator, pending = joined, []
        elif joined != " ":
            if combinator not in (" ", ""):
                raise SelectorError(f"'{serialize(tokens)}' has a combinator with nothing to combine")
            combinator = joined
    if not pending:
        raise SelectorError(f"'{serialize(tokens)}' is not a whole selector")
    return [*compounds, pending], [*combinators, combinator]


def _trimmed(tokens: Tokens) -> list[Token]:
    kept = [token for token in tokens if token.type != "comment"]
    while kept and kept[0].type == "whitespace":
        kept.pop(0)
    while kept and kept[-1].type == "whitespace":
        kept.pop()
    return kept


def _combinator(token: Token) -> str:
    if token.type == "whitespace":
        return " "
    return token.value if token.type == "literal" and token.value in (">", "+", "~") else ""


def _sum(one: Specificity, other: Specificity) -> Specificity:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _type(tokens: list[Token], found: _Building) -> int:
    """A type selector at the front, with any namespace before it: how many tokens it takes."""
    if not tokens:
        return 0
    taken = 0
    if is_literal(tokens[0], "|"):
        taken = 1
    elif len(tokens) > 2 and is_literal(tokens[0], "*") and is_literal(tokens[1], "|"):
        taken = 2
    token = tokens[taken] if taken < len(tokens) else None
    if token is not None and token.type == "ident":
        tag = token.value if token.value in _SVG_TAGS else token.lower_value
        found.tag = tag if found.tag in (None, tag) else "\0"
        found.weigh(0, 0, 1)
        return taken + 1
    if token is not None and is_literal(token, "*"):
        return taken + 1
    if taken:
        raise SelectorError(f"'{serialize(tokens)}' is not supported")
    return 0


def _attribute(block: Token) -> Attribute:
    """Selectors 4, 6: `[name]`, `[name=value]`, `[name=value i]`."""
    tokens = significant(block.content)
    if len(tokens) > 2 and is_literal(tokens[0], "*") and is_literal(tokens[1], "|"):
        tokens = tokens[2:]
    elif len(tokens) > 1 and is_literal(tokens[0], "|"):
        tokens = tokens[1:]
    if not tokens or tokens[0].type != "ident":
        raise SelectorError(f"'{serialize([block])}' is not supported")
    name = tokens[0].lower_value
    if len(tokens) == 1:
        return Attribute(name)
    flag = tokens[3].lower_value if len(tokens) == 4 and tokens[3].type == "ident" else ""
    plain = len(tokens) == 3 or flag in ("i", "s")
    if not plain or tokens[1].type != "literal" or tokens[1].value not in OPERATORS:
        raise SelectorError(f"'{serialize([block])}' is not supported")
    if tokens[2].type not in ("ident", "string"):
        raise SelectorError(f"'{serialize([block])}' needs quotation marks around its value")
    ignore_case = flag == "i" or (name in _CASELESS_VALUES and flag != "s")
    return Attribute(name, tokens[1].value, tokens[2].value, ignore_case)


def _language(tokens: list[Token]) -> str | None:
    """A language range: a string, or an identifier."""
    if len(tokens) == 1 and tokens[0].type in ("ident", "string"):
        return str(tokens[0].value)
    return None
