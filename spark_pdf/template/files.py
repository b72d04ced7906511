"""A bundle's files: from a folder or a zip archive to a mapping of relative POSIX path to bytes, and back to an
archive.

What editors and systems leave behind is passed over. Nothing outside the folder is read, whatever a link or an
archive's names say, and nothing larger than `MAX_BYTES` is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from spark_pdf.errors import BundleError, Place

MAX_BYTES = 512 * 1024 * 1024
MAX_FILES = 10_000

_IGNORED_NAMES = frozenset({"__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini"})
_IGNORED_ENDINGS = ("~", ".swp", ".swo", ".bak", ".orig", ".tmp", ".pyc")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def is_ignored(path: str) -> bool:
    """Whether a relative path belongs to an editor, a system or a cache rather than to the bundle."""
    return any(
        part.startswith((".", "#")) or part in _IGNORED_NAMES or part.endswith(_IGNORED_ENDINGS)
        for part in path.split("/")
    )


def checked_files(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files that count, by path in Unicode's composed form. Raises `BundleError` for paths that lead out."""
    kept: dict[str, bytes] = {}
    total = 0
    for name, data in files:
        path = unicodedata.normalize("NFC", name)
        _refuse_unsafe(path)
        if is_ignored(path):
            continue
        if path in kept:
            raise BundleError("the bundle has two files of this name", place=Place(path))
        total += len(data)
        refuse_large(len(kept) + 1, total)
        kept[path] = bytes(data)
    return dict(sorted(kept.items()))


def read_folder(root: Path) -> dict[str, bytes]:
    """Every file below a folder. A link may point to a file inside; one that leads out, or to a folder, is refused."""
    found: list[tuple[str, bytes]] = []
    total = 0
    real_root = root.resolve()
    for folder, folders, names in os.walk(root):
        base = Path(folder).relative_to(root)
        folders[:] = sorted(d for d in folders if not is_ignored(d))
        for name in folders:
            if (Path(folder) / name).is_symlink():
                raise BundleError("links to folders are not followed; copy the folder", place=_place(base / name))
        for name in sorted(names):
            if is_ignored(name):
                continue
            file, place = Path(folder) / name, _place(base / name)
            _refuse_unsafe(place.file)
            if file.is_symlink() and not _leads_inside(file, real_root):
                raise BundleError("a link that leads out of the bundle is not followed", place=place)
            total += _size(file, place)
            refuse_large(len(found) + 1, total)
            found.append((place.file, file.read_bytes()))
    return checked_files(found)


def _leads_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # it leads in a circle
        return False


def read_archive(data: bytes) -> dict[str, bytes]:
    """The files of a zip archive: no links, no paths that lead out, no more than `MAX_BYTES` when unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _common_root_removed(checked_files(_members(archive)))
    except (BundleError, MemoryError):
        raise
    except Exception as error:  # each method of compression has errors of its own, and damage is any of them
        raise BundleError(f"the archive cannot be read as a zip file ({type(error).__name__})") from None


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """A stored zip of the files: the same files give the same bytes on every machine."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, _EPOCH)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[path])
    return target.getvalue()


def hash_files(files: Mapping[str, bytes]) -> str:
    """SHA-256, in hex, over paths and contents; each with its length, so that no two bundles read alike."""
    digest = hashlib.sha256()
    for path in sorted(files):
        name = path.encode()
        digest.update(b"%d:%b%d:" % (len(name), name, len(files[path])))
        digest.update(files[path])
    return digest.hexdigest()


def _members(archive: zipfile.ZipFile) -> Iterable[tuple[str, bytes]]:
    total = 0
    for count, info in enumerate(archive.infolist(), 1):
        if info.is_dir():
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BundleError("an archive may not hold links", place=Place(info.filename))
        total += info.file_size
        refuse_large(count, total)
        with archive.open(info) as member:
            # The declared size may lie: read one byte more than it says, and refuse if that is there.
            content = member.read(info.file_size + 1)
        if len(content) != info.file_size:
            raise BundleError("the archive's entry is not as long as it says", place=Place(info.filename))
        yield info.filename, content


def _common_root_removed(files: dict[str, bytes]) -> dict[str, bytes]:
    """A folder zipped as a whole has its name in front of every path; take that away."""
    roots = {path.partition("/")[0] for path in files}
    if len(roots) == 1 and files and all("/" in path for path in files):
        return {path.partition("/")[2]: data for path, data in files.items()}
    return files


def _refuse_unsafe(path: str) -> None:
    parts = path.split("/")
    if (
        not path
        or not _is_text(path)
        or path.startswith("/")
        or "\\" in path
        or "\0" in path
        or ":" in parts[0]
        or {"", ".", ".."} & {*parts}
    ):
        raise BundleError("a path that leads out of the bundle, or none that every system has, is refused")


def _is_text(path: str) -> bool:
    """Whether a name is text: those that are not UTF-8 have surrogates here."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def refuse_large(count: int, total: int) -> None:
    """Raise `BundleError` if so many files, or bytes, are more than a bundle may have."""
    if count > MAX_FILES or total > MAX_BYTES:
        raise BundleError(f"a bundle has at most {MAX_FILES} files and {MAX_BYTES // 1024**2} MiB")


def _size(file: Path, place: Place) -> int:
    try:
        status = file.stat()
    except OSError as error:
        raise BundleError(f"the file cannot be read: {error.strerror}", place=place) from None
    if not stat.S_ISREG(status.st_mode):
        raise BundleError("only plain files belong in a bundle", place=place)
    return status.st_size


def _place(path: Path) -> Place:
    return Place(path.as_posix())
