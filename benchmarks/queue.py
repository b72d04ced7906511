"""Documents per second through the queue, from submit to stored, and what each kind of process spends on one.

    python -m benchmarks.queue [--documents 5000] [--store s3] [--write]

In: a number of documents. Out: a table, which `--write` keeps in docs/queue.md. A RabbitMQ of its own, a worker, a
compactor and a client run on this machine; invoices of TPC-H are submitted in bulk, by Python. The clock stops when
each has its status in the store. All is on loopback and ends by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import yaml

from benchmarks.end_to_end import BUCKET, KEY, SECRET, running_s3_server
from benchmarks.marked import write_between
from benchmarks.tpch import ROOT, records
from spark_pdf.config import Config, load_config
from spark_pdf.engines.celery.client import QueueClient
from spark_pdf.engines.celery.messages import Ticket
from spark_pdf.layout.generation import flow
from spark_pdf.manifest.table import open_table
from tests.rabbit_fixtures import BROKER_VARIABLE, running_rabbit

PAGE = ROOT / "docs" / "queue.md"

SECONDS = 600
"""Nothing takes longer: the measurement fails instead."""


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--store", choices=("files", "s3"), default="files")
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/queue.md")
    arguments = parser.parse_args()
    if arguments.write and arguments.store != "files":
        parser.error("--write: the page's table is of a store on disk")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    found = measure(arguments.documents, arguments.store, arguments.processes, arguments.threads)
    print(json.dumps(found) if arguments.json else shown(found))
    if arguments.write:
        write_between(PAGE, "queue", table(found, date.today()))


def measure(documents: int, store: str, processes: int, threads: int) -> dict[str, Any]:
    """Submit so many invoices and wait for them."""
    invoices = [record for _, record in records("invoices", min(documents, 1000))]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spark-pdf-queue-")))
        rabbit = stack.enter_context(running_rabbit(folder / "rabbit"))
        servers = {"broker": psutil.Process(rabbit.pid)}
        output, stores = str(folder / "out"), {}
        if store == "s3":
            endpoint, server = stack.enter_context(running_s3_server(folder / "s3"))
            servers["S3 server"] = server
            output = f"s3://{BUCKET}/queue"
            reach = {"endpoint": endpoint, "region": "us-east-1", "path_style": True}
            stores = {output: {**reach, "access_key_id": f"env:{KEY}", "secret_access_key": f"env:{SECRET}"}}
        config = _config(folder, output, stores, processes)
        started = [stack.enter_context(_process(folder, command)) for command in ("worker", "compact")]
        servers |= {"worker": psutil.Process(started[0].pid), "compactor": psutil.Process(started[1].pid)}
        with QueueClient(config) as client:
            _wait_for(client, [client.submit(invoices[0], f"first-{n}") for n in range(100)])
            before = _spent(servers)
            began = time.monotonic()
            many = ({**invoices[n % len(invoices)], "o_orderkey": n} for n in range(documents))
            tickets = list(client.submit_all(many, threads=threads))
            submitted = time.monotonic() - began
            _wait_for(client, tickets)
            seconds = time.monotonic() - began
            after = _spent(servers)
            _wait_for_rows(config, documents + 100)
            committed = time.monotonic() - began
        rendering = _rendering_ms(config)
    spent = {name: round(1000 * (after[name] - before[name]) / documents, 3) for name in after}
    return {
        "documents": documents, "store": store, "submitted": round(submitted, 2), "stored": round(seconds, 2),
        "committed": round(committed, 2), "rate": round(documents / seconds, 1), "cpu_ms": spent,
        "rendering_ms": rendering, "load": os.getloadavg()[0],
    }  # fmt: skip


def _config(folder: Path, output: str, stores: Mapping[str, Any], processes: int) -> Config:
    values = {
        "name": "invoices", "template": str(ROOT / "examples" / "invoice"), "document": {"id": "o_orderkey"},
        "output": {"uri": output, "layout": "objects"}, "stores": dict(stores),
        "queue": {"broker": f"env:{BROKER_VARIABLE}", "batch_seconds": 5, "processes": processes},
    }  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(values))
    return load_config([folder / "config.yaml"])


@contextlib.contextmanager
def _process(folder: Path, command: str) -> Iterator[subprocess.Popen[bytes]]:
    line = [sys.executable, "-m", "spark_pdf.cli", "queue", command, str(folder / "config.yaml")]
    with open(folder / f"{command}.log", "wb") as log:
        process = subprocess.Popen(line, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(client: QueueClient, tickets: list[Ticket]) -> None:
    """The last submitted are the last rendered, nearly: so few are asked for twice."""
    deadline = time.monotonic() + SECONDS
    for ticket in tickets:
        status = client.wait(ticket, deadline - time.monotonic())
        assert status.state == "document", status


def _wait_for_rows(config: Config, rows: int) -> None:
    deadline = time.monotonic() + 120
    while sum(batch.num_rows for batch in open_table(config).scan(["document_id"])) < rows:
        assert time.monotonic() < deadline, "the compactor does not commit"
        time.sleep(0.5)


def _rendering_ms(config: Config) -> float:
    """What rendering alone takes of the pool's time, by the manifest."""
    found = [ms for batch in open_table(config).scan(["render_ms"]) for ms in batch["render_ms"].to_pylist()]
    return round(sum(found) / len(found), 3)


def _spent(servers: Mapping[str, psutil.Process]) -> dict[str, float]:
    """CPU seconds by kind of process; a worker's pool apart."""
    found = {"client": time.process_time()}
    for name, process in servers.items():
        below = _cpu(process.children(recursive=True))
        found[name] = _cpu([process]) + (0.0 if name == "worker" else below)
        if name == "worker":
            found["pool"] = below
    return found


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for one in processes:
        with contextlib.suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def shown(found: Mapping[str, Any]) -> str:
    """A table for people."""
    spent = ", ".join(f"{name} {ms:.2f}" for name, ms in found["cpu_ms"].items())
    return (
        f"{found['documents']:,} invoices, {found['store']}: submitted after {found['submitted']} s, stored after "
        f"{found['stored']} s, committed after {found['committed']} s\n"
        f"{found['rate']} documents/s from submit to stored\n"
        f"CPU ms a document: {spent}; together {sum(found['cpu_ms'].values()):.2f}, of which "
        f"rendering {found['rendering_ms']:.2f} (load {found['load']:.1f})"
    )


def table(found: Mapping[str, Any], day: date) -> str:
    """What docs/queue.md keeps of it."""
    compiled = "compiled" if flow.__file__.endswith(".so") else "not compiled"
    spent, rendering = found["cpu_ms"], found["rendering_ms"]
    rows = {
        "documents a second, from the first submission to the last PDF stored": f"{found['rate']:.0f}",
        "CPU ms of a document": f"{sum(spent.values()):.1f}",
        "of which rendering": f"{rendering:.1f}",
        "storing, status and Celery's pool": f"{spent['pool'] - rendering:.1f}",
        **{name: f"{spent[name]:.1f}" for name in ("broker", "client", "worker", "compactor")},
    }
    head = f"{found['documents']:,} invoices, a store on disk, {os.cpu_count()} cores, {compiled}, {day.isoformat()}"
    return "\n".join([f"| {head} | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])


if __name__ == "__main__":
    main()
