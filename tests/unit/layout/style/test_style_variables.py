"""Custom properties, var(), env(), attr(); logical properties; aliases; revert and layers in the cascade."""

import pytest

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.html.parsing import parse_html
from spark_pdf.layout.values import BLACK, Color
from tests.style_help import one, styles, walked, warnings_of

RED, BLUE, LIME = Color("srgb", (1, 0, 0)), Color("srgb", (0, 0, 1)), Color("srgb", (0, 1, 0))
NESTED = "<div id=p><p id=x></div>"


def test_custom_properties_inherit_and_are_substituted():
    css = ":root { --c: red; --w: 5px } #p { --c: blue } #x { color: var(--c); width: calc(var(--w) * 2) }"
    found = styles(css, NESTED)
    assert (found["x"].color, found["x"].width) == (BLUE, 10)
    assert one("--A: red; --a: blue; color: var(--A)").color == RED, "their names know case"


@pytest.mark.parametrize(
    ("declarations", "color"),
    [("color: var(--none, red)", RED), ("color: var(--none,)", BLACK), ("--a: ; color: red var(--a)", RED),
     ("color: var(--none, var(--other, lime))", LIME), ("--a: var(--b); --b: lime; color: var(--a)", LIME),
     ("color: red; color: var(--none)", BLACK), ("--a: initial; color: var(--a, red)", RED),
     ("--a: 5px; color: red; color: var(--a)", BLACK), ("--a: inherit; color: var(--a, red)", RED),
     ("--r: 255 0; color: rgb(var(--r) 0)", RED), ("--a: blue!important; --a: red; color: var(--a)", BLUE),
     ("color: env(safe-area-inset-top, red)", BLACK), ("color: env(nothing, red)", RED)],
)  # fmt: skip
def test_var(declarations, color):
    assert one(declarations).color == color


@pytest.mark.parametrize("text", ["var()", "var(a)", "var(--a b)", "var(1)"])
def test_var_that_is_not_well_formed_is_dropped_at_once(text):
    assert one(f"color: red; color: {text}").color == RED
    assert warnings_of(f"p {{ color: {text} }}") == [("invalid_value", "style.css:1")]


def test_invalid_at_computed_value_time_is_unset():
    css = "#p { color: red; width: 3px } #x { color: blue; color: var(--none); width: 4px; width: var(--none) }"
    style = styles(css, NESTED)["x"]
    assert (style.color, style.width) == (RED, "auto")


def test_cycles_make_all_in_them_invalid():
    style = one("--a: var(--b); --b: var(--c); --c: var(--a, lime); --d: var(--a, red); color: var(--d);"
                "--self: var(--self, blue); background-color: var(--self, lime)")  # fmt: skip
    assert style.color == RED
    assert style.background_color == LIME


def test_shorthands_wait_for_variables():
    style = one("--b: 2px solid red; border: var(--b); --m: 1px 2px; margin: var(--m) 3px; --f: 20px/2 serif;"
                "font: bold var(--f); --bg: url(a.png) no-repeat; background: var(--bg)")  # fmt: skip
    assert (style.border_top_width, style.border_left_color) == (2, RED)
    assert (style.margin_top, style.margin_right, style.margin_bottom) == (1, 2, 3)
    assert (style.font_size, style.line_height, style.font_weight) == (20, 40, 700)
    assert style.background_image[0].base == "style.css"
    assert one("border: 1px solid red; border: var(--none)").border_top_style == "none"
    assert one("--w: inherit; margin: var(--none, inherit)").margin_top == 8, "the body's"


def test_a_bomb_is_defused():
    bombs = ";".join(f"--x{n}: var(--x{n - 1}) var(--x{n - 1})" for n in range(1, 31))
    assert one(f"--x0: red red red red; {bombs}; color: var(--x30, lime)").color == LIME
    chain = ";".join(f"--x{n}: var(--x{n - 1})" for n in range(2000, 0, -1))
    assert one(f"--x0: red; {chain}; color: var(--x2000, lime)").color == RED


def test_variables_in_style_attributes_and_pseudo_elements():
    body = "<p id=x style='--c: red'>x</p>"
    stylist = Stylist(load_stylesheets([StyleSource("p { color: var(--c) } p::before { content: var(--t, 'a') }")]))
    (element, style) = walked(stylist, parse_html(body).root)[-1]
    assert style.color == RED
    assert stylist.pseudo_style(element, style, "before").content == (("string", "a"),)


def test_attr_with_types():
    css = "p { width: attr(data-w px, 7px); color: attr(data-c type(<color>), lime); height: attr(data-h type(*)) }"
    body = "<p id=x data-w=20 data-c=red data-h='3px'><p id=y data-w=wide><p id=z data-w=20 data-c=red data-h='3px'>"
    found = styles(css, body)
    assert (found["x"].width, found["x"].color, found["x"].height) == (20, RED, 3)
    assert (found["y"].width, found["y"].color, found["y"].height) == (7, LIME, "auto")
    assert found["z"] is found["x"]
    inline = styles(
        "", "<p id=x data-w=5 style='width: attr(data-w mm)'><p id=y data-w=6 style='width: attr(data-w mm)'>"
    )
    assert inline["y"].width > inline["x"].width > 0
    assert one("content: attr(title)").content == (("attr", "title"),)


def test_logical_properties_follow_the_direction():
    css = "margin-inline: 1px 2px; padding-inline-start: 3px; border-inline-end: 4px solid; inset-inline: 5px 6px;"
    css += "border-start-start-radius: 7px; margin-block: 8px 9px; inline-size: 10px; block-size: 11px"
    ltr, rtl = one(css), one(f"direction: rtl; {css}")
    assert (ltr.margin_left, ltr.margin_right, rtl.margin_left, rtl.margin_right) == (1, 2, 2, 1)
    assert (ltr.padding_left, rtl.padding_right) == (3, 3)
    assert (ltr.border_right_width, rtl.border_left_width) == (4, 4)
    assert (ltr.left, ltr.right, rtl.left) == (5, 6, 6)
    assert (ltr.border_top_left_radius, rtl.border_top_right_radius) == ((7, 7), (7, 7))
    assert (ltr.margin_top, ltr.margin_bottom, ltr.width, ltr.height) == (8, 9, 10, 11)
    assert one("border-block: 1px solid red").border_bottom_color == RED


def test_logical_and_physical_share_one_place_in_the_cascade():
    assert one("margin-left: 1px; margin-inline-start: 2px").margin_left == 2
    assert one("margin-inline-start: 2px; margin-left: 1px").margin_left == 1
    found = styles("#x { margin-left: 1px } p { margin-inline-start: 2px }", "<p id=x>")
    assert found["x"].margin_left == 1
    assert styles("p { margin-inline-start: 2px !important } #x { margin: 1px }", "<p id=x>")["x"].margin_left == 2
    inherited = styles("#p { margin-left: 4px } #x { margin-inline-start: inherit }", NESTED)["x"]
    assert inherited.margin_left == 4


def test_aliases_of_vendors():
    style = one("-webkit-box-sizing: border-box; -moz-border-radius: 3px; -webkit-transform: rotate(90deg);"
                "-webkit-print-color-adjust: exact; word-wrap: break-word; -webkit-margin-start: 5px")  # fmt: skip
    assert (style.box_sizing, style.border_top_left_radius, style.overflow_wrap) == ("border-box", (3, 3), "break-word")
    assert (style.transform, style.margin_left) == ((("rotate", 90),), 5)
    assert warnings_of("p { -webkit-print-color-adjust: exact; -ms-filter: 'x'; print-color-adjust: exact }") == []
