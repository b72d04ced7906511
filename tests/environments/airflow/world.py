"""What the tests share: a project folder, DAGs of one task, and how a dag run ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from airflow import DAG

try:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
except ImportError:  # Airflow 2
    import airflow.providers.fab.auth_manager.models  # noqa: F401 (dag runs name its users)
    from airflow.models.dagbag import DagBag

    DagBundlesManager = None

TEMPLATE = """<!DOCTYPE html><html><head><title>{{ name }}</title><style>@page { size: A6 }</style></head>
<body><h1>{{ name }}</h1><p>{{ 100 / share }}</p></body></html>"""


def make_project(folder: Path, root: Path) -> None:
    """conf, jobs and records below `folder`."""
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "bundle").mkdir(exist_ok=True)
    (folder / "bundle" / "template.html").write_text(TEMPLATE)
    if not (folder / "jobs").exists():
        (folder / "jobs").symlink_to(root / "jobs")
    write_records(folder / "records.parquet")
    for name, engine in (("invoices", "spark"), ("statements", "local")):
        (folder / "conf" / f"{name}.yaml").write_text(yaml.safe_dump(config(folder, name, engine=engine)))


def write_records(path: Path, count: int = 8, broken: tuple[int, ...] = (3,)) -> None:
    """Records, of which some cannot be rendered: they divide by nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"id": n, "name": f"Ann {n}", "share": 0 if n in broken else 4} for n in range(count)]
    pq.write_table(pa.Table.from_pylist(rows), path)


def config(folder: Path, name: str, **changes: Any) -> dict[str, Any]:
    """A config whose output is a folder of its own."""
    return {
        "name": name,
        "engine": "local",
        "local": {"processes": 1},
        "source": {"format": "parquet", "path": str(folder / "records.parquet")},
        "template": str(folder / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": str(folder / "out" / name)},
        "limits": {"failed_fraction": 0.5},
        "spark": {"packages": "none"},
        **changes,
    }


def write_config(folder: Path, name: str, **changes: Any) -> Path:
    """The same as a file, over records of its own."""
    write_records(folder / "records.parquet")
    (folder / "bundle").mkdir(parents=True, exist_ok=True)
    (folder / "bundle" / "template.html").write_text(TEMPLATE)
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(config(folder, name, **changes)))
    return path


@dataclass
class Ran:
    """A dag run that has ended."""

    run: Any
    dag: Any

    def states(self) -> dict[str, str]:
        """Each task's state; of mapped ones, `task[index]`."""
        return {
            ti.task_id + (f"[{ti.map_index}]" if ti.map_index >= 0 else ""): str(ti.state)
            for ti in self.run.get_task_instances()
        }

    def xcom(self, task_id: str, key: str = "return_value", map_index: int = -1) -> Any:
        """What a task has pushed."""
        ti = self.run.get_task_instance(task_id, map_index=map_index)
        return ti.xcom_pull(task_ids=task_id, key=key, map_indexes=map_index if map_index >= 0 else None)


def run_dag(dag: Any, date: datetime = datetime(2026, 11, 1, tzinfo=timezone.utc), **options: Any) -> Ran:
    """`dag.test()`, of a DAG that is in no folder of Airflow's."""
    if DagBundlesManager is None:
        dag.sync_to_db()  # its alias of datasets
        return Ran(dag.test(execution_date=date, **options), dag)
    bag = DagBag(collect_dags=False)
    bag.bag_dag(dag)
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)
    return Ran(dag.test(logical_date=date, **options), dag)


def one_task(dag_id: str, **arguments: Any) -> Any:
    """A DAG that renders, and does nothing else."""
    from spark_pdf.airflow.operators import RenderDocumentsOperator

    with DAG(dag_id, schedule=None, start_date=datetime(2026, 11, 1, tzinfo=timezone.utc)) as dag:
        RenderDocumentsOperator(task_id="render", **arguments)
    return dag
