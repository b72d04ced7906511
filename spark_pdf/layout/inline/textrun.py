"""From text and style to shaped pieces with widths: what inline layout counts with.

In: text as it stands between two tags, a `Style`, a language. Out: `Pieces`, remembered per worker, because the text
of a template returns in every document. White space is processed as CSS Text 3, section 4.1, says; a text's pieces
depend on what stands before it only through one bit (whether a leading space collapses).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from spark_pdf.layout.css.lengths import FontMetrics
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.inline.transform import transformed
from spark_pdf.layout.inline.whitespace import WIDE, collapsed
from spark_pdf.text.bidi import needs_bidi
from spark_pdf.text.breaking import (
    NEEDS_DICTIONARY,
    clusters_of,
    is_plain,
    split_at_spaces,
    split_tailored,
    split_words,
)
from spark_pdf.text.doorkeeper import Doorkeeper, Room
from spark_pdf.text.fonts import Wish
from spark_pdf.text.hyphenation import hyphenation_points, patterns_of
from spark_pdf.text.variants import (
    CAPS_FEATURES,
    POSITION_FEATURES,
    Variant,
    caps_scale,
    script_metrics,
    substitutes,
)  # fmt: skip
from spark_pdf.text.words import ShapedRun, Word

if TYPE_CHECKING:
    from spark_pdf.layout.css.lengths import Font
    from spark_pdf.layout.style import Style
    from spark_pdf.text.fonts import FaceChain, FontSet
    from spark_pdf.text.shaping import Words

SOFT_HYPHEN: Final = "\u00ad"


class TextMetrics:
    """What a style's first face and font size say about a line: all in px, `descent` and `below` positive downwards.

    `ascent`, `descent`: the content area. `above`, `below`: the inline box with half-leading (CSS 2.2, 10.8.1).
    `kerning`: that of the space, where the face has it.
    `special`: lines of such a container are never simple (`special.py`). `cuts`: how words may be cut, by `hyphens`: 0
    not at all, 1 at soft hyphens, 2 by a dictionary too; `tailored`: where lines end is not as UAX 14 says. `quick`:
    nothing is asked for that plain words between spaces would have to be looked at for (`Pieces`). `spoken`: the words
    of the `language` that was asked for last.
    """

    __slots__ = (
        "above", "ascent", "below", "chain", "cuts", "descent", "features", "hyphen", "kerning", "language", "letter",
        "limits", "line", "normal", "preserve", "quick", "size", "space", "special", "spoken", "tailored", "variant",
        "word", "wrap", "x_height",
    )  # fmt: skip

    def __init__(self, style: Style, chain: FaceChain) -> None:
        face, size = chain.primary, style.font_size
        self.chain = chain
        self.size = size
        self.ascent: float = face.ascent * size
        self.descent: float = face.descent * size
        self.x_height: float = face.x_height * size
        height = style.line_height
        content = self.ascent + self.descent
        self.normal = type(height) is str
        self.line = content + face.line_gap * size if self.normal else float(height)
        half = (self.line - content) / 2
        self.above = self.ascent + half
        self.below = self.descent + half
        self.features = features_of(style)
        self.kerning = chain.space_kerning(self.features)
        self.language = ""
        self.spoken: Words | None = None
        self.variant: Variant | None = None
        self.letter = style.letter_spacing
        self.word = style.word_spacing
        self.wrap = style.text_wrap_mode == "wrap"
        self.preserve = style.white_space in ("pre", "pre-wrap", "break-spaces")
        self.tailored = style.word_break in ("break-all", "keep-all") or style.line_break not in ("auto", "strict")
        self.cuts = _CUTS[style.hyphens] if self.wrap else 0
        self.limits = style.hyphenate_limit_chars
        self.special = is_special(style)
        self.quick = (
            style.white_space in ("normal", "nowrap")
            and self.cuts < 2
            and not (self.letter or self.word or self.tailored)
        )
        self.space = chain.word(" ", self.features).width * size + self.letter + self.word
        mark = style.hyphenate_character
        if mark == "auto":
            mark = "\u2010" if face.covers(0x2010) else "-"
        self.hyphen = _hyphen(chain.word(mark, self.features))

    def with_faces(self, words: list[Word], style: Style) -> TextMetrics:
        """These metrics, or taller ones where words come from other faces too: with `line-height: normal`, a line
        encloses what all faces on it reach (CSS Inline 3, 5.3).
        """
        primary = self.chain.primary
        others = {run.face for word in words for run in word.runs if run.face is not primary}
        above, below = self.above, self.below
        for face in others:
            gap = face.line_gap / 2
            above = max(above, (face.ascent + gap) * self.size)
            below = max(below, (face.descent + gap) * self.size)
        if above == self.above and below == self.below:
            return self
        kept = derived(style)
        key = ("text", above, below)
        found = kept.get(key)
        if found is None:
            found = kept[key] = TextMetrics(style, self.chain)
            found.variant, found.kerning = self.variant, self.kerning
            found.above, found.below, found.line = above, below, above + below
        return found  # type: ignore[return-value]

    def words(self, language: str, direction: str = "ltr") -> Words:
        """The words of this style in a language."""
        if self.variant is not None:
            return self.variant.words(language, direction)
        if direction != "ltr":
            return self.chain.words(self.features, language, direction)
        if self.spoken is None or self.language != language:
            self.spoken = self.chain.words(self.features, language)
            self.language = language
        return self.spoken


_CUTS = {"none": 0, "manual": 1, "auto": 2}


def _hyphen(word: Word) -> Word:
    """A hyphen at a line's end: to who extracts text, it is a soft one (ISO 32000-1, 14.8.2.2.3)."""
    runs = [
        ShapedRun(run.face, SOFT_HYPHEN, run.glyphs, run.advances, run.offsets, (0,) * len(run.glyphs))
        for run in word.runs
    ]
    return Word(SOFT_HYPHEN if runs else "", tuple(runs))


