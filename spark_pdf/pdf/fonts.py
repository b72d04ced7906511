"""Fonts of a document: encoded text, exact embedded subsets, /ToUnicode (ISO 32000-1, 9.6 to 9.10).

Every font is a composite one (Type0, Identity-H), embedded as the subset that the document shows, without hints. A
character code is the glyph id of the font file (`text.subset`), so the encoding of a run is a pure function of the
run: it is made once per worker and keeps it in `ShapedRun.drawn`. What depends on the document, the set of glyphs and
the text behind them, is in `FontUse`.

Text comes out as it went in: most glyphs stand for the one character that the face's cmap gives them; ligatures and
substituted glyphs get an entry of their own per document; where a glyph would need two different texts, or several
glyphs share one cluster, the run is marked with /ActualText (14.9.4).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple
from unicodedata import combining

from spark_pdf.pdf.deflating import compress
from spark_pdf.pdf.strings import Text
from spark_pdf.pdf.writer import PdfWriter, literal, name, ref
from spark_pdf.text.face import Face
from spark_pdf.text.subset import subset
from spark_pdf.text.words import ShapedRun

_CMAP_HEAD = (
    b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_CMAP_TAIL = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
_CMAP_BLOCK = 100
"""Entries in one block of a CMap (Adobe Technical Note 5014)."""


_MOST_SEEN = 20_000
"""Runs that a document remembers per face: one of 20,000 pages has a million, and would keep all in memory."""


class GlyphCode(NamedTuple):
    """A glyph as content streams and font dictionaries write it."""

    code: bytes
    """The character code, escaped as inside a literal string."""
    width: float
    """The advance in 1/1000 em with one decimal, as /W says it: what adjustments are relative to."""
    character: str
    """The lowest character that the face's cmap maps to the glyph, or ""."""
    cmap_line: bytes
    """Its /ToUnicode entry, or b""."""
    width_text: str
    """The width as /W prints it."""


_MOST_FONTS = 128
"""Fonts remembered per face: some 10 KB each."""


class PreparedFont(NamedTuple):
    """What follows from a face and the glyphs shown alone: compressed streams, and entries of dictionaries."""

    base: str
    kind: str
    size: int
    program: bytes
    cid_to_gid: bytes | None
    widths: str
    to_unicode: bytes


class FaceCodes(dict[int, GlyphCode]):
    """`GlyphCode` by glyph id of one face, made when first asked for.

    `font` remembers the fonts of the last sets of glyphs: the bold one of labels and digits is often that of the
    document before.
    """

    __slots__ = ("_characters", "_fonts", "face")

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face
        self._fonts: dict[frozenset[int], PreparedFont] = {}
        self._characters: dict[int, str] | None = None

    def font(self, glyphs: frozenset[int]) -> PreparedFont:
        """The font of these glyphs, remembered; /ToUnicode as far as the face's cmap tells the texts."""
        found = self._fonts.get(glyphs)
        if found is None:
            if len(self._fonts) >= _MOST_FONTS:
                self._fonts.pop(next(iter(self._fonts)))
            found = self._fonts[glyphs] = _prepared(self, sorted(glyphs))
        return found

    def __missing__(self, glyph: int) -> GlyphCode:
        if self._characters is None:
            self._characters = _reverse_cmap(self.face)
        character = self._characters.get(glyph, "")
        line = _cmap_line(glyph, character) if character else b""
        code = literal(glyph.to_bytes(2, "big"))[1:-1]
        width = round(self.face.advance(glyph), 1)
        made = self[glyph] = GlyphCode(code, width, character, line, f"{width:.10g}")
        return made


def _reverse_cmap(face: Face) -> dict[int, str]:
    """Characters by glyph. Of several characters the lowest wins: the space, not the no-break space.

    Presentation forms are left out: their glyphs are shown for the letters that they are forms of, and say so by
    entries of their own in each document.
    """
    found: dict[int, str] = {}
    nominal = face.hb_font.get_nominal_glyph
    for codepoint in sorted(face.hb_face.unicodes, reverse=True):
        if 0xFB00 <= codepoint <= 0xFDFF or 0xFE70 <= codepoint <= 0xFEFC:
            continue
        glyph = nominal(codepoint)
        if glyph:
            found[glyph] = chr(codepoint)
    return found


def _cmap_line(glyph: int, text: str) -> bytes:
    return b"<%04X> <%b>\n" % (glyph, text.encode("utf-16-be", "replace").hex().upper().encode())


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
    if len(run.glyphs) != len(run.text):
        return None
    scale = 1000 / run.face.units_per_em
    out: list[bytes] = []
    ahead = 0.0
    closed = True
    for glyph, advance, text in zip(run.glyphs, run.advances, run.text, strict=True):
        code, width, character, _, _ = codes[glyph]
        if character != text:
            return None
        if not -0.5 <= ahead <= 0.5:
            out.append(b")%d(" % round(ahead))
            ahead -= round(ahead)
        elif closed:
            out.append(b"(")
            closed = False
        out.append(code)
        ahead += width - advance * scale
    out.append(b")" if -0.5 <= ahead <= 0.5 else b")%d" % round(ahead))
    return b"".join(out)


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
                pieces.append((rise, b"".join(items)))
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
        pieces.append((rise, b"".join(items)))
    return pieces


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

    __slots__ = ("_glyphs", "codes", "extra", "marked", "number", "runs", "seen")

    def __init__(self, codes: FaceCodes, number: int) -> None:
        self.codes = codes
        self.number = number
        self._glyphs: set[int] = set()
        self.extra: dict[int, str] = {}
        self.runs: set[ShapedRun] = set()
        self.seen: dict[ShapedRun, bytes | EncodedRun] = {}
        self.marked: set[ShapedRun] = set()

    @property
    def glyphs(self) -> set[int]:
        """The glyphs shown so far."""
        if self.runs:
            self._glyphs.update(*[run.glyphs for run in self.runs])
            self.runs.clear()
        return self._glyphs

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


