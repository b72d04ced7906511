"""The container of a font file: TrueType and OpenType as they are, WOFF and WOFF2 unpacked, one face of a collection,
anything else refused by name.

In: the bytes of a file. Out: a plain sfnt (ISO/IEC 14496-22) that HarfBuzz reads, or a `BundleError` in words that a
designer can act on. What stands in the tables is `face.py`'s concern.
"""

from __future__ import annotations

import struct
import zlib

from spark_pdf.errors import BundleError
from spark_pdf.text.woff2 import unpack

_PLAIN = {b"\0\1\0\0", b"OTTO", b"true"}
_MAX_UNPACKED = 64 * 1024 * 1024
"""No font file in use is larger; a WOFF that claims more is an attack on memory."""

_MOST_TABLES = 256
"""Tables of one face: the largest fonts have fifty."""


def plain_sfnt(data: bytes, origin: str) -> bytes:
    """The file as an sfnt. `origin` is how messages name the file. Raises `BundleError`."""
    magic = data[:4]
    if magic in _PLAIN:
        return data
    if magic == b"ttcf":
        return collection_face(data, "", origin)
    if magic == b"wOFF":
        try:
            return _unpack_woff(data)
        except (struct.error, zlib.error, ValueError):
            raise BundleError(f"the font {origin} is a damaged WOFF file") from None
    if magic == b"wOF2":
        try:
            return write_sfnt(*unpack(data, _MAX_UNPACKED))
        except (struct.error, ValueError, IndexError, KeyError, OverflowError):
            raise BundleError(f"the font {origin} is a damaged WOFF2 file") from None
    raise BundleError(f"the font {origin} is neither TrueType, OpenType nor WOFF")


def _unpack_woff(data: bytes) -> bytes:
    """WOFF 1.0, section 4: each table is stored, or compressed by zlib where that makes it shorter."""
    flavor, _length, count, _reserved, total = struct.unpack_from(">4sIHHI", data, 4)
    if not 0 < total <= _MAX_UNPACKED or 44 + 20 * count > len(data):
        raise ValueError
    tables: dict[bytes, bytes] = {}
    unpacked = 0
    for number in range(count):
        tag, offset, packed, length, _checksum = struct.unpack_from(">4sIIII", data, 44 + 20 * number)
        unpacked += length
        if unpacked > total:
            raise ValueError
        body = data[offset : offset + packed]
        if packed < length:
            body = zlib.decompressobj().decompress(body, min(length, total) + 1)
        if len(body) != length or length > total:
            raise ValueError
        tables[tag] = body
    return write_sfnt(flavor, tables)


def collection_face(data: bytes, name: str, origin: str) -> bytes:
    """One face of an OpenType collection as an sfnt of its own: the one with this PostScript name, else the first."""
    try:
        (count,) = struct.unpack_from(">I", data, 8)
        offsets = struct.unpack_from(f">{min(count, 1024)}I", data, 12)
        chosen = offsets[0]
        if name:
            named = (offset for offset in offsets if name in _postscript_names(_name_table(data, offset)))
            chosen = next(named, chosen)
        flavor, places = _member(data, chosen)
        return write_sfnt(flavor, {tag: data[start : start + length] for tag, (start, length) in places.items()})
    except (struct.error, IndexError, ValueError):
        raise BundleError(f"the font {origin} is a damaged collection") from None


def _member(data: bytes, offset: int) -> tuple[bytes, dict[bytes, tuple[int, int]]]:
    """A face's flavor, and where its tables are: they are not more than the file, however many share them."""
    flavor, count = struct.unpack_from(">4sH", data, offset)
    if count > _MOST_TABLES:
        raise ValueError
    places: dict[bytes, tuple[int, int]] = {}
    total = 0
    for number in range(count):
        tag, _checksum, start, length = struct.unpack_from(">4sIII", data, offset + 12 + 16 * number)
        total += length
        if start + length > len(data) or total > len(data):
            raise ValueError
        places[tag] = (start, length)
    return flavor, places


def _name_table(data: bytes, offset: int) -> bytes:
    start, length = _member(data, offset)[1].get(b"name", (0, 0))
    return data[start : start + length]


def _postscript_names(table: bytes) -> set[str]:
    """Names with id 6 in a `name` table."""
    if len(table) < 6:
        return set()
    count, storage = struct.unpack_from(">HH", table, 2)
    found = set()
    for number in range(count):
        platform, _, _, kind, length, at = struct.unpack_from(">6H", table, 6 + 12 * number)
        if kind == 6:
            text = table[storage + at : storage + at + length]
            found.add(text.decode("latin-1" if platform == 1 else "utf-16-be", "replace"))
    return found


def write_sfnt(flavor: bytes, tables: dict[bytes, bytes]) -> bytes:
    """An sfnt of these tables in the order of their tags, each padded to four bytes, with checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = [struct.pack(">4sHHHH", flavor, count, power * 16, power.bit_length() - 1, (count - power) * 16)]
    parts: list[bytes] = []
    offset = 12 + 16 * count
    for tag, body in sorted(tables.items()):
        directory.append(struct.pack(">4sIII", tag, checksum(body), offset, len(body)))
        parts.append(body + bytes(-len(body) % 4))
        offset += len(parts[-1])
    return b"".join(directory + parts)


def checksum(body: bytes) -> int:
    """Sum of the table's 32-bit words, as the table directory wants it (OpenType, "Calculating checksums")."""
    padded = body + bytes(-len(body) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
