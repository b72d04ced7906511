"""What engines do beside rendering, which `tests/conformance` holds to be alike: pins, DataFrames, incremental runs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.spark.api import run_dataframe
from spark_pdf.manifest.table import open_table
from tests.conformance.world import SCHEMA, TEMPLATE, record

pytestmark = pytest.mark.spark

RECORDS = 500


@pytest.fixture
def base(tmp_path: Path) -> dict[str, Any]:
    """A config over 500 records in three files."""
    (tmp_path / "records").mkdir()
    for part in range(3):
        rows = [record(number) for number in range(part, RECORDS, 3)]
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / "records" / f"{part}.parquet")
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE, encoding="utf-8")
    return {
        "name": "letters",
        "source": {"format": "parquet", "path": str(tmp_path / "records")},
        "template": str(tmp_path / "bundle"),
        "document": {"id": "id"},
        "manifest": {"columns": ["channel"]},
        "tasks": {"documents": 100},
        "limits": {"failed_fraction": 0.1},
        "local": {"processes": 2},
    }


def config_of(base: dict[str, Any], output: Path, **changes: Any) -> Config:
    return parse_config({**base, "output": {"uri": str(output)}, **changes})


def test_a_dataframe_is_rendered_where_it_lives(spark: Any, base: dict[str, Any], tmp_path: Path) -> None:
    config = config_of(base, tmp_path / "frame")
    frame = spark.read.parquet(str(tmp_path / "records")).where("id < 50")
    result = run_dataframe(frame, config, "run-1")
    assert (result.documents, result.failed) == (49, 1)


def test_a_changed_source_is_refused_and_the_old_one_resumes(
    spark: Any, base: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spark_pdf.engines import driver
    from spark_pdf.errors import RunPinned

    config = config_of(base, tmp_path / "pinned")

    class Power(BaseException):
        """The driver loses its power."""

    def lost(*args: Any, **options: Any) -> None:
        raise Power

    with monkeypatch.context() as patch:
        patch.setattr(driver._Drive, "_render", lost)
        with pytest.raises(Power):
            run(config, "run-1")
    rows = [record(number) for number in range(RECORDS, RECORDS + 1)]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / "records" / "late.parquet")
    with pytest.raises(RunPinned, match="the source"):
        run(config, "run-1")
    (tmp_path / "records" / "late.parquet").unlink()
    assert run(config, "run-1").documents + run(config, "run-1").failed == RECORDS


def test_an_incremental_run_renders_what_changed_in_every_adapter(
    spark: Any, connect_url: str, base: dict[str, Any], tmp_path: Path
) -> None:
    ways = {"arrow": {"adapter": "arrow"}, "rdd": {"adapter": "rdd"}, "connect": {"remote": connect_url}}
    configs = {
        name: config_of(base, tmp_path / name, spark=settings, mode="changed") for name, settings in ways.items()
    }
    for config in configs.values():
        run(config, "run-1")
    rows = [record(number) for number in range(0, RECORDS, 3)]
    rows[0]["unused"], rows[1]["channel"], rows[2]["total"] = "y", "fax", Decimal(1)
    pq.write_table(pa.Table.from_pylist([*rows, record(RECORDS)], SCHEMA), tmp_path / "records" / "0.parquet")
    for name, config in configs.items():
        result = run(config, "run-2")
        assert (result.documents, result.failed, result.skipped) == (2, 0, RECORDS - 1), name
        ids = [i for batch in open_table(config).scan(run_id="run-2") for i in batch["document_id"].to_pylist()]
        assert sorted(ids) == sorted([str(rows[2]["id"]), str(RECORDS)]), name
