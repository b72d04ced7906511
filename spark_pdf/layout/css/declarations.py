"""Declarations: the content of a rule or a style attribute, as a block of longhands. CSS Syntax 3, 5.4.4.

In: CSS text or tinycss2 nodes. Out: a `Block`, and a warning for every declaration that is unknown or not valid; such a
declaration is dropped and the rest stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import tinycss2

from spark_pdf.errors import Place
from spark_pdf.layout.css.aliases import ALIASES
from spark_pdf.layout.css.calculation import LARGEST, without_math
from spark_pdf.layout.css.logical import INLINE
from spark_pdf.layout.css.nearest import hint, nearest_property, value_hint
from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.layout.css.silent import says_nothing
from spark_pdf.layout.css.tokens import Token, Tokens, is_literal, may_be_deep, sane, serialize, significant, too_deep
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
    prefixed: list[Token] = []
    for node in nodes:
        if node.type == "error":
            reporter.warn("invalid_css", f"not readable as a declaration: {node.message}", node.source_line)
        if node.type != "declaration":
            continue
        values = parse_declaration(node, reporter, prefixed)
        target = important if node.important else normal
        for attribute, value in values.items():
            target.pop(attribute, None)  # a later declaration also moves behind the others
            target[attribute] = value
    for node in prefixed:
        if not any(attribute in normal or attribute in important for attribute in _attributes(node)):
            _warn_invalid(node, reporter)
    return Block(tuple(normal.items()), tuple(important.items()))


def parse_style_attribute(text: str, base: str) -> tuple[Block, tuple[RenderWarning, ...]]:
    """The block of a style attribute and what there is to say of it."""
    warnings: dict[RenderWarning, None] = {}
    nodes = tinycss2.parse_blocks_contents(sane(text), skip_comments=True, skip_whitespace=True)
    if may_be_deep(text):
        nodes = [node for node in nodes if node.type == "declaration" and not too_deep(node.value)]
    block = parse_block(nodes, _AttributeReporter(text, base, warnings))
    return block, tuple(warnings)


class _AttributeReporter(Reporter):
    """A style attribute's line within its own text says nothing, so only the file is named."""

    def __init__(self, text: str, base: str, warnings: dict[RenderWarning, None]) -> None:
        super().__init__(base, warnings, quotes=False)
        self._text = text

    def warn(self, code: str, message: str, line: int) -> None:
        """Note a warning, with the text by which its place can be found."""
        place = Place(self.base) if self.base else None
        self.warnings[RenderWarning(code, f"style attribute: {message}", place, ((self._text, line),))] = None


def parse_declaration(node: Token, reporter: Reporter, prefixed: list[Token] | None = None) -> dict[str, Any]:
    """Specified values by attribute; nothing, and a warning, where the declaration is not valid.

    `prefixed` takes declarations whose values are for one engine only: they may be missed, if there is no other.
    """
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
        if any(_is_old_hack(token) for token in node.value):
            return {}
        if not any(_is_prefixed(token) for token in node.value):
            _warn_invalid(node, reporter)
        elif prefixed is not None:
            prefixed.append(node)
        return {}
    if name == "mask" and "url(" in (text := serialize(node.value)) and "#" not in text:
        reporter.warn("unsupported_value", "'mask' by an image is not supported; nothing is masked", node.source_line)
    if name == "position" and "relative" in values.values() and serialize(node.value).strip().lower() == "sticky":
        reporter.warn(
            "unsupported_value", "a sticky position is as a relative one: nothing scrolls on paper", node.source_line
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
    return bool(name.startswith(("-webkit-", "-moz-", "-ms-", "-o-")))


def _is_old_hack(token: Token) -> bool:
    """What browsers of old alone took for a value: an escaped tab at its end, and scripts."""
    if token.type == "function":
        return bool(token.lower_name == "expression")
    text = token.lower_unit if token.type == "dimension" else token.value if token.type in ("ident", "hash") else ""
    return bool(text.endswith("\t"))


def _attributes(node: Token) -> tuple[str, ...]:
    """What a declaration sets."""
    name = ALIASES.get(node.lower_name, node.lower_name)
    row = PROPERTIES.get(name)
    return (row.attribute,) if row else SHORTHANDS[name].longhands


def _warn_invalid(node: Token, reporter: Reporter) -> None:
    name = ALIASES.get(node.lower_name, node.lower_name)
    text = f": {' '.join(serialize(node.value).split())}" if reporter.quotes else ""
    text = text if len(text) <= 60 else text[:57] + "..."
    reads = partial(specified, name, reporter.base)
    advice = _without_semicolon(node, reporter) or value_hint(node.value, reads)
    reporter.warn("invalid_value", f"'{node.lower_name}{text}' is not valid or not supported{advice}", node.source_line)


def _without_semicolon(node: Token, reporter: Reporter) -> str:
    """Whether the value goes on with what looks like a declaration of its own."""
    tokens = significant(node.value)
    for word, colon in pairwise(tokens):
        if is_literal(colon, ":") and word.type == "ident":
            before = f" before '{word.value}'" if reporter.quotes else ""
            return f"; is a semicolon missing{before}?"
    return ""


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
    if not says_nothing(name):
        reporter.warn(
            "unknown_property", f"'{name}' is not a property that is supported{hint(nearest_property(name))}", line
        )


def _has_url(value: Any) -> bool:
    return type(value) is Url or (type(value) is tuple and any(_has_url(item) for item in value))


def _bound(value: Any, base: str) -> Any:
    """The value with `base` as the base of every URL in it."""
    if type(value) is Url:
        return Url(value.url, base)
    return tuple(_bound(item, base) for item in value) if type(value) is tuple else value
