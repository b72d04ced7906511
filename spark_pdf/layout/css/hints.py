"""Presentational hints: HTML attributes that mean CSS. Specification: HTML, chapter 15.

In: an element. Out: the block of declarations that its attributes stand for, which rank as author rules of no
specificity before all others; None without such attributes. `NAMES` says which attributes count on which element.
"""

from __future__ import annotations

import re
from typing import Any

import tinycss2

from spark_pdf.layout.css.colors import CURRENT_COLOR, color
from spark_pdf.layout.css.declarations import Block
from spark_pdf.layout.css.svg_hints import PRESENTATION, SVG_TAGS, presentation
from spark_pdf.layout.css.text_parsers import font_family
from spark_pdf.layout.css.tokens import significant
from spark_pdf.layout.dom import Element
from spark_pdf.layout.values import Color, Percentage, Url

Values = dict[str, Any]

_CELL = ("width", "height", "align", "valign", "bgcolor", "background", "nowrap")
_ROW = ("align", "valign", "bgcolor", "background", "height")
_REPLACED = ("width", "height", "align", "border", "hspace", "vspace")
NAMES: dict[str, tuple[str, ...]] = {
    "table": ("width", "height", "align", "bgcolor", "background", "border", "bordercolor", "cellpadding",
              "cellspacing"),
    "td": _CELL,
    "th": _CELL,
    "tr": _ROW,
    "thead": _ROW,
    "tbody": _ROW,
    "tfoot": _ROW,
    "col": ("width", "align", "valign"),
    "colgroup": ("width", "align", "valign"),
    "caption": ("align",),
    "img": _REPLACED,
    "object": _REPLACED,
    "embed": _REPLACED,
    "hr": ("width", "size", "align", "color", "noshade"),
    "font": ("color", "face", "size"),
    "body": ("bgcolor", "background", "text"),
    "ol": ("type",),
    "ul": ("type",),
    "li": ("type", "value"),
    "br": ("clear",),
    **dict.fromkeys(("div", "p", "h1", "h2", "h3", "h4", "h5", "h6"), ("align",)),
    **dict.fromkeys(SVG_TAGS, PRESENTATION),
    "svg": ("width", "height", *PRESENTATION),
}  # fmt: skip

_DIMENSION = re.compile(r"\s*(\d+(?:\.\d+)?)(%?)")
_ALIGNMENTS = {"left": "left", "right": "right", "center": "center", "middle": "center", "justify": "justify"}
_VERTICAL = {"top": "top", "middle": "middle", "bottom": "bottom", "baseline": "baseline", "absmiddle": "middle"}
_LIST_TYPES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_FONT_SIZES = (12.0, 12.0, 128 / 9, 16.0, 19.2, 24.0, 32.0, 48.0)


def hints(element: Element) -> Block | None:
    """The block that the element's attributes, and for cells those of the table, stand for."""
    values: Values = {}
    tag, attributes = element.tag, element.attributes
    if tag in ("td", "th"):
        _cell_of_table(element, values)
    elif tag in SVG_TAGS:
        return presentation(element)
    names = NAMES.get(tag)
    if names is not None:
        for name in names:
            text = attributes.get(name)
            if text is not None:
                _one(tag, name, text, values)
    return Block(tuple(values.items())) if values else None


def dimension(text: str) -> float | None:
    """HTML, 2.3.4.4: a number of px or a percentage; None if it is neither."""
    found = _DIMENSION.match(text)
    if found is None:
        return None
    number = min(float(found[1]), 1e7)
    return Percentage(number / 100) if found[2] else number


def legacy_color(text: str) -> Color | None:
    """A colour attribute: as CSS reads it, or six hexadecimal digits without their `#`."""
    text = text.strip()
    for attempt in (text, f"#{text}"):
        tokens = significant(tinycss2.parse_component_value_list(attempt))
        found = color(tokens[0]) if len(tokens) == 1 else None
        if found is not None and found is not CURRENT_COLOR:
            return found
    return None


