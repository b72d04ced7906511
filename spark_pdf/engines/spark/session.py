"""The Spark session of a run: the active one, a remote one, or one that is started here.

In: a config. Out: an `OpenSession`. A session that was there before (Databricks, a notebook, an application of the
user's) is used as it is; one on this machine is started with loopback addresses, this Python, and the jars that the
source needs.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spark_pdf.config import Config
from spark_pdf.engines.addresses import refusal
from spark_pdf.engines.spark.jars import jars_for, needed_features, on_platform
from spark_pdf.engines.spark.java import java_home
from spark_pdf.errors import UnsupportedError, WorkerError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PROBES = {
    "s3": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "delta": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "iceberg": "org.apache.iceberg.spark.SparkCatalog",
    "avro": "org.apache.spark.sql.avro.AvroFileFormat",
    "kafka": "org.apache.spark.sql.kafka010.KafkaSourceProvider",
}
"""A class of each feature, by which a running session is seen to have it."""

_EXTENSIONS = {
    "delta": "io.delta.sql.DeltaSparkSessionExtension",
    "iceberg": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
}

_DESCRIPTION = "spark.job.description"


@dataclass
class OpenSession:
    """A session and what has to be undone when the run is over."""

    spark: SparkSession
    started_here: bool = False
    _before: dict[str, str | None] = field(default_factory=dict)
    _described: tuple[str | None] | None = None

    @property
    def connect(self) -> bool:
        """Whether this is a Spark Connect session: no JVM, no RDDs."""
        return is_connect(self.spark)

    @property
    def retries(self) -> bool:
        """Whether a task that fails is tried again. `local[2]` tries none: its second number is how often."""
        if self.connect:
            return True  # the server's affair
        context = self.spark.sparkContext
        master = str(context.master)
        if re.fullmatch(r"local(\[[^,\]]*\])?", master):
            return False
        times = re.fullmatch(r"local\[[^,\]]*,\s*(\d+)\]", master)
        return int(times[1] if times else context.getConf().get("spark.task.maxFailures", "4")) > 1

    def set(self, key: str, value: str, *, wanted: bool = True) -> None:
        """Set a runtime setting for the time of the run. One that is not `wanted` may be kept from us: serverless
        sessions of Databricks let go of a few settings only.
        """
        from pyspark.errors import PySparkException

        try:
            self._before.setdefault(key, self.spark.conf.get(key, None))
            self.spark.conf.set(key, value)
        except PySparkException as error:
            self._before.pop(key, None)
            if wanted or "CONFIG_NOT_AVAILABLE" not in str(error):
                raise

    def describe(self, what: str) -> None:
        """Name the jobs that this thread starts from now on, in Spark's UI; over Connect nobody sees it."""
        if not self.connect:
            context = self.spark.sparkContext
            self._described = self._described or (context.getLocalProperty(_DESCRIPTION),)
            context.setLocalProperty(_DESCRIPTION, what)

    def close(self) -> None:
        """Put back what `set` and `describe` changed, or end the session if it was started here."""
        if self.started_here:
            stop_session(self.spark)
            return
        if self._described is not None:  # else the user's own jobs would bear our name from now on
            self.spark.sparkContext.setLocalProperty(_DESCRIPTION, self._described[0])  # type: ignore[arg-type]
            self._described = None
        for key, value in self._before.items():
            if value is None:
                self.spark.conf.unset(key)
            else:
                self.spark.conf.set(key, value)
        self._before.clear()


_STOPPED: list[Any] = []


def stop_session(spark: Any) -> None:
    """Stop a session, and keep what is left of it as long as the process lives.

    The finalizer of a Connect session shuts down a pool of threads that all sessions share, and takes its lock. When
    the garbage collector ran it while another session was handing work to the pool, that thread waited for itself.
    """
    spark.stop()
    if is_connect(spark):
        _STOPPED.append(spark)


def is_connect(value: Any) -> bool:
    """Whether a session or DataFrame is Spark Connect's."""
    return any(".sql.connect" in kind.__module__ for kind in type(value).__mro__)


