"""Math functions: `calc()`, `min()`, `max()`, `clamp()`, rounding and trigonometry. CSS Values and Units 4, section 10.

In: tokens of a value. Out: tokens in which every math function has become a number, an angle, a percentage or px, as
far as the style sheet alone tells; what depends on fonts, the page or a percentage's base becomes a `Calculated`, of
whose terms `lengths.length` makes a `lengths.Math`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tinycss2.ast import FunctionBlock

from spark_pdf.layout.css.angles import angle
from spark_pdf.layout.css.lengths import PX_PER_UNIT, RELATIVE_UNITS
from spark_pdf.layout.css.tokens import (
    Calculated,
    CalculatedDimension,
    CalculatedNumber,
    CalculatedPercentage,
    Terms,
    Token,
    Tokens,
    ident,
    significant,
    split,
)
from spark_pdf.layout.values import apply_math

LARGEST = 1e7
_DEPTH = 32
_OTHER_UNITS = {
    "s": ("time", 1.0), "ms": ("time", 0.001), "x": ("resolution", 1.0), "dppx": ("resolution", 1.0),
    "dpi": ("resolution", 1 / 96), "dpcm": ("resolution", 2.54 / 96), "fr": ("flex", 1.0),
}  # fmt: skip
_CANONICAL = {"angle": "deg", "time": "s", "resolution": "x", "flex": "fr"}
_CONSTANTS = {"e": math.e, "pi": math.pi, "infinity": math.inf, "-infinity": -math.inf, "nan": math.nan}


class _InvalidError(Exception):
    """The function is not valid: types do not fit, or it is nested too deeply."""


class _Value(NamedTuple):
    """What a calculation comes to: `kind` number, length (percentages included), angle, time, resolution or flex."""

    kind: str
    terms: Terms

    @property
    def number(self) -> float:
        """The only term's value."""
        return self.terms[0][0]

    @property
    def known(self) -> bool:
        """Whether it is one number of its canonical unit."""
        return len(self.terms) == 1 and self.terms[0][1] in ("", "px")


def without_math(tokens: Iterable[Token]) -> list[Token]:
    """The tokens with their math functions worked out; those that are not valid stay as they are."""
    return [_reduced(token) for token in tokens]


def _reduced(token: Token) -> Token:
    if token.type != "function":
        return token
    if token.lower_name in _FUNCTIONS:
        try:
            return _token(_function(token, 0), token)
        except _InvalidError:
            return token
    arguments = without_math(token.arguments)
    if all(new is old for new, old in zip(arguments, token.arguments, strict=True)):
        return token
    return FunctionBlock(token.source_line, token.source_column, token.name, arguments)


def _token(value: _Value, token: Token) -> Token:
    line, column = token.source_line, token.source_column
    if value.kind == "number":
        number = _tame(value.number)
        return CalculatedNumber(line, column, number, math.floor(number + 0.5), f"{number:g}")
    if value.kind in _CANONICAL:
        number = _tame(value.number)
        return CalculatedDimension(line, column, number, None, f"{number:g}", _CANONICAL[value.kind])
    terms = tuple((_tame(factor), unit) for factor, unit in value.terms)
    if len(terms) == 1 and terms[0][1] == "%":
        return CalculatedPercentage(line, column, terms[0][0], None, f"{terms[0][0]:g}")
    if all(unit == "px" for _, unit in terms):
        number = _tame(sum(factor for factor, _ in terms))
        return CalculatedDimension(line, column, number, None, f"{number:g}", "px")
    return Calculated(token, terms)


def _tame(number: float) -> float:
    """Infinity becomes the largest that layout takes, what is no number 0 (10.7.2)."""
    if number != number:
        return 0.0
    return min(LARGEST, max(-LARGEST, number))


