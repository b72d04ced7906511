"""Shorthand properties: one value in, values of longhands out.

In: significant tokens. Out: specified values by attribute of `Style`, for every longhand of the shorthand (`INITIAL`
where the value says nothing), or None where the value is not valid.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.box_shorthands import (
    BOX_SHORTHANDS,
    Shorthand,
    Values,
    any_order,
    parse_longhand,
)
from spark_pdf.layout.css.logical import LOGICAL_SHORTHANDS
from spark_pdf.layout.css.parsers import four, position
from spark_pdf.layout.css.properties import BY_ATTRIBUTE, PROPERTIES, attribute_name
from spark_pdf.layout.css.text_parsers import FONT_STRETCHES
from spark_pdf.layout.css.tokens import Token, Tokens, ident, is_literal, split
from spark_pdf.layout.css.wide import INITIAL

_SIDES = ("top", "right", "bottom", "left")


def _four(pattern: str) -> Shorthand:
    """One to four values for the sides; `pattern` has the side's name at the brace."""
    names = tuple(pattern.format(side) for side in _SIDES)

    def expand(tokens: Tokens) -> Values | None:
        if not 1 <= len(tokens) <= 4:
            return None
        values = [parse_longhand(names[0], [token]) for token in tokens]
        if any(value is None for value in values):
            return None
        top, right, bottom, left = four(values)
        return dict(zip(names, (top, right, bottom, left), strict=True))

    return Shorthand(names, expand)


def _border(*sides: str) -> Shorthand:
    expand_side = any_order("border_top_width", "border_top_style", "border_top_color")
    longhands = tuple(f"border_{side}_{part}" for side in sides for part in ("width", "style", "color"))

    def expand(tokens: Tokens) -> Values | None:
        values = expand_side(tokens)
        if values is None:
            return None
        return {f"border_{side}_{part}": values[f"border_top_{part}"] for side in sides
                for part in ("width", "style", "color")}  # fmt: skip

    return Shorthand(longhands, expand)


_CORNERS = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))


def _expand_radius(tokens: Tokens) -> Values | None:
    halves = split(tokens, "/")
    if len(halves) > 2:
        return None
    axes = []
    for half in halves:
        pairs = [parse_longhand(_CORNERS[0], [token]) for token in half]
        if not 1 <= len(pairs) <= 4 or None in pairs:
            return None
        axes.append(four([pair[0] for pair in pairs]))
    return dict(zip(_CORNERS, zip(axes[0], axes[-1], strict=True), strict=True))


_DECORATION = ("text_decoration_line", "text_decoration_style", "text_decoration_color", "text_decoration_thickness")


def _expand_decoration(tokens: Tokens) -> Values | None:
    lines = [token for token in tokens if parse_longhand(_DECORATION[0], [token]) is not None]
    values: Values = dict.fromkeys(_DECORATION, INITIAL)
    if lines:
        values[_DECORATION[0]] = parse_longhand(_DECORATION[0], lines)
    rest = [token for token in tokens if token not in lines]
    others = any_order(*_DECORATION[1:])(rest) if rest else {}
    if others is None or values[_DECORATION[0]] is None:
        return None
    return {**values, **others}


_LIST = ("list_style_type", "list_style_position", "list_style_image")


def _expand_list_style(tokens: Tokens) -> Values | None:
    """`none` may be the type, the image, or both (CSS Lists 3, 3.4)."""
    nones = [token for token in tokens if ident(token) == "none"]
    others = [token for token in tokens if ident(token) != "none"]
    values = any_order("list_style_position", "list_style_image", "list_style_type")(others) if others else {}
    if values is None or len(nones) > 2:
        return None
    values = {name: values.get(name, INITIAL) for name in _LIST}
    if nones and values["list_style_type"] is INITIAL:
        values["list_style_type"] = "none"
    elif nones and values["list_style_image"] is not INITIAL:
        return None
    return values


_VARIANTS = (
    "font_variant_caps", "font_variant_ligatures", "font_variant_numeric", "font_variant_position",
    "font_variant_east_asian",
)  # fmt: skip


