"""Erase: what is asked for is gone wherever it was, what is not is as it was, and no crash changes that."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spark_pdf.errors import StoreError, UsageError
from spark_pdf.manifest import vacuum as vacuum_module
from spark_pdf.manifest.erase import EraseReport, erase
from spark_pdf.manifest.rewriting import Touched, expiring
from spark_pdf.manifest.tasks import find_task
from spark_pdf.manifest.verify import verify
from spark_pdf.report.writing import write_report
from spark_pdf.store.documents import read_document
from spark_pdf.store.memory import MemoryBackend
from tests.stored_runs import Clock, StoredRun, document

IDS = tuple(f"doc-{n:03d}" for n in range(24))
LAYOUTS = pytest.mark.parametrize("layout", ["packs", "objects"])


class Crash(BaseException):
    """A killed process: nothing catches it."""


class Power:
    """Cuts every memory store off before or after the n-th change, until it is switched on again."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left, self.after, self.dead = -1, False, False
        for name in ("put", "delete"):
            patch.setattr(MemoryBackend, name, self._wrapped(getattr(MemoryBackend, name)))

    def _wrapped(self, method: Callable[..., None]) -> Callable[..., None]:
        def change(*args: Any) -> None:
            self.left -= 1
            if self.dead or (self.left == 0 and not self.after):
                self.dead = True
                raise Crash
            method(*args)
            if self.left == 0:
                self.dead = True
                raise Crash

        return change

    def cut(self, number: int, after: bool) -> None:
        self.left, self.after = number, after

    def on(self) -> None:
        self.left, self.dead = -1, False


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Power:
    """Power that can be cut."""
    return Power(monkeypatch)


def two_runs(uri: str, layout: str = "packs", manifest: dict[str, Any] | None = None) -> list[StoredRun]:
    """The same documents by two runs, and a failure; attempts that lost have left packs behind."""
    ids = [*IDS, "bad-1"]
    return [StoredRun(uri, run_id, ids, layout=layout, manifest=manifest).commit() for run_id in ("r1", "r2")]


def somewhere() -> str:
    return f"memory://{secrets.token_hex(8)}/out"


def rows(run: StoredRun) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["run_id"], row["document_id"]): row for batch in run.table.scan() for row in batch.to_pylist()}


def objects(run: StoredRun) -> Iterator[tuple[str, bytes]]:
    for info in run.store.list():
        yield info.key, run.store.read(info.key)


def traces(run: StoredRun, document_id: str) -> list[str]:
    """Where in the output, manifest included, anything of a document is left but its name and that it was erased."""
    found = []
    for key, data in objects(run):
        if document(document_id) in data or f"{document_id}.pdf" in key or f"{document_id}.pdf".encode() in data:
            found.append(key)
        elif key.endswith(".parquet"):
            for row in pq.read_table(io.BytesIO(data)).to_pylist():
                if row.get("document_id") == document_id and row["status"] != "erased":
                    found.append(key)
                if row.get("__document_id") == document_id:
                    found.append(key)
    return found


def check_erased(run: StoredRun, gone: set[str]) -> None:
    """Everything of `gone` is gone, everything else is there, each in the right bytes."""
    for document_id in gone:
        assert traces(run, document_id) == []
    found = rows(run)
    for (run_id, document_id), row in found.items():
        if document_id in gone:
            assert (row["status"], row["uri"], row["sha256"], row["record_hash"]) == ("erased", None, None, "")
            assert row["error_detail"].startswith("erased on 20"), run_id
        elif row["status"] == "document":
            assert read_document(row["uri"], row["offset"], row["length"]) == document(document_id)
    for run_id in {run_id for run_id, _ in found}:
        assert verify(run.config, run_id, hashes="all").ok


@LAYOUTS
def test_what_is_erased_is_gone_over_all_runs(layout: str) -> None:
    first, second = two_runs(somewhere(), layout)
    before = rows(first)
    assert traces(first, "doc-003")
    report = erase(first.config, ["doc-003", "bad-1"])
    assert (report.documents, report.rows, report.runs, report.complete) == (2, 4, ("r1", "r2"), True)
    assert (report.packs, report.objects) == ((2, 0) if layout == "packs" else (0, 2))
    check_erased(first, {"doc-003", "bad-1"})
    after = rows(first)
    assert after.keys() == before.keys()
    places = {"uri", "offset"}
    for key, row in after.items():
        if key[1] not in ("doc-003", "bad-1"):
            assert {k: v for k, v in row.items() if k not in places} == {
                k: v for k, v in before[key].items() if k not in places
            }
    log = json.loads(first.store.read(report.log))
    assert (log["complete"], log["document_ids"], log["rows"]) == (True, ["doc-003", "bad-1"], 4)
    assert "uri" not in json.dumps(log)
    again = erase(first.config, ["doc-003", "bad-1"])
    assert (again.documents, again.rows, again.packs, again.objects) == (0, 0, 0, 0)
    check_erased(second, {"doc-003", "bad-1"})
    assert len(list(first.store.list("_erasures"))) == 2, "each has its log, and nothing is left of its beginning"


