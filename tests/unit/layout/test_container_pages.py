"""Flex and grid containers over pages of 200 by 100 (Flexbox 1, 10; Grid 1, 10; CSS Fragmentation 3)."""

from __future__ import annotations

import pytest

from tests.unit.layout.container_areas import pages


def test_lines_break_between_pages_and_gaps_vanish() -> None:
    body = "<div style='display: flex; flex-wrap: wrap; gap: 10px'>" + "".join(
        f"<div id={name} style='width: 150px; height: 40px'></div>" for name in "abc"
    )
    first, second = pages(body)
    assert [first[0]["a"][1], first[0]["b"][1]] == [0, 50]
    assert second[0] == {"c": (0, 0, 150, 40)}


def test_items_of_a_line_go_on_in_parallel() -> None:
    long = "".join(f"<p>{n}</p>" for n in range(10))
    body = f"<div style='display: flex'><div id=a style='width: 50px'>side</div><div id=b>{long}</div></div>after"
    first, second = pages(body)
    assert first[0] == {"a": (0, 0, 50, 100), "b": (50, 0, 5.6, 100)}
    assert [text for text, _, _ in first[1]] == ["side", "0", "1", "2", "3", "4", "5", "6", "7"]
    assert second[0] == {"a": (0, 0, 50, 24), "b": (50, 0, 5.6, 24)}
    assert second[1] == [("8", 50, 0), ("9", 50, 12), ("after", 0, 24)]


def test_what_is_not_stretched_ends_where_its_content_does() -> None:
    long = "".join(f"<p>{n}</p>" for n in range(10))
    body = f"<div style='display: flex; align-items: flex-start'><div id=a>side</div><div id=b>{long}</div></div>"
    first, second = pages(body)
    assert first[0]["a"][3] == 12
    assert list(second[0]) == ["b"]


def test_a_line_that_cannot_be_divided_moves_to_the_next_page() -> None:
    body = (
        "<p>1<br>2<br>3<br>4<br>5</p><div style='display: flex'><div style='break-inside: avoid'>"
        "<p>a<p>b<p>c<p>d</div><div>x</div></div>"
    )
    first, second = pages(body)
    assert len(first[1]) == 5
    assert [text for text, _, _ in second[1]] == ["a", "x", "b", "c", "d"]


def test_columns_break_between_items_and_inside_them() -> None:
    items = "".join(f"<div id={n}>{'<p>x</p>' * 3}</div>" for n in "abc")
    first, second = pages(f"<div style='display: flex; flex-direction: column'>{items}</div>")
    assert first[0] == {"a": (0, 0, 200, 36), "b": (0, 36, 200, 36), "c": (0, 72, 200, 24)}
    assert second[0] == {"c": (0, 0, 200, 12)}


@pytest.mark.parametrize("direction", ["column", "row; flex-wrap: wrap"])
def test_breaks_that_items_force(direction: str) -> None:
    items = "<p id=a style='width: 100%'>a</p><p id=b style='width: 100%; break-before: page'>b</p>"
    found = pages(f"<div style='display: flex; flex-direction: {direction}'>{items}</div>")
    assert [list(page[0]) for page in found] == [["a"], ["b"]]
    items = "<p id=a style='width: 100%; break-after: page'>a</p><p id=b style='width: 100%'>b</p>"
    found = pages(f"<div style='display: flex; flex-direction: {direction}'>{items}</div>")
    assert [list(page[0]) for page in found] == [["a"], ["b"]]


def test_a_break_before_the_first_item_is_one_before_the_container() -> None:
    found = pages("<p>x</p><div id=f style='display: flex; padding: 5px'><p style='break-before: page'>a</p></div>")
    assert [list(page[0]) for page in found] == [[], ["f"]]


def test_breaks_that_items_avoid() -> None:
    items = "".join(
        f"<div id={n} style='height: 40px; break-after: {b}'></div>"
        for n, b in (("a", "auto"), ("b", "avoid"), ("c", "auto"))
    )
    found = pages(f"<div style='display: flex; flex-direction: column'>{items}</div>")
    assert [list(page[0]) for page in found] == [["a"], ["b", "c"]]


