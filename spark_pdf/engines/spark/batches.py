"""One batch of a stream: its dead letters are put aside, its records become a run.

In: a batch as Spark hands it over, with its number. Out: a `BatchResult`. The run's id follows from the stream's name,
a day, the query and the batch; the day is decided once, by conditional create of `_streams/<query>/<batch>.json`. So a
batch that Spark replays after a crash asks for the same run: found committed, it adds nothing; begun, it is resumed.
The query is part of the id because a stream that begins anew, at another checkpoint, counts its batches from 0 again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from spark_pdf.config import Config, resolve_secret
from spark_pdf.engines.batches import batch_config, batch_run_id, run_batch
from spark_pdf.engines.day import day_name
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.messages import Intake, Known, as_messages, kafka_options, letters, sort_out
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.engines.spark.stores import hadoop_uri
from spark_pdf.errors import SourceError, StoreError
from spark_pdf.manifest.files import as_written, create_json, read_json
from spark_pdf.manifest.runs import Clock, utc_now
from spark_pdf.manifest.schema import DOCUMENT
from spark_pdf.manifest.table import CommitInfo, open_table
from spark_pdf.store import ObjectStore, open_store, output_store
from spark_pdf.store.locations import DEAD_LETTERS, stream_batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from spark_pdf.engines.result import RunResult

KEPT_BATCHES = 1000
"""Batches whose day stays written down. Spark itself replays none but the last."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch. `run_id` is empty if it had no records; `dead` counts dead letters by reason."""

    batch: int
    run_id: str = ""
    documents: int = 0
    failed: int = 0
    pages: int = 0
    bytes: int = 0
    seconds: float = 0.0
    replayed: bool = False
    dead: Mapping[str, int] = field(default_factory=dict)
    failures_by_code: Mapping[str, int] = field(default_factory=dict)


