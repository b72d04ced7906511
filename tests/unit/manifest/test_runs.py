"""Pins and waves: one world per run, one driver at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spark_pdf.errors import RunPinned, RunSuperseded, StoreError
from spark_pdf.manifest.runs import Pin, find_run, pin_run, remember_state
from spark_pdf.manifest.tasks import find_task, list_tasks
from spark_pdf.manifest.waves import find_plan, find_wave, highest_wave, start_wave

PIN = Pin("config", "bundle", "1", "source", "one file")


def test_the_same_world_finds_its_run(kit):
    first = kit.run()
    kit.clock.turn(-3600)
    second = kit.run()
    assert second.to_json() == first.to_json()
    assert find_run(kit.store, kit.locations).pin == PIN


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"config": "x"}, "the config has changed"),
        ({"bundle": "x"}, "the template bundle has changed"),
        ({"renderer_version": "2"}, r"the renderer \(1, now 2\) has changed"),
        ({"source": "x", "source_summary": "two files"}, r"the source \(one file, now two files\) has changed"),
        ({"config": "x", "bundle": "y"}, "the config and the template bundle have changed"),
    ],
)
def test_a_changed_world_is_refused_by_name(kit, change, says):
    kit.run()
    with pytest.raises(RunPinned, match=says):
        kit.run(replace(PIN, **change))


def test_the_state_is_a_cache(kit):
    run = remember_state(kit.run(), "failed")
    assert find_run(kit.store, kit.locations).state == "failed"
    assert kit.run().pin == run.pin


def test_a_strangers_run_json_is_no_run(kit):
    kit.store.write(kit.locations.run_json, b"not json")
    with pytest.raises(StoreError, match="another program"):
        pin_run(kit.store, kit.locations, "r1", PIN)


def test_waves_are_counted_upwards_without_listing(kit, faulty):
    kit.store = faulty(kit.store)
    assert [kit.start().number for _ in range(4)] == [1, 2, 3, 4]
    assert highest_wave(kit.run()) == 4
    assert kit.store.listed == []


def test_two_drivers_with_one_id_get_two_waves(kit):
    """The clock stands still and the id is the same: still nobody takes another's wave for his own."""
    waves = [start_wave(kit.run(), "driver", clock=kit.clock) for _ in range(2)]
    assert [wave.number for wave in waves] == [1, 2]


def test_a_later_wave_supersedes(kit):
    first = kit.start()
    first.check_not_superseded()
    kit.start()
    with pytest.raises(RunSuperseded, match="wave 2 was started"):
        first.check_not_superseded()


def test_heartbeats_of_a_clock_that_runs_backwards(kit):
    wave = kit.start()
    kit.clock.turn(-100)
    wave.heartbeat()
    wave.heartbeat()
    file = find_wave(kit.run(), 1)
    assert file.beats == 2
    assert file.heartbeat_at < file.started_at


def test_beating_beats_and_stops(kit):
    wave = kit.start()
    with wave.beating(0.001):
        while find_wave(kit.run(), 1).beats < 2:
            pass
    beats = find_wave(kit.run(), 1).beats
    assert find_wave(kit.run(), 1).beats == beats


def test_a_slow_drivers_plan_is_refused_once_its_wave_is_sealed(kit):
    slow = kit.start()
    later = kit.start()
    later.seal_earlier_waves()
    assert find_plan(kit.run(), 1).sealed
    with pytest.raises(RunSuperseded, match="sealed by a later driver"):
        slow.put_plan(2, 10, {})


def test_a_plan_is_put_again_after_a_lost_answer(kit):
    wave = kit.start()
    assert wave.put_plan(2, 10, {"x": 1}) == wave.put_plan(2, 10, {"x": 1})
    assert find_plan(kit.run(), 1).plan == {"x": 1}


def test_sealing_closes_what_is_open_and_lists_once(kit, faulty):
    kit.store = faulty(kit.store)
    first = kit.start()
    tasks = kit.plan(first)
    kit.commit_task(kit.attempt(1, 0, tasks[0]))
    second = kit.start()
    second.seal_earlier_waves()
    sealed = {p: find_task(kit.store, kit.locations, 1, p).sealed for p in range(3)}
    assert sealed == {0: False, 1: True, 2: True}
    assert kit.store.listed == ["_runs/r1/tasks"]
    assert sorted(list_tasks(kit.store, kit.locations)) == [(1, 0), (1, 1), (1, 2)]


def test_sealing_again_changes_nothing(kit):
    tasks = kit.plan(kit.start())
    kit.start().seal_earlier_waves()
    before = kit.store.read(kit.locations.task(1, 0))
    kit.start().seal_earlier_waves()
    assert kit.store.read(kit.locations.task(1, 0)) == before
    with pytest.raises(RunSuperseded, match="sealed"):
        kit.commit_task(kit.attempt(1, 0, tasks[0]))
