"""Words for messages about templates: how an expression is spelt, what kind a value is, what was meant by a name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from jinja2 import nodes

from spark_pdf.template.needs import words

LOOP_ATTRIBUTES = words(
    "index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed"
)
TAGS = (
    "for", "endfor", "if", "elif", "else", "endif", "block", "endblock", "extends", "include", "import", "from",
    "macro", "endmacro", "call", "endcall", "filter", "endfilter", "set", "endset", "with", "endwith", "raw", "endraw",
)  # fmt: skip

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"), (str, "a string"), ((int, float, Decimal), "a number"), (Mapping, "a struct"),
    ((list, tuple), "a list"), ((bytes, bytearray), "binary data"), (dt.datetime, "a timestamp"), (dt.date, "a date"),
    (dt.time, "a time"),
)  # fmt: skip
_BLOCK = re.compile(r"\{#.*?#\}|\{%[-+]?\s*(end)?(\w+)([^%]*?)[-+]?%\}", re.DOTALL)
_CLOSED = words("for if block macro call filter with autoescape")


def kind_of(value: Any) -> str:
    """The kind of a value in words."""
    if value is None:
        return "NULL"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "something else")


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The nearest of the known names, letter case aside."""
    folded = {key.casefold(): key for key in known if not key.startswith("_")}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def did_you_mean(near: str | None) -> str:
    """The end of a message."""
    return f"; did you mean '{near}'?" if near else ""


def own_default(operation: str) -> str:
    """What may stand in place of NULL."""
    return "0" if "calculation" in operation or "'round'" in operation or "'abs'" in operation else '""'


def spelling(node: nodes.Node | None) -> str:
    """`a.b["c"][0]` as a template writes it: `a.b.c[0]`; "" for what is no path."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        base = spelling(node.node)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, nodes.Getitem):
        base, argument = spelling(node.node), node.arg
        if not base:
            return ""
        if isinstance(argument, nodes.Const):
            is_name = isinstance(argument.value, str) and argument.value.isidentifier()
            return f"{base}.{argument.value}" if is_name else f"{base}[{argument.value!r}]"
        if isinstance(argument, nodes.Neg) and isinstance(argument.node, nodes.Const):
            return f"{base}[-{argument.node.value}]"
        return f"{base}[{spelling(argument) or '...'}]"
    return ""


def unclosed_block(source: str) -> tuple[str, int] | None:
    """The innermost block that a template never closes, and its line."""
    waiting: list[tuple[str, int]] = []
    for found in _BLOCK.finditer(source):
        end, name, rest = found[1], found[2], found[3]
        if name is None:
            continue
        is_block = name in _CLOSED or (name == "set" and "=" not in (rest or ""))
        if end and waiting and waiting[-1][0] == name:
            waiting.pop()
        elif not end and is_block:
            waiting.append((name, source.count("\n", 0, found.start()) + 1))
    return waiting[-1] if waiting else None
