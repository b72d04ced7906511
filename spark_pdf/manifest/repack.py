"""A pack without some of its documents: the others' bytes are copied, and where each of them is now comes out.

In: the pack's key, and what the manifest says of the documents that stay. Out: a pack of a new random name beside it,
and a mapping from old places to new ones; nothing refers to it yet. Every copied byte range is held against its hash.
One document is in memory at a time.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from spark_pdf.errors import StoreError
from spark_pdf.manifest.ranges import ObjectFile
from spark_pdf.manifest.rewriting import Place
from spark_pdf.manifest.tasks import new_attempt_id
from spark_pdf.store import ObjectStore
from spark_pdf.store.packs import PackWriter

_ONE_PACK = 1 << 62
_LOCAL_HEADER = 30  # bytes before the name; our packs have no local extra field


class Kept(NamedTuple):
    """A document that stays: its byte range, and its hash by the manifest."""

    offset: int
    length: int
    sha256: str


def entry_names(store: ObjectStore, key: str) -> Mapping[int, str]:
    """Names of a pack's documents, by the offset of their bytes; read from the zip's directory."""
    info = store.head(key)
    if info is None:
        return {}
    try:
        with zipfile.ZipFile(ObjectFile(store, key, info.size)) as archive:
            return {
                one.header_offset + _LOCAL_HEADER + len(one.orig_filename.encode()): one.orig_filename
                for one in archive.infolist()
            }
    except zipfile.BadZipFile:
        raise StoreError(f"{store.uri_of(key)} is not a pack: its directory cannot be read") from None


def repack(store: ObjectStore, key: str, kept: Sequence[Kept], tags: Mapping[str, str]) -> dict[Place, Place]:
    """Copy what is kept into a new pack. Raises `StoreError` if a document is not what the manifest says."""
    if not kept:
        return {}
    uri, names, moved = store.uri_of(key), entry_names(store, key), {}
    folder, _, name = key.rpartition("/")
    wave, partition, *_ = name.split("-")
    fresh = f"{wave}-{partition}-{new_attempt_id()}-0.zip"
    writer = PackWriter(store, lambda _: f"{folder}/{fresh}" if folder else fresh, _ONE_PACK, tags=tags)
    try:
        for one in sorted(kept):
            data = store.read_range(key, one.offset, one.length)
            if hashlib.sha256(data).hexdigest() != one.sha256 or one.offset not in names:
                raise StoreError(f"{uri} from byte {one.offset} is not what the manifest says; verify it")
            stored = writer.add(names[one.offset], data)
            moved[uri, one.offset] = (stored.uri, stored.offset)
    except BaseException:
        writer.abort()
        raise
    writer.close()
    return moved
