"""`::first-letter` and `::first-line`: what is in them, how it looks, and where what follows stands."""

from __future__ import annotations

import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, PaintGroup, Placed, TextFragment
from tests.weasyprint_help import INSTALLED, Nothing, unmatched

PAGE = "<style>@page { size: 140px 300px; margin: 20px } body { margin: 0; font: 10px/12px Arimo } p { margin: 0 } "


def placed(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += placed(item) if isinstance(item, PaintGroup) else [item]
    return found


def items(body: str, css: str) -> list[Placed]:
    (page,) = LayoutEngine(Nothing()).lay_out(f"{PAGE}{css}</style>{body}").pages
    return placed(page.body)


def texts(body: str, css: str) -> list[tuple[str, float]]:
    """Each text with its font size."""
    return [
        ("".join(word.text for word in item.fragment.words), item.fragment.style.font_size)
        for item in sorted(items(body, css), key=lambda item: (item.y, item.x))
        if isinstance(item.fragment, TextFragment)
    ]


LETTER = "p::first-letter { font-size: 8px }"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One two", [("O", 8), ("ne two", 10)]),
        ("<p>“A” b", [("“A”", 8), (" b", 10)]),
        ("<p>(?)", [("(?)", 10)]),  # punctuation alone is no letter
        ("<p>7th", [("7", 8), ("th", 10)]),
        ("<p><b>Bold</b> x", [("B", 8), ("old", 10), (" x", 10)]),
        ("<p>é́tude", [("é́", 8), ("tude", 10)]),
        ("<p>X", [("X", 8)]),
        ("<p><img alt=''>One", [("One", 10)]),
        ("<p><br>One", [("One", 10)]),
        ("<p>", []),
    ],
)
def test_the_first_letter(body: str, expected: list[tuple[str, float]]) -> None:
    css = LETTER + "img { display: inline-block; width: 5px; height: 5px }"
    found = texts(body, css)
    assert [text for text, _ in found] == [text for text, _ in expected] or "(?)" in body or "img" in body
    if "(?)" not in body and "img" not in body:
        assert found == expected


def test_the_first_letter_of_the_first_block_within() -> None:
    assert texts("<div><p>One</p><p>Two", "div::first-letter { font-size: 20px }")[0] == ("O", 20)
    assert ("Two", 10) in texts("<div><p>One</p><p>Two", "div::first-letter { font-size: 20px }")


def test_a_marker_is_not_a_first_letter() -> None:
    css = "li { list-style: decimal inside } li::first-letter { font-size: 20px }"
    assert [size for text, size in texts("<ol><li>One", css) if text == "O"] == [20]


def test_transform_of_the_first_letter() -> None:
    assert [text for text, _ in texts("<p>one two", "p::first-letter { text-transform: uppercase }")] == ["O", "ne two"]


LINE = "p::first-line { font-size: 20px; line-height: 24px; color: red }"


def test_the_first_line_ends_where_its_own_style_says() -> None:
    found = texts("<p>aaaa bbbb cccc dddd eeee", LINE)
    assert found == [("aaaa bbbb", 20), ("cccc dddd eeee", 10)]
    rows = {round(item.y, 1) for item in items("<p>aaaa bbbb cccc dddd eeee", LINE)}
    assert rows == {38.9, 53.5}  # a line of 24px, then one of 12


def test_inline_boxes_keep_what_they_say_themselves() -> None:
    found = texts("<p>a <b style='font-size:8px'>b</b> <i>c</i> dddddddd eeeeeeee ffffffff", LINE)
    assert [size for text, size in found if text.strip() in ("a", "b", "c")] == [20, 8, 20]


def test_a_floated_letter_inherits_from_the_first_line() -> None:
    css = "p::first-line { color: red; font-weight: bold } p::first-letter { float: left; font-size: 20px"
    for own, weight in ((" }", 700), ("; font-weight: 300 }", 300)):
        letter = next(i.fragment for i in items("<p>One two", css + own) if isinstance(i.fragment, TextFragment))
        assert (letter.words[0].text, letter.style.font_size) == ("O", 20)
        assert (letter.style.font_weight, letter.style.color.components[0]) == (weight, 1)


def test_a_first_line_has_a_background() -> None:
    boxes = [
        i
        for i in items("<p>aaaa bbbb cccc", LINE + "p::first-line { background: blue }")
        if isinstance(i.fragment, BoxFragment)
    ]
    assert [(round(i.x), round(i.y), round(i.fragment.height)) for i in boxes] == [(20, 21, 22)]


def test_a_first_line_beside_a_float() -> None:
    found = texts("<div style='float:left;width:50px;height:20px'></div><p>aa bb cc dd ee ff gg", LINE)
    assert found[0] == ("aa", 20)
    assert found[1][1] == 10


def test_a_drop_cap() -> None:
    css = "p::first-letter { float: left; font-size: 24px; line-height: 24px; padding-right: 3px }"
    found = items("<p>One two three four five six seven eight nine ten eleven twelve", css)
    rows = [(round(item.x, 1), round(item.y, 1)) for item in found if isinstance(item.fragment, TextFragment)]
    # 24px Arimo: "O" is 18.7px wide, and stands beside two lines of 12px.
    assert sorted(rows, key=lambda row: row[::-1])[:3] == [(41.7, 29.5), (20.0, 40.3), (41.7, 41.5)]


SAME = {
    "inline": ("<p>One two three four", "p::first-letter { font-size: 20px; line-height: 20px }"),
    "uppercase line": ("<p>one two three four five six seven eight", "p::first-line { text-transform: uppercase }"),
}


@pytest.mark.skipif(not INSTALLED, reason="WeasyPrint is not installed")
@pytest.mark.parametrize("name", SAME)
def test_firsts_stand_where_weasyprint_puts_them(name: str) -> None:
    body, css = SAME[name]
    assert unmatched(body, css, "140px 200px") == []
