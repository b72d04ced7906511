"""Breaks between pages where other engines differ or say nothing: CSS Fragmentation 3, CSS Paged Media 3."""

from __future__ import annotations

import pytest

from tests.page_help import box_sizes, laid, lines, margin_texts, pages_of, places, texts

# A page holds five lines of 12 px, from y 20 to 80.


def test_cloned_decorations_are_on_each_page() -> None:
    css = "div { border: 1px solid; padding: 5px; box-decoration-break: clone }"
    first, second = pages_of(f"<div>{lines(6)}</div>", css)
    assert box_sizes(first)[0] == (20.0, 20.0, 200.0, 60.0)
    assert box_sizes(second)[0] == (20.0, 20.0, 200.0, 36.0)
    assert list(places(second).values()) == [(26.0, 26.0), (26.0, 38.0)]


def test_sliced_decorations_are_open_at_breaks() -> None:
    css = "div { border: 1px solid; padding: 5px }"
    first, second = pages_of(f"<div>{lines(6)}</div>", css)
    assert box_sizes(first)[0] == (20.0, 20.0, 200.0, 54.0)
    assert list(places(second).values()) == [(26.0, 20.0), (26.0, 32.0)]


def test_a_table_without_room_for_header_footer_and_a_row_waits() -> None:
    rows = "".join(f"<tr><td>r{n}" for n in range(3))
    table = f"<table><thead><tr><th>H</thead><tfoot><tr><th>F</tfoot>{rows}</table>"
    assert texts(lines(3) + table) == ["p0 p1 p2", "H r0 r1 r2 F"]
    assert texts(lines(2) + table) == ["p0 p1 H r0 F", "H r1 r2 F"]


def test_headers_that_fill_the_page_are_not_repeated() -> None:
    head = "<thead><tr><th>" + "<br>".join("H" * 4) + "</thead>"
    rows = "".join(f"<tr><td>r{n}" for n in range(6))
    assert texts(f"<table>{head}{rows}</table>") == ["H H H H r0", "r1 r2 r3 r4 r5"]


def test_tables_may_have_nothing_but_a_header() -> None:
    assert texts("<table><thead><tr><th>H</thead></table><p>x") == ["H x"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("page", ["a", "b"]), ("always", ["a", "b"]), ("left", ["a", "b"]), ("right", ["a", "", "b"]),
        ("recto", ["a", "", "b"]), ("verso", ["a", "b"]), ("avoid", ["a b"]), ("auto", ["a b"]),
    ],
)  # fmt: skip
def test_every_break(value: str, expected: list[str]) -> None:
    assert texts(f"<p>a</p><p style='break-before: {value}'>b") == expected
    assert texts(f"<p style='break-after: {value}'>a</p><p>b") == expected
    if value in ("always", "left", "right", "avoid", "auto"):
        assert texts(f"<p>a</p><p style='page-break-before: {value}'>b") == expected


@pytest.mark.parametrize(
    "body",
    [
        "<div style='display: flex; flex-direction: column'><p>a</p><p class=x>b</p></div>",
        "<div><div><p>a</p></div></div><div><div><p class=x>b</p></div></div>",
        "<table><tr><td>a<tr class=x><td>b</table>",
        "<table><tbody><tr><td>a</tbody><tbody class=x><tr><td>b</tbody></table>",
        "<ul><li>a<li class=x>b</ul>",
        "<p>a</p><div style='display: flex' class=x><p>b</p></div>",
        "<p>a</p><table class=x><tr><td>b</table>",
        "<div style='display: grid'><p>a</p><p class=x>b</p></div>",
    ],
)
def test_forced_breaks_within_containers(body: str) -> None:
    css = ".x { break-before: page } li { list-style: none }"
    assert texts(body, css) == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "unforced", "forced"), [("auto", 20.0, 29.0), ("keep", 29.0, 29.0), ("discard", 20.0, 20.0)]
)
@pytest.mark.parametrize("floats", ["", "<div style='float: right'></div>"])
def test_margins_behind_breaks(value: str, unforced: float, forced: float, floats: str) -> None:
    style = f"margin-top: 9px; margin-break: {value}"
    assert places(pages_of(floats + lines(5) + f"<p style='{style}'>b")[1])["b"][1] == unforced
    assert places(pages_of(floats + lines(2) + f"<p style='{style}; break-before: page'>b")[1])["b"][1] == forced


