"""A run without an engine: plans, attempts and commits by hand, on real stores and tables."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from spark_pdf.manifest.commit import commit_job
from spark_pdf.manifest.delta import DeltaManifest
from spark_pdf.manifest.iceberg import IcebergManifest
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.resume import done_task_files
from spark_pdf.manifest.runs import Pin, Run, pin_run
from spark_pdf.manifest.schema import DOCUMENT, ManifestEntry, manifest_schema
from spark_pdf.manifest.table import CommitInfo, ManifestTable
from spark_pdf.manifest.tasks import TaskBuffer, TaskContext, commit_task, task_batches
from spark_pdf.manifest.waves import Wave, start_wave
from spark_pdf.model import TaskSummary
from spark_pdf.store import ObjectStore, open_store
from spark_pdf.store.locations import RunLocations

EXTRA = pa.schema([("channel", pa.string())])
PIN = Pin("config", "bundle", "1", "source", "one file")


class Clock:
    """A clock that the test turns, backwards too."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def entry(document_id: str, *, fails: bool = False, content: str = "") -> ManifestEntry:
    """A document's or a failure's entry; `content` changes the record."""
    record = hashlib.sha256((document_id + content).encode()).hexdigest()
    if fails:
        return ManifestEntry.failure(
            document_id, record, code="template", detail=f"t.html:3: bad {document_id}", extra=("web",)
        )
    return ManifestEntry.document(
        document_id,
        record,
        uri=f"s3://b/{document_id}.pdf",
        offset=0,
        length=100,
        pages=2,
        content_sha256=record,
        sha256=record,
        warnings=("a warning",),
        render_ms=1.5,
        extra=("web",),
    )


class RunKit:
    """One run over a fixed set of ids. Ids in `failing` fail, as long as they are in it."""

    def __init__(self, store: ObjectStore, table: ManifestTable, ids: Iterable[str], run_id: str = "r1") -> None:
        self.store, self.table = store, table
        self.ids = sorted(ids)
        self.failing: set[str] = set()
        self.locations = RunLocations(run_id)
        self.clock = Clock()

    def run(self, pin: Pin = PIN) -> Run:
        return pin_run(self.store, self.locations, self.locations.run_id, pin, clock=self.clock)

    def start(self) -> Wave:
        return start_wave(self.run(), clock=self.clock)

    def done(self, wave: Wave) -> set[str]:
        """What an engine's anti-join leaves out."""
        schema = pa.schema([("document_id", pa.string())])
        keys = done_task_files(wave.run, wave.number)
        batches = [b for key in keys for b in task_batches(self.store.read(key), schema, status=DOCUMENT)]
        return {document_id for batch in batches for document_id in batch["document_id"].to_pylist()}

    def plan(self, wave: Wave, partitions: int = 3) -> list[list[str]]:
        """Seal, anti-join, cut, put the plan."""
        wave.seal_earlier_waves()
        done = self.done(wave)
        todo = [document_id for document_id in self.ids if document_id not in done]
        tasks = [part for part in (todo[p::partitions] for p in range(partitions)) if part]
        wave.put_plan(len(tasks), len(todo), {"tasks": tasks})
        return tasks

    def attempt(self, wave: int, partition: int, ids: Sequence[str], **changes: Any) -> TaskBuffer:
        """A task attempt that has rendered, and not committed."""
        context = TaskContext(self.locations.run_id, wave, partition, "invoice", "hash", "1", extra=EXTRA)
        task = TaskBuffer(context)
        for document_id in ids:
            task.add(entry(document_id, fails=document_id in self.failing, **changes))
        return task

    def commit_task(self, task: TaskBuffer) -> TaskSummary:
        return commit_task(self.store, self.locations, task)

    def render(self, wave: Wave, partitions: int = 3) -> None:
        """The wave's one action."""
        for partition, ids in enumerate(self.plan(wave, partitions)):
            self.commit_task(self.attempt(wave.number, partition, ids))

    def commit(self, wave: Wave, **changes: Any) -> CommitInfo:
        settings: dict[str, Any] = {
            "expected": len(self.ids), "failed_fraction": 1.0, "extra": EXTRA, "sleep": lambda _: None,
        }  # fmt: skip
        return commit_job(wave, self.table, **{**settings, **changes})

    def rows(self, columns: Sequence[str] | None = None, **filters: Any) -> list[dict[str, Any]]:
        """The table's rows, in the order of ids."""
        found = [row for batch in self.table.scan(columns, **filters) for row in batch.to_pylist()]
        return sorted(found, key=lambda row: (row.get("run_id", ""), row.get("document_id", "")))

    def committed_ids(self) -> list[str]:
        return [row["document_id"] for row in self.rows(["document_id"])]


