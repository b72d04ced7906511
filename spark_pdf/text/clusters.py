"""Grapheme clusters (UAX 29) in linear time: text in, the offsets of its boundaries out.

`uniseg` goes back over all marks, or flags, before a character to decide whether a cluster ends there; a character
with ten thousand accents, which nobody reads but some record has, takes it minutes. So long runs of them are handed to
it shortened: there is no boundary before a mark, and one behind each second regional indicator.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from uniseg.graphemecluster import grapheme_cluster_boundaries

_LONG = 32
"""Marks of a run at each end that are looked at; and the length of a text in which no run can be long."""

_FLAGS = range(0x1F1E6, 0x1F200)


def boundaries(text: str) -> list[int]:
    """Offsets at which clusters begin, and the end of the text."""
    if len(text) <= _LONG or text.isascii():
        return list(grapheme_cluster_boundaries(text))
    found: list[int] = [0]
    start = 0
    for end in (*_cuts(text), len(text)):
        found += [start + at for at in _within(text[start:end]) if at]
        start = end
    return found


def grapheme_clusters(text: str) -> list[str]:
    """The clusters themselves."""
    ends = boundaries(text)
    return [text[start:end] for start, end in pairwise(ends)]


def _cuts(text: str) -> list[int]:
    """Places within long runs of regional indicators where a boundary is certain."""
    found: list[int] = []
    start = -1
    for at, character in enumerate(text):
        if ord(character) not in _FLAGS:
            start = -1
        elif start < 0:
            start = at
        elif (at - start) % _LONG == 0:
            found.append(at)
    return found


def _within(text: str) -> list[int]:
    """Boundaries of a text, in which only the ends of long runs of marks are looked at."""
    kept: list[int] = []
    run = 0
    for at, character in enumerate(text):
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        kept.append(at)
        if run > 2 * _LONG:
            del kept[-_LONG - 1]
    if len(kept) == len(text):
        return list(grapheme_cluster_boundaries(text))
    short = "".join([text[at] for at in kept])
    return [kept[at] if at < len(kept) else len(text) for at in grapheme_cluster_boundaries(short)]
