"""Roll-up: few packs in place of many, the same documents and rows, and no crash, erasure or vacuum changes that."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import Config
from spark_pdf.errors import RunSuperseded, StoreError, UsageError
from spark_pdf.manifest import rollup as module
from spark_pdf.manifest import vacuum as vacuum_module
from spark_pdf.manifest.erase import erase
from spark_pdf.manifest.rewriting import MovedError, Touched, expiring
from spark_pdf.manifest.rollup import RollupReport, rollup
from spark_pdf.manifest.vacuum import VacuumReport
from spark_pdf.store.documents import read_document
from tests.stored_runs import Clock, StoredRun
from tests.unit.manifest.test_erase import Crash, Power, check_erased, power, rows, somewhere, traces

__all__ = ["power"]

RUNS = 3
PREFIX = "s-20261126-"
Day = list[StoredRun]


def day(uri: str, manifest: dict[str, Any] | None = None) -> Day:
    """A day's runs, a failure in each; the same id in the first two. A neighbour that is not of the day comes last."""
    names = [*(f"{PREFIX}q-{n}" for n in range(RUNS)), "s-20261127-q-9"]
    ids = [["same", "bad", *(f"doc-{n}{k}" for k in range(6))] for n in range(len(names))]
    ids = [one if n < 2 else one[1:] for n, one in enumerate(ids)]
    return [StoredRun(uri, name, of, manifest=manifest).commit() for name, of in zip(names, ids, strict=True)]


def told(config: Config, pack_bytes: int) -> Config:
    return config.model_copy(update={"output": config.output.model_copy(update={"pack_bytes": pack_bytes})})


def named(run: StoredRun, prefix: str = PREFIX) -> set[str]:
    """Packs that rows of the day name."""
    return {row["uri"] for (run_id, _), row in rows(run).items() if row["uri"] and run_id.startswith(prefix)}


def check(run: StoredRun, gone: set[str] | None = None) -> None:
    check_erased(run, gone or set())


def vacuum(run: StoredRun, days: float = 8) -> VacuumReport:
    clock = Clock()
    clock.later = timedelta(days=days)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vacuum_module._Vacuum, "_now", lambda job: job.clock())
        return vacuum_module.vacuum(run.config, dry_run=False, clock=clock, sleep=lambda seconds: None)


def places(run: StoredRun) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {key: (row["uri"], row["offset"]) for key, row in rows(run).items()}


def test_small_packs_become_one_and_rows_say_the_same() -> None:
    run, *_, other = day(somewhere())
    before, theirs = rows(run), named(other, "s-20261127-")
    report = rollup(run.config, PREFIX)
    assert (report.runs, report.documents, report.merged, report.packs) == (RUNS, 6 * RUNS + 2, 2 * RUNS, 1)
    check(run)
    after = rows(run)
    assert {key: row | {"uri": 0, "offset": 0} for key, row in after.items()} == {
        key: row | {"uri": 0, "offset": 0} for key, row in before.items()
    }
    (uri,) = named(run)
    assert uri.startswith(f"{run.store.uri}/rolled/s-20261126/")
    assert named(other, "s-20261127-") == theirs
    with zipfile.ZipFile(io.BytesIO(run.store.read(uri.removeprefix(f"{run.store.uri}/")))) as archive:
        assert archive.testzip() is None
        assert {f"{PREFIX}q-0/same.pdf", f"{PREFIX}q-1/same.pdf"} < set(archive.namelist())
    assert not list(run.store.list("_rollups"))
    assert rollup(run.config, PREFIX) == RollupReport(PREFIX)
    assert rows(run) == after


