"""The local engine's processes under the loop of attempts: real children that die, and children that raise."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spark_pdf.engines.local import processes
from spark_pdf.engines.pool import run_partitions
from spark_pdf.engines.records.worker import OnDisk
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import TaskConflict, WorkerError

PLAN = PartitionPlan((0, 10), (1,))


class Job(SimpleNamespace):
    """As much of a `RenderJob` as the pool looks at."""

    def at(self, partition: int, supervised: bool = False) -> tuple[int, bool]:
        return partition, supervised


def factory(records: OnDisk) -> Any:
    """A worker that fails its first attempts as the file at `path` says, and leaves a line for each."""
    path = records.path

    def handle(request: Any) -> Any:
        (_, supervised), _, _ = request
        with open(path, "a") as file:
            file.write(f"{supervised}\n")
        lines = Path(path).read_text().splitlines()
        how, times = lines[0].split()
        if len(lines) - 1 <= int(times):
            if how == "die":
                os._exit(9)
            raise {
                "memory": MemoryError(),
                "disk": OSError(errno.ENOSPC, "No space left on device"),
                "conflict": TaskConflict("no"),
            }[how]
        return "summary"

    return handle


@pytest.fixture
def attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs one partition that fails so often in this way; the supervised flags of its attempts."""
    monkeypatch.syspath_prepend(os.path.dirname(__file__))
    monkeypatch.setattr(processes, "WORKER", "test_processes:factory")
    path = tmp_path / "attempts"

    def run(how: str, times: int) -> list[str]:
        path.write_text(f"{how} {times}\n")
        workers = processes.Processes(OnDisk(str(path)), 1)
        assert list(run_partitions(Job(), PLAN, workers)) == ["summary"]  # type: ignore[arg-type]
        return path.read_text().split()[2:]

    return run


@pytest.mark.parametrize(
    ("how", "times", "flags"),
    [
        ("die", 1, ["False", "True"]),
        ("memory", 1, ["False", "True"]),
        ("disk", 2, ["False", "False", "False"]),
    ],
)
def test_the_machine_s_failures_are_tried_again(attempts: Any, how: str, times: int, flags: list[str]) -> None:
    assert attempts(how, times) == flags


@pytest.mark.parametrize(
    ("how", "message"),
    [("memory", "ran out of memory 4 times"), ("disk", "failed 4 times: OSError: No space left on device")],
)
def test_what_does_not_go_away_is_said(attempts: Any, how: str, message: str) -> None:
    with pytest.raises(WorkerError, match=message):
        attempts(how, 9)


def test_a_conflict_is_not_tried_again(attempts: Any) -> None:
    with pytest.raises(TaskConflict):
        attempts("conflict", 1)
