"""Tables and page breaks: coordinates derived by hand from CSS 2.2, chapter 17, and CSS Fragmentation 3."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from spark_pdf.errors import BundleError, LimitExceeded
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, EdgeFragment, Page, PaintGroup, Placed, TextFragment
from spark_pdf.model import Limits
from tests.compiled_help import needs_source

PAGE = (
    "<style>@page { size: 220px 80px; margin: 10px } body { margin: 0; font: 10px/12px Arimo; orphans: 1; widows: 1 }"
    " p, h2 { margin: 0; font: inherit } td, th { padding: 0; text-align: left; vertical-align: top }"
    " table { border-spacing: 0 }"
)


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


def pages(body: str, css: str = "", limits: Limits | None = None) -> list[Page]:
    return list(LayoutEngine(_Nothing(), limits=limits).lay_out(f"{PAGE} {css}</style>{body}").pages)


def placed(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += placed(item) if isinstance(item, PaintGroup) else [item]
    return found


def words(page: Page) -> str:
    runs = [i.fragment for i in placed(page.body) if isinstance(i.fragment, TextFragment)]
    return " ".join("".join(word.text for word in run.words) for run in runs)


def spots(page: Page) -> dict[str, tuple[float, float]]:
    """Text -> left edge and top of its 12px line."""
    return {
        "".join(w.text for w in i.fragment.words): (round(i.x, 1), round(i.y - 9.4648, 1))
        for i in placed(page.body)
        if isinstance(i.fragment, TextFragment)
    }


def paragraphs(count: int, style: str = "") -> str:
    return "".join(f"<p style='{style}'>p{i}</p>" for i in range(count))


# The page holds five lines of 12px.


def test_blocks_flow_over_pages() -> None:
    assert [words(page) for page in pages(paragraphs(12))] == ["p0 p1 p2 p3 p4", "p5 p6 p7 p8 p9", "p10 p11"]


def test_margins_vanish_at_the_top_of_a_page_but_not_behind_a_forced_break() -> None:
    body = "<p style='height: 50px'>a</p><p style='margin-top: 9px'>b</p>"
    assert spots(pages(body)[1])["b"] == (10.0, 10.0)
    forced = "<p>a</p><p style='margin-top: 9px; break-before: page'>b</p>"
    assert spots(pages(forced)[1])["b"] == (10.0, 19.0)


@pytest.mark.parametrize(
    ("widows", "orphans", "expected"),
    [(1, 1, [3, 3]), (2, 2, [3, 3]), (4, 1, [2, 4]), (1, 4, [0, 5, 1]), (6, 6, [0, 5, 1])],
)
def test_widows_and_orphans(widows: int, orphans: int, expected: list[int]) -> None:
    text = "<br>".join("x" * 3 for _ in range(6))
    body = f"<p>a<p>b<p style='widows: {widows}; orphans: {orphans}'>{text}"
    assert [words(page).count("xxx") for page in pages(body)] == expected


def test_forced_breaks_sides_and_blank_pages() -> None:
    assert len(pages("<p>a<p style='break-before: page'>b<p style='break-after: page'>c<p>d")) == 3
    found = pages("<p>a<p style='break-before: right'>b<div><div><p style='break-before: left'>c</div></div>")
    assert [words(page) for page in found] == ["a", "", "b", "c"]


def test_first_child_s_forced_break_moves_its_parents_and_does_not_repeat() -> None:
    assert [words(p) for p in pages("<p>a</p><div><div><p style='page-break-before: always'>b</p></div></div>")] == [
        "a",
        "b",
    ]
    assert len(pages("<div><p style='break-before: page'>a</p></div>")) == 1


def test_avoided_breaks_look_for_an_earlier_place() -> None:
    heading = paragraphs(4) + "<h2 style='break-after: avoid'>h</h2><p>x</p>"
    assert [words(page) for page in pages(heading)] == ["p0 p1 p2 p3", "h x"]
    together = paragraphs(3) + "<div style='break-inside: avoid'>" + paragraphs(3) + "</div>"
    assert [words(page) for page in pages(together)] == ["p0 p1 p2", "p0 p1 p2"]
    impossible = "<div style='break-inside: avoid'>" + paragraphs(7) + "</div>"
    assert [words(page) for page in pages(impossible)] == ["p0 p1 p2 p3 p4", "p5 p6"]


def test_totals_take_the_last_row_along() -> None:
    # break-before: avoid, so the break goes inside the table above
    rows = "".join(f"<tr><td>r{i}" for i in range(5))
    found = pages(f"<table>{rows}</table><p style='break-before: avoid'>total</p>")
    assert [words(page) for page in found] == ["r0 r1 r2 r3", "r4 total"]


def test_last_line_leaves_room_for_the_bottom_padding_of_its_box() -> None:
    found = pages(f"<div style='padding-bottom: 6px; background: red'>{paragraphs(5)}</div>")
    assert [words(page) for page in found] == ["p0 p1 p2 p3", "p4"]
    first, second = [next(i.fragment for i in placed(p.body) if isinstance(i.fragment, BoxFragment)) for p in found]
    assert (first.open_top, first.open_bottom, second.open_top, second.open_bottom) == (False, True, True, False)
    assert second.height == 18.0


def test_a_box_of_given_height_goes_on_over_pages() -> None:
    found = pages("<div style='height: 150px; background: red'>a</div><p>b</p>")
    heights = [[i.fragment.height for i in placed(p.body) if isinstance(i.fragment, BoxFragment)] for p in found]  # type: ignore[union-attr]
    assert heights == [[60.0], [60.0], [30.0]]
    assert spots(found[2])["b"] == (10.0, 40.0)


def test_named_pages() -> None:
    css = "@page wide { size: 320px 80px; margin: 10px } .wide { page: wide }"
    found = pages("<p>a<div class=wide><p>b</div><p>c", css)
    assert [(page.width, words(page)) for page in found] == [(220.0, "a"), (320.0, "b"), (220.0, "c")]


def test_margin_boxes_count_pages_without_a_second_layout() -> None:
    css = "@page { @bottom-center { content: counter(page) ' of ' counter(pages); font: 8px Arimo } }"
    found = pages(paragraphs(6), css)
    shown = ["".join("".join(w.text for w in i.fragment.words) for i in placed(p.margins(2))) for p in found]  # type: ignore[union-attr]
    assert shown == ["1 of 2", "2 of 2"]
    (first, *_, last) = placed(found[0].margins(2))
    assert (first.x + last.x + last.fragment.width) / 2 == pytest.approx(110.0)  # type: ignore[union-attr]


def test_pages_are_made_when_they_are_asked_for_and_limited() -> None:
    laid_out = LayoutEngine(_Nothing(), limits=Limits(pages_per_document=2)).lay_out(f"{PAGE}</style>{paragraphs(99)}")
    first = next(iter(laid_out.pages))
    assert words(first) == "p0 p1 p2 p3 p4"
    with pytest.raises(LimitExceeded) as raised:
        list(laid_out.pages)
    assert raised.value.code == "limit_pages"


# Tables


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        # 17.5.2.1: cols, then the first row, then equal shares
        ("style='table-layout: fixed; width: 120px'><col style='width: 40px'><tr><td>a<td>b<td>c", (0, 40, 80)),
        ("style='table-layout: fixed; width: 120px'><tr><td style='width: 50%'>a<td>b<td>c", (0, 60, 90)),
        # automatic: given widths stand, the rest goes to the automatic column
        ("style='width: 120px'><tr><td style='width: 30px'>a<td>b<td style='width: 20px'>c", (0, 30, 100)),
        ("style='width: 120px'><tr><td style='width: 25%'>a<td style='width: 50%'>b<td>c", (0, 30, 90)),
        # in proportion to max-content widths: i is 2.22px wide
        ("style='width: 60px'><tr><td>i<td>iii<td>ii", (0, 10, 40)),
        ("style='width: 60px'><tr><td>i<td>iii<td>ii<tr><td colspan=3>iiiiii", (0, 10, 40)),
        # separated borders: 5px before each column
        ("style='width: 80px; border-spacing: 5px 0'><tr><td>i<td>iii<td>ii", (5, 20, 55)),
    ],
)
def test_column_widths(table: str, columns: tuple[float, ...]) -> None:
    page = pages(f"<table {table}</table>", "td { background: red }")[0]
    left = sorted({round(i.x - 10, 1) for i in placed(page.body) if isinstance(i.fragment, BoxFragment)})
    assert left == [pytest.approx(x, abs=0.06) for x in columns]


def test_auto_tables_shrink_to_fit_and_never_below_their_longest_word() -> None:
    def width(body: str) -> float:
        page = pages(body, "table { background: red }")[0]
        return next(i.fragment.width for i in placed(page.body) if isinstance(i.fragment, BoxFragment))

    assert width("<table><tr><td>iii<td>ii</table>") == pytest.approx(5 * 2.2217, abs=0.01)
    assert width(f"<table><tr><td>{'word ' * 60}</table>") == pytest.approx(200.0)
    assert width("<table style='width: 1px'><tr><td>iii ii</table>") == pytest.approx(3 * 2.2217, abs=0.01)


def test_rows_and_spans() -> None:
    found = spots(pages("<table><tr><td rowspan=2>a<br>a2<br>a3<td>b<tr><td>c<tr><td colspan=2>d</table>")[0])
    # the spanning cell needs 36px, 24 of which its last row takes
    assert [found[t][1] for t in ("a", "b", "c", "d")] == [10.0, 10.0, 22.0, 46.0]
    assert found["d"][0] == found["a"][0] < found["b"][0] == found["c"][0]


@pytest.mark.parametrize(("align", "y"), [("top", 10.0), ("middle", 22.0), ("bottom", 34.0)])
def test_cells_align(align: str, y: float) -> None:
    body = f"<table><tr><td style='height: 36px'>a<td style='vertical-align: {align}'>b</table>"
    assert spots(pages(body)[0])["b"][1] == y


def test_cells_share_their_first_baseline() -> None:
    body = "<table><tr><td style='padding-top: 7px'>a<td>b</table>"
    found = spots(pages(body, "td { vertical-align: baseline }")[0])
    assert found["a"][1] == found["b"][1] == 17.0


def test_header_and_footer_stand_on_each_page() -> None:
    rows = "".join(f"<tr><td>r{i}" for i in range(7))
    found = pages(f"<table><thead><tr><th>H</thead><tfoot><tr><td>F</tfoot>{rows}</table>")
    assert [words(page) for page in found] == ["H r0 r1 r2 F", "H r3 r4 r5 F", "H r6 F"]
    roles = [[i.fragment.role for i in placed(p.body) if isinstance(i.fragment, TextFragment)] for p in found]
    assert roles == [["", "", "", "", "repeat"], ["repeat", "", "", "", "repeat"], ["repeat", "", ""]]


def test_a_table_begins_where_header_a_row_and_footer_fit() -> None:
    table = "<table><thead><tr><th>H</thead><tfoot><tr><td>F</tfoot><tr><td>r0<tr><td>r1</table>"
    assert [words(page) for page in pages(f"<p>a<p>b</p>{table}")] == ["a b H r0 F", "H r1 F"]
    assert [words(page) for page in pages(f"<p>a<p>b<p>c</p>{table}")] == ["a b c", "H r0 r1 F"]


def test_a_row_breaks_between_lines_unless_it_avoids_that_and_fits_on_a_page() -> None:
    tall = "<br>".join(f"t{i}" for i in range(3))
    body = f"<p>a<p>b<p>c</p><table><tr><td>{tall}</table>"
    assert [words(p) for p in pages(body)] == ["a b c t0 t1", "t2"]
    assert [words(p) for p in pages(body, "td { orphans: 2; widows: 2 }")] == ["a b c", "t0 t1 t2"]
    css = "tr { break-inside: avoid }"
    assert [words(p) for p in pages(body, css)] == ["a b c", "t0 t1 t2"]
    taller = "<br>".join(f"t{i}" for i in range(8))
    found = pages(f"<table><tr><td>{taller}<td>side<tr><td>next</table>", css)
    assert [words(page) for page in found] == ["t0 t1 t2 t3 t4 side", "t5 t6 t7 next"]


def test_cells_that_span_rows_break_with_them() -> None:
    tall = "<br>".join(f"t{i}" for i in range(7))
    rows = "".join(f"<tr><td>r{i}" for i in range(1, 8))
    found = pages(f"<table><tr><td rowspan=8>{tall}<td>r0{rows}</table>")
    assert [sorted(words(page).split()) for page in found] == [
        ["r0", "r1", "r2", "r3", "r4", "t0", "t1", "t2", "t3", "t4"],
        ["r5", "r6", "r7", "t5", "t6"],
    ]


def test_collapsed_borders_take_the_wider_then_the_stronger() -> None:
    css = "table { border-collapse: collapse } td { border: 1px solid red }"
    body = "<table><tr><td style='border-right: 3px solid blue'>a<td style='border-left: 3px double green'>b</table>"
    edges = [i.fragment for i in placed(pages(body, css)[0].body) if isinstance(i.fragment, EdgeFragment)]
    upright = sorted((e.width, e.line) for e in edges if not e.horizontal)
    assert upright == [(1.0, "solid"), (1.0, "solid"), (3.0, "double")]
    hidden = body.replace("3px double green", "hidden")
    edges = [i.fragment for i in placed(pages(hidden, css)[0].body) if isinstance(i.fragment, EdgeFragment)]
    assert len([e for e in edges if not e.horizontal]) == 2


def test_anonymous_table_parts() -> None:
    # CSS 2.2, 17.2.1: cells outside of rows, rows outside of tables, text right within a row
    body = "<div style='display: table-cell'>a</div><div style='display: table-cell'>b</div><p>c"
    found = spots(pages(body)[0])
    assert found["a"][1] == found["b"][1] == 10.0
    assert found["b"][0] > found["a"][0]
    assert found["c"] == (10.0, 22.0)


def test_empty_cells_may_be_hidden() -> None:
    css = "td { border: 1px solid; empty-cells: hide }"
    page = pages("<table><tr><td>a<td></table>", css)[0]
    assert len([i for i in placed(page.body) if isinstance(i.fragment, BoxFragment)]) == 1


def test_captions() -> None:
    found = spots(pages("<table style='caption-side: bottom'><caption>C</caption><tr><td>a</table><p>b")[0])
    assert [found[t][1] for t in "aCb"] == [10.0, 22.0, 34.0]
    assert spots(pages("<table><caption>C</caption><tr><td>a</table>")[0])["a"][1] == 22.0


def calls(html: str) -> int:
    """Function calls of a warm layout: what a quadratic or exponential step would multiply, on any machine."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    engine = LayoutEngine(_Nothing())
    list(engine.lay_out(PAGE + "</style>" + html).pages)
    sys.setprofile(trace)
    try:
        list(engine.lay_out(PAGE + "</style>" + html).pages)
    finally:
        sys.setprofile(None)
    return count


