"""The job commit: one atomic append of a run's task manifests, by whoever holds the right to.

In: a wave whose tasks have all committed, the table, and the independent count. Out: a committed run, or an error that
says which of two things is true: nothing was appended, or it cannot be found out. Appended are the documents of the
waves below the last and everything of the last, whose input is every id that no earlier wave committed as a document;
so each id comes once. The steps, each of which may be the last before a crash:

    1  ask the table                       a committed run is done, whoever did it
    2  check the counts                    input = documents + failures + skipped
    3  check the failure limit             over it, nothing is appended
    4  take commit-<n>.json                by conditional create; a holder that is alive is waited for
    5  ask the table again                 this settles what an earlier holder began
    6  append                              the table's own transaction keeps a twin out, whatever the clocks say
    7  write the state into run.json       a cache
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from spark_pdf.errors import CommitFailed, CommitStateUnknown, RunSuperseded, TooManyFailures
from spark_pdf.manifest.batches import gathered
from spark_pdf.manifest.examples import failure_examples
from spark_pdf.manifest.files import as_written, create_json, read_json
from spark_pdf.manifest.resume import tasks_of
from spark_pdf.manifest.runs import Run, remember_state
from spark_pdf.manifest.schema import DOCUMENT, manifest_schema
from spark_pdf.manifest.table import CommitInfo, ManifestTable
from spark_pdf.manifest.tasks import read_task_files, task_batches
from spark_pdf.manifest.unique import UniqueIds
from spark_pdf.manifest.waves import Plan, Wave, counted_records, find_plan, find_wave, highest_wave
from spark_pdf.wording import most_frequent

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.store import ObjectStore
    from spark_pdf.store.locations import RunLocations

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""A holder whose heartbeat is older has most likely died."""

PATIENCE = timedelta(minutes=30)
"""How long a holder that seems alive is waited for. Then the table alone decides between the two."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run's tasks add up to. Of waves below the last, only `documents` count."""

    documents: int = 0
    failed: int = 0
    pages: int = 0
    bytes: int = 0
    failures_by_code: dict[str, int] = field(default_factory=dict)
    failed_tasks: tuple[tuple[int, int], ...] = ()
    skipped: int = 0

    @property
    def rows(self) -> int:
        """Rows that the append has."""
        return self.documents + self.failed


