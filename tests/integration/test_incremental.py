"""Incremental runs on the local engine: what is new is rendered, what is not is counted, whatever is killed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.local import source
from spark_pdf.engines.local.processes import Processes
from spark_pdf.engines.local.source import LocalRecordSource
from spark_pdf.engines.pool import Task
from spark_pdf.engines.records.worker import Worker
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.retry import retry
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import RunPinned
from spark_pdf.manifest.erase import erase
from spark_pdf.manifest.table import current_view, open_table
from spark_pdf.manifest.verify import verify
from spark_pdf.model import TaskSummary

TEMPLATE = """<!DOCTYPE html>
<html><head><title>Letter {{ id }}</title><style>@page { size: A6; margin: 9mm }</style></head>
<body><p>Dear {{ name }}, {{ 100 / share }}</p></body></html>
"""
SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string()), ("share", pa.int64()), ("channel", pa.string())])


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions render here: what is skipped does not depend on whose process it is, and starting one takes long."""

    def run_partitions(job: RenderJob, plan: PartitionPlan, workers: Processes) -> Iterator[TaskSummary]:
        worker = Worker(workers.records)
        for partition in range(plan.partitions):
            yield worker(Task(job.at(partition), plan.bounds[partition], plan.bounds[partition + 1]))

    monkeypatch.setattr(source, "run_partitions", run_partitions)


class World:
    """Records and a template that the test changes, and a config over them."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.rows = {i: {"id": i, "name": f"Ann {i}", "share": 1, "channel": "web"} for i in range(100, 160)}
        self.text = TEMPLATE
        self.manifest = manifest
        self._written: pa.Table | None = None

    def config(self, **changes: Any) -> Config:
        """Write records and template down; the config."""
        bundle = self.folder / "bundle"
        bundle.mkdir(exist_ok=True)
        (bundle / "template.html").write_text(self.text)
        table = pa.Table.from_pylist(list(self.rows.values()), SCHEMA)
        if table != self._written:  # a file that is written anew is another source
            pq.write_table(table, self.folder / "rows.parquet")
            self._written = table
        return parse_config(
            {
                "name": "letters",
                "engine": "local",
                "source": {"format": "parquet", "path": str(self.folder / "rows.parquet")},
                "template": str(bundle),
                "document": {"id": "id"},
                "output": {"uri": str(self.folder / "out")},
                "manifest": self.manifest,
                "local": {"processes": 1},
                "tasks": {"documents": 20},
                "limits": {"failed_fraction": 1.0},
                "preflight": {"records": 0},
                **changes,
            }
        )

    def run(self, run_id: str, mode: str = "all", **changes: Any) -> RunResult:
        return run(self.config(mode=mode, **changes), run_id)

    def ids(self, run_id: str) -> set[int]:
        """The ids of a run's rows."""
        batches = open_table(self.config()).scan(["document_id"], run_id=run_id)
        return {int(i) for batch in batches for i in batch["document_id"].to_pylist()}


def counts(result: RunResult) -> tuple[int, int, int]:
    return result.documents, result.failed, result.skipped


@pytest.fixture
def world(tmp_path: Path) -> World:
    """60 letters, a Parquet manifest."""
    return World(tmp_path, {})


