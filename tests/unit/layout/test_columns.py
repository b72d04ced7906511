"""Multi-column layout: coordinates derived by hand from CSS Multi-column Layout 1, whose sections stand beside each.

The page area is 200 by 100; lines are 12 px high.
"""

from __future__ import annotations

import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, PaintGroup
from tests.unit.layout.container_areas import PAGE, _Files, pages


def lines(count: int, start: int = 0) -> str:
    return "".join(f"<p>{number}</p>" for number in range(start, start + count))


def starts(body: str, css: str = "") -> list[list[tuple[str, float, float]]]:
    """(text, x, top) of each line of each page."""
    return [page[1] for page in pages(body, css)]


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        # 3.4: count, width, both; the gap is 1em where nothing is said
        ("column-count: 2", [0, 105]),
        ("column-count: 3; column-gap: 10px", [0, 70, 140]),
        ("column-width: 60px; column-gap: 10px", [0, 70, 140]),
        ("column-width: 70px; column-gap: 10px", [0, 105]),
        ("columns: 2 30px; column-gap: 20px", [0, 110]),
        ("columns: 300px", [0]),
        ("column-count: 2; column-gap: 10%", [0, 110]),
        ("column-count: 2; direction: rtl; text-align: left", [105, 0]),
        ("columns: auto", [0]),
    ],
)
def test_columns_and_where_they_begin(css: str, expected: list[float]) -> None:
    found = starts(f"<div style='{css}'>{lines(6)}</div>")[0]
    assert sorted({x for _, x, _ in found}) == sorted(expected)
    assert min(found, key=lambda line: int(line[0]))[1:] == (expected[0], 0)


def test_columns_are_balanced() -> None:
    # 7: five lines in two columns are three and two, and the container is as high as the first
    found = starts(f"<div style='columns: 2'>{lines(5)}</div><p>after</p>")[0]
    assert found == [
        ("0", 0, 0), ("3", 105, 0), ("1", 0, 12), ("4", 105, 12), ("2", 0, 24), ("after", 0, 36),
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "height"), [
    ("<p>a</p><p>b</p>", 22), ("<p>a</p><p>b</p><p style='margin-bottom: 40px'>c</p>", 52),
    ("<p>a</p><p>b</p><p>c</p><div><p>d</p></div>", 44), ("<p>a</p><p style='margin: 0'>b</p>", 12),
])  # fmt: skip
def test_balanced_columns_have_room_for_the_last_margin(body: str, height: float) -> None:
    css = "p { margin: 0 0 10px }"
    areas, _ = pages(f"<div id=c style='columns: 2'>{body}</div>", css)[0]
    assert areas["c"][3] == pytest.approx(height, abs=0.1)


def test_the_last_margin_does_not_reach_beyond_the_page() -> None:
    body = "<div id=c style='columns: 2'><p style='margin: 0 0 500px'>a</p></div>"
    found = pages(body)
    assert len(found) == 1
    assert found[0][0]["c"][3] <= 200


def test_margins_at_a_column_end_are_cut() -> None:
    # Fragmentation 3, 5.2: the margin above c vanishes; the last one is not at a break, and columns have room for it
    body = "<div id=c style='columns: 2'><p class=m>a</p><p class=m>b</p><p class=m>c</p></div>"
    areas, found = pages(body, ".m { margin: 5px 0 }")[0]
    assert areas["c"][3] == pytest.approx(34, abs=0.1)
    assert found == [("c", 105, 0), ("a", 0, 5), ("b", 0, 22)]


def test_auto_fills_one_column_after_the_other() -> None:
    found = starts(f"<div style='columns: 3; height: 36px; column-fill: auto'>{lines(4)}</div><p>x</p>")[0]
    assert [(text, x) for text, x, _ in found] == [("0", 0), ("3", 70), ("1", 0), ("2", 0), ("x", 0)]


def test_a_given_height_makes_columns_overflow_sideways() -> None:
    # 8.2
    found = starts(f"<div style='columns: 2; height: 12px; column-fill: auto; column-gap: 20px'>{lines(3)}</div>x")[0]
    assert found == [("0", 0, 0), ("1", 110, 0), ("2", 220, 0), ("x", 0, 12)]


def test_max_height_limits_columns() -> None:
    areas, _ = pages(f"<div id=c style='columns: 2; max-height: 24px'>{lines(3)}</div>")[0]
    assert areas["c"][3] == 24


