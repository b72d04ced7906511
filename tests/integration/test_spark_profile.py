"""Resource profiles on a real standalone cluster: the stage that renders gets what `spark.profile` asks for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tests.spark_fixtures import LOOPBACK, Cluster, Java, standalone_cluster

pytestmark = [pytest.mark.spark, pytest.mark.cluster]

ROOT = Path(__file__).parents[2]
RECORDS = 20

# What the task has, and what the executor was started with.
TEMPLATE = """
import psutil
from pyspark import TaskContext

def draw(pdf, record):
    if TaskContext.get() is not None:  # the driver renders a few first
        java = next(one for one in psutil.Process().parents() if one.name() == "java")
        heap = next(word for word in java.cmdline() if word.startswith("-Xmx"))
        with open({seen!r}, "a") as file:
            file.write(f"{{TaskContext.get().cpus()}} {{heap}}\\n")
    pdf.add_page()
"""

DYNAMIC = {
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.minExecutors": "0",
    "spark.dynamicAllocation.maxExecutors": "1",
}


@pytest.fixture(scope="module")
def wide_cluster(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Workers with room for executors of two kinds."""
    with standalone_cluster(java, tmp_path_factory.mktemp("wide"), cores=2) as running:
        yield running


def run(java: Java, cluster: Cluster, folder: Path, profile: dict[str, Any], **settings: Any) -> tuple[int, str]:
    """Exit code and stderr of a run on the cluster, whose workers find the project where this test does."""
    (folder / "bundle").mkdir()
    (folder / "bundle" / "template.py").write_text(TEMPLATE.format(seen=str(folder / "seen")))
    pq.write_table(pa.table({"id": list(range(RECORDS))}), folder / "records.parquet")
    conf = {"spark.driver.host": LOOPBACK, "spark.executorEnv.PYTHONPATH": str(ROOT), "spark.executor.memory": "600m"}
    conf |= {"spark.executor.cores": "1", "spark.cores.max": "3", "spark.ui.enabled": "false"}
    conf |= settings.pop("conf", {})
    config = {
        "name": "letters",
        "source": {"format": "parquet", "path": str(folder / "records.parquet")},
        "template": str(folder / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": str(folder / "out")},
        "spark": {"master": cluster.master, "packages": "none", "conf": conf, "profile": profile, **settings},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [sys.executable, "-m", "spark_pdf.cli", "run", str(folder / "config.yaml"), "--run-id", "one"],
        env=java.environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("profile", "settings", "seen"),
    [
        ({"task_cpus": 2}, {"conf": {"spark.executor.cores": "2"}, "adapter": "rdd"}, "2 -Xmx600M"),
        ({"executor_memory": "700m", "executor_cores": 2, "task_cpus": 2}, {"conf": DYNAMIC}, "2 -Xmx700M"),
    ],
)
def test_the_stage_that_renders_has_what_it_asks_for(
    java: Java, wide_cluster: Cluster, tmp_path: Path, profile: dict[str, Any], settings: dict[str, Any], seen: str
) -> None:
    code, said = run(java, wide_cluster, tmp_path, profile, **settings)
    assert code == 0, said
    assert set((tmp_path / "seen").read_text().splitlines()) == {seen}


def test_executors_of_its_own_need_dynamic_allocation(java: Java, wide_cluster: Cluster, tmp_path: Path) -> None:
    code, said = run(java, wide_cluster, tmp_path, {"executor_memory": "700m"})
    assert code == 2
    assert "spark.profile cannot be had here" in said
    assert "dynamic allocation" in said
    assert not (tmp_path / "out").exists()
