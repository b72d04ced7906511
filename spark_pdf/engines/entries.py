"""Documents that are stored already become a run: manifest entries in, a committed run out, by the same protocol.

    commit_entries(config, run_id, entries) -> RunResult

For doors that render one document at a time (the queue) or elsewhere (a table of bytes that was unpacked). The run
has one task, whose records are the entries, and is pinned to them: the same run_id over other entries is refused,
over the same ones it is finished, or found committed. `settle_entries` ends what another process has begun and not
finished.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.result import RunResult
from spark_pdf.errors import RunSuperseded
from spark_pdf.manifest.commit import commit_job
from spark_pdf.manifest.digest import InputDigest
from spark_pdf.manifest.resume import done_ids, done_tasks
from spark_pdf.manifest.runs import Pin, Run, find_run, pin_run
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.manifest.table import CommitInfo, ManifestTable, open_table
from spark_pdf.manifest.tasks import TaskBuffer, TaskContext, commit_task
from spark_pdf.manifest.vacuum import manifest_identity
from spark_pdf.manifest.waves import Wave, start_wave
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What rendered the documents: the template bundle's name and hash, and the renderer's version."""

    template: str
    bundle_hash: str
    renderer_version: str

    @classmethod
    def now(cls, config: Config) -> MadeBy:
        """What this process would render them by."""
        from spark_pdf.render.version import renderer_version
        from spark_pdf.template.loading import load_bundle

        bundle = load_bundle(config.template, config.store_options(config.template))
        return cls(bundle.name, bundle.hash, renderer_version())


def commit_entries(
    config: Config,
    run_id: str,
    entries: Sequence[ManifestEntry],
    *,
    made_by: MadeBy | None = None,
    details: Mapping[str, Any] | None = None,
    store: ObjectStore | None = None,
    table: ManifestTable | None = None,
) -> RunResult:
    """Commit entries as a run; once it is committed, the same call appends nothing. Failures are never too many.

    Entries' `extra` values are texts, those of `manifest.columns`. `details` go into run.json. Raises `RunPinned` if
    the run_id is another batch's, `RunSuperseded` if another process has taken the run over, and what `commit_job`
    raises.
    """
    began = time.monotonic()
    made_by = made_by or MadeBy.now(config)
    store = store or output_store(config)
    table = table or open_table(config)
    pin = Pin(config.pinned_hash(), made_by.bundle_hash, made_by.renderer_version, _fingerprint(entries), "entries")
    said = {"name": config.name, "template": made_by.template, "manifest": manifest_identity(config)}
    run = pin_run(store, RunLocations(run_id), run_id, pin, details={**said, **(details or {})})
    found = table.committed(run_id)
    waves = 0
    if found is None:
        wave = start_wave(run)
        waves = wave.number
        with wave.beating():
            found = _drive(config, wave, table, entries, made_by)
    if found.rows != len(entries):
        # Another process has settled the run with what it found of it: that need not be all.
        raise RunSuperseded(f"run {run_id} was committed by another process, with other entries")
    return _result(config, run_id, found, waves, began)


def settle_entries(config: Config, run_id: str, store: ObjectStore, table: ManifestTable) -> bool:
    """End a run of entries that another process has begun: from now on its rows are in the table, or will never be.

    What its task had committed is committed, documents only; whoever holds the entries sees that from the number of
    rows. False: there is no such run.
    """
    run = find_run(store, RunLocations(run_id))
    if run is None:
        return False
    if table.committed(run_id) is None:
        wave = start_wave(run)
        with wave.beating():
            _drive(config, wave, table, (), MadeBy("", run.pin.bundle, run.pin.renderer_version))
    return True


def _drive(
    config: Config,
    wave: Wave,
    table: ManifestTable,
    entries: Sequence[ManifestEntry],
    made_by: MadeBy,
) -> CommitInfo:
    """One wave: what earlier waves have not committed as documents, in one task."""
    run, extra = wave.run, _extra(config)
    done = done_tasks(run, wave.seal_earlier_waves())
    known = _done(config, run, done.keys)
    left = [entry for entry in entries if entry.document_id not in known]
    wave.put_plan(1 if left else 0, len(left), {})
    if left:
        task = TaskBuffer(
            TaskContext(
                run.run_id, wave.number, 0, made_by.template, made_by.bundle_hash, made_by.renderer_version,
                extra=extra,
            )
        )  # fmt: skip
        for entry in left:
            task.add(entry)
            task.cpu_ms += entry.render_ms
        commit_task(run.store, run.locations, task)
    return commit_job(wave, table, expected=len(left) + done.documents, failed_fraction=1.0, extra=extra)


def _extra(config: Config) -> pa.Schema:
    """Columns that the manifest copies: as text, because no schema gives them types."""
    import pyarrow as pa

    return pa.schema([pa.field(name, pa.string()) for name in config.manifest.columns])


def _done(config: Config, run: Run, keys: Sequence[str]) -> set[str]:
    uris = [run.store.uri_of(key) for key in keys]
    options = config.store_options(config.output.uri)
    return {name for batch in done_ids(uris, options) for name in batch["document_id"].to_pylist()}


def _fingerprint(entries: Sequence[ManifestEntry]) -> str:
    """A digest of what the run is about, whatever the order: ids, records and hashes of what is stored."""
    digest = InputDigest()
    for entry in entries:
        digest.add(entry.document_id, f"{entry.record_hash} {entry.sha256 or entry.error_code}")
    return f"entries:{digest.count}:{hashlib.sha256(digest.hexdigest().encode()).hexdigest()[:32]}"


def _result(config: Config, run_id: str, info: CommitInfo, waves: int, began: float) -> RunResult:
    return RunResult(
        run_id=run_id,
        state="committed",
        documents=info.documents,
        failed=info.failed,
        skipped=0,
        pages=info.pages,
        bytes=info.bytes,
        seconds=round(time.monotonic() - began, 3),
        manifest=config.manifest_uri(),
        output=config.output.uri,
        waves=waves,
        already_committed=not waves,
        failures_by_code=info.failures_by_code,
    )