def test_what_spans_divides_the_columns_and_balances_them() -> None:
    # 6
    body = f"<div style='columns: 2'>{lines(2)}<div id=h>across</div>{lines(3, 2)}</div><p>x</p>"
    areas, found = pages(body, "#h { column-span: all; margin: 4px 0 }")[0]
    assert areas["h"] == (0, 16, 200, 12)
    assert found == [
        ("0", 0, 0), ("1", 105, 0), ("across", 0, 16), ("2", 0, 32), ("4", 105, 32), ("3", 0, 44), ("x", 0, 56),
    ]  # fmt: skip


def test_what_spans_takes_its_ancestors_apart() -> None:
    body = (
        f"<div style='columns: 2'><section id=s>{lines(2)}<p id=h style='column-span: all'>h</p>{lines(2, 2)}</section>"
    )
    areas, found = pages(body + "</div>")[0]
    assert areas["h"] == (0, 12, 200, 12)
    assert [(text, x, y) for text, x, y in found if text != "h"] == [
        ("0", 0, 0), ("1", 105, 0), ("2", 0, 24), ("3", 105, 24),
    ]  # fmt: skip


@pytest.mark.parametrize("css", ["break-before: column", "break-before: column; padding-top: 1px"])
def test_forced_column_breaks(css: str) -> None:
    found = starts(f"<div style='columns: 3'><p>a</p><p style='{css}'>b</p><p>c</p><p>d</p><p>e</p></div>")[0]
    assert {text: x for text, x, _ in found}["a"] == 0
    assert {text: x for text, x, _ in found}["b"] == 70
    after = starts("<div style='columns: 2'><p style='break-after: column'>a</p><p>b</p><p>c</p><p>d</p></div>")[0]
    assert [(text, x) for text, x, _ in after] == [("a", 0), ("b", 105), ("c", 105), ("d", 105)]


def test_column_breaks_outside_of_columns_are_none() -> None:
    assert len(pages("<p>a</p><p style='break-before: column'>b</p>")) == 1


def test_breaks_that_are_to_be_avoided() -> None:
    block = "<div id={} style='break-inside: {}'><p>x</p><p>x</p><p>x</p></div>"
    areas, _ = pages(f"<div style='columns: 2'>{lines(1)}{block.format('a', 'avoid-column')}</div>")[0]
    assert areas["a"] == (105, 0, 95, 36)
    areas, _ = pages(f"<div style='columns: 2'>{lines(1)}{block.format('a', 'avoid-page')}</div>")[0]
    assert areas["a"][1] == 12


def test_balancing_never_cuts_what_a_higher_column_keeps_whole() -> None:
    # 7: the box stands first in its column, so that a lower column would have to cut it
    whole = "<div id={} style='break-inside: avoid; height: {}px'><p>x</p></div>"
    found, _ = pages(f"<div style='columns: 2'>{whole.format('a', 80)}</div><p id=after>x</p>")[0]
    assert (found["a"], found["after"][1]) == ((0, 0, 95, 80), 80)
    found, _ = pages(f"<div style='columns: 2'>{whole.format('a', 100)}{whole.format('b', 20)}</div>")[0]
    assert (found["a"], found["b"]) == ((0, 0, 95, 100), (105, 0, 95, 20))
    found, _ = pages(f"<div style='columns: 2'><div id=c>{whole.format('a', 80)}</div></div><p id=after>x</p>")[0]
    assert (found["a"], found["after"][1]) == ((0, 0, 95, 80), 80)


def test_what_is_not_to_be_cut_is_cut_where_no_column_is_high_enough() -> None:
    whole = "<div style='break-inside: avoid'><p>a</p><p>b</p><p>c</p><p>d</p></div>"
    found = starts(f"<div style='columns: 2; max-height: 24px'>{whole}</div>")[0]
    assert [(x, y) for _, x, y in found] == [(0, 0), (105, 0), (0, 12), (105, 12)]


def test_a_container_that_is_to_stay_whole_still_has_columns() -> None:
    found = starts("<div style='columns: 2; break-inside: avoid; orphans: 1; widows: 1'>a<br>b<br>c<br>d</div>")[0]
    assert sorted({y for _, _, y in found}) == [0, 12]


def test_widows_and_orphans_count_in_columns() -> None:
    words = " ".join(["wide"] * 4)
    body = f"<div style='columns: 2; width: 60px; column-gap: 10px; widows: {{}}; orphans: 1'>{words}</div>"
    assert [x for _, x, _ in starts(body.format(1))[0]].count(35) == 2
    assert [x for _, x, _ in starts(body.format(3))[0]].count(35) == 3


