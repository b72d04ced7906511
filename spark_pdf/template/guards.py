"""What a template may cost: turns of loops, calls, characters; and the operators and methods that could blow up memory.

A template is written by a designer and runs a million times. It cannot hang a worker or take its memory by a
slip, or on purpose: loops and calls are counted per document, and whatever multiplies text is bounded before it
happens. (CPU time and memory as a whole are bounded outside, by the worker's own limits.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sized
from decimal import Decimal
from threading import get_ident
from typing import Any

from markupsafe import Markup

from spark_pdf.template.settings import TemplateLimits

MAX_TEXT = 10_000_000
"""Characters that a single operation within a template may make."""

_MAX_BITS = 10_000
_MAX_WIDTH = 10_000
_MAX_ITEMS = 2_000_000
"""Items within items, counted as often as they come: a list of two times a list of two times ... has few, and many."""

_MAX_EXPONENT = 5_000
"""Of a decimal's, where all of its digits are written out."""

_FRACTIONS = frozenset({Decimal, float})
"""Numbers whose products have bounds of their own."""

_NUMBERS = frozenset({Decimal, float, int})
_CONTAINERS = frozenset({list, tuple, dict})
_MAX_ROW = 8192
_WIDTH = re.compile(r"\d{5}")
_STRINGS = (str, Markup)
_PADDING = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs"})
_GROWING = _PADDING | {"replace", "join"}


class GuardError(Exception):
    """A template went over one of its bounds. The message is ours and holds no data."""


class Meter:
    """Counts what the documents that threads make have used of their limits, each for itself."""

    def __init__(self, limits: TemplateLimits) -> None:
        self.limits = limits
        self._left: dict[int, int] = {}  # by thread; threading.local answers five times as slowly

    def start(self) -> None:
        """Begin a document."""
        self._left[get_ident()] = self.limits.iterations

    def spend(self, turns: int) -> None:
        """Take turns off what is left."""
        thread = get_ident()
        left = self._left[thread] = self._left.get(thread, self.limits.iterations) - turns
        if left < 0:
            text = f"the document's loops and calls go over {self.limits.iterations} turns"
            raise GuardError(f"{text} (limits.iterations in template.toml)")

    def counted(self, iterable: Any) -> Iterable[Any]:
        """What a loop goes over: counted at once where it has a length, else turn by turn."""
        if iterable is None:
            raise GuardError("the loop goes over a NULL; write `or []` behind it, if that is to be no turn at all")
        if isinstance(iterable, (int, float)):
            raise GuardError("the loop goes over a number")
        try:
            self.spend(len(iterable))
        except TypeError:
            return self._lazily(iterable)
        return iterable  # type: ignore[no-any-return]

    def _lazily(self, iterable: Iterable[Any]) -> Iterator[Any]:
        for item in iterable:
            self.spend(1)
            yield item

    def range(self, *bounds: int) -> range:
        """`range` that is no longer than a document's loops may be."""
        turns = range(*bounds)
        if len(turns) > self.limits.iterations:
            text = f"range() is longer than {self.limits.iterations}"
            raise GuardError(f"{text} (limits.iterations in template.toml)")
        return turns

    def joined(self, parts: Iterable[str]) -> str:
        """One text of many, if it is not too long: what every buffer of a template goes through."""
        pieces = parts if isinstance(parts, list) else list(parts)
        if sum(map(len, pieces)) > self.limits.characters:
            text = f"the document's HTML goes over {self.limits.characters} characters"
            raise GuardError(f"{text} (limits.characters in template.toml)")
        return "".join(pieces)


def grouped(parts: list[str]) -> Iterable[str]:
    """What a template writes in a row, as one text. Long ones stay as they are, until their length is checked: they may
    be one text many times over, and take no memory yet.
    """
    return ("".join(parts),) if sum(map(len, parts)) <= _MAX_ROW else parts


def multiply(left: Any, right: Any) -> Any:
    """`*`, where text, lists and integers may grow only so far."""
    if type(left) in _FRACTIONS or type(right) in _FRACTIONS:
        return left * right
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > _MAX_BITS:
            raise GuardError("a multiplication grows beyond bounds")
    else:
        for sized, times in ((left, right), (right, left)):
            if isinstance(sized, Sized) and isinstance(times, int) and len(sized) * times > MAX_TEXT:
                raise GuardError(f"a multiplication makes more than {MAX_TEXT} characters or items")
    return left * right


