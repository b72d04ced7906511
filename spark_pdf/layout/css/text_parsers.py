"""Parsers of fonts, lists and generated content. Specifications: CSS Fonts 4, Lists 3, Content 3, GCPM.

In: significant tokens. Out: the specified value, or None.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.parsers import custom_ident, url
from spark_pdf.layout.css.tokens import Token, Tokens, ident, split

FONT_SIZES = {
    "xx-small": 9.6,
    "x-small": 12.0,
    "small": 128 / 9,
    "medium": 16.0,
    "large": 19.2,
    "x-large": 24.0,
    "xx-large": 32.0,
    "xxx-large": 48.0,
}
FONT_STRETCHES = {
    "ultra-condensed": 0.5,
    "extra-condensed": 0.625,
    "condensed": 0.75,
    "semi-condensed": 0.875,
    "normal": 1.0,
    "semi-expanded": 1.125,
    "expanded": 1.25,
    "extra-expanded": 1.5,
    "ultra-expanded": 2.0,
}
COUNTER_STYLES = frozenset(
    [
        "none",
        "disc",
        "circle",
        "square",
        "decimal",
        "decimal-leading-zero",
        "lower-roman",
        "upper-roman",
        "lower-alpha",
        "upper-alpha",
        "lower-latin",
        "upper-latin",
        "lower-greek",
    ]
)


def family_name(tokens: Tokens) -> str | None:
    """One family: a string, or identifiers joined by a space."""
    if len(tokens) == 1 and tokens[0].type == "string":
        return str(tokens[0].value)
    if not tokens or any(token.type != "ident" for token in tokens):
        return None
    if len(tokens) == 1 and custom_ident(tokens[0]) is None:
        return None
    return " ".join(token.value for token in tokens)


def font_family(tokens: Tokens) -> tuple[str, ...] | None:
    """The families, in order of preference."""
    names = [family_name(part) for part in split(tokens)]
    return None if None in names else tuple(str(name) for name in names)


def font_size(tokens: Tokens) -> str | Specified | None:
    """px, something relative, or "larger"/"smaller"."""
    if len(tokens) != 1:
        return None
    name = ident(tokens[0])
    if name is not None:
        return name if name in ("larger", "smaller") else FONT_SIZES.get(name)
    return length(tokens[0])


def font_weight(tokens: Tokens) -> int | str | None:
    """1 to 1000, or "bolder"/"lighter"."""
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.type == "number":
        return round(token.value) if 1 <= token.value <= 1000 else None
    name = ident(token)
    return name if name in ("bolder", "lighter") else {"normal": 400, "bold": 700}.get(name or "")


def font_style(tokens: Tokens) -> str | None:
    """normal, italic or oblique; an angle of oblique is accepted, and the face's own one taken."""
    name = ident(tokens[0])
    angle = len(tokens) == 2 and name == "oblique" and tokens[1].type == "dimension" and tokens[1].lower_unit == "deg"
    return name if name in ("normal", "italic", "oblique") and (len(tokens) == 1 or angle) else None


def font_stretch(tokens: Tokens) -> float | None:
    """1.0 is normal."""
    if len(tokens) != 1:
        return None
    if tokens[0].type == "percentage":
        return float(tokens[0].value) / 100 if tokens[0].value >= 0 else None
    return FONT_STRETCHES.get(ident(tokens[0]) or "")


def font_feature_settings(tokens: Tokens) -> tuple[tuple[str, int], ...] | None:
    """(tag, value) pairs; "normal" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "normal":
        return ()
    settings: list[tuple[str, int]] = []
    for part in split(tokens):
        if not part or len(part) > 2 or part[0].type != "string" or len(part[0].value) != 4:
            return None
        value = _feature_value(part[1]) if len(part) == 2 else 1
        if value is None:
            return None
        settings.append((part[0].value, value))
    return tuple(settings)


def _feature_value(token: Token) -> int | None:
    if token.type == "number" and token.is_integer and token.int_value >= 0:
        return int(token.int_value)
    return {"on": 1, "off": 0}.get(ident(token) or "")


def font_variation_settings(tokens: Tokens) -> tuple[tuple[str, float], ...] | None:
    """(axis, value) pairs; "normal" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "normal":
        return ()
    parts = split(tokens)
    if any(len(part) != 2 or part[0].type != "string" or part[1].type != "number" for part in parts):
        return None
    return tuple((str(axis.value), float(value.value)) for axis, value in parts)


def vertical_align(tokens: Tokens) -> str | Specified | None:
    """CSS 2.2, 10.8.1."""
    if len(tokens) != 1:
        return None
    name = ident(tokens[0])
    if name is None:
        return length(tokens[0], negative=True)
    known = ("baseline", "sub", "super", "top", "text-top", "middle", "bottom", "text-bottom")
    return name if name in known else None


def list_style_type(tokens: Tokens) -> str | tuple[str, str] | None:
    """A counter style that can be formatted, or ("string", text)."""
    if len(tokens) != 1:
        return None
    if tokens[0].type == "string":
        return "string", tokens[0].value
    name = ident(tokens[0])
    return name if name in COUNTER_STYLES else None


