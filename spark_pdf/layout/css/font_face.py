"""`@font-face`. Specification: CSS Fonts 4, 4.

In: the at-rule. Out: a `FontFace` for whoever loads fonts; None, and a warning, without a family or a source.
"""

from __future__ import annotations

from dataclasses import dataclass

import tinycss2

from spark_pdf.layout.css.declarations import Reporter
from spark_pdf.layout.css.parsers import url
from spark_pdf.layout.css.text_parsers import family_name, font_style, font_weight
from spark_pdf.layout.css.tokens import Token, Tokens, function_arguments, ident, significant, split
from spark_pdf.layout.values import Url


@dataclass(frozen=True, slots=True)
class FontSource:
    """One entry of `src`: a URL with its format ("" where none is given), or the name of a `local()` face."""

    url: Url | None
    format: str = ""
    local: str = ""


@dataclass(frozen=True, slots=True)
class FontFace:
    """A face to be loaded from the first of `sources` that can be. `weights` is a range, both ends included."""

    family: str
    sources: tuple[FontSource, ...]
    weights: tuple[int, int] = (400, 400)
    style: str = "normal"
    base: str = ""
    line: int = 0

    @property
    def weight(self) -> int:
        """The lightest of its weights."""
        return self.weights[0]


_LEFT_TO_THE_FONT = frozenset(
    ("font-display", "unicode-range", "font-stretch", "font-feature-settings", "size-adjust", "ascent-override",
     "descent-override", "line-gap-override", "font-variation-settings", "font-named-instance")
)  # fmt: skip


def parse_font_face(node: Token, reporter: Reporter) -> FontFace | None:
    """Read the descriptors of one `@font-face`."""
    family, weights, style = "", (400, 400), "normal"
    sources: tuple[FontSource, ...] = ()
    for item in tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True):
        if item.type != "declaration":
            reporter.warn("invalid_css", "not readable as a descriptor", item.source_line)
            continue
        tokens = significant(item.value)
        name = item.lower_name
        value: object = None
        if not tokens:
            pass
        elif name == "font-family":
            value = family = family_name(tokens) or ""
        elif name == "src":
            value = sources = _sources(tokens, reporter.base)
        elif name == "font-weight":
            value = found = _weights(tokens)
            weights = found or weights
        elif name == "font-style":
            value = found_style = font_style(tokens)
            style = found_style or style
        else:
            value = name in _LEFT_TO_THE_FONT
        if not value:
            reporter.warn("invalid_value", f"'{name}' of @font-face is not valid or not supported", item.source_line)
    if not family or not sources:
        reporter.warn("invalid_value", "@font-face needs font-family and src; it is dropped", node.source_line)
        return None
    return FontFace(family, sources, weights, style, reporter.base, node.source_line)


def _weights(tokens: Tokens) -> tuple[int, int] | None:
    values = [font_weight([token]) for token in tokens]
    if len(values) not in (1, 2) or not isinstance(values[0], int) or not isinstance(values[-1], int):
        return None
    return min(values[0], values[-1]), max(values[0], values[-1])


def _sources(tokens: Tokens, base: str) -> tuple[FontSource, ...]:
    """The entries that can be understood; others are passed over, as section 4.3 says."""
    found = [_source(part, base) for part in split(tokens) if part]
    return tuple(source for source in found if source is not None)


def _source(tokens: Tokens, base: str) -> FontSource | None:
    local = function_arguments(tokens[0], "local")
    if local:
        name = family_name(local)
        return FontSource(None, local=name) if name else None
    address = url(tokens[0])
    if address is None:
        return None
    hint = function_arguments(tokens[1], "format") if len(tokens) > 1 else None
    named = (hint[0].value if hint[0].type == "string" else ident(hint[0]) or "") if hint else ""
    return FontSource(Url(address.url, base), named.lower())
