"""Words from pairs are the words that HarfBuzz shapes, in every face whose tables allow it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.text.face import Face
from spark_pdf.text.fonts import packaged_face
from spark_pdf.text.pairs import LETTERS, PairShaper, plain_letters
from spark_pdf.text.shaping import _shape_run

FACES = [packaged_face(family, bold, False) for family in ("arimo", "tinos", "cousine") for bold in (False, True)]
FACES += [
    Face(path.read_bytes(), path.name)
    for path in sorted((Path(__file__).parents[2] / "fidelity" / "cases").rglob("fonts/*.woff"))
]


def described(run):
    return run.text, run.glyphs, run.advances, run.offsets, run.clusters, run.width


def shaper_of(face, features):
    plain = plain_letters(face.data, 0, features)
    return PairShaper(face, plain, lambda text: _shape_run(face, text, features, "Latn", "ltr", "und")), plain


@pytest.fixture(scope="module")
def shapers():
    return [(face, *shaper_of(face, {})) for face in FACES]


def test_digits_of_the_packaged_faces_are_plain(shapers):
    for _, _, plain in shapers[:6]:
        assert plain.issuperset("0123456789,.-")


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=14))
def test_a_word_of_pairs_is_what_harfbuzz_shapes(shapers, text):
    for face, pairs, plain in shapers:
        run = pairs.run(text)
        if run is not None:
            assert plain.issuperset(text)
            assert described(run) == described(_shape_run(face, text, {}, "Latn", "ltr", "und"))


@pytest.mark.parametrize("features", [{"tnum": 1}, {"kern": 0}, {"smcp": 1}, {"liga": 0}, {"frac": 1}, {"zero": 1}])
@given(text=st.text(st.sampled_from("0123456789.,/-AVfiTo"), min_size=1, max_size=9))
def test_features_are_kept(features, text):
    for face in FACES[:6:2] + FACES[6:30:6]:
        key = (face.key, tuple(features.items()))
        if key not in _KNOWN:
            _KNOWN[key] = shaper_of(face, features)[0]
        run = _KNOWN[key].run(text)
        if run is not None:
            assert described(run) == described(_shape_run(face, text, features, "Latn", "ltr", "und"))


_KNOWN: dict = {}


def test_a_damaged_table_leaves_all_to_harfbuzz():
    data = bytearray(FACES[0].data)
    assert plain_letters(bytes(data[:40]), 0, {}) == frozenset()
