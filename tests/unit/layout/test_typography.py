"""Text: hyphenation, tabs, leaders, ellipses, bidi, fallback; coordinates derived by hand."""

from __future__ import annotations

import pytest

from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, Page, PaintGroup, Placed, TextFragment
from spark_pdf.layout.inline.textrun import PieceCache, Pieces, metrics_of
from spark_pdf.layout.inline.transform import transformed
from spark_pdf.layout.inline.whitespace import collapsed
from spark_pdf.text.fonts import FontSet
from spark_pdf.text.hyphenation import hyphenation_points

PAGE = "<style>@page { size: 220px 200px; margin: 10px } body { margin: 0; font: 10px/12px Cousine } p { margin: 0 }"
EM = 1229 / 2048 * 10
"""The advance of every letter of Cousine at 10px."""


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise AssertionError(url)


def page_of(body: str, css: str = "") -> Page:
    laid_out = LayoutEngine(_Nothing()).lay_out(f"{PAGE} {css}</style>{body}")
    (page,) = laid_out.pages
    return page


def placed(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += placed(item) if isinstance(item, PaintGroup) else [item]
    return found


def texts(body: str, css: str = "") -> list[tuple[str, float]]:
    """(text, x in letters from the left margin) of each run, in document order."""
    return [
        ("".join(word.text for word in item.fragment.words), round((item.x - 10) / EM, 2))
        for item in placed(page_of(body, css).body)
        if isinstance(item.fragment, TextFragment)
    ]


def boxes(body: str, tag: str) -> list[tuple[int, int, bool, bool]]:
    """Where the boxes of an element begin and how wide they are, in letters; whether they are open left and right."""
    return [
        (round((item.x - 10) / EM), round(item.fragment.width / EM), item.fragment.open_left, item.fragment.open_right)
        for item in placed(page_of(body).body)
        if isinstance(item.fragment, BoxFragment) and item.fragment.node is not None and item.fragment.node.tag == tag
    ]


def pieces(text: str, language: str = "", **values: object) -> Pieces:
    style = INITIAL_STYLE.replace(font_family=("Cousine",), font_size=10.0, **values)
    return Pieces(text, style, metrics_of(style, FontSet()), language)


def test_hyphenation_points() -> None:
    assert hyphenation_points("Silbentrennung", "de", (5, 2, 2)) == (3, 6, 10)
    assert hyphenation_points("Silbentrennung", "de-AT", (5, 4, 5)) == (6,)
    assert hyphenation_points("(Silbentrennung)", "de", (5, 2, 2)) == (4, 7, 11)
    assert hyphenation_points("Haus", "de", (5, 2, 2)) == ()
    assert hyphenation_points("whatever", "tlh", (5, 2, 2)) == ()
    assert hyphenation_points("whatever", "", (5, 2, 2)) == ()


def test_words_are_cut_where_hyphens_say() -> None:
    text = "extra\u00adordinary Silbentrennung"
    assert pieces(text, "de").cuts_of(0) == (5,)
    assert pieces(text, "de").cuts_of(2) == ()
    assert pieces(text, "de", hyphens="auto").cuts_of(0) == (5,)  # its soft hyphens, and no others
    assert pieces(text, "de", hyphens="auto").cuts_of(2) == (3, 6, 10)
    assert not pieces(text, "de", hyphens="none").hyphenates
    assert pieces(text).text == "extraordinary Silbentrennung"
    assert not pieces("plain").hyphenates


def test_hyphenated_words_keep_their_kerning_until_they_are_cut() -> None:
    whole, cut = pieces("AVAVAV"), pieces("AV\u00adAV\u00adAV")
    assert whole.total == cut.total
    assert [word.text for word in cut.words] == ["AVAVAV"]


def test_a_missing_dictionary_is_said() -> None:
    laid_out = LayoutEngine(_Nothing()).lay_out("<p lang=tlh style='hyphens: auto'>word word")
    list(laid_out.pages)
    assert [w.message for w in laid_out.warnings if w.code == "text_layout"] == [
        "hyphens: auto has no dictionary for 'tlh'"
    ]


def test_thai_without_spaces_is_said() -> None:
    laid_out = LayoutEngine(_Nothing()).lay_out("<p>\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35")
    list(laid_out.pages)
    assert any(w.code == "text_layout" and "Thai" in w.message for w in laid_out.warnings)


def test_the_narrowest_width_is_that_of_the_parts() -> None:
    body = (
        "<table style='border-spacing: 0; width: 1px'><tr><td style='padding: 0; hyphens: auto' lang=de>Silbentrennung"
    )
    page = page_of(body)
    (cell,) = [
        item.fragment
        for item in placed(page.body)
        if isinstance(item.fragment, BoxFragment) and item.fragment.node is not None and item.fragment.node.tag == "td"
    ] or [None]
    # "tren-" and "nung" are the widest: five and four letters
    assert cell is None or cell.width == pytest.approx(5 * EM, abs=0.01)
    assert [text for text, _ in texts(body)] == ["Sil\u00ad", "ben\u00ad", "tren\u00ad", "nung"]


def test_tabs_lead_to_stops() -> None:
    assert texts("<pre style='margin: 0'>a\tb\n\tc\nabcdefgh\td</pre>") == [
        ("a", 0), (" ", 1), ("b", 8), (" ", 0), ("c", 8), ("abcdefgh", 0), (" ", 8), ("d", 16),
    ]  # fmt: skip
    assert texts("<pre style='margin: 0; tab-size: 4'>ab\tc") == [("ab", 0), (" ", 2), ("c", 4)]
    assert texts("<pre style='margin: 0; tab-size: 0'>a\tc")[-1] == ("c", 1)


def test_leaders_fill_the_line() -> None:
    found = texts("<p>ab", "p::after { content: leader('.') 'yz' }")
    assert [text for text, _ in found] == ["ab", "." * 29, "yz"]
    assert found[-1][1] == pytest.approx(200 / EM - 2, abs=0.01)
    assert found[1][1] == pytest.approx(200 / EM - 2 - 29, abs=0.01)


def test_ellipsis() -> None:
    css = "p { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; width: 30.5px }"
    assert [text for text, _ in texts("<p>abcdefgh", css)] == ["abcd", "…"]
    assert [text for text, _ in texts("<p>abcde", css)] == ["abcde"]
    assert [text for text, _ in texts("<p>a <b>bcdefgh</b> ij", css)] == ["a ", "bc", "…"]
    assert texts("<p dir=rtl>אבגדהוז", css)[-1][0] == "…"


def test_right_to_left_words_stand_from_right_to_left() -> None:
    # 200px are 33.33 letters
    assert texts("<p dir=rtl>אב גד") == [("גד אב", round(200 / EM - 5, 2))]
    assert texts("<p>ab אב 12") == [("ab ", 0), (" אב", 5), ("12", 3)]
    assert texts("<p dir=rtl>אב 12 ab")[-1][1] == round(200 / EM - 8, 2)


def test_a_box_is_divided_where_its_content_is_not_adjacent() -> None:
    assert boxes("<p>x <span style='background: red'>אב yy</span> גד zz", "span") == [(2, 5, False, False)]
    # "yy" and "zz" are one run of Latin text, so the Hebrew of the box stands apart from its Latin
    found = boxes("<p dir=rtl>אב <span style='background: red'>גד yy</span> zz הו", "span")
    assert sum(width for _, width, _, _ in found) == 5


def test_inline_edges_stand_at_the_ends_of_a_right_to_left_box() -> None:
    found = texts("<p dir=rtl>א<span style='padding-right: 20px; margin-left: 10px'>ב</span>ג")
    right = 200 / EM
    assert found == [
        ("א", round(right - 1, 2)), ("ב", round(right - 2 - 20 / EM, 2)), ("ג", round(right - 3 - 30 / EM, 2)),
    ]  # fmt: skip


def test_dir_auto_and_bdi() -> None:
    assert texts("<p dir=auto>אב")[0][1] == round(200 / EM - 2, 2)
    assert texts("<p dir=auto>12 <bdi>אב</bdi> ab")[0][1] == 0
    assert [text for text, _ in texts("<p>אב<bdi> 1</bdi>")] == ["אב", " 1"]


def test_justification_between_letters() -> None:
    css = "p { width: 100px; text-align: justify; text-align-last: justify; text-justify: inter-character }"
    (item,) = [i for i in placed(page_of("<p>abcdef", css).body) if isinstance(i.fragment, TextFragment)]
    assert item.fragment.letter == pytest.approx((100 - 6 * EM) / 5)
    assert item.fragment.width == pytest.approx(100)


def test_white_space_between_ideographs_is_none() -> None:
    style = INITIAL_STYLE
    assert collapsed("日本\n  語", style, False) == "日本語"
    assert collapsed("日本\nab", style, False) == "日本 ab"
    assert collapsed("a\nb", style, True) == "a b"


@pytest.mark.parametrize(
    ("text", "how", "language", "shown"),
    [
        ("straße ﬁn", "uppercase", "", "STRASSE FIN"),
        ("iı", "uppercase", "tr", "İI"),
        ("Iİ", "lowercase", "az", "ıi"),
        ("Ελλάδα Μαΐου άυλος", "uppercase", "el", "ΕΛΛΑΔΑ ΜΑΪΟΥ ΑΫΛΟΣ"),
        ("ή", "uppercase", "el", "Ή"),
        ("i\u0307", "uppercase", "lt", "I"),
        ("Ì", "lowercase", "lt", "i\u0307\u0300"),
        ("ΟΔΟΣ", "lowercase", "", "οδος"),
        ("ijs ijzer", "capitalize", "nl", "IJs IJzer"),
        ("(one) «two» o'neil 'tis 3rd ǆ", "capitalize", "", "(One) «Two» O'neil 'Tis 3rd ǅ"),
        ("abc 1\u00a5", "full-width", "", "ａｂｃ\u3000１￥"),
        ("ﾊﾟ", "full-width", "", "ハ\u309a"),
        ("ぁッ", "full-size-kana", "", "あツ"),
        ("ab", "uppercase full-width", "", "ＡＢ"),
        ("ignore", "uppercase", "trx", "IGNORE"),
    ],
)
def test_text_transform(text: str, how: str, language: str, shown: str) -> None:
    assert transformed(text, how, language) == shown


def test_pieces_of_one_direction_are_remembered() -> None:
    cache, fonts = PieceCache(), FontSet()
    style = INITIAL_STYLE.replace(font_family=("Arimo",))
    first = cache.directed("אב", style, "", "rtl", ("", ""), fonts)
    assert cache.directed("אב", style, "", "rtl", ("", ""), fonts) is first
    assert cache.directed("אב", style, "", "ltr", ("", ""), fonts) is not first


def test_caches_of_pieces_share_their_room() -> None:
    fonts, caches = FontSet(), [PieceCache() for _ in range(10)]
    style = INITIAL_STYLE.replace(font_family=("Arimo",))
    for number in range(5000):  # each of 1060 characters, so a generation has 472
        caches[number % 10].directed(f"{number} " + 500 * "a ", style, "", "ltr", ("", ""), fonts)
    held = [len(cache._young) + len(cache._old) for cache in caches]
    assert 450 < sum(held) < 2 * 475 + 10
    assert min(held) > 50


def test_a_line_with_normal_height_encloses_other_faces() -> None:
    style = INITIAL_STYLE.replace(font_family=("Cousine",), font_size=100.0)
    metrics = metrics_of(style, FontSet())
    assert Pieces("abc", style, metrics, "").metrics is metrics
    other = Pieces("a\u2645", style, metrics, "")  # perhaps in no face at all: then it is Cousine's .notdef
    assert other.metrics.above >= metrics.above
    fixed = INITIAL_STYLE.replace(font_family=("Cousine",), line_height=20.0)
    assert Pieces("a\u05d0", fixed, metrics_of(fixed, FontSet()), "").metrics is metrics_of(fixed, FontSet())
