"""Where a line may end (UAX 14), and a text cut into the pieces that the inline layout places.

In: text of one paragraph, its tabs and newlines already dealt with (`white-space` is the caller's). Out: offsets, or
pieces, remembered by text. The rules are in `linebreak_rules`; what `word-break` and `line-break` change of them (CSS
Text 3, section 5) is here.
"""

from __future__ import annotations

import re
from typing import Final

from spark_pdf.text.cache import Budget, Remembered
from spark_pdf.text.clusters import boundaries
from spark_pdf.text.linebreak_rules import find_breaks

NEEDS_DICTIONARY = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\uaa60-\uaadf]")
"""Thai, Lao, Burmese, Khmer, Tai: scripts without spaces between words."""

_LETTER = "ア"  # an ideographic letter for UAX 14, which lines break on both sides of
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶー"
_NORMAL = dict.fromkeys([*map(ord, _SMALL_KANA), *range(0x31F0, 0x3200), *range(0xFF67, 0xFF71)], _LETTER)
_LOOSE = _NORMAL | dict.fromkeys(map(ord, "々〻ゝゞヽヾ‐–〜゠…‥・：；･‼⁇⁈⁉！？"), _LETTER)
_WORDS = re.compile(rf"[^\W{_SMALL_KANA}\u31f0-\u31ff\uff67-\uff70]|[#&*<=>@^`~]")
"""What `break-all` takes for ideographs (CSS Text 3, 5.2): letters, figures, and signs that UAX 14 counts with them."""
_TAILORED = {"normal": _NORMAL, "loose": _LOOSE}


def break_opportunities(text: str) -> tuple[int, ...]:
    """Offsets into the text, ends excluded, at which a line may end and the next begin, behind any spaces."""
    return _breaks[text]


def split_words(text: str) -> tuple[str, ...]:
    """The pieces of a text that no line break divides, in order; joined they are the text.

    A run of spaces behind which a line may break is a piece of its own. A space that forbids a break ("5 !", "( a")
    stays inside its piece.
    """
    return tuple(split_at_spaces(text)) if is_plain(text) else _pieces[text]


def split_at_spaces(text: str) -> list[str]:
    """Runs of spaces, and what stands between them; joined they are the text."""
    return _BY_SPACES.findall(text)


def is_plain(text: str) -> bool:
    """Whether a text is nothing but words and numbers between spaces; so is one whose words all are."""
    if text.isascii():
        for part in text.removeprefix("$").replace(",", ".").split("."):
            if not part.isalnum():
                break
        else:
            return True
    return _PLAIN.fullmatch(text) is not None


def split_tailored(text: str, word_break: str, line_break: str) -> tuple[str, ...]:
    """Pieces as `word-break` and `line-break` change them: "strict" and "auto" leave small kana as UAX 14 does."""
    if line_break == "anywhere":
        return tuple(_cut_at(text, clusters_of(text)))
    table = _TAILORED.get(line_break)
    shown = text.translate(table) if table and not text.isascii() else text
    if word_break == "break-all":
        return tuple(_cut_at(text, find_breaks(_WORDS.sub(_LETTER, shown))))
    breaks = find_breaks(shown)
    if word_break == "keep-all":
        breaks = [at for at in breaks if not (text[at - 1].isalnum() and text[at].isalnum())]
    return tuple(_cut_at(text, breaks))


def clusters_of(text: str) -> list[int]:
    """Offsets between grapheme clusters (UAX 29), ends excluded."""
    if text.isascii():
        return list(range(1, len(text)))
    return [at for at in boundaries(text) if 0 < at < len(text)]


_LETTERS: Final = "A-Za-z0-9À-ÖØ-öø-ɏ#@_*=·×"
_PLAIN: Final = re.compile(
    rf" *(?:[$€£¥]?[{_LETTERS}]+(?:(?:[.,:;]|-(?=[0-9])|(?<=[0-9])/(?=[0-9]))[{_LETTERS}]+)*(?:[.,:;]|[€%])?(?: +|$)"
    r"|[€£¥&](?: +|$))*"
)
"""Words and numbers between spaces. Of them the rules come to this: a line may end behind spaces, nowhere else."""
_BY_SPACES: Final = re.compile(" +|[^ ]+")


def _find_breaks(text: str) -> tuple[int, ...]:
    return tuple(find_breaks(text))


def _split(text: str) -> tuple[str, ...]:
    # Not `_breaks[text]`: who asks for the pieces of a text seldom asks for its breaks, and they take as much again
    return tuple(_cut_at(text, find_breaks(text)))


def _cut_at(text: str, breaks: list[int]) -> list[str]:
    pieces: list[str] = []
    start = 0
    for end in [*breaks, len(text)]:
        piece = text[start:end]
        word = piece.rstrip(" ")
        if len(word) == len(piece):
            pieces.append(piece)
        else:
            if word:
                pieces.append(word)
            pieces.append(piece[len(word) :])
        start = end
    return pieces if text else []


def _cost(text: str) -> int:
    return 200 + 14 * len(text)


_budget = Budget(4 * 1024 * 1024)
_breaks: Remembered[tuple[int, ...]] = Remembered(_budget, _cost, _find_breaks)
_pieces: Remembered[tuple[str, ...]] = Remembered(_budget, _cost, _split)
