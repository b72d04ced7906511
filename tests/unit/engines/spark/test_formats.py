"""The format `spark_pdf` and the functions of SQL, on a classic session and over Connect."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyspark import cloudpickle

from spark_pdf import Template
from spark_pdf.config import Config, parse_config
from spark_pdf.engines.spark.formats import PUSHDOWN, register_format, register_functions
from spark_pdf.engines.spark.reading import FilteringReader, ManifestReader, with_secrets
from spark_pdf.errors import CommitFailed, CommitStateUnknown, RunSuperseded, UnsupportedError
from spark_pdf.manifest.runs import find_run
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from spark_pdf.manifest.waves import find_wave
from spark_pdf.store import output_store
from spark_pdf.store.locations import RunLocations

pytestmark = pytest.mark.spark

TEMPLATE = """<!DOCTYPE html><html><head><title>{{ id }}</title><style>@page { size: A7 }</style></head>
<body><p>{{ name.upper() }} {{ at.isoformat() }}</p></body></html>
"""


@pytest.fixture
def base(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE)
    return {
        "name": "letters",
        "source": {"path": "-"},
        "template": str(tmp_path / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": str(tmp_path / "out")},
        "manifest": {"columns": ["channel"]},
        "limits": {"failed_fraction": 0.1},
    }


def frame(spark: Any, count: int = 60, parts: int = 3, repeat: int = 1) -> Any:
    name = "if(id = 7, NULL, concat('n', id)) AS name"
    rows = spark.range(0, count, 1, parts).selectExpr("id", name, "timestamp_seconds(id) AS at", "'post' AS channel")
    return rows if repeat == 1 else rows.union(rows.limit(1))


def write(rows: Any, base: dict[str, Any], run_id: str | None, mode: str = "append") -> None:
    writer = rows.write.format("spark_pdf").option("yaml", yaml.safe_dump(base)).mode(mode)
    (writer.option("run_id", run_id) if run_id else writer).save()


def rows_of(config: Config) -> list[dict[str, Any]]:
    return [row for batch in open_table(config).scan() for row in batch.to_pylist()]


@pytest.mark.parametrize("kind", ["spark", "connect"])
def test_a_dataframe_is_written_as_a_run_and_read_again(
    request: pytest.FixtureRequest, base: dict[str, Any], tmp_path: Path, kind: str
) -> None:
    session, config = request.getfixturevalue(kind), parse_config(base)
    register_format(session)
    write(frame(session), base, "run-1")
    found = rows_of(config)
    assert Counter(row["document_id"] for row in found) == {str(n): 1 for n in range(60)}
    assert Counter(row["status"] for row in found) == {"document": 59, "failure": 1}
    assert len({row["partition"] for row in found}) == 3
    assert verify(config, "run-1", hashes="all").ok
    # Spark, or somebody, writes again: the run is committed, and nothing is added.
    write(frame(session), base, "run-1")
    assert len(rows_of(config)) == 60
    with pytest.raises(Exception, match="is committed"):
        write(frame(session), base | {"limit": None, "tasks": {}, "name": "other"}, "run-1")

    reader = session.read.format("spark_pdf").option("yaml", yaml.safe_dump(base)).option("run_id", "run-1")
    read = reader.load()
    assert "content" not in read.columns
    assert read.where("status = 'failure'").select("document_id", "channel").collect() == [("7", "post")]
    some = reader.schema("document_id string, content_sha256 string, content binary").load()
    bytes_ = {row["document_id"]: row["content"] for row in some.collect()}
    assert bytes_["7"] is None
    assert all(data[:5] == b"%PDF-" for name, data in bytes_.items() if name != "7")
    sha = some.where("content IS NOT NULL").selectExpr("sum(int(sha2(content, 256) = content_sha256))").collect()
    assert sha[0][0] == 59
    write(frame(session, 5), base, "run-2")
    assert session.read.format("spark_pdf").option("yaml", yaml.safe_dump(base)).load("run-2").count() == 5
    whole = session.read.format("spark_pdf").option("content", "true").load(str(tmp_path / "out" / "manifest"))
    assert whole.where("content IS NOT NULL").count() == 59 + 5


def test_filters_reach_the_scan_of_the_manifest(spark: Any, base: dict[str, Any], tmp_path: Path) -> None:
    """What a filter leaves out is not read: data files of the other run are gone, and only who reads them fails."""
    register_format(spark)
    for run_id in ("run-1", "run-2"):
        write(frame(spark, 20), base, run_id)
    spark.conf.set(PUSHDOWN, "true")
    register_format(spark)
    read = spark.read.format("spark_pdf").option("yaml", yaml.safe_dump(base)).option("partitions", "2")
    rows = read.schema("run_id string, document_id string, status string, channel string").load()
    assert rows.where("run_id IN ('run-1', 'run-2') AND document_id = '3'").count() == 2
    failed = rows.where("status = 'failure' AND channel = 'post' AND document_id IN ('3', '7', 'none')")
    assert sorted(failed.select("run_id", "document_id").collect()) == [("run-1", "7"), ("run-2", "7")]
    assert rows.where("status = 'failure' AND status = 'document'").count() == 0
    assert rows.where("run_id = 'run-3'").count() == 0
    for file in (tmp_path / "out" / "manifest" / "data" / "run-2").rglob("*.parquet"):
        file.unlink()
    assert rows.where("run_id = 'run-1' AND document_id > '1'").count() == 18
    with pytest.raises(Exception, match="run-2"):
        rows.where("upper(run_id) = 'RUN-1'").count()


def test_what_a_filter_leaves_out_does_not_reach_spark(spark: Any, base: dict[str, Any]) -> None:
    from pyspark.sql.datasource import EqualTo, In, StringStartsWith

    register_format(spark)
    write(frame(spark, 20), base, "run-1")
    schema = frame(spark, 1).selectExpr("'' AS document_id", "'' AS status").schema
    reader = FilteringReader(parse_config(base), schema, None, 2)
    left = [StringStartsWith(("document_id",), "1"), EqualTo(("status",), "failure"), In(("status",), ("document",))]
    taken = [In(("document_id",), ("7", "8", "9")), EqualTo(("status",), "document")]
    assert list(reader.pushFilters([*taken, *left])) == left
    read = [row for part in reader.partitions() for batch in reader.read(part) for row in batch.to_pylist()]
    assert sorted(row["document_id"] for row in read) == ["8", "9"]


def test_documents_come_in_batches_by_their_bytes(
    spark: Any, base: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from spark_pdf.engines.spark import reading

    register_format(spark)
    write(frame(spark, 20), base, "run-1")
    lengths = {row["document_id"]: row["length"] for row in rows_of(parse_config(base))}
    monkeypatch.setattr(reading, "BATCH_BYTES", 3 * max(filter(None, lengths.values())))

    def batches(columns: str) -> list[Any]:
        schema = spark.createDataFrame([], columns).schema
        reader = ManifestReader(parse_config(base), schema, None, 1)
        return [batch for part in reader.partitions() for batch in reader.read(part)]

    found = batches("document_id string, content binary")
    assert max(batch.num_rows for batch in found) == 4  # three documents, and the failure that has none
    sizes = {row["document_id"]: row["content"] and len(row["content"]) for b in found for row in b.to_pylist()}
    assert sizes == lengths
    assert [batch.num_rows for batch in batches("document_id string")] == [20]


def test_executors_get_the_secrets_that_the_driver_has(
    spark: Any, base: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_format(spark)
    write(frame(spark, 5), base, "run-1")
    reference = {"secret_access_key": "env:ONLY_ON_THE_DRIVER"}
    stores = {str(tmp_path): reference, f"file://{tmp_path}": reference, "s3://source": {"sas_token": "env:NOWHERE"}}
    iceberg = {"secret_catalog": {"token": "env:ONLY_ON_THE_DRIVER", "other": "env:NOWHERE"}}
    config = parse_config(base | {"stores": stores, "manifest": {**base["manifest"], **iceberg}})
    monkeypatch.setenv("ONLY_ON_THE_DRIVER", "hidden")
    schema = spark.createDataFrame([], "document_id string, content binary").schema
    reader = ManifestReader(config, schema, None, 1)
    (part,) = reader.partitions()
    known = with_secrets(config)
    assert dict(known.manifest.catalog) == {"token": "hidden"}
    assert dict(known.manifest.secret_catalog) == {"other": "env:NOWHERE"}
    assert "hidden" not in repr(known.stores)
    sent = cloudpickle.dumps(reader)
    monkeypatch.delenv("ONLY_ON_THE_DRIVER")
    read = [row for batch in cloudpickle.loads(sent).read(part) for row in batch.to_pylist()]
    assert sorted(row["document_id"] for row in read) == ["0", "1", "2", "3", "4"]
    assert all(row["content"][:5] == b"%PDF-" for row in read)


def test_what_fails_leaves_nothing_visible(spark: Any, base: dict[str, Any], tmp_path: Path) -> None:
    register_format(spark)
    config = parse_config(base)
    for rows, run_id, said in (
        (frame(spark, 10, 2, repeat=2), "twice", "document id"),
        (frame(spark, 10).selectExpr("CAST(NULL AS STRING) AS id", "name", "at", "channel"), "null", "null"),
        (frame(spark).selectExpr("id", "CAST(NULL AS STRING) AS name", "at", "channel"), "failing", "documents failed"),
        (frame(spark, 0), "empty", "no rows"),
    ):
        with pytest.raises(Exception, match=said):
            write(rows, base, run_id)
        assert rows_of(config) == []
    # Other rows under the run_id would be mixed with those that were rendered before.
    with pytest.raises(Exception, match="had 60 rows when run failing began and has 61 now"):
        write(frame(spark, 61), base, "failing")
    assert rows_of(config) == []
    # The same run_id again, over rows that are right, goes on in a next wave.
    write(frame(spark), base, "failing")
    assert {row["wave"] for row in rows_of(config)} == {3}
    assert len(rows_of(config)) == 60


class Context:
    """Spark's, of the first attempt of the first task."""

    def partitionId(self) -> int:  # noqa: N802
        return 0

    def attemptNumber(self) -> int:  # noqa: N802
        return 0