def is_special(style: Style) -> bool:
    """Whether lines of a container with this style take the long way, whatever stands on them."""
    return (
        style.direction == "rtl"
        or style.unicode_bidi in ("plaintext", "bidi-override", "isolate-override")
        or type(style.text_indent) is tuple
        or (style.text_overflow != "clip" and style.overflow_x != "visible")
        or style.text_align == "justify-all"
        or style.text_align_last == "justify"
        or (style.text_justify not in ("auto", "inter-word") and "justify" in (style.text_align, style.text_align_last))
    )


def features_of(style: Style) -> tuple[tuple[str, int], ...]:
    """OpenType features that a style asks for or switches off (CSS Fonts 4, sections 6 and 7)."""
    found: dict[str, int] = {}
    if style.font_kerning == "none":
        found["kern"] = 0
    if style.letter_spacing:
        # CSS Text 3, 8.2: no optional ligatures between letters that are set apart
        found.update(liga=0, clig=0)
    for value in style.font_variant_ligatures:
        found.update(_LIGATURES[value])
    for value in style.font_variant_numeric:
        found[_NUMERIC[value]] = 1
    for feature in _CAPS.get(style.font_variant_caps, ()):
        found[feature] = 1
    if style.font_variant_position != "normal":
        found["subs" if style.font_variant_position == "sub" else "sups"] = 1
    for value in style.font_variant_east_asian:
        found[_EAST_ASIAN[value]] = 1
    found.update(style.font_feature_settings)
    return tuple(sorted(found.items()))


