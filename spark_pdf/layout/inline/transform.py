"""`text-transform` (CSS Text 3, section 2.1), by Unicode's full case mappings and the languages that depart from them.

In: a text, the computed value, a language tag. Out: the text as it is shown. `capitalize` raises the first letter of
each word, whatever punctuation precedes it, and leaves the others; digits and apostrophes do not start a word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CAPITAL = re.compile(r"(?<![\w\u00ad])(?<!\w['’])[^\W\d_]")
_DUTCH_IJ = re.compile(r"(?<![\w'’])(?:ij|í\u0301?j\u0301)", re.IGNORECASE)
_TURKIC = ("tr", "az")
_GREEK_WORD = re.compile("[\u0370-\u03ff\u1f00-\u1fff][\u0300-\u036f\u0370-\u03ff\u1f00-\u1fff]*")
_GREEK_VOWELS = "ΑΕΗΙΟΥΩ"
_FULL_WIDTH = {code: code - 0x21 + 0xFF01 for code in range(0x21, 0x7F)} | {
    0x20: 0x3000, 0xA2: 0xFFE0, 0xA3: 0xFFE1, 0xA5: 0xFFE5, 0xA6: 0xFFE4, 0xAC: 0xFFE2, 0xAF: 0xFFE3, 0x20A9: 0xFFE6,
}  # fmt: skip
_SMALL, _LARGE = "ぁぃぅぇぉゕゖっゃゅょゎァィゥェォヵヶッャュョヮ", "あいうえおかけつやゆよわアイウエオカケツヤユヨワ"
_KANA = dict(zip(map(ord, _SMALL), _LARGE, strict=True))


def transformed(text: str, how: str, language: str) -> str:
    """The text as `text-transform: how` shows it."""
    spoken = language[:2].lower() if not language[2:3].isalpha() else ""
    for step in how.split():
        if step == "uppercase":
            text = upper(text, spoken)
        elif step == "lowercase":
            text = lower(text, spoken)
        elif step == "capitalize":
            text = capitalized(text, spoken)
        elif step == "full-width":
            text = "".join([_wide(c) for c in text])
        elif step == "full-size-kana":
            text = text.translate(_KANA)
    return text


def upper(text: str, spoken: str) -> str:
    """Upper case. Turkish and Azeri keep their dots, Greek drops its accents, Lithuanian the dots below accents."""
    if spoken in _TURKIC:
        text = text.replace("i", "İ")
    elif spoken == "el":
        return _GREEK_WORD.sub(lambda found: _greek_upper(found.group()), text).upper()
    elif spoken == "lt":
        text = text.replace("i\u0307", "i").replace("j\u0307", "j").replace("į\u0307", "į")
    return text.upper()


def _greek_upper(word: str) -> str:
    """Capitals without tonos and dialytika that the vowel before makes needful (CLDR, el-Upper)."""
    result: list[str] = []
    accented = False  # the vowel before had an accent, which kept it apart from an iota or upsilon
    for position, character in enumerate(unicodedata.normalize("NFD", word)):
        if unicodedata.combining(character):
            if character in "\u0300\u0301\u0342" and result:
                accented = True
            elif character == "\u0308" and result:
                result.append(character)
            elif character == "\u0345":
                result.append("Ι")
            continue
        raised = character.upper()
        if accented and raised in "ΙΥ" and result and result[-1] in _GREEK_VOWELS and result[-1] not in "ΙΥ":
            raised += "\u0308"
        accented = False
        result.append(raised)
        if word == "ή" and position == 0:
            return "Ή"  # the disjunctive eta keeps its accent
    return unicodedata.normalize("NFC", "".join(result))


def lower(text: str, spoken: str) -> str:
    """Lower case; Python's is Unicode's, the final sigma included."""
    if spoken in _TURKIC:
        text = text.replace("I\u0307", "i").replace("İ", "i").replace("I", "ı")
    elif spoken == "lt":
        text = re.sub("([IJĮ])(?=[\u0300\u0301\u0303])", lambda found: found.group().lower() + "\u0307", text)
        text = text.replace("Ì", "i\u0307\u0300").replace("Í", "i\u0307\u0301").replace("Ĩ", "i\u0307\u0303")
    return text.lower()


def capitalized(text: str, spoken: str) -> str:
    """Each word's first letter in title case; Dutch "ij" is one letter."""
    if spoken == "nl":
        text = _DUTCH_IJ.sub(lambda found: found.group().upper(), text)
    dotted = spoken in _TURKIC
    return _CAPITAL.sub(lambda found: _title(found.group(), dotted), text)


def _title(letter: str, dotted: bool) -> str:
    if dotted and letter == "i":
        return "İ"
    return letter if letter.isupper() else letter.title()


@lru_cache(maxsize=512)
def _wide(character: str) -> str:
    code = ord(character)
    if code in _FULL_WIDTH:
        return chr(_FULL_WIDTH[code])
    if 0xFF61 <= code <= 0xFFDC:  # half-width katakana and hangul
        return unicodedata.normalize("NFKC", character)
    return character
