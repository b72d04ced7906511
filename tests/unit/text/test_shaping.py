from __future__ import annotations

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.text.cache import Budget, Remembered
from spark_pdf.text.fonts import FaceChain, FontSet
from spark_pdf.text.words import Word


@pytest.fixture
def chain() -> FaceChain:
    return FontSet().select(("Arimo",), 400, "normal")


def shape_of(word: Word) -> object:
    return (
        word.text,
        word.width,
        word.is_space,
        word.missing,
        [(run.face.key, run.text, run.glyphs, run.advances, run.offsets, run.clusters, run.width) for run in word.runs],
    )


def test_a_word(chain: FaceChain) -> None:
    word = chain.word("Total")
    (run,) = word.runs
    assert run.face is chain.primary
    assert run.text == word.text == "Total"
    assert run.clusters == (0, 1, 2, 3, 4)
    assert len(run.glyphs) == len(run.advances) == 5
    assert run.offsets is None
    assert run.width == sum(run.advances) / 2048 == word.width
    again = chain.word("Total")
    assert chain.word("Total") is again, "a word that comes again is remembered"


def test_kerning_unless_switched_off(chain: FaceChain) -> None:
    apart = chain.word("A").width + chain.word("V").width
    assert chain.word("AV").width < apart
    assert chain.word("AV", (("kern", 0),)).width == apart


def test_spaces(chain: FaceChain) -> None:
    assert chain.word("  ").is_space
    assert chain.word("  ").width == 2 * chain.word(" ").width > 0
    assert not chain.word("\u00a0").is_space  # neither hangs nor stretches
    assert not chain.word("a b").is_space
    assert chain.word("").runs == ()


def test_marks_are_composed_or_placed(chain: FaceChain) -> None:
    assert chain.word("e\u0301").runs[0].glyphs == chain.word("é").runs[0].glyphs
    assert chain.word("x\u0301").missing == ()


@pytest.mark.parametrize(
    "text", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufe0f", "\u200f", "co\u00adop", "a\u200bb", "A\ufe0e", "א\u200f"]
)
def test_ignorable_characters_are_neither_drawn_nor_missing(chain: FaceChain, text: str) -> None:
    visible = "".join(c for c in text if c.isalpha())
    word = chain.word(text)
    assert word.missing == ()
    assert word.width == chain.word(visible).width
    assert sum(len(run.glyphs) for run in word.runs) == len(visible)


def test_what_no_face_has_is_missing_and_drawn_as_notdef(chain: FaceChain) -> None:
    word = chain.word("a\u0e01b漢漢")
    assert word.missing == ("\u0e01", "漢")
    assert [run.text for run in word.runs] == ["a", "\u0e01", "b", "漢漢"]
    assert word.runs[1].glyphs == (0,)
    assert all(run.face is chain.primary for run in word.runs)


def test_glyphs_come_from_the_first_face_that_has_the_whole_cluster(truetype_font: bytes) -> None:
    fonts = FontSet()
    fonts.add("Squares", 400, "normal", truetype_font)
    chain = fonts.select(("Squares", "serif"), 400, "normal")
    word = chain.word("AxB\u2713A\u0301")
    assert [(run.face.postscript_name, run.text) for run in word.runs] == [
        ("Squares-Regular", "A"), ("Tinos", "x"), ("Squares-Regular", "B\u2713"), ("Tinos", "A\u0301"),
    ]  # fmt: skip
    assert word.missing == ()
    assert word.width == pytest.approx(sum(run.width for run in word.runs))


def test_right_to_left_script_is_shaped_in_its_direction(chain: FaceChain) -> None:
    (run,) = chain.word("שלום").runs
    assert run.clusters == (3, 2, 1, 0)
    assert [run.text for run in chain.word("שלום-abc", direction="rtl").runs] == ["abc", "שלום-"]


def test_the_process_locale_says_nothing(chain: FaceChain) -> None:
    assert shape_of(chain.word("fi", language="")) == shape_of(chain.word("fi", language="und"))


_TEXT = st.text(
    st.one_of(st.characters(exclude_categories=("Cs", "Cc")), st.sampled_from("AVTo.,1€\u00ad\u0301\u200d✓ש漢👩")),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_TEXT, max_size=4), _TEXT, st.sampled_from(["ltr", "rtl"]))
def test_a_word_is_the_same_cold_and_hot(before: list[str], text: str, direction: str) -> None:
    cold = FontSet().select(("Tinos",), 700, "italic").word(text, direction=direction)
    chain = FontSet().select(("Tinos",), 700, "italic")
    for other in [*before, text]:
        chain.word(other, direction=direction)
    words = chain.words(direction=direction)
    words.age()
    words.age()
    assert shape_of(chain.word(text, direction=direction)) == shape_of(cold)
    covered = "".join(run.text for run in (cold.runs if direction == "ltr" else cold.runs[::-1]))
    assert "".join(c for c in covered if c in text) == covered


def test_caches_keep_what_is_used_within_their_budget() -> None:
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    budget = Budget(200)
    cache: Remembered[str] = Remembered(budget, lambda _: 10, make)
    for number in range(1000):
        assert cache["often"] == "OFTEN"
        assert cache[f"once {number}"] == f"ONCE {number}"
    assert made.count("often") == 2, "met once, then kept"
    assert len(made) == 1002
    # One in 255 of those whose hashes share a slot is let in at once: 0.1 of these thousand, by the seed of hashes.
    assert len(cache) <= 5, "what comes once is not kept"
    for number in range(40):
        assert cache[f"twice {number}"] == cache[f"twice {number}"]
    assert len(cache) <= 11
    other: Remembered[str] = Remembered(budget, lambda _: 10, make)
    for number in range(40):
        assert other[f"more {number}"] == other[f"more {number}"]
    assert len(cache) + len(other) <= 11
    del other
    gc.collect()
    assert cache["often"] == "OFTEN"
