"""The table of properties: what each one's initial value is, whether it inherits, how it is parsed and computed.

To add a property, add its row here and its attribute with a type in `style.Style`; where no parser fits, write one in
`parsers` or `text_parsers`; a test holds both lists equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spark_pdf.layout.css import box_parsers as b
from spark_pdf.layout.css import computed as c
from spark_pdf.layout.css import content_parsers as g
from spark_pdf.layout.css import effect_parsers as e
from spark_pdf.layout.css import grid_parsers as grid
from spark_pdf.layout.css import image_parsers as i
from spark_pdf.layout.css import parsers as p
from spark_pdf.layout.css import svg_parsers as s
from spark_pdf.layout.css import text_parsers as t
from spark_pdf.layout.css.colors import CURRENT_COLOR, parse_color
from spark_pdf.layout.css.lengths import Computing
from spark_pdf.layout.css.tokens import Parser
from spark_pdf.layout.values import BLACK, TRANSPARENT, Factor, Percentage, Position, Track

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


_SIZE = b.size("auto")
_MARGIN = p.length_or("auto", negative=True)
_PADDING = p.length_or()
_MAXIMUM = b.size("none")
_GAP = p.length_or("normal")
_BORDER_STYLE = p.keyword("none", "hidden", "solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset")
_RADIUS = p.lengths_pair(percentage=True)
_BREAK = p.keyword(
    "auto", "avoid", "page", "left", "right", "recto", "verso", "avoid-page", "column", "avoid-column", "always"
)
_OVERFLOW = p.keyword("visible", "hidden", "clip", "scroll", "auto")
_LINE_STYLE = p.keyword("auto", "none", "solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset")
_BLEND_MODES = (
    "normal", "multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn", "hard-light",
    "soft-light", "difference", "exclusion", "hue", "saturation", "color", "luminosity",
)  # fmt: skip
_CLIPS = p.layers(p.keyword("border-box", "padding-box", "content-box", "text"))
_BOXES = p.layers(p.keyword("border-box", "padding-box", "content-box"))
_CENTER = (Position(0.5, 0.0), Position(0.5, 0.0))
_ALIGNMENTS = ("start", "end", "left", "right", "center", "justify")
_text_align = t.text_align(p.keyword(*_ALIGNMENTS, "justify-all", "match-parent", c.TH))
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
    Property("display", "inline", RESET, b.display),
    Property("position", "static", RESET, b.position_scheme),
    Property("float", "none", RESET, p.keyword("none", "left", "right", "inline-start", "inline-end", "footnote")),
    Property("clear", "none", RESET, p.keyword("none", "left", "right", "both", "inline-start", "inline-end")),
    *(Property(side, "auto", RESET, _MARGIN) for side in _SIDES),
    Property("z-index", "auto", RESET, p.integer(keywords=("auto",))),
    Property("visibility", "visible", INHERITED, p.keyword("visible", "hidden", "collapse")),
    Property("overflow-x", "visible", RESET, _OVERFLOW),
    Property("overflow-y", "visible", RESET, _OVERFLOW),
    Property("opacity", 1.0, RESET, p.opacity),
    Property("mix-blend-mode", "normal", RESET, p.keyword(*_BLEND_MODES)),
    Property("isolation", "auto", RESET, p.keyword("auto", "isolate")),
    Property("transform", (), RESET, e.transform),
    Property("transform-origin", _CENTER, RESET, e.transform_origin),
    Property("transform-box", "view-box", RESET, p.keyword("content-box", "border-box", "fill-box", "stroke-box",
                                                           "view-box")),
    Property("translate", (), RESET, e.translate),
    Property("rotate", 0.0, RESET, e.rotate),
    Property("scale", (), RESET, e.scale),
    Property("clip", "auto", RESET, e.clip),
    # Box
    Property("box-sizing", "content-box", RESET, p.keyword("content-box", "border-box")),
    Property("width", "auto", RESET, _SIZE),
    Property("height", "auto", RESET, _SIZE),
    Property("min-width", "auto", RESET, _SIZE),
    Property("min-height", "auto", RESET, _SIZE),
    Property("max-width", "none", RESET, _MAXIMUM),
    Property("max-height", "none", RESET, _MAXIMUM),
    Property("aspect-ratio", "auto", RESET, b.aspect_ratio),
    *(Property(f"margin-{side}", 0.0, RESET, _MARGIN) for side in _SIDES),
    *(Property(f"padding-{side}", 0.0, RESET, _PADDING) for side in _SIDES),
    *(Property(f"border-{side}-width", 3.0, RESET, p.border_width) for side in _SIDES),
    *(Property(f"border-{side}-style", "none", RESET, _BORDER_STYLE) for side in _SIDES),
    *(Property(f"border-{side}-color", CURRENT_COLOR, RESET, parse_color) for side in _SIDES),
    *(Property(f"border-{corner}-radius", (0.0, 0.0), RESET, _RADIUS) for corner in _CORNERS),
    Property("border-image-source", None, RESET, i.one_image, c.unwrapped),
    Property("border-image-slice", ((Percentage(1.0),) * 4, False), RESET, i.border_image_slice),
    Property("border-image-width", (Factor(1.0),) * 4, RESET, b.factors_or_lengths("auto")),
    Property("border-image-outset", (Factor(0.0),) * 4, RESET, b.factors_or_lengths(percentage=False)),
    Property("border-image-repeat", ("stretch", "stretch"), RESET, p.keyword_pair("stretch", "repeat", "round",
                                                                                  "space")),
    Property("box-shadow", (), RESET, e.shadows(box=True)),
    Property("outline-width", 3.0, RESET, p.border_width),
    Property("outline-style", "none", RESET, _LINE_STYLE),
    Property("outline-color", CURRENT_COLOR, RESET, p.outline_color),
    Property("outline-offset", 0.0, RESET, p.length_or(percentage=False, negative=True)),
    # Flexible boxes and grids
    Property("flex-direction", "row", RESET, p.keyword("row", "row-reverse", "column", "column-reverse")),
    Property("flex-wrap", "nowrap", RESET, p.keyword("nowrap", "wrap", "wrap-reverse")),
    Property("flex-grow", 0.0, RESET, b.bounded_number(0)),
    Property("flex-shrink", 1.0, RESET, b.bounded_number(0)),
    Property("flex-basis", "auto", RESET, b.size("auto", "content")),
    Property("order", 0, RESET, p.integer()),
    Property("justify-content", "normal", RESET, b.justify_content),
    Property("justify-items", "normal", RESET, b.justify_items),
    Property("justify-self", "auto", RESET, b.justify_self),
    Property("align-content", "normal", RESET, b.align_content),
    Property("align-items", "normal", RESET, b.align_items),
    Property("align-self", "auto", RESET, b.align_self),
    Property("row-gap", "normal", RESET, _GAP),
    Property("column-gap", "normal", RESET, _GAP),
    Property("grid-template-columns", "none", RESET, grid.track_list),
    Property("grid-template-rows", "none", RESET, grid.track_list),
    Property("grid-template-areas", "none", RESET, grid.areas),
    Property("grid-auto-columns", (Track("auto", "auto"),), RESET, grid.auto_tracks),
    Property("grid-auto-rows", (Track("auto", "auto"),), RESET, grid.auto_tracks),
    Property("grid-auto-flow", "row", RESET, grid.auto_flow),
    Property("grid-row-start", "auto", RESET, grid.grid_line),
    Property("grid-row-end", "auto", RESET, grid.grid_line),
    Property("grid-column-start", "auto", RESET, grid.grid_line),
    Property("grid-column-end", "auto", RESET, grid.grid_line),
    # Columns
    Property("column-count", "auto", RESET, p.integer(1, keywords=("auto",))),
    Property("column-width", "auto", RESET, p.length_or("auto", percentage=False)),
    Property("column-rule-width", 3.0, RESET, p.border_width),
    Property("column-rule-style", "none", RESET, _BORDER_STYLE),
    Property("column-rule-color", CURRENT_COLOR, RESET, parse_color),
    Property("column-span", "none", RESET, p.keyword("none", "all")),
    Property("column-fill", "balance", RESET, p.keyword("balance", "auto", "balance-all")),
    # Colour and background
    Property("color", BLACK, INHERITED, parse_color, c.color),
    Property("background-color", TRANSPARENT, RESET, parse_color),
    Property("background-image", (None,), RESET, i.background_image),
    Property("background-repeat", (("repeat", "repeat"),), RESET, p.layers(p.repeat_layer)),
    Property("background-position-x", (Position(0.0, 0.0),), RESET, p.layers(p.position_x)),
    Property("background-position-y", (Position(0.0, 0.0),), RESET, p.layers(p.position_y)),
    Property("background-size", (("auto", "auto"),), RESET, p.layers(p.size_layer)),
    Property("background-origin", ("padding-box",), RESET, _BOXES),
    Property("background-clip", ("border-box",), RESET, _CLIPS),
    Property("background-attachment", ("scroll",), RESET, p.layers(p.keyword("scroll", "fixed", "local"))),
    Property("background-blend-mode", ("normal",), RESET, p.layers(p.keyword(*_BLEND_MODES))),
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
    Property("font-variant-emoji", "normal", INHERITED, p.keyword("normal", "text", "emoji", "unicode")),
    Property("font-optical-sizing", "auto", INHERITED, p.keyword("auto", "none")),
    Property("font-size-adjust", "none", INHERITED, t.font_size_adjust),
    Property("font-language-override", "normal", INHERITED, t.text_or("normal")),
    *(
        Property(f"font-synthesis-{part}", "auto", INHERITED, p.keyword("auto", "none"))
        for part in ("weight", "style", "small-caps", "position")
    ),
    Property("line-height", "normal", INHERITED, p.ratio_or_normal_line_height, c.line_height),
    # Text
    Property(
        "text-align", "start", INHERITED, _text_align, c.text_align
    ),
    Property("text-align-last", "auto", INHERITED, p.keyword("auto", *_ALIGNMENTS, "match-parent"), c.text_align),
    Property(
        "text-justify", "auto", INHERITED, p.keyword("auto", "none", "inter-word", "inter-character", "distribute")
    ),
    Property("text-indent", 0.0, INHERITED, t.text_indent),
    Property("text-transform", "none", INHERITED, t.text_transform),
    Property(
        "text-decoration-line", (), RESET,
        p.keywords_set(("underline",), ("overline",), ("line-through",), empty="none"),
    ),
    Property("text-decoration-style", "solid", RESET, p.keyword("solid", "double", "dotted", "dashed", "wavy")),
    Property("text-decoration-color", CURRENT_COLOR, RESET, parse_color),
    Property("text-decoration-thickness", "auto", RESET, t.text_decoration_thickness),
    Property("text-underline-offset", "auto", INHERITED, p.length_or("auto", negative=True)),
    Property("text-underline-position", "auto", INHERITED, t.underline_position),
    Property("text-decoration-skip-ink", "auto", INHERITED, p.keyword("auto", "none", "all")),
    Property("text-fill-color", CURRENT_COLOR, INHERITED, parse_color),
    Property("text-shadow", (), INHERITED, e.shadows(box=False)),
    Property("text-overflow", "clip", RESET, b.text_overflow),
    Property("letter-spacing", 0.0, INHERITED, p.spacing),
    Property("word-spacing", 0.0, INHERITED, p.spacing),
    Property("vertical-align", "baseline", RESET, t.vertical_align),
    Property(
        "white-space-collapse", "collapse", INHERITED,
        p.keyword("collapse", "preserve", "preserve-breaks", "preserve-spaces", "break-spaces"),
    ),
    Property("text-wrap-mode", "wrap", INHERITED, p.keyword("wrap", "nowrap")),
    Property("text-wrap-style", "auto", INHERITED, p.keyword("auto", "pretty", "stable")),
    Property("overflow-wrap", "normal", INHERITED, p.keyword("normal", "anywhere", "break-word")),
    Property("word-break", "normal", INHERITED, p.keyword("normal", "break-all", "keep-all", "break-word")),
    Property("line-break", "auto", INHERITED, p.keyword("auto", "loose", "normal", "strict", "anywhere")),
    Property("hyphens", "manual", INHERITED, p.keyword("none", "manual", "auto")),
    Property("hyphenate-character", "auto", INHERITED, t.text_or("auto")),
    Property("hyphenate-limit-chars", (5, 2, 2), INHERITED, t.hyphenate_limit_chars),
    Property("writing-mode", "horizontal-tb", INHERITED, p.keyword("horizontal-tb")),
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
    Property("list-style-image", None, INHERITED, i.one_image, c.unwrapped),
    Property("content", "normal", RESET, g.content),
    Property("counter-reset", (), RESET, g.counters(0)),
    Property("counter-increment", (), RESET, g.counters(1)),
    Property("counter-set", (), RESET, g.counters(0)),
    Property("string-set", (), RESET, g.string_set),
    Property("bookmark-level", "none", RESET, p.integer(1, keywords=("none",))),
    Property("bookmark-label", (("content", "text"),), RESET, g.bookmark_label),
    Property("bookmark-state", "open", RESET, p.keyword("open", "closed")),
    Property("footnote-display", "block", RESET, p.keyword("block", "inline", "compact")),
    Property("footnote-policy", "auto", RESET, p.keyword("auto", "line", "block")),
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
    Property("margin-break", "auto", RESET, p.keyword("auto", "keep", "discard")),
    Property("box-decoration-break", "slice", RESET, p.keyword("slice", "clone")),
    # Replaced elements
    Property("object-fit", "fill", RESET, p.keyword("fill", "contain", "cover", "none", "scale-down")),
    Property("object-position", _CENTER, RESET, p.position),
    Property("image-orientation", "from-image", INHERITED, p.keyword("from-image", "none")),
    Property("accent-color", "auto", INHERITED, s.color_or_auto),
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
    Property("clip-path", None, RESET, e.clip_path, c.unwrapped),
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
        "animation-composition",
        "animation-delay",
        "animation-direction",
        "animation-duration",
        "animation-fill-mode",
        "animation-iteration-count",
        "animation-name",
        "animation-play-state",
        "animation-timeline",
        "animation-timing-function",
        "appearance",
        "backface-visibility",
        "caret-color",
        "color-adjust",
        "color-interpolation",
        "color-interpolation-filters",
        "color-rendering",
        "color-scheme",
        "contain",
        "container",
        "container-name",
        "container-type",
        "content-visibility",
        "cursor",
        "forced-color-adjust",
        "image-rendering",
        "overflow-anchor",
        "overscroll-behavior",
        "overscroll-behavior-x",
        "overscroll-behavior-y",
        "perspective",
        "perspective-origin",
        "pointer-events",
        "print-color-adjust",
        "resize",
        "scroll-behavior",
        "shape-rendering",
        "scroll-margin",
        "scroll-padding",
        "scroll-snap-align",
        "scroll-snap-type",
        "scrollbar-color",
        "scrollbar-gutter",
        "scrollbar-width",
        "speak",
        "speak-as",
        "text-orientation",
        "text-rendering",
        "text-size-adjust",
        "touch-action",
        "transform-style",
        "transition",
        "transition-behavior",
        "transition-delay",
        "transition-duration",
        "transition-property",
        "transition-timing-function",
        "user-select",
        "will-change",
    )
)
"""Known, parsed by nobody, and no reason for a warning: on paper they say nothing. So do vendors' prefixed names."""
