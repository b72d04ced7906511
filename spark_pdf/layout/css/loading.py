"""Reads style sheets: nested rules, conditional rules, layers and imports. CSS Syntax 3, Nesting 1, Cascade 5.

In: the text of one sheet after the other. Out: rules in order, as `sheets` puts them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

import tinycss2

from spark_pdf.errors import Place, TemplateError
from spark_pdf.layout.css.balance import unbalanced
from spark_pdf.layout.css.counter_style_rules import parse_counter_style
from spark_pdf.layout.css.declarations import Block, Reporter, parse_block
from spark_pdf.layout.css.font_face import FontFace, parse_font_face
from spark_pdf.layout.css.layers import NO_LAYER, Layers, layer_name, layer_names
from spark_pdf.layout.css.layers import Path as LayerPath
from spark_pdf.layout.css.media import Medium
from spark_pdf.layout.css.nearest import AT_RULES, hint, nearest
from spark_pdf.layout.css.own_counters import CounterStyle
from spark_pdf.layout.css.page_rules import PageRule, parse_page_rule
from spark_pdf.layout.css.parsers import url
from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.layout.css.registered import Registered, Registry, parse_property
from spark_pdf.layout.css.rules import Rule, StyleSource
from spark_pdf.layout.css.selector_parser import parse_selectors
from spark_pdf.layout.css.selectors import Selector, SelectorError
from spark_pdf.layout.css.supports import supported, supports_declaration
from spark_pdf.layout.css.tokens import Token, ident, is_literal, may_be_deep, sane, serialize, significant, too_deep
from spark_pdf.model import RenderWarning, Resources

_MAX_IMPORT_DEPTH = 16
_MAX_IMPORTS = 500
"""Sheets in one set: each may import several, and each of those."""

_MAX_NESTING = 32
_SILENT = ("keyframes", "charset", "starting-style", "view-transition", "namespace", "position-try", "list", "viewport")
"""At-rules that say nothing on paper, or nothing that could be missed. `@list` is a word processor's."""


class _Place(NamedTuple):
    """Where a rule stands: what is said about it, in which layer, within which style rule, how deep."""

    reporter: Reporter
    layer: LayerPath = NO_LAYER
    parents: tuple[Selector, ...] | None = None
    depth: int = 0


class _ElementReporter(Reporter):
    """Lines are counted from the `style` element's own start: where that is in the template is not known here."""

    def __init__(self, css: str, base: str, warnings: dict[RenderWarning, None]) -> None:
        super().__init__(base, warnings, quotes=False)
        self._css = css

    def warn(self, code: str, message: str, line: int) -> None:
        """Note a warning, with the text by which its place can be found."""
        if not line:
            super().warn(code, message, 0)
            return
        own = self._css.split("\n")[line - 1 : line]
        clues = ((self._css, line), *((text, 1) for text in own))
        place = Place(self.base) if self.base else None
        self.warnings[RenderWarning(code, f"<style>, line {line}: {message}", place, clues)] = None


