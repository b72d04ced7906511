"""Object stores: bytes in, bytes out, below one URI.

    store = open_store("s3://bucket/invoices", options)
    store.create("_runs/r1/run.json", data)            True: ours, and made sure of

Keys are relative POSIX paths. Every error is one of `spark_pdf.errors`: `NotFound`, `AccessDenied`, `UnsafeStoreError`,
else `StoreError`; messages name the URI and never a credential. Requests that fail for the moment (SlowDown, 5xx, lost
connections) are tried again with exponential back-off and jitter, for `patience` seconds at most.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Literal

from spark_pdf.config import Config, StoreOptions
from spark_pdf.errors import AccessDenied, NotFound, StoreError, UnsafeStoreError, UsageError
from spark_pdf.store.backend import Backend, ObjectHeaders, ObjectInfo, PartWriter, Unfinished
from spark_pdf.store.local import LocalBackend
from spark_pdf.store.memory import MemoryBackend
from spark_pdf.store.options import ResolvedOptions, resolve
from spark_pdf.store.remote import remote_backend
from spark_pdf.store.uris import Address, local_path, parse_uri

__all__ = [
    "MultipartWriter",
    "ObjectInfo",
    "ObjectStore",
    "ResolvedOptions",
    "Unfinished",
    "open_store",
    "output_store",
    "resolve",
]

PATIENCE = 120.0
"""Seconds for which a failing request is tried again. A task that waits longer holds a core for nothing."""

PART_BYTES = 8 * 1024 * 1024
_PROBE_PATIENCE = 4.0
_DELETE_BATCH = 1000
_NO_OPTIONS = ResolvedOptions()

Created = Literal["new", "same", "other"]
"""What `ObjectStore.create_or_find` has found at a key."""


def open_store(
    uri: str, options: StoreOptions | ResolvedOptions = _NO_OPTIONS, *, patience: float = PATIENCE
) -> ObjectStore:
    """The store at `uri`: a local path, `file:`, `s3:` (`s3a:`, `s3n:`), `gs:`, `az:`, `abfss:` or `memory:`.

    Nothing is requested yet. Raises `UnsupportedError` for `hdfs:`, `dbfs:` and unknown schemes, `ConfigError` for a
    secret that is not there. For executors pass `resolve(options)`, made on the driver: `env:` variables are the
    driver's own.
    """
    return ObjectStore(parse_uri(uri), resolve(options), patience)


def output_store(config: Config) -> ObjectStore:
    """The store that a config's runs write to. Raises as `open_store` does."""
    return open_store(config.output.uri, config.store_options(config.output.uri))


