"""A stream: Structured Streaming brings batches, each of them becomes a run that the unchanged driver commits.

In: a config with a `stream`. Out: a `StreamResult`, when the stream has been asked to stop, or, with `once`, when all
that was there is rendered. What is exactly once in effect is so by two things that outlive every process: Spark's
checkpoint, which gives a batch the same messages whenever it is replayed, and the run's id, which follows from the
batch (`batches`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.batches import BatchesResult, Tally, batch_config, batch_line
from spark_pdf.engines.preflight import needed_columns
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.spark.batches import Batches, BatchResult
from spark_pdf.engines.spark.faults import as_source_error, is_sparks, sentence
from spark_pdf.engines.spark.messages import Intake, check_streamed
from spark_pdf.engines.spark.session import OpenSession, open_session, set_store_options
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.engines.spark.stores import hadoop_options, hadoop_uri
from spark_pdf.engines.stopping import asked_by_signal
from spark_pdf.errors import ConfigError, SparkPdfError, UnsupportedError
from spark_pdf.template.loading import load_bundle

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

_POLL_SECONDS = 0.5
_SETTLE_SECONDS = 30.0


@dataclass(frozen=True)
class StreamResult(BatchesResult):
    """`query` is Spark's id of the stream."""

    query: str = ""


class _Stopped(Exception):  # noqa: N818 - no error: what a batch says that begins after the stop
    """The stream has been asked to stop."""


def run_stream(
    config: Config,
    *,
    once: bool = False,
    spark: SparkSession | None = None,
    progress: Progress | None = None,
    on_batch: Callable[[BatchResult], None] | None = None,
    stop: threading.Event | None = None,
) -> StreamResult:
    """Render a stream until `stop` is set, or SIGTERM or Ctrl-C come: the batch in hand is finished first.

    `once`: end when all that was there at the start is rendered. Raises errors of `spark_pdf.errors`; whatever it was,
    the same call again goes on where the stream was.
    """
    if config.stream is None:
        raise ConfigError("a stream needs the section `stream`, with a `checkpoint`", key="stream")
    if config.engine != "spark":
        raise UnsupportedError(f"engine: streams are Spark's; {config.engine} has none (`spark-pdf watch` is its own)")
    if config.spark.remote:
        raise UnsupportedError("spark.remote: a stream's batches are driven from here, which Spark Connect cannot")
    check_streamed(config)
    session = open_session(config, spark)
    try:
        if session.connect:
            raise UnsupportedError("a stream needs a classic Spark session; this one is Spark Connect's")
        set_store_options(session.spark, hadoop_options(config))
        stream = _Stream(config, session, progress or Progress(), on_batch, stop or threading.Event())
        with asked_by_signal(stream.stop):
            return stream.run(once)
    finally:
        session.close()


class _Stream:
    """One query, from its start to its end."""

    def __init__(
        self,
        config: Config,
        session: OpenSession,
        progress: Progress,
        on_batch: Callable[[BatchResult], None] | None,
        stop: threading.Event,
    ) -> None:
        self.stop = stop
        self._config, self._session, self._progress, self._on_batch = config, session, progress, on_batch
        self._intake = Intake(session.spark, config)
        self._query: Future[StreamingQuery] = Future()
        self._batches: Batches | None = None
        self._in_hand = threading.Lock()
        self._error: BaseException | None = None
        self._last = -1
        self._tally = Tally()

    def run(self, once: bool) -> StreamResult:
        """Start the query, wait for its end."""
        stream, began = self._config.stream, time.monotonic()
        assert stream is not None
        self._progress.phase("open", self._config.name)
        frame = self._intake.stream()
        self._check(self._intake.records(frame))
        writer = (
            frame.writeStream.queryName(self._config.name)
            .option("checkpointLocation", hadoop_uri(stream.checkpoint))
            .foreachBatch(self._batch)
        )
        writer = (
            writer.trigger(availableNow=True) if once else writer.trigger(processingTime=f"{stream.seconds} seconds")
        )
        with as_source_error("stream.checkpoint"):
            query = writer.start()
        self._query.set_result(query)
        self._wait(query)
        found = self._tally.result(self._config, time.monotonic() - began)
        return StreamResult(**found.to_json(), query=str(query.id))

    def _check(self, records: DataFrame) -> None:
        """Hold the template's contract against the columns before the first message comes."""
        config = batch_config(self._config, limit_failures=True)
        bundle = load_bundle(config.template, config.store_options(config.template))
        source = SparkRecordSource(config, config.name[:66], frame=self._intake.columns_of(records), pins={})
        try:
            schema = source.schema()
            bundle.contract.check(schema)
            source.prune(needed_columns(config, bundle, schema.names))
        finally:
            source.close()

    def _batch(self, frame: DataFrame, number: int) -> None:
        """What Spark calls with each batch, in a thread of its own."""
        query = self._query.result()
        with self._in_hand:
            if self.stop.is_set() or self._error is not None:
                raise _Stopped
            try:
                if self._batches is None:
                    slots = max(1, int(self._session.spark.sparkContext.defaultParallelism))
                    self._batches = Batches(self._config, str(query.id), self._intake, slots)
                result = self._batches.render(frame, number)
            except BaseException as error:
                self._error = error
                raise
            self._last = number
            self._count(result)

    def _count(self, result: BatchResult) -> None:
        self._tally.dead(result.dead)
        if result.run_id:
            self._tally.ended(result, replayed=result.replayed)
        if result.run_id or result.dead:
            self._progress.note(_line(result))
            if self._on_batch is not None:
                self._on_batch(result)

    def _wait(self, query: StreamingQuery) -> None:
        """Until the query ends, or is asked to."""
        try:
            while not query.awaitTermination(_POLL_SECONDS):  # type: ignore[arg-type]
                if self.stop.is_set():
                    self._end(query)
                    return
        except Exception as error:
            if not is_sparks(error):
                raise
            if self._error is not None:
                raise _as_ours(self._error) from None
            if not self.stop.is_set():
                raise SparkPdfError(f"the stream ended: {sentence(error)}") from None
        except KeyboardInterrupt:
            query.stop()
            raise

    def _end(self, query: StreamingQuery) -> None:
        """Stop between two batches: the one in hand is finished, and Spark has written down that it was."""
        self._progress.note("stopping: the batch in hand is finished first")
        with self._in_hand:
            last = self._last
        deadline = time.monotonic() + _SETTLE_SECONDS
        while last >= 0 and query.isActive and time.monotonic() < deadline:
            progress: Any = query.lastProgress
            if progress is not None and progress["batchId"] >= last:
                break
            time.sleep(0.05)
        query.stop()
        if self._error is not None:
            raise _as_ours(self._error)


def _line(result: BatchResult) -> str:
    """A batch in a line."""
    return batch_line(
        f"batch {result.batch}", result if result.run_id else None, replayed=result.replayed, dead=result.dead,
        seconds=result.seconds,
    )  # fmt: skip


def _as_ours(error: BaseException) -> BaseException:
    """A batch's error; Spark's own as a sentence without data."""
    return SparkPdfError(f"a batch failed: {sentence(error)}") if is_sparks(error) else error
