"""What an incremental run compares with: one state of the manifest, whoever asks, and however often it was killed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow.parquet as pq
import pytest

from spark_pdf.errors import CommitFailed
from spark_pdf.manifest.baseline import Baseline, drop_baseline, pin_baseline
from spark_pdf.manifest.commit import skipped_by
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.rewriting import Gone, Touched, erasing
from spark_pdf.manifest.runs import Pin
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.tasks import find_task
from spark_pdf.store.locations import RunLocations
from tests.unit.manifest.conftest import EXTRA, Crash, FaultyStore, RunKit, entry, info_of, rows_of

AT = datetime(2026, 11, 23, tzinfo=timezone.utc)
WORLD = Pin("config", "h", "1", "source")
NEW = RunLocations("new")


def append(table: Any, ids: list[str], run_id: str, days: int) -> None:
    at = AT + timedelta(days=days)
    table.append(info_of(ids, run_id, at), manifest_schema(EXTRA), lambda: iter([rows_of(ids, run_id, at)]))


def lines(store: Any, baseline: Baseline) -> list[tuple[str, str, str]]:
    """(id, run, expected) of each line."""
    rows = [row for key in baseline.keys for row in pq.read_table(io.BytesIO(store.read(key))).to_pylist()]
    return sorted((row["document_id"], row["run_id"], row["expected"]) for row in rows)


def test_every_row_is_a_line_with_the_hash_that_would_do(store: Any, make_table: Any) -> None:
    table = make_table()
    append(table, ["a", "b"], "r1", 0)
    append(table, ["a", "c"], "r2", 1)
    table.rewrite(Touched(document_ids=frozenset("c")), erasing("c", {}, ["s3://b/c.pdf"], "gone"))
    table.purge(Gone())
    baseline = pin_baseline(store, NEW, table, "changed", WORLD)
    a, b = entry("a").record_hash, entry("b").record_hash
    assert lines(store, baseline) == [("a", "r1", a), ("a", "r2", a), ("b", "r1", b), ("c", "r2", "erased")]
    assert (baseline.rows, baseline.latest, baseline.summary) == (4, "r2", "changed since run r2")
    other = pin_baseline(store, RunLocations("other"), table, "changed", replace(WORLD, bundle="corrected"))
    assert {expected for _, _, expected in lines(store, other)} == {"", "erased"}


def test_an_absent_table_has_nothing(store: Any, make_table: Any) -> None:
    baseline = pin_baseline(store, NEW, make_table(), "missing", WORLD)
    assert (baseline.keys, baseline.rows, baseline.latest) == ((), 0, None)
    assert baseline.summary == "missing, compared with nothing"


def test_what_is_committed_later_is_not_in_it(store: Any) -> None:
    table = ParquetManifest(store.below("manifest"))
    append(table, ["a"], "r1", 0)
    first = pin_baseline(store, NEW, table, "changed", WORLD)
    append(table, ["b"], "r2", 1)
    assert pin_baseline(store, NEW, table, "changed", WORLD) == first
    mended = pin_baseline(store, NEW, table, "changed", replace(WORLD, bundle="mended"))
    assert mended.rows == 2, "a run that was never pinned may begin again with another template"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_crash_leaves_the_whole_of_it_or_nothing(store: Any, when: str, number: int) -> None:
    table = ParquetManifest(store.below("manifest"))
    append(table, ["a"], "r1", 0)
    faulty = FaultyStore(store)
    faulty.faults = {number: when}
    with pytest.raises(Crash):
        pin_baseline(faulty, NEW, table, "changed", WORLD)
    append(table, ["b"], "r2", 1)
    baseline = pin_baseline(store, NEW, table, "changed", WORLD)
    assert baseline.rows == (1 if (number, when) == (2, "after") else 2)
    assert len(lines(store, baseline)) == baseline.rows
    drop_baseline(store, baseline)
    left = {one.key for one in store.list(NEW.baseline())}
    assert not left & {*baseline.keys, baseline.marker}


def skipping(kit: RunKit, wave: Any, partitions: int = 2) -> None:
    """A wave in which ids that end in an even digit are as they were."""
    for partition, ids in enumerate(kit.plan(wave, partitions)):
        task = kit.attempt(wave.number, partition, [i for i in ids if int(i[-1]) % 2])
        for document_id in ids:
            if int(document_id[-1]) % 2 == 0:
                task.skip(document_id, entry(document_id).record_hash)
        kit.commit_task(task)


def test_skipped_records_count_and_have_no_row(kit: RunKit) -> None:
    wave = kit.start()
    skipping(kit, wave)
    info = kit.commit(wave)
    assert (info.rows, info.documents, info.skipped) == (5, 5, 5)
    assert skipped_by(kit.store, kit.locations) == 5
    found = find_task(kit.store, kit.locations, 1, 0)
    assert found is not None
    assert (found.summary.documents + found.summary.skipped, found.summary.skipped > 0) == (
        found.summary.input_count,
        True,
    )


def test_skipped_records_of_an_earlier_wave_are_counted_anew(kit: RunKit) -> None:
    first = kit.start()
    tasks = kit.plan(first, 2)
    task = kit.attempt(1, 0, [i for i in tasks[0] if int(i[-1]) % 2])
    for document_id in tasks[0]:
        if int(document_id[-1]) % 2 == 0:
            task.skip(document_id, entry(document_id).record_hash)
    kit.commit_task(task)
    second = kit.start()
    skipping(kit, second)
    info = kit.commit(second)
    assert (info.rows, info.skipped) == (5, 5)
    assert len(kit.committed_ids()) == 5


def test_what_the_engine_left_out_has_to_add_up(kit: RunKit) -> None:
    wave = kit.start()
    skipping(kit, wave)
    with pytest.raises(
        CommitFailed, match="13 records were counted, but 5 documents, 0 failures and 7 skipped make 12"
    ):
        kit.commit(wave, expected=13, skipped=2)
    assert kit.commit(wave, expected=12, skipped=2).skipped == 7


def test_an_attempt_that_skipped_another_record_is_not_adopted(kit: RunKit) -> None:
    from spark_pdf.errors import TaskConflict

    wave = kit.start()
    (ids,) = kit.plan(wave, 1)
    for content in ("", "other"):
        task = kit.attempt(1, 0, ids[1:])
        task.skip(ids[0], entry(ids[0], content=content).record_hash)
        if content:
            with pytest.raises(TaskConflict):
                kit.commit_task(task)
        else:
            kit.commit_task(task)