class ObjectStore:
    """Objects below one URI. Safe to share between threads, and picklable: a copy connects anew."""

    def __init__(self, address: Address, options: ResolvedOptions, patience: float = PATIENCE) -> None:
        self._address, self._options, self._patience = address, options, patience
        self._backend = _backend(address, options, patience)
        self._prefix = f"{address.path}/" if address.path and address.scheme != "file" else ""

    @property
    def uri(self) -> str:
        """The canonical URI of the root, without a trailing slash."""
        return self._address.uri

    def uri_of(self, key: str) -> str:
        """The canonical URI of a key: what the manifest holds and `documents.read_document` reads."""
        return f"{self.uri}/{key.replace('%', '%25') if self._address.scheme == 'file' else key}"

    def below(self, folder: str) -> ObjectStore:
        """The store whose root is a folder of this one."""
        path = f"{self._address.path}/{folder}" if self._address.path else folder
        return ObjectStore(replace(self._address, path=path), self._options, self._patience)

    def read(self, key: str) -> bytes:
        """The whole object. Raises `NotFound`."""
        return self._backend.get(self._whole(key))

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. Raises `NotFound`, and `StoreError` where the object ends before."""
        if length == 0:
            return b""
        data = self._backend.get_range(self._whole(key), offset, length)
        if len(data) != length:
            raise StoreError(f"{self.uri_of(key)} ends before byte {offset + length}")
        return data

    def write(
        self, key: str, data: bytes, *, content_type: str | None = None, tags: Mapping[str, str] | None = None
    ) -> None:
        """Write atomically, replacing what was there."""
        self._backend.put(self._whole(key), data, ObjectHeaders(content_type, tags or {}))

    def create(
        self, key: str, data: bytes, *, content_type: str | None = None, tags: Mapping[str, str] | None = None
    ) -> bool:
        """Write if nothing is there, and be sure who did. True: `data` stands there. False: something else does."""
        return self.create_or_find(key, data, content_type=content_type, tags=tags) != "other"

    def create_or_find(
        self, key: str, data: bytes, *, content_type: str | None = None, tags: Mapping[str, str] | None = None
    ) -> Created:
        """`create`, and what was there: nothing ("new"), the `same`, of ours or of somebody's, or something `other`.

        A store may say "exists" of our own request that it had answered into a lost connection. So whatever is not
        a plain yes is settled by reading back: callers put a random id into `data` to tell themselves from a twin.
        """
        whole, headers = self._whole(key), ObjectHeaders(content_type, tags or {})
        deadline, attempt = time.monotonic() + self._patience, 0
        while True:
            failure: StoreError | None = None
            try:
                if self._backend.put_new(whole, data, headers):
                    return "new"
            except (AccessDenied, NotFound, UnsafeStoreError):
                raise
            except StoreError as error:
                failure = error
            try:
                return "same" if self._backend.get(whole) == data else "other"
            except NotFound:
                pass  # the put never arrived, or what blocked it is gone
            except AccessDenied:
                raise
            except StoreError as error:
                failure = failure or error
            if time.monotonic() >= deadline:
                raise failure or StoreError(f"{self.uri_of(key)}: the store says that it exists, and that it does not")
            time.sleep(_pause(attempt, deadline))
            attempt += 1

    def head(self, key: str) -> ObjectInfo | None:
        """Size, time and etag of an object; None if nothing is there."""
        info = self._backend.head(self._whole(key))
        return None if info is None else self._relative(info)

    def exists(self, key: str) -> bool:
        """Whether something stands at `key`."""
        return self.head(key) is not None

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Objects below the folder `prefix` ("" for all), in the order of keys. An absent folder is empty."""
        folder = self._folder(prefix)
        return map(self._relative, self._backend.list(folder))

    def folders(self, prefix: str = "") -> Sequence[str]:
        """Names of the folders right below the folder `prefix`, in order, without looking into them."""
        return sorted(self._backend.folders(self._folder(prefix)))

    @property
    def folds_case(self) -> bool:
        """Whether keys that differ in case only would be one object, as on most Macs."""
        return self._backend.folds_case()

    def delete(self, keys: Iterable[str]) -> None:
        """Delete, many at a time. What is absent is no error."""
        batch: list[str] = []
        for key in keys:
            batch.append(self._whole(key))
            if len(batch) == _DELETE_BATCH:
                self._backend.delete(batch)
                batch = []
        if batch:
            self._backend.delete(batch)

    def writer(
        self,
        key: str,
        *,
        content_type: str | None = None,
        tags: Mapping[str, str] | None = None,
        part_bytes: int = PART_BYTES,
    ) -> MultipartWriter:
        """Begin an object of any length that is sent in parts while it is made. Its key has to be new by its name."""
        headers = ObjectHeaders(content_type, tags or {})
        part = self._backend.writer(self._whole(key), headers, part_bytes)
        return MultipartWriter(self, key, part)

    def unfinished(self, prefix: str = "") -> Iterator[Unfinished] | None:
        """Objects begun below `prefix` and never closed, with relative keys; None where the store cannot be asked."""
        found = self._backend.unfinished(self._folder(prefix))
        if found is None:
            return None
        cut = len(self._prefix)
        return (Unfinished(one.key[cut:], one.started, one.handle) for one in found)

    def discard(self, unfinished: Unfinished) -> None:
        """Take away what an unfinished object holds."""
        self._backend.discard(replace(unfinished, key=self._prefix + unfinished.key))

    def probe(self) -> None:
        """Find out in seconds whether a run may write here, and leave nothing.

        Raises `UnsafeStoreError` if a conditional create succeeds twice, `AccessDenied` for a read-only output or
        refused credentials, `StoreError` if the store is unreachable: each with one sentence.
        """
        store = ObjectStore(self._address, self._options, min(self._patience, _PROBE_PATIENCE))
        key = f"_runs/_probe-{secrets.token_hex(8)}"
        try:
            store._probe_create(key)
        except NotFound as error:
            # Where the write itself finds nothing, that is all a local file system has to say of the folder.
            said = "no such folder can be made" if str(error).startswith("nothing stands") else str(error)
            raise StoreError(f"{self.uri} cannot be written: {said}") from None
        except AccessDenied as error:
            raise AccessDenied(f"{self.uri} cannot be used as an output: {error}") from None

    def _probe_create(self, key: str) -> None:
        first, second = (json.dumps({"probe": secrets.token_hex(16)}).encode() for _ in range(2))
        if not self.create(key, first):
            raise UnsafeStoreError(f"{self.uri}: a new object did not keep its content; nothing on it can be trusted")
        try:
            won = self.create(key, second)
            kept = self.read(key)
        finally:
            self.delete((key,))
        if won or kept != first:
            raise UnsafeStoreError(
                f"{self.uri}: a conditional create succeeded twice (If-None-Match is ignored), so two attempts "
                "of a task could both commit; use a store that honours it"
            )

    def _whole(self, key: str) -> str:
        if not key or key[0] == "/" or key[-1] == "/" or "//" in key or "\\" in key:
            raise UsageError(f"not an object key: '{key}'")
        if "." in key and any(part in (".", "..") for part in key.split("/")):
            raise UsageError(f"an object key may not contain '.' or '..' as a part: '{key}'")
        return self._prefix + key

    def _folder(self, prefix: str) -> str:
        prefix = prefix.strip("/")
        return self._whole(prefix) if prefix else self._prefix.rstrip("/")

    def _relative(self, info: ObjectInfo) -> ObjectInfo:
        return replace(info, key=info.key[len(self._prefix) :]) if self._prefix else info

    def __repr__(self) -> str:
        return f"ObjectStore({self.uri!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return ObjectStore, (self._address, self._options, self._patience)


