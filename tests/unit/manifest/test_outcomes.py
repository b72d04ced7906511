"""Answers that are lost on the way to a Delta table or a catalog: settled by asking, or said to be unknown."""

from __future__ import annotations

import threading
from datetime import datetime, timezone

import pytest
from deltalake.exceptions import CommitFailedError, DeltaError
from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException

from spark_pdf.errors import CommitFailed, CommitStateUnknown, StoreError

AT = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
IDS = ["a", "b"]

STEP = {"delta": "_write", "iceberg": "_commit_once"}
CONFLICT = {"delta": CommitFailedError("conflict"), "iceberg": CommitFailedException("conflict")}
LOST = {"delta": DeltaError("connection reset"), "iceberg": CommitStateUnknownException("gateway timeout")}


@pytest.fixture(params=["delta", "iceberg"])
def table_kind(request):
    return request.param


@pytest.fixture
def append(make_rows, make_info):
    def append(table, run_id="r1"):
        batch = make_rows(IDS, run_id, AT)
        return table.append(make_info(IDS, run_id, AT), batch.schema, lambda: iter([batch]))

    return append


def ids_of(table, run_id="r1"):
    return sorted(i for batch in table.scan(["document_id"], run_id=run_id) for i in batch["document_id"].to_pylist())


def break_step(table, kind, monkeypatch, error, *, arrives, times=99, unreadable=False):
    """Let the step that commits raise, after or without having done its work, and maybe all reading from then on."""
    real, calls = getattr(table, STEP[kind]), []

    def step(*arguments):
        calls.append(1)
        if len(calls) > times:
            return real(*arguments)
        if arrives:
            real(*arguments)
        elif kind == "delta":
            list(arguments[2])  # the rows were read, the commit did not come through
        if unreadable:
            monkeypatch.setattr(table, "_load", lambda: (_ for _ in ()).throw(StoreError("unreachable")))
        raise error

    monkeypatch.setattr(table, STEP[kind], step)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return calls


@pytest.mark.parametrize("error", [CONFLICT, LOST])
def test_a_commit_that_arrived_is_found(make_table, append, table_kind, monkeypatch, error):
    table = make_table()
    append(table, "r0")
    calls = break_step(table, table_kind, monkeypatch, error[table_kind], arrives=True)
    assert append(table).committed_at == AT
    assert len(calls) == 1
    assert ids_of(make_table()) == IDS


@pytest.mark.parametrize("error", [CONFLICT, LOST])
def test_a_commit_that_did_not_arrive_is_made_again(make_table, append, table_kind, monkeypatch, error):
    table = make_table()
    append(table, "r0")
    break_step(table, table_kind, monkeypatch, error[table_kind], arrives=False, times=2)
    append(table)
    assert ids_of(make_table()) == IDS


def test_conflicts_without_end_append_nothing_and_say_so(make_table, append, table_kind, monkeypatch):
    table = make_table()
    append(table, "r0")
    break_step(table, table_kind, monkeypatch, CONFLICT[table_kind], arrives=False)
    with pytest.raises(CommitFailed, match="other writers were faster"):
        append(table)
    assert ids_of(make_table()) == []


@pytest.mark.parametrize("arrives", [True, False])
def test_what_cannot_be_read_back_is_unknown_and_settled_later(make_table, append, table_kind, monkeypatch, arrives):
    table = make_table()
    append(table, "r0")
    break_step(table, table_kind, monkeypatch, LOST[table_kind], arrives=arrives, unreadable=True)
    with pytest.raises(CommitStateUnknown, match="run it again with the same run_id"):
        append(table)
    append(make_table())
    assert ids_of(make_table()) == IDS


def test_lost_answers_without_end_are_unknown(make_table, append, table_kind, monkeypatch):
    table = make_table()
    append(table, "r0")
    break_step(table, table_kind, monkeypatch, LOST[table_kind], arrives=False)
    with pytest.raises(CommitStateUnknown):
        append(table)


def test_a_transaction_that_expired_is_found_by_its_rows(make_table, append, table_kind, monkeypatch):
    """Delta forgets transactions, Iceberg expires snapshots: the rows stay, and say that the run is committed."""
    append(make_table())
    table = make_table()
    if table_kind == "delta":
        loaded = table._load()
        loaded_class = type(loaded)
        monkeypatch.setattr(loaded_class, "transaction_version", lambda *_: None)
    else:
        loaded = table._load()
        loaded.metadata.snapshots[-1].summary.additional_properties.clear()
        monkeypatch.setattr(table, "_load", lambda: loaded)
    info = append(table)
    assert (info.run_id, info.rows, info.documents, info.pages, info.bytes) == ("r1", 2, 2, 4, 200)
    assert info.committed_at == AT
    assert ids_of(make_table()) == IDS


@pytest.mark.parametrize("table_kind", ["iceberg"], indirect=True)
def test_an_iceberg_table_made_elsewhere_gets_its_retries_turned_off(make_table, append):
    table = make_table()
    append(table, "r0")
    with table._load().transaction() as transaction:
        transaction.set_properties({"commit.retry.num-retries": "4"})
    append(make_table())
    assert make_table()._load().properties["commit.retry.num-retries"] == "0"
    assert ids_of(make_table()) == IDS


@pytest.mark.parametrize("table_kind", ["iceberg"], indirect=True)
def test_an_iceberg_commit_is_an_overwrite_never_an_append(make_table, append):
    append(make_table(), "r0")
    append(make_table())
    snapshot = make_table()._load().current_snapshot()
    assert snapshot.summary.operation.value == "overwrite"
    assert snapshot.summary.additional_properties["spark-pdf.run-id"] == "r1"


@pytest.mark.parametrize("table_kind", ["delta"], indirect=True)
def test_a_delta_run_whose_rows_were_deleted_stays_committed(make_table, append, make_info):
    append(make_table())
    make_table()._load().delete("run_id = 'r1'")
    assert append(make_table()) == make_info(IDS, "r1", AT)
    assert ids_of(make_table()) == []


@pytest.mark.parametrize("fresh", [True, False])
def test_a_twin_that_commits_at_any_moment_before_ours_is_seen(make_table, append, table_kind, monkeypatch, fresh):
    """Between every two looks at the table a twin may commit: what was asked has to be what is written over."""
    if not fresh:
        append(make_table(), "r0")
    looks = 1
    while True:
        run_id = f"r{looks}"
        table, seen = make_table(), []
        real = table._load

        def look(real=real, seen=seen, run_id=run_id, looks=looks):
            found = real()
            seen.append(1)
            if len(seen) == looks:
                append(make_table(), run_id)
            return found

        monkeypatch.setattr(table, "_load", look)
        append(table, run_id)
        assert ids_of(make_table(), run_id) == IDS, f"the twin came after look {looks}"
        if len(seen) < looks:
            break
        looks += 1
    assert looks > 1


@pytest.mark.parametrize("fresh", [True, False])
def test_a_twin_that_commits_while_our_rows_stream_is_seen(make_table, append, make_rows, make_info, fresh):
    if not fresh:
        append(make_table(), "r0")
    batch = make_rows(IDS, "r1", AT)

    def stream():
        twin = threading.Thread(target=append, args=(make_table(),))  # delta-rs reads streams in threads of its own
        twin.start()
        twin.join()
        yield batch

    assert make_table().append(make_info(IDS, "r1", AT), batch.schema, stream) == make_info(IDS, "r1", AT)
    assert ids_of(make_table()) == IDS