def write_font(writer: PdfWriter, use: FontUse) -> int:
    """Put the font objects of a face; returns the number of the Type0 font."""
    codes, face = use.codes, use.codes.face
    font = codes.font(frozenset(use.glyphs))
    is_cff = font.kind == "cff"
    details = {"Subtype": "/CIDFontType0C"} if is_cff else {"Length1": font.size}
    file = writer.stream({**details, **_DEFLATED}, font.program)
    box = " ".join(str(round(1000 * v)) for v in face.bbox)
    descriptor = writer.put({
        "Type": "/FontDescriptor", "FontName": font.base, "Flags": face.flags, "FontBBox": f"[{box}]",
        "ItalicAngle": face.italic_angle, "Ascent": round(1000 * face.ascent), "Descent": -round(1000 * face.descent),
        "CapHeight": round(1000 * face.cap_height), "StemV": face.stem_v,
        "FontFile3" if is_cff else "FontFile2": ref(file),
    })  # fmt: skip
    mapping: str | None = None if is_cff else "/Identity"
    if font.cid_to_gid is not None:
        mapping = ref(writer.stream(_DEFLATED, font.cid_to_gid))
    system = {"Registry": Text("Adobe"), "Ordering": Text("Identity"), "Supplement": 0}
    descendant = writer.put({
        "Type": "/Font", "Subtype": "/CIDFontType0" if is_cff else "/CIDFontType2", "BaseFont": font.base,
        "CIDSystemInfo": system, "FontDescriptor": ref(descriptor), "DW": 0, "W": font.widths, "CIDToGIDMap": mapping,
    })  # fmt: skip
    unicode_map = compress(to_unicode(codes, sorted(use.glyphs), use.extra)) if use.extra else font.to_unicode
    return writer.put({
        "Type": "/Font", "Subtype": "/Type0", "BaseFont": font.base, "Encoding": "/Identity-H",
        "DescendantFonts": f"[{ref(descendant)}]", "ToUnicode": ref(writer.stream(_DEFLATED, unicode_map)),
    })  # fmt: skip


_DEFLATED = {"Filter": "/FlateDecode"}


def _prepared(codes: FaceCodes, glyphs: list[int]) -> PreparedFont:
    face = codes.face
    program = subset(face, glyphs)
    mapping = program.cid_to_gid
    return PreparedFont(
        name(f"{subset_tag(face, glyphs)}+{face.postscript_name}"),
        program.kind,
        len(program.data),
        compress(program.data),
        compress(mapping) if mapping is not None else None,
        _widths(codes, glyphs),
        compress(to_unicode(codes, glyphs, {})),
    )


def subset_tag(face: Face, glyphs: Iterable[int]) -> str:
    """Six letters for a subset (9.6.4): the same glyphs of the same face get the same ones."""
    digest = hashlib.blake2b(f"{face.key} {list(glyphs)}".encode(), digest_size=8).digest()
    value = int.from_bytes(digest, "big")
    letters = []
    for _ in range(6):
        value, letter = divmod(value, 26)
        letters.append(chr(65 + letter))
    return "".join(letters)


def _widths(codes: FaceCodes, glyphs: list[int]) -> str:
    """/W (9.7.4.3): runs of consecutive glyphs share one array."""
    parts: list[str] = []
    row: list[str] = []
    last = -2
    for glyph in glyphs:
        if glyph != last + 1:
            if row:
                parts.append(f"[{' '.join(row)}]")
            parts.append(f"{glyph}")
            row = []
        row.append(codes[glyph].width_text)
        last = glyph
    parts.append(f"[{' '.join(row)}]")
    return f"[{''.join(parts)}]" if row else "[]"


def to_unicode(codes: FaceCodes, glyphs: list[int], extra: Mapping[int, str]) -> bytes:
    """The /ToUnicode CMap (9.10.3), one entry per glyph; a glyph may stand for several characters."""
    lines = [codes[glyph].cmap_line or (_cmap_line(glyph, extra[glyph]) if glyph in extra else b"") for glyph in glyphs]
    lines = [entry for entry in lines if entry]
    blocks = [
        b"%d beginbfchar\n%bendbfchar\n" % (len(lines[at : at + _CMAP_BLOCK]), b"".join(lines[at : at + _CMAP_BLOCK]))
        for at in range(0, len(lines), _CMAP_BLOCK)
    ]
    return _CMAP_HEAD + b"".join(blocks) + _CMAP_TAIL
