"""Spark's own way to write and read: `df.write.format("spark_pdf")`, `spark.read.format("spark_pdf")`.

In: a DataFrame and options, or a manifest. Out: a committed run, by Spark's write tasks; a manifest's rows. `register`
makes the format known to a session; Spark 3.5 has no data sources in Python.

A write task renders its rows as any task of a run does (`render_partition`), and commits its task manifest. What Spark
calls commit puts the wave's plan, which here is known last, and calls `commit_job`; without it nothing is visible.
Equal ids may lie in different tasks, so the commit looks at all of them. Spark keeps no process of ours on the driver
between begin and commit, so it is the tasks that say that the run is alive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import (
    DataSource,
    DataSourceArrowWriter,
    WriterCommitMessage,
)
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import IntegralType, StringType, StructType

from spark_pdf.config import Config
from spark_pdf.engines.job import RenderJob, keep_bundle
from spark_pdf.engines.partition import render_partition
from spark_pdf.engines.preflight import hashed_columns, needed_columns
from spark_pdf.engines.source import ID_COLUMN, Snapshot
from spark_pdf.engines.spark.adapters import attempt_number, pack, unpack
from spark_pdf.engines.spark.columns import arrow_schema, check_names
from spark_pdf.engines.spark.options import read_options, write_options
from spark_pdf.engines.spark.reading import CONTENT, FilteringReader, ManifestReader
from spark_pdf.engines.spark.records import arrow_records
from spark_pdf.errors import CommitFailed, RunPinned, SourceError, TaskConflict, UnsupportedError, UsageError
from spark_pdf.manifest.commit import commit_job
from spark_pdf.manifest.files import create_json
from spark_pdf.manifest.resume import done_ids, done_tasks
from spark_pdf.manifest.runs import Pin, find_run, pin_run, utc_now
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.vacuum import manifest_identity
from spark_pdf.manifest.waves import Plan, Wave, find_plan, start_wave
from spark_pdf.model import Record
from spark_pdf.render.version import renderer_version
from spark_pdf.report.writing import leave_report
from spark_pdf.store import ObjectStore, output_store, resolve
from spark_pdf.store.locations import RunLocations
from spark_pdf.template.loading import load_bundle

_BEAT_SECONDS = 60.0
"""Each task writes the one wave file. It is read by `vacuum`, whose grace is longer; a short task writes nothing."""


class SparkPdfDataSource(DataSource):
    """The format `spark_pdf`. Options are described in docs/spark.md."""

    _reader = ManifestReader

    @classmethod
    def name(cls) -> str:
        """What `format` is given."""
        return "spark_pdf"

    def schema(self) -> StructType:
        """The manifest's columns; with option `content`, the documents' bytes too."""
        asked = read_options(self.options)
        first = next(open_table(asked.config).scan(), None)
        fields = list(first.schema if first is not None else manifest_schema())
        if asked.content:
            fields.append(pa.field(CONTENT, pa.binary()))
        return from_arrow_schema(pa.schema([field.remove_metadata() for field in fields]))

    def reader(self, schema: StructType) -> ManifestReader:
        """Reads the columns that `schema` has: what is not in it is not fetched."""
        asked = read_options(self.options)
        config = asked.config
        if asked.located and not open_table(config).exists():
            raise UsageError(
                f"there is no manifest of format {config.manifest.format} at {config.output.uri}; "
                '.option("manifest", ...) says parquet, delta or iceberg'
            )
        return self._reader(config, schema, asked.run_id, asked.partitions)

    def writer(self, schema: StructType, overwrite: bool) -> RunWriter:
        """Begins a run."""
        if overwrite:
            raise UnsupportedError("mode overwrite: a manifest only grows; write with .mode('append')")
        config, run_id = write_options(self.options)
        return begin(config, run_id, schema)


class FilteringDataSource(SparkPdfDataSource):
    """The same where the session pushes filters down; where it does not, Spark refuses a reader that could."""

    _reader = FilteringReader


@dataclass(frozen=True)
class Message(WriterCommitMessage):
    """What a task says to the driver: its summary; nothing where the run is committed already."""

    summary: str = ""


@dataclass(frozen=True)
class Earlier:
    """What earlier waves of the run have left: task manifests with documents, how many these are, and how many rows the
    DataFrame had when the first of them put its plan (None: none did).
    """

    done: Sequence[str] = ()
    documents: int = 0
    records: int | None = None


def begin(config: Config, run_id: str | None, schema: StructType) -> RunWriter:
    """Pin the run and start a wave of it."""
    _check(config, run_id, schema)
    assert run_id is not None
    store = output_store(config)
    bundle = load_bundle(config.template, config.store_options(config.template))
    arrow = arrow_schema(schema)
    bundle.contract.check(arrow)
    columns = needed_columns(config, bundle, arrow.names)
    extra = pa.schema([arrow.field(name) for name in config.manifest.columns])
    table, locations = open_table(config), RunLocations(run_id)
    snapshot = Snapshot("unpinned", "a DataFrame that Spark writes", {"columns": arrow.names})
    pin = Pin(config.pinned_hash(), bundle.hash, renderer_version(), snapshot.fingerprint, snapshot.summary)
    found = find_run(store, locations)
    if table.committed(run_id) is not None:
        if found is not None and found.pin.changes(pin):
            raise RunPinned(f"run {run_id} is committed, with another config, template or columns; use a new run_id")
        return RunWriter(None, (), Earlier(), "", utc_now(), config)
    store.probe()
    table.check(manifest_schema(extra))
    details = {
        "name": config.name, "template": bundle.name, "source": dict(snapshot.detail),
        "manifest": manifest_identity(config),
    }  # fmt: skip
    run = pin_run(store, locations, run_id, pin, details=details)
    keep_bundle(store, bundle.hash, bundle.to_archive)
    wave = start_wave(run)
    plans = wave.seal_earlier_waves()
    done = done_tasks(run, plans)
    began_with = next((plan.records for plan in plans if not plan.sealed), None)
    job = RenderJob(
        run_id=run_id,
        wave=wave.number,
        config=config,
        bundle_hash=bundle.hash,
        template=bundle.name,
        renderer_version=run.pin.renderer_version,
        output=resolve(config.store_options(config.output.uri)),
        extra=extra,
        hashed=hashed_columns(bundle, columns),
    )
    names = tuple(arrow.names if columns is None else columns)
    uris = tuple(store.uri_of(key) for key in done.keys)
    return RunWriter(job, names, Earlier(uris, done.documents, began_with), wave.driver_id, wave.clock(), config)


def _check(config: Config, run_id: str | None, schema: StructType) -> None:
    if not run_id:
        raise UsageError('a write needs .option("run_id", ...): Spark may write twice, and a run_id is committed once')
    for key, given in (
        ("mode", config.mode != "all"),
        ("limit", config.limit),
        ("stream", config.stream),
        ("watch", config.watch),
        ("spark.profile", config.spark.profile),
    ):
        if given:
            raise UnsupportedError(
                f'{key}: df.write.format("spark_pdf") renders every row, as Spark writes; use run_dataframe for that'
            )
    if config.output.table is not None:
        raise UnsupportedError(
            'output.table: the tasks of df.write.format("spark_pdf") write to output.uri themselves; use run_dataframe '
            "where they may not"
        )
    check_names(schema.names)
    name = config.document.id
    if name not in schema.names:
        raise UnsupportedError(f"document.id: Spark hands rows over, so it has to be a column; there is no '{name}'")
    kind = schema[name].dataType
    if not isinstance(kind, (IntegralType, StringType)):
        raise UnsupportedError(f"document.id: the column is of type {kind.simpleString()}; cast it to a string")


class RunWriter(DataSourceArrowWriter):
    """Spark's write tasks as tasks of a wave. Without a job the run is committed already, and rows are passed over."""

    def __init__(
        self,
        job: RenderJob | None,
        names: Sequence[str],
        earlier: Earlier,
        driver_id: str,
        started_at: datetime,
        config: Config,
    ) -> None:
        self._job, self._names, self._earlier = job, names, earlier
        self._driver_id, self._started_at, self._config = driver_id, started_at, config

    def write(self, iterator: Iterator[pa.RecordBatch]) -> Message:
        """On an executor: render the rows of one partition."""
        from pyspark import TaskContext

        if self._job is None:
            return Message()
        context = TaskContext.get()
        assert context is not None
        job = self._job.at(int(context.partitionId()), supervised=attempt_number() > 0)
        with self._wave(job.store()).beating(_BEAT_SECONDS):
            return Message(pack(render_partition(self._records(iterator, job), job)))

    def _wave(self, store: ObjectStore) -> Wave:
        """The wave that `begin` started, in another process than that."""
        assert self._job is not None
        run = find_run(store, RunLocations(self._job.run_id))
        if run is None:
            raise CommitFailed(f"run {self._job.run_id}: its run.json is gone; nothing was appended")
        return Wave(run, self._job.wave, self._driver_id, self._started_at, utc_now)

    def _records(self, iterator: Iterator[pa.RecordBatch], job: RenderJob) -> Iterator[Record]:
        known: set[str] = set()
        for batch in done_ids(self._earlier.done, job.output):  # the driver's secrets
            known.update(batch["document_id"].to_pylist())
        identity = self._config.document.id
        for row in arrow_records(iterator):
            if row[identity] is None:
                raise SourceError("document.id is null in a record; every record needs an id")
            document_id = str(row[identity])
            if document_id not in known:
                yield {ID_COLUMN: document_id, **{name: row[name] for name in self._names}}

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Put the wave's plan, append its rows."""
        if self._job is None:
            return
        summaries = sorted((unpack(one.summary) for one in messages if isinstance(one, Message)), key=_partition)
        if [one.partition for one in summaries] != list(range(len(messages))):
            raise CommitFailed(f"{len(messages)} tasks have written, and {len(summaries)} have said so")
        wave = self._wave(output_store(self._config))
        records = sum(one.input_count for one in summaries)
        counted = records + self._earlier.documents
        if not counted:
            raise SourceError("the DataFrame has no rows; nothing was rendered and nothing committed")
        if self._earlier.records not in (None, counted):
            raise TaskConflict(
                f"the DataFrame had {self._earlier.records} rows when run {self._job.run_id} began and has {counted} "
                "now, so it is another one; nothing was committed: use a new run_id"
            )
        wave.put_plan(len(summaries), records, {})
        with wave.beating():
            commit_job(
                wave,
                open_table(self._config),
                expected=counted,
                failed_fraction=self._config.limits.failed_fraction,
                extra=self._job.extra,
                scattered=True,
            )
        leave_report(self._config, self._job.run_id)

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Nothing is visible without a commit; the wave gets an empty plan, so that none can come."""
        if self._job is None:
            return
        store = output_store(self._config)
        run = find_run(store, RunLocations(self._job.run_id))
        if run is not None and find_plan(run, self._job.wave) is None:
            empty = Plan(self._job.wave, 0, 0, sealed=True)
            create_json(store, run.locations.plan(self._job.wave), empty.to_json())


def _partition(summary: Any) -> int:
    return int(summary.partition)
