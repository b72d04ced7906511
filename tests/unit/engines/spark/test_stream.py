"""Streams in this process: what becomes of messages, and of batches that come again."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.spark import batches, stream
from spark_pdf.engines.spark.batches import Batches, BatchResult
from spark_pdf.engines.spark.messages import REASONS, Intake
from spark_pdf.engines.spark.stream import run_stream
from spark_pdf.errors import (
    ConfigError,
    ContractError,
    SourceError,
    SparkPdfError,
    TooManyFailures,
    UnsupportedError,
    UsageError,
)
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify

pytestmark = pytest.mark.spark

TEMPLATE = """<!DOCTYPE html><html><head><title>{{ id }}</title><style>@page { size: A7 }</style></head>
<body><p>{{ name.upper() }} {{ total | money("EUR") }}</p></body></html>
"""
COLUMNS = "id BIGINT, name STRING, total DECIMAL(12, 2)"
Make = Callable[..., Config]


def event(number: int, **changes: Any) -> str:
    return json.dumps({"id": number, "name": f"n{number}", "total": "1.50", **changes})


def put(folder: Path, name: str, lines: Iterable[str]) -> None:
    """A file that appears whole."""
    hidden = folder / f".{name}"
    hidden.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    hidden.rename(folder / name)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A config of a stream over `tmp_path/in`."""
    (tmp_path / "in").mkdir()
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE)

    def config(
        source: Mapping[str, Any] | None = None, stream: Mapping[str, Any] | None = None, **changes: Any
    ) -> Config:
        values: dict[str, Any] = {
            "name": "letters",
            "source": {"format": "json", "path": str(tmp_path / "in"), **(source or {})},
            "template": str(tmp_path / "bundle"),
            "document": {"id": "id"},
            "output": {"uri": str(tmp_path / "out")},
            "stream": {
                "checkpoint": str(tmp_path / "checkpoint"),
                "columns": COLUMNS,
                "max_files": 1,
                **(stream or {}),
            },
        }
        return parse_config(values | changes)

    return config


def rows(config: Config) -> list[dict[str, Any]]:
    return [row for batch in open_table(config).scan() for row in batch.to_pylist()]


def dead(spark: Any, tmp_path: Path) -> Counter[str]:
    return Counter(row["reason"] for row in spark.read.parquet(str(tmp_path / "out" / "dead-letters")).collect())


