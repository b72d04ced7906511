"""Plans: every bucket belongs to one partition, and no partition costs much more than its share."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.config import Tasks
from spark_pdf.engines.planning import EVEN, cut
from spark_pdf.engines.source import BUCKETS, Measure, PartitionPlan, Snapshot

measures = st.lists(
    st.tuples(st.integers(0, BUCKETS - 1), st.integers(1, 50), st.floats(0, 1000, allow_nan=False)),
    max_size=300,
    unique_by=lambda row: row[0],
).map(lambda rows: Measure(*map(list, zip(*sorted(rows), strict=True))) if rows else Measure([], [], []))


@given(measures, st.integers(1, 500), st.integers(1, 8), st.integers(1, 20))
def test_a_plan_covers_every_record_once(measure: Measure, documents: int, slots: int, maximum: int) -> None:
    plan = cut(measure, Tasks(documents=documents, maximum=maximum), slots)
    assert plan.records == measure.records
    assert len(plan.bounds) == plan.partitions + 1
    assert list(plan.bounds) == sorted(set(plan.bounds))
    assert plan.partitions <= maximum
    assert all(plan.counts)
    for partition, expected in enumerate(plan.counts):
        low, high = plan.bounds[partition : partition + 2]
        assert sum(c for b, c in zip(measure.buckets, measure.counts, strict=True) if low <= b < high) == expected
    assert PartitionPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_partitions_cost_about_the_same() -> None:
    costs = [1.0 + (b % 97) for b in range(4000)]
    plan = cut(Measure(range(4000), [1] * 4000, costs), Tasks(documents=100), 2)
    assert plan.partitions == 40
    shares = [sum(costs[low:high]) for low, high in zip(plan.bounds, (*plan.bounds[1:-1], 4000), strict=False)]
    assert max(shares) < 1.1 * sum(costs) / 40


def test_a_heavy_record_does_not_drag_others_along() -> None:
    costs = [1.0] * 1000
    costs[500] = 10_000.0
    plan = cut(Measure(range(1000), [1] * 1000, costs), Tasks(documents=100), 2)
    heavy = next(p for p in range(plan.partitions) if plan.bounds[p] <= 500 < plan.bounds[p + 1])
    assert plan.counts[heavy] <= 501


def skewed(customers: int, pages: int = 2000, one_in: int = 1000) -> Measure:
    """Customers of one page, and one in a thousand of 2,000, each in the bucket that its id hashes to."""
    counts, costs = [0] * BUCKETS, [0.0] * BUCKETS
    for number in range(customers):
        bucket = int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=2).digest(), "little")
        counts[bucket] += 1
        costs[bucket] += pages if number % one_in == 7 else 1
    used = [bucket for bucket in range(BUCKETS) if counts[bucket]]
    return Measure(used, [counts[b] for b in used], [costs[b] for b in used])


def task_costs(measure: Measure, plan: PartitionPlan) -> list[float]:
    costs = [0.0] * plan.partitions
    for bucket, cost in zip(measure.buckets, measure.costs, strict=True):
        costs[bisect_right(plan.bounds, bucket) - 1] += cost
    return costs


@pytest.mark.parametrize("customers", [1_000, 3_000, 20_000, 200_000])
@pytest.mark.parametrize("documents", [250, 500, 2_000])
@pytest.mark.parametrize("slots", [2, 8])
def test_one_customer_in_a_thousand_has_2000_pages(customers: int, documents: int, slots: int) -> None:
    measure = skewed(customers)
    costs = task_costs(measure, cut(measure, Tasks(documents=documents), slots))
    assert max(costs) <= EVEN * median(costs)
    if customers >= 20_000:
        # And it takes about as long as the work and its costliest task allow.
        assert len(costs) >= min(sum(costs) / (1.5 * max(measure.costs)), customers / documents) / 2


def test_a_document_of_20000_pages_makes_tasks_larger_and_goes_alone() -> None:
    measure = skewed(100_000, pages=20_000, one_in=100_000)
    plan = cut(measure, Tasks(documents=2000), 2)
    costs = task_costs(measure, plan)
    assert max(costs) <= EVEN * median(costs)
    assert plan.partitions >= 12
    assert plan.counts[costs.index(max(costs))] <= 5  # those of one bucket


def test_a_cost_that_is_wrong_does_not_make_one_task_of_all() -> None:
    measure = skewed(100_000, pages=10**15, one_in=100_000)
    plan = cut(measure, Tasks(documents=500), 4)
    assert max(plan.counts) <= 5000


@given(measures, st.integers(1, 8))
def test_no_task_is_over_three_times_the_median_if_costs_are_right(measure: Measure, slots: int) -> None:
    plan = cut(measure, Tasks(documents=10_000), slots)
    costs = task_costs(measure, plan)
    if sum(costs) > 0:
        assert max(costs) <= EVEN * median(costs) * (1 + 1e-9)


def test_few_records_still_use_all_slots() -> None:
    assert cut(Measure(range(400), [1] * 400, [1.0] * 400), Tasks(), 4).partitions == 8
    assert cut(Measure([7], [1], [1.0]), Tasks(), 4).partitions == 1
    assert cut(Measure([], [], []), Tasks(), 4) == PartitionPlan((0,), ())


def test_free_records_are_still_divided() -> None:
    plan = cut(Measure(range(1000), [1] * 1000, [0.0] * 1000), Tasks(documents=100), 1)
    assert plan.records == 1000
    assert max(plan.counts) <= 110


def test_a_snapshot_changes_with_its_detail() -> None:
    one = Snapshot("files", "2 files", {"files": [["a", 1, 2]]})
    assert one.fingerprint == Snapshot("files", "other words", {"files": [["a", 1, 2]]}).fingerprint
    assert one.fingerprint != Snapshot("files", "2 files", {"files": [["a", 1, 3]]}).fingerprint
