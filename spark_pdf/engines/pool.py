"""The loop of attempts, for engines without a scheduler of Spark's kind: partitions over workers, of which any may die.

In: a job, a plan, workers of some kind (processes, Ray actors, Dask tasks). Out: a `TaskSummary` per partition, in the
order in which they end. A partition whose worker died, or whose store or machine failed, runs again, up to `ATTEMPTS`
times; after a death, or without memory, in supervised mode.
"""

from __future__ import annotations

import collections
from collections.abc import Generator, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import AccessDenied, SparkPdfError, StoreError, WorkerError
from spark_pdf.model import TaskSummary

ATTEMPTS = 4


class Task(NamedTuple):
    """What an attempt is asked for: a job of one partition, and the hash buckets from `low` to below `high`."""

    job: RenderJob
    low: int
    high: int


class WorkerDied(Exception):  # noqa: N818 - a report, not an error of ours
    """A worker ended before its attempt did. `reason` says how, in words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Workers(Protocol):
    """Where attempts run. What an attempt raised is a value here, so that no scheduler tries it again by itself."""

    @property
    def slots(self) -> int:
        """Attempts that may run at the same time."""
        ...

    def start(self, task: Task) -> Hashable:
        """Begin an attempt; what to call it."""
        ...

    def ended(self) -> Iterable[tuple[Hashable, TaskSummary | Exception]]:
        """Wait until an attempt has ended; all that have, each with its summary, `WorkerDied`, or what it raised."""
        ...

    def close(self) -> None:
        """End what still runs, and let go of the workers."""
        ...


def run_partitions(job: RenderJob, plan: PartitionPlan, workers: Workers) -> Generator[TaskSummary, None, None]:
    """Render all partitions of the plan. Raises what a partition's last attempt raised. Closes the workers."""
    pending = collections.deque(_Attempt(p) for p in range(plan.partitions) if plan.counts[p])
    running: dict[Hashable, _Attempt] = {}
    try:
        while pending or running:
            while pending and len(running) < workers.slots:
                attempt = pending.popleft()
                running[workers.start(attempt.task(job, plan))] = attempt
            for name, end in workers.ended():
                attempt = running.pop(name)
                if isinstance(end, Exception):
                    pending.append(attempt.after(end))
                else:
                    yield end
    finally:
        workers.close()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The `number`th attempt of a partition."""

    partition: int
    number: int = 1
    supervised: bool = False

    def task(self, job: RenderJob, plan: PartitionPlan) -> Task:
        low, high = plan.bounds[self.partition : self.partition + 2]
        return Task(job.at(self.partition, self.supervised), low, high)

    def after(self, end: Exception) -> _Attempt:
        """The attempt that follows one that ended so; raises where there is none."""
        if self.number >= ATTEMPTS or not _passes(end):
            raise self._said(end) from None
        fatal = isinstance(end, (WorkerDied, MemoryError))
        return replace(self, number=self.number + 1, supervised=self.supervised or fatal)

    def _said(self, end: Exception) -> Exception:
        """The error of ours that says it; the text of an `OSError` names a file and no data."""
        where = f"partition {self.partition}"
        if isinstance(end, WorkerDied):
            return SparkPdfError(f"{where} ended its process {self.number} times ({end.reason})")
        if isinstance(end, MemoryError):
            return WorkerError(f"{where} ran out of memory {self.number} times")
        if isinstance(end, OSError):
            return WorkerError(f"{where} failed {self.number} times: {type(end).__name__}: {end.strerror}")
        return end


def _passes(end: Exception) -> bool:
    """Whether another attempt may end otherwise."""
    again = (WorkerDied, MemoryError, StoreError, WorkerError, OSError)
    return isinstance(end, again) and not isinstance(end, AccessDenied)