def test_rows_at_the_edges_of_a_table_break_before_and_behind_it() -> None:
    css = ".x { break-before: page } .y { break-after: page }"
    assert texts("<p>a</p><table><tr class=x><td>b</table>", css) == ["a", "b"]
    assert texts("<p>a</p><table><tbody class=x><tr><td>b</tbody></table>", css) == ["a", "b"]
    assert texts("<table><tr class=y><td>a</table><p>b", css) == ["a", "b"]
    assert texts("<div><table><tr class=x><td>a</table></div>", css) == ["a"]


def test_right_to_left_pages_turn_recto_and_verso() -> None:
    css = "html { direction: rtl }"
    assert texts("<p>a</p><p style='break-before: recto'>b", css) == ["a", "", "b"]
    assert texts("<p>a</p><p style='break-before: right'>b", css) == ["a", "b"]


def test_running_elements_of_automatic_boxes_stand_as_text_would() -> None:
    css = "header { position: running(h) } @page { @top-%s { content: element(h) } }"
    for place, x in (("left", 20.0), ("center", 120 - 2.78), ("right", 220 - 5.56)):
        (page,) = pages_of("<header>a</header>", css % place)
        from tests.page_help import flat

        (text,) = flat(page.margins(1))
        assert text.x == pytest.approx(x, abs=0.1)
    wide = "header { position: running(h) } @page { @top-right { width: 100%; content: element(h) } }"
    assert margin_texts("<header>a</header>", wide) == ["a"]


def test_a_cleared_line_break_in_named_pages_turns_no_page() -> None:
    css = "@page w { margin: 0 } div { page: w }"
    assert texts("<div>a<br clear=all style='break-before: page'>b</div>", css) == ["a b"]
    assert texts("<div><p>a<i style='display: table-cell'>b</i></div>", css) == ["a b"]


@pytest.mark.parametrize(
    ("body", "count"),
    [("<div class=h></div><ol><div class=h></div><div><ol></ol>" + "word " * 11 + "</div></ol>", 2),
     ("<div class='ba h'></div><div class=fl>lorem ipsum dolor lorem ipsum dolor<p class=h></p></div>lorem ips", 2),
     ("lorem ipsum dolor " * 9 + "<p></p><div class=h><div class=ba></div></div><ul class='mh ib'></ul>", 3),
     ("<div style='display: flex'><div class=h></div></div><ul style='break-inside: avoid'>" + "word " * 10
      + "lorem ipsum dolor lorem ipsum dolor <p>wo</p>word</ul>", 2)],
)  # fmt: skip
def test_room_alone_is_not_broken_to_keep_others_together(body: str, count: int) -> None:
    assert number_of_pages(body, BREAKS, count) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [("<div class=nw>lo<div class=fl><div class=h>wor</div></div>" + "word " * 8 + "<ol class=h></ol></div>", 2),
     ("<i style='margin-left: 40px'><span class=fl>" + "word<br>" * 12 + "</span>lorem ipsum dolor lorem</i>", 2),
     ("<div class=nw>lo<div class=fl><div class=h2>wor</div></div>" + "word " * 8 + "</div>", 3)],
)  # fmt: skip
def test_lines_that_floats_push_to_the_next_page_leave_their_floats_behind(body: str, count: int) -> None:
    assert number_of_pages(body, BREAKS, count) == count


SHEETS = "@page { size: 200px 120px; margin: 10px } body { margin: 0 } .s { height: 110px }"


@pytest.mark.parametrize(
    ("style", "pages"),
    [("", ["a", "b"]), ("min-height: 130px; height: auto", ["a", "b"]), ("background: white", ["a", "b"]),
     ("box-shadow: 0 0 5px", ["a", "b"]), ("break-after: page", ["a", "b"]), ("background: #eee", ["a", "b", ""]),
     ("border-left: 1px solid", ["a", "b", ""])],
)  # fmt: skip
def test_there_is_no_page_for_a_rest_that_nobody_sees(style: str, pages: list[str]) -> None:
    """CSS Fragmentation 3, 5.1, lets a box go on; of a box without ink there is nothing to be seen. Sheets that are a
    little higher than the page are common, and their makers mean one page each."""
    assert texts(f"<div class=s style='{style}'>a</div><div class=s style='{style}'>b</div>", SHEETS) == pages


def test_what_stands_at_the_foot_of_such_a_box_stays_on_the_page() -> None:
    body = "<div class=s style='position: relative'>a<p style='position: absolute; bottom: 0; margin: 0'>foot</div>"
    assert texts(body, SHEETS) == ["a foot"]


