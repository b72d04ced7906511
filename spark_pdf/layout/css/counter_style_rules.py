"""`@counter-style` (CSS Counter Styles 3, chapter 3).

In: the at-rule. Out: a name and a `CounterStyle`; None, and a warning, where the rule says too little or what is not
valid. Symbols that are images are not supported.
"""

from __future__ import annotations

from typing import Any

import tinycss2

from spark_pdf.layout.css.declarations import Reporter
from spark_pdf.layout.css.own_counters import CounterStyle, Range
from spark_pdf.layout.css.parsers import custom_ident
from spark_pdf.layout.css.tokens import Token, Tokens, ident, significant, split

_SYSTEMS = ("cyclic", "numeric", "alphabetic", "symbolic", "additive", "fixed", "extends")
_KEPT = ("none", "decimal", "disc", "square", "circle", "disclosure-open", "disclosure-closed")
"""Names that no rule may define (3)."""


def parse_counter_style(node: Token, reporter: Reporter) -> tuple[str, CounterStyle] | None:
    """Read one `@counter-style`."""
    names = significant(node.prelude)
    name = custom_ident(names[0]) if len(names) == 1 else None
    if name is None or name.lower() in _KEPT:
        reporter.warn("unknown_rule", "'@counter-style' needs a name that is not a predefined one", node.source_line)
        return None
    values: dict[str, Any] = {"system": "symbolic"}
    for item in tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True):
        if item.type != "declaration" or item.lower_name == "speak-as":
            continue
        reader = _READERS.get(item.lower_name)
        found = reader(significant(item.value)) if reader is not None and significant(item.value) else None
        if found is None:
            reporter.warn("invalid_value", f"'{item.name}' is not valid in '@counter-style'", item.source_line)
        else:
            values.update(found)
    style = CounterStyle(**values)
    least = {"alphabetic": 2, "numeric": 2, "additive": 0, "extends": 0}.get(style.system, 1)
    if len(style.symbols) < least or (style.system == "additive" and not style.additive):
        reporter.warn("unknown_rule", "'@counter-style' has too few symbols; it is dropped", node.source_line)
        return None
    return name, style


def _system(tokens: Tokens) -> dict[str, Any] | None:
    name = ident(tokens[0])
    if name not in _SYSTEMS:
        return None
    if name == "extends":
        base = custom_ident(tokens[1]) if len(tokens) == 2 else None
        return None if base is None else {"system": name, "extends": base}
    if name == "fixed" and len(tokens) == 2:
        first = _integer(tokens[1])
        return None if first is None else {"system": name, "first": first}
    return {"system": name} if len(tokens) == 1 else None


def _integer(token: Token) -> int | None:
    return int(token.int_value) if token.type == "number" and token.is_integer else None


def _symbol(token: Token) -> str | None:
    return str(token.value) if token.type in ("string", "ident") else None


def _one_symbol(name: str) -> Any:
    def read(tokens: Tokens) -> dict[str, Any] | None:
        symbol = _symbol(tokens[0]) if len(tokens) == 1 else None
        return None if symbol is None else {name: symbol}

    return read


def _symbols(tokens: Tokens) -> dict[str, Any] | None:
    found = [_symbol(token) for token in tokens]
    return None if None in found else {"symbols": tuple(found)}


def _additive(tokens: Tokens) -> dict[str, Any] | None:
    pairs: list[tuple[int, str]] = []
    for part in split(tokens):
        if len(part) != 2:
            return None
        weight, symbol = (part[0], part[1]) if part[0].type == "number" else (part[1], part[0])
        number, text = _integer(weight), _symbol(symbol)
        if number is None or text is None or number < 0 or (pairs and number >= pairs[-1][0]):
            return None
        pairs.append((number, text))
    return {"additive": tuple(pairs)}


def _negative(tokens: Tokens) -> dict[str, Any] | None:
    found = [_symbol(token) for token in tokens]
    return None if None in found or len(found) > 2 else {"negative": (*found, "")[:2]}


def _range(tokens: Tokens) -> dict[str, Any] | None:
    if len(tokens) == 1 and ident(tokens[0]) == "auto":
        return {}
    found: Range = ()
    for part in split(tokens):
        if len(part) != 2:
            return None
        low = float("-inf") if ident(part[0]) == "infinite" else _integer(part[0])
        high = float("inf") if ident(part[1]) == "infinite" else _integer(part[1])
        if low is None or high is None or low > high:
            return None
        found = (*found, (low, high))
    return {"range": found}


def _pad(tokens: Tokens) -> dict[str, Any] | None:
    if len(tokens) != 2:
        return None
    length, symbol = (tokens[0], tokens[1]) if tokens[0].type == "number" else (tokens[1], tokens[0])
    number, text = _integer(length), _symbol(symbol)
    return None if number is None or text is None or number < 0 else {"pad": (number, text)}


def _fallback(tokens: Tokens) -> dict[str, Any] | None:
    name = custom_ident(tokens[0]) if len(tokens) == 1 else None
    return None if name is None else {"fallback": name}


_READERS: dict[str, Any] = {
    "system": _system,
    "symbols": _symbols,
    "additive-symbols": _additive,
    "prefix": _one_symbol("prefix"),
    "suffix": _one_symbol("suffix"),
    "negative": _negative,
    "range": _range,
    "pad": _pad,
    "fallback": _fallback,
}