class MultipartWriter:
    """An object being sent. `close` makes it visible; `abort`, or a `with` block left by an exception, drops it."""

    def __init__(self, store: ObjectStore, key: str, part: PartWriter) -> None:
        self._store, self._part, self._open = store, part, True
        self.key = key
        self.size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes. Returns at once while the store keeps up; a part that failed is raised here or by `close`."""
        self.size += len(data)
        self._part.write(data)

    def close(self) -> None:
        """Make the object visible. After a lost answer it asks the store, and succeeds if the object stands there."""
        self._open = False
        try:
            self._part.close()
        except AccessDenied:
            self._part.abort()
            raise
        except StoreError:
            # Completing twice says "no such upload": the key is random, so an object of this size is ours.
            info = self._store.head(self.key)
            if info is None or info.size != self.size:
                self._part.abort()
                raise

    def abort(self) -> None:
        """Leave nothing behind. After `close` it does nothing."""
        if self._open:
            self._open = False
            self._part.abort()

    def __enter__(self) -> MultipartWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def _backend(address: Address, options: ResolvedOptions, patience: float) -> Backend:
    if address.scheme == "file":
        return LocalBackend(local_path(address))
    if address.scheme == "memory":
        return MemoryBackend.named(address.bucket)
    return remote_backend(replace(address, path=""), options, patience)


def _pause(attempt: int, deadline: float) -> float:
    """Exponential back-off with full jitter, never past the deadline."""
    longest = min(0.1 * 2.0**attempt, 10.0)
    return min(random.uniform(longest / 2, longest), max(deadline - time.monotonic(), 0.0))
