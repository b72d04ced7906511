from __future__ import annotations

import unicodedata
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uniseg.linebreak import LineBreak, line_break, line_break_boundaries

from spark_pdf.text.linebreak_rules import find_breaks

# Scripts and signs in which every class, width and category that a rule asks for occurs.
_RANGES = [
    (0, 0x3100),
    (0xA900, 0xAA00),
    (0xAC00, 0xAC20),
    (0xD800, 0xD802),
    (0xFE00, 0xFFFF),
    (0x11000, 0x11010),
    (0x1F1E0, 0x1F400),
]


def _kinds() -> list[str]:
    """Characters of a kind together: as many as show that what is said of one is not said of all."""
    kinds: dict[tuple[str, str, str], str] = defaultdict(str)
    for first, last in _RANGES:
        for char in map(chr, range(first, last)):
            category = unicodedata.category(char)
            kind = (line_break(char).value, category, unicodedata.east_asian_width(char))
            # Of characters that Python does not know, and of U+3000, uniseg says what the standard does not
            if category != "Cn" and char != "\u3000" and len(kinds[kind]) < 8:
                kinds[kind] += char
    kinds["AL", "So", "circle"] = "\u25cc"
    kinds["BA", "Pd", "hyphen"] = "\u2010"
    return [chars for chars in kinds.values() if chars]


KINDS = _kinds()
_OF_A_KIND = st.sampled_from(KINDS).flatmap(st.sampled_from)
# Few kinds in a text meet in ways that many do not
_OF_FEW_KINDS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=4).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds).flatmap(st.sampled_from), max_size=12)
)


def standard(text: str) -> list[int]:
    return [at for at in line_break_boundaries(text) if at < len(text)]


def test_every_class_is_drawn() -> None:
    assert {line_break(char) for chars in KINDS for char in chars} == set(LineBreak) - {LineBreak.XX}


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(_OF_A_KIND, max_size=12), _OF_FEW_KINDS).map("".join))
def test_the_rules_are_those_of_uniseg(text: str) -> None:
    text += "a"  # a quotation mark with combining marks at the very end is what the next test is about
    assert find_breaks(text) == standard(text)


@pytest.mark.parametrize(
    ("text", "breaks", "in_uniseg"),
    [
        ("a \u00bb\u0301", [], [2]),  # LB15b: » with a mark, then the end
        ("\u05d0\u3000b", [2], []),  # LB21a: no wide BA
        ("\u65e5\u201c\U0001f02f", [], [1]),  # LB19a: a code point without a character is not wide
    ],
)
def test_where_uniseg_departs_from_the_standard(text: str, breaks: list[int], in_uniseg: list[int]) -> None:
    assert find_breaks(text) == breaks
    # When this fails, uniseg or Python has been mended: the sample, and the comment in the module, can go
    assert standard(text) == in_uniseg


@pytest.mark.parametrize(
    "marked",
    [
        "\n|a\r\n|b\u2028|c",  # LB4, 5
        "( \u201ca |b\u201d |c",  # LB14, 15a
        "\u201c a |\u201c b",  # LB15a: what opens clings to what follows, spaces between them too
        "a \u00bb |b",  # LB15b: what closes clings to what precedes, where a space follows too
        "a |.5 |b.",  # LB15c
        "\u3002 \u3005|\u65e5",  # LB16
        "a|\u2014 \u2014|b",  # LB17
        "\u65e5|\u201c\u65e5\u201d|\u65e5 |a\u201c\u65e5",  # LB19a
        "\u00b4|\ufffc|-a",  # LB20
        "a |-b |\u2010c",  # LB20a
        "\u05d0-a |\u05d0-|\u05d1",  # LB21a
        "\u05d0/\u05d1 |a/|b",  # LB21b
        "$(12.5) |12,5%|\u65e5 |(1)%x",  # LB24, 25
        "a$(.5 |a$|($",  # LB25: a number without a digit before its point
        "\u1b05\u1b44\u1b05|a",  # LB28a
        "\u1b05|\u1b05\u1b05\u1bf2|\U00011003\U00011005",  # LB28a: a final consonant, a prefix
        "\U0001f1e9\U0001f1ea|\U0001f1eb\U0001f1f7|\U0001f1e9",  # LB30a
        "\U0001f1e9\u0301\U0001f1ea|\U0001f1eb",  # LB9 within LB30a
        "\U0001f44d\U0001f3fd|\U0001f44d",  # LB30b
        "\U0001f02f\U0001f3fd|\U0001f02b|\U0001f3fd",  # LB30b: code points kept for emoji
        "\U0001f468\u200d\U0001f469",  # LB8a
        "a |\u0301b",  # LB10
    ],
)
def test_samples_of_the_rules(marked: str) -> None:
    pieces = marked.split("|")
    assert find_breaks("".join(pieces)) == [len("".join(pieces[:n])) for n in range(1, len(pieces))]


@pytest.mark.parametrize("char", [" ", "\u0301", "\U0001f1e9", ",", "(", "\u201c", "\u200d"])
def test_a_long_run_takes_time_in_proportion(char: str) -> None:
    # Ends within the time that a test has, which a rule that looks back over the run at each place would not
    assert len(find_breaks("1" + char * 200_000 + "%")) <= 100_001
