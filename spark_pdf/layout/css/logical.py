"""Logical properties, for lines from left to right or right to left and blocks downwards. CSS Logical Properties 1.

What the block axis decides is another name of a physical property. What the inline axis decides stands in the cascade
under a name of its own, because `direction` tells what it means; `settled` puts it in its place when a style is made.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.box_shorthands import Shorthand, Values, any_order, parse_longhand
from spark_pdf.layout.css.properties import PROPERTIES, attribute_name
from spark_pdf.layout.css.tokens import Tokens

_SIDES = {"start": ("left", "right"), "end": ("right", "left")}
_BLOCK = {"start": "top", "end": "bottom"}
_PARTS = ("width", "style", "color")


def _inline_names() -> dict[str, tuple[str, str]]:
    names: dict[str, tuple[str, str]] = {}
    for edge, (ltr, rtl) in _SIDES.items():
        for pattern in ("margin-{}", "padding-{}"):
            names[pattern.format(f"inline-{edge}")] = pattern.format(ltr), pattern.format(rtl)
        names[f"inset-inline-{edge}"] = ltr, rtl
        for part in _PARTS:
            names[f"border-inline-{edge}-{part}"] = f"border-{ltr}-{part}", f"border-{rtl}-{part}"
        for block, vertical in _BLOCK.items():
            names[f"border-{block}-{edge}-radius"] = (
                f"border-{vertical}-{ltr}-radius",
                f"border-{vertical}-{rtl}-radius",
            )
    return names


_INLINE_NAMES = _inline_names()
INLINE: dict[str, tuple[str, str]] = {
    attribute_name(name): (attribute_name(ltr), attribute_name(rtl)) for name, (ltr, rtl) in _INLINE_NAMES.items()
}
"""Attributes of the inline axis, and those they mean in lines from left to right and from right to left."""


def settled(winners: dict[str, Any], direction: str) -> dict[str, Any]:
    """Winning values with physical names, each at its place in the cascade."""
    rtl = direction == "rtl"
    found: dict[str, Any] = {}
    for name, value in winners.items():
        pair = INLINE.get(name)
        attribute = name if pair is None else pair[rtl]
        found.pop(attribute, None)
        found[attribute] = value
    return found


def _renamed(target: str, attribute: str) -> Shorthand:
    """A property that is read as another, and kept under a name."""

    def expand(tokens: Tokens) -> Values | None:
        value = PROPERTIES[target].parse(tokens) if tokens else None
        return None if value is None else {attribute: value}

    return Shorthand((attribute,), expand)


def _pair(target: str, start: str, end: str) -> Shorthand:
    """One or two values for both ends of an axis."""

    def expand(tokens: Tokens) -> Values | None:
        if not 1 <= len(tokens) <= 2:
            return None
        values = [parse_longhand(target, [token]) for token in tokens]
        return None if None in values else {start: values[0], end: values[-1]}

    return Shorthand((start, end), expand)


def _border(*attributes: tuple[str, str, str]) -> Shorthand:
    """Width, style and colour in any order, for each of the ends."""
    read = any_order("border_top_width", "border_top_style", "border_top_color")

    def expand(tokens: Tokens) -> Values | None:
        values = read(tokens)
        if values is None:
            return None
        parts = tuple(values.values())
        return {name: value for names in attributes for name, value in zip(names, parts, strict=True)}

    return Shorthand(tuple(name for names in attributes for name in names), expand)


def _logical_shorthands() -> dict[str, Shorthand]:
    found: dict[str, Shorthand] = {}
    for name, (ltr, _) in _INLINE_NAMES.items():
        found[name] = _renamed(ltr, attribute_name(name))
    for size, physical in (("inline-size", "width"), ("block-size", "height")):
        for bound in ("", "min-", "max-"):
            found[bound + size] = _renamed(bound + physical, attribute_name(bound + physical))
    for edge, side in _BLOCK.items():
        for box in ("margin", "padding"):
            found[f"{box}-block-{edge}"] = _renamed(f"{box}-{side}", f"{box}_{side}")
        found[f"inset-block-{edge}"] = _renamed(side, side)
        for part in _PARTS:
            found[f"border-block-{edge}-{part}"] = _renamed(f"border-{side}-{part}", f"border_{side}_{part}")
        found[f"border-block-{edge}"] = _border(_triple(f"border_{side}_{{}}"))
        found[f"border-inline-{edge}"] = _border(_triple(f"border_inline_{edge}_{{}}"))
    for box in ("margin", "padding"):
        found[f"{box}-block"] = _pair(f"{box}_top", f"{box}_top", f"{box}_bottom")
        found[f"{box}-inline"] = _pair(f"{box}_left", f"{box}_inline_start", f"{box}_inline_end")
    found["inset-block"] = _pair("top", "top", "bottom")
    found["inset-inline"] = _pair("left", "inset_inline_start", "inset_inline_end")
    for part in _PARTS:
        like = f"border_top_{part}"
        found[f"border-block-{part}"] = _pair(like, f"border_top_{part}", f"border_bottom_{part}")
        found[f"border-inline-{part}"] = _pair(like, f"border_inline_start_{part}", f"border_inline_end_{part}")
    found["border-block"] = _border(_triple("border_top_{}"), _triple("border_bottom_{}"))
    found["border-inline"] = _border(_triple("border_inline_start_{}"), _triple("border_inline_end_{}"))
    found["overflow-inline"] = _renamed("overflow-x", "overflow_x")
    found["overflow-block"] = _renamed("overflow-y", "overflow_y")
    return found


def _triple(pattern: str) -> tuple[str, str, str]:
    return pattern.format("width"), pattern.format("style"), pattern.format("color")


LOGICAL_SHORTHANDS: dict[str, Shorthand] = _logical_shorthands()
