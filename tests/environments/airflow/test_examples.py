"""The DAGs of examples/airflow, and of the docs: each is imported, and run to its end."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import PROJECT, ROOT
from world import DagBag, Ran, run_dag, write_records

NAMES = {"nightly_invoices", "backfill_year", "retry_failures", "weekly_upkeep", "month_end_statements"}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(ROOT / "examples" / "airflow")


@pytest.fixture(scope="module")
def night(bag: DagBag) -> Ran:
    """The night's run, by spark-submit."""
    return run_dag(bag.dags["nightly_invoices"])


def test_every_dag_is_imported(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == NAMES


def test_what_the_docs_show() -> None:
    blocks = re.findall(r"```python\n# needs Airflow\n(.*?)```", (ROOT / "docs" / "airflow.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "airflow.md", "exec"), {"__name__": "docs"})


def test_a_night_by_spark(night: Ran) -> None:
    assert night.states() == {"render": "success", "verify": "success", "tell": "skipped"}
    values = night.xcom("render")
    assert values["run_id"] == "nightly_invoices--render--20261101T000000"
    assert (values["state"], values["documents"], values["failed"]) == ("committed", 7, 1)


def test_its_failures_again_by_spark(night: Ran, bag: DagBag) -> None:
    failed = night.xcom("render")["run_id"]
    ran = run_dag(bag.dags["retry_failures"], run_conf={"run_id": failed, "wait": 0})
    assert ran.states() == {"wait": "success", "retry": "success"}
    values = ran.xcom("retry")
    assert values["run_id"] == "retry_failures--retry--20261101T000000"
    assert (values["documents"], values["failed"]) == (0, 1), "just the record that failed, and it fails again"


def test_what_is_said_at_a_trigger_is_no_command(bag: DagBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dag, said = bag.dags["retry_failures"], f"'; touch {tmp_path}/ran; '"
    monkeypatch.setattr(dag.get_task("wait"), "retries", 0)  # `dag.test()` would wait for the next try
    ran = run_dag(dag, run_conf={"run_id": said, "wait": f"0; touch {tmp_path}/ran"})
    assert "success" not in ran.states().values()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["triggering_asset_events", "triggering_dataset_events"])
def test_the_run_that_an_event_tells_of(name: str, bag: DagBag) -> None:
    """As Airflow 3 and 2 call them."""
    dag = bag.dags["retry_failures"]
    told = {"s3://lake/manifest": [SimpleNamespace(extra={"run_id": one}) for one in ("r1", "retry_failures--1")]}
    template = dag.get_template_env().from_string(dag.get_task("retry").retry_of)
    assert template.render({name: told, "params": {"run_id": ""}}) == "r1"


def test_month_end_waits_for_the_night(night: Ran, bag: DagBag, cloud: Any) -> None:
    """Of eight statements one fails, and `max_failed` is 0: what would follow is skipped."""
    ran = run_dag(bag.dags["month_end_statements"])
    assert ran.states() == {"invoices": "success", "statements": "skipped"}
    assert ran.xcom("invoices")["run_id"] == night.xcom("render")["run_id"]
    assert (ran.xcom("statements")["documents"], ran.xcom("statements")["failed"]) == (7, 1)
    (asked,) = cloud.asked("run-now")
    assert set(asked["job_parameters"]) == {"config", "run_id", "result"}


def test_a_year_month_by_month(bag: DagBag, cloud: Any) -> None:
    """Of the twelve months two: the others would tell nothing else."""
    months = bag.dags["backfill_year"].get_task("render_month").expand_input.value
    assert [one["run_id"][:18] for one in months] == [f"statements-2025-{month:02d}" for month in range(1, 13)]
    del months[2:]
    for month in (1, 2):
        records = PROJECT / "lake" / "statements" / f"month=2025-{month:02d}" / "records.parquet"
        write_records(records, month, broken=())
    ran = run_dag(bag.dags["backfill_year"])
    assert ran.states() == {"render_month[0]": "success", "render_month[1]": "success"}
    values = [ran.xcom("render_month", map_index=index) for index in (0, 1)]
    assert [one["run_id"] for one in values] == ["statements-2025-01-v1", "statements-2025-02-v1"]
    assert [one["documents"] for one in values] == [1, 2]


def test_upkeep(night: Ran, bag: DagBag) -> None:
    assert run_dag(bag.dags["weekly_upkeep"]).states() == {"verify": "success", "vacuum": "success"}
