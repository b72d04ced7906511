"""Shaping: a word of text, features, language and direction in; glyphs of one or several faces out, from a cache.

HarfBuzz shapes (kerning and standard ligatures are on). A word is first shaped whole in the first face; only where
that leaves a `.notdef`, or where it mixes scripts, is it cut into grapheme clusters (UAX 29) and each given the first
face that can show it (CSS Fonts 4, section 5.3, "Cluster matching"). Nothing here asks the process's locale, which
HarfBuzz would by default.

Words are remembered as long as the worker lives, all of them within one budget of bytes (`cache.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

import uharfbuzz as hb

from spark_pdf.text.cache import Budget, Remembered
from spark_pdf.text.clusters import grapheme_clusters
from spark_pdf.text.pairs import LETTERS, PairShaper, clusters_of, plain_letters
from spark_pdf.text.spaces import SpaceKerning, space_kerning
from spark_pdf.text.words import ShapedRun, Word

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

DIRECTIONS = ("ltr", "rtl", "override")
"""How words are shaped: "ltr" lets each script go its own way, as where there is nothing for bidi to do; "rtl" and
"override" go right to left and left to right whatever the script. Behind them, `|before|after` says what adjoins.
"""

Features = tuple[tuple[str, int], ...]
"""OpenType features as in CSS font-feature-settings: (("tnum", 1), ("liga", 0))."""

_WORD_COST, _GLYPH_COST = 450, 25
"""Bytes that a word takes with its runs and what `pdf` remembers of them, and each of its glyphs (tracemalloc)."""

_ONE_SCRIPT = re.compile(
    r"[\x20-\x7e\xa0-\u024f\u1e00-\u1eff\u2000-\u200d\u2010-\u2027\u202f-\u205e\u20a0-\u20c0\u2100-\u218b\u2190-\u21ff\u2200-\u22ff]*"
)
"""Latin letters and characters of no script: one HarfBuzz run of script Latn."""


Words = Remembered[Word]
"""Words of one face chain, feature set, language and direction: `words[text]` is the shaped word."""


def _cost(text: str) -> int:
    return _WORD_COST + _GLYPH_COST * len(text)


_FLAGS = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
_budget = Budget(16 * 1024 * 1024)


class Faces(Protocol):
    """What shaping asks of a `FaceChain`."""

    def face_at(self, index: int) -> Face | None:
        """The i-th face; None behind the last."""

    def shows(self, index: int, text: str) -> bool:
        """Whether the i-th face may show these characters."""

    def features_at(self, index: int) -> Features:
        """Features that the i-th face has by itself."""


class _Maker:
    """Makes the words of one `Words`: those of Latin letters by one call of HarfBuzz in the first face, if that has
    them all.
    """

    __slots__ = ("_around", "_count", "_direction", "_face", "_features", "_language", "_pairs", "_settings", "_shaper")

    def __init__(
        self, shaper: Shaper, features: dict[str, int], language: str, direction: str, before: str, after: str
    ) -> None:
        self._shaper = shaper
        self._features = features
        self._language = language
        self._direction = direction
        self._around = (before, after)
        self._count = 0
        self._pairs: PairShaper | None = None
        self._face = shaper.first_face if direction == "ltr" else None
        self._settings = shaper.settings(0, features)

    def __call__(self, text: str) -> Word:
        face = self._face
        if self._pairs is not None:
            plain = self._pairs.run(text)
            if plain is not None:
                return Word(text, (plain,))
        if face is not None and _ONE_SCRIPT.fullmatch(text) and self._shaper.shows_first(text):
            run = _shape_run(face, text, self._settings, "Latn", "ltr", self._language)
            if self._pairs is None:
                self._count += 1
                if self._count == _MANY and self._shaper.shows_first(LETTERS):
                    self._pairs = self._pair_shaper(face)
            if 0 not in run.glyphs:
                return Word(text, (run,) if run.glyphs else ())
        return self._shaper.shape(text, self._features, self._language, self._direction, *self._around)

    def _pair_shaper(self, face: Face) -> PairShaper:
        key = (face.key, tuple(sorted(self._settings.items())))
        plain = _plain.get(key)
        if plain is None:
            if len(_plain) >= 256:
                _plain.clear()
            plain = _plain[key] = plain_letters(face.data, 0, self._settings)
        return PairShaper(face, plain, self._shape_alone)

    def _shape_alone(self, text: str) -> ShapedRun:
        assert self._face is not None
        return _shape_run(self._face, text, self._settings, "Latn", "ltr", self._language)


_MANY = 400
"""Words of one face, from which on it pays to look into its layout tables: some 50 ms, once per worker."""
_plain: dict[tuple[str, Features], frozenset[str]] = {}


class Shaper:
    """Shapes words in the faces of a chain."""

    __slots__ = ("_chain", "_chosen")

    def __init__(self, chain: Faces) -> None:
        self._chain = chain
        self._chosen: dict[tuple[str, str], int | None] = {}

    def words(self, features: Features, language: str, direction: str) -> Words:
        """A cache of words with these features, in this language and direction."""
        settings, spoken = dict(features), language or "und"
        way, *around = direction.split("|")
        before, after = around or ("", "")
        return Remembered(_budget, _cost, _Maker(self, settings, spoken, way, before, after))

    @property
    def first_face(self) -> Face | None:
        """The chain's first face."""
        return self._chain.face_at(0)

    def shows_first(self, text: str) -> bool:
        """Whether the first face may show these characters."""
        return self._chain.shows(0, text)

    def shape(
        self, text: str, features: dict[str, int], language: str, direction: str, before: str = "", after: str = ""
    ) -> Word:
        """Shape a word anew, of any script, in as many faces as it takes. `before`, `after`: what adjoins it, which
        its letters join to.
        """
        chain = self._chain
        first = chain.face_at(0)
        assert first is not None
        runs: list[ShapedRun] = []
        missing: list[str] = []
        items = self._itemise(text, language)
        for number, (piece, script, index) in enumerate(items):
            face = first if index is None else chain.face_at(index)
            assert face is not None
            if index is None:
                missing.extend(c for c in piece if _lacks(first, c))
            settings = self.settings(index or 0, features)
            around = (before if number == 0 else "", after if number == len(items) - 1 else "")
            run = _shape_run(face, piece, settings, script, _way(script, direction), language, around)
            if run.glyphs:
                runs.append(run)
        if direction == "rtl":
            runs.reverse()
        return Word(text, tuple(runs), tuple(dict.fromkeys(missing)))

    def settings(self, index: int, features: dict[str, int]) -> dict[str, int]:
        """The features asked for, over those that the i-th face has by itself."""
        own = self._chain.features_at(index)
        return {**dict(own), **features} if own else features

    def space_kerning(self, index: int, features: Features) -> SpaceKerning | None:
        """How the i-th face kerns its space with letters of Latin text."""
        face = self._chain.face_at(index)
        assert face is not None
        settings = self.settings(index, dict(features))

        def shape(text: str, kerned: bool) -> ShapedRun:
            return _shape_run(face, text, settings if kerned else {**settings, "kern": 0}, "Latn", "ltr", "und")

        return space_kerning(face, shape)

    def _itemise(self, text: str, language: str) -> list[tuple[str, str, int | None]]:
        """Cut into pieces of one script and one face: (piece, script, the face's number, None where no face has it)."""
        clusters = grapheme_clusters(text)
        scripts = _scripts_of(clusters)
        pieces: list[tuple[list[str], str, int | None]] = []
        for cluster, script in zip(clusters, scripts, strict=True):
            index = self._choose(cluster, script, language)
            if pieces and pieces[-1][1:] == (script, index):
                pieces[-1][0].append(cluster)
            else:
                pieces.append(([cluster], script, index))
        return [("".join(parts), script, index) for parts, script, index in pieces]

    def _choose(self, cluster: str, script: str, language: str) -> int | None:
        """Number of the first face that shows the whole cluster; None where none does."""
        key = (cluster, script)
        if key not in self._chosen:
            if len(self._chosen) > 20_000:
                self._chosen.clear()
            self._chosen[key] = self._first_that_shows(cluster, script, language)
        return self._chosen[key]

    def _first_that_shows(self, cluster: str, script: str, language: str) -> int | None:
        index = 0
        while (face := self._chain.face_at(index)) is not None:
            if (
                self._chain.shows(index, cluster)
                and 0 not in _shape_run(face, cluster, {}, script, _direction_of(script), language).glyphs
            ):
                return index
            index += 1
        return None


