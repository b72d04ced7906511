"""Selectors: what they are made of, and matching. Specification: Selectors 4.

`selector_parser` makes `Selector`s, whose `subject.matches(element)` walks from right to left. Matching asks the
element itself and is the plain truth; `cascade` remembers its answers. A `structural` test depends on the element's
siblings or what is in it, everything else on the element and its ancestors only. `pseudo_classes` has most tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from spark_pdf.layout.dom import Element

Specificity = tuple[int, int, int]


class SelectorError(ValueError):
    """A selector that is not valid or not supported; the message quotes the part. `near`: a hint at what was meant."""

    def __init__(self, message: str, near: str = "") -> None:
        super().__init__(message)
        self.near = near


class Test(Protocol):
    """One condition of a compound selector beside tag, id and classes.

    `asks`: attributes of the element, or of those above it, that the answer depends on.
    """

    @property
    def asks(self) -> tuple[str, ...]:
        """Their names."""
        ...

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
    """A complex selector: its rightmost compound, pseudo-element ("" for none) and specificity.

    `weight`: how many selectors it consists of, those counted that `&` stands for, as often as it does.
    """

    subject: Compound
    pseudo: str
    specificity: Specificity
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Attribute:
    """`[name operator value]`; operator "" asks for presence only."""

    name: str
    operator: str = ""
    value: str = ""
    ignore_case: bool = False
    structural = False

    @property
    def asks(self) -> tuple[str, ...]:
        """Its own."""
        return (self.name,)

    def matches(self, element: Element) -> bool:
        """Selectors 4, 6."""
        found = element.attributes.get(self.name)
        return found is not None and self.accepts(found)

    def accepts(self, found: str) -> bool:
        """Whether a value of the attribute meets it."""
        if not self.operator:
            return True
        wanted = self.value
        if self.ignore_case:
            found, wanted = found.lower(), wanted.lower()
        return OPERATORS[self.operator](found, wanted)


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda found, wanted: found == wanted,
    "~=": lambda found, wanted: wanted in found.split(),
    "|=": lambda found, wanted: found == wanted or found.startswith(wanted + "-"),
    "^=": lambda found, wanted: bool(wanted) and found.startswith(wanted),
    "$=": lambda found, wanted: bool(wanted) and found.endswith(wanted),
    "*=": lambda found, wanted: bool(wanted) and wanted in found,
}


@dataclass(frozen=True, slots=True)
class Alternatives:
    """`:is()`, `:where()`, `&`, and negated `:not()`. What they ask for, `Compound.everything` tells."""

    selectors: tuple[Selector, ...]
    negated: bool = False
    structural: bool = field(init=False)
    asks = ()

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
