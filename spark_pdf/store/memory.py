"""`memory:` stores: dictionaries by name, as long as the process lives. For tests and for trying things out."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from spark_pdf.errors import NotFound
from spark_pdf.store.backend import ObjectHeaders, ObjectInfo, Unfinished


@dataclass(frozen=True, slots=True)
class _Held:
    data: bytes
    headers: ObjectHeaders
    modified: datetime


class MemoryBackend:
    """A dictionary behind a lock. `named` gives the one of that name in this process."""

    _stores: dict[str, MemoryBackend] = {}  # noqa: RUF012  (shared on purpose)
    _stores_lock = threading.Lock()

    def __init__(self, name: str) -> None:
        self.name = name
        self._objects: dict[str, _Held] = {}
        self._lock = threading.Lock()

    @classmethod
    def named(cls, name: str) -> MemoryBackend:
        """The store of that name; an empty one the first time."""
        with cls._stores_lock:
            return cls._stores.setdefault(name, cls(name))

    def get(self, key: str) -> bytes:
        """The whole object. Raises `NotFound`."""
        return self._held(key).data

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Bytes of an object. Raises `NotFound`."""
        return self._held(key).data[offset : offset + length]

    def put(self, key: str, data: bytes, headers: ObjectHeaders) -> None:
        """Write, replacing what was there."""
        self._objects[key] = _Held(bytes(data), headers, datetime.now(timezone.utc))

    def put_new(self, key: str, data: bytes, headers: ObjectHeaders) -> bool:
        """Write if nothing is there."""
        with self._lock:
            if key in self._objects:
                return False
            self.put(key, data, headers)
            return True

    def head(self, key: str) -> ObjectInfo | None:
        """Size and time of an object, or None."""
        held = self._objects.get(key)
        return None if held is None else _info(key, held)

    def headers(self, key: str) -> ObjectHeaders:
        """What was written beside the bytes, for tests."""
        return self._held(key).headers

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects in the folder `prefix`, in the order of keys."""
        folder = f"{prefix}/" if prefix else ""
        held = {key: value for key, value in self._objects.copy().items() if key.startswith(folder)}
        return (_info(key, held[key]) for key in sorted(held))

    def folders(self, prefix: str) -> set[str]:
        """Folders right below `prefix`."""
        folder = f"{prefix}/" if prefix else ""
        below = (key[len(folder) :] for key in self._objects.copy() if key.startswith(folder))
        return {key.partition("/")[0] for key in below if "/" in key}

    def folds_case(self) -> bool:
        """No."""
        return False

    def delete(self, keys: Sequence[str]) -> None:
        """Delete; what is absent is no error."""
        for key in keys:
            self._objects.pop(key, None)

    def writer(self, key: str, headers: ObjectHeaders, part_bytes: int) -> MemoryWriter:
        """An object that appears when it is closed."""
        return MemoryWriter(self, key, headers)

    def unfinished(self, prefix: str) -> Iterator[Unfinished]:
        """Nothing: what is not closed lives in its writer only."""
        return iter(())

    def discard(self, unfinished: Unfinished) -> None:
        """Nothing to take away."""

    def _held(self, key: str) -> _Held:
        try:
            return self._objects[key]
        except KeyError:
            raise NotFound(f"nothing stands at memory://{self.name}/{key}") from None


class MemoryWriter:
    """Gathers bytes and puts them at once."""

    def __init__(self, backend: MemoryBackend, key: str, headers: ObjectHeaders) -> None:
        self._backend, self._key, self._headers = backend, key, headers
        self._data = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes."""
        self._data += data

    def close(self) -> None:
        """Make the object visible."""
        self._backend.put(self._key, bytes(self._data), self._headers)

    def abort(self) -> None:
        """Forget the bytes."""
        self._data.clear()


def _info(key: str, held: _Held) -> ObjectInfo:
    return ObjectInfo(key, len(held.data), held.modified, hashlib.md5(held.data, usedforsecurity=False).hexdigest())
