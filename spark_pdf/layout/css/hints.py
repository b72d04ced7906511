"""Presentational hints: HTML attributes that mean CSS. Specification: HTML, chapter 15.

In: an element. Out: the block of declarations that its attributes stand for, which rank as author rules of no
specificity before all others; None without such attributes. `NAMES` says which attributes count on which element.
"""

from __future__ import annotations

import re
from typing import Any

import tinycss2

from spark_pdf.layout.css.colors import CURRENT_COLOR, color
from spark_pdf.layout.css.computed import ALIGN
from spark_pdf.layout.css.declarations import Block
from spark_pdf.layout.css.lengths import Relative
from spark_pdf.layout.css.svg_hints import PRESENTATION, SVG_TAGS, presentation
from spark_pdf.layout.css.text_parsers import font_family
from spark_pdf.layout.css.tokens import sane, significant
from spark_pdf.layout.dom import Element
from spark_pdf.layout.values import Color, Percentage, Url

Values = dict[str, Any]

_CELL = ("width", "height", "align", "valign", "bgcolor", "background", "nowrap")
_ROW = ("align", "valign", "bgcolor", "background", "height")
_MARGINS = {
    "marginheight": ("margin_top", "margin_bottom"),
    "marginwidth": ("margin_left", "margin_right"),
    "topmargin": ("margin_top",),
    "bottommargin": ("margin_bottom",),
    "leftmargin": ("margin_left",),
    "rightmargin": ("margin_right",),
}
_REPLACED = ("width", "height", "align", "border", "hspace", "vspace")
NAMES: dict[str, tuple[str, ...]] = {
    "table": ("width", "height", "align", "bgcolor", "background", "border", "bordercolor", "cellpadding",
              "cellspacing", "rules", "frame"),
    "td": _CELL,
    "th": _CELL,
    "tr": _ROW,
    "thead": _ROW,
    "tbody": _ROW,
    "tfoot": _ROW,
    "col": ("width", "align", "valign"),
    "colgroup": ("width", "align", "valign"),
    "caption": ("align",),
    **dict.fromkeys(("img", "object", "embed", "iframe", "video", "applet"), _REPLACED),
    "input": (*_REPLACED, "size"),
    "textarea": ("cols", "rows"),
    "canvas": ("width", "height"),
    "hr": ("width", "size", "align", "color", "noshade"),
    "font": ("color", "face", "size"),
    "body": ("bgcolor", "background", "text", "link", *_MARGINS),
    "pre": ("wrap",),
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
    elif tag == "center":
        values["text_align"] = f"{ALIGN}center"
    elif tag == "a" and "href" in attributes:
        _link(element, values)
    elif tag in ("tr", "thead", "tbody", "tfoot", "colgroup"):
        _within(element, values)
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
    """HTML, 2.3.7: the rules for a legacy colour value, by which nearly everything is a colour."""
    text = text.strip(" \t\n\f\r")
    if not text or text.lower() == "transparent":
        return None
    tokens = significant(tinycss2.parse_component_value_list(sane(text)))
    if len(tokens) == 1 and tokens[0].type == "ident":
        named = color(tokens[0])
        if named is not None and named is not CURRENT_COLOR:
            return named
    if re.fullmatch("#[0-9a-fA-F]{3}", text):
        r, g, b = (int(digit, 16) / 15 for digit in text[1:])
        return Color("srgb", (r, g, b))
    digits = "".join("00" if ord(character) > 0xFFFF else character for character in text)[:128].removeprefix("#")
    digits = re.sub("[^0-9a-fA-F]", "0", digits)
    digits = digits.ljust(max(3, -(-len(digits) // 3) * 3), "0")
    size = len(digits) // 3
    parts = [digits[at : at + size][-8:] for at in range(0, 3 * size, size)]
    while len(parts[0]) > 2 and all(part[0] == "0" for part in parts):
        parts = [part[1:] for part in parts]
    r, g, b = (int(part[:2], 16) / 255 for part in parts)
    return Color("srgb", (r, g, b))


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
            if tag == "hr":
                values.update({f"border_{side}_style": "solid" for side in _SIDES})
    elif name == "background" and text.strip():
        values["background_image"] = (Url(text.strip(), ""),)
    elif name == "nowrap":
        values["text_wrap_mode"] = "nowrap"
    elif name == "wrap":
        values.update(white_space_collapse="preserve", text_wrap_mode="wrap")
    elif name in _MARGINS:
        found_size = dimension(text)
        values.update({side: found_size for side in _MARGINS[name] if found_size is not None})
    elif tag == "table":
        _table(name, text, values)
    elif name in _CONTROLS and tag in ("input", "textarea"):
        _control(name, text, values)
    elif tag == "font":
        _font(name, text, values)
    else:
        _other(tag, name, text, values)


_CONTROLS = {"size": ("width", "ch"), "cols": ("width", "ch"), "rows": ("height", "lh")}


def _control(name: str, text: str, values: Values) -> None:
    """Sizes of form controls in characters and lines (HTML, 15.5.4 and 15.5.17)."""
    if re.fullmatch(r"\s*\d{1,5}\s*", text) and int(text) > 0:
        attribute, unit = _CONTROLS[name]
        values[attribute] = Relative(float(text), unit)


def _size(name: str, text: str, values: Values, *, zero: bool) -> None:
    found = dimension(text)
    if found is not None and (found or zero):
        values[name] = found


_FLOATING = ("img", "object", "embed", "iframe", "video", "input", "applet")
_BASELINES = {
    "top": "top", "texttop": "text-top", "middle": "middle", "absmiddle": "middle", "abscenter": "middle",
    "center": "middle", "bottom": "baseline", "baseline": "baseline", "absbottom": "bottom",
}  # fmt: skip
_ALIGN_ALL = ("div", "thead", "tbody", "tfoot", "tr", "td", "th")
"""Elements whose `align` is also for the blocks in them (HTML, 15.3.3 and 15.3.8: "align descendants")."""


def _align(tag: str, side: str, values: Values) -> None:
    if tag in ("table", "hr"):
        if side in ("center", "middle", "abscenter", "absmiddle"):
            values["margin_left"] = values["margin_right"] = "auto"
        elif side in ("left", "right") and tag == "table":
            values["float_"] = side
        elif side in ("left", "right"):
            values[f"margin_{side}"] = 0.0
            values["margin_left" if side == "right" else "margin_right"] = "auto"
    elif tag in _FLOATING:
        if side in ("left", "right"):
            values["float_"] = side
        elif side in _BASELINES:
            values["vertical_align"] = _BASELINES[side]
    elif tag == "caption":
        if side in ("top", "bottom"):
            values["caption_side"] = side
    elif side in _ALIGNMENTS:
        prefix = ALIGN if tag in _ALIGN_ALL and side != "justify" else ""
        values["text_align"] = prefix + _ALIGNMENTS[side]


_SIDES = ("top", "right", "bottom", "left")
_RULES = {
    "none": (), "groups": (), "rows": (), "cols": ("left", "right"), "all": _SIDES,
}  # fmt: skip
"""The sides on which `rules` gives each cell a line."""
_FRAMES: dict[str, tuple[str, ...]] = {
    "void": (), "above": ("top",), "below": ("bottom",), "hsides": ("top", "bottom"), "lhs": ("left",),
    "rhs": ("right",), "vsides": ("left", "right"), "box": _SIDES, "border": _SIDES,
}  # fmt: skip


def _table(name: str, text: str, values: Values) -> None:
    if name == "cellspacing":
        found = dimension(text)
        if found is not None and not isinstance(found, Percentage):
            values["border_spacing"] = (found, found)
    elif name == "border" and _border_width(text):
        _borders(values, _border_width(text), "outset")
    elif name == "rules" and text.strip().lower() in _RULES:
        values.update({f"border_{side}_style": "hidden" for side in _SIDES if f"border_{side}_width" not in values})
        values["border_collapse"] = "collapse"
    elif name == "frame" and text.strip().lower() in _FRAMES:
        shown = _FRAMES[text.strip().lower()]
        for side in _SIDES:
            values[f"border_{side}_style"] = "outset" if side in shown else "hidden"
            values.setdefault(f"border_{side}_width", 1.0)
    elif name == "bordercolor":
        found_color = legacy_color(text)
        if found_color is not None:
            values.update({f"border_{side}_color": found_color for side in _SIDES})


def _border_width(text: str) -> float:
    """`border` without a number means 1 (HTML, 15.3.8)."""
    found = dimension(text)
    return 1.0 if found is None else float(found)


def _borders(values: Values, width: float, style: str) -> None:
    for side in _SIDES:
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
        values.update({f"padding_{side}": found for side in _SIDES})
    border = table.attributes.get("border")
    rules = table.attributes.get("rules", "").strip().lower()
    if rules in _RULES:
        values.update({f"border_{side}_width": 1.0 for side in _SIDES})
        values.update({f"border_{side}_style": "solid" if side in _RULES[rules] else "none" for side in _SIDES})
    elif border is not None and _border_width(border):
        _borders(values, 1.0, "inset")


def _within(element: Element, values: Values) -> None:
    """What `rules` of the table around an element gives it: lines between rows or groups."""
    parent = element.parent
    if parent is None:
        return
    table = parent if parent.tag == "table" else parent.parent
    rules = table.attributes.get("rules", "").strip().lower() if table is not None and table.tag == "table" else ""
    groups = element.tag == "colgroup" or element.tag != "tr"
    if (rules == "rows" and not groups) or (rules == "groups" and groups):
        for side in ("left", "right") if element.tag == "colgroup" else ("top", "bottom"):
            values[f"border_{side}_width"] = 1.0
            values[f"border_{side}_style"] = "solid"


def _link(element: Element, values: Values) -> None:
    """The colour of links that the body's `link` asks for."""
    body = element.parent
    while body is not None and body.tag != "body":
        body = body.parent
    text = body.attributes.get("link") if body is not None else None
    found = legacy_color(text) if text is not None else None
    if found is not None:
        values["color"] = found


def _font(name: str, text: str, values: Values) -> None:
    if name == "face":
        tokens = significant(tinycss2.parse_component_value_list(sane(text)))
        families = font_family(tokens) if tokens else None
        if families:
            values["font_family"] = families
    elif name == "size":
        found = re.match(r"\s*([+-]?)(\d{1,9})", text)
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
        if found == 1:
            values["border_bottom_width"] = 0.0
    elif name == "noshade":
        values.update({f"border_{side}_style": "solid" for side in _SIDES})
    elif name == "type":
        kind = _LIST_TYPES.get(text.strip(), text.strip().lower())
        if kind in (*_LIST_TYPES.values(), "none", "disc", "circle", "square"):
            values["list_style_type"] = kind
    elif name == "value" and re.fullmatch(r"\s*-?\d{1,9}\s*", text):
        values["counter_set"] = (("list-item", int(text)),)
    elif name == "clear":
        side = {"all": "both"}.get(text.strip().lower(), text.strip().lower())
        if side in ("left", "right", "both"):
            values["clear"] = side
