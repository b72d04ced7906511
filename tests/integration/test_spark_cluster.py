"""A real standalone cluster whose workers have nothing of ours: submitted to, and killed at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from spark_pdf.config import Config, load_config
from spark_pdf.manifest.table import open_table
from spark_pdf.store.documents import read_document
from spark_pdf.submit.archive import build_archive, build_folder
from spark_pdf.submit.here import own_target
from tests.spark_fixtures import LOOPBACK, Cluster, Java

pytestmark = [pytest.mark.spark, pytest.mark.cluster]

ROOT = Path(__file__).parents[2]
RECORDS = 2000

# A loop makes each document cost some milliseconds, so that there is a middle of the run to kill something in.
TEMPLATE = """<!DOCTYPE html><html><body><h1>{{ name }}</h1>
<table>{% for i in range(60) %}<tr><td>{{ i }}</td><td>{{ name }}</td></tr>{% endfor %}</table></body></html>"""


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A config over 2,000 records, output on the disk that all of the cluster share."""
    table = pa.table({"id": list(range(RECORDS)), "name": [f"Ann {i}" for i in range(RECORDS)]})
    pq.write_table(table, tmp_path / "records.parquet")
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE)
    config = {
        "name": "letters",
        "source": {"format": "parquet", "path": str(tmp_path / "records.parquet")},
        "template": str(tmp_path / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": str(tmp_path / "out")},
        "tasks": {"documents": 100},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def submit(java: Java, cluster: Cluster, config_file: Path, log: Path) -> subprocess.Popen[str]:
    """`spark-submit.sh`, as a user types it. Neither the workers nor spark-submit see this test's environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK", "PYTHON"))}
    if java.home:
        environment["JAVA_HOME"] = str(java.home)
    base = Path(sys.base_prefix) / "bin" / "python3"
    command = [str(ROOT / "spark-submit.sh"), "--master", cluster.master, "--conf", f"spark.driver.host={LOOPBACK}"]
    command += ["--driver-memory", "1g", "--executor-memory", "1g", "--", str(config_file)]
    with log.open("w") as err:
        return subprocess.Popen(
            [*command, "--run-id", "run-1", "--output", "json"],
            env=environment | {"SPARK_LOCAL_IP": LOOPBACK, "PYTHON": str(base), "SPARK_HOME": str(java.spark_home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        )


def finish(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    """What the run printed."""
    out, _ = process.communicate(timeout=500)
    assert process.returncode == 0, log.read_text()[-4000:]
    result: dict[str, Any] = json.loads(out.splitlines()[-1])  # spark-submit puts progress and result on one stream
    return result


def check(config: Config) -> None:
    """Every record once, every document where the manifest says."""
    rows = [row for batch in open_table(config).scan() for row in batch.to_pylist()]
    assert sorted(int(row["document_id"]) for row in rows) == list(range(RECORDS))
    assert {row["status"] for row in rows} == {"document"}
    for row in rows[:: RECORDS // 50]:
        assert read_document(row["uri"], row["offset"], row["length"]).startswith(b"%PDF-")


def tasks(config_file: Path) -> Iterator[Path]:
    return (config_file.parent / "out/_runs/run-1/tasks").glob("*.parquet")


def test_an_executor_is_killed_and_nothing_is_lost_or_doubled(
    java: Java, cluster: Cluster, config_file: Path, tmp_path: Path
) -> None:
    build_folder(own_target(["delta", "iceberg"]))  # what takes a minute is no part of what is waited for below
    build_archive(own_target())
    log = tmp_path / "submit.log"
    process = submit(java, cluster, config_file, log)
    deadline = time.monotonic() + 400
    while sum(1 for _ in tasks(config_file)) < 3:
        assert process.poll() is None, log.read_text()[-4000:]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    executors = cluster.executors()
    assert executors
    os.kill(executors[0], signal.SIGKILL)
    done = sum(1 for _ in tasks(config_file))
    assert done < RECORDS // 100, "the run was over before anything was killed"
    result = finish(process, log)
    assert (result["state"], result["documents"], result["failed"]) == ("committed", RECORDS, 0)
    config = load_config([config_file])
    check(config)
    again = finish(submit(java, cluster, config_file, log), log)
    assert (again["documents"], again["run_id"]) == (RECORDS, "run-1")
    check(config)
