"""What holds a source still: each format, and the copy where nothing does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import View
from spark_pdf.engines.spark.pins import check_files, pin_view
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.errors import SourceError, TaskConflict
from tests.spark_fixtures import spark_config

pytestmark = pytest.mark.spark


def open_source(spark: Any, output: Path, **changes: Any) -> SparkRecordSource:
    config = spark_config(output={"uri": str(output)}, **changes)
    return SparkRecordSource(config, "run-1", spark=spark)


@pytest.mark.parametrize("form", ["parquet", "csv", "json", "orc", "avro"])
def test_files_are_pinned_by_their_list(spark: Any, tmp_path: Path, form: str) -> None:
    path = tmp_path / "data"
    writer = spark.createDataFrame([(1, "a,b"), (2, "c")], "id int, name string").write.format(form)
    writer.option("header", "true").save(str(path))
    view = View(format=form, path=str(path))
    pin = pin_view(spark, view, "source")
    assert sorted((int(row.id), row.name) for row in pin.frame.select("id", "name").collect()) == [(1, "a,b"), (2, "c")]
    assert pin.detail == pin_view(spark, view, "source").detail
    spark.createDataFrame([(3, "d")], "id int, name string").write.format(form).mode("append").save(str(path))
    assert pin.frame.count() == 2, "what was pinned has grown"
    assert pin.detail != pin_view(spark, view, "source").detail


def test_delta_is_pinned_by_version(spark: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "table")
    spark.range(3).write.format("delta").save(path)
    view = View(format="delta", path=path)
    pin = pin_view(spark, view, "source")
    spark.range(3, 5).write.format("delta").mode("append").save(path)
    assert pin.frame.count() == 3
    assert pin.detail is not None
    assert pin.detail["version"] == 0
    later = pin_view(spark, view, "source")
    assert (later.frame.count(), later.detail["version"]) == (5, 1)  # type: ignore[index]
    travelled = pin_view(spark, View(format="delta", path=path, options={"versionAsOf": "0"}), "source")
    assert travelled.frame.count() == 3


def test_a_delta_table_made_anew_is_another(spark: Any, tmp_path: Path) -> None:
    spark.sql("CREATE TABLE anew USING delta AS SELECT 1 AS id")
    first = pin_view(spark, View(table="anew"), "source")
    spark.sql("DROP TABLE anew")
    spark.sql("CREATE TABLE anew USING delta AS SELECT 2 AS id")
    second = pin_view(spark, View(table="anew"), "source")
    spark.sql("DROP TABLE anew")
    assert first.detail != second.detail


def test_iceberg_is_pinned_by_snapshot(spark: Any) -> None:
    spark.sql("CREATE TABLE ice.db.pinned (id BIGINT) USING iceberg")
    view = View(table="ice.db.pinned")
    with pytest.raises(SourceError, match="is empty: it has no snapshot yet"):
        pin_view(spark, view, "source")
    spark.sql("INSERT INTO ice.db.pinned SELECT id FROM range(3)")
    pin = pin_view(spark, view, "source")
    spark.sql("INSERT INTO ice.db.pinned SELECT id FROM range(3, 5)")
    assert pin.frame.count() == 3
    by_path = View(format="iceberg", path=spark.conf.get("spark.sql.catalog.ice.warehouse") + "/db/pinned")
    later = pin_view(spark, by_path, "source")
    assert later.frame.count() == 5
    assert later.detail["snapshot"] != pin.detail["snapshot"]  # type: ignore[index]
    spark.sql("DROP TABLE ice.db.pinned PURGE")


def test_what_cannot_be_pinned_is_copied_once(spark: Any, tmp_path: Path) -> None:
    source = {"sql": "SELECT id, rand() AS r, 'x' AS unused FROM range(20)"}
    first = open_source(spark, tmp_path, source=source, document={"id": "id", "cost": "id"})
    first.prune(["r"])
    snapshot = first.snapshot()
    assert snapshot.kind == "materialized"
    rows = sorted(first._to_do([]).collect())
    measure = first.measure([])
    assert (measure.records, sum(measure.costs)) == (20, sum(range(20)))
    first.close()
    again = open_source(spark, tmp_path, source=source, document={"id": "id", "cost": "id"})
    again.prune(["r"])
    assert again.snapshot() == snapshot
    assert sorted(again._to_do([]).collect()) == rows
    copies = [path for path in (tmp_path / "_runs/run-1/source").iterdir() if path.is_dir()]
    assert len(copies) == 1
    assert pq.read_table(copies[0]).column_names == ["r", "__document_id", "__cost"]


def test_half_a_copy_is_used_by_nobody(spark: Any, tmp_path: Path) -> None:
    half = tmp_path / "_runs/run-1/source/0123"
    half.mkdir(parents=True)
    pq.write_table(pa.table({"id": [99], "__document_id": ["99"], "__cost": [1.0]}), half / "part-0.parquet")
    source = open_source(spark, tmp_path, source={"sql": "SELECT id, uuid() AS u FROM range(3)"})
    source.snapshot()
    assert source.measure([]).records == 3


def test_a_copy_that_was_refused_is_asked_for_again(spark: Any, tmp_path: Path) -> None:
    """Ids that are not unique are mended in the source; the run_id may not be held to what they were."""
    spark.createDataFrame([("a",), ("a",)], "id string").createOrReplaceTempView("mended")
    try:
        refused = open_source(spark, tmp_path, source={"sql": "SELECT id FROM mended"})
        assert refused.snapshot().kind == "materialized"
        with pytest.raises(SourceError, match="not unique"):
            refused.measure([])
        assert not [path for path in (tmp_path / "_runs/run-1/source").rglob("*") if path.is_file()]
        spark.createDataFrame([("a",), ("b",)], "id string").createOrReplaceTempView("mended")
        again = open_source(spark, tmp_path, source={"sql": "SELECT id FROM mended"})
        again.snapshot()
        assert again.measure([]).records == 2
    finally:
        spark.catalog.dropTempView("mended")


def test_a_copy_is_of_its_query(spark: Any, tmp_path: Path) -> None:
    """A driver may die between copy and pin, and its user may change the query before the next."""
    open_source(spark, tmp_path, source={"sql": "SELECT id, rand() AS r FROM range(3)"}).snapshot()
    other = open_source(spark, tmp_path, source={"sql": "SELECT id, rand() AS r FROM range(5)"})
    other.snapshot()
    assert other.measure([]).records == 5


def test_tables_beside_the_views_are_not_held_still(spark: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "t.parquet")
    spark.range(2).createOrReplaceTempView("beside")
    try:
        views = {"t": {"format": "parquet", "path": str(tmp_path / "t.parquet")}}
        sql = "SELECT t.id FROM t JOIN beside ON beside.id + 1 = t.id"
        source = open_source(spark, tmp_path / "out", source={"views": views, "sql": sql})
        assert source.snapshot().kind == "materialized"
        source.close()
    finally:
        spark.catalog.dropTempView("beside")


def test_files_exchanged_while_they_are_read_are_noticed(spark: Any, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": [1, 2]}), path)
    view = View(format="parquet", path=str(path))
    detail = pin_view(spark, view, "source").detail
    assert detail is not None
    check_files(spark, view, "source", detail)
    pq.write_table(pa.table({"id": [1, 3, 4]}), path)
    with pytest.raises(TaskConflict, match="files changed while the run read them"):
        check_files(spark, view, "source", detail)


def test_settings_that_decide_what_a_query_gives_are_part_of_the_pin(spark: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "t.parquet")
    source = {"format": "parquet", "path": str(tmp_path / "t.parquet")}
    before = spark.conf.get("spark.sql.ansi.enabled")
    first = open_source(spark, tmp_path, source=source).snapshot()
    try:
        spark.conf.set("spark.sql.ansi.enabled", "false" if before == "true" else "true")
        assert open_source(spark, tmp_path, source=source).snapshot().fingerprint != first.fingerprint
    finally:
        spark.conf.set("spark.sql.ansi.enabled", before)


def test_jdbc_reads_with_its_secret_and_is_copied(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Derby comes with Spark; a database of its own kind of authentication would need a server.
    url = f"jdbc:derby:{tmp_path}/db;create=true"
    spark.createDataFrame([(1, "a"), (2, "b")], "id int, name string").write.jdbc(url, "records")
    monkeypatch.setenv("DB_PASSWORD", "canary-9f3a")
    view = {
        "format": "jdbc",
        "options": {"url": url, "dbtable": "app.records", "user": "me"},
        "secret_options": {"password": "env:DB_PASSWORD"},
    }
    source = open_source(spark, tmp_path / "out", source=view)
    assert "canary" not in source._frame._jdf.queryExecution().toString()
    snapshot = source.snapshot()
    assert snapshot.kind == "materialized"
    assert "canary" not in str(snapshot)
    assert source.measure([]).records == 2


def test_never_means_never(spark: Any, tmp_path: Path) -> None:
    source = open_source(
        spark, tmp_path, source={"sql": "SELECT id, rand() AS r FROM range(3)", "materialize": "never"}
    )
    assert source.snapshot().kind == "unpinned"
    assert not (tmp_path / "_runs").exists()


def test_a_dataframe_is_a_source(spark: Any, tmp_path: Path) -> None:
    config = spark_config(output={"uri": str(tmp_path)})
    source = SparkRecordSource(config, "run-1", frame=spark.range(7))
    assert source.snapshot().kind == "materialized"
    assert source.measure([]).records == 7
