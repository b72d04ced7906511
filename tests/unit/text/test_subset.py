from __future__ import annotations

import io
import random
import struct
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops

from spark_pdf.errors import BundleError
from spark_pdf.text.face import Face
from spark_pdf.text.fonts import FACES, FontSet, packaged_face
from spark_pdf.text.sfnt import write_sfnt
from spark_pdf.text.subset import numbering, subset

SAMPLE = "Invoice No. 4711 Total amount due 1,234.56 € payable within thirty days (VAT 19%): Łódź, Ærø, naïve, ő"


def glyphs_of(face: Face, text: str) -> set[int]:
    chain = FontSet().select((face.family_name,), face.weight, "italic" if face.italic else "normal")
    assert chain.primary == face
    return {glyph for run in chain.word(text).runs for glyph in run.glyphs}


def outline(font: TTFont, number: int) -> list[object]:
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[font.getGlyphName(number)].draw(pen)
    return pen.value


LATIN = sorted(path for path in FACES.glob("*.ttf") if not path.stem.startswith("Symbols"))


@pytest.mark.parametrize("path", LATIN, ids=lambda path: path.stem)
def test_a_subset_draws_what_the_font_draws(path: Path) -> None:
    face = Face(path.read_bytes(), path.name)
    original = TTFont(path)
    wanted = {original.getGlyphID(original.getBestCmap()[ord(c)]) for c in SAMPLE}
    program = subset(face, wanted)
    font = TTFont(io.BytesIO(program.data), checkChecksums=2)  # 2: a wrong checksum raises
    assert program.kind == "truetype"
    assert program.cid_to_gid is None
    assert sorted(font.reader.keys()) == ["glyf", "head", "hhea", "hmtx", "loca", "maxp"]
    codes = numbering(face).codes
    for glyph in wanted:
        shown = font.getGlyphName(codes[glyph])
        assert outline(font, codes[glyph]) == outline(original, glyph)
        assert font["hmtx"][shown] == original["hmtx"][original.getGlyphName(glyph)]
        assert not getattr(font["glyf"][shown], "program", None)
    unused = [number for number in range(len(font.getGlyphOrder())) if not outline(font, number)]
    assert len(font.getGlyphOrder()) - len(unused) <= len(wanted) + 16  # .notdef and components
    assert font["head"].checkSumAdjustment == _adjustment(program.data)


def _adjustment(data: bytes) -> int:
    tables = TTFont(io.BytesIO(data)).reader.tables
    where = tables["head"].offset + 8
    bare = data[:where] + bytes(4) + data[where + 4 :]
    return (0xB1B0AFBA - sum(struct.unpack(f">{len(bare) // 4}I", bare))) & 0xFFFFFFFF


def test_a_subset_is_small() -> None:
    face = packaged_face("arimo", False, False)
    assert len(subset(face, glyphs_of(face, SAMPLE)).data) < 8_000


@pytest.mark.parametrize("path", LATIN, ids=lambda path: path.stem)
def test_codes_are_those_of_windows_1252_and_every_glyph_has_its_own(path: Path) -> None:
    face = Face(path.read_bytes(), path.name)
    codes = numbering(face).codes
    for character in SAMPLE.translate({ord(c): None for c in "Łźő"}):
        assert codes[face.hb_font.get_nominal_glyph(ord(character))] == character.encode("cp1252")[0]
    assert codes[0] == 0
    assert len(set(codes)) == len(codes) == face.glyph_count
    assert min(codes[glyph] for glyph in range(1, len(codes)) if codes[glyph] > 255) == 256


def test_a_file_of_as_many_glyphs_as_there_are_codes_fills_the_gaps() -> None:
    from spark_pdf.text.numbering import _numbered

    codes = _numbered(65535, {glyph: chr(glyph + 31) for glyph in range(1, 60_000)}, [])
    assert len(set(codes)) == 65535
    assert max(codes) == 65535
    assert codes[ord("A") - 31] == ord("A")


def test_high_codes_are_numbered_densely_and_mapped() -> None:
    face = packaged_face("tinos", False, False)
    original = TTFont(FACES / "Tinos-Regular.ttf")
    codes = numbering(face).codes
    wanted = glyphs_of(face, "Grüße 12\u202f345") | {original.getGlyphID(original.getBestCmap()[0x1EA4])}
    assert max(codes[glyph] for glyph in wanted) >= 1024
    program = subset(face, wanted)
    font = TTFont(io.BytesIO(program.data), checkChecksums=2)
    assert program.cid_to_gid is not None
    mapping = struct.unpack(f">{len(program.cid_to_gid) // 2}H", program.cid_to_gid)
    assert len(font.getGlyphOrder()) < 40
    for glyph in wanted:
        assert outline(font, mapping[codes[glyph]]) == outline(original, glyph)


