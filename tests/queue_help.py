"""A service on a real broker: a bundle that can do harm, a config, and commands to start and to kill."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import yaml

from spark_pdf.config import Config, load_config
from spark_pdf.engines.celery.client import QueueClient
from spark_pdf.manifest.table import open_table
from tests.processes import destroy
from tests.rabbit_fixtures import BROKER_VARIABLE

ROOT = Path(__file__).parent.parent

HARM = """
import os, signal, time

def draw(pdf, record):
    pdf.add_page()
    pdf.set_font("DejaVu Sans", size=12)
    pdf.cell(text=record["text"])
    if record.get("begun"):
        with open(record["begun"], "a") as file:
            print("begun", file=file)
    deadline = time.monotonic() + record.get("seconds", 0)
    while time.monotonic() < deadline and not os.path.exists(record.get("until", "/nowhere")):
        time.sleep(0.01)
    if record.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if record.get("fail"):
        raise ValueError("no data here: " + record["text"])
"""


_SERVED = re.compile(r"http://127\.0\.0\.1:(\d+)\s")  # with what ends the number: a log may be read while it is written


class Service:
    """One service: its config in a folder, and what was started for it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder, self.file = folder, folder / "config.yaml"
        bundle = folder / "bundle"
        bundle.mkdir()
        (bundle / "template.py").write_text(HARM)
        values: dict[str, Any] = {
            "name": f"t{os.urandom(4).hex()}", "template": str(bundle), "document": {"id": "id"},
            "output": {"uri": str(folder / "out"), "layout": "objects"}, "preflight": {"records": 0},
            "queue": {
                "broker": f"env:{BROKER_VARIABLE}", "batch_seconds": 0.5, "processes": 2, "pause_seconds": 0.5,
                **changes.pop("queue", {}),
            },
            **changes,
        }  # fmt: skip
        self.file.write_text(yaml.safe_dump(values))
        self.config: Config = load_config([self.file])
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """`spark-pdf COMMAND config.yaml`, with its output in a log."""
        log = open(self.folder / f"{len(self._started)}-{command[-1]}.log", "wb")  # noqa: SIM115
        line = [sys.executable, "-m", "spark_pdf.cli", *command[:2], str(self.file), *command[2:]]
        process = subprocess.Popen(line, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        self._started.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """A worker, and its pool."""
        return self.start("queue", "worker")

    def compactor(self) -> subprocess.Popen[bytes]:
        """A compactor."""
        return self.start("queue", "compact")

    def serve(self) -> tuple[subprocess.Popen[bytes], int]:
        """The HTTP door, when it listens, and its port."""
        process = self.start("serve")
        wait_for(lambda: _SERVED.search(self.log_of(process)) is not None, 60, self.logs)
        found = _SERVED.search(self.log_of(process))
        assert found is not None
        return process, int(found[1])

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """What a process has printed so far."""
        (path,) = self.folder.glob(f"{self._started.index(process)}-*.log")
        return path.read_text(errors="replace")

    def logs(self) -> str:
        """All that was printed."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def rows(self) -> list[dict[str, Any]]:
        """The manifest."""
        return [row for batch in open_table(self.config).scan() for row in batch.to_pylist()]

    def settle(self, count: int, seconds: float = 90) -> list[dict[str, Any]]:
        """Wait for so many rows, a little longer for any that are too many; each id has one."""
        wait_for(lambda: len(self.rows()) >= count, seconds, self.logs)
        time.sleep(1.2)
        rows = self.rows()
        assert len(rows) == count, Counter(row["document_id"] for row in rows).most_common(3)
        assert len({(row["document_id"]) for row in rows}) == count
        return rows

    def client(self) -> QueueClient:
        """A client."""
        return QueueClient(self.config)

    def end(self) -> None:
        """End what was started: first as a user would."""
        for process in self._started:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                kill_tree(process)


@contextmanager
def service(folder: Path, **changes: Any) -> Iterator[Service]:
    """A service whose processes end with the block."""
    made = Service(folder, **changes)
    try:
        yield made
    finally:
        made.end()


def pool_of(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes that render."""
    with suppress(psutil.Error):
        return psutil.Process(worker.pid).children()
    return []


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """`kill -9` of a process and all below it, as when a machine is lost."""
    with suppress(psutil.Error):
        destroy(psutil.Process(process.pid))
    process.wait(20)


def wait_for(holds: Callable[[], bool], seconds: float, explain: Callable[[], str] = str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, explain()[-4000:]
        time.sleep(0.1)
