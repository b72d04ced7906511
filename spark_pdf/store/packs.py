"""Packs: many documents in one stored zip, sent while it grows, and each document's byte range out.

APPNOTE.TXT 6.3.10: method 0 (stored), so a range of the object *is* the PDF and any unzip reads the whole; sizes and
CRC stand in front of the bytes, so no data descriptors; names are UTF-8 (flag bit 11); zip64 where offsets or counts
need it (a pack of small documents passes 65,535 entries). The date is the format's earliest: the same documents make
the same pack.
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Callable, Mapping

from spark_pdf.errors import StoreError
from spark_pdf.store.objects import PART_BYTES, MultipartWriter, ObjectStore
from spark_pdf.store.uploads import Adopted, StoredDocument, UploadPool

PACK_BYTES = 64 * 1024 * 1024

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")
_OFFSET_64 = struct.Struct("<2HQ")

_UTF8 = 0x800
_DATE = 0x21  # 1980-01-01
_UNIX_FILE = 0o100644 << 16
_MADE_BY_UNIX = 3 << 8
_MAX_32, _MAX_16 = 0xFFFFFFFF, 0xFFFF
_FLUSH = 1024 * 1024


class PackWriter:
    """Layout "packs": documents one after the other into zips of about `pack_bytes`, named by `name_factory(n)`.

    Names have to be new by themselves (a random part per attempt). A pack is visible once it is whole; `close` returns
    when all are. Not for several threads at once: one renderer adds, obstore's threads send parts, one thread of ours
    completes packs.
    """

    def __init__(
        self,
        store: ObjectStore,
        name_factory: Callable[[int], str],
        pack_bytes: int = PACK_BYTES,
        *,
        part_bytes: int = PART_BYTES,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self._store, self._name_factory, self._pack_bytes = store, name_factory, pack_bytes
        self._part_bytes, self._tags = part_bytes, dict(tags or {})
        self._pool = UploadPool(threads=1)
        self._pack: _Pack | None = None
        self._begun: list[MultipartWriter] = []

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the packs begun so far, in order."""
        return tuple(writer.key for writer in self._begun)

    def add(self, name: str, data: bytes) -> StoredDocument:
        """Append a document under `name`. What is returned is true once `close` has returned."""
        pack = self._pack
        if pack is not None and pack.size and pack.size + len(data) > self._pack_bytes:
            self._finish(pack)
            pack = None
        if pack is None:
            pack = self._pack = self._begin()
        return StoredDocument(pack.writer.key, pack.uri, pack.add(name.encode(), data), len(data))

    def close(self) -> tuple[Adopted, ...]:
        """Complete every pack. Raises the first error there was, and then leaves nothing behind."""
        try:
            if self._pack is not None:
                self._finish(self._pack)
                self._pack = None
            self._pool.close()
        except BaseException:
            self.abort()
            raise
        return ()

    def abort(self) -> None:
        """Take back every pack of this writer, complete or not. Only before the task's manifest is committed."""
        self._pool.abort()
        self._pack = None
        for writer in self._begun:
            writer.abort()
        with contextlib.suppress(StoreError):  # names are random and no manifest has them: vacuum's, otherwise
            self._store.delete(self.keys)

    def _begin(self) -> _Pack:
        key = self._name_factory(len(self._begun))
        writer = self._store.writer(key, content_type="application/zip", tags=self._tags, part_bytes=self._part_bytes)
        self._begun.append(writer)
        return _Pack(writer, self._store.uri_of(key))

    def _finish(self, pack: _Pack) -> None:
        pack.end()
        # Completing waits for the last parts (or for the disk); the next pack can grow meanwhile.
        self._pool.submit(pack.writer.close, 0)


class _Pack:
    """One zip that grows."""

    __slots__ = ("_buffer", "_central", "_count", "_sent", "size", "uri", "writer")

    def __init__(self, writer: MultipartWriter, uri: str) -> None:
        self.writer, self.uri = writer, uri
        self.size = self._sent = self._count = 0
        self._buffer = bytearray()
        self._central = bytearray()

    def add(self, name: bytes, data: bytes) -> int:
        """Append an entry; returns where its bytes begin."""
        length, start = len(data), self.size
        if length >= _MAX_32:
            raise StoreError("a document of 4 GiB or more does not fit into a pack; use layout objects")
        crc = zlib.crc32(data)
        self._central += self._central_entry(name, crc, length, start)
        buffer = self._buffer
        buffer += _LOCAL.pack(b"PK\3\4", 20, _UTF8, 0, 0, _DATE, crc, length, length, len(name), 0)
        buffer += name
        begin = self._sent + len(buffer)
        buffer += data
        self._count += 1
        self.size = begin + length
        if len(buffer) >= _FLUSH:
            self._flush()
        return begin

    def end(self) -> None:
        """Append the central directory."""
        start, length, count = self.size, len(self._central), self._count
        buffer = self._buffer
        buffer += self._central
        if start >= _MAX_32 or count >= _MAX_16:
            buffer += _END_64.pack(
                b"PK\6\6", _END_64.size - 12, _MADE_BY_UNIX | 45, 45, 0, 0, count, count, length, start
            )
            buffer += _LOCATOR_64.pack(b"PK\6\7", 0, start + length, 1)
        short = min(count, _MAX_16)
        buffer += _END.pack(b"PK\5\6", 0, 0, short, short, min(length, _MAX_32), min(start, _MAX_32), 0)
        self._flush()
        self._central = bytearray()

    def _flush(self) -> None:
        # `writer` may keep the buffer until it is sent, so it is given away rather than cleared.
        buffer, self._buffer = self._buffer, bytearray()
        self._sent += len(buffer)
        self.writer.write(buffer)

    @staticmethod
    def _central_entry(name: bytes, crc: int, length: int, start: int) -> bytes:
        if start < _MAX_32:
            extra, version, offset = b"", 20, start
        else:
            extra, version, offset = _OFFSET_64.pack(1, 8, start), 45, _MAX_32
        made_by = _MADE_BY_UNIX | version
        fixed = (made_by, version, _UTF8, 0, 0, _DATE, crc, length, length, len(name), len(extra), 0, 0, 0)
        return _CENTRAL.pack(b"PK\1\2", *fixed, _UNIX_FILE, offset) + name + extra
