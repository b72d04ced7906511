"""`::before` and `::after` as parts of tables (CSS 2.2, 17.2.1), and the pages that what is generated asks for."""

from __future__ import annotations

import pytest

from tests.unit.layout.test_tables_and_breaks import pages, spots, words


def test_list_items_as_rows_have_their_number_in_a_cell() -> None:
    css = "ol { padding: 0; margin: 0; counter-reset: l } li { display: table-row; counter-increment: l }"
    css += " li::before { display: table-cell; content: counter(l); width: 40px }"
    found = spots(pages("<ol><li>one<li>two</ol>", css)[0])
    assert found == {"1": (10.0, 10.0), "one": (50.0, 10.0), "2": (10.0, 22.0), "two": (50.0, 22.0)}


def test_rows_get_cells_before_and_after_their_own() -> None:
    css = "td { width: 30px } tr::before { content: 'x'; display: table-cell; width: 20px }"
    css += " tr::after { content: 'z'; display: table-cell }"
    assert spots(pages("<table><tr><td>y</table>", css)[0]) == {"x": (10.0, 10.0), "y": (30.0, 10.0), "z": (60.0, 10.0)}


@pytest.mark.parametrize("display", ["table-row", "table-row-group", "table-footer-group"])
def test_rows_and_groups_of_a_table_can_be_generated(display: str) -> None:
    css = f".t {{ display: table }} .t::after {{ content: 'sum'; display: {display} }}"
    assert spots(pages("<div class=t>a</div>", css)[0]) == {"a": (10.0, 10.0), "sum": (10.0, 22.0)}


def test_captions_of_a_table_can_be_generated() -> None:
    css = ".t { display: table } .t::before { content: 'head'; display: table-caption }"
    assert spots(pages("<div class=t>a</div>", css)[0])["a"] == (10.0, 22.0)


def test_a_generated_cell_outside_of_tables_shares_the_row_of_its_neighbours() -> None:
    css = "div::before { content: 'a'; display: table-cell; width: 25px } span { display: table-cell }"
    assert spots(pages("<div><span>b</span></div>", css)[0]) == {"a": (10.0, 10.0), "b": (35.0, 10.0)}


def test_what_is_generated_stands_on_the_pages_of_its_element() -> None:
    css = "@page other { size: 220px 80px } header { page: other } header::before { content: 'a'; display: block }"
    assert [words(page) for page in pages("<p>z</p><header><p>b</p></header>", css)] == ["z", "a b"]


def test_anonymous_tables_and_cleared_lines_stand_on_the_pages_of_their_element() -> None:
    css = "@page other { size: 220px 80px } div { page: other } b { display: table-cell }"
    body = "<p>z</p><div><p>a</p><b>b</b><p>c</p><br clear=all><p>d</p></div>"
    assert [words(page) for page in pages(body, css)] == ["z", "a b c d"]


def test_orphans_and_widows_of_the_body_hold_in_paragraphs() -> None:
    body = "<p style='height: 36px'>a</p><p>1<br>2<br>3<br>4</p>"
    assert [words(page) for page in pages(body, "body { orphans: 3 }")] == ["a", "1 2 3 4"]
