"""Batches that may come again: each becomes one run, whoever brings them (a stream, a watched folder, an outbox).

In: a run_id that follows from the batch, and its records. Out: the run, committed once. A batch that comes again finds
it committed, or resumes it. One that was begun with another template or config cannot be resumed, and must not stop all
that comes after it: its run is sealed, and a next one takes its place.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

from spark_pdf.config import Config, Preflight
from spark_pdf.engines.day import parse_day
from spark_pdf.engines.driver import run
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.source import RecordSource
from spark_pdf.errors import RunPinned
from spark_pdf.manifest.runs import find_run
from spark_pdf.manifest.table import CommitInfo, open_table
from spark_pdf.manifest.waves import start_wave
from spark_pdf.store import output_store
from spark_pdf.store.locations import RunLocations
from spark_pdf.wording import by_kind, plural


class Ended(Protocol):
    """What is counted of a batch that has become a run."""

    @property
    def documents(self) -> int:
        """Documents."""
        ...

    @property
    def failed(self) -> int:
        """Failures."""
        ...

    @property
    def failures_by_code(self) -> Mapping[str, int]:
        """Failures by error code, as far as it is known."""
        ...

    @property
    def pages(self) -> int:
        """Of the documents."""
        ...

    @property
    def bytes(self) -> int:
        """Of the documents."""
        ...


@dataclass(frozen=True)
class BatchesResult:
    """What was done since the start; batches that were found committed are not counted again."""

    batches: int
    documents: int
    failed: int
    pages: int
    bytes: int
    seconds: float
    manifest: str
    output: str
    replayed: int = 0
    dead_letters: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Every field."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


class Tally:
    """Counts batches as they end. What it holds does not grow with them."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()

    def dead(self, reasons: Mapping[str, int]) -> None:
        """Dead letters, by reason."""
        self._dead.update(reasons)

    def ended(self, batch: Ended, *, replayed: bool) -> None:
        """A batch has become a run; `replayed`: it was one before."""
        self._sums["replayed" if replayed else "batches"] += 1
        if not replayed:
            for name in ("documents", "failed", "pages", "bytes"):
                self._sums[name] += getattr(batch, name)

    def result(self, config: Config, seconds: float) -> BatchesResult:
        """All of it."""
        names = ("batches", "replayed", "documents", "failed", "pages", "bytes")
        return BatchesResult(
            **{name: self._sums[name] for name in names},
            seconds=round(seconds, 3),
            manifest=config.manifest_uri(),
            output=config.output.uri,
            dead_letters=dict(sorted(self._dead.items())),
        )


def batch_line(name: str, ended: Ended | None, *, replayed: bool, dead: Mapping[str, int], seconds: float) -> str:
    """What became of a batch, for the log. `ended`: None if it became no run; `dead`: its dead letters by reason."""
    said = []
    if ended is not None:
        said.append(plural(ended.documents, "document"))
        if replayed:
            said.append("committed before, nothing added")
        if ended.failed:
            why = by_kind(ended.failures_by_code)
            said.append(f"{ended.failed:,} failed" + (f" ({why})" if why else ""))
    if dead:
        said.append(f"{plural(sum(dead.values()), 'dead letter')} ({', '.join(sorted(dead))})")
    return f"{name}: {', '.join(said) or 'no records'}, {seconds:.1f} s"


def batch_run_id(name: str, day: str, query: str, batch: int) -> str:
    """The run of a stream's batch: a day's runs sort together, and by batch within a stream."""
    return f"{day_prefix(name, day)}{query[:8]}-{batch:07d}"


def day_prefix(name: str, day: str) -> str:
    """How the ids of a stream's runs of a day (`yyyymmdd`) begin."""
    parse_day(day)
    return f"{name[:66]}-{day}-"


def batch_config(config: Config, *, limit_failures: bool) -> Config:
    """The config of a batch's run: no sample is rendered first, and failures stop nothing unless that is asked for."""
    limits = config.limits if limit_failures else replace(config.limits, failed_fraction=1.0)
    changes = {"stream": None, "watch": None, "preflight": Preflight(records=0), "limits": limits}
    return config.model_copy(update=changes)


def run_batch(
    config: Config, first: str, open_source: Callable[[str], RecordSource], *, fresh: bool, trusted: bool = False
) -> RunResult | CommitInfo:
    """Run a batch under the id `first`, or one that takes its place. `fresh`: nobody has begun it before.

    A batch that was committed before is told by its `CommitInfo`, whatever config and template were then.
    """
    if not fresh:
        committed = committed_batch(config, first)
        if committed is not None:
            return committed
    for run_id in _ids(first):
        source = open_source(run_id)
        try:
            return run(config, run_id, source=source, trusted=trusted)
        except RunPinned:
            if fresh or not give_up(config, run_id):
                raise
        finally:
            source.close()
    raise AssertionError("unreachable")


def give_up(config: Config, run_id: str) -> bool:
    """See to it that whoever may still drive a run commits nothing any more. False: it was never begun."""
    begun = find_run(output_store(config), RunLocations(run_id))
    if begun is None:
        return False
    start_wave(begun).seal_earlier_waves()
    return True


def committed_batch(config: Config, first: str) -> CommitInfo | None:
    """What the table says of a batch, under whichever of its ids it was committed."""
    store = output_store(config)
    table = open_table(config)
    for run_id in _ids(first):
        found = table.committed(run_id)
        if found is not None or find_run(store, RunLocations(run_id)) is None:
            return found
    raise AssertionError("unreachable")


def _ids(first: str) -> Iterator[str]:
    """Ids of a batch's run, and of those that take its place."""
    return (f"{first}.{again}" if again else first for again in itertools.count())