def test_columns_go_on_on_the_next_page_and_are_balanced_there() -> None:
    first, second = starts(f"<div style='columns: 2'>{lines(20)}</div><p>x</p>")
    assert [text for text, x, _ in first if x == 0] == [str(n) for n in range(8)]
    assert [text for text, x, _ in first if x == 105] == [str(n) for n in range(8, 16)]
    assert second == [("16", 0, 0), ("18", 105, 0), ("17", 0, 12), ("19", 105, 12), ("x", 0, 24)]


def test_a_container_near_the_end_of_a_page_begins_on_the_next() -> None:
    first, second = starts(f"<div style='height: 95px'></div><div style='columns: 2'>{lines(4)}</div>")
    assert first == []
    assert len(second) == 4


def test_page_breaks_in_columns() -> None:
    first, second = starts("<div style='columns: 2'><p>a</p><p style='break-before: page'>b</p><p>c</p></div>")
    assert first == [("a", 0, 0)]
    assert second == [("b", 0, 0), ("c", 105, 0)]


def test_a_heading_across_columns_stays_with_what_follows() -> None:
    heading = "<p style='column-span: all; break-after: avoid'>h</p>"
    found = starts(
        f"<div style='columns: 2'>{lines(14)}{heading}<div style='break-inside: avoid'>{lines(3, 14)}</div></div>"
    )
    assert found[1][0][0] == "h"


def test_anything_stands_in_columns() -> None:
    table = "<table style='border-spacing: 0'><tr><td>t1</td></tr><tr><td>t2</td></tr></table>"
    flex = "<div style='display: flex'><b>f</b></div>"
    floated = "<div style='float: right'>fl</div>"
    found = starts(f"<div style='columns: 2'>{floated}{table}<ul style='margin: 0'><li>l</ul>{flex}</div>")[0]
    assert {text for text, _, _ in found} >= {"t1", "t2", "l", "f", "fl"}
    assert {x >= 105 for _, x, _ in found} == {True, False}


def test_columns_in_columns() -> None:
    inner = f"<div style='columns: 2; column-gap: 5px'>{lines(4)}</div>"
    found = starts(f"<div style='columns: 2'>{inner}<p style='break-before: column'>x</p></div>")[0]
    assert sorted({x for _, x, _ in found}) == [0, 50, 105]


def test_content_sizes() -> None:
    # Sizing 3, 4.1: as many columns as are asked for, each as wide as content
    inline = "<span id=c style='display: inline-block'><div style='columns: 2; column-gap: 10px'>{}</div></span>"
    areas, _ = pages(inline.format("<div style='width: 30px'>a</div><div>b</div>"))[0]
    assert areas["c"][2] == 70


def rules(css: str) -> list[tuple[float, float, float, float, str]]:
    """Rectangles (x, y, width, height, style) of the column rules on the first page."""
    html = f"{PAGE}</style><div style='columns: 3; column-gap: 10px; {css}'>{lines(6)}</div>"
    page = next(iter(LayoutEngine(_Files()).lay_out(html).pages))  # type: ignore[arg-type]
    found = []

    def walk(group: PaintGroup) -> None:
        for item in group.items:
            if isinstance(item, PaintGroup):
                walk(item)
            elif isinstance(item.fragment, BoxFragment) and item.fragment.style.border_left_width:
                box = item.fragment
                found.append((item.x - 10, item.y - 10, box.width, box.height, box.style.border_left_style))

    walk(page.body)
    return [(round(x, 2), y, w, h, s) for x, y, w, h, s in found]


@pytest.mark.parametrize("line", ["solid", "dashed", "dotted", "double", "groove", "ridge"])
def test_rules_stand_in_the_middle_of_gaps(line: str) -> None:
    # 4.2
    assert rules(f"column-rule: 4px {line} red") == [(63, 0, 4, 24, line), (133, 0, 4, 24, line)]


def test_rules_that_are_drawn_otherwise_or_not_at_all() -> None:
    assert {rule[4] for rule in rules("column-rule: 4px inset red")} == {"ridge"}
    assert {rule[4] for rule in rules("column-rule: 4px outset red")} == {"groove"}
    assert rules("column-rule: 4px hidden red") == rules("column-rule-width: 4px") == []
