"""The cut: which hash buckets make a task, so that tasks cost about the same and none waits for a giant.

In: a `Measure`, the config's `tasks`, how many tasks run at once. Out: a `PartitionPlan`: runs of buckets, in order.

A bucket is never divided (nor a record), so the costliest one sets how even a plan can be: with a share of its size,
each run but the last holds between half of it and three halves, whatever the order. As far as smaller shares give no
task over `EVEN` times the median anyway, they are taken: a task is what is lost and done again when a machine goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from spark_pdf.config import Tasks
from spark_pdf.engines.source import BUCKETS, Measure, PartitionPlan

EVEN = 3.0
"""No task costs more than so many times the median of all."""

GROWTH = 10
"""How many times `tasks.documents` a task may hold where costly records make tasks large; costs may be wrong."""

_SHARES = (1 / 3, 2 / 5, 1 / 2, 2 / 3, 1.0)


class _Run(NamedTuple):
    """Buckets from `bound` on, up to the next run's."""

    bound: int
    records: int
    cost: float


def cut(measure: Measure, tasks: Tasks, slots: int) -> PartitionPlan:
    """Cut the buckets into partitions of about equal cost.

    `slots`: tasks that the engine runs at once; there are at least two rounds of them if there is work enough, so that
    a slow task at the end does not leave the others idle. Costly records make fewer and larger tasks of the others:
    that takes no longer, because the run takes as long as its costliest record anyway.
    """
    records = measure.records
    if not records:
        return PartitionPlan((0,), ())
    wanted = max(-(-records // tasks.documents), min(2 * slots, -(-records // 50)), tasks.minimum)
    wanted = min(wanted, tasks.maximum, len(measure.buckets))
    # A cost expression that is zero everywhere says nothing: then records count.
    costs = measure.costs if sum(measure.costs) > 0 else [float(count) for count in measure.counts]
    most = GROWTH * max(tasks.documents, -(-records // wanted))
    runs = _few_enough(measure, costs, sum(costs) / wanted, most, wanted)
    if _unevenness(runs) > EVEN:
        runs = min((runs, *_larger(measure, costs, most, runs, tasks.minimum)), key=_badness)
    return PartitionPlan((0, *(run.bound for run in runs[1:]), BUCKETS), tuple(run.records for run in runs))


def _few_enough(measure: Measure, costs: Sequence[float], share: float, most: int, wanted: int) -> list[_Run]:
    """Runs of about `share`; a little more, where whole buckets have made more runs of it than were wanted."""
    runs = _runs(measure, costs, share, most)
    while len(runs) > wanted:
        share *= max(len(runs) / wanted, 1.01)
        runs = _runs(measure, costs, share, most)
    return runs


def _larger(
    measure: Measure, costs: Sequence[float], most: int, runs: list[_Run], minimum: int
) -> Iterator[list[_Run]]:
    """Plans with larger shares, up to that of the costliest bucket; the first that is even ends the search."""
    for part in _SHARES:
        share = max(costs) * part
        found = _runs(measure, costs, share, most)
        if minimum <= len(found) < len(runs):
            yield found
            if _unevenness(found) <= EVEN:
                return


def _runs(measure: Measure, costs: Sequence[float], share: float, most: int) -> list[_Run]:
    """Runs of about `share` each: a bucket goes where it makes the smaller difference from that."""
    runs = []
    bound, count, cost = 0, 0, 0.0
    for bucket, records, more in zip(measure.buckets, measure.counts, costs, strict=True):
        if count and (cost + more / 2 >= share or count + records > most):
            runs.append(_Run(bound, count, cost))
            bound, count, cost = bucket, 0, 0.0
        count += records
        cost += more
    return [*runs, _Run(bound, count, cost)]


def _unevenness(runs: Sequence[_Run]) -> float:
    """How many times the median the costliest run is."""
    costs = [run.cost for run in runs]
    middle = median(costs)
    return max(costs) / middle if middle else float("inf")


def _badness(runs: Sequence[_Run]) -> tuple[bool, float]:
    """Even plans first, with the smallest tasks; of uneven ones, the least uneven."""
    unevenness = _unevenness(runs)
    return unevenness > EVEN, unevenness if unevenness > EVEN else -len(runs)
