"""Fonts of a document: encoded text, exact embedded subsets, /ToUnicode (ISO 32000-1, 9.6 to 9.10).

Every font is a composite one (Type0, Identity-H), embedded as the subset that the document shows, without hints. A character code is
the glyph id of the font file (`text.subset`), so the encoding of a run is a pure function of the run: `encode` makes it once per
worker and keeps it in `ShapedRun.drawn`. What depends on the document, the set of glyphs and the text behind them, is in `FontUse`.

Text comes out as it went in: most glyphs stand for the one character that the face's cmap gives them; ligatures and
substituted glyphs get an entry of their own per document; where a glyph would need two different texts, or several glyphs
share one cluster, the run is marked with /ActualText (14.9.4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from spark_pdf.pdf.writer import PdfWriter, Text, literal, name, ref
from spark_pdf.text.face import Face
from spark_pdf.text.subset import subset
from spark_pdf.text.words import ShapedRun

_CMAP_HEAD = (
    b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_CMAP_TAIL = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
_CMAP_BLOCK = 100
"""Entries in one block of a CMap (Adobe Technical Note 5014)."""


class FaceCodes:
    """What encoding needs of a face: width as written in /W, and the character that the cmap gives a glyph."""

    __slots__ = ("_characters", "_lines", "face", "widths")

    def __init__(self, face: Face) -> None:
        self.face = face
        self.widths: dict[int, float] = {}
        self._characters: dict[int, str] | None = None
        self._lines: dict[int, bytes] = {}

    def width(self, glyph: int) -> float:
        """The advance in 1/1000 em with one decimal, as /W says it: what adjustments are relative to."""
        found = self.widths.get(glyph)
        if found is None:
            found = self.widths[glyph] = round(self.face.advance(glyph), 1)
        return found

    def character(self, glyph: int) -> str | None:
        """The lowest character that the cmap maps to the glyph, or None."""
        if self._characters is None:
            self._characters = _reverse_cmap(self.face)
        return self._characters.get(glyph)

    def cmap_line(self, glyph: int) -> bytes:
        """The /ToUnicode entry of a glyph that stands for its cmap's character; empty where it has none."""
        found = self._lines.get(glyph)
        if found is None:
            text = self.character(glyph)
            found = self._lines[glyph] = _cmap_line(glyph, text) if text else b""
        return found


def _reverse_cmap(face: Face) -> dict[int, str]:
    """Characters by glyph. Of several characters the lowest wins: the space, not the no-break space."""
    found: dict[int, str] = {}
    nominal = face.hb_font.get_nominal_glyph
    for codepoint in sorted(face.hb_face.unicodes, reverse=True):
        glyph = nominal(codepoint)
        if glyph:
            found[glyph] = chr(codepoint)
    return found


def _cmap_line(glyph: int, text: str) -> bytes:
    return b"<%04X> <%b>\n" % (glyph, text.encode("utf-16-be", "replace").hex().upper().encode())


class EncodedRun:
    """A run as it stands in a content stream.

    `shown`: items of a TJ array. `rises`: instead of it, where glyphs are raised, (rise in 1/1000 em, items) in order.
    `extra`: texts of glyphs that the cmap does not tell. `actual`: the run needs /ActualText. `uneven`: clusters of several
    glyphs, between which no letter-spacing goes.
    """

    __slots__ = ("actual", "codes", "extra", "glyphs", "rises", "shown", "text", "uneven")

    def __init__(self, codes: FaceCodes, run: ShapedRun, spacing: float) -> None:
        self.codes = codes
        self.text = run.text
        self.glyphs = frozenset(run.glyphs)
        texts = _cluster_texts(run)
        self.uneven = len(run.glyphs) != len(set(run.clusters))
        self.extra: tuple[tuple[int, str], ...] = ()
        self.actual = self.uneven
        if not self.uneven:
            extra: dict[int, str] = {}
            for glyph, text in zip(run.glyphs, texts, strict=True):
                known = codes.character(glyph) or extra.get(glyph)
                if known is None:
                    extra[glyph] = text
                elif known != text:
                    self.actual = True
            self.extra = tuple(extra.items())
        pieces = _pieces(codes, run, spacing)
        plain = len(pieces) == 1 and pieces[0][0] == 0
        self.shown = pieces[0][1] if plain else b""
        self.rises = None if plain or not pieces else tuple(pieces)


def encode(codes: FaceCodes, run: ShapedRun, spacing: float = 0.0) -> EncodedRun:
    """Encode a run. `spacing`: letter-spacing in 1/1000 em, only for runs that are `uneven`; such an encoding is not kept."""
    return EncodedRun(codes, run, spacing)


def _cluster_texts(run: ShapedRun) -> list[str]:
    """The text of each glyph's cluster: from its first character to that of the next cluster in logical order."""
    if len(run.glyphs) == len(run.text) and run.clusters == tuple(range(len(run.text))):
        return list(run.text)
    starts = sorted(set(run.clusters))
    ends = dict(zip(starts, [*starts[1:], len(run.text)], strict=True))
    return [run.text[start : ends[start]] for start in run.clusters]


