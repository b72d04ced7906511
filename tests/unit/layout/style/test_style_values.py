"""Values: units, colours, shorthands, keywords for all properties."""

import pytest

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.parsing import parse_html
from spark_pdf.layout.values import BLACK, Color, Percentage, Position, Url


def styles(css: str, body: str = "<p id=x>x</p>"):
    """The style of #x, of its parent, and the stylist."""
    stylist = Stylist(load_stylesheets([StyleSource(css, "style.css")]), "t.html")
    root = parse_html(body).root
    found = {}

    def walk(element, parent):
        style = stylist.style(element, parent)
        if element.id:
            found[element.id] = style
        for child in element.children:
            if isinstance(child, Element):
                walk(child, style)

    walk(root, None)
    return found


def one(declarations: str, **more):
    return styles(f"#x {{ {declarations} }}", **more)["x"]


@pytest.mark.parametrize(
    ("text", "px"),
    [("10px", 10), ("1in", 96), ("2.54cm", 96), ("25.4mm", 96), ("101.6q", 96), ("72pt", 96), ("6pc", 96), ("0", 0),
     ("2em", 40), ("2rem", 32), ("2ex", 20), ("2ch", 20)],
)  # fmt: skip
def test_units(text, px):
    assert one(f"font-size: 20px; width: {text}").width == pytest.approx(px)


def test_viewport_units_are_parts_of_the_page_area():
    style = styles("@page { size: 500px 800px; margin: 50px } #x { width: 50vw; height: 10vh }")["x"]
    assert (style.width, style.height) == (200, 70)


def test_font_size_is_relative_to_the_parent_and_rem_to_the_root():
    found = styles("html { font-size: 10px } #p { font-size: 2em } "
                   "#x { font-size: 150%; margin-top: 1rem; width: 1em }",
                   "<div id=p><div id=x></div></div>")  # fmt: skip
    assert found["p"].font_size == 20
    assert (found["x"].font_size, found["x"].margin_top, found["x"].width) == (30, 10, 30)


@pytest.mark.parametrize(
    ("text", "color"),
    [("red", Color("srgb", (1, 0, 0))), ("#0f0", Color("srgb", (0, 1, 0))), ("#0000ff80", Color("srgb",
    (0, 0, 1), 128 / 255)),
     ("rgb(255, 0, 0)", Color("srgb", (1, 0, 0))), ("rgba(0 0 255 / 50%)", Color("srgb", (0, 0, 1), 0.5)),
     ("hsl(120, 100%, 50%)", Color("srgb", (0, 1, 0))), ("hwb(0 0% 0%)", Color("srgb", (1, 0, 0))),
     ("device-cmyk(0 1 0.5 0.2)", Color("device-cmyk", (0, 1, 0.5, 0.2))), ("transparent", Color("srgb",
     (0, 0, 0), 0))],
)  # fmt: skip
def test_colours(text, color):
    found = one(f"color: {text}").color
    assert found.space == color.space
    assert found.components == pytest.approx(color.components)
    assert found.alpha == pytest.approx(color.alpha)


def test_currentcolor_is_the_elements_own():
    style = one("color: red; border: 1px solid; background: currentcolor")
    assert style.border_top_color == style.text_decoration_color == style.background_color == Color("srgb", (1, 0, 0))
    assert styles("#p { color: red } #x { color: currentcolor }", "<i id=p><i id=x>")["x"].color.components == (1, 0, 0)


def test_line_height_inherits_a_number_as_a_number_and_a_length_as_a_length():
    css = "#p {{ font-size: 10px; line-height: {} }} #x {{ font-size: 20px }}"
    body = "<div id=p><div id=x></div></div>"
    assert styles(css.format("1.5"), body)["x"].line_height == 30
    assert styles(css.format("150%"), body)["x"].line_height == 15
    assert styles(css.format("1.5em"), body)["x"].line_height == 15
    assert styles(css.format("normal"), body)["x"].line_height == "normal"
    reset = styles("#p { line-height: 2 } #x { line-height: initial }", body)["x"]
    assert (reset.line_height, reset.line_height_factor) == ("normal", None)


def test_margin_and_padding_sides():
    style = one("margin: 1px 2px 3px; padding: 5px 10%")
    assert (style.margin_top, style.margin_right, style.margin_bottom, style.margin_left) == (1, 2, 3, 2)
    assert style.padding_left == Percentage(0.1)
    assert type(style.padding_left) is Percentage
    assert one("margin: 0 auto").margin_left == "auto"


def test_borders():
    style = one("border: 2px dashed red; border-left: none; border-top-width: thick")
    assert (style.border_top_width, style.border_right_width, style.border_left_width) == (5, 2, 0)
    assert style.border_right_style == "dashed"
    assert one("border-width: 3px").border_top_width == 0, "no style, no border"
    assert one("border: 0").border_top_style == "none"
    radius = one("border-radius: 1px 2px / 3px")
    assert (radius.border_top_left_radius, radius.border_top_right_radius) == ((1, 3), (2, 3))


