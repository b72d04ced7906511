"""A session tries tasks again: without that a record that kills its worker would end every run. And how it ends."""

from __future__ import annotations

import gc
import socket
import weakref
from types import SimpleNamespace
from typing import Any

import pytest

from spark_pdf.engines.spark.session import (
    OpenSession,
    _find_master,
    open_session,
    semantics,
    session_conf,
    stop_session,
)
from spark_pdf.errors import WorkerError
from tests.spark_fixtures import spark_config


@pytest.mark.parametrize(
    ("asked", "master"),
    [
        ("local", "local[1,4]"),
        ("local[2]", "local[2,4]"),
        ("local[*]", "local[*,4]"),
        ("local[2,1]", "local[2,1]"),
        ("local-cluster[2,1,1024]", "local-cluster[2,1,1024]"),
        ("spark://host:7077", "spark://host:7077"),
    ],
)
@pytest.mark.parametrize("where", ["master", "conf"])
def test_a_session_on_one_machine_tries_tasks_again(asked: str, master: str, where: str) -> None:
    spark: dict[str, Any] = {"master": asked} if where == "master" else {"conf": {"spark.master": asked}}
    assert session_conf(spark_config(spark=spark), ())["spark.master"] == master


@pytest.mark.parametrize(
    ("master", "failures", "retries"),
    [
        ("local[2]", "4", False),
        ("local", "4", False),
        ("local[*,1]", "4", False),
        ("local[*,4]", "1", True),
        ("yarn", "4", True),
        ("yarn", "1", False),
        ("local-cluster[2,1,1024]", "4", True),
    ],
)
def test_a_running_session_says_whether_it_does(master: str, failures: str, retries: bool) -> None:
    conf = SimpleNamespace(get=lambda key, default: failures)
    context = SimpleNamespace(master=master, getConf=lambda: conf)
    assert OpenSession(SimpleNamespace(sparkContext=context)).retries is retries  # type: ignore[arg-type]


@pytest.mark.spark
def test_a_stopped_session_of_connect_is_not_finalised(connect_url: str) -> None:
    """Its finalizer takes a lock that the thread in which it runs may hold."""
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(connect_url).create()
    found = weakref.ref(session)
    stop_session(session)
    del session
    gc.collect()
    assert found() is not None
    assert found().is_stopped


class Guarded:
    """A session of Databricks serverless compute: it lets go of a few settings only, and tells of no others."""

    def __init__(self) -> None:
        self.conf = self
        self.values: dict[str, str] = {}

    def get(self, key: str, default: str | None = None) -> str | None:
        self._check(key)
        return self.values.get(key, default)

    def set(self, key: str, value: str) -> None:
        self._check(key)
        self.values[key] = value

    def unset(self, key: str) -> None:
        del self.values[key]

    def _check(self, key: str) -> None:
        from pyspark.errors import AnalysisException

        if key not in ("spark.sql.session.timeZone", "spark.sql.ansi.enabled"):
            raise AnalysisException(f"[CONFIG_NOT_AVAILABLE] Configuration {key} is not available. SQLSTATE: 42K0I")


def test_settings_that_serverless_keeps_are_done_without() -> None:
    from pyspark.errors import AnalysisException

    spark: Any = Guarded()
    opened = OpenSession(spark)
    opened.set("spark.sql.session.timeZone", "UTC")
    opened.set("spark.sql.execution.arrow.maxRecordsPerBatch", "16", wanted=False)
    assert spark.values == {"spark.sql.session.timeZone": "UTC"}
    with pytest.raises(AnalysisException):
        opened.set("spark.sql.execution.arrow.maxRecordsPerBatch", "16")
    assert semantics(spark)["spark.sql.caseSensitive"] is None
    opened.close()
    assert spark.values == {}


@pytest.mark.spark
def test_databricks_own_session_is_taken_where_none_is_active(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a wheel's task: a session of ours would be configured as one on this machine, and stopped at the end."""
    from pyspark.sql import SparkSession

    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda cls: None))
    before = spark.conf.get("spark.sql.shuffle.partitions")
    opened = open_session(spark_config(spark={"conf": {"spark.sql.shuffle.partitions": "77"}}))
    assert opened.spark is spark
    assert not opened.started_here
    opened.close()
    assert spark.conf.get("spark.sql.shuffle.partitions") == before
    assert spark.range(3).count() == 3


@pytest.mark.spark
def test_a_users_own_jobs_get_their_description_back(spark: Any) -> None:
    context = spark.sparkContext
    for own in (None, "monthly"):
        context.setLocalProperty("spark.job.description", own)
        opened = OpenSession(spark)
        opened.describe("r: count and measure the records")
        opened.describe("r: something else")
        assert context.getLocalProperty("spark.job.description") == "r: something else"
        opened.close()
        assert context.getLocalProperty("spark.job.description") == own
    context.setLocalProperty("spark.job.description", None)


def test_masters_of_which_none_listens_are_one_sentence() -> None:
    """Spark would end after a minute, with stacks of Java's on stderr."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = f"127.0.0.1:{server.getsockname()[1]}"
        _find_master(f"spark://127.0.0.1:1,{there}")
    _find_master("yarn")
    with pytest.raises(WorkerError, match=r"^spark\.master: no cluster answers at spark://127\.0\.0\.1:1,127.*\("):
        _find_master(f"spark://127.0.0.1:1,{there}")


def test_a_spark_that_does_not_start_is_no_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyspark.sql
    from pyspark.errors import PySparkRuntimeError

    class Builder:
        def appName(self, name: str) -> Builder:  # noqa: N802
            return self

        def config(self, key: str, value: str) -> Builder:
            return self

        def getOrCreate(self) -> None:  # noqa: N802
            raise PySparkRuntimeError("Java gateway process exited before sending its port number.")

    session = SimpleNamespace(builder=Builder(), getActiveSession=lambda: None)
    monkeypatch.setattr(pyspark.sql, "SparkSession", session)
    with pytest.raises(WorkerError, match=r"^Spark cannot be started \(PySparkRuntimeError\): see spark\.master"):
        open_session(spark_config(spark={"master": "nonsense"}))
