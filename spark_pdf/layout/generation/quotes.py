"""Quotation marks by language: what `quotes: auto` comes to (CSS Generated Content 3, 2.2).

In: an element. Out: pairs of marks for each depth, by the delimiters of Unicode's CLDR, and for Swiss German by the
list that HTML's style sheet had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_pdf.layout.dom import nearest_language

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element

Pairs = tuple[tuple[str, str], ...]

ENGLISH: Final[Pairs] = (("“", "”"), ("‘", "’"))
_BY_MARKS: Final = {
    "„“ ‚‘": "cs de dsb et hr hsb is ksh lb mk nds sk sl",
    "„“": "bg lt",
    "„“ ‘‘": "sr",
    "„“ «»": "ka",
    "„” «»": "pl ro",
    "„” »«": "hu",
    "„” ‘’": "bs",
    "«» “”": "ast br ca el es-us eu it kab kk lij oc-es pt-pt sc sq",
    "«»": "co fr hy oc",
    "«» ‹›": "az-arab de-ch fa fr-ch gsw it-ch rm",
    "«» ”“": "fr-ca",
    "«» „“": "ab be cv ky os ru sah uk",
    "«» ‘’": "nb nn no",
    "»« ›‹": "kl ug",
    "”” ’’": "fi he se sv yi",
    "”“ ’‘": "ar ur",
    "‘’": "nl",
    "‘’ “”": "fur ia nr nso ss st tn ts ve",
    "“” ’‘": "uz",
    "「」 『』": "ja yue zh-hant zh-hk zh-mo zh-tw",
}
"""Opening and closing mark of each depth, the last one for all below. Other languages: as English."""
_BY_LANGUAGE: Final[dict[str, Pairs]] = {
    language: tuple([(marks[0], marks[1]) for marks in pairs.split()])
    for pairs, languages in _BY_MARKS.items()
    for language in languages.split()
}


def quotes_of_language(language: str) -> Pairs:
    """The marks of a language tag, or of the longest part of it that has some."""
    tag = language.strip().lower().replace("_", "-")
    while tag:
        if tag in _BY_LANGUAGE:
            return _BY_LANGUAGE[tag]
        tag = tag.rpartition("-")[0]
    return ENGLISH


def automatic_quotes(element: Element) -> Pairs:
    """The marks of an element's language: that of the nearest `lang`, its own or above it."""
    language = nearest_language(element)
    return ENGLISH if language is None else quotes_of_language(language)