@pytest.fixture(params=["parquet", "delta", "iceberg"])
def each_format(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """60 letters, each kind of manifest."""
    settings: dict[str, Any] = {"format": request.param}
    if request.param == "iceberg":
        catalog = {"type": "sql", "uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"file://{tmp_path}/lake"}
        settings |= {"table": "billing.manifest", "catalog": catalog}
    return World(tmp_path, settings)


def test_only_what_changed_is_rendered(each_format: World) -> None:
    world = each_format
    world.rows[107]["share"] = 0  # fails
    assert counts(world.run("r1", "changed")) == (59, 1, 0), "against an empty manifest everything is new"
    assert counts(world.run("r2", "changed")) == (0, 0, 60), "what failed and is the same would only fail again"
    assert counts(world.run("r2", "changed")) == (0, 0, 60), "a committed run says the same of itself"
    world.rows[103]["name"] = "Bob"
    world.rows[107]["share"] = 1
    world.rows[199] = {**world.rows[103], "id": 199}
    world.rows[105]["channel"] = "post"  # the template does not read it
    del world.rows[108]
    assert counts(world.run("r3", "changed")) == (3, 0, 57)
    assert world.ids("r3") == {103, 107, 199}
    world.text = TEMPLATE.replace("Dear", "Hello")
    assert counts(world.run("r4", "changed")) == (60, 0, 0), "a corrected template touches all"
    assert counts(world.run("r5", "changed")) == (0, 0, 60)
    for run_id in ("r1", "r2", "r3", "r4"):
        if world.ids(run_id):
            assert verify(world.config(), run_id, hashes="all").ok
    view = [i for batch in current_view(open_table(world.config()), ["run_id"]) for i in batch["run_id"].to_pylist()]
    assert {run_id: view.count(run_id) for run_id in set(view)} == {"r1": 1, "r4": 60}, "108 has left; it stays"


def test_only_what_is_missing_is_rendered(each_format: World) -> None:
    world = each_format
    world.rows[107]["share"] = 0
    assert counts(world.run("r1", limit=30)) == (29, 1, 0)
    world.rows[103]["name"] = "Bob"
    world.text = TEMPLATE.replace("Dear", "Hello")
    assert counts(world.run("r2", "missing")) == (30, 0, 30)
    assert not world.ids("r1") & world.ids("r2")
    assert counts(world.run("r3", "missing")) == (0, 0, 60)
    assert verify(world.config(), "r2", hashes="all").ok


def test_a_record_that_changes_back_is_rendered_again(world: World) -> None:
    """The latest entry counts, not whether any run ever had this content."""
    world.run("r1")
    world.rows[103]["name"] = "Bob"
    assert counts(world.run("r2", "changed")) == (1, 0, 59)
    world.rows[103]["name"] = "Ann 103"
    assert counts(world.run("r3", "changed")) == (1, 0, 59)


def test_columns_that_only_the_manifest_copies_make_nothing_new(world: World) -> None:
    world.run("r1")
    world.manifest = {"columns": ["channel"]}
    world.rows[105]["channel"] = "post"
    assert counts(world.run("r2", "changed")) == (0, 0, 60)


def interrupt(monkeypatch: pytest.MonkeyPatch, start: Callable[[], RunResult]) -> None:
    """Run until one partition has committed, then fail as a driver does that loses its power."""
    execute = LocalRecordSource.execute

    def once(self: LocalRecordSource, *args: Any) -> Iterator[TaskSummary]:
        with contextlib.closing(execute(self, *args)) as summaries:
            yield next(summaries)
        raise InterruptedError("power")

    with monkeypatch.context() as patch:
        patch.setattr(LocalRecordSource, "execute", once)
        with pytest.raises(InterruptedError):
            start()


@pytest.mark.parametrize("mode", ["changed", "missing"])
def test_a_killed_run_compares_with_what_it_began_with(world: World, monkeypatch: Any, mode: str) -> None:
    world.run("r1", limit=40)
    for i in range(100, 140, 2):
        world.rows[i]["name"] = f"Bob {i}"
    interrupt(monkeypatch, lambda: world.run("r2", mode))
    world.run("other", "changed")  # has it all, and comes between
    result = world.run("r2", mode)
    expected = set(range(140, 160)) | (set(range(100, 140, 2)) if mode == "changed" else set())
    assert world.ids("r2") == expected
    assert (result.documents, result.skipped, result.waves) == (len(expected), 60 - len(expected), 2)
    assert verify(world.config(), "r2").ok
    assert not list((world.folder / "out/_runs/r2").glob("baseline/*")), "it has done its work"


def test_a_run_is_pinned_to_its_mode(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run("r1", limit=40)
    interrupt(monkeypatch, lambda: world.run("r2", "changed"))
    with pytest.raises(RunPinned, match="config"):
        world.run("r2", "missing")
    assert world.run("r2", "changed").documents == 20


def test_a_retry_renders_failures_whatever_the_mode(world: World) -> None:
    world.rows[107]["share"] = 0
    world.run("r1", "changed")
    world.rows[107]["share"] = 1
    assert counts(retry(world.config(mode="changed"), "r1")) == (1, 0, 0)
    assert counts(world.run("r2", "changed")) == (0, 0, 60)


def test_who_was_erased_is_not_rendered_by_the_next_incremental_run(world: World) -> None:
    world.run("r1")
    config = world.config()
    erase(config, ["103"])
    world.rows[104]["name"] = "Bob"
    assert counts(world.run("r2", "changed")) == (1, 0, 59)
    world.text = TEMPLATE.replace("Dear", "Hello")
    assert counts(world.run("r3", "changed")) == (59, 0, 1)
    assert counts(world.run("r4", "missing")) == (0, 0, 60)
    assert counts(world.run("r5")) == (60, 0, 0), "mode all renders what the source has"
    assert verify(config, "r1").ok
    assert verify(config).erased == 0


def test_a_retry_says_what_changed_since(world: World) -> None:
    world.rows[107]["share"] = 0
    world.run("r1", "changed")
    assert retry(world.config(), "r1").changed == ("the config",), "mode all is another config"
    assert retry(world.config(mode="changed"), "r1").changed == ()
    world.text = TEMPLATE.replace("100 / share", "1")
    world.rows[103]["name"] = "Bob"
    result = retry(world.config(mode="changed"), "r1")
    assert result.changed is not None
    assert result.changed[0] == "the template bundle"
    assert result.changed[1].startswith("the source (1 view(s), 1 file(s), now")
    assert counts(result) == (1, 0, 0)
