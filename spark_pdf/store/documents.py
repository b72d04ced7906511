"""What a manifest entry points to: uri, offset and length in, a document's bytes out."""

from __future__ import annotations

from spark_pdf.config import StoreOptions
from spark_pdf.store.objects import ObjectStore
from spark_pdf.store.options import ResolvedOptions, resolve
from spark_pdf.store.uris import parse_uri

_NO_OPTIONS = ResolvedOptions()


def locate(uri: str, options: StoreOptions | ResolvedOptions = _NO_OPTIONS) -> tuple[ObjectStore, str]:
    """The store of the folder that holds an object, and the object's key in it."""
    folder, name = parse_uri(uri).parent()
    return ObjectStore(folder, resolve(options)), name


def read_document(
    uri: str,
    offset: int | None = None,
    length: int | None = None,
    options: StoreOptions | ResolvedOptions = _NO_OPTIONS,
) -> bytes:
    """A stored document: `length` bytes from `offset`, or the whole object where they are None.

    Raises `NotFound` if the object is gone, `StoreError` if it is shorter than the entry says.
    """
    store, key = locate(uri, options)
    if length is None:
        return store.read(key)
    return store.read_range(key, offset or 0, length)
