"""A real Airflow on SQLite in a folder of its own, and a project as the DAGs of examples/airflow expect it.

Airflow reads its settings when it is imported, so they are set here first. Nothing leaves the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
HOME = Path(os.environ.get("SPARK_PDF_AIRFLOW_HOME") or tempfile.mkdtemp(prefix="spark-pdf-airflow-"))
PROJECT = HOME / "project"
(HOME / "dags").mkdir(exist_ok=True)
SETTINGS = {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),  # empty: `dag.test` reads all of it each time
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
    "AIRFLOW__OPENLINEAGE__DISABLED": "True",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW_CONN_SPARK_DEFAULT": '{"conn_type": "spark", "host": "local[2]"}',
    "AIRFLOW_CONN_AWS_DEFAULT": '{"conn_type": "aws", "login": "key", "password": "secret", '
    '"extra": {"region_name": "eu-central-1"}}',
    "AIRFLOW_CONN_DATABRICKS_DEFAULT": '{"conn_type": "databricks", "host": "https://127.0.0.1:1", "password": "t"}',
    "NO_PROXY": "*",
    "SPARK_PDF_HOME": str(PROJECT),
    "SPARK_PDF_MANIFEST": (PROJECT / "out" / "invoices" / "manifest").as_uri(),
    "SPARK_PDF_LAKE": str(PROJECT / "lake"),
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
}
os.environ.update(SETTINGS)

import pytest  # noqa: E402


def migrate() -> None:
    """Make Airflow's tables, if there are none."""
    if not (HOME / "airflow.db").exists():
        airflow = Path(sys.executable).with_name("airflow")
        done = subprocess.run([airflow, "db", "migrate"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session", autouse=True)
def database() -> None:
    """Airflow's tables."""
    migrate()


@pytest.fixture(scope="session", autouse=True)
def project() -> Path:
    """What a deployment has: conf, jobs, the examples' bundles, and records of a day."""
    from world import make_project

    make_project(PROJECT, ROOT)
    return PROJECT


@pytest.fixture
def run_dag(database: None) -> Any:
    """Runs a DAG to its end, without a scheduler; what became of its tasks."""
    from world import run_dag

    return run_dag


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cloud on a loopback address, to which Airflow's connections point."""
    from cloud import Cloud, serve

    cloud = Cloud()
    end = serve(cloud)
    url = f"http://127.0.0.1:{cloud.port}"
    extra = {"region_name": "eu-central-1", "endpoint_url": url}
    aws = {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(aws))
    bricks = {"conn_type": "databricks", "host": "127.0.0.1", "port": cloud.port, "schema": "http", "password": "t"}
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", json.dumps(bricks))
    yield cloud
    end()
    assert cloud.errors == []
