"""Text as it stands in content streams, and what a document shows of each face (ISO 32000-1, 9.4, 9.7, 9.10, 14.9.4).

A character code is a pure function of face and glyph (`text.numbering`), and so is the encoding of a run: it is made
once per worker and kept in `ShapedRun.drawn`. What depends on the document, the set of glyphs and the text behind them,
is in `FontUse`; `embedding.py` makes the font of it.

Text comes out as it went in: most glyphs stand for the one character that the face's cmap gives them; ligatures and
substituted glyphs get an entry of their own per document; where a glyph would need two different texts, or several
glyphs share one cluster, the run is marked with /ActualText (14.9.4).
"""

from __future__ import annotations

from codecs import utf_16_be_encode
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple
from unicodedata import combining

from spark_pdf.pdf.embedding import FaceCodes, PlainGlyph, write_font
from spark_pdf.pdf.writer import PdfWriter
from spark_pdf.text.words import ShapedRun

_ALL_CODES: Final = bytes(range(256))
_MOST_SEEN: Final = 20_000
"""Runs that a document remembers per face: one of 20,000 pages has a million, and would keep all in memory."""


def encoded(codes: FaceCodes, run: ShapedRun) -> bytes | EncodedRun:
    """A run as it stands in a content stream, made once per worker: the items of a TJ array, where that is all."""
    plain = _plain(codes, run) if run.offsets is None else None
    return EncodedRun(codes, run) if plain is None else plain


class EncodedRun:
    """A run that is more than items of a TJ array.

    `pieces`: (rise in 1/1000 em, items) in order. `extra`: texts of glyphs that the cmap does not tell. `actual`: the
    run needs /ActualText. `uneven`: there are clusters of several glyphs, between which no letter-spacing goes.
    `clusters`: (text, pieces) of each cluster in visual order, since who extracts text turns round what a line holds,
    the letters of an /ActualText included, and puts all of them at its start.
    """

    __slots__ = ("actual", "clusters", "extra", "pieces", "text", "uneven")

    def __init__(self, codes: FaceCodes, run: ShapedRun, spacing: float = 0.0) -> None:
        """`spacing`: letter-spacing in 1/1000 em, which only `uneven` runs need to know."""
        self.text = run.text
        self.extra: tuple[tuple[int, str], ...] = ()
        self.uneven = self.actual = len(run.glyphs) != len(set(run.clusters))
        self._note_texts(codes, run)
        self.pieces = tuple(_pieces(codes, run, spacing))
        self.clusters: tuple[Cluster, ...] = ()
        if len(run.glyphs) > 1:
            self.clusters = tuple(_cluster_pieces(codes, run, spacing))

    def _note_texts(self, codes: FaceCodes, run: ShapedRun) -> None:
        extra: dict[int, str] = {}
        counts = Counter(run.clusters) if self.uneven else {}
        for glyph, text, cluster in zip(run.glyphs, _cluster_texts(run), run.clusters, strict=True):
            if counts and counts[cluster] > 1:
                continue
            known = codes[glyph].character or extra.get(glyph)
            if known is None:
                extra[glyph] = text
            elif known != text:
                self.actual = True
        self.extra = tuple(extra.items())


def _plain(codes: FaceCodes, run: ShapedRun) -> bytes | None:
    """The TJ items of the usual run: every glyph stands for its own character. None where one does not."""
    glyphs, advances, text = run.glyphs, run.advances, run.text
    if len(glyphs) != len(text):
        return None
    scale = 1000 / run.face.units_per_em
    known = codes.plain
    latin = True
    ahead = 0.0
    pieces: list[tuple[int, int]] = []  # where they end, and the adjustment that follows
    for index in range(len(glyphs)):  # by index: a zip of three takes as long as all else
        entry = known[glyphs[index]]
        if entry is None:
            codes[glyphs[index]]  # which makes it known
            entry = known[glyphs[index]]
            assert entry is not None
        if entry.point != ord(text[index]):
            return None
        if not -0.5 <= ahead <= 0.5:
            whole = round(ahead)
            pieces.append((index, whole))
            ahead -= whole
        if not entry.latin:
            latin = False
        ahead += entry.width - advances[index] * scale
    pieces.append((len(glyphs), 0 if -0.5 <= ahead <= 0.5 else round(ahead)))
    encoded = utf_16_be_encode(text)[0] if latin else b""
    out: list[bytes] = []
    start = 0
    for end, whole in pieces:
        piece = encoded[2 * start : 2 * end] if latin else _code_bytes(known, glyphs[start:end])
        out.append(b"(%b)%d" % (piece, whole) if whole else b"(%b)" % piece)
        start = end
    return out[0] if len(out) == 1 else b"".join(out)


