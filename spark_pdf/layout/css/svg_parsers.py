"""Parsers of the properties that SVG adds to CSS. Specifications: SVG 2, chapters 11 to 14; CSS Masking 1.

In: the significant tokens of a value. Out: the specified value, or None. A plain number is a length in user units.
"""

from __future__ import annotations

from spark_pdf.layout.css.colors import color
from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.parsers import url
from spark_pdf.layout.css.tokens import Tokens, ident, is_literal
from spark_pdf.layout.values import Color, PaintServer, Url

_BASELINES = frozenset((
    "auto", "baseline", "text-bottom", "alphabetic", "ideographic", "middle", "central", "mathematical", "hanging",
    "text-top", "before-edge", "after-edge", "text-before-edge", "text-after-edge", "no-change", "reset-size",
    "use-script", "bottom", "center", "top",
))  # fmt: skip
_LAYERS = ("fill", "stroke", "markers")


def paint(tokens: Tokens) -> Color | PaintServer | str | None:
    """`fill` and `stroke`: none, a colour, or `url()` with a fallback."""
    if not tokens or len(tokens) > 2:
        return None
    found = url(tokens[0])
    if found is not None:
        fallback = _plain_paint(tokens[1:]) if len(tokens) == 2 else "none"
        return None if fallback is None else PaintServer(found, fallback)
    return _plain_paint(tokens)


def _plain_paint(tokens: Tokens) -> Color | str | None:
    if len(tokens) != 1:
        return None
    name = ident(tokens[0])
    return name if name in ("none", "context-fill", "context-stroke") else color(tokens[0])


def color_or_auto(tokens: Tokens) -> Color | str | None:
    """`accent-color` of form controls."""
    if len(tokens) != 1:
        return None
    return "auto" if ident(tokens[0]) == "auto" else color(tokens[0])


def length_or_number(tokens: Tokens) -> Specified | None:
    """`stroke-width`: a length, a percentage, or a number."""
    return length(tokens[0], number=True) if len(tokens) == 1 else None


def signed_length_or_number(tokens: Tokens) -> Specified | None:
    """`stroke-dashoffset`."""
    return length(tokens[0], number=True, negative=True) if len(tokens) == 1 else None


def miter_limit(tokens: Tokens) -> float | None:
    """A number of at least 1."""
    if len(tokens) != 1 or tokens[0].type != "number" or tokens[0].value < 1:
        return None
    return float(tokens[0].value)


def dashes(tokens: Tokens) -> tuple[Specified, ...] | None:
    """`stroke-dasharray`: lengths, with or without commas; `none` is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    values = [length(token, number=True) for token in tokens if not is_literal(token, ",")]
    kept = tuple([value for value in values if value is not None])
    return kept if kept and len(kept) == len(values) else None


def paint_order(tokens: Tokens) -> tuple[str, ...] | None:
    """All three layers in order; those that are not named follow in the usual one."""
    names = [ident(token) or "" for token in tokens]
    if names == ["normal"]:
        return _LAYERS
    if not names or len(set(names)) < len(names) or not set(names) <= set(_LAYERS):
        return None
    return (*names, *(name for name in _LAYERS if name not in names))


def reference(tokens: Tokens) -> tuple[Url | None] | None:
    """`url()` or `none`, in a tuple, so that `none` is a value."""
    if len(tokens) != 1:
        return None
    if ident(tokens[0]) == "none":
        return (None,)
    found = url(tokens[0])
    return None if found is None else (found,)


def baseline(tokens: Tokens) -> str | None:
    """`dominant-baseline` and `alignment-baseline`, of CSS Inline 3 and SVG 1.1."""
    name = ident(tokens[0]) if len(tokens) == 1 else None
    return name if name in _BASELINES else None


def baseline_shift(tokens: Tokens) -> Specified | str | None:
    """sub, super, or a length; percentages are of the line height, for which 1em stands here."""
    if len(tokens) != 1:
        return None
    name = ident(tokens[0])
    if name is not None:
        return 0.0 if name == "baseline" else name if name in ("sub", "super") else None
    return length(tokens[0], number=True, negative=True)
