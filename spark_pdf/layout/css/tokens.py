"""What tinycss2 yields, and small questions asked of it. Specification: CSS Syntax 3.

A value is a list of tinycss2 component values. Parsers get it without white space and comments (`significant`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Token = Any
Tokens = Sequence[Token]
Parser = Callable[[Tokens], Any]
"""Tokens of a whole value in, the specified value out; None where the value is not valid or not supported."""

_BLANK = ("whitespace", "comment")


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


def serialize(tokens: Iterable[Token]) -> str:
    """Text of tokens, for messages."""
    return "".join(token.serialize() for token in tokens).strip()
