"""Makers of parsers for values that many properties share, and parsers of the values that only one has.

In: the significant tokens of a value. Out: the specified value, or None. The properties that use each one stand in
`properties`.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.colors import CURRENT_COLOR, parse_color
from spark_pdf.layout.css.lengths import Math, Specified, length, scaled
from spark_pdf.layout.css.tokens import Parser, Token, Tokens, function_arguments, ident, is_literal, split
from spark_pdf.layout.values import Percentage, Position, Url


def keyword(*names: str) -> Parser:
    """One of the keywords."""
    allowed = frozenset(names)

    def parse(tokens: Tokens) -> str | None:
        name = ident(tokens[0]) if len(tokens) == 1 else None
        return name if name in allowed else None

    return parse


def length_or(*keywords: str, percentage: bool = True, negative: bool = False) -> Parser:
    """One length (or percentage), or one of the keywords."""

    def parse(tokens: Tokens) -> str | Specified | None:
        if len(tokens) != 1:
            return None
        name = ident(tokens[0])
        if name is not None:
            return name if name in keywords else None
        return length(tokens[0], percentage=percentage, negative=negative)

    return parse


def spacing(tokens: Tokens) -> Specified | None:
    """`letter-spacing`, `word-spacing`: a length; `normal` is 0."""
    value = length_or("normal", percentage=False, negative=True)(tokens)
    return 0.0 if value == "normal" else value


def lengths_pair(*, percentage: bool) -> Parser:
    """One or two lengths, the second as the first where it is missing."""

    def parse(tokens: Tokens) -> tuple[Specified, Specified] | None:
        values = [length(token, percentage=percentage) for token in tokens]
        if len(values) not in (1, 2) or values[0] is None or values[-1] is None:
            return None
        return values[0], values[-1]

    return parse


def integer(minimum: int | None = None, *, keywords: tuple[str, ...] = ()) -> Parser:
    """One integer, not below `minimum`, or one of the keywords."""

    def parse(tokens: Tokens) -> int | str | None:
        if len(tokens) != 1:
            return None
        token = tokens[0]
        if token.type == "number" and token.is_integer and (minimum is None or token.int_value >= minimum):
            return int(token.int_value)
        name = ident(token)
        return name if name in keywords else None

    return parse


def opacity(tokens: Tokens) -> float | None:
    """A number or percentage, brought between 0 and 1."""
    if len(tokens) != 1 or tokens[0].type not in ("number", "percentage"):
        return None
    value = float(tokens[0].value) / (100 if tokens[0].type == "percentage" else 1)
    return min(1.0, max(0.0, value))


_BORDER_WIDTHS = {"thin": 1.0, "medium": 3.0, "thick": 5.0}


def border_width(tokens: Tokens) -> Specified | None:
    """A length or one of CSS Backgrounds 3's three widths."""
    if len(tokens) != 1:
        return None
    return _BORDER_WIDTHS.get(ident(tokens[0]) or "") or length(tokens[0], percentage=False)


def url(token: Token) -> Url | None:
    """`url(...)`, quoted or not. Its base is filled in by whoever knows the style sheet."""
    if token.type == "url":
        return Url(token.value, "")
    arguments = function_arguments(token, "url")
    if arguments and len(arguments) == 1 and arguments[0].type == "string":
        return Url(arguments[0].value, "")
    return None


def layers(parse_layer: Parser) -> Parser:
    """A comma-separated list, as a tuple of what `parse_layer` makes of each part."""

    def parse(tokens: Tokens) -> tuple[Any, ...] | None:
        parts = split(tokens)
        values = [parse_layer(part) if part else None for part in parts]
        return None if any(value is None for value in values) else tuple(values)

    return parse


def four(values: list[Any]) -> list[Any]:
    """One to four values of sides, as four (CSS 2.2, 8.3)."""
    if len(values) == 1:
        return values * 4
    if len(values) == 2:
        return values * 2
    return [*values, values[1]] if len(values) == 3 else values


_REPEAT_AXES = ("repeat", "no-repeat", "space", "round")


def repeat_layer(tokens: Tokens) -> tuple[str, str] | None:
    """One layer of `background-repeat`, as keywords for x and y."""
    names = [ident(token) for token in tokens]
    if names == ["repeat-x"]:
        return "repeat", "no-repeat"
    if names == ["repeat-y"]:
        return "no-repeat", "repeat"
    if len(names) in (1, 2) and all(name in _REPEAT_AXES for name in names):
        return str(names[0]), str(names[-1])
    return None


def size_layer(tokens: Tokens) -> str | tuple[str | Specified, str | Specified] | None:
    """One layer of `background-size`."""
    if len(tokens) == 1 and ident(tokens[0]) in ("cover", "contain"):
        return ident(tokens[0])
    values = [length_or("auto")([token]) for token in tokens]
    if len(values) not in (1, 2) or any(value is None for value in values):
        return None
    return values[0], values[1] if len(values) == 2 else "auto"


_X_EDGES = {"left": 0.0, "right": 1.0}
_Y_EDGES = {"top": 0.0, "bottom": 1.0}


def position(tokens: Tokens) -> tuple[Position, Position] | None:
    """CSS Values 4, 9.1: one, two or four components (and the three of backgrounds)."""
    items: list[str | Specified] = []
    for token in tokens:
        item = ident(token) or length(token, negative=True)
        if item is None:
            return None
        items.append(item)
    if len(items) in (1, 2):
        return _plain_position(items)
    return _edge_position(items) if len(items) in (3, 4) else None


