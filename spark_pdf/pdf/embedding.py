"""Fonts as a file embeds them: exact subsets, widths, /ToUnicode (ISO 32000-1, 9.6 to 9.10).

In: a face, the glyphs that a document shows of it, and texts that the face's cmap does not tell. Out: the objects of a
composite font (Type0, Identity-H), whose program has no hints. All that follows from face and glyphs alone is
remembered; of a set of glyphs that is met first, the program is joined and deflated, and nothing else is made anew:
the /ToUnicode of Windows-1252's characters is the same for all faces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from spark_pdf.pdf.deflating import DOCUMENT_LEVEL, PREPARED_LEVEL, compress
from spark_pdf.pdf.strings import Text
from spark_pdf.pdf.writer import PdfWriter, PreparedStream, entries_of, literal, name, prepared_stream, ref
from spark_pdf.text.face import Face
from spark_pdf.text.numbering import WESTERN, closure
from spark_pdf.text.subset import numbering, subset_of_codes

_CMAP_HEAD = (
    b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_CMAP_TAIL = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
_CMAP_BLOCK = 100
"""Entries in one block of a CMap (Adobe Technical Note 5014)."""
_WESTERN_ROWS = b"2 beginbfrange\n<0020> <007E> <0020>\n<00A0> <00FF> <00A0>\nendbfrange\n"

_MOST_FONTS: Final = 128
"""Fonts remembered per face: some 10 KB each."""
_MOST_MAPS = 64
_DEFLATED: Final = {"Filter": "/FlateDecode"}
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class GlyphCode(NamedTuple):
    """A glyph as content streams and font dictionaries write it."""

    code: bytes
    """The character code, escaped as inside a literal string."""
    width: float
    """The advance in 1/1000 em with one decimal, as /W says it: what adjustments are relative to."""
    character: str
    """The lowest character that the face's cmap maps to the glyph, or ""."""
    number: int
    """The character code as a number."""


class PlainGlyph:
    """What most text needs of a `GlyphCode`. `point`: its character, or -1. `latin`: the code is the character's
    number in Latin-1 and needs no escapes, so that text in UTF-16 is encoded already.
    """

    __slots__ = ("code", "latin", "point", "width")

    def __init__(self, glyph: GlyphCode) -> None:
        self.code = glyph.code
        self.width = glyph.width
        self.point = ord(glyph.character) if glyph.character else -1
        self.latin = self.point == glyph.number < 256 and len(glyph.code) == 2


class _Entry:
    """What a font says of a glyph. `number`: its code as text. `width` and `first_width`: as /W prints it behind that
    of the code before, and as the first of an array. `cmap_line`: its /ToUnicode entry; b"" where it has no character,
    or one that every /ToUnicode has.
    """

    __slots__ = ("cmap_line", "first_width", "number", "width")

    def __init__(self, glyph: GlyphCode, western: bool) -> None:
        width = f"{glyph.width:.10g}"
        self.number = str(glyph.number)
        self.width = f" {width}"
        self.first_width = f"]{glyph.number}[{width}"
        self.cmap_line = b""
        if glyph.character and not (western and glyph.number < 256):
            self.cmap_line = _cmap_line(glyph.number, glyph.character)


class PreparedFont(NamedTuple):
    """What follows from a face and the glyphs shown alone. `descriptor` and `descendant` end where references begin.

    `cmap_lines`: entries of /ToUnicode.
    """

    base: str
    descriptor: str
    descendant: str
    program: PreparedStream
    cid_to_gid: PreparedStream | None
    cmap_lines: bytes