_LIGATURES: dict[str, dict[str, int]] = {
    "none": {"liga": 0, "clig": 0, "dlig": 0, "hlig": 0, "calt": 0},
    "common-ligatures": {"liga": 1, "clig": 1},
    "no-common-ligatures": {"liga": 0, "clig": 0},
    "discretionary-ligatures": {"dlig": 1},
    "no-discretionary-ligatures": {"dlig": 0},
    "historical-ligatures": {"hlig": 1},
    "no-historical-ligatures": {"hlig": 0},
    "contextual": {"calt": 1},
    "no-contextual": {"calt": 0},
}
_NUMERIC = {
    "lining-nums": "lnum", "oldstyle-nums": "onum", "proportional-nums": "pnum", "tabular-nums": "tnum",
    "diagonal-fractions": "frac", "stacked-fractions": "afrc", "ordinal": "ordn", "slashed-zero": "zero",
}  # fmt: skip
_CAPS = {
    "small-caps": ("smcp",), "all-small-caps": ("smcp", "c2sc"), "petite-caps": ("pcap",),
    "all-petite-caps": ("pcap", "c2pc"), "unicase": ("unic",), "titling-caps": ("titl",),
}  # fmt: skip
_EAST_ASIAN = {
    "jis78": "jp78", "jis83": "jp83", "jis90": "jp90", "jis04": "jp04", "simplified": "smpl", "traditional": "trad",
    "full-width": "fwid", "proportional-width": "pwid", "ruby": "ruby",
}  # fmt: skip


def metrics_of(style: Style, fonts: FontSet) -> TextMetrics:
    """The style's text metrics; kept with the style, which belongs to one bundle as the fonts do."""
    kept = derived(style)
    found = kept.get("text")
    if found is None:
        chain = fonts.select(style.font_family, style.font_weight, style.font_style, wish_of(style))
        found = kept["text"] = TextMetrics(style, chain)
        found.variant = variant_of(style, found, fonts)
        if found.variant is not None:
            found.kerning = None  # its words are of several sizes
    return found  # type: ignore[return-value]


def unit_metrics(font: Font, fonts: FontSet) -> FontMetrics:
    """What font-relative units such as `ch` ask of the first face (CSS Values 4, 6.1.1)."""
    face = fonts.select(font.font_family, font.font_weight, font.font_style).primary
    zero, ideograph = face.aspect("ch-width") or 0.5, face.aspect("ic-width") or 1.0
    line = face.ascent + face.descent + face.line_gap
    return FontMetrics(face.x_height, face.cap_height, zero, ideograph, line)


def variant_of(style: Style, metrics: TextMetrics, fonts: FontSet) -> Variant | None:
    """What stands in for small capitals, sub- or superscripts that the first face lacks, or may lack."""
    chain = metrics.chain
    face = chain.primary
    caps, position = style.font_variant_caps, style.font_variant_position
    rise = 0.0
    if caps in CAPS_FEATURES and style.font_synthesis_small_caps == "auto":
        if all(substitutes(face, feature) for feature in CAPS_FEATURES[caps]):
            return None
        kind, scale = caps, caps_scale(face)
    elif position != "normal" and style.font_synthesis_position == "auto":
        kind = position
        scale, rise = script_metrics(face, position)
    else:
        return None
    wish = wish_of(style)._replace(scale=scale)
    small = fonts.select(style.font_family, style.font_weight, style.font_style, wish)
    partly = kind in POSITION_FEATURES and substitutes(face, POSITION_FEATURES[kind])
    return Variant(chain, small, kind, metrics.features, rise, partly)


def wish_of(style: Style) -> Wish:
    """What a style asks of its faces beside family, weight and style."""
    adjust = style.font_size_adjust
    wanted: tuple[str, float | None] | None = None
    if adjust == "from-font":
        wanted = ("ex-height", None)
    elif type(adjust) is tuple:
        wanted = adjust
    elif adjust != "none":
        wanted = ("ex-height", float(adjust))  # type: ignore[arg-type]
    return Wish(
        style.font_stretch, style.font_variation_settings, style.font_synthesis_weight == "auto",
        style.font_synthesis_style == "auto", wanted, style.font_size if style.font_optical_sizing == "auto" else 0.0,
    )  # fmt: skip


_NO_CUTS: Final[dict[int, tuple[int, ...]]] = {}
"""What most texts share, and nobody writes into."""


_FLAGS: Final = {flags: flags for count in range(6) for flags in product((False, True), repeat=count)}


_MOST_ALTERNATING: Final = 40


def _alternating(begins: bool, count: int) -> tuple[bool, ...]:
    """Whether each piece is a space, of pieces that alternate."""
    return tuple([begins is (index % 2 == 0) for index in range(count)])


