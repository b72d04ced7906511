"""What the processes of a run take while it lasts: CPU seconds and resident memory by kind, every few seconds.

In: the process of a `spark-pdf run`, and perhaps an object store's server that stands apart from it. Out: `Sample`s.
The JVM and Spark's workers are nobody's waited-for children, so the kernel adds them up for no one: they are asked
while they live. Kinds of CPU:

    spark     the JVM: scans, joins, shuffles, Arrow
    render    the main threads of Python workers: records to PDF, hashes, packs, task manifests
    upload    their other threads: obstore's, which sign and send
    driver    the Python process that drives, and its children (the sample of preflight)
    store     the object store's server
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

CPU_KINDS = ("spark", "render", "upload", "driver", "store")
MEMORY_KINDS = ("spark", "workers", "worker", "driver", "store")
"""`workers` is the sum over Python workers, `worker` the largest of them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU seconds since the run began, resident MiB now, and the documents of tasks that have ended."""

    at: float
    cpu: dict[str, float]
    memory: dict[str, float]
    documents: int = 0


@dataclass
class Sampler:
    """Samples one run until it ends. `documents` is asked for each sample, so it has to be cheap."""

    root: psutil.Process
    server: psutil.Process | None = None
    documents: Callable[[], int] = lambda: 0
    samples: list[Sample] = field(default_factory=list)
    _seen: dict[tuple[int, float], dict[str, float]] = field(default_factory=dict)
    _server_before: float = 0.0

    def watch(self, alive: Callable[[], bool], every: float, deadline: float) -> None:
        """Sample until `alive` is false. Raises `TimeoutError` when `deadline` seconds have passed."""
        began = time.monotonic()
        if self.server is not None:
            self._server_before = _seconds(self.server)
        while alive():
            now = time.monotonic() - began
            if now > deadline:
                raise TimeoutError(f"the run had not ended after {deadline:.0f} seconds")
            self.samples.append(self.take(now))
            time.sleep(every)

    def take(self, at: float) -> Sample:
        """One sample. Processes that have ended count with what they had when last seen."""
        memory = dict.fromkeys(MEMORY_KINDS, 0.0)
        with contextlib.suppress(psutil.Error):
            for process in [self.root, *self.root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    self._look(process, memory)
        cpu = dict.fromkeys(CPU_KINDS, 0.0)
        for times in self._seen.values():
            for kind, seconds in times.items():
                cpu[kind] += seconds
        if self.server is not None:
            with contextlib.suppress(psutil.Error):
                cpu["store"] = _seconds(self.server) - self._server_before
                memory["store"] = _resident(self.server)
        return Sample(at, cpu, memory, self.documents())

    def _look(self, process: psutil.Process, memory: dict[str, float]) -> None:
        key = process.pid, process.create_time()
        if process.status() == psutil.STATUS_ZOMBIE and process.pid != self.root.pid:
            return  # it has no command line any more: what it was is known, and what it took has been counted
        kind = _kind(process, self.root.pid)
        resident = _resident(process)
        if kind == "workers":
            threads = {thread.id: thread.user_time + thread.system_time for thread in process.threads()}
            main = threads.get(process.pid, 0.0)
            # Threads that have ended count for the process, and are in no list: they were obstore's.
            self._seen[key] = {"render": main, "upload": max(_seconds(process) - main, 0.0)}
            memory["worker"] = max(memory["worker"], resident)
        else:
            self._seen[key] = {kind: _seconds(process)}
        memory[kind] += resident


def _kind(process: psutil.Process, root: int) -> str:
    if process.pid == root:
        return "driver"
    if process.name() == "java":
        return "spark"
    command = " ".join(process.cmdline())
    return "workers" if "pyspark" in command or "spark_pdf.engines.records.worker" in command else "driver"


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20
