"""Kerning with the space: faces set some letters closer to it ("A", "T", "Y"; in some families half the alphabet).

In: a face and what shapes a text in it. Out: the space as wide as it is between two letters. Words are shaped one by
one, so HarfBuzz never sees these pairs; it is asked for all of them at once, when a face is first used. The space
takes what belongs to its neighbours too, so that it all goes away with the space at a line's end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_pdf.text.words import ShapedRun, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_pdf.text.face import Face

LETTERS: Final = "".join(map(chr, (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x180)))) + "–—‘’‚“”„†•…‹›€™"
"""Those that are asked for: what stands beside spaces in Latin text."""


class SpaceKerning:
    """What a face kerns its space by. `behind`: in font units by the letter before the space; `ahead`: after it."""

    __slots__ = ("_ahead", "_behind", "_space", "_words")

    def __init__(self, behind: dict[str, int], ahead: dict[str, int], space: ShapedRun) -> None:
        self._behind = behind
        self._ahead = ahead
        self._space = space
        self._words: dict[int, Word] = {}

    def apply(self, words: list[Word]) -> None:
        """Put in place of each single space among words the one that is as wide as its neighbours ask for."""
        face = self._space.face
        last = len(words) - 1
        for index, word in enumerate(words):
            if word.text != " ":
                continue
            units = 0
            if index:
                before = words[index - 1]
                if before.runs and before.runs[-1].face is face:
                    units = self._behind.get(before.text[-1], 0)
            if index < last:
                after = words[index + 1]
                if after.runs and after.runs[0].face is face:
                    units += self._ahead.get(after.text[0], 0)
            if units:
                words[index] = self._words.get(units) or self._kerned(units)

    def _kerned(self, units: int) -> Word:
        run = self._space
        kerned = ShapedRun(run.face, " ", run.glyphs, (run.advances[0] + units,), run.offsets, run.clusters)
        found = self._words[units] = Word(" ", (kerned,))
        return found


def space_kerning(face: Face, shape: Callable[[str, bool], ShapedRun]) -> SpaceKerning | None:
    """The kerning of a face's space; None where it has none. `shape(text, kerned)`: HarfBuzz, with and without it."""
    if not (face.table("GPOS") or face.table("kern")):
        return None
    letters = [letter for letter in LETTERS if face.covers(ord(letter))]
    text = " " + "".join([f"{letter} " for letter in letters])
    kerned, plain = shape(text, True), shape(text, False)
    if kerned.glyphs != plain.glyphs or len(plain.glyphs) != len(text) or kerned.offsets is not None:
        return None  # more than pairs
    taken = [a - b for a, b in zip(kerned.advances, plain.advances, strict=True)]
    behind = {letter: units for letter, units in zip(letters, taken[1::2], strict=True) if units}
    ahead = {letter: units for letter, units in zip(letters, taken[0:-1:2], strict=True) if units}
    return SpaceKerning(behind, ahead, shape(" ", False)) if behind or ahead else None
