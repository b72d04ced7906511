"""Which face shows a text: font families, CSS font matching, and the chain of faces that follows for glyphs it lacks.

In: a bundle's font files, and `font-family`, `font-weight` and `font-style` as computed. Out: a `FaceChain`, which
shapes words. Follows CSS Fonts 4, section 5 (font matching; the rules for one family are in `matching.py`). There are
no system fonts: what a bundle does not bring comes from five families in this package (`families.py`).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal, NamedTuple

from spark_pdf.model import RenderWarning
from spark_pdf.text.face import UNCHANGED, Changes, Face
from spark_pdf.text.families import (
    ALIASES,
    FACES,
    GENERIC,
    LAST_RESORT,
    PACKAGED,
    SIGNS,
    SIMILAR,
    normal_name,
    packaged_face,
)  # fmt: skip
from spark_pdf.text.loading import changed, load_face, load_instance
from spark_pdf.text.matching import PLAIN, FaceOptions, Slant, Source, best_matches, slant_of
from spark_pdf.text.shaping import Features, Shaper, Words
from spark_pdf.text.spaces import SpaceKerning
from spark_pdf.text.variations import Location, axes_of
from spark_pdf.text.words import Word

__all__ = ["FACES", "FaceChain", "FaceOptions", "FontSet", "Wish", "load_face", "packaged_face"]


class Wish(NamedTuple):
    """What a style asks of its faces beside family, weight and style.

    `stretch`: 1.0 is normal. `variations`: values of axes. `bolder`, `slant`: whether these may be synthesised
    (`font-synthesis`). `adjust`: the metric and value of `font-size-adjust`; the value None is the first face's own.
    `optical`: the font size in px, or 0 where `font-optical-sizing` is none. `scale`: all glyphs times this.
    """

    stretch: float = 1.0
    variations: tuple[tuple[str, float], ...] = ()
    bolder: bool = True
    slant: bool = True
    adjust: tuple[str, float | None] | None = None
    optical: float = 0.0
    scale: float = 1.0


ANY = Wish()


class _Choice(NamedTuple):
    """One face of a chain, before it is loaded."""

    source: Source | str
    weight: int
    italic: bool
    location: Location = ()
    changes: Changes = UNCHANGED

    def load(self) -> Face:
        source = self.source
        if isinstance(source, str):
            return changed(packaged_face(source, self.weight > 500, self.italic), self.changes)
        return load_instance(source.data, self.location, source.origin, self.changes)


class FaceChain:
    """The faces that show a text, in order: those of the chosen families, then the packaged ones for glyphs they lack.

    `primary` is the first one that may show a space: lines are measured by it (CSS Fonts 4, "first available font").
    `warnings`: what the choice has to report (aliases, unknown families, bold that is not there). It depends on nothing
    else, so a document reports the chains that it uses, whatever was rendered before it.
    """

    __slots__ = (
        "_adjust", "_choices", "_first", "_loaded", "_shaper", "_spaces", "_value", "_words", "primary", "warnings",
    )  # fmt: skip

    def __init__(
        self, choices: tuple[_Choice, ...], warnings: tuple[RenderWarning, ...] = (),
        adjust: tuple[str, float | None] | None = None,
    ) -> None:  # fmt: skip
        self._choices = choices
        self._loaded: list[Face] = []
        self._adjust = adjust
        self._value = adjust[1] if adjust is not None else None
        self._words: dict[tuple[Features, str, str], Words] = {}
        self._spaces: dict[Features, SpaceKerning | None] = {}
        self.warnings = warnings
        first = self._first = next((index for index in range(len(choices)) if self.shows(index, " ")), 0)
        primary = self.face_at(first)
        assert primary is not None
        self.primary: Face = primary
        self._shaper = Shaper(self)

    def __deepcopy__(self, memo: dict[int, object]) -> FaceChain:
        return self  # shared and never changed; fpdf2 copies what a drawing's state refers to

    def face_at(self, index: int) -> Face | None:
        """The i-th face, loaded when it is first needed; None behind the last."""
        while index >= len(self._loaded) and len(self._loaded) < len(self._choices):
            face = self._choices[len(self._loaded)].load()
            self._loaded.append(face if self._adjust is None else self._adjusted(face, self._adjust[0]))
        return self._loaded[index] if index < len(self._loaded) else None

    def _adjusted(self, face: Face, metric: str) -> Face:
        """`font-size-adjust` (CSS Fonts 5, 3.4): scaled so that this metric has the value that was asked for."""
        natural = face.aspect(metric)
        if self._value is None:
            self._value = natural
        factor = self._value / natural if natural > 0 else 1.0
        return changed(face, face.changes._replace(scale=face.changes.scale * factor)) if factor > 0 else face

    def shows(self, index: int, text: str) -> bool:
        """Whether the `unicode-range` of the i-th face has these characters."""
        source = self._choices[index].source
        if isinstance(source, str) or not source.options.ranges:
            return True
        return all(source.covers(ord(character), ord(character)) for character in text)

    def features_at(self, index: int) -> Features:
        """Features that `@font-face` sets for the i-th face."""
        source = self._choices[index].source
        return () if isinstance(source, str) else source.options.features

    def words(self, features: Features = (), language: str = "", direction: str = "ltr") -> Words:
        """The cached words of these features, this language and direction: `chain.words()[text]` costs one look-up.

        Direction: see `shaping.DIRECTIONS`.
        """
        key = (features, language, direction)
        found = self._words.get(key)
        if found is None:
            found = self._words[key] = self._shaper.words(features, language, direction)
        return found

    def space_kerning(self, features: Features) -> SpaceKerning | None:
        """How the first available font kerns its space with these features; None where it does not."""
        if features not in self._spaces:
            self._spaces[features] = self._shaper.space_kerning(self._first, features)
        return self._spaces[features]

    def word(
        self, text: str, features: Features = (), language: str = "", direction: Literal["ltr", "rtl"] = "ltr"
    ) -> Word:
        """A piece of text shaped: no line break divides it, and tabs and newlines are the caller's."""
        return self.words(features, language, direction)[text]


