"""Declarations: the content of a rule or a style attribute, as a block of longhands. CSS Syntax 3, 5.4.4.

In: CSS text or tinycss2 nodes. Out: a `Block`, and a warning for every declaration that is unknown or not valid; such a
declaration is dropped and the rest stays.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import tinycss2

from spark_pdf.errors import Place
from spark_pdf.layout.css.aliases import ALIASES
from spark_pdf.layout.css.calculation import LARGEST, without_math
from spark_pdf.layout.css.logical import INLINE
from spark_pdf.layout.css.properties import PROPERTIES, WITHOUT_EFFECT_ON_PAPER
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.layout.css.tokens import Token, Tokens, serialize, significant
from spark_pdf.layout.css.variables import (
    Pending,
    custom_value,
    needs_attributes,
    needs_substitution,
    well_formed,
)
from spark_pdf.layout.css.wide import UNLAYERED, WIDE, Wide
from spark_pdf.layout.values import Url
from spark_pdf.model import RenderWarning

_NUMERIC = ("number", "percentage", "dimension")
Declarations = tuple[tuple[str, Any], ...]
"""(attribute of `Style`, specified value) in order."""


class Block:
    """The declarations of one rule. Compared by identity: one rule, one block.

    `layer`: the rank of its cascade layer. `ordered`: it has logical properties, whose place among the physical ones
    counts. `attributes`: names of element attributes that its `attr()`s ask for.
    """

    __slots__ = ("attributes", "important", "layer", "normal", "ordered")

    def __init__(self, normal: Declarations, important: Declarations = (), layer: int = UNLAYERED) -> None:
        self.normal = normal
        self.important = important
        self.layer = layer
        both = (*normal, *important)
        self.ordered = any(name in INLINE for name, _ in both)
        pending = [value for _, value in both if value.__class__ is Pending]
        self.attributes: tuple[str, ...] = tuple(dict.fromkeys(name for value in pending for name in value.attributes))

    def __bool__(self) -> bool:
        return bool(self.normal or self.important)

    def with_attributes(self, attributes: Mapping[str, str]) -> Block:
        """The block that this one is on an element with these attributes."""
        return Block(_filled(self.normal, attributes), _filled(self.important, attributes), self.layer)


def _filled(declarations: Declarations, attributes: Mapping[str, str]) -> Declarations:
    known: dict[Any, Any] = {}
    found: list[tuple[str, Any]] = []
    for name, value in declarations:
        if value.__class__ is Pending and value.attributes:
            if value not in known:
                known[value] = value.with_attributes(attributes)
            filled = known[value]
            if isinstance(filled, Pending):
                value = filled
            else:
                value = Wide.UNSET if filled is None else filled.get(name, Wide.UNSET)
        found.append((name, value))
    return tuple(found)


class Reporter:
    """Collects warnings about one file, each once. `base` is the file's bundle path.

    `quotes`: messages may quote values. Not where the CSS stands in the document, and so may hold a record's data.
    """

    def __init__(self, base: str, warnings: dict[RenderWarning, None], *, quotes: bool = True) -> None:
        self.base = base
        self.warnings = warnings
        self.quotes = quotes

    def warn(self, code: str, message: str, line: int) -> None:
        """Note a warning; a second one that is equal changes nothing."""
        place = Place(self.base, line) if self.base else None
        self.warnings[RenderWarning(code, message, place)] = None


def parse_block(nodes: Iterable[Token], reporter: Reporter) -> Block:
    """A block of tinycss2 declarations. Whatever else stands among `nodes` is for the caller."""
    normal: dict[str, Any] = {}
    important: dict[str, Any] = {}
    for node in nodes:
        if node.type == "error":
            reporter.warn("invalid_css", f"not readable as a declaration: {node.message}", node.source_line)
        if node.type != "declaration":
            continue
        values = parse_declaration(node, reporter)
        target = important if node.important else normal
        for attribute, value in values.items():
            target.pop(attribute, None)  # a later declaration also moves behind the others
            target[attribute] = value
    return Block(tuple(normal.items()), tuple(important.items()))


def parse_style_attribute(text: str, base: str) -> tuple[Block, tuple[RenderWarning, ...]]:
    """The block of a style attribute and what there is to say of it."""
    warnings: dict[RenderWarning, None] = {}
    nodes = tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True)
    block = parse_block(nodes, _AttributeReporter(base, warnings, quotes=False))
    return block, tuple(warnings)


class _AttributeReporter(Reporter):
    """A style attribute's line within its own text says nothing, so only the file is named."""

    def warn(self, code: str, message: str, line: int) -> None:
        super().warn(code, f"style attribute: {message}", 0)


