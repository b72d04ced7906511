"""Values of boxes: display, position, flex, grid, columns, effects, images, generated content."""

import pytest

from spark_pdf.layout.values import (
    AutoRepeat,
    Color,
    ColorStop,
    ConicGradient,
    Factor,
    Fr,
    GridLine,
    LinearGradient,
    Percentage,
    Position,
    RadialGradient,
    Shadow,
    Shape,
    Track,
    TrackList,
    Url,
)
from tests.style_help import one, styles

RED, BLUE = Color("srgb", (1, 0, 0)), Color("srgb", (0, 0, 1))
CENTER = (Position(0.5, 0), Position(0.5, 0))


@pytest.mark.parametrize(
    ("text", "display"),
    [("flex", "flex"), ("block flex", "flex"), ("inline flex", "inline-flex"), ("inline flow-root", "inline-block"),
     ("block flow", "block"), ("flow-root block", "flow-root"), ("inline grid", "inline-grid"), ("list-item flow",
     "list-item"), ("grid", "grid"), ("inline table", "inline-table"), ("nonsense", "block"), ("block inline",
     "block")],
)  # fmt: skip
def test_display(text, display):
    assert one(f"display: {text}").display == display


def test_position_and_float_decide_about_display():
    floated = one("float: left; display: inline-block")
    assert (floated.float_, floated.display) == ("left", "block")
    absolute = one("float: left; position: absolute; display: inline-flex")
    assert (absolute.float_, absolute.display, absolute.position) == ("none", "flex", "absolute")
    assert one("position: sticky").position == "relative"
    assert one("position: running(head)").position == ("running", "head")
    assert one("float: inline-end; clear: inline-start").float_ == "right"
    rtl = one("direction: rtl; float: inline-end; clear: inline-start")
    assert (rtl.float_, rtl.clear) == ("left", "right")
    found = styles("#p { display: flex } #x { display: inline }", "<div id=p><span id=x></span></div>")
    assert found["x"].display == "block", "flex items are block-level"


@pytest.mark.parametrize(
    ("text", "flex"),
    [("1", (1, 1, 0)), ("none", (0, 0, "auto")), ("auto", (1, 1, "auto")), ("initial", (0, 1, "auto")),
     ("2 3", (2, 3, 0)), ("0 0 25%", (0, 0, Percentage(0.25))), ("10px", (1, 1, 10)), ("10px 2", (2, 1, 10)),
     ("1 10px", (1, 1, 10)), ("1 2 3 4", (0, 1, "auto"))],
)  # fmt: skip
def test_flex(text, flex):
    style = one(f"flex: {text}")
    assert (style.flex_grow, style.flex_shrink, style.flex_basis) == flex


def test_alignment():
    style = one("place-content: center space-between; place-items: start; place-self: end stretch; gap: 1px 2px")
    assert (style.align_content, style.justify_content) == ("center", "space-between")
    assert (style.align_items, style.justify_items) == ("start", "start")
    assert (style.align_self, style.justify_self) == ("end", "stretch")
    assert (style.row_gap, style.column_gap) == (1, 2)
    assert one("justify-content: safe center").justify_content == "safe center"
    assert one("align-items: last baseline").align_items == "last baseline"
    assert one("align-items: first baseline").align_items == "baseline"
    assert one("flex-flow: column wrap").flex_wrap == "wrap"
    assert one("grid-gap: 3px").row_gap == 3


def test_grid_templates():
    style = one("grid-template-columns: [a] 10px repeat(2, [b] 1fr [c]) minmax(5em, auto) fit-content(20%)")
    one_fr = Track("auto", Fr(1))
    assert style.grid_template_columns == TrackList(
        (Track(10, 10), one_fr, one_fr, Track(80, "auto"), Track("auto", "max-content", Percentage(0.2))),
        (("a",), ("b",), ("c", "b"), ("c",), (), ()),
    )
    filled = one("grid-template-columns: repeat(auto-fill, minmax(100px, 1fr))").grid_template_columns
    assert filled == TrackList((AutoRepeat("auto-fill", (Track(100, Fr(1)),), ((), ())),), ((), ()))
    assert one("grid-template-columns: repeat(auto-fit, 1fr)").grid_template_columns == "none", "no definite size"
    assert one("grid-template-rows: repeat(99999999, 1px)").grid_template_rows.tracks[0] == Track(1, 1)