def table_at(kind: str, folder: Path, partition_by: Sequence[str] = ()) -> ManifestTable:
    """A manifest table of a format on local disk."""
    if kind == "delta":
        return DeltaManifest(open_store(str(folder)), {}, partition_by)
    if kind == "iceberg":
        folder.mkdir(parents=True, exist_ok=True)
        properties = {"type": "sql", "uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}"}
        return IcebergManifest("billing.manifest", properties, partition_by)
    return ParquetManifest(open_store(str(folder)), partition_by)


def rows_of(ids: Sequence[str], run_id: str, at: datetime, channel: str = "web") -> pa.RecordBatch:
    """A batch as the job commit makes it."""
    schema = manifest_schema(EXTRA)
    common = {
        "run_id": run_id, "template": "t", "template_hash": "h", "renderer_version": "1", "attempt": "a",
        "committed_at": at, "wave": 1, "partition": 0, "channel": channel,
    }  # fmt: skip
    rows = [{**dict(zip(ManifestEntry._fields, entry(i), strict=True)), **common} for i in ids]
    return pa.RecordBatch.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def info_of(ids: Sequence[str], run_id: str, at: datetime) -> CommitInfo:
    return CommitInfo(run_id, at, len(ids), len(ids), 0, 2 * len(ids), 100 * len(ids))


@pytest.fixture
def store() -> ObjectStore:
    """A store of this process, empty."""
    return open_store(f"memory://{secrets.token_hex(8)}/out")


@pytest.fixture
def kit(store: ObjectStore) -> RunKit:
    """A run of ten ids with a Parquet manifest, in memory."""
    return RunKit(store, ParquetManifest(store.below("manifest")), [f"d{n:02}" for n in range(10)])


@pytest.fixture(params=["parquet", "delta", "iceberg"])
def table_kind(request: pytest.FixtureRequest) -> str:
    """Each format of the table."""
    return str(request.param)


@pytest.fixture
def make_table(table_kind: str, tmp_path: Path) -> Callable[..., ManifestTable]:
    """Opens the same table again and again, as several drivers would."""
    return lambda partition_by=(): table_at(table_kind, tmp_path / "table", partition_by)


@pytest.fixture
def make_kit() -> type[RunKit]:
    """The class, for tests that bring their own store and table."""
    return RunKit


@pytest.fixture
def make_rows() -> Callable[..., pa.RecordBatch]:
    """A batch as the job commit makes it."""
    return rows_of


@pytest.fixture
def make_info() -> Callable[..., CommitInfo]:
    """What a run of so many ids adds up to."""
    return info_of


@pytest.fixture
def make_entry() -> Callable[..., ManifestEntry]:
    """A document's or a failure's entry."""
    return entry


class Crash(BaseException):
    """A killed process: nothing catches it."""


class FaultyStore(ObjectStore):
    """A real store; the process dies before or after the n-th write or create, as `faults[n]` says."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(*inner.__reduce__()[1])  # type: ignore[misc]
        self.faults: dict[int, str] = {}
        self.requests = 0
        self.listed: list[str] = []

    def write(self, key: str, data: bytes, **headers: Any) -> None:
        self._before()
        super().write(key, data, **headers)
        self._after()

    def create(self, key: str, data: bytes, **headers: Any) -> bool:
        self._before()
        created = super().create(key, data, **headers)
        self._after()
        return created

    def list(self, prefix: str = "") -> Any:
        self.listed.append(prefix)
        return super().list(prefix)

    def _before(self) -> None:
        self.requests += 1
        if self.faults.get(self.requests) == "before":
            raise Crash

    def _after(self) -> None:
        if self.faults.get(self.requests) == "after":
            raise Crash


@pytest.fixture
def crash() -> type[Crash]:
    """What a faulty store raises."""
    return Crash


@pytest.fixture
def faulty() -> type[FaultyStore]:
    """A store that crashes on request."""
    return FaultyStore
