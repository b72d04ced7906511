"""Pieces of a text by the short way are those of the long way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.inline.textrun import Pieces, TextMetrics
from spark_pdf.text.fonts import FontSet

FONTS = FontSet()
STYLES = [
    INITIAL_STYLE,
    INITIAL_STYLE.replace(white_space="nowrap", text_wrap_mode="nowrap"),
    INITIAL_STYLE.replace(font_family=("monospace",), font_weight=700),
    INITIAL_STYLE.replace(letter_spacing=1.0),
    INITIAL_STYLE.replace(font_variant_caps="small-caps"),
]
FIELDS = (
    "breaks", "direction", "ends_open", "hyphenates", "language", "line", "missing", "sizes", "spaces", "special",
    "text", "total", "widths",
)  # fmt: skip


def described(pieces):
    words = [(word.text, word.width, [run.glyphs for run in word.runs]) for word in pieces.words]
    line = [word.text for word in pieces.line[0]], pieces.line[1]
    return words, line, [getattr(pieces, name) for name in FIELDS if name != "line"], pieces.metrics.line


@pytest.mark.parametrize("style", STYLES, ids=["normal", "nowrap", "bold", "spaced", "small-caps"])
@given(text=st.text(st.sampled_from("ab1 2  .,:;€%$£&éÀ Zz9ɏ漢\u00ad-א"), min_size=1, max_size=14))
def test_both_ways_come_to_the_same(style, text):
    short, long = TextMetrics(style, FONTS.select(("serif",), 400, "normal")), None
    long = TextMetrics(style, FONTS.select(("serif",), 400, "normal"))
    long.quick = False
    assert described(Pieces(text, style, short, "en")) == described(Pieces(text, style, long, "en"))
