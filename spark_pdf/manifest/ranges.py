"""Parquet files read by range: the footer and the columns asked for travel, the rest does not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spark_pdf.errors import DamagedFile

if TYPE_CHECKING:
    from spark_pdf.store import ObjectStore

_READ_AHEAD = 256 * 1024


class ObjectFile(io.RawIOBase):
    """An object as a seekable file. Small reads are served from the last piece that was fetched."""

    def __init__(self, store: ObjectStore, key: str, size: int) -> None:
        super().__init__()
        self._store, self._key, self._size = store, key, size
        self._at = 0
        self._piece = b""
        self._piece_at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes: that is what ranges are for."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is fetched yet."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; fewer at the end."""
        left = max(self._size - self._at, 0)
        length = left if size < 0 else min(size, left)
        inside = self._at - self._piece_at
        if inside < 0 or inside + length > len(self._piece):
            # Parquet reads its footer from the end, so there a piece reaches back rather than on.
            start = max(min(self._at, self._size - _READ_AHEAD), 0)
            self._piece_at = start
            self._piece = self._store.read_range(
                self._key, start, min(max(self._at + length - start, _READ_AHEAD), self._size - start)
            )
            inside = self._at - start
        self._at += length
        return self._piece[inside : inside + length]


@contextmanager
def parquet_file(store: ObjectStore, key: str, size: int) -> Iterator[Any]:
    """A `pyarrow.parquet.ParquetFile` over an object."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pa.PythonFile(ObjectFile(store, key, size), mode="r") as source, pq.ParquetFile(source) as parquet:
            yield parquet
    except (pa.ArrowException, OSError):
        raise DamagedFile(f"{store.uri_of(key)} is not the Parquet file that spark_pdf wrote there") from None
