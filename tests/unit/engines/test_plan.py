"""Plans: every bucket belongs to one partition, and no partition costs much more than its share."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.config import Tasks
from spark_pdf.engines.source import BUCKETS, Measure, PartitionPlan, Snapshot, cut

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
