"""Media queries, answered for paper. Specification: Media Queries 4 and 5.

In: the tokens of a media query list, and the page. Out: whether it holds. Sizes are those of the page box (4.1), as the
`@page` rules for an ordinary first page give it. What holds for the page box has to hold for the page area too, which
is what browsers measure when they print: `min-width: 768px` lays out a container of 750px, and an A4 page with margins
of 75px has no room for that.
"""

from __future__ import annotations

from spark_pdf.layout.css.calculation import without_math
from spark_pdf.layout.css.conditions import Answer, ConditionError, holds, negated
from spark_pdf.layout.css.declarations import Reporter
from spark_pdf.layout.css.image_parsers import resolution
from spark_pdf.layout.css.lengths import Relative, length
from spark_pdf.layout.css.tokens import Token, Tokens, ident, is_literal, serialize, significant, split

_EM = 16.0
_DOTS = 300 / 96
"""Dots per px of print."""
_KEYWORDS = {
    "hover": "none", "any-hover": "none", "pointer": "none", "any-pointer": "none", "update": "none",
    "scripting": "none", "overflow-block": "paged", "overflow-inline": "none", "scan": "progressive",
    "color-gamut": "srgb", "dynamic-range": "standard", "video-dynamic-range": "standard", "inverted-colors": "none",
    "prefers-reduced-motion": "no-preference", "prefers-reduced-transparency": "no-preference",
    "prefers-contrast": "no-preference", "prefers-color-scheme": "light", "prefers-reduced-data": "no-preference",
    "forced-colors": "none", "display-mode": "browser", "environment-blending": "opaque", "nav-controls": "none",
    "device-posture": "continuous",
}  # fmt: skip
_VENDORS = ("-webkit-", "-moz-", "-ms-", "-o-")
_FALSE = ("none", "no-preference")

PageSizes = tuple[float, float, float, float]
_TYPES = ("all", "print", "screen", "speech", "tty", "tv", "projection", "handheld", "braille", "embossed", "aural")


