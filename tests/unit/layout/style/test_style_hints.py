"""Presentational hints and the user agent's sheet: the HTML Standard, chapter 15, a test for each section."""

import pytest

from spark_pdf.layout.css.hints import legacy_color
from spark_pdf.layout.values import Percentage
from tests.style_help import boxes, styles


def by_id(body, css=""):
    return styles(css, body)


@pytest.mark.parametrize(
    ("text", "rgb"),
    [("red", (255, 0, 0)), ("#f00", (255, 0, 0)), ("f00", (15, 0, 0)), ("ff0000", (255, 0, 0)),
     ("#FF0000", (255, 0, 0)),
     ("chucknorris", (192, 0, 0)), ("#12", (1, 2, 0)), ("rgb(1,2,3)", (32, 1, 0)), ("", None), ("transparent", None),
     (" blue ", (0, 0, 255)), ("zzzzzz", (0, 0, 0)), ("#123456789", (18, 69, 120)), ("CanvasText", (0, 0, 0))],
)  # fmt: skip
def test_legacy_colours(text, rgb):
    found = legacy_color(text)
    if text == "rgb(1,2,3)":
        assert found is not None  # whatever it is: the rules make a colour of anything
    elif rgb is None:
        assert found is None
    else:
        assert found.components == pytest.approx([part / 255 for part in rgb], abs=0.003)


def test_the_body():
    found = by_id("<body id=b bgcolor=yellow text=red link=lime leftmargin=5 marginheight=7><a id=a href=x>1</a>")
    body = found["b"]
    assert (body.margin_left, body.margin_right, body.margin_top, body.margin_bottom) == (5, 8, 7, 7)
    assert (body.background_color.components, body.color.components) == ((1, 1, 0), (1, 0, 0))
    assert found["a"].color.components == (0, 1, 0)


@pytest.mark.parametrize(
    ("body", "attribute", "value"),
    [("<p id=x align=right>", "text_align", "right"), ("<h1 id=x align=CENTER>", "text_align", "center"),
     ("<div id=x align=justify>", "text_align", "justify"), ("<center id=x>", "text_align", "center"),
     ("<img id=x align=left>", "float_", "left"), ("<img id=x align=right>", "display", "block"),
     ("<img id=x align=texttop>", "vertical_align", "text-top"),
     ("<img id=x align=absmiddle>", "vertical_align", "middle"),
     ("<table id=x align=right>", "float_", "right"), ("<table id=x align=center>", "margin_left", "auto"),
     ("<hr id=x align=left>", "margin_right", "auto"), ("<hr id=x size=1>", "border_bottom_width", 0),
     ("<hr id=x size=10>", "height", 8), ("<hr id=x noshade>", "border_top_style", "solid"),
     ("<hr id=x color=red>", "border_top_style", "solid"), ("<hr id=x width=50%>", "width", Percentage(0.5)),
     ("<pre id=x wrap>", "white_space", "pre-wrap"), ("<br id=x clear=all>", "clear", "both"),
     ("<table><tr><td id=x nowrap>", "white_space", "nowrap"), ("<table><tr><td id=x width=0>", "width", "auto"),
     ("<table><tr><td id=x valign=top>", "vertical_align", "top"), ("<table><tr id=x height=20>", "height", 20),
     ("<table><caption id=x align=bottom>", "caption_side", "bottom"), ("<img id=x hspace=4>", "margin_left", 4),
     ("<img id=x border=2>", "border_top_style", "solid"), ("<img id=x width=10% height=5>", "height", 5),
     ("<ul id=x type=SQUARE>", "list_style_type", "square"), ("<ol id=x type=A>", "list_style_type", "upper-alpha"),
     ("<ol><li id=x type=i>", "list_style_type", "lower-roman"),
     ("<li id=x value=7>", "counter_set", (("list-item", 7),)),
     ("<font id=x size='+2'>", "font_size", 24),
     ("<font id=x size='-1'>", "font_size", 128 / 9),
     ("<font id=x face='Courier New, x'>", "font_family", ("Courier New", "x")),
     ("<table id=x cellspacing=3>", "border_spacing", (3, 3)), ("<table cellpadding=4><td id=x>", "padding_top", 4),
     ("<table border><td id=x>", "border_top_style", "inset"), ("<table id=x border=3>", "border_top_width", 3),
     ("<table border=0><td id=x>", "border_top_style", "none"),
     ("<table rules=all><td id=x>", "border_top_style", "solid"),
     ("<table id=x rules=rows>", "border_collapse", "collapse"),
     ("<table rules=cols><td id=x>", "border_top_style", "none"),
     ("<table rules=rows><tr id=x>", "border_top_style", "solid"),
     ("<table rules=groups><tbody id=x>", "border_top_width", 1),
     ("<table id=x frame=hsides>", "border_left_style", "hidden"),
     ("<table id=x bordercolor=red border=1>", "border_top_width", 1),
     ("<p id=x dir=RTL>", "direction", "rtl"), ("<bdo id=x dir=rtl>", "unicode_bidi", "isolate-override"),
     ("<p id=x hidden>", "display", "none"), ("<ul id=x dir=rtl>", "padding_right", 40),
     ("<dd id=x>", "margin_left", 40)],
)  # fmt: skip
def test_hints(body, attribute, value):
    assert getattr(by_id(body)["x"], attribute) == value