@pytest.mark.parametrize(
    ("style", "pages"),
    [("overflow: hidden", ["a", "c b"]), ("overflow: auto; float: left", ["a", "c b"]), ("", ["a b", "c"])],
)
def test_cards_that_clip_are_kept_whole(style: str, pages: list[str]) -> None:
    """CSS Fragmentation 3, 4.1: a box that clips and has a height may be monolithic."""
    css = f"{SHEETS} .c {{ height: 50px; width: 80px; {style}; clear: left; border: 1px solid }}"
    body = "<p style='margin: 0; height: 60px'>a</p><div class=c><div style='position: absolute'>b</div></div>"
    assert texts(body + "<div style='clear: left'>c</div>", css) == pages


@pytest.mark.parametrize(
    ("cell", "pages"),
    [("<p>a</p><p class=f>b</p>", ["a", "b z"]), ("<p>a</p><div><p>b</p><p class=f>c</p></div>", ["a b", "c z"]),
     ("<p>a</p><p class=f>b</p><p class=f>c</p>", ["a", "b", "c z"]),
     ("<table><tr><td><p>a</p><p class=f>b</p></table>", ["a", "b z"]),
     ("<table><tr><td>a<tr class=f><td>b</table>", ["a", "b z"]),
     ("<div style='display: flex'><div><p>a</p><p class=f>b</p></div></div>", ["a", "b z"])],
)  # fmt: skip
def test_breaks_are_forced_in_cells(cell: str, pages: list[str]) -> None:
    """CSS Fragmentation 3, 3.1: whatever stands between the page and a block. Tables around a whole document, whose
    head and foot are repeated, are an old way to headers and footers."""
    css = SHEETS + " p { margin: 0 } .f { break-before: page } table { border-spacing: 0 }"
    assert texts(f"<table><tr><td>{cell}<td style='vertical-align: bottom'>x</table>z", css)[-1] == pages[-1]
    around = f"<table><thead><tr><td>head</thead><tr><td>{cell}<tfoot><tr><td>foot</table>z"
    heads = [f"head {page.removesuffix(' z')} foot{' z' if page.endswith(' z') else ''}" for page in pages]
    assert sorted(map(sorted, map(str.split, texts(around, css)))) == sorted(sorted(page.split()) for page in heads)


def test_what_goes_on_behind_a_forced_break_begins_at_the_top_of_its_cell() -> None:
    body = "<table><tr><td style='padding: 0'><p>a</p><p style='break-before: page'>b</p></table>"
    first, second = pages_of(body, SHEETS + " p { margin: 0 } table { border-spacing: 0 }")
    assert [places(page)[word][1] for page, word in ((first, "a"), (second, "b"))] == [places(second)["b"][1]] * 2


@pytest.mark.parametrize(
    ("body", "pages"),
    [("{a}<div class=pb></div>{b}<div class=pb></div>{c}<div class=pb></div>", ["a", "b", "c"]),
     ("{a}<div class=pb></div>{b}<p>c</p>", ["a", "c b"]),
     ("{a}<div class=pb></div>{b}<p class=f>c</p>", ["a", "b", "c"]),
     ("<div>{a}</div><div class=pb></div><div>{b}</div>", ["a", "b"])],
)  # fmt: skip
def test_floats_behind_a_forced_break_stand_on_the_next_page(body: str, pages: list[str]) -> None:
    """Sheets of floating labels, with a cleared box between them that ends the page."""
    floats = {name: f"<div class=l>{name}</div>" for name in "abc"}
    css = SHEETS + " .l { float: left; width: 50px } p { margin: 0 } .f { break-before: page }"
    found = texts(body.format(**floats), css + " .pb { clear: left; break-after: page }")
    assert [sorted(page.split()) for page in found] == [sorted(page.split()) for page in pages]


BREAKS = (
    "@page { size: 200px 120px; margin: 10px } html { font: 10px/12px Arimo } body, p { orphans: 2; widows: 2 }"
    " p { margin: 10px 0 } .h { height: 60px } .ba { break-after: avoid } .fl { float: left } .mh { min-height: 90px }"
    " .h2 { height: 250px; border-left: 1px solid }"
    " .ib { display: inline-block } ol, ul { break-before: avoid; margin: 10px 0; padding-left: 40px }"
    " .nw { white-space: nowrap } ol ol, div ul { margin: 0 }"
)


def number_of_pages(body: str, css: str, most: int) -> int:
    """How many pages, or the first that is one too many: these once went on for ever."""
    pages = 0
    for _ in laid(body, css).pages:
        pages += 1
        if pages > most:
            break
    return pages
