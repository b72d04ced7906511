"""Numbers in the predefined counter styles, by the examples and tables of CSS Counter Styles 3."""

from __future__ import annotations

import pytest

from spark_pdf.layout.css.counter_styles import NAMES, represent
from spark_pdf.layout.generation.counters import format_counter, marker_text


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        ("lower-roman", 1999, "mcmxcix"), ("upper-roman", 4, "IV"), ("lower-alpha", 28, "ab"),
        ("upper-latin", 702, "ZZ"),        ("lower-greek", 24, "ω"),
        ("arabic-indic", 1204, "١٢٠٤"), ("persian", 50, "۵۰"), ("thai", -7, "-๗"),
        ("devanagari", 0, "०"), ("cjk-decimal", 2026, "二〇二六"), ("hebrew", 15, "טו"), ("hebrew", 116, "קטז"),
        ("armenian", 1996, "ՌՋՂԶ"), ("lower-armenian", 1, "ա"), ("georgian", 10001, "ჵა"), ("katakana", 48, "ン"),
        ("hiragana", 49, "ああ"), ("katakana-iroha", 1, "イ"), ("cjk-earthly-branch", 12, "亥"),
        ("disclosure-open", 3, "▼"),        ("lower-roman", 4000, "4000"), ("lower-alpha", 0, "0"),
        ("hebrew", -1, "-1"), ("cjk-heavenly-stem", 11, "11"),
        ("decimal-leading-zero", 7, "07"), ("decimal-leading-zero", -7, "-07"), ("none", 7, ""), ("decimal", 7, "7"),
    ],
)  # fmt: skip
def test_representations(style: str, value: int, text: str) -> None:
    assert format_counter(value, style) == text


@pytest.mark.parametrize("style", sorted(NAMES))
def test_each_style_counts_or_falls_back(style: str) -> None:
    texts = [format_counter(value, style) for value in range(1, 11)]
    assert all(texts) or style == "none"
    assert represent(10**6, style) is None or represent(10**6, style)


def test_suffixes() -> None:
    assert [marker_text(2, s) for s in ("disc", "decimal", "arabic-indic", "hiragana")] == ["• ", "2. ", "٢. ", "い、"]
