"""Parsers of fonts, text and lists. Specifications: CSS Fonts 4, Text 4, Lists 3.

In: significant tokens. Out: the specified value, or None.
"""

from __future__ import annotations

from spark_pdf.layout.css.angles import number
from spark_pdf.layout.css.counter_styles import NAMES as COUNTER_STYLES
from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.parsers import custom_ident
from spark_pdf.layout.css.tokens import Parser, Token, Tokens, ident, split

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
    """normal, italic, oblique, or "oblique 20deg"."""
    name = ident(tokens[0])
    if len(tokens) == 1:
        return name if name in ("normal", "italic", "oblique") else None
    if len(tokens) != 2 or name != "oblique" or tokens[1].type != "dimension":
        return None
    factor = DEGREES.get(tokens[1].lower_unit)
    if factor is None or not -90 <= tokens[1].value * factor <= 90:
        return None
    return f"oblique {tokens[1].value * factor:g}deg"


DEGREES = {"deg": 1.0, "grad": 0.9, "rad": 57.29577951308232, "turn": 360.0}


def text_indent(tokens: Tokens) -> Specified | tuple[Specified, bool, bool] | None:
    """A length; with `hanging` or `each-line` a tuple of all three."""
    lengths = [token for token in tokens if ident(token) is None]
    words = [name for name in map(ident, tokens) if name is not None]
    if len(lengths) != 1 or len(set(words)) != len(words) or not set(words) <= {"hanging", "each-line"}:
        return None
    value = length(lengths[0], negative=True)
    return value if value is None or not words else (value, "hanging" in words, "each-line" in words)


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
    # Other names are those of `@counter-style` rules; without one they count in decimal.
    return name if name in COUNTER_STYLES else custom_ident(tokens[0])


def quotes(tokens: Tokens) -> str | tuple[tuple[str, str], ...] | None:
    """ "auto", "none" or pairs of quotation marks, the outermost first."""
    if len(tokens) == 1:
        name = ident(tokens[0])
        return name if name in ("auto", "none") else None
    if len(tokens) % 2 or any(token.type != "string" for token in tokens):
        return None
    marks = [str(token.value) for token in tokens]
    return tuple(zip(marks[::2], marks[1::2], strict=True))


def text_decoration_thickness(tokens: Tokens) -> str | Specified | None:
    """A length, a percentage of 1em, or a keyword."""
    if len(tokens) != 1:
        return None
    name = ident(tokens[0])
    if name is not None:
        return name if name in ("auto", "from-font") else None
    return length(tokens[0])


_PLACING = {
    f"-{vendor}-{side}": f"-align-{side}" for vendor in ("webkit", "moz") for side in ("center", "left", "right")
}
"""What `<center>` and `align` are in browsers' own sheets: blocks are placed as well (`computed.ALIGN`)."""


def text_align(standard: Parser) -> Parser:
    """`text-align`: the standard's keywords, and engines' own names for what HTML's `align` does, which mails use."""

    def parse(tokens: Tokens) -> str | None:
        placing = _PLACING.get(ident(tokens[0]) or "") if len(tokens) == 1 else None
        return placing or standard(tokens)

    return parse


def page_name(tokens: Tokens) -> str | None:
    """`page`: "auto" or a page's name, in its case."""
    if len(tokens) != 1:
        return None
    return "auto" if ident(tokens[0]) == "auto" else custom_ident(tokens[0])


def font_size_adjust(tokens: Tokens) -> str | float | tuple[str, float] | None:
    """ "none", "from-font", the wanted ex-height as a number, or (metric, number)."""
    if len(tokens) == 1 and ident(tokens[0]) in ("none", "from-font"):
        return ident(tokens[0])
    value = number(tokens[-1], 0)
    if value is None or len(tokens) > 2:
        return None
    if len(tokens) == 1:
        return value
    metric = ident(tokens[0])
    if metric not in ("ex-height", "cap-height", "ch-width", "ic-width", "ic-height"):
        return None
    return value if metric == "ex-height" else (metric, value)


def text_or(*keywords: str) -> Parser:
    """A string, or one of the keywords."""

    def parse(tokens: Tokens) -> str | None:
        if len(tokens) != 1:
            return None
        if tokens[0].type == "string":
            return str(tokens[0].value)
        name = ident(tokens[0])
        return name if name in keywords else None

    return parse


def hyphenate_limit_chars(tokens: Tokens) -> tuple[int, int, int] | None:
    """Characters of the word, before and after the break; "auto" is 5, 2, 2."""
    values: list[int] = []
    for token, default in zip(tokens, (5, 2, 2), strict=False):
        if ident(token) == "auto":
            values.append(default)
        elif token.type == "number" and token.is_integer and token.int_value >= 0:
            values.append(int(token.int_value))
        else:
            return None
    if not 1 <= len(tokens) <= 3:
        return None
    if len(values) == 1:
        values.append(2)
    return values[0], values[1], values[2] if len(values) == 3 else values[1]


def underline_position(tokens: Tokens) -> str | None:
    """ "auto", "from-font" or "under"; left and right are for vertical text."""
    names = [ident(token) for token in tokens]
    if not 1 <= len(names) <= 2 or any(name not in ("auto", "from-font", "under", "left", "right") for name in names):
        return None
    return next((str(name) for name in names if name in ("under", "from-font")), "auto")


def text_transform(tokens: Tokens) -> str | None:
    """A case, full-width and full-size-kana, in this order and joined by spaces."""
    names = [ident(token) for token in tokens]
    cases = [str(name) for name in names if name in ("uppercase", "lowercase", "capitalize")]
    widths = [str(name) for name in names if name in ("full-width", "full-size-kana")]
    if names in (["none"], ["math-auto"]):
        return "none"
    if len(cases) + len(widths) != len(names) or len(cases) > 1 or len(set(widths)) != len(widths) or not names:
        return None
    return " ".join([*cases, *sorted(widths, reverse=True)])
