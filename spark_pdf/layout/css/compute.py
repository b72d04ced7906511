"""From what the cascade decided to a `Style`. Specification: CSS Cascade 5, 4 and 7.

In: the winning specified value of each declared property, and the style that is inherited from. Out: a new `Style`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spark_pdf.layout.css.box_parsers import BLOCKIFIED
from spark_pdf.layout.css.colors import CURRENT_COLOR
from spark_pdf.layout.css.computed import ALIGN
from spark_pdf.layout.css.effect_parsers import clip_shape
from spark_pdf.layout.css.lengths import Computing, Font, Measure, half_an_em
from spark_pdf.layout.css.logical import INLINE, settled
from spark_pdf.layout.css.properties import BY_ATTRIBUTE, ROWS
from spark_pdf.layout.css.registered import Registry
from spark_pdf.layout.css.variables import NOTHING, Pending, Scope, custom_scope
from spark_pdf.layout.css.wide import Wide
from spark_pdf.layout.style import Style, make_style
from spark_pdf.layout.values import BLACK, Position

_INITIAL: dict[str, Any] = {
    **{row.attribute: row.initial for row in ROWS},
    "background_position": ((Position(0.0, 0.0), Position(0.0, 0.0)),),
    "white_space": "normal",
    "line_height_factor": None,
    "out_of_flow": "",
    "root_font_size": 16.0,
    "root_font": None,
    "align_blocks": "",
    "within_rtl": False,
    "custom": NOTHING,
    "special": False,
    "derived": None,
}
_INHERITED = (
    *(row.attribute for row in ROWS if row.inherited),
    "white_space",
    "line_height_factor",
    "root_font_size",
    "root_font",
    "align_blocks",
    "custom",
)
_OF_CURRENT_COLOR = tuple(row.attribute for row in ROWS if row.initial is CURRENT_COLOR and not row.inherited)
_SIDES = ("top", "right", "bottom", "left")
_BORDERS = (
    *((f"border_{side}_width", f"border_{side}_style") for side in _SIDES),
    ("outline_width", "outline_style"),
    ("column_rule_width", "column_rule_style"),
)
_WHITE_SPACE = {
    ("collapse", "wrap"): "normal",
    ("collapse", "nowrap"): "nowrap",
    ("preserve", "wrap"): "pre-wrap",
    ("preserve", "nowrap"): "pre",
    ("preserve-breaks", "wrap"): "pre-line",
    ("break-spaces", "wrap"): "break-spaces",
    ("preserve-spaces", "wrap"): "pre-wrap",
    ("preserve-breaks", "nowrap"): "pre-line",
}
_ITEMS_WITHIN = frozenset(("flex", "inline-flex", "grid", "inline-grid"))
_BLOCKS = frozenset(("block", "table", "list-item", "flow-root", "flex", "grid"))
_FIRST = ("color", "font_size", *Font._fields)
_EARLY = frozenset((*_FIRST, "line_height"))


def _initial_style() -> Style:
    values = dict(_INITIAL)
    values.update(dict.fromkeys(_OF_CURRENT_COLOR, BLACK))
    values.update({width: 0.0 for width, _ in _BORDERS})
    return make_style(values)


INITIAL_STYLE = _initial_style()
"""Every property at its initial value: what the root element inherits from."""


def compute_style(
    winners: Mapping[str, Any],
    parent: Style | None,
    viewport: tuple[float, float],
    *,
    is_root: bool = False,
    measure: Measure = half_an_em,
    registry: Registry | None = None,
) -> Style:
    """A style of the declared values; everything else inherits or is initial."""
    base = parent if parent is not None else INITIAL_STYLE
    values = dict(_INITIAL)
    for attribute in _INHERITED:
        values[attribute] = getattr(base, attribute)
    if registry is not None:
        own = {name: value for name, value in winners.items() if name[0] == "-"}
        values["custom"] = registry.scope(own, base.custom, is_root=parent is None)
        winners = {name: value for name, value in winners.items() if name not in own}
    winners = _settled(winners, base, values)
    computing = Computing(base, viewport, measure)
    for attribute in _FIRST:
        if attribute in winners:
            values[attribute] = _value(attribute, winners[attribute], base, computing)
    computing.font_size, computing.color = values["font_size"], values["color"]
    computing.font = Font(*[values[attribute] for attribute in Font._fields])
    if is_root:
        values["root_font_size"] = computing.root_font_size = computing.font_size
        computing.root = None
    if "line_height" in winners:
        values["line_height"] = _value("line_height", winners["line_height"], base, computing)
    _set_line_height(values, winners.get("line_height"))
    computing.line_height = None if values["line_height"].__class__ is str else values["line_height"]
    if is_root:
        values["root_font"] = computing.root = (computing.font, computing.line_height)
    for attribute, specified in winners.items():
        if attribute not in _EARLY:
            values[attribute] = _value(attribute, specified, base, computing)
    _finish(values)
    if "background_position_x" in winners or "background_position_y" in winners:
        values["background_position"] = _paired(values["background_position_x"], values["background_position_y"])
    if "white_space_collapse" in winners or "text_wrap_mode" in winners:
        pair = (values["white_space_collapse"], values["text_wrap_mode"])
        values["white_space"] = _WHITE_SPACE.get(pair, "pre")
    values["within_rtl"] = base.direction == "rtl"
    _place(values, base)
    _align_blocks(values, base, winners.get("text_align"))
    return make_style(values)


def _paired(across: tuple[Position, ...], down: tuple[Position, ...]) -> tuple[tuple[Position, Position], ...]:
    """Both axes of each layer; the shorter list repeats."""
    if len(across) == len(down):
        return tuple(zip(across, down, strict=True))
    count = max(len(across), len(down))
    return tuple((across[at % len(across)], down[at % len(down)]) for at in range(count))


def _place(values: dict[str, Any], parent: Style) -> None:
    """What position and float mean for each other and for `display` (CSS 2.2, 9.7; Flexbox 4; Grid 6)."""
    position, side = values["position"], values["float_"]
    if position in ("absolute", "fixed") or position.__class__ is tuple:
        side = values["float_"] = "none"
    elif side in ("inline-start", "inline-end"):
        side = values["float_"] = _sided(side, values["direction"])
    if values["clear"] in ("inline-start", "inline-end"):
        values["clear"] = _sided(values["clear"], values["direction"])
    if values["clip"] != "auto" and position in ("absolute", "fixed") and values["clip_path"] is None:
        values["clip_path"] = clip_shape(values["clip"])
    display = values["display"]
    item, absolute = parent.display in _ITEMS_WITHIN, position in ("absolute", "fixed")
    if (absolute or (side in ("left", "right") and not item)) and display not in ("none", "contents"):
        values["out_of_flow"] = display
    blockified = BLOCKIFIED.get(display)
    if blockified is not None and (side != "none" or absolute or item):
        values["display"] = blockified


def _align_blocks(values: dict[str, Any], parent: Style, text_align: Any) -> None:
    """HTML, 15.2: `<center>` and `align` also place the blocks within, as if `auto` margins did."""
    if text_align.__class__ is str:
        values["align_blocks"] = text_align[len(ALIGN) :] if text_align.startswith(ALIGN) else ""
    side = parent.align_blocks
    if not side or values["display"] not in _BLOCKS or values["position"] not in ("static", "relative"):
        return
    if values["float_"] == "none" and values["margin_left"] == 0 and values["margin_right"] == 0:
        if side != "left":
            values["margin_left"] = "auto"
        if side != "right":
            values["margin_right"] = "auto"


def _sided(keyword: str, direction: str) -> str:
    return "left" if (keyword == "inline-start") is (direction == "ltr") else "right"


def _value(attribute: str, specified: Any, parent: Style, computing: Computing) -> Any:
    row = BY_ATTRIBUTE[attribute]
    if type(specified) is Wide:
        inherits = specified is Wide.INHERIT or (specified is not Wide.INITIAL and row.inherited)
        return getattr(parent, attribute) if inherits else row.initial
    return row.compute(specified, computing)


def _settled(winners: Mapping[str, Any], base: Style, values: dict[str, Any]) -> Mapping[str, Any]:
    """Winners without custom properties, `var()` and logical names; the custom properties become the style's."""
    if not any(value.__class__ is Pending or name in INLINE or name[0] == "-" for name, value in winners.items()):
        return winners
    own = {name: value for name, value in winners.items() if name[0] == "-"}
    scope: Scope = values["custom"]
    if own:
        scope = values["custom"] = custom_scope(own, scope)
    kept = {
        name: value.value(name, scope) if value.__class__ is Pending else value
        for name, value in winners.items()
        if name not in own
    }
    if any(name in INLINE for name in kept):
        direction = kept.get("direction", base.direction)
        if direction.__class__ is Wide:
            direction = "ltr" if direction is Wide.INITIAL else base.direction
        kept = settled(kept, direction)
    return kept


