"""Ray and Dask as they are: the manifest is the local engine's, whichever of their processes is killed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import parse_config
from spark_pdf.engines.driver import run
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from tests.engines_fixtures import EnginesEnvironment, Started, wait_for
from tests.processes import has_ended
from tests.s3_fixtures import S3Server

RECORDS = 240
NO_SHARE = 7
FREE = 30
"""A process renders so many documents while the gate is shut, a partition and a half: a kill comes before the end."""
POISON = 130

TEMPLATE = """
import os
import time

drawn = []

def draw(pdf, record):
    if record["name"] == "kill":
        os.kill(os.getpid(), 9)
    drawn.append(record["name"])
    while len(drawn) > FREE and os.path.exists("GATE"):
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
    template = TEMPLATE.replace("FREE", str(FREE)).replace("GATE", str(folder / "gate"))
    (folder / "bundle" / "template.py").write_text(template)
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


@pytest.fixture
def gate(base: dict[str, Any]) -> Iterator[Path]:
    """A file that keeps a run from its end for as long as it is there: a kill comes in time on any machine."""
    path = Path(base["source"]["path"]).with_name("gate")
    path.touch()
    yield path
    path.unlink(missing_ok=True)


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


def kill_a_worker(started: Started, engine: str, config: dict[str, Any], gate: Path) -> None:
    """SIGKILL a process that renders, when the first partitions have been committed and most have not."""
    wait_for(lambda: committed_tasks(config) >= 2 or started.process.poll() is not None, "the first partitions")
    victims = [one for one in started.below(WORKERS[engine]) if not has_ended(one)]
    assert victims, [one.cmdline() for one in started.tree]
    assert committed_tasks(config) < RECORDS // base_documents(config)
    victims[0].kill()
    gate.unlink()


def base_documents(config: dict[str, Any]) -> int:
    found: int = config["tasks"]["documents"]
    return found


@pytest.mark.parametrize(("engine", "format"), [("ray", "delta"), ("dask", "iceberg")])
def test_a_killed_worker_and_a_poison_record_change_nothing_in_the_manifest(
    engines: EnginesEnvironment,
    base: dict[str, Any],
    expected: Any,
    gate: Path,
    tmp_path: Path,
    engine: str,
    format: str,
) -> None:
    config = settings(base, engine, format, tmp_path)
    started = engines.run(config, "one")
    kill_a_worker(started, engine, config, gate)
    result = started.result()
    assert (result["state"], result["documents"], result["failed"]) == ("committed", RECORDS - 2, 2)
    assert content(config) == expected
    assert not list(Path(config["output"]["uri"], "_runs/one").rglob("records/*"))


@pytest.mark.parametrize(("engine", "format"), [("ray", "parquet"), ("dask", "delta")])
def test_a_killed_driver_is_followed_by_one_that_finishes(
    engines: EnginesEnvironment,
    base: dict[str, Any],
    expected: Any,
    gate: Path,
    tmp_path: Path,
    engine: str,
    format: str,
) -> None:
    config = settings(base, engine, format, tmp_path)
    first = engines.run(config, "one")
    wait_for(lambda: committed_tasks(config) >= 2, "the first partitions")
    first.kill(gate)
    assert content(config) == []
    done = committed_tasks(config)
    assert 2 <= done < RECORDS // base_documents(config)
    result = engines.run(config, "one").result()
    assert (result["documents"], result["failed"]) == (RECORDS - 2, 2)
    assert content(config) == expected
    assert not list(Path(config["output"]["uri"], "_runs/one").rglob("records/*"))


LOOPBACK = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")


def dask_scheduler(engines: EnginesEnvironment, folder: Path) -> tuple[Started, str]:
    """A scheduler as a process of its own, and its address."""
    file = folder / f"scheduler-{len(engines.started)}.json"
    command = ("-m", "distributed.cli.dask_scheduler", *LOOPBACK, "--port", "0", "--scheduler-file", str(file))
    started = engines.start(*command, output=False)
    wait_for(file.exists, "the scheduler")
    address: str = json.loads(file.read_text())["address"]
    return started, address


def dask_worker(engines: EnginesEnvironment, folder: Path, address: str, threads: int) -> Started:
    """A worker as a process of its own."""
    command = ("-m", "distributed.cli.dask_worker", address, *LOOPBACK, "--nthreads", str(threads))
    return engines.start(*command, "--local-directory", str(folder), output=False)