def _expand_variant(tokens: Tokens) -> Values | None:
    values: Values = dict.fromkeys(_VARIANTS, INITIAL)
    if len(tokens) == 1 and ident(tokens[0]) in ("normal", "none"):
        if ident(tokens[0]) == "none":
            values["font_variant_ligatures"] = ("none",)
        return values
    groups: dict[str, list[Token]] = {}
    for token in tokens:
        name = next((name for name in _VARIANTS if parse_longhand(name, [token]) is not None), None)
        if name is None or ident(token) in ("normal", "none"):
            return None
        groups.setdefault(name, []).append(token)
    for name, group in groups.items():
        values[name] = parse_longhand(name, group)
        if values[name] is None:
            return None
    return values


_FONT = (
    "font_style", "font_variant_caps", "font_weight", "font_stretch", "font_size", "line_height", "font_family",
    "font_variant_ligatures", "font_variant_numeric", "font_variant_position", "font_variant_east_asian",
    "font_kerning", "font_feature_settings", "font_variation_settings",
)  # fmt: skip
_SYSTEM_FONTS = ("caption", "icon", "menu", "message-box", "small-caption", "status-bar")


def _expand_font(tokens: Tokens) -> Values | None:
    values: Values = dict.fromkeys(_FONT, INITIAL)
    if len(tokens) == 1 and ident(tokens[0]) in _SYSTEM_FONTS:
        return {**values, "font_family": ("system-ui",)}
    at = 0
    while at < len(tokens) and at < 4:
        name = ident(tokens[at])
        if name == "normal":
            at += 1
            continue
        for longhand in ("font_style", "font_variant_caps", "font_weight", "font_stretch"):
            allowed = {"font_variant_caps": ("small-caps",), "font_stretch": FONT_STRETCHES}.get(longhand, (name,))
            value = parse_longhand(longhand, [tokens[at]]) if name in allowed else None
            if value is not None and values[longhand] is INITIAL:
                values[longhand] = value
                break
        else:
            break
        at += 1
        if name == "oblique" and at < len(tokens) and tokens[at].type == "dimension":
            angled = parse_longhand("font_style", tokens[at - 1 : at + 1])
            if angled is not None:
                values["font_style"] = angled
                at += 1
    return _expand_font_end(tokens[at:], values)


def _expand_font_end(tokens: Tokens, values: Values) -> Values | None:
    """Size, line height and families: what every `font` ends with."""
    values["font_size"] = parse_longhand("font_size", tokens[:1])
    rest = tokens[1:]
    if rest and is_literal(rest[0], "/"):
        values["line_height"] = parse_longhand("line_height", rest[1:2])
        rest = rest[2:]
    values["font_family"] = parse_longhand("font_family", rest)
    return None if None in (values["font_size"], values["line_height"], values["font_family"]) else values


_LAYERED = (
    "background_image", "background_position_x", "background_position_y", "background_size", "background_repeat",
    "background_attachment",
    "background_origin", "background_clip",
)  # fmt: skip


def _expand_background(tokens: Tokens) -> Values | None:
    parts = split(tokens)
    collected: dict[str, list[Any]] = {name: [] for name in _LAYERED}
    color: Any = INITIAL
    for index, part in enumerate(parts):
        layer = _background_layer(part)
        if layer is None or ("background_color" in layer and index < len(parts) - 1):
            return None
        color = layer.get("background_color", color)
        for name in _LAYERED:
            collected[name].append(layer[name] if name in layer else BY_ATTRIBUTE[name].initial[0])
    return {"background_color": color, **{name: tuple(values) for name, values in collected.items()}}


def _background_layer(tokens: Tokens) -> Values | None:
    """One layer; every item is a 1-tuple's content."""
    layer: Values = {}
    at = 0
    while at < len(tokens):
        taken = _position_and_size(tokens[at:], layer) or _layer_item(tokens[at:], layer)
        if not taken:
            return None
        at += taken
    if "background_origin" in layer and "background_clip" not in layer:
        layer["background_clip"] = layer["background_origin"]
    return layer if tokens else None