_ONE_TO_ONE = {clusters: clusters for clusters in [clusters_of(count) for count in range(65)]}
"""The clusters of most words, so that these share one tuple; as they share the numbers of their advances."""
_shared = {units: units for units in range(4096)}.get
_glyph, _cluster, _position = attrgetter("codepoint"), attrgetter("cluster"), attrgetter("position")


def _shape_run(
    face: Face, text: str, features: dict[str, int], script: str, direction: str, language: str,
    around: tuple[str, str] = ("", ""),
) -> ShapedRun:  # fmt: skip
    """One call of HarfBuzz. Default-ignorables (soft hyphen, joiners, selectors, bidi marks) leave no glyph."""
    buffer = hb.Buffer()
    if around[0] or around[1]:
        buffer.add_str(f"{around[0]}{text}{around[1]}", len(around[0]), len(text))
    else:
        buffer.add_str(text)
    if not text.isascii():  # where there is nothing to remove; the enumeration takes a third of a call
        buffer.flags = _FLAGS
    buffer.direction = direction
    buffer.script = script
    buffer.language = language
    hb.shape(face.hb_font, buffer, features)
    infos = buffer.glyph_infos
    if not infos:
        return ShapedRun(face, text, (), (), None, ())
    # Loops of the interpreter's own: they take half of the time that comprehensions do.
    across, up, advances, _ = zip(*map(_position, buffer.glyph_positions), strict=True)
    clusters = tuple(map(_cluster, infos))
    if around[0]:
        clusters = tuple([cluster - len(around[0]) for cluster in clusters])
    return ShapedRun(
        face,
        text,
        tuple(map(_glyph, infos)),
        tuple(map(_shared, advances, advances)),
        tuple(zip(across, up, strict=True)) if any(across) or any(up) else None,
        _ONE_TO_ONE.get(clusters, clusters),
    )


