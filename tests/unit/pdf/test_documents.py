"""Documents from hand-made fragments: valid, readable, the same bytes again, within limits."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.fragments import (
    BoxFragment,
    Decoration,
    EdgeFragment,
    Link,
    Page,
    PaintGroup,
    Placed,
    TextFragment,
)  # fmt: skip
from spark_pdf.model import Limits, RenderWarning
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.pdf.metadata import Metadata

BLUE_TEXT = "Größe: 12,50 € (netto) \\ 1/2"


def text_of(data: bytes, page: int = 0) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return document[page].get_textpage().get_text_range().replace("\r\n", "\n").strip()


def checked(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert not pdf.check_pdf_syntax()
    return data


def pixels(data: bytes) -> Any:
    with pypdfium2.PdfDocument(data) as document:
        return document[0].render(scale=96 / 72).to_pil().convert("RGB")


def test_the_text_that_comes_out_is_the_text_that_went_in(kit: Any) -> None:
    data = checked(kit.pdf(kit.text(BLUE_TEXT, 40, 100), kit.text("AVATAR Tür fi", 40, 130, weight=700)))
    assert text_of(data) == f"{BLUE_TEXT}\nAVATAR Tür fi"


def test_a_character_that_shares_a_glyph_keeps_its_own_text(kit: Any) -> None:
    plain, shared = kit.text("ab cd", 40, 100), kit.text("ab\u00a0cd", 40, 130)
    data = checked(kit.pdf(plain, shared))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
    assert content.count(b"/ActualText") == content.count(b"/ActualText<FEFF00A0>") == 1
    assert text_of(data) == "ab cd\nab cd"  # what pdfium makes of U+00A0
    with pypdfium2.PdfDocument(data) as document:
        page = document[0].get_textpage()
        left = [page.get_charbox(i, loose=True)[0] for i in range(12)]
    for letter in (0, 1, 3, 4):  # each stands where it is seen
        assert left[-5:][letter] == pytest.approx(left[:5][letter], abs=0.02)


def test_kerning_moves_glyphs_as_shaping_said(kit: Any) -> None:
    placed = kit.text("AVAVAVAV", 40, 100, kit.style(font_size=100.0))
    with pypdfium2.PdfDocument(kit.pdf(placed)) as document:
        textpage = document[0].get_textpage()
        last = textpage.get_charbox(7, loose=True)
    word = placed.fragment.words[0]
    start = 40 + sum(word.runs[0].advances[:7]) / word.runs[0].face.units_per_em * 100
    assert last[0] == pytest.approx(0.75 * start, abs=0.2)


def test_justified_spaces_and_letter_spacing_end_where_layout_says(kit: Any) -> None:
    placed = kit.text("one two three", 40, 100)
    placed.fragment.space = 10.0
    spaced = kit.text("spaced", 40, 140, kit.style(letter_spacing=5.0))
    with pypdfium2.PdfDocument(kit.pdf(placed, spaced)) as document:
        textpage = document[0].get_textpage()
        text = textpage.get_text_range()
        t, d = textpage.get_charbox(text.index("three"), loose=True), textpage.get_charbox(text.index("d"), loose=True)
    head = sum(word.width for word in placed.fragment.words[:4]) * 16
    assert t[0] == pytest.approx(0.75 * (40 + head + 20), abs=0.2)
    letters = sum(word.width for word in kit.words("space")) * 16
    assert d[0] == pytest.approx(0.75 * (40 + letters + 25), abs=0.3)


def test_same_fragments_same_bytes_in_any_engine_cold_or_hot(kit: Any) -> None:
    def document(engine: PdfEngine) -> bytes:
        items = [kit.text(BLUE_TEXT, 40, 100), kit.text("bold", 40, 130, weight=700)]
        return engine.write(kit.laid_out(kit.page(items)))[0]

    first = document(PdfEngine())
    kit.pdf(kit.text("something else entirely, with other glyphs: XYZ", 10, 10))
    assert document(kit.engine) == first == document(kit.engine)


@pytest.mark.parametrize("line", ["solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset"])
@pytest.mark.parametrize("radius", [0.0, 20.0])
def test_borders_stay_within_their_ring(kit: Any, line: str, radius: float) -> None:
    box = BoxFragment(kit.borders(9.0, line, radius=radius), None, 0, 0, 200, 100)
    picture = pixels(checked(kit.pdf(Placed(box, 50, 50))))
    reddish = [
        (x, y) for x in range(0, 300, 2) for y in range(0, 200, 2)
        if picture.getpixel((x, y))[0] - picture.getpixel((x, y))[1] > 60
    ]  # fmt: skip
    assert len(reddish) > 200
    assert all(49 <= x <= 251 and 49 <= y <= 151 for x, y in reddish)
    assert not any(62 < x < 238 and 62 < y < 138 for x, y in reddish)


def test_sides_that_differ_meet_at_a_mitre(kit: Any) -> None:
    style = kit.borders(20.0, "solid", border_left_color=kit.style().color)
    picture = pixels(kit.pdf(Placed(BoxFragment(style, None, 0, 0, 200, 100), 50, 50)))
    assert picture.getpixel((60, 54))[0] > 150  # above the diagonal: the top side, red
    assert picture.getpixel((54, 60))[0] < 100  # below it: the left side, black


def test_an_open_side_has_no_border(kit: Any) -> None:
    box = BoxFragment(kit.borders(10.0, "solid"), None, 0, 0, 200, 100)
    box.open_bottom = True
    picture = pixels(kit.pdf(Placed(box, 50, 50)))
    assert picture.getpixel((150, 55)) != (255, 255, 255)
    assert picture.getpixel((150, 145)) == (255, 255, 255)


def test_backgrounds_edges_and_decorations_are_drawn(kit: Any) -> None:
    red = kit.borders(1.0, "solid").border_top_color
    style = kit.style(text_decoration_line=("underline", "line-through"), text_decoration_color=red)
    text = kit.text("decorated", 40, 100, style)
    text.fragment.decorations = (Decoration(style, 0.0),)
    edge = EdgeFragment(red, "solid", True, 0, 0, 100, 4)
    items = [text, Placed(edge, 300, 300)]
    box = BoxFragment(kit.style(background_color=red), None, 0, 0, 50, 50)
    picture = pixels(checked(kit.pdf(*items, Placed(box, 300, 500))))
    for where in ((350, 302), (325, 525), (60, 102)):
        assert picture.getpixel(where)[0] - picture.getpixel(where)[1] > 60, where


def test_a_translucent_group_is_composed_before_it_is_faded(kit: Any) -> None:
    red, blue = kit.borders(1.0, "solid").border_top_color, kit.borders(1.0, "solid", color=kit.style().color)
    below = BoxFragment(kit.style(background_color=red), None, 0, 0, 50, 50)
    above = BoxFragment(kit.style(background_color=blue.border_top_color), None, 0, 0, 50, 50)
    group = PaintGroup([Placed(below, 50, 50), Placed(above, 50, 50)], opacity=0.5)
    red_green_blue = pixels(checked(kit.pdf(group))).getpixel((75, 75))
    assert max(red_green_blue) - min(red_green_blue) <= 2  # no red shines through the black above it
    assert 120 <= red_green_blue[0] <= 136


def test_clip_and_transform(kit: Any) -> None:
    red = kit.borders(1.0, "solid").border_top_color
    box = Placed(BoxFragment(kit.style(background_color=red), None, 0, 0, 100, 100), 0, 0)
    group = PaintGroup([box], transform=(1, 0, 0, 1, 200, 300), clip=(0, 0, 50, 100))
    picture = pixels(kit.pdf(group))
    assert picture.getpixel((225, 350))[1] < 100
    assert picture.getpixel((275, 350)) == (255, 255, 255)


def test_links_lead_to_the_web_and_into_the_document(kit: Any) -> None:
    warnings: list[RenderWarning] = []
    links = (
        Link("https://example.com/ä?x=(1)", 10, 10, 50, 20), Link("#end", 10, 40, 50, 20),
        Link("#", 0, 0, 9, 9), Link("#TOP", 0, 0, 9, 9),
        Link("javascript:alert(1)", 0, 0, 1, 1), Link("file:///etc/passwd", 0, 0, 1, 1), Link("#nowhere", 0, 0, 9, 9),
    )  # fmt: skip
    pages = [kit.page([], links=links), kit.page([], number=2, anchors={"end": (0.0, 100.0)})]
    data, count = kit.engine.write(kit.laid_out(*pages), warnings=warnings)
    assert count == 2
    with pikepdf.open(io.BytesIO(checked(data))) as pdf:
        first, second, top, named, third = pdf.pages[0].Annots
        for place in (top, named):
            assert place.Dest[0].objgen == pdf.pages[0].objgen
            assert float(place.Dest[3]) == pytest.approx(0.75 * 1122.5, abs=0.1)
        assert bytes(first.A.URI) == b"https://example.com/%C3%A4?x=(1)"
        assert second.Dest[0].objgen == pdf.pages[1].objgen
        assert float(second.Dest[3]) == pytest.approx(0.75 * (1122.5 - 100), abs=0.01)
        assert "/Dest" not in third
    assert {warning.code for warning in warnings} == {"link_scheme", "missing_anchor"}


def test_metadata_and_no_date(kit: Any) -> None:
    wanted = Metadata(author="Zoë", keywords="a, b")
    data, _ = kit.engine.write(kit.laid_out(kit.page([]), title="Títle", language="de"), metadata=wanted)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        info = {key: str(value) for key, value in pdf.docinfo.items()}
        assert str(pdf.Root.Lang) == "de"
    assert info == {"/Title": "Títle", "/Author": "Zoë", "/Keywords": "a, b", "/Producer": "spark_pdf 0.1.0"}


def test_margin_boxes_know_the_number_of_pages_also_of_long_documents(kit: Any) -> None:
    def margins(number: int) -> Any:
        return lambda total: PaintGroup([kit.text(f"page {number} of {total}", 600, 1100)])

    line = "long enough to fill a content stream with many words of text " * 4
    for count, lines in ((3, 1), (150, 40)):
        pages = (
            kit.page([kit.text(line, 40, 50 + 20 * row) for row in range(lines)], n, margins=margins(n))
            for n in range(1, count + 1)
        )
        data, total = kit.engine.write(kit.laid_out(*pages))
        assert total == count
        for n in (1, count // 2 + 1, count):
            assert text_of(data, n - 1).endswith(f"page {n} of {count}")
        checked(data)


@pytest.mark.parametrize("count", [64, 65, 4097])
def test_a_page_tree_has_few_children_a_node_and_pages_in_order(kit: Any, count: int) -> None:
    pages = (Page(n, 100.0 + n, 100.0, PaintGroup(), lambda total: PaintGroup(), [], {}) for n in range(1, count + 1))
    data, _ = kit.engine.write(kit.laid_out(*pages))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [float(page.MediaBox[2]) for page in pdf.pages] == [0.75 * (100 + n) for n in range(1, count + 1)]
        nodes = [node for node in pdf.objects if isinstance(node, pikepdf.Dictionary) and node.get("/Type") == "/Pages"]
        assert max(len(node.Kids) for node in nodes) <= 64
        assert sum(len(node.Kids) for node in nodes) == count + len(nodes) - 1
        assert pdf.Root.Pages.Count == count
    checked(data)


def test_faces_share_the_texts_of_western_characters(kit: Any) -> None:
    western, more = kit.text("Zoë – 5 €", 20, 40, weight=400), kit.text("Zoë – 5 € fix Łódź", 20, 80, weight=700)
    data = kit.pdf(western, kit.text("“Zoë”", 20, 60, weight=700))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        fonts = pdf.pages[0].Resources.Font
        assert fonts.F1.ToUnicode.objgen == fonts.F2.ToUnicode.objgen
        assert "/CIDToGIDMap" in fonts.F1.DescendantFonts[0]
        assert fonts.F1.DescendantFonts[0].CIDToGIDMap == "/Identity"
    assert text_of(data).split("\n") == ["Zoë – 5 €", "“Zoë”"]
    data = kit.pdf(western, more)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        fonts = pdf.pages[0].Resources.Font
        assert fonts.F1.ToUnicode.objgen != fonts.F2.ToUnicode.objgen
    assert text_of(data).split("\n") == ["Zoë – 5 €", "Zoë – 5 € fix Łódź"]


def test_limits_on_pages_and_bytes_stop_early(kit: Any) -> None:
    drawn = []

    def pages() -> Any:
        for n in range(1, 100):
            drawn.append(n)
            yield kit.page([kit.text("x", 10, 10)], n)

    laid_out = kit.laid_out()
    laid_out.pages = pages()
    with pytest.raises(LimitExceeded) as caught:
        kit.engine.write(laid_out, limits=Limits(pages_per_document=5))
    assert caught.value.code == "limit_pages"
    assert drawn == [1, 2, 3, 4, 5, 6]
    with pytest.raises(LimitExceeded) as caught:
        kit.engine.write(kit.laid_out(kit.page([kit.text("x", 1, 1)])), limits=Limits(bytes_per_document=500))
    assert caught.value.code == "limit_bytes"


def test_hostile_geometry_makes_no_invalid_numbers(kit: Any) -> None:
    red = kit.borders(1.0, "solid").border_top_color
    far = [
        Placed(BoxFragment(kit.style(background_color=red), None, 0, 0, 1e300, float("nan")), float("inf"), -1e18),
        kit.text("far away", 1e20, 0), kit.text("nan", float("nan"), 0), kit.text("here", 10, 50),
        Placed(BoxFragment(kit.borders(1e12, "dotted", radius=1e9), None, 0, 0, 10, 10), 0, 0),
    ]  # fmt: skip
    assert text_of(checked(kit.pdf(*far))) == "here"


def test_packed_objects_save_bytes(kit: Any) -> None:
    items = [kit.text(BLUE_TEXT, 40, 100), kit.text("bold", 40, 130, weight=700)]
    plain, _ = PdfEngine(object_streams=False).write(kit.laid_out(kit.page(items)))
    assert text_of(checked(plain)) == f"{BLUE_TEXT}\nbold" == text_of(checked(kit.pdf(*items)))
    assert len(kit.pdf(*items)) < len(plain) - 800


def test_fonts_are_embedded_exact_subsets(kit: Any) -> None:
    data = kit.pdf(kit.text("abc", 40, 100), kit.text("abc", 40, 130, weight=700))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        fonts = pdf.pages[0].Resources.Font
        names = sorted(str(font.BaseFont).split("+")[1] for font in fonts.values())
        assert names == ["Arimo", "Arimo-Bold"]
        for font in fonts.values():
            below = font.DescendantFonts[0]
            assert (str(font.Encoding), str(below.Subtype)) == ("/Identity-H", "/CIDFontType2")
            assert 500 < len(below.FontDescriptor.FontFile2.read_bytes()) < 4000


def test_an_empty_document_of_text_fragments_needs_no_font(kit: Any) -> None:
    nothing = TextFragment(kit.style(), None, 0, 0, 0, ())
    assert text_of(checked(kit.pdf(Placed(nothing, 10, 10)))) == ""


def test_what_a_long_document_forgets_changes_nothing(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [kit.text(f"a\u00a0b {n} x\u00a0y c\u00a0d", 40, 40 + 20 * n) for n in range(20)]
    whole = kit.pdf(*items)
    monkeypatch.setattr("spark_pdf.pdf.fonts._MOST_SEEN", 2)
    assert kit.pdf(*items) == whole
