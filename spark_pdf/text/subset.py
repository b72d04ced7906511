"""Exact subsets: the font program that a document embeds holds the glyphs it shows, and no other.

In: a `Face` and the glyph ids that a document shows. Out: a `FontProgram` for a composite font (Type0, encoding
Identity-H), in which a glyph's character code is the face's own (`numbering.py`).

TrueType (`FontFile2`, CIDFontType2; ISO 32000-1, 9.9 asks for glyf, head, hhea, hmtx, loca, maxp). Without
instructions cvt, fpgm and prep say nothing, so they are dropped. The sfnt is joined here from glyphs that are
prepared once per worker (instructions cut off, components found and numbered, checksum summed): a third of what
HarfBuzz's subsetter takes, which also would have to renumber. A glyph's id in the program is its code where the highest
code is low, as in Latin text, and glyphs not used are empty. Where one is high (CJK, rare symbols), glyphs are numbered
densely and `cid_to_gid` is the font's CIDToGIDMap.

CFF (`FontFile3` /CIDFontType0C, CIDFontType0) is written by `cff.py` as a CID-keyed font whose CIDs are the codes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from spark_pdf.errors import BundleError
from spark_pdf.text.cff import CffGlyphs
from spark_pdf.text.numbering import Numbering
from spark_pdf.text.sfnt import checksum, write_font
from spark_pdf.text.synthesis import Drawer, is_synthetic

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

_DENSE_FROM = 1024
"""From this code on, loca and hmtx of the gaps cost more than a CIDToGIDMap."""

_ARGS_ARE_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO, _INSTRUCTIONS = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080, 0x0100

_REPEAT = 0x08
_SIZE_OF_X = {0x00: 2, 0x10: 0, 0x02: 1, 0x12: 1}
_SIZE_OF_Y = {0x00: 2, 0x20: 0, 0x04: 1, 0x24: 1}
"""Bytes of a coordinate by its short-vector and same-as-before flags."""


class FontProgram(NamedTuple):
    """Bytes to embed. `cid_to_gid` is the CIDToGIDMap stream, or None for Identity ("cff" has neither)."""

    kind: Literal["truetype", "cff"]
    data: bytes
    cid_to_gid: bytes | None = None


class _Glyph(NamedTuple):
    """A glyph without instructions, padded to four bytes. `metric`: its word of hmtx. `components`: (where its id
    stands, glyph id); what stands there is its code."""

    code: int
    outline: bytes
    summed: int
    metric: int
    components: tuple[tuple[int, int], ...]


def subset(face: Face, glyphs: Iterable[int]) -> FontProgram:
    """The font program that shows these glyphs (and glyph 0). Equal sets give equal bytes, whatever came before."""
    state = _state(face)
    if isinstance(state, CffGlyphs):
        return FontProgram("cff", state.write({0, *glyphs}))
    return state.write({0, *glyphs})


def numbering(face: Face) -> Numbering:
    """The codes of a face's glyphs."""
    return _state(face).numbering


def _state(face: Face) -> CffGlyphs | Outlines:
    state = face.subset_state
    if not isinstance(state, (CffGlyphs, Outlines)):
        state = face.subset_state = CffGlyphs(face) if face.kind == "cff" else Outlines(face)
    return state


