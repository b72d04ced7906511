"""Coordinates derived by hand from the specifications; the section stands beside each."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image as Pillow

from spark_pdf.errors import BundleError, LimitExceeded
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, Fragment, ImageFragment, Page, PaintGroup, Placed, TextFragment
from spark_pdf.model import Limits

PAGE = "<style>@page { size: 220px 120px; margin: 10px } body { margin: 0; font: 10px/12px Arimo } p { margin: 0 }"


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


class _Files:
    """A bundle of two images."""

    files = {"a.png": png(40, 20), "broken.png": b"\x89PNG no"}  # noqa: RUF012

    def read(self, url: str, base: str = "") -> bytes:
        if url not in self.files:
            raise BundleError(f"{url} is not in the bundle")
        return self.files[url]


def pages(body: str, css: str = "", limits: Limits | None = None) -> list[Page]:
    return list(LayoutEngine(_Files(), limits=limits).lay_out(f"{PAGE} {css}</style>{body}").pages)


def placed(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += placed(item) if isinstance(item, PaintGroup) else [item]
    return found


def of_kind(page: Page, kind: type[Fragment]) -> list[Placed]:
    return [item for item in placed(page.body) if isinstance(item.fragment, kind)]


def lines(page: Page) -> list[tuple[str, float, float]]:
    """(text, x, baseline) of each text run. The baseline of a 12px line in 10px Arimo lies 9.465px below its top."""
    return [
        ("".join(word.text for word in item.fragment.words), round(item.x, 2), round(item.y - 9.4648, 1))  # type: ignore[union-attr]
        for item in of_kind(page, TextFragment)
    ]


def tops(page: Page) -> list[tuple[str, float]]:
    return [(text, y) for text, _, y in lines(page)]


def boxes(page: Page) -> list[tuple[float, float, float, float]]:
    return [
        (round(i.x, 2), round(i.y, 2), round(i.fragment.width, 2), round(i.fragment.height, 2))  # type: ignore[union-attr]
        for i in of_kind(page, BoxFragment)
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # CSS 2.2, 8.3.1: siblings collapse to the larger margin
        ("<p style='margin: 6px 0'>a<p style='margin: 9px 0'>b", [("a", 16), ("b", 37)]),
        # a negative margin is subtracted from the largest positive one
        ("<p style='margin-bottom: 10px'>a<p style='margin-top: -4px'>b", [("a", 10), ("b", 28)]),
        # parent and first child, through two levels
        ("<div style='margin-top: 4px'><div><p style='margin-top: 7px'>a</div></div>", [("a", 17)]),
        # padding keeps them apart
        ("<div style='margin-top: 4px; padding-top: 1px'><p style='margin-top: 7px'>a</div>", [("a", 22)]),
        # through an empty block
        ("<p>a</p><div style='margin: 5px 0 8px'></div><p>b", [("a", 10), ("b", 30)]),
        # a block formatting context keeps its children's margins
        ("<p>a</p><div style='overflow: hidden'><p style='margin: 5px 0'>b</p></div><p>c",
         [("a", 10), ("c", 44), ("b", 27)]),
        # last child and parent of automatic height
        ("<div><p style='margin-bottom: 6px'>a</p></div><p style='margin-top: 2px'>b", [("a", 10), ("b", 28)]),
        # ... but not of a given one
        ("<div style='height: 20px'><p style='margin-bottom: 16px'>a</p></div><p>b", [("a", 10), ("b", 30)]),
    ],
)  # fmt: skip
def test_margins_collapse(body: str, expected: list[tuple[str, float]]) -> None:
    assert sorted(tops(pages(body)[0])) == sorted(expected)


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("width: 50%", (10, 10, 102, 14)),  # 200 * 0.5 and a border of 1 on each side
        ("width: 50%; box-sizing: border-box", (10, 10, 100, 14)),
        ("width: 100px; margin: 0 auto", (59, 10, 102, 14)),  # CSS 2.2, 10.3.3
        ("width: 100px; margin-left: auto", (108, 10, 102, 14)),
        ("max-width: 60px; padding: 3px", (10, 10, 68, 20)),
        ("min-height: 40px", (10, 10, 200, 42)),
        ("height: 40px; max-height: 30px; box-sizing: border-box", (10, 10, 200, 30)),
        ("margin: 0 10% 0 5%; padding: 0", (20, 10, 170, 14)),
        ("position: relative; left: 5px; top: 3px", (15, 13, 200, 14)),  # 9.4.3
    ],
)
def test_widths_and_heights(css: str, expected: tuple[float, ...]) -> None:
    assert boxes(pages(f"<div style='border: 1px solid; {css}'>x</div>")[0]) == [expected]


def test_text_of_mixed_styles_shares_a_baseline() -> None:
    page = pages("<p>one <b>two</b> three")[0]
    assert [text for text, _, _ in lines(page)] == ["one ", "two", " three"]
    assert {y for _, _, y in lines(page)} == {10.0}


def test_alignment_and_indent() -> None:
    found = lines(
        pages("<p style='text-align: right'>iii<p style='text-align: center'>iii<p style='text-indent: 7px'>i")[0]
    )
    width = 3 * 2.2217  # advance of i in Arimo: 455 of 2048
    assert [x for _, x, _ in found] == [round(210 - width, 2), round(110 - width / 2, 2), 17.0]


def test_justified_spaces_fill_the_line_and_the_last_line_stays() -> None:
    page = pages("<p style='text-align: justify; width: 60px'>aaa bbb ccc ddd eee fff ggg")[0]
    runs = [item.fragment for item in of_kind(page, TextFragment)]
    assert [round(run.width, 2) for run in runs[:-1]] == [60.0] * (len(runs) - 1)
    assert runs[-1].space == 0.0
    assert all(not run.words[-1].is_space for run in runs)


def test_white_space() -> None:
    assert [t for t, *_ in lines(pages("<p>  a \n b<b> c </b> d  ")[0])] == ["a b", " c ", "d"]
    assert tops(pages("<p style='white-space: pre'>a  b\n c")[0]) == [("a  b", 10), (" c", 22)]
    assert tops(pages("<p style='white-space: pre-line'>a  b  \n  c")[0]) == [("a b", 10), ("c", 22)]
    assert len(tops(pages("<p style='white-space: nowrap; width: 10px'>a b c d")[0])) == 1


def test_no_line_ends_between_a_word_and_its_comma_in_another_style() -> None:
    # UAX 14: no break before a comma, whatever element it stands in
    found = tops(pages("<p style='width: 40px'>aaaaa <b>bbb</b>, c")[0])
    assert [y for text, y in found if text.startswith(("bbb", ","))] == [22.0, 22.0]


def test_soft_hyphens_are_seen_only_where_a_line_ends() -> None:
    found = [t for t, *_ in lines(pages("<p style='width: 50px'>extra&shy;ordinary<p>extra&shy;ordinary")[0])]
    assert found == ["extra\u00ad", "ordinary", "extraordinary"]


def test_words_break_anywhere_only_where_asked() -> None:
    assert len(tops(pages("<p style='width: 30px'>mmmmmmmm")[0])) == 1
    broken = [t for t, *_ in lines(pages("<p style='width: 30px; overflow-wrap: anywhere'>mmmmmmmm")[0])]
    assert broken == ["mmm", "mmm", "mm"]  # three of 8.33px each


def test_inline_boxes_are_cut_at_line_ends() -> None:
    page = pages("<p style='width: 60px'><span style='border: 1px solid; padding: 0 3px'>aaaa bbbb cccc dddd</span>")[0]
    first, *_, last = [item.fragment for item in of_kind(page, BoxFragment)]
    assert (first.open_left, first.open_right) == (False, True)
    assert (last.open_left, last.open_right) == (True, False)


def test_line_height_grows_with_what_stands_on_the_line() -> None:
    # CSS 2.2, 10.8.1: the 20px inline block sits on the baseline, 20 above it; below it the strut's 2.535
    page = pages("<p><span style='display: inline-block; width: 5px; height: 20px'></span>a</p><p>b")[0]
    (_, _, a), (_, _, b) = lines(page)
    assert round(b - 10, 2) == pytest.approx(20 + 12 - 9.465, abs=0.1)
    assert a < b


@pytest.mark.parametrize(("align", "y"), [("top", 10.0), ("bottom", 38.0)])
def test_vertical_align_top_and_bottom(align: str, y: float) -> None:
    body = f"<p><span style='display: inline-block; width: 5px; height: 40px; vertical-align: {align}'></span>a"
    assert tops(pages(body)[0]) == [("a", y)]


def test_decorations_come_from_the_box_that_asks() -> None:
    page = pages("<p style='text-decoration: underline'>a <sup>b</sup>")[0]
    a, b = of_kind(page, TextFragment)
    assert a.fragment.decorations[0].shift == 0.0  # type: ignore[union-attr]
    assert b.y + b.fragment.decorations[0].shift == pytest.approx(a.y)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("", (40, 20)),
        ("width=80", (80, 40)),
        ("height=5", (10, 5)),
        ("style='width: 25%'", (50, 25)),
        ("style='max-width: 30px'", (30, 15)),
        ("style='width: 30px; height: 30px'", (30, 30)),
        ("style='max-height: 10px; min-width: 30px'", (30, 10)),
    ],
)
def test_images_keep_their_ratio(attributes: str, size: tuple[float, float]) -> None:
    page = pages(f"<img src=a.png {attributes}>")[0]
    (image,) = [item.fragment for item in of_kind(page, ImageFragment)]
    assert (image.width, image.height) == size  # type: ignore[union-attr]
    assert image.image.key == hashlib.sha256(_Files.files["a.png"]).hexdigest()  # type: ignore[union-attr]


@pytest.mark.parametrize("url", ["none.png", "broken.png", ""])
def test_a_missing_image_shows_its_alternative_and_a_warning(url: str) -> None:
    laid_out = LayoutEngine(_Files()).lay_out(f"{PAGE}</style><p>a <img src='{url}' alt=instead>")
    (page,) = laid_out.pages
    assert "instead" in [text for text, *_ in lines(page)]
    (warning,) = laid_out.warnings
    assert warning.code == "missing_image"
    assert url in warning.message


def test_images_with_too_many_pixels_are_refused() -> None:
    with pytest.raises(LimitExceeded) as raised:
        pages("<img src=a.png>", limits=Limits(pixels_per_image=799))
    assert raised.value.code == "limit_pixels"


def test_missing_glyphs_are_named_once_for_each_chain_of_faces() -> None:
    laid_out = LayoutEngine(_Files()).lay_out(f"{PAGE}</style><p>日 日 語<p style='font-family: Tinos'>日本")
    assert len(list(laid_out.pages)) == 1
    assert [w.message for w in laid_out.warnings if w.code == "missing_glyph"] == [
        "2 characters have no glyph in any font: U+65E5, U+8A9E (font family 'Arimo')",
        "1 character has no glyph in any font: U+672C (font family 'Tinos')",
    ]


def test_links_and_anchors() -> None:
    page = pages("<p id=top>a <a href='https://example.org'>one <b>two</b></a> <a href='#top'>up</a>")[0]
    assert [link.target for link in page.links] == ["https://example.org", "#top"]
    assert page.anchors == {"top": (10.0, 10.0)}


def test_list_markers_and_counters() -> None:
    css = "ol ol { list-style-type: lower-alpha } h1 { counter-increment: h; font: inherit; margin: 0 }"
    css += " h1::before { content: counter(h, upper-roman) '. ' }"
    body = "<h1>x</h1><h1>y</h1><ol start=3><li>c<ol><li>n</ol><li>d</ol>"
    found = "".join(text + "|" for text, *_ in lines(pages(body, css)[0]))
    assert found.startswith("I|. |x|II|. |y|")
    assert [part for part in found.split("|") if part.endswith(". ") and part[0] != "."] == ["3. ", "a. ", "4. "]


def test_a_block_inside_an_inline_box_divides_it() -> None:
    # CSS 2.2, 9.2.1.1
    assert tops(pages("<p><b>a<span style='display: block'>b</span>c</b>")[0]) == [("a", 10), ("b", 22), ("c", 34)]


def test_painting_order() -> None:
    body = (
        "<div style='position: relative; z-index: -1'>below</div><div style='position: relative'>above</div>"
        "<div style='background: red'>middle</div><div style='opacity: 0.5'>faint</div>"
    )
    order = [text for text, *_ in lines(pages(body)[0])]
    assert order == ["below", "middle", "above", "faint"]
