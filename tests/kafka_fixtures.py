"""A Kafka broker for tests: one process in KRaft mode, from pinned jars, on a loopback address.

In: `kafka_jars.txt`, with coordinates and SHA-256. Out: its address, and a folder that is gone with the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from spark_pdf.engines.spark.jars import fetch_jars
from tests.ports import free_ports
from tests.spark_fixtures import LOOPBACK, SHORT_LIVED, Java, end, listens, start, wait_until

_PINS = Path(__file__).parent / "kafka_jars.txt"
_CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"

_SETTINGS = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{control}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{control}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/logs
num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@dataclass(frozen=True)
class Kafka:
    """A broker that listens."""

    servers: str


def _jars(java: Java) -> list[Path]:
    pins = dict(line.split() for line in _PINS.read_text().splitlines() if line and not line.startswith("#"))
    return fetch_jars(pins, java.home)


@contextmanager
def broker(java: Java, folder: Path) -> Iterator[Kafka]:
    """A broker as long as the block runs."""
    (port, control), log = free_ports(2), folder / "broker.log"
    settings = folder / "server.properties"
    settings.write_text(_SETTINGS.format(host=LOOPBACK, port=port, control=control, folder=folder))
    (folder / "log4j2.properties").write_text("rootLogger.level = warn\n")
    executable = str(java.home / "bin" / "java") if java.home else shutil.which("java") or "java"
    command = [executable, *SHORT_LIVED.split(), "-Xmx512m", f"-Dlog4j2.configurationFile={folder}/log4j2.properties"]
    command += ["-cp", os.pathsep.join(map(str, _jars(java)))]
    form = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(settings)]
    subprocess.run([*command, *form], check=True, capture_output=True, timeout=120)
    process = start([*command, "kafka.Kafka", str(settings)], java, log)
    try:
        wait_until(lambda: listens(port), log)
        yield Kafka(f"{LOOPBACK}:{port}")
    finally:
        end(process)


@pytest.fixture(scope="session")
def kafka(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One broker for all tests; each uses topics of its own."""
    with broker(java, tmp_path_factory.mktemp("kafka")) as running:
        yield running
