"""Streams whose driver is killed: every event that a producer sent is one document, whatever was in hand.

In a form of 2,000 events and one kill; `python -m benchmarks.stream` has 20,000, and measures.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from spark_pdf.config import Config, load_config
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from tests.kafka_fixtures import Kafka

EVENTS = 2000
TEMPLATE = """<!DOCTYPE html><html><head><title>{{ id }}</title><style>@page { size: A7 }</style></head>
<body><p>{{ name.upper() }} {{ total | money("EUR") }}</p></body></html>
"""


def write_config(folder: Path, source: dict[str, Any], **stream: Any) -> Path:
    (folder / "bundle").mkdir()
    (folder / "bundle" / "template.html").write_text(TEMPLATE)
    config = {
        "name": "events",
        "source": source,
        "template": str(folder / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": str(folder / "out")},
        "spark": {"master": "local[2]", "conf": {"spark.driver.memory": "1g"}},
        "stream": {
            "checkpoint": str(folder / "checkpoint"),
            "columns": "id BIGINT, name STRING, total DECIMAL(12, 2)",
            **stream,
        },
    }
    path = folder / "stream.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def start(config: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "spark_pdf.cli", "stream", str(config), "--output", "json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def committed(folder: Path) -> int:
    return len(list((folder / "out" / "manifest" / "_commits").glob("*.json")))


def kill_after(process: subprocess.Popen[str], folder: Path, batches: int) -> None:
    """SIGKILL the driver in the batch after so many."""
    deadline = time.monotonic() + 240
    while committed(folder) < batches:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def settings(config: Path) -> Config:
    return load_config([config])


def check(config: Path, ids: range) -> None:
    """Every event is one document, and one row."""
    found = [row for batch in open_table(settings(config)).scan(["document_id", "status"]) for row in batch.to_pylist()]
    assert Counter(row["document_id"] for row in found) == {str(number): 1 for number in ids}
    assert {row["status"] for row in found} == {"document"}
    assert verify(settings(config), hashes="sample").ok


def end(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a stream says that ends by itself."""
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return dict(json.loads(said))


@pytest.mark.spark
def test_a_stream_of_files_whose_driver_is_killed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for part in range(20):
        events = ({"id": n, "name": f"n{n}", "total": "1.50"} for n in range(part, EVENTS, 20))
        (tmp_path / "in" / f"{part}.json").write_text("".join(json.dumps(event) + "\n" for event in events))
    config = write_config(tmp_path, {"format": "json", "path": str(tmp_path / "in")}, max_files=3)
    kill_after(start(config), tmp_path, 2)
    said = end(start(config, "--once"))
    assert said["dead_letters"] == {}
    check(config, range(EVENTS))


def test_a_stream_of_kafka_whose_driver_is_killed_and_asked_to_stop(spark: Any, kafka: Kafka, tmp_path: Path) -> None:
    brokers = {"kafka.bootstrap.servers": kafka.servers}
    source = {"format": "kafka", "options": {**brokers, "subscribe": "events"}}
    events = spark.range(EVENTS).selectExpr(
        "CAST(id AS STRING) AS key", "to_json(struct(id, concat('n', id) AS name, '1.50' AS total)) AS value"
    )
    odd = spark.createDataFrame([("a", "no record"), ("b", None)], "key string, value string")
    # The odd ones first: as the last of their partitions they may come after the last document, which is waited for.
    for messages in (odd, events):
        messages.write.format("kafka").options(**brokers).option("topic", "events").save()
    config = write_config(tmp_path, source, max_records=250, dead_letters={"topic": "events-dead"})
    kill_after(start(config), tmp_path, 2)
    # Started again, it goes on; asked to stop, it ends well.
    process, deadline = start(config), time.monotonic() + 240
    while sum(batch.num_rows for batch in open_table(settings(config)).scan(["document_id"])) < EVENTS:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    process.terminate()
    assert end(process)["batches"] >= 1
    check(config, range(EVENTS))
    dead = spark.read.format("kafka").options(**brokers).option("subscribe", "events-dead")
    found = dead.option("includeHeaders", "true").load().collect()
    headers = [{header["key"]: bytes(header["value"] or b"").decode() for header in row["headers"]} for row in found]
    # A replayed batch sends its dead letters again, with the same place.
    reasons = {(one["reason"], one["place"].split("/")[0]) for one in headers}
    assert reasons == {("malformed", "events"), ("empty", "events")}
