from __future__ import annotations

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.text.fonts import FontSet, packaged_face
from spark_pdf.text.matching import Source, best_matches


def family(*weights: int | tuple[int, int], style: str = "normal") -> list[Source]:
    return [Source((w, w) if isinstance(w, int) else w, style, b"", str(w)) for w in weights]


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        ((400, 700), 400, 400),
        ((400, 700), 500, 400),  # 400 to 500: up to 500, then down, then up
        ((300, 700), 450, 300),
        ((300, 500), 400, 500),
        ((600, 900), 400, 600),
        ((100, 900), 500, 100),
        ((300, 400), 350, 300),  # below 400: down, then up
        ((400, 700), 350, 400),
        ((100, 300, 400), 200, 100),
        ((500, 600), 300, 500),
        ((400, 700), 600, 700),  # above 500: up, then down
        ((400, 900), 501, 900),
        ((300, 400), 900, 400),
        ((400, 700), 1000, 700),
        (((300, 800), 900), 650, (300, 800)),
        (((300, 400), (600, 800)), 500, (300, 400)),
        (((300, 400), (600, 800)), 550, (600, 800)),
    ],
)
def test_weights_are_matched_as_css_says(available: tuple, wanted: int, chosen: object) -> None:
    (found,) = best_matches(family(*available), wanted, "normal")
    assert found.origin == str(chosen)


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        ({"normal", "italic", "oblique"}, "italic", "italic"),
        ({"normal", "oblique"}, "italic", "oblique"),
        ({"normal"}, "italic", "normal"),
        ({"normal", "italic"}, "oblique", "italic"),
        ({"italic", "oblique"}, "normal", "oblique"),
        ({"normal", "italic"}, "oblique 14deg", "italic"),
    ],
)
def test_style_comes_before_weight(available: set[str], wanted: str, chosen: str) -> None:
    sources = [source for style in sorted(available) for source in family(400, style=style)]
    sources += family(700, style=next(iter(available - {chosen}), chosen))
    assert best_matches(sources, 700, wanted)[0].slant.kind == chosen


@pytest.mark.parametrize(
    ("families", "weight", "style", "shown"),
    [
        (("sans-serif",), 400, "normal", "Arimo"),
        (("Arial",), 700, "normal", "Arimo-Bold"),
        (("TIMES NEW ROMAN", "serif"), 400, "italic", "Tinos-Italic"),
        (("monospace",), 800, "oblique", "Cousine-BoldItalic"),
        (("monospace",), 501, "normal", "Cousine-Bold"),
        (("No Such", "Courier New"), 500, "normal", "Cousine"),
        (("No Such",), 400, "normal", "Arimo"),
        (("Calibri",), 700, "italic", "Carlito-BoldItalic"),
        (("Cambria", "serif"), 400, "normal", "Caladea-Regular"),
        (("Georgia",), 400, "normal", "Tinos"),
        (("Verdana", "serif"), 400, "normal", "Tinos"),
        (("-apple-system", "BlinkMacSystemFont", "Segoe UI"), 400, "normal", "Arimo"),
        ((), 400, "normal", "Arimo"),
    ],
)
def test_packaged_families(families: tuple[str, ...], weight: int, style: str, shown: str) -> None:
    assert FontSet().select(families, weight, style).primary.postscript_name == shown


def test_select_is_remembered_and_faces_are_shared() -> None:
    fonts, others = FontSet(), FontSet()
    chain = fonts.select(("serif",), 400, "normal")
    assert fonts.select(("serif",), 400, "normal") is chain
    assert others.select(("Tinos",), 400, "normal").primary is chain.primary is packaged_face("tinos", False, False)