def test_grid_areas_and_shorthands():
    style = one("grid-template: [top] 'a a' 10px 'b .' / 1fr 2fr")
    assert style.grid_template_areas == (("a", "a"), ("b", ""))
    assert style.grid_template_rows == TrackList((Track(10, 10), Track("auto", "auto")), (("top",), (), ()))
    assert style.grid_template_columns.tracks == (Track("auto", Fr(1)), Track("auto", Fr(2)))
    assert one("grid-template-areas: 'a b' 'b a'").grid_template_areas == "none", "areas are rectangles"
    flowing = one("grid: auto-flow dense 5px / 1fr")
    assert (flowing.grid_auto_flow, flowing.grid_auto_rows) == ("row dense", (Track(5, 5),))
    assert one("grid: 1fr / auto-flow").grid_auto_flow == "column"


@pytest.mark.parametrize(
    ("text", "lines"),
    [("2 / 4", (GridLine(False, 2, ""), GridLine(False, 4, ""))), ("span 2", (GridLine(True, 2, ""), "auto")),
     ("main", (GridLine(False, 0, "main"), GridLine(False, 0, "main"))), ("-1 a", (GridLine(False, -1, "a"), "auto")),
     ("span -1", ("auto", "auto")), ("0", ("auto", "auto"))],
)  # fmt: skip
def test_grid_lines(text, lines):
    style = one(f"grid-row: {text}")
    assert (style.grid_row_start, style.grid_row_end) == lines


def test_grid_area():
    style = one("grid-area: x")
    line = GridLine(False, 0, "x")
    assert (style.grid_row_start, style.grid_column_start, style.grid_row_end, style.grid_column_end) == (line,) * 4
    two = one("grid-area: 1 / b")
    assert (two.grid_row_end, two.grid_column_end) == ("auto", GridLine(False, 0, "b"))


def test_columns_and_outline():
    style = one("columns: 3 10em; column-rule: 1px solid red; outline: 2px dashed; color: blue; column-span: all")
    assert (style.column_count, style.column_width) == (3, 160)
    assert (style.column_rule_width, style.column_rule_color) == (1, RED)
    assert (style.outline_width, style.outline_style, style.outline_color) == (2, "dashed", BLUE)
    assert one("outline-width: 3px").outline_width == 0


def test_aspect_ratio():
    assert one("aspect-ratio: 16 / 8").aspect_ratio == 2
    assert one("aspect-ratio: auto 2").aspect_ratio == ("auto", 2)
    assert one("aspect-ratio: 0 / 1").aspect_ratio == "auto"


def test_transforms():
    style = one(
        "transform: translate(10%, 1em) rotate(0.25turn) scale(2) skewX(10deg) matrix(1,0,0,1,5,6) translateZ(0)"
    )
    assert style.transform == (
        ("translate", Percentage(0.1), 16), ("rotate", 90), ("scale", 2, 2), ("skew", 10, 0),
        ("matrix", 1, 0, 0, 1, 5, 6),
    )  # fmt: skip
    assert one("transform-origin: left 10px").transform_origin == (Position(0, 0), Position(0, 10))
    separate = one("rotate: 45deg; scale: 2 50%; translate: 1px")
    assert (separate.rotate, separate.scale, separate.translate) == (45, (2, 0.5), (1, 0))
    assert one("transform: rotateX(3deg)").transform == ()


def test_shadows():
    style = one("box-shadow: 1px 2px 3px 4px red, inset 0 0 1em; color: blue; text-shadow: blue 1px 1px")
    assert style.box_shadow == (Shadow(1, 2, 3, 4, RED, False), Shadow(0, 0, 16, 0, BLUE, True))
    assert style.text_shadow == (Shadow(1, 1, 0, 0, BLUE, False),)
    assert one("box-shadow: 1px 1px -1px").box_shadow == ()


def test_clip_paths():
    assert one("clip-path: circle(10px at 0 50%)").clip_path == Shape(
        "circle", (10, Position(0, 0), Position(0.5, 0)), "border-box"
    )
    assert one("clip-path: inset(1px 2px round 3px) padding-box").clip_path == Shape(
        "inset", ((1, 2, 1, 2), ((3, 3),) * 4), "padding-box"
    )
    assert one("clip-path: polygon(evenodd, 0 0, 100% 0)").clip_path == Shape(
        "polygon", ("evenodd", ((0, 0), (Percentage(1), 0))), "border-box"
    )