def test_writes_that_are_doubled_are_committed_once(
    spark: Any, base: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speculation, a driver that was taken for dead, an abort, and a commit of which nobody knows what became of it."""
    import pyspark

    from spark_pdf.engines.spark import datasource

    monkeypatch.setattr(pyspark.TaskContext, "get", staticmethod(Context))
    rows, config = frame(spark, 6, 1), parse_config(base)
    batches = rows.toArrow().to_batches()

    def begin(run_id: str) -> datasource.RunWriter:
        return datasource.begin(config, run_id, rows.schema)

    first, second = begin("two"), begin("two")
    message = first.write(iter(batches))
    with pytest.raises(RunSuperseded):
        first.commit([message])
    first.abort([message])
    attempts = [second.write(iter(batches)) for _ in range(2)]
    said = [json.loads(attempt.summary) for attempt in attempts]
    assert said[1] == said[0] | {"adopted": True}
    second.commit([attempts[1]])
    assert Counter(row["document_id"] for row in rows_of(config)) == {str(n): 1 for n in range(6)}
    assert verify(config, "two", hashes="all").ok

    aborted = begin("aborted")
    message = aborted.write(iter(batches))
    aborted.abort([message, None])
    with pytest.raises(RunSuperseded):
        aborted.commit([message])
    lost = begin("lost")
    with pytest.raises(CommitFailed, match="2 tasks have written, and 1 have said so"):
        lost.commit([lost.write(iter(batches)), None])
    assert {row["run_id"] for row in rows_of(config)} == {"two"}

    def unknown(*arguments: Any, **options: Any) -> None:
        commit(*arguments, **options)
        raise CommitStateUnknown("the store has given no answer")

    commit, again = datasource.commit_job, begin("lost")
    message = again.write(iter(batches))
    with monkeypatch.context() as patch:
        patch.setattr(datasource, "commit_job", unknown)
        with pytest.raises(CommitStateUnknown):
            again.commit([message])
    again.abort([message])
    later = begin("lost")
    later.commit([later.write(iter(batches))])
    assert Counter(row["run_id"] for row in rows_of(config)) == {"two": 6, "lost": 6}


def test_a_long_write_and_a_long_commit_say_that_the_run_is_alive(
    spark: Any, base: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark keeps no process of ours on the driver meanwhile; vacuum takes a run that shows no sign of life."""
    import pyspark

    from spark_pdf.engines.spark import datasource

    rows, config = frame(spark, 6, 1), parse_config(base | {"limits": {"failed_fraction": 1.0}})
    writer = datasource.begin(config, "run-1", rows.schema)
    run = find_run(output_store(config), RunLocations("run-1"))
    assert run is not None

    def beat() -> datetime:
        found = find_wave(run, 1)
        assert found is not None
        return found.heartbeat_at

    def wait_for_a_beat() -> None:
        last, deadline = beat(), time.monotonic() + 60
        while beat() == last:
            assert time.monotonic() < deadline, "the run shows no sign of life"
            time.sleep(0.02)

    def slow() -> Iterator[Any]:
        wait_for_a_beat()
        yield from rows.toArrow().to_batches()

    def slow_commit(*arguments: Any, **options: Any) -> Any:
        wait_for_a_beat()
        return commit(*arguments, **options)

    commit, beating = datasource.commit_job, datasource.Wave.beating
    monkeypatch.setattr(datasource, "commit_job", slow_commit)
    monkeypatch.setattr(datasource.Wave, "beating", lambda self, seconds=20.0: beating(self, 0.05))
    monkeypatch.setattr(pyspark.TaskContext, "get", staticmethod(Context))
    writer.commit([writer.write(slow())])
    assert len(rows_of(config)) == 6


def test_what_it_cannot_do_is_refused_by_name(
    spark: Any, base: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    register_format(spark)
    rows = frame(spark, 5)
    for changes, run_id, mode, said in (
        ({}, None, "append", "run_id"),
        ({}, "r", "overwrite", "mode overwrite"),
        ({"mode": "changed"}, "r", "append", "mode"),
        ({"limit": 3}, "r", "append", "limit"),
        ({"document": {"id": "id + 1"}}, "r", "append", "document.id"),
        ({"document": {"id": "at"}}, "r", "append", "cast it"),
        ({"template": "/nowhere"}, "r", "append", "nowhere"),
        ({"output": base["output"] | {"table": "main.documents.rendered"}}, "r", "append", "output.table"),
        ({"watch": {}}, "r", "append", "watch"),
    ):
        with pytest.raises(Exception, match=said):
            write(rows, base | changes, run_id, mode)
    for column, said in (
        ("'x' AS __document_id", "'__document_id', a name that spark_pdf uses"),
        ("'x' AS name", "more than one column 'name'"),
        ("interval 1 month AS term", "the column 'term' has the type interval month"),
    ):
        with pytest.raises(Exception, match=said):
            write(rows.selectExpr("*", column), base, "r")
    with pytest.raises(Exception, match="did you mean 'run_id'"):
        rows.write.format("spark_pdf").options(yaml=yaml.safe_dump(base), run="r").mode("append").save()
    with pytest.raises(Exception, match="did you mean 'content'"):
        spark.read.format("spark_pdf").options(yaml=yaml.safe_dump(base), contents="true").load()
    with pytest.raises(Exception, match="name a config"):
        spark.read.format("spark_pdf").load()
    with pytest.raises(Exception, match="there is no manifest of format delta at"):
        spark.read.format("spark_pdf").option("manifest", "delta").load(base["output"]["uri"]).collect()


def test_an_older_server_is_refused_by_name(base: dict[str, Any]) -> None:
    """What executes may be older than the package here: a server behind Connect, or a 3.5 of Databricks' own."""

    class Older:
        version = "3.5.9"

    class Server:
        version = "3.5.2"
        dataSource = None  # noqa: N815 - Spark's name

    class Server40:
        version = "4.0.1"

    for session in (Older(), Server()):
        with pytest.raises(UnsupportedError, match=rf"Spark {session.version} has no data sources in Python"):
            register_format(session)  # type: ignore[arg-type]
    for older in (Older(), Server(), Server40()):
        with pytest.raises(UnsupportedError, match=rf"Spark {older.version} has no Arrow functions"):
            register_functions(older, {"letter": base["template"]})  # type: ignore[arg-type]


def test_single_documents_in_sql(spark: Any, base: dict[str, Any], tmp_path: Path) -> None:
    register_functions(spark, {"letter": base["template"]})
    frame(spark, 9).createOrReplaceTempView("letters")
    query = "SELECT id, render_document(struct(*), 'letter') AS d, pdf_pages(struct(*), 'letter') AS p FROM letters"
    found = {row["id"]: row for row in spark.sql(query).collect()}
    assert (found[7]["d"]["pdf"], found[7]["p"], found[7]["d"]["error_code"]) == (None, None, "template")
    record = {"id": 3, "name": "n3", "at": frame(spark, 4).toArrow().to_pylist()[3]["at"]}
    expected = Template.load(base["template"]).render(record)
    assert (found[3]["d"]["sha256"], found[3]["p"]) == (expected.sha256, 1)
    pdf = spark.sql("SELECT render_pdf(struct(*), 'letter') FROM letters WHERE id = 3").collect()[0][0]
    assert bytes(pdf) == expected.pdf
    with pytest.raises(Exception, match="no bundle is registered"):
        spark.sql("SELECT render_pdf(struct(*), 'invoice') FROM letters").collect()
    with pytest.raises(Exception, match="a record is a struct"):
        spark.sql("SELECT render_pdf(name, 'letter') FROM letters").collect()


def test_stored_bytes_are_fetched_where_they_are_asked_for(spark: Any, base: dict[str, Any], tmp_path: Path) -> None:
    register_format(spark)
    register_functions(spark, {})
    write(frame(spark, 20), base, "run-1")
    read = spark.read.format("spark_pdf").option("yaml", yaml.safe_dump(base)).load()
    data = read.where("document_id = '3'").selectExpr("pdf_content(uri, offset, length)").collect()
    assert bytes(data[0][0])[:5] == b"%PDF-"
