"""The cascade: computed styles for elements, remembered for as long as a worker lives. CSS Cascade 5.

In: `Stylesheets` and elements, parents first. Out: `Style`s. Equal parent style, matched declarations and style
attribute give the same object.

How an answer is remembered. The rules that select an element depend on the element and its ancestors: tag, classes,
ids and attributes that selectors name. So the stylist grows a tree of `Context`s: from the parent's context, the
element's own such features lead to its context, which knows the matching rules. Where a rule asks about siblings or
children (`:nth-child`, `+`), the context is a fork, and only there those questions are asked and their answers lead on.
A warm look-up is two dictionary reads.
"""

from __future__ import annotations

from typing import Any

import tinycss2

from spark_pdf.layout.css.compute import INITIAL_STYLE, compute_style
from spark_pdf.layout.css.declarations import Block, Reporter, parse_style_attribute
from spark_pdf.layout.css.declared import NO_BLOCK, Declared
from spark_pdf.layout.css.hints import NAMES, hints
from spark_pdf.layout.css.index import Predicate, RuleIndex
from spark_pdf.layout.css.lengths import Measure, half_an_em
from spark_pdf.layout.css.media import Medium
from spark_pdf.layout.css.page_rules import Nth
from spark_pdf.layout.css.pages import PageStyle, PageUses, compute_page, page_area, page_sizes, page_uses
from spark_pdf.layout.css.recent import Recent
from spark_pdf.layout.css.selectors import Attribute
from spark_pdf.layout.css.sheets import Stylesheets, user_agent_sheet
from spark_pdf.layout.css.tokens import sane, too_deep
from spark_pdf.layout.dom import Element
from spark_pdf.layout.style import Style
from spark_pdf.model import RenderWarning

_OF_FOOTNOTES = ("footnote-call", "footnote-marker")


class Context:
    """What is known of a path from the root to an element. A fork (`predicates`) only leads on to such."""

    __slots__ = ("children", "declared", "forks", "owner", "predicates", "pseudo", "styles")

    def __init__(self, owner: Stylist) -> None:
        self.owner = owner
        self.children: dict[Any, Context] = {}
        self.styles: dict[Style | None, Style] = {}
        self.declared: Declared | None = None
        self.pseudo: dict[str, Declared] | None = None
        self.predicates: list[Predicate] | None = None
        self.forks: dict[tuple[bool, ...], Context] = {}