class FaceCodes(dict[int, GlyphCode]):
    """`GlyphCode` by glyph id of one face, made when first asked for.

    `plain`: those made so far, by glyph id.
    `font` remembers the fonts of the last sets of glyphs: the bold one of labels and digits is often that of the
    document before. `unicode_map` does so with /ToUnicode.
    """

    __slots__ = (
        "_characters", "_common", "_descendant", "_descriptor", "_entries", "_fonts", "_maps", "_name", "_shared",
        "face", "numbers", "plain", "western",
    )  # fmt: skip

    def __init__(self, face: Face, repertoire: frozenset[int] | None = None) -> None:
        """`repertoire`: the characters of a subset that documents share."""
        super().__init__()
        self.face = face
        self._shared: PreparedFont | None = None
        self.plain: list[PlainGlyph | None] = [None] * face.glyph_count
        self._entries: dict[int, _Entry] = {}
        self._fonts: dict[tuple[int, ...], PreparedFont] = {}
        self._maps: dict[bytes, PreparedStream] = {}
        numbers = self.numbers = numbering(face)
        self._characters = numbers.characters
        self.western = numbers.western
        common = [] if repertoire is None else closure(face, repertoire)
        self._common = frozenset([numbers.codes[glyph] for glyph in common])
        self._name = name(face.postscript_name)[1:]
        self._descriptor = _descriptor(face)
        self._descendant = _descendant(face)

    def __missing__(self, glyph: int) -> GlyphCode:
        number = self.numbers.codes[glyph]
        character = self._characters.get(glyph, "")
        code = literal(number.to_bytes(2, "big"))[1:-1]
        width = round(self.face.advance(glyph), 1)
        made = self[glyph] = GlyphCode(code, width, character, number)
        self.plain[glyph] = PlainGlyph(made)
        return made

    def font(self, shown: tuple[int, ...]) -> PreparedFont:
        """The font that shows the glyphs of these codes, which ascend, remembered: the one that documents share, if
        that has all of them.
        """
        if self._common and self._common.issuperset(shown):
            if self._shared is None:
                self._shared = self._prepared(tuple(sorted(self._common)), PREPARED_LEVEL)
            return self._shared
        found = self._fonts.get(shown)
        if found is None:
            if len(self._fonts) >= _MOST_FONTS:
                self._fonts.pop(next(iter(self._fonts)))
            found = self._fonts[shown] = self._prepared(shown, DOCUMENT_LEVEL)
        return found

    def _prepared(self, shown: tuple[int, ...], level: int) -> PreparedFont:
        face = self.face
        program = subset_of_codes(face, shown)
        entries = self._shown(shown)
        base = f"/{_subset_tag(face, entries)}+{self._name}"
        mapping = program.cid_to_gid
        if program.kind == "cff":
            details: dict[str, object] = {"Subtype": "/CIDFontType0C"}
            identity = ""
        else:
            details = {"Length1": len(program.data)}
            identity = "/CIDToGIDMap /Identity" if mapping is None else ""
        return PreparedFont(
            base,
            f"<<{self._descriptor}/FontName {base}/{'FontFile3' if program.kind == 'cff' else 'FontFile2'} ",
            f"<<{self._descendant}/BaseFont {base}/W {_widths(shown, entries)}{identity}/FontDescriptor ",
            prepared_stream({**details, **_DEFLATED}, compress(program.data, level)),
            None if mapping is None else prepared_stream(_DEFLATED, compress(mapping, level)),
            b"".join([entry.cmap_line for entry in entries]),
        )

    def _shown(self, shown: tuple[int, ...]) -> list[_Entry]:
        known = self._entries
        found: list[_Entry] = []
        for code in shown:
            entry = known.get(code)
            if entry is None:
                entry = known[code] = _Entry(self[self.numbers.glyphs[code]], self.western)
            found.append(entry)
        return found

    def unicode_map(self, lines: bytes) -> PreparedStream:
        """The /ToUnicode with these entries beside those of all faces, remembered."""
        if not lines and self.western:
            return _WESTERN_MAP
        found = self._maps.get(lines)
        if found is None:
            if len(self._maps) >= _MOST_MAPS:
                self._maps.pop(next(iter(self._maps)))
            found = self._maps[lines] = prepared_stream(
                _DEFLATED, compress(_unicode_map(lines.splitlines(True), self.western))
            )
        return found


