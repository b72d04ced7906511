"""Both adapters and both kinds of session around the real partition function, with a renderer that needs no fonts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Tasks
from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.planning import cut
from spark_pdf.engines.spark.action import choose_adapter
from spark_pdf.engines.spark.adapters import pack, run_arrow, run_rdd, unpack
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.errors import DocumentError, StoreError, UnsupportedError
from spark_pdf.model import Record, Rendition, TaskSummary
from spark_pdf.store.options import resolve
from tests.spark_fixtures import spark_config

RECORDS = 300
PLANTED = {"7", "70"}


class StubRenderer:
    """Renders a record's text; two records are its own failures."""

    def render(self, record: Record, document_id: str = "") -> Rendition:
        if document_id in PLANTED:
            raise DocumentError("template", f"document {document_id}: planted")
        return Rendition(b"%PDF " + repr(sorted(record.items())).encode(), 1)


class StubJob(RenderJob):
    """A job whose renderer is ready; one named `broken` cannot read its bundle."""

    def at(self, partition: int, supervised: bool = False) -> RenderJob:
        """Never in a child process: it could not import this class."""
        return super().at(partition, False)

    def renderer(self) -> Any:
        if self.config.name == "broken":
            raise StoreError("the bundle cannot be read")
        return StubRenderer()


@pytest.fixture(autouse=True)
def _pickled_by_value() -> Iterator[None]:
    """Workers cannot import the tests."""
    from pyspark import cloudpickle

    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.parquet"
    table = {
        "id": list(range(RECORDS)),
        "name": [f"n{i}" for i in range(RECORDS)],
        "tags": [[("k", i)] for i in range(RECORDS)],
    }
    schema = pa.schema([("id", pa.int64()), ("name", pa.string()), ("tags", pa.map_(pa.string(), pa.int64()))])
    pq.write_table(pa.table(table, schema), path)
    return path


def render(session: Any, records: Path, output: Path, adapter: str, name: str = "test") -> list[TaskSummary]:
    config = spark_config(
        name=name,
        source={"path": str(records)},
        output={"uri": str(output)},
        spark={"adapter": adapter, "packages": "none"},
    )
    source = SparkRecordSource(config, "run-1", spark=session)
    try:
        plan = cut(source.measure([]), Tasks(documents=60), 1)
        assert plan.partitions == 5
        job = StubJob(
            run_id="run-1",
            wave=1,
            config=config,
            bundle_hash="0" * 64,
            template="stub",
            renderer_version="1",
            output=resolve(config.store_options(str(output))),
            extra=pa.schema([("name", pa.string())]),
            counts=plan.counts,
        )
        return sorted(source.execute(job, plan, []), key=lambda summary: summary.partition)
    finally:
        source.close()


def manifest(output: Path) -> pa.Table:
    """What the task manifests say of the documents' content."""
    tables = [pq.read_table(path) for path in sorted((output / "_runs/run-1/tasks").iterdir())]
    content = ["document_id", "status", "pages", "content_sha256", "record_hash", "error_code", "error_detail", "name"]
    return pa.concat_tables(tables).select(content).sort_by("document_id")


@pytest.mark.spark
def test_all_ways_give_the_same_manifest(spark: Any, connect: Any, records: Path, tmp_path: Path) -> None:
    by_arrow = render(spark, records, tmp_path / "arrow", "arrow")
    assert [summary.partition for summary in by_arrow] == [0, 1, 2, 3, 4]
    assert sum(summary.input_count for summary in by_arrow) == RECORDS
    assert sum(summary.failed for summary in by_arrow) == len(PLANTED)
    wanted = manifest(tmp_path / "arrow")
    assert wanted.num_rows == RECORDS
    for name, session, adapter in (("rdd", spark, "rdd"), ("connect", connect, "auto")):
        summaries = render(session, records, tmp_path / name, adapter)
        assert [(s.input_count, s.input_digest) for s in summaries] == [
            (s.input_count, s.input_digest) for s in by_arrow
        ]
        assert manifest(tmp_path / name).equals(wanted)


@pytest.mark.spark
def test_a_second_attempt_adopts_the_first(spark: Any, records: Path, tmp_path: Path) -> None:
    first = render(spark, records, tmp_path / "out", "arrow")
    second = render(spark, records, tmp_path / "out", "rdd")
    assert [replace(summary, adopted=False) for summary in second] == first
    assert all(summary.adopted for summary in second)


@pytest.mark.spark
@pytest.mark.parametrize("kind", ["arrow", "rdd", "connect"])
def test_an_error_of_the_world_comes_back_typed(
    request: pytest.FixtureRequest, records: Path, tmp_path: Path, kind: str
) -> None:
    session = request.getfixturevalue("connect" if kind == "connect" else "spark")
    with pytest.raises(StoreError, match=r"^the bundle cannot be read$"):
        render(session, records, tmp_path / "out", "arrow" if kind == "connect" else kind, name="broken")


def test_adapters_are_chosen_by_session_and_config() -> None:
    assert choose_adapter("auto", connect=True) is run_arrow
    assert choose_adapter("auto", connect=False) is run_arrow
    assert choose_adapter("rdd", connect=False) is run_rdd
    with pytest.raises(UnsupportedError, match=r"rdd needs a classic session"):
        choose_adapter("rdd", connect=True)


def test_a_summary_survives_the_way() -> None:
    summary = TaskSummary(1, 2, "a", 3, "0" * 32, 2, 1, 9, 1000, {"template": 1}, 1.5, True)
    assert unpack(pack(summary)) == summary
