"""The text that comes out of a document is the text that went in: by pdfium and by poppler, in many scripts."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from pathlib import Path

import pypdfium2
import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.model import Limits
from spark_pdf.pdf.engine import PdfEngine

CASES = Path(__file__).parents[2] / "fidelity" / "cases"
NASKH = Path(__file__).parents[2] / "reftests" / "support" / "noto-naskh-arabic-400.woff"
MINCHO = CASES / "letter-japanese" / "fonts" / "noto-serif-jp-regular.otf"
NOTO = Path("/usr/share/fonts/truetype/noto")
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


class _Font:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, url: str, base: str = "") -> bytes:
        return self._path.read_bytes()


def pdf_of(body: str, font: Path = NASKH) -> bytes:
    css = "@font-face { font-family: X; src: url(x) } @page { size: 400px 300px; margin: 10px } p { margin: 0 0 10px }"
    laid_out = LayoutEngine(_Font(font)).lay_out(f"<style>{css}</style>{body}")
    return PdfEngine().write(laid_out, limits=Limits())[0]


def by_pdfium(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    return unicodedata.normalize("NFC", page.get_text_range().strip().replace("\r\n", "\n"))


def by_poppler(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("needs poppler")
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, check=True)
    return unicodedata.normalize("NFKC", done.stdout.decode().translate(_MARKS).strip())


@pytest.mark.parametrize(
    "text",
    [
        "office affluent – 1 ½ €",
        "Ελληνικά Ёлка čeština İstanbul Việt Nam",
        "שלום עולם 123",
        "e\u0301 decomposed",
    ],
)
@pytest.mark.parametrize("style", ["", "font-variant: small-caps", "letter-spacing: 1px", "font-weight: 700"])
def test_packaged_fonts(text: str, style: str, tmp_path: Path) -> None:
    pdf = pdf_of(f"<p style='font-family: Tinos; {style}' dir=auto>{text}")
    assert by_pdfium(pdf) == unicodedata.normalize("NFC", text)
    assert by_poppler(pdf, tmp_path) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize("text", ["مرحبا بكم في دبي", "كتاب السلام", "رقم ١٢٣ بتاريخ ٢٠٢٦"])
def test_arabic(text: str, tmp_path: Path) -> None:
    """This font draws dots as glyphs of their own, raised and lowered: who extracts text sees gaps, but no disorder."""
    pdf = pdf_of(f"<p dir=rtl style='font: 16px X'>{text}")
    assert by_poppler(pdf, tmp_path).replace(" ", "") == text.replace(" ", "")


def test_japanese(tmp_path: Path) -> None:
    text = "御見積書 発行日 令和八年"
    pdf = pdf_of(f"<p style='font: 16px X'>{text}", MINCHO)
    assert by_pdfium(pdf) == text
    assert by_poppler(pdf, tmp_path) == text


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("Bengali", "বাংলা ভাষার কিছু শব্দ"), ("Tamil", "தமிழ் சொற்கள் கொ"), ("Thai", "สวัสดีครับ น้ำ"),
        ("Georgian", "ქართული ენა"), ("Armenian", "Հայերեն լեզու"), ("Ethiopic", "አማርኛ ቋንቋ"),
        ("Lao", "ພາສາລາວ"), ("Telugu", "తెలుగు భాష"), ("Kannada", "ಕನ್ನಡ ಭಾಷೆ"), ("Malayalam", "മലയാളം ഭാഷ"),
        ("Gujarati", "ગુજરાતી ભાષા"), ("Gurmukhi", "ਪੰਜਾਬੀ ਭਾਸ਼ਾ"), ("Sinhala", "සිංහල භාෂාව"),
        ("Cherokee", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"), ("Arabic", "مرحبا بالعالم لا إله"),
    ],
)  # fmt: skip
def test_other_scripts(script: str, text: str, tmp_path: Path) -> None:
    """With the fonts of the machine, where it has them: they are no part of what is tested."""
    path = NOTO / f"NotoSans{script}-Regular.ttf"
    if not path.exists():
        pytest.skip(f"needs {path.name}")
    pdf = pdf_of(f"<p dir=auto style='font: 20px X'>{text}", path)
    assert by_pdfium(pdf) == unicodedata.normalize("NFC", text)
    assert by_poppler(pdf, tmp_path) == unicodedata.normalize("NFKC", text)


def test_hyphens_at_line_ends_are_soft(tmp_path: Path) -> None:
    body = "<p lang=de style='font: 16px Tinos; width: 90px; hyphens: auto'>Silbentrennung extra&shy;ordinary"
    text = by_poppler(pdf_of(body), tmp_path)
    assert "\u00ad\n" in text
    assert text.replace("\u00ad\n", "").replace("\n", " ") == "Silbentrennung extraordinary"
    # pdfium says U+FFFE where a word goes on on the next line
    assert by_pdfium(pdf_of(body)).replace("\n", "").replace("\ufffe", "").replace(" ", "") == (
        "Silbentrennungextraordinary"
    )


def test_what_is_transformed_comes_out_as_it_is_shown(tmp_path: Path) -> None:
    pdf = pdf_of("<p style='font: 16px Tinos; text-transform: uppercase'>Straße")
    assert by_poppler(pdf, tmp_path) == "STRASSE"


def test_words_of_justified_lines_and_tabs_stay_apart(tmp_path: Path) -> None:
    pdf = pdf_of(
        "<p style='font: 16px Tinos; width: 200px; text-align: justify'>one two three four five six seven eight"
    )
    assert by_poppler(pdf, tmp_path).split() == ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    assert by_pdfium(pdf_of("<pre style='font: 16px Tinos'>a\tb")).split() == ["a", "b"]


def test_letters_between_which_justification_finds_room(tmp_path: Path) -> None:
    style = "font: 16px X; width: 300px; text-align: justify; text-align-last: justify"
    pdf = pdf_of(f"<p style='{style}'>御見積書発行日令和八年", MINCHO)
    assert by_pdfium(pdf).replace(" ", "") == "御見積書発行日令和八年"
