"""What shaping yields: a word, as runs of glyphs that each come from one face.

A word is shaped once per worker for a given (face chain, features, language) and then shared by every line of every
document that holds it. It carries no position, no size and no colour, so that it can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_pdf.text.face import Face


class ShapedRun:
    """Glyphs of one face, in visual order.

    `glyphs`: glyph ids of the face's font file. `advances`: per glyph, in font units, kerning included.
    `offsets`: per glyph (dx, dy) in font units, or None where all are zero. `clusters`: per glyph, the index in
    `text` of the first character that it stands for. `width`: sum of the advances in em.
    `drawn` belongs to `pdf`: what it remembers of this run (encoded operators); None until it was first drawn.
    """

    __slots__ = ("advances", "clusters", "drawn", "face", "glyphs", "offsets", "text", "width")

    def __init__(
        self,
        face: Face,
        text: str,
        glyphs: tuple[int, ...],
        advances: tuple[int, ...],
        offsets: tuple[tuple[int, int], ...] | None,
        clusters: tuple[int, ...],
    ) -> None:
        self.face = face
        self.text = text
        self.glyphs = glyphs
        self.advances = advances
        self.offsets = offsets
        self.clusters = clusters
        self.width = sum(advances) / face.units_per_em
        self.drawn: object | None = None


class Word:
    """A shaped piece of text that no line break divides: one run, or several where a face lacks a glyph.

    `width` in em, without letter- or word-spacing. `is_space`: made of spaces only, so it hangs at a line's end,
    stretches under justification, and takes word-spacing. `missing`: characters for which no face has a glyph (they
    are drawn as the first face's `.notdef`, and reported). `plain` belongs to the inline layout: the word was seen to
    need no looking at (`Pieces`).
    """

    __slots__ = ("is_space", "missing", "plain", "runs", "text", "width")

    def __init__(self, text: str, runs: tuple[ShapedRun, ...], missing: tuple[str, ...] = ()) -> None:
        self.text = text
        self.runs = runs
        self.missing = missing
        self.width = runs[0].width if len(runs) == 1 else sum([run.width for run in runs], 0.0)
        self.plain = False
        self.is_space = bool(text) and not text.strip(" ")  # U+00A0 is no such space: it neither hangs nor stretches
