"""Packs made of packs: documents' bytes are copied, and where each of them is now comes out.

In: keys of packs, and what the manifest says of the documents in them that are wanted. Out: one new pack, and a mapping
from old places to new ones; nothing refers to it yet. Every copied byte range is held against its hash. A small pack is
read at once; of a large one, one document is in memory at a time.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, NamedTuple

from spark_pdf.errors import NotFound, StoreError
from spark_pdf.manifest.ranges import ObjectFile
from spark_pdf.manifest.rewriting import Place
from spark_pdf.manifest.tasks import new_attempt_id
from spark_pdf.store import ObjectStore
from spark_pdf.store.packs import PackWriter

_ONE_PACK = 1 << 62
_AT_ONCE = 32 * 1024 * 1024  # bytes of a pack that is read in one request
_LOCAL_HEADER = 30  # bytes before the name; our packs have no local extra field


class Kept(NamedTuple):
    """A document that is wanted: its byte range, and its hash by the manifest."""

    offset: int
    length: int
    sha256: str


def entry_names(store: ObjectStore, key: str) -> Mapping[int, str]:
    """Names of a pack's documents, by the offset of their bytes; read from the zip's directory."""
    info = store.head(key)
    return {} if info is None else _names(store, key, ObjectFile(store, key, info.size))


def _names(store: ObjectStore, key: str, file: IO[bytes] | ObjectFile) -> Mapping[int, str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return {
                one.header_offset + _LOCAL_HEADER + len(one.orig_filename.encode()): one.orig_filename
                for one in archive.infolist()
            }
    except zipfile.BadZipFile:
        raise StoreError(f"{store.uri_of(key)} is not a pack: its directory cannot be read") from None


def repack(store: ObjectStore, key: str, kept: Sequence[Kept], tags: Mapping[str, str]) -> dict[Place, Place]:
    """Copy what is kept into a new pack beside the old one. Raises as `merge` does."""
    folder, _, name = key.rpartition("/")
    wave, partition, *_ = name.split("-")
    fresh = f"{wave}-{partition}-{new_attempt_id()}-0.zip"
    return merge(store, {key: kept}, f"{folder}/{fresh}" if folder else fresh, tags)


def merge(
    store: ObjectStore,
    sources: Mapping[str, Sequence[Kept]],
    target: str,
    tags: Mapping[str, str],
    entry_name: Callable[[str, str], str] = lambda key, name: name,
) -> dict[Place, Place]:
    """Copy these documents of packs into one new pack; none is made of none.

    `entry_name`: what an entry is called there, from its pack's key and its name in it. Raises `StoreError` if a
    document is not what the manifest says.
    """
    if not any(sources.values()):
        return {}
    moved: dict[Place, Place] = {}
    writer = PackWriter(store, lambda _: target, _ONE_PACK, tags=tags)
    try:
        for key, kept in sources.items():
            for one, name, data in _entries(store, key, kept):
                stored = writer.add(entry_name(key, name), data)
                moved[store.uri_of(key), one.offset] = (stored.uri, stored.offset)
    except BaseException:
        writer.abort()
        raise
    writer.close()
    return moved


def _entries(store: ObjectStore, key: str, kept: Sequence[Kept]) -> Iterator[tuple[Kept, str, bytes]]:
    """Documents of a pack, with their names and bytes."""
    if not kept:
        return
    info = store.head(key)
    if info is None:
        raise NotFound(f"{store.uri_of(key)} is not there")
    whole = store.read(key) if info.size <= _AT_ONCE else None
    names = _names(store, key, ObjectFile(store, key, info.size) if whole is None else io.BytesIO(whole))
    for one in sorted(kept):
        end = one.offset + one.length
        data = store.read_range(key, one.offset, one.length) if whole is None else whole[one.offset : end]
        if hashlib.sha256(data).hexdigest() != one.sha256 or one.offset not in names:
            raise StoreError(f"{store.uri_of(key)} from byte {one.offset} is not what the manifest says; verify it")
        yield one, names[one.offset], data
