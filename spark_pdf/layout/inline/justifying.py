"""Justification beyond spaces (CSS Text 3, 7.3 and 7.4): between ideographs, and between all letters.

In: the parts of a line, what is free on it, `text-justify`. Out: the parts with what they take. `auto` stretches spaces
and the gaps beside ideographs and kana; `inter-character` all gaps but those within cursive scripts.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import TEXT
from spark_pdf.layout.fragments import TextFragment
from spark_pdf.layout.inline.textrun import clusters
from spark_pdf.layout.inline.whitespace import WIDE
from spark_pdf.text.bidi import needs_bidi

if TYPE_CHECKING:
    from spark_pdf.layout.inline.inline import _Line
    from spark_pdf.layout.inline.special import Leaf
    from spark_pdf.text.words import Word


def part_for_justification(line: _Line, leaves: list[Leaf]) -> list[Leaf]:
    """Texts divided where ideographs meet other letters, so that each part stretches in one way."""
    from spark_pdf.layout.inline.special import Leaf

    if line.lines.style.text_justify != "auto":
        return leaves
    result: list[Leaf] = []
    for leaf in leaves:
        fragment = leaf.fragment
        if leaf.item is None or leaf.item.kind != TEXT or leaf.level % 2 or not WIDE.search(leaf.item.pieces.text):
            result.append(leaf)
            continue
        groups = [tuple(words) for _, words in groupby(fragment.words, _is_wide)]
        if len(groups) < 2:
            result.append(leaf)
            continue
        metrics = leaf.item.pieces.metrics
        for number, words in enumerate(groups):
            width = sum([_width(word, metrics.size, metrics.letter, metrics.word) for word in words])
            if number == 0:
                fragment.words, fragment.width, leaf.width = words, width, width
                result.append(leaf)
                at = next(index for index, run in enumerate(line.runs) if run[0] is fragment)
                continue
            part = TextFragment(fragment.style, fragment.node, 0.0, 0.0, width, words, fragment.space)
            part.link = fragment.link
            run = (part, leaf.parent, leaf.item, 0)
            line.runs.insert(at + number, run)
            result.append(Leaf(run, leaf.parent, leaf.item, leaf.level, width, 0.0))
    return result


def _is_wide(word: Word) -> bool:
    return WIDE.search(word.text) is not None


def _width(word: Word, size: float, letter: float, spacing: float) -> float:
    width = word.width * size
    if letter:
        width += letter * clusters(word)
    return width + spacing * len(word.text) if spacing and word.is_space else width


def justify(visual: list[Leaf], free: float, how: str) -> float:
    """Share what is free among the parts; returns what was taken."""
    if free <= 0 or how == "none":
        return 0.0
    spread = how in ("inter-character", "distribute")
    plans: list[tuple[Leaf, int, int, int]] = []  # part, its spaces, its gaps between letters, 1 if one follows it
    for number, leaf in enumerate(visual):
        last = number == len(visual) - 1
        after = None if last else visual[number + 1]
        plans.append((leaf, *_gaps(leaf, after, last, spread, how)))
    count = sum([spaces + letters + behind for _, spaces, letters, behind in plans])
    if not count:
        return 0.0
    each = free / count
    for leaf, spaces, letters, behind in plans:
        fragment = leaf.fragment
        if letters:
            fragment.letter += each
        elif spaces:
            fragment.space += each
        taken = each * (spaces + letters)
        if taken:
            fragment.width += taken
            leaf.width += taken
        leaf.after = each * behind
    return free


def _gaps(leaf: Leaf, after: Leaf | None, last: bool, spread: bool, how: str) -> tuple[int, int, int]:
    if leaf.item is None or leaf.item.kind != TEXT:
        return 0, 0, 1 if leaf.fragment is not None and not last and (spread or _wide_leaf(after)) else 0
    words = leaf.fragment.words
    cursive = needs_bidi(leaf.item.pieces.text)
    if (spread and not cursive) or (how == "auto" and words and all(map(_is_wide, words))):
        count = sum(map(clusters, words))
        return 0, count - 1 if last else count, 0
    spaces = sum([len(word.text) for word in words if word.is_space])
    return spaces, 0, 1 if how == "auto" and not last and words and not words[-1].is_space and _wide_leaf(after) else 0


def _wide_leaf(leaf: Leaf | None) -> bool:
    if leaf is None or leaf.item is None or leaf.item.kind != TEXT or not leaf.fragment.words:
        return False
    return _is_wide(leaf.fragment.words[0])
