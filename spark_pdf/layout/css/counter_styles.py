"""The predefined counter styles: numbers as text (CSS Counter Styles 3, sections 6 and 7).

In: a number and a style's name. Out: its representation, or None where the style does not reach the number, which is
then written in decimal. The formatting algorithms are those of section 3.1.
"""

from __future__ import annotations

BULLETS = {"disc": "•", "circle": "◦", "square": "▪", "disclosure-open": "▼", "disclosure-closed": "►"}
"""Cyclic styles of one symbol (6.3); a space is their suffix."""

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"


def _hiragana(katakana: str) -> str:
    return "".join(chr(ord(letter) - 0x60) for letter in katakana)


ALPHABETS = {
    "lower-alpha": _LATIN,
    "lower-latin": _LATIN,
    "upper-alpha": _LATIN.upper(),
    "upper-latin": _LATIN.upper(),
    "lower-greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "hiragana": _hiragana(_KATAKANA),
    "hiragana-iroha": _hiragana(_IROHA),
    "katakana": _KATAKANA,
    "katakana-iroha": _IROHA,
}
"""Alphabetic styles (6.2)."""

ZEROS = {
    "arabic-indic": 0x660,
    "persian": 0x6F0,
    "devanagari": 0x966,
    "bengali": 0x9E6,
    "gurmukhi": 0xA66,
    "gujarati": 0xAE6,
    "oriya": 0xB66,
    "tamil": 0xBE6,
    "telugu": 0xC66,
    "kannada": 0xCE6,
    "malayalam": 0xD66,
    "thai": 0xE50,
    "lao": 0xED0,
    "tibetan": 0xF20,
    "myanmar": 0x1040,
    "cambodian": 0x17E0,
    "khmer": 0x17E0,
    "mongolian": 0x1810,
}
"""Numeric styles (6.1) by the code point of their zero; the other digits follow it."""

_CJK_DIGITS = "〇一二三四五六七八九"
_FIXED = {"cjk-earthly-branch": "子丑寅卯辰巳午未申酉戌亥", "cjk-heavenly-stem": "甲乙丙丁戊己庚辛壬癸"}
"""Fixed styles (6.4)."""


def _upwards(symbols: str) -> list[tuple[int, str]]:
    """Worths 1 to 9, 10 to 90, and so on, of consecutive letters."""
    worths = [digit * 10**power for power in range(4) for digit in range(1, 10)]
    return list(zip(worths, symbols, strict=False))


_ARMENIAN = "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔ"
_GEORGIAN = "აბგდევზჱთიკლმნჲოპჟრსტჳფქღყშჩცძწჭხჴჯჰ"
_HEBREW = [*_upwards("אבגדהוזחטיכלמנסעפצקרשת"), (15, "טו"), (16, "טז")]
_ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")]
_ROMAN += [(9, "ix"), (5, "v"), (4, "iv"), (1, "i")]


def _upper(symbols: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(worth, text.upper()) for worth, text in symbols]


def _lower(symbols: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(worth, text.lower()) for worth, text in symbols]


ADDITIVE = {
    "lower-roman": (3999, _ROMAN),
    "upper-roman": (3999, _upper(_ROMAN)),
    "armenian": (9999, _upwards(_ARMENIAN)),
    "upper-armenian": (9999, _upwards(_ARMENIAN)),
    "lower-armenian": (9999, _lower(_upwards(_ARMENIAN))),
    "georgian": (19999, [*_upwards(_GEORGIAN), (10000, "ჵ")]),
    "hebrew": (999, _HEBREW),
}
"""Additive styles (6.1): the largest number, and what symbols are worth."""
for _most, _symbols in ADDITIVE.values():
    _symbols.sort(reverse=True)

IDEOGRAPHIC = frozenset({"cjk-decimal", "hiragana", "hiragana-iroha", "katakana", "katakana-iroha", *_FIXED})
"""Styles whose suffix is an ideographic comma."""

NAMES = frozenset(
    {*BULLETS, *ALPHABETS, *ZEROS, *ADDITIVE, *_FIXED, "none", "decimal", "decimal-leading-zero", "cjk-decimal"}
)
"""All styles that can be formatted."""


def represent(value: int, style: str) -> str | None:
    """A number in a style; None where the style has no representation of it."""
    if style in BULLETS:
        return BULLETS[style]
    if style in ZEROS or style == "cjk-decimal":
        return _numeric(value, style)
    if value <= 0:
        return None
    if style in ALPHABETS:
        return _alphabetic(value, ALPHABETS[style])
    if style in ADDITIVE:
        most, symbols = ADDITIVE[style]
        return _additive(value, symbols) if value <= most else None
    letters = _FIXED.get(style, "")
    return letters[value - 1] if value <= len(letters) else None


def _numeric(value: int, style: str) -> str:
    zero = ZEROS.get(style)
    sign = "-" if value < 0 else ""
    digits = [int(digit) for digit in str(abs(value))]
    return sign + "".join(_CJK_DIGITS[digit] if zero is None else chr(zero + digit) for digit in digits)


def _alphabetic(value: int, letters: str) -> str:
    text = ""
    while value:
        value, digit = divmod(value - 1, len(letters))
        text = letters[digit] + text
    return text


def _additive(value: int, symbols: list[tuple[int, str]]) -> str:
    text = ""
    for worth, letters in symbols:
        count, value = divmod(value, worth)
        text += letters * count
    return text