def _one(tag: str, name: str, text: str, values: Values) -> None:
    if name in ("width", "height"):
        _size(name, text, values, zero=tag not in ("table", "td", "th", "col"))
    elif name == "align":
        _align(tag, text.strip().lower(), values)
    elif name == "valign" and text.strip().lower() in _VERTICAL:
        values["vertical_align"] = _VERTICAL[text.strip().lower()]
    elif name in ("bgcolor", "color", "text"):
        found = legacy_color(text)
        if found is not None:
            values["background_color" if name == "bgcolor" else "color"] = found
    elif name == "background" and text.strip():
        values["background_image"] = (Url(text.strip(), ""),)
    elif name == "nowrap":
        values["text_wrap_mode"] = "nowrap"
    elif tag == "table":
        _table(name, text, values)
    elif tag == "font":
        _font(name, text, values)
    else:
        _other(tag, name, text, values)


def _size(name: str, text: str, values: Values, *, zero: bool) -> None:
    found = dimension(text)
    if found is not None and (found or zero):
        values[name] = found


def _align(tag: str, side: str, values: Values) -> None:
    if tag in ("table", "hr"):
        if side in ("center", "middle"):
            values["margin_left"] = values["margin_right"] = "auto"
        elif side in ("left", "right"):
            values[f"margin_{side}"] = 0.0
            values["margin_left" if side == "right" else "margin_right"] = "auto"
    elif tag in ("img", "object", "embed"):
        known = {"top": "top", "middle": "middle", "absmiddle": "middle", "bottom": "baseline"}
        if side in known:
            values["vertical_align"] = known[side]
    elif tag == "caption" and side in ("top", "bottom"):
        values["caption_side"] = side
    elif side in _ALIGNMENTS:
        values["text_align"] = _ALIGNMENTS[side]


def _table(name: str, text: str, values: Values) -> None:
    if name == "cellspacing":
        found = dimension(text)
        if found is not None and not isinstance(found, Percentage):
            values["border_spacing"] = (found, found)
    elif name == "border" and _border_width(text):
        _borders(values, _border_width(text), "outset")
    elif name == "bordercolor":
        found_color = legacy_color(text)
        if found_color is not None:
            values.update({f"border_{side}_color": found_color for side in ("top", "right", "bottom", "left")})


def _border_width(text: str) -> float:
    """`border` without a number means 1 (HTML, 15.3.8)."""
    found = dimension(text)
    return 1.0 if found is None else float(found)


def _borders(values: Values, width: float, style: str) -> None:
    for side in ("top", "right", "bottom", "left"):
        values[f"border_{side}_width"] = width
        values[f"border_{side}_style"] = style


def _cell_of_table(element: Element, values: Values) -> None:
    table = element.parent
    while table is not None and table.tag != "table":
        table = table.parent
    if table is None:
        return
    padding = table.attributes.get("cellpadding")
    found = dimension(padding) if padding is not None else None
    if found is not None and not isinstance(found, Percentage):
        values.update({f"padding_{side}": found for side in ("top", "right", "bottom", "left")})
    border = table.attributes.get("border")
    if border is not None and _border_width(border):
        _borders(values, 1.0, "inset")


def _font(name: str, text: str, values: Values) -> None:
    if name == "face":
        tokens = significant(tinycss2.parse_component_value_list(text))
        families = font_family(tokens) if tokens else None
        if families:
            values["font_family"] = families
    elif name == "size":
        found = re.match(r"\s*([+-]?)(\d+)", text)
        if found:
            size = int(found[2])
            size = 3 + size if found[1] == "+" else 3 - size if found[1] == "-" else size
            values["font_size"] = _FONT_SIZES[min(7, max(1, size))]


def _other(tag: str, name: str, text: str, values: Values) -> None:
    found = dimension(text)
    if name == "border" and found:
        _borders(values, float(found), "solid")
    elif name in ("hspace", "vspace") and found is not None:
        for side in ("left", "right") if name == "hspace" else ("top", "bottom"):
            values[f"margin_{side}"] = found
    elif name == "size" and found is not None:
        values["height"] = max(0.0, found - 2)
    elif name == "noshade":
        values.update({f"border_{side}_style": "solid" for side in ("top", "right", "bottom", "left")})
    elif name == "type":
        kind = _LIST_TYPES.get(text.strip(), text.strip().lower())
        if kind in (*_LIST_TYPES.values(), "none", "disc", "circle", "square"):
            values["list_style_type"] = kind
    elif name == "value" and re.fullmatch(r"\s*-?\d+\s*", text):
        values["counter_set"] = (("list-item", int(text)),)
    elif name == "clear":
        side = {"all": "both"}.get(text.strip().lower(), text.strip().lower())
        if side in ("left", "right", "both"):
            values["clear"] = side
