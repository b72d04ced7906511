"""Rules by what their rightmost compound asks for, so that an element meets only rules that may select it.

In: style rules. Out: for an element, the rules that select it, in cascading order; and what the answer depended on, so
that `cascade` may remember it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from spark_pdf.layout.css.pseudo_classes import Both, Direction, Empty, Language, Nth, NthAlike
from spark_pdf.layout.css.selector_parser import NOTHING
from spark_pdf.layout.css.selectors import Alternatives, Attribute, Compound, Test
from spark_pdf.layout.css.sheets import Rule
from spark_pdf.layout.dom import Element

_MAY_BE_ROWS = (None, "tr")
"""What a compound says of the tags that rows have."""


class Predicate(Protocol):
    """A question about an element's siblings or children."""

    def matches(self, element: Element) -> bool:
        """The answer."""
        ...


class SiblingPredicate:
    """Whether what stands left of `+` or `~` is there.

    Siblings are asked in order, so for `~` each answer follows from the one before it: a table of n rows costs n steps.
    """

    __slots__ = ("_answers", "_compound")

    _LIMIT = 64

    def __init__(self, compound: Compound) -> None:
        self._compound = compound
        self._answers: dict[Element, tuple[Element, bool]] = {}

    def matches(self, element: Element) -> bool:
        """Ask the compound, or go on from the answer about the sibling before."""
        before, parent, left = element.previous, element.parent, self._compound.left
        if before is None or parent is None or left is None:
            return False
        if self._compound.combinator == "+":
            return left.matches(before)
        if parent.kept is not None:
            return self._compound.sibling_matches(element)  # it will stand elsewhere in another document
        known = self._answers.get(parent)
        if known is not None and known[0] is before:
            answer = known[1] or left.matches(before)
        else:
            answer = self._compound.sibling_matches(element)
        if len(self._answers) >= self._LIMIT:
            self._answers.clear()
        self._answers[parent] = (element, answer)
        return answer


def _strength(rule: Rule) -> tuple[int, tuple[int, int, int], int]:
    return rule.block.layer, rule.selector.specificity, rule.order


def _may_select(compound: Compound, element: Element) -> bool:
    """Whether a compound selects the element, if all that is asked about siblings and children holds."""
    if not compound.is_like(element):
        return False
    left = compound.left
    if left is None or compound.has_sibling:
        return True
    above = element.parent
    if compound.combinator == ">":
        return above is not None and _may_select(left, above)
    while above is not None:
        if _may_select(left, above):
            return True
        above = above.parent
    return False


def _asks_of_rows(subject: Compound) -> bool:
    """Whether a selector may ask which rows stand beside a row, or what is in them, other than by their number."""
    return any(
        (compound.has_sibling and compound.tag in _MAY_BE_ROWS)
        or any(_test_asks(test, compound) for test in compound.tests if test.structural)
        for compound in subject.chain()
    )


def _test_asks(test: Test, compound: Compound) -> bool:
    if isinstance(test, (Nth, Empty)):
        return False
    if isinstance(test, Both):
        return any(_test_asks(each, compound) for each in test.tests)
    if isinstance(test, Alternatives):
        return any(_asks_of_rows(selector.subject) for selector in test.selectors)
    return not isinstance(test, NthAlike) or (not test.by_tag and compound.tag in _MAY_BE_ROWS)


class RuleIndex:
    """The rules of one origin.

    What answers depend on: `ids`; attributes whose value counts (`attributes`, `asked` by `attr()`); `tested` ones, by
    the tests that their values meet; and what is `structural`.
    """

    __slots__ = ("_by_class", "_by_id", "_by_tag", "_universal", "asked", "attributes", "ids", "structural", "tested")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_id: dict[str, list[Rule]] = {}
        self._by_class: dict[str, list[Rule]] = {}
        self._by_tag: dict[str, list[Rule]] = {}
        self._universal: list[Rule] = []
        self.ids: set[str] = set()
        self.attributes: set[str] = set()
        self.asked: set[str] = set()
        self.tested: dict[str, dict[Attribute, None]] = {}
        self.structural: list[tuple[Compound, tuple[Predicate, ...]]] = []
        for rule in rules:
            self._place(rule)
            self.asked.update(rule.block.attributes)
            self._note(rule.selector.subject)

    def _place(self, rule: Rule) -> None:
        subject = rule.selector.subject
        if rule.selector.pseudo == NOTHING:
            return
        if subject.ids:
            self._by_id.setdefault(subject.ids[0], []).append(rule)
        elif subject.classes:
            self._by_class.setdefault(subject.classes[0], []).append(rule)
        elif subject.tag is not None:
            self._by_tag.setdefault(subject.tag, []).append(rule)
        else:
            self._universal.append(rule)

    def _note(self, subject: Compound) -> None:
        """Remember what answers about this selector depend on."""
        for compound in subject.everything():
            self.ids.update(compound.ids)
            for test in compound.tests:
                if isinstance(test, Attribute):
                    self.tested.setdefault(test.name, {})[test] = None
                elif isinstance(test, (Language, Direction)):
                    self.attributes.update(test.asks)
                else:
                    for name in test.asks:
                        self.tested.setdefault(name, {})
        for compound in subject.chain():
            predicates: list[Predicate] = [test for test in compound.tests if test.structural]
            if compound.has_sibling:
                predicates.append(SiblingPredicate(compound))
            if predicates:
                self.structural.append((compound, tuple(predicates)))
            if compound.has_sibling:
                break  # that predicate answers for all to its left

    @property
    def asks_of_rows(self) -> bool:
        """Whether a rule asks for rows of tables beside others, so that all have to be there (`html/folding.py`)."""
        return any(_asks_of_rows(compound) for compound, _ in self.structural)

    def candidates(self, element: Element) -> list[Rule]:
        """Rules whose rightmost compound asks for the element's id, a class, its tag, or none of these."""
        found = list(self._universal)
        found += self._by_tag.get(element.tag, ())
        for name in dict.fromkeys(element.classes):
            found += self._by_class.get(name, ())
        if element.id:
            found += self._by_id.get(element.id, ())
        return found

    def matching(self, element: Element) -> list[Rule]:
        """Rules that select the element or its pseudo-elements, by layer, specificity, then order."""
        found = [rule for rule in self.candidates(element) if rule.selector.subject.matches(element)]
        found.sort(key=_strength)
        return found

    def predicates(self, element: Element) -> list[Predicate]:
        """What has to be asked about siblings and children before an answer may be reused for this element."""
        found: dict[Predicate, None] = {}
        for compound, predicates in self.structural:
            if _may_select(compound, element):
                found.update(dict.fromkeys(predicates))
        return list(found)