def test_font_shorthand():
    style = one("font: italic small-caps bold condensed 12pt/1.5 'Noto Sans', Fira Code, serif")
    assert style.font_family == ("Noto Sans", "Fira Code", "serif")
    assert (style.font_style, style.font_weight, style.font_variant_caps) == ("italic", 700, "small-caps")
    assert (style.font_size, style.line_height, style.font_stretch) == (16, 24, 0.75)
    again = styles("#x { font-weight: 700; font: 10px serif }")["x"]
    assert (again.font_weight, again.line_height) == (400, "normal")
    slanted = one("font: oblique 10deg small-caps 14px/2 serif")
    assert (slanted.font_style, slanted.font_variant_caps, slanted.font_size) == ("oblique 10deg", "small-caps", 14)
    assert one("font: oblique 14px serif").font_style == "oblique"
    assert one("font: caption").font_family == ("system-ui",)


def test_font_weight_bolder():
    assert one("font-weight: bolder").font_weight == 700
    assert styles("#p { font-weight: 800 } #x { font-weight: lighter }", "<i id=p><i id=x>")["x"].font_weight == 700


def test_background_shorthand_with_layers():
    style = one(
        "background: url(a.png) right 10px top / 50% no-repeat, #eee url('b/c.png') center border-box content-box"
    )
    assert style.background_image == (Url("a.png", "style.css"), Url("b/c.png", "style.css"))
    assert style.background_position == ((Position(1, -10), Position(0, 0)), (Position(0.5, 0), Position(0.5, 0)))
    assert style.background_size == ((Percentage(0.5), "auto"), ("auto", "auto"))
    assert style.background_repeat == (("no-repeat", "no-repeat"), ("repeat", "repeat"))
    assert (style.background_origin, style.background_clip) == (
        ("padding-box", "border-box"),
        ("border-box", "content-box"),
    )
    assert style.background_color.components == pytest.approx((14 / 15,) * 3)
    assert one("background: none").background_image == (None,)


@pytest.mark.parametrize(
    ("text", "position"),
    [("left", ((0, 0), (0.5, 0))), ("top", ((0.5, 0), (0, 0))), ("10px 20%", ((0, 10), (0.2, 0))),
     ("bottom right", ((1, 0), (1, 0))), ("right 25% bottom 1em", ((0.75, 0), (1, -16))), ("center", ((0.5, 0),
     (0.5, 0)))],
)  # fmt: skip
def test_positions(text, position):
    assert one(f"background-position: {text}").background_position == (position,)


def test_lists_decorations_and_others():
    style = one("list-style: none inside; text-decoration: underline line-through dotted blue; overflow: hidden")
    assert (style.list_style_type, style.list_style_position, style.list_style_image) == ("none", "inside", None)
    assert one("list-style: url(dot.png)").list_style_image == Url("dot.png", "style.css")
    assert style.text_decoration_line == ("underline", "line-through")
    assert style.text_decoration_style == "dotted"
    assert (style.overflow_x, style.overflow_y) == ("hidden", "hidden")
    assert one("overflow-x: hidden").overflow_y == "auto"
    assert one("page-break-before: always; page-break-inside: avoid").break_before == "page"
    assert one("font-variant: small-caps tabular-nums").font_variant_numeric == ("tabular-nums",)
    assert one("font-feature-settings: 'smcp', 'tnum' off").font_feature_settings == (("smcp", 1), ("tnum", 0))
    assert one("counter-reset: a b 3").counter_reset == (("a", 0), ("b", 3))
    assert one("counter-increment: A").counter_increment == (("A", 1),)
    assert one("border-spacing: 1px 2px").border_spacing == (1, 2)
    assert one("string-set: title content() '!'").string_set == (("title", (("content", "text"), ("string", "!"))),)
    assert one("quotes: '<' '>'").quotes == (("<", ">"),)


def test_content_items():
    style = one(
        "content: 'a' attr(data-x) counter(page) counters(c, '.', upper-roman) string(title) open-quote url(i.png)"
    )
    assert style.content == (
        ("string", "a"), ("attr", "data-x"), ("counter", "page", "decimal"), ("counters", "c", ".", "upper-roman"),
        ("string-ref", "title", "first"), ("quote", "open-quote"), ("url", Url("i.png", "style.css")),
    )  # fmt: skip


def test_css_wide_keywords():
    body = "<div id=p><p id=x></p></div>"
    inherit = styles("#p { margin: 3px; color: red } #x { margin: inherit; color: initial }", body)["x"]
    assert (inherit.margin_top, inherit.color) == (3, BLACK)
    unset = styles("#p { color: red } #x { display: unset; color: unset }", body)["x"]
    assert (unset.display, unset.color.components) == ("inline", (1, 0, 0))
    reverted = styles("#x { display: inline; display: revert; margin: revert }", body)["x"]
    assert (reverted.display, reverted.margin_top) == ("block", 16)
    everything = styles("#p { color: red; direction: rtl } #x { all: initial }", body)["x"]
    assert (everything.display, everything.color, everything.direction) == ("inline", BLACK, "rtl")
