"""Shorthands of flexible boxes, grids, columns, outlines, border images, text. One value in, values of longhands out.

In: significant tokens. Out: as `shorthands` says, which has the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spark_pdf.layout.css.grid_parsers import template_rows, track_list
from spark_pdf.layout.css.parsers import layers, position
from spark_pdf.layout.css.properties import BY_ATTRIBUTE
from spark_pdf.layout.css.tokens import Token, Tokens, ident, split
from spark_pdf.layout.css.wide import INITIAL
from spark_pdf.layout.values import GridLine, Percentage, TrackList

Values = dict[str, Any]
Expand = Callable[[Tokens], "Values | None"]


@dataclass(frozen=True, slots=True)
class Shorthand:
    """The attributes that it sets, and how."""

    longhands: tuple[str, ...]
    expand: Expand


def parse_longhand(attribute: str, tokens: Tokens) -> Any:
    """The value of a longhand; None for no tokens."""
    return BY_ATTRIBUTE[attribute].parse(tokens) if tokens else None


def any_order(*names: str) -> Expand:
    """Single-token values in any order, each for the first longhand that takes it and has none yet."""

    def expand(tokens: Tokens) -> Values | None:
        values: Values = {}
        for token in tokens:
            for name in names:
                value = None if name in values else parse_longhand(name, [token])
                if value is not None:
                    values[name] = value
                    break
            else:
                return None
        return {name: values.get(name, INITIAL) for name in names} if values else None

    return expand


def of_any_order(*names: str) -> Shorthand:
    """The shorthand of `any_order`."""
    return Shorthand(names, any_order(*names))


def pair(first: str, second: str) -> Shorthand:
    """One or two values; one is for both."""

    def expand(tokens: Tokens) -> Values | None:
        if not 1 <= len(tokens) <= 2:
            return None
        one, other = parse_longhand(first, tokens[:1]), parse_longhand(second, tokens[-1:])
        return None if one is None or other is None else {first: one, second: other}

    return Shorthand((first, second), expand)


_FLEX = ("flex_grow", "flex_shrink", "flex_basis")


def _flex(tokens: Tokens) -> Values | None:
    """Flexbox 1, 7.2: where `flex` is given, grow and shrink are 1 and basis 0 unless said otherwise."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return dict(zip(_FLEX, (0.0, 0.0, "auto"), strict=True))
    numbers: list[float] = []
    basis: Any = None
    ended = False
    for index, token in enumerate(tokens):
        if token.type == "number" and len(numbers) < 2 and not ended:
            if token.value < 0:
                return None
            numbers.append(float(token.value))
            ended = basis is not None and index == len(tokens) - 1
        elif basis is None:
            basis = parse_longhand("flex_basis", [token])
            ended = bool(numbers)
            if basis is None:
                return None
        else:
            return None
    if not tokens:
        return None
    grow, shrink = [*numbers, *[1.0, 1.0][len(numbers) :]]
    return {"flex_grow": grow, "flex_shrink": shrink, "flex_basis": Percentage(0.0) if basis is None else basis}


def _place(first: str, second: str) -> Shorthand:
    """`place-*`: align, then justify; one value is for both (Box Alignment 3, 5.4)."""

    def expand(tokens: Tokens) -> Values | None:
        for cut in range(1, len(tokens) + 1):
            one = parse_longhand(first, tokens[:cut])
            rest = tokens[cut:]
            if one is None:
                continue
            if not rest:
                rest = tokens[:cut]
                if second == "justify_content" and "baseline" in str(one):
                    return {first: one, second: "start"}
            other = parse_longhand(second, rest)
            if other is not None:
                return {first: one, second: other}
        return None

    return Shorthand((first, second), expand)