class Medium:
    """Paper of a size: width and height of the page box, then those of the page area. `size` is None as long as no page
    rule was read; `asked`: a query wanted to know it.
    """

    __slots__ = ("asked", "size")

    def __init__(self, size: PageSizes | None = None) -> None:
        self.size = size
        self.asked = False

    def matches(self, tokens: Tokens, reporter: Reporter, line: int) -> bool:
        """Whether one of the queries holds. One that is not understood holds not, and is reported."""
        tokens = significant(tokens)
        if not tokens:
            return True
        answers = [self._query(part, reporter, line) for part in split(tokens)]  # each may have to be reported
        return any(answers)

    def _query(self, tokens: list[Token], reporter: Reporter, line: int) -> bool:
        try:
            answer = self._answer(tokens)
        except ConditionError:
            answer = None
        if answer is None:
            shown = f" '{serialize(tokens)[:60]}'" if reporter.quotes else ""
            reporter.warn("unknown_media", f"the media query{shown} is not supported; what it guards is dropped", line)
        return answer is True

    def _answer(self, tokens: list[Token]) -> Answer:
        first = ident(tokens[0]) if tokens else None
        prefix = first if first in ("not", "only") else None
        named = ident(tokens[1]) if prefix and len(tokens) > 1 else first
        if named is None:
            return holds(tokens, self._feature)
        if named in ("and", "or", "not", "only", "layer"):
            raise ConditionError
        rest = tokens[2 if prefix else 1 :]
        answer: Answer = named in ("all", "print")
        if rest:
            if ident(rest[0]) != "and" or len(rest) < 2:
                raise ConditionError
            condition = holds(rest[1:], self._feature, either=False)
            # Another medium: its features don't matter.
            answer = condition if answer else False
        return negated(answer) if prefix == "not" else answer

    def _feature(self, token: Token) -> Answer:
        """One feature in parentheses; None for what is unknown."""
        if token.type != "() block":
            return None
        tokens = without_math(significant(token.content))
        if not tokens:
            return None
        if (ident(tokens[0]) or "").startswith(_VENDORS) and "device-pixel-ratio" not in str(ident(tokens[0])):
            return False  # what other engines ask themselves
        if len(tokens) == 1:
            return self._present(ident(tokens[0]) or "")
        if ident(tokens[0]) is not None and is_literal(tokens[1], ":"):
            return self._plain(str(ident(tokens[0])), tokens[2:])
        return self._range(tokens)

    def _present(self, name: str) -> Answer:
        """`(color)`: whether the feature has a value other than zero or none."""
        if name in _KEYWORDS:
            return _KEYWORDS[name] not in _FALSE
        if name == "orientation":
            return True
        value = self._value(name)
        return None if value is None else bool(value)

    def _value(self, name: str) -> float | None:
        """The number that a feature has on this page."""
        fixed = {"color": 8.0, "color-index": 0.0, "monochrome": 0.0, "grid": 0.0, "resolution": _DOTS,
                 "horizontal-viewport-segments": 1.0, "vertical-viewport-segments": 1.0}.get(name)  # fmt: skip
        if fixed is not None:
            return fixed
        if name not in ("width", "height", "device-width", "device-height", "aspect-ratio", "device-aspect-ratio"):
            return None
        self.asked = True
        width, height = self.size[:2] if self.size else (0.0, 0.0)
        if name.endswith("ratio"):
            return width / height if height else 0.0
        return width if name.endswith("width") else height

    def _values(self, name: str) -> tuple[float, ...] | None:
        """The numbers for which a comparison has to hold: of widths and heights those of page box and page area."""
        value = self._value(name)
        if value is None:
            return None
        if self.size is not None and name in ("width", "height"):
            return value, self.size[2 if name == "width" else 3]
        return (value,)

    def _plain(self, name: str, tokens: list[Token]) -> Answer:
        """`(name: value)`, with `min-` and `max-`."""
        if name in ("-webkit-min-device-pixel-ratio", "-webkit-max-device-pixel-ratio", "-webkit-device-pixel-ratio"):
            wanted = float(tokens[0].value) if len(tokens) == 1 and tokens[0].type == "number" else None
            return None if wanted is None else _compared(_DOTS, name.split("-")[2], wanted)
        if name in _KEYWORDS:
            word = ident(tokens[0]) if len(tokens) == 1 else None
            return None if word is None else word == _KEYWORDS[name]
        if name == "orientation":
            self.asked = True
            width, height = self.size[:2] if self.size else (0.0, 1.0)
            word = ident(tokens[0]) if len(tokens) == 1 else None
            return None if word not in ("portrait", "landscape") else (word == "portrait") is (height >= width)
        bound, _, feature = name.partition("-")
        if bound not in ("min", "max"):
            bound, feature = "", name
        have, wanted = self._values(feature), _number(feature, tokens)
        if have is None or wanted is None:
            return None
        return all(_compared(number, bound, wanted) for number in (have if bound else have[:1]))

    def _range(self, tokens: list[Token]) -> Answer:
        """`(width >= 600px)`, `(400px < width <= 700px)`."""
        sides: list[list[Token]] = [[]]
        signs: list[str] = []
        for token in tokens:
            if token.type == "literal" and token.value in ("<", ">", "=", "<=", ">="):
                if not sides[-1] and signs and token.value == "=":
                    signs[-1] += "="
                else:
                    signs.append(token.value)
                    sides.append([])
            else:
                sides[-1].append(token)
        names = [ident(side[0]) if len(side) == 1 else None for side in sides]
        at = next((index for index, name in enumerate(names) if name is not None), -1)
        if at < 0 or len(sides) not in (2, 3) or (len(sides) == 3 and (at != 1 or signs[0][0] != signs[1][0])):
            return None
        name = str(names[at])
        numbers = [None if index == at else _number(name, side) for index, side in enumerate(sides)]
        have = self._values(name)
        if have is None:
            return None
        answers = [_ordered([*numbers[:at], number, *numbers[at + 1 :]], signs) for number in have]
        return answers[0] if "=" in signs else None if None in answers else all(answers)


def _ordered(numbers: list[float | None], signs: list[str]) -> Answer:
    answers = []
    for left, sign, right in zip(numbers, signs, numbers[1:], strict=False):
        if left is None or right is None:
            return None
        close = abs(left - right) < 0.001
        strict = left < right if sign[0] == "<" else left > right
        answers.append(close if sign == "=" else (strict and not close) or (close and "=" in sign))
    return all(answers)


def _compared(have: float, bound: str, wanted: float) -> bool:
    if bound == "min":
        return have >= wanted - 0.001
    return have <= wanted + 0.001 if bound == "max" else abs(have - wanted) < 0.001


def _number(feature: str, tokens: list[Token]) -> float | None:
    """The value that a feature is compared with, in px, dots per px, or as it is."""
    if feature.endswith("aspect-ratio"):
        numbers = [float(token.value) for token in tokens if token.type == "number"]
        if len(tokens) == 3 and is_literal(tokens[1], "/") and len(numbers) == 2 and numbers[1]:
            return numbers[0] / numbers[1]
        return numbers[0] if len(tokens) == len(numbers) == 1 else None
    if len(tokens) != 1:
        return None
    if feature == "resolution":
        return float("inf") if ident(tokens[0]) == "infinite" else resolution(tokens[0])
    if feature.endswith(("width", "height")):
        value = length(tokens[0], percentage=False, negative=True)
        if isinstance(value, Relative):
            return value.value * _EM * {"em": 1.0, "rem": 1.0, "ex": 0.5, "ch": 0.5}.get(value.unit, float("nan"))
        return value if isinstance(value, float) else None
    return float(tokens[0].value) if tokens[0].type == "number" else None