def open_session(config: Config, spark: SparkSession | None = None) -> OpenSession:
    """The session for a config: the one given, the active one, or a new one."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UnsupportedError("`engine: spark` needs an extra: pip install 'spark-pdf[spark]'") from None
    # It prints every error of Spark's, stack and data, to stderr; ours are raised as one sentence.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    found = spark or (None if config.spark.remote else SparkSession.getActiveSession())
    if found is not None:
        opened = OpenSession(found)
        if not opened.connect:
            _check_jars(found, config)
    elif on_platform() == "Databricks" and not config.spark.remote:
        # A wheel's task may find none active, and is given the platform's own. It is nobody's to configure or to stop.
        opened = OpenSession(SparkSession.builder.getOrCreate())
    elif config.spark.remote:
        opened = OpenSession(_remote(config), started_here=True)
    else:
        opened = OpenSession(_start(config), started_here=True)
    # Text made of a timestamp, and timestamps on their way to Python, must not depend on where the driver stands.
    opened.set("spark.sql.session.timeZone", "UTC")
    return opened


def _remote(config: Config) -> Any:
    from pyspark.errors import PySparkException

    url = str(config.spark.remote)
    _knock(url)
    try:
        if url.startswith("local"):  # a server in this process, which listens on all addresses if it is not told
            from pyspark.sql import SparkSession

            own = SparkSession.builder.remote(url).config("spark.connect.grpc.binding.address", "127.0.0.1")
            spark: Any = _configured(own, config).getOrCreate()
        else:
            # Not by way of pyspark.sql.SparkSession, which refuses where the process has a classic session too.
            from pyspark.sql.connect.session import SparkSession as RemoteSession

            spark = _configured(RemoteSession.builder.remote(url), config).create()
        _ = spark.version
    except ImportError as error:  # PySparkImportError is one
        raise UnsupportedError(f"Spark Connect needs pip install 'pyspark[connect]': {error}") from None
    except (PySparkException, OSError) as error:
        raise UnsupportedError(
            f"cannot reach the Spark Connect server in spark.remote: {type(error).__name__}"
        ) from None
    return spark


def _configured(builder: Any, config: Config) -> Any:
    for key, value in config.spark.conf.items():
        builder = builder.config(key, value)
    return builder


def _knock(url: str) -> None:
    """Raise `UnsupportedError` if nobody listens. gRPC by itself would go on trying for minutes."""
    parts = urlsplit(url)
    if parts.scheme != "sc":
        return
    if why := refusal(parts.netloc, 15002):
        raise UnsupportedError(f"cannot reach the Spark Connect server {parts.netloc}: {why}")


def _start(config: Config) -> SparkSession:
    import pyspark
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    submitted = "PYSPARK_GATEWAY_PORT" in os.environ  # spark-submit has started the JVM, with its own jars and master
    builder = SparkSession.builder.appName(config.name)
    if submitted:
        for key, value in config.spark.conf.items():
            builder = builder.config(key, value)
    else:
        _find_master(_master(config))
        home = java_home(int(pyspark.__version__.split(".")[0]))
        if home is not None:
            os.environ["JAVA_HOME"] = str(home)
        for key, value in session_conf(config, jars_for(config, pyspark.__version__, home)).items():
            builder = builder.config(key, value)
        if _master(config).startswith("local"):
            # Else workers are whatever `python3` is on PATH. For one machine only: elsewhere there may be no such path.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    before = signal.getsignal(signal.SIGINT)
    try:
        spark: SparkSession = builder.getOrCreate()
    except (PySparkException, Py4JJavaError) as error:
        raise WorkerError(
            f"Spark cannot be started ({type(error).__name__}): see spark.master and spark.conf, and what Spark has "
            "printed above"
        ) from error
    if threading.current_thread() is threading.main_thread():
        # PySpark's own handler calls Java from within a call to Java, and Ctrl-C ends as a Py4JError.
        signal.signal(signal.SIGINT, before)
    _check_jars(spark, config)
    return spark


def _find_master(master: str) -> None:
    """Raise `WorkerError` if no master of a standalone cluster listens: Spark would try for a minute, and print."""
    if not master.startswith("spark://"):
        return
    reasons = [refusal(one, 7077) for one in master.removeprefix("spark://").split(",")]
    if all(reasons):
        raise WorkerError(f"spark.master: no cluster answers at {master} ({reasons[0]})")


def _master(config: Config) -> str:
    """The master; on one machine with tasks that are tried again, which `local[2]` by itself does not mean."""
    master = config.spark.master or config.spark.conf.get("spark.master") or "local[*]"
    plain = re.fullmatch(r"local(?:\[([^,\]]*)\])?", master)
    return f"local[{plain[1] or 1},4]" if plain else master


def session_conf(config: Config, jars: Iterable[Path]) -> dict[str, str]:
    """Settings of a session that is started here; the config's own win."""
    master = _master(config)
    conf = {
        "spark.master": master,
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",  # progress is the driver's, and bars of two would mix
    }
    if master.startswith("local"):
        log4j = files("spark_pdf.engines.spark").joinpath("log4j2.properties")
        conf |= {
            # Nobody else has any business with a session on one machine; the UI listens on all addresses.
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            # Executors live in the driver's JVM, whose default of 1 GiB is too little for the joins of a source.
            "spark.driver.memory": f"{_heap_mebibytes()}m",
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{log4j}",
        }
    extensions = [_EXTENSIONS[name] for name in needed_features(config) if name in _EXTENSIONS]
    if config.spark.packages == "auto" and extensions:
        own = config.spark.conf.get("spark.sql.extensions")
        conf["spark.sql.extensions"] = ",".join(
            [*([own] if own else []), *(e for e in extensions if e not in (own or ""))]
        )
        if "delta" in needed_features(config):
            conf["spark.sql.catalog.spark_catalog"] = _PROBES["delta"]
    names = [str(jar) for jar in jars]
    if names:
        conf["spark.jars"] = ",".join(filter(None, [config.spark.conf.get("spark.jars"), *names]))
    kept = ("spark.master", "spark.jars", "spark.sql.extensions") if names else ("spark.master",)
    return conf | {key: value for key, value in config.spark.conf.items() if key not in kept}