def commit_job(
    wave: Wave,
    table: ManifestTable,
    *,
    expected: int,
    failed_fraction: float,
    skipped: int = 0,
    extra: pa.Schema | None = None,
    scattered: bool = False,
    lease: timedelta = LEASE,
    patience: timedelta = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> CommitInfo:
    """Commit a run whose tasks of `wave` have all committed. Calling it again appends nothing.

    `expected` counts the run's records, all waves together, independently of the tasks; `skipped` of them no task has
    seen, because the engine left them out on purpose. `extra` is the schema of the copied source columns.
    `scattered`: equal ids may lie in different tasks of a wave, because nobody has placed records by their ids. Raises
    `CommitFailed`, `CommitStateUnknown`, `TooManyFailures`, and `RunSuperseded` if a later driver has taken over.
    """
    run = wave.run
    found = table.committed(run.run_id)
    if found is not None:
        return _finished(run, found)
    wave.check_not_superseded()
    plans = _plans(wave)
    totals = add_up(run, plans)
    totals = replace(totals, skipped=totals.skipped + skipped)
    _check_counts(run, totals, plans[-1], expected)
    _check_failures(run, totals, failed_fraction)
    right = _take_right(wave, table, totals, lease, patience, sleep)
    if isinstance(right, CommitInfo):
        return _finished(run, right)
    wave.check_not_superseded()
    return _append(wave, table, plans, totals, extra, scattered)


def _append(
    wave: Wave,
    table: ManifestTable,
    plans: Sequence[Plan],
    totals: Totals,
    extra: pa.Schema | None,
    scattered: bool,
) -> CommitInfo:
    run = wave.run
    schema = manifest_schema(extra)
    info = CommitInfo(
        run.run_id,
        _commit_time(wave.clock(), table.latest()),
        totals.rows,
        totals.documents,
        totals.failed,
        totals.pages,
        totals.bytes,
        totals.failures_by_code,
        totals.skipped,
    )
    try:
        stands = table.append(info, schema, lambda: gathered(_entries(run, plans, schema, info, scattered)))
    except CommitStateUnknown:
        remember_state(run, "unknown")
        raise
    return _finished(run, stands)


def _finished(run: Run, info: CommitInfo) -> CommitInfo:
    if run.state != "committed":
        remember_state(run, "committed")
    return info


def _commit_time(now: datetime, latest: datetime | None) -> datetime:
    """Later than every run in the table, even where the clock has run backwards: the current view goes by it."""
    if latest is not None and now <= latest:
        return latest + timedelta(microseconds=1)
    return now


def _plans(wave: Wave) -> list[Plan]:
    plans = []
    for number in range(1, wave.number + 1):
        plan = find_plan(wave.run, number)
        if plan is None:
            raise CommitFailed(f"run {wave.run.run_id}: wave {number} has no plan; run it again with the same run_id")
        plans.append(plan)
    return plans


def add_up(run: Run, plans: Sequence[Plan]) -> Totals:
    """Sum the task manifests of these waves. Raises `CommitFailed` for a task that is absent or does not add up."""
    documents = failed = skipped = pages = size = 0
    codes: dict[str, int] = {}
    failed_tasks = []
    last = plans[-1]
    seen = 0
    for file, _ in read_task_files(run.store, run.locations, tasks_of(plans)):
        summary = file.summary
        if summary.documents + summary.failed + summary.skipped != summary.input_count:
            raise CommitFailed(
                f"run {run.run_id}: task {summary.partition} of wave {summary.wave} had {summary.input_count} records, "
                f"but {summary.documents} documents, {summary.failed} failures and {summary.skipped} skipped; nothing "
                "was appended"
            )
        documents += summary.documents
        pages += summary.pages
        size += summary.bytes
        if summary.wave != last.wave:
            continue
        if file.sealed:
            raise RunSuperseded(f"run {run.run_id}: wave {last.wave} was sealed by a later driver")
        seen += summary.input_count
        failed += summary.failed
        skipped += summary.skipped
        for code, count in summary.failures_by_code.items():
            codes[code] = codes.get(code, 0) + count
        if summary.failed:
            failed_tasks.append((summary.wave, summary.partition))
    if seen != last.records:
        raise CommitFailed(
            f"run {run.run_id}: the tasks of wave {last.wave} saw {seen} records, {last.records} were planned; nothing "
            "was appended. The source is not deterministic: set source.materialize to always, and use a new run_id"
        )
    return Totals(documents, failed, pages, size, dict(sorted(codes.items())), tuple(failed_tasks), skipped)


def _check_counts(run: Run, totals: Totals, last: Plan, expected: int) -> None:
    accounted = totals.documents + totals.failed + totals.skipped
    if accounted != expected:
        raise CommitFailed(
            f"run {run.run_id}: {expected} records were counted, but {totals.documents} documents, {totals.failed} "
            f"failures and {totals.skipped} skipped make {accounted} after wave {last.wave}; nothing was appended"
        )


def _check_failures(run: Run, totals: Totals, limit: float) -> None:
    if not totals.failed or totals.failed <= limit * totals.rows:
        return
    remember_state(run, "failed")
    counts = most_frequent(totals.failures_by_code)
    examples = failure_examples(run, totals.failed_tasks, totals.failures_by_code)
    lines = [f"  {code}: {count}{examples.get(code, '')}" for code, count in counts]
    raise TooManyFailures(
        f"run {run.run_id}: {totals.failed} of {totals.rows} documents failed ({totals.failed / totals.rows:.2%}); "
        f"limits.failed_fraction allows {limit:.2%}, so nothing was appended. "
        "Raise limits.failed_fraction and run the same run_id again, which tries only the failures; or mend template, "
        "data or other limits and use a new run_id.\n" + "\n".join(lines),
        counts=dict(counts),
    )


def _take_right(
    wave: Wave,
    table: ManifestTable,
    totals: Totals,
    lease: timedelta,
    patience: timedelta,
    sleep: Callable[[float], None],
) -> CommitInfo | None:
    """Create the next commit-<n>.json; what the table says of the run by then, or None.

    The holder before us is waited for while its heart beats, so that two do not stream the same rows for nothing. Being
    wrong about that costs time, never rows: the table refuses the second transaction of a run.
    """
    run, number = wave.run, 1
    pause, waited = 0.5, 0.0
    while True:
        holder = read_json(run.store, run.locations.commit(number))
        if holder is None:
            mine = {
                "wave": wave.number, "driver_id": wave.driver_id, "token": secrets.token_hex(8),
                "skipped": totals.skipped,
            }  # fmt: skip
            if create_json(run.store, run.locations.commit(number), mine):
                return table.committed(run.run_id)
            continue
        if read_json(run.store, run.locations.commit(number + 1)) is not None:
            number += 1
            continue
        if holder["wave"] > wave.number:
            raise RunSuperseded(f"run {run.run_id}: the driver of wave {holder['wave']} commits it")
        mine_again = holder["wave"] == wave.number and holder["driver_id"] == wave.driver_id
        if mine_again or waited >= patience.total_seconds() or not _alive(wave, holder["wave"], lease):
            number += 1
            continue
        found = table.committed(run.run_id)
        if found is not None:
            return found
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 10.0)


