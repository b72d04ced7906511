"""Math functions and units: CSS Values 4, sections 6 and 10."""

import pytest

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.css.lengths import FontMetrics
from spark_pdf.layout.html.parsing import parse_html
from spark_pdf.layout.values import Percentage, Position
from tests.style_help import boxes, one, styles, walked


@pytest.mark.parametrize(
    ("text", "px"),
    [("calc(1px + 2px)", 3), ("calc(10px - 2 * 3px)", 4), ("calc((1in + 4px) / 2)", 50), ("calc(2em + 1px)", 41),
     ("min(10px, 1em, 30px)", 10), ("max(10px, 1em)", 20), ("clamp(5px, 1em, 10px)", 10), ("clamp(5px, 1px, 10px)", 5),
     ("clamp(none, 1px, 10px)", 1), ("calc(1px * pi / pi)", 1), ("abs(-3px)", 3), ("round(13px, 5px)", 15),
     ("round(down, 13px, 5px)", 10), ("round(up, 11px, 5px)", 15), ("round(to-zero, 19px, 5px)", 15),
     ("mod(18px, 5px)", 3), ("mod(-1px, 5px)", 4), ("rem(18px, 5px)", 3), ("hypot(3px, 4px)", 5),
     ("calc(1px * sign(-3) + 2px)", 1), ("calc(100px * sin(30deg))", 50), ("calc(1px * pow(2, 3))", 8),
     ("calc(1px * sqrt(16))", 4), ("calc(10px / 2px * 1px)", 5), ("calc(5px - 9px)", 0),
     ("calc(min(1em, 5px) * 2)", 10),
     ("calc(1px*2 + 3px)", 5), ("-webkit-calc(1px + 1px)", 2), ("calc(calc(1px) + (2px))", 3),
     ("calc(1rem + 1vw)", 23)],
)  # fmt: skip
def test_calculations(text, px):
    css = f"@page {{ size: 700px; margin: 0 }} #x {{ font-size: 20px; width: {text} }}"
    assert styles(css)["x"].width == pytest.approx(px)


@pytest.mark.parametrize(
    "text",
    ["calc(1px+2px)", "calc(1px +2px)", "calc(1px + 2)", "calc(1px * 1px)", "calc(2 / 1px)", "calc()", "calc(1px,)",
     "min()", "calc(1px + 1s)", "clamp(1px, 2px)", "calc(foo)", "round(1px)", "calc(" * 40 + "1px" + ")" * 40],
)  # fmt: skip
def test_calculations_that_are_not_valid(text):
    assert one(f"width: 7px; width: {text}").width == 7


def test_percentages_wait_for_what_they_are_of():
    width = one("width: calc(50% + 10px - 1em)").width
    assert type(width) is Percentage
    assert (float(width), width.px, width * 200) == (0.5, -6, 94)
    assert width * 4 == 0, "a width is not below zero"
    assert one("margin-left: calc(50% - 100px)").margin_left * 100 == -50
    assert one("width: calc(20% * 2)").width == Percentage(0.4)
    low = one("width: min(100%, 300px)").width
    assert (low * 200, low * 1000) == (200, 300)
    nested = one("width: calc(10px + 2 * max(50%, 30px))").width
    assert (nested * 40, nested * 100) == (70, 110)
    assert one("width: clamp(100px, 50%, 200px)").width * 500 == 200
    assert one("border-left: calc(1px + 1%) solid").border_left_width == 0, "no percentages there"


def test_percentages_in_positions_and_fonts():
    x, y = one("background-position: right calc(10px + 5%) top 1px").background_position[0]
    assert x.fraction * 100 + x.offset == 85
    assert y == Position(0, 1)
    assert one("font-size: calc(100% + 4px)").font_size == 20
    assert one("font-size: 10px; line-height: calc(1.5 * 2)").line_height == 30
    assert one("font-size: 10px; line-height: calc(50% + 1px)").line_height == 6


def test_numbers_and_angles():
    style = one("opacity: calc(1 / 4); z-index: calc(7 / 2); flex-grow: calc(1 + 1); rotate: calc(1turn / 4);"
                "color: rgb(calc(255 * 1) 0 0); widows: max(1, 2.6)")  # fmt: skip
    assert (style.opacity, style.z_index, style.flex_grow, style.rotate, style.widows) == (0.25, 4, 2, 90, 3)
    assert style.color.components == (1, 0, 0)
    assert one("width: calc(1px * infinity)").width == 1e7
    assert one("width: calc(1px * nan)").width == 0
    assert one("transform: translate(calc(-50% + 1px), 0)").transform[0][1] * 10 == -4


def measured(css, body="<div id=p><p id=x></div>"):
    """Styles with a face whose metrics are known."""

    def measure(font):
        return FontMetrics(0.4, 0.6, 0.7 if font.font_weight > 400 else 0.55, 0.9, 1.3)

    stylist = Stylist(load_stylesheets([StyleSource(css)]), "t.html", measure)
    return {element.id: style for element, style in walked(stylist, parse_html(body).root)}


def test_units_of_the_face():
    css = "#x {{ font-size: 10px; width: {} }}"
    for text, px in (("1ex", 4), ("1cap", 6), ("1ch", 5.5), ("1ic", 9), ("1lh", 13), ("2rex", 12.8), ("1rch", 8.8),
                     ("1rlh", 20.8), ("1ric", 14.4), ("1rcap", 9.6)):  # fmt: skip
        assert measured(css.format(text))["x"].width == pytest.approx(px), text
    assert measured("#x { font-weight: bold; font-size: 10px; width: 1ch }")["x"].width == 7
    assert measured("#p { font-size: 20px } #x { font-size: 1ch }")["x"].font_size == pytest.approx(11)
    assert measured("#x { line-height: 2; font-size: 10px; width: 1lh }")["x"].width == 20
    assert measured("#p { line-height: 30px } #x { line-height: 2lh }")["x"].line_height == 60
    assert measured("html { line-height: 2 } #x { line-height: 1px; width: 1rlh }")["x"].width == 32
    assert measured("html { font-size: 2ch; line-height: 1lh; width: 1rch }")["x"].root_font_size == pytest.approx(17.6)


@pytest.mark.parametrize("prefix", ["", "s", "l", "d"])
def test_units_of_the_page(prefix):
    css = "@page {{ size: 500px 800px; margin: 50px }} #x {{ width: {} }}"
    for unit, px in (("w", 4), ("h", 7), ("min", 4), ("max", 7), ("i", 4), ("b", 7)):
        assert styles(css.format(f"1{prefix}v{unit}"))["x"].width == px


def test_a_width_of_a_percentage_and_a_length_is_laid_out():
    html = """<style>@page { size: 300px; margin: 0 } body { margin: 0 }
      div { width: calc(50% - 10px); margin-left: max(10%, 12px); height: 5px; background: red }</style><div></div>"""
    assert boxes(html, "div") == [(30, 0, 140, 5)]
