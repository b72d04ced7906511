"""Named strings, running elements, page counters, bookmarks, targets: GCPM 3, CSS Content 3, CSS Paged Media 3."""

from __future__ import annotations

import pytest

from tests.page_help import laid, lines, margin_texts, pages_of, texts, warnings_of

# A page holds five lines.

TITLES = "h2 { string-set: title content() } "


def at_top(content: str) -> str:
    return f"@page {{ @top-left {{ content: {content} }} }}"


def show(*names: str) -> str:
    return TITLES + at_top(" '|' ".join(f"string(title, {name})" for name in names))


def test_named_strings() -> None:
    body = "<h2>A</h2>" + lines(4) + lines(5) + lines(2) + "<h2>B</h2><h2>C</h2>" + lines(1) + lines(1)
    css = show("first", "start", "last", "first-except")
    assert margin_texts(body, css) == ["A|A|A|", "A|A|A|A", "B|A|C|", "C|C|C|C"]


def test_start_is_the_first_assignment_only_if_it_begins_the_page() -> None:
    body = lines(5) + "<div><div><h2>A</h2></div></div>" + lines(4) + lines(1) + "<h2>B</h2>"
    assert margin_texts(body, show("start", "first")) == ["|", "A|A", "A|B"]


def test_strings_are_made_of_items() -> None:
    css = (
        "body { counter-reset: chapter } h2 { counter-increment: chapter;"
        " string-set: title counter(chapter, upper-roman) ': ' content(before) content() content(after) attr(data-x),"
        " other 'o' content(first-letter) } h2::before { content: '<' } h2::after { content: '>' }"
        + at_top("string(title) ' ' string(other) string(none)")
    )
    body = "<h2 data-x=x>One <b>two</b> <i style='display: none'>no</i>three</h2>"
    assert margin_texts(body, css) == ["I: <One two three>x oO"]


def test_strings_on_inline_boxes_rows_cells_and_contents() -> None:
    css = "b, tr, td, section { string-set: s attr(data-s) } section { display: contents }" + at_top(
        "string(s, first) ' ' string(s, last)"
    )
    assert margin_texts("<p>a <b data-s=1>b</b> c <b data-s=2></b></p>", css) == ["1 2"]
    row = "<table><tr data-s=1><td data-s=2>a<td data-s=3>b<tr data-s=4><td data-s=5>c</table>"
    assert margin_texts(row, css) == ["1 5"]
    assert margin_texts("<section data-s=1><p>a</p></section>" + lines(5) + "<b data-s=2></b><p>x", css) == [
        "1 1",
        "2 2",
    ]


def test_running_elements() -> None:
    css = ".r { position: running(head) } .r b { font-weight: bold } " + at_top("element(head)")
    body = "<div class=r>One <b>1</b></div>" + lines(5) + "<div class=r>Two</div>" + lines(6)
    assert margin_texts(body, css) == ["One 1", "Two", "Two"]
    assert texts(body, css)[0] == "p0 p1 p2 p3 p4"


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("first", ["A", "B", "C"]),
        ("start", ["A", "A", "C"]),
        ("last", ["A", "C", "C"]),
        ("first-except", ["", "", "C"]),
    ],
)
def test_running_elements_by_keyword(which: str, expected: list[str]) -> None:
    css = "i { position: running(head) } " + at_top(f"element(head, {which})")
    body = "<i>A</i>" + lines(5) + lines(2) + "<i>B</i>" + lines(2) + "<p>x <i>C</i>" + lines(1)
    assert margin_texts(body, css) == expected


def test_page_counters_within_running_elements() -> None:
    css = "footer { position: running(foot) } footer::after { content: counter(page) '/' counter(pages) }" + at_top(
        "element(foot)"
    )
    assert margin_texts("<footer>p. </footer>" + lines(12), css) == ["p. 1/3", "p. 2/3", "p. 3/3"]


def test_running_elements_keep_the_counters_of_their_place() -> None:
    css = (
        "body { counter-reset: c } section { counter-increment: c } i { position: running(head) }"
        " i::before { content: counter(c) }" + at_top("element(head)")
    )
    body = f"<section><i></i>{lines(5)}</section><section><i></i>{lines(5)}</section>"
    assert margin_texts(body, css) == ["1", "2"]