class _Reader:
    """Reads a sum from tokens, white space among them: it must stand around + and -."""

    def __init__(self, tokens: Tokens, depth: int) -> None:
        self._tokens = [token for token in tokens if token.type != "comment"]
        self._at = 0
        self._depth = depth
        if depth > _DEPTH:
            raise _InvalidError

    def whole(self) -> _Value:
        """The sum that all tokens make."""
        self._space()
        value = self._sum()
        self._space()
        if self._at < len(self._tokens):
            raise _InvalidError
        return value

    def _space(self) -> bool:
        start = self._at
        while self._at < len(self._tokens) and self._tokens[self._at].type == "whitespace":
            self._at += 1
        return self._at > start

    def _operator(self, *signs: str) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return str(token.value) if token is not None and token.type == "literal" and token.value in signs else ""

    def _sum(self) -> _Value:
        value = self._product()
        while True:
            start, spaced = self._at, self._space()
            sign = self._operator("+", "-")
            if not sign:
                self._at = start
                return value
            self._at += 1
            if not spaced or not self._space():
                raise _InvalidError
            other = self._product()
            value = _added(value, other if sign == "+" else _times(other, -1.0))

    def _product(self) -> _Value:
        value = self._one()
        while True:
            start = self._at
            self._space()
            sign = self._operator("*", "/")
            if not sign:
                self._at = start
                return value
            self._at += 1
            self._space()
            other = self._one()
            value = _multiplied(value, other) if sign == "*" else _divided(value, other)

    def _one(self) -> _Value:
        if self._at >= len(self._tokens):
            raise _InvalidError
        token = self._tokens[self._at]
        self._at += 1
        return _single(token, self._depth)


def _single(token: Token, depth: int) -> _Value:
    kind = token.type
    if kind == "number":
        return _Value("number", ((float(token.value), ""),))
    if kind == "percentage":
        return _Value("length", ((float(token.value), "%"),))
    if kind == "dimension":
        return _dimension(token)
    if kind == "calculation":
        return _Value("length", token.terms)
    if kind == "() block":
        return _Reader(token.content, depth + 1).whole()
    if kind == "function" and token.lower_name in _FUNCTIONS:
        return _function(token, depth + 1)
    constant = _CONSTANTS.get(ident(token) or "")
    if constant is None:
        raise _InvalidError
    return _Value("number", ((constant, ""),))


def _dimension(token: Token) -> _Value:
    unit, number = token.lower_unit, float(token.value)
    if unit in PX_PER_UNIT:
        return _Value("length", ((number * PX_PER_UNIT[unit], "px"),))
    if unit in RELATIVE_UNITS:
        return _Value("length", ((number, unit),))
    degrees = angle(token, zero=False)
    if degrees is not None:
        return _Value("angle", ((degrees, ""),))
    kind, factor = _OTHER_UNITS.get(unit, ("", 0.0))
    if not kind:
        raise _InvalidError
    return _Value(kind, ((number * factor, ""),))


def _added(one: _Value, other: _Value) -> _Value:
    if one.kind != other.kind:
        raise _InvalidError
    found: dict[Any, float] = {}
    for factor, unit in (*one.terms, *other.terms):
        found[unit] = found.get(unit, 0.0) + factor
    return _Value(one.kind, tuple((factor, unit) for unit, factor in found.items()))


def _times(value: _Value, number: float) -> _Value:
    return _Value(value.kind, tuple((factor * number, unit) for factor, unit in value.terms))


def _multiplied(one: _Value, other: _Value) -> _Value:
    if one.kind == "number":
        return _times(other, one.number)
    if other.kind == "number":
        return _times(one, other.number)
    raise _InvalidError


def _divided(one: _Value, other: _Value) -> _Value:
    """By a number, or by something of its own kind, as far as both are known."""
    if other.kind != "number" and not (one.kind == other.kind and one.known and other.known):
        raise _InvalidError
    divisor = other.number
    quotient = _times(one, 1 / divisor) if divisor else _times(one, math.inf)
    return quotient if other.kind == "number" else _Value("number", ((quotient.number, ""),))


# Functions

_STRATEGIES = ("nearest", "up", "down", "to-zero")


def _function(token: Token, depth: int) -> _Value:
    return _FUNCTIONS[token.lower_name](split(token.arguments), depth)


def _arguments(parts: list[list[Token]], depth: int, least: int, most: int) -> list[_Value]:
    if not least <= len(parts) <= most:
        raise _InvalidError
    return [_Reader(part, depth + 1).whole() for part in parts]


def _combined(name: str, values: list[_Value]) -> _Value:
    """A function of values of one kind, which gives that kind."""
    kind = values[0].kind
    if any(value.kind != kind for value in values):
        raise _InvalidError
    if all(value.known for value in values):
        return _Value(kind, ((apply_math(name, [value.number for value in values]), values[0].terms[0][1]),))
    return _Value(kind, ((1.0, (name, *(value.terms for value in values))),))