def _grid_lines(*names: str) -> Expand:
    """`grid-row`, `grid-column`, `grid-area`: a missing line is auto, or the name that stands opposite (8.4)."""

    def expand(tokens: Tokens) -> Values | None:
        parts = split(tokens, "/")
        values = [parse_longhand(name, part) for name, part in zip(names, parts, strict=False)]
        if len(parts) > len(names) or any(value is None for value in values):
            return None
        for index in range(len(values), len(names)):
            source = values[0] if index in (1, 2) else values[1]
            if len(names) == 2:
                source = values[0]
            values.append(source if _is_name(source) else "auto")
        return dict(zip(names, values, strict=True))

    return expand


def _is_name(value: object) -> bool:
    return isinstance(value, GridLine) and not value.span and not value.number


_TEMPLATE = ("grid_template_rows", "grid_template_columns", "grid_template_areas")
_AUTO = ("grid_auto_rows", "grid_auto_columns", "grid_auto_flow")


def _grid_template(tokens: Tokens) -> Values | None:
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return dict.fromkeys(_TEMPLATE, "none")
    parts = split(tokens, "/")
    if len(parts) > 2:
        return None
    if any(token.type == "string" for token in parts[0]):
        found = template_rows(parts[0])
        columns: Any = "none" if len(parts) == 1 else track_list(parts[1])
        if found is None or columns is None or (len(parts) == 2 and not isinstance(columns, TrackList)):
            return None
        return {"grid_template_areas": found[0], "grid_template_rows": found[1], "grid_template_columns": columns}
    if len(parts) != 2:
        return None
    rows, columns = (track_list(part) if part else None for part in parts)
    if rows is None or columns is None:
        return None
    return {"grid_template_rows": rows, "grid_template_columns": columns, "grid_template_areas": "none"}


def _grid(tokens: Tokens) -> Values | None:
    """Grid 2, 7.8: a template, or `auto-flow` on one side of the slash."""
    plain = _grid_template(tokens)
    if plain is not None:
        return {**plain, **dict.fromkeys(_AUTO, INITIAL)}
    parts = split(tokens, "/")
    if len(parts) != 2:
        return None
    for flowing, axis, other in ((0, "row", "column"), (1, "column", "row")):
        names = [ident(token) for token in parts[flowing]]
        if "auto-flow" not in names:
            continue
        kept = [token for token in parts[flowing] if ident(token) not in ("auto-flow", "dense")]
        autos = parse_longhand(f"grid_auto_{axis}s", kept) if kept else INITIAL
        tracks = track_list(parts[1 - flowing]) if parts[1 - flowing] else None
        if autos is None or tracks is None or names.count("auto-flow") > 1 or names.count("dense") > 1:
            return None
        values: Values = dict.fromkeys((*_TEMPLATE, *_AUTO), INITIAL)
        values[f"grid_auto_{axis}s"] = autos
        values[f"grid_template_{other}s"] = tracks
        values["grid_auto_flow"] = axis + (" dense" if "dense" in names else "")
        return values
    return None


_BORDER_IMAGE = (
    "border_image_source", "border_image_slice", "border_image_width", "border_image_outset", "border_image_repeat",
)  # fmt: skip


def _border_image(tokens: Tokens) -> Values | None:
    """Source, repeat, and slice [/ width [/ outset]] in any order."""
    values: Values = dict.fromkeys(_BORDER_IMAGE, INITIAL)
    sized: list[Token] = []
    repeats: list[Token] = []
    for token in tokens:
        source = parse_longhand("border_image_source", [token])
        if source is not None and values["border_image_source"] is INITIAL:
            values["border_image_source"] = source
        elif parse_longhand("border_image_repeat", [token]) is not None:
            repeats.append(token)
        else:
            sized.append(token)
    if repeats:
        values["border_image_repeat"] = parse_longhand("border_image_repeat", repeats)
    parts = split(sized, "/") if sized else []
    for name, part in zip(_BORDER_IMAGE[1:4], parts, strict=False):
        if part or name != "border_image_width":
            values[name] = parse_longhand(name, part)
    return None if len(parts) > 3 or not tokens or None in values.values() else values


def _columns(tokens: Tokens) -> Values | None:
    kept = [token for token in tokens if ident(token) != "auto"]
    if len(tokens) > 2 or not tokens:
        return None
    if not kept:
        return {"column_width": INITIAL, "column_count": INITIAL}
    return any_order("column_count", "column_width")(kept)


