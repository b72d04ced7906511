"""The world of chaos trials: a real standalone cluster, a real S3 server behind a proxy, drivers that can be killed.

Everything listens on loopback. Only processes that were started here are killed, by their ids; whatever waits, waits
for a bounded time.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.s3_fixtures import FaultProxy, S3Process, running_s3
from tests.spark_fixtures import Cluster, Java, find_java, standalone_cluster

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
"""Seconds that anything may take. What takes longer hangs, and fails its trial."""


class Driver:
    """A driver process, and its answers."""

    def __init__(self, java: Java, master: str, log: Path) -> None:
        with log.open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.driver", master],
                cwd=ROOT,
                env={**java.environment, "PYTHONPATH": str(ROOT)} | _secrets(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
                start_new_session=True,
            )
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        ready = self.answer()
        assert ready is not None, f"the driver did not start: {log}"
        self.application: str = ready["ready"]

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as answers:
            for line in answers:
                with suppress(json.JSONDecodeError):  # Spark's own words
                    self._answers.put(json.loads(line))
        self._answers.put(None)

    def submit(self, config: Path, run_id: str, seam: str | None = None) -> None:
        """Order a run; `answer` waits for what becomes of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"config": str(config), "run_id": run_id, "seam": seam}) + "\n")
        self.process.stdin.flush()

    def answered(self) -> bool:
        """Whether `answer` would return at once."""
        return not self._answers.empty()

    def answer(self) -> dict[str, Any] | None:
        """The next answer; None if the driver died. Raises `queue.Empty` after `PATIENCE`."""
        return self._answers.get(timeout=PATIENCE)

    def kill(self) -> None:
        """`kill -9` to the driver and its JVM, as a machine that goes away does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()


def _secrets() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("SPARK_PDF_TEST_")}


@dataclass
class World:
    """What trials share."""

    folder: Path
    java: Java
    cluster: Cluster
    s3: S3Process
    proxy: FaultProxy
    _drivers: list[Driver] = field(default_factory=list)

    def driver(self, number: int = 0) -> Driver:
        """A driver that lives; started if there is none."""
        while len(self._drivers) <= number:
            self._drivers.append(Driver(self.java, self.cluster.master, self.folder / "drivers.log"))
        if self._drivers[number].process.poll() is not None:
            self._drivers[number] = Driver(self.java, self.cluster.master, self.folder / "drivers.log")
        return self._drivers[number]

    def executors(self) -> list[psutil.Process]:
        """Executors of all drivers, oldest first."""
        found = []
        for pid in self.cluster.executors():
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(pid))
        return sorted(found, key=lambda process: process.create_time())

    def python_workers(self) -> list[psutil.Process]:
        """Python processes below executors that render, not the daemons that fork them."""
        found = []
        for executor in self.executors():
            with suppress(psutil.NoSuchProcess):
                children = executor.children(recursive=True)
                found += [child for child in children if child.children() == [] and child.parent() != executor]
        return found

    def close(self) -> None:
        """End the drivers."""
        for driver in self._drivers:
            driver.kill()


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Poll; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """Start everything, and end it."""
    java = find_java()
    with ExitStack() as stack:
        (folder / "s3").mkdir()
        (folder / "cluster").mkdir()
        s3 = stack.enter_context(running_s3(folder / "s3"))
        proxy = FaultProxy(s3.server)
        stack.callback(proxy.close)
        cluster = stack.enter_context(standalone_cluster(java, folder / "cluster", cores=2))
        world = World(folder, java, cluster, s3, proxy)
        stack.callback(world.close)
        yield world
