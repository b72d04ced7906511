"""Presentation attributes: SVG attributes that are CSS properties (SVG 2, 6.6).

In: an SVG element. Out: the block of declarations that its attributes stand for, which rank as author rules of no
specificity; None without any. Numbers without a unit are px there.
"""

from __future__ import annotations

from typing import Any

import tinycss2

from spark_pdf.layout.css.declarations import Block, Reporter, parse_declaration
from spark_pdf.layout.css.tokens import sane, too_deep
from spark_pdf.layout.dom import Element

PRESENTATION = (
    "alignment-baseline", "baseline-shift", "clip-path", "clip-rule", "color", "direction", "display",
    "dominant-baseline", "fill", "fill-opacity", "fill-rule", "font", "font-family", "font-feature-settings",
    "font-kerning", "font-size", "font-stretch", "font-style", "font-variant", "font-weight", "letter-spacing",
    "marker", "marker-end", "marker-mid", "marker-start", "mask", "mask-type", "mix-blend-mode", "opacity", "overflow",
    "paint-order", "stop-color", "stop-opacity", "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "text-decoration",
    "unicode-bidi", "vector-effect", "visibility", "white-space", "word-spacing",
)  # fmt: skip
"""Attributes that count on any SVG element."""

SVG_TAGS = frozenset((
    "svg", "g", "defs", "symbol", "use", "switch", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "text", "tspan", "textPath", "image", "linearGradient", "radialGradient", "stop", "pattern", "clipPath", "mask",
    "marker", "foreignObject",
))  # fmt: skip
"""Elements that are SVG's alone. `a` is HTML's too, and takes none of these."""


class _Silent(Reporter):
    """An attribute that is not valid says nothing, as in HTML."""

    def __init__(self) -> None:
        super().__init__("", {}, quotes=False)

    def warn(self, code: str, message: str, line: int) -> None:
        """Pass over it."""


_SILENT = _Silent()


def presentation(element: Element) -> Block | None:
    """The declarations of an element's presentation attributes."""
    values: dict[str, Any] = {}
    attributes = element.attributes
    if element.tag == "svg":
        _declare("width", attributes.get("width", ""), values)
        _declare("height", attributes.get("height", ""), values)
    for name in PRESENTATION:
        text = attributes.get(name)
        if text is not None:
            _declare(name, text, values)
    return Block(tuple(values.items())) if values else None


def _declare(name: str, text: str, values: dict[str, Any]) -> None:
    if not text:
        return
    nodes = tinycss2.parse_blocks_contents(sane(f"{name}:{text}"), skip_comments=True, skip_whitespace=True)
    if len(nodes) != 1 or nodes[0].type != "declaration" or nodes[0].important or too_deep(nodes[0].value):
        return
    node = nodes[0]
    node.value = [_unit(name, token) for token in node.value]
    values.update(parse_declaration(node, _SILENT))


_LENGTHS = frozenset(("font-size", "letter-spacing", "word-spacing", "width", "height"))


def _unit(name: str, token: Any) -> Any:
    """A number is px in an attribute that is a length."""
    if name not in _LENGTHS or token.type != "number":
        return token
    return tinycss2.ast.DimensionToken(
        token.source_line, token.source_column, token.value, token.int_value, f"{token.representation}px", "px"
    )