def test_hints_rank_below_the_author_and_above_the_user_agent():
    body = "<center id=c><table id=t width=50% align=right></table></center><p id=p align=right>"
    found = by_id(body, ":where(table) { float: none; width: 10px } p { text-align: revert }")
    assert (found["t"].float_, found["t"].width) == ("none", 10)
    assert found["p"].text_align == "start"


def test_align_places_blocks_as_well_as_lines():
    page = "<style>@page { size: 300px; margin: 0 } body { margin: 0 } "
    page += "p, table { background: red; margin-top: 0; margin-bottom: 0; width: 100px; height: 10px }</style>"
    assert boxes(page + "<center><p></p></center>", "p") == [(100, 0, 100, 10)]
    assert boxes(page + "<div align=right><p></p></div>", "p") == [(200, 0, 100, 10)]
    assert boxes(page + "<center><div style='text-align: left'><p></p></div></center>", "p") == [(0, 0, 100, 10)]
    assert boxes(page + "<center><p style='margin-left: 5px'></p></center>", "p") == [(5, 0, 100, 10)]
    assert boxes(page + "<p align=center><span></span></p>", "p") == [(0, 0, 100, 10)]
    table = boxes(page + "<center><table><tr><td>x</table></center>", "table")
    assert (table[0][0], table[0][2]) == (100, 100)


def test_headings_lists_and_tables_of_the_user_agent():
    found = by_id("<h2 id=h>x</h2><ul><li><ul id=u></ul></ul><table><tr><th id=t>x<td id=d></table><b id=b>x</b>"
                  "<sub id=s>x</sub><blockquote id=q>x</blockquote><a id=a href=x>x</a><ins id=i>x</ins>")  # fmt: skip
    assert (found["h"].font_size, found["h"].font_weight, found["h"].margin_top) == (24, 700, pytest.approx(19.92))
    assert (found["h"].break_after, found["h"].bookmark_level) == ("avoid", 2)
    assert (found["u"].list_style_type, found["u"].margin_top) == ("circle", 0)
    assert (found["t"].text_align, found["t"].font_weight, found["d"].padding_left) == ("center", 700, 1)
    assert found["d"].border_top_color.components == pytest.approx((0.502,) * 3, abs=0.001)
    assert (found["s"].vertical_align, found["q"].margin_left) == ("sub", 40)
    assert (found["a"].text_decoration_line, found["i"].text_decoration_line) == (("underline",), ("underline",))