_MOST_CHAINS = 1000
"""Chains that are remembered: a template has dozens, unless it writes families from data."""

_MOST_WARNINGS = 100
"""What is said of a bundle's fonts: a template with more has one problem, not a hundred."""


class FontSet:
    """The fonts that a bundle may use: its own, added at first, and the packaged ones.

    `warnings` collects what `select` had to report, each once (codes `font_alias`, `unknown_font`,
    `missing_font_style`, `font_embedding`).
    """

    def __init__(self) -> None:
        self.warnings: list[RenderWarning] = []
        self._families: dict[str, list[Source]] = {}
        self._chains: dict[tuple[tuple[str, ...], int, str, Wish], FaceChain] = {}
        self._optical = False

    def add(
        self, family: str, weight: int | tuple[int, int], style: str, data: bytes, origin: str = "",
        options: FaceOptions = PLAIN,
    ) -> None:  # fmt: skip
        """A font file of the bundle (`@font-face`). `weight`: one number, or lightest and boldest of a variable font.

        `style`: "normal", "italic" or "oblique", the latter with angles in degrees if need be. Of two files for the
        same weight and style, the later one comes first and the earlier one fills in glyphs. `origin` is the file's
        path, for messages. Raises `BundleError` where the file cannot be used.
        """
        name = origin or family
        weights = (weight, weight) if isinstance(weight, int) else weight
        limits = axes_of(data, name).get("wght")
        if limits is not None and isinstance(weight, tuple):
            weights = (max(weights[0], round(limits[0])), min(weights[1], round(limits[2])))
        source = Source(weights, style, data, name, options)
        # So that a broken file is reported here, not by some later document
        face = _choice(source, weights[0], source.slant, ANY).load()
        if face.embedding_warning:
            self._report(RenderWarning("font_embedding", face.embedding_warning))
        self._families.setdefault(normal_name(family), []).insert(0, source)
        self._optical = self._optical or "opsz" in axes_of(data, name)
        self._chains.clear()

    def select(self, families: tuple[str, ...], weight: int, style: str, wish: Wish = ANY) -> FaceChain:
        """The chain for a computed `font-family` (names in order), `font-weight` (1 to 1000) and `font-style`."""
        if wish.optical and not self._optical:
            wish = wish._replace(optical=0.0)  # so that all sizes share one chain, and its words
        key = (families, weight, style, wish)
        chain = self._chains.get(key)
        if chain is None:
            if len(self._chains) >= _MOST_CHAINS:
                self._chains.clear()
            chain = self._chains[key] = self._match(families, weight, style, wish)
            for warning in chain.warnings:
                self._report(warning)
        return chain

    def _match(self, families: tuple[str, ...], weight: int, style: str, wish: Wish) -> FaceChain:
        slant = slant_of(style) or slant_of("oblique")
        assert slant is not None
        choices: list[_Choice] = []
        warnings: list[RenderWarning] = []
        unknown: list[str] = []
        for family in families:
            name = normal_name(family)
            if name in self._families:
                chosen = best_matches(self._families[name], weight, style, wish.stretch)
                warnings += _shortfall(family, chosen[0], weight, slant, wish)
                choices += [_choice(source, weight, slant, wish) for source in chosen]
                continue
            packaged = name if name in PACKAGED else GENERIC.get(name) or ALIASES.get(name)
            if packaged is None:
                if not choices:
                    unknown.append(family)
                continue
            if name in ALIASES:
                text = f"the font family '{family}' is shown in {PACKAGED[packaged]}, which has the same widths"
                warnings.append(RenderWarning("font_alias", text))
            choices.append(_choice(packaged, weight, slant, wish))
        if not choices:
            choices += [
                _choice(SIMILAR[normal_name(n)], weight, slant, wish) for n in unknown if normal_name(n) in SIMILAR
            ]
        last = [_choice(name, weight, slant, wish) for name in (*LAST_RESORT, SIGNS)]
        chain = list(dict.fromkeys([*choices, *last]))
        shown = chain[0].source
        instead = PACKAGED[shown] if isinstance(shown, str) else shown.origin
        for family in unknown[:_MOST_WARNINGS]:
            text = f"the font family '{family}' is neither in the bundle nor in the package; {instead} is used instead"
            near = get_close_matches(normal_name(family), [*self._families, *PACKAGED, *ALIASES], n=1, cutoff=0.8)
            hint = f"; did you mean '{PACKAGED.get(near[0], near[0])}'?" if near else ""
            warnings.append(RenderWarning("unknown_font", text + hint))
        return FaceChain(tuple(chain), tuple(warnings), wish.adjust)

    def _report(self, warning: RenderWarning) -> None:
        if len(self.warnings) < _MOST_WARNINGS and warning not in self.warnings:
            self.warnings.append(warning)


