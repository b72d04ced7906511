"""`@page` rules. Specification: CSS Paged Media 3; GCPM 3, 2.7 (`@footnote`) and 5.1 (`:nth()`).

In: the at-rule. Out: a `PageRule`: what pages it is for, its declarations and size, and those of its margin boxes and
footnote area.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import tinycss2
from tinycss2.nth import parse_nth

from spark_pdf.layout.css.declarations import Block, Reporter, parse_block
from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.tokens import Token, Tokens, ident, serialize, significant, split

_MM = 96 / 25.4


def _halved(letter: str, width: int, height: int) -> dict[str, tuple[float, float]]:
    """An ISO 216 or 269 series: each size is the one before it, halved and rounded down to millimetres."""
    sizes = {}
    for number in range(11):
        sizes[f"{letter}{number}"] = (width * _MM, height * _MM)
        width, height = height // 2, width
    return sizes


PAGE_SIZES: dict[str, tuple[float, float]] = {
    **_halved("a", 841, 1189),
    **_halved("b", 1000, 1414),
    **_halved("c", 917, 1297),
    "jis-b4": (257 * _MM, 364 * _MM),
    "jis-b5": (182 * _MM, 257 * _MM),
    "letter": (816.0, 1056.0),
    "legal": (816.0, 1344.0),
    "ledger": (1056.0, 1632.0),
}
MARGIN_BOXES = (
    "top-left-corner", "top-left", "top-center", "top-right", "top-right-corner", "right-top", "right-middle",
    "right-bottom", "bottom-right-corner", "bottom-right", "bottom-center", "bottom-left", "bottom-left-corner",
    "left-bottom", "left-middle", "left-top",
)  # fmt: skip
FOOTNOTE = "footnote"
"""The name under which the declarations of `@footnote` stand among those of the margin boxes."""
_BOXES = frozenset((*MARGIN_BOXES, FOOTNOTE))
_OWN = ("size", "bleed", "marks")
PageSize = tuple[Specified, Specified] | str
"""(width, height), or "auto", "portrait", "landscape"."""
Bleed = tuple[Specified, ...] | str
"""Top, right, bottom and left; or "auto"."""


class Nth(NamedTuple):
    """`:nth(An+B)`: of the document's pages; `of name`: of those of a page group."""

    a: int
    b: int
    group: str | None = None

    def matches(self, name: str, number: int, place: int) -> bool:
        """Whether it selects page `number` of the document, which is the `place`th of its group `name`."""
        if self.group is not None and self.group != name:
            return False
        offset = (number if self.group is None else place) - self.b
        return offset == 0 if not self.a else offset % self.a == 0 and offset // self.a >= 0


@dataclass(frozen=True, slots=True)
class PageSelector:
    """Which pages: a name ("" for all), pseudo-classes among first, blank, left and right, and `:nth()`s."""

    name: str = ""
    pseudos: tuple[str, ...] = ()
    nths: tuple[Nth, ...] = ()

    @property
    def specificity(self) -> tuple[int, int, int]:
        """Paged Media 3, 3.2: names, then first, blank and nth, then left and right."""
        sides = sum(pseudo in ("left", "right") for pseudo in self.pseudos)
        names = bool(self.name) + sum(nth.group is not None for nth in self.nths)
        return names, len(self.pseudos) - sides + len(self.nths), sides

    def matches(self, name: str, states: tuple[str | Nth, ...]) -> bool:
        """Whether a page of this name is in all the states that are asked for."""
        if self.name and self.name != name:
            return False
        return all(pseudo in states for pseudo in self.pseudos) and all(nth in states for nth in self.nths)


@dataclass(frozen=True, slots=True, eq=False)
class PageRule:
    """One `@page`. `origin` 0 is the user agent's."""

    selectors: tuple[PageSelector, ...]
    origin: int
    order: int
    block: Block
    size: PageSize | None
    margin_boxes: tuple[tuple[str, Block], ...]
    bleed: Bleed | None = None
    marks: tuple[str, ...] | None = None


def parse_page_rule(node: Token, reporter: Reporter, origin: int, order: int) -> PageRule | None:
    """Read one `@page`; None, and a warning, if its selector is not supported."""
    selectors = _selectors(node.prelude)
    if selectors is None:
        reporter.warn("unknown_selector", f"'@page {serialize(node.prelude)}' is not supported", node.source_line)
        return None
    own = _Own(reporter)
    boxes: list[tuple[str, Block]] = []
    declarations: list[Any] = []
    for item in tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration" and item.lower_name in _OWN:
            own.take(item)
        elif item.type == "at-rule" and item.lower_at_keyword in _BOXES and item.content is not None:
            contents = tinycss2.parse_blocks_contents(item.content, skip_comments=True, skip_whitespace=True)
            boxes.append((item.lower_at_keyword, parse_block(contents, reporter)))
        elif item.type == "at-rule":
            reporter.warn("unknown_rule", f"'@{item.at_keyword}' is not a margin box", item.source_line)
        else:
            declarations.append(item)
    block = parse_block(declarations, reporter)
    return PageRule(selectors, origin, order, block, own.size, tuple(boxes), own.bleed, own.marks)


