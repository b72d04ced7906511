"""Local files as a store: keys are paths below one folder, objects appear whole or not at all.

Every object is first written to a temporary file beside it (`.spark-pdf-<random>.tmp`, which no listing shows), synced
to disk, and then named: by `rename` where it may replace, by `link` where it must be new. `link` fails if the name is
taken, on NFS too, which makes it the conditional create. Then the folder is synced: what was answered "written"
survives a power cut. A file system without hard links (DBFS and other FUSE mounts) cannot do this and is refused.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from spark_pdf.errors import AccessDenied, NotFound, StoreError, UnsafeStoreError
from spark_pdf.store.backend import ObjectHeaders, ObjectInfo, Unfinished

_TEMPORARY = re.compile(r"\.spark-pdf-[0-9a-f]{16}\.tmp")
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class LocalBackend:
    """Files below `root`, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)

    def get(self, key: str) -> bytes:
        """The whole file. Raises `NotFound`."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise _typed(error, path) from None

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Bytes of a file. Raises `NotFound`."""
        path = self._path(key)
        try:
            with open(path, "rb", buffering=0) as file:
                return os.pread(file.fileno(), length, offset)
        except OSError as error:
            raise _typed(error, path) from None

    def put(self, key: str, data: bytes, headers: ObjectHeaders) -> None:
        """Write atomically, replacing what was there."""
        writer = self.writer(key, headers, 0)
        try:
            writer.write(data)
            writer.close()
        except BaseException:
            writer.abort()
            raise

    def put_new(self, key: str, data: bytes, headers: ObjectHeaders) -> bool:
        """Write atomically if nothing is there."""
        if os.path.lexists(self._path(key)):  # spares the temporary file; `link` decides
            return False
        writer = self.writer(key, headers, 0)
        try:
            writer.write(data)
            return writer.close_new()
        finally:
            writer.abort()

    def head(self, key: str) -> ObjectInfo | None:
        """Size and time of a file, or None."""
        path = self._path(key)
        try:
            status = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _typed(error, path) from None
        return None if os.path.isdir(path) else _info(key, status)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Files below the folder `prefix`, in the order of keys."""
        for key, entry in self._walk(prefix):
            if not _TEMPORARY.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):  # deleted while we listed
                    yield _info(key, entry.stat())

    def folders(self, prefix: str) -> Sequence[str]:
        """Folders right below `prefix`."""
        path = self._path(prefix) if prefix else self.root
        try:
            with os.scandir(path) as entries:
                return [entry.name for entry in entries if entry.is_dir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _typed(error, path) from None

    def folds_case(self) -> bool:
        """Whether the file system, asked about the nearest folder that has letters in its name, ignores case."""
        for folder in (Path(self.root), *Path(self.root).parents):
            other = folder.with_name(folder.name.swapcase()) if folder.name else folder
            if other != folder and folder.exists():
                return other.exists() and other.samefile(folder)
        return False

    def delete(self, keys: Sequence[str]) -> None:
        """Delete; what is absent is no error. Folders stay: a writer may be about to use them."""
        for key in keys:
            try:
                os.unlink(self._path(key))
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:
                raise _typed(error, self._path(key)) from None

    def writer(self, key: str, headers: ObjectHeaders, part_bytes: int) -> LocalWriter:
        """A file that gets its name when it is closed."""
        return LocalWriter(self._path(key))

    def unfinished(self, prefix: str) -> Iterator[Unfinished]:
        """Temporary files below `prefix`."""
        for key, entry in self._walk(prefix):
            if _TEMPORARY.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):
                    yield Unfinished(key, _info(key, entry.stat()).modified, key)

    def discard(self, unfinished: Unfinished) -> None:
        """Delete a temporary file."""
        self.delete((unfinished.handle,))

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _walk(self, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        try:
            with os.scandir(self._path(prefix) if prefix else self.root) as entries:
                # "/" behind folders, so that `a-b` comes before `a/b`, as in an object store's listing
                found = sorted(((e.name + "/" if e.is_dir() else e.name), e) for e in entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _typed(error, self._path(prefix)) from None
        for name, entry in found:
            key = f"{prefix}/{entry.name}" if prefix else entry.name
            if name.endswith("/"):
                yield from self._walk(key)
            else:
                yield key, entry


class LocalWriter:
    """A temporary file that `close` renames and `abort` deletes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._folder = os.path.dirname(path)
        self._temporary = f"{self._folder}/.spark-pdf-{secrets.token_hex(8)}.tmp"
        try:
            self._file = self._open()
        except OSError as error:
            raise _typed(error, path) from None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise _typed(error, self._path) from None

    def close(self) -> None:
        """Sync, and take the name, whoever had it."""
        try:
            self._sync()
            os.replace(self._temporary, self._path)
            _sync_folder(self._folder)
        except OSError as error:
            raise _typed(error, self._path) from None

    def close_new(self) -> bool:
        """Sync, and take the name if nobody has it."""
        try:
            self._sync()
        except OSError as error:
            raise _typed(error, self._path) from None
        try:
            os.link(self._temporary, self._path)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno in _NO_LINKS:
                raise UnsafeStoreError(
                    f"the file system of {self._folder} has no hard links, so nothing on it can be created "
                    "exactly once; write to an object store (s3:, gs:, abfss:) or a local disk"
                ) from None
            raise _typed(error, self._path) from None
        _sync_folder(self._folder)
        return True

    def abort(self) -> None:
        """Delete the temporary file, if it is still there."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)

    def _open(self) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)
        try:
            return os.open(self._temporary, flags, 0o666)
        except FileNotFoundError:
            os.makedirs(self._folder, exist_ok=True)
            return os.open(self._temporary, flags, 0o666)

    def _sync(self) -> None:
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1


def _sync_folder(folder: str) -> None:
    """Make a new name durable; some file systems refuse to sync folders, and then there is nothing to do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(key: str, status: os.stat_result) -> ObjectInfo:
    modified = datetime.fromtimestamp(status.st_mtime, timezone.utc)
    return ObjectInfo(key, status.st_size, modified, f"{status.st_mtime_ns:x}-{status.st_size:x}")


def _typed(error: OSError, path: str) -> StoreError:
    """The error of ours for one of the operating system's."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR):
        file = next((str(part) for part in Path(path).parents if part.is_file()), None)
        return NotFound(f"{file} is a file, not a folder" if file else f"nothing stands at {path}")
    if error.errno in _DENIED:
        return AccessDenied(f"no permission for {path}: {error.strerror}")
    return StoreError(f"{path}: {error.strerror}")
