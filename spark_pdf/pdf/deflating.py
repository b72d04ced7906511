"""Deflate for document bytes: libdeflate, pinned, because another zlib build gives other bytes for the same document.

Levels by measurement on the streams of an invoice (14 KB): level 1 takes 85 µs and gives 8310 bytes, level 6 135 µs
and 8071, level 12 1291 µs and 7980. So 1 for what is made anew for each document (content, font programs,
/ToUnicode), 12 for what is prepared once per worker (images).
"""

from __future__ import annotations

from typing import Final

import deflate

DOCUMENT_LEVEL: Final = 1
PREPARED_LEVEL: Final = 12


def compress(data: bytes, level: int = DOCUMENT_LEVEL) -> bytes:
    """`data` as a zlib stream, which is what /FlateDecode reads (ISO 32000-1, 7.4.4)."""
    packed: bytearray = deflate.zlib_compress(data, level)
    return bytes(packed)


def decompress(data: bytes, size: int) -> bytes:
    """A zlib stream of exactly `size` bytes, unpacked. Raises `ValueError` where it is damaged or of another size."""
    try:
        plain: bytearray = deflate.zlib_decompress(data, size)
    except deflate.DeflateError:
        raise ValueError("a damaged zlib stream") from None
    if len(plain) != size:
        raise ValueError("a zlib stream of another size than announced")
    return bytes(plain)
