"""Uploads that overlap rendering: documents go in, threads put them, errors come back to whoever renders.

The pool is bounded twice: by threads, and by the bytes that wait. When the store is slower than the renderer, `submit`
waits: memory stays flat. The first error stops the pool and is raised by the next `submit` or by `close`, as it is.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NamedTuple, Protocol

from spark_pdf.store.objects import ObjectStore

QUEUE_BYTES = 32 * 1024 * 1024


class StoredDocument(NamedTuple):
    """Where a document's bytes are: `length` bytes from `offset` of the object at `key`, whose URI is `uri`."""

    key: str
    uri: str
    offset: int
    length: int


class Adopted(NamedTuple):
    """An object that an earlier attempt had stored with other bytes, and which stays: entries describe what is stored.

    That happens only where equal input does not give equal bytes (encryption, ECDSA): keys tell ids apart.
    """

    key: str
    length: int
    sha256: str


class DocumentWriter(Protocol):
    """What a task writes its documents to, whatever the layout."""

    def add(self, name: str, data: bytes) -> StoredDocument:
        """Take a document. It is on its way when this returns, and stored when `close` has returned."""
        ...

    def close(self) -> tuple[Adopted, ...]:
        """Wait until every document is stored. Raises the first error there was."""
        ...

    def abort(self) -> None:
        """Stop, and leave as little behind as can be done; what is left is vacuum's."""
        ...


class UploadPool:
    """A few threads that run uploads, and a queue bounded by bytes."""

    def __init__(self, threads: int = 8, queue_bytes: int = QUEUE_BYTES) -> None:
        self._queue: deque[tuple[Callable[[], object], int]] = deque()
        self._limit, self._threads_limit = queue_bytes, threads
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._waiting = self._idle = self._running = 0
        self._closed = False
        self._error: BaseException | None = None

    def submit(self, work: Callable[[], object], size: int) -> None:
        """Run `work` in a thread soon. Waits while too much is queued; raises the error of an earlier upload."""
        with self._changed:
            while self._waiting and self._waiting + size > self._limit and self._error is None:
                self._changed.wait()
            self._raise()
            if self._closed:
                raise RuntimeError("the upload pool is closed")
            self._queue.append((work, size))
            self._waiting += size
            if len(self._queue) > self._idle and len(self._threads) < self._threads_limit:
                self._start()
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until everything submitted so far is done. Raises the first error there was."""
        with self._changed:
            while (self._queue or self._running) and self._error is None:
                self._changed.wait()
            self._raise()

    def close(self) -> None:
        """Wait for everything and end the threads. Raises the first error there was."""
        try:
            self.wait()
        finally:
            self._end()

    def abort(self) -> None:
        """Drop what is queued, wait for what runs, end the threads."""
        self._end()

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=f"upload-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._queue and not self._closed:
                    self._changed.wait()
                self._idle -= 1
                if not self._queue:
                    return
                work, size = self._queue.popleft()
                self._running += 1
            error: BaseException | None = None
            try:
                work()
            except BaseException as raised:  # whatever it is, it belongs to the renderer's thread
                error = raised
            del work  # holds the document's bytes
            with self._changed:
                self._running -= 1
                self._waiting -= size
                if error is not None and self._error is None:
                    self._error = error
                    self._drop()
                self._changed.notify_all()

    def _drop(self) -> None:
        self._waiting -= sum(size for _, size in self._queue)
        self._queue.clear()

    def _end(self) -> None:
        with self._changed:
            self._drop()
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def __enter__(self) -> UploadPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


class ObjectWriter:
    """Layout "objects": each document an object of its own, created conditionally.

    The key is the same for every attempt, so an attempt finds what an earlier one stored. Equal bytes are simply there;
    other bytes stay too, and `close` reports them, because nobody overwrites what a committed entry may describe.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        threads: int = 8,
        queue_bytes: int = QUEUE_BYTES,
        content_type: str = "application/pdf",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self._store, self._content_type, self._tags = store, content_type, dict(tags or {})
        self._pool = UploadPool(threads, queue_bytes)
        self._adopted: list[Adopted] = []

    def add(self, name: str, data: bytes) -> StoredDocument:
        """Store a document at the key `name`."""
        self._pool.submit(lambda: self._put(name, data), len(data))
        return StoredDocument(name, self._store.uri_of(name), 0, len(data))

    def close(self) -> tuple[Adopted, ...]:
        """Wait until every document is stored, and say which were already, with other bytes."""
        self._pool.close()
        return tuple(sorted(self._adopted))

    def abort(self) -> None:
        """Stop. What is stored stays: a twin of this attempt may rely on it."""
        self._pool.abort()

    def _put(self, key: str, data: bytes) -> None:
        if not self._store.create(key, data, content_type=self._content_type, tags=self._tags):
            kept = self._store.read(key)
            self._adopted.append(Adopted(key, len(kept), hashlib.sha256(kept).hexdigest()))
