"""What must not grow with the documents: listings, the driver's structures, tasks beside a costly record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.local import source as local_source
from spark_pdf.engines.local.processes import Processes
from spark_pdf.engines.planning import EVEN
from spark_pdf.engines.pool import Task
from spark_pdf.engines.records.worker import Worker
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.manifest.tasks import list_tasks, read_task_files
from spark_pdf.model import TaskSummary
from spark_pdf.store import open_store
from spark_pdf.store.local import LocalBackend
from spark_pdf.store.locations import RunLocations

TEMPLATE = """<!DOCTYPE html><title>Letter {{ id }}</title><style>@page { size: A6; margin: 10mm }
p { break-after: page }</style>{% for line in lines %}<p>{{ line }}</p>{% endfor %}"""


def config_over(folder: Path, pages: list[int], documents: int, layout: str = "packs") -> Config:
    """A config over a table whose records have so many pages each."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bundle").mkdir(exist_ok=True)
    (folder / "bundle" / "template.html").write_text(TEMPLATE)
    rows = [{"id": f"no-{n}", "lines": [f"page {p}" for p in range(count)]} for n, count in enumerate(pages)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "table.parquet")
    return parse_config(
        {
            "name": "scale",
            "engine": "local",
            "template": str(folder / "bundle"),
            "source": {"format": "parquet", "path": str(folder / "table.parquet")},
            "document": {"id": "id", "cost": "len(lines)"},
            "output": {"uri": str(folder / "out"), "layout": layout},
            "tasks": {"documents": documents},
            "local": {"processes": 2},
        }
    )


def in_this_process(job: RenderJob, plan: PartitionPlan, workers: Processes) -> Iterator[TaskSummary]:
    """Partitions where the spies are, in place of child processes."""
    worker = Worker(workers.records)
    for partition in range(plan.partitions):
        yield worker(Task(job.at(partition), plan.bounds[partition], plan.bounds[partition + 1]))


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders that were listed, of driver and workers."""
    seen: list[str] = []
    for name in ("list", "folders"):
        original = getattr(LocalBackend, name)

        def spy(self: LocalBackend, prefix: str, original: object = original) -> object:
            if prefix != "_commits":  # the Parquet table's own log: a file for each run
                seen.append(prefix)
            return original(self, prefix)  # type: ignore[operator]

        monkeypatch.setattr(LocalBackend, name, spy)
    monkeypatch.setattr(local_source, "run_partitions", in_this_process)
    return seen


@pytest.mark.parametrize("layout", ["packs", "objects"])
def test_a_run_lists_nothing(tmp_path: Path, listed: list[str], layout: str) -> None:
    config = config_over(tmp_path, [1] * 60, 20, layout)
    assert run(config, "r").documents == 60
    assert run(config, "r").already_committed
    assert listed == []


def test_a_resumed_run_lists_its_task_manifests_once(
    tmp_path: Path, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_over(tmp_path, [1] * 60, 20)

    def dies(job: RenderJob, plan: PartitionPlan, workers: Processes) -> Iterator[TaskSummary]:
        yield next(in_this_process(job, plan, workers))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(local_source, "run_partitions", dies)
        with pytest.raises(KeyboardInterrupt):
            run(config, "r")
    assert listed == []
    assert run(config, "r").documents == 60
    assert listed == ["_runs/r/tasks"]


def test_what_the_driver_is_told_does_not_grow_with_documents(tmp_path: Path, listed: list[str]) -> None:
    said = {}
    for records in (60, 600):
        config = config_over(tmp_path / str(records), [1] * records, records // 4)
        run(config, "r")
        store, locations = open_store(config.output.uri), RunLocations("r")
        files = [file for file, _ in read_task_files(store, locations, sorted(list_tasks(store, locations)))]
        plan = json.loads(store.read(locations.plan(1)))
        said[records] = len(files), len(plan["plan"]["counts"]), len(repr(files)) + len(json.dumps(plan))
    assert said[60][:2] == said[600][:2]
    assert said[600][2] < said[60][2] + 100  # a digit more in some numbers


def test_one_record_in_a_hundred_has_40_pages(tmp_path: Path) -> None:
    config = config_over(tmp_path, [40 if n % 100 == 50 else 1 for n in range(400)], 8)
    assert run(config, "r").pages == 396 + 4 * 40
    store, locations = open_store(config.output.uri), RunLocations("r")
    pages = [file.summary.pages for file, _ in read_task_files(store, locations, sorted(list_tasks(store, locations)))]
    assert len(pages) >= 10
    assert max(pages) <= EVEN * median(pages)
    assert max(pages) < 60  # a costly record drags few others along