def test_page_counters_are_reset_and_incremented() -> None:
    css = "@page :first { counter-reset: page 9 } @page { @top-left { content: counter(page) '/' counter(pages) } }"
    assert margin_texts(lines(12), css) == ["10/3", "11/3", "12/3"]
    twice = "@page { counter-increment: page 2; @top-left { content: counter(page) } }"
    assert margin_texts(lines(12), twice) == ["2", "4", "6"]
    own = "@page { counter-increment: sheet -1; counter-reset: none; @top-left { content: counter(sheet) } }"
    assert margin_texts(lines(12), own) == ["-1", "-2", "-3"]


def test_elements_reset_the_page_counter_of_their_page() -> None:
    css = "h2 { break-before: page; counter-reset: page 1 } " + at_top("counter(page, lower-roman)")
    assert margin_texts(lines(7) + "<h2>A</h2>" + lines(6), css) == ["i", "ii", "i", "ii"]


def test_counters_of_the_document_in_margin_boxes() -> None:
    # as if the box were an element at the start of the page (Paged Media 3, 6.1)
    css = "body { counter-reset: chapter } h2 { counter-increment: chapter }" + at_top("'Chapter ' counter(chapter)")
    body = "<h2>A</h2>" + lines(5) + "<h2>B</h2>" + lines(4)
    assert margin_texts(body, css) == ["Chapter 0", "Chapter 1", "Chapter 2"]


def test_images_quotes_and_attributes_in_margin_boxes() -> None:
    css = at_top("open-quote attr(lang) close-quote counters(page, '.')")
    assert margin_texts("x", css) == ["“”1"]


def outline(body: str, css: str = "") -> list[tuple[int, str, bool]]:
    return [(mark.level, mark.label, mark.opened) for page in pages_of(body, css) for mark in page.bookmarks]


def test_bookmarks() -> None:
    body = "<h1>One  <b>1</b></h1><h2>Two</h2><h3></h3><h6>Six</h6><p class=x title=T>text</p>"
    assert outline(body) == [(1, "One 1", True), (2, "Two", True), (6, "Six", True)]
    css = "h2 { bookmark-state: closed } h6 { bookmark-level: none }"
    css += " .x { bookmark-level: 2; bookmark-label: attr(title) ': ' content() }"
    assert outline(body, css) == [(1, "One 1", True), (2, "Two", False), (2, "T: text", True)]
    assert outline("<h1>A</h1>", "h1 { bookmark-label: none }") == []


def test_bookmarks_know_their_place() -> None:
    first, second = pages_of(lines(5) + lines(1) + "<h1>A</h1>")
    assert not first.bookmarks
    assert second.bookmarks[0][3:] == (20.0, 32.0)


def test_bookmarks_of_headings_over_two_pages_and_in_repeated_rows() -> None:
    long = "<h1>" + "<br>".join("abcdefg") + "</h1>"
    assert outline(long, "h1 { break-inside: auto }") == [(1, "a b c d e f g", True)]
    table = "<table><thead><tr><td><h2>Head</h2></thead>" + "<tr><td>x" * 9 + "</table>"
    assert outline(table) == [(2, "Head", True)]


TOC = "a.ref::after { content: ' ' target-counter(attr(href), page) }"


def test_tables_of_contents() -> None:
    body = "<p><a class=ref href='#b'>B</a><p><a class=ref href='#c'>C</a>" + lines(4)
    body += "<h2 id=b>Beta</h2>" + lines(4) + "<h2 id=c>Gamma</h2>"
    assert texts(body, TOC) == ["B 2 C 3 p0 p1 p2", "p3 Beta p0 p1 p2", "p3 Gamma"]


def test_targets_have_counters_text_and_pages() -> None:
    css = (
        "body { counter-reset: h } h2 { counter-increment: h } h2::before { content: counter(h) '. ' }"
        " h2::after { content: '!' } a::after { content: target-counter(attr(href url), h, upper-alpha) ' '"
        " target-text(attr(href)) '|' target-text(attr(href), before) '|' target-text(attr(href), after) '|'"
        " target-text(attr(href), first-letter) '|' target-counters('#t', h, '.') '|'"
        " target-counter(url(#t), pages) '|' target-counter(attr(href), page, lower-roman) }"
    )
    body = "<p><a href='#t'></a></p>" + lines(4) + "<h2>A</h2><h2 id=t>The <i>end</i></h2>"
    assert texts(body, css)[0].startswith("B The end|2. |!|T|2|2|ii ")


def test_targets_that_are_none() -> None:
    css = "a::after { content: target-counter(attr(href), page) target-text(attr(href)) 'x' }"
    assert texts("<a href='#no'></a><a href='http://x'></a><a></a>", css) == ["xxx"]
    assert [w.code for w in warnings_of("<a href='#no'></a>", css)] == ["missing_anchor"]


