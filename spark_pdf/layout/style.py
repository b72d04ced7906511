"""Computed style: every property of an element (or pseudo-element, page, margin box) as one plain attribute.

In: what the cascade decided (`css.cascade`). Out: values that layout and pdf read directly. Lengths are floats in CSS
px, percentages `Percentage` (a float: test `type(value) is Percentage` first), colours `Color` (`currentcolor` is
resolved), everything else keywords and tuples, as each line below says. A property's initial value, whether it inherits
and how it is parsed stand in `css.properties`; a test holds the two lists equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spark_pdf.layout.values import Color, Length, PaintServer, Position, Url

ContentItem = tuple[Any, ...]
"""One item of `content` or `string-set`: ("string", text), ("counter", name, style), ("counters", name, separator,
style), ("attr", name), ("string-ref", name, which), ("quote", "open-quote" ...), ("url", Url), ("content", "text")."""

Content = str | tuple[ContentItem, ...]
"""`content`: "normal", "none" or items."""


class Style:
    """Computed values of one element. Immutable and shared: equal cascades give the same object.

    `derived` is the one slot that may be set: a dict in which layout and pdf keep what follows from the style alone.
    """

    # Display and position
    display: str  # none contents block inline inline-block list-item flow-root table inline-table table-row ...
    position: str  # static relative
    float_: str  # none
    clear: str  # none left right both
    top: Length  # px | Percentage | "auto"
    right: Length
    bottom: Length
    left: Length
    z_index: int | str  # int | "auto"
    visibility: str  # visible hidden collapse
    overflow_x: str  # visible hidden clip scroll auto
    overflow_y: str
    opacity: float

    # Box
    box_sizing: str  # content-box border-box
    width: Length  # px | Percentage | "auto"
    height: Length
    min_width: Length  # px | Percentage | "auto"
    min_height: Length
    max_width: Length  # px | Percentage | "none"
    max_height: Length
    margin_top: Length  # px | Percentage | "auto"
    margin_right: Length
    margin_bottom: Length
    margin_left: Length
    padding_top: float  # px | Percentage
    padding_right: float
    padding_bottom: float
    padding_left: float
    border_top_width: float  # px; 0 where the style is none or hidden
    border_right_width: float
    border_bottom_width: float
    border_left_width: float
    border_top_style: str  # none hidden solid dashed dotted double groove ridge inset outset
    border_right_style: str
    border_bottom_style: str
    border_left_style: str
    border_top_color: Color
    border_right_color: Color
    border_bottom_color: Color
    border_left_color: Color
    border_top_left_radius: tuple[float, float]  # horizontal, vertical: px | Percentage
    border_top_right_radius: tuple[float, float]
    border_bottom_right_radius: tuple[float, float]
    border_bottom_left_radius: tuple[float, float]

    # Colour and background; the tuples hold one item per layer, the topmost first, and may differ in length:
    # `background_image` decides how many layers there are, the others repeat (CSS Backgrounds 3, 2.3)
    color: Color
    background_color: Color
    background_image: tuple[Url | None, ...]
    background_repeat: tuple[tuple[str, str], ...]  # repeat no-repeat space round, per axis
    background_position: tuple[tuple[Position, Position], ...]
    background_size: tuple[
        str | tuple[Length, Length], ...
    ]  # "cover" | "contain" | (width, height), each may be "auto"
    background_origin: tuple[str, ...]  # padding-box border-box content-box
    background_clip: tuple[str, ...]  # border-box padding-box content-box
    background_attachment: tuple[str, ...]  # scroll fixed local

    # Font
    font_family: tuple[str, ...]
    font_size: float  # px
    font_style: str  # normal italic oblique
    font_weight: int  # 1-1000
    font_stretch: float  # 1.0 is normal
    font_kerning: str  # auto normal none
    font_variant_caps: str  # normal small-caps all-small-caps ...
    font_variant_ligatures: tuple[str, ...]  # () is normal; ("none",)
    font_variant_numeric: tuple[str, ...]  # () is normal
    font_variant_position: str  # normal sub super
    font_variant_east_asian: tuple[str, ...]  # () is normal
    font_feature_settings: tuple[tuple[str, int], ...]  # () is normal
    font_variation_settings: tuple[tuple[str, float], ...]  # () is normal
    line_height: Length  # px | "normal"; a number is already multiplied
    line_height_factor: float | None  # the number of which line_height is the product; what children inherit

    # Text
    text_align: str  # start end left right center justify
    text_align_last: str  # auto start end left right center justify
    text_indent: float  # px | Percentage
    text_transform: str  # none uppercase lowercase capitalize
    text_decoration_line: tuple[str, ...]  # () is none; underline overline line-through. Not inherited: propagates
    text_decoration_style: str  # solid double dotted dashed wavy
    text_decoration_color: Color
    text_decoration_thickness: Length  # px | Percentage (of 1em) | "auto" | "from-font"
    text_underline_offset: Length  # px | Percentage (of 1em) | "auto"
    letter_spacing: float  # px; 0 is normal
    word_spacing: float  # px; 0 is normal
    vertical_align: Length  # px | baseline sub super top text-top middle bottom text-bottom
    white_space: str  # normal nowrap pre pre-wrap pre-line break-spaces
    overflow_wrap: str  # normal anywhere break-word
    word_break: str  # normal break-all keep-all break-word
    line_break: str  # auto loose normal strict anywhere
    hyphens: str  # none manual auto
    direction: str  # ltr rtl
    unicode_bidi: str  # normal embed isolate bidi-override isolate-override plaintext
    tab_size: float  # a number of spaces (>= 0), or px as a negative number
    quotes: str | tuple[tuple[str, str], ...]  # "auto" | "none" | pairs

    # Lists and generated content
    list_style_type: str | tuple[str, str]  # a counter style's name, "none", or ("string", text)
    list_style_position: str  # outside inside
    list_style_image: Url | None
    content: Content
    counter_reset: tuple[tuple[str, int], ...]
    counter_increment: tuple[tuple[str, int], ...]
    counter_set: tuple[tuple[str, int], ...]
    string_set: tuple[tuple[str, tuple[ContentItem, ...]], ...]

    # Tables
    table_layout: str  # auto fixed
    border_collapse: str  # separate collapse
    border_spacing: tuple[float, float]  # horizontal, vertical
    caption_side: str  # top bottom
    empty_cells: str  # show hide

    # Pages
    break_before: str  # auto avoid page left right recto verso avoid-page column avoid-column always
    break_after: str
    break_inside: str  # auto avoid avoid-page avoid-column
    widows: int
    orphans: int
    page: str  # "auto" | a page's name
    box_decoration_break: str  # slice clone

    # Replaced elements
    object_fit: str  # fill contain cover none scale-down
    object_position: tuple[Position, Position]

    # SVG
    fill: Color | PaintServer | str  # a colour, a paint server with its fallback, or none context-fill context-stroke
    fill_opacity: float
    fill_rule: str  # nonzero evenodd
    stroke: Color | PaintServer | str
    stroke_opacity: float
    stroke_width: float  # px | Percentage
    stroke_linecap: str  # butt round square
    stroke_linejoin: str  # miter miter-clip round bevel arcs
    stroke_miterlimit: float
    stroke_dasharray: tuple[float, ...]  # px | Percentage; () is none
    stroke_dashoffset: float  # px | Percentage
    paint_order: tuple[str, ...]  # fill stroke markers, all three
    clip_rule: str  # nonzero evenodd
    clip_path: Url | None
    mask: Url | None
    mask_type: str  # luminance alpha
    marker_start: Url | None
    marker_mid: Url | None
    marker_end: Url | None
    stop_color: Color
    stop_opacity: float
    text_anchor: str  # start middle end
    dominant_baseline: str
    alignment_baseline: str
    baseline_shift: Length  # px | Percentage (of 1em) | sub super
    vector_effect: str  # none non-scaling-stroke

    # Not properties: the root element's font size (for rem), and what others derive from this style
    root_font_size: float
    derived: dict[Any, Any] | None

    __slots__ = tuple(__annotations__)

    def __setattr__(self, name: str, value: object) -> None:
        if name != "derived":
            raise AttributeError(f"a Style is shared and immutable: {name} cannot be set")
        _set_derived(self, value)

    def __copy__(self) -> Style:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Style:
        return self

    def replace(self, **values: object) -> Style:
        """A style like this one but for `values`, with nothing derived yet. For anonymous boxes and tests."""
        return make_style({**{name: getattr(self, name) for name in Style.__slots__}, **values, "derived": None})

    def __repr__(self) -> str:
        return f"<Style {self.display} {self.font_size:g}px {self.font_family[:1]}>"


_SETTERS = tuple((name, getattr(Style, name).__set__) for name in Style.__slots__)
_set_derived = Style.derived.__set__  # type: ignore[union-attr]


def make_style(values: Mapping[str, Any]) -> Style:
    """A `Style` of a value for every slot; only the cascade calls this, everybody else asks a `Stylist`."""
    style = object.__new__(Style)
    for name, put in _SETTERS:
        put(style, values[name])
    return style
