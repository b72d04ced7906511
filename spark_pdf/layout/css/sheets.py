"""Style sheets: rules and at-rules of all sheets of a document, in order. CSS Cascade 5, Conditional Rules 3, Page 3.

In: the text of style sheets and the bundle that they may import from. Out: `Stylesheets`, which holds style rules, page
rules, font faces, and warnings about everything that was dropped. Made once per bundle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import tinycss2

from spark_pdf.errors import TemplateError
from spark_pdf.layout.css.declarations import Block, Reporter, parse_block
from spark_pdf.layout.css.font_face import FontFace, parse_font_face
from spark_pdf.layout.css.media import matches_print
from spark_pdf.layout.css.page_rules import PageRule, parse_page_rule
from spark_pdf.layout.css.parsers import url
from spark_pdf.layout.css.selectors import Selector, SelectorError, parse_selectors
from spark_pdf.layout.css.tokens import Token, significant
from spark_pdf.model import RenderWarning, Resources

_MAX_IMPORT_DEPTH = 16


class StyleSource(NamedTuple):
    """A style sheet's text, the bundle path of its file, its `media` attribute.

    `embedded`: it stands in the document itself (`<style>`), so warnings must not quote it.
    """

    css: str
    base: str = ""
    media: str = ""
    embedded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A style rule of one selector. `order` counts rules in order of appearance."""

    selector: Selector
    order: int
    block: Block


class Stylesheets:
    """Everything that sheets say. `page_rules` begin with the user agent's. Compared by identity."""

    __slots__ = ("font_faces", "page_rules", "rules", "warnings")

    def __init__(
        self,
        rules: tuple[Rule, ...],
        page_rules: tuple[PageRule, ...],
        font_faces: tuple[FontFace, ...],
        warnings: tuple[RenderWarning, ...],
    ) -> None:
        self.rules = rules
        self.page_rules = page_rules
        self.font_faces = font_faces
        self.warnings = warnings


def load_stylesheets(sources: Sequence[StyleSource], resources: Resources | None = None) -> Stylesheets:
    """Parse author sheets in order. Without `resources`, imports are reported as missing."""
    loader = _Loader(resources)
    for source in sources:
        loader.load(source, ())
    return Stylesheets(
        tuple(loader.rules),
        (*user_agent_sheet().page_rules, *loader.page_rules),
        tuple(loader.font_faces),
        tuple(loader.warnings),
    )


@lru_cache(maxsize=1)
def user_agent_sheet() -> Stylesheets:
    """What HTML looks like without any CSS, on paper: `layout/ua.css`."""
    loader = _Loader(None, origin=0)
    text = (Path(__file__).parent.parent / "ua.css").read_text(encoding="utf-8")
    loader.load(StyleSource(text, "ua.css"), ())
    return Stylesheets(tuple(loader.rules), tuple(loader.page_rules), (), tuple(loader.warnings))


class _Loader:
    """Walks sheets and what they import, and collects."""

    def __init__(self, resources: Resources | None, origin: int = 1) -> None:
        self.resources = resources
        self.origin = origin
        self.rules: list[Rule] = []
        self.page_rules: list[PageRule] = []
        self.font_faces: list[FontFace] = []
        self.warnings: dict[RenderWarning, None] = {}

    def load(self, source: StyleSource, importers: tuple[str, ...]) -> None:
        """One sheet, with what it imports before its own rules."""
        reporter = Reporter(source.base, self.warnings, quotes=not source.embedded)
        if source.media:
            media = tinycss2.parse_component_value_list(source.media)
            if not matches_print(media, reporter, 0):
                return
        nodes = tinycss2.parse_stylesheet(source.css, skip_comments=True, skip_whitespace=True)
        importable = True
        for node in nodes:
            name = node.lower_at_keyword if node.type == "at-rule" else ""
            if name == "import":
                self._import(node, source, reporter, importers, importable)
            elif name != "charset":
                importable = False
                self._rule(node, reporter)

    def _rule(self, node: Token, reporter: Reporter) -> None:
        if node.type == "qualified-rule":
            self._style_rule(node, reporter)
        elif node.type == "error":
            reporter.warn("invalid_css", f"not readable as a rule: {node.message}", node.source_line)
        elif node.type == "at-rule":
            self._at_rule(node, reporter)

    def _style_rule(self, node: Token, reporter: Reporter) -> None:
        try:
            selectors = parse_selectors(node.prelude)
        except SelectorError as error:
            reason = str(error) if reporter.quotes else "a selector is not supported"
            reporter.warn("unknown_selector", f"{reason}; the rule is dropped", node.source_line)
            return
        contents = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        for inner in contents:
            if inner.type in ("qualified-rule", "at-rule"):
                reporter.warn("unknown_rule", "rules within rules are not supported", inner.source_line)
        block = parse_block(contents, reporter)
        if block:
            for selector in selectors:
                self.rules.append(Rule(selector, len(self.rules), block))

    def _at_rule(self, node: Token, reporter: Reporter) -> None:
        name = node.lower_at_keyword
        if name == "media" and node.content is not None:
            if matches_print(node.prelude, reporter, node.source_line):
                for inner in tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True):
                    self._rule(inner, reporter)
        elif name == "page" and node.content is not None:
            rule = parse_page_rule(node, reporter, self.origin, len(self.page_rules))
            if rule is not None:
                self.page_rules.append(rule)
        elif name == "font-face" and node.content is not None:
            face = parse_font_face(node, reporter)
            if face is not None:
                self.font_faces.append(face)
        elif name not in ("keyframes", "charset") and not name.startswith("-"):
            reporter.warn("unknown_rule", f"'@{name}' is not supported here; it is dropped", node.source_line)

    def _import(
        self, node: Token, source: StyleSource, reporter: Reporter, importers: tuple[str, ...], importable: bool
    ) -> None:
        tokens = significant(node.prelude)
        target = tokens[0].value if tokens and tokens[0].type == "string" else None
        found = url(tokens[0]) if tokens and target is None else None
        target = found.url if found else target
        if target is None or not importable:
            reason = "stands after other rules" if target is not None else "has no URL"
            reporter.warn("unknown_rule", f"'@import' {reason}; it is dropped", node.source_line)
            return
        if not matches_print(tokens[1:], reporter, node.source_line):
            return
        base = resolve_path(target, source.base)
        if base in (*importers, source.base) or len(importers) >= _MAX_IMPORT_DEPTH:
            reporter.warn("missing_stylesheet", f"'{target}' is imported in a circle", node.source_line)
            return
        text, problem = self._read(target, source.base)
        if text is None:
            reporter.warn("missing_stylesheet", f"'{target}' cannot be imported: {problem}", node.source_line)
            return
        self.load(StyleSource(text, base, "", source.embedded and target.startswith("data:")),
                  (*importers, source.base))  # fmt: skip

    def _read(self, target: str, base: str) -> tuple[str | None, str]:
        """The sheet's text, or why there is none."""
        if self.resources is None:
            return None, "there is no bundle to read it from"
        try:
            return decode_stylesheet(self.resources.read(target, base)), ""
        except TemplateError as error:
            return None, str(error)


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