class Loader:
    """Walks sheets and what they import, and collects."""

    def __init__(self, resources: Resources | None, medium: Medium, origin: int = 1) -> None:
        self.resources = resources
        self.medium = medium
        self.origin = origin
        self.page_rules: list[PageRule] = []
        self.font_faces: list[FontFace] = []
        self.counter_styles: dict[str, CounterStyle] = {}
        self.registered: dict[str, Registered] = {}
        self.warnings: dict[RenderWarning, None] = {}
        self._layers = Layers()
        self._imports = 0
        self._blocks: list[tuple[Block, LayerPath]] = []
        self._rules: list[Rule] = []

    def style_rules(self) -> tuple[Rule, ...]:
        """All rules, when every sheet is loaded: only then it is known how layers rank."""
        ranks = self._layers.ranks()
        for block, layer in self._blocks:
            block.layer = ranks[layer]
        return tuple(self._rules)

    def registry(self) -> Registry | None:
        """The registered custom properties; None where there are none, as in most documents."""
        return Registry(self.registered) if self.registered else None

    def load(self, source: StyleSource, importers: tuple[str, ...], layer: LayerPath = NO_LAYER) -> None:
        """One sheet, with what it imports before its own rules."""
        if source.embedded:
            reporter: Reporter = _ElementReporter(source.css, source.base, self.warnings)
        else:
            reporter = Reporter(source.base, self.warnings, quotes=not source.base.startswith("data:"))
        if source.media:
            media = tinycss2.parse_component_value_list(sane(source.media))
            if too_deep(media) or not self.medium.matches(media, reporter, 0):
                return
        if self.origin:
            for line, sentence in unbalanced(source.css):
                reporter.warn("invalid_css", sentence, line)
        place = _Place(reporter, layer)
        importable, deep = True, may_be_deep(source.css)
        for node in tinycss2.parse_stylesheet(sane(source.css), skip_comments=True, skip_whitespace=True):
            name = node.lower_at_keyword if node.type == "at-rule" else ""
            if deep and _is_deep(node):
                reporter.warn("invalid_css", "brackets are nested too deeply; the rule is dropped", node.source_line)
            elif name == "import":
                self._import(node, source, place, importers, importable)
            elif name != "charset":
                importable = importable and name == "layer" and node.content is None
                self._rule(node, place)

    def _rule(self, node: Token, place: _Place) -> None:
        if node.type == "qualified-rule":
            self._style_rule(node, place)
        elif node.type == "error":
            place.reporter.warn("invalid_css", f"not readable as a rule: {node.message}", node.source_line)
        elif node.type == "at-rule":
            self._at_rule(node, place)

    def _rules_in(self, node: Token, place: _Place) -> None:
        """The content of a conditional rule or layer; within a style rule it may hold declarations."""
        if place.depth > _MAX_NESTING:
            place.reporter.warn("invalid_css", "rules are nested too deeply", node.source_line)
            return
        place = place._replace(depth=place.depth + 1)
        if place.parents is not None:
            self._contents(node, place.parents, place)
            return
        for inner in tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True):
            self._rule(inner, place)

    # Style rules

    def _style_rule(self, node: Token, place: _Place) -> None:
        reporter = place.reporter
        dropped: list[str] = []
        try:
            selectors = parse_selectors(node.prelude, place.parents, dropped)
        except SelectorError as error:
            reason = str(error) if reporter.quotes else "a selector is not supported"
            if _is_declaration(node.prelude):
                reason = "a declaration stands where a selector should (is a '}' missing before it?)"
            reporter.warn("unknown_selector", f"{reason}; the rule is dropped{error.near}", node.source_line)
            return
        for message in dropped:
            reason = message if reporter.quotes else "a part of a selector is not supported"
            reporter.warn("unknown_selector", f"{reason}; it is left out", node.source_line)
        if place.depth > _MAX_NESTING:
            reporter.warn("invalid_css", "rules are nested too deeply", node.source_line)
            return
        self._contents(node, selectors, place._replace(depth=place.depth + 1))

    def _contents(self, node: Token, selectors: tuple[Selector, ...], place: _Place) -> None:
        """Declarations and nested rules, each at its place: what follows a nested rule comes after it in order."""
        run: list[Token] = []
        inner = place._replace(parents=selectors)
        for item in tinycss2.parse_blocks_contents(
            _without_stars(node.content), skip_comments=True, skip_whitespace=True
        ):
            if item.type in ("qualified-rule", "at-rule"):
                self._put(run, selectors, place)
                run = []
                self._rule(item, inner)
            else:
                run.append(item)
        self._put(run, selectors, place)

    def _put(self, declarations: Iterable[Token], selectors: tuple[Selector, ...], place: _Place) -> None:
        block = parse_block(declarations, place.reporter)
        if block:
            self._blocks.append((block, place.layer))
            for selector in selectors:
                self._rules.append(Rule(selector, len(self._rules), block))

    # At-rules

    def _at_rule(self, node: Token, place: _Place) -> None:
        name, reporter = node.lower_at_keyword, place.reporter
        if name == "media" and node.content is not None:
            if self.medium.matches(node.prelude, reporter, node.source_line):
                self._rules_in(node, place)
        elif name == "supports" and node.content is not None:
            self._supports(node, place)
        elif name == "layer":
            self._layer(node, place)
        elif name == "page" and node.content is not None and place.parents is None:
            rule = parse_page_rule(node, reporter, self.origin, len(self.page_rules))
            if rule is not None:
                self.page_rules.append(rule)
        elif name == "font-face" and node.content is not None and place.parents is None:
            face = parse_font_face(node, reporter)
            if face is not None:
                self.font_faces.append(face)
        elif name == "counter-style" and node.content is not None and place.parents is None:
            style = parse_counter_style(node, reporter)
            if style is not None:
                self.counter_styles[style[0]] = style[1]
        elif name == "property" and node.content is not None and place.parents is None:
            registered = parse_property(node, reporter)
            if registered is not None:
                self.registered[registered[0]] = registered[1]
        elif name not in _SILENT and not name.startswith("-"):
            near = hint(nearest(name, AT_RULES)) if name not in AT_RULES else ""
            reporter.warn("unknown_rule", f"'@{name}' is not supported here; it is dropped{near}", node.source_line)

    def _supports(self, node: Token, place: _Place) -> None:
        answer = supported(node.prelude)
        if answer is None:
            place.reporter.warn("unknown_rule", "the condition of '@supports' is not readable", node.source_line)
        elif answer:
            self._rules_in(node, place)

    def _layer(self, node: Token, place: _Place) -> None:
        """`@layer a, b;` sets an order, `@layer a {...}` adds to a layer, `@layer {...}` has none like it."""
        names = layer_names(node.prelude) if significant(node.prelude) else []
        block = node.content is not None
        if names is None or (block and len(names) > 1) or (not block and (not names or place.parents is not None)):
            shown = serialize(node.prelude)[:60]
            place.reporter.warn("unknown_rule", f"'@layer {shown}' is not valid", node.source_line)
            return
        paths = [(*place.layer, *name) for name in names]
        for path in paths:
            self._layers.declare(path)
        if block:
            path = paths[0] if paths else self._layers.anonymous(place.layer)
            self._rules_in(node, place._replace(layer=path))

    # Imports

    def _import(
        self, node: Token, source: StyleSource, place: _Place, importers: tuple[str, ...], importable: bool
    ) -> None:
        reporter, line = place.reporter, node.source_line
        tokens = significant(node.prelude)
        target = tokens[0].value if tokens and tokens[0].type == "string" else None
        found = url(tokens[0]) if tokens and target is None else None
        target = found.url if found else target
        if target is None or not importable:
            reason = "stands after other rules" if target is not None else "has no URL"
            reporter.warn("unknown_rule", f"'@import' {reason}; it is dropped", line)
            return
        layer, rest = self._imported_layer(tokens[1:], place)
        if rest and rest[0].type == "function" and rest[0].lower_name == "supports":
            condition = rest[0].arguments
            if not (supports_declaration(condition) or supported(condition)):
                return
            rest = rest[1:]
        if not self.medium.matches(rest, reporter, line):
            return
        base = resolve_path(target, source.base)
        if base in (*importers, source.base) or len(importers) >= _MAX_IMPORT_DEPTH:
            reporter.warn("missing_stylesheet", f"'{target}' is imported in a circle", line)
            return
        self._imports += 1
        if self._imports > _MAX_IMPORTS:
            reporter.warn("missing_stylesheet", f"more than {_MAX_IMPORTS} imports; the rest are dropped", line)
            return
        text, problem = self._read(target, source.base)
        if text is None:
            reporter.warn("missing_stylesheet", f"'{target}' cannot be imported: {problem}", line)
            return
        embedded = source.embedded and target.startswith("data:")
        self.load(StyleSource(text, base, "", embedded), (*importers, source.base), layer)

    def _imported_layer(self, tokens: list[Token], place: _Place) -> tuple[LayerPath, list[Token]]:
        """The layer that an import goes into, and what stands behind it."""
        if tokens and ident(tokens[0]) == "layer":
            return self._layers.anonymous(place.layer), tokens[1:]
        if tokens and tokens[0].type == "function" and tokens[0].lower_name == "layer":
            name = layer_name(tokens[0].arguments)
            if name is not None:
                path = (*place.layer, *name)
                self._layers.declare(path)
                return path, tokens[1:]
        return place.layer, tokens

    def _read(self, target: str, base: str) -> tuple[str | None, str]:
        """The sheet's text, or why there is none."""
        if self.resources is None:
            return None, "there is no bundle to read it from"
        try:
            return decode_stylesheet(self.resources.read(target, base)), ""
        except TemplateError as error:
            return None, error.reason