def _choice(source: Source | str, weight: float, slant: Slant, wish: Wish) -> _Choice:
    """A file at the weight, stretch and angle that CSS applies to it (CSS Fonts 4, 5.2 and 7.2)."""
    slanted = slant.kind != "normal"
    if isinstance(source, str):
        return _Choice(source, round(weight), slanted, (), UNCHANGED._replace(scale=wish.scale))
    options = source.options
    axes = axes_of(source.data, source.origin)
    location: dict[str, float] = {}
    if axes:
        low, high = (1.0, 1000.0) if options.auto else source.weights
        location["wght"] = min(max(weight, low), high)
        low, high = (0.0, 9.0) if options.auto else options.stretch
        location["wdth"] = 100 * min(max(wish.stretch, low), high)
        if slanted or source.slant.kind == "italic":
            # A file that is italic itself has no axis for it, or wants to be shown so
            location["ital"] = 1.0
        if slant.kind == "oblique" or (slanted and "ital" not in axes):
            location["slnt"] = -slant.low
        if wish.optical:
            location["opsz"] = wish.optical
        location.update(options.variations)
        location.update(wish.variations)
    place = tuple(sorted((tag, value) for tag, value in location.items() if tag in axes))
    changes = Changes(
        options.scale * wish.scale, *_scaled(options), _lacks_bold(source, weight) and wish.bolder,
        slanted and wish.slant and not _slants(source),
    )  # fmt: skip
    return _Choice(source, round(weight), slanted, place, changes)


def _scaled(options: FaceOptions) -> tuple[float | None, float | None, float | None]:
    """Overrides are of the font size that `size-adjust` makes (CSS Fonts 5, 2.1)."""
    ascent, descent, gap = (
        None if value is None else value * options.scale
        for value in (options.ascent, options.descent, options.line_gap)
    )
    return ascent, descent, gap


def _lacks_bold(source: Source, weight: float) -> bool:
    return weight >= 600 > source.weights[1] and not (
        source.options.auto and "wght" in axes_of(source.data, source.origin)
    )


def _slants(source: Source) -> bool:
    return source.slant.kind != "normal" or bool({"ital", "slnt"} & axes_of(source.data, source.origin).keys())


def _shortfall(family: str, chosen: Source, weight: int, slant: Slant, wish: Wish) -> list[RenderWarning]:
    """What a family of the bundle lacks, and what is shown in its place."""
    lacks = []
    if _lacks_bold(chosen, weight):
        instead = "a bolder drawing of it" if wish.bolder else "it"
        lacks.append(f"has no bold file; weight {chosen.weights[1]:g}, or {instead}, is shown")
    if slant.kind != "normal" and not _slants(chosen):
        lacks.append(f"has no italic file; {'a slanted drawing' if wish.slant else 'upright'} is shown")
    return [RenderWarning("missing_font_style", f"the font family '{family}' {what}") for what in lacks]
