"""`@font-face`. Specification: CSS Fonts 4, 4 and 7.

In: the at-rule. Out: a `FontFace` for whoever loads fonts; None, and a warning, without a family or a source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tinycss2

from spark_pdf.layout.css.declarations import Reporter
from spark_pdf.layout.css.parsers import url
from spark_pdf.layout.css.text_parsers import (
    DEGREES,
    family_name,
    font_feature_settings,
    font_stretch,
    font_variation_settings,
    font_weight,
)
from spark_pdf.layout.css.tokens import Token, Tokens, function_arguments, ident, significant, split
from spark_pdf.layout.values import Url
from spark_pdf.text.matching import PLAIN, FaceOptions, Ranges, slant_of


@dataclass(frozen=True, slots=True)
class FontSource:
    """One entry of `src`: a URL with its format ("" where none is given), or the name of a `local()` face.

    `shown`: False where the format, or what `tech()` asks for, is one that is not drawn.
    """

    url: Url | None
    format: str = ""
    local: str = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class FontFace:
    """A face to be loaded from the first of `sources` that can be. `weights` is a range, both ends included.

    `style` is written as in CSS: "normal", "italic", "oblique", "oblique 10deg 20deg".
    """

    family: str
    sources: tuple[FontSource, ...]
    weights: tuple[int, int] = (400, 400)
    style: str = "normal"
    base: str = ""
    line: int = 0
    options: FaceOptions = PLAIN

    @property
    def weight(self) -> int:
        """The lightest of its weights."""
        return self.weights[0]


_FORMATS = frozenset((
    "", "truetype", "opentype", "woff", "woff2", "collection", "truetype-variations", "opentype-variations",
    "woff-variations", "woff2-variations",
))  # fmt: skip
_TECHNOLOGIES = frozenset(("variations", "features-opentype", "incremental"))
"""Of `tech()`: colours, AAT, Graphite and palettes are not drawn."""


_FOREIGN = ("-", "mso-", "panose-1")
"""How descriptors begin that are not for us: `panose-1` was of CSS 2, others are vendors'."""


def parse_font_face(node: Token, reporter: Reporter) -> FontFace | None:
    """Read the descriptors of one `@font-face`."""
    family = ""
    sources: tuple[FontSource, ...] = ()
    found: dict[str, Any] = {}
    foreign = False
    for item in tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True):
        if item.type != "declaration":
            reporter.warn("invalid_css", "not readable as a descriptor", item.source_line)
            continue
        tokens = significant(item.value)
        name = item.lower_name
        value: Any = None
        if name == "font-family":
            value = family_name(tokens)
            family = value or family
        elif name == "src":
            value = _sources(tokens, reporter.base) or None
            sources = value or sources
        elif tokens and name in _DESCRIPTORS:
            value = _DESCRIPTORS[name](tokens)
            if value is not None:
                found[name] = value
        if value is None and name.startswith(_FOREIGN):
            foreign = True
        elif value is None:
            reporter.warn("invalid_value", f"'{name}' of @font-face is not valid or not supported", item.source_line)
    if foreign and family and not sources:
        return None  # a word processor notes which fonts it used
    if not family or not sources:
        reporter.warn("invalid_value", "@font-face needs font-family and src; it is dropped", node.source_line)
        return None
    weights = found.get("font-weight", "auto")
    style = found.get("font-style", "normal")
    return FontFace(
        family, sources, (400, 400) if weights == "auto" else weights, style, reporter.base, node.source_line,
        _options(found, weights == "auto" and found.get("font-stretch", "auto") == "auto"),
    )  # fmt: skip


def _options(found: dict[str, Any], auto: bool) -> FaceOptions:
    stretch = found.get("font-stretch", found.get("font-width", "auto"))
    ascent, descent, gap = (
        None if value == "normal" else value
        for value in (found.get(f"{name}-override", "normal") for name in ("ascent", "descent", "line-gap"))
    )
    return FaceOptions(
        stretch=(1.0, 1.0) if stretch == "auto" else stretch, auto=auto, ranges=found.get("unicode-range", ()),
        ascent=ascent, descent=descent, line_gap=gap, scale=found.get("size-adjust", 1.0),
        features=found.get("font-feature-settings", ()), variations=found.get("font-variation-settings", ()),
    )  # fmt: skip


def _weights(tokens: Tokens) -> tuple[int, int] | str | None:
    if len(tokens) == 1 and ident(tokens[0]) == "auto":
        return "auto"
    values = [font_weight([token]) for token in tokens]
    if len(values) not in (1, 2) or not isinstance(values[0], int) or not isinstance(values[-1], int):
        return None
    return min(values[0], values[-1]), max(values[0], values[-1])


def _stretches(tokens: Tokens) -> tuple[float, float] | str | None:
    if len(tokens) == 1 and ident(tokens[0]) == "auto":
        return "auto"
    values = [font_stretch([token]) for token in tokens]
    if len(values) not in (1, 2) or values[0] is None or values[-1] is None:
        return None
    return min(values[0], values[-1]), max(values[0], values[-1])


def _style(tokens: Tokens) -> str | None:
    """As written, with angles in degrees."""
    words = []
    for token in tokens:
        if token.type == "dimension" and token.lower_unit in DEGREES:
            words.append(f"{token.value * DEGREES[token.lower_unit]:g}deg")
        else:
            words.append(ident(token) or "?")
    text = "normal" if words == ["auto"] else " ".join(words)
    return text if slant_of(text) is not None else None


def _override(tokens: Tokens) -> float | str | None:
    if len(tokens) != 1:
        return None
    if ident(tokens[0]) == "normal":
        return "normal"
    return float(tokens[0].value) / 100 if tokens[0].type == "percentage" and tokens[0].value >= 0 else None


def _percentage(tokens: Tokens) -> float | None:
    value = _override(tokens)
    return value if isinstance(value, float) and value > 0 else None


def _ranges(tokens: Tokens) -> Ranges | None:
    """`unicode-range` (CSS Syntax 3, 7)."""
    found = []
    for part in split(tokens):
        if len(part) != 1 or part[0].type != "unicode-range" or part[0].start > part[0].end or part[0].end > 0x10FFFF:
            return None
        found.append((int(part[0].start), int(part[0].end)))
    return tuple(found)


def _display(tokens: Tokens) -> str | None:
    name = ident(tokens[0]) if len(tokens) == 1 else None
    return name if name in ("auto", "block", "swap", "fallback", "optional") else None


_DESCRIPTORS: dict[str, Callable[[Tokens], Any]] = {
    "font-weight": _weights,
    "font-stretch": _stretches,
    "font-width": _stretches,
    "font-style": _style,
    "unicode-range": _ranges,
    "ascent-override": _override,
    "descent-override": _override,
    "line-gap-override": _override,
    "size-adjust": _percentage,
    "font-feature-settings": font_feature_settings,
    "font-variation-settings": font_variation_settings,
    "font-display": _display,
}


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
    named, shown = "", True
    for token in tokens[1:]:
        hint, technologies = function_arguments(token, "format"), function_arguments(token, "tech")
        if hint:
            named = str(hint[0].value).lower() if hint[0].type == "string" else ident(hint[0]) or ""
            shown = shown and named in _FORMATS
        elif technologies:
            shown = shown and all(ident(part[0]) in _TECHNOLOGIES for part in split(technologies) if part)
        else:
            return None
    return FontSource(Url(address.url, base), named, shown=shown)
