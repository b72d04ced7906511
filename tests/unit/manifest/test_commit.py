"""The job commit: what has to add up, who may append, and what a crash at any step leaves."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from spark_pdf.config import StoreOptions
from spark_pdf.errors import CommitFailed, CommitStateUnknown, RunSuperseded, StoreError, TooManyFailures
from spark_pdf.manifest.files import read_json
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.resume import done_ids, done_task_files, done_tasks, failed_ids
from spark_pdf.manifest.runs import find_run
from spark_pdf.manifest.waves import find_plan


def test_a_run_is_committed_once(kit):
    wave = kit.start()
    kit.render(wave)
    info = kit.commit(wave)
    assert (info.rows, info.documents, info.failed, info.pages, info.bytes) == (10, 10, 0, 20, 1000)
    assert kit.committed_ids() == kit.ids
    assert kit.commit(wave) == info
    again = kit.start()
    kit.render(again)
    assert kit.commit(again) == info
    assert kit.committed_ids() == kit.ids
    assert find_run(kit.store, kit.locations).state == "committed"


def test_resume_tries_failures_again_in_every_format(store, make_kit, make_table):
    kit = make_kit(store, make_table(), [f"d{n}" for n in range(7)])
    kit.failing = {"d1", "d4"}
    first = kit.start()
    tasks = kit.plan(first)
    for partition in (0, 1):
        kit.commit_task(kit.attempt(1, partition, tasks[partition]))
    kit.failing = {"d4"}
    second = kit.start()
    kit.render(second)
    info = kit.commit(second)
    assert (info.documents, info.failed, dict(info.failures_by_code)) == (6, 1, {"template": 1})
    rows = kit.rows(["document_id", "status", "wave", "error_detail"])
    assert [row["document_id"] for row in rows] == kit.ids
    assert {row["document_id"]: row["status"] for row in rows if row["status"] == "failure"} == {"d4": "failure"}
    assert {row["wave"] for row in rows} == {1, 2}
    assert list(failed_ids(kit.table, "r1")) == [("d4", "template")]
    assert kit.commit(second) == info


def test_what_resume_leaves_out(kit):
    kit.failing = {"d00", "d01"}
    first = kit.start()
    tasks = kit.plan(first)
    kit.commit_task(kit.attempt(1, 0, tasks[0]))
    second = kit.start()
    plans = second.seal_earlier_waves()
    documents = [i for i in tasks[0] if i not in kit.failing]
    done = done_tasks(kit.run(), plans)
    assert (done.documents, done.pages, done.bytes) == (len(documents), 2 * len(documents), 100 * len(documents))
    assert done_task_files(kit.run(), 2) == list(done.keys) == ["_runs/r1/tasks/1-0.parquet"]
    uris = [kit.store.uri_of(key) for key in done.keys]
    found = [i for batch in done_ids(uris, StoreOptions()) for i in batch["document_id"].to_pylist()]
    assert sorted(found) == documents


def test_a_missing_task_fails_the_commit(kit):
    wave = kit.start()
    tasks = kit.plan(wave)
    kit.commit_task(kit.attempt(1, 0, tasks[0]))
    with pytest.raises(CommitFailed, match="task 1 of wave 1 has no task manifest"):
        kit.commit(wave)
    assert not kit.table.exists()


def test_the_independent_count_has_to_agree(kit):
    wave = kit.start()
    kit.render(wave)
    with pytest.raises(CommitFailed, match="11 records were counted, but 10 documents, 0 failures and 0 skipped"):
        kit.commit(wave, expected=11)
    assert not kit.table.exists()
    assert kit.commit(wave, expected=11, skipped=1).rows == 10


def test_tasks_that_saw_less_than_planned_fail_the_commit(kit):
    wave = kit.start()
    tasks = kit.plan(wave)
    for partition, ids in enumerate(tasks):
        kit.commit_task(kit.attempt(1, partition, ids[1:] if partition == 0 else ids))
    with pytest.raises(CommitFailed, match="saw 9 records, 10 were planned"):
        kit.commit(wave, expected=9)


def test_an_id_in_two_waves_is_refused(kit):
    """An engine whose anti-join does not work, and that loses another id so that the counts agree."""
    first = kit.start()
    first.put_plan(2, 10, {})
    kit.commit_task(kit.attempt(1, 0, kit.ids[:5]))
    second = kit.start()
    second.seal_earlier_waves()
    second.put_plan(1, 5, {})
    kit.commit_task(kit.attempt(2, 0, kit.ids[4:9]))
    with pytest.raises(CommitFailed, match="a document id comes twice"):
        kit.commit(second)
    assert not kit.table.exists()


def test_too_many_failures_append_nothing_and_say_which(kit):
    kit.failing = {"d03", "d07"}
    wave = kit.start()
    kit.render(wave)
    with pytest.raises(TooManyFailures, match=r"2 of 10 documents failed \(20.00%\)") as caught:
        kit.commit(wave, failed_fraction=0.1)
    assert caught.value.counts == {"template": 2}
    assert "'d03'" in str(caught.value)
    assert "Raise limits.failed_fraction and run the same run_id again" in str(caught.value)
    assert "t.html:3: bad d0" in str(caught.value)
    assert not kit.table.exists()
    assert find_run(kit.store, kit.locations).state == "failed"
    assert kit.commit(wave, failed_fraction=0.2).failed == 2


def test_a_superseded_driver_does_not_commit(kit):
    wave = kit.start()
    kit.render(wave)
    kit.start()
    with pytest.raises(RunSuperseded):
        kit.commit(wave)
    assert not kit.table.exists()


def test_a_wave_without_work_commits_the_earlier_documents(kit):
    first = kit.start()
    kit.render(first)
    second = kit.start()
    assert kit.plan(second) == []
    assert kit.commit(second).documents == 10
    assert find_plan(kit.run(), 2).partitions == 0


class Stuck(ParquetManifest):
    """A table whose append dies, before or after the rows are there."""

    def __init__(self, store, crash, when):
        super().__init__(store)
        self.crash, self.when = crash, when

    def append(self, info, schema, batches):
        if self.when == "before":
            raise self.crash
        super().append(info, schema, batches)
        raise self.crash


@pytest.mark.parametrize("when", ["before", "after"])
def test_taking_over_settles_what_the_holder_began(kit, crash, when):
    good, kit.table = kit.table, Stuck(kit.store.below("manifest"), crash, when)
    wave = kit.start()
    kit.render(wave)
    with pytest.raises(crash):
        kit.commit(wave)
    kit.table = good
    committed_before = kit.committed_ids()
    second = kit.start()
    kit.render(second)
    info = kit.commit(second)
    assert kit.committed_ids() == kit.ids
    assert info.rows == 10
    if when == "before":
        assert committed_before == []
        assert read_json(kit.store, kit.locations.commit(2))["wave"] == 2


def test_a_holder_whose_heart_beats_is_waited_for(kit, crash):
    kit.table = Stuck(kit.store.below("manifest"), crash, "before")
    first = kit.start()
    kit.render(first)
    with pytest.raises(crash):
        kit.commit(first)
    kit.table = ParquetManifest(kit.store.below("manifest"))
    second = kit.start()
    kit.render(second)
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        kit.clock.turn(seconds)

    kit.commit(second, sleep=sleep, lease=timedelta(seconds=30))
    assert 30 <= sum(slept) < 60
    assert kit.committed_ids() == kit.ids


def test_a_holder_that_only_seems_alive_is_not_waited_for_forever(kit, crash):
    """The clock stands still, so the lease never ends; patience does."""
    kit.table = Stuck(kit.store.below("manifest"), crash, "before")
    first = kit.start()
    kit.render(first)
    with pytest.raises(crash):
        kit.commit(first)
    kit.table = ParquetManifest(kit.store.below("manifest"))
    second = kit.start()
    kit.render(second)
    kit.commit(second, patience=timedelta(seconds=5))
    assert kit.committed_ids() == kit.ids


def test_commit_times_grow_even_when_the_clock_does_not(kit, make_kit):
    wave = kit.start()
    kit.render(wave)
    first = kit.commit(wave)
    other = make_kit(kit.store, kit.table, kit.ids, "r2")
    other.clock.turn(-86_400)
    wave = other.start()
    other.render(wave)
    assert other.commit(wave).committed_at > first.committed_at


class Silent(ParquetManifest):
    """A table whose store loses the answer to the commit, and maybe the commit."""

    def __init__(self, store, arrives, readable):
        super().__init__(store)
        self.arrives, self.readable, self.lost = arrives, readable, False

    def _make_visible(self, mine):
        real, test = self.store, self

        class Lossy:
            uri, uri_of, read, delete = real.uri, real.uri_of, real.read, real.delete

            def create(self, key, data):
                test.lost = True
                if test.arrives:
                    real.create(key, data)
                raise StoreError("connection reset")

        self.store = Lossy()
        try:
            return super()._make_visible(mine)
        finally:
            self.store = real

    def commit_of(self, run_id):
        if self.lost and not self.readable:
            raise StoreError("unreachable")
        return super().commit_of(run_id)


def test_a_lost_answer_is_settled_by_reading(kit):
    kit.table = Silent(kit.store.below("manifest"), arrives=True, readable=True)
    wave = kit.start()
    kit.render(wave)
    assert kit.commit(wave).rows == 10
    assert kit.committed_ids() == kit.ids


@pytest.mark.parametrize(("arrives", "readable"), [(True, False), (False, True), (False, False)])
def test_an_outcome_that_cannot_be_found_out_is_said_so_and_settled_later(kit, arrives, readable):
    good, kit.table = kit.table, Silent(kit.store.below("manifest"), arrives=arrives, readable=readable)
    wave = kit.start()
    kit.render(wave)
    with pytest.raises(CommitStateUnknown, match="run it again with the same run_id"):
        kit.commit(wave)
    assert find_run(kit.store, kit.locations).state == "unknown"
    kit.table = good
    assert kit.committed_ids() == (kit.ids if arrives else [])
    kit.clock.turn(3600)
    second = kit.start()
    kit.render(second)
    assert kit.commit(second).rows == 10
    assert kit.committed_ids() == kit.ids


def test_two_drivers_in_threads(kit):
    """Both have rendered everything; whoever commits, each id is there once and both are told the same, or to stop."""
    first = kit.start()
    kit.render(first)
    second = kit.start()
    kit.plan(second)
    found: dict[int, object] = {}
    barrier = threading.Barrier(2)

    def drive(wave):
        barrier.wait()
        try:
            found[wave.number] = kit.commit(wave)
        except RunSuperseded as error:
            found[wave.number] = error

    threads = [threading.Thread(target=drive, args=(wave,)) for wave in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kit.committed_ids() == kit.ids
    assert found[2].rows == 10


def test_a_crash_after_every_single_request(kit, faulty, crash, make_kit):
    """The whole run dies before and after each write; the next driver always ends with every id once."""
    number, finished = 0, False
    while not finished:
        number += 1
        for when in ("before", "after"):
            run = make_kit(faulty(kit.store.below(f"{number}-{when}")), None, kit.ids[:4], "r1")
            run.table = ParquetManifest(run.store)
            run.failing = {kit.ids[0]}
            run.store.faults = {number: when}
            try:
                wave = run.start()
                run.render(wave, 2)
                run.commit(wave)
                finished = True
            except crash:
                pass
            run.clock.turn(1000)
            run.store.faults = {}
            run.failing = set()
            wave = run.start()
            run.render(wave, 3)
            run.commit(wave)
            assert run.committed_ids() == run.ids, (number, when)
    assert number > 8


def test_a_heart_goes_on_beating_after_any_error(kit, monkeypatch):
    wave, beats, enough = kit.start(), [], threading.Event()

    def heartbeat():
        beats.append(1)
        if len(beats) == 3:
            enough.set()
        raise RuntimeError("a credential provider's own error")

    monkeypatch.setattr(wave, "heartbeat", heartbeat)
    with wave.beating(seconds=0.001):
        assert enough.wait(30)
