"""Retention: which objects hold nothing but documents that later runs have replaced, long enough ago.

In: the manifest, and how long replaced documents are kept. Out: by run, the objects that vacuum may take, and how many
documents each holds. A document is replaced by a later run's document of the same id, never by a failure or an
erasure; a pack goes when all in it were replaced, of whichever runs those are. Runs are read one by one, the latest
first; what is remembered is about 100 bytes for each id, as in `current_view`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from spark_pdf.manifest.schema import DOCUMENT
from spark_pdf.manifest.table import ManifestTable, runs
from spark_pdf.store.locations import shared_by


def superseded(table: ManifestTable, kept_for: timedelta, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """By run: URIs of objects of which every document was replaced at least so long ago, and how many those are."""
    replaced: set[str] = set()
    needed: set[str] = set()
    found: dict[str, Mapping[str, int]] = {}
    for committed_at, run_id in runs(table):
        documents: Counter[str] = Counter()
        current: set[str] = set()
        ids: list[str] = []
        for batch in table.scan(["document_id", "uri"], run_id=run_id, status=DOCUMENT):
            names, uris = batch["document_id"].to_pylist(), batch["uri"].to_pylist()
            documents.update(uris)
            current.update(uri for name, uri in zip(names, uris, strict=True) if name not in replaced)
            ids += names
        found[run_id] = {uri: count for uri, count in documents.items() if uri not in current}
        needed.update(filter(shared_by, current))
        if now - committed_at >= kept_for:
            replaced.update(ids)
    found = {run_id: {uri: n for uri, n in uris.items() if uri not in needed} for run_id, uris in found.items()}
    return {run_id: uris for run_id, uris in found.items() if uris}
