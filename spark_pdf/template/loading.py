"""Template bundles by URI: a local path, or a prefix or `.zip` object of an object store."""

from __future__ import annotations

from spark_pdf.config import StoreOptions
from spark_pdf.errors import BundleError, NotFound
from spark_pdf.store import ResolvedOptions, open_store
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.files import is_ignored, refuse_large


def load_bundle(uri: str, options: StoreOptions | None = None) -> Bundle:
    """The bundle at a path or URI; `options` say how to reach the store. Raises `BundleError`, `StoreError`."""
    if "://" not in uri:
        return Bundle.load(uri.removeprefix("file:"))
    reach = options or ResolvedOptions()
    parent, _, name = uri.rstrip("/").rpartition("/")
    if name.lower().endswith(".zip"):
        try:
            return Bundle.from_archive(open_store(parent, reach).read(name), name[: -len(".zip")])
        except NotFound:
            raise BundleError(f"there is no template bundle at {uri}") from None
    store = open_store(uri, reach)
    infos = [info for info in store.list("") if not is_ignored(info.key) and not info.key.endswith("/")]
    if not infos:
        raise BundleError(f"there is no template bundle at {uri}")
    refuse_large(len(infos), sum(info.size for info in infos))
    return Bundle.from_files({info.key: store.read(info.key) for info in infos}, name)
