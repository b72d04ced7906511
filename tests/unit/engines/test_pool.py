"""The loop of attempts over workers that do as they are told: who is asked again, how, and when it gives up."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Hashable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.engines.pool import ATTEMPTS, Task, WorkerDied, run_partitions
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import AccessDenied, RunSuperseded, SparkPdfError, StoreError, WorkerError

ENDS: dict[str, Exception] = {
    "died": WorkerDied("signal SIGKILL"),
    "memory": MemoryError(),
    "store": StoreError("slow down"),
    "machine": WorkerError("no child"),
    "disk": OSError(errno.ENOSPC, "No space left on device"),
    "denied": AccessDenied("no"),
    "superseded": RunSuperseded("later"),
    "bug": ZeroDivisionError("division by zero"),
}
AGAIN = ("died", "memory", "store", "machine", "disk")


class Job(SimpleNamespace):
    """As much of a `RenderJob` as the pool looks at."""

    def at(self, partition: int, supervised: bool = False) -> Any:
        return SimpleNamespace(partition=partition, supervised=supervised)


class Told:
    """Workers whose attempts end as a script says, partition by partition; then well. The last begun ends first."""

    def __init__(self, slots: int, script: dict[int, list[str]]) -> None:
        self.slots, self._script = slots, {partition: list(ends) for partition, ends in script.items()}
        self._running: dict[int, Task] = {}
        self._count = 0
        self.asked: list[tuple[int, bool]] = []
        self.bounds: dict[int, tuple[int, int]] = {}
        self.most = 0
        self.closed = False

    def start(self, task: Task) -> Hashable:
        self._count += 1
        self._running[self._count] = task
        self.most = max(self.most, len(self._running))
        self.asked.append((task.job.partition, task.job.supervised))
        self.bounds[task.job.partition] = (task.low, task.high)
        return self._count

    def ended(self) -> Iterator[tuple[Hashable, Any]]:
        name, task = self._running.popitem()
        left = self._script.get(task.job.partition)
        yield name, ENDS[left.pop(0)] if left else f"summary {task.job.partition}"

    def close(self) -> None:
        self.closed = True


def run(workers: Told, counts: tuple[int, ...]) -> list[Any]:
    plan = PartitionPlan((*range(0, 10 * len(counts), 10), 10 * len(counts)), counts)
    return list(run_partitions(Job(), plan, workers))  # type: ignore[arg-type]


@given(
    counts=st.lists(st.integers(0, 2), max_size=6),
    slots=st.integers(1, 4),
    script=st.dictionaries(st.integers(0, 5), st.lists(st.sampled_from(AGAIN), max_size=ATTEMPTS - 1)),
)
def test_every_partition_ends_once_and_slots_are_kept(
    counts: list[int], slots: int, script: dict[int, list[str]]
) -> None:
    workers = Told(slots, script)
    found = run(workers, tuple(counts))
    asked = [p for p, count in enumerate(counts) if count]
    assert sorted(found) == [f"summary {p}" for p in asked]
    assert Counter(p for p, _ in workers.asked) == {p: 1 + len(script.get(p, [])) for p in asked}
    assert workers.bounds == {p: (10 * p, 10 * p + 10) for p in asked}
    assert workers.most <= slots
    assert workers.closed


@pytest.mark.parametrize(
    ("ends", "supervised"),
    [
        (["died"], [False, True]),
        (["memory"], [False, True]),
        (["store", "disk", "machine"], [False] * 4),
        (["died", "store", "store"], [False, True, True, True]),
    ],
)
def test_after_a_death_attempts_are_supervised(ends: list[str], supervised: list[bool]) -> None:
    workers = Told(1, {0: ends})
    assert run(workers, (1,)) == ["summary 0"]
    assert [flag for _, flag in workers.asked] == supervised


@pytest.mark.parametrize(
    ("end", "kind", "says"),
    [
        ("died", SparkPdfError, r"partition 1 ended its process 4 times \(signal SIGKILL\)"),
        ("memory", WorkerError, "partition 1 ran out of memory 4 times"),
        ("store", StoreError, "slow down"),
        ("machine", WorkerError, "no child"),
        ("disk", WorkerError, "partition 1 failed 4 times: OSError: No space left on device"),
    ],
)
def test_the_last_attempt_s_failure_is_the_run_s(end: str, kind: type[Exception], says: str) -> None:
    workers = Told(2, {1: [end] * ATTEMPTS})
    with pytest.raises(kind, match=says):
        run(workers, (1, 1, 1))
    assert workers.closed


@pytest.mark.parametrize("end", ["denied", "superseded", "bug"])
def test_what_no_attempt_mends_is_raised_at_once(end: str) -> None:
    workers = Told(1, {0: [end]})
    with pytest.raises(type(ENDS[end])):
        run(workers, (1, 1))
    assert len(workers.asked) == 1
    assert workers.closed


def test_whoever_stops_listening_ends_the_workers() -> None:
    workers = Told(1, {})
    summaries = run_partitions(Job(), PartitionPlan((0, 1, 2), (1, 1)), workers)  # type: ignore[arg-type]
    next(summaries)
    summaries.close()
    assert workers.closed
