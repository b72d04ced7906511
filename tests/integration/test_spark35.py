"""Spark 3.5, which EMR and Databricks still run: adapters, resume, and what it lacks; in its own environment.

The environment is looked for in `SPARK_PDF_SPARK35`, which the Makefile sets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from spark_pdf.config import load_config
from spark_pdf.manifest.table import open_table
from tests.spark_fixtures import Java

pytestmark = pytest.mark.spark

ROOT = Path(__file__).parent.parent.parent
RECORDS = 400
TEMPLATE = """<!DOCTYPE html><html><head><title>{{ id }}</title><style>@page { size: A7 }</style></head>
<body><p>{{ name.upper() }} {{ at.isoformat() }} {{ tags | join(", ") }}</p></body></html>
"""
REFUSED = """
import sys
from spark_pdf.config import parse_config
from spark_pdf.engines.spark.formats import register_format, register_functions
from spark_pdf.engines.spark.session import open_session
from spark_pdf.errors import UnsupportedError
session = open_session(parse_config({CONFIG}))
for register in (lambda: register_format(session.spark), lambda: register_functions(session.spark, {{}})):
    try:
        register()
    except UnsupportedError as error:
        print(error)
session.close()
"""


@pytest.fixture
def python() -> str:
    """The Python that has Spark 3.5."""
    folder = os.environ.get("SPARK_PDF_SPARK35")
    if not folder or not (Path(folder) / "bin" / "python").exists():
        pytest.skip("SPARK_PDF_SPARK35 names no environment: make spark35-environment")
    return str(Path(folder) / "bin" / "python")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE)
    at = pa.array([1_700_000_000_000_000 + n for n in range(RECORDS)], pa.timestamp("us", tz="UTC"))
    table = pa.table({"id": range(RECORDS), "name": ["n"] * RECORDS, "at": at, "tags": [["a", "b"]] * RECORDS})
    pq.write_table(table, tmp_path / "records.parquet")
    values = {
        "name": "older",
        "source": {"path": str(tmp_path / "records.parquet")},
        "template": str(tmp_path / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": str(tmp_path / "out")},
        "tasks": {"documents": 50},
        "spark": {"master": "local[2]", "conf": {"spark.driver.memory": "1g"}},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def start(python: str, java: Java, *arguments: str) -> subprocess.Popen[str]:
    environment = {**java.environment, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": python}
    environment.pop("SPARK_HOME")
    return subprocess.Popen(
        [python, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(python: str, java: Java, *arguments: str) -> dict[str, Any]:
    process = start(python, java, "-m", "spark_pdf.cli", "run", *arguments, "--output", "json")
    said, complaint = process.communicate(timeout=180)
    assert process.returncode == 0, complaint[-2000:]
    return dict(json.loads(said))


def content(config: Path, run_id: str) -> list[tuple[str, str]]:
    table = open_table(load_config([config]))
    rows = (row for batch in table.scan(["document_id", "content_sha256"], run_id=run_id) for row in batch.to_pylist())
    return sorted((row["document_id"], row["content_sha256"]) for row in rows)


def test_both_adapters_and_resume(python: str, java: Java, config: Path, tmp_path: Path) -> None:
    # Killed when some of its tasks are committed, then called again.
    killed = start(python, java, "-m", "spark_pdf.cli", "run", str(config), "--run-id", "arrow")
    tasks, deadline = tmp_path / "out" / "_runs" / "arrow" / "tasks", time.monotonic() + 150
    while not list(tasks.glob("*.parquet")):
        assert killed.poll() is None, killed.communicate()[1][-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    said = run(python, java, str(config), "--run-id", "arrow")
    assert (said["documents"], said["failed"]) == (RECORDS, 0)
    said = run(python, java, str(config), "--run-id", "rdd", "--set", "spark.adapter=rdd")
    assert said["documents"] == RECORDS
    assert content(config, "arrow") == content(config, "rdd")
    assert len(content(config, "arrow")) == RECORDS


def test_what_it_lacks_is_refused_by_name(python: str, java: Java, config: Path) -> None:
    values = yaml.safe_load(config.read_text())
    process = start(python, java, "-c", REFUSED.format(CONFIG=values))
    said, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint[-2000:]
    assert [line.split(" has")[0] for line in said.splitlines()] == ["Spark 3.5.9", "Spark 3.5.9"]
