"""Descriptors of `@font-face`: matching by stretch and angle, unicode-range, variable axes."""

from __future__ import annotations

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.text.fonts import FontSet, Wish
from spark_pdf.text.matching import FaceOptions, Source, best_matches, slant_of


def stretched(*stretches: tuple[float, float]) -> list[Source]:
    return [Source((400, 400), "normal", b"", str(s), FaceOptions(stretch=s)) for s in stretches]


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        (((1.0, 1.0), (0.75, 0.75)), 0.75, (0.75, 0.75)),
        (((1.0, 1.0), (0.75, 0.75)), 0.8, (0.75, 0.75)),  # at most normal: narrower first
        (((1.0, 1.0), (1.25, 1.25)), 1.125, (1.25, 1.25)),  # wider than normal: wider first
        (((0.5, 0.5), (1.5, 1.5)), 1.0, (0.5, 0.5)),
        (((0.5, 0.9), (1.0, 1.0)), 0.8, (0.5, 0.9)),
    ],
)
def test_stretch(available: tuple, wanted: float, chosen: tuple) -> None:
    assert best_matches(stretched(*available), 400, "normal", wanted)[0].options.stretch == chosen


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        (("oblique 10deg", "oblique 20deg"), "oblique 15deg", "20"),
        (("oblique 10deg", "oblique 20deg"), "oblique 12deg", "10"),
        (("oblique 0deg 20deg", "normal"), "oblique 12deg", "20"),
        (("normal", "oblique 20deg"), "italic", "20"),
        (("italic", "normal"), "oblique", "italic"),
    ],
)
def test_angles(available: tuple[str, ...], wanted: str, chosen: str) -> None:
    found = best_matches([Source((400, 400), style, b"", style) for style in available], 400, wanted)
    assert chosen in found[0].origin


def test_styles_that_are_none() -> None:
    assert slant_of("slanted") is None
    assert slant_of("italic 3deg") is None
    assert slant_of("oblique x") is None
    with pytest.raises(BundleError, match="slanted"):
        Source((400, 400), "slanted", b"", "a.ttf")


def test_unicode_range_chooses_faces(truetype_font: bytes, cff_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font, "latin", FaceOptions(ranges=((0x41, 0x41),)))
    fonts.add("Brand", 400, "normal", cff_font, "rest", FaceOptions(ranges=((0x42, 0x42),)))
    chain = fonts.select(("Brand",), 400, "normal")
    assert [run.face.postscript_name for run in chain.word("ABA").runs] == [
        "Squares-Regular", "Curves-Regular", "Squares-Regular",
    ]  # fmt: skip
    # The first available font is one that may show a space
    assert chain.primary.postscript_name == "Arimo"


def test_a_variable_font_without_ranges_is_not_limited(variable_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Grows", 400, "normal", variable_font, "", FaceOptions(auto=True))
    bold = fonts.select(("Grows",), 700, "normal")
    assert not bold.primary.changes.bold
    assert bold.primary.key != fonts.select(("Grows",), 400, "normal").primary.key
    assert bold.warnings == ()


def test_variation_settings_win(variable_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Grows", (300, 800), "normal", variable_font)
    wish = Wish(variations=(("wght", 800.0), ("none", 3.0)))
    assert fonts.select(("Grows",), 400, "normal", wish).primary == fonts.select(("Grows",), 800, "normal").primary


def test_features_of_a_face_are_defaults(truetype_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font, "", FaceOptions(features=(("kern", 0),)))
    assert fonts.select(("Brand",), 400, "normal").features_at(0) == (("kern", 0),)
