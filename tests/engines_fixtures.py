"""Ray and Dask for tests: an environment of their own, runs of the command line in it, and clusters on loopback.

The environment is looked for in `SPARK_PDF_ENGINES` (set by the Makefile), and in ~/.cache/spark-pdf; tests marked
`engines` are skipped where it is not, unless the variable names it. Ray alone listens on all addresses, whatever it is
told; its calls ask for a token.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import filterfalse
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.processes import has_ended

ROOT = Path(__file__).parent.parent


@dataclass
class Started:
    """A process that a test has started, with all below it."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def tree(self) -> list[psutil.Process]:
        """The processes below it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def below(self, words: str) -> list[psutil.Process]:
        """Those of them whose command line has these words."""
        found = []
        for one in self.tree:
            with contextlib.suppress(psutil.Error):
                if words in " ".join(one.cmdline()):
                    found.append(one)
        return found

    def result(self, seconds: float = 240) -> dict[str, Any]:
        """What `run --output json` prints; fails with its log."""
        code = self.process.wait(seconds)
        assert code == 0, self.log.read_text()
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.read())
        return found

    def kill(self, gate: Path | None = None) -> None:
        """SIGKILL it, then take away the gate that holds those below it; they end by themselves."""
        tree = self.tree
        self.process.kill()
        if gate is not None:
            gate.unlink()
        self.process.wait(30)
        # Two of Ray's agents look for their raylet by the process that has started them, and outlive it here.
        agents = [one for one in tree if not has_ended(one) and _program(one).endswith("Agent")]
        others = [one for one in tree if one not in agents]
        wait_for(lambda: all(map(has_ended, others)), f"the end of {[one.pid for one in others]}", 180)
        for one in agents:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


def _program(process: psutil.Process) -> str:
    """The first word of its command line; none of a process that is ending."""
    with contextlib.suppress(psutil.Error):
        return next(iter(process.cmdline()), "")
    return ""


@dataclass
class EnginesEnvironment:
    """A Python that has Ray and Dask."""

    python: Path
    folder: Path
    started: list[Started] = field(default_factory=list)

    def start(self, *arguments: str, output: bool = True) -> Started:
        """Start its Python."""
        log = self.folder / f"{len(self.started)}.log"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1"}
        with open(log, "w") as errors:
            process = subprocess.Popen(
                [str(self.python), *arguments],
                stdout=subprocess.PIPE if output else errors,
                stderr=errors,
                text=True,
                env=environment,
                cwd=self.folder,
            )
        self.started.append(Started(process, log))
        return self.started[-1]

    def run(self, config: dict[str, Any], run_id: str) -> Started:
        """`spark-pdf run` of a config."""
        path = self.folder / f"config-{len(self.started)}.yaml"
        path.write_text(yaml.safe_dump(config))
        return self.start("-m", "spark_pdf.cli", "run", str(path), "--run-id", run_id, "--output", "json")

    def end(self) -> None:
        """End what still runs."""
        for one in self.started:
            tree = one.tree
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    one.process.wait(20)
                one.process.kill()
            end = time.monotonic() + 10
            while not all(map(has_ended, tree)) and time.monotonic() < end:
                time.sleep(0.1)
            for below in filterfalse(has_ended, tree):
                with contextlib.suppress(psutil.NoSuchProcess):
                    below.kill()
            if one.process.stdout is not None:
                one.process.stdout.close()


def _python() -> Path:
    named = os.environ.get("SPARK_PDF_ENGINES")
    if named:
        python = Path(named) / "bin" / "python"
        assert python.exists(), f"SPARK_PDF_ENGINES names {named}, which is not there; `make engines-environment`"
        return python
    lock = (ROOT / "tests" / "environments" / "engines" / "uv.lock").read_bytes()
    digest = subprocess.run(["cksum"], input=lock, capture_output=True, check=True).stdout.split()[0].decode()
    cache = Path(os.environ.get("SPARK_PDF_CACHE", Path.home() / ".cache" / "spark-pdf"))
    python = cache / "environments" / f"engines-{digest}" / "bin" / "python"
    if not python.exists():
        pytest.skip("Ray and Dask are not installed; `make engines-environment` does")
    return python


@pytest.fixture(scope="session")
def engines_python() -> Path:
    """A Python that has Ray and Dask, and finds spark_pdf by PYTHONPATH."""
    return _python()


@pytest.fixture
def engines(engines_python: Path, tmp_path: Path) -> Iterator[EnginesEnvironment]:
    """Ray and Dask, and whatever a test has started with them ended after it."""
    folder = tmp_path / "engines"
    folder.mkdir()
    environment = EnginesEnvironment(engines_python, folder)
    try:
        yield environment
    finally:
        environment.end()


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    """What a condition says when it is no longer false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} seconds for {what}")