def test_a_forced_break_inside_an_item() -> None:
    body = "<div style='display: flex'><div><p>a</p><p style='break-before: page'>b</p></div><div id=s>s</div></div>"
    first, second = pages(body)
    assert [text for text, _, _ in first[1]] == ["a", "s"]
    assert [text for text, _, _ in second[1]] == ["b"]
    assert second[0]["s"] == (5.6, 0, 5, 12)


def test_columns_that_wrap_break_side_by_side() -> None:
    items = "".join(f"<div id={n} style='width: 50px; height: 60px; flex: none'></div>" for n in "abcd")
    body = f"<div style='display: flex; flex-flow: column wrap; height: 130px; align-content: flex-start'>{items}</div>"
    first, second = pages(body)
    assert list(first[0]) == ["a", "c"]
    assert second[0] == {"b": (0, 0, 50, 60), "d": (50, 0, 50, 60)}


def test_a_height_that_is_given_goes_on() -> None:
    found = pages("<div id=f style='display: flex; height: 150px'><div id=a style='width: 20px'>a</div></div>")
    assert [page[0]["f"][3] for page in found] == [100, 50]
    assert [page[0]["a"][3] for page in found] == [100, 50]


def test_grid_rows_break_between_pages_and_gaps_vanish() -> None:
    items = "".join(f"<div id={n}></div>" for n in "abcdef")
    body = f"<div style='display: grid; grid-template-columns: 1fr 1fr; grid-auto-rows: 40px; gap: 10px'>{items}</div>"
    first, second = pages(body)
    assert first[0] == {"a": (0, 0, 95, 40), "b": (105, 0, 95, 40), "c": (0, 50, 95, 40), "d": (105, 50, 95, 40)}
    assert second[0] == {"e": (0, 0, 95, 40), "f": (105, 0, 95, 40)}


def test_a_tall_row_breaks_inside() -> None:
    long = "".join(f"<p>{n}</p>" for n in range(10))
    body = (
        "<div style='display: grid; grid-template-columns: 50px 1fr'>"
        f"<div id=a>s</div><div id=b>{long}</div><p id=c>c</p></div>"
    )
    first, second = pages(body)
    assert first[0] == {"a": (0, 0, 50, 100), "b": (50, 0, 150, 100)}
    assert second[0] == {"a": (0, 0, 50, 24), "b": (50, 0, 150, 24), "c": (0, 24, 50, 12)}


def test_an_item_over_several_rows_goes_on() -> None:
    items = "".join(f"<div id={n} style='height: 40px'></div>" for n in "abcd")
    side = "<div id=s style='grid-row: span 4; grid-column: 1'>" + "".join(f"<p>{n}</p>" for n in range(9)) + "</div>"
    first, second = pages(f"<div style='display: grid; grid-template-columns: 50px 1fr'>{side}{items}</div>")
    assert first[0] == {"s": (0, 0, 50, 80), "a": (50, 0, 150, 40), "b": (50, 40, 150, 40)}
    assert second[0] == {"s": (0, 0, 50, 80), "c": (50, 0, 150, 40), "d": (50, 40, 150, 40)}
    assert [text for text, _, _ in second[1]] == ["6", "7", "8"]


def test_breaks_that_items_force_and_avoid() -> None:
    forced = "<p id=a>a</p><p id=b>b</p><p id=c style='break-before: page'>c</p><p id=d>d</p>"
    found = pages(f"<div style='display: grid; grid-template-columns: 1fr 1fr'>{forced}</div>")
    assert [list(page[0]) for page in found] == [["a", "b"], ["c", "d"]]
    avoided = "".join(
        f"<div id={n} style='height: 40px; break-after: {b}'></div>"
        for n, b in (("a", "auto"), ("b", "avoid"), ("c", "auto"))
    )
    found = pages(f"<div style='display: grid'>{avoided}</div>")
    assert [list(page[0]) for page in found] == [["a"], ["b", "c"]]


def test_a_row_of_a_given_height_is_not_divided_where_it_fits_the_next_page() -> None:
    body = "<div style='height: 50px'></div><div style='display: grid; grid-auto-rows: 60px'><p id=a>a</p></div>"
    assert [list(page[0]) for page in pages(body)] == [[], ["a"]]


def test_a_row_higher_than_a_page_goes_on() -> None:
    found = pages("<div style='display: grid; grid-template-rows: 150px'><p id=a>a</p></div><p id=b>b</p>")
    assert [page[0]["a"][3] for page in found] == [100, 50]
    assert found[1][0]["b"][1] == 50
