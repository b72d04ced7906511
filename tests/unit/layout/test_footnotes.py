"""Footnotes: GCPM 3, chapter 2. Coordinates derived by hand: a page has five lines of 12 px, from y 20 to 80."""

from __future__ import annotations

import pytest

from tests.page_help import box_sizes, flat, lines, margin_texts, pages_of, places, texts, warnings_of, words_in

PLAIN = (
    ".f { float: footnote } .f::footnote-call { font-size: 10px; vertical-align: baseline; content: counter(footnote) }"
    " @page { @footnote { margin: 0 } } "
)


def page_words(body: str, css: str = "") -> list[str]:
    return texts(body, PLAIN + css)


def test_a_footnote_stands_at_the_foot_of_its_page() -> None:
    (page,) = pages_of("<p>a<span class=f>note</span> b</p>", PLAIN)
    assert words_in(page.body) == "a1 b 1. note"
    assert places(page)["note"][1] == 68.0  # the last of the five lines


def test_bodies_take_height_from_the_flow() -> None:
    body = "<p>a<span class=f>n1</span></p><p>b<span class=f>n2</span></p>" + lines(3)
    assert page_words(body) == ["a1 b2 p0 1. n1 2. n2", "p1 p2"]


def test_the_call_of_a_note_without_room_stays_and_the_note_waits() -> None:
    body = lines(4) + "<p>a<span class=f>n1</span></p>" + lines(1, "q")
    assert page_words(body) == ["p0 p1 p2 p3 a1", "q0 1. n1"]
    # four lines and one of the note are all there is: the second call's note waits
    two = lines(2) + "<p>a<span class=f>n1</span></p><p>b<span class=f>n2</span></p>" + lines(1, "q")
    assert page_words(two) == ["p0 p1 a1 b2 1. n1", "q0 2. n2"]


def test_a_page_takes_as_many_notes_as_have_room_beside_their_calls() -> None:
    body = "".join(f"<p>a<span class=f>n{number}</span></p>" for number in range(1, 9))
    css = "p { height: 16px } "  # of 60 px, two calls and their notes take 56; three and one note took 60
    assert page_words(body, css) == ["a1 a2 1. n1 2. n2", "a3 a4 3. n3 4. n4", "a5 a6 5. n5 6. n6", "a7 a8 7. n7 8. n8"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("auto", ["p0 a1 x b2 1. n1", "y 2. n2"]),
        ("line", ["p0 a1 x 1. n1", "b2 y 2. n2"]),
        ("block", ["p0 a1 1. n1", "x b2 y 2. n2"]),
    ],
)
def test_footnote_policy(policy: str, expected: list[str]) -> None:
    body = "<p>p0</p><p>a<span class=f>n1</span></p><p>x<br>b<span class=f>n2</span><br>y</p>"
    assert page_words(body, f".f {{ footnote-policy: {policy} }}") == expected


def test_a_long_note_is_divided() -> None:
    note = "<br>".join(f"n{number}" for number in range(9))
    found = page_words(f"<p>a<span class=f>{note}</span></p>" + lines(3))
    assert (
        " ".join(found).split() == ["a1", "1.", "n0", "n1", "n2", "n3", "p0", "p1", "p2", "n4", "n5", "n6", "n7", "n8"]
        or len(found) >= 3
    )
    shown = " ".join(found)
    assert all(shown.count(f"n{number}") == 1 for number in range(9))
    assert found[0].startswith("a1 ")
    assert "1. n0" in found[0]


def test_notes_behind_the_last_page_get_pages_of_their_own() -> None:
    note = "<br>".join(f"n{number}" for number in range(12))
    found = page_words(f"<p>a<span class=f>{note}</span></p>")
    assert len(found) == 3
    assert found[2].split()[-1] == "n11"


def test_the_area_has_edges_and_a_limit() -> None:
    css = "@page { @footnote { margin: 0; border-top: 1px solid; padding: 5px 0 6px; background: #eee } }"
    (page,) = pages_of("<p>a<span class=f>n1</span>", PLAIN + css)
    assert (20.0, 56.0, 200.0, 24.0) in box_sizes(page)
    assert places(page)["n1"][1] == 62.0
    limit = "@page { @footnote { max-height: 13px } }"
    body = "<p>a<span class=f>n1</span> b<span class=f>n2</span></p>" + lines(1)
    assert page_words(body, limit) == ["a1 b2 p0 1. n1", "2. n2"]


