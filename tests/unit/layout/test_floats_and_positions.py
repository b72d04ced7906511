"""Floats and positioned boxes where WeasyPrint puts them; by hand, with the section, where it does not."""

from __future__ import annotations

import pytest

from tests.weasyprint_help import INSTALLED, Glyph, ours, unmatched

T = "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore "
F, R = "<div class=f>F1</div>", "<div class=r>R1</div>"
CSS = ".f { float: left; width: 60px; height: 41px } .r { float: right; width: 60px; height: 41px }"
_IN_BOX = "<div class=box><div class=a>abs</div></div>"

SAME = {
    "left": (F + "<p>" + T * 2, ""),
    "right": (R + "<p>" + T * 2, ""),
    "both": (F + R + "<p>" + T * 2, ""),
    "rows of floats": (F * 7 + "<p>" + T, ""),
    "shrink to fit": ("<div style='float:left'>short</div><div style='float:right'>other</div><p>" + T, ""),
    "as wide as the container": ("<div style='float:left'>" + T + "</div><p>" + T, ""),
    "clear": (F + "<p>ab</p><p style='clear:left'>cleared</p><p>x", ""),
    "a margin that is more than the clearance": (F + "<p>ab</p><p style='clear:left;margin-top:60px'>cleared</p>x", ""),
    "a cleared box at the end": ("<div>" + F * 2 + "<div style='clear:both'></div></div><p>after", ""),
    "clearfix": (
        "<div class=row>" + F * 2 + "</div><p>after",
        ".row::after { content: ''; display: table; clear: both }",
    ),
    "a formatting context contains floats": (
        "<div class=row>" + F * 2 + "</div><p>after",
        ".row { overflow: hidden; border: 1px solid }",
    ),
    "floats of an inner block": ("<div style='margin:10px'><div>" + F + "abc</div></div><p>" + T * 2, ""),
    "halves": ("<div class=c>a</div><div class=c>b</div><div class=c>c</div>", ".c { float: left; width: 50% }"),
    "a table that has no room": (F + "<table style='width:100%'><tr><td>one<td>two</table><p>" + T, ""),
    "in a cell": ("<table><tr><td style='width:150px'>" + F + "text in cell beside<td>second</table>", ""),
    "negative margin": ("<div class=f style='margin:0 5px 0 -10px'>N</div><p>" + T, ""),
    "below a margin": ("<p style='margin:0 0 20px'>A</p>" + F + "<p style='margin:30px 0 0'>" + T, ""),
    "without size": ("<div class=f style='width:0;height:0'></div><p>" + T, ""),
    "a line that has no room": ("<div class=f style='width:280px'>W</div><p>Loremipsumdolorsit amet</p>", ""),
    "a float that goes to the next page": ("<div style='height:230px'>x</div>" + F + "<p>" + T * 2, ""),
    "a float that goes on on the next page": (
        "<div style='height:200px'>x</div><div style='float:left;width:100px'>" + T + T + "</div><p>" + T * 2,
        "",
    ),
    "columns over pages": (
        "<div class=a>" + T * 8 + "</div><div class=b>" + T * 5 + "</div><div style='clear:both'>end</div>",
        ".a { float: left; width: 40% } .b { float: right; width: 40% }",
    ),
    "cards over pages": (
        "".join(f"<div class=card>card {number}</div>" for number in range(14)),
        ".card { float: left; width: 90px; height: 60px; margin: 4px; break-inside: avoid }",
    ),
    "inline-start": ("<div dir=rtl><div style='float:inline-start;width:40px'>S</div><p>abc def</p></div>", ""),
    "min and max": (
        "<div class=a>" + T + "</div><div class=b>m</div><div class=c>n</div>",
        "div { float: left } .a { max-width: 80px } .b { min-width: 100px }",
    ),
    "absolute": ("<div class=box>flow<div class=a>abs</div></div><p>z", ".a { right: 10px; bottom: 5px }"),
    "in the line": ("<p>text before <span class=a>abs</span> after</p><p>z", ""),
    "a block's static position": ("<p>one</p><div class=a>abs</div><p>z</p>", ""),
    "of the page": ("<p>one</p><div class=a>abs</div><p>z</p>", ".a { top: 0; right: 0 }"),
    "stretched": (
        "<div class=box><div class=a>abs</div></div>",
        ".a { inset: 10px 20px 10px 10px; text-align: right }",
    ),
    "centred": (
        "<div class=box><div class=a>abs</div></div>",
        ".a { inset: 0; margin: auto; width: 50px; height: 20px }",
    ),
    "percentages": (
        "<div class=box><div class=a>abs de</div></div>",
        ".a { top: 50%; left: 50%; padding: 5%; width: 25% }",
    ),
    "within each other": (
        "<div class=box><div class=a>A<div class=a>B</div></div></div>",
        ".a { right: 9px; bottom: 8px }",
    ),
    "fixed": ("<div style='position:fixed;bottom:0;left:0'>fix</div><p>" + T * 12, ""),
    "a float that is moved": ("<div class=f style='position:relative;top:5px;left:7px'>F</div><p>" + T, ""),
    "a window for the address": (
        "<div style='position:absolute;top:30mm;left:5mm;width:40mm'>Me<br>City</div><p style='margin-top:60mm'>" + T,
        "",
    ),
    "terms and their values": (
        "<dl><dt>Name</dt><dd>one</dd><dt>Other</dt><dd>two " + T + "</dd></dl>",
        "dt { float: left; clear: left; width: 80px } dd { margin: 0 0 0 90px }",
    ),
    "totals": ("<table style='float:right'><tr><th>Net<td>9</table><p style='clear:both'>x", "th { font-weight: 400 }"),
    "generated": (
        "<p class=x>para</p>",
        ".x::before { content: '*'; position: absolute; left: 5px; top: 3px } .x::after { content: '#'; float: right }",
    ),
}
BOX = ".box { position: relative; height: 100px; border: 2px solid; padding: 5px } .a { position: absolute }"