def _heap_mebibytes() -> int:
    """A quarter of the machine's memory, between 1 and 8 GiB: the rest is for the Python workers."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 4 << 30
    return min(max(total // 4, 1 << 30), 8 << 30) >> 20


def _check_jars(spark: SparkSession, config: Config) -> None:
    """Raise `UnsupportedError` if a session that runs already lacks what the source needs."""
    if on_platform() or config.spark.packages == "none":
        return
    jvm = spark.sparkContext._jvm
    missing = [name for name in needed_features(config) if not _has_class(jvm, _PROBES[name])]
    if missing:
        raise UnsupportedError(
            f"the running Spark session lacks the jars for {', '.join(missing)}; start it with "
            "--jars $(python -m spark_pdf.engines.spark.jars CONFIG), or let spark_pdf start one"
        )


def _has_class(jvm: Any, name: str) -> bool:
    from py4j.protocol import Py4JJavaError

    try:
        jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(name)
    except Py4JJavaError:
        return False
    return True


_SEMANTICS = (
    "spark.sql.ansi.enabled",
    "spark.sql.caseSensitive",
    "spark.sql.legacy.timeParserPolicy",
    "spark.sql.mapKeyDedupPolicy",
    "spark.sql.parquet.binaryAsString",
    "spark.sql.sources.partitionColumnTypeInference.enabled",
)


def semantics(spark: SparkSession) -> dict[str, str | None]:
    """Settings that decide which records a query gives; the time zone is not among them, because runs set it."""
    return {key: _setting(spark, key) for key in _SEMANTICS}


def _setting(spark: SparkSession, key: str) -> str | None:
    from pyspark.errors import PySparkException

    try:
        return spark.conf.get(key, None)
    except PySparkException as error:  # a serverless session of Databricks does not tell all
        if "CONFIG_NOT_AVAILABLE" not in str(error):
            raise
        return None


def set_store_options(spark: SparkSession, options: Mapping[str, str]) -> None:
    """Give a live session the Hadoop settings of object stores, keys among them.

    They go into the Hadoop configuration of the running context, not into `spark.*`: that is written to the event
    log, shown in the UI and carried in plans. The Hadoop configuration travels to executors with each file scan,
    and the UI's copy, made when the context started, does not hold them. On Spark Connect there is none to set: the
    server's administrator does it.
    """
    if options and not is_connect(spark):
        hadoop = spark.sparkContext._jsc.hadoopConfiguration()
        for key, value in options.items():
            hadoop.set(key, value)
