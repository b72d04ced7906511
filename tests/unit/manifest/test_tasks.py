"""Task manifests: the first attempt wins, a later one adopts or stops."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.errors import RunSuperseded, SourceError, StoreError, TaskConflict
from spark_pdf.manifest.digest import InputDigest
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.tasks import find_task, read_tasks, seal_task

PAIRS = st.lists(st.tuples(st.text(), st.text("0123456789abcdef", min_size=1)))


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_digest_knows_no_order(pairs, order):
    shuffled = list(pairs)
    order.shuffle(shuffled)
    assert digest(pairs) == digest(shuffled)


@given(PAIRS, PAIRS)
def test_the_digest_tells_sets_apart(one, other):
    assert (digest(one) == digest(other)) == (sorted(one) == sorted(other))


@given(PAIRS, PAIRS)
def test_digests_merge(one, other):
    merged = InputDigest()
    for pairs in (one, other):
        part = InputDigest()
        for pair in pairs:
            part.add(*pair)
        merged.merge(part)
    assert (merged.count, merged.hexdigest()) == digest(one + other)


def digest(pairs):
    found = InputDigest()
    for pair in pairs:
        found.add(*pair)
    return found.count, found.hexdigest()


def test_the_first_attempt_wins_and_the_second_adopts(kit):
    first, second = kit.attempt(1, 0, ["a", "b"]), kit.attempt(1, 0, ["b", "a"])
    won = kit.commit_task(first)
    adopted = kit.commit_task(second)
    assert not won.adopted
    assert adopted.adopted
    assert adopted.attempt_id == won.attempt_id == first.context.attempt_id
    assert find_task(kit.store, kit.locations, 1, 0).summary == won


def test_committing_again_after_a_lost_answer_is_the_same_attempt(kit):
    task = kit.attempt(1, 0, ["a"])
    summary, data = task.finish()
    assert kit.store.create(kit.locations.task(1, 0), data)
    assert kit.store.create(kit.locations.task(1, 0), data)
    assert find_task(kit.store, kit.locations, 1, 0).summary == summary


@pytest.mark.parametrize("other", [["a"], ["a", "b", "c"], ["a", "c"]])
def test_other_records_are_a_conflict(kit, other):
    kit.commit_task(kit.attempt(1, 0, ["a", "b"]))
    with pytest.raises(TaskConflict, match="not deterministic"):
        kit.commit_task(kit.attempt(1, 0, other))


def test_other_content_under_the_same_ids_is_a_conflict(kit):
    kit.commit_task(kit.attempt(1, 0, ["a", "b"]))
    with pytest.raises(TaskConflict):
        kit.commit_task(kit.attempt(1, 0, ["a", "b"], content="changed"))


def test_a_zombie_meets_the_seal(kit):
    zombie = kit.attempt(1, 0, ["a"])
    assert seal_task(kit.store, kit.locations, 1, 0, "r1")
    with pytest.raises(RunSuperseded, match="sealed by a later driver"):
        kit.commit_task(zombie)
    assert not seal_task(kit.store, kit.locations, 1, 0, "r1")


def test_an_id_that_comes_twice_is_refused_by_name(kit, make_entry):
    task = kit.attempt(1, 0, ["a"])
    with pytest.raises(SourceError, match="'a' occurs twice"):
        task.add(make_entry("a"))


def test_the_summary_adds_up(kit):
    kit.failing = {"b"}
    summary = kit.commit_task(kit.attempt(1, 2, ["a", "b", "c"]))
    assert (summary.wave, summary.partition, summary.input_count) == (1, 2, 3)
    assert (summary.documents, summary.failed, summary.pages, summary.bytes) == (2, 1, 4, 200)
    assert summary.failures_by_code == {"template": 1}


def test_many_entries_come_back_in_batches_and_order(kit):
    ids = [f"d{n}" for n in range(10_000)]
    random.Random(1).shuffle(ids)
    kit.commit_task(kit.attempt(1, 0, ids))
    schema = manifest_schema(pa.schema([("channel", pa.string())]), leave_out=["committed_at"])
    batches = list(read_tasks(kit.store, kit.locations, [(1, 0)], schema))
    read = pa.Table.from_batches(batches, schema)
    assert read["document_id"].to_pylist() == ids
    assert set(read["channel"].to_pylist()) == {"web"}
    assert read["warnings"][0].as_py() == ["a warning"]


def test_task_manifests_have_field_ids_and_no_commit_time(kit):
    kit.commit_task(kit.attempt(1, 0, ["a"]))
    schema = pq.read_schema(pa.BufferReader(kit.store.read(kit.locations.task(1, 0))))
    assert schema.field("document_id").metadata[b"PARQUET:field_id"] == b"2"
    assert schema.field("channel").metadata[b"PARQUET:field_id"] == b"1000"
    assert "committed_at" not in schema.names


def test_what_is_no_task_manifest_is_said_so(kit):
    kit.store.write(kit.locations.task(1, 0), b"PAR1 something else")
    with pytest.raises(StoreError, match="not a task manifest"):
        find_task(kit.store, kit.locations, 1, 0)


def test_an_empty_task_is_a_task(kit):
    summary = kit.commit_task(kit.attempt(1, 0, []))
    assert (summary.input_count, summary.documents, summary.failed) == (0, 0, 0)
    assert not find_task(kit.store, kit.locations, 1, 0).sealed