@pytest.mark.skipif(not INSTALLED, reason="WeasyPrint is not installed")
@pytest.mark.parametrize("name", SAME)
def test_boxes_stand_where_weasyprint_puts_them(name: str) -> None:
    body, css = SAME[name]
    css = (BOX if "class=a" in body and "float" not in css else "") + CSS + css
    assert unmatched(body, css) == []


def first(found: list[Glyph], character: str) -> tuple[float, float]:
    return next((round(x), round(y - 9.47)) for _, glyph, x, y in found if glyph == character)


def test_a_float_within_a_line_moves_all_of_it() -> None:
    # CSS 2.2, 9.5: the line box is shortened; WeasyPrint leaves what follows the float where it was.
    found = ours("<p style='margin:0'>X <span class=f>F</span>YZ", CSS)
    assert first(found, "F") == (20, 20)
    assert first(found, "X") == (80, 20)
    assert first(found, "Y") == (89, 20)


def test_a_float_that_has_no_room_beside_the_line_goes_below_it() -> None:
    found = ours("<p style='margin:0'>XXXXXX <span class=f>F</span>YY Z<br>W", CSS + " .f { width: 270px }")
    assert first(found, "X") == (20, 20)
    assert first(found, "Y")[1] == 20
    assert first(found, "F") == (20, 32)
    assert first(found, "W") == (290, 32)


def test_a_formatting_context_grows_narrower_beside_a_float() -> None:
    # CSS 2.2, 9.5 allows it, and browsers do it; WeasyPrint goes below the float.
    found = ours(F + "<div style='overflow:hidden;text-align:right'>X</div>", CSS)
    assert first(found, "X") == (313, 20)
    found = ours(F + "<div style='display:flow-root;margin-left:100px'>X</div>", CSS)
    assert first(found, "X") == (120, 20)
    found = ours(F + "<div style='display:flow-root;width:250px'>X</div>", CSS)
    assert first(found, "X") == (20, 61)


def test_an_inline_box_is_a_containing_block() -> None:
    # CSS 2.2, 10.1: the padding box of the inline box, whose content area is 11.17px high in a line of 12.
    inner = "<i style='position:absolute;top:20px;left:3px'>X</i>"
    found = ours(f"a<span style='position:relative;padding-left:10px'>b{inner}</span>")
    assert first(found, "X") == (29, 40)


def test_the_bottom_of_a_cell_is_that_of_its_row() -> None:
    cell = "<td style='position:relative;width:100px;height:50px'>x<div style='position:absolute;bottom:0'>X</div>"
    assert first(ours(f"<table><tr>{cell}</table>"), "X") == (23, 62)


def test_a_static_position_limits_what_is_available() -> None:
    # CSS 2.2, 10.3.7: with left at the static position, what is available ends at the containing block's edge.
    found = ours(_long("margin-left:200px"))
    assert max(x for _, _, x, _ in found) < 320


def _long(margin: str) -> str:
    return f"<div style='{margin}'><div style='position:absolute'>{T}</div></div>"


def test_a_blank_page_shows_what_is_fixed() -> None:
    css = CSS + "p { break-before: right } i { position: fixed; bottom: 0 }"
    assert [page for page, glyph, _, _ in ours("<i>X</i>a<p>b</p>", css) if glyph == "X"] == [0, 1, 2]


def test_a_line_break_may_clear() -> None:
    # HTML, 15.3.4: what comes behind the line that it ends stands below the floats.
    for how in ("clear=all", "style='clear:both'"):
        assert first(ours(f"{F}a<br {how}>X", CSS), "X") == (20, 61)
        assert first(ours(f"<p style='margin:0'>{R}a<br {how}>X", CSS), "X") == (20, 61)
