"""Conditions with `and`, `or` and `not`, as media queries and `@supports` have them. Media Queries 4, 3; Conditional 3.

In: the tokens of a condition, and what answers for one part in parentheses. Out: True, False, or None where a part is
not understood: by the logic of three values, so that `not (unknown)` is unknown as well.
"""

from __future__ import annotations

from collections.abc import Callable

from spark_pdf.layout.css.tokens import Token, Tokens, ident, significant

Answer = bool | None
Leaf = Callable[[Token], Answer]


class ConditionError(ValueError):
    """The condition is not built as the grammar says."""


def holds(tokens: Tokens, leaf: Leaf, *, either: bool = True, depth: int = 0) -> Answer:
    """The answer of a whole condition. `either`: `or` is allowed."""
    tokens = significant(tokens)
    if not tokens or depth > 32:
        raise ConditionError
    if ident(tokens[0]) == "not":
        if len(tokens) != 2:
            raise ConditionError
        return negated(_part(tokens[1], leaf, depth))
    answers = [_part(token, leaf, depth) for token in tokens[::2]]
    joints = {ident(token) for token in tokens[1::2]}
    if len(tokens) % 2 == 0 or len(joints) > 1 or not joints <= ({"and", "or"} if either else {"and"}):
        raise ConditionError
    return _joined(answers, "or" in joints)


def negated(answer: Answer) -> Answer:
    """Not; what is unknown stays so."""
    return None if answer is None else not answer


def _joined(answers: list[Answer], either: bool) -> Answer:
    if either:
        return True if True in answers else None if None in answers else False
    return False if False in answers else None if None in answers else True


def _part(token: Token, leaf: Leaf, depth: int) -> Answer:
    """A part in parentheses: another condition, or something for `leaf`."""
    if token.type == "function":
        return leaf(token)
    if token.type != "() block":
        raise ConditionError
    inner = significant(token.content)
    if inner and (inner[0].type == "() block" or ident(inner[0]) == "not" or _is_function_condition(inner)):
        return holds(inner, leaf, depth=depth + 1)
    return leaf(token)


def _is_function_condition(inner: list[Token]) -> bool:
    """`(selector(a) and (b: c))`, not `(calc(1px) < width)`."""
    return inner[0].type == "function" and inner[0].lower_name in ("selector", "font-tech", "font-format")
