"""Shaping: a word of text, features, language and direction in; glyphs of one or several faces out, from a cache.

HarfBuzz shapes (kerning and standard ligatures are on). A word is first shaped whole in the first face; only where that
leaves a `.notdef`, or where it mixes scripts, is it cut into grapheme clusters (UAX 29) and each given the first face that can show it
(CSS Fonts 4, section 5.3, "Cluster matching"). Nothing here asks the process's locale, which HarfBuzz would by default.

The caches live as long as the worker, and all of them together are bounded by `_BUDGET` bytes: each keeps two
generations, and when the young ones are full, the old ones are dropped. A hit in the young generation, the usual case, is one
dictionary look-up in C: `Words` is a dictionary that shapes what it lacks.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import uharfbuzz as hb
from uniseg.graphemecluster import grapheme_clusters

from spark_pdf.text.words import ShapedRun, Word

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

Features = tuple[tuple[str, int], ...]
"""OpenType features as in CSS font-feature-settings: (("tnum", 1), ("liga", 0))."""

_BUDGET = 48 * 1024 * 1024
_WORD_COST, _GLYPH_COST = 1000, 220
"""Bytes that a word takes, with its runs and what `pdf` remembers of them, and each of its glyphs (tracemalloc, CPython 3.11)."""

_ONE_SCRIPT = re.compile(r"[\x20-\x7e\xa0-\u024f\u1e00-\u1eff\u2000-\u200d\u2010-\u2027\u202f-\u205e\u20a0-\u20c0\u2100-\u218b\u2190-\u21ff\u2200-\u22ff]*")
"""Latin letters and characters of no script: one HarfBuzz run of script Latn."""

_buffer: Any = hb.Buffer()


class _Generations:
    """The budget that all word caches of this process share."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.young = 0
        self.caches: weakref.WeakSet[Words] = weakref.WeakSet()

    def charge(self, cost: int) -> None:
        """Count what was put into a young generation; when they are full, they become the old ones."""
        self.young += cost
        if self.young > self.budget // 2:
            for cache in list(self.caches):
                cache.age()
            self.young = 0


_generations = _Generations(_BUDGET)


class Words(dict[str, Word]):
    """Words of one face chain, feature set, language and direction: `words[text]` is the shaped word, cached."""

    __slots__ = ("__weakref__", "_direction", "_features", "_language", "_old", "_shaper")

    def __init__(self, shaper: Shaper, features: Features, language: str, direction: str) -> None:
        super().__init__()
        self._shaper = shaper
        self._features = dict(features)
        self._language = language or "und"
        self._direction = direction
        self._old: dict[str, Word] = {}
        _generations.caches.add(self)

    def __missing__(self, text: str) -> Word:
        word = self._old.get(text)
        if word is None:
            word = self._shaper.shape(text, self._features, self._language, self._direction)
        self[text] = word
        _generations.charge(_WORD_COST + _GLYPH_COST * len(text))
        return word

    def age(self) -> None:
        """The young generation becomes the old one, the old one is forgotten."""
        self._old = dict(self)
        self.clear()

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)  # only for the weak set of caches

    def __eq__(self, other: object) -> bool:
        return self is other


class Shaper:
    """Shapes words in a list of faces. `face_at(i)` loads the i-th face, or gives None behind the last."""

    __slots__ = ("_chosen", "_face_at")

    def __init__(self, face_at: Callable[[int], Face | None]) -> None:
        self._face_at = face_at
        self._chosen: dict[tuple[str, str], int | None] = {}

    def shape(self, text: str, features: dict[str, int], language: str, direction: str) -> Word:
        """Shape a word anew: what stands in `Words`."""
        first = self._face_at(0)
        assert first is not None
        if _ONE_SCRIPT.fullmatch(text):
            run = _shape_run(first, text, features, "Latn", direction, language)
            if 0 not in run.glyphs:
                return Word(text, (run,) if run.glyphs else ())
        runs: list[ShapedRun] = []
        missing: list[str] = []
        for piece, script, index in self._itemise(text, language):
            face = first if index is None else self._face_at(index)
            assert face is not None
            if index is None:
                missing.extend(c for c in piece if _lacks(first, c))
            run = _shape_run(face, piece, features, script, _direction_of(script, direction), language)
            if run.glyphs:
                runs.append(run)
        if direction == "rtl":
            runs.reverse()
        return Word(text, tuple(runs), tuple(dict.fromkeys(missing)))

    def _itemise(self, text: str, language: str) -> list[tuple[str, str, int | None]]:
        """Cut into pieces of one script and one face: (piece, script, number of the face, None where no face has it)."""
        clusters = list(grapheme_clusters(text))
        scripts = _scripts_of(clusters)
        pieces: list[tuple[str, str, int | None]] = []
        for cluster, script in zip(clusters, scripts, strict=True):
            index = self._choose(cluster, script, language)
            if pieces and pieces[-1][1:] == (script, index):
                pieces[-1] = (pieces[-1][0] + cluster, script, index)
            else:
                pieces.append((cluster, script, index))
        return pieces

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
        while (face := self._face_at(index)) is not None:
            if 0 not in _shape_run(face, cluster, {}, script, _direction_of(script, "ltr"), language).glyphs:
                return index
            index += 1
        return None


def _shape_run(
    face: Face, text: str, features: dict[str, int], script: str, direction: str, language: str
) -> ShapedRun:
    """One call of HarfBuzz. Default-ignorable characters (soft hyphen, joiners, selectors, bidi marks) leave no glyph."""
    buffer = _buffer
    buffer.reset()
    buffer.add_str(text)
    buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
    buffer.direction = direction
    buffer.script = script
    buffer.language = language
    hb.shape(face.hb_font, buffer, features)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    offsets = tuple([(p.x_offset, p.y_offset) for p in positions])
    return ShapedRun(
        face,
        text,
        tuple([info.codepoint for info in infos]),
        tuple([p.x_advance for p in positions]),
        offsets if any(dx or dy for dx, dy in offsets) else None,
        tuple([info.cluster for info in infos]),
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
_RIGHT_TO_LEFT = frozenset(
    "Hebr Arab Syrc Thaa Nkoo Samr Mand Adlm Rohg Mend Hung Avst Armi Phnx Prti Phli Sogd Yezi Cprt Khar Lydi Narb Sarb Orkh".split()
)


@lru_cache(maxsize=1024)
def _direction_of(script: str, direction: str) -> str:
    """A run of a right-to-left script is shaped right to left, also within text that goes the other way."""
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr" if direction == "ltr" else _neutral(script)


def _neutral(script: str) -> str:
    """Direction of a left-to-right script's run within right-to-left text: its own."""
    return "ltr" if script else "rtl"


def total_width(words: Iterable[Word]) -> float:
    """Width of words side by side, in em."""
    return sum(word.width for word in words)