def write_font(writer: PdfWriter, codes: FaceCodes, shown: tuple[int, ...], extra: Mapping[int, str]) -> int:
    """Put the font objects of a face; returns the number of the Type0 font. `shown`: codes of glyphs, which ascend.
    `extra`: texts by glyph.
    """
    font = codes.font(shown)
    descriptor = writer.put(f"{font.descriptor}{ref(writer.prepared(font.program))}>>")
    mapping = "" if font.cid_to_gid is None else f"/CIDToGIDMap {ref(writer.prepared(font.cid_to_gid))}"
    descendant = writer.put(f"{font.descendant}{ref(descriptor)}{mapping}>>")
    lines = font.cmap_lines
    if extra:
        lines += b"".join([_cmap_line(codes[glyph].number, extra[glyph]) for glyph in sorted(extra)])
    return writer.put({
        "Type": "/Font", "Subtype": "/Type0", "BaseFont": font.base, "Encoding": "/Identity-H",
        "DescendantFonts": f"[{ref(descendant)}]", "ToUnicode": ref(writer.prepared(codes.unicode_map(lines))),
    })  # fmt: skip


def _descriptor(face: Face) -> str:
    """The entries of the font descriptor (9.8) that all subsets share."""
    box = " ".join(str(round(1000 * v)) for v in face.bbox)
    return entries_of({
        "Type": "/FontDescriptor", "Flags": face.flags, "FontBBox": f"[{box}]", "ItalicAngle": face.italic_angle,
        "Ascent": round(1000 * face.ascent), "Descent": -round(1000 * face.descent),
        "CapHeight": round(1000 * face.cap_height), "StemV": face.stem_v,
    })  # fmt: skip


def _descendant(face: Face) -> str:
    """The entries of the CIDFont (9.7.4) that all subsets share."""
    system = {"Registry": Text("Adobe"), "Ordering": Text("Identity"), "Supplement": 0}
    kind = "/CIDFontType0" if face.kind == "cff" else "/CIDFontType2"
    return entries_of({"Type": "/Font", "Subtype": kind, "CIDSystemInfo": system, "DW": 0})


def _subset_tag(face: Face, entries: list[_Entry]) -> str:
    """Six letters for a subset (9.6.4): the same glyphs of the same face get the same ones."""
    shown = ",".join([entry.number for entry in entries])
    digest = hashlib.blake2b(f"{face.key} {shown}".encode(), digest_size=8).digest()
    value = int.from_bytes(digest, "big") % 26**6
    letters = ""
    for _ in range(6):
        letters += _LETTERS[value % 26]
        value //= 26
    return letters


def _widths(shown: tuple[int, ...], entries: list[_Entry]) -> str:
    """/W (9.7.4.3): runs of consecutive codes share one array."""
    parts: list[str] = []
    following = -1
    for index in range(len(entries)):
        code, entry = shown[index], entries[index]
        parts.append(entry.width if code == following else entry.first_width)
        following = code + 1
    return f"[{''.join(parts)[1:]}]]" if parts else "[]"


def _cmap_line(number: int, text: str) -> bytes:
    return b"<%04X> <%b>\n" % (number, text.encode("utf-16-be", "replace").hex().upper().encode())


def _unicode_map(lines: Iterable[bytes], western: bool) -> bytes:
    """The /ToUnicode CMap (9.10.3): these entries, and those of Windows-1252 where its codes are in force."""
    rows = list(lines)
    if western:
        rows[:0] = [_cmap_line(code, chr(point)) for point, code in WESTERN.items() if 0x80 <= code < 0xA0]
    blocks = [
        b"%d beginbfchar\n%bendbfchar\n" % (len(rows[at : at + _CMAP_BLOCK]), b"".join(rows[at : at + _CMAP_BLOCK]))
        for at in range(0, len(rows), _CMAP_BLOCK)
    ]
    return _CMAP_HEAD + (_WESTERN_ROWS if western else b"") + b"".join(blocks) + _CMAP_TAIL


_WESTERN_MAP = prepared_stream(_DEFLATED, compress(_unicode_map([], True), PREPARED_LEVEL))
