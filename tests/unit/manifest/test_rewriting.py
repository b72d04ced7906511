"""Rows are exchanged in one commit, whatever the format; what is not touched is as it was, and earlier files go."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.manifest.rewriting import Gone, MovedError, Touched, erasing, expiring
from spark_pdf.manifest.schema import manifest_schema
from tests.unit.manifest.conftest import EXTRA, Crash, FaultyStore, info_of, rows_of, table_at

AT = datetime(2026, 11, 23, tzinfo=timezone.utc)
IDS = [f"d{n}" for n in range(6)]


def filled(table: Any) -> Any:
    """Two runs of the same six ids."""
    for number, run_id in enumerate(("r1", "r2")):
        at = AT + timedelta(days=number)
        table.append(
            info_of(IDS, run_id, at),
            manifest_schema(EXTRA),
            lambda at=at, run_id=run_id: iter([rows_of(IDS, run_id, at)]),
        )
    return table


def rows(table: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["run_id"], row["document_id"]): row for batch in table.scan() for row in batch.to_pylist()}


def place(document_id: str) -> tuple[str, int]:
    return f"s3://b/{document_id}.pdf", 0


def test_an_erased_row_keeps_its_name_and_its_neighbours_move(make_table: Any) -> None:
    table = filled(make_table())
    before = rows(table)
    planned = [place("d1")[0], place("d2")[0]]
    change = erasing(["d1"], {place("d2"): ("s3://b/new.zip", 77)}, planned, "erased today")
    assert table.rewrite(Touched(frozenset(planned), frozenset(["d1"])), change) == 4
    after = rows(table)
    assert after.keys() == before.keys()
    for (run_id, document_id), row in after.items():
        was = before[run_id, document_id]
        if document_id == "d1":
            kept = {"run_id", "document_id", "template", "template_hash", "renderer_version", "attempt", "committed_at"}
            kept |= {"wave", "partition"}
            said = {"status": "erased", "record_hash": "", "error_code": "erased", "error_detail": "erased today"}
            assert row == {name: was[name] if name in kept else said.get(name) for name in was}
        elif document_id == "d2":
            assert row == {**was, "uri": "s3://b/new.zip", "offset": 77}
        else:
            assert row == was
    assert table.rewrite(Touched(frozenset(planned), frozenset(["d1"])), change) == 0, "nothing is left to do"
    table.purge(Gone())
    table.purge(Gone())
    assert rows(make_table()) == after
    assert table.committed("r1").rows == 6


def test_earlier_files_are_gone_after_a_purge(make_table: Any, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = filled(make_table())
    table.rewrite(Touched(document_ids=frozenset(["d1"])), erasing(["d1"], {}, [place("d1")[0]], "gone"))
    table.purge(Gone())
    for path in tmp_path.rglob("*.parquet"):
        if "_delta_log" not in path.parts:
            for row in pq.ParquetFile(path).read().to_pylist():
                assert row["document_id"] != "d1" or row["status"] == "erased", path


def test_rows_without_bytes_stay_when_others_are_exchanged(make_table: Any) -> None:
    """A null is neither one of the uris nor another one: no format may lose such a row."""
    table = filled(make_table())
    table.rewrite(Touched(document_ids=frozenset(["d1"])), erasing(["d1"], {}, [place("d1")[0]], "gone"))
    change = expiring([place("d3")[0]])
    assert table.rewrite(Touched(frozenset([place("d3")[0]]), frozenset(["d1"])), change) == 4
    found = rows(table)
    assert len(found) == 12
    for run_id in ("r1", "r2"):
        expired, erased = found[run_id, "d3"], found[run_id, "d1"]
        assert (expired["status"], expired["uri"], expired["length"], erased["status"]) == (
            "expired",
            None,
            None,
            "erased",
        )
        assert all((expired["sha256"], expired["record_hash"]))
        assert expired["warnings"] == ["a warning"]


def test_rows_that_another_rewrite_has_moved_are_not_exchanged(make_table: Any) -> None:
    table = filled(make_table())
    before = rows(table)
    with pytest.raises(MovedError):
        table.rewrite(Touched(document_ids=frozenset(["d1"])), erasing(["d1"], {}, ["s3://b/elsewhere.zip"], "gone"))
    with pytest.raises(MovedError):
        table.rewrite(Touched(frozenset([place("d2")[0]])), erasing([], {}, [place("d2")[0]], "gone"))
    assert rows(table) == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("request_number", range(1, 5))
def test_a_crash_at_any_request_of_a_rewrite_is_mended_by_the_next(store: Any, when: str, request_number: int) -> None:
    from spark_pdf.manifest.parquet import ParquetManifest

    filled(ParquetManifest(store))
    faulty = FaultyStore(store)
    change = erasing(["d1"], {}, [place("d1")[0]], "gone")
    faulty.faults = {request_number: when}
    with pytest.raises(Crash):
        ParquetManifest(faulty).rewrite(Touched(document_ids=frozenset(["d1"])), change)
    half = rows(ParquetManifest(store))
    assert len(half) == 12
    table = ParquetManifest(store)
    table.rewrite(Touched(document_ids=frozenset(["d1"])), change)
    table.purge(Gone())
    assert {key for key, row in rows(table).items() if row["status"] == "erased"} == {("r1", "d1"), ("r2", "d1")}


def test_two_rewrites_of_one_run_lose_nothing(store: Any) -> None:
    """The second meets the first's version, and begins again over it."""
    from spark_pdf.manifest.parquet import ParquetManifest

    table = filled(ParquetManifest(store))
    inner = erasing(["d2"], {}, [place("d2")[0]], "gone")
    seen = []

    def outer(found: Any) -> Any:
        if not seen:
            seen.append(True)
            ParquetManifest(store).rewrite(Touched(document_ids=frozenset(["d2"])), inner)
        return erasing(["d1"], {}, [place("d1")[0]], "gone")(found)

    table.rewrite(Touched(document_ids=frozenset(["d1"])), outer)
    erased = {key for key, row in rows(table).items() if row["status"] == "erased"}
    assert erased == {(run_id, document_id) for run_id in ("r1", "r2") for document_id in ("d1", "d2")}


