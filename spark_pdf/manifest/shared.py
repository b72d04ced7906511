"""Packs that several runs share, made by `rollup`: what others have to know of them.

In: a store and a table. Out: which of these packs hold a document, which objects no row names, which roll-ups go on.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from spark_pdf.manifest.files import as_written, read_json
from spark_pdf.manifest.repack import entry_names
from spark_pdf.manifest.schema import DOCUMENT
from spark_pdf.manifest.table import ManifestTable
from spark_pdf.store.locations import BEGUN_ROLLUPS, ROLLED, KeyTemplate

if TYPE_CHECKING:
    from spark_pdf.store import ObjectStore


def begun_rollups(store: ObjectStore) -> dict[str, str]:
    """Of roll-ups that go on or were interrupted: how the runs' ids begin, by the key of the mark."""
    found = {}
    for info in list(store.list(BEGUN_ROLLUPS)):
        said = read_json(store, info.key)
        if said is not None:
            with as_written(info.key):
                found[info.key] = str(said["runs"])
    return found


def unnamed(table: ManifestTable, uris: Collection[str]) -> set[str]:
    """Those of these objects that no row names."""
    left = set(uris)
    for batch in table.scan(["uri"], status=DOCUMENT):
        left.difference_update(batch["uri"].unique().to_pylist())
    return left


def shared_packs(store: ObjectStore, run_ids: Collection[str], document_ids: Collection[str]) -> list[str]:
    """Packs that several runs share, these among them perhaps, with a document of one of these ids in it: their keys.

    By what is in them, and not by what rows name: a copy that a roll-up has made for nothing is found as well.
    """
    names, found = entry_names_of(document_ids), []
    for folder in store.folders(ROLLED):
        if any(run_id.startswith(folder) for run_id in run_ids):
            for info in list(store.list(f"{ROLLED}/{folder}")):
                if not names.isdisjoint(name.partition("/")[2] for name in entry_names(store, info.key).values()):
                    found.append(info.key)
    return found


def entry_names_of(document_ids: Collection[str]) -> set[str]:
    """What these documents are called in packs."""
    template = KeyTemplate("{document_id}")
    return {f"{template.key({}, document_id)}.pdf" for document_id in document_ids}
