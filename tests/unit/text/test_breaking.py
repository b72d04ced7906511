from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.text.breaking import _cut_at, break_opportunities, split_words
from spark_pdf.text.linebreak_rules import find_breaks

# A break is written as |, after the examples of UAX 14 and the kinds of text that documents hold.
SAMPLES = [
    "Hello, |world.",
    "two  |spaces",
    "world-|wide",
    "(in |brackets) |and |“quoted” |words",
    "and/|or, |24/7, |2024-01-15, |25-989-741-2988",
    "don’t |won't",
    "$1,234.56 |€12 |-5 |50%",
    "no ! |break ; |before",
    "( a |b )",
    "10\u00a0000 |kg, |12\u202f345 |pcs",
    "soft\u00ad|hyphen |zero\u200b|width |word\u2060joiner",
    "漢|字|か|な、|交|じ|り",
    "한국어 |단어",
    "👩‍👧 |🇩🇪|🇫🇷",
    "Clerk#000000951 |a@b.example",
    "2026|年|11|月|23|日 |「漢|字」|(abc)",
]


@pytest.mark.parametrize("marked", SAMPLES)
def test_samples(marked: str) -> None:
    pieces = marked.split("|")
    offsets = [len("".join(pieces[:n])) for n in range(1, len(pieces))]
    if "한국어" in marked:
        offsets = [1, 2, 4, 5]  # Hangul syllables break as ideographs do (LB26 joins jamo only)
    assert list(break_opportunities("".join(pieces))) == offsets


def test_pieces_hold_spaces_apart_and_join_to_the_text() -> None:
    assert split_words("") == ()
    assert split_words("one  two-three ") == ("one", "  ", "two-", "three", " ")
    assert split_words(" (5 !) x") == (" ", "(5 !)", " ", "x")
    assert split_words("10\u00a0000") == ("10\u00a0000",)


_TEXT = st.text(
    "abZé09  .,:;!?-/()[]%$€+#@&'\"’“”«—–\u00a0\u202f\u00ad*=_日ひ漢字かッー「」。、한국ก\u0301\u200b👩🇩", max_size=9
)


@settings(max_examples=200, deadline=None)
@given(_TEXT)
def test_pieces_are_the_text(text: str) -> None:
    pieces = split_words(text)
    assert "".join(pieces) == text
    assert all(pieces)
    assert all(piece.strip(" ") == "" or not piece.endswith(" ") for piece in pieces)


@given(st.text(st.sampled_from("ab1 2  .,:;€%$£&éÀ Zz9ɏ#@_*=·×-/"), max_size=12))
def test_plain_text_is_cut_as_the_rules_say(text):
    assert split_words(text) == tuple(_cut_at(text, find_breaks(text)))


def test_every_plain_letter_is_cut_as_the_rules_say():
    for letter in map(chr, range(0x24F)):
        texts = (f"a {letter} b", f"{letter}.{letter} {letter}", f"1,{letter}: {letter}{letter}%", f"€{letter} x")
        for text in (*texts, f"1-{letter}/{letter}", f"{letter}-1/2"):
            assert split_words(text) == tuple(_cut_at(text, find_breaks(text)))
