"""Waves: who drives a run now, by which plan, and that nobody older can commit any more.

In: one driver of a run. Out: `waves/<n>.json` (the driver and its heartbeat) and `waves/<n>-plan.json` (the partition
plan), both by conditional create, and sealed task manifests for what earlier waves left open. A driver claims wave n,
seals the earlier waves, and only then anti-joins, counts and plans. Waves are found by probing upwards, never listed.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from spark_pdf.errors import RunSuperseded, StoreError
from spark_pdf.manifest.files import as_written, create_json, read_json, typed, write_json
from spark_pdf.manifest.runs import Clock, Run, utc_now
from spark_pdf.manifest.tasks import list_tasks, seal_task

log = logging.getLogger(__name__)

_SEAL_THREADS = 16

LEFT_OUT = "left_out"
"""Where a plan says how many records the engine left out on purpose, because the baseline has them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan file says: how many tasks and records, and the engine's own plan. A sealed plan has no tasks."""

    wave: int
    partitions: int
    records: int
    plan: Mapping[str, Any] = field(default_factory=dict)
    sealed: bool = False

    def to_json(self) -> dict[str, Any]:
        """What the plan file holds."""
        return {name: getattr(self, name) for name in Plan.__slots__}


def counted_records(plan: Plan) -> int:
    """Records of the source that the wave's driver counted: those of the plan, and those left out of it."""
    return plan.records + int(plan.plan.get(LEFT_OUT, 0))


@dataclass(frozen=True, slots=True)
class WaveFile:
    """What a wave file says of the driver that started the wave."""

    wave: int
    driver_id: str
    started_at: datetime
    heartbeat_at: datetime
    beats: int

    def to_json(self) -> dict[str, Any]:
        """What the wave file holds."""
        return {
            "wave": self.wave,
            "driver_id": self.driver_id,
            "started_at": self.started_at.isoformat(),
            "heartbeat_at": self.heartbeat_at.isoformat(),
            "beats": self.beats,
        }


class Wave:
    """One wave of a run, held by the driver that started it. Use `start_wave`."""

    def __init__(self, run: Run, number: int, driver_id: str, started_at: datetime, clock: Clock) -> None:
        self.run = run
        self.number = number
        self.driver_id = driver_id
        self.clock = clock
        self._started_at = started_at
        self._beats = 0
        self._beating = threading.Lock()

    def heartbeat(self) -> None:
        """Say that this driver is alive. Only the driver that started a wave writes its file again."""
        with self._beating:
            self._beats += 1
            wave = WaveFile(self.number, self.driver_id, self._started_at, self.clock(), self._beats)
            write_json(self.run.store, self.run.locations.wave(self.number), wave.to_json())

    @contextmanager
    def beating(self, seconds: float = 20.0) -> Iterator[None]:
        """Send heartbeats from a thread while the block runs. A beat that fails is logged: the next may succeed."""
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(seconds):
                try:
                    self.heartbeat()
                except Exception as error:  # whatever it is: a driver that no longer beats is taken for dead
                    log.warning("heartbeat of wave %d failed: %s", self.number, error)

        thread = threading.Thread(target=beat, name=f"heartbeat-{self.run.run_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def check_not_superseded(self) -> None:
        """Raises `RunSuperseded` if a later driver has started a wave."""
        later = find_wave(self.run, self.number + 1)
        if later is not None:
            raise RunSuperseded(
                f"run {self.run.run_id}: wave {later.wave} was started by driver {later.driver_id}; "
                f"this driver of wave {self.number} stops; the same run_id again tells what became of the run"
            )

    def put_plan(self, partitions: int, records: int, plan: Mapping[str, Any]) -> Plan:
        """Create this wave's plan. Raises `RunSuperseded` if a later driver has put an empty one in its place."""
        wanted = Plan(self.number, partitions, records, dict(plan))
        if create_json(self.run.store, self.run.locations.plan(self.number), wanted.to_json()):
            return wanted
        raise RunSuperseded(
            f"run {self.run.run_id}: wave {self.number} was sealed by a later driver before it had a plan"
        )

    def seal_earlier_waves(self) -> list[Plan]:
        """Make sure that no task of an earlier wave can commit from now on; the plans of those waves, in order.

        `tasks/` is listed once. What the listing misses is no harm: a seal is a conditional create.
        """
        plans = [self._settled_plan(wave) for wave in range(1, self.number)]
        if not any(plan.partitions for plan in plans):
            return plans
        there = set(list_tasks(self.run.store, self.run.locations))
        open_tasks = [(p.wave, t) for p in plans for t in range(p.partitions) if (p.wave, t) not in there]
        with ThreadPoolExecutor(_SEAL_THREADS) as pool:
            for sealed in pool.map(self._seal, open_tasks):
                log.debug("task %s", "sealed" if sealed else "was committed in time")
        return plans

    def _seal(self, task: tuple[int, int]) -> bool:
        return seal_task(self.run.store, self.run.locations, task[0], task[1], self.run.run_id)

    def _settled_plan(self, wave: int) -> Plan:
        found = find_plan(self.run, wave)
        if found is not None:
            return found
        empty = Plan(wave, 0, 0, sealed=True)
        if create_json(self.run.store, self.run.locations.plan(wave), empty.to_json()):
            return empty
        found = find_plan(self.run, wave)
        if found is None:
            raise StoreError(f"the plan of wave {wave} existed when it was to be created, and is gone now")
        return found


def start_wave(run: Run, driver_id: str | None = None, *, clock: Clock = utc_now) -> Wave:
    """Start the run's next wave: whoever creates its file drives the run from now on."""
    driver_id = driver_id or secrets.token_hex(8)
    number = highest_wave(run) + 1
    while True:
        now = clock()
        wave = WaveFile(number, driver_id, now, now, 0)
        # A token of its own, so that two drivers given one id never take each other's wave for theirs.
        if create_json(run.store, run.locations.wave(number), {**wave.to_json(), "token": secrets.token_hex(8)}):
            return Wave(run, number, driver_id, now, clock)
        number += 1


def highest_wave(run: Run) -> int:
    """The latest wave that was started; 0 if none was."""
    number = 0
    while run.store.head(run.locations.wave(number + 1)) is not None:
        number += 1
    return number


def find_wave(run: Run, number: int) -> WaveFile | None:
    """What a wave file says, if there is one."""
    value = read_json(run.store, run.locations.wave(number))
    if value is None:
        return None
    with as_written(run.locations.wave(number)):
        started, beat = (datetime.fromisoformat(value[name]) for name in ("started_at", "heartbeat_at"))
        return typed(WaveFile(value["wave"], value["driver_id"], started, beat, value["beats"]))


def find_plan(run: Run, number: int) -> Plan | None:
    """What a wave's plan file says, if there is one."""
    value = read_json(run.store, run.locations.plan(number))
    if value is None:
        return None
    with as_written(run.locations.plan(number)):
        plan = typed(Plan(**{name: value[name] for name in Plan.__slots__ if name in value}))
        _ = counted_records(plan)
        return plan
