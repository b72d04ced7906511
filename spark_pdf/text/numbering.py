"""The numbers that a face's glyphs have in PDF fonts: character codes, and glyph ids of embedded programs.

In: a `Face`. Out: for each glyph id of its file one code, whatever a document shows, so that encoded words can be kept
and used in any document, in any order. Not the glyph id itself, although that would do: files place the euro, or an
accent that letters are composed of, behind thousands of other glyphs, and an embedded program has a place for each
number up to the highest in use.

- 0 is `.notdef`.
- Characters of Windows-1252 have its codes: Western documents need no number above 255, and one and the same
  /ToUnicode tells the text of all of them.
- From 256 on: what Latin text comes to beside its characters (parts of composite letters, ligatures, figures of other
  styles), as HarfBuzz finds it; then all other characters in the order of Unicode; then all other glyphs.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

import uharfbuzz as hb

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

_FIRST = 256
_MOST = 65536
_LATIN = range(0x20, 0x250)
_STYLES = ("c2sc", "lnum", "onum", "pnum", "smcp", "tnum", "zero")
"""Features that business documents ask for, beside those that text has unasked."""


def _windows_1252() -> dict[int, int]:
    found: dict[int, int] = {}
    for code in (*range(0x20, 0x7F), *range(0x80, 0x100)):
        character = bytes([code]).decode("cp1252", "ignore")
        if character:
            found[ord(character)] = code
    return found


WESTERN = _windows_1252()
"""Codes of Windows-1252 by code point, controls left out."""


class Numbering:
    """`codes`: by glyph id; `glyphs`: the other way round. `characters`: the character of a glyph, where it has one.

    `western`: whether codes below 256 are those of Windows-1252, as in all but the largest files.
    """

    __slots__ = ("characters", "codes", "glyphs", "western")

    def __init__(self, face: Face) -> None:
        self.characters = _reverse_cmap(face)
        self.codes = _numbered(face.glyph_count, self.characters, closure(face, _LATIN))
        self.glyphs = array("H", bytes(2 * (max(self.codes) + 1)))
        for glyph, code in enumerate(self.codes):
            self.glyphs[code] = glyph
        self.western = face.glyph_count <= _MOST - _FIRST


def _reverse_cmap(face: Face) -> dict[int, str]:
    """Characters by glyph. Of several characters the lowest wins: the space, not the no-break space.

    Presentation forms are left out: their glyphs are shown for the letters that they are forms of, and say so by
    entries of their own in each document. So are controls, for which some files have the space's glyph.
    """
    found: dict[int, str] = {}
    nominal = face.hb_font.get_nominal_glyph
    for codepoint in sorted(face.hb_face.unicodes, reverse=True):
        if 0xFB00 <= codepoint <= 0xFDFF or 0xFE70 <= codepoint <= 0xFEFC:
            continue
        if codepoint < 0x20 or 0x7F <= codepoint < 0xA0:
            continue
        glyph = nominal(codepoint)
        if glyph:
            found[glyph] = chr(codepoint)
    return found


def closure(face: Face, characters: Iterable[int]) -> list[int]:
    """The glyphs that a text of these characters may come to, in the order of their ids."""
    request = hb.SubsetInput()
    request.unicode_set.update(characters)
    request.layout_feature_tag_set.update([int.from_bytes(tag.encode(), "big") for tag in _STYLES])
    try:
        return sorted(hb.SubsetPlan(face.hb_face, request).old_to_new_glyph_mapping)
    except (hb.HarfBuzzError, RuntimeError):  # a damaged file, which is reported when its glyphs are shown
        return []


def _numbered(count: int, characters: dict[int, str], early: list[int]) -> list[int]:
    """Codes by glyph id. `early`: glyphs that come first from 256 on, if they are no Latin characters themselves."""
    ordered = sorted([(ord(character), glyph) for glyph, character in characters.items() if 0 < glyph < count])
    codes = [0] + [-1] * (count - 1)
    for codepoint, glyph in ordered:
        codes[glyph] = WESTERN.get(codepoint, -1)
    first = [glyph for glyph in early if glyph < count and ord(characters.get(glyph, "\ufffd")) not in _LATIN]
    following = _FIRST
    for glyph in [*first, *[glyph for _, glyph in ordered], *range(count)]:
        if codes[glyph] < 0 and following < _MOST:
            codes[glyph] = following
            following += 1
    if following == _MOST:  # nearly as many glyphs as there are numbers: the last of them go into gaps
        used = set(codes)
        gaps = iter([code for code in range(1, _FIRST) if code not in used])
        codes = [next(gaps) if code < 0 else code for code in codes]
    return codes
