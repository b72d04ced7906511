"""Waiting for a committed run: the sensor, the trigger, and what deferring means where a platform does not wait."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow import DAG
from world import one_task, write_config

from spark_pdf.airflow import triggers
from spark_pdf.airflow.compat import AirflowFailException, TaskDeferred
from spark_pdf.airflow.lineage import inputs_of
from spark_pdf.airflow.operators import RenderDocumentsOperator
from spark_pdf.airflow.runs import committed_run
from spark_pdf.airflow.sensors import CommittedRunSensor
from spark_pdf.airflow.triggers import CommittedRunTrigger, dumped
from spark_pdf.config import load_config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.errors import StoreError

DATE = datetime(2026, 11, 1, tzinfo=timezone.utc)
LATER = [
    "/bin/sh",
    "-c",
    f'(sleep 2; exec {sys.executable} -m spark_pdf.cli "$@") >/dev/null 2>&1 &',
    "sh",
]
"""What spark-submit does that does not wait: it starts a driver and ends."""


@pytest.mark.parametrize(("limit", "state"), [(0.5, "success"), (0.01, "skipped")])
def test_a_driver_that_nobody_waits_for(limit: float, state: str, tmp_path: Path, run_dag: Any) -> None:
    dag = one_task(
        f"left_alone_{state}",
        config=str(write_config(tmp_path, "letters")),
        sets={"limits.failed_fraction": limit},
        platform_args={"executable": LATER},
        deferrable=True,
        poll_interval=0.2,
        on_failures="skip",
    )
    ran = run_dag(dag)
    assert ran.states() == {"render": state}
    assert (ran.xcom("render")["failed"], ran.xcom("render").get("exit_code")) == (1, None if limit == 0.5 else 3)


def test_a_driver_that_was_killed_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """It leaves neither a run nor a result; the try that follows resumes."""
    config = str(write_config(tmp_path, "letters"))
    ti = SimpleNamespace(dag_id="d", task_id="render", map_index=-1, xcom_push=lambda **_: None)
    for limit, timeout in ((None, timedelta(days=1)), (timedelta(hours=2), timedelta(hours=2))):
        args = {"executable": ["/bin/true"]}
        task = RenderDocumentsOperator(
            task_id="render", config=config, platform_args=args, deferrable=True, execution_timeout=limit
        )
        with pytest.raises(TaskDeferred) as deferred:
            task.execute({"ti": ti, "run_id": "r", "logical_date": DATE})
        assert deferred.value.timeout == timeout


def test_the_sensor_waits_for_another_dags_run(tmp_path: Path, run_dag: Any) -> None:
    path = write_config(tmp_path, "letters")
    config = load_config([path])
    with DAG("waits", schedule=None, start_date=DATE) as dag:
        for name, deferrable in (("pokes", False), ("defers", True)):
            CommittedRunSensor(
                task_id=name,
                config=str(path),
                external_dag_id="other",
                external_task_id="render",
                deferrable=deferrable,
                poke_interval=1,
                timeout=30,
            )
    sensor: Any = dag.get_task("defers")
    context = {"logical_date": DATE}
    assert not sensor.poke(context).is_done
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    assert deferred.value.method_name == "execute_complete"
    kind, values = deferred.value.trigger.serialize()
    assert kind == "spark_pdf.airflow.triggers.CommittedRunTrigger"
    assert values["run_id"] == "other--render--20261101T000000"
    run(config, "other--render--20261101T000000")
    assert events(CommittedRunTrigger(**values)) == [{"run_id": values["run_id"], "state": "committed"}]
    assert sensor.execute_complete(context) == committed_run(config, values["run_id"])
    ran = run_dag(dag)
    assert ran.states() == {"pokes": "success", "defers": "success"}
    assert ran.xcom("pokes")["documents"] == 7
    with pytest.raises(AirflowFailException, match="no logical date"):
        sensor.poke({})


def events(trigger: CommittedRunTrigger) -> list[Any]:
    async def collect() -> list[Any]:
        return [event.payload async for event in trigger.run()]

    return asyncio.run(asyncio.wait_for(collect(), 20))


@pytest.mark.parametrize(("failures", "event"), [(9, {"state": "committed"}), (10, {"state": "lost", "message": "no"})])
def test_a_store_that_is_out_of_reach(
    failures: int, event: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config([write_config(tmp_path, "letters")])
    answers = iter([StoreError("no")] * failures + [{"state": "committed"}])

    def look(*_: object) -> Any:
        answer = next(answers)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    monkeypatch.setattr(triggers, "_look", look)
    assert events(CommittedRunTrigger(dumped(config), "r1", 0.01)) == [{"run_id": "r1", **event}]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("jdbc:postgresql://db:5432/shop?user=app&password=S3CRET", ("postgresql://db:5432", "shop")),
        (
            "jdbc:sqlserver://db.example.com:1433;databaseName=x;password=S3CRET",
            ("sqlserver://db.example.com:1433", ""),
        ),
        ("jdbc:sqlserver://db\\one;user=app;password=S3CRET", ("sqlserver://", "")),
        ("jdbc:oracle:thin:app/S3@CRET@//db:1521/orcl", ("oracle://db:1521", "orcl")),
        ("jdbc:oracle:thin:app/S3CRET@db:1521:orcl", ("oracle://db:1521", "orcl")),
        ("jdbc:mysql://app:S3CRET@db/shop", ("mysql://db", "shop")),
        ("jdbc:mysql://app:S3/CRET@db/shop", ("mysql://", "")),
    ],
)
def test_no_password_of_a_database_is_in_the_lineage(url: str, named: tuple[str, str], tmp_path: Path) -> None:
    view = {"format": "jdbc", "options": {"url": url, "dbtable": "orders"}}
    config = parse_config(
        {"name": "n", "source": view, "template": "t", "document": {"id": "id"}, "output": {"uri": str(tmp_path)}}
    )
    assert inputs_of(config) == [(named[0], f"{named[1]}.orders".lstrip("."))]


def test_lineage(tmp_path: Path) -> None:
    path = write_config(tmp_path, "letters")
    run(load_config([path]), "r1")
    task = RenderDocumentsOperator(task_id="render", config=str(path))
    values = committed_run(load_config([path]), "r1")
    ti = SimpleNamespace(xcom_pull=lambda **_: values, map_index=-1)
    found = task.get_openlineage_facets_on_complete(ti)
    assert [(one.namespace, one.name) for one in found.inputs] == [("file", str(tmp_path / "records.parquet"))]
    manifest, documents = found.outputs
    assert (manifest.namespace, manifest.name) == ("file", str(tmp_path / "out" / "letters" / "manifest"))
    assert manifest.outputFacets["outputStatistics"].rowCount == 8
    figures = documents.outputFacets["outputStatistics"]
    assert values is not None
    assert (figures.rowCount, figures.size) == (7, values["bytes"])
    failed = task.get_openlineage_facets_on_failure(ti)
    assert [one.outputFacets for one in failed.outputs] == [{}, {}]
