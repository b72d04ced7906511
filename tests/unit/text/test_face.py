from __future__ import annotations

import contextlib
import io
import pickle
import re

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.errors import BundleError
from spark_pdf.text.face import Face
from spark_pdf.text.fonts import FACES
from spark_pdf.text.subset import subset
from spark_pdf.text.variations import axes_of, instance


def test_metrics_are_those_of_the_file() -> None:
    face = Face((FACES / "Arimo-Regular.ttf").read_bytes(), "Arimo-Regular.ttf")
    font = TTFont(FACES / "Arimo-Regular.ttf")
    assert face.units_per_em == 2048
    assert (face.ascent, face.descent, face.line_gap) == (
        font["hhea"].ascent / 2048, -font["hhea"].descent / 2048, font["hhea"].lineGap / 2048,
    )  # fmt: skip
    assert face.postscript_name == "Arimo"
    assert (face.kind, face.weight, face.italic, face.italic_angle) == ("truetype", 400, False, 0)
    assert 0.5 < face.x_height < face.cap_height < face.ascent
    assert face.underline_position < 0 < face.underline_thickness
    assert face.embedding_warning == ""
    a = font.getGlyphID("A")
    assert face.advance(a) == font["hmtx"]["A"][0] * 1000 / 2048
    assert face.covers(ord("€"))
    assert not face.covers(0x2713)


def test_descriptor_flags() -> None:
    symbolic, fixed, serif, italic, bold = 4, 1, 2, 64, 1 << 18
    flags = {path.stem: Face(path.read_bytes()).flags for path in FACES.glob("*.ttf")}
    assert flags["Arimo-Regular"] == symbolic
    assert flags["Tinos-BoldItalic"] == symbolic | serif | italic | bold
    assert flags["Cousine-Italic"] & (fixed | italic) == fixed | italic


def test_typographic_metrics_where_the_font_asks_for_them(truetype_font: bytes) -> None:
    assert (Face(truetype_font).ascent, Face(truetype_font).descent, Face(truetype_font).line_gap) == (0.9, 0.25, 0.04)
    font = TTFont(io.BytesIO(truetype_font))
    font["OS/2"].version, font["OS/2"].fsSelection = 4, font["OS/2"].fsSelection | 1 << 7
    stream = io.BytesIO()
    font.save(stream)
    face = Face(stream.getvalue())
    assert (face.ascent, face.descent, face.line_gap) == (0.8, 0.2, 0.09)


def test_equal_by_content_and_picklable(truetype_font: bytes, cff_font: bytes) -> None:
    face, same = Face(truetype_font, "a.ttf"), Face(bytes(bytearray(truetype_font)), "b.ttf")
    assert face == same
    assert hash(face) == hash(same)
    assert face != Face(cff_font)
    assert pickle.loads(pickle.dumps(face)) == face


def test_woff_is_unpacked(woff_font: bytes, truetype_font: bytes) -> None:
    assert woff_font[:4] == b"wOFF"
    face, plain = Face(woff_font), Face(truetype_font)
    assert face.table("glyf") == plain.table("glyf")
    assert face.ascent == plain.ascent
    assert pickle.loads(pickle.dumps(face)) == face


def test_restricted_embedding_is_said(restricted_font: bytes) -> None:
    assert "fonts/locked.ttf does not permit embedding" in Face(restricted_font, "fonts/locked.ttf").embedding_warning


def without_table(data: bytes, tag: str) -> bytes:
    font = TTFont(io.BytesIO(data))
    del font[tag]
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def test_broken_files_are_bundle_errors_that_name_the_file(truetype_font: bytes) -> None:
    cases = {
        b"": "neither TrueType",
        b"<html>not found</html>": "neither TrueType",
        b"wOF2" + bytes(100): "damaged WOFF2",
        b"wOFF" + bytes(60): "damaged WOFF",
        truetype_font[:40]: "cannot be used",
        without_table(truetype_font, "cmap"): "has no table cmap",
        without_table(truetype_font, "glyf"): "no outlines",
    }
    for data, reason in cases.items():
        with pytest.raises(BundleError, match=rf"fonts/brand\.ttf .*{re.escape(reason)}"):
            Face(data, "fonts/brand.ttf")


@settings(max_examples=150, deadline=None)
@given(st.data(), st.booleans())
def test_no_damage_makes_another_error(
    truetype_font: bytes, cff_font: bytes, data: st.DataObject, curves: bool
) -> None:
    damaged = bytearray(cff_font if curves else truetype_font)
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BundleError):
        face = Face(bytes(damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))]))
        subset(face, {0, 1, 2, 4})


def test_a_variable_font_is_made_static(variable_font: bytes, truetype_font: bytes) -> None:
    assert axes_of(variable_font) == {"wght": (300, 300, 800)}
    assert axes_of(truetype_font) == {}
    assert instance(truetype_font, (("wght", 700.0),)) == truetype_font
    widths = []
    for weight in (100, 300, 550, 800, 900):
        font = TTFont(io.BytesIO(instance(variable_font, (("opsz", 12.0), ("wght", weight)))))
        assert "fvar" not in font
        widths.append(font["glyf"]["A"].xMax)
    assert widths == [600, 600, 650, 700, 700]