_ALTERNATING: Final = [[_alternating(begins, count) for count in range(_MOST_ALTERNATING)] for begins in (False, True)]
_UNBROKEN: Final = [(False,) * count for count in range(_MOST_ALTERNATING)]


class Pieces:
    """A text cut where lines may end: parallel tuples, one entry per piece.

    `words`; `widths` in px with letter- and word-spacing; `spaces`: hangs at a line's end; `breaks`: a line may end
    behind it. `hyphenates`: a word may be cut where the line ends, as `cuts_of` says. `ends_open`: no space at
    the end, so the next text decides whether a line may end there. `line`: the words on a line of their own, without
    the spaces that hang, and their width. Preserved line feeds are not in here: they are items of their own.
    `special`: a line that it stands on takes the long way (`special.py`). `missing`: characters that no face shows, and
    other shortcomings in words. `direction`: as in `shaping.DIRECTIONS`. `fresh`: of a plain text, that a word of it
    was not remembered.
    """

    __slots__ = (
        "_cuts", "_soft", "breaks", "direction", "ends_open", "fresh", "hyphenates", "language", "line", "metrics",
        "missing", "sizes", "spaces", "special", "text", "total", "widths", "words",
    )  # fmt: skip

    def __init__(
        self, text: str, style: Style, metrics: TextMetrics, language: str, direction: str = "ltr",
        around: tuple[str, str] = ("", ""),
    ) -> None:  # fmt: skip
        self.direction = direction
        self.language = language
        self.fresh = False
        if metrics.quick and direction == "ltr" and not (around[0] or around[1]) and self._quick(text, metrics):
            return
        plain = text.isascii()
        cuts = metrics.cuts
        self._soft = _NO_CUTS
        self._cuts = _NO_CUTS
        self.special = False
        soft: list[int] = []
        if not plain:
            if SOFT_HYPHEN in text:
                text, soft = _without_soft_hyphens(text)
            self.special = needs_bidi(text) or ("justify" in style.text_align and WIDE.search(text) is not None)
        self.text = text
        self.hyphenates = cuts == 2 or (cuts == 1 and bool(soft))
        widths: list[float] = []
        breaks: list[bool] = []
        shaped = metrics.words(language, direction)
        size, letter, spacing, wrap = metrics.size, metrics.letter, metrics.word, metrics.wrap
        pieces = _cut(text, style, metrics)
        if soft and cuts:
            self._soft = _offsets_within(pieces, soft)
        words = [shaped[piece] for piece in pieces]
        if metrics.kerning is not None and direction == "ltr":
            metrics.kerning.apply(words)
        for piece, word in zip(pieces, words, strict=True):
            width = word.width * size
            if letter:
                width += letter * clusters(word)
            if word.is_space and spacing:
                width += spacing * len(piece)
            widths.append(width)
            breaks.append(wrap)
        if words:
            if around[0] or around[1]:
                self._join(words, widths, around, metrics)
            # What follows decides whether a line may end behind the last piece; a space allows it.
            breaks[-1] = wrap and words[-1].is_space
        self.metrics = metrics if plain or not metrics.normal else metrics.with_faces(words, style)
        self.words = tuple(words)
        self.widths: tuple[float, ...] = tuple(widths)
        spaces = [word.is_space for word in words]
        # Before a space there is no opportunity (UAX 14, LB7): spaces hang with what they follow.
        for i in range(len(words) - 1):
            if spaces[i + 1] and not spaces[i]:
                breaks[i] = False
        if style.white_space == "break-spaces":
            spaces = [False] * len(words)
        # Short rows of truths are the same few for most texts.
        flags = tuple(spaces)
        self.spaces = _FLAGS.get(flags, flags)
        flags = tuple(breaks)
        self.breaks = _FLAGS.get(flags, flags)
        self.total = sum(widths)
        self.missing: tuple[str, ...] = ()
        for word in words:
            if word.missing:
                self.missing = tuple(dict.fromkeys((*self.missing, *word.missing)))
        if (not plain or cuts == 2) and wrap:
            self.missing += _shortcomings(text, language, cuts)
        self.ends_open = bool(words) and not self.spaces[-1]
        hangs = bool(words) and self.spaces[-1]
        self.line = (self.words[:-1], self.total - widths[-1]) if hangs else (self.words, self.total)
        self.sizes: tuple[float, float] | None = None  # min- and max-content, once asked for

    def _quick(self, text: str, metrics: TextMetrics) -> bool:
        """Take apart a text of plain words between spaces, each in the first face: what most texts of tables are, and
        nearly all that are met once. False where it is another; comes to what the long way comes to.
        """
        if not text or "  " in text:
            return False
        shaped = metrics.words(self.language)
        size = metrics.size
        space: Word | None = None
        fresh = behind = False
        found: list[Word] = []
        for part in text.split(" "):
            if behind:
                if space is None:
                    space = shaped[" "]
                    if not (space.plain or self._is_plain(space, metrics)):
                        return False
                found.append(space)
            behind = True
            if part:
                known = shaped.get(part)
                if known is None:
                    if not is_plain(part):
                        return False
                    fresh = True
                    known = shaped[part]
                    known.plain = self._in_one_face(known, metrics)
                if not (known.plain or self._is_plain(known, metrics)):
                    return False
                found.append(known)
        self.fresh = fresh
        count = len(found)
        if count > 1 and metrics.kerning is not None:
            metrics.kerning.apply(found)
        words = tuple(found)
        if count == 1:
            self.total = words[0].width * size
            self.widths = (self.total,)
        else:
            self.widths = tuple([word.width * size for word in words])
            self.total = sum(self.widths)
        begins = words[0].is_space
        hangs = words[-1].is_space
        spaces = _ALTERNATING[begins][count] if count < _MOST_ALTERNATING else _alternating(begins, count)
        self.words = words
        self.spaces = spaces
        self.breaks = spaces if metrics.wrap else _UNBROKEN[count] if count < _MOST_ALTERNATING else (False,) * count
        self.line = (words[:-1], self.total - self.widths[-1]) if hangs else (words, self.total)
        self.ends_open = not hangs
        self.text = text
        self.metrics = metrics
        self.special = self.hyphenates = False
        self._soft = self._cuts = _NO_CUTS
        self.missing = ()
        self.sizes = None
        return True

    def _is_plain(self, word: Word, metrics: TextMetrics) -> bool:
        """Whether a word is text that needs no looking at, all in the first face; remembered if it is."""
        word.plain = self._in_one_face(word, metrics) and is_plain(word.text)
        return word.plain

    def _in_one_face(self, word: Word, metrics: TextMetrics) -> bool:
        runs = word.runs
        return len(runs) == 1 and not word.missing and runs[0].face is metrics.chain.primary

    def cuts_of(self, index: int) -> tuple[int, ...]:
        """Offsets into a word at which it may be hyphenated: its soft hyphens, or what a dictionary says.

        A word with soft hyphens is cut at no other place (CSS Text 3, 5.4).
        """
        found = self._soft.get(index)
        if found is not None or self.metrics.cuts < 2:
            return found or ()
        found = self._cuts.get(index)
        if found is None:
            metrics = self.metrics
            if self._cuts is _NO_CUTS:
                self._cuts = {}
            found = self._cuts[index] = hyphenation_points(self.words[index].text, self.language, metrics.limits)
        return found

    def part(self, text: str) -> tuple[Word, float]:
        """A part of a word, shaped on its own, and its width."""
        metrics = self.metrics
        word = metrics.words(self.language, self.direction)[text]
        width = word.width * metrics.size
        return word, width + metrics.letter * clusters(word) if metrics.letter else width

    def _join(self, words: list[Word], widths: list[float], around: tuple[str, str], metrics: TextMetrics) -> None:
        """Shape the first and the last word anew, so that they join to letters of other texts (cursive scripts)."""
        before, after = around
        for index, sides in ((0, (before, after if len(words) == 1 else "")), (len(words) - 1, ("", after))):
            if (sides[0] or sides[1]) and not words[index].is_space:
                direction = f"{self.direction}|{sides[0]}|{sides[1]}"
                word = metrics.words(self.language, direction)[words[index].text]
                widths[index] += (word.width - words[index].width) * metrics.size
                words[index] = word
            if len(words) == 1:
                return


