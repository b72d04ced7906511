"""Which face shows a text: font families, CSS font matching, and the chain of faces that follows for glyphs it lacks.

In: a bundle's font files, and `font-family`, `font-weight` and `font-style` as computed. Out: a `FaceChain`, which
shapes words. Follows CSS Fonts 4, section 5 (font matching). There are no system fonts: what a bundle does not bring
comes from three families in this package (Arimo, Tinos, Cousine), whose widths are those of Arial, Times
New Roman and Courier New.
"""

from __future__ import annotations

import hashlib
import weakref
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from spark_pdf.errors import BundleError
from spark_pdf.model import RenderWarning
from spark_pdf.text.face import Face, instance, weight_range
from spark_pdf.text.sfnt import plain_sfnt
from spark_pdf.text.shaping import Features, Shaper, Words
from spark_pdf.text.words import Word

FACES = Path(__file__).parent / "faces"

GENERIC = {
    "sans-serif": "arimo", "system-ui": "arimo", "ui-sans-serif": "arimo", "ui-rounded": "arimo", "cursive": "arimo",
    "fantasy": "arimo", "math": "tinos", "emoji": "arimo", "serif": "tinos", "ui-serif": "tinos", "fangsong": "tinos",
    "monospace": "cousine", "ui-monospace": "cousine",
}  # fmt: skip
"""CSS generic families, and the packaged family that each one means."""

ALIASES = {
    "arial": "arimo", "helvetica": "arimo", "helvetica neue": "arimo", "liberation sans": "arimo",
    "times": "tinos", "times new roman": "tinos", "liberation serif": "tinos",
    "courier": "cousine", "courier new": "cousine", "liberation mono": "cousine",
}  # fmt: skip
"""Families that are not packaged, and the packaged one of the same widths that stands in for each; reported."""

_PACKAGED = {"arimo": "Arimo", "tinos": "Tinos", "cousine": "Cousine"}
_LAST_RESORT = ("arimo", "tinos", "cousine")

_faces: weakref.WeakValueDictionary[str, Face] = weakref.WeakValueDictionary()


def load_face(data: bytes, origin: str = "") -> Face:
    """The face of these bytes; the one that this worker has already, if there is one."""
    plain = plain_sfnt(data, origin)
    face = _faces.get(hashlib.sha256(plain).hexdigest())
    if face is None:
        face = Face(plain, origin)
        _faces[face.key] = face
    return face


@cache
def packaged_face(family: str, bold: bool, italic: bool) -> Face:
    """A face of Arimo, Tinos or Cousine (family name in lower case)."""
    style = ("Bold" if bold else "") + ("Italic" if italic else "") or "Regular"
    name = f"{_PACKAGED[family]}-{style}.ttf"
    return load_face((FACES / name).read_bytes(), name)


class _Source:
    """A font file that a bundle brought: weights that it covers, style, bytes. Loaded when it is first used."""

    __slots__ = ("data", "origin", "style", "weights")

    def __init__(self, weights: tuple[int, int], style: str, data: bytes, origin: str) -> None:
        self.weights = weights
        self.style = style
        self.data = data
        self.origin = origin

    def face(self, weight: int) -> Face:
        """The face for a weight that CSS matching has chosen."""
        low, high = self.weights
        return _instanced(self.data, min(max(weight, low), high), self.style != "normal", self.origin)


@lru_cache(maxsize=64)
def _instanced(data: bytes, weight: int, italic: bool, origin: str) -> Face:
    return load_face(instance(data, weight, italic, origin), origin)


class FaceChain:
    """The faces that show a text, in order: those of the chosen families, then the packaged ones for glyphs they lack.

    `warnings`: what the choice has to report (aliases, unknown families, bold that is not there). It depends on nothing
    else, so a document reports the chains that it uses, whatever was rendered before it.
    """

    __slots__ = ("_loaded", "_shaper", "_sources", "_words", "primary", "warnings")

    def __init__(
        self, sources: tuple[tuple[_Source | str, int, bool], ...], warnings: tuple[RenderWarning, ...] = ()
    ) -> None:
        self._sources = sources
        self._loaded: list[Face] = []
        self._shaper = Shaper(self.face_at)
        self._words: dict[tuple[Features, str, str], Words] = {}
        self.warnings = warnings
        primary = self.face_at(0)
        assert primary is not None
        self.primary: Face = primary

    def face_at(self, index: int) -> Face | None:
        """The i-th face, loaded when it is first needed; None behind the last."""
        while index >= len(self._loaded) and len(self._loaded) < len(self._sources):
            source, weight, italic = self._sources[len(self._loaded)]
            self._loaded.append(
                packaged_face(source, weight > 500, italic) if isinstance(source, str) else source.face(weight)
            )
        return self._loaded[index] if index < len(self._loaded) else None

    def words(self, features: Features = (), language: str = "", direction: Literal["ltr", "rtl"] = "ltr") -> Words:
        """The cached words of these features, this language and direction: `chain.words()[text]` costs one look-up."""
        key = (features, language, direction)
        found = self._words.get(key)
        if found is None:
            found = self._words[key] = self._shaper.words(features, language, direction)
        return found

    def word(
        self, text: str, features: Features = (), language: str = "", direction: Literal["ltr", "rtl"] = "ltr"
    ) -> Word:
        """A piece of text shaped: no line break divides it, and tabs and newlines are the caller's."""
        return self.words(features, language, direction)[text]


