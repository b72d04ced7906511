"""From text and style to shaped pieces with widths: what inline layout counts with.

In: text as it stands between two tags, a `Style`, a language. Out: `Pieces`, remembered per worker, because the text
of a template returns in every document. White space is processed as CSS Text 3, section 4.1, says; a text's pieces
depend on what stands before it only through one bit (whether a leading space collapses).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spark_pdf.layout.css.lengths import FontMetrics
from spark_pdf.layout.geometry import derived
from spark_pdf.text.breaking import split_words

if TYPE_CHECKING:
    from spark_pdf.layout.css.lengths import Font
    from spark_pdf.layout.style import Style
    from spark_pdf.text.fonts import FaceChain, FontSet
    from spark_pdf.text.words import Word

SOFT_HYPHEN = "\u00ad"
_COLLAPSIBLE = re.compile("[ \t\n\r\f]+")
_AROUND_NEWLINE = re.compile("[ \t\r\f]*\n[ \t\r\f]*")
_SPACES = re.compile("[ \t\r\f]+")
_CAPITAL = re.compile(r"(?<![\w'’])\w")
_BY_SPACES = re.compile(" +|[^ ]+")


class TextMetrics:
    """What a style's first face and font size say about a line: all in px, `descent` and `below` positive downwards.

    `ascent`, `descent`: the content area. `above`, `below`: the inline box with half-leading (CSS 2.2, 10.8.1).
    """

    __slots__ = (
        "above", "ascent", "below", "chain", "descent", "features", "hyphen", "letter", "line", "preserve", "size",
        "space", "word", "wrap", "x_height",
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
        self.line = content + face.line_gap * size if height.__class__ is str else float(height)
        half = (self.line - content) / 2
        self.above = self.ascent + half
        self.below = self.descent + half
        self.features = features_of(style)
        self.letter = style.letter_spacing
        self.word = style.word_spacing
        self.wrap = style.white_space not in ("nowrap", "pre")
        self.preserve = style.white_space in ("pre", "pre-wrap", "break-spaces")
        self.space = chain.word(" ", self.features).width * size + self.letter + self.word
        self.hyphen = chain.word("\u2010" if face.covers(0x2010) else "-", self.features)


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
        chain = fonts.select(style.font_family, style.font_weight, style.font_style)
        found = kept["text"] = TextMetrics(style, chain)
    return found  # type: ignore[return-value]


def unit_metrics(font: Font, fonts: FontSet) -> FontMetrics:
    """What font-relative units such as `ch` ask of the first face (CSS Values 4, 6.1.1)."""
    face = fonts.select(font.font_family, font.font_weight, font.font_style).primary
    zero, ideograph = face.aspect("ch-width") or 0.5, face.aspect("ic-width") or 1.0
    line = face.ascent + face.descent + face.line_gap
    return FontMetrics(face.x_height, face.cap_height, zero, ideograph, line)


class Pieces:
    """A text cut where lines may end: parallel tuples, one entry per piece.

    `words`; `widths` in px with letter- and word-spacing; `spaces`: hangs at a line's end; `breaks`: a line may end
    behind it; `soft`: pieces that end in a soft hyphen, seen only when the line ends there. `ends_open`: no space at
    the end, so the next text decides whether a line may end there. `line`: the words on a line of their own, without
    the spaces that hang, and their width. Preserved line feeds are not in here: they are items of their own.
    """

    __slots__ = (
        "breaks", "ends_open", "line", "metrics", "missing", "sizes", "soft", "spaces", "text", "total", "widths",
        "words",
    )  # fmt: skip

    def __init__(self, text: str, style: Style, metrics: TextMetrics, language: str) -> None:
        self.text = text
        self.metrics = metrics
        words: list[Word] = []
        widths: list[float] = []
        breaks: list[bool] = []
        soft: list[int] = []
        shaped = metrics.chain.words(metrics.features, language, "ltr")
        size, letter, spacing, wrap = metrics.size, metrics.letter, metrics.word, metrics.wrap
        for piece in _cut(text, style, metrics):
            if piece[-1] == SOFT_HYPHEN:
                soft.append(len(words))
                piece = piece.rstrip(SOFT_HYPHEN)
            word = shaped[piece]
            width = word.width * size
            if letter:
                width += letter * clusters(word)
            if word.is_space and spacing:
                width += spacing * len(piece)
            words.append(word)
            widths.append(width)
            breaks.append(wrap)
        if words:
            # What follows decides whether a line may end behind the last piece; a space, or a soft hyphen, allows it.
            breaks[-1] = wrap and (words[-1].is_space or len(words) - 1 in soft)
        self.words = tuple(words)
        self.widths = tuple(widths)
        self.spaces = tuple([word.is_space for word in words])
        # Before a space there is no opportunity (UAX 14, LB7): spaces hang with what they follow.
        for i in range(len(words) - 1):
            if self.spaces[i + 1] and not self.spaces[i]:
                breaks[i] = False
        if style.white_space == "break-spaces":
            self.spaces = (False,) * len(words)
        self.breaks = tuple(breaks)
        self.soft = frozenset(soft)
        self.total = sum(widths)
        self.missing = tuple(dict.fromkeys(c for word in words for c in word.missing))
        self.ends_open = bool(words) and not self.spaces[-1]
        hangs = bool(words) and self.spaces[-1]
        self.line = (self.words[:-1], self.total - widths[-1]) if hangs else (self.words, self.total)
        self.sizes: tuple[float, float] | None = None  # min- and max-content, once asked for


def clusters(word: Word) -> int:
    """How many letters take letter-spacing."""
    return sum(len(set(run.clusters)) for run in word.runs)


def _cut(text: str, style: Style, metrics: TextMetrics) -> list[str]:
    """The pieces of one line of text, spaces apart."""
    if not metrics.wrap:
        return _BY_SPACES.findall(text)
    if style.word_break in ("break-all",) or style.line_break == "anywhere":
        return [part for piece in split_words(text) for part in ([piece] if piece.isspace() else list(piece))]
    pieces = split_words(text)
    if SOFT_HYPHEN in text:
        parts: list[str] = []
        for piece in pieces:
            held = piece.split(SOFT_HYPHEN)
            parts += [part + SOFT_HYPHEN for part in held[:-1] if part]
            if held[-1]:
                parts.append(held[-1])
        pieces = tuple(parts)
    if style.word_break == "keep-all":
        return _BY_SPACES.findall(text)
    # A space inside a piece ("5 !") still stretches and takes word-spacing, so it is a word of its own there too.
    return list(pieces)


def transformed(text: str, style: Style) -> str:
    """`text-transform` (CSS Text 3, section 2.1)."""
    how = style.text_transform
    if how == "uppercase":
        return text.upper()
    if how == "lowercase":
        return text.lower()
    return _CAPITAL.sub(lambda found: found.group().upper(), text) if how == "capitalize" else text


def collapsed(text: str, style: Style, after_space: bool) -> str:
    """Process white space. `after_space`: a collapsible space or a line's start precedes, so a leading one vanishes."""
    mode = style.white_space
    if mode in ("normal", "nowrap"):
        text = _COLLAPSIBLE.sub(" ", text)
    elif mode == "pre-line":
        text = _SPACES.sub(" ", _AROUND_NEWLINE.sub("\n", text.replace("\r\n", "\n")))
    else:
        return _tabs_expanded(text.replace("\r\n", "\n").replace("\r", "\n"), style)
    return text[1:] if after_space and text[:1] == " " else text