def _is_declaration(prelude: list[Token]) -> bool:
    """Whether what should be a selector begins as a declaration does."""
    start = prelude[:3]
    return (
        len(start) == 3 and start[0].type == "ident" and start[0].lower_value in PROPERTIES
        and is_literal(start[1], ":") and start[2].type == "whitespace"
    )  # fmt: skip


def _without_stars(content: list[Token]) -> list[Token]:
    """Without declarations such as `*zoom: 1`, which are for browsers of old: none of them is CSS."""
    if not any(is_literal(token, "*") for token in content):
        return content
    kept: list[Token] = []
    begins, within = True, False
    for place, token in enumerate(content):
        if begins and is_literal(token, "*") and place + 1 < len(content) and content[place + 1].type == "ident":
            within = True
        begins = is_literal(token, ";") or (begins and token.type in ("whitespace", "comment"))
        if not within:
            kept.append(token)
        within = within and not begins
    return kept


def _is_deep(node: Token) -> bool:
    return node.type in ("qualified-rule", "at-rule") and too_deep(node.prelude, node.content)


def decode_stylesheet(data: bytes) -> str:
    """Bytes of a style sheet as text: by its byte order mark, `@charset`, or as UTF-8 (CSS Syntax 3, 3.2)."""
    from_bytes: str = tinycss2.bytes.decode_stylesheet_bytes(data)[0]
    return from_bytes


def resolve_path(target: str, base: str) -> str:
    """The bundle path of a relative URL in the file `base`; other URLs stay as they are."""
    if ":" in target.split("/", 1)[0]:
        return target
    path = unquote(target.partition("#")[0].partition("?")[0])
    parts = [] if path.startswith("/") else base.split("/")[:-1]
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
