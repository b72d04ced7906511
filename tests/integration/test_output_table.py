"""Documents through a table: rendered where executors reach no store, stored and committed by a second task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines import driver
from spark_pdf.engines.driver import run
from spark_pdf.engines.spark import table
from spark_pdf.engines.spark.table import unpack
from spark_pdf.errors import CommitFailed, RunPinned, SparkPdfError, UnsupportedError, UsageError
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify

pytestmark = pytest.mark.spark
RECORDS = 90
FAIL = {7, 40}
OPERATIONAL = ("uri", "offset", "run_id", "attempt", "render_ms", "committed_at", "wave", "partition")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Config]:
    records = tmp_path / "records"
    records.mkdir()
    days = [None if i in FAIL else f"2026-11-{i % 28 + 1:02d}" for i in range(RECORDS)]
    table = pa.table({"id": list(range(RECORDS)), "name": [f"Ann {i}" for i in range(RECORDS)], "day": days})
    table = table.set_column(2, "day", table["day"].cast(pa.date32()))
    pq.write_table(table, records / "part-0.parquet")
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "template.html").write_text("<p>{{ name }} {{ day | date }}</p>")

    def make(**changes: Any) -> Config:
        values: dict[str, Any] = {
            "name": "letters",
            "source": {"format": "parquet", "path": str(records)},
            "template": str(bundle),
            "document": {"id": "id"},
            "output": {"uri": str(tmp_path / "out"), "table": str(tmp_path / "rendered")},
            "limits": {"failed_fraction": 0.1},
            "tasks": {"documents": 30},
            "spark": {"packages": "none"},
        }
        for key, value in changes.items():
            values[key] = {**values[key], **value} if isinstance(value, dict) and key in values else value
        return parse_config(values)

    return make


def content(config: Config, run_id: str) -> list[dict[str, Any]]:
    """What the manifest says of a run, without what differs from run to run."""
    rows = [row for batch in open_table(config).scan() for row in batch.to_pylist() if row["run_id"] == run_id]
    return sorted(
        ({k: v for k, v in row.items() if k not in OPERATIONAL} for row in rows), key=lambda r: r["document_id"]
    )


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("layout", ["packs", "objects"])
def test_what_is_unpacked_is_what_a_run_would_have_stored(
    connect_url: str, make: Callable[..., Config], layout: str, tmp_path: Path
) -> None:
    """Over Spark Connect, which forbids what serverless and shared clusters forbid."""
    output = {"layout": layout, "key": "{day:%Y/%m}/{name}"} if layout == "objects" else {"layout": layout}
    common = {"spark": {"remote": connect_url}, "manifest": {"columns": ["day", "name"]}}
    direct = make(output={**output, "uri": str(tmp_path / "direct"), "table": None}, **common)
    assert run(direct, "r").documents == RECORDS - len(FAIL)
    config = make(output=output, **common)
    rendered = run(config, "r")
    assert (rendered.state, rendered.documents, rendered.failed) == ("rendered", RECORDS - len(FAIL), len(FAIL))
    assert not (tmp_path / "out").exists()
    result = unpack(config, "r")
    assert (result.state, result.documents, result.failed) == ("committed", RECORDS - len(FAIL), len(FAIL))
    assert result.bytes == rendered.bytes
    assert content(config, "r") == content(direct, "r")
    assert verify(config, "r", hashes="all").ok
    assert unpack(config, "r").already_committed
    assert len(content(config, "r")) == RECORDS


def test_no_store_is_reached_while_rendering(connect_url: str, make: Callable[..., Config]) -> None:
    nowhere = {"uri": "s3://nowhere/out"}
    stores = {"s3://nowhere": {"endpoint": "http://127.0.0.1:9", "region": "x", "access_key_id": "env:NOT_SET"}}
    config = make(output=nowhere, stores=stores, spark={"remote": connect_url})
    assert run(config, "r").state == "rendered"


def test_again_renders_nothing_and_a_part_is_rendered_anew(
    connect_url: str, make: Callable[..., Config], tmp_path: Path
) -> None:
    config = make(spark={"remote": connect_url})
    run(config, "r")
    before = files(tmp_path / "rendered")
    run(config, "r")
    assert files(tmp_path / "rendered") == before
    parts = sorted((tmp_path / "rendered").rglob("part-*.parquet"))
    assert len(parts) > 1
    parts[0].unlink()
    with pytest.raises(UsageError, match="a part of run r only"):
        unpack(config, "r")
    assert run(config, "r").documents == RECORDS - len(FAIL)
    with pytest.raises(RunPinned, match="another state of the config"):
        run(make(spark={"remote": connect_url}, limits={"pages_per_document": 7}), "r")
    with pytest.raises(UsageError, match="no documents of run other"):
        unpack(config, "other")


def test_an_unpacking_that_was_cut_off_goes_on(
    connect_url: str, make: Callable[..., Config], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = make(spark={"remote": connect_url})
    run(config, "r")

    def cut_off(*_: Any, **__: Any) -> None:
        raise CommitFailed("the driver was killed")

    with monkeypatch.context() as patch:
        patch.setattr(driver, "commit_job", cut_off)
        with pytest.raises(CommitFailed):
            unpack(config, "r")
    packs = files(tmp_path / "out" / "packs")
    assert packs
    result = unpack(config, "r")
    assert (result.documents, result.failed, result.waves) == (RECORDS - len(FAIL), len(FAIL), 2)
    assert files(tmp_path / "out" / "packs").items() >= packs.items()
    assert verify(config, "r", hashes="all").ok


def test_bytes_that_changed_in_the_table_are_not_stored(
    connect_url: str, make: Callable[..., Config], tmp_path: Path
) -> None:
    config = make(spark={"remote": connect_url})
    run(config, "r")
    part = sorted((tmp_path / "rendered").rglob("part-*.parquet"))[0]
    table = pq.read_table(part, partitioning=None)
    pdfs = [pdf and pdf[:-1] + b"x" for pdf in table["pdf"].to_pylist()]
    index = table.schema.get_field_index("pdf")
    pq.write_table(table.set_column(index, "pdf", pa.array(pdfs, pa.binary())), part)
    part.with_name(f".{part.name}.crc").unlink(missing_ok=True)
    with pytest.raises(SparkPdfError, match=r"its bytes in output.table are not what was rendered"):
        unpack(config, "r")


def test_a_delta_table_holds_many_runs(spark: Any, make: Callable[..., Config]) -> None:
    """As in Unity Catalog: one table, a transaction for each run; of a run tried again, the rows are replaced."""
    spark.sql("DROP TABLE IF EXISTS rendered")
    try:
        first = make(output={"table": "default.rendered"})
        second = make(output={"table": "default.rendered"}, manifest={"columns": ["day"]})
        for config, run_id in ((first, "a"), (second, "b"), (first, "a")):
            assert run(config, run_id).state == "rendered"
        counts = {row["run_id"]: row["count"] for row in spark.table("rendered").groupBy("run_id").count().collect()}
        assert counts == {"a": RECORDS, "b": RECORDS}
        spark.sql("DELETE FROM rendered WHERE run_id = 'a' AND CAST(document_id AS int) > 50")
        assert run(first, "a").documents == RECORDS - len(FAIL)
        assert unpack(second, "b").documents == unpack(first, "a").documents == RECORDS - len(FAIL)
    finally:
        spark.sql("DROP TABLE IF EXISTS rendered")


def test_the_write_into_a_table_bears_the_runs_name(
    spark: Any, make: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had the description of the jobs before it, which count the records."""
    seen, own = [], spark.sparkContext.getLocalProperty("spark.job.description")
    real = table._Table.write

    def write(self: Any, rows: Any) -> None:
        context = spark.sparkContext
        seen.append([context.getLocalProperty(name) for name in ("spark.jobGroup.id", "spark.job.description")])
        real(self, rows)

    monkeypatch.setattr(table._Table, "write", write)
    run(make(), "r")
    assert seen == [["spark-pdf r wave 1", "r: render wave 1"]]
    assert spark.sparkContext.getLocalProperty("spark.job.description") == own


