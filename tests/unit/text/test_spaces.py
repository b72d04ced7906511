"""Words with kerned spaces between them are as wide as HarfBuzz makes them when it shapes the line at once."""

from pathlib import Path

import pytest

from spark_pdf.text.fonts import FontSet, packaged_face
from spark_pdf.text.shaping import _shape_run
from spark_pdf.text.spaces import space_kerning

CASES = Path(__file__).parents[2] / "fidelity" / "cases"
TEXT = "A T vary key was L You, 7 AT Ýves T."


def kerning_of(face, settings):
    def shape(text, kerned):
        return _shape_run(face, text, settings if kerned else {**settings, "kern": 0}, "Latn", "ltr", "und")

    return space_kerning(face, shape)


def width_by_words(chain):
    words = [chain.word(piece) for piece in TEXT.replace(" ", "| |").split("|")]
    kerning = chain.space_kerning(())
    if kerning is not None:
        kerning.apply(words)
    return sum(word.width for word in words), [word for word in words if word.is_space]


@pytest.mark.parametrize("family", ["Arimo", "Tinos", "Cousine", "Carlito"])
def test_packaged_faces(family):
    chain = FontSet().select((family,), 400, "normal")
    whole = _shape_run(chain.primary, TEXT, {}, "Latn", "ltr", "und")
    width, spaces = width_by_words(chain)
    assert width == pytest.approx(whole.width)
    assert (len({space.width for space in spaces}) > 1) == (family in ("Arimo", "Tinos"))


def test_a_face_that_kerns_half_the_alphabet():
    fonts = FontSet()
    fonts.add("Work", 400, "normal", (CASES / "annual-report/fonts/work-sans-400.woff").read_bytes())
    chain = fonts.select(("Work",), 400, "normal")
    width, spaces = width_by_words(chain)
    assert width == pytest.approx(_shape_run(chain.primary, TEXT, {}, "Latn", "ltr", "und").width)
    assert len({space.width for space in spaces}) > 4


def test_none_without_kerning_or_where_it_is_off():
    assert kerning_of(packaged_face("cousine", False, False), {}) is None
    assert kerning_of(packaged_face("arimo", False, False), {"kern": 0}) is None
    assert kerning_of(packaged_face("arimo", False, False), {}) is not None


def test_letters_of_another_face_are_left_alone():
    fonts = FontSet()
    fonts.add("Work", 400, "normal", (CASES / "annual-report/fonts/work-sans-400.woff").read_bytes())
    chain = fonts.select(("Arimo", "Work"), 400, "normal")
    kerning, other = chain.space_kerning(()), fonts.select(("Work",), 400, "normal")
    words = [other.word("A"), chain.word(" "), other.word("A")]
    kerning.apply(words)
    assert words[1].width == chain.word(" ").width


def test_several_spaces_are_as_wide_as_they_are():
    chain = FontSet().select(("Arimo",), 400, "normal")
    words = [chain.word("A"), chain.word("  "), chain.word("A")]
    chain.space_kerning(()).apply(words)
    assert words[1].width == chain.word("  ").width