def parse_declaration(node: Token, reporter: Reporter) -> dict[str, Any]:
    """Specified values by attribute; nothing, and a warning, where the declaration is not valid."""
    name = node.lower_name
    if name.startswith("--"):
        return _custom(node, reporter)
    name = ALIASES.get(name, name)
    if name not in PROPERTIES and name not in SHORTHANDS:
        if _is_harmless(name, node.value):
            return {}
        _warn_unknown(name, node.source_line, reporter)
        return {}
    values = _pending(name, node.value, reporter) or specified(name, reporter.base, node.value)
    if values is None:
        if any(_is_prefixed(token) for token in node.value):
            return {}
        text = f": {serialize(node.value)}" if reporter.quotes else ""
        text = text if len(text) <= 60 else text[:57] + "..."
        reporter.warn("invalid_value", f"'{name}{text}' is not valid or not supported", node.source_line)
        return {}
    if name == "position" and "relative" in values.values() and serialize(node.value).strip().lower() == "sticky":
        reporter.warn(
            "unsupported_value", "'position: sticky' is as 'relative': nothing scrolls on paper", node.source_line
        )
    return values


def _custom(node: Token, reporter: Reporter) -> dict[str, Any]:
    value = custom_value(node.value)
    if value is None:
        reporter.warn("invalid_value", f"'{node.name}' has a var() that is not valid", node.source_line)
        return {}
    return {node.name: value}


_OWN_ATTR = ("content", "string-set", "bookmark-label")
"""Properties that keep `attr()` until boxes are made."""


def _pending(name: str, tokens: Tokens, reporter: Reporter) -> dict[str, Any] | None:
    """Values that wait for custom properties, or for attributes; None where there is nothing to wait for."""
    waits = needs_substitution(tokens) or (name not in _OWN_ATTR and needs_attributes(tokens))
    if not waits or not well_formed(tokens):
        return None
    pending = Pending(tokens, partial(specified, name, reporter.base))
    if name in _OWN_ATTR:
        pending.attributes = ()
    row = PROPERTIES.get(name)
    return dict.fromkeys((row.attribute,) if row else SHORTHANDS[name].longhands, pending)


def specified(name: str, base: str, tokens: Tokens) -> dict[str, Any] | None:
    """Specified values by attribute of a property or shorthand; None where the value is not valid."""
    row = PROPERTIES.get(name)
    tokens = significant(tokens)
    if len(tokens) == 1 and tokens[0].type == "ident" and tokens[0].lower_value in WIDE:
        longhands = (row.attribute,) if row else SHORTHANDS[name].longhands
        return dict.fromkeys(longhands, WIDE[tokens[0].lower_value])
    if any(token.type == "function" for token in tokens):
        tokens = without_math(tokens)
    if not tokens or any(token.type in _NUMERIC and not -LARGEST <= token.value <= LARGEST for token in tokens):
        return None  # 1e400px is infinite, and would make layout so
    if row:
        value = row.parse(tokens)
        values = None if value is None else {row.attribute: value}
    else:
        values = SHORTHANDS[name].expand(tokens)
    if values is not None and any(_has_url(value) for value in values.values()):
        return {attribute: _bound(value, base) for attribute, value in values.items()}
    return values


def _is_prefixed(token: Token) -> bool:
    """A value for one engine only: the sheet has another one for the others."""
    name = token.lower_value if token.type == "ident" else token.lower_name if token.type == "function" else ""
    return name == "\t" or bool(name.startswith(("-webkit-", "-moz-", "-ms-", "-o-")))  # `\9` is a tab: an old hack


_HARMLESS = {
    "zoom": ("1", "normal", "100%"), "filter": ("none",), "backdrop-filter": ("none",), "mask-image": ("none",),
    "perspective": ("none",), "shape-outside": ("none",), "text-combine-upright": ("none",),
}  # fmt: skip
"""Values of properties that are not read, which are as if they had not been said."""


def _is_harmless(name: str, tokens: Tokens) -> bool:
    text = serialize(tokens).lower()
    old = name == "filter" and text.startswith(("alpha(", "progid:"))
    return old or (name in _HARMLESS and text in _HARMLESS[name])


def _warn_unknown(name: str, line: int, reporter: Reporter) -> None:
    if name in WITHOUT_EFFECT_ON_PAPER or (name.startswith("-") and not name.startswith("--")):
        return
    near = difflib.get_close_matches(name, [*PROPERTIES, *SHORTHANDS], n=1, cutoff=0.8)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    reporter.warn("unknown_property", f"'{name}' is not a property that is supported{hint}", line)


def _has_url(value: Any) -> bool:
    return type(value) is Url or (type(value) is tuple and any(_has_url(item) for item in value))


def _bound(value: Any, base: str) -> Any:
    """The value with `base` as the base of every URL in it."""
    if type(value) is Url:
        return Url(value.url, base)
    return tuple(_bound(item, base) for item in value) if type(value) is tuple else value