def test_large_documents_come_in_few_rows(
    connect_url: str, make: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark's own 4,096 rows of a Parquet file, or 10,000 of a batch, would be gigabytes of documents."""
    from spark_pdf.engines.spark.session import OpenSession

    config = make(spark={"remote": connect_url})
    size = run(config, "r").bytes // (RECORDS - len(FAIL))
    given: dict[str, str] = {}
    real = OpenSession.set

    def spy(self: Any, key: str, value: str, **options: Any) -> None:
        given[key] = value
        real(self, key, value, **options)

    monkeypatch.setattr(OpenSession, "set", spy)
    monkeypatch.setattr(table, "BATCH_BYTES", 5 * size + size // 2)
    assert unpack(config, "r").documents == RECORDS - len(FAIL)
    keys = ("spark.sql.execution.arrow.maxRecordsPerBatch", "spark.sql.parquet.columnarReaderBatchSize")
    assert [given[key] for key in keys] == ["5", "5"]


def test_rows_of_a_batch_follow_from_the_largest_document_too(spark: Any) -> None:
    for lengths, rows in (([20_000] * 9, 419), ([20_000] * 9 + [256 << 20], 1), ([10] * 3, 1024), ([None], 1024)):
        there = spark.createDataFrame([(length,) for length in lengths], "length long")
        assert table.batch_rows(there) == rows


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"engine": "local"}, "output.table is written by Spark, and engine is local"),
        ({"mode": "changed"}, "mode: changed compares with the manifest"),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[..., Config], changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        run(make(**changes), "r")
    for section in ({"stream": {"checkpoint": "c"}}, {"watch": {}}):
        with pytest.raises(UsageError, match=f"{next(iter(section))}: this config describes"):
            run(make(**section), "r")
    with pytest.raises(UsageError, match=r"'output.table' is missing"):
        unpack(make(output={"table": None}), "r")
