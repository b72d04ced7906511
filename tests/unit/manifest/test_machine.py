"""Any order of drivers, attempts, zombies, crashes and clocks: each id is in the table exactly once, or not yet."""

from __future__ import annotations

import secrets
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from spark_pdf.errors import CommitError, TooManyFailures
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.waves import Wave
from spark_pdf.store import open_store
from tests.unit.manifest.conftest import Crash, FaultyStore, RunKit

IDS = [f"d{n}" for n in range(6)]
STEP = st.integers(0, 30)


class Protocol(RuleBasedStateMachine):
    """Drivers that may be any number of steps behind, and attempts that commit at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.store = FaultyStore(open_store(f"memory://{secrets.token_hex(8)}/out"))
        self.kit = RunKit(self.store, ParquetManifest(self.store.below("manifest")), IDS)
        self.waves: list[Wave] = []
        self.planned: dict[int, list[list[str]]] = {}
        self.attempts: list[Any] = []
        self.rows: list[dict[str, Any]] | None = None

    def act(self, step: Any) -> Any:
        """One step of one process, which may be told to stop, or die."""
        try:
            return step()
        except (CommitError, TooManyFailures, Crash):
            return None
        finally:
            self.store.faults = {}

    @rule()
    def start(self) -> None:
        wave = self.act(self.kit.start)
        if wave is not None:
            self.waves.append(wave)

    @precondition(lambda self: self.waves)
    @rule(which=STEP, partitions=st.integers(1, 3))
    def plan(self, which: int, partitions: int) -> None:
        wave = self.waves[which % len(self.waves)]
        if wave.number not in self.planned:
            tasks = self.act(lambda: self.kit.plan(wave, partitions))
            if tasks is not None:
                self.planned[wave.number] = tasks

    @precondition(lambda self: self.planned)
    @rule(which=STEP, partition=STEP)
    def render(self, which: int, partition: int) -> None:
        number = sorted(self.planned)[which % len(self.planned)]
        tasks = self.planned[number]
        if tasks:
            partition %= len(tasks)
            self.attempts.append(self.kit.attempt(number, partition, tasks[partition]))

    @precondition(lambda self: self.attempts)
    @rule(which=STEP)
    def commit_task(self, which: int) -> None:
        task = self.attempts.pop(which % len(self.attempts))
        self.act(lambda: self.kit.commit_task(task))

    @precondition(lambda self: self.planned)
    @rule()
    def finish_latest(self) -> None:
        number = max(self.planned)
        for partition, ids in enumerate(self.planned[number]):
            task = self.kit.attempt(number, partition, ids)
            self.act(lambda task=task: self.kit.commit_task(task))

    @precondition(lambda self: self.waves)
    @rule(which=STEP, limit=st.sampled_from([0.0, 1.0]))
    def commit(self, which: int, limit: float) -> None:
        wave = self.waves[which % len(self.waves)]
        self.act(lambda: self.kit.commit(wave, failed_fraction=limit))

    @rule(failing=st.sets(st.sampled_from(IDS)))
    def world(self, failing: set[str]) -> None:
        self.kit.failing = failing

    @rule(seconds=st.integers(-1000, 1000))
    def clock(self, seconds: int) -> None:
        self.kit.clock.turn(seconds)

    @rule(ahead=st.integers(1, 6), when=st.sampled_from(["before", "after"]))
    def crash_soon(self, ahead: int, when: str) -> None:
        self.store.faults = {self.store.requests + ahead: when}

    @invariant()
    def each_id_once_and_never_again_otherwise(self) -> None:
        rows = self.kit.rows()
        if rows:
            assert [row["document_id"] for row in rows] == IDS
            assert self.rows is None or rows == self.rows
        else:
            assert self.rows is None
        self.rows = rows or None

    def teardown(self) -> None:
        """Whatever has happened, one more driver that is left alone ends the run."""
        self.store.faults = {}
        self.kit.failing = set()
        self.kit.clock.turn(10_000)
        wave = self.kit.start()
        self.kit.render(wave)
        self.kit.commit(wave)
        assert self.kit.committed_ids() == IDS
        self.each_id_once_and_never_again_otherwise()


Protocol.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestProtocol = Protocol.TestCase