def test_packs_grow_as_large_as_they_may_and_no_larger() -> None:
    run, *_ = day(somewhere())
    size = sum(row["length"] or 0 for (run_id, _), row in rows(run).items() if run_id.startswith(PREFIX))
    config = told(run.config, size * 2 // 5)
    assert rollup(config, PREFIX).packs == 3
    lengths: dict[str, int] = {}
    for (run_id, _), row in rows(run).items():
        if row["uri"] and run_id.startswith(PREFIX):
            lengths[row["uri"]] = lengths.get(row["uri"], 0) + row["length"]
    assert all(length <= size * 2 // 5 for length in lengths.values())
    assert sum(length <= size // 5 for length in lengths.values()) <= 1
    assert rollup(config, PREFIX).merged == 0
    check(run)


def test_runs_that_come_later_are_for_the_next_time() -> None:
    uri = somewhere()
    run, *_ = day(uri)
    rollup(run.config, PREFIX)
    (first,) = named(run)
    StoredRun(uri, f"{PREFIX}q-8", ["late-1", "late-2"]).commit()
    assert rollup(run.config, PREFIX).packs == 1
    assert first not in named(run)
    assert len(named(run)) == 1
    check(run)


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_tables_of_other_formats(kind: str, tmp_path: Path) -> None:
    manifest: dict[str, Any] = {"format": kind}
    if kind == "iceberg":
        catalog = {"type": "sql", "uri": f"sqlite:///{tmp_path}/c.db", "warehouse": f"file://{tmp_path}/out/lake"}
        manifest |= {"table": "b.m", "catalog": catalog}
    run, *_, other = day(str(tmp_path / "out"), manifest)
    theirs = named(other, "s-20261127-")
    assert rollup(run.config, PREFIX).merged == 2 * RUNS
    assert rollup(run.config, PREFIX).merged == 0
    assert (len(named(run)), named(other, "s-20261127-")) == (1, theirs)
    check(run)
    erase(run.config, ["doc-00", "same"])
    check(run, {"doc-00", "same"})


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_step_is_mended_by_the_same_again(power: Power, after: bool) -> None:
    for number in range(1, 100):
        run, *_ = day(somewhere())
        before = places(run)
        power.cut(number, after)
        try:
            rollup(run.config, PREFIX)
        except Crash:
            power.on()
        else:
            power.on()
            assert number > RUNS + 3, "there are that many steps at least"
            break
        check(run)
        for uri, offset in set(before.values()) - {(None, None)}:
            assert read_document(uri, offset, 9).startswith(b"%PDF")
        if list(run.store.list("_rollups")):
            with pytest.raises(UsageError, match="roll-up"):
                erase(run.config, ["same"])
            assert not list(run.store.list("_erasures/begun"))
        rollup(run.config, PREFIX)
        check(run)
        assert len(named(run)) <= 2, "in Parquet, some of the runs may be in a large one already"
        assert not list(run.store.list("_rollups"))
        erase(run.config, ["same", "doc-10"])
        check(run, {"same", "doc-10"})
        vacuum(run)
        assert len(list(run.store.list("rolled"))) == len(named(run))
        check(run, {"same", "doc-10"})
    else:
        pytest.fail("it never ends")


@pytest.mark.parametrize("after", [False, True])
def test_an_erasure_from_shared_packs_may_crash(power: Power, after: bool) -> None:
    for number in range(1, 100):
        run, *_ = day(somewhere())
        rollup(run.config, PREFIX)
        power.cut(number, after)
        try:
            erase(run.config, ["same", "doc-10"])
        except Crash:
            power.on()
        else:
            power.on()
            assert number > RUNS + 4, "there are that many steps at least"
            break
        if list(run.store.list("_erasures/begun")):
            with pytest.raises(UsageError, match="erasure"):
                rollup(run.config, PREFIX)
        assert erase(run.config, ["same", "doc-10"]).complete
        check(run, {"same", "doc-10"})
    else:
        pytest.fail("it never ends")


def test_what_nobody_names_is_vacuums_after_its_grace() -> None:
    run, *_ = day(somewhere())
    before = places(run)
    small = {info.key for info in run.store.list("packs")}
    run.clock.later = timedelta(days=-20)
    rollup(run.config, PREFIX)
    assert vacuum(run, 6).objects == 0
    for (uri, offset), row in zip(before.values(), rows(run).values(), strict=True):
        assert row["uri"] is None or read_document(uri, offset, row["length"]), "a reader that had begun before"
    assert vacuum(run, 8).objects
    left = {info.key for info in run.store.list("packs")}
    assert {key.split("/")[1] for key in left} == {"s-20261127-q-9"}
    assert left < small
    assert vacuum(run, 20).objects == 0
    check(run)


def test_packs_of_which_all_rows_have_gone_are_vacuums_too() -> None:
    run, *_ = day(somewhere())
    rollup(run.config, PREFIX)
    (uri,) = named(run)
    run.store.write("rolled/s-20261126/0-0-00000000-0.zip", b"an orphan")
    assert [one.objects for one in vacuum(run, 8).runs if one.state == "rolled"] == [1]
    check(run)
    run.table.rewrite(Touched(frozenset([uri])), expiring([uri]))
    vacuum(run, 20)
    assert not list(run.store.list("rolled"))


def test_retention_lets_a_shared_pack_go_only_when_all_in_it_were_replaced() -> None:
    uri = somewhere()
    run, *_ = day(uri)
    rollup(run.config, PREFIX)
    StoredRun(uri, "later-1", run.ids).commit()
    config = run.config.model_copy(update={"retention": run.config.retention.model_copy(update={"superseded_days": 1})})
    run.config = config
    assert vacuum(run, 9).expired == 0
    check(run)
    replaced = {one for other in day_ids(run) for one in other}
    StoredRun(uri, "later-2", sorted(replaced)).commit()
    assert vacuum(run, 9).expired == 6 * RUNS + 2 + 7
    assert named(run) == set()


def day_ids(run: StoredRun) -> list[list[str]]:
    return [[document_id] for run_id, document_id in rows(run) if run_id.startswith(PREFIX)]


def test_what_another_moves_meanwhile_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other is faster, once: with some of the rows, so that Parquet has rewritten other runs before it is met."""
    run, *_ = day(somewhere())
    moving, met = module.moving, []

    def slow(*args: Any) -> Callable[..., Any]:
        change = moving(*args)

        def slowly(batch: Any) -> Any:
            if not met and f"{PREFIX}q-2" in batch["run_id"].to_pylist():
                met.append(True)
                raise MovedError
            return change(batch)

        return slowly

    monkeypatch.setattr(module, "moving", slow)
    rollup(run.config, PREFIX)
    assert met
    check(run)
    assert len(list(run.store.list("rolled"))) == 2
    erase(run.config, ["doc-30"])
    assert not traces(run, "doc-30")
    check(run, {"doc-30"})


def test_one_that_another_has_taken_the_place_of_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    run, *_ = day(somewhere())
    merge, nested = module.merge, []

    def slow(*args: Any) -> Any:
        if not nested:
            nested.append(True)
            rollup(run.config, PREFIX)
        return merge(*args)

    monkeypatch.setattr(module, "merge", slow)
    with pytest.raises(RunSuperseded, match="another roll-up"):
        rollup(run.config, PREFIX)
    check(run)
    assert len(named(run)) == 1


def test_a_pack_that_cannot_be_read_keeps_no_erasure_waiting() -> None:
    run, *_ = day(somewhere())
    key = sorted(info.key for info in run.store.list(f"packs/{PREFIX}q-1"))[-1]
    whole = run.store.read(key)
    run.store.write(key, b"x" * len(whole))
    with pytest.raises(StoreError):
        rollup(run.config, PREFIX)
    assert not list(run.store.list("_rollups"))
    erase(run.config, ["doc-00"])
    run.store.write(key, whole)
    check(run, {"doc-00"})
    assert rollup(run.config, PREFIX).packs == 1
    check(run, {"doc-00"})


def test_rows_of_large_packs_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    run, *_ = day(somewhere())
    kept = []
    monkeypatch.setattr(module, "Kept", lambda *place: kept.append(place))
    assert rollup(told(run.config, 1), PREFIX).merged == 0
    assert kept == []


def test_documents_of_their_own_stay_where_they_are() -> None:
    run = StoredRun(somewhere(), f"{PREFIX}q-0", ["a", "b"], layout="objects").commit()
    assert rollup(run.config, PREFIX).merged == 0
    for prefix in ("", "a/b", "-"):
        with pytest.raises(UsageError):
            rollup(run.config, prefix)