def _pieces(codes: FaceCodes, run: ShapedRun, spacing: float) -> list[tuple[int, bytes]]:
    """(rise, TJ items) of a run: the adjustments bring the pen from where /W leaves it to where shaping wants the glyph."""
    scale = 1000 / run.face.units_per_em
    pieces: list[tuple[int, bytes]] = []
    items: list[bytes] = []
    shown = bytearray()
    rise = 0
    pen = wanted = 0.0
    clusters = run.clusters
    for index, glyph in enumerate(run.glyphs):
        dx, dy = run.offsets[index] if run.offsets else (0, 0)
        if round(dy * scale) != rise:
            if shown:
                items.append(literal(bytes(shown)))
                shown.clear()
            if items:
                pieces.append((rise, b"".join(items)))
                items = []
            rise = round(dy * scale)
        ahead = pen - wanted - dx * scale
        if not -0.5 <= ahead <= 0.5:
            if shown:
                items.append(literal(bytes(shown)))
                shown.clear()
            # A space where the array may already end with another run's number.
            items.append((b"%d" if items or pieces else b" %d") % round(ahead))
            pen -= round(ahead)
        shown += glyph.to_bytes(2, "big")
        pen += codes.width(glyph) + spacing
        wanted += run.advances[index] * scale
        if spacing and (index + 1 == len(clusters) or clusters[index + 1] != clusters[index]):
            wanted += spacing
    if shown:
        items.append(literal(bytes(shown)))
    if not -0.5 <= pen - wanted <= 0.5:
        items.append(b"%d" % round(pen - wanted))
    if items:
        pieces.append((rise, b"".join(items)))
    return pieces


class FontUse:
    """One face in one document: its resource name, the glyphs shown, and the texts that its cmap does not tell."""

    __slots__ = ("codes", "extra", "glyphs", "number", "seen")

    def __init__(self, codes: FaceCodes, number_: int) -> None:
        self.codes = codes
        self.number = number_
        self.glyphs: set[int] = set()
        self.extra: dict[int, str] = {}
        self.seen: dict[EncodedRun, bool] = {}
        """Runs met so far, and whether each is marked with /ActualText in this document."""

    def admit(self, run: EncodedRun) -> bool:
        """Take a run's glyphs into the subset, once; says whether the run has to be marked with /ActualText."""
        self.glyphs |= run.glyphs
        marked = run.actual
        for glyph, text in run.extra:
            if self.extra.setdefault(glyph, text) != text:
                marked = True
        self.seen[run] = marked
        return marked


def write_font(writer: PdfWriter, use: FontUse) -> int:
    """Put the font objects of a face; returns the number of the Type0 font."""
    codes, face = use.codes, use.codes.face
    glyphs = sorted(use.glyphs)
    program = subset(face, glyphs)
    base = name(f"{subset_tag(face, glyphs)}+{face.postscript_name}")
    is_cff = program.kind == "cff"
    details = {"Subtype": "/CIDFontType0C"} if is_cff else {"Length1": len(program.data)}
    file = writer.stream(details, program.data, level=6)
    box = " ".join(str(round(1000 * v)) for v in face.bbox)
    descriptor = writer.put({
        "Type": "/FontDescriptor", "FontName": base, "Flags": face.flags, "FontBBox": f"[{box}]",
        "ItalicAngle": face.italic_angle, "Ascent": round(1000 * face.ascent), "Descent": -round(1000 * face.descent),
        "CapHeight": round(1000 * face.cap_height), "StemV": face.stem_v, "FontFile3" if is_cff else "FontFile2": ref(file),
    })  # fmt: skip
    mapping: str | None = None if is_cff else "/Identity"
    if program.cid_to_gid is not None:
        mapping = ref(writer.stream({}, program.cid_to_gid, level=6))
    system = {"Registry": Text("Adobe"), "Ordering": Text("Identity"), "Supplement": 0}
    descendant = writer.put({
        "Type": "/Font", "Subtype": "/CIDFontType0" if is_cff else "/CIDFontType2", "BaseFont": base, "CIDSystemInfo": system,
        "FontDescriptor": ref(descriptor), "DW": 0, "W": _widths(codes, glyphs), "CIDToGIDMap": mapping,
    })  # fmt: skip
    unicode_map = writer.stream({}, to_unicode(use, glyphs), level=6)
    return writer.put({
        "Type": "/Font", "Subtype": "/Type0", "BaseFont": base, "Encoding": "/Identity-H",
        "DescendantFonts": f"[{ref(descendant)}]", "ToUnicode": ref(unicode_map),
    })  # fmt: skip


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
    widths, width = codes.widths, codes.width
    for glyph in glyphs:
        if glyph != last + 1:
            if row:
                parts.append(f"[{' '.join(row)}]")
            parts.append(f"{glyph}")
            row = []
        found = widths.get(glyph)
        row.append(f"{width(glyph) if found is None else found:.10g}")
        last = glyph
    parts.append(f"[{' '.join(row)}]")
    return f"[{''.join(parts)}]" if row else "[]"


def to_unicode(use: FontUse, glyphs: list[int]) -> bytes:
    """The /ToUnicode CMap (9.10.3), one entry per glyph; a glyph may stand for several characters."""
    extra, line = use.extra, use.codes.cmap_line
    lines = [line(glyph) or (_cmap_line(glyph, extra[glyph]) if extra.get(glyph) else b"") for glyph in glyphs]
    lines = [entry for entry in lines if entry]
    blocks = [
        b"%d beginbfchar\n%bendbfchar\n" % (len(lines[at : at + _CMAP_BLOCK]), b"".join(lines[at : at + _CMAP_BLOCK]))
        for at in range(0, len(lines), _CMAP_BLOCK)
    ]
    return _CMAP_HEAD + b"".join(blocks) + _CMAP_TAIL


