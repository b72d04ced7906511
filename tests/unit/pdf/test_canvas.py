"""The canvas of a template.py: fpdf2's methods with embedded fonts, bundle images, fixed bytes."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from fpdf.errors import FPDFResourceAccessError
from PIL import Image as Pillow

import spark_pdf.text
from spark_pdf.errors import BundleError, LimitExceeded
from spark_pdf.model import Limits
from spark_pdf.pdf.canvas import Canvas
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.text.fonts import FontSet

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40" viewBox="0 0 100 40">%s</svg>'
FACES = Path(spark_pdf.text.__file__).parent / "faces"


class Bundle:
    """A few files, as a bundle lends them."""

    def __init__(self) -> None:
        out = io.BytesIO()
        Pillow.new("RGB", (20, 10), (200, 20, 20)).save(out, "PNG")
        self.files = {"logo.png": out.getvalue(), "fonts/Mine.ttf": (FACES / "Tinos-Regular.ttf").read_bytes()}

    def read(self, url: str, base: str = "") -> bytes:
        if url not in self.files:
            raise BundleError(f"no file {url}")
        return self.files[url]


def drawn(draw: Callable[[Any], None], limits: Limits | None = None) -> tuple[bytes, Canvas]:
    canvas = Canvas(PdfEngine(), FontSet(), Bundle(), limits or Limits())
    draw(canvas)
    data, _ = canvas.finish()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert not pdf.check_pdf_syntax()
    return data, canvas


def text_of(data: bytes, page: int = 0) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return document[page].get_textpage().get_text_range().replace("\r\n", "\n").strip()


def letter(pdf: Any) -> None:
    pdf.set_title("Letter")
    pdf.add_page()
    pdf.set_font("helvetica", size=14)
    pdf.cell(text="Größe 12,50 € ő (x) \\", new_x="LMARGIN", new_y="NEXT")
    pdf.add_font("mine", "", "fonts/Mine.ttf")
    pdf.set_font("mine", "U", 20)
    pdf.cell(text="Mine", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("times", "B", 12)
    pdf.multi_cell(0, text="justified words of a paragraph " * 10, align="J")
    pdf.image("logo.png", w=30)
    pdf.image(Pillow.new("RGBA", (4, 4), (0, 0, 200, 100)), w=10)
    with pdf.table() as table:
        for cells in (("Item", "Price"), ("Tea", "2.50")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    with pdf.unbreakable() as block:
        block.cell(text="kept together", new_x="LMARGIN", new_y="NEXT")
    pdf.add_page()
    pdf.cell(text="page 2 of {nb}", link="https://example.com")


def test_what_is_drawn_again_on_the_next_page_has_its_glyphs_and_images() -> None:
    def draw(pdf: Any) -> None:
        pdf.add_page()
        pdf.set_font("helvetica", size=14)
        pdf.cell(text="abc")
        pdf.set_y(-40)
        with pdf.unbreakable() as block:
            block.set_font("times", size=30)
            block.cell(text="Zürich", new_x="LMARGIN", new_y="NEXT")
            block.image("logo.png", w=60)
            block.image(SVG % b'<text x="5" y="20" font-family="Courier">vector</text>', w=60)
            block.set_font("helvetica", size=14)
            block.cell(text="xyz \u0905")

    data, canvas = drawn(draw)
    assert text_of(data, 0) == "abc"
    assert "Zürich" in text_of(data, 1)
    assert "xyz" in text_of(data, 1)
    with pypdfium2.PdfDocument(data) as document:
        assert len(list(document[1].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))) == 1
        picture = document[1].render(scale=1).to_pil().convert("RGB")
    assert (200, 20, 20) in {color for _, color in picture.getcolors(1 << 20)}
    assert sum("0905" in str(warning) for warning in canvas.render_warnings) == 1


def test_a_rehearsal_copies_neither_faces_nor_what_is_written() -> None:
    def draw(pdf: Any) -> None:
        pdf.add_page()
        pdf.set_font("helvetica", size=14)
        before = pdf.writer, pdf.shared
        with pdf.offset_rendering() as rehearsal:
            rehearsal.cell(text="once")
        pdf.cell(text="twice")
        assert (pdf.writer, pdf.shared) == before

    assert text_of(drawn(draw)[0]) == "twice"


def test_a_letter_is_valid_and_its_text_comes_out() -> None:
    data, canvas = drawn(letter)
    text = text_of(data)
    for expected in ("Größe 12,50 € ő (x) \\", "Mine", "justified words of a paragraph", "Price", "kept together"):
        assert expected in text
    assert text_of(data, 1) == "page 2 of 2"
    codes = [warning.code for warning in canvas.render_warnings]
    assert codes == ["font_alias", "font_alias"]  # helvetica and times; never a core font


def test_fonts_are_embedded_subsets_and_never_core_fonts() -> None:
    data, _ = drawn(letter)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        fonts = {str(f.BaseFont).split("+")[1]: f for page in pdf.pages for f in page.Resources.Font.values()}
        assert sorted(fonts) == ["Arimo", "Tinos", "Tinos-Bold"]
        assert all(str(font.Subtype) == "/Type0" for font in fonts.values())
    assert len(data) < 25_000


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert drawn(letter)[0] == drawn(letter)[0]


def test_nothing_outside_the_bundle_is_read(tmp_path: Path) -> None:
    file = tmp_path / "secret.png"
    Pillow.new("RGB", (4, 4)).save(file)
    for act in (
        lambda pdf: pdf.image(str(file)),
        lambda pdf: pdf.image("https://example.com/x.png"),
        lambda pdf: pdf.add_font("x", "", str(FACES / "Tinos-Bold.ttf")),
        lambda pdf: pdf.image(SVG % b'<image href="%s"/>' % bytes(file)),
    ):  # fmt: skip

        def draw(pdf: Any, act: Callable[[Any], object] = act) -> None:
            pdf.add_page()
            act(pdf)

        try:
            data, _ = drawn(draw)
        except (BundleError, FPDFResourceAccessError):
            continue
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert "/XObject" not in pdf.pages[0].Resources


def test_a_missing_glyph_is_drawn_and_named() -> None:
    def draw(pdf: Any) -> None:
        pdf.add_page()
        pdf.set_font("arimo", size=14)
        pdf.cell(text="a中b")

    data, canvas = drawn(draw)
    assert text_of(data) == "a中b"
    assert [str(warning) for warning in canvas.render_warnings] == ["1 character has no glyph in any font: U+4E2D"]


def test_svg_text_takes_a_packaged_face() -> None:
    svg = SVG % b'<text x="5" y="30" font-family="Arial">Svg</text>'

    def draw(pdf: Any) -> None:
        pdf.add_page()
        pdf.image(svg, w=50)

    data, _ = drawn(draw)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [str(f.BaseFont).split("+")[1] for f in pdf.pages[0].Resources.Font.values()] == ["Arimo"]


def test_dates_pages_and_output_are_in_our_hands() -> None:
    data, _ = drawn(lambda pdf: pdf.add_page())
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert "/CreationDate" not in pdf.docinfo
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5)
    data, _ = drawn(lambda pdf: (pdf.add_page(), pdf.set_creation_date(moment)))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260102030405Z"
    with pytest.raises(LimitExceeded) as caught:
        drawn(lambda pdf: [pdf.add_page() for _ in range(4)], Limits(pages_per_document=3))
    assert caught.value.code == "limit_pages"
    with pytest.raises(ValueError, match="only draws"):
        drawn(lambda pdf: pdf.output("x.pdf"))