def _code_bytes(known: list[PlainGlyph | None], glyphs: tuple[int, ...]) -> bytes:
    return b"".join([entry.code for entry in [known[glyph] for glyph in glyphs] if entry is not None])


_LAM_ALEF = {
    "\u0644\u0622": "\ufef5", "\u0644\u0623": "\ufef7", "\u0644\u0625": "\ufef9", "\u0644\u0627": "\ufefb",
}  # fmt: skip
"""Who extracts text turns round the letters of a line from right to left, those of one glyph included; of a
presentation form he makes the letters himself, in the right order (pdfium, pdf.js), or leaves what is equivalent to
them (poppler).
"""


def _cluster_texts(run: ShapedRun) -> list[str]:
    """The text of each glyph's cluster: from its first character to that of the next cluster in logical order."""
    starts = sorted(set(run.clusters))
    ends = dict(zip(starts, [*starts[1:], len(run.text)], strict=True))
    texts = [run.text[start : ends[start]] for start in run.clusters]
    if "\u0644" in run.text and len(starts) == len(texts):
        texts = [_LAM_ALEF.get(text, text) for text in texts]
    return texts


def _pieces(codes: FaceCodes, run: ShapedRun, spacing: float) -> list[tuple[int, bytes]]:
    """(rise, TJ items) of any run: adjustments bring the pen from where /W leaves it to where shaping wants it."""
    scale = 1000 / run.face.units_per_em
    pieces: list[tuple[int, bytes]] = []
    items: list[bytes] = []
    rise = 0
    pen = wanted = 0.0
    clusters = run.clusters
    for index, glyph in enumerate(run.glyphs):
        dx, dy = run.offsets[index] if run.offsets else (0, 0)
        if round(dy * scale) != rise:
            if items:
                pieces.append((rise, _joined(items)))
                items = []
            rise = round(dy * scale)
        ahead = round(pen - wanted - dx * scale)
        if ahead:
            # With a space before it, since the array may already end with another run's number.
            items.append(b" %d" % ahead)
            pen -= ahead
        items.append(b"(%b)" % codes[glyph].code)
        pen += codes[glyph].width + spacing
        wanted += run.advances[index] * scale
        if spacing and (index + 1 == len(clusters) or clusters[index + 1] != clusters[index]):
            wanted += spacing
    ahead = round(pen - wanted)
    if ahead:
        items.append(b" %d" % ahead)
    if items:
        pieces.append((rise, _joined(items)))
    return pieces


def _joined(items: list[bytes]) -> bytes:
    """Strings that meet become one: ")(" stands nowhere else, as data escapes both."""
    return b"".join(items).replace(b")(", b"")


class Cluster(NamedTuple):
    """A cluster, or several that tell their text (then it is ""). `glyph`: its only one, or -1."""

    text: str
    pieces: tuple[tuple[int, bytes], ...]
    glyph: int


def _cluster_pieces(codes: FaceCodes, run: ShapedRun, spacing: float) -> Iterator[Cluster]:
    """The clusters of a run, each with its text and its pieces; from left to right, those that tell theirs in one.

    From right to left, a cluster with several glyphs and characters has a part for each character, the last one
    first, since these too are turned round.
    """
    texts = _cluster_texts(run)
    clusters, count = run.clusters, len(run.glyphs)
    forward = clusters[0] <= clusters[-1]
    edges = [i for i in range(count) if not i or clusters[i] != clusters[i - 1]] + [count]
    told = [
        end - start == 1 and codes[run.glyphs[start]].character == texts[start] for start, end in pairwise(edges)
    ] + [False]
    start = 0
    for index, end in enumerate(edges[1:]):
        if forward and told[index] and told[index + 1]:
            continue
        text = texts[start]
        if not forward and 1 < len(text) <= end - start and not any(map(combining, text)):
            for character in text[:0:-1]:
                yield Cluster(
                    character, tuple(_pieces(codes, _part(run, start, start + 1, character, False), spacing)), -1
                )
                start += 1
            text = text[0]
        part = _part(run, start, end, text, told[index])
        raised = part.offsets is not None and part.offsets[0][1] and not told[index]
        pieces = _base_first(codes, part, spacing) if raised else _pieces(codes, part, spacing)
        yield Cluster("" if told[index] else text, tuple(pieces), run.glyphs[start] if end - start == 1 else -1)
        start = end