class Batches:
    """Renders the batches of one query, one after the other."""

    def __init__(self, config: Config, query: str, intake: Intake, slots: int, *, clock: Clock = utc_now) -> None:
        assert config.stream is not None
        self._stream = config.stream
        self._config = batch_config(config, limit_failures=config.stream.limit_failures)
        self._query, self._intake, self._slots = query, intake, slots
        self._store = output_store(config)
        self._source, self._letters = config.source, _dead_letters(config)
        self._clock = clock
        self._trusted = False
        self._tidied = ""

    def render(self, frame: DataFrame, batch: int) -> BatchResult:
        """One batch, to its committed end."""
        began = time.monotonic()
        # A streaming query has adaptive execution off, and would cut each small batch into 200.
        frame.sparkSession.conf.set("spark.sql.shuffle.partitions", str(self._slots))
        rows = self._intake.records(frame).persist()
        try:
            with as_source_error("source"):
                found = sort_out(rows, self._known(batch) if self._stream.repeated == "dead_letter" else None)
            if not found.count and not found.reasons:
                return BatchResult(batch)
            day, fresh = self._day(batch, found.count + sum(found.reasons.values()))
            if found.reasons:
                self._put_aside(found.dead, day, batch)
            self._tidy(day, batch)
            if not found.count:
                return BatchResult(batch, dead=found.reasons, seconds=time.monotonic() - began)
            result = self._run(found.records, day, batch, fresh)
        finally:
            rows.unpersist()
        return BatchResult(
            batch,
            result.run_id,
            result.documents,
            result.failed,
            result.pages,
            result.bytes,
            time.monotonic() - began,
            isinstance(result, CommitInfo) or result.already_committed,
            found.reasons,
            result.failures_by_code,
        )

    def _day(self, batch: int, messages: int) -> tuple[str, bool]:
        """The day that the batch belongs to, and whether that was decided now.

        Raises `SourceError` if it had fewer messages then: it is no replay, and would be found committed all the same.
        """
        key = stream_batch(self._query, batch)
        day = day_name(self._clock())
        if create_json(self._store, key, {"day": day, "messages": messages, "token": secrets.token_hex(8)}):
            return day, True
        decided = read_json(self._store, key)
        if decided is None:
            raise StoreError(f"{key} existed when it was to be created, and is gone now")
        with as_written(key):
            had, day = int(decided.get("messages", messages)), str(decided["day"])
        if had < messages:
            raise SourceError(
                f"batch {batch} had {had:,} messages when it was rendered, and has {messages:,} now: the checkpoint is "
                "an old one, or a copy that another stream goes on with; take a new one (stream.checkpoint), with "
                "stream.repeated: dead_letter, and nothing is lost or made twice"
            )
        return day, False

    def _run(self, records: DataFrame, day: str, batch: int, fresh: bool) -> RunResult | CommitInfo:
        pins = {"query": self._query, "batch": batch}
        result = run_batch(
            self._config,
            batch_run_id(self._config.name, day, self._query, batch),
            lambda run_id: SparkRecordSource(self._config, run_id, frame=records, pins=pins),
            fresh=fresh,
            trusted=self._trusted,
        )
        self._trusted = self._trusted or isinstance(result, RunResult)
        return result

    def _known(self, batch: int) -> Known:
        """Which ids the manifest has documents of; those of the batch's own run are no repetition."""
        own = f"-{self._query[:8]}-{batch:07d}"

        def known(ids: Collection[str]) -> Collection[str]:
            found: set[str] = set()
            table = open_table(self._config)
            for rows in table.scan(["document_id", "run_id"], document_ids=ids, status=DOCUMENT):
                pairs = zip(rows["document_id"].to_pylist(), rows["run_id"].to_pylist(), strict=True)
                found.update(document_id for document_id, run_id in pairs if own not in run_id)
            return found

        return known

    def _put_aside(self, dead: DataFrame, day: str, batch: int) -> None:
        """Write dead letters: to a folder of the batch's own, over what a crashed attempt left there; or to the topic.

        A topic has them again if the batch is replayed: their header `batch` tells which those are.
        """
        names = (("day", day), ("query", self._query), ("batch", str(batch)))
        with as_source_error("stream.dead_letters"):
            if self._letters is not None:
                folder = self._letters.uri_of(f"day={day}/batch={self._query[:8]}-{batch:07d}")
                letters(dead, ()).write.mode("overwrite").parquet(hadoop_uri(folder))
                return
            source = self._source
            writer = as_messages(letters(dead, names)).write.format("kafka")
            writer = writer.option("topic", self._stream.dead_letters.topic)
            for name, value in kafka_options(source.options).items():
                writer = writer.option(name, value)
            for name, reference in kafka_options(source.secret_options).items():
                writer = writer.option(name, resolve_secret(reference))
            writer.save()

    def _tidy(self, day: str, batch: int) -> None:
        """Once a day: forget days that nobody will ask for, and dead letters that have been kept long enough."""
        if day == self._tidied:
            return
        self._tidied = day
        folder = stream_batch(self._query, 0).rpartition("/")[0]
        decided = [(one.key, one.key.rpartition("/")[2].removesuffix(".json")) for one in self._store.list(folder)]
        self._store.delete(key for key, name in decided if name.isdigit() and int(name) < batch - KEPT_BATCHES)
        if self._letters is not None and self._stream.retention_days is not None:
            last = self._clock() - timedelta(days=self._stream.retention_days)
            for name in self._letters.folders(""):
                if name.startswith("day=") and name[len("day=") :] < day_name(last):
                    self._letters.delete(one.key for one in self._letters.list(name))


def _dead_letters(config: Config) -> ObjectStore | None:
    """Where dead letters are kept; None where they go to a topic."""
    assert config.stream is not None
    place = config.stream.dead_letters
    if place.topic:
        return None
    uri = place.uri or f"{config.output.uri.rstrip('/')}/{DEAD_LETTERS}"
    return open_store(uri, config.store_options(uri))