def test_packs_stay_zips_that_any_unzip_reads() -> None:
    run, _ = two_runs(somewhere())
    erase(run.config, ["doc-003"])
    names = []
    for key, data in objects(run):
        if key.startswith("packs/r1/"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert archive.testzip() is None
                names += archive.namelist()
    assert "doc-003.pdf" not in names
    assert set(names) == {f"{document_id}.pdf" for document_id in IDS if document_id != "doc-003"}


def test_a_pack_of_which_nothing_is_left_goes() -> None:
    run = StoredRun(somewhere(), ids=["only"]).commit()
    erase(run.config, ["only"])
    assert not list(run.store.list("packs"))
    check_erased(run, {"only"})


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@LAYOUTS
def test_tables_of_other_formats_forget_too(kind: str, layout: str, tmp_path: Path) -> None:
    manifest: dict[str, Any] = {"format": kind}
    if kind == "iceberg":
        catalog = {"type": "sql", "uri": f"sqlite:///{tmp_path}/c.db", "warehouse": f"file://{tmp_path}/out/lake"}
        manifest |= {"table": "b.m", "catalog": catalog}
    run, _ = two_runs(str(tmp_path / "out"), layout, manifest)
    erase(run.config, ["doc-003"])
    erase(run.config, ["doc-004", "doc-003"])
    check_erased(run, {"doc-003", "doc-004"})


@LAYOUTS
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_step_is_mended_by_the_same_again(power: Power, layout: str, after: bool) -> None:
    for number in range(1, 100):
        run, _ = two_runs(somewhere(), layout)
        power.cut(number, after)
        try:
            erase(run.config, ["doc-003", "bad-1"])
        except Crash:
            power.on()
        else:
            power.on()
            assert number > 8, "there are that many steps at least"
            break
        for run_id in ("r1", "r2"):
            report = verify(run.config, run_id, hashes="all")
            assert report.ok, f"after change {number} a reader finds {report.findings}"
        erase(run.config, ["doc-003", "bad-1"])
        check_erased(run, {"doc-003", "bad-1"})
    else:
        pytest.fail("it never ends")


def test_what_has_expired_can_be_erased() -> None:
    run, _ = two_runs(somewhere(), "objects")
    uri = rows(run)["r1", "doc-003"]["uri"]
    run.table.rewrite(Touched(frozenset([uri])), expiring([uri]))
    assert rows(run)["r1", "doc-003"]["sha256"]
    run.store.delete([uri.removeprefix(run.store.uri + "/")])
    assert erase(run.config, ["doc-003"]).rows == 2
    check_erased(run, {"doc-003"})


def test_ids_that_nobody_has_touch_nothing() -> None:
    run, _ = two_runs(somewhere())
    before = dict(objects(run))
    with pytest.raises(UsageError, match="no committed run has 'doc-999'; nothing was erased"):
        erase(run.config, ["doc-003", "doc-999"])
    assert dict(objects(run)) == before


def test_a_damaged_neighbour_is_not_copied_on() -> None:
    run, _ = two_runs(somewhere())
    row = rows(run)["r1", "doc-005"]
    key = row["uri"].removeprefix(run.store.uri + "/")
    data = bytearray(run.store.read(key))
    data[row["offset"] + 20] ^= 1
    run.store.write(key, bytes(data))
    with pytest.raises(StoreError, match="is not what the manifest says; verify it"):
        erase(run.config, ["doc-003"])
    assert rows(run)["r1", "doc-003"]["status"] == "document"


def test_task_manifests_say_the_same_of_themselves() -> None:
    run, _ = two_runs(somewhere())
    before = [find_task(run.store, run.locations, 1, partition) for partition in (0, 1)]
    erase(run.config, ["doc-003"])
    assert [find_task(run.store, run.locations, 1, partition) for partition in (0, 1)] == before


def test_copies_of_the_source_go_and_others_stay() -> None:
    first, second = two_runs(somewhere())
    for run, ids in ((first, ["doc-003", "x"]), (second, ["x"])):
        sink = io.BytesIO()
        pq.write_table(pa.table({"__document_id": ids, "name": ["Ann"] * len(ids)}), sink)
        run.store.write(f"{run.locations.source}/abc.parquet", sink.getvalue())
        run.store.write(f"{run.locations.source}/copy-1.json", b"{}")
    assert erase(first.config, ["doc-003"]).copies == 1
    assert not list(first.store.list(first.locations.source))
    assert len(list(second.store.list(second.locations.source))) == 2
    check_erased(first, {"doc-003"})


def test_records_that_a_killed_driver_left_go_too() -> None:
    run, _ = two_runs(somewhere())
    sink = io.BytesIO()
    pq.write_table(pa.table({"__document_id": ["doc-003"], "name": ["Ann"]}), sink)
    run.store.write(run.locations.records(1), sink.getvalue())
    assert erase(run.config, ["doc-003"]).copies == 1
    assert not list(run.store.list(run.locations.records()))


@pytest.mark.parametrize("commit", [True, False])
def test_runs_that_are_not_committed_are_named(commit: bool) -> None:
    uri = somewhere()
    run, _ = two_runs(uri)
    StoredRun(uri, "open", IDS).render(commit=commit)
    StoredRun(uri, "pinned", IDS).run()
    report = erase(run.config, ["doc-003"])
    assert (report.unfinished, report.complete) == (("open",), False)
    assert not json.loads(run.store.read(report.log))["complete"]
    assert rows(run)["r1", "doc-003"]["status"] == "erased"


def test_two_that_erase_from_one_pack_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is faster each time: between packing and rewriting."""
    from spark_pdf.manifest import erase as module

    run, _ = two_runs(somewhere())
    repack, nested = module.repack, []

    def slow(*args: Any) -> Any:
        moved = repack(*args)
        if not nested:
            nested.append(True)
            erase(run.config, ["doc-005"])
        return moved

    monkeypatch.setattr(module, "repack", slow)
    erase(run.config, ["doc-003"])
    check_erased(run, {"doc-003", "doc-005"})
    packs = list(run.store.list("packs"))
    named = {row["uri"].removeprefix(run.store.uri + "/") for row in rows(run).values() if row["uri"]}
    assert len(packs) == len(named) + 2, "nothing is left of what was packed for nothing, but for lost attempts"


def test_one_that_begins_again_keeps_what_other_runs_rows_name_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Parquet each run is a commit: the later run's rows point to the new pack when the earlier's turn out moved."""
    from spark_pdf.manifest import erase as module

    uri = somewhere()
    run = StoredRun(uri, "r1", ["a", "x", "c", "y"]).commit()
    StoredRun(uri, "r2", ["b", "x", "w", "y"]).commit()
    repack, nested = module.repack, []

    def slow(*args: Any) -> Any:
        moved = repack(*args)
        if not nested and args[0].uri.endswith("/r1"):
            nested.append(True)
            erase(run.config, ["c"])
        return moved

    monkeypatch.setattr(module, "repack", slow)
    erase(run.config, ["a", "b"])
    check_erased(run, {"a", "b", "c"})


class Erasures(RuleBasedStateMachine):
    """Runs, erasures that crash, and vacuums, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(vacuum_module._Vacuum, "_now", lambda job: job.clock())
        self.power = Power(self.patch)
        self.uri, self.number = somewhere(), 0
        self.pending: set[str] = set()
        self.gone: set[str] = set()
        self.commit(layout="packs")

    @rule(layout=st.sampled_from(["packs", "objects"]))
    def commit(self, layout: str) -> None:
        # What a run renders anew is a document again.
        ids = [i for i in IDS[:8] if i not in self.gone | self.pending]
        self.number += 1
        if ids:
            self.latest = StoredRun(self.uri, f"r{self.number}", ids, layout=layout).commit()

    @rule(ids=st.sets(st.sampled_from(IDS[:8]), min_size=1, max_size=2), number=st.integers(1, 40), after=st.booleans())
    def erase(self, ids: set[str], number: int, after: bool) -> None:
        self.power.cut(number, after)
        try:
            self.done(erase(self.latest.config, sorted(ids)), ids)
        except Crash:
            self.pending |= ids - self.gone
        finally:
            self.power.on()

    @rule()
    def erase_again(self) -> None:
        if self.pending:
            ids = set(self.pending)
            self.done(erase(self.latest.config, sorted(ids)), ids)

    def done(self, report: EraseReport, ids: set[str]) -> None:
        assert report.complete
        self.gone |= ids
        self.pending -= ids

    @rule()
    def vacuum(self) -> None:
        clock = Clock()
        clock.later = timedelta(days=8)
        vacuum_module.vacuum(self.latest.config, dry_run=False, clock=clock, sleep=lambda seconds: None)

    @invariant()
    def the_manifest_is_right(self) -> None:
        check_erased(self.latest, self.gone)

    def teardown(self) -> None:
        self.patch.undo()


Erasures.TestCase.settings = settings(max_examples=12, stateful_step_count=10, deadline=None)
TestErasures = Erasures.TestCase


def put_letters(run: StoredRun, key: str, letters: list[dict[str, Any]]) -> None:
    """Dead letters as a stream and the edge write them."""
    if key.endswith(".json"):
        run.store.write(key, "".join(json.dumps(one) + "\n" for one in letters).encode())
        return
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(letters), sink)
    run.store.write(key, sink.getvalue())
    folder, _, name = key.rpartition("/")
    run.store.write(f"{folder}/.{name}.crc", b"crc")


def letter(document_id: Any, value: str = "CANARY") -> dict[str, Any]:
    return {"reason": "duplicate", "document_id": document_id, "place": "t/0/1", "value": value}


@pytest.mark.parametrize("end", ["parquet", "json"])
def test_dead_letters_in_files_go_and_their_neighbours_stay(end: str) -> None:
    run, _ = two_runs(somewhere())
    first, second = (f"dead-letters/day=20261126/batch=0a-{n}/part-0.{end}" for n in (1, 2))
    put_letters(run, first, [letter("doc-003"), letter("doc-004", "kept"), letter(None, "nameless")])
    put_letters(run, second, [letter("doc-003")])
    report = erase(run.config, ["doc-003"])
    assert (report.letters, report.complete) == (2, True)
    assert json.loads(run.store.read(report.log))["letters"] == 2
    assert not [key for key, data in objects(run) if b"CANARY" in data]
    left = run.store.read(first)
    table = (
        pq.read_table(io.BytesIO(left)).to_pylist() if end == "parquet" else list(map(json.loads, left.splitlines()))
    )
    assert table == [letter("doc-004", "kept"), letter(None, "nameless")]
    kept = {key for key, _ in objects(run) if key.startswith("dead-letters")}
    assert kept == {first}, "a checksum of what a file was would be taken for damage"
    assert erase(run.config, ["doc-003"]).letters == 0


def test_an_id_that_only_a_dead_letter_has_is_erased_there() -> None:
    run, _ = two_runs(somewhere())
    key = "dead-letters/run.json"
    put_letters(run, key, [letter(4711), letter("doc-004")])
    report = erase(run.config, ["4711"])
    assert (report.letters, report.documents, report.rows) == (1, 0, 0)
    assert json.loads(run.store.read(key)) == letter("doc-004")


def test_a_crash_after_the_last_letter_was_dropped_is_mended_by_the_same_again(power: Power) -> None:
    for number in range(1, 20):
        run, _ = two_runs(somewhere())
        put_letters(run, "dead-letters/run.json", [letter("only")])
        power.cut(number, True)
        try:
            erase(run.config, ["only"])
        except Crash:
            power.on()
            if list(run.store.list("_erasures/begun")) or run.store.exists("dead-letters/run.json"):
                erase(run.config, ["only"])
            assert not run.store.exists("dead-letters/run.json")
            assert number < 2 or list(run.store.list("_erasures"))
        else:
            power.on()
            return
    pytest.fail("it never ends")


def test_no_report_names_what_was_erased() -> None:
    first, second = two_runs(somewhere())
    other = StoredRun(first.store.uri, "r3", ["other"]).commit()
    for run in (first, second, other):
        write_report(run.config, run.locations.run_id)
    assert b"doc-003" in first.store.read(first.locations.report)
    erase(first.config, ["doc-003"])
    assert not any(first.store.exists(run.locations.report) for run in (first, second))
    assert other.store.exists(other.locations.report)
    write_report(first.config, "r1")
    assert b"doc-003" not in (said := first.store.read(first.locations.report))
    assert b"1 erased or expired" in said