class FontSet:
    """The fonts that a bundle may use: its own, added at first, and the packaged ones.

    `warnings` collects what `select` had to report, each once (codes `font_alias`, `unknown_font`,
    `missing_font_style`, `font_embedding`).
    """

    def __init__(self) -> None:
        self.warnings: list[RenderWarning] = []
        self._families: dict[str, list[_Source]] = {}
        self._chains: dict[tuple[tuple[str, ...], int, str], FaceChain] = {}

    def add(self, family: str, weight: int | tuple[int, int], style: str, data: bytes, origin: str = "") -> None:
        """A font file of the bundle (`@font-face`). `weight`: one number, or lightest and boldest of a variable font.

        `style`: "normal", "italic" or "oblique". Of two files for the same weight and style, the later one comes
        first and the earlier one fills in glyphs. `origin` is the file's path, for messages. Raises `BundleError`
        where the file cannot be used.
        """
        name = origin or family
        if style not in ("normal", "italic", "oblique"):
            raise BundleError(f"the font {name} has the style '{style}'; known are normal, italic and oblique")
        weights = (weight, weight) if isinstance(weight, int) else weight
        limits = weight_range(data, name)
        if limits is not None and isinstance(weight, tuple):
            weights = (max(weights[0], limits[0]), min(weights[1], limits[1]))
        source = _Source(weights, style, data, name)
        face = source.face(weights[0])  # so that a broken file is reported here, not by some later document
        if face.embedding_warning:
            self._report(RenderWarning("font_embedding", face.embedding_warning))
        self._families.setdefault(_normal(family), []).insert(0, source)
        self._chains.clear()

    def select(self, families: tuple[str, ...], weight: int, style: str) -> FaceChain:
        """The chain for a computed `font-family` (names in order), `font-weight` (1 to 1000) and `font-style`."""
        key = (families, weight, style)
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = self._match(families, weight, style)
            for warning in chain.warnings:
                self._report(warning)
        return chain

    def _match(self, families: tuple[str, ...], weight: int, style: str) -> FaceChain:
        slanted = style != "normal"
        sources: list[tuple[_Source | str, int, bool]] = []
        warnings: list[RenderWarning] = []
        unknown: list[str] = []
        for family in families:
            name = _normal(family)
            if name in self._families:
                chosen = best_matches(self._families[name], weight, style)
                warnings += _shortfall(family, chosen[0], weight, slanted)
                sources += [(source, weight, slanted) for source in chosen]
                continue
            packaged = name if name in _PACKAGED else GENERIC.get(name) or ALIASES.get(name)
            if packaged is None:
                if not sources:
                    unknown.append(family)
                continue
            if name in ALIASES:
                text = f"the font family '{family}' is shown in {_PACKAGED[packaged]}, which has the same widths"
                warnings.append(RenderWarning("font_alias", text))
            sources.append((packaged, weight, slanted))
        last = [(name, weight, slanted) for name in _LAST_RESORT]
        chain = list(dict.fromkeys([*sources, *last]))
        shown = chain[0][0]
        instead = _PACKAGED[shown] if isinstance(shown, str) else shown.origin
        for family in unknown:
            text = f"the font family '{family}' is neither in the bundle nor in the package; {instead} is used instead"
            warnings.append(RenderWarning("unknown_font", text))
        return FaceChain(tuple(chain), tuple(warnings))

    def _report(self, warning: RenderWarning) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)


def best_matches(sources: list[_Source], weight: int, style: str) -> list[_Source]:
    """The files of one family that CSS Fonts 4, section 5.2, chooses: by style first, then by weight."""
    for wanted in _STYLE_ORDER.get(style, _STYLE_ORDER["oblique"]):
        of_style = [source for source in sources if source.style == wanted]
        if of_style:
            chosen = min(of_style, key=lambda source: _weight_distance(source.weights, weight)).weights
            return [source for source in of_style if source.weights == chosen]
    return []


_STYLE_ORDER = {
    "normal": ("normal", "oblique", "italic"),
    "italic": ("italic", "oblique", "normal"),
    "oblique": ("oblique", "italic", "normal"),
}


def _shortfall(family: str, chosen: _Source, weight: int, slanted: bool) -> list[RenderWarning]:
    """What a family of the bundle lacks: bold and italics are never drawn out of another face (no font synthesis)."""
    lacks = []
    if weight >= 600 > chosen.weights[1]:
        lacks.append(f"has no bold file; weight {chosen.weights[1]} is shown")
    if slanted and chosen.style == "normal":
        lacks.append("has no italic file; upright is shown")
    return [RenderWarning("missing_font_style", f"the font family '{family}' {what}") for what in lacks]


def _weight_distance(weights: tuple[int, int], wanted: int) -> tuple[int, int]:
    """How far a file's weights are from the one wanted: (rank of the search step, distance within it)."""
    low, high = weights
    if low <= wanted <= high:
        return 0, 0
    if 400 <= wanted <= 500:
        if wanted < low <= 500:
            return 1, low - wanted
        return (2, wanted - high) if high < wanted else (3, low - wanted)
    if wanted < 400:
        return (1, wanted - high) if high < wanted else (2, low - wanted)
    return (1, low - wanted) if low > wanted else (2, wanted - high)


def _normal(family: str) -> str:
    """Family names are compared without regard to case (CSS Fonts 4, section 5.1)."""
    return family.strip().casefold()
