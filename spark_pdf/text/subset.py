"""Exact subsets: the font program that a document embeds holds the glyphs it shows, and no other.

In: a `Face` and the glyph ids that a document shows. Out: a `FontProgram` for a composite font (Type0, encoding
Identity-H), in which a glyph's character code is the face's own (`numbering.py`).

TrueType (`FontFile2`, CIDFontType2; ISO 32000-1, 9.9 asks for glyf, head, hhea, hmtx, loca, maxp). Without
instructions cvt, fpgm and prep say nothing, so they are dropped. The sfnt is joined here from glyphs that are
prepared once per worker (instructions cut off, components found and numbered, checksum summed): less than a third of
what HarfBuzz's subsetter takes, which also would have to renumber. No table is read again for its checksum. A glyph's
id in the program is its code where the highest code is low, as in Latin text, and glyphs not used are empty. Where one
is high (CJK, rare symbols), glyphs are numbered densely and `cid_to_gid` is the font's CIDToGIDMap.

CFF (`FontFile3` /CIDFontType0C, CIDFontType0) is written by `cff.py` as a CID-keyed font whose CIDs are the codes.
"""

from __future__ import annotations

import struct
from bisect import insort
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from spark_pdf.errors import BundleError
from spark_pdf.text.cff import CffGlyphs
from spark_pdf.text.numbering import Numbering
from spark_pdf.text.sfnt import checksum
from spark_pdf.text.synthesis import Drawer, is_synthetic

if TYPE_CHECKING:
    from spark_pdf.text.face import Face

_DENSE_FROM: Final = 1024
"""From this code on, loca and hmtx of the gaps cost more than a CIDToGIDMap."""

_ARGS_ARE_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO, _INSTRUCTIONS = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080, 0x0100

_REPEAT = 0x08
_SIZE_OF_X = {0x00: 2, 0x10: 0, 0x02: 1, 0x12: 1}
_SIZE_OF_Y = {0x00: 2, 0x20: 0, 0x04: 1, 0x24: 1}
"""Bytes of a coordinate by its short-vector and same-as-before flags."""


_Table = tuple[bytes, int]
"""A table, and the sum of its words."""
_WORD: Final = 0xFFFFFFFF
_DIRECTORY: Final = struct.Struct(">4sHHHH" + "4sIII" * 6)
_FIRST: Final = 108
"""Where the first table stands: behind the directory of six."""


class FontProgram(NamedTuple):
    """Bytes to embed. `cid_to_gid` is the CIDToGIDMap stream, or None for Identity ("cff" has neither)."""

    kind: Literal["truetype", "cff"]
    data: bytes
    cid_to_gid: bytes | None = None


class _Glyph:
    """A glyph without instructions, padded to four bytes. `metric`: its word of hmtx. `components`: (where its id
    stands, its code, which is what stands there)."""

    __slots__ = ("code", "components", "metric", "metric_sum", "outline", "summed")

    def __init__(self, code: int, outline: bytes, metric: bytes, components: tuple[tuple[int, int], ...]) -> None:
        self.code = code
        self.outline = outline
        self.summed = checksum(outline)
        self.metric = metric.rjust(4, b"\0")  # where hmtx is cut short
        self.metric_sum = int.from_bytes(metric, "big")
        self.components = components


def subset(face: Face, glyphs: Iterable[int]) -> FontProgram:
    """The font program that shows these glyphs (and glyph 0). Equal sets give equal bytes, whatever came before."""
    codes = numbering(face).codes
    return subset_of_codes(face, tuple(sorted({codes[glyph] for glyph in glyphs})))


