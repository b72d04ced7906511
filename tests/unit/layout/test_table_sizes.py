"""Sizes of rows and columns that tables are given, and rows that say what is on their page: CSS Tables 3, GCPM 3."""

from __future__ import annotations

import pytest

from spark_pdf.layout.fragments import Page
from tests.page_help import margin_texts, pages_of, places, texts, warnings_of

BIG = "@page { size: 240px 240px } td, th { vertical-align: top }"


def page_of(body: str, css: str = "") -> Page:
    (page,) = pages_of(body, BIG + css)
    return page


def tops(body: str, css: str = "") -> list[float]:
    return [round(y - 20, 1) for _, y in places(page_of(body, css)).values()]


def lefts(body: str, css: str = "") -> list[float]:
    return [round(x - 20, 1) for x, _ in places(page_of(body, css)).values()]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<tr><td>a<tr><td>b<tr><td>c", [0, 40, 80]),
        ("<tr><td>a<br>a2<br>a3<tr><td>b", [0, 12, 24, 90]),  # by their own heights, 36 and 12
        ("<tr style='height: 20px'><td>a<tr><td>b", [0, 20]),  # the one of automatic height takes it all
        ("<tr style='height: 20px'><td>a<tr style='height: 40px'><td>b", [0, 40]),
        ("<tr><td style='height: 75%'>a<tr><td>b", [0, 90]),
        ("<tr style='height: 10%'><td>a<tr style='height: 30%'><td>b", [0, 30]),
        ("<thead><tr><td>h</thead><tr><td>a<tr><td>b<tfoot><tr><td>f</tfoot>", [0, 12, 60, 108]),
        ("<tr><td rowspan=2>s<td>a<tr><td>b", [0, 60, 0]),  # a spanning cell is placed with its last row
    ],
)
def test_rows_share_the_height_of_their_table(rows: str, expected: list[float]) -> None:
    assert tops(f"<table style='height: 120px'>{rows}</table>") == expected


def test_the_content_of_stretched_cells_keeps_its_alignment() -> None:
    css = "td { vertical-align: middle }"
    assert tops("<table style='height: 120px'><tr><td>a<td rowspan=2>s<tr><td>b</table>", css) == [24, 84, 54]


def test_collapsed_rows_and_columns_are_gone() -> None:
    gone = " style='visibility: collapse'"
    assert tops(f"<table><tr><td>a<tr{gone}><td>b<tr><td>c</table>") == [0, 12]
    assert tops(f"<table><tr><td>a<tbody{gone}><tr><td>b<tr><td>b2</tbody><tr><td>c</table>") == [0, 12]
    assert lefts(f"<table><col><col{gone}><col><tr><td>aa<td>bb<td>cc</table>") == [0, pytest.approx(11.1)]
    spanned = f"<table><tr><td rowspan=3>s<td>a<tr{gone}><td>b<tr><td>c<tr><td>d<td>e</table>"
    assert tops(spanned) == [0, 12, 0, 24, 24]
    assert tops(f"<table><tr{gone}><td rowspan=2>s<td>a<tr><td>b<td>c</table>") == [0, 0]


def test_limits_of_cells_and_captions() -> None:
    assert lefts("<table><tr><td style='max-width: 30px'>aaa bbb ccc<td>b</table>")[-1] == 30
    assert lefts("<table><tr><td style='min-width: 30px'>a<td>b</table>")[-1] == 30
    caption = "<table><caption style='text-align: left'>Unbreakable</caption><tr><td>a<td style='text-align: right'>b"
    (wide,) = [x for text, (x, _) in places(page_of(caption)).items() if text == "b"]
    assert wide > 60  # the table is as wide as the word in its caption


def test_padding_in_percent_is_of_the_table_s_width() -> None:
    body = "<table style='width: 200px'><tr><td style='padding: 10%'>a<td>b</table>"
    assert (places(page_of(body))["a"]) == (40.0, 40.0)


SUMS = """
tr { string-set: sum attr(data-sum) }
thead td::before { content: 'Brought forward ' string(sum, start) }
tfoot td::before { content: 'Carried forward ' string(sum, last) }
"""


def table_of(count: int) -> str:
    rows = "".join(f"<tr data-sum={n}.50><td>r{n}" for n in range(1, count + 1))
    return f"<table><thead><tr><td></thead><tfoot><tr><td></tfoot>{rows}</table>"


def test_totals_are_carried_from_page_to_page() -> None:
    assert texts(table_of(8), SUMS) == [
        "Brought forward r1 r2 r3 Carried forward 3.50",
        "Brought forward 3.50 r4 r5 r6 Carried forward 6.50",
        "Brought forward 6.50 r7 r8 Carried forward 8.50",
    ]
    assert warnings_of(table_of(8), SUMS) == []


def test_totals_in_margin_boxes() -> None:
    css = SUMS + "@page { @top-left { content: string(sum, start) } @bottom-right { content: string(sum, last) } }"
    assert margin_texts(table_of(8), css) == ["3.50", "3.50 6.50", "6.50 8.50"]


def test_a_footer_that_grows_with_what_is_carried() -> None:
    # the carried text takes two lines on pages that end with an odd number, so a page is laid out until it holds
    css = (
        SUMS.replace("'Carried forward '", "'C '")
        + "tfoot td { width: 30px } table { table-layout: fixed; width: 30px }"
    )
    rows = "".join(f"<tr data-sum='{'x ' * (n % 2 * 12)}{n}'><td>r{n}" for n in range(1, 9))
    body = f"<table><tfoot><tr><td></tfoot>{rows}</table>"
    found = texts(body, css)
    shown = " ".join(found)
    assert [shown.count(f"r{n} ") for n in range(1, 9)] == [1] * 8


def test_page_numbers_in_repeated_rows() -> None:
    css = "thead td::after { content: counter(page) '/' counter(pages) }"
    rows = "".join(f"<tr><td>r{n}" for n in range(8))
    assert texts(f"<table><thead><tr><td>p</thead>{rows}</table>", css) == [
        "p1/2 r0 r1 r2 r3", "p2/2 r4 r5 r6 r7",
    ]  # fmt: skip


def test_columns_have_room_for_what_repeated_rows_come_to_show() -> None:
    css = "thead .s::before { content: string(sum, start) } tr { string-set: sum attr(data-sum) }"
    css += " td { white-space: nowrap }"
    rows = "<tr data-sum=123456789.00><td>a<td>b" * 6
    body = f"<table><thead><tr><td class=s><td>H</thead>{rows}</table>"
    second = pages_of(body, css)[1]
    assert places(second)["H"][0] == places(pages_of(body, css)[0])["H"][0] > 80
