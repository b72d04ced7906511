"""A stream of events while its driver is killed: is every event one document, and how long does each take?

In: a Kafka broker of its own on a loopback address, and a producer that sends events at a steady rate. The stream's
driver gets SIGKILL several times while they come. Out: the latency from an event's timestamp in Kafka to the commit of
the run that holds its document, at percentiles, with and without the batches that a kill has delayed; and what the
roll-up of its packs takes.

python -m benchmarks.stream                 20,000 events, 3 kills
python -m benchmarks.stream --events 5000 --kills 0 --rate 200
python -m benchmarks.stream --write         keeps what it found in docs/streams.md
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from benchmarks.marked import write_between
from spark_pdf.config import load_config
from spark_pdf.manifest.rollup import rollup
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from spark_pdf.wording import plural
from tests.kafka_fixtures import broker
from tests.spark_fixtures import find_java

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "streams.md"

PRODUCER = """
import json, sys, time
from pyspark.sql import SparkSession
servers, events, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
spark = SparkSession.builder.getOrCreate()
producer = spark._jvm.org.apache.kafka.clients.producer
settings = spark._jvm.java.util.Properties()
settings.put("bootstrap.servers", servers)
for kind in ("key", "value"):
    settings.put(f"{kind}.serializer", "org.apache.kafka.common.serialization.StringSerializer")
sender = producer.KafkaProducer(settings)
print("sending", flush=True)
began = time.monotonic()
for number in range(events):
    lines = [{"text": f"item {n}", "amount": "1.50"} for n in range(number % 8)]
    value = json.dumps({"number": number, "name": f"Customer {number}", "lines": lines})
    sender.send(producer.ProducerRecord("events", str(number), value))
    time.sleep(max(0.0, began + number / rate - time.monotonic()))
sender.close()
"""

TEMPLATE = """<!DOCTYPE html><html><head><title>{{ number }}</title><style>@page { size: A5; margin: 15mm }
th { background: #204060; color: white } td, th { padding: 1mm 3mm }</style></head>
<body><h1>Receipt {{ number }}</h1><p>Dear {{ name }}</p>
<table><tr><th>What</th><th>Amount</th></tr>
{% for line in lines %}<tr><td>{{ line.text }}</td><td>{{ line.amount | money("EUR") }}</td></tr>{% endfor %}
</table></body></html>
"""


def write_config(folder: Path, servers: str, mode: str) -> Path:
    """The stream's config, with latency's default settings."""
    (folder / "bundle").mkdir()
    (folder / "bundle" / "template.html").write_text(TEMPLATE)
    columns = "number BIGINT, name STRING, lines ARRAY<STRUCT<text: STRING, amount: DECIMAL(12, 2)>>"
    config = {
        "name": "events",
        "source": {"format": "kafka", "options": {"kafka.bootstrap.servers": servers, "subscribe": "events"}},
        "template": str(folder / "bundle"),
        "document": {"id": "number"},
        "output": {"uri": str(folder / "out")},
        "manifest": {"format": "delta", "columns": ["kafka_timestamp"]},
        "spark": {"master": "local[2]"},
        "stream": {"checkpoint": str(folder / "checkpoint"), "columns": columns, "mode": mode},
    }
    path = folder / "stream.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def start(config: Path) -> subprocess.Popen[bytes]:
    """The stream, in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "spark_pdf.cli", "stream", str(config), "--quiet"], cwd=ROOT)


def rows(config: Path) -> list[dict[str, Any]]:
    """Id, status and the two times of every row."""
    table = open_table(load_config([config]))
    columns = ["document_id", "status", "kafka_timestamp", "committed_at"]
    return [row for batch in table.scan(columns) for row in batch.to_pylist()]


