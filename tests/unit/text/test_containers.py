"""WOFF2 and collections come to what the plain files say."""

from __future__ import annotations

import contextlib
import io

import pytest
from fontTools.ttLib import TTCollection, TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.errors import BundleError
from spark_pdf.text.families import FACES
from spark_pdf.text.sfnt import collection_face, plain_sfnt


def packed(data: bytes) -> bytes:
    font = TTFont(io.BytesIO(data))
    font.flavor = "woff2"
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["Arimo-Regular.ttf", "Tinos-Italic.ttf"])
def test_woff2_is_the_font_that_was_packed(name: str) -> None:
    original = TTFont(FACES / name)
    ours = TTFont(io.BytesIO(plain_sfnt(packed((FACES / name).read_bytes()), name)))
    assert sorted(ours.keys()) == sorted(set(original.keys()) - {"DSIG"})
    for glyph in original.getGlyphOrder():
        assert ours["hmtx"][glyph] == original["hmtx"][glyph]
        a, b = ours["glyf"][glyph], original["glyf"][glyph]
        if b.numberOfContours > 0:
            assert [list(part) for part in a.getCoordinates(None)] == [list(part) for part in b.getCoordinates(None)]
            assert (a.xMin, a.yMin, a.xMax, a.yMax) == (b.xMin, b.yMin, b.xMax, b.yMax)
            assert a.program == b.program
        elif b.isComposite():
            assert [c.__dict__ for c in a.components] == [c.__dict__ for c in b.components]
    assert ours.getTableData("GPOS") == original.getTableData("GPOS")


def test_woff2_of_cff(cff_font: bytes) -> None:
    ours = TTFont(io.BytesIO(plain_sfnt(packed(cff_font), "curves.woff2")))
    assert ours.getTableData("CFF ") == TTFont(io.BytesIO(cff_font)).getTableData("CFF ")


@pytest.fixture(scope="module")
def packed_font(truetype_font: bytes) -> bytes:
    return packed(truetype_font)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damage_is_a_bundle_error(packed_font: bytes, data: st.DataObject) -> None:
    damaged = bytearray(packed_font)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BundleError):
        plain_sfnt(bytes(damaged), "fonts/a.woff2")


def test_a_face_of_a_collection_is_chosen_by_its_name(truetype_font: bytes, cff_font: bytes) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(io.BytesIO(truetype_font)), TTFont(io.BytesIO(cff_font))]
    stream = io.BytesIO()
    collection.save(stream)
    both = stream.getvalue()
    assert TTFont(io.BytesIO(plain_sfnt(both, "a.ttc"))).getBestCmap()[65] == "A"
    assert "glyf" in TTFont(io.BytesIO(plain_sfnt(both, "a.ttc")))
    assert "CFF " in TTFont(io.BytesIO(collection_face(both, "Curves-Regular", "a.ttc")))
    assert "glyf" in TTFont(io.BytesIO(collection_face(both, "No-Such", "a.ttc")))
    with pytest.raises(BundleError, match="damaged collection"):
        plain_sfnt(both[:30], "a.ttc")
