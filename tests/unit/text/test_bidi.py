"""UAX 9. The expected orders agree with the Rust crate unicode-bidi; capitals in comments stand for right-to-left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.text.bidi import base_level, bidi_class, levels, line_levels, needs_bidi, visual_order

A, B, C = "\u05d0", "\u05d1", "\u05d2"  # Hebrew letters
ALEF, BEH = "\u0627", "\u0628"
LRE, RLE, PDF, LRO, RLO, LRI, RLI, FSI, PDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def shown(text: str, base: int | None = None) -> str:
    found = levels(text, base)
    level = base_level(text) if base is None else base
    return "".join(text[index] for index in visual_order(line_levels(text, found, level)))


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("abc", 0, "abc"),
        ("abc!", 1, "!abc"),
        (f"car is {A}{B}{C} in arabic", 0, f"car is {C}{B}{A} in arabic"),
        (f"{A}{B} 12 {C}", None, f"{C} 12 {B}{A}"),
        (f"{A} 1,234.50% {B}", 1, f"{B} 1,234.50% {A}"),  # W4, W5
        (f"{ALEF} 12/05/2024 {BEH}", 1, f"{BEH} 12/05/2024 {ALEF}"),  # W2: CS between Arabic numbers
        (f"{ALEF} 2024-17", 1, f"17-2024 {ALEF}"),  # but ES divides them
        (f"{A} 2024-17", 1, f"2024-17 {A}"),
        (f"a({A})b", 0, f"a({A})b"),
        (f"{A}(a){B}", 1, f"{B}(a){A}".replace("(a)", ")a(")),  # N0: brackets go with the paragraph
        (f"{A} (a) b", 0, f"{A} (a) b"),
        (f"a {RLE}{A} b {B}{PDF} c", 0, f"a {RLE}{B} b {A}{PDF} c".replace(f"{A}{PDF}", f"{A}{PDF}")),
        (f"a {RLO}bc{PDF} d", 0, f"a {RLO}cb{PDF} d"),
        (f"{RLI}a {A}{PDI} {B} x", 0, f"{RLI}{A} a{PDI} {B} x"),
        (f"{A} {LRI}a 1 {B}{PDI} {C}", 1, f"{C} {PDI}a 1 {B}{LRI} {A}"),
        (f"{FSI}{A} b{PDI}!", 0, f"{FSI}b {A}{PDI}!"),
        ("", 0, ""),
    ],
)  # fmt: skip
def test_order(text: str, base: int | None, expected: str) -> None:
    controls = dict.fromkeys(map(ord, LRE + RLE + PDF + LRO + RLO + LRI + RLI + FSI + PDI))
    assert shown(text, base).translate(controls) == expected.translate(controls)


def test_white_space_at_the_end_is_the_paragraphs() -> None:
    text = f"{A}{B}  "
    assert line_levels(text, levels(text, 0), 0) == [1, 1, 0, 0]
    text = f"{A}\t{B}"
    assert line_levels(text, levels(text, 0), 0) == [1, 0, 1]


def test_classes() -> None:
    assert [bidi_class(c) for c in "a1+,% \n(\u0300"] == ["L", "EN", "ES", "CS", "ET", "WS", "B", "ON", "NSM"]
    assert [bidi_class(c) for c in f"{A}{ALEF}\u0661\u05ff\U0001ee7f\u20cf\ufdd0"] == [
        "R", "AL", "AN", "R", "AL", "ET", "BN",
    ]  # fmt: skip


def test_base_level_passes_over_isolates() -> None:
    assert base_level(f"{RLI}{A}{PDI} a") == 0
    assert base_level(f"12 {A}") == 1
    assert base_level("12") == 0


def test_plain_text_is_told_quickly() -> None:
    assert not needs_bidi("Grüße, 東京 – 10 %")
    assert needs_bidi(f"a{A}")
    assert needs_bidi(f"a{RLO}bc{PDF}")


@given(
    st.text(st.sampled_from(list(f"ab1,. ()[]{A}{ALEF}\u0661\u0300{LRE}{RLE}{PDF}{LRO}{RLO}{LRI}{RLI}{FSI}{PDI}\t")))
)
def test_orders_are_permutations(text: str) -> None:
    found = levels(text)
    assert len(found) == len(text)
    assert all(0 <= level <= 126 for level in found)
    assert sorted(visual_order(line_levels(text, found, base_level(text)))) == list(range(len(text)))


def test_deep_embedding_ends_somewhere() -> None:
    text = RLE * 200 + A + LRE * 200 + "a" + PDF * 500 + "b"
    assert max(levels(text, 0)) <= 126