def _position_and_size(tokens: Tokens, layer: Values) -> int:
    """How many tokens the position at the front, and a size behind a slash, take."""
    if "background_position_x" in layer:
        return 0
    for count in (4, 3, 2, 1):
        place = position(tokens[:count]) if len(tokens) >= count else None
        if place is None:
            continue
        layer["background_position_x"], layer["background_position_y"] = place
        if len(tokens) <= count or not is_literal(tokens[count], "/"):
            return count
        for size_count in (2, 1):
            size_tokens = tokens[count + 1 : count + 1 + size_count]
            size = parse_longhand("background_size", size_tokens) if len(size_tokens) == size_count else None
            if size is not None:
                layer["background_size"] = size[0]
                return count + 1 + size_count
        return 0
    return 0


def _layer_item(tokens: Tokens, layer: Values) -> int:
    """How many tokens the image, repeat, attachment, box or colour at the front takes."""
    for name in ("background_image", "background_repeat", "background_attachment", "background_origin",
                 "background_clip", "background_color"):  # fmt: skip
        if name in layer:
            continue
        for count in (2, 1) if name == "background_repeat" else (1,):
            value = parse_longhand(name, tokens[:count]) if len(tokens) >= count else None
            if value is not None:
                layer[name] = value if name == "background_color" else value[0]
                return count
    return 0


def _expand_overflow(tokens: Tokens) -> Values | None:
    values = [parse_longhand("overflow_x", [token]) for token in tokens]
    if len(values) not in (1, 2) or None in values:
        return None
    return {"overflow_x": values[0], "overflow_y": values[-1]}


def _page_break(name: str) -> Shorthand:
    """CSS Fragmentation 3, 3.4: the names of CSS 2 are legacy shorthands; `always` is `page`."""

    def expand(tokens: Tokens) -> Values | None:
        keyword = ident(tokens[0]) if len(tokens) == 1 else None
        if keyword not in ("auto", "avoid", "always", "left", "right"):
            return None
        if name == "break_inside" and keyword not in ("auto", "avoid"):
            return None
        return {name: keyword}

    return Shorthand((name,), expand)


def _alias(name: str) -> Shorthand:
    attribute = attribute_name(name)

    def expand(tokens: Tokens) -> Values | None:
        value = PROPERTIES[name].parse(tokens)
        return None if value is None else {attribute: value}

    return Shorthand((attribute,), expand)


def _nothing(tokens: Tokens) -> None:
    """`all` takes the CSS-wide keywords only."""


_MARKERS = ("marker_start", "marker_mid", "marker_end")


def _expand_marker(tokens: Tokens) -> Values | None:
    """One reference for all three places."""
    value = PROPERTIES["marker-start"].parse(tokens)
    return None if value is None else dict.fromkeys(_MARKERS, value)


SHORTHANDS: dict[str, Shorthand] = {
    **BOX_SHORTHANDS,
    **LOGICAL_SHORTHANDS,
    "all": Shorthand(tuple(a for a in BY_ATTRIBUTE if a not in ("direction", "unicode_bidi")), _nothing),
    "margin": _four("margin_{}"),
    "padding": _four("padding_{}"),
    "inset": _four("{}"),
    "border-width": _four("border_{}_width"),
    "border-style": _four("border_{}_style"),
    "border-color": _four("border_{}_color"),
    "border": _border(*_SIDES),
    "border-top": _border("top"),
    "border-right": _border("right"),
    "border-bottom": _border("bottom"),
    "border-left": _border("left"),
    "border-radius": Shorthand(_CORNERS, _expand_radius),
    "background": Shorthand(("background_color", *_LAYERED), _expand_background),
    "font": Shorthand(_FONT, _expand_font),
    "font-variant": Shorthand(_VARIANTS, _expand_variant),
    "list-style": Shorthand(_LIST, _expand_list_style),
    "overflow": Shorthand(("overflow_x", "overflow_y"), _expand_overflow),
    "text-decoration": Shorthand(_DECORATION, _expand_decoration),
    "grid-row-gap": _alias("row-gap"),
    "grid-column-gap": _alias("column-gap"),
    "page-break-before": _page_break("break_before"),
    "page-break-after": _page_break("break_after"),
    "page-break-inside": _page_break("break_inside"),
    "word-wrap": _alias("overflow-wrap"),
    "font-width": _alias("font-stretch"),
    "marker": Shorthand(_MARKERS, _expand_marker),
}