def test_every_message_becomes_a_document_a_failure_or_a_dead_letter(spark: Any, make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", [event(n) for n in range(10)] + [event(10, name=None)])
    put(
        tmp_path / "in", "b.json", [event(n) for n in (20, 21, 20)] + ["not json", "[1]", event(22, total={}), "", "{}"]
    )
    put(tmp_path / "in", "c.json", ["no", "records"])
    heard: list[BatchResult] = []
    config = make()
    result = run_stream(config, once=True, spark=spark, on_batch=heard.append)
    assert (result.batches, result.documents, result.failed) == (2, 12, 1)
    assert result.dead_letters == {"duplicate": 1, "malformed": 5, "no_id": 1}
    assert dead(spark, tmp_path) == result.dead_letters
    assert set(result.dead_letters) < set(REASONS)
    values = spark.read.parquet(str(tmp_path / "out" / "dead-letters")).where("reason = 'duplicate'").collect()
    assert (json.loads(values[0]["value"])["id"], values[0]["document_id"]) == (20, "20")
    found = rows(config)
    assert sorted(int(row["document_id"]) for row in found) == [*range(11), 20, 21]
    (prefix,) = {row["run_id"].rpartition("-")[0] for row in found}
    assert prefix.startswith(f"letters-{time.strftime('%Y%m%d', time.gmtime())}-{result.query[:8]}")
    assert [one.run_id for one in heard if one.run_id] == sorted({row["run_id"] for row in found})
    for one in heard:
        assert not one.run_id or verify(config, one.run_id, hashes="all").ok
    again = run_stream(config, once=True, spark=spark)
    assert (again.batches, again.documents, again.query) == (0, 0, result.query)


class Days:
    """A clock that may be a day further when it is asked again."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.ahead


def test_a_batch_that_comes_again_adds_nothing(spark: Any, make: Make, tmp_path: Path) -> None:
    config, days = make(), Days()
    put(tmp_path / "in", "a.json", [event(n) for n in range(5)] + ["bad"])
    frame, driver = batch_of(spark, config, tmp_path, days)
    # The process ends between the run's commit and Spark's; it is tomorrow, and the template was changed meanwhile.
    first = driver().render(frame, 3)
    days.ahead += timedelta(1)
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE.replace("upper", "lower"))
    again = driver().render(frame, 3)
    assert (first.documents, first.replayed) == (5, False)
    assert (again.run_id, again.documents, again.replayed) == (first.run_id, 5, True)
    assert len(rows(config)) == 5
    assert dead(spark, tmp_path) == {"malformed": 1}
    other = driver().render(frame, 4)
    assert other.run_id > first.run_id


def test_a_batch_with_more_messages_than_it_had_is_not_taken_for_a_replay(
    spark: Any, make: Make, tmp_path: Path
) -> None:
    """A checkpoint of last week, or a copy of it: Spark counts batches as before, and puts other messages into them."""
    config = make()
    put(tmp_path / "in", "a.json", [event(n) for n in range(5)] + ["bad"])
    frame, driver = batch_of(spark, config, tmp_path, Days())
    driver().render(frame, 3)
    assert driver().render(frame.where("value NOT LIKE '%n4%'"), 3).replayed, "messages may have expired"
    put(tmp_path / "in", "b.json", [event(n) for n in range(5, 9)])
    more, driver = batch_of(spark, config, tmp_path, Days())
    with pytest.raises(SourceError, match=r"batch 3 had 6 messages.* has 10"):
        driver().render(more, 3)
    assert len(rows(config)) == 5


def test_a_batch_that_was_begun_with_another_template_is_taken_over(
    spark: Any, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make()
    put(tmp_path / "in", "a.json", [event(n) for n in range(5)])
    frame, driver = batch_of(spark, config, tmp_path, Days())

    def cut(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("spark_pdf.engines.driver.commit_job", cut)
    with pytest.raises(KeyboardInterrupt):
        driver().render(frame, 0)
    monkeypatch.undo()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE.replace("upper", "lower"))
    result = driver().render(frame, 0)
    assert (result.documents, result.replayed, result.run_id[-2:]) == (5, False, ".1")
    assert driver().render(frame, 0).replayed
    assert Counter(row["run_id"] for row in rows(config)) == {result.run_id: 5}


def batch_of(spark: Any, config: Config, tmp_path: Path, clock: Days) -> tuple[Any, Callable[[], Batches]]:
    """A batch as Spark hands it over, and one process after another that renders it."""
    frame = spark.read.text(str(tmp_path / "in")).selectExpr("value", "_metadata.file_path AS `__place`")
    return frame, lambda: Batches(config, "0badcafe-query", Intake(spark, config), 2, clock=clock)


def test_ids_that_were_rendered_are_dead_letters_where_the_config_says_so(
    spark: Any, make: Make, tmp_path: Path
) -> None:
    put(tmp_path / "in", "a.json", [event(1), event(2, name=None)])
    assert run_stream(make(), once=True, spark=spark).failed == 1
    put(tmp_path / "in", "b.json", [event(1), event(2), event(3)])
    result = run_stream(make(stream={"repeated": "dead_letter"}), once=True, spark=spark)
    # The failure is tried again: no document came of it.
    assert (result.documents, result.dead_letters) == (2, {"repeated": 1})


def test_failures_end_a_stream_only_where_the_config_says_so(spark: Any, make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", [event(1, name=None), event(2)])
    limits = {"failed_fraction": 0.4}
    with pytest.raises(TooManyFailures):
        run_stream(make(stream={"limit_failures": True}, limits=limits), once=True, spark=spark)
    assert rows(make()) == []
    result = run_stream(make(limits=limits), once=True, spark=spark)
    assert (result.documents, result.failed) == (1, 1)


@pytest.mark.parametrize("form", ["parquet", "csv", "delta"])
def test_tables_and_files_stream(spark: Any, make: Make, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "table"
    writer = spark.range(6).selectExpr("id", "concat('n', id) AS name", "CAST(1.5 AS DECIMAL(12, 2)) AS total").write
    writer.format(form).option("header", "true").save(str(folder))
    source = {"format": form, "path": str(folder), "options": {"header": "true"} if form == "csv" else {}}
    config = make(source, {"columns": COLUMNS if form == "csv" else None})
    assert run_stream(config, once=True, spark=spark).documents == 6
    spark.range(6, 9).selectExpr("id", "'m' AS name", "CAST(2 AS DECIMAL(12, 2)) AS total").write.format(form).option(
        "header", "true"
    ).mode("append").save(str(folder))
    assert run_stream(config, once=True, spark=spark).documents == 3
    assert sorted(int(row["document_id"]) for row in rows(config)) == [*range(9)]


@pytest.mark.parametrize("planned", [True, False])
def test_a_stream_that_is_asked_to_stop_finishes_its_batch(
    spark: Any, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: bool
) -> None:
    for number, name in enumerate("abc"):
        put(tmp_path / "in", f"{name}.json", [event(10 * number + n) for n in range(3)])
    stop, render = threading.Event(), Batches.render

    def asked(self: Batches, frame: Any, number: int) -> BatchResult:
        stop.set()
        time.sleep(2)  # longer than the stream's own look at it
        return render(self, frame, number)

    monkeypatch.setattr(Batches, "render", asked)
    before = signal.getsignal(signal.SIGTERM)
    result = run_stream(make(), spark=spark, stop=stop)
    assert (result.batches, result.documents) == (1, 3)
    assert signal.getsignal(signal.SIGTERM) is before
    monkeypatch.undo()
    if not planned:
        # Spark notes a batch's files before the batch: stopped between the two, it takes them with the next ones.
        for note in (tmp_path / "checkpoint" / "offsets").glob("*1*"):
            note.unlink()
    # Spark knows that the first batch is done: it does not come again.
    result = run_stream(make(), once=True, spark=spark)
    assert (result.documents, result.replayed, result.dead_letters) == (6, 0, {})
    assert result.batches in (1, 2)
    assert sorted(int(row["document_id"]) for row in rows(make())) == [0, 1, 2, 10, 11, 12, 20, 21, 22]


def test_old_dead_letters_and_days_go(spark: Any, make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", [event(1), "bad"])
    config, days = make(stream={"retention_days": 30}), Days()
    frame, driver = batch_of(spark, config, tmp_path, days)
    driver().render(frame, 7)
    days.ahead = timedelta(40)
    driver().render(frame, 7 + batches.KEPT_BATCHES + 1)
    kept = {path.parent.parent.name for path in (tmp_path / "out" / "dead-letters").rglob("*.parquet")}
    assert kept == {f"day={days():%Y%m%d}"}
    assert [path.stem for path in (tmp_path / "out" / "_streams" / "0badcafe-query").iterdir()] == ["1008"]


def test_what_a_stream_cannot_do_is_refused_by_name(spark: Any, make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", [event(1)])
    options = {"kafka.bootstrap.servers": "127.0.0.1:1", "subscribe": "events"}
    kafka = {"format": "kafka", "path": None, "options": options}
    wrong: list[tuple[type[SparkPdfError], str, Config]] = [
        (UnsupportedError, "engine", make(engine="local")),
        (UnsupportedError, "spark.remote", make(spark={"remote": "sc://127.0.0.1:1"})),
        (UnsupportedError, "limit", make(limit=3)),
        (UnsupportedError, "multiLine", make({"options": {"multiLine": "true"}})),
        (ConfigError, "stream.columns", make(stream={"columns": None})),
        (ConfigError, "stream.max_records", make(stream={"max_records": 3})),
        (ConfigError, "source.options", make({"format": "kafka", "path": None})),
        (ConfigError, "stream.max_files", make(kafka, {"max_files": 3})),
        (ContractError, "total", make(stream={"columns": "id BIGINT, name STRING"})),
        (UsageError, "document.id", make(document={"id": "number"})),
        (
            UsageError,
            "kafka_key",
            make(kafka, {"columns": "id INT, kafka_key INT", "max_files": None}),
        ),
        (ConfigError, "stream", make().model_copy(update={"stream": None})),
    ]
    for kind, named, config in wrong:
        with pytest.raises(kind, match=named):
            run_stream(config, once=True, spark=spark)
    with pytest.raises(UsageError, match="spark-pdf stream"):
        run(make(), "run-1")


def test_a_source_that_cannot_stream_is_refused_before_spark_starts(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "open_session", lambda *_: pytest.fail("a session was opened"))
    with pytest.raises(UnsupportedError, match=r"source\.format: Spark cannot stream jdbc"):
        run_stream(make({"format": "jdbc", "path": None, "options": {"url": "jdbc:x"}}))
    kafka = {"format": "kafka", "path": None, "options": {"subscribe": "t"}}
    for key, config in (
        ("stream.columns", make(stream={"columns": None})),
        ("stream.max_records", make(stream={"max_records": 3})),
        ("stream.max_files", make(kafka)),
    ):
        with pytest.raises(ConfigError) as caught:
            run_stream(config)
        assert caught.value.key == key
    with pytest.raises(SourceError, match=r"source\.path: a stream reads one folder"):
        run_stream(make({"path": ["a", "b"]}))
    with pytest.raises(UnsupportedError, match=r"output\.table: a stream's batches"):
        run_stream(make(output={"uri": "memory://test/out", "table": "main.documents.rendered"}))
