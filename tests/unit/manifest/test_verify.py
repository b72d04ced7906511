"""Verify finds whatever is wrong, says it once, and names it; and finds nothing where nothing is."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from spark_pdf.errors import StoreError, UsageError
from spark_pdf.manifest.erase import erase
from spark_pdf.manifest.verify import KINDS, VerifyReport, verify
from spark_pdf.store import ObjectStore
from spark_pdf.store.locations import RunLocations
from tests.stored_runs import StoredRun

IDS = [f"doc-{n:03d}" for n in range(60)] + ["bad-1", "bad-2"]
KINDS_OF_STORE = ["local", "memory", pytest.param("s3", marks=pytest.mark.s3)]


@pytest.fixture(params=["packs", "objects"])
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def done(tmp_path: Path, layout: str) -> StoredRun:
    return StoredRun(str(tmp_path / "out"), ids=IDS, layout=layout).commit()


def kinds(report: VerifyReport) -> dict[str, int]:
    assert report.ok is not bool(report.counts)
    json.dumps(report.to_json())
    return dict(report.counts)


def rows(run: StoredRun) -> list[dict[str, Any]]:
    found = [row for batch in run.table.scan(run_id="r1", status="document") for row in batch.to_pylist()]
    return sorted(found, key=lambda row: row["document_id"])


def key_of(run: StoredRun, row: dict[str, Any]) -> str:
    return str(row["uri"]).removeprefix(run.store.uri + "/")


@pytest.mark.parametrize("kind", KINDS_OF_STORE)
def test_a_sound_run_has_no_findings(request: pytest.FixtureRequest, tmp_path: Path, layout: str, kind: str) -> None:
    uri, options = str(tmp_path / "out"), None
    if kind == "memory":
        uri = f"memory://{secrets.token_hex(8)}/out"
    if kind == "s3":
        uri, options = request.getfixturevalue("s3_bucket"), request.getfixturevalue("s3_server").options()
    run = StoredRun(uri, ids=IDS, layout=layout, options=options).commit()
    seen: list[tuple[int, int]] = []
    for scope in ("r1", None):
        report = verify(run.config, scope, hashes="all", progress=lambda *numbers: seen.append(numbers))
        assert report.ok, report.findings
        assert (report.rows, report.documents, report.failed, report.hashed) == (62, 60, 2, 60)
        assert report.objects == (60 if layout == "objects" else len({row["uri"] for row in rows(run)}))
    assert seen[-1] == (62, 0)


def test_hashes_are_read_as_asked(done: StoredRun) -> None:
    assert verify(done.config, "r1", hashes="none").hashed == 0
    assert verify(done.config, "r1").hashed == 60, "fewer documents than the sample"
    drawn = [verify(done.config, "r1", sample=15).hashed for _ in range(8)]
    assert 0 < sum(drawn) / 8 < 40


def test_absent_objects(done: StoredRun, layout: str) -> None:
    victims = rows(done)[:1]
    done.store.delete([key_of(done, victims[0])])
    report = verify(done.config, "r1", hashes="all")
    lost = sum(row["uri"] == victims[0]["uri"] for row in rows(done))
    assert kinds(report) == {"absent": lost}
    assert victims[0]["document_id"] in {finding.document_id for finding in report.findings}
    assert lost == 1 or layout == "packs"


def test_shortened_objects(done: StoredRun) -> None:
    row = max(rows(done), key=lambda row: (row["uri"], row["offset"]))
    data = done.store.read(key_of(done, row))
    done.store.write(key_of(done, row), data[: row["offset"] + row["length"] - 1])
    report = verify(done.config, "r1", hashes="all")
    assert kinds(report) == {"range": 1}
    assert report.findings[0].document_id == row["document_id"]


def test_a_flipped_bit_is_found_by_hash_alone(done: StoredRun) -> None:
    row = rows(done)[7]
    data = bytearray(done.store.read(key_of(done, row)))
    data[row["offset"] + row["length"] // 2] ^= 1
    done.store.write(key_of(done, row), bytes(data))
    report = verify(done.config, "r1", hashes="all")
    assert kinds(report) == {"hash": 1}
    assert report.findings[0].document_id == row["document_id"]
    assert verify(done.config, "r1", hashes="none").ok


class Doctored:
    """A table whose rows the test changes."""

    def __init__(self, run: StoredRun, change: Any) -> None:
        self._table, self._change = run.table, change
        self.uri = run.table.uri

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def scan(self, columns: Any = None, **filters: Any) -> Any:
        found = [row for batch in self._table.scan(**filters) for row in batch.to_pylist()]
        found.sort(key=lambda row: row["document_id"])
        changed = self._change(found)
        schema = next(iter(self._table.scan())).schema
        batch = pa.RecordBatch.from_pylist(changed, schema=schema)
        yield batch if columns is None else batch.select(list(columns))


def doctored(run: StoredRun, change: Any, scope: str | None = "r1") -> VerifyReport:
    return verify(run.config, scope, hashes="all", table=Doctored(run, change))


class Overtaken(Doctored):
    """A table that somebody changes when its rows have been read, and not yet been looked up."""

    def __init__(self, run: StoredRun, meanwhile: Callable[[], Any]) -> None:
        super().__init__(run, None)
        self._meanwhile = [meanwhile]

    def scan(self, columns: Any = None, **filters: Any) -> Any:
        found = list(self._table.scan(columns, **filters))
        if columns is not None and "uri" in columns and self._meanwhile:
            self._meanwhile.pop()()
        yield from found


@pytest.mark.parametrize("scope", ["r1", None])
def test_what_is_erased_meanwhile_is_not_absent(done: StoredRun, scope: str | None) -> None:
    table = Overtaken(done, lambda: erase(done.config, IDS[:3]))
    report = verify(done.config, scope, hashes="all", table=table)
    assert report.ok, report.findings
    assert verify(done.config, scope, hashes="all").erased == 3


def test_a_pack_that_rows_have_moved_to_is_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = StoredRun(str(tmp_path / "out"), ids=IDS, layout="packs").commit()
    asked: Counter[str] = Counter()
    real = ObjectStore.head

    def head(self: ObjectStore, key: str) -> Any:
        asked[key] += 1
        return real(self, key)

    def erase_and_count() -> None:
        erase(run.config, IDS[:1])
        monkeypatch.setattr(ObjectStore, "head", head)

    before = {row["uri"] for row in rows(run)}
    assert verify(run.config, "r1", hashes="all", table=Overtaken(run, erase_and_count)).ok
    (pack,) = {row["uri"] for row in rows(run)} - before
    assert sum(row["uri"] == pack for row in rows(run)) > 1
    assert asked[pack.rpartition("/")[2]] == 1


def test_a_row_that_has_moved_is_checked_where_it_is_now(done: StoredRun, layout: str) -> None:
    def erase_and_lose() -> None:
        erase(done.config, IDS[:1])
        moved = {row["uri"] for row in rows(done)} - before
        assert bool(moved) is (layout == "packs")
        done.store.delete([uri.removeprefix(done.store.uri + "/") for uri in moved])

    before = {row["uri"] for row in rows(done)}
    report = verify(done.config, "r1", hashes="all", table=Overtaken(done, erase_and_lose))
    assert report.ok is (layout == "objects")
    assert set(report.counts) <= {"absent"}


def test_a_lost_row_is_missed_by_commit_and_count(done: StoredRun) -> None:
    assert kinds(doctored(done, lambda rows: rows[:-1])) == {"rows": 1, "input": 1}


def test_a_row_that_comes_twice(done: StoredRun) -> None:
    report = doctored(done, lambda rows: [*rows, rows[5]])
    assert kinds(report) == {"rows": 1, "input": 1, "duplicate_id": 1, "shared_bytes": 1}
    named = [finding for finding in report.findings if finding.kind == "duplicate_id"]
    assert [finding.document_id for finding in named] == ["doc-003"]


def test_two_ids_with_one_document(done: StoredRun) -> None:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        place = {name: rows[10][name] for name in ("uri", "offset", "length", "sha256")}
        return [*rows[:11], {**rows[11], **place}, *rows[12:]]

    assert kinds(doctored(done, change)) == {"shared_bytes": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"uri": None},
        {"offset": None},
        {"length": 0},
        {"sha256": None},
        {"error_code": "template"},
        {"status": "skipped"},
        {"status": "failure"},
    ],
)
def test_rows_that_contradict_themselves(done: StoredRun, change: dict[str, Any]) -> None:
    report = doctored(done, lambda rows: [*rows[:-1], {**rows[-1], **change}])
    assert report.counts["malformed"] == 1
    assert not report.ok


def test_findings_are_counted_whole_and_named_in_part(done: StoredRun) -> None:
    for key in done.keys("packs") + done.keys("documents"):
        done.store.delete([key])
    report = verify(done.config, "r1")
    assert kinds(report) == {"absent": 60}
    assert len(report.findings) == 20
    assert set(report.counts) <= set(KINDS)


def test_nothing_to_verify_is_said(tmp_path: Path, done: StoredRun) -> None:
    with pytest.raises(UsageError, match="there is no run r2"):
        verify(done.config, "r2")
    with pytest.raises(UsageError, match="no rows"):
        verify(StoredRun(str(tmp_path / "empty")).config)


def test_a_store_that_cannot_be_asked_is_no_finding(done: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise StoreError("the store is on fire")

    monkeypatch.setattr("spark_pdf.store.local.LocalBackend.head", fail)
    with pytest.raises(StoreError, match="on fire"):
        verify(done.config)


def test_the_current_view_is_each_ids_latest_run(tmp_path: Path) -> None:
    uri = str(tmp_path / "out")
    StoredRun(uri, "r1", ids=["a", "b"]).commit()
    second = StoredRun(uri, "r2", ids=["b", "c"]).commit()
    report = verify(second.config, hashes="all")
    assert (report.rows, report.documents, report.hashed, report.ok) == (3, 3, 3, True)


@pytest.mark.parametrize("format", ["delta", "iceberg"])
def test_other_tables(tmp_path: Path, format: str) -> None:
    manifest: dict[str, Any] = {"format": format}
    if format == "iceberg":
        catalog = {"type": "sql", "uri": f"sqlite:///{tmp_path}/c.db", "warehouse": f"file://{tmp_path}/w"}
        manifest |= {"table": "docs.manifest", "catalog": catalog}
    run = StoredRun(str(tmp_path / "out"), ids=IDS, manifest=manifest).commit()
    report = verify(run.config, "r1", hashes="all")
    assert report.ok, report.findings
    assert report.hashed == 60


def test_of_runs_each_may_have_an_id_and_of_a_day_only_one(tmp_path: Path) -> None:
    for number in (1, 2):
        run = StoredRun(str(tmp_path / "out"), f"service-20261126-{number:06d}", [f"doc-{number}", "same"]).commit()
    assert verify(run.config, runs="service-20261126-").ok
    run.store.write(RunLocations("service-20261126").status("same"), b"{}")
    report = verify(run.config, "service-20261126")
    assert kinds(report) == {"duplicate_id": 1}
    assert report.findings[0].document_id == "same"