def _calc(parts: list[list[Token]], depth: int) -> _Value:
    return _arguments(parts, depth, 1, 1)[0]


def _of_kind(name: str, least: int, most: int) -> Callable[[list[list[Token]], int], _Value]:
    def read(parts: list[list[Token]], depth: int) -> _Value:
        return _combined(name, _arguments(parts, depth, least, most))

    return read


def _clamp(parts: list[list[Token]], depth: int) -> _Value:
    """max(low, min(value, high)); `none` is no bound."""
    if len(parts) != 3:
        raise _InvalidError
    low, middle, high = [
        None if index != 1 and [ident(token) for token in significant(part)] == ["none"]
        else _Reader(part, depth + 1).whole()
        for index, part in enumerate(parts)
    ]  # fmt: skip
    value = middle
    if value is None:
        raise _InvalidError
    if high is not None:
        value = _combined("min", [value, high])
    return value if low is None else _combined("max", [low, value])


def _round(parts: list[list[Token]], depth: int) -> _Value:
    first = [ident(token) for token in significant(parts[0])]
    strategy = str(first[0]) if len(first) == 1 and first[0] in _STRATEGIES else ""
    values = _arguments(parts[1:] if strategy else parts, depth, 1, 2)
    if len(values) == 1:
        if values[0].kind != "number":
            raise _InvalidError
        values.append(_Value("number", ((1.0, ""),)))
    return _combined(f"round-{strategy or 'nearest'}", values)


def _sign(parts: list[list[Token]], depth: int) -> _Value:
    value = _arguments(parts, depth, 1, 1)[0]
    if not value.known:
        raise _InvalidError
    return _Value("number", ((float((value.number > 0) - (value.number < 0)), ""),))


def _numeric(name: str, least: int = 1, most: int = 1) -> Callable[[list[list[Token]], int], _Value]:
    """A function of numbers, and of angles where it is trigonometric."""

    def read(parts: list[list[Token]], depth: int) -> _Value:
        values = _arguments(parts, depth, least, most)
        numbers = []
        for value in values:
            if value.kind == "angle" and name in ("sin", "cos", "tan"):
                numbers.append(math.radians(value.number))
            elif value.kind == "number":
                numbers.append(value.number)
            else:
                raise _InvalidError
        try:
            found = _MATH[name](*numbers)
        except (ValueError, OverflowError, ZeroDivisionError):
            found = math.nan
        return _Value("angle", ((math.degrees(found), ""),)) if name in _INVERSE else _Value("number", ((found, ""),))

    return read


def _atan2(parts: list[list[Token]], depth: int) -> _Value:
    y, x = _arguments(parts, depth, 2, 2)
    if y.kind != x.kind or not (y.known and x.known):
        raise _InvalidError
    return _Value("angle", ((math.degrees(math.atan2(y.number, x.number)), ""),))


_MATH: dict[str, Callable[..., float]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "pow": math.pow, "sqrt": math.sqrt, "log": math.log, "exp": math.exp,
}  # fmt: skip
_INVERSE = ("asin", "acos", "atan")
_FUNCTIONS: dict[str, Callable[[list[list[Token]], int], _Value]] = {
    "calc": _calc,
    "-webkit-calc": _calc,
    "-moz-calc": _calc,
    "min": _of_kind("min", 1, 64),
    "max": _of_kind("max", 1, 64),
    "clamp": _clamp,
    "abs": _of_kind("abs", 1, 1),
    "hypot": _of_kind("hypot", 1, 64),
    "mod": _of_kind("mod", 2, 2),
    "rem": _of_kind("rem", 2, 2),
    "round": _round,
    "sign": _sign,
    "sin": _numeric("sin"),
    "cos": _numeric("cos"),
    "tan": _numeric("tan"),
    "asin": _numeric("asin"),
    "acos": _numeric("acos"),
    "atan": _numeric("atan"),
    "atan2": _atan2,
    "pow": _numeric("pow", 2, 2),
    "sqrt": _numeric("sqrt"),
    "log": _numeric("log", 1, 2),
    "exp": _numeric("exp"),
}
