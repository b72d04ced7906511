"""Computed style: every property of an element (or pseudo-element, page, margin box) as one plain attribute.

In: what the cascade decided (`css.cascade`). Out: values that layout and pdf read directly. Lengths are floats in CSS
px, percentages `Percentage` (a float: test `type(value) is Percentage` first), colours `Color` (`currentcolor` is
resolved), everything else keywords and tuples, as each line below says. A property's initial value, whether it inherits
and how it is parsed stand in `css.properties`; a test holds the two lists equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isdatadescriptor
from typing import Any

from spark_pdf.layout.values import (
    Color,
    Dimension,
    GridLine,
    ImageValue,
    Length,
    PaintServer,
    Position,
    Shadow,
    Shape,
    Track,
    TrackList,
    Url,
)

ContentItem = tuple[Any, ...]
"""One item of `content` or `string-set`: ("string", text), ("counter", name, style), ("counters", name, separator,
style), ("attr", name[, fallback]), ("string-ref", name, which), ("quote", "open-quote" ...), ("url", Url),
("image", gradient), ("content", "text" ...), ("element", name, which), ("leader", text),
("target-counter", target, name, style), ("target-counters", target, name, separator, style),
("target-text", target, "content" ...); a target is ("string", "#id"), ("url", Url) or ("attr", name)."""

Content = str | tuple[ContentItem, ...]
"""`content`: "normal", "none" or items."""


class Style:
    """Computed values of one element. Shared, so never changed: equal cascades give the same object. A test looks for
    assignments.

    `derived` is the one slot that may be set: a dict in which layout and pdf keep what follows from the style alone.
    """

    # Display and position
    display: str  # none contents block inline inline-block list-item flow-root table inline-table flex inline-flex ...
    position: str | tuple[str, str]  # static relative absolute fixed | ("running", name)
    float_: str  # none left right footnote; inline-start and inline-end are resolved
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
    mix_blend_mode: str  # normal multiply screen ...
    isolation: str  # auto isolate
    transform: tuple[tuple[Any, ...], ...]  # () is none; see css.effect_parsers.transform
    transform_origin: tuple[Position, Position]  # fraction of the reference box, and px
    transform_box: str  # view-box content-box border-box fill-box stroke-box
    translate: tuple[Dimension, ...]  # () is none; (x, y): px | Percentage
    rotate: float  # degrees
    scale: tuple[float, ...]  # () is none; (x, y)
    clip: str | tuple[Length, ...]  # auto | (top, right, bottom, left); `clip_path` has it where it applies

    # Box
    box_sizing: str  # content-box border-box
    width: Length  # px | Percentage | "auto"
    height: Length
    min_width: Length  # px | Percentage | "auto"
    min_height: Length
    max_width: Length  # px | Percentage | "none"
    max_height: Length
    aspect_ratio: str | float | tuple[str, float]  # "auto" | width / height | ("auto", width / height)
    margin_top: Length  # px | Percentage | "auto"
    margin_right: Length
    margin_bottom: Length
    margin_left: Length
    padding_top: Dimension  # px | Percentage
    padding_right: Dimension
    padding_bottom: Dimension
    padding_left: Dimension
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
    border_top_left_radius: tuple[Dimension, Dimension]  # horizontal, vertical: px | Percentage
    border_top_right_radius: tuple[Dimension, Dimension]
    border_bottom_right_radius: tuple[Dimension, Dimension]
    border_bottom_left_radius: tuple[Dimension, Dimension]

    border_image_source: ImageValue | None
    border_image_slice: tuple[
        tuple[Dimension, Dimension, Dimension, Dimension], bool
    ]  # (px of the image | Percentage), fill
    border_image_width: tuple[Length, Length, Length, Length]  # px | Percentage | Factor | "auto"
    border_image_outset: tuple[Dimension, Dimension, Dimension, Dimension]  # px | Factor
    border_image_repeat: tuple[str, str]  # stretch repeat round space
    box_shadow: tuple[Shadow, ...]
    outline_width: float  # px; 0 where the style is none
    outline_style: str  # none auto solid dashed ...
    outline_color: Color
    outline_offset: float

    # Flexible boxes and grids
    flex_direction: str  # row row-reverse column column-reverse
    flex_wrap: str  # nowrap wrap wrap-reverse
    flex_grow: float
    flex_shrink: float
    flex_basis: Length  # px | Percentage | "auto" | "content" | "min-content" ...
    order: int
    justify_content: str  # normal start end center left right flex-start flex-end space-between ... stretch
    justify_items: str  # normal stretch start end center left right self-start ... baseline "last baseline"
    justify_self: str  # auto, and those of justify_items
    align_content: str
    align_items: str
    align_self: str
    row_gap: Length  # px | Percentage | "normal"
    column_gap: Length
    grid_template_columns: str | TrackList  # "none" | tracks
    grid_template_rows: str | TrackList
    grid_template_areas: str | tuple[tuple[str, ...], ...]  # "none" | rows of cells; "" is a null cell
    grid_auto_columns: tuple[Track, ...]
    grid_auto_rows: tuple[Track, ...]
    grid_auto_flow: str  # row column "row dense" "column dense"
    grid_row_start: str | GridLine  # "auto" | line
    grid_row_end: str | GridLine
    grid_column_start: str | GridLine
    grid_column_end: str | GridLine

    # Columns
    column_count: int | str  # int | "auto"
    column_width: Length  # px | "auto"
    column_rule_width: float  # px; 0 where the style is none or hidden
    column_rule_style: str
    column_rule_color: Color
    column_span: str  # none all
    column_fill: str  # balance auto balance-all

    # Colour and background; the tuples hold one item per layer, the topmost first, and may differ in length:
    # `background_image` decides how many layers there are, the others repeat (CSS Backgrounds 3, 2.3)
    color: Color
    background_color: Color
    background_image: tuple[ImageValue | None, ...]
    background_repeat: tuple[tuple[str, str], ...]  # repeat no-repeat space round, per axis
    background_position_x: tuple[Position, ...]
    background_position_y: tuple[Position, ...]
    background_position: tuple[tuple[Position, Position], ...]  # both, side by side
    background_size: tuple[
        str | tuple[Length, Length], ...
    ]  # "cover" | "contain" | (width, height), each may be "auto"
    background_origin: tuple[str, ...]  # padding-box border-box content-box
    background_clip: tuple[str, ...]  # border-box padding-box content-box
    background_attachment: tuple[str, ...]  # scroll fixed local
    background_blend_mode: tuple[str, ...]

    # Font
    font_family: tuple[str, ...]
    font_size: float  # px
    font_style: str  # normal italic oblique, or "oblique 20deg"
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
    font_variant_emoji: str  # normal text emoji unicode
    font_optical_sizing: str  # auto none
    font_size_adjust: str | float | tuple[str, float]  # "none" | "from-font" | ex-height | (metric, value)
    font_language_override: str  # "normal" | OpenType language tag
    font_synthesis_weight: str  # auto none
    font_synthesis_style: str
    font_synthesis_small_caps: str
    font_synthesis_position: str
    line_height: Length  # px | "normal"; a number is already multiplied
    line_height_factor: float | None  # the number of which line_height is the product; what children inherit

    # Text
    text_align: str  # start end left right center justify justify-all
    text_align_last: str  # auto start end left right center justify
    text_justify: str  # auto none inter-word inter-character distribute
    text_indent: Dimension | tuple[Dimension, bool, bool]  # px | Percentage; a tuple with `hanging` or `each-line`
    text_transform: str  # none, or uppercase lowercase capitalize full-width full-size-kana, joined by spaces
    text_decoration_line: tuple[str, ...]  # () is none; underline overline line-through. Not inherited: propagates
    text_decoration_style: str  # solid double dotted dashed wavy
    text_decoration_color: Color
    text_decoration_thickness: Length  # px | Percentage (of 1em) | "auto" | "from-font"
    text_underline_offset: Length  # px | Percentage (of 1em) | "auto"
    text_underline_position: str  # auto from-font under
    text_decoration_skip_ink: str  # auto none all
    text_fill_color: Color  # of the space "currentcolor": the style's own `color`
    text_shadow: tuple[Shadow, ...]
    text_overflow: str | tuple[str, str]  # clip ellipsis | ("string", text)
    letter_spacing: float  # px; 0 is normal
    word_spacing: float  # px; 0 is normal
    vertical_align: Length  # px | baseline sub super top text-top middle bottom text-bottom
    white_space_collapse: str  # collapse preserve preserve-breaks preserve-spaces break-spaces
    text_wrap_mode: str  # wrap nowrap
    text_wrap_style: str  # auto pretty stable
    white_space: str  # what the first two come to: normal nowrap pre pre-wrap pre-line break-spaces
    overflow_wrap: str  # normal anywhere break-word
    word_break: str  # normal break-all keep-all break-word
    line_break: str  # auto loose normal strict anywhere
    hyphens: str  # none manual auto
    hyphenate_character: str  # "auto" | text
    hyphenate_limit_chars: tuple[int, int, int]  # of the word, before, after
    writing_mode: str  # horizontal-tb
    direction: str  # ltr rtl
    unicode_bidi: str  # normal embed isolate bidi-override isolate-override plaintext
    tab_size: float  # a number of spaces (>= 0), or px as a negative number
    quotes: str | tuple[tuple[str, str], ...]  # "auto" | "none" | pairs

    # Lists and generated content
    list_style_type: str | tuple[str, str]  # a counter style's name, "none", or ("string", text)
    list_style_position: str  # outside inside
    list_style_image: ImageValue | None
    content: Content
    counter_reset: tuple[tuple[str, int], ...]
    counter_increment: tuple[tuple[str, int], ...]
    counter_set: tuple[tuple[str, int], ...]
    string_set: tuple[tuple[str, tuple[ContentItem, ...]], ...]

    bookmark_level: int | str  # int | "none"
    bookmark_label: tuple[ContentItem, ...]
    bookmark_state: str  # open closed
    footnote_display: str  # block inline compact
    footnote_policy: str  # auto line block

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
    margin_break: str  # auto keep discard
    box_decoration_break: str  # slice clone

    # Replaced elements
    object_fit: str  # fill contain cover none scale-down
    object_position: tuple[Position, Position]

    image_orientation: str  # from-image none
    accent_color: Color | str  # a colour | "auto"

    # SVG
    fill: Color | PaintServer | str  # a colour, a paint server with its fallback, or none context-fill context-stroke
    fill_opacity: float
    fill_rule: str  # nonzero evenodd
    stroke: Color | PaintServer | str
    stroke_opacity: float
    stroke_width: Dimension  # px | Percentage
    stroke_linecap: str  # butt round square
    stroke_linejoin: str  # miter miter-clip round bevel arcs
    stroke_miterlimit: float
    stroke_dasharray: tuple[Dimension, ...]  # px | Percentage; () is none
    stroke_dashoffset: Dimension  # px | Percentage
    paint_order: tuple[str, ...]  # fill stroke markers, all three
    clip_rule: str  # nonzero evenodd
    clip_path: Url | Shape | None
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

    # Not properties: the `display` that a box out of flow would have in flow ("" for all others), what rem and its kin
    # are relative to, custom properties, and what others derive from this style
    out_of_flow: str
    within_rtl: bool  # whether the box that it stands in has its lines from right to left
    align_blocks: str  # left right center, where HTML's `align` or `<center>` is in force; "" elsewhere
    root_font_size: float
    root_font: Any  # what decides the root element's face, and its line height; for rex, rlh and their kin
    custom: Mapping[str, Any]  # custom properties by name
    special: bool  # a named string, running element, bookmark or footnote: for `layout.paged`
    derived: dict[Any, Any] | None

    __slots__ = tuple(__annotations__)

    def __copy__(self) -> Style:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Style:
        return self

    def replace(self, **values: object) -> Style:
        """A style like this one but for `values`, with nothing derived yet. For anonymous boxes and tests."""
        return make_style({**{name: getattr(self, name) for name in STYLE_NAMES}, **values, "derived": None})

    def __repr__(self) -> str:
        return f"<Style {self.display} {self.font_size:g}px {self.font_family[:1]}>"


STYLE_NAMES = tuple(name for name, member in vars(Style).items() if isdatadescriptor(member))
"""What a style consists of."""


def make_style(values: Mapping[str, Any]) -> Style:
    """A `Style` of a value for every slot; only the cascade calls this, everybody else asks a `Stylist`."""
    style = Style()
    for name in STYLE_NAMES:
        setattr(style, name, values[name])
    return style