def _tabs_expanded(text: str, style: Style) -> str:
    """Tabs become the spaces that lead to the next stop, counted in characters from the line's start."""
    if "\t" not in text:
        return text
    return text.expandtabs(max(int(style.tab_size), 1) if style.tab_size > 0 else 8)


class PieceCache:
    """Pieces by (text, style, language, whether a space precedes), in two generations bounded by characters."""

    __slots__ = ("_budget", "_count", "_old", "_young")

    def __init__(self, budget: int = 1_000_000) -> None:
        self._budget = budget
        self._count = 0
        self._old: dict[object, Pieces | None] = {}
        self._young: dict[object, Pieces | None] = {}

    def get(self, text: str, style: Style, language: str, after_space: bool, fonts: FontSet) -> Pieces | None:
        """The pieces of a text, None where white space processing leaves nothing."""
        key = (text, style, language, after_space)
        try:
            return self._young[key]
        except KeyError:
            pass
        found = self._old.get(key)
        if found is None:
            shown = collapsed(transformed(text, style), style, after_space)
            found = Pieces(shown, style, metrics_of(style, fonts), language) if shown else None
        self._young[key] = found
        self._count += len(text) + 60
        if self._count > self._budget:
            self._old, self._young, self._count = self._young, {}, 0
        return found
