"""A real Airflow for tests: Python of an environment of its own (`make airflow`), SQLite, spark-submit by PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.spark_fixtures import Java

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "environments" / "airflow"
PYTHON = Path(os.environ.get("SPARK_PDF_AIRFLOW_PYTHON") or ROOT / ".venv-airflow" / "bin" / "python")
"""Another one tries another version of Airflow: docs/airflow.md says how."""


@dataclass(frozen=True)
class Airflow:
    """Where Airflow's Python is, and in which environment it has to run."""

    python: Path
    home: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """A command line that brings its environment along."""
        given = [f"{name}={value}" for name, value in self.environment.items() if os.environ.get(name) != value]
        return ["env", *given, str(self.python), *arguments]

    def run(self, arguments: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a module of that Python to its end; what it says is one text."""
        return subprocess.run(
            [str(self.python), *arguments],
            env=self.environment,
            cwd=ROOT,
            timeout=seconds,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture(scope="session")
def airflow(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow, whose spark-submit is that of the main environment."""
    if not PYTHON.exists():
        pytest.fail("there is no .venv-airflow: make airflow")
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **java.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SPARK_PDF_AIRFLOW_HOME": str(home),
    }
    return Airflow(PYTHON, home, environment)