def test_a_cluster_by_its_address(
    engines: EnginesEnvironment, base: dict[str, Any], expected: Any, gate: Path, tmp_path: Path
) -> None:
    """A Dask scheduler and workers with several threads, started by themselves, of which one worker is killed."""
    _, address = dask_scheduler(engines, tmp_path)
    workers = [dask_worker(engines, tmp_path, address, threads) for threads in (1, 2)]
    config = settings(base, "dask", "parquet", tmp_path)
    config["dask"] = {"address": address, "workers": 3}
    started = engines.run(config, "one")
    wait_for(lambda: committed_tasks(config) >= 2, "the first partitions")
    for one in workers[0].below(WORKERS["dask"]):
        with suppress(psutil.NoSuchProcess):
            one.kill()
    gate.unlink()
    assert started.result()["documents"] == RECORDS - 2
    assert content(config) == expected
    kept = [one.cmdline() for worker in workers for one in worker.below("spark_pdf.engines.child")]
    assert kept == [], "the workers keep nothing of a run that has ended"


def test_a_killed_scheduler_ends_the_run_and_another_one_finishes_it(
    engines: EnginesEnvironment, base: dict[str, Any], expected: Any, gate: Path, tmp_path: Path
) -> None:
    scheduler, address = dask_scheduler(engines, tmp_path)
    dask_worker(engines, tmp_path, address, 2)
    config = settings(base, "dask", "delta", tmp_path)
    config["dask"] = {"address": address, "workers": 2}
    first = engines.run(config, "one")
    wait_for(lambda: committed_tasks(config) >= 2, "the first partitions")
    scheduler.process.kill()
    assert first.process.wait(180) == 1
    said = first.log.read_text()
    assert "the scheduler was lost; the same run_id again resumes the run" in said
    assert "Traceback" not in said
    assert content(config) == []
    done = committed_tasks(config)
    assert done < RECORDS // base_documents(config)
    gate.unlink()
    _, address = dask_scheduler(engines, tmp_path)
    dask_worker(engines, tmp_path, address, 2)
    result = engines.run({**config, "dask": {"address": address, "workers": 2}}, "one").result()
    assert (result["documents"], result["failed"]) == (RECORDS - 2, 2)
    assert content(config) == expected


def test_a_killed_raylet_ends_the_run_and_another_ray_finishes_it(
    engines: EnginesEnvironment, base: dict[str, Any], expected: Any, gate: Path, tmp_path: Path
) -> None:
    config = settings(base, "ray", "parquet", tmp_path)
    first = engines.run(config, "one")
    wait_for(lambda: committed_tasks(config) >= 2, "the first partitions")
    # What it has just forked has its name and command line until its exec: it is the eldest.
    eldest_first = sorted(first.below("raylet/raylet"), key=lambda one: one.create_time())
    next(one for one in eldest_first if one.name() == "raylet").kill()
    assert first.process.wait(180) == 1
    assert "the same run_id again resumes the run" in first.log.read_text()
    assert content(config) == []
    gate.unlink()
    assert engines.run(config, "one").result()["documents"] == RECORDS - 2
    assert content(config) == expected


@pytest.mark.parametrize(("engine", "format"), [("ray", "delta"), ("dask", "parquet")])
def test_records_packs_and_manifest_on_s3(
    engines: EnginesEnvironment, base: dict[str, Any], s3_server: S3Server, s3_bucket: str, engine: str, format: str
) -> None:
    rows = table().filter(pc.field("name") != "kill").slice(0, 60)
    pq.write_table(rows, s3_server.root / s3_bucket.removeprefix("s3://") / "rows.parquet")
    config = {
        **settings(base, engine, format, Path("-")),
        "source": {"format": "parquet", "path": f"{s3_bucket}/rows.parquet"},
        "output": {"uri": f"{s3_bucket}/out", "layout": "packs"},
        "stores": {s3_bucket: s3_server.options().model_dump(mode="json", exclude_none=True)},
    }
    result = engines.run(config, "one").result()
    assert (result["documents"], result["failed"]) == (59, 1)
    assert [row["document_id"] for row in content(config)] == [str(i) for i in range(60)]
    report = verify(parse_config(config), "one", hashes="all")
    assert report.ok, report
    keys = s3_server.client().list_objects_v2(Bucket=s3_bucket.removeprefix("s3://"))["Contents"]
    assert {key["Key"].split("/")[1] for key in keys if "/" in key["Key"]} >= {"packs", "manifest", "_runs"}
