"""`@property`: custom properties with a syntax and an initial value, inherited or not. CSS Properties and Values 1.

In: the at-rules. Out: `Registry`, which says what an element's custom properties start from, and whether a value is of
its syntax. Lengths are kept as they are written: one in `em` is not made px where it is declared (2.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import tinycss2

from spark_pdf.layout.css.angles import angle, number
from spark_pdf.layout.css.colors import color
from spark_pdf.layout.css.declarations import Reporter
from spark_pdf.layout.css.image_parsers import image, resolution
from spark_pdf.layout.css.lengths import length
from spark_pdf.layout.css.parsers import custom_ident, url
from spark_pdf.layout.css.tokens import Token, Tokens, is_literal, significant, split
from spark_pdf.layout.css.variables import Custom, Scope, custom_scope, needs_substitution
from spark_pdf.layout.css.wide import WIDE, Wide

_TYPES: dict[str, Callable[[Token], object]] = {
    "length": lambda token: length(token, percentage=False, negative=True),
    "length-percentage": lambda token: length(token, negative=True),
    "percentage": lambda token: token.type == "percentage" or None,
    "number": number,
    "integer": lambda token: (token.type == "number" and token.is_integer) or None,
    "angle": lambda token: angle(token, zero=False),
    "time": lambda token: (token.type == "dimension" and token.lower_unit in ("s", "ms")) or None,
    "resolution": resolution,
    "color": color,
    "image": image,
    "url": url,
    "string": lambda token: token.type == "string" or None,
    "custom-ident": custom_ident,
    "transform-function": lambda token: token.type == "function" or None,
    "transform-list": lambda token: token.type == "function" or None,
}


class Registered(NamedTuple):
    """One custom property. `syntax` is as it is written, without quotes; `initial` is None for "*" without a value."""

    syntax: str
    inherits: bool
    initial: Custom | None

    def holds(self, custom: Custom) -> bool:
        """Whether a value is of the syntax."""
        return matches(custom.tokens, self.syntax)


def parse_property(node: Token, reporter: Reporter) -> tuple[str, Registered] | None:
    """Read one `@property`; None, and a warning, where the rule says too little or what is not valid (3)."""
    names = significant(node.prelude)
    values: dict[str, Tokens] = {}
    for item in tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            values[item.lower_name] = significant(item.value)
    syntax, inherits = values.get("syntax", []), values.get("inherits", [])
    named = len(names) == 1 and names[0].type == "ident" and names[0].value.startswith("--")
    worded = len(inherits) == 1 and inherits[0].type == "ident" and inherits[0].lower_value in ("true", "false")
    if not named or not worded or len(syntax) != 1 or syntax[0].type != "string" or not _known(syntax[0].value):
        reporter.warn("unknown_rule", "'@property' needs a name, 'syntax' and 'inherits'", node.source_line)
        return None
    text, initial = syntax[0].value.strip(), values.get("initial-value")
    found = Registered(text, inherits[0].lower_value == "true", None if initial is None else Custom(initial))
    if (found.initial is None and text != "*") or (
        found.initial is not None and (needs_substitution(found.initial.tokens) or not found.holds(found.initial))
    ):
        reporter.warn(
            "unknown_rule", "'@property' needs an 'initial-value' of its syntax; it is dropped", node.source_line
        )
        return None
    return names[0].value, found


def _known(syntax: str) -> bool:
    parts = [part.strip().rstrip("+#") for part in syntax.split("|")]
    return all(part == "*" or (part[:1] != "<" and part) or part.strip("<>") in _TYPES for part in parts)


def matches(tokens: Tokens, syntax: str) -> bool:
    """Whether tokens are of a syntax string (CSS Properties and Values 1, 5)."""
    tokens = significant(tokens)
    return syntax == "*" or (bool(tokens) and any(_is(tokens, part.strip()) for part in syntax.split("|")))


def _is(tokens: Tokens, part: str) -> bool:
    kind = part.rstrip("+#")
    if part.endswith("#"):
        return all(len(item) == 1 and _one(item[0], kind) for item in split(tokens))
    if part.endswith("+") or kind == "<transform-list>":
        return all(_one(token, kind) for token in tokens)
    return len(tokens) == 1 and _one(tokens[0], kind)


def _one(token: Token, kind: str) -> bool:
    if kind.startswith("<"):
        if token.type == "function" and token.lower_name in ("calc", "min", "max", "clamp"):
            return kind.strip("<>") in ("length", "length-percentage", "percentage", "number", "integer", "angle")
        return not is_literal(token, ",") and _TYPES[kind.strip("<>")](token) is not None
    return bool(token.type == "ident" and token.value == kind and kind.lower() not in WIDE)


class Registry:
    """The registered custom properties of a document's sheets."""

    __slots__ = ("_fresh", "_initial", "_rules")

    def __init__(self, rules: Mapping[str, Registered]) -> None:
        self._rules = dict(rules)
        self._initial = {name: rule.initial for name, rule in rules.items() if rule.initial is not None}
        self._fresh = tuple(name for name, rule in rules.items() if not rule.inherits)

    def scope(self, own: Mapping[str, Custom | Wide], inherited: Scope, *, is_root: bool) -> Scope:
        """The custom properties of an element that declares `own` ones."""
        start = self._initial if is_root else self._started(inherited)
        if not own:
            return start
        asked = {name: inherited[name] for name in self._fresh if own.get(name) is Wide.INHERIT and name in inherited}
        if asked:
            start = {**start, **asked}
        return custom_scope(own, start, self._initial, self._checked)

    def _started(self, inherited: Scope) -> Scope:
        """What is inherited, and initial values for what is not."""
        initial = self._initial
        if all(inherited.get(name) is initial.get(name) for name in self._fresh):
            return inherited
        fresh = set(self._fresh)
        kept = {name: custom for name, custom in inherited.items() if name not in fresh}
        return {**kept, **{name: initial[name] for name in self._fresh if name in initial}}

    def _checked(self, name: str, custom: Custom | None, start: Scope) -> Custom | None:
        """A declared value, or what stands for it where it is invalid at computed-value time (2.4)."""
        rule = self._rules.get(name)
        if rule is None or (custom is not None and rule.holds(custom)):
            return custom
        return start.get(name, rule.initial)
