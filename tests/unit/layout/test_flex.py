"""Flex layout: coordinates derived by hand from CSS Flexbox 1, whose sections stand beside each."""

from __future__ import annotations

import pytest

from tests.unit.layout.container_areas import Area, item_areas, pages

CASES: list[tuple[str, str, list[str], list[Area]]] = [
    (
        "9.2: basis auto is the width, else the content; nothing grows",
        "",
        ["width: 50px", "", "width: 20%"],
        [(0, 0, 50, 12), (50, 0, 5.6, 12), (55.6, 0, 40, 12)],
    ),
    (
        "9.7: what is free is shared by grow factors",
        "",
        ["flex: 1", "flex: 2", "width: 60px"],
        [(0, 0, 46.7, 12), (46.7, 0, 93.3, 12), (140, 0, 60, 12)],
    ),
    (
        "9.7: factors that sum up to less than 1 take that fraction",
        "",
        ["flex: .25 0 0px", "flex: .25 0 0px"],
        [(0, 0, 50, 12), (50, 0, 50, 12)],
    ),
    (
        "9.7: shrinking is weighted by the base size",
        "",
        ["flex: 0 1 300px; min-width: 0", "flex: 0 1 100px; min-width: 0"],
        [(0, 0, 150, 12), (150, 0, 50, 12)],
    ),
    (
        "9.7: a violated maximum is frozen, the others share the rest",
        "",
        ["flex: 1; max-width: 30px", "flex: 1", "flex: 1"],
        [(0, 0, 30, 12), (30, 0, 85, 12), (115, 0, 85, 12)],
    ),
    (
        "9.7: a violated minimum is frozen",
        "",
        ["flex: 1; min-width: 120px", "flex: 1", "flex: 1"],
        [(0, 0, 120, 12), (120, 0, 40, 12), (160, 0, 40, 12)],
    ),
    (
        "4.5: text does not shrink below its longest word",
        "width: 30px",
        ["flex: 1 1 100px; font-size: 20px", "flex: 1 1 0px"],
        [(0, 0, 24.4, 12), (24.4, 0, 5.6, 12)],
    ),
    (
        "4.5: a box that clips may shrink to nothing",
        "width: 20px",
        ["flex: 0 1 100px; overflow: hidden", "flex: none; width: 20px"],
        [(0, 0, 0, 12), (0, 0, 20, 12)],
    ),
    (
        "basis in percent, and content-box padding",
        "",
        ["flex: 0 0 50%; padding: 0 5px", "flex: 0 0 25%; padding: 0 5px; box-sizing: border-box"],
        [(0, 0, 110, 12), (110, 0, 50, 12)],
    ),
    (
        "row-reverse begins at the right",
        "flex-direction: row-reverse",
        ["width: 50px", "width: 30px"],
        [(150, 0, 50, 12), (120, 0, 30, 12)],
    ),
    ("rtl begins at the right", "direction: rtl", ["width: 50px", "width: 30px"], [(150, 0, 50, 12), (120, 0, 30, 12)]),
    (
        "rtl and row-reverse begin at the left",
        "direction: rtl; flex-direction: row-reverse",
        ["width: 50px", "width: 30px"],
        [(0, 0, 50, 12), (50, 0, 30, 12)],
    ),
    (
        "order sorts, document order among equals",
        "",
        ["width: 10px; order: 2", "width: 20px", "width: 30px; order: -1"],
        [(50, 0, 10, 12), (30, 0, 20, 12), (0, 0, 30, 12)],
    ),
    (
        "gap between items",
        "gap: 5px 10px",
        ["width: 20px", "width: 30px", "width: 40px"],
        [(0, 0, 20, 12), (30, 0, 30, 12), (70, 0, 40, 12)],
    ),
    (
        "gap in percent of the content width",
        "column-gap: 10%",
        ["width: 20px", "width: 30px"],
        [(0, 0, 20, 12), (40, 0, 30, 12)],
    ),
    (
        "8.2: justify-content: flex-start",
        "justify-content: flex-start",
        ["width: 40px", "width: 60px"],
        [(0, 0, 40, 12), (40, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: flex-end",
        "justify-content: flex-end",
        ["width: 40px", "width: 60px"],
        [(100, 0, 40, 12), (140, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: center",
        "justify-content: center",
        ["width: 40px", "width: 60px"],
        [(50, 0, 40, 12), (90, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: space-between",
        "justify-content: space-between",
        ["width: 40px", "width: 60px"],
        [(0, 0, 40, 12), (140, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: space-around",
        "justify-content: space-around",
        ["width: 40px", "width: 60px"],
        [(25, 0, 40, 12), (115, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: space-evenly",
        "justify-content: space-evenly",
        ["width: 40px", "width: 60px"],
        [(33.3, 0, 40, 12), (106.7, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: start",
        "justify-content: start",
        ["width: 40px", "width: 60px"],
        [(0, 0, 40, 12), (40, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: end",
        "justify-content: end",
        ["width: 40px", "width: 60px"],
        [(100, 0, 40, 12), (140, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: left",
        "justify-content: left",
        ["width: 40px", "width: 60px"],
        [(0, 0, 40, 12), (40, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: right",
        "justify-content: right",
        ["width: 40px", "width: 60px"],
        [(100, 0, 40, 12), (140, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: normal",
        "justify-content: normal",
        ["width: 40px", "width: 60px"],
        [(0, 0, 40, 12), (40, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: stretch",
        "justify-content: stretch",
        ["width: 40px", "width: 60px"],
        [(0, 0, 40, 12), (40, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: flex-start, reversed",
        "flex-direction: row-reverse; justify-content: flex-start",
        ["width: 40px", "width: 60px"],
        [(160, 0, 40, 12), (100, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: flex-end, reversed",
        "flex-direction: row-reverse; justify-content: flex-end",
        ["width: 40px", "width: 60px"],
        [(60, 0, 40, 12), (0, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: start, reversed",
        "flex-direction: row-reverse; justify-content: start",
        ["width: 40px", "width: 60px"],
        [(60, 0, 40, 12), (0, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: end, reversed",
        "flex-direction: row-reverse; justify-content: end",
        ["width: 40px", "width: 60px"],
        [(160, 0, 40, 12), (100, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: left, reversed",
        "flex-direction: row-reverse; justify-content: left",
        ["width: 40px", "width: 60px"],
        [(60, 0, 40, 12), (0, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: right, reversed",
        "flex-direction: row-reverse; justify-content: right",
        ["width: 40px", "width: 60px"],
        [(160, 0, 40, 12), (100, 0, 60, 12)],
    ),
    (
        "8.2: justify-content: space-between, reversed",
        "flex-direction: row-reverse; justify-content: space-between",
        ["width: 40px", "width: 60px"],
        [(160, 0, 40, 12), (0, 0, 60, 12)],
    ),
    (
        "what overflows is centred too",
        "justify-content: center; width: 50px",
        ["flex: none; width: 100px"],
        [(-25, 0, 100, 12)],
    ),
    (
        "safe: what overflows begins at the start",
        "justify-content: safe center; width: 50px",
        ["flex: none; width: 100px"],
        [(0, 0, 100, 12)],
    ),
    (
        "8.2: space-around falls back to safe centre",
        "justify-content: space-around; width: 50px",
        ["flex: none; width: 100px"],
        [(0, 0, 100, 12)],
    ),
    (
        "8.1: auto margins take what is free",
        "",
        ["width: 20px; margin-right: auto", "width: 20px; margin: 0 auto", "width: 20px"],
        [(0, 0, 20, 12), (113.3, 0, 20, 12), (180, 0, 20, 12)],
    ),
    (
        "8.1: auto margins along the cross axis",
        "height: 60px",
        [
            "width: 20px; height: 10px; margin: auto 0",
            "width: 20px; height: 10px; margin-top: auto",
            "width: 20px; height: 10px; margin-bottom: auto",
        ],
        [(0, 25, 20, 10), (20, 50, 20, 10), (40, 0, 20, 10)],
    ),
    (
        "8.3: align-items: stretch",
        "align-items: stretch; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 0, 20, 10), (20, 0, 20, 50), (40, 3, 20, 42)],
    ),
    (
        "8.3: align-items: normal",
        "align-items: normal; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 0, 20, 10), (20, 0, 20, 50), (40, 3, 20, 42)],
    ),
    (
        "8.3: align-items: flex-start",
        "align-items: flex-start; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 0, 20, 10), (20, 0, 20, 12), (40, 3, 20, 12)],
    ),
    (
        "8.3: align-items: flex-end",
        "align-items: flex-end; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 40, 20, 10), (20, 38, 20, 12), (40, 33, 20, 12)],
    ),
    (
        "8.3: align-items: center",
        "align-items: center; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 20, 20, 10), (20, 19, 20, 12), (40, 18, 20, 12)],
    ),
    (
        "8.3: align-items: start",
        "align-items: start; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 0, 20, 10), (20, 0, 20, 12), (40, 3, 20, 12)],
    ),
    (
        "8.3: align-items: end",
        "align-items: end; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 40, 20, 10), (20, 38, 20, 12), (40, 33, 20, 12)],
    ),
    (
        "8.3: align-items: self-start",
        "align-items: self-start; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 0, 20, 10), (20, 0, 20, 12), (40, 3, 20, 12)],
    ),
    (
        "8.3: align-items: self-end",
        "align-items: self-end; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 40, 20, 10), (20, 38, 20, 12), (40, 33, 20, 12)],
    ),
    (
        "8.3: align-items: baseline",
        "align-items: baseline; height: 50px",
        ["width: 20px; height: 10px", "width: 20px", "width: 20px; margin: 3px 0 5px"],
        [(0, 3, 20, 10), (20, 3, 20, 12), (40, 3, 20, 12)],
    ),
    (
        "8.3: align-self decides for one",
        "height: 50px",
        ["width: 20px; align-self: center", "width: 20px; align-self: flex-end", "width: 20px; align-self: auto"],
        [(0, 19, 20, 12), (20, 38, 20, 12), (40, 0, 20, 50)],
    ),
    (
        "8.3: baselines meet",
        "align-items: baseline",
        ["font-size: 20px; line-height: 24px", "padding-top: 8px", "font-size: 5px; line-height: 6px"],
        [(0, 0, 11.1, 24), (11.1, 1.5, 5.6, 20), (16.7, 14.2, 2.5, 6)],
    ),
    (
        "8.3: last baselines meet at the end",
        "align-items: last baseline; height: 40px",
        ["width: 12px", "font-size: 20px; line-height: 24px"],
        [(0, 25.5, 12, 12), (12, 16, 11.1, 24)],
    ),
    (
        "stretch keeps within max-height",
        "height: 50px",
        ["width: 20px; max-height: 30px", "width: 20px; min-height: 70px"],
        [(0, 0, 20, 30), (20, 0, 20, 70)],
    ),
    (
        "9.3: wrap",
        "flex-wrap: wrap",
        ["width: 90px", "width: 90px", "width: 90px"],
        [(0, 0, 90, 12), (90, 0, 90, 12), (0, 12, 90, 12)],
    ),
    (
        "9.3: wrap-reverse stacks lines upwards",
        "flex-wrap: wrap-reverse",
        ["width: 90px; height: 10px", "width: 90px", "width: 90px"],
        [(0, 14, 90, 10), (90, 12, 90, 12), (0, 0, 90, 12)],
    ),
    (
        "gaps count when lines are broken",
        "flex-wrap: wrap; gap: 4px 30px",
        ["width: 90px", "width: 90px", "width: 90px"],
        [(0, 0, 90, 12), (0, 16, 90, 12), (0, 32, 90, 12)],
    ),
    (
        "8.4: align-content: stretch",
        "flex-wrap: wrap; height: 84px; align-content: stretch",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 0, 150, 28), (0, 28, 150, 28), (0, 56, 150, 28)],
    ),
    (
        "8.4: align-content: normal",
        "flex-wrap: wrap; height: 84px; align-content: normal",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 0, 150, 28), (0, 28, 150, 28), (0, 56, 150, 28)],
    ),
    (
        "8.4: align-content: flex-start",
        "flex-wrap: wrap; height: 84px; align-content: flex-start",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 0, 150, 12), (0, 12, 150, 12), (0, 24, 150, 12)],
    ),
    (
        "8.4: align-content: flex-end",
        "flex-wrap: wrap; height: 84px; align-content: flex-end",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 48, 150, 12), (0, 60, 150, 12), (0, 72, 150, 12)],
    ),
    (
        "8.4: align-content: center",
        "flex-wrap: wrap; height: 84px; align-content: center",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 24, 150, 12), (0, 36, 150, 12), (0, 48, 150, 12)],
    ),
    (
        "8.4: align-content: space-between",
        "flex-wrap: wrap; height: 84px; align-content: space-between",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 0, 150, 12), (0, 36, 150, 12), (0, 72, 150, 12)],
    ),
    (
        "8.4: align-content: space-around",
        "flex-wrap: wrap; height: 84px; align-content: space-around",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 8, 150, 12), (0, 36, 150, 12), (0, 64, 150, 12)],
    ),
    (
        "8.4: align-content: space-evenly",
        "flex-wrap: wrap; height: 84px; align-content: space-evenly",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 12, 150, 12), (0, 36, 150, 12), (0, 60, 150, 12)],
    ),
    (
        "8.4: align-content: start",
        "flex-wrap: wrap; height: 84px; align-content: start",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 0, 150, 12), (0, 12, 150, 12), (0, 24, 150, 12)],
    ),
    (
        "8.4: align-content: end",
        "flex-wrap: wrap; height: 84px; align-content: end",
        ["width: 150px", "width: 150px", "width: 150px"],
        [(0, 48, 150, 12), (0, 60, 150, 12), (0, 72, 150, 12)],
    ),
    (
        "9.4: one line is as high as a container of a given height",
        "height: 40px",
        ["width: 20px", "width: 20px; align-self: flex-end"],
        [(0, 0, 20, 40), (20, 28, 20, 12)],
    ),
    (
        "column: widths stretch, heights are those of content",
        "flex-direction: column",
        ["", "align-self: flex-start", "align-self: center; width: 50px", "align-self: flex-end"],
        [(0, 0, 200, 12), (0, 12, 5.6, 12), (75, 24, 50, 12), (194.4, 36, 5.6, 12)],
    ),
    (
        "column: what is free is shared",
        "flex-direction: column; height: 100px",
        ["flex: 1", "flex: 2", ""],
        [(0, 0, 200, 29.3), (0, 29.3, 200, 58.7), (0, 88, 200, 12)],
    ),
    (
        "column: min-height makes what is free",
        "flex-direction: column; min-height: 100px",
        ["", "flex: 1", ""],
        [(0, 0, 200, 12), (0, 12, 200, 76), (0, 88, 200, 12)],
    ),
    (
        "column: shrinking stops at content",
        "flex-direction: column; height: 20px",
        ["flex: 0 1 60px", "flex: 0 1 60px; min-height: 0"],
        [(0, 0, 200, 12), (0, 12, 200, 8)],
    ),
    (
        "column-reverse begins at the bottom",
        "flex-direction: column-reverse; height: 60px",
        ["height: 10px", "height: 20px"],
        [(0, 50, 200, 10), (0, 30, 200, 20)],
    ),
    (
        "column: justify-content",
        "flex-direction: column; height: 60px; justify-content: space-between",
        ["height: 10px", "height: 10px", "height: 10px"],
        [(0, 0, 200, 10), (0, 25, 200, 10), (0, 50, 200, 10)],
    ),
    (
        "column: auto margins",
        "flex-direction: column; height: 60px",
        ["height: 10px; margin-top: auto", "height: 10px; margin-bottom: auto"],
        [(0, 20, 200, 10), (0, 30, 200, 10)],
    ),
    (
        "column: row-gap",
        "flex-direction: column; gap: 7px 3px",
        ["height: 10px", "height: 10px"],
        [(0, 0, 200, 10), (0, 17, 200, 10)],
    ),
    (
        "column wrap: lines side by side",
        "flex-flow: column wrap; height: 50px; align-content: flex-start",
        ["width: 30px; height: 30px", "width: 40px; height: 30px", "width: 20px; height: 10px"],
        [(0, 0, 30, 30), (30, 0, 40, 30), (30, 30, 20, 10)],
    ),
    (
        "column wrap-reverse begins at the right",
        "flex-flow: column wrap-reverse; height: 50px; align-content: flex-start",
        ["width: 30px; height: 30px", "width: 40px; height: 30px"],
        [(170, 0, 30, 30), (130, 0, 40, 30)],
    ),
    (
        "column rtl: start is at the right",
        "flex-direction: column; direction: rtl; align-items: flex-start",
        ["width: 30px", "width: 50px; align-self: flex-end"],
        [(170, 0, 30, 12), (0, 12, 50, 12)],
    ),
    (
        "margins never collapse",
        "flex-direction: column",
        ["margin: 5px 0", "margin: 5px 0"],
        [(0, 5, 200, 12), (0, 27, 200, 12)],
    ),
]


@pytest.mark.parametrize(("css", "items", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_items_stand_where_the_specification_says(css: str, items: list[str], expected: list[Area]) -> None:
    assert item_areas("flex", css, items) == expected


def areas(body: str, css: str = "") -> dict[str, Area]:
    return pages(body, "@page { size: 220px 420px } " + css)[0][0]


def test_text_and_inline_boxes_become_blocks() -> None:
    # Flexbox 1, 4: each run of text is an item, white space alone is none
    found = pages("<div style='display: flex; gap: 5px'> one <b id=b>two</b> <i>three</i> four </div>")[0]
    assert [(text, y) for text, _, y in found[1]] == [("one", 0), ("two", 0), ("three", 0), ("four", 0)]
    assert found[0]["b"][3] == 12
    assert found[1][1][1] == pytest.approx(found[1][0][1] + 16.69 + 5, abs=0.1)


def test_contents_are_items_and_pseudo_elements_too() -> None:
    css = ".f { display: flex } .f::before { content: '1' } .f::after { content: '9' } .c { display: contents }"
    found = pages("<div class=f><div class=c><p>2</p><p>3</p></div></div>", css)[0][1]
    assert [text for text, _, _ in found] == ["1", "2", "3", "9"]


def test_items_do_not_float_and_start_formatting_contexts() -> None:
    body = "<div style='display: flex'><div id=a style='float: right'><p class=m>a</p></div><p id=b>b</p></div>"
    found = areas(body, ".m { margin: 5px 0 }")
    assert found["a"] == (0, 0, 5.6, 22)
    assert found["b"] == (5.6, 0, 5.6, 22)


def test_inline_flex_shrinks_to_its_items_and_stands_on_their_first_baseline() -> None:
    body = "x<span id=f style='display: inline-flex; gap: 4px; padding: 2px'><b>ab</b><i>c<br>d</i></span>"
    found, texts = pages(body)[0]
    assert found["f"] == (5, 0, 25.2, 28)
    assert texts[0] == ("x", 0, 2)
    assert ("ab", 7, 2) in texts


def test_nested_containers() -> None:
    body = (
        "<div style='display: flex; height: 60px'><div id=a style='flex: 1; display: flex; flex-direction: column'>"
        "<div id=b>b</div><div id=c style='flex: 1'>c</div></div><div id=d style='width: 50px'>d</div></div>"
    )
    found = areas(body)
    assert found["a"] == (0, 0, 150, 60)
    assert found["b"] == (0, 0, 150, 12)
    assert found["c"] == (0, 12, 150, 48)


def test_percent_heights_are_of_stretched_and_flexed_items() -> None:
    # Flexbox 1, 9.8: both are definite
    body = (
        "<div style='display: flex'><div style='width: 50px'><div id=a style='height: 50%'>a</div></div>"
        "<div style='height: 40px'>b</div></div>"
        "<div style='display: flex; flex-direction: column; height: 60px'><div style='flex: 1'>"
        "<div id=c style='height: 50%'>c</div></div></div>"
    )
    found = areas(body)
    assert found["a"][3] == 20
    assert found["c"][3] == 30


def test_images_as_items() -> None:
    # 9.2: a definite cross size and the ratio give the base size; 9.4: stretching does not otherwise
    def box(css: str, style: str = "") -> Area:
        return areas(f"<div style='display: flex; {css}'><img id=i src=a.png style='{style}'></div>")["i"]

    assert box("") == (0, 0, 40, 20)
    assert box("height: 50px") == (0, 0, 100, 50)
    assert box("height: 50px; align-items: center") == (0, 15, 40, 20)
    assert box("flex-direction: column") == (0, 0, 200, 100)
    assert box("flex-direction: column; align-items: flex-end") == (160, 0, 40, 20)
    assert box("", "flex: 1") == (0, 0, 200, 100)
    assert box("", "width: 50%") == (0, 0, 100, 50)


def test_tables_and_lists_as_items() -> None:
    table = "<table id=t style='border-spacing: 0; {}'><tr><td style='padding: 0'>ab</td></tr></table>"
    assert areas("<div style='display: flex'>" + table.format("") + "<p>x</p></div>")["t"] == (0, 0, 11.1, 12)
    assert areas("<div style='display: flex'>" + table.format("flex: 1") + "</div>")["t"] == (0, 0, 200, 12)
    assert areas("<div style='display: flex; height: 30px'>" + table.format("") + "</div>")["t"] == (0, 0, 11.1, 30)
    column = "<div style='display: flex; flex-direction: column; align-items: center'>"
    assert areas(column + table.format("width: 50%") + "</div>")["t"] == (50, 0, 100, 12)
    listed = areas(
        "<div style='display: flex'><ul id=u style='margin: 4px 0; padding-left: 20px'><li>a<li>b</ul></div>"
    )
    assert listed["u"] == (0, 4, 25.6, 24)


def test_positioned_children_are_no_items() -> None:
    body = (
        "<div style='display: flex; position: relative; height: 40px; padding: 3px'>"
        "<div id=a style='position: absolute; right: 0; bottom: 0'>ab</div><div id=b>b</div>"
        "<div id=c style='position: absolute'>c</div></div>"
    )
    found = areas(body)
    assert found["a"] == (188.9, 34, 11.1, 12)
    assert found["b"] == (3, 3, 5.6, 40)
    assert found["c"][:2] == (3, 3)