def test_a_run_that_is_committed_meanwhile_is_kept(make_table: Any) -> None:
    """Between reading and committing: the rewrite meets it, and begins again over it."""
    table = filled(make_table())
    seen = []

    def change(found: Any) -> Any:
        if not seen:
            seen.append(True)
            late = AT + timedelta(days=9)
            batch = rows_of(["d1", "new"], "r3", late)
            make_table().append(info_of(["d1", "new"], "r3", late), manifest_schema(EXTRA), lambda: iter([batch]))
        return erasing(["d1"], {}, [place("d1")[0]], "gone")(found)

    table.rewrite(Touched(document_ids=frozenset(["d1"])), change)
    table.rewrite(Touched(document_ids=frozenset(["d1"])), change)
    found = rows(make_table())
    assert len(found) == 14
    assert {key for key, row in found.items() if row["status"] == "erased"} == {(f"r{n}", "d1") for n in (1, 2, 3)}
    assert table.committed("r3").rows == 2


@pytest.mark.parametrize("columns", [["status", "channel"], ["run_id"]])
def test_partitioned_tables_exchange_rows_too(table_kind: str, tmp_path: Path, columns: list[str]) -> None:
    table = filled(table_at(table_kind, tmp_path / "table", columns))
    table.rewrite(Touched(document_ids=frozenset(["d1"])), erasing(["d1"], {}, [place("d1")[0]], "gone"))
    table.purge(Gone(frozenset(["d1"]), frozenset(["r1", "r2"])))
    assert sorted(row["status"] for row in rows(table).values()) == ["document"] * 10 + ["erased"] * 2
