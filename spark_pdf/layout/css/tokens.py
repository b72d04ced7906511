"""What tinycss2 yields, and small questions asked of it. Specification: CSS Syntax 3.

A value is a list of tinycss2 component values. Parsers get it without white space and comments (`significant`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tinycss2.ast import DimensionToken, FunctionBlock, NumberToken, PercentageToken

Token = Any
Tokens = Sequence[Token]
Parser = Callable[[Tokens], Any]
"""Tokens of a whole value in, the specified value out; None where the value is not valid or not supported."""

Terms = tuple[tuple[float, Any], ...]
"""A sum: (factor, unit), or (factor, (function, terms of its first argument, ...)); the unit of percentages is "%"."""

_BLANK = ("whitespace", "comment")


class CalculatedNumber(NumberToken):  # type: ignore[misc]
    """A number that was calculated: where an integer stands, it is rounded."""

    __slots__ = ()


class CalculatedDimension(DimensionToken):  # type: ignore[misc]
    """A dimension that was calculated: out of range, it is brought into it."""

    __slots__ = ()


class CalculatedPercentage(PercentageToken):  # type: ignore[misc]
    """A percentage that was calculated."""

    __slots__ = ()


class Calculated(FunctionBlock):  # type: ignore[misc]
    """The token of a calculation that the style sheet alone cannot tell the result of."""

    __slots__ = ("terms",)
    type = "calculation"

    def __init__(self, token: Token, terms: Terms) -> None:
        FunctionBlock.__init__(self, token.source_line, token.source_column, token.name, token.arguments)
        self.terms = terms


_ENDLESS = re.compile(r"\d{2000,}")


def sane(text: str) -> str:
    """CSS without numbers so long that Python refuses to read them; those are beyond all limits as well."""
    return _ENDLESS.sub("9" * 400, text) if len(text) >= 2000 else text


def significant(tokens: Iterable[Token]) -> list[Token]:
    """The tokens without white space and comments."""
    return [token for token in tokens if token.type not in _BLANK]


def ident(token: Token) -> str | None:
    """An identifier in lower case; None for any other token."""
    return token.lower_value if token.type == "ident" else None


def is_literal(token: Token, value: str) -> bool:
    """Whether the token is this delimiter."""
    return bool(token.type == "literal" and token.value == value)


def split(tokens: Tokens, separator: str = ",") -> list[list[Token]]:
    """The parts between the separators; an empty part stays, so that `a,,b` can be refused."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if is_literal(token, separator):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def function_arguments(token: Token, name: str) -> list[Token] | None:
    """The significant arguments of the function `name`; None for any other token."""
    if token.type != "function" or token.lower_name != name:
        return None
    return significant(token.arguments)


MOST_DEPTH = 64
"""Functions and brackets within each other. What reads values calls itself for each, so there is a limit."""


def too_deep(*lists: Iterable[Token] | None) -> bool:
    """Whether functions and brackets are nested deeper than `MOST_DEPTH`. Asks level by level, without recursion."""
    level = [token for tokens in lists if tokens for token in tokens]
    for _ in range(MOST_DEPTH + 1):
        inner: list[Token] = []
        for token in level:
            kind = token.type
            if kind == "function":
                inner += token.arguments
            elif kind in _NESTING:
                inner += token.content
        if not inner:
            return False
        level = inner
    return True


_NESTING = frozenset(("() block", "[] block", "{} block"))


def may_be_deep(text: str) -> bool:
    """Whether a text has so many brackets that its tokens could be: most have not, and need not be asked."""
    return text.count("(") + text.count("[") + text.count("{") > MOST_DEPTH


def serialize(tokens: Iterable[Token]) -> str:
    """Text of tokens, for messages."""
    return "".join(token.serialize() for token in tokens).strip()