def test_what_is_shown_otherwise_is_said_once() -> None:
    fonts = FontSet()
    for weight in (400, 700, 400):
        fonts.select(("Arial", "sans-serif"), weight, "normal")
        fonts.select(("Brnad", "serif"), weight, "normal")
        fonts.select(("Arimo", "Never Looked At"), weight, "normal")
    assert [warning.code for warning in fonts.warnings] == ["font_alias", "unknown_font"]
    assert "'Arial' is shown in Arimo" in fonts.warnings[0].message
    assert "'Brnad'" in fonts.warnings[1].message
    assert "Tinos" in fonts.warnings[1].message


def test_a_chain_says_the_same_however_often_it_was_chosen() -> None:
    first, second = FontSet(), FontSet()
    second.select(("Helvetica",), 400, "normal")
    assert first.select(("Helvetica",), 700, "normal").warnings == second.select(("Helvetica",), 700, "normal").warnings


def test_bundle_faces_come_first_and_packaged_ones_fill_in(truetype_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font, "fonts/brand.ttf")
    chain = fonts.select(("brand", "serif"), 400, "normal")
    assert chain.primary.postscript_name == "Squares-Regular"
    assert [run.face.postscript_name for run in chain.word("A\u2713z").runs] == [
        "Squares-Regular", "Tinos",
    ]  # fmt: skip
    assert fonts.warnings == []


def test_files_of_one_weight_make_one_face_the_later_first(truetype_font: bytes, cff_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font)
    fonts.add("Brand", 400, "normal", cff_font)
    chain = fonts.select(("Brand",), 400, "normal")
    assert [chain.face_at(index).postscript_name for index in range(2)] == ["Curves-Regular", "Squares-Regular"]


def test_bold_and_italics_that_a_bundle_lacks_are_said(truetype_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Brand", 400, "normal", truetype_font)
    chain = fonts.select(("Brand",), 700, "italic")
    assert chain.primary.postscript_name == "Squares-Regular"
    assert [warning.code for warning in chain.warnings] == ["missing_font_style"] * 2
    assert "no bold file; weight 400" in chain.warnings[0].message
    assert "no italic file" in chain.warnings[1].message
    assert fonts.select(("Brand",), 500, "normal").warnings == ()
    assert fonts.select(("sans-serif",), 700, "italic").warnings == ()


def test_adding_changes_what_is_selected(truetype_font: bytes) -> None:
    fonts = FontSet()
    assert fonts.select(("Brand",), 400, "normal").primary.postscript_name == "Arimo"
    fonts.add("Brand", 400, "normal", truetype_font)
    assert fonts.select(("Brand",), 400, "normal").primary.postscript_name == "Squares-Regular"


def test_a_variable_font_shows_each_weight(variable_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Grows", (100, 900), "normal", variable_font)
    light, bold, black = (fonts.select(("Grows",), weight, "normal").primary for weight in (300, 700, 900))
    assert len({light.key, bold.key, black.key}) == 3
    assert fonts.select(("Grows",), 700, "normal").primary is bold


def test_bad_faces_are_refused_when_they_are_added(restricted_font: bytes) -> None:
    fonts = FontSet()
    with pytest.raises(BundleError, match=r"fonts/a\.ttf"):
        fonts.add("A", 400, "normal", b"nothing", "fonts/a.ttf")
    with pytest.raises(BundleError, match="'slanted'"):
        fonts.add("A", 400, "slanted", restricted_font)
    fonts.add("A", 400, "normal", restricted_font, "fonts/a.ttf")
    assert [warning.code for warning in fonts.warnings] == ["font_embedding"]


@pytest.mark.parametrize("family", ["Arial", "Times", "Courier", "Calibri"])
def test_signs_come_from_the_packaged_face_of_signs(family: str) -> None:
    chain = FontSet().select((family,), 700, "italic")
    word = chain.word("✓✔✗✘★☆☐☑☒◆▶➜☎✉⚠①❶")
    assert word.missing == ()
    assert {run.face.postscript_name for run in word.runs} <= {"Symbols-Regular", chain.primary.postscript_name}
    assert chain.word("→").runs[0].face.postscript_name != "Symbols-Regular", "a family's own sign comes first"
