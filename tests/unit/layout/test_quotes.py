"""`quotes: auto`: the marks of the content's language (CSS Generated Content 3, 2.2)."""

import pytest

from spark_pdf.layout.generation.quotes import ENGLISH, quotes_of_language
from tests.page_help import margin_texts, texts

NESTED = "<p><q>a <q>b <q>c</q></q></q></p>"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "“a ‘b ‘c’’”"),
        ("de", "„a ‚b ‚c‘‘“"),
        ("de-AT", "„a ‚b ‚c‘‘“"),
        ("de-CH", "«a ‹b ‹c››»"),
        ("fr", "«a «b «c»»»"),
        ("pl-PL", "„a «b «c»»”"),
        ("ja", "「a 『b 『c』』」"),
        ("xx", "“a ‘b ‘c’’”"),
    ],
)
def test_marks_of_languages(language, expected):
    body = f"<div lang={language}>{NESTED}</div>"
    assert texts(body) == [expected]


def test_the_nearest_language_counts_and_quotes_of_a_sheet_come_first():
    assert texts("<div lang=de><q>a</q> <q lang=fr>b</q></div>") == ["„a“ «b»"]
    assert texts("<div lang=de><q>a</q></div>", "q { quotes: '<' '>' }") == ["<a>"]
    assert texts("<div lang=de><q>a</q></div>", "q { quotes: none }") == ["a"]


def test_margin_boxes_speak_the_documents_language():
    css = "@page { @top-left { content: open-quote 'x' close-quote } }"
    assert margin_texts("<html lang=cs>x", css) == ["„x“"]


def test_tags_are_looked_up_by_their_parts():
    assert quotes_of_language("PT-pt") != quotes_of_language("pt-BR") == ENGLISH
    assert quotes_of_language("zh_Hant_TW") == (("「", "」"), ("『", "』"))
    assert quotes_of_language("") == ENGLISH
