"""Display, position, alignment and sizes of boxes. CSS Display 3, Box Alignment 3, Flexbox 1, Sizing 4, GCPM 3.

In: significant tokens. Out: the specified value, or None.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.parsers import custom_ident, four, length_or, slash_split
from spark_pdf.layout.css.tokens import Parser, Token, Tokens, function_arguments, ident
from spark_pdf.layout.values import Factor

DISPLAYS = frozenset((
    "none", "contents", "block", "inline", "inline-block", "list-item", "flow-root", "table", "inline-table", "flex",
    "inline-flex", "grid", "inline-grid", "table-row", "table-row-group", "table-header-group", "table-footer-group",
    "table-cell", "table-column", "table-column-group", "table-caption",
))  # fmt: skip
_PREFIXED = {"-webkit-flex": "flex", "-webkit-inline-flex": "inline-flex", "-ms-grid": "grid"}
_INSIDE = ("flow", "flow-root", "table", "flex", "grid")
_INLINE = {"flow": "inline", "flow-root": "inline-block", "table": "inline-table", "flex": "inline-flex",
           "grid": "inline-grid"}  # fmt: skip


def display(tokens: Tokens) -> str | None:
    """One keyword, also where two or three say it: `inline flow-root` is inline-block (CSS Display 3, 2.7)."""
    names = [ident(token) or "" for token in tokens]
    if len(names) == 1:
        name = _PREFIXED.get(names[0], names[0])
        return "block" if name == "flow" else name if name in DISPLAYS else None
    outside = [name for name in names if name in ("block", "inline")]
    inside = [name for name in names if name in _INSIDE]
    item = names.count("list-item")
    if len(outside) + len(inside) + item != len(names) or max(len(outside), len(inside), item) > 1:
        return None
    kind = inside[0] if inside else "flow"
    if item:
        return "list-item" if kind in ("flow", "flow-root") and outside != ["inline"] else None
    return _INLINE[kind] if outside == ["inline"] else "block" if kind == "flow" else kind


BLOCKIFIED = {
    "inline": "block",
    "inline-block": "block",
    "inline-table": "table",
    "inline-flex": "flex",
    "inline-grid": "grid",
    **dict.fromkeys(
        (
            "table-row",
            "table-row-group",
            "table-header-group",
            "table-footer-group",
            "table-cell",
            "table-column",
            "table-column-group",
            "table-caption",
        ),
        "block",
    ),
}
"""What `display` computes to where a box must be block-level (CSS Display 3, 2.7)."""


def position_scheme(tokens: Tokens) -> str | tuple[str, str] | None:
    """`position`: a keyword, or ("running", name). On paper nothing scrolls: sticky is relative."""
    if len(tokens) != 1:
        return None
    arguments = function_arguments(tokens[0], "running")
    if arguments is not None:
        name = custom_ident(arguments[0]) if len(arguments) == 1 else None
        return None if name is None else ("running", name)
    name = ident(tokens[0])
    if name in ("sticky", "-webkit-sticky"):
        return "relative"
    return name if name in ("static", "relative", "absolute", "fixed") else None


def aspect_ratio(tokens: Tokens) -> str | float | tuple[str, float] | None:
    """ "auto", a ratio of width to height, or ("auto", ratio): replaced elements then keep their own."""
    kept = [token for token in tokens if ident(token) != "auto"]
    autos = len(tokens) - len(kept)
    if autos > 1 or (autos and kept and ident(tokens[0]) != "auto" and ident(tokens[-1]) != "auto"):
        return None
    if not kept:
        return "auto" if autos else None
    across, down = slash_split(kept)
    sides = [*across, *(down if down is not None else [])]
    if any(side.type != "number" or side.value < 0 for side in sides) or len(across) != 1:
        return None
    if down is not None and len(down) != 1:
        return None
    values = [float(side.value) for side in sides]
    if 0.0 in values:
        return "auto"
    ratio = values[0] / values[1] if len(values) == 2 else values[0]
    return ("auto", ratio) if autos else ratio


_SELF = ("center", "start", "end", "self-start", "self-end", "flex-start", "flex-end")
_DISTRIBUTED = ("space-between", "space-around", "space-evenly", "stretch")


def alignment(*keywords: str, baseline: bool = True, positions: tuple[str, ...] = _SELF) -> Parser:
    """`justify-*` and `align-*`: a keyword of `keywords`, a baseline ("baseline", "last baseline"), or a position.

    Of `safe` and `unsafe` before a position only "safe" is kept: "safe center".
    """
    single = (*keywords, *positions)

    def parse(tokens: Tokens) -> str | None:
        names = [ident(token) or "" for token in tokens]
        if len(names) == 1:
            return names[0] if names[0] in single or (baseline and names[0] == "baseline") else None
        if len(names) != 2:
            return None
        if names[0] in ("safe", "unsafe"):
            if names[1] not in positions:
                return None
            return names[1] if names[0] == "unsafe" else f"safe {names[1]}"
        if baseline and "baseline" in names and ("first" in names or "last" in names):
            return "baseline" if "first" in names else "last baseline"
        return None

    return parse


_CONTENT = ("center", "start", "end", "flex-start", "flex-end")
justify_content: Parser = alignment("normal", *_DISTRIBUTED, baseline=False, positions=(*_CONTENT, "left", "right"))
align_content: Parser = alignment("normal", *_DISTRIBUTED, positions=_CONTENT)
align_items: Parser = alignment("normal", "stretch")
align_self: Parser = alignment("auto", "normal", "stretch")
_justify_items: Parser = alignment("normal", "stretch", positions=(*_SELF, "left", "right"))
justify_self: Parser = alignment("auto", "normal", "stretch", positions=(*_SELF, "left", "right"))


def justify_items(tokens: Tokens) -> str | None:
    """As `justify-self`; what `legacy` says to descendants is left out."""
    names = [ident(token) for token in tokens]
    if names == ["legacy"]:
        return "normal"
    if len(names) == 2 and "legacy" in names:
        tokens = [token for token in tokens if ident(token) != "legacy"]
    value: str | None = _justify_items(tokens)
    return value


def size(*keywords: str) -> Parser:
    """A size, never negative: length, percentage, or a keyword, those of content among them."""
    plain = length_or(*keywords, "min-content", "max-content", "fit-content", "stretch")

    def parse(tokens: Tokens) -> Any:
        if len(tokens) != 1:
            return None
        if tokens[0].type == "ident":
            name = _FITTING.get(tokens[0].lower_value)
            if name is not None:
                return name
        return plain(tokens)

    return parse


_FITTING = {
    "-webkit-fit-content": "fit-content",
    "-moz-fit-content": "fit-content",
    "-webkit-min-content": "min-content",
    "-webkit-max-content": "max-content",
    "-moz-min-content": "min-content",
    "-moz-max-content": "max-content",
    "-webkit-fill-available": "stretch",
    "-moz-available": "stretch",
    "fill-available": "stretch",
}


def bounded_number(minimum: float) -> Parser:
    """A number, not below `minimum`."""

    def parse(tokens: Tokens) -> float | None:
        token = tokens[0]
        number = len(tokens) == 1 and token.type == "number" and token.value >= minimum
        return float(token.value) if number else None

    return parse


def factors_or_lengths(*keywords: str, percentage: bool = True) -> Parser:
    """One to four of: a number as `Factor`, a length, a keyword; as a 4-tuple (`border-image-width`, `-outset`)."""

    def one(token: Token) -> Specified | str | None:
        if token.type == "number":
            return Factor(token.value) if token.value >= 0 else None
        name = ident(token)
        return name if name in keywords else length(token, percentage=percentage)

    def parse(tokens: Tokens) -> tuple[Any, ...] | None:
        values = [one(token) for token in tokens]
        return None if not 1 <= len(values) <= 4 or None in values else tuple(four(values))

    return parse


def text_overflow(tokens: Tokens) -> str | tuple[str, str] | None:
    """At the end of the line: "clip", "ellipsis" or ("string", text). Of two values the second is the end's."""
    values: list[Any] = []
    for token in tokens:
        if token.type == "string":
            values.append(("string", token.value))
        else:
            values.append(ident(token) if ident(token) in ("clip", "ellipsis") else None)
    if not 1 <= len(values) <= 2 or None in values:
        return None
    end: str | tuple[str, str] = values[-1]
    return end
