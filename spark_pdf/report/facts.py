"""What a run's own files say of it: run.json, waves, plans, commits. In: a store, a table, a run. Out: `RunFacts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spark_pdf.errors import UsageError
from spark_pdf.manifest.commit import counted_input
from spark_pdf.manifest.runs import Run, find_run, not_committed
from spark_pdf.manifest.schema import DOCUMENT, manifest_schema
from spark_pdf.manifest.tasks import list_tasks, read_task_files, task_batches
from spark_pdf.manifest.waves import LEFT_OUT, Plan, WaveFile, find_plan, find_wave, highest_wave
from spark_pdf.report.tally import COLUMNS, RunSum, Tally
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.manifest.table import ManifestTable
    from spark_pdf.store import ObjectStore

_THREADS = 16


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """One wave: its driver, and its plan if it has one."""

    file: WaveFile | None
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run. `run` is None where its files are gone, or are of another output; the table has it all the same.

    `counted` records were the source's, before anything was rendered; `skipped` of them have no row.
    """

    run_id: str
    state: str
    run: Run | None
    committed_at: datetime | None
    counted: int | None = None
    skipped: int = 0
    waves: tuple[WaveFacts, ...] = ()
    commits: int = 0

    def detail(self, name: str) -> Any:
        """What run.json says beside the pin."""
        return (self.run.details or {}).get(name) if self.run is not None else None


def one_run(store: ObjectStore, table: ManifestTable, run_id: str) -> tuple[RunFacts, Tally]:
    """A run: by the table if it is committed, else by its task manifests, as far as they are there.

    Raises `UsageError` where there is no such run.
    """
    locations = RunLocations(run_id)
    run, info = find_run(store, locations), table.committed(run_id)
    if info is None and run is None:
        missing = not_committed(store, table.uri, run_id)
        raise UsageError(f"{missing}. A queue's or stream's day is many runs: --runs {run_id}-")
    waves = _waves(run) if run is not None else ()
    tally = Tally()
    if info is not None:
        tally.add_all(table.scan(COLUMNS, run_id=run_id))
        # A run of which every record was skipped has no rows.
        tally.runs.setdefault(run_id, RunSum(info.committed_at))
        counted, skipped = counted_input(run) if run is not None else (None, info.skipped)
        facts = RunFacts(
            run_id, "committed", run, info.committed_at, counted, skipped or info.skipped, waves,
            _commits(store, locations),
        )  # fmt: skip
        return facts, tally
    assert run is not None
    uncounted = _Uncommitted(store, locations, len(waves))
    tally.add_all(uncounted.batches())
    counted, _ = counted_input(run)
    plan = waves[-1].plan if waves else None
    left_out = int(plan.plan.get(LEFT_OUT, 0)) if plan is not None else 0
    facts = RunFacts(
        run_id, run.state if run.state != "committed" else "unknown", run, None, counted, left_out + uncounted.skipped,
        waves, _commits(store, locations),
    )  # fmt: skip
    return facts, tally


def many_runs(store: ObjectStore, table: ManifestTable, runs: str) -> tuple[list[RunFacts], Tally]:
    """All committed runs whose ids begin so, by one pass over their rows. Raises `UsageError` if there is none."""
    tally = Tally().add_all(table.scan(COLUMNS, run_prefix=runs))
    if not tally.runs:
        raise UsageError(f"{table.uri}: no committed run begins '{runs}'")

    def facts(run_id: str) -> RunFacts:
        run = find_run(store, RunLocations(run_id))
        counted, skipped = counted_input(run) if run is not None else (None, 0)
        return RunFacts(run_id, "committed", run, tally.runs[run_id].committed_at, counted, skipped)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(facts, sorted(tally.runs))), tally


class _Uncommitted:
    """Rows of a run that is not committed, as a commit would take them: of waves below the last, the documents."""

    def __init__(self, store: ObjectStore, locations: RunLocations, last: int) -> None:
        self._store, self._locations, self._last = store, locations, last
        self.skipped = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        schema = manifest_schema(leave_out=["committed_at"])
        import pyarrow as pa

        wanted = pa.schema([schema.field(name) for name in COLUMNS if name != "committed_at"])
        tasks: Sequence[tuple[int, int]] = sorted(list_tasks(self._store, self._locations))
        for file, data in read_task_files(self._store, self._locations, tasks):
            latest = file.summary.wave == self._last
            self.skipped += file.summary.skipped * latest
            yield from task_batches(data, wanted, status=None if latest else DOCUMENT)


def _waves(run: Run) -> tuple[WaveFacts, ...]:
    return tuple(WaveFacts(find_wave(run, n), find_plan(run, n)) for n in range(1, highest_wave(run) + 1))


def _commits(store: ObjectStore, locations: RunLocations) -> int:
    """How often the right to append was taken."""
    number = 0
    while store.exists(locations.commit(number + 1)):
        number += 1
    return number
