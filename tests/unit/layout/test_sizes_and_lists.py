"""Sizing keywords, aspect ratios, boxes decorated piece by piece, list numbers and markers: coordinates by hand."""

from __future__ import annotations

import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, PaintGroup, Placed, TextFragment
from tests.weasyprint_help import INSTALLED, Nothing, unmatched

PAGE = "<style>@page { size: 340px 300px; margin: 20px } body { margin: 0; font: 10px/12px Arimo } "


def placed(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += placed(item) if isinstance(item, PaintGroup) else [item]
    return found


def pages(body: str, css: str = "") -> list[list[Placed]]:
    laid_out = LayoutEngine(Nothing()).lay_out(f"{PAGE}{css}</style>{body}")
    found = [placed(page.body) for page in laid_out.pages]
    assert laid_out.warnings == ()
    return found


def box(css: str, inner: str = "some words here") -> tuple[float, ...]:
    """x, y, width and height of a red box of this style."""
    for item in pages(f"<div style='background:red;{css}'>{inner}</div>")[0]:
        fragment, x, y = item.fragment, item.x, item.y
        if isinstance(fragment, BoxFragment):
            return round(x, 1), round(y, 1), round(fragment.width, 1), round(fragment.height, 1)
    raise AssertionError("no box")


def texts(body: str, css: str = "") -> list[str]:
    return [
        "".join(word.text for word in item.fragment.words)
        for page in pages(body, css)
        for item in page
        if isinstance(item.fragment, TextFragment)
    ]


NARROW, WIDE = 26.7, 76.7
"""Widths of "words", and of "some words here"."""


@pytest.mark.parametrize(
    ("css", "width", "height"),
    [
        ("width: min-content", NARROW, 36),
        ("width: max-content", WIDE, 12),
        ("width: fit-content", WIDE, 12),
        ("width: fit-content; margin-right: 240px", 60, 24),
        ("width: stretch; margin: 0 10px", 280, 12),
        ("max-width: min-content", NARROW, 36),
        ("min-width: max-content; width: 10px", WIDE, 12),
        ("float: left; width: min-content; padding: 2px", NARROW + 4, 40),
        ("display: inline-block; width: min-content", NARROW, 36),
        ("position: absolute; width: max-content", WIDE, 12),
        ("display: table; width: min-content", NARROW, 36),
    ],
)
def test_widths_may_be_keywords(css: str, width: float, height: float) -> None:
    assert box(css)[2:] == (width, height)


@pytest.mark.parametrize(
    ("css", "width", "height"),
    [
        ("aspect-ratio: 2; width: 100px", 100, 50),
        ("aspect-ratio: 2/1; height: 20px", 40, 20),
        ("aspect-ratio: 2; padding: 5px; width: 100px", 110, 60),
        ("aspect-ratio: 1; height: 20px; box-sizing: border-box; padding: 3px", 20, 20),
        ("aspect-ratio: auto 2; height: 20px; box-sizing: border-box; padding: 3px", 34, 20),
        ("aspect-ratio: 10; width: 40px", 40, 36),  # 5.2: content makes it higher
        ("aspect-ratio: 10; width: 40px; overflow: hidden", 40, 4),
        ("aspect-ratio: 3", 300, 100),
        ("aspect-ratio: 3; max-height: 30px", 300, 30),
        ("aspect-ratio: 3; float: left; height: 20px", 60, 20),
        ("aspect-ratio: 4; position: absolute; height: 20px", 80, 20),
        ("aspect-ratio: 4; display: inline-block; width: 80px", 80, 20),
    ],
)
def test_a_ratio_gives_the_other_size(css: str, width: float, height: float) -> None:
    assert box(css)[2:] == (width, height)


def test_a_percentage_of_a_height_by_ratio() -> None:
    inner = "<div style='height:50%'></div><p style='margin:0;background:red'>x</p>"
    for item in pages(f"<div style='aspect-ratio:3'>{inner}</div>")[0]:
        if isinstance(item.fragment, BoxFragment):
            assert item.y == 70


def boxes(page: list[Placed]) -> list[tuple[float, float, bool, bool]]:
    return [
        (round(item.y), round(item.fragment.height), item.fragment.open_top, item.fragment.open_bottom)
        for item in page
        if isinstance(item.fragment, BoxFragment)
    ]


def test_fragments_are_decorated_each_on_its_own() -> None:
    css = "div { border: 10px solid; padding: 5px; box-decoration-break: clone; orphans: 1; widows: 1 }"
    first, second = pages("<div>" + "line<br>" * 24 + "</div>", css)
    # 260 px less 30 of edges hold 19 lines; five are left.
    assert boxes(first) == [(20, 258, False, False)]
    assert boxes(second) == [(20, 90, False, False)]
    first, second = pages("<div>" + "line<br>" * 24 + "</div>", css.replace("clone", "slice"))
    assert boxes(first) == [(20, 255, False, True)]
    assert boxes(second) == [(20, 63, True, False)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<ol><li>a<li>b", ["1. ", "a", "2. ", "b"]),
        ("<ol start=5><li>a<li>b", ["5. ", "a", "6. ", "b"]),
        ("<ol reversed><li>a<li>b<li>c", ["3. ", "a", "2. ", "b", "1. ", "c"]),
        ("<ol reversed start=9><li>a<li>b", ["9. ", "a", "8. ", "b"]),
        ("<ol><li value=7>a<li>b<li value=x>c", ["7. ", "a", "8. ", "b", "9. ", "c"]),
        ("<ol reversed><li>a<li value=9>b<li>c", ["3. ", "a", "9. ", "b", "8. ", "c"]),
        ("<ol><li>a<ol reversed><li>b<li>c</ol><li>d", ["1. ", "a", "2. ", "b", "1. ", "c", "2. ", "d"]),
        ("<ol><li style='counter-increment:list-item 3'>a", ["3. ", "a"]),
    ],
)
def test_lists_count_as_html_says(body: str, expected: list[str]) -> None:
    assert texts(body) == expected


def test_a_marker_has_a_style_and_content_of_its_own() -> None:
    css = "li::marker { content: counter(list-item) ') '; color: red; font-size: 5px }"
    found = pages("<ol><li>a<li>b", css)[0]
    words = [item for item in found if isinstance(item.fragment, TextFragment)]
    assert ["".join(w.text for w in item.fragment.words) for item in words] == ["1", ") ", "a", "2", ") ", "b"]
    marker, text = words[1], words[2]
    assert marker.fragment.role == "marker"
    assert marker.fragment.style.font_size == 5
    assert marker.y == text.y  # on one baseline
    assert round(marker.x + marker.fragment.width, 2) == text.x
    assert texts("<ol><li>a", "li::marker { content: none }") == ["a"]
    assert texts("<ol><li>a", "li::marker { content: 'x' } li { list-style-position: inside }") == ["x", "a"]


LISTS = {
    "nested": "<ol><li>one<ol><li>two<li>three</ol><li>four</ol>",
    "a block first": "<ol><li><div style='margin-top:9px'>one</div><li><p>two</p></ol>",
    "inside": "<ol style='list-style-position:inside'><li>one<li>two</ol>",
    "after a float": "<div style='float:left;width:50px;height:30px'>F</div><ol><li>one<li>two<li>three<li>four</ol>",
}


@pytest.mark.skipif(not INSTALLED, reason="WeasyPrint is not installed")
@pytest.mark.parametrize("name", LISTS)
def test_markers_stand_where_weasyprint_puts_them(name: str) -> None:
    assert unmatched(LISTS[name]) == []