class Stylist:
    """Styles for the documents of one bundle. Lives as long as the worker; what it remembers is bounded.

    `base` is the bundle path of the HTML, for URLs in style attributes. `viewport` is the page area of the first page,
    in px, which vw and vh are parts of. `measure` gives the metrics of faces, for units such as `ch`.
    """

    CONTEXTS = 8192
    STYLES = 4096

    def __init__(self, sheets: Stylesheets, base: str = "", measure: Measure = half_an_em) -> None:
        user_agent = user_agent_sheet()
        self.sheets = sheets
        self.base = base
        self.measure = measure
        self.viewport = page_area(sheets.page_rules)
        selectors = [selector for rule in sheets.page_rules for selector in rule.selectors]
        self._nths: tuple[Nth, ...] = tuple(dict.fromkeys(nth for s in selectors for nth in s.nths))
        self._indexes = (RuleIndex(user_agent.rules), RuleIndex(sheets.rules))
        self._ids = frozenset(name for index in self._indexes for name in index.ids)
        self._relevant = frozenset(
            ("class", *(name for index in self._indexes for name in (*index.attributes, *index.asked)))
        )
        self._relevant_of = {tag: self._relevant.union(names) for tag, names in NAMES.items()}
        self._every_id = "id" in self._relevant
        tested: dict[str, dict[Attribute, None]] = {}
        for index in self._indexes:
            for name, tests in index.tested.items():
                tested.setdefault(name, {}).update(tests)
        # Presence needs no test: an attribute that is not there is not in the key.
        self._tested = {name: tuple(test for test in tests if test.operator) for name, tests in tested.items()}
        self._root = Context(self)
        self._contexts = 0
        self._declared: Recent[tuple[tuple[Block, ...], tuple[Block, ...]], Declared] = Recent(self.STYLES)
        self._styles: Recent[tuple[Style | None, Declared, str, bool], Style] = Recent(self.STYLES)
        self._attributes: Recent[str, tuple[Block, tuple[RenderWarning, ...]]] = Recent(self.STYLES)
        self._pages: Recent[tuple[Any, ...], PageStyle] = Recent(256)
        self._hints: Recent[tuple[Any, ...], Block] = Recent(self.STYLES)
        self._with_attr: Recent[tuple[Any, ...], Block] = Recent(self.STYLES)
        self._page_uses: PageUses | None = None
        self._media: Recent[str, bool] = Recent(256)
        self._warnings: dict[RenderWarning, None] = {}
        self.asks_of_rows = any(index.asks_of_rows for index in self._indexes)
        """A rule asks for rows of tables beside others."""
        self.asked = 0
        """Counts questions about siblings and children."""
        self.once = 0
        """Counts elements of which there is something to report."""

    def style(self, element: Element, parent_style: Style | None) -> Style:
        """The computed style. Parents first: `parent_style` is what this gave for the parent, None for the root."""
        parent = element.parent
        if parent is None:
            above = self._root
        else:
            known = parent.context
            above = known if isinstance(known, Context) and known.owner is self else self._context_of(parent)
        attributes = element.attributes
        context = above.children.get(self._key(element) if attributes else element.tag)
        if context is None:
            context = self._enter(above, element)
        if context.predicates is not None:
            context = self._follow(context, element)
        element.context = context
        if attributes and "style" in attributes:
            return self._with_attribute(context, element, parent_style)
        style = context.styles.get(parent_style)
        if style is None:
            style = self._remembered(context, parent_style, element.parent is None)
        return style

    def pseudo_style(self, element: Element, style: Style, name: str) -> Style | None:
        """The style of a pseudo-element of an element whose style is `style`; None where no rule is about it.

        `::before` and `::after` without content are None as well: they generate nothing.
        """
        context: Context | None = element.context  # type: ignore[assignment]
        if context is None or context.owner is not self:
            context = self._context_of(element)
        if name in _OF_FOOTNOTES:
            return self._footnote_style(context, style, name)
        if context.pseudo is None:
            return None
        declared = context.pseudo.get(name)
        if declared is None:
            return None
        found = self._computed(declared, style, "", NO_BLOCK, False)
        return None if found.content in ("none", "normal") and name in ("before", "after") else found

    def page_style(
        self,
        root_style: Style | None,
        name: str = "",
        *,
        left: bool = False,
        first: bool = False,
        blank: bool = False,
        number: int = 1,
        place: int = 1,
    ) -> PageStyle:
        """Size, margins and margin boxes of a page. `root_style` is the root element's, from which pages inherit.

        `number` counts the document's pages, `place` those of the page's group; only `:nth()` asks for them.
        """
        nths = self._nths
        chosen = tuple([nth for nth in nths if nth.matches(name, number, place)]) if nths else ()
        key = (root_style, name, left, first, blank, chosen)
        page = self._pages.get(key)
        if page is None:
            found = ("left" if left else "right", *(("first",) if first else ()), *(("blank",) if blank else ()))
            states: tuple[str | Nth, ...] = (*found, *chosen)
            inherited = root_style if root_style is not None else INITIAL_STYLE
            page = compute_page(self.sheets.page_rules, inherited, name, states, self.viewport)
            self._pages.put(key, page)
        return page

    def media_matches(self, query: str) -> bool:
        """Whether a media query list, as attributes have them, holds for the document's pages."""
        known = self._media.get(query)
        if known is None:
            tokens = tinycss2.parse_component_value_list(sane(query))
            medium = Medium(page_sizes(self.sheets.page_rules))
            known = not too_deep(tokens) and medium.matches(tokens, Reporter("", {}, quotes=False), 0)
            self._media.put(query, known)
        return known

    def take_warnings(self) -> tuple[RenderWarning, ...]:
        """Warnings about style attributes of the elements styled since this was last asked, each once."""
        taken = tuple(self._warnings)
        self._warnings.clear()
        return taken

    def _key(self, element: Element) -> Any:
        """Those features of an element on which selectors and hints can depend."""
        relevant = self._relevant_of.get(element.tag, self._relevant)
        tested = self._tested
        features: list[Any] = []
        for item in element.attributes.items():
            name = item[0]
            if name in relevant:
                features.append(item)
            elif name in tested:
                features.append((name, *[test.accepts(item[1]) for test in tested[name]]))
        if element.id and not self._every_id and element.id in self._ids:
            features.append(("id", element.id))
        return (element.tag, *features) if features else element.tag

    def _enter(self, above: Context, element: Element) -> Context:
        """A new context below `above`; when there are too many, all are forgotten."""
        context = self._new_context()
        predicates = [predicate for index in self._indexes for predicate in index.predicates(element)]
        if predicates:
            context.predicates = predicates
        else:
            self._match(context, element)
        above.children[self._key(element)] = context
        return context

    def _new_context(self) -> Context:
        self._contexts += 1
        if self._contexts > self.CONTEXTS:
            self._contexts, self._root = 0, Context(self)
        return Context(self)

    def _follow(self, fork: Context, element: Element) -> Context:
        self.asked += 1
        answers = tuple([predicate.matches(element) for predicate in fork.predicates or ()])
        context = fork.forks.get(answers)
        if context is None:
            context = self._new_context()
            self._match(context, element)
            fork.forks[answers] = context
        return context

    def _context_of(self, element: Element) -> Context:
        """The context of an element that was not styled yet: those of its ancestors first."""
        path = [element]
        while path[-1].parent is not None:
            path.append(path[-1].parent)
        above = self._root
        for step in reversed(path):
            context = above.children.get(self._key(step)) or self._enter(above, step)
            above = self._follow(context, step) if context.predicates is not None else context
            step.context = above
        return above

    def _footnote_style(self, context: Context, style: Style, name: str) -> Style | None:
        """`::footnote-call` or `::footnote-marker`. The user agent's rules for them are about every element, so they
        are left out of what is known of each, and added here.
        """
        found = (context.pseudo or {}).get(name)
        defaults = [rule.block for rule in user_agent_sheet().rules if rule.selector.pseudo == name]
        declared = self._interned(defaults, list(found.author) if found is not None else [])
        own = self._computed(declared, style, "", NO_BLOCK, False)
        return None if own.content in ("none", "normal") else own

    @property
    def page_uses(self) -> PageUses:
        """What pages show and count, by the rules for them."""
        if self._page_uses is None:
            self._page_uses = page_uses(self.sheets.page_rules)
        return self._page_uses

    def _match(self, context: Context, element: Element) -> None:
        """Find the rules for the element and its pseudo-elements."""
        found: dict[str, tuple[list[Block], list[Block]]] = {"": ([], [])}
        hint = self._hint(element)
        if hint is not None:
            found[""][1].append(hint)
        for origin, index in enumerate(self._indexes):
            for rule in index.matching(element):
                if not origin and rule.selector.pseudo in _OF_FOOTNOTES:
                    continue
                block = rule.block
                if block.attributes:
                    block = self._filled(block, element)
                found.setdefault(rule.selector.pseudo, ([], []))[origin].append(block)
        context.declared = self._interned(*found.pop(""))
        if found:
            context.pseudo = {name: self._interned(*blocks) for name, blocks in found.items()}

    def _filled(self, block: Block, element: Element) -> Block:
        """A block with the element's attributes in place of `attr()`; equal attributes give the same block."""
        key = (block, *(element.attributes.get(name) for name in block.attributes))
        known = self._with_attr.get(key)
        if known is None:
            known = block.with_attributes(element.attributes)
            self._with_attr.put(key, known)
        return known

    def _hint(self, element: Element) -> Block | None:
        """The hints of an element; equal hints are one block, so that equal cascades stay equal."""
        found = hints(element)
        if found is None:
            return None
        known = self._hints.get(found.normal)
        if known is None:
            self._hints.put(found.normal, found)
        return known or found

    def _interned(self, user_agent: list[Block], author: list[Block]) -> Declared:
        key = (tuple(user_agent), tuple(author))
        declared = self._declared.get(key)
        if declared is None:
            declared = Declared(*key)
            self._declared.put(key, declared)
        return declared

    def _with_attribute(self, context: Context, element: Element, parent: Style | None) -> Style:
        text = element.attributes["style"]
        known = self._attributes.get(text)
        if known is None:
            known = parse_style_attribute(text, self.base)
            self._attributes.put(text, known)
        block, warnings = known
        if warnings:
            self.once += 1
            self._warnings.update(dict.fromkeys(warnings))
        if block.attributes:
            text = repr((text, *(element.attributes.get(name) for name in block.attributes)))
            block = self._filled(block, element)
        assert context.declared is not None
        return self._computed(context.declared, parent, text, block, element.parent is None)

    def _remembered(self, context: Context, parent: Style | None, is_root: bool) -> Style:
        assert context.declared is not None
        style = self._computed(context.declared, parent, "", NO_BLOCK, is_root)
        if len(context.styles) >= 64:
            context.styles.clear()
        context.styles[parent] = style
        return style

    def _computed(self, declared: Declared, parent: Style | None, text: str, block: Block, is_root: bool) -> Style:
        key = (parent, declared, text, is_root)
        style = self._styles.get(key)
        if style is None:
            winners = declared.winners(block)
            style = compute_style(
                winners, parent, self.viewport, is_root=is_root, measure=self.measure, registry=self.sheets.registry
            )
            self._styles.put(key, style)
        return style
