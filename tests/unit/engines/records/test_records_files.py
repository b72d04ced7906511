"""Records on their way through the output store: to workers, and from workers that hold rows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.pool import Task
from spark_pdf.engines.records.files import drop_records, shared
from spark_pdf.engines.records.parts import Part, Parts, PartWriter, unified
from spark_pdf.engines.records.source import OrderedRecords
from spark_pdf.engines.records.worker import OnDisk
from spark_pdf.errors import SourceError, StoreError, UnsupportedError
from spark_pdf.store import ObjectStore, open_store
from spark_pdf.store.locations import RunLocations


class Job(SimpleNamespace):
    """As much of a `RenderJob` as readers look at."""

    def store(self) -> ObjectStore:
        return open_store(self.uri)


@pytest.fixture
def job() -> Any:
    return Job(uri=f"memory://{secrets.token_hex(8)}/out", locations=RunLocations("one"), wave=2)


def ordered(path: Path, count: int) -> Path:
    rows = [{"id": str(n), "text": secrets.token_hex(40), "__bucket": n // 3, "__cost": 1.0} for n in range(count)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=500)
    return path


def test_a_worker_elsewhere_reads_what_one_here_does(job: Any, tmp_path: Path) -> None:
    path = ordered(tmp_path / "records.parquet", 6000)
    with shared(path, job) as records:
        assert [info.key for info in job.store().list()] == ["_runs/one/records/2.parquet"]
        for low, high in ((0, 2000), (0, 1), (777, 1111), (1999, 2000), (2000, 2001)):
            assert list(records.read(Task(job, low, high))) == list(OnDisk(str(path)).records(low, high))
    assert list(job.store().list()) == []
    with pytest.raises(StoreError):
        list(records.read(Task(job, 0, 1)))


def test_what_killed_drivers_left_is_taken_when_the_run_is_committed(job: Any) -> None:
    store, locations = job.store(), job.locations
    for wave in (1, 2, 3):
        store.write(locations.records(wave), b"records")
    run: Any = SimpleNamespace(locations=locations)
    drop_records(store, SimpleNamespace(run=run, number=3))  # type: ignore[arg-type]
    assert [info.key for info in store.list()] == [locations.records(3)]


def config(uri: str, **changes: Any) -> Config:
    values = {"name": "rows", "engine": "ray", "template": "t", "source": {"format": "parquet", "path": "/nowhere"}}
    return parse_config({**values, "document": {"id": "id", "cost": "n + 1"}, "output": {"uri": uri}, **changes})


def blocks(*tables: pa.Table, lost: int = 0) -> tuple[Callable[[PartWriter], Sequence[Part]], list[int]]:
    """Workers that write these blocks, each `lost` times more than they can say; how often they were asked."""
    asked: list[int] = []

    def rows(writer: PartWriter) -> Sequence[Part]:
        asked.append(1)
        for table in tables * lost:
            writer(lambda table=table: table)  # type: ignore[misc]
        return [part for table in tables for part in writer(lambda table=table: table)]  # type: ignore[misc]

    return rows, asked


def test_rows_are_written_once_whoever_asks_again(job: Any, tmp_path: Path) -> None:
    first, second = pa.table({"id": [2, 1], "n": [5, None]}), pa.table({"id": [3], "n": pa.nulls(1)})
    rows, asked = blocks(
        first, pa.table({"id": pa.array([], pa.int64()), "n": pa.array([], pa.int64())}), second, lost=1
    )
    found = []
    for number in range(2):
        target = tmp_path / str(number)
        target.mkdir()
        name = Parts(config(job.uri), "one", rows).fetch(target)
        files = sorted(target.iterdir())
        table = pa.concat_tables([pq.read_table(file) for file in files], promote_options="permissive")
        found.append((name, sorted(table.to_pylist(), key=lambda row: row["id"])))
        assert unified(files).field("n").type == pa.int64()
    assert asked == [1]
    assert found[0] == found[1]
    assert found[0][1] == [
        {"id": 1, "n": None, "__document_id": "1", "__cost": None},
        {"id": 2, "n": 5, "__document_id": "2", "__cost": 6.0},
        {"id": 3, "n": None, "__document_id": "3", "__cost": None},
    ]
    parts = [info.key for info in job.store().list("_runs/one/source") if info.key.endswith(".parquet")]
    assert len(parts) == 2, "what a worker wrote that died before it could say so is gone"


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (pa.table({"ids": [1], "n": [1]}), "document.id: the source has no column 'id'; did you mean 'ids'"),
        (pa.table({"id": [1], "n": ["Jane"]}), "document.id"),
    ],
)
def test_a_block_without_what_names_a_document_is_refused(job: Any, tmp_path: Path, block: pa.Table, says: str) -> None:
    rows, _ = blocks(block)
    with pytest.raises(SourceError, match=says) as caught:
        Parts(config(job.uri), "one", rows).fetch(tmp_path)
    assert "Jane" not in str(caught.value)


def test_what_a_block_raises_is_said_without_its_text(job: Any, tmp_path: Path) -> None:
    def broken() -> pa.Table:
        raise ValueError("Jane")

    with pytest.raises(SourceError, match=r"a block of rows cannot be copied \(ValueError\)"):
        Parts(config(job.uri), "one", lambda writer: writer(broken)).fetch(tmp_path)


def test_types_that_differ_are_refused(tmp_path: Path) -> None:
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for file, values in zip(files, (["text"], [[1]]), strict=True):
        pq.write_table(pa.table({"id": values}), file)
    with pytest.raises(SourceError, match="types differ"):
        unified(files)


def test_rows_that_are_handed_over_are_always_copied(job: Any) -> None:
    never = config(job.uri, source={"materialize": "never", "format": "parquet", "path": "/nowhere"})
    with pytest.raises(UnsupportedError, match=r"source\.materialize: never: engine ray copies"):
        OrderedRecords(never, "one", rows=lambda writer: [])
    source = OrderedRecords(config(job.uri), "one", rows=lambda writer: [])
    with pytest.raises(SourceError, match="no records"):
        source.schema()
    source.close()
