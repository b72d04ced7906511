"""WOFF2 unpacked: an sfnt out of a Brotli stream, with the transforms of glyf, loca and hmtx undone (W3C WOFF 2.0).

In: the bytes of a WOFF2 file. Out: flavor and tables by tag. Written here rather than left to fontTools, whose output
may change between versions, while what is unpacked is embedded in documents. Damage raises `ValueError`, `struct.error`
or `IndexError`.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_TAGS = (
    b"cmap head hhea hmtx maxp name OS/2 post cvt  fpgm glyf loca prep CFF  VORG EBDT EBLC gasp hdmx kern LTSH PCLT "
    b"VDMX vhea vmtx BASE GDEF GPOS GSUB EBSC JSTF MATH CBDT CBLC COLR CPAL SVG  sbix acnt avar bdat bloc bsln cvar "
    b"fdsc feat fmtx fvar gvar hsty just lcar mort morx opbd prop trak Zapf Silf Glat Gloc Feat Sill"
)
_KNOWN_TAGS = [_TAGS[at : at + 4] for at in range(0, len(_TAGS), 5)]

_ARGS_ARE_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO, _INSTRUCTIONS = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080, 0x0100
_ON_CURVE, _OVERLAP = 0x01, 0x40


class _Entry(NamedTuple):
    tag: bytes
    transformed: bool
    length: int  # in the stream


class _Reader:
    """Numbers from a stream."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError
        self.at += count
        return self.data[self.at - count : self.at]

    def word(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def short(self) -> int:
        """255UInt16."""
        code = self.byte()
        if code == 253:
            return self.word()
        if code == 255:
            return self.byte() + 253
        return self.byte() + 506 if code == 254 else code

    def long(self) -> int:
        """UIntBase128."""
        value = 0
        for _ in range(5):
            byte = self.byte()
            value = value << 7 | byte & 127
            if byte < 128:
                return value
        raise ValueError


def unpack(data: bytes, most: int) -> tuple[bytes, dict[bytes, bytes]]:
    """Flavor and tables; of a collection those of its first face. `most` bounds what the stream may unpack to."""
    import brotli

    flavor, _length, count, _reserved, total, packed = struct.unpack_from(">4sIHHII", data, 4)
    reader = _Reader(data, 48)
    entries = [_entry(reader) for _ in range(count)]
    chosen = list(range(count))
    if flavor == b"ttcf":
        reader.take(4)
        faces = []
        for _ in range(reader.short()):
            tables = reader.short()
            faces.append((reader.take(4), [reader.short() for _ in range(tables)]))
        flavor, chosen = faces[0]
    size = sum([entry.length for entry in entries])
    if size > most or total > most:
        raise ValueError
    try:
        stream = brotli.Decompressor().process(reader.take(packed), output_buffer_limit=size + 1)
    except brotli.error:
        raise ValueError from None
    if len(stream) < size:
        raise ValueError
    return flavor, _restored(entries, chosen, stream)


def _entry(reader: _Reader) -> _Entry:
    flags = reader.byte()
    tag = reader.take(4) if flags & 63 == 63 else _KNOWN_TAGS[flags & 63]
    version = flags >> 6
    length = reader.long()
    transformed = version != 3 if tag in (b"glyf", b"loca") else version != 0
    return _Entry(tag, transformed, reader.long() if transformed else length)


def _restored(entries: list[_Entry], chosen: list[int], stream: bytes) -> dict[bytes, bytes]:
    starts = [0]
    for entry in entries:
        starts.append(starts[-1] + entry.length)
    tables: dict[bytes, bytes] = {}
    changed: set[bytes] = set()
    for index in chosen:
        entry = entries[index]
        tables[entry.tag] = stream[starts[index] : starts[index] + entry.length]
        if entry.transformed:
            changed.add(entry.tag)
    lefts: list[int] = []
    if b"glyf" in changed:
        tables[b"glyf"], tables[b"loca"], long_offsets, lefts = _glyphs(tables[b"glyf"])
        head = tables[b"head"]
        tables[b"head"] = head[:50] + struct.pack(">H", long_offsets) + head[52:]
    if b"hmtx" in changed:
        tables[b"hmtx"] = _metrics(tables[b"hmtx"], tables[b"hhea"], lefts)
    if changed - {b"glyf", b"loca", b"hmtx"}:
        raise ValueError
    return tables


def _metrics(table: bytes, hhea: bytes, lefts: list[int]) -> bytes:
    """`hmtx`: side bearings left out are the glyphs' left edges (section 5.4)."""
    reader = _Reader(table)
    flags = reader.byte()
    (long_metrics,) = struct.unpack_from(">H", hhea, 34)
    count = len(lefts)
    advances = [reader.word() for _ in range(long_metrics)]
    sides = [left & 0xFFFF for left in lefts]
    if not flags & 1:
        sides[:long_metrics] = [reader.word() for _ in range(min(long_metrics, count))]
    if not flags & 2:
        sides[long_metrics:] = [reader.word() for _ in range(count - long_metrics)]
    out = [struct.pack(">HH", advance, side) for advance, side in zip(advances, sides, strict=False)]
    out += [struct.pack(">H", side) for side in sides[long_metrics:]]
    return b"".join(out)


class _Streams:
    """The parts of a transformed glyf table (section 5.1)."""

    __slots__ = ("boxes", "components", "contours", "count", "flags", "instructions", "long_offsets", "overlaps",
        "points", "triplets")  # fmt: skip

    def __init__(self, table: bytes) -> None:
        _reserved, options, self.count, self.long_offsets, *sizes = struct.unpack_from(">4H7I", table)
        at = 36
        parts: list[bytes] = []
        for size in sizes:
            if at + size > len(table):
                raise ValueError
            parts.append(table[at : at + size])
            at += size
        self.contours, self.points, self.flags, self.triplets, self.components, boxes, self.instructions = map(
            _Reader, parts
        )
        self.boxes = boxes
        self.overlaps = table[at:] if options & 1 else b""


def _glyphs(table: bytes) -> tuple[bytes, bytes, int, list[int]]:
    """glyf, loca, whether loca is long, and the left edge of each glyph."""
    streams = _Streams(table)
    count = streams.count
    has_box = streams.boxes.take(4 * ((count + 31) >> 5))
    outlines: list[bytes] = []
    lefts: list[int] = []
    for glyph in range(count):
        contours = streams.contours.word()
        box = streams.boxes.take(8) if has_box[glyph >> 3] & 0x80 >> (glyph & 7) else b""
        if contours == 0:
            outline = b""
        elif contours == 0xFFFF:
            outline = _composite(streams, box)
        else:
            overlap = bool(streams.overlaps) and bool(streams.overlaps[glyph >> 3] & 0x80 >> (glyph & 7))
            outline = _simple(streams, contours, box, overlap)
        lefts.append(struct.unpack_from(">h", outline, 2)[0] if outline else 0)
        outlines.append(outline + bytes(-len(outline) % 4))
    offsets = [0]
    for outline in outlines:
        offsets.append(offsets[-1] + len(outline))
    # Padding may make a table too large for short offsets
    long_offsets = 1 if streams.long_offsets or offsets[-1] > 0x1FFFE else 0
    loca = struct.pack(f">{count + 1}I", *offsets) if long_offsets else struct.pack(
        f">{count + 1}H", *[offset // 2 for offset in offsets]
    )  # fmt: skip
    return b"".join(outlines), loca, long_offsets, lefts


def _composite(streams: _Streams, box: bytes) -> bytes:
    parts = streams.components
    start = parts.at
    flags, instructed = _MORE, False
    while flags & _MORE:
        flags = parts.word()
        instructed = instructed or bool(flags & _INSTRUCTIONS)
        size = 2 + (4 if flags & _ARGS_ARE_WORDS else 2)
        size += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _TWO_BY_TWO else 0
        parts.take(size)
    outline = b"\xff\xff" + box + parts.data[start : parts.at]
    if len(box) != 8:
        raise ValueError
    if instructed:
        length = streams.triplets.short()
        outline += struct.pack(">H", length) + streams.instructions.take(length)
    return outline


def _simple(streams: _Streams, contours: int, box: bytes, overlap: bool) -> bytes:
    ends: list[int] = []
    last = -1
    for _ in range(contours):
        last += streams.points.short()
        ends.append(last)
    flags = streams.flags.take(last + 1)
    steps = _points(flags, streams.triplets)
    length = streams.triplets.short()
    instructions = streams.instructions.take(length)
    if not box:
        box = _bounds(steps)
    marks = bytearray()
    across, down = bytearray(), bytearray()
    for flag, (dx, dy) in zip(flags, steps, strict=True):
        mark = 0 if flag & 0x80 else _ON_CURVE
        mark |= coordinate(dx, across, 0x02, 0x10) | coordinate(dy, down, 0x04, 0x20)
        marks.append(mark)
    if overlap and marks:
        marks[0] |= _OVERLAP
    head = struct.pack(">h", contours) + box + struct.pack(f">{contours}H", *ends) + struct.pack(">H", length)
    return head + instructions + bytes(marks) + bytes(across) + bytes(down)


def coordinate(step: int, out: bytearray, short: int, same: int) -> int:
    """Write a step as glyf does; returns its flags."""
    if step == 0:
        return same
    if -256 < step < 256:
        out.append(abs(step))
        return short | (same if step > 0 else 0)
    out += struct.pack(">h", step)
    return 0


def _points(flags: bytes, stream: _Reader) -> list[tuple[int, int]]:
    """Steps from point to point: triplets of a flag and up to four bytes (section 5.2)."""
    steps: list[tuple[int, int]] = []
    data, at = stream.data, stream.at
    for flag in flags:
        flag &= 0x7F
        if flag < 10:
            dx, dy = 0, ((flag & 14) << 7) + data[at]
            if not flag & 1:
                dy = -dy
            at += 1
        elif flag < 20:
            dx, dy = (((flag - 10) & 14) << 7) + data[at], 0
            if not flag & 1:
                dx = -dx
            at += 1
        else:
            if flag < 84:
                base, first = flag - 20, data[at]
                dx, dy = 1 + (base & 0x30) + (first >> 4), 1 + ((base & 0x0C) << 2) + (first & 15)
                at += 1
            elif flag < 120:
                base = flag - 84
                dx, dy = 1 + ((base // 12) << 8) + data[at], 1 + ((base % 12 >> 2) << 8) + data[at + 1]
                at += 2
            elif flag < 124:
                dx, dy = (data[at] << 4) + (data[at + 1] >> 4), ((data[at + 1] & 15) << 8) + data[at + 2]
                at += 3
            else:
                dx, dy = (data[at] << 8) + data[at + 1], (data[at + 2] << 8) + data[at + 3]
                at += 4
            if not flag & 1:
                dx = -dx
            if not flag & 2:
                dy = -dy
        steps.append((dx, dy))
    stream.at = at
    return steps


def _bounds(steps: list[tuple[int, int]]) -> bytes:
    x = y = 0
    xs, ys = [], []
    for dx, dy in steps:
        x += dx
        y += dy
        xs.append(x)
        ys.append(y)
    return struct.pack(">4h", min(xs), min(ys), max(xs), max(ys)) if xs else bytes(8)