def _without_soft_hyphens(text: str) -> tuple[str, list[int]]:
    """The text, and where in it soft hyphens were."""
    parts = text.split(SOFT_HYPHEN)
    places: list[int] = []
    at = 0
    for part in parts[:-1]:
        at += len(part)
        places.append(at)
    return "".join(parts), places


def _offsets_within(pieces: list[str], places: list[int]) -> dict[int, tuple[int, ...]]:
    """Places in a text as offsets into its pieces; those at the edges of a piece are left out."""
    found: dict[int, tuple[int, ...]] = {}
    start = 0
    for index, piece in enumerate(pieces):
        end = start + len(piece)
        inner = tuple([place - start for place in places if start < place < end])
        if inner:
            found[index] = inner
        start = end
    return found


def _shortcomings(text: str, language: str, cuts: int) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if NEEDS_DICTIONARY.search(text) is not None:
        found += ("lines end at spaces only in Thai, Lao, Khmer and Burmese text: put U+200B between words",)
    if cuts == 2 and patterns_of(language) is None:
        named = f"'{language[:35]}'" if language else "a text without lang"
        found += (f"hyphens: auto has no dictionary for {named}",)
    return found


def clusters(word: Word) -> int:
    """How many letters take letter-spacing."""
    return sum(len(set(run.clusters)) for run in word.runs)


