"""Small capitals and sub- and superscripts of fonts that have no glyphs for them (CSS Fonts 4, 6.5 and 6.6).

In: a face chain, and the same chain at a smaller scale. Out: words whose runs come from both. The text of a run stays
what was written, so that who extracts it finds "Smith" where "SMITH" is seen.
"""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING

from spark_pdf.text.cache import Budget, Remembered
from spark_pdf.text.words import ShapedRun, Word

if TYPE_CHECKING:
    from spark_pdf.text.face import Face
    from spark_pdf.text.fonts import FaceChain
    from spark_pdf.text.shaping import Features, Words

CAPS_FEATURES = {
    "small-caps": ("smcp",), "all-small-caps": ("smcp", "c2sc"), "petite-caps": ("pcap",),
    "all-petite-caps": ("pcap", "c2pc"), "unicase": ("unic",),
}  # fmt: skip
POSITION_FEATURES = {"sub": "subs", "super": "sups"}
_budget = Budget(2 * 1024 * 1024)


def substitutes(face: Face, feature: str) -> bool:
    """Whether the GSUB table of a font has a feature."""
    table = face.table("GSUB")
    if len(table) < 10:
        return False
    (start,) = struct.unpack_from(">H", table, 6)
    if start + 2 > len(table):
        return False
    (count,) = struct.unpack_from(">H", table, start)
    wanted = feature.encode()
    return any(table[at : at + 4] == wanted for at in range(start + 2, min(start + 2 + 6 * count, len(table)), 6))


def caps_scale(face: Face) -> float:
    """How large capitals are as small ones: as high as a small x."""
    return min(max(face.x_height / face.cap_height, 0.6), 0.9) if face.cap_height > 0 else 0.75


def script_metrics(face: Face, which: str) -> tuple[float, float]:
    """Scale and rise in em of sub- or superscripts, by OS/2."""
    table = face.table("OS/2")
    if len(table) >= 26:
        size, offset = struct.unpack_from(">h2xh", table, 12 if which == "sub" else 20)
        em = face.units_per_em * face.changes.scale
        if 0.3 * em <= size <= em and 0 <= offset <= em:
            return size / em, -offset / em if which == "sub" else offset / em
    return 0.6, -0.15 if which == "sub" else 0.35


class Variant:
    """How a style's words are made where features are lacking. `kind` is a value of `font-variant-caps`, or "sub" or
    "super"; `rise` in em. `partly`: the face has raised or lowered glyphs, if not for all characters.
    """

    __slots__ = ("_features", "_kind", "_main", "_partly", "_plain", "_rise", "_small", "_words")

    def __init__(
        self, main: FaceChain, small: FaceChain, kind: str, features: Features, rise: float = 0.0, partly: bool = False
    ) -> None:
        self._main = main
        self._small = small
        self._kind = kind
        self._features = features
        self._plain = tuple([item for item in features if item[0] not in POSITION_FEATURES.values()])
        self._rise = rise
        self._partly = partly
        self._words: dict[tuple[str, str], Words] = {}

    def words(self, language: str, direction: str) -> Words:
        """The cache of words in a language and direction."""
        key = (language, direction)
        found = self._words.get(key)
        if found is None:
            main = self._main.words(self._features, language, direction)
            small = self._small.words(self._plain, language, direction)
            if self._kind in POSITION_FEATURES:
                found = self._raised(main, self._main.words(self._plain, language, direction), small)
            else:
                found = self._capitals(main, small)
            self._words[key] = found
        return found

    def _raised(self, main: Words, plain: Words, small: Words) -> Words:
        rise, partly = self._rise, self._partly

        def make(text: str) -> Word:
            # All of a word looks alike: a face with raised figures alone is not used for "4th" (CSS Fonts 4, 6.5)
            if partly and _all_differ(main[text], plain[text]):
                return main[text]
            word = small[text]
            return Word(text, tuple([_moved(run, rise) for run in word.runs]), word.missing)

        return Remembered(_budget, _cost, make)

    def _capitals(self, main: Words, small: Words) -> Words:
        kind = self._kind

        def make(text: str) -> Word:
            runs: list[ShapedRun] = []
            missing: list[str] = []
            for is_small, characters in groupby(text, lambda c: _is_small(c, kind)):
                part = "".join(characters)
                word = small[part.upper()] if is_small else main[part]
                runs += [_of_text(run, part, part.upper()) for run in word.runs] if is_small else word.runs
                missing += word.missing
            return Word(text, tuple(runs), tuple(dict.fromkeys(missing)))

        return Remembered(_budget, _cost, make)


def _all_differ(word: Word, plain: Word) -> bool:
    """Whether a feature has changed each glyph of a word."""
    return len(word.runs) == len(plain.runs) and all(
        one.face is other.face and not set(one.glyphs) & set(other.glyphs)
        for one, other in zip(word.runs, plain.runs, strict=True)
    )


def _is_small(character: str, kind: str) -> bool:
    if kind == "unicase":
        return character.isupper()
    return character != character.upper() or (kind.startswith("all-") and character.isupper())


def _of_text(run: ShapedRun, text: str, upper: str) -> ShapedRun:
    """A run of capitals as one of the letters that it stands for."""
    if len(upper) == len(run.text) == len(text):
        return ShapedRun(run.face, text, run.glyphs, run.advances, run.offsets, run.clusters)
    places = [index for index, character in enumerate(text) for _ in character.upper()]
    if len(places) != len(run.text):
        return run  # one of several runs, whose faces divide it: it is known by its capitals
    clusters = tuple([places[cluster] for cluster in run.clusters])
    return ShapedRun(run.face, text, run.glyphs, run.advances, run.offsets, clusters)


def _moved(run: ShapedRun, rise: float) -> ShapedRun:
    units = round(rise * run.face.units_per_em)
    offsets = run.offsets or ((0, 0),) * len(run.glyphs)
    return ShapedRun(
        run.face, run.text, run.glyphs, run.advances, tuple([(dx, dy + units) for dx, dy in offsets]), run.clusters
    )


def _cost(text: str) -> int:
    return 500 + 40 * len(text)
