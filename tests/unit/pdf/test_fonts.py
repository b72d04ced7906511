"""What a document shows of a face: codes, and runs as they stand in content streams."""

from __future__ import annotations

import pytest

from spark_pdf.pdf.embedding import FaceCodes
from spark_pdf.pdf.fonts import EncodedRun, FontUse, encoded
from spark_pdf.text.fonts import FontSet
from spark_pdf.text.words import ShapedRun


def runs_of(*texts: str) -> list[ShapedRun]:
    chain = FontSet().select(("Arimo",), 400, "normal")
    return [run for text in texts for run in chain.word(text).runs]


@pytest.mark.parametrize(
    "texts",
    [
        ("Invoice", "AVATAR", "(a\\b)"),
        ("Größe", "100 €"),
        ("Łódź", "Ω"),
        ("plain", "e\u0301"),
        ("e\u0301", "ő"),
        ("€",),
    ],
)
def test_the_codes_of_a_document_are_those_of_its_glyphs(texts: tuple[str, ...]) -> None:
    runs = runs_of(*texts)
    codes = FaceCodes(runs[0].face)
    use = FontUse(codes, 1)
    assert not use.used
    for run in runs:
        use.admit(run)
    numbers = codes.numbers.codes
    assert use.used
    assert list(use.shown) == sorted({numbers[glyph] for run in runs for glyph in run.glyphs})
    assert sorted([numbers[glyph] for glyph in use.glyphs]) == list(use.shown)  # `glyphs` has counted the runs


@pytest.mark.parametrize("text", ["Invoice", "AVATAR To", "(a\\b)", "Größe", "5 €", "Łódź", "", "AVŁA"])
def test_plain_runs_are_codes_and_adjustments(text: str) -> None:
    for run in runs_of(text):
        codes = FaceCodes(run.face)
        shown = encoded(codes, run)
        assert shown == EncodedRun(codes, run).pieces[0][1].replace(b") ", b")")
