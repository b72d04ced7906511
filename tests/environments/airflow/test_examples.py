"""The DAGs of examples/airflow: each is imported, and run to its end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from conftest import ROOT

NAMES = {"nightly_invoices", "backfill_year", "retry_failures", "weekly_upkeep", "month_end_statements"}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(ROOT / "examples" / "airflow")


def test_every_dag_is_imported(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == NAMES


def test_what_the_docs_show() -> None:
    blocks = re.findall(r"```python\n# needs Airflow\n(.*?)```", (ROOT / "docs" / "airflow.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "airflow.md", "exec"), {"__name__": "docs"})


def test_a_night_by_spark(bag: DagBag, run_dag: Any) -> None:
    ran = run_dag(bag.dags["nightly_invoices"])
    assert ran.states() == {"render": "success", "verify": "success", "tell": "skipped"}
    values = ran.xcom("render")
    assert values["run_id"] == "nightly_invoices--render--20261101T000000"
    assert (values["state"], values["documents"], values["failed"]) == ("committed", 7, 1)
