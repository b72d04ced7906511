"""CFF outlines for a PDF: a CID-keyed CFF font program that holds the glyphs of one document.

In: a `Face` with a `CFF ` table, and glyph ids. Out: a bare CFF font (Adobe Technical Note 5176) for `FontFile3`
/CIDFontType0C, whose CIDs are the face's codes. Charstrings (Type 2, Note 5177) are taken from HarfBuzz once per glyph
and worker, with subroutines written out and hints dropped, so a document's font is charstrings joined behind a small
header.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import uharfbuzz as hb

from spark_pdf.errors import BundleError
from spark_pdf.text.numbering import Numbering
from spark_pdf.text.synthesis import Drawer, is_synthetic

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

_FONT_MATRIX, _CHARSTRINGS, _PRIVATE, _FD_ARRAY, _FD_SELECT = (12, 7), 17, 18, (12, 36), (12, 37)
_ROS, _CHARSET, _CID_COUNT = (12, 30), 15, (12, 34)
_DEFAULT_WIDTH, _NOMINAL_WIDTH = 20, 21

Dict = dict["int | tuple[int, int]", list[float]]


class _Charstring(NamedTuple):
    """A Type 2 charstring without subroutines, and the widths that its first operand is relative to."""

    program: bytes
    widths: tuple[float, float]


class CffGlyphs:
    """The charstrings of a face, fetched when a document first shows them."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self.numbering = Numbering(face)
        self._known: dict[int, _Charstring] = {}
        self._drawer = Drawer(face) if is_synthetic(face) else None
        self._matrix: list[float] = [1 / face.units_per_em, 0, 0, 1 / face.units_per_em, 0, 0]

    def write(self, glyphs: set[int]) -> bytes:
        """A CFF font of these glyphs. Font dictionaries are numbered by their widths, in the order of codes."""
        self._fetch(sorted(glyphs - self._known.keys()))
        numbers_of = self.numbering.codes
        placed = sorted([(numbers_of[glyph], glyph) for glyph in glyphs])
        entries = [self._known[glyph] for _, glyph in placed]
        dictionaries = list(dict.fromkeys(entry.widths for entry in entries))
        numbers = {widths: number for number, widths in enumerate(dictionaries)}
        select = b"\0" + bytes(numbers[entry.widths] for entry in entries)
        charset = b"\0" + struct.pack(f">{len(placed) - 1}H", *[code for code, _ in placed[1:]])
        strings = _index([b"Adobe", b"Identity"])
        name = _index([self._face.postscript_name.encode("ascii")])
        programs = _index([entry.program for entry in entries])
        return _layout(name, strings, charset, select, programs, dictionaries, self._matrix, placed[-1][0] + 1)

    def _fetch(self, glyphs: list[int]) -> None:
        if not glyphs:
            return
        if self._drawer is not None:
            em = self._face.units_per_em
            for glyph in {0, *glyphs}:
                advance = round(self._face.advance(glyph) * em / 1000)
                self._known[glyph] = _Charstring(self._drawer.charstring(glyph, advance), (0.0, 0.0))
            return
        request = hb.SubsetInput()
        request.flags = (
            hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.NOTDEF_OUTLINE
            | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        )  # fmt: skip
        request.glyph_set.update([0, *glyphs])
        try:
            found = _parse(bytes(request.subset(self._face.hb_face).reference_table("CFF ").data))
            # HarfBuzz numbers densely in the order of the ids (its only other choice would be to keep them).
            self._known.update(zip(sorted({0, *glyphs}), found.charstrings, strict=True))
        except (hb.HarfBuzzError, RuntimeError, ValueError, LookupError, struct.error):
            raise BundleError(f"the font {self._face.origin} is damaged: its CFF outlines cannot be read") from None
        if found.matrix and self._face.changes.scale == 1:
            self._matrix = found.matrix


class _Parsed(NamedTuple):
    charstrings: list[_Charstring]
    matrix: list[float] | None


def _parse(table: bytes) -> _Parsed:
    """Charstrings and widths of a CFF table, name-keyed or CID-keyed."""
    _names, where = _read_index(table, table[2])
    tops, where = _read_index(table, where)
    top = _read_dict(tops[0])
    programs, _ = _read_index(table, int(top[_CHARSTRINGS][0]))
    matrix = top.get(_FONT_MATRIX)
    if _FD_ARRAY not in top:
        widths = [_widths(table, top)] * len(programs)
    else:
        fonts = [_read_dict(font) for font in _read_index(table, int(top[_FD_ARRAY][0]))[0]]
        of_font = [_widths(table, font) for font in fonts]
        widths = [of_font[number] for number in _read_select(table, int(top[_FD_SELECT][0]), len(programs))]
        matrix = matrix or fonts[0].get(_FONT_MATRIX)
    return _Parsed([_Charstring(p, w) for p, w in zip(programs, widths, strict=True)], matrix)


def _widths(table: bytes, font: Dict) -> tuple[float, float]:
    size, where = (int(number) for number in font[_PRIVATE])
    private = _read_dict(table[where : where + size])
    return private.get(_DEFAULT_WIDTH, [0])[0], private.get(_NOMINAL_WIDTH, [0])[0]


