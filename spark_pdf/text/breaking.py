"""Where a line may end (UAX 14), and a text cut into the pieces that the inline layout places.

In: text of one paragraph, its tabs and newlines already dealt with (`white-space` is the caller's). Out: offsets, or
pieces. uniseg implements the standard for every script, at some 50 µs a character. So a text is first cut where the
standard allows a break whatever stands around: at spaces between characters of the usual kinds. What lies between is
mostly a word of the form that business documents are full of (letters and digits joined by single marks, an
ideograph), for which a regular expression finds the breaks; uniseg takes the rest. Everything is remembered. A test
holds both ways against each other.
"""

from __future__ import annotations

import re

from uniseg.linebreak import line_break_boundaries

from spark_pdf.text.cache import Budget, Remembered

# Classes of UAX 14 in brackets. Letters (AL) of Latin, Greek and Cyrillic script without combining marks.
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u0482\u048a-\u052f"
_WORD = _LETTER + "0-9"
# Marks that neither allow nor need a break between letters or digits: IS, QU, AL, GL.
_JOINER = ".,:;'’@_&*=#~^\u00a0\u202f\u2011"
# East Asian: ideographs, large kana (ID) and Hangul syllables (H2, H3); small kana and the length mark (CJ); brackets
# and full stops (OP, CL).
_IDEOGRAPH = (
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\u3042\u3044\u3046\u3048\u304a-\u3062\u3064-\u3082\u3084\u3086\u3088-\u308d"
    "\u308f-\u3094\u30a2\u30a4\u30a6\u30a8\u30aa-\u30c2\u30c4-\u30e2\u30e4\u30e6\u30e8-\u30ed\u30ef-\u30f4"
)
_SMALL = (
    "\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30fc"
)
_OPEN, _CLOSE = "「『（【", "」』）】、。，．"
_CUT = re.compile(
    # Behind spaces a break is allowed (LB18), unless what precedes is OP, an initial QU, B2, ZW (LB14, 15a, 17, 8)
    rf"(?<=[{_WORD}{_IDEOGRAPH}.,:;!?)\]%'\"/&-])\x20+"
    # ... or what follows is CL, CP, EX, SY, IS, a final QU or NS (LB13, 15b, 15d, 16), or clings to the space (WJ).
    rf"(?=[{_WORD}{_IDEOGRAPH}(\[$£€+#@&\"-])"
    # Ideographs part from each other and from letters and digits, with what clings to them before and behind (LB31).
    rf"|(?<=[{_IDEOGRAPH}{_SMALL}{_CLOSE}])(?=[{_IDEOGRAPH}{_OPEN}])"
    rf"|(?<=[{_IDEOGRAPH}{_SMALL}])(?=[{_WORD}])|(?<=[{_WORD}])(?=[{_IDEOGRAPH}])"
)
_PLAIN = re.compile(
    rf"[(\[\"']?[$£€+]?[{_WORD}]+(?:[{_JOINER}/-][{_WORD}]+)*%?[)\]]?[\"']?[.,:;!?]*\x20*|\x20+|[-–—•·|]\x20*"
    rf"|[{_OPEN}]*[{_IDEOGRAPH}][{_SMALL}{_CLOSE}]*\x20*"
)
_INNER = re.compile(
    # HY allows a break behind it, except before a digit (LB21, 25); SY does, except between digits (LB25).
    rf"(?<=[{_WORD}])[-/](?=[{_LETTER}])|(?<=[{_LETTER}])/(?=[0-9])"
)
_SPACES = re.compile(r"\x20+\Z")


def break_opportunities(text: str) -> tuple[int, ...]:
    """Offsets into the text, ends excluded, at which a line may end and the next begin, behind any spaces."""
    return _breaks[text]


def split_words(text: str) -> tuple[str, ...]:
    """The pieces of a text that no line break divides, in order; joined they are the text.

    A run of spaces behind which a line may break is a piece of its own. A space that forbids a break ("5 !", "( a")
    stays inside its piece.
    """
    return _pieces[text]


def _find_breaks(text: str) -> tuple[int, ...]:
    cuts = [match.end() for match in _CUT.finditer(text)]
    found: list[int] = []
    start = 0
    for end in [*cuts, len(text)]:
        segment = text[start:end]
        found += [start + offset for offset in _breaks_within(segment)]
        if end < len(text):
            found.append(end)
        start = end
    return tuple(found)


def _breaks_within(segment: str) -> list[int]:
    if _PLAIN.fullmatch(segment):
        return [match.end() for match in _INNER.finditer(segment)]
    return [offset for offset in line_break_boundaries(segment) if offset < len(segment)]


def _split(text: str) -> tuple[str, ...]:
    pieces: list[str] = []
    start = 0
    for end in [*_breaks[text], len(text)]:
        piece = text[start:end]
        spaces = _SPACES.search(piece)
        if spaces is None:
            pieces.append(piece)
        else:
            if spaces.start():
                pieces.append(piece[: spaces.start()])
            pieces.append(spaces.group())
        start = end
    return tuple(pieces) if text else ()


def _cost(text: str) -> int:
    return 200 + 14 * len(text)


_budget = Budget(16 * 1024 * 1024)
_breaks: Remembered[tuple[int, ...]] = Remembered(_budget, _cost, _find_breaks)
_pieces: Remembered[tuple[str, ...]] = Remembered(_budget, _cost, _split)