def produce(servers: str, events: int, rate: float, java: Any) -> subprocess.Popen[str]:
    """Events at a rate, from a process of its own; it has begun when this returns."""
    jars = [str(path) for path in java.jars if "kafka" in path.name]
    conf = f"--jars {','.join(jars)} --conf spark.ui.enabled=false --conf spark.driver.bindAddress=127.0.0.1"
    environment = {
        **java.environment,
        "PYSPARK_SUBMIT_ARGS": f"--master local[1] --driver-memory 512m {conf} pyspark-shell",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", PRODUCER, servers, str(events), str(rate)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != "sending":
        raise SystemExit("the producer did not start")
    return process


def percentiles(waited: Sequence[timedelta]) -> str:
    """p50, p95 and p99 in seconds."""
    ordered = sorted(one.total_seconds() for one in waited)
    return ", ".join(f"p{q} {ordered[min(len(ordered) * q // 100, len(ordered) - 1)]:.2f} s" for q in (50, 95, 99))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 if an event is no document, or more than one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=100.0, help="events a second")
    parser.add_argument("--kills", type=int, default=3, help="times that the driver gets SIGKILL")
    parser.add_argument("--mode", default="latency", choices=["latency", "throughput"])
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/streams.md, if all is right")
    asked = parser.parse_args(arguments)
    java = find_java()
    with tempfile.TemporaryDirectory(prefix="spark-pdf-stream-") as name:
        folder = Path(name)
        with broker(java, folder) as kafka:
            config = write_config(folder, kafka.servers, asked.mode)
            stream = start(config)
            time.sleep(20)  # a stream that has just started is not what is measured
            producer = produce(kafka.servers, asked.events, asked.rate, java)
            began, restarts = time.time(), []
            for number in range(asked.kills):
                time.sleep(max(0.0, began + asked.events / asked.rate * (number + 1) / (asked.kills + 1) - time.time()))
                os.kill(stream.pid, signal.SIGKILL)
                stream.wait()
                restarts.append(time.time())
                stream = start(config)
            producer.wait()
            deadline = time.monotonic() + 600
            while len(rows(config)) < asked.events and time.monotonic() < deadline and stream.poll() is None:
                time.sleep(1)
            stream.terminate()
            code = stream.wait(120)
        found, right = report(rows(config), asked.events, restarts, code)
        rolled, still_right = roll_up(config, asked.events)
    lines = [f"{asked.rate:,.0f} events a second, mode {asked.mode}", *found, *rolled]
    print("\n".join(lines))
    if not (right and still_right):
        return 1
    if asked.write:
        write_between(PAGE, "stream", as_list(lines))
    return 0


def as_list(lines: Sequence[str]) -> str:
    """Lines as docs/streams.md shows them."""
    return "\n".join(f"- {line}" for line in lines)


def report(
    found: Sequence[dict[str, Any]], events: int, restarts: Sequence[float], code: int
) -> tuple[list[str], bool]:
    """What came of it, and whether that is right."""
    counts = Counter(row["document_id"] for row in found if row["status"] == "document")
    exact = counts == {str(number): 1 for number in range(events)} and len(found) == events
    right = "each is one document" if exact else "WRONG"
    lines = [f"{events:,} events, {plural(len(restarts), 'kill')}: {right}; exit code {code}"]
    if found:
        waited = [(row["committed_at"] - row["kafka_timestamp"], row["kafka_timestamp"].timestamp()) for row in found]
        calm = [one for one, sent in waited if not any(-10 < sent - at < 40 for at in restarts)]
        lines.append(f"from event to commit, all: {percentiles([one for one, _ in waited])}")
        if restarts and calm:
            lines.append(f"but for those sent from 10 s before a kill to 40 s after it: {percentiles(calm)}")
        batches = len({row["committed_at"] for row in found})
        lines.append(f"{batches:,} {'batch' if batches == 1 else 'batches'}")
    return lines, exact and code == 0


def roll_up(config: Path, events: int) -> tuple[list[str], bool]:
    """Merge the day's packs: what that took, and whether all is still right."""
    settings = load_config([config])
    began = time.monotonic()
    found = rollup(settings, f"{settings.name}-")
    took = f"{plural(found.merged, 'pack')} of {plural(found.runs, 'run')} into {found.packs:,}"
    lines = [f"roll-up: {took}, {time.monotonic() - began:.1f} s"]
    counts = Counter(row["document_id"] for row in rows(config) if row["status"] == "document")
    sound = counts == {str(number): 1 for number in range(events)} and verify(settings, hashes="all").ok
    lines.append(f"afterwards each is {'one document, found where its row says' if sound else 'NOT one document'}")
    return lines, sound


if __name__ == "__main__":
    sys.exit(main())