def test_names_and_percent_encoded_fragments_are_targets() -> None:
    body = "<a class=ref href='#%C3%A9'>e</a><a class=ref href='#n'>n</a>" + lines(5) + "<a name=n></a><p id=é>x</p>"
    assert texts(body, TOC)[0].startswith("e 2n 2")


def test_page_counters_and_strings_in_the_flow() -> None:
    css = "h2 { string-set: t content() } .p::after { content: ' p' counter(page) '/' counter(pages) ' ' string(t) }"
    body = "<p class=p>a</p>" + "<h2>A</h2>" + lines(4) + "<p class=p>b</p>"
    assert texts(body, css) == ["a p1/2 A A p0 p1 p2", "p3 b p2/2 A"]


def test_after_a_block_over_two_pages_counts_the_second() -> None:
    css = "div::before { content: 'p' counter(page) } div::after { content: 'p' counter(page); display: block }"
    assert texts(f"<div>{lines(6)}</div>", css) == ["p1 p0 p1 p2 p3", "p4 p5 p2"]


def test_a_document_that_does_not_come_to_rest() -> None:
    css = "b::after { content: target-counter('#t', page, lower-roman); display: block; width: 20px; font-size: 40px }"
    settled = "<b></b>" + lines(1) + "<p id=t>x</p>"
    assert warnings_of(settled, css) == []
    restless = (
        "b::before { content: target-counter('#t', page, upper-roman); display: block; width: 5px; font-size: 12px;"
        " overflow-wrap: anywhere; white-space: normal } @page :first { counter-reset: page 1 }"
        " @page :nth(2) { counter-increment: page -1 }"
    )
    # page 1 counts II, in two lines, which moves the target to page 2, which counts I, in one line, which does not
    found = warnings_of("<b></b>" + lines(3) + "<p id=t>x</p>", restless)
    assert [w.code for w in found] == ["unsettled_pages"]


def test_documents_that_ask_nothing_take_one_pass() -> None:
    from spark_pdf.layout.generation.generate import Generator

    made: list[int] = []
    plain = Generator.__init__

    def counted(self: Generator, *arguments: object, **named: object) -> None:
        made.append(1)
        plain(self, *arguments, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Generator, "__init__", counted)
        list(laid(lines(7), at_top("counter(page) counter(pages)")).pages)
        assert len(made) == 1
        list(laid("<p><a class=ref href='#t'></a><p id=t>x", TOC).pages)
        assert len(made) == 4  # to see that it asks; with 0; with 1, which holds


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("", ["", "", "", ""]),
        ("@page :nth(2n) { @top-left { content: 'even' } }", ["", "even", "", "even"]),
        ("@page part:nth(1) { @top-left { content: 'x' } }", ["", "", "", ""]),
        ("@page :nth(1 of part) { @top-left { content: '1' } }", ["", "1", "", "1"]),
        ("@page :nth(2 of part) { @top-left { content: '2' } }", ["", "", "2", ""]),
        ("@page part { @top-left { content: 'p' } }", ["", "p", "p", "p"]),
    ],
)
def test_named_pages_and_their_groups(css: str, expected: list[str]) -> None:
    sheet = ".part { page: part; break-before: page }" + css
    body = "<p>a</p><div class=part>" + lines(7) + "</div><div class=part>b</div>"
    assert margin_texts(body, sheet) == expected


def test_names_change_with_a_break_and_back() -> None:
    css = ".wide { page: wide } @page wide { size: 300px 100px }"
    found = pages_of("<p>a</p><div class=wide><p>b</p></div><p>c</p>", css)
    assert [page.width for page in found] == [240, 300, 240]
    nested = "<div class=wide><p>b</p><div style='page: other'><p>x</p></div><p>c</p></div>"
    assert [page.width for page in pages_of(nested, css)] == [300, 240, 300]
    assert len(pages_of("<div class=wide>a</div><div class=wide>b</div>", css)) == 1


def test_blank_pages_are_named_by_where_the_break_is() -> None:
    css = ".c { page: c; break-before: right } @page c { @top-left { content: 'c' } }"
    css += " @page :blank { @top-right { content: 'blank' } }"
    assert margin_texts("<div class=c>a</div><div class=c>b</div>", css) == ["c", "blank", "c"]


def test_right_to_left_documents_begin_on_a_left_page() -> None:
    css = "html { direction: rtl } @page :left { @top-left { content: 'l' } }"
    assert margin_texts(lines(6), css) == ["l", ""]