def subset_of_codes(face: Face, codes: tuple[int, ...]) -> FontProgram:
    """The same of glyphs by their codes, which ascend."""
    state = _state(face)
    if isinstance(state, CffGlyphs):
        glyphs = state.numbering.glyphs
        return FontProgram("cff", state.write({0, *[glyphs[code] for code in codes]}))
    return state.write(codes if codes and codes[0] == 0 else (0, *codes))


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
        self._glyphs: list[_Glyph | None] = []
        """By code, as far as the highest that was asked for."""
        self._drawer = Drawer(face) if is_synthetic(face) else None
        self._glyf = face.table("glyf")
        head = face.table("head")
        self._loca = face.table("loca")
        maxp = face.table("maxp")
        if len(head) < 54 or len(maxp) < 32:
            raise BundleError(f"the font {face.origin} is damaged: head or maxp is cut short")
        (self._long_offsets,) = struct.unpack_from(">h", head, 50)
        # Up to checkSumAdjustment, and from there to indexToLocFormat, which are set per subset.
        # The em is the face's: it differs from the file's where the face is scaled.
        em = struct.pack(">H", face.units_per_em)
        self._head = head[:8]
        self._head_rest = head[12:18] + em + head[20:50]
        self._head_sum = checksum(self._head + b"\0\0\0\0" + self._head_rest + b"\0\0\0\0")
        # Up to the numbers of metrics and of glyphs.
        # No instructions: one zone, no twilight points, storage, functions, stack (OpenType, maxp).
        self._hhea = face.table("hhea")[:34]
        self._hhea_sum = checksum(self._hhea + b"\0\0")
        self._maxp = maxp[6:14] + struct.pack(">HHHHHHH", 1, 0, 0, 0, 0, 0, 0) + maxp[28:32]
        self._maxp_sum = checksum(b"\0\1\0\0\0\0" + self._maxp)
        self.numbering = Numbering(face)

    def write(self, codes: tuple[int, ...]) -> FontProgram:
        """The sfnt of the glyphs with these codes, which ascend, and of the components that they are made of."""
        glyphs = self._closure(codes)
        last = glyphs[-1].code
        if last < _DENSE_FROM:
            return FontProgram("truetype", self._assemble(glyphs, False))
        numbers = {glyph.code: number for number, glyph in enumerate(glyphs)}
        mapping = bytearray(2 * (last + 1))
        for code, number in numbers.items():
            struct.pack_into(">H", mapping, 2 * code, number)
        dense = [_densely(glyph, numbers) if glyph.components else glyph for glyph in glyphs]
        return FontProgram("truetype", self._assemble(dense, True), bytes(mapping))

    def _closure(self, codes: tuple[int, ...]) -> list[_Glyph]:
        """The glyphs with these codes and their components, in the order of their codes."""
        found = [self._glyph(code) for code in codes]
        composite = [glyph for glyph in found if glyph.components]
        if not composite:
            return found
        wanted, ordered = set(codes), list(codes)
        for glyph in composite:
            for _, code in glyph.components:
                if code not in wanted:
                    wanted.add(code)
                    insort(ordered, code)
                    part = self._glyph(code)
                    if part.components:
                        composite.append(part)
        return [self._glyph(code) for code in ordered] if len(ordered) > len(codes) else found

    def _glyph(self, code: int) -> _Glyph:
        known = self._glyphs
        if code >= len(known):
            known.extend([None] * (code + 1 - len(known)))
        glyph = known[code]
        if glyph is None:
            glyph = known[code] = self._prepare(code)
        return glyph

    def _prepare(self, code: int) -> _Glyph:
        glyph = self.numbering.glyphs[code]
        metric = self._face.metric(glyph)
        if self._drawer is not None:
            outline, left = self._drawer.outline(glyph)
            return _Glyph(code, _padded(outline), metric[:2] + struct.pack(">h", left), ())
        try:
            outline, components = _without_instructions(self._outline(glyph), self._face.glyph_count)
        except (struct.error, IndexError):
            raise BundleError(f"the font {self._face.origin} is damaged: the outline of glyph {glyph}") from None
        codes = self.numbering.codes
        numbered = tuple([(where, codes[component]) for where, component in components])
        return _Glyph(code, _with_components(_padded(outline), numbered), metric, numbered)

    def _outline(self, glyph: int) -> bytes:
        if self._long_offsets:
            start, end = struct.unpack_from(">2I", self._loca, 4 * glyph)
        else:
            start, end = (2 * offset for offset in struct.unpack_from(">2H", self._loca, 2 * glyph))
        if not start <= end <= len(self._glyf):
            raise IndexError
        return self._glyf[start:end]

    def _assemble(self, glyphs: list[_Glyph], dense: bool) -> bytes:
        """Six tables of these glyphs, numbered densely or by their codes, which ascend.

        A glyph that is not there has metrics of 0, and the offset of the next one that is.
        """
        long_offsets = sum([len(glyph.outline) for glyph in glyphs]) > 0x1FFFE
        width, unit = (4, 1) if long_offsets else (2, 2)
        outlines: list[bytes] = []
        metrics: list[bytes] = []
        offsets: list[bytes] = []
        glyf_sum = hmtx_sum = offset = count = every = even = 0
        for glyph in glyphs:
            number = count if dense else glyph.code
            places = number + 1 - count  # those of the numbers left out, and its own
            first = offset.to_bytes(width, "big")
            if places == 1:
                offsets.append(first)
            else:
                offsets.append(first * places)
                metrics.append(b"\0\0\0\0" * (places - 1))
            every += offset * places
            even += offset * ((number + 2 >> 1) - (count + 1 >> 1))
            metrics.append(glyph.metric)
            outlines.append(glyph.outline)
            hmtx_sum += glyph.metric_sum
            glyf_sum += glyph.summed
            offset += len(glyph.outline) // unit
            count = number + 1
        offsets.append(offset.to_bytes(width, "big"))
        every += offset
        if count % 2 == 0:
            even += offset
        # A short offset in an even place is the upper half of a word.
        loca_sum = every if long_offsets else (even << 16) + every - even
        glyf, hmtx, loca = b"".join(outlines), b"".join(metrics), b"".join(offsets)
        return self._joined(count, long_offsets, (glyf, glyf_sum), (hmtx, hmtx_sum), (loca, loca_sum))

    def _joined(self, count: int, long_offsets: bool, glyf: _Table, hmtx: _Table, loca: _Table) -> bytes:
        """The font of so many glyphs. checkSumAdjustment is 0xB1B0AFBA less the sum of all words (OpenType, head)."""
        sums = [
            glyf[1] & _WORD, self._head_sum + long_offsets & _WORD, self._hhea_sum + count & _WORD, hmtx[1] & _WORD,
            loca[1] & _WORD, self._maxp_sum + (count << 16) & _WORD,
        ]  # fmt: skip
        head_at = _FIRST + len(glyf[0])
        loca_at = head_at + 92 + len(hmtx[0])
        places = _padded(loca[0])
        directory = _DIRECTORY.pack(
            b"\0\1\0\0", 6, 64, 2, 32,
            b"glyf", sums[0], _FIRST, len(glyf[0]),
            b"head", sums[1], head_at, 54,
            b"hhea", sums[2], head_at + 56, 36,
            b"hmtx", sums[3], head_at + 92, len(hmtx[0]),
            b"loca", sums[4], loca_at, len(loca[0]),
            b"maxp", sums[5], loca_at + len(places), 32,
        )  # fmt: skip
        adjustment = 0xB1B0AFBA - checksum(directory) - sum(sums) & _WORD
        how_many = count.to_bytes(2, "big")
        return b"".join([
            directory, glyf[0],
            self._head, adjustment.to_bytes(4, "big"), self._head_rest,
            b"\0\1\0\0\0\0" if long_offsets else b"\0\0\0\0\0\0",
            self._hhea, how_many, hmtx[0], places, b"\0\1\0\0", how_many, self._maxp,
        ])  # fmt: skip


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _with_components(outline: bytes, components: tuple[tuple[int, int], ...]) -> bytes:
    """A glyph that names its components by these numbers, where they stand."""
    if not components:
        return outline
    named = bytearray(outline)
    for where, number in components:
        struct.pack_into(">H", named, where, number)
    return bytes(named)


def _densely(glyph: _Glyph, numbers: dict[int, int]) -> _Glyph:
    named = tuple([(where, numbers[code]) for where, code in glyph.components])
    return _Glyph(glyph.code, _with_components(glyph.outline, named), glyph.metric, named)


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