def test_all_glyphs_of_a_font_survive() -> None:
    face = packaged_face("cousine", True, True)
    original = TTFont(FACES / "Cousine-BoldItalic.ttf")
    program = subset(face, range(face.glyph_count))
    font = TTFont(io.BytesIO(program.data), checkChecksums=2)
    assert program.cid_to_gid is not None
    mapping = struct.unpack(f">{len(program.cid_to_gid) // 2}H", program.cid_to_gid)
    codes = numbering(face).codes
    for glyph in range(0, face.glyph_count, 7):
        assert outline(font, mapping[codes[glyph]]) == outline(original, glyph)


@pytest.mark.parametrize("kind", ["truetype", "cff"])
def test_bytes_do_not_depend_on_what_was_asked_before(kind: str, cff_font: bytes) -> None:
    data = cff_font if kind == "cff" else (FACES / "Arimo-Regular.ttf").read_bytes()
    wanted = frozenset({1, 2, 4})
    cold = subset(Face(data), wanted)
    warm = Face(data)
    shuffled = list(range(5))
    random.Random(7).shuffle(shuffled)
    for glyph in shuffled:
        subset(warm, {glyph})
    assert subset(warm, wanted) == cold
    assert subset(warm, list(wanted)[::-1]) == cold


def test_a_cff_subset_is_keyed_by_codes(cff_font: bytes) -> None:
    face = Face(cff_font, "curves.otf")
    program = subset(face, {2, 4})
    assert program.kind == "cff"
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(program.data), None)
    top = fonts[0]
    assert top.ROS == ("Adobe", "Identity", 0)
    assert top.charset == [".notdef", "cid00065", "cid00256"]
    original = TTFont(io.BytesIO(cff_font))
    for name, number in (("cid00065", 2), ("cid00256", 4)):
        pen = RecordingPen()
        string = top.CharStrings[name]
        string.draw(pen)
        assert pen.value == outline(original, number)
        assert string.width == original["hmtx"][original.getGlyphName(number)][0]


def test_a_cid_keyed_font_is_read_too(cff_font: bytes) -> None:
    """The subset of a subset: glyph 1 of it is glyph 2 of the original, and the space to its cmap."""
    once = subset(Face(cff_font), {2, 4}).data
    font = TTFont(io.BytesIO(cff_font))
    tables = {
        tag.encode("latin-1"): font.reader[tag] for tag in sorted(font.reader.tables) if tag not in ("CFF ", "cmap")
    }
    tables[b"CFF "] = once
    tables[b"cmap"] = font.reader["cmap"]
    tables[b"maxp"] = tables[b"maxp"][:4] + struct.pack(">H", 3)
    twice = subset(Face(write_sfnt(b"OTTO", tables)), {1, 2}).data
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(twice), None)
    assert fonts[0].charset == [".notdef", "cid00032", "cid00065"]
    for name, number in (("cid00032", 2), ("cid00065", 4)):
        pen = RecordingPen()
        fonts[0].CharStrings[name].draw(pen)
        assert pen.value == outline(font, number)


def rendered(pdf: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    return document[0].render().to_pil().convert("L")


@pytest.mark.parametrize("text", ["AVÄ €ő", "AV\u1ea4"], ids=["identity", "mapped"])
def test_viewers_show_the_subset_as_the_whole_font(text: str, tmp_path: Path, pdf_of) -> None:
    face = packaged_face("arimo", False, False)
    glyphs = [glyph for run in FontSet().select(("Arimo",), 400, "normal").word(text).runs for glyph in run.glyphs]
    pdf = pdf_of(face, subset(face, glyphs), glyphs, [numbering(face).codes[glyph] for glyph in glyphs])
    file = subset(face, {0})._replace(data=face.data, cid_to_gid=None)
    whole = pdf_of(face, file, glyphs, glyphs)
    assert rendered(pdf).getextrema()[0] < 50
    assert ImageChops.difference(rendered(pdf), rendered(whole)).getextrema()[1] < 40  # hinting aside
    check(pdf, tmp_path)


def test_viewers_show_cff(tmp_path: Path, cff_font: bytes, pdf_of) -> None:
    face = Face(cff_font)
    pdf = pdf_of(face, subset(face, {2, 4}), [2, 4], [65, 256])
    page = rendered(pdf)
    # At 100 px an em: A is a square from 25 to 70 (50 to 500 units, at 20), then the check from 95 to 150.
    assert [page.getpixel((x, 120)) < 50 for x in (15, 40, 80, 120, 160)] == [False, True, False, True, False]
    check(pdf, tmp_path)


def check(pdf: bytes, folder: Path) -> None:
    """qpdf finds no fault, and poppler shows the page without a word about its fonts."""
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    shown = subprocess.run(["pdftoppm", "-r", "72", "-png", path, folder / "page"], capture_output=True, text=True)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert Image.open(next(folder.glob("page*.png"))).convert("L").getextrema()[0] < 50


def test_a_damaged_outline_is_a_bundle_error_that_names_the_file(truetype_font: bytes) -> None:
    font = TTFont(io.BytesIO(truetype_font))
    table = font.reader.tables["glyf"]
    data = bytearray(truetype_font)
    data[table.offset : table.offset + table.length] = b"\x7f" * table.length
    with pytest.raises(BundleError, match=r"squares\.ttf is damaged"):
        subset(Face(bytes(data), "squares.ttf"), {2})