def skipped_by(store: ObjectStore, locations: RunLocations) -> int:
    """Records that a committed run has skipped. Tables need not know: no row says it.

    A function of source and baseline, to which the run is pinned, so every holder of the right to append says the same.
    """
    found = read_json(store, locations.commit(1))
    if found is None:
        return 0
    with as_written(locations.commit(1)):
        return int(found.get("skipped", 0))


def counted_input(run: Run) -> tuple[int | None, int]:
    """Records that the run's first wave with a plan counted, None if there is no such wave; those that it skipped.

    A queue's batch that another compactor has settled is less than it was begun with: the rest is in later ones.
    """
    if "batch_of" in (run.details or {}):
        return None, 0
    plans = (find_plan(run, wave) for wave in range(1, highest_wave(run) + 1))
    counted = next((counted_records(plan) for plan in plans if plan is not None and not plan.sealed), None)
    return counted, skipped_by(run.store, run.locations)


def _alive(wave: Wave, holder: int, lease: timedelta) -> bool:
    file = find_wave(wave.run, holder)
    return file is not None and abs(wave.clock() - file.heartbeat_at) < lease


def _entries(
    run: Run, plans: Sequence[Plan], schema: pa.Schema, info: CommitInfo, scattered: bool
) -> Iterator[pa.RecordBatch]:
    """The rows to append. Raises `CommitFailed` if an id comes twice, or if they are not as many as was summed."""
    import pyarrow as pa

    body = pa.schema([field for field in schema if field.name != "committed_at"])
    at = pa.scalar(info.committed_at, schema.field("committed_at").type)
    position = schema.get_field_index("committed_at")
    last = plans[-1].wave
    # Within a wave, equal ids fall into one task, which refuses them, unless records are scattered. Else only between
    # waves they could come twice.
    unique = UniqueIds() if scattered or sum(plan.partitions > 0 for plan in plans) > 1 else None
    rows = 0
    for file, data in read_task_files(run.store, run.locations, tasks_of(plans)):
        for batch in task_batches(data, body, status=None if file.summary.wave == last else DOCUMENT):
            rows += batch.num_rows
            if unique is not None:
                unique.add(batch["document_id"])
            arrays = batch.columns
            arrays.insert(position, pa.repeat(at, batch.num_rows))
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    if rows != info.rows:
        raise CommitFailed(
            f"run {run.run_id}: {info.rows} rows were to be appended, {rows} were read; nothing was appended"
        )
    if unique is not None and not unique.check():
        raise CommitFailed(
            f"run {run.run_id}: a document id comes twice, in two waves or tasks; nothing was appended. document.id is "
            "not unique, or the source not deterministic: then set source.materialize to always, and use a new run_id"
        )