_COLLAPSES = ("collapse", "preserve", "preserve-breaks", "preserve-spaces", "break-spaces")
_WHITE_SPACES = {
    "normal": ("collapse", "wrap"),
    "nowrap": ("collapse", "nowrap"),
    "pre": ("preserve", "nowrap"),
    "pre-wrap": ("preserve", "wrap"),
    "pre-line": ("preserve-breaks", "wrap"),
    "break-spaces": ("break-spaces", "wrap"),
}


def _white_space(tokens: Tokens) -> Values | None:
    """CSS Text 4, 3: the names of CSS 2, or the two longhands in any order."""
    names = [ident(token) for token in tokens]
    if len(names) == 1 and names[0] in _WHITE_SPACES:
        collapse, wrap = _WHITE_SPACES[str(names[0])]
        return {"white_space_collapse": collapse, "text_wrap_mode": wrap}
    return any_order("white_space_collapse", "text_wrap_mode")(tokens)


def _text_wrap(tokens: Tokens) -> Values | None:
    return any_order("text_wrap_mode", "text_wrap_style")(tokens)


_SYNTHESIS = tuple(f"font_synthesis_{part}" for part in ("weight", "style", "small_caps", "position"))


def _font_synthesis(tokens: Tokens) -> Values | None:
    names = [ident(token) for token in tokens]
    if names == ["none"]:
        return dict.fromkeys(_SYNTHESIS, "none")
    parts = ("weight", "style", "small-caps", "position")
    if not names or len(set(names)) != len(names) or any(name not in parts for name in names):
        return None
    return {name: "auto" if part in names else "none" for name, part in zip(_SYNTHESIS, parts, strict=True)}


def _background_position(tokens: Tokens) -> Values | None:
    found = layers(position)(tokens)
    if found is None:
        return None
    return {
        "background_position_x": tuple(across for across, _ in found),
        "background_position_y": tuple(down for _, down in found),
    }


def _flow(tokens: Tokens) -> Values | None:
    return any_order("flex_direction", "flex_wrap")(tokens)


BOX_SHORTHANDS: dict[str, Shorthand] = {
    "flex": Shorthand(_FLEX, _flex),
    "flex-flow": Shorthand(("flex_direction", "flex_wrap"), _flow),
    "gap": pair("row_gap", "column_gap"),
    "grid-gap": pair("row_gap", "column_gap"),
    "place-content": _place("align_content", "justify_content"),
    "place-items": _place("align_items", "justify_items"),
    "place-self": _place("align_self", "justify_self"),
    "grid-template": Shorthand(_TEMPLATE, _grid_template),
    "grid": Shorthand((*_TEMPLATE, *_AUTO), _grid),
    "grid-row": Shorthand(("grid_row_start", "grid_row_end"), _grid_lines("grid_row_start", "grid_row_end")),
    "grid-column": Shorthand(
        ("grid_column_start", "grid_column_end"), _grid_lines("grid_column_start", "grid_column_end")
    ),
    "grid-area": Shorthand(
        ("grid_row_start", "grid_column_start", "grid_row_end", "grid_column_end"),
        _grid_lines("grid_row_start", "grid_column_start", "grid_row_end", "grid_column_end"),
    ),
    "columns": Shorthand(("column_width", "column_count"), _columns),
    "column-rule": of_any_order("column_rule_width", "column_rule_style", "column_rule_color"),
    "outline": of_any_order("outline_width", "outline_style", "outline_color"),
    "border-image": Shorthand(_BORDER_IMAGE, _border_image),
    "background-position": Shorthand(("background_position_x", "background_position_y"), _background_position),
    "white-space": Shorthand(("white_space_collapse", "text_wrap_mode"), _white_space),
    "text-wrap": Shorthand(("text_wrap_mode", "text_wrap_style"), _text_wrap),
    "font-synthesis": Shorthand(_SYNTHESIS, _font_synthesis),
}
