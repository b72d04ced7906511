"""The driver: from a config to a committed run, the same for every engine.

In: a config, perhaps a run_id. Out: a `RunResult`, or one exception of `errors`. The steps stand in `_Drive.go`, in
the order of design.md's protocol: pin, preflight, claim a wave, seal earlier ones, measure, plan, render (one
action), commit.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from spark_pdf.config import Config, Source
from spark_pdf.engines.job import RenderJob, keep_bundle
from spark_pdf.engines.planning import cut
from spark_pdf.engines.preflight import ASIDE, changed_since, check_sample, prepare
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.records.files import drop_records
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.rows import rows_extra
from spark_pdf.engines.source import Measure, PartitionPlan, RecordSource, Snapshot
from spark_pdf.errors import (
    CommitFailed,
    ConfigError,
    RunPinned,
    SourceError,
    SparkPdfError,
    TaskConflict,
    UsageError,
)
from spark_pdf.manifest.baseline import Baseline, drop_baseline, pin_baseline
from spark_pdf.manifest.commit import commit_job, skipped_by
from spark_pdf.manifest.resume import Done, done_tasks, write_failed
from spark_pdf.manifest.runs import Pin, Run, find_run, pin_run
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.table import CommitInfo, ManifestTable, open_table
from spark_pdf.manifest.vacuum import manifest_identity
from spark_pdf.manifest.waves import LEFT_OUT, Plan, Wave, counted_records, start_wave
from spark_pdf.model import TaskSummary
from spark_pdf.report.writing import leave_report
from spark_pdf.store import ObjectStore, open_store, resolve
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.template.bundle import Bundle

log = logging.getLogger(__name__)


def new_run_id(name: str) -> str:
    """A run_id for a run that nobody names: sorts by time, never repeats."""
    return f"{name[:76]}-{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def open_source(config: Config, run_id: str, progress: Progress) -> RecordSource:
    """The source of the engine that the config names. The only place that knows which engines there are."""
    if config.source == Source():
        raise ConfigError("config key 'source' is missing", key="source")
    if config.engine == "local":
        from spark_pdf.engines.local.source import LocalRecordSource

        return LocalRecordSource(config, run_id, progress)
    if config.engine == "ray":
        from spark_pdf.engines.ray import RayRecordSource

        return RayRecordSource(config, run_id, progress)
    if config.engine == "dask":
        from spark_pdf.engines.dask import DaskRecordSource

        return DaskRecordSource(config, run_id, progress)
    from spark_pdf.engines.spark.source import SparkRecordSource

    return SparkRecordSource(config, run_id, progress=progress)


def run(
    config: Config,
    run_id: str | None = None,
    *,
    progress: Progress | None = None,
    source: RecordSource | None = None,
    retry_of: str | None = None,
    trusted: bool = False,
    rendered: bool = False,
) -> RunResult:
    """Run a config to its committed end. The same run_id again resumes; a committed run does nothing.

    `source`: records that are already open (a DataFrame); else the config's. `retry_of`: a committed run; only
    records that failed in it are rendered. `trusted`: an earlier run of this process has found store and table safe, so
    they are not tried again. `rendered`: the records of `source` are rows of documents, which are stored and committed
    (`engines.rows`). Raises errors of `spark_pdf.errors` only.
    """
    began = time.monotonic()
    run_id = run_id or new_run_id(config.name)
    progress = progress or Progress()
    _check_is_a_run(config)
    if config.output.table is not None and not rendered:
        from spark_pdf.engines.spark.table import render_into_table

        return render_into_table(config, run_id, progress, source=source, retry_of=retry_of)
    drive = _Drive(config, run_id, progress, source, began, retry_of, trusted, rendered)
    try:
        result = drive.go()
    except SparkPdfError:
        if drive.pinned:
            leave_report(config, run_id)
        raise
    leave_report(config, run_id, again=not result.already_committed)
    return result


def _check_is_a_run(config: Config) -> None:
    """Of streams and inboxes, each batch is a run, by a config of its own."""
    if config.watch is not None:
        raise UsageError("watch: this config describes an inbox: spark-pdf watch, --once for what is there now")
    if config.stream is not None:
        raise UsageError(
            "stream: this config describes a stream, which has no end: spark-pdf stream, with --once for what is "
            "there now. Records that failed are tried again when they are sent again"
        )


def run_opened(
    config: Config, run_id: str | None, progress: Progress | None, opened: Callable[[str], RecordSource]
) -> RunResult:
    """Run over records that somebody holds (a DataFrame, a Dataset): `opened` makes a source of them for a run_id."""
    run_id = run_id or new_run_id(config.name)
    source = opened(run_id)
    try:
        return run(config, run_id, progress=progress, source=source)
    finally:
        source.close()


@dataclass
class _Drive:
    """One call of `run`: what the steps share."""

    config: Config
    run_id: str
    progress: Progress
    source: RecordSource | None
    began: float
    retry_of: str | None = None
    trusted: bool = False
    rendered: bool = False
    pinned: bool = False

    def go(self) -> RunResult:
        """All steps."""
        from spark_pdf.template.loading import load_bundle

        config, progress = self.config, self.progress
        progress.phase("open", config.name)
        RunLocations(self.run_id)  # a run_id that no key could hold is refused before anything else
        store = self._output()
        bundle = load_bundle(config.template, config.store_options(config.template))
        table = open_table(config)
        committed = self._committed(store, table, bundle)
        if committed is not None:
            return committed
        source = self.source or open_source(config, self.run_id, progress)
        try:
            return self._drive(store, bundle, table, source)
        finally:
            if self.source is None:
                source.close()

    def _output(self) -> ObjectStore:
        return open_store(self.config.output.uri, self.config.store_options(self.config.output.uri))

    def _committed(self, store: ObjectStore, table: ManifestTable, bundle: Bundle) -> RunResult | None:
        """The result of a run that the table already holds. Its source may have moved on; its config may not."""
        info = table.committed(self.run_id)
        if info is None:
            return None
        self._check_pinned(store, bundle, "is committed")
        self.progress.note(f"run {self.run_id} is already committed; nothing to do")
        skipped = info.skipped or skipped_by(store, RunLocations(self.run_id))
        return self._result(info, skipped=skipped, already_committed=True)

    def _check_pinned(self, store: ObjectStore, bundle: Bundle, state: str) -> Run | None:
        """The run, if it was pinned before: to this config and bundle. Known before its source is looked at."""
        run = find_run(store, RunLocations(self.run_id))
        if run is not None:
            changed = [
                what
                for what, was, now in (
                    ("config", run.pin.config, self.config.pinned_hash()),
                    ("template bundle", run.pin.bundle, bundle.hash),
                )
                if was != now
            ]
            if changed:
                what = " and the ".join(changed)
                raise RunPinned(f"run {self.run_id} {state}, and the {what} changed since; use a new run_id")
        return run

    def _drive(self, store: ObjectStore, bundle: Bundle, table: ManifestTable, source: RecordSource) -> RunResult:
        config, progress = self.config, self.progress
        extra, hashed = (rows_extra(config, source), None) if self.rendered else prepare(config, bundle, source)
        if not self.trusted:
            store.probe()
            table.check(manifest_schema(extra))
        if self.retry_of is not None:
            failures = RunLocations(self.run_id).retry
            write_failed(store, table, self.retry_of, failures)
            source.only([store.uri_of(failures)])
        progress.phase("preflight")
        if not self.rendered:  # that was done before they were
            check_sample(config, bundle, source, progress)
        # Before the snapshot, which may copy all records; for a committed run that was asked at the start.
        pinned = self._check_pinned(store, bundle, "was started")
        snapshot = source.snapshot()
        baseline = self._compare(store, bundle, table, source)
        # Counted before a new run is pinned: ids that are not unique must not hold the run to this source.
        counted = None if pinned else self._measure(source, [])
        run = self._pin(store, bundle, snapshot, baseline)
        self.pinned = True
        changed = self._changed(store, run.pin, snapshot)
        wave = start_wave(run)
        with wave.beating():
            earlier = wave.seal_earlier_waves()
            done = done_tasks(run, earlier)
            done_uris = [store.uri_of(key) for key in done.keys]
            measure = counted if counted and not earlier else self._measure(source, done_uris)
            expected = _expected(measure, done, earlier)
            plan = cut(measure, config.tasks, source.slots)
            wave.put_plan(plan.partitions, plan.records, {**plan.to_json(), LEFT_OUT: measure.left_out})
            job = replace(self._job(run, wave, bundle, extra, plan), hashed=hashed)
            progress.phase("render")
            summaries = self._render(wave, job, plan, source, done_uris)
            progress.phase("commit")
            # A retry's records are failures that a commit has accepted; those that fail again are no more than before.
            limit = 1.0 if self.retry_of is not None else config.limits.failed_fraction
            info = commit_job(
                wave, table, expected=expected, skipped=measure.left_out, failed_fraction=limit, extra=extra
            )
        if baseline is not None:
            drop_baseline(store, baseline)
        drop_records(store, wave)
        cpu = sum(summary.cpu_ms for summary in summaries) / 1000
        skipped = measure.left_out + sum(summary.skipped for summary in summaries)
        return replace(self._result(info, skipped=skipped, waves=wave.number, cpu=cpu), changed=changed)

    def _changed(self, store: ObjectStore, pin: Pin, snapshot: Snapshot) -> tuple[str, ...] | None:
        """Of a retry: what changed since the run whose failures it renders; None if that is not known."""
        earlier = find_run(store, RunLocations(self.retry_of)) if self.retry_of is not None else None
        if earlier is None:
            return None
        changed = changed_since(earlier.pin, pin, snapshot)
        what = " and ".join(changed) or "neither config, template, renderer nor source"
        self.progress.note(f"changed since run {self.retry_of}: {what}")
        return changed

    def _compare(
        self, store: ObjectStore, bundle: Bundle, table: ManifestTable, source: RecordSource
    ) -> Baseline | None:
        """What an incremental run compares with, held still; the source compares from now on.

        A retry has its records named, so there is nothing to compare.
        """
        mode = self.config.mode
        if mode == "all" or self.retry_of is not None:
            return None
        world = self._world(bundle, "")
        baseline = pin_baseline(store, RunLocations(self.run_id), table, mode, world)
        self.progress.note(f"{baseline.summary}: {baseline.rows} rows of the manifest")
        source.against(mode, [store.uri_of(key) for key in baseline.keys])
        return baseline

    def _measure(self, source: RecordSource, done: Sequence[str]) -> Measure:
        self.progress.phase("measure")
        measure = source.measure(done)
        if not measure.records and not measure.left_out and not done:
            raise SourceError("the source has no records; nothing was rendered and nothing committed")
        return measure

    def _world(self, bundle: Bundle, source: str, source_summary: str = "") -> Pin:
        from spark_pdf.render.version import renderer_version

        return Pin(self.config.pinned_hash(), bundle.hash, renderer_version(), source, source_summary)

    def _pin(self, store: ObjectStore, bundle: Bundle, snapshot: Snapshot, baseline: Baseline | None) -> Run:
        read, summary = snapshot.fingerprint, snapshot.summary
        if self.retry_of is not None:
            # A retry reads its part of the source: the same run_id without `retry` would render all of it.
            read, summary = f"{read} {self.retry_of}", f"{summary}{ASIDE}the failures of run {self.retry_of}"
        if baseline is not None:
            read, summary = f"{read} {baseline.name}", f"{summary}{ASIDE}{baseline.summary}"
        pin = self._world(bundle, read, summary)
        locations = RunLocations(self.run_id)
        details = {
            "name": self.config.name,
            "template": bundle.name,
            "engine": self.config.engine,
            "source": dict(snapshot.detail),
            "retry_of": self.retry_of,
            "baseline": baseline.to_json() if baseline is not None else None,
            "manifest": manifest_identity(self.config),
        }
        run = pin_run(store, locations, self.run_id, pin, details=details)
        keep_bundle(store, bundle.hash, bundle.to_archive)
        return run

    def _job(self, run: Run, wave: Wave, bundle: Bundle, extra: pa.Schema, plan: PartitionPlan) -> RenderJob:
        return RenderJob(
            run_id=self.run_id,
            wave=wave.number,
            config=self.config,
            bundle_hash=bundle.hash,
            template=bundle.name,
            renderer_version=run.pin.renderer_version,
            output=resolve(self.config.store_options(self.config.output.uri)),
            extra=extra,
            counts=plan.counts,
            rendered=self.rendered,
        )

    def _render(
        self, wave: Wave, job: RenderJob, plan: PartitionPlan, source: RecordSource, done: Sequence[str]
    ) -> list[TaskSummary]:
        """The wave's one action, and the proof that every partition and record is accounted for."""
        self.progress.planned(plan.records, plan.partitions)
        summaries: dict[int, TaskSummary] = {}
        with contextlib.closing(source.execute(job, plan, done)) as finished:
            for summary in finished if plan.partitions else ():
                if summary.partition in summaries:
                    raise CommitFailed(f"partition {summary.partition} came back twice; the engine broke its contract")
                summaries[summary.partition] = summary
                self.progress.finished(summary)
        wave.check_not_superseded()
        absent = [p for p in range(plan.partitions) if p not in summaries]
        if absent:
            raise CommitFailed(
                f"{len(absent)} of {plan.partitions} partitions did not come back, the first is {absent[0]}"
            )
        for partition, expected in enumerate(plan.counts):
            if summaries[partition].input_count != expected:
                raise TaskConflict(f"partition {partition} was planned with {expected} records and saw another number")
        return [summaries[p] for p in range(plan.partitions)]

    def _result(
        self,
        info: CommitInfo,
        *,
        skipped: int,
        waves: int = 0,
        cpu: float = 0.0,
        already_committed: bool = False,
    ) -> RunResult:
        return RunResult(
            run_id=self.run_id,
            state="committed",
            documents=info.documents,
            failed=info.failed,
            skipped=skipped,
            pages=info.pages,
            bytes=info.bytes,
            seconds=round(time.monotonic() - self.began, 3),
            manifest=self.config.manifest_uri(),
            output=self.config.output.uri,
            waves=waves,
            cpu_seconds=round(cpu, 3),
            already_committed=already_committed,
            failures_by_code=info.failures_by_code,
        )


def _expected(measure: Measure, done: Done, earlier: Sequence[Plan]) -> int:
    """Records of the whole run: counted now, and held against what the first wave with a plan had counted."""
    expected = measure.records + done.documents + measure.left_out
    first = next((plan for plan in earlier if not plan.sealed), None)
    if first is not None and counted_records(first) != expected:
        raise TaskConflict(
            f"the source had {counted_records(first)} records when the run began and has {expected} now; it is not "
            "deterministic: set source.materialize to always, and use a new run_id"
        )
    return expected
