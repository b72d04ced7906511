"""A worker process reads the records of its buckets, and no more of the scratch file than it has to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.engines.pool import Task
from spark_pdf.engines.records.worker import OnDisk, Worker, _groups
from spark_pdf.errors import UnsupportedError

BUCKETS = [0, 0, 1, 1, 1, 1, 2, 4, 4, 5, 7, 7, 7]


@pytest.fixture
def scratch(tmp_path: Path) -> str:
    rows = [{"id": str(n), "lines": [{"n": n}], "__bucket": b, "__cost": 1.0} for n, b in enumerate(BUCKETS)]
    path = tmp_path / "records.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=3)
    return str(path)


@pytest.mark.parametrize(("low", "high"), [(0, 8), (0, 1), (1, 2), (2, 4), (3, 4), (4, 8), (5, 6), (7, 99), (8, 99)])
def test_a_partition_is_its_buckets(scratch: str, low: int, high: int) -> None:
    expected = [{"id": str(n), "lines": [{"n": n}]} for n, bucket in enumerate(BUCKETS) if low <= bucket < high]
    assert list(OnDisk(scratch).records(low, high)) == expected


def test_row_groups_of_other_buckets_stay_unread(scratch: str) -> None:
    metadata = pq.read_metadata(scratch)
    assert list(_groups(metadata, 0, 8)) == [0, 1, 2, 3, 4]
    assert list(_groups(metadata, 1, 2)) == [0, 1]
    assert list(_groups(metadata, 7, 8)) == [3, 4]
    assert list(_groups(metadata, 8, 9)) == []


def test_no_records_are_no_records(tmp_path: Path) -> None:
    schema = pa.schema({"id": pa.string(), "__bucket": pa.int32(), "__cost": pa.float64()})
    pq.write_table(schema.empty_table(), tmp_path / "none.parquet")
    assert list(OnDisk(str(tmp_path / "none.parquet")).records(0, 8)) == []


def test_a_worker_that_would_make_other_bytes_is_refused(scratch: str) -> None:
    job: Any = SimpleNamespace(renderer_version="0.0.1+abc")
    with pytest.raises(UnsupportedError, match=r"the run's is 0\.0\.1\+abc: install the same versions"):
        Worker(OnDisk(scratch))(Task(job, 0, 8))