def _component(item: str | Specified, edges: dict[str, float]) -> Position | None:
    if isinstance(item, str):
        fraction = 0.5 if item == "center" else edges.get(item)
        return None if fraction is None else Position(fraction, 0.0)
    return _offset(item, 0.0)


def _offset(item: Specified, edge: float) -> Position:
    """A position `item` away from the edge at 0 or 1."""
    if isinstance(item, Percentage):
        return Position(edge + (1 - 2 * edge) * float(item), 0.0)
    if isinstance(item, Math):
        terms = item.terms if not edge else ((100.0, "%"), *((-number, unit) for number, unit in item.terms))
        whole: Any = Math(terms, False)
        return Position(whole, 0.0)
    relative: Any = scaled(item, 1 - 2 * edge)
    return Position(edge, relative)


def _plain_position(items: list[str | Specified]) -> tuple[Position, Position] | None:
    if len(items) == 1:
        items = ["center", items[0]] if items[0] in _Y_EDGES else [items[0], "center"]
    x, y = items
    if x in _Y_EDGES or y in _X_EDGES:
        if not (isinstance(x, str) and isinstance(y, str)):
            return None
        x, y = y, x
    across, down = _component(x, _X_EDGES), _component(y, _Y_EDGES)
    return None if across is None or down is None else (across, down)


def _edge_position(items: list[str | Specified]) -> tuple[Position, Position] | None:
    """Edges, each followed by an offset (one of them may lack it)."""
    pairs: list[tuple[str, Specified | None]] = []
    for item in items:
        if isinstance(item, str):
            pairs.append((item, None))
        elif pairs and pairs[-1][1] is None and pairs[-1][0] != "center":
            pairs[-1] = (pairs[-1][0], item)
        else:
            return None
    if len(pairs) != 2:
        return None
    if pairs[0][0] in _Y_EDGES or pairs[1][0] in _X_EDGES:
        pairs.reverse()
    placed: list[Position] = []
    for (edge, offset), edges in zip(pairs, (_X_EDGES, _Y_EDGES), strict=True):
        fraction = 0.5 if edge == "center" else edges.get(edge)
        if fraction is None:
            return None
        placed.append(Position(fraction, 0.0) if offset is None else _offset(offset, fraction))
    return placed[0], placed[1]


def keywords_set(*groups: tuple[str, ...], empty: str = "normal", alone: tuple[str, ...] = ()) -> Parser:
    """Any number of keywords, at most one of each group, as a tuple; `empty` is (), `alone` stand by themselves."""

    def parse(tokens: Tokens) -> tuple[str, ...] | None:
        names = [ident(token) or "" for token in tokens]
        if names == [empty]:
            return ()
        if len(names) == 1 and names[0] in alone:
            return (names[0],)
        used = [next((index for index, group in enumerate(groups) if name in group), -1) for name in names]
        return None if -1 in used or len(set(used)) != len(used) or not used else tuple(names)

    return parse


def tab_size(tokens: Tokens) -> Specified | None:
    """A number of spaces, or a length: kept apart by its sign, the length below zero."""
    if len(tokens) != 1:
        return None
    if tokens[0].type == "number":
        return float(tokens[0].value) if tokens[0].value >= 0 else None
    value = length(tokens[0], percentage=False)
    return None if value is None else scaled(value, -1.0)


def ratio_or_normal_line_height(tokens: Tokens) -> Any:
    """`line-height`: "normal", a length or percentage, or ("factor", number)."""
    if len(tokens) == 1 and tokens[0].type == "number":
        return ("factor", float(tokens[0].value)) if tokens[0].value >= 0 else None
    return length_or("normal")(tokens)


def custom_ident(token: Token, *forbidden: str) -> str | None:
    """An author's own name, in its case; never a CSS-wide keyword."""
    name = ident(token)
    if name is None or name in ("inherit", "initial", "unset", "revert", "revert-layer", "default", *forbidden):
        return None
    return str(token.value)


def slash_split(tokens: Tokens) -> tuple[Tokens, Tokens | None]:
    """What stands before and after the first slash; None where there is no slash."""
    for index, token in enumerate(tokens):
        if is_literal(token, "/"):
            return tokens[:index], tokens[index + 1 :]
    return tokens, None


def keyword_pair(*names: str) -> Parser:
    """One or two keywords, the second as the first where it is missing."""

    def parse(tokens: Tokens) -> tuple[str, str] | None:
        found = [ident(token) or "" for token in tokens]
        return (found[0], found[-1]) if len(found) in (1, 2) and all(name in names for name in found) else None

    return parse


def outline_color(tokens: Tokens) -> Any:
    """A colour; `auto` and `invert` are the element's own."""
    if len(tokens) == 1 and ident(tokens[0]) in ("auto", "invert"):
        return CURRENT_COLOR
    return parse_color(tokens)


def _axis(edges: dict[str, float], logical: dict[str, str]) -> Parser:
    def parse(tokens: Tokens) -> Position | None:
        items: list[str | Specified] = []
        for token in tokens:
            name = ident(token)
            item = logical.get(name, name) if name else length(token, negative=True)
            if item is None:
                return None
            items.append(item)
        if len(items) == 1:
            return _component(items[0], edges)
        if len(items) != 2 or not isinstance(items[0], str) or isinstance(items[1], str) or items[0] not in edges:
            return None
        return _offset(items[1], edges[items[0]])

    return parse


position_x = _axis(_X_EDGES, {"x-start": "left", "x-end": "right"})
position_y = _axis(_Y_EDGES, {"y-start": "top", "y-end": "bottom"})