def quotes(tokens: Tokens) -> str | tuple[tuple[str, str], ...] | None:
    """ "auto", "none" or pairs of quotation marks, the outermost first."""
    if len(tokens) == 1:
        name = ident(tokens[0])
        return name if name in ("auto", "none") else None
    if len(tokens) % 2 or any(token.type != "string" for token in tokens):
        return None
    marks = [str(token.value) for token in tokens]
    return tuple(zip(marks[::2], marks[1::2], strict=True))


def counters(default: int) -> Any:
    """`counter-reset` and its kin: (name, value) pairs; "none" is ()."""

    def parse(tokens: Tokens) -> tuple[tuple[str, int], ...] | None:
        if len(tokens) == 1 and ident(tokens[0]) == "none":
            return ()
        pairs: list[tuple[str, int]] = []
        for token in tokens:
            if token.type == "number" and token.is_integer and pairs and pairs[-1][1] is _UNSET:
                pairs[-1] = (pairs[-1][0], int(token.int_value))
            else:
                name = custom_ident(token, "none")
                if name is None:
                    return None
                pairs.append((name, _UNSET))
        return tuple((name, default if value is _UNSET else value) for name, value in pairs)

    return parse


_UNSET: Any = object()
_QUOTES = ("open-quote", "close-quote", "no-open-quote", "no-close-quote")


def content(tokens: Tokens) -> str | tuple[tuple[Any, ...], ...] | None:
    """`content`: "normal", "none" or items (see `style.ContentItem`)."""
    if len(tokens) == 1 and ident(tokens[0]) in ("normal", "none"):
        return ident(tokens[0])
    items = [content_item(token) for token in tokens]
    return None if None in items else tuple(item for item in items if item is not None)


def content_item(token: Token) -> tuple[Any, ...] | None:
    """One item of generated content."""
    if token.type == "string":
        return "string", token.value
    if ident(token) in _QUOTES:
        return "quote", ident(token)
    found = url(token)
    if found is not None:
        return "url", found
    if token.type != "function":
        return None
    arguments = split([t for t in token.arguments if t.type not in ("whitespace", "comment")])
    reader = _FUNCTIONS.get(token.lower_name)
    if reader is None or (token.lower_name != "content" and any(len(argument) != 1 for argument in arguments)):
        return None
    item: tuple[Any, ...] | None = reader([argument[0] if argument else None for argument in arguments])
    return item


def _counter(arguments: list[Token]) -> tuple[Any, ...] | None:
    name = custom_ident(arguments[0], "none")
    style = list_style_type(arguments[1:]) if len(arguments) == 2 else "decimal"
    return ("counter", name, style) if name and style and len(arguments) <= 2 else None


def _counters(arguments: list[Token]) -> tuple[Any, ...] | None:
    if len(arguments) not in (2, 3) or arguments[1].type != "string":
        return None
    name = custom_ident(arguments[0], "none")
    style = list_style_type(arguments[2:]) if len(arguments) == 3 else "decimal"
    return ("counters", name, arguments[1].value, style) if name and style else None


def _attribute(arguments: list[Token]) -> tuple[Any, ...] | None:
    name = ident(arguments[0])
    return ("attr", name) if name and len(arguments) == 1 else None


def _string(arguments: list[Token]) -> tuple[Any, ...] | None:
    name = custom_ident(arguments[0])
    which = ident(arguments[1]) if len(arguments) == 2 else "first"
    known = which in ("first", "start", "last", "first-except")
    return ("string-ref", name, which) if name and known and len(arguments) <= 2 else None


def _content(arguments: list[Token]) -> tuple[Any, ...] | None:
    which = "text" if arguments[0] is None else ident(arguments[0])
    return ("content", which) if which in ("text", "before", "after", "first-letter") and len(arguments) == 1 else None


_FUNCTIONS = {"counter": _counter, "counters": _counters, "attr": _attribute, "string": _string, "content": _content}


def string_set(tokens: Tokens) -> tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...] | None:
    """(name, items) pairs; "none" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    pairs: list[tuple[str, tuple[tuple[Any, ...], ...]]] = []
    for part in split(tokens):
        name = custom_ident(part[0], "none") if part else None
        items = content(part[1:]) if len(part) > 1 else None
        if name is None or not isinstance(items, tuple):
            return None
        pairs.append((name, items))
    return tuple(pairs)


def text_decoration_thickness(tokens: Tokens) -> str | Specified | None:
    """A length, a percentage of 1em, or a keyword."""
    if len(tokens) != 1:
        return None
    name = ident(tokens[0])
    if name is not None:
        return name if name in ("auto", "from-font") else None
    return length(tokens[0])


def page_name(tokens: Tokens) -> str | None:
    """`page`: "auto" or a page's name, in its case."""
    if len(tokens) != 1:
        return None
    return "auto" if ident(tokens[0]) == "auto" else custom_ident(tokens[0])
