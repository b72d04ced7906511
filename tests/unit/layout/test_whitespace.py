"""Runs of white space become one space: by `str.split` where that says the same as CSS, else by a pattern."""

import re

from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.inline.whitespace import collapsed, is_blank

TEXT = st.text(st.sampled_from("ab \t\n\r\f\v\x1c\x1f\x85\u00a0\u2003é"), max_size=12)


@given(TEXT)
def test_runs_of_document_white_space_are_one_space(text):
    assert collapsed(text, INITIAL_STYLE, False) == re.sub("[ \t\n\r\f]+", " ", text)


@given(TEXT)
def test_only_document_white_space_is_blank(text):
    for _ in range(2):  # the second time it is remembered
        assert is_blank(text) == (text != "" and not text.strip(" \t\n\r\f"))