def _read_index(table: bytes, where: int) -> tuple[list[bytes], int]:
    """The items of an INDEX, and where it ends."""
    (count,) = struct.unpack_from(">H", table, where)
    if count == 0:
        return [], where + 2
    size = table[where + 2]
    offsets = [
        int.from_bytes(table[where + 3 + size * i : where + 3 + size * (i + 1)], "big") for i in range(count + 1)
    ]
    base = where + 2 + size * (count + 1)
    return [table[base + a : base + b] for a, b in pairwise(offsets)], base + offsets[-1]


def _read_dict(data: bytes) -> Dict:
    """Operators of a DICT and their operands."""
    result: Dict = {}
    operands: list[float] = []
    where = 0
    while where < len(data):
        first = data[where]
        if first <= 21:
            key: int | tuple[int, int] = first
            if first == 12:
                where += 1
                key = (12, data[where])
            result[key] = operands
            operands = []
            where += 1
        else:
            number, where = _read_number(data, where)
            operands.append(number)
    return result


def _read_number(data: bytes, where: int) -> tuple[float, int]:
    first = data[where]
    if first == 28:
        return struct.unpack_from(">h", data, where + 1)[0], where + 3
    if first == 29:
        return struct.unpack_from(">i", data, where + 1)[0], where + 5
    if first == 30:
        end = where + 1
        while data[end] & 15 != 15 and data[end] >> 4 != 15:
            end += 1
        nibbles = data[where + 1 : end + 1].hex().split("f")[0]
        text = nibbles.replace("e", "-").replace("a", ".").replace("b", "E").replace("c", "E-")
        return float(text or "0"), end + 1
    if first <= 246:
        return first - 139, where + 1
    if first <= 250:
        return (first - 247) * 256 + data[where + 1] + 108, where + 2
    return -(first - 251) * 256 - data[where + 1] - 108, where + 2


def _read_select(table: bytes, where: int, count: int) -> list[int]:
    """FDSelect: the font dictionary of each glyph."""
    if table[where] == 0:
        return list(table[where + 1 : where + 1 + count])
    (ranges,) = struct.unpack_from(">H", table, where + 1)
    result: list[int] = []
    for number in range(ranges):
        first, font, end = struct.unpack_from(">HBH", table, where + 3 + 3 * number)
        result += [font] * (end - first)
    return result


def _index(items: list[bytes]) -> bytes:
    """An INDEX of these items."""
    if not items:
        return b"\0\0"
    offsets = [1]
    for item in items:
        offsets.append(offsets[-1] + len(item))
    size = (offsets[-1].bit_length() + 7) // 8
    packed = b"".join([offset.to_bytes(size, "big") for offset in offsets])
    return struct.pack(">HB", len(items), size) + packed + b"".join(items)


def _number(value: float) -> bytes:
    """A DICT operand: five bytes for a whole number, so that lengths do not depend on values; else a real."""
    if value == int(value):
        return b"\x1d" + struct.pack(">i", int(value))
    # Nibbles: 0-9 digits, a the point, b E, c E-, e the minus sign, f the end (Note 5176, table 5).
    nibbles = repr(value).replace("e-0", "c").replace("e-", "c").replace("e+", "b").replace("-", "e").replace(".", "a")
    nibbles += "f" if len(nibbles) % 2 else "ff"
    return b"\x1e" + bytes.fromhex(nibbles)


def _operator(key: int | tuple[int, int], *operands: float) -> bytes:
    return b"".join([_number(operand) for operand in operands]) + (
        bytes(key) if isinstance(key, tuple) else bytes([key])
    )


def _layout(
    name: bytes, strings: bytes, charset: bytes, select: bytes, programs: bytes,
    dictionaries: list[tuple[float, float]], matrix: list[float], cid_count: int,
) -> bytes:  # fmt: skip
    """Header, name, top DICT, strings, global subroutines, charset, FDSelect, charstrings, FDArray, private DICTs."""
    header = b"\1\0\4\4"
    privates = [
        _operator(_DEFAULT_WIDTH, default) + _operator(_NOMINAL_WIDTH, nominal) for default, nominal in dictionaries
    ]

    def top(charset_at: int, select_at: int, programs_at: int, fonts_at: int) -> bytes:
        return _index([
            _operator(_ROS, 391, 392, 0) + _operator(_FONT_MATRIX, *matrix) + _operator(_CID_COUNT, cid_count)
            + _operator(_CHARSET, charset_at) + _operator(_FD_SELECT, select_at)
            + _operator(_CHARSTRINGS, programs_at) + _operator(_FD_ARRAY, fonts_at)
        ])  # fmt: skip

    charset_at = len(header) + len(name) + len(top(0, 0, 0, 0)) + len(strings) + 2
    select_at = charset_at + len(charset)
    programs_at = select_at + len(select)
    fonts_at = programs_at + len(programs)

    def fonts(first_private: int) -> bytes:
        items, where = [], first_private
        for private in privates:
            items.append(_operator(_PRIVATE, len(private), where))
            where += len(private)
        return _index(items)

    first_private = fonts_at + len(fonts(0))
    body = [charset, select, programs, fonts(first_private), *privates]
    return b"".join([header, name, top(charset_at, select_at, programs_at, fonts_at), strings, b"\0\0", *body])