class Outlines:
    """The glyphs of a TrueType face, prepared one by one when they are first used."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._glyphs: dict[int, _Glyph] = {}
        self._drawer = Drawer(face) if is_synthetic(face) else None
        self._glyf = face.table("glyf")
        head = face.table("head")
        self._loca = face.table("loca")
        # checkSumAdjustment 0 while sums are made, indexToLocFormat per subset.
        # The em is the face's: it differs from the file's where the face is scaled.
        em = struct.pack(">H", face.units_per_em)
        self._head = head[:8] + b"\0\0\0\0" + head[12:18] + em + head[20:50]
        self._hhea = face.table("hhea")[:34]
        maxp = face.table("maxp")
        if len(head) < 54 or len(maxp) < 32:
            raise BundleError(f"the font {face.origin} is damaged: head or maxp is cut short")
        (self._long_offsets,) = struct.unpack_from(">h", head, 50)
        # No instructions: one zone, no twilight points, storage, functions, stack (OpenType, maxp).
        self._maxp = maxp[6:14] + struct.pack(">HHHHHHH", 1, 0, 0, 0, 0, 0, 0) + maxp[28:32]
        self.numbering = Numbering(face)

    def write(self, wanted: set[int]) -> FontProgram:
        """The sfnt of these glyphs and of the components that they are made of."""
        glyphs = self._closure(wanted)
        last = glyphs[-1].code
        if last < _DENSE_FROM:
            return FontProgram("truetype", self._assemble(glyphs, [glyph.code for glyph in glyphs]))
        numbers = {glyph.code: number for number, glyph in enumerate(glyphs)}
        mapping = bytearray(2 * (last + 1))
        for code, number in numbers.items():
            struct.pack_into(">H", mapping, 2 * code, number)
        codes = self.numbering.codes
        dense = [_renumbered(glyph, codes, numbers) if glyph.components else glyph for glyph in glyphs]
        return FontProgram("truetype", self._assemble(dense, list(range(len(dense)))), bytes(mapping))

    def _closure(self, wanted: set[int]) -> list[_Glyph]:
        """These glyphs and their components, in the order of their codes."""
        known = self._glyphs
        found: list[_Glyph] = []
        todo = list(wanted)
        for glyph in todo:
            entry = known.get(glyph)
            if entry is None:
                entry = known[glyph] = self._prepare(glyph)
            found.append(entry)
            for _, component in entry.components:
                if component not in wanted:
                    wanted.add(component)
                    todo.append(component)
        found.sort()
        return found

    def _prepare(self, glyph: int) -> _Glyph:
        code = self.numbering.codes[glyph]
        if self._drawer is not None:
            outline, left = self._drawer.outline(glyph)
            outline += bytes(-len(outline) % 4)
            metric = self._face.metric(glyph)[:2] + struct.pack(">h", left)
            return _Glyph(code, outline, checksum(outline), int.from_bytes(metric, "big"), ())
        try:
            outline, components = _without_instructions(self._outline(glyph), self._face.glyph_count)
        except (struct.error, IndexError):
            raise BundleError(f"the font {self._face.origin} is damaged: the outline of glyph {glyph}") from None
        outline += bytes(-len(outline) % 4)
        metric = self._face.metric(glyph)
        made = _Glyph(code, outline, checksum(outline), int.from_bytes(metric, "big"), components)
        return _renumbered(made, self.numbering.codes, None) if components else made

    def _outline(self, glyph: int) -> bytes:
        if self._long_offsets:
            start, end = struct.unpack_from(">2I", self._loca, 4 * glyph)
        else:
            start, end = (2 * offset for offset in struct.unpack_from(">2H", self._loca, 2 * glyph))
        if not start <= end <= len(self._glyf):
            raise IndexError
        return self._glyf[start:end]

    def _assemble(self, glyphs: list[_Glyph], numbers: list[int]) -> bytes:
        """Glyphs that have these numbers, which ascend, into six tables."""
        count = numbers[-1] + 1
        sizes, metrics = [0] * count, [0] * count
        summed = 0
        for number, glyph in zip(numbers, glyphs, strict=True):
            sizes[number] = len(glyph.outline) >> 1
            metrics[number] = glyph.metric
            summed += glyph.summed
        offsets = list(accumulate(sizes, initial=0))
        long_offsets = offsets[-1] > 0xFFFF
        if long_offsets:
            offsets = [2 * offset for offset in offsets]
        loca = struct.pack(f">{count + 1}{'I' if long_offsets else 'H'}", *offsets)
        how_many = struct.pack(">H", count)
        head = self._head + struct.pack(">hh", long_offsets, 0)
        hhea = self._hhea + how_many
        maxp = b"\0\1\0\0" + how_many + self._maxp
        return write_font([
            (b"glyf", b"".join([glyph.outline for glyph in glyphs]), summed & 0xFFFFFFFF),
            (b"head", head, checksum(head)),
            (b"hhea", hhea, checksum(hhea)),
            (b"hmtx", struct.pack(f">{count}I", *metrics), sum(metrics) & 0xFFFFFFFF),
            (b"loca", loca, checksum(loca)),
            (b"maxp", maxp, checksum(maxp)),
        ])  # fmt: skip


def _renumbered(glyph: _Glyph, codes: list[int], numbers: dict[int, int] | None) -> _Glyph:
    """A composite glyph that names its components by their codes, or by the numbers of these codes."""
    outline = bytearray(glyph.outline)
    for where, component in glyph.components:
        code = codes[component]
        struct.pack_into(">H", outline, where, code if numbers is None else numbers[code])
    return glyph._replace(outline=bytes(outline), summed=checksum(bytes(outline)))


def _without_instructions(outline: bytes, glyph_count: int) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """An entry of glyf without its instructions, and its components (OpenType, glyf)."""
    if not outline:
        return b"", ()
    (contours,) = struct.unpack_from(">h", outline)
    if contours < 0:
        return _composite(outline, glyph_count)
    where = 10 + 2 * contours
    if contours == 0:
        return b"", ()
    (length,) = struct.unpack_from(">H", outline, where)
    if where + 2 + length > len(outline):
        raise IndexError
    points = struct.unpack_from(">H", outline, where - 2)[0] + 1
    end = _end_of_points(outline, where + 2 + length, points)
    return outline[:where] + b"\0\0" + outline[where + 2 + length : end], ()


def _end_of_points(outline: bytes, where: int, points: int) -> int:
    """Where a simple glyph's data ends; what follows in the file is padding."""
    coordinates = 0
    while points > 0:
        flag = outline[where]
        where += 1
        times = 1
        if flag & _REPEAT:
            times += outline[where]
            where += 1
        points -= times
        coordinates += times * (_SIZE_OF_X[flag & 0x12] + _SIZE_OF_Y[flag & 0x24])
    if points < 0 or where + coordinates > len(outline):
        raise IndexError
    return where + coordinates


def _composite(outline: bytes, glyph_count: int) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    kept = bytearray(outline)
    components: list[tuple[int, int]] = []
    where, flags = 10, _MORE
    while flags & _MORE:
        flags, component = struct.unpack_from(">2H", outline, where)
        if component >= glyph_count:
            raise IndexError
        struct.pack_into(">H", kept, where, flags & ~_INSTRUCTIONS)
        components.append((where + 2, component))
        where += 4 + (4 if flags & _ARGS_ARE_WORDS else 2)
        where += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _TWO_BY_TWO else 0
    return bytes(kept[:where]), tuple(components)
