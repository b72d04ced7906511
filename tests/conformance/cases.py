"""What every door has to hold: a case is a function that raises if it does not.

In: a `Call`, which knows world, door and fixtures. Each case has an output folder of its own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spark_pdf.config import Config, parse_config
from spark_pdf.manifest.verify import verify
from tests.conformance.doors import Door
from tests.conformance.world import CONTENT, FAILED, OWN, RECORDS, World, content

SECONDS = 240
"""No call may take longer."""


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Call:
    """One door in one world."""

    world: World
    door: Door
    fixtures: Mapping[str, Any]

    def place(self, case: str) -> str:
        """The output folder of a case."""
        return re.sub(r"\W+", "-", f"{self.door.name}-{case}").lower()

    def start(self, case: str, **changes: Any) -> subprocess.Popen[str]:
        """Start the door's command in a process group of its own."""
        placed = self.door.placed(self.place(case), self.fixtures)
        config = self.world.write(self.place(case), **{**self.door.changes, **placed, **changes})
        return subprocess.Popen(
            self.door.command(config, "run-1", self.fixtures),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            env=dict(os.environ),
        )

    def __call__(self, case: str, **changes: Any) -> Ended:
        """Run the door's command to its end."""
        process = self.start(case, **changes)
        try:
            out, err = process.communicate(timeout=SECONDS)
        finally:
            kill(process)
        return Ended(process.returncode, out, err)

    def config(self, case: str) -> Config:
        """The config, as those who read the manifest need it."""
        place = self.place(case)
        return parse_config(self.world.values(place, **self.door.placed(place, self.fixtures)))

    def rows(self, case: str) -> list[dict[str, Any]]:
        """What the manifest holds."""
        return content(self.config(case), self._columns)

    @property
    def expected(self) -> list[dict[str, Any]]:
        """What it has to hold."""
        return [{name: row[name] for name in self._columns} for row in self.world.expected]

    @property
    def _columns(self) -> Sequence[str]:
        return CONTENT if self.door.columns else OWN


def kill(process: subprocess.Popen[str]) -> None:
    """End a command and all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.communicate()


def same_manifest(call: Call) -> None:
    """The same content as by the local engine, all bytes by their hashes; called again, nothing is added."""
    ended = call("content")
    assert ended.code == 0, ended.err[-4000:]
    assert call.rows("content") == call.expected
    report = verify(call.config("content"), hashes="all")
    assert report.ok, report
    again = call("content")
    assert again.code == 0, again.err[-4000:]
    assert len(call.rows("content")) == RECORDS


def resumes(call: Call) -> None:
    """Killed with a part of its tasks committed, the same call again ends with the same content."""
    process = call.start("killed")
    tasks = Path(call.world.folder / call.place("killed") / "_runs")
    try:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and process.poll() is None and not list(tasks.glob("*/tasks/*.parquet")):
            time.sleep(0.02)
    finally:
        kill(process)
    committed = len(list(tasks.glob("*/tasks/*.parquet")))
    assert committed, "it ended before a task had committed"
    ended = call("killed")
    assert ended.code == 0, ended.err[-4000:]
    assert call.rows("killed") == call.expected


def too_many_failures(call: Call) -> None:
    """Over the limit of failures: exit code 3, and nothing in the manifest."""
    ended = call("failures", limits={"failed_fraction": FAILED / RECORDS / 2, "pages_per_document": 5})
    assert ended.code == 3, ended.err[-4000:]
    assert call.rows("failures") == []


def usage(call: Call) -> None:
    """A setting that there is not: exit code 2, the setting's name on stderr, and nothing is begun."""
    ended = call("usage", output={"uri": str(call.world.folder / call.place("usage")), "layuot": "packs"})
    assert ended.code == 2, ended.err[-4000:]
    assert "output.layuot" in ended.err
    assert not (call.world.folder / call.place("usage")).exists()


CASES: Mapping[str, Callable[[Call], None]] = {
    "same manifest": same_manifest,
    "resumes after a kill": resumes,
    "limits": too_many_failures,
    "usage": usage,
}