def _cut(text: str, style: Style, metrics: TextMetrics) -> list[str]:
    """The pieces of one line of text, spaces apart."""
    if not metrics.wrap:
        return split_at_spaces(text)
    if metrics.tailored:
        return list(split_tailored(text, style.word_break, style.line_break))
    # A space inside a piece ("5 !") still stretches and takes word-spacing, so it is a word of its own there too.
    return list(split_words(text))


def cluster_starts(text: str) -> list[int]:
    """Offsets at which a word may be cut where it does not fit."""
    return clusters_of(text)


_ENTRY: Final = 60
"""Characters that an entry counts for beside its own."""
_ROOM: Final = Room(500_000)
"""In characters: a generation of some 10 MB."""


class PieceCache:
    """Pieces by (text, style, language, whether a space precedes), in two generations that all caches of the process
    share. Texts that come once are not kept.
    """

    __slots__ = ("_generation", "_met", "_old", "_young")

    def __init__(self) -> None:
        self._generation = _ROOM.generation
        self._met = Doorkeeper()
        self._old: dict[object, Pieces] = {}
        self._young: dict[object, Pieces] = {}

    def get(self, text: str, style: Style, language: str, after_space: bool, fonts: FontSet) -> Pieces | None:
        """The pieces of a text, None where white space processing leaves nothing."""
        key = (text, style, language, after_space)
        found = self._young.get(key)
        if found is not None:
            return found
        found = self._old.get(key)
        if found is None:
            shown = text if style.text_transform == "none" else transformed(text, style.text_transform, language)
            shown = collapsed(shown, style, after_space)
            found = Pieces(shown, style, metrics_of(style, fonts), language) if shown else None
            # A text with a word that nobody has met is met for the first time, and needs no asking.
            if found is None or found.fresh or not self._met.knows(key):
                return found
        self._keep(key, found, len(text))
        return found

    def _keep(self, key: object, found: Pieces, length: int) -> None:
        if self._generation != _ROOM.generation:
            self._old, self._young = self._young, {}
            self._generation = _ROOM.generation
        self._young[key] = found
        _ROOM.charge(length + _ENTRY)

    def directed(
        self, text: str, style: Style, language: str, direction: str, around: tuple[str, str], fonts: FontSet
    ) -> Pieces:
        """The pieces of a part of a text, as it is shown, that goes one way (`bidi.py`)."""
        key = (text, style, language, direction, around)
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key) or Pieces(text, style, metrics_of(style, fonts), language, direction, around)
            self._keep(key, found, len(text))
        return found
