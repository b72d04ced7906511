"""From what the cascade decided to a `Style`. Specification: CSS Cascade 5, 4 and 7.

In: the winning specified value of each declared property, and the style that is inherited from. Out: a new `Style`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spark_pdf.layout.css.colors import CURRENT_COLOR
from spark_pdf.layout.css.lengths import Computing
from spark_pdf.layout.css.properties import BY_ATTRIBUTE, ROWS
from spark_pdf.layout.css.shorthands import Wide
from spark_pdf.layout.style import Style, make_style
from spark_pdf.layout.values import BLACK

_INITIAL: dict[str, Any] = {
    **{row.attribute: row.initial for row in ROWS},
    "line_height_factor": None,
    "root_font_size": 16.0,
    "derived": None,
}
_INHERITED = (*(row.attribute for row in ROWS if row.inherited), "line_height_factor", "root_font_size")
_OF_CURRENT_COLOR = tuple(row.attribute for row in ROWS if row.initial is CURRENT_COLOR)
_SIDES = ("top", "right", "bottom", "left")
_BORDERS = tuple((f"border_{side}_width", f"border_{side}_style") for side in _SIDES)
_FIRST = ("color", "font_size")


def _initial_style() -> Style:
    values = dict(_INITIAL)
    values.update(dict.fromkeys(_OF_CURRENT_COLOR, BLACK))
    values.update({width: 0.0 for width, _ in _BORDERS})
    return make_style(values)


INITIAL_STYLE = _initial_style()
"""Every property at its initial value: what the root element inherits from."""


def compute_style(
    winners: Mapping[str, Any], parent: Style | None, viewport: tuple[float, float], *, is_root: bool = False
) -> Style:
    """A style of the declared values; everything else inherits or is initial."""
    base = parent if parent is not None else INITIAL_STYLE
    values = dict(_INITIAL)
    for attribute in _INHERITED:
        values[attribute] = getattr(base, attribute)
    computing = Computing(base, viewport)
    for attribute in _FIRST:
        if attribute in winners:
            values[attribute] = _value(attribute, winners[attribute], base, computing)
    computing.font_size, computing.color = values["font_size"], values["color"]
    if is_root:
        values["root_font_size"] = computing.root_font_size = computing.font_size
    for attribute, specified in winners.items():
        if attribute not in _FIRST:
            values[attribute] = _value(attribute, specified, base, computing)
    _finish(values, winners.get("line_height"))
    return make_style(values)


def _value(attribute: str, specified: Any, parent: Style, computing: Computing) -> Any:
    row = BY_ATTRIBUTE[attribute]
    if type(specified) is Wide:
        inherits = specified is Wide.INHERIT or (specified is not Wide.INITIAL and row.inherited)
        return getattr(parent, attribute) if inherits else row.initial
    return row.compute(specified, computing)


def _finish(values: dict[str, Any], line_height: Any) -> None:
    """What depends on several computed values."""
    for attribute in _OF_CURRENT_COLOR:
        if values[attribute] is CURRENT_COLOR:
            values[attribute] = values["color"]
    for width, style in _BORDERS:
        if values[style] in ("none", "hidden"):
            values[width] = 0.0
    if line_height is not None and type(line_height) is not Wide:
        values["line_height_factor"] = line_height[1] if type(line_height) is tuple else None
    elif line_height is Wide.INITIAL:
        values["line_height_factor"] = None
    if values["line_height_factor"] is not None:
        values["line_height"] = values["line_height_factor"] * values["font_size"]
    if (values["overflow_x"] in ("visible", "clip")) is not (values["overflow_y"] in ("visible", "clip")):
        for axis in ("overflow_x", "overflow_y"):  # CSS Overflow 3, 3.1: scrolling one axis clips the other
            values[axis] = {"visible": "auto", "clip": "hidden"}.get(values[axis], values[axis])
