"""Ray and Dask as they are: the manifest is the local engine's, whichever of their processes is killed meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import parse_config
from spark_pdf.engines.driver import run
from spark_pdf.manifest.table import open_table
from tests.engines_fixtures import EnginesEnvironment, Started, wait_for

RECORDS = 240
NO_SHARE = 7
POISON = 130

TEMPLATE = """
import os
import time

def draw(pdf, record):
    if record["name"] == "kill":
        os.kill(os.getpid(), 9)
    time.sleep(0.02)
    pdf.add_page()
    pdf.set_font("sans-serif", size=12)
    pdf.cell(text=f"Dear {record['name']}, {100 // record['share']}")
"""
CONTENT = ("document_id", "status", "pages", "content_sha256", "record_hash", "error_code", "error_detail", "name")
WORKERS = {"ray": "ray::_Actor", "dask": "multiprocessing.spawn"}
"""What the command lines of the processes that work have in them."""


def table() -> pa.Table:
    rows = [{"id": i, "name": f"Ann {i}", "share": 1 + i % 3} for i in range(RECORDS)]
    rows[NO_SHARE]["share"], rows[POISON]["name"] = 0, "kill"
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A config over records of which one fails and one kills."""
    folder = tmp_path_factory.mktemp("records")
    pq.write_table(table(), folder / "rows.parquet")
    (folder / "bundle").mkdir()
    (folder / "bundle" / "template.py").write_text(TEMPLATE)
    return {
        "name": "letters",
        "source": {"format": "parquet", "path": str(folder / "rows.parquet")},
        "template": str(folder / "bundle"),
        "document": {"id": "id"},
        "manifest": {"columns": ["name"]},
        "tasks": {"documents": 20},
        "limits": {"failed_fraction": 0.1},
        "local": {"processes": 2},
        "ray": {"actors": 2},
        "dask": {"workers": 2},
    }


@pytest.fixture(scope="module")
def expected(base: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the manifest holds after a run of the local engine."""
    config = {**base, "engine": "local", "output": {"uri": str(tmp_path_factory.mktemp("local"))}}
    result = run(parse_config(config), "one")
    assert (result.documents, result.failed) == (RECORDS - 2, 2)
    found = content(config)
    assert {row["document_id"]: row["error_code"] for row in found if row["status"] == "failure"} == {
        str(NO_SHARE): "template",
        str(POISON): "worker_killed",
    }
    return found


def content(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The manifest's content columns, sorted by id."""
    batches = open_table(parse_config(config)).scan()
    rows = [{name: row[name] for name in CONTENT} for batch in batches for row in batch.to_pylist()]
    return sorted(rows, key=lambda row: int(row["document_id"]))


def settings(base: dict[str, Any], engine: str, format: str, folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = {**base["manifest"], "format": format}
    if format == "iceberg":
        uris = {"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
        manifest |= {"table": "sales.manifest", "catalog": {"type": "sql", **uris}}
    return {**base, "engine": engine, "manifest": manifest, "output": {"uri": str(folder / "out")}}


def committed_tasks(config: dict[str, Any]) -> int:
    return len(list(Path(config["output"]["uri"], "_runs/one/tasks").glob("*.parquet")))


def kill_a_worker(started: Started, engine: str, config: dict[str, Any]) -> None:
    """SIGKILL a process that renders, when the first partitions have been committed and most have not."""
    wait_for(lambda: committed_tasks(config) >= 2 or started.process.poll() is not None, "the first partitions")
    victims = [one for one in started.below(WORKERS[engine]) if one.status() != psutil.STATUS_ZOMBIE]
    assert victims, [one.cmdline() for one in started.tree]
    assert committed_tasks(config) < RECORDS // base_documents(config)
    victims[0].kill()


def base_documents(config: dict[str, Any]) -> int:
    found: int = config["tasks"]["documents"]
    return found


@pytest.mark.parametrize(("engine", "format"), [("ray", "delta"), ("dask", "iceberg")])
def test_a_killed_worker_and_a_poison_record_change_nothing_in_the_manifest(
    engines: EnginesEnvironment, base: dict[str, Any], expected: Any, tmp_path: Path, engine: str, format: str
) -> None:
    config = settings(base, engine, format, tmp_path)
    started = engines.run(config, "one")
    kill_a_worker(started, engine, config)
    result = started.result()
    assert (result["state"], result["documents"], result["failed"]) == ("committed", RECORDS - 2, 2)
    assert content(config) == expected
    assert not list(Path(config["output"]["uri"], "_runs/one").rglob("records/*"))


@pytest.mark.parametrize(("engine", "format"), [("ray", "parquet"), ("dask", "delta")])
def test_a_killed_driver_is_followed_by_one_that_finishes(
    engines: EnginesEnvironment, base: dict[str, Any], expected: Any, tmp_path: Path, engine: str, format: str
) -> None:
    config = settings(base, engine, format, tmp_path)
    first = engines.run(config, "one")
    wait_for(lambda: committed_tasks(config) >= 2, "the first partitions")
    first.kill()
    assert content(config) == []
    done = committed_tasks(config)
    assert 2 <= done < RECORDS // base_documents(config)
    result = engines.run(config, "one").result()
    assert (result["documents"], result["failed"]) == (RECORDS - 2, 2)
    assert content(config) == expected
    assert not list(Path(config["output"]["uri"], "_runs/one").rglob("records/*"))


def test_a_cluster_by_its_address(
    engines: EnginesEnvironment, base: dict[str, Any], expected: Any, tmp_path: Path
) -> None:
    """A Dask scheduler and workers with several threads, started by themselves, of which one worker is killed."""
    address = tmp_path / "scheduler.json"
    loopback = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
    scheduler = ("-m", "distributed.cli.dask_scheduler", *loopback, "--port", "0", "--scheduler-file", str(address))
    engines.start(*scheduler, output=False)
    wait_for(address.exists, "the scheduler")
    workers = [
        engines.start(
            *("-m", "distributed.cli.dask_worker", "--scheduler-file", str(address), *loopback, "--nthreads", threads),
            *("--local-directory", str(tmp_path)),
            output=False,
        )
        for threads in ("1", "2")
    ]
    config = settings(base, "dask", "parquet", tmp_path)
    config["dask"] = {"address": json.loads(address.read_text())["address"], "workers": 3}
    started = engines.run(config, "one")
    wait_for(lambda: committed_tasks(config) >= 2, "the first partitions")
    for one in workers[0].below(WORKERS["dask"]):
        one.kill()
    assert started.result()["documents"] == RECORDS - 2
    assert content(config) == expected
    kept = [one.cmdline() for worker in workers for one in worker.below("spark_pdf.engines.child")]
    assert kept == [], "the workers keep nothing of a run that has ended"
