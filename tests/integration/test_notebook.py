"""The notebook that a user imports into Databricks, cell by cell over Spark Connect, which forbids what serverless
compute forbids.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spark_pdf import Template
from spark_pdf.manifest.table import open_table

ROOT = Path(__file__).parent.parent.parent
NOTEBOOK = ROOT / "deploy" / "databricks" / "notebook.py"


class Widgets:
    """As much of dbutils.widgets as notebooks ask for; `given` are a job's parameters."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given, self._defaults = given, dict[str, str]()

    def text(self, name: str, default: str) -> None:
        self._defaults[name] = default

    def get(self, name: str) -> str:
        return self._given.get(name, self._defaults[name])


def cells() -> list[str]:
    """What is Python in the notebook, as Databricks reads its source format."""
    text = NOTEBOOK.read_text()
    assert text.startswith("# Databricks notebook source\n")
    found = re.split(r"^# COMMAND -{10}$", text, flags=re.MULTILINE)
    code = ["\n".join(line for line in cell.splitlines() if not line.startswith("# MAGIC")) for cell in found]
    return [cell for cell in code if cell.strip()]


def test_python_starts_again_over_what_was_installed() -> None:
    """Databricks goes on with the packages that it has loaded: pydantic and others of the runtime are older ones."""
    text = NOTEBOOK.read_text()
    installed, again = text.index("# MAGIC %pip install"), text.index("# MAGIC %restart_python")
    assert installed < again < text.index("from spark_pdf")
    wheel = re.findall(r"spark_pdf-([\d.]+)-py3-none-any\.whl", text)
    assert set(wheel) == {version("spark-pdf")}


def test_the_notebook_runs(
    connect: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyspark.sql.connect.session import SparkSession

    from spark_pdf.engines.spark import session

    sample = Template.load(ROOT / "examples" / "invoice").sample()
    assert sample is not None
    pq.write_table(pa.Table.from_pylist([{**sample, "o_orderkey": n} for n in range(40)]), tmp_path / "orders.parquet")
    connect.read.parquet(str(tmp_path / "orders.parquet")).createOrReplaceTempView("orders")
    given = {
        "table": "orders",
        "template": str(ROOT / "examples" / "invoice"),
        "output": str(tmp_path / "out"),
        "rendered": str(tmp_path / "rendered"),
    }
    # The session that a notebook has; here it is not the process's active one, because another test may have a classic.
    real = session.open_session
    monkeypatch.setattr(
        "spark_pdf.engines.spark.source.open_session", lambda config, spark=None: real(config, spark or connect)
    )
    monkeypatch.setattr(
        "spark_pdf.engines.spark.table.open_session", lambda config, spark=None: real(config, spark or connect)
    )
    assert isinstance(connect, SparkSession)
    names = {"spark": connect, "dbutils": SimpleNamespace(widgets=Widgets(given))}
    for cell in cells():
        exec(compile(cell, NOTEBOOK.name, "exec"), names)
    said = capsys.readouterr().out
    assert "rendered: 20 documents, 0 failures" in said
    assert "committed: 20 documents" in said
    config: Any = names["config"]
    assert sum(batch.num_rows for batch in open_table(config).scan()) == 20