class _Own:
    """What only pages have: the last valid declaration of each counts."""

    __slots__ = ("bleed", "marks", "reporter", "size")

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.size: PageSize | None = None
        self.bleed: Bleed | None = None
        self.marks: tuple[str, ...] | None = None

    def take(self, item: Token) -> None:
        """Read one declaration."""
        tokens = significant(item.value)
        found: object
        if item.lower_name == "size":
            found = size = page_size(tokens)
            self.size = size or self.size
        elif item.lower_name == "bleed":
            found = bleed = _bleed(tokens)
            self.bleed = self.bleed if bleed is None else bleed
        else:
            found = marks = _marks(tokens)
            self.marks = self.marks if marks is None else marks
        if found is None:
            text = f"'{item.lower_name}' is not valid or not supported"
            self.reporter.warn("invalid_value", text, item.source_line)


def _selectors(tokens: Tokens) -> tuple[PageSelector, ...] | None:
    """`name:first, :left`; nothing means every page."""
    selectors = [_selector(part) for part in split(tokens)] if significant(tokens) else [PageSelector()]
    return None if None in selectors else tuple(s for s in selectors if s is not None)


def _selector(tokens: Tokens) -> PageSelector | None:
    """One selector. No space may stand within it (Paged Media 3, 3)."""
    tokens = [token for token in tokens if token.type != "comment"]
    while tokens and tokens[0].type == "whitespace":
        tokens = tokens[1:]
    while tokens and tokens[-1].type == "whitespace":
        tokens = tokens[:-1]
    name = ""
    if tokens and tokens[0].type == "ident":
        if tokens[0].lower_value == "auto":
            return None
        name, tokens = str(tokens[0].value), tokens[1:]
    pseudos: list[str] = []
    nths: list[Nth] = []
    if not (name or tokens) or len(tokens) % 2:
        return None
    for colon, token in zip(tokens[::2], tokens[1::2], strict=True):
        if colon != ":":
            return None
        if ident(token) in ("first", "left", "right", "blank"):
            pseudos.append(str(ident(token)))
        elif token.type == "function" and token.lower_name == "nth" and (nth := _nth(token.arguments)):
            nths.append(nth)
        else:
            return None
    return PageSelector(name, tuple(pseudos), tuple(nths))


def _nth(arguments: Tokens) -> Nth | None:
    """The inside of `:nth(An+B of name)`."""
    group: str | None = None
    for index, token in enumerate(arguments):
        if ident(token) == "of":
            names = significant(arguments[index + 1 :])
            if len(names) != 1 or names[0].type != "ident":
                return None
            group, arguments = str(names[0].value), arguments[:index]
            break
    found = parse_nth(arguments)
    return None if found is None else Nth(found[0], found[1], group)


def page_size(tokens: Tokens) -> PageSize | None:
    """`size`: one or two lengths, a named size with or without an orientation, an orientation, or auto."""
    names = [ident(token) for token in tokens]
    if len(tokens) in (1, 2) and None not in names:
        orientations = [name for name in names if name in ("portrait", "landscape")]
        sizes = [PAGE_SIZES[str(name)] for name in names if name in PAGE_SIZES]
        if names == ["auto"]:
            return "auto"
        if len(orientations) + len(sizes) != len(names) or len(orientations) > 1 or len(sizes) > 1:
            return None
        if not sizes:
            return orientations[0]
        width, height = sizes[0]
        return (max(width, height), min(width, height)) if orientations == ["landscape"] else (width, height)
    lengths = [length(token, percentage=False) for token in tokens]
    if len(lengths) not in (1, 2) or lengths[0] is None or lengths[-1] is None or 0.0 in lengths:
        return None
    return lengths[0], lengths[-1]


def _bleed(tokens: Tokens) -> Bleed | None:
    """`bleed` (Paged Media 3, 7.4): auto or a length; as WeasyPrint has it, up to four of them."""
    if [ident(token) for token in tokens] == ["auto"]:
        return "auto"
    lengths = [length(token, percentage=False) for token in tokens]
    if not 1 <= len(lengths) <= 4:
        return None
    sides = tuple(side for side in lengths if side is not None)
    if len(sides) != len(lengths):
        return None
    top, right = sides[0], sides[1 % len(sides)]
    bottom = sides[2] if len(sides) > 2 else top
    return top, right, bottom, sides[3] if len(sides) > 3 else right


def _marks(tokens: Tokens) -> tuple[str, ...] | None:
    """`marks` (Paged Media 3, 7.5): none, or crop and cross in any order."""
    names = [str(ident(token)) for token in tokens]
    if names == ["none"]:
        return ()
    known = set(names) <= {"crop", "cross"} and len(set(names)) == len(names)
    return tuple(names) if names and known else None