def _base_first(codes: FaceCodes, run: ShapedRun, spacing: float) -> list[tuple[int, bytes]]:
    """A cluster whose first glyph is a mark, its base drawn first: it tells extractors where the line is."""
    scale = 1000 / run.face.units_per_em
    pen = wanted = 0.0
    places: list[tuple[int, float, int]] = []
    for glyph, advance, (dx, dy) in zip(run.glyphs, run.advances, run.offsets or (), strict=True):
        places.append((round(dy * scale), wanted + dx * scale, glyph))
        wanted += advance * scale
    places.sort(key=lambda place: place[0] != 0)
    pieces: list[tuple[int, bytes]] = []
    for rise, x, glyph in places:
        ahead = round(pen - x)
        pieces.append((rise, b" %d(%b)" % (ahead, codes[glyph].code)))
        pen += codes[glyph].width + spacing - ahead
    rest = round(pen - wanted - spacing)
    if rest:
        pieces.append((places[-1][0], b" %d" % rest))
    return pieces


def _part(run: ShapedRun, start: int, end: int, text: str, apart: bool) -> ShapedRun:
    """Some glyphs of a run: one cluster, or each a cluster (`apart`)."""
    offsets = run.offsets[start:end] if run.offsets else None
    glyphs, advances = run.glyphs[start:end], run.advances[start:end]
    clusters = tuple(range(end - start)) if apart else (0,) * (end - start)
    return ShapedRun(run.face, text, glyphs, advances, offsets, clusters)


class FontUse:
    """One face in one document: its resource name, the glyphs shown, and the texts that its cmap does not tell.

    `runs`: those shown as they are, until their glyphs are counted. `seen`: all others met so far, as TJ items where
    that is all after all, else as their `EncodedRun`; those that need /ActualText in this document are `marked`.
    """

    __slots__ = ("_glyphs", "codes", "extra", "marked", "number", "runs", "seen", "sizes")

    def __init__(self, codes: FaceCodes, number: int) -> None:
        self.codes = codes
        self.number = number
        self._glyphs: set[int] = set()
        self.extra: dict[int, str] = {}
        self.runs: set[ShapedRun] = set()
        self.sizes: dict[float, bytes] = {}
        """Operators that choose the font, by size."""
        self.seen: dict[ShapedRun, bytes | EncodedRun] = {}
        self.marked: set[ShapedRun] = set()

    @property
    def used(self) -> bool:
        """Whether any glyph was shown."""
        return bool(self.runs) or bool(self._glyphs)

    @property
    def glyphs(self) -> set[int]:
        """The glyphs shown so far."""
        if self.runs:
            self._glyphs.update(*[run.glyphs for run in self.runs])
            self.runs.clear()
        return self._glyphs

    @property
    def shown(self) -> tuple[int, ...]:
        """The codes of the glyphs shown so far, in ascending order.

        By the texts of `runs`, in which each character stands for one glyph, where all are of Windows-1252: a third
        of what counting glyphs takes.
        """
        of_glyph = self.codes.numbers.codes
        special = [of_glyph[glyph] for glyph in self._glyphs]
        western = self._western_codes()
        if western is None or max(special, default=0) > 255:
            return tuple(sorted([of_glyph[glyph] for glyph in self.glyphs]))
        western += bytes(special)
        return tuple(_ALL_CODES.translate(None, _ALL_CODES.translate(None, western)))

    def _western_codes(self) -> bytes | None:
        if not self.codes.western:
            return None
        text = "".join([run.text for run in self.runs])
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            pass
        try:
            return text.encode("cp1252")
        except UnicodeEncodeError:
            return None

    def forget(self) -> None:
        """Let go of runs where they are many; those met again are admitted again, with the same result."""
        if len(self.runs) + len(self.seen) >= _MOST_SEEN:
            self.glyphs  # noqa: B018 - counts those of `runs`
            self.seen.clear()
            self.marked.clear()

    def admit(self, run: ShapedRun) -> bytes | EncodedRun:
        """Take a run into the document when it is met first; returns what is shown of it."""
        drawn = run.drawn
        if drawn is None:
            drawn = run.drawn = encoded(self.codes, run)
        if type(drawn) is bytes:
            self.runs.add(run)
            return drawn
        assert type(drawn) is EncodedRun
        self._glyphs.update(run.glyphs)
        shown = self.seen[run] = self._special(run, drawn)
        return shown

    def _special(self, run: ShapedRun, drawn: EncodedRun) -> bytes | EncodedRun:
        marked = drawn.actual
        for glyph, text in drawn.extra:
            if self.extra.setdefault(glyph, text) != text:
                marked = True
        if marked:
            self.marked.add(run)
        elif len(drawn.pieces) == 1 and drawn.pieces[0][0] == 0:
            return drawn.pieces[0][1]
        return drawn

    def write(self, writer: PdfWriter) -> int:
        """Put the font; returns its number."""
        return write_font(writer, self.codes, self.shown, self.extra)