@needs_source
@pytest.mark.parametrize("style", ["", "border-collapse: collapse", "table-layout: fixed; width: 100%"])
def test_cost_grows_with_the_number_of_rows_alone(style: str) -> None:
    def table(rows: int) -> str:
        cells = "".join(f"<tr><td>{i}<td>text {i % 7}<td>z" for i in range(rows))
        return f"<table style='{style}'>{cells}</table>"

    assert calls(table(1000)) < calls(table(100)) * 10.5


@needs_source
def test_nested_tables_cost_linearly() -> None:
    def nested(depth: int) -> str:
        return f"<table><tr><td>{nested(depth - 1)}<td>x</table>" if depth else "y"

    assert calls(nested(12)) < calls(nested(6)) * 2.6


def test_a_row_group_that_avoids_breaks_is_not_divided_within_a_row() -> None:
    # Five lines fit: the second group begins on the next page rather than lose two of its four lines to it.
    groups = "<tbody><tr><td>a<br>b<br>c<tbody><tr><td>d<tr><td>e<br>f<br>g"
    css = "tbody { break-inside: avoid }"
    assert [words(page) for page in pages(f"<table>{groups}</table>", css)] == ["a b c", "d e f g"]
    assert [words(page) for page in pages(f"<table>{groups}</table>")] == ["a b c d e", "f g"]