def power(left: Any, right: Any) -> Any:
    """`**`, where integers may grow only so far."""
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > _MAX_BITS:
        raise GuardError("a power grows beyond bounds")
    return left**right


def add(left: Any, right: Any) -> Any:
    """`+`, where text and lists may grow only so far."""
    if type(left) in _NUMBERS:
        return left + right
    if isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple)):
        refuse_long(len(left) + len(right))
    return left + right


def modulo(left: Any, right: Any) -> Any:
    """`%`: remainder, or text formatting without huge widths."""
    if isinstance(left, str):
        return percent_format(left, right)
    return left % right


def percent_format(text: str, values: Any) -> str:
    """`text % values`, without widths that make text out of nothing, nor values that are repeated without end."""
    if _WIDTH.search(text) or "*" in text:
        raise GuardError("a format with a width of five digits, or with *, is refused")
    refuse_long(len(text) + text.count("%") * _longest(values))
    for value in values if isinstance(values, tuple) else (values,):
        refuse_unbounded(value)
    return str.__mod__(text, values)


def measure(value: Any, most: int = _MAX_ITEMS) -> int:
    """Characters of all texts within a value. Raises where there are too many, or items without end.

    What compares, sorts or writes whole lists and structs does so in C, where no limit on time reaches; lists that
    hold one list many times, and that again, come to more than a machine could go through.
    """
    if isinstance(value, str):
        return len(value)
    waiting: list[Any] = [value] if isinstance(value, (list, tuple, dict)) else []
    count = characters = 0
    while waiting:
        items: Any = waiting.pop()
        if isinstance(items, dict):
            characters += sum([len(key) for key in items if isinstance(key, str)])
            items = items.values()
        count += len(items)
        if count > most:
            raise GuardError(f"lists and structs within each other come to more than {most} items")
        for item in items:
            if isinstance(item, str):
                characters += len(item)
            elif isinstance(item, (list, tuple, dict)):
                waiting.append(item)
    return characters


def comparable(value: Any) -> Any:
    """What is compared, if it is not too much to compare."""
    kind: Any = value.__class__
    if kind in _CONTAINERS:
        measure(value)
    return value


def _longest(values: Any) -> int:
    """Characters of the longest of some values, as far as they are text or hold it."""
    if isinstance(values, dict):
        values = values.values()
    elif not isinstance(values, (tuple, list)):
        values = (values,)
    return max([measure(value) for value in values], default=0)


def refuse_long(characters: int) -> None:
    """Raise if one operation would make too much."""
    if characters > MAX_TEXT:
        raise GuardError(f"an operation makes more than {MAX_TEXT} characters or items")


def guard_call(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """Refuse a text method that would make far more than it got."""
    target = getattr(function, "__self__", None)
    if not isinstance(target, str):
        if isinstance(target, Decimal):
            refuse_unbounded(target)
        return
    name = function.__name__
    if name not in _GROWING:
        return
    if name in _PADDING:
        width = next(iter((*arguments, *keywords.values())), 0)
        if isinstance(width, int) and width > _MAX_WIDTH:
            raise GuardError(f"{name}() with a width over {_MAX_WIDTH} is refused")
        if name == "expandtabs" and isinstance(width, int):
            refuse_long(len(target) + target.count("\t") * width)
    elif name == "replace" and len(arguments) > 1 and isinstance(arguments[1], str):
        refuse_long((len(target) + 1) * (len(arguments[1]) + 1))
    elif name == "join" and arguments and isinstance(arguments[0], (list, tuple, dict, str)):
        refuse_long(len(target) * len(arguments[0]) + sum([len(p) for p in arguments[0] if isinstance(p, str)]))


def guarded_format(text: str, formatted: Callable[..., str]) -> Callable[..., str]:
    """`str.format` of the sandbox, without huge or nested widths."""

    def format_text(*arguments: Any, **keywords: Any) -> str:
        if _WIDTH.search(text) or re.search(r":[^{}]*\{", text):
            raise GuardError("a format with a width of five digits, or a nested one, is refused")
        values = (*arguments, *keywords.values())
        refuse_long(len(text) + text.count("{") * _longest(values))
        for value in values:
            refuse_unbounded(value)
        return formatted(*arguments, **keywords)

    return format_text


def refuse_unbounded(value: Any) -> None:
    """Raise for a decimal that has few digits and would be written with a million zeros."""
    if value.__class__ is Decimal and value.is_finite() and abs(value.adjusted()) > _MAX_EXPONENT:
        raise GuardError(f"a number with an exponent over {_MAX_EXPONENT} is written out")