def _set_line_height(values: dict[str, Any], line_height: Any) -> None:
    """A number is multiplied, and inherited as it is."""
    if line_height is not None and type(line_height) is not Wide:
        values["line_height_factor"] = line_height[1] if type(line_height) is tuple else None
    elif line_height is Wide.INITIAL:
        values["line_height_factor"] = None
    if values["line_height_factor"] is not None:
        values["line_height"] = values["line_height_factor"] * values["font_size"]


def _finish(values: dict[str, Any]) -> None:
    """What depends on several computed values."""
    values["special"] = bool(
        values["string_set"]
        or values["bookmark_level"] != "none"
        or values["float_"] == "footnote"
        or type(values["position"]) is tuple
    )
    for attribute in _OF_CURRENT_COLOR:
        if values[attribute] is CURRENT_COLOR:
            values[attribute] = values["color"]
    for width, style in _BORDERS:
        if values[style] in ("none", "hidden"):
            values[width] = 0.0
    if (values["overflow_x"] in ("visible", "clip")) is not (values["overflow_y"] in ("visible", "clip")):
        for axis in ("overflow_x", "overflow_y"):  # CSS Overflow 3, 3.1: scrolling one axis clips the other
            values[axis] = {"visible": "auto", "clip": "hidden"}.get(values[axis], values[axis])
