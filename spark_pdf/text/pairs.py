"""Words shaped without HarfBuzz: where a face does nothing to letters but kern them in pairs, a word is a sum of pairs.

In: a face, OpenType features. Out: for words of such letters, the run that HarfBuzz would give, at a sixth of the
cost; most words that a document does not share with others (amounts, numbers, names) are of this kind.

Which letters: printable ASCII, no glyph of which is where a lookup begins that is active for Latin text, but for pair
adjustment (GPOS type 2) of the first glyph alone. At any place of a word of such letters nothing but a pair can then
apply (OpenType, "GSUB" and "GPOS"). What a pair comes to, HarfBuzz says, once. A face with Apple's layout tables is
left to HarfBuzz altogether.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from spark_pdf.text.words import ShapedRun

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

LETTERS = "".join(map(chr, range(0x21, 0x7F)))

_DEFAULT = frozenset((
    "abvm", "abvs", "blwm", "blws", "calt", "ccmp", "clig", "curs", "dist", "kern", "liga", "locl", "mark", "mkmk",
    "rand", "rclt", "rlig", "rvrn", "haln", "ltra", "ltrm", "Harf", "HARF", "Buzz", "BUZZ",
))  # fmt: skip
"""Features that HarfBuzz applies to Latin text unasked (hb-ot-shape.cc); fractions only around U+2044."""

_APPLE = frozenset(("morx", "mort", "kerx", "trak", "ankr"))

Shape = Callable[[str], ShapedRun]


def plain_letters(data: bytes, number: int, features: dict[str, int]) -> frozenset[str]:
    """The letters of a font file that only pairs move. Empty where the file says too little, or too much.

    `number`: which font of a collection. `features`: what is asked for beside the defaults.
    """
    from fontTools.ttLib import TTFont, TTLibError  # it takes a tenth of a second to import

    try:
        font = TTFont(io.BytesIO(data), fontNumber=number, lazy=True)
        if _APPLE & set(font.keys()):
            return frozenset()
        if "kern" in font and any(getattr(part, "format", 1) for part in font["kern"].kernTables):
            return frozenset()
        cmap = font.getBestCmap() or {}
        touched = _touched(font, features)
    except (TTLibError, AssertionError, KeyError, IndexError, ValueError, AttributeError, TypeError):
        return frozenset()
    return frozenset([letter for letter in LETTERS if ord(letter) in cmap and cmap[ord(letter)] not in touched])


def _touched(font: Any, features: dict[str, int]) -> set[str]:
    """Glyphs at which a lookup may begin that is more than a kerning pair."""
    active = (_DEFAULT | {tag for tag, value in features.items() if value}) - {"kern"}
    found: set[str] = set()
    for table in ("GSUB", "GPOS"):
        if table not in font or font[table].table.LookupList is None:
            continue
        layout = font[table].table
        for record in layout.FeatureList.FeatureRecord if layout.FeatureList is not None else ():
            pairs = record.FeatureTag == "kern" and table == "GPOS"
            if record.FeatureTag in active or pairs:
                for index in record.Feature.LookupListIndex:
                    found.update(_begins(layout.LookupList.Lookup[index], pairs))
        if getattr(layout, "FeatureVariations", None) is not None:
            found.update(font.getGlyphOrder())
    return found


def _begins(lookup: Any, pairs: bool) -> Iterable[str]:
    for subtable in lookup.SubTable:
        if subtable.LookupType in (7, 9) and hasattr(subtable, "ExtSubTable"):
            subtable = subtable.ExtSubTable
        if pairs and subtable.LookupType == 2 and not subtable.ValueFormat2 and subtable.ValueFormat1 in (0, 4):
            continue
        coverage = getattr(subtable, "Coverage", None)
        if coverage is not None:
            yield from (coverage[0] if isinstance(coverage, list) else coverage).glyphs
        elif hasattr(subtable, "mapping"):  # single substitution
            yield from subtable.mapping
        elif hasattr(subtable, "ligatures"):
            yield from subtable.ligatures
        elif hasattr(subtable, "alternates"):
            yield from subtable.alternates
        elif getattr(subtable, "InputCoverage", None):
            yield from subtable.InputCoverage[0].glyphs
        else:
            for name in ("MarkCoverage", "Mark1Coverage"):  # attachment begins at the mark
                covered = getattr(subtable, name, None)
                if covered is not None:
                    yield from covered.glyphs


_ASCII: Final = 128


class PairShaper:
    """Runs of words of plain letters. `shape` is HarfBuzz, for one letter or two.

    By the letters' codes: `_glyphs`, None where one is not plain; `_advances`; `_pairs`, what the first advances before
    the second, None where nobody has asked yet. A word is a walk through lists, without a new string for each pair, and
    without looking into a number: compiled code would make it anew to put it elsewhere.
    """

    __slots__ = ("_advances", "_face", "_glyphs", "_pairs", "_shape")

    def __init__(self, face: Face, plain: frozenset[str], shape: Shape) -> None:
        self._face = face
        self._shape = shape
        self._glyphs: list[object] = [None] * _ASCII
        self._advances: list[object] = [None] * _ASCII
        self._pairs: list[list[object]] = [[] for _ in range(_ASCII)]
        for letter in sorted(plain):
            run = shape(letter)
            if len(run.glyphs) == 1 and run.glyphs[0] and run.offsets is None:
                code = ord(letter)
                self._glyphs[code] = run.glyphs[0]
                self._advances[code] = run.advances[0]
                self._pairs[code] = [None] * _ASCII

    def run(self, text: str) -> ShapedRun | None:
        """The run of a word; None where it holds another letter."""
        if not text or not text.isascii():
            return None
        known, pairs = self._glyphs, self._pairs
        codes = text.encode()
        first = codes[0]
        glyph = known[first]
        if glyph is None:
            return None
        glyphs, advances = [glyph], []
        for index in range(1, len(codes)):
            second = codes[index]
            glyph = known[second]
            if glyph is None:
                return None
            glyphs.append(glyph)
            advance = pairs[first][second]
            if advance is None:
                advance = self._pair(first, second)
                if advance is None:
                    return None
            advances.append(advance)
            first = second
        advances.append(self._advances[first])
        return ShapedRun(self._face, text, tuple(glyphs), tuple(advances), None, clusters_of(len(text)))  # type: ignore[arg-type]

    def _pair(self, first: int, second: int) -> object:
        """What the first advances before the second. None, and less is plain, where there is more to it."""
        run = self._shape(chr(first) + chr(second))
        expected = (self._glyphs[first], self._glyphs[second])
        if run.glyphs != expected or run.offsets is not None or run.advances[1] != self._advances[second]:
            self._glyphs[first] = None
            return None
        self._pairs[first][second] = run.advances[0]
        return run.advances[0]


_ONE_TO_ONE: Final = [tuple(range(count)) for count in range(65)]


def clusters_of(count: int) -> tuple[int, ...]:
    """The clusters of a run whose glyphs stand for a character each; short ones share one tuple."""
    return _ONE_TO_ONE[count] if count < 65 else tuple(range(count))
