"""The operator on a real Airflow, with the platform of a plain command: run ids, counts, failures, branches, assets."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from airflow import DAG
from airflow.providers.standard.operators.empty import EmptyOperator
from world import one_task, write_config, write_records

from spark_pdf.airflow.assets import ALIAS
from spark_pdf.airflow.links import RunReportLink
from spark_pdf.airflow.operators import RenderDocumentsOperator
from spark_pdf.config import load_config
from spark_pdf.manifest.table import open_table, runs

DATE = datetime(2026, 11, 1, tzinfo=timezone.utc)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, "letters")


def committed(config: Path) -> list[str]:
    return [run_id for _, run_id in runs(open_table(load_config([config])))]


def test_a_run_and_what_xcom_says(config: Path, run_dag: Any) -> None:
    ran = run_dag(one_task("plain", config=str(config), report_url="https://reports.example/{run_id}"))
    assert ran.states() == {"render": "success"}
    values = ran.xcom("render")
    assert values["run_id"] == "plain--render--20261101T000000"
    assert (values["documents"], values["failed"], values["failures_by_code"]) == (7, 1, {"template": 1})
    assert values["manifest"] == (config.parent / "out" / "letters" / "manifest").as_uri()
    assert values["pages"] == 7
    assert committed(config) == [values["run_id"]]
    assert not list((config.parent / "out").rglob("result-*.json")), "it is read, and taken away"
    shown, ti = RunReportLink(), ran.run.get_task_instance("render")
    key = getattr(shown, "xcom_key", None)  # Airflow 2 asks the link itself when a page is shown
    link = ran.xcom("render", key) if key else shown.get_link(ti.task, ti_key=ti.key)
    assert link == f"https://reports.example/{values['run_id']}"


def test_another_try_of_a_dag_run_adds_nothing(config: Path, run_dag: Any) -> None:
    first = run_dag(one_task("again", config=str(config))).xcom("render")
    ran = run_dag(one_task("again", config=str(config)))
    assert ran.xcom("render") == first
    assert committed(config) == ["again--render--20261101T000000"]


def test_a_retry_of_no_run_renders_nothing(config: Path, run_dag: Any) -> None:
    """A template that came to nothing must not make every document a second time."""
    ran = run_dag(one_task("nothing", config=str(config), retry_of="{{ '' }}"))
    assert ran.states() == {"render": "skipped"}
    assert committed(config) == []


def test_a_try_after_a_crash_resumes(config: Path, run_dag: Any) -> None:
    """The first dies before it commits; what it rendered is not rendered again."""
    write_records(config.parent / "records.parquet", 60)
    dying = {"executable": ["/bin/sh", "-c", DIES_BEFORE_COMMIT, "sh"]}
    sets = {"tasks.documents": 10}
    ran = run_dag(one_task("resumed", config=str(config), sets=sets, platform_args=dying))
    assert ran.states() == {"render": "failed"}
    assert committed(config) == []
    run = config.parent / "out" / "letters" / "_runs" / "resumed--render--20261101T000000"
    tasks = {path.name: path.stat().st_mtime_ns for path in (run / "tasks").iterdir()}
    assert tasks
    ran = run_dag(one_task("resumed", config=str(config), sets=sets))
    assert (ran.states(), ran.xcom("render")["documents"]) == ({"render": "success"}, 59)
    assert (run / "waves" / "2.json").exists()
    assert {path.name: path.stat().st_mtime_ns for path in (run / "tasks").glob("1-*")} == tasks


DIES_BEFORE_COMMIT = f"""exec {__import__("sys").executable} -c '
import os, sys
from spark_pdf.engines import driver
driver.commit_job = lambda *a, **k: os._exit(137)
from spark_pdf.cli.__main__ import main
main()' "$@" """


@pytest.mark.parametrize(
    ("on_failures", "limit", "states"),
    [
        ("fail", "config", {"render": "failed", "good": "upstream_failed", "bad": "upstream_failed"}),
        ("skip", "max_failed", {"render": "skipped", "good": "skipped", "bad": "skipped"}),
        ("branch", "config", {"render": "success", "good": "skipped", "bad": "success"}),
        ("branch", "max_failed", {"render": "success", "good": "skipped", "bad": "success"}),
    ],
)
def test_too_many_failures(on_failures: str, limit: str, states: dict[str, str], config: Path, run_dag: Any) -> None:
    """By the config's limit, over which nothing is committed; by the DAG's own, after the commit."""
    with DAG(f"too_many_{on_failures}_{limit}", schedule=None, start_date=DATE) as dag:
        render = RenderDocumentsOperator(
            task_id="render",
            config=str(config),
            sets={"limits.failed_fraction": 0.01} if limit == "config" else None,
            max_failed=0 if limit == "max_failed" else None,
            on_failures=on_failures,
            failure_task_ids="bad" if on_failures == "branch" else (),
            retries=3,
        )
        render >> [EmptyOperator(task_id="good"), EmptyOperator(task_id="bad")]
    ran = run_dag(dag)
    assert ran.states() == states
    values = ran.xcom("render")
    assert (values["failed"], values["failures_by_code"]) == (1, {"template": 1})
    assert len(committed(config)) == (1 if limit == "max_failed" else 0)


def test_the_other_branch_where_all_is_well(config: Path, run_dag: Any) -> None:
    with DAG("well", schedule=None, start_date=DATE) as dag:
        render = RenderDocumentsOperator(
            task_id="render", config=str(config), on_failures="branch", failure_task_ids=["bad"]
        )
        render >> [EmptyOperator(task_id="good"), EmptyOperator(task_id="bad")]
    ran = run_dag(dag)
    assert ran.states() == {"render": "success", "good": "success", "bad": "skipped"}
    assert ran.xcom("render")["state"] == "committed"


def test_the_manifest_is_an_asset(config: Path, run_dag: Any) -> None:
    try:
        from airflow.models.asset import AssetEvent, AssetModel

        asset_id = AssetEvent.asset_id
    except ImportError:  # Airflow 2
        from airflow.models.dataset import DatasetEvent as AssetEvent
        from airflow.models.dataset import DatasetModel as AssetModel

        asset_id = AssetEvent.dataset_id
    from airflow.utils.session import create_session
    from sqlalchemy import select

    values = run_dag(one_task("asset", config=str(config))).xcom("render")
    with create_session() as session:
        query = select(AssetEvent, AssetModel.uri).join(AssetModel, AssetModel.id == asset_id)
        found = [(event, uri) for event, uri in session.execute(query) if event.source_dag_id == "asset"]
        ((event, uri),) = found
        assert uri == values["manifest"]
        assert event.extra["run_id"] == values["run_id"]
        assert (event.extra["documents"], event.extra["failed"]) == (7, 1)
        assert [alias.name for alias in event.source_aliases] == [ALIAS]
