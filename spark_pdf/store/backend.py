"""What a kind of store can do, one request at a time: the layer below `objects.ObjectStore`.

Keys are whole keys (below the bucket, or a local root), bytes go in and out. A backend raises the errors of
`spark_pdf.errors` and tries again what its client knows how to; it does not check that a lost conditional create was
its own: `objects` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says of an object. `etag` changes with the content; its form is the store's own."""

    key: str
    size: int
    modified: datetime
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectHeaders:
    """What is written beside the bytes. Stores that have no such thing (local files) leave it away."""

    content_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


NO_HEADERS = ObjectHeaders()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An object that was begun and never closed: a multipart upload, or a local temporary file.

    `key` is the object's, or for a local file that of the temporary file; `handle` is what `discard` needs.
    """

    key: str
    started: datetime
    handle: str


class PartWriter(Protocol):
    """An object that is written piece by piece and appears whole, or never."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes; they may be on their way when this returns."""
        ...

    def close(self) -> None:
        """Make the object visible."""
        ...

    def abort(self) -> None:
        """Leave nothing behind."""
        ...


class Backend(Protocol):
    """One bucket, container, file system or process-wide dictionary."""

    def get(self, key: str) -> bytes:
        """The whole object. Raises `NotFound`."""
        ...

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """The bytes from `offset`; fewer than `length` where the object ends before. Raises `NotFound`."""
        ...

    def put(self, key: str, data: bytes, headers: ObjectHeaders) -> None:
        """Write atomically, replacing what was there."""
        ...

    def put_new(self, key: str, data: bytes, headers: ObjectHeaders) -> bool:
        """Write atomically if nothing is there. False: the store says that something is."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """Size and time of an object, or None."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key lies in the folder `prefix` ("" for all), in the order of keys."""
        ...

    def folders(self, prefix: str) -> Iterable[str]:
        """Names of the folders right below the folder `prefix`."""
        ...

    def folds_case(self) -> bool:
        """Whether two keys that differ in case only are one object."""
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Delete; what is absent is no error."""
        ...

    def writer(self, key: str, headers: ObjectHeaders, part_bytes: int) -> PartWriter:
        """Start an object that is sent in parts of about `part_bytes`."""
        ...

    def unfinished(self, prefix: str) -> Iterator[Unfinished] | None:
        """What was begun below `prefix` and never closed; None where the store cannot be asked."""
        ...

    def discard(self, unfinished: Unfinished) -> None:
        """Take away what an unfinished object holds; one that is gone is no error."""
        ...