def test_default_call_and_marker() -> None:
    (page,) = pages_of("<p>a<span style='float: footnote'>n1</span>b</p>")
    assert words_in(page.body) == "a 1 b 1. n1"
    call = next(i.fragment for i in flat(page.body) if i.y < places(page)["n1"][1] and i.fragment.width)
    assert call.style.font_size in (10.0, pytest.approx(10 / 1.2))
    assert len(pages_of("<p>a<span style='float: footnote'>n</span>" + lines(4))) == 2  # the area's margin of 1em


def test_calls_and_markers_are_styled() -> None:
    css = (
        ".f::footnote-call { content: '[' counter(footnote, lower-alpha) ']' }"
        " .f::footnote-marker { content: counter(footnote, lower-alpha) ') ' }"
    )
    assert page_words("<p>x<i class=f>one</i><i class=f>two</i>", css) == ["x[a][b] a) one b) two"]
    none = ".f::footnote-call { content: none } .f::footnote-marker { content: none }"
    assert page_words("<p>x<i class=f>one</i> y", none) == ["x y one"]


def test_the_counter_runs_on_or_begins_anew_on_each_page() -> None:
    body = "<p>a<i class=f>n</i></p>" + lines(4) + "<p>b<i class=f>m</i>c<i class=f>o</i></p>"
    assert page_words(body) == ["a1 p0 p1 p2 1. n", "p3 b2c3 2. m 3. o"]
    assert page_words(body, "@page { counter-reset: footnote }") == ["a1 p0 p1 p2 1. n", "p3 b1c2 1. m 2. o"]
    sections = "section { counter-reset: footnote }"
    chapters = "<section><p>a<i class=f>n</i></section><section><p>b<i class=f>m</i></section>"
    assert page_words(chapters, sections) == ["a1 b1 1. n 1. m"]


@pytest.mark.parametrize(("display", "y"), [("block", 56.0), ("inline", 68.0), ("compact", 68.0)])
def test_notes_in_a_row(display: str, y: float) -> None:
    (page,) = pages_of("<p>a<i class=f>n1</i>b<i class=f>n2</i>", PLAIN + f".f {{ footnote-display: {display} }}")
    assert places(page)["n1"][1] == y
    assert places(page)["n2"][1] == 68.0
    assert words_in(page.body) == "a1b2 1. n1 2. n2"


def test_blocks_lists_and_links_in_notes() -> None:
    body = "<div>a<span class=f><p>one</p><p id=two>two</p></span></div><p><a href='#two'>l</a>"
    (page,) = pages_of(body, PLAIN)
    assert words_in(page.body) == "a1 l 1. one two"
    assert page.anchors["two"] == (20.0, 68.0)


def test_notes_in_tables_flex_and_inline_blocks() -> None:
    body = (
        "<table><tr><td>a<i class=f>n1</i><td>b</table><p>"
        + "<span style='display: inline-block'>c<i class=f>n2</i></span>"
    )
    assert page_words(body) == ["a1b c2 1. n1 2. n2"]


def test_calls_in_repeated_header_rows_have_one_note() -> None:
    body = "<table><thead><tr><td>h<i class=f>n1</i></thead>" + "<tr><td>r" * 6 + "</table>"
    found = page_words(body)
    assert " ".join(found).count("n1") == 1


def test_notes_within_notes_stay_where_they_are() -> None:
    assert "in" in page_words("<p>a<i class=f>n <i class=f>in</i></i>")[0]


def test_running_headers_and_notes_go_together() -> None:
    css = PLAIN + "h2 { string-set: t content() } @page { @top-left { content: string(t, last) } }"
    body = "<h2>A</h2>" + lines(2) + "<h2>B<i class=f>n1</i></h2>"
    assert margin_texts(body, css) == ["B"]
    assert warnings_of(body, css) == []
