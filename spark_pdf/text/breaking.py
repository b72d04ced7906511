"""Where a line may end (UAX 14), and a text cut into the pieces that the inline layout places.

In: text of one paragraph, its tabs and newlines already dealt with (`white-space` is the caller's). Out: offsets, or
pieces, remembered by text. The rules are in `linebreak_rules`.
"""

from __future__ import annotations

from spark_pdf.text.cache import Budget, Remembered
from spark_pdf.text.linebreak_rules import find_breaks


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
    return tuple(find_breaks(text))


def _split(text: str) -> tuple[str, ...]:
    pieces: list[str] = []
    start = 0
    # Not `_breaks[text]`: who asks for the pieces of a text seldom asks for its breaks, and they take as much again
    for end in [*find_breaks(text), len(text)]:
        piece = text[start:end]
        word = piece.rstrip(" ")
        if len(word) == len(piece):
            pieces.append(piece)
        else:
            if word:
                pieces.append(word)
            pieces.append(piece[len(word) :])
        start = end
    return tuple(pieces) if text else ()


def _cost(text: str) -> int:
    return 200 + 14 * len(text)


_budget = Budget(4 * 1024 * 1024)
_breaks: Remembered[tuple[int, ...]] = Remembered(_budget, _cost, _find_breaks)
_pieces: Remembered[tuple[str, ...]] = Remembered(_budget, _cost, _split)
