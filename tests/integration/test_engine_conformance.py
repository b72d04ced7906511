"""The same records through every engine and adapter give the same manifest, planted failures included."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chispa import assert_df_equality

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.spark.api import run_dataframe
from spark_pdf.manifest.table import open_table

pytestmark = pytest.mark.spark

RECORDS = 500
NO_SHARE = {13, 130}
NO_NAME = {77}

TEMPLATE = """<!DOCTYPE html>
<html><head><title>Letter {{ id }}</title><style>@page { size: A6; margin: 10mm }</style></head>
<body><h1>{{ customer.name.upper() }}</h1>
<p>{{ day | date }}, {{ at.isoformat() }}, {{ (total / share) | money("EUR") }}</p>
<table>{% for line in lines %}<tr><td>{{ line.text }}</td><td>{{ line.price }}</td></tr>{% endfor %}</table>
</body></html>
"""

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.struct([("name", pa.string())])),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("total", pa.decimal128(12, 2)),
        ("share", pa.int64()),
        ("lines", pa.list_(pa.struct([("text", pa.string()), ("price", pa.decimal128(12, 2))]))),
        ("channel", pa.string()),
        ("unused", pa.string()),
    ]
)

CONTENT = [
    "document_id",
    "status",
    "pages",
    "content_sha256",
    "record_hash",
    "template_hash",
    "renderer_version",
    "error_code",
    "error_detail",
    "channel",
]
CONTENT_SCHEMA = (
    "document_id string, status string, pages int, content_sha256 string, record_hash string, template_hash string, "
    "renderer_version string, error_code string, error_detail string, channel string"
)


def record(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "customer": {"name": None if number in NO_NAME else f"Änne {number}"},
        "day": date(2026, 1, 1) + timedelta(number),
        "at": datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc) + timedelta(minutes=number),
        "total": Decimal(number * 37) / 100,
        "share": 0 if number in NO_SHARE else 3,
        "lines": [{"text": f"item {i} é", "price": Decimal(i) / 4} for i in range(number % 5)],
        "channel": "mail" if number % 2 else "post",
        "unused": "x" * 100,
    }


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


def content(config: Config, spark: Any) -> Any:
    """The manifest's content columns as a DataFrame."""
    rows = [row for batch in open_table(config).scan() for row in batch.to_pylist()]
    frame = spark.createDataFrame([tuple(row[name] for name in CONTENT) for row in rows], CONTENT_SCHEMA)
    return frame.orderBy("document_id")


def test_every_engine_gives_the_same_manifest(
    spark: Any, connect_url: str, base: dict[str, Any], tmp_path: Path
) -> None:
    ways: dict[str, dict[str, Any]] = {
        "local": {"engine": "local", "source": {"format": "parquet", "path": str(tmp_path / "records" / "*.parquet")}},
        "arrow": {"spark": {"adapter": "arrow"}},
        "rdd": {"spark": {"adapter": "rdd"}},
        "connect": {"spark": {"remote": connect_url}},
    }
    frames = {}
    for name, changes in ways.items():
        config = config_of(base, tmp_path / name, **changes)
        result = run(config, "run-1")
        failed = len(NO_SHARE | NO_NAME)
        assert (result.state, result.documents, result.failed) == ("committed", RECORDS - failed, failed), name
        frames[name] = content(config, spark)
        again = run(config, "run-1")
        assert (again.already_committed, again.documents) == (True, RECORDS - failed), name
    assert frames["local"].count() == RECORDS
    for name in ("arrow", "rdd", "connect"):
        assert_df_equality(frames["local"], frames[name])


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
