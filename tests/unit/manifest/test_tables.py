"""What every format of the table promises, each on a real table."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pytest

from spark_pdf.errors import CommitFailed, ConfigError
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.table import current_view, runs

AT = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
IDS = ["a", "b", "it's"]


@pytest.fixture
def append(make_rows, make_info):
    def append(table, ids, run_id, at=AT, channel="web"):
        batch = make_rows(ids, run_id, at, channel)
        return table.append(make_info(ids, run_id, at), batch.schema, lambda: iter([batch]))

    return append


def rows(table, columns=("run_id", "document_id"), **filters):
    return sorted(tuple(r.values()) for b in table.scan(list(columns), **filters) for r in b.to_pylist())


def test_no_table_has_no_rows(make_table):
    table = make_table()
    assert not table.exists()
    assert table.committed("r1") is None
    assert table.latest() is None
    assert rows(table) == []
    assert list(current_view(table)) == []


def test_a_run_is_read_back_as_it_was_written(make_table, append, make_rows):
    table = make_table()
    append(table, IDS, "r1")
    read = pa.Table.from_batches(make_table().scan())
    wanted = pa.Table.from_batches([make_rows(IDS, "r1", AT)])
    assert read.schema.names == wanted.schema.names
    assert [f.type for f in read.schema if not pa.types.is_list(f.type)] == [
        f.type for f in wanted.schema if not pa.types.is_list(f.type)
    ]
    assert read.sort_by("document_id").to_pylist() == wanted.sort_by("document_id").to_pylist()


def test_runs_whose_ids_begin_alike_are_read_together(make_table, append):
    table = make_table()
    for run_id in ("day-1", "day-12", "day.1", "dayz"):
        append(table, IDS[:1], run_id)
    assert {run_id for run_id, _ in rows(table, run_prefix="day-")} == {"day-1", "day-12"}
    assert rows(table, run_prefix="day-", document_ids=["nobody"]) == []
    assert len(rows(table, run_prefix="")) == 4


def test_committed_says_what_was_appended(make_table, append, make_info):
    append(make_table(), IDS, "r1")
    assert make_table().committed("r1") == make_info(IDS, "r1", AT)
    assert make_table().committed("r2") is None
    assert make_table().latest() == AT


def test_the_latest_commit_is_anybodys(make_table, append):
    """Whoever has asked before knows of what others commit later, and of a table that was made anew."""
    table, other = make_table(), make_table()
    append(table, IDS, "r1")
    assert table.latest() == AT
    append(other, IDS, "r2", AT + timedelta(seconds=1))
    assert table.latest() == AT + timedelta(seconds=1)
    append(other, IDS, "r3", AT - timedelta(seconds=1))
    assert table.latest() == AT + timedelta(seconds=1)


def test_appending_a_run_twice_appends_nothing(make_table, append):
    append(make_table(), IDS, "r1")
    again = append(make_table(), ["a", "b", "c"], "r1", AT + timedelta(hours=1))
    assert again.committed_at == AT
    assert rows(make_table()) == [("r1", i) for i in sorted(IDS)]


def test_filters(make_table, append):
    table = make_table()
    append(table, IDS, "r1")
    append(table, ["a", "z"], "r2", AT + timedelta(seconds=1))
    assert rows(table, run_id="r2") == [("r2", "a"), ("r2", "z")]
    assert rows(table, document_ids=["a", "it's"]) == [("r1", "a"), ("r1", "it's"), ("r2", "a")]
    assert rows(table, run_id="r1", document_ids=["z"]) == []
    assert rows(table, document_ids=[]) == []
    assert rows(table, status="failure") == []
    assert rows(table, columns=["channel"], run_id="r2") == [("web",), ("web",)]


def test_current_view_is_each_ids_latest_run(make_table, append):
    table = make_table()
    append(table, ["a", "b"], "r2")
    append(table, ["b", "c"], "r1", AT + timedelta(seconds=1))
    view = [(r["run_id"], r["document_id"]) for b in current_view(table) for r in b.to_pylist()]
    assert sorted(view) == [("r1", "b"), ("r1", "c"), ("r2", "a")]
    assert runs(table) == [(AT + timedelta(seconds=1), "r1"), (AT, "r2")]
    only = [r for b in current_view(table, ["run_id"], ["b"]) for r in b.to_pylist()]
    assert only == [{"run_id": "r1"}]


def test_a_stream_that_fails_leaves_nothing_and_raises_its_own_error(make_table, make_rows, make_info):
    table = make_table()

    def stream() -> Iterator[pa.RecordBatch]:
        yield make_rows(["a"], "r1", AT)
        raise CommitFailed("one row too many")

    with pytest.raises(CommitFailed, match="one row too many"):
        table.append(make_info(["a"], "r1", AT), manifest_schema(pa.schema([("channel", pa.string())])), stream)
    assert make_table().committed("r1") is None
    assert rows(make_table()) == []


def test_runs_with_other_columns_share_a_table(make_table, append, make_rows, make_info):
    append(make_table(), ["a"], "r1")
    batch = make_rows(["b"], "r2", AT + timedelta(seconds=1))
    wider = manifest_schema(pa.schema([("customer", pa.int64()), ("channel", pa.string())]))
    arrays = [pa.array([7]) if f.name == "customer" else batch[f.name] for f in wider]
    other = pa.RecordBatch.from_arrays(arrays, schema=wider)
    make_table().check(wider)
    make_table().append(make_info(["b"], "r2", AT + timedelta(seconds=1)), wider, lambda: iter([other]))
    assert rows(make_table(), ("document_id", "customer", "channel"))[-1] == ("b", 7, "web")
    assert rows(make_table(), ("document_id", "customer"), run_id="r1") == [("a", None)]
    everything = pa.Table.from_batches(make_table().scan())
    assert sorted(map(str, everything["customer"].to_pylist())) == ["7", "None"]


def test_partitioned_tables(make_table, append, tmp_path):
    table = make_table(["channel"])
    table.check(manifest_schema(pa.schema([("channel", pa.string())])))
    append(table, ["a", "b"], "r1", channel="web")
    append(table, ["a"], "r2", AT + timedelta(seconds=1), channel="a/b =c")
    assert rows(make_table(["channel"]), ("document_id", "channel")) == [("a", "a/b =c"), ("a", "web"), ("b", "web")]
    folders = {p.name for p in (tmp_path / "table").rglob("channel=*")}
    assert "channel=web" in folders


def test_an_unknown_partition_column_is_refused_by_name(make_table):
    with pytest.raises(ConfigError, match="no column 'region'"):
        make_table(["region"]).check(manifest_schema())


def test_twins_in_threads_commit_once(make_table, append):
    """Several drivers append the same run at the same moment: one run's rows, and all are told the same."""
    append(make_table(), ["x"], "r0")
    barrier = threading.Barrier(4)
    found, errors = [], []

    def drive(number: int) -> None:
        table = make_table()
        table.committed("r1")
        barrier.wait()
        try:
            found.append(append(table, IDS, "r1", AT + timedelta(seconds=number)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=drive, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len({info.committed_at for info in found}) == 1
    assert rows(make_table(), run_id="r1") == [("r1", i) for i in sorted(IDS)]


def test_different_runs_in_threads_all_commit(make_table, append):
    barrier = threading.Barrier(4)
    errors = []

    def drive(number: int) -> None:
        table = make_table()
        barrier.wait()
        try:
            append(table, IDS, f"r{number}", AT + timedelta(seconds=number))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=drive, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert rows(make_table()) == [(f"r{n}", i) for n in range(4) for i in sorted(IDS)]