def _lacks(face: Face, character: str) -> bool:
    """Whether the character alone is drawn as `.notdef`."""
    return 0 in _shape_run(face, character, {}, _script_of(character), "ltr", "und").glyphs


@lru_cache(maxsize=8192)
def _script_of(character: str) -> str:
    """The Script property (UAX 24), which HarfBuzz knows; Zyyy and Zinh where the character goes with any script."""
    buffer = hb.Buffer()
    buffer.add_str(character)
    buffer.language = "und"
    buffer.guess_segment_properties()
    return str(buffer.script or "Zyyy")


def _scripts_of(clusters: Sequence[str]) -> list[str]:
    """Script of each cluster; those of no script take the one before them, or else the first that follows."""
    found = [_script_of(cluster[0]) for cluster in clusters]
    real = next((s for s in found if s not in _NO_SCRIPT), "Latn")
    result = []
    for script in found:
        if script not in _NO_SCRIPT:
            real = script
        result.append(real)
    return result


_NO_SCRIPT = frozenset({"Zyyy", "Zinh", "Zzzz"})
_RIGHT_TO_LEFT = frozenset({
    "Adlm", "Arab", "Armi", "Avst", "Cprt", "Hebr", "Hung", "Khar", "Lydi", "Mand", "Mend", "Narb", "Nkoo", "Orkh",
    "Phli", "Phnx", "Prti", "Rohg", "Samr", "Sarb", "Sogd", "Syrc", "Thaa", "Yezi",
})  # fmt: skip


def _way(script: str, direction: str) -> str:
    """Where bidi has decided, its way; else that of the script."""
    if direction == "ltr":
        return _direction_of(script)
    return "rtl" if direction == "rtl" else "ltr"


def _direction_of(script: str) -> str:
    """Each run goes the way of its script, whatever the text around it (reordering between runs is bidi's)."""
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"
