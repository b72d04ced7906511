"""Bold, oblique, small capitals and scripts of fonts that have none."""

from __future__ import annotations

import io
import math

import pytest
from fontTools.ttLib import TTFont

from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.inline.textrun import metrics_of
from spark_pdf.text.face import Changes, Face
from spark_pdf.text.fonts import FontSet, Wish
from spark_pdf.text.subset import numbering, subset
from spark_pdf.text.variants import substitutes


def box(face: Face, glyph: int) -> tuple[int, int, int, int]:
    """Bounds of a glyph in the program that is embedded."""
    program, code = subset(face, {glyph}), numbering(face).codes[glyph]
    if program.kind == "truetype":
        glyf = TTFont(io.BytesIO(program.data))["glyf"]
        found = glyf[glyf.glyphOrder[code]]
        return found.xMin, found.yMin, found.xMax, found.yMax
    from fontTools.cffLib import CFFFontSet

    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(program.data), None)
    top = fonts[0]
    return tuple(map(round, top.CharStrings[f"cid{code:05d}"].calcBounds(top.CharStrings)))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["truetype_font", "cff_font"])
def test_outlines_grow_and_lean(kind: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(kind)
    plain = Face(data)
    left, bottom, right, top = box(plain, 2)
    grown = round(1000 / 28 / 2)
    bold = box(Face(data, "", Changes(bold=True)), 2)
    assert bold == pytest.approx((left - grown, bottom, right + grown, top + 2 * grown), abs=1)
    lean = math.tan(math.radians(14))
    slanted = box(Face(data, "", Changes(slanted=True)), 2)
    assert slanted == pytest.approx((left + bottom * lean, bottom, right + top * lean, top), abs=1)
    assert Face(data, "", Changes(bold=True)).advance(2) == plain.advance(2)


def test_a_synthetic_face_says_what_it_is(truetype_font: bytes) -> None:
    face = Face(truetype_font, "", Changes(bold=True, slanted=True))
    assert (face.weight, face.italic, face.italic_angle) == (700, True, -14.0)
    assert face != Face(truetype_font)


def test_a_family_without_bold_is_made_bolder_unless_forbidden(truetype_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font)
    assert fonts.select(("Brand",), 700, "italic").primary.changes == Changes(bold=True, slanted=True)
    assert fonts.select(("Brand",), 500, "normal").primary.changes == Changes()
    assert fonts.select(("Brand",), 700, "italic", Wish(bolder=False, slant=False)).primary.changes == Changes()
    assert not fonts.select(("sans-serif",), 700, "italic").primary.changes.bold


def test_size_adjust_scales_glyphs_and_metrics(truetype_font: bytes, cff_font: bytes) -> None:
    for data in (truetype_font, cff_font):
        plain, large = Face(data), Face(data, "", Changes(scale=1.25))
        assert large.units_per_em == 800
        assert large.ascent == plain.ascent * 1.25
        assert large.advance(2) == plain.advance(2) * 1.25
    program = subset(Face(truetype_font, "", Changes(scale=1.25)), {2})
    assert TTFont(io.BytesIO(program.data))["head"].unitsPerEm == 800


def test_metrics_are_overridden(truetype_font: bytes) -> None:
    face = Face(truetype_font, "", Changes(ascent=0.7, descent=0.1, line_gap=0.0))
    assert (face.ascent, face.descent, face.line_gap) == (0.7, 0.1, 0.0)


def test_font_size_adjust_makes_every_face_alike(truetype_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font)
    chain = fonts.select(("Brand", "serif"), 400, "normal", Wish(adjust=("ex-height", 0.6)))
    for index in range(2):
        face = chain.face_at(index)
        assert face is not None
        assert face.x_height == pytest.approx(0.6, abs=0.001)


def words(text: str, **values: object) -> list[tuple[str, int]]:
    """(text, em) of each run."""
    style = INITIAL_STYLE.replace(font_family=("Cousine",), **values)
    word = metrics_of(style, FontSet()).words("")[text]
    return [(run.text, run.face.units_per_em) for run in word.runs]


def test_small_capitals_keep_the_text() -> None:
    assert not substitutes(FontSet().select(("Cousine",), 400, "normal").primary, "smcp")
    (upper, em), (lower, smaller) = words("Ms", font_variant_caps="small-caps")
    assert (upper, lower) == ("M", "s")
    assert smaller > em
    assert [text for text, _ in words("straße", font_variant_caps="small-caps")] == ["straße"]
    assert {size for _, size in words("Ms", font_variant_caps="all-small-caps")} == {smaller}
    assert words("Ms", font_variant_caps="small-caps", font_synthesis_small_caps="none") == [("Ms", em)]


def test_superscripts_are_raised_and_subscripts_lowered() -> None:
    for which, sign in (("super", 1), ("sub", -1)):
        style = INITIAL_STYLE.replace(font_family=("Cousine",), font_variant_position=which)
        (run,) = metrics_of(style, FontSet()).words("")["x"].runs
        if run.face.changes.scale == 1:
            continue  # the face has glyphs of its own
        assert run.offsets is not None
        assert sign * run.offsets[0][1] > 0


def test_raised_glyphs_of_a_face_are_used_where_it_has_them_for_the_whole_word() -> None:
    # Caladea has them for 1, 2, 3, 4 and n alone
    style = INITIAL_STYLE.replace(font_family=("Caladea",), font_variant_position="super")
    plain = FontSet().select(("Caladea",), 400, "normal")
    raised = metrics_of(style, FontSet()).words("")
    (own,) = raised["12"].runs
    assert own.face is plain.primary
    assert not set(own.glyphs) & set(plain.word("12").runs[0].glyphs)
    for text in ("nth", "15", "(n)"):
        (made,) = raised[text].runs
        assert made.face.changes.scale != 1
        assert made.glyphs == plain.word(text).runs[0].glyphs
        assert made.offsets is not None
        assert len({rise for _, rise in made.offsets}) == 1
