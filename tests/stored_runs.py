"""Runs whose documents are really stored, made without an engine: for verify and vacuum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from spark_pdf.config import Config, StoreOptions, parse_config
from spark_pdf.manifest.commit import commit_job
from spark_pdf.manifest.runs import Pin, Run, pin_run
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.tasks import TaskBuffer, TaskContext, commit_task, new_attempt_id
from spark_pdf.manifest.vacuum import manifest_identity
from spark_pdf.manifest.waves import Wave, start_wave
from spark_pdf.store import ObjectStore, open_store
from spark_pdf.store.locations import RunLocations, bundle_archive
from spark_pdf.store.packs import PackWriter
from spark_pdf.store.uploads import DocumentWriter, ObjectWriter


class Clock:
    """The time, and later."""

    def __init__(self) -> None:
        self.later = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.later


def document(document_id: str) -> bytes:
    """What a record becomes."""
    return b"%PDF-1.7 " + document_id.encode() * 50


class StoredRun:
    """One run over `ids`, of which those that begin with "bad" fail."""

    def __init__(
        self,
        uri: str,
        run_id: str = "r1",
        ids: Sequence[str] = tuple(f"doc-{n:03d}" for n in range(60)),
        *,
        layout: str = "packs",
        options: StoreOptions | None = None,
        manifest: Mapping[str, Any] | None = None,
    ) -> None:
        stores = {uri: options} if options is not None else {}
        values: dict[str, Any] = {
            "name": "test",
            "source": {"path": "/nowhere", "format": "parquet"},
            "template": "/nowhere",
            "document": {"id": "id"},
            "output": {"uri": uri, "layout": layout},
            "manifest": dict(manifest or {}),
            "stores": {prefix: one.model_dump() for prefix, one in stores.items()},
        }
        self.config: Config = parse_config(values)
        self.store: ObjectStore = open_store(uri, self.config.store_options(uri))
        self.table = open_table(self.config)
        self.locations = RunLocations(run_id)
        self.ids, self.layout, self.clock = list(ids), layout, Clock()

    def run(self) -> Run:
        """Pin it, or find it."""
        details = {"manifest": manifest_identity(self.config)}
        pin = Pin("config", "bundle", "1", "source")
        run = pin_run(self.store, self.locations, self.locations.run_id, pin, details=details, clock=self.clock)
        self.store.write(bundle_archive("bundle"), b"bundle")
        return run

    def writer(self, wave: int, partition: int, attempt: str) -> DocumentWriter:
        """Where an attempt's documents go: packs of about 20 documents."""
        if self.layout == "objects":
            return ObjectWriter(self.store, threads=2)
        return PackWriter(self.store, lambda n: self.locations.pack(wave, partition, attempt, n), 10_000)

    def attempt(self, wave: int, partition: int, ids: Sequence[str], *, commit: bool = True) -> None:
        """A task attempt; without `commit` it stops after it has stored its documents."""
        attempt = new_attempt_id()
        context = TaskContext(self.locations.run_id, wave, partition, "invoice", "hash", "1", attempt_id=attempt)
        buffer, writer = TaskBuffer(context), self.writer(wave, partition, attempt)
        for document_id in ids:
            record_hash = hashlib.sha256(document_id.encode()).hexdigest()
            if document_id.startswith("bad"):
                buffer.add(ManifestEntry.failure(document_id, record_hash, code="template", detail="t.html:1: no"))
                continue
            data = document(document_id)
            key = self.locations.document(document_id) if self.layout == "objects" else f"{document_id}.pdf"
            stored, digest = writer.add(key, data), hashlib.sha256(data).hexdigest()
            buffer.add(
                ManifestEntry.document(
                    document_id, record_hash, uri=stored.uri, offset=stored.offset, length=stored.length, pages=1,
                    content_sha256=digest, sha256=digest,
                )
            )  # fmt: skip
        writer.close()
        if commit:
            commit_task(self.store, self.locations, buffer)

    def render(self, *, tasks: int = 2, commit: bool = True) -> Wave:
        """A wave whose tasks have run, the first of them twice."""
        wave = start_wave(self.run(), clock=self.clock)
        wave.seal_earlier_waves()
        parts = [self.ids[n::tasks] for n in range(tasks)]
        wave.put_plan(tasks, len(self.ids), {})
        self.attempt(wave.number, 0, parts[0], commit=False)
        for partition, ids in enumerate(parts):
            self.attempt(wave.number, partition, ids, commit=commit)
        return wave

    def commit(self) -> StoredRun:
        """Render and append."""
        commit_job(self.render(), self.table, expected=len(self.ids), failed_fraction=1.0, sleep=lambda seconds: None)
        return self

    def keys(self, prefix: str = "") -> list[str]:
        """What stands in the output, but for the manifest and the bundles."""
        return [one.key for one in self.store.list(prefix) if not one.key.startswith(("manifest/", "_bundles/"))]
