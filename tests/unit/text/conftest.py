"""Fonts made for the tests: small, of every kind that a bundle may bring."""

from __future__ import annotations

import io

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._f_v_a_r import Axis
from fontTools.ttLib.tables.TupleVariation import TupleVariation

WIDTHS = {".notdef": 500, "space": 300, "A": 700, "B": 650, "check": 800}
CHARACTERS = {32: "space", 65: "A", 66: "B", 0x2713: "check"}


def _square(pen: object, size: int) -> None:
    pen.moveTo((50, 0))  # type: ignore[attr-defined]
    pen.lineTo((50, size))  # type: ignore[attr-defined]
    pen.lineTo((size, size))  # type: ignore[attr-defined]
    pen.lineTo((size, 0))  # type: ignore[attr-defined]
    pen.closePath()  # type: ignore[attr-defined]


def _finish(builder: FontBuilder, family: str, fs_type: int = 0) -> bytes:
    builder.setupCharacterMap(CHARACTERS)
    builder.setupHorizontalMetrics({name: (width, 50) for name, width in WIDTHS.items()})
    builder.setupHorizontalHeader(ascent=900, descent=-250, lineGap=40)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": f"{family}-Regular"})
    builder.setupOS2(
        sTypoAscender=800, sTypoDescender=-200, sTypoLineGap=90, usWinAscent=1000, usWinDescent=300, sxHeight=480,
        sCapHeight=700, fsType=fs_type,
    )  # fmt: skip
    builder.setupPost()
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def truetype(family: str = "Squares", size: int = 600, fs_type: int = 0) -> bytes:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(WIDTHS))
    glyphs = {}
    for name in WIDTHS:
        pen = TTGlyphPen(None)
        if name != "space":
            _square(pen, size)
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    return _finish(builder, family, fs_type)


def variable() -> bytes:
    """Weights 300 to 800: A is 600 wide in outline at 300, and 100 wider at 800."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(WIDTHS))
    glyphs = {}
    for name in WIDTHS:
        pen = TTGlyphPen(None)
        if name != "space":
            _square(pen, 600)
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupCharacterMap(CHARACTERS)
    builder.setupHorizontalMetrics({name: (width, 50) for name, width in WIDTHS.items()})
    builder.setupHorizontalHeader(ascent=900, descent=-250)
    builder.setupNameTable({"familyName": "Grows", "styleName": "Regular", "psName": "Grows-Regular"})
    builder.setupOS2(sxHeight=480, sCapHeight=700)
    axis = Axis()
    axis.axisTag, axis.minValue, axis.defaultValue, axis.maxValue, axis.axisNameID = "wght", 300, 300, 800, 256
    builder.setupFvar([("wght", 300, 300, 800, "Weight")], [])
    deltas = [(0, 0), (0, 0), (100, 0), (100, 0), (0, 0), (100, 0), (0, 0), (0, 0)]
    builder.setupGvar({"A": [TupleVariation({"wght": (0, 1, 1)}, deltas)]})
    builder.setupPost()
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def cff(family: str = "Curves") -> bytes:
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder(list(WIDTHS))
    strings = {}
    for number, (name, width) in enumerate(WIDTHS.items()):
        # A charstring's width is relative to nominalWidthX, and left out where it is defaultWidthX.
        pen = T2CharStringPen(None if width == 500 else width - 600, None)
        if name != "space":
            _square(pen, 400 + 50 * number)
        strings[name] = pen.getCharString()
    builder.setupCFF(f"{family}-Regular", {"FullName": family}, strings, {"defaultWidthX": 500, "nominalWidthX": 600})
    return _finish(builder, family)


def woff(data: bytes) -> bytes:
    font = TTFont(io.BytesIO(data))
    font.flavor = "woff"
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="session")
def truetype_font() -> bytes:
    return truetype()


@pytest.fixture(scope="session")
def cff_font() -> bytes:
    return cff()


@pytest.fixture(scope="session")
def variable_font() -> bytes:
    return variable()


@pytest.fixture(scope="session")
def woff_font(truetype_font: bytes) -> bytes:
    return woff(truetype_font)


@pytest.fixture(scope="session")
def restricted_font() -> bytes:
    return truetype("Locked", fs_type=2)


@pytest.fixture(scope="session")
def pdf_of():
    return composite_pdf


def composite_pdf(face, program, glyphs: list[int], codes: list[int]) -> bytes:
    """A page that shows glyphs of an embedded font, which have these codes, at 100 pt: written as `pdf` does, by
    pikepdf.
    """
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(1000, 200))
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/AAAAAA+" + face.postscript_name), Flags=face.flags, ItalicAngle=0,
        FontBBox=Array([round(1000 * v) for v in face.bbox]), Ascent=round(1000 * face.ascent), StemV=face.stem_v,
        Descent=-round(1000 * face.descent), CapHeight=round(1000 * face.cap_height),
    )  # fmt: skip
    kind = Name.CIDFontType0 if program.kind == "cff" else Name.CIDFontType2
    stream = pdf.make_stream(program.data)
    if program.kind == "cff":
        stream.Subtype = Name.CIDFontType0C
        descriptor.FontFile3 = stream
    else:
        stream.Length1 = len(program.data)
        descriptor.FontFile2 = stream
    system = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
    font = Dictionary(
        Type=Name.Font, Subtype=kind, BaseFont=descriptor.FontName, CIDSystemInfo=system, DW=0,
        FontDescriptor=pdf.make_indirect(descriptor),
        W=Array([
            entry
            for code, glyph in sorted(set(zip(codes, glyphs, strict=True)))
            for entry in (code, Array([round(face.advance(glyph))]))
        ]),
    )  # fmt: skip
    if program.kind == "truetype":
        font.CIDToGIDMap = Name.Identity if program.cid_to_gid is None else pdf.make_stream(program.cid_to_gid)
    outer = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=descriptor.FontName, Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(font)]),
    )  # fmt: skip
    page.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(outer)))
    text = "".join(f"{code:04x}" for code in codes)
    page.Contents = pdf.make_stream(f"BT /F 100 Tf 20 60 Td <{text}> Tj ET".encode())
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()
