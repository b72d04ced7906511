"""The table of properties: what each one's initial value is, whether it inherits, how it is parsed and computed.

To add a property, add its row here and its attribute with a type in `style.Style`; where no parser fits, write one in
`parsers` or `text_parsers`; a test holds both lists equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spark_pdf.layout.css import computed as c
from spark_pdf.layout.css import parsers as p
from spark_pdf.layout.css import svg_parsers as s
from spark_pdf.layout.css import text_parsers as t
from spark_pdf.layout.css.colors import CURRENT_COLOR, parse_color
from spark_pdf.layout.css.lengths import Computing
from spark_pdf.layout.css.tokens import Parser
from spark_pdf.layout.values import BLACK, TRANSPARENT, Position

Compute = Callable[[Any, Computing], Any]


@dataclass(frozen=True, slots=True)
class Property:
    """One longhand. `initial` is a computed value; `attribute` is its name in `Style`."""

    name: str
    initial: Any
    inherited: bool
    parse: Parser
    compute: Compute = c.resolve

    @property
    def attribute(self) -> str:
        """The CSS name as a Python name (`float` would hide the type)."""
        return attribute_name(self.name)


def attribute_name(name: str) -> str:
    """The slot of `Style` for a CSS name."""
    return "float_" if name == "float" else name.replace("-", "_")


_AUTO_LENGTH = p.length_or("auto")
_MARGIN = p.length_or("auto", negative=True)
_PADDING = p.length_or()
_MAXIMUM = p.length_or("none")
_BORDER_STYLE = p.keyword("none", "hidden", "solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset")
_RADIUS = p.lengths_pair(percentage=True)
_BREAK = p.keyword(
    "auto", "avoid", "page", "left", "right", "recto", "verso", "avoid-page", "column", "avoid-column", "always"
)
_DISPLAY = p.keyword(
    "none", "contents", "block", "inline", "inline-block", "list-item", "flow-root", "table", "inline-table",
    "table-row", "table-row-group", "table-header-group", "table-footer-group", "table-cell", "table-column",
    "table-column-group", "table-caption",
)  # fmt: skip
_OVERFLOW = p.keyword("visible", "hidden", "clip", "scroll", "auto")
_BOXES = p.layers(p.keyword("border-box", "padding-box", "content-box"))
_TOP_LEFT = (Position(0.0, 0.0), Position(0.0, 0.0))
_CENTER = (Position(0.5, 0.0), Position(0.5, 0.0))
_ALIGNMENTS = ("start", "end", "left", "right", "center", "justify")
_LIGATURES = p.keywords_set(
    ("common-ligatures", "no-common-ligatures"),
    ("discretionary-ligatures", "no-discretionary-ligatures"),
    ("historical-ligatures", "no-historical-ligatures"),
    ("contextual", "no-contextual"),
    alone=("none",),
)
_NUMERIC = p.keywords_set(
    ("lining-nums", "oldstyle-nums"),
    ("proportional-nums", "tabular-nums"),
    ("diagonal-fractions", "stacked-fractions"),
    ("ordinal",),
    ("slashed-zero",),
)
_EAST_ASIAN = p.keywords_set(
    ("jis78", "jis83", "jis90", "jis04", "simplified", "traditional"),
    ("full-width", "proportional-width"),
    ("ruby",),
)
_CAPS = p.keyword("normal", "small-caps", "all-small-caps", "petite-caps", "all-petite-caps", "unicase", "titling-caps")
_SIDES = ("top", "right", "bottom", "left")
_CORNERS = ("top-left", "top-right", "bottom-right", "bottom-left")
INHERITED, RESET = True, False

ROWS: tuple[Property, ...] = (
    # Display and position
    Property("display", "inline", RESET, _DISPLAY),
    Property("position", "static", RESET, p.keyword("static", "relative")),
    Property("float", "none", RESET, p.keyword("none")),
    Property("clear", "none", RESET, p.keyword("none", "left", "right", "both")),
    *(Property(side, "auto", RESET, _MARGIN) for side in _SIDES),
    Property("z-index", "auto", RESET, p.integer(keywords=("auto",))),
    Property("visibility", "visible", INHERITED, p.keyword("visible", "hidden", "collapse")),
    Property("overflow-x", "visible", RESET, _OVERFLOW),
    Property("overflow-y", "visible", RESET, _OVERFLOW),
    Property("opacity", 1.0, RESET, p.opacity),
    # Box
    Property("box-sizing", "content-box", RESET, p.keyword("content-box", "border-box")),
    Property("width", "auto", RESET, _AUTO_LENGTH),
    Property("height", "auto", RESET, _AUTO_LENGTH),
    Property("min-width", "auto", RESET, _AUTO_LENGTH),
    Property("min-height", "auto", RESET, _AUTO_LENGTH),
    Property("max-width", "none", RESET, _MAXIMUM),
    Property("max-height", "none", RESET, _MAXIMUM),
    *(Property(f"margin-{side}", 0.0, RESET, _MARGIN) for side in _SIDES),
    *(Property(f"padding-{side}", 0.0, RESET, _PADDING) for side in _SIDES),
    *(Property(f"border-{side}-width", 3.0, RESET, p.border_width) for side in _SIDES),
    *(Property(f"border-{side}-style", "none", RESET, _BORDER_STYLE) for side in _SIDES),
    *(Property(f"border-{side}-color", CURRENT_COLOR, RESET, parse_color) for side in _SIDES),
    *(Property(f"border-{corner}-radius", (0.0, 0.0), RESET, _RADIUS) for corner in _CORNERS),
    # Colour and background
    Property("color", BLACK, INHERITED, parse_color, c.color),
    Property("background-color", TRANSPARENT, RESET, parse_color),
    Property("background-image", (None,), RESET, p.background_image),
    Property("background-repeat", (("repeat", "repeat"),), RESET, p.layers(p.repeat_layer)),
    Property("background-position", (_TOP_LEFT,), RESET, p.layers(p.position)),
    Property("background-size", (("auto", "auto"),), RESET, p.layers(p.size_layer)),
    Property("background-origin", ("padding-box",), RESET, _BOXES),
    Property("background-clip", ("border-box",), RESET, _BOXES),
    Property("background-attachment", ("scroll",), RESET, p.layers(p.keyword("scroll", "fixed", "local"))),
    # Font
    Property("font-family", ("serif",), INHERITED, t.font_family),
    Property("font-size", 16.0, INHERITED, t.font_size, c.font_size),
    Property("font-style", "normal", INHERITED, t.font_style),
    Property("font-weight", 400, INHERITED, t.font_weight, c.font_weight),
    Property("font-stretch", 1.0, INHERITED, t.font_stretch),
    Property("font-kerning", "auto", INHERITED, p.keyword("auto", "normal", "none")),
    Property("font-variant-caps", "normal", INHERITED, _CAPS),
    Property("font-variant-ligatures", (), INHERITED, _LIGATURES),
    Property("font-variant-numeric", (), INHERITED, _NUMERIC),
    Property("font-variant-position", "normal", INHERITED, p.keyword("normal", "sub", "super")),
    Property("font-variant-east-asian", (), INHERITED, _EAST_ASIAN),
    Property("font-feature-settings", (), INHERITED, t.font_feature_settings),
    Property("font-variation-settings", (), INHERITED, t.font_variation_settings),
    Property("line-height", "normal", INHERITED, p.ratio_or_normal_line_height, c.line_height),
    # Text
    Property("text-align", "start", INHERITED, p.keyword(*_ALIGNMENTS)),
    Property("text-align-last", "auto", INHERITED, p.keyword("auto", *_ALIGNMENTS)),
    Property("text-indent", 0.0, INHERITED, p.length_or(negative=True)),
    Property("text-transform", "none", INHERITED, p.keyword("none", "uppercase", "lowercase", "capitalize")),
    Property(
        "text-decoration-line", (), RESET,
        p.keywords_set(("underline",), ("overline",), ("line-through",), empty="none"),
    ),
    Property("text-decoration-style", "solid", RESET, p.keyword("solid", "double", "dotted", "dashed", "wavy")),
    Property("text-decoration-color", CURRENT_COLOR, RESET, parse_color),
    Property("text-decoration-thickness", "auto", RESET, t.text_decoration_thickness),
    Property("text-underline-offset", "auto", INHERITED, p.length_or("auto", negative=True)),
    Property("letter-spacing", 0.0, INHERITED, p.spacing),
    Property("word-spacing", 0.0, INHERITED, p.spacing),
    Property("vertical-align", "baseline", RESET, t.vertical_align),
    Property(
        "white-space", "normal", INHERITED,
        p.keyword("normal", "nowrap", "pre", "pre-wrap", "pre-line", "break-spaces"),
    ),
    Property("overflow-wrap", "normal", INHERITED, p.keyword("normal", "anywhere", "break-word")),
    Property("word-break", "normal", INHERITED, p.keyword("normal", "break-all", "keep-all", "break-word")),
    Property("line-break", "auto", INHERITED, p.keyword("auto", "loose", "normal", "strict", "anywhere")),
    Property("hyphens", "manual", INHERITED, p.keyword("none", "manual", "auto")),
    Property("direction", "ltr", INHERITED, p.keyword("ltr", "rtl")),
    Property(
        "unicode-bidi", "normal", RESET,
        p.keyword("normal", "embed", "isolate", "bidi-override", "isolate-override", "plaintext"),
    ),
    Property("tab-size", 8.0, INHERITED, p.tab_size),
    Property("quotes", "auto", INHERITED, t.quotes),
    # Lists and generated content
    Property("list-style-type", "disc", INHERITED, t.list_style_type),
    Property("list-style-position", "outside", INHERITED, p.keyword("outside", "inside")),
    Property("list-style-image", None, INHERITED, p.one_image, c.unwrapped),
    Property("content", "normal", RESET, t.content),
    Property("counter-reset", (), RESET, t.counters(0)),
    Property("counter-increment", (), RESET, t.counters(1)),
    Property("counter-set", (), RESET, t.counters(0)),
    Property("string-set", (), RESET, t.string_set),
    # Tables
    Property("table-layout", "auto", RESET, p.keyword("auto", "fixed")),
    Property("border-collapse", "separate", INHERITED, p.keyword("separate", "collapse")),
    Property("border-spacing", (0.0, 0.0), INHERITED, p.lengths_pair(percentage=False)),
    Property("caption-side", "top", INHERITED, p.keyword("top", "bottom")),
    Property("empty-cells", "show", INHERITED, p.keyword("show", "hide")),
    # Pages
    Property("break-before", "auto", RESET, _BREAK, c.page_break),
    Property("break-after", "auto", RESET, _BREAK, c.page_break),
    Property("break-inside", "auto", RESET, p.keyword("auto", "avoid", "avoid-page", "avoid-column")),
    Property("widows", 2, INHERITED, p.integer(1)),
    Property("orphans", 2, INHERITED, p.integer(1)),
    Property("page", "auto", RESET, t.page_name),
    Property("box-decoration-break", "slice", RESET, p.keyword("slice", "clone")),
    # Replaced elements
    Property("object-fit", "fill", RESET, p.keyword("fill", "contain", "cover", "none", "scale-down")),
    Property("object-position", _CENTER, RESET, p.position),
    # SVG
    Property("fill", BLACK, INHERITED, s.paint),
    Property("fill-opacity", 1.0, INHERITED, p.opacity),
    Property("fill-rule", "nonzero", INHERITED, p.keyword("nonzero", "evenodd")),
    Property("stroke", "none", INHERITED, s.paint),
    Property("stroke-opacity", 1.0, INHERITED, p.opacity),
    Property("stroke-width", 1.0, INHERITED, s.length_or_number),
    Property("stroke-linecap", "butt", INHERITED, p.keyword("butt", "round", "square")),
    Property("stroke-linejoin", "miter", INHERITED, p.keyword("miter", "miter-clip", "round", "bevel", "arcs")),
    Property("stroke-miterlimit", 4.0, INHERITED, s.miter_limit),
    Property("stroke-dasharray", (), INHERITED, s.dashes),
    Property("stroke-dashoffset", 0.0, INHERITED, s.signed_length_or_number),
    Property("paint-order", ("fill", "stroke", "markers"), INHERITED, s.paint_order),
    Property("clip-rule", "nonzero", INHERITED, p.keyword("nonzero", "evenodd")),
    Property("clip-path", None, RESET, s.reference, c.unwrapped),
    Property("mask", None, RESET, s.reference, c.unwrapped),
    Property("mask-type", "luminance", RESET, p.keyword("luminance", "alpha")),
    *(Property(f"marker-{place}", None, INHERITED, s.reference, c.unwrapped) for place in ("start", "mid", "end")),
    Property("stop-color", BLACK, RESET, parse_color),
    Property("stop-opacity", 1.0, RESET, p.opacity),
    Property("text-anchor", "start", INHERITED, p.keyword("start", "middle", "end")),
    Property("dominant-baseline", "auto", INHERITED, s.baseline),
    Property("alignment-baseline", "baseline", RESET, s.baseline),
    Property("baseline-shift", 0.0, RESET, s.baseline_shift),
    Property("vector-effect", "none", RESET, p.keyword("none", "non-scaling-stroke")),
)  # fmt: skip

PROPERTIES: dict[str, Property] = {row.name: row for row in ROWS}
BY_ATTRIBUTE: dict[str, Property] = {row.attribute: row for row in ROWS}

WITHOUT_EFFECT_ON_PAPER = frozenset(
    (
        "animation",
        "animation-delay",
        "animation-direction",
        "animation-duration",
        "animation-fill-mode",
        "animation-iteration-count",
        "animation-name",
        "animation-play-state",
        "animation-timing-function",
        "appearance",
        "caret-color",
        "color-adjust",
        "color-interpolation",
        "color-interpolation-filters",
        "color-rendering",
        "color-scheme",
        "cursor",
        "forced-color-adjust",
        "image-rendering",
        "overscroll-behavior",
        "pointer-events",
        "print-color-adjust",
        "resize",
        "scroll-behavior",
        "shape-rendering",
        "speak",
        "text-rendering",
        "touch-action",
        "transition",
        "transition-delay",
        "transition-duration",
        "transition-property",
        "transition-timing-function",
        "user-select",
        "will-change",
    )
)
"""Known, parsed by nobody, and no reason for a warning: on paper they say nothing. So do vendors' prefixed names."""