@pytest.mark.parametrize(
    ("text", "image"),
    [("linear-gradient(red, blue)", LinearGradient(180, (ColorStop(RED, None), ColorStop(BLUE, None)))),
     ("repeating-linear-gradient(to top left, red 10px 20px, 50%, currentcolor)", LinearGradient(("top", "left"),
      (ColorStop(RED, 10), ColorStop(RED, 20), ColorStop(None, Percentage(0.5)), ColorStop(BLUE, None)), True)),
     ("linear-gradient(0.25turn in oklch longer hue, red, blue)", LinearGradient(90, (ColorStop(RED, None),
      ColorStop(BLUE, None)), False, "oklch", "longer")),
     ("radial-gradient(circle 1em at left, red, blue)", RadialGradient("circle", (16, 16), (Position(0, 0),
      Position(0.5, 0)), (ColorStop(RED, None), ColorStop(BLUE, None)))),
     ("radial-gradient(red, blue)", RadialGradient("ellipse", "farthest-corner", CENTER, (ColorStop(RED, None),
      ColorStop(BLUE, None)))),
     ("conic-gradient(from 90deg, red 25%, blue 0.5turn)", ConicGradient(90, CENTER, (ColorStop(RED, 0.25),
      ColorStop(BLUE, 0.5)))),
     ("linear-gradient(red 10px, 20px)", None), ("linear-gradient(to nowhere, red, blue)", None),
     ("-webkit-linear-gradient(left, red, blue)", LinearGradient(90, (ColorStop(RED, None), ColorStop(BLUE, None)))),
     ("image-set('a.png' 1x, 'b.png' 2x)", Url("b.png", "style.css"))],
)  # fmt: skip
def test_images(text, image):
    assert one(f"background-image: {text}; color: blue").background_image == (image,)


def test_border_images():
    style = one("border-image: url(a.png) 30% 10 fill / 1 auto / 2px round")
    assert style.border_image_source == Url("a.png", "style.css")
    assert style.border_image_slice == ((Percentage(0.3), 10, Percentage(0.3), 10), True)
    assert style.border_image_width == (Factor(1), "auto", Factor(1), "auto")
    assert (style.border_image_outset, style.border_image_repeat) == ((2,) * 4, ("round", "round"))


def test_background_position_axes_are_longhands():
    style = one("background: red; background-position: 10px 20px, right; background-position-y: bottom 5px")
    assert style.background_position == ((Position(0, 10), Position(1, -5)), (Position(1, 0), Position(1, -5)))


def test_white_space_longhands():
    assert one("white-space: pre-line").white_space_collapse == "preserve-breaks"
    assert one("white-space-collapse: preserve").white_space == "pre-wrap"
    assert one("text-wrap: nowrap").white_space == "nowrap"
    assert one("white-space: preserve nowrap").white_space == "pre"
    found = styles("#p { white-space: pre } #x { text-wrap: wrap }", "<div id=p><p id=x></div>")
    assert found["x"].white_space == "pre-wrap"
    assert one("text-wrap: pretty").text_wrap_style == "pretty"


def test_generated_content_of_print():
    style = one(
        "content: target-counter(attr(href url), page) target-text(url(#a)) leader('. ') leader(dotted) "
        "element(head, last) linear-gradient(red, blue) attr(title, 'none') / 'spoken'; bookmark-level: 2;"
        "bookmark-label: 'x' content(); bookmark-state: closed; string-set: a attr(id) counter(c)"
    )
    assert style.content[:5] == (
        ("target-counter", ("attr", "href"), "page", "decimal"), ("target-text", ("url", Url("#a", "style.css")),
        "content"), ("leader", ". "), ("leader", "."), ("element", "head", "last"),
    )  # fmt: skip
    assert style.content[5][0] == "image"
    assert style.content[6] == ("attr", "title", "none")
    assert (style.bookmark_level, style.bookmark_state) == (2, "closed")
    assert style.bookmark_label == (("string", "x"), ("content", "text"))
    assert style.string_set == (("a", (("attr", "id"), ("counter", "c", "decimal"))),)


def test_text_properties():
    style = one(
        "hyphenate-limit-chars: 6 3; font-synthesis: weight; tab-size: 2;"
        "hyphenate-character: '='; text-overflow: ellipsis; font-size-adjust: 0.5; text-align: match-parent"
    )
    assert style.hyphenate_limit_chars == (6, 3, 3)
    assert (style.font_synthesis_weight, style.font_synthesis_style) == ("auto", "none")
    assert (style.hyphenate_character, style.text_overflow, style.font_size_adjust) == ("=", "ellipsis", 0.5)
    assert style.text_align == "left"
