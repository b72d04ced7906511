"""Vacuum takes what nobody references, of runs that nobody drives, and never anything else."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from spark_pdf.config import Retention
from spark_pdf.errors import RunPinned, StoreError, UsageError
from spark_pdf.manifest import vacuum as module
from spark_pdf.manifest.runs import find_run, remember_state
from spark_pdf.manifest.vacuum import VacuumReport, vacuum
from spark_pdf.manifest.verify import verify
from spark_pdf.manifest.waves import start_wave
from spark_pdf.report.writing import write_report
from spark_pdf.store import ObjectInfo, ObjectStore
from spark_pdf.store.locations import RunLocations
from tests.stored_runs import Clock, StoredRun

WEEK = timedelta(days=7)
LATER = timedelta(days=8)


@pytest.fixture(params=["local", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., StoredRun]:
    """Makes runs in one output."""
    uri = str(tmp_path / "out") if request.param == "local" else f"memory://{secrets.token_hex(8)}/out"
    return lambda *args, **settings: StoredRun(uri, *args, **settings)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that is eight days ahead, also where the store is asked for the time."""
    clock = Clock()
    clock.later = LATER
    monkeypatch.setattr(module._Vacuum, "_now", lambda self: self.clock())
    return clock


def clean(run: StoredRun, clock: Clock, **settings: object) -> VacuumReport:
    report = vacuum(run.config, clock=clock, sleep=lambda seconds: None, **settings)  # type: ignore[arg-type]
    json.dumps(report.to_json())
    return report


def states(report: VacuumReport) -> dict[str, str]:
    return {run.run_id: run.state for run in report.runs}


@pytest.mark.parametrize("layout", ["packs", "objects"])
def test_of_a_committed_run_only_losers_are_taken(make: Callable[..., StoredRun], late: Clock, layout: str) -> None:
    run = make(layout=layout).commit()
    write_report(run.config, "r1")
    before = run.keys()
    dry = clean(run, late)
    assert run.keys() == before, "a dry run takes nothing"
    assert dry.strangers == ()
    done = clean(run, late, dry_run=False)
    assert (done.objects, done.bytes, states(done)) == (dry.objects, dry.bytes, {"r1": "committed"})
    gone = set(before) - set(run.keys())
    assert len(gone) == done.objects
    assert len(gone) == (0 if layout == "objects" else 2), "the first attempt of task 0 made two packs"
    assert run.locations.report not in gone
    assert verify(run.config, "r1", hashes="all").ok
    assert clean(run, late, dry_run=False).objects == 0


def test_records_that_a_killed_driver_left_are_taken(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make().commit()
    run.store.write(run.locations.records(1), b"records")
    clean(run, late, dry_run=False)
    assert list(run.store.list(run.locations.records())) == []
    assert verify(run.config, "r1", hashes="all").ok


def test_a_loser_of_layout_objects_is_taken(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make(layout="objects").commit()
    stray = run.locations.document("nobody-knows-me")
    run.store.write(stray, b"%PDF")
    assert clean(run, late, dry_run=False).objects == 1
    assert not run.store.exists(stray)
    assert verify(run.config, "r1", hashes="all").ok


def test_nothing_of_a_run_is_taken_before_the_grace_period(make: Callable[..., StoredRun]) -> None:
    run = make().commit()
    open_run = make("r2")
    open_run.render()
    before = run.keys()
    clock = Clock()
    clock.later = timedelta(days=6)
    report = clean(run, clock, dry_run=False)
    assert states(report) == {"r1": "recent", "r2": "recent"}
    assert run.keys() == before


def test_a_clock_that_is_ahead_takes_nothing(make: Callable[..., StoredRun]) -> None:
    run = make().commit()
    before = run.keys()
    clock = Clock()
    clock.later = timedelta(days=400)
    assert clean(run, clock).objects == 2, "a dry run writes nothing, and so cannot ask the store for the time"
    assert states(clean(run, clock, dry_run=False)) == {"r1": "recent"}
    assert run.keys() == before


def test_a_heartbeat_keeps_a_run(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make()
    wave = run.render()
    run.clock.later = LATER - timedelta(days=1)
    wave.heartbeat()
    assert states(clean(run, late, dry_run=False)) == {"r1": "recent"}


def test_a_grace_period_shorter_than_a_lease_is_refused(make: Callable[..., StoredRun]) -> None:
    with pytest.raises(UsageError, match="90 seconds"):
        vacuum(make().config, grace=timedelta(seconds=89))


@pytest.mark.parametrize("layout", ["packs", "objects"])
@pytest.mark.parametrize("commit", [True, False])
def test_an_abandoned_run_goes_whole_and_stays_closed(
    make: Callable[..., StoredRun], late: Clock, layout: str, commit: bool
) -> None:
    run = make("r1", layout=layout)
    wave = run.render(commit=commit)
    write_report(run.config, "r1")
    other = make("r2", layout=layout).commit()
    kept = list(filter(lambda key: "r1" not in key, other.keys()))
    dry = clean(run, late)
    done = clean(run, late, dry_run=False)
    assert states(done) == {"r1": "abandoned", "r2": "committed"}
    assert done.objects == dry.objects > 20 or layout == "packs"
    assert list(filter(lambda key: "r1" in key, run.keys())) == [run.locations.run_json]
    assert set(run.keys()) <= {*kept, run.locations.run_json}
    assert verify(other.config, hashes="all").ok
    with pytest.raises(RunPinned, match="vacuumed"):
        run.run()
    with pytest.raises(Exception, match=r"task|plan|wave"):
        module_commit(run, wave)
    assert run.table.committed("r1") is None
    again = clean(run, late, dry_run=False)
    assert again.objects == 0


def module_commit(run: StoredRun, wave: object) -> None:
    """What a driver that wakes up now would try."""
    from spark_pdf.manifest.commit import commit_job

    commit_job(wave, run.table, expected=len(run.ids), failed_fraction=1.0)  # type: ignore[arg-type]


def test_a_driver_that_comes_back_in_time_keeps_its_run(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make()
    run.render()
    pinned = run.run()
    before = run.keys()

    def wake_up(seconds: float) -> None:
        assert seconds >= 60
        start_wave(pinned)  # pinned before the mark, and slow

    report = vacuum(run.config, dry_run=False, clock=late, sleep=wake_up)
    assert states(report) == {"r1": "kept"}
    assert report.objects == 0
    assert set(before) <= set(run.keys())
    assert run.run().state == "running", "it can be resumed"


def test_a_run_that_is_committed_meanwhile_keeps_its_documents(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make()
    wave = run.render()
    committed = [False]

    def wake_up(seconds: float) -> None:
        run.store.delete([run.locations.wave(wave.number + 1)])  # a store without sense: the vacuum's claim is gone
        module_commit(run, wave)
        committed[0] = True

    report = vacuum(run.config, dry_run=False, clock=late, sleep=wake_up)
    assert committed[0]
    assert states(report) == {"r1": "kept"}
    assert verify(run.config, "r1", hashes="all").ok


@pytest.mark.parametrize("stops_after", range(9))
def test_an_interrupted_vacuum_is_finished_by_the_next(
    tmp_path: Path, late: Clock, monkeypatch: pytest.MonkeyPatch, stops_after: int
) -> None:
    run = StoredRun(str(tmp_path / "out"))
    wave = run.render()
    left = [stops_after]
    real = type(run.store).delete

    def delete(self: object, keys: object) -> None:
        if left[0] == 0:
            raise StoreError("the power is gone")
        left[0] -= 1
        real(self, keys)  # type: ignore[arg-type]

    monkeypatch.setattr(type(run.store), "delete", delete)
    try:
        clean(run, late, dry_run=False)
        finished = True
    except StoreError:
        finished = False
    monkeypatch.undo()
    monkeypatch.setattr(module._Vacuum, "_now", lambda self: self.clock())
    with pytest.raises(Exception, match=r"task|plan|wave"):
        module_commit(run, wave)
    assert run.table.committed("r1") is None
    clean(run, late, dry_run=False)
    assert run.keys() == [run.locations.run_json]
    assert finished is (stops_after >= 6)


def test_a_run_of_another_manifest_is_not_touched(make: Callable[..., StoredRun], tmp_path: Path, late: Clock) -> None:
    theirs = make("r1", manifest={"uri": str(tmp_path / "theirs")}).commit()
    old = make("r2", manifest={"uri": str(tmp_path / "theirs")})
    old.render()
    ours = make("r3").commit()
    report = clean(ours, late, dry_run=False)
    assert states(report) == {"r1": "elsewhere", "r2": "elsewhere", "r3": "committed"}
    assert "theirs" in report.runs[0].note
    assert verify(theirs.config, hashes="all").ok
    assert old.keys(old.locations.packs)


def test_a_run_json_that_names_no_manifest_is_not_touched(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make()
    run.render()
    found = find_run(run.store, run.locations)
    assert found is not None
    object.__setattr__(found, "details", {})
    remember_state(found, "running")
    report = clean(run, late, dry_run=False)
    assert states(report) == {"r1": "elsewhere"}
    assert report.objects == 0


def test_strangers_are_reported_and_stay(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make().commit()
    strangers = ["packs/other/file.zip", "documents/ab/other/x.pdf", "notes/readme.txt", "_runs/b c/notes.txt"]
    for key in strangers:
        run.store.write(key, b"mine")
    report = clean(run, late, dry_run=False)
    assert report.strangers == ("documents/*/other", "packs/other")
    assert all(run.store.exists(key) for key in strangers)


def test_a_committed_run_whose_documents_are_elsewhere_is_left_alone(
    make: Callable[..., StoredRun], late: Clock
) -> None:
    """As after a move of the output: whatever is here, nobody can say any more what it is."""
    run = make().commit()
    referenced = {row["uri"] for batch in run.table.scan(["uri"]) for row in batch.to_pylist()}
    victim = min(referenced).removeprefix(run.store.uri + "/")
    run.store.delete([victim])
    before = run.keys()
    report = clean(run, late, dry_run=False)
    assert report.objects == 0
    assert "1 objects that its rows name" in report.runs[0].note
    assert run.keys() == before


def test_the_root_may_be_spelt_otherwise(tmp_path: Path, late: Clock) -> None:
    run = StoredRun(str(tmp_path / "out")).commit()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    report = clean(StoredRun(str(tmp_path / "link")), late, dry_run=False)
    assert (report.objects, report.runs[0].note) == (2, "")
    assert verify(run.config, hashes="all").ok


def test_only_folders_that_are_there_are_listed(
    make: Callable[..., StoredRun], late: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year of a stream's batches times 256 folders of layout objects would be millions of requests."""
    runs = [make(f"batch-{n}", layout="objects", ids=(f"doc-{n}-0", f"doc-{n}-1")).commit() for n in range(8)]
    stored = runs[0].keys()
    folders = {key.rpartition("/")[0] for key in stored if key.startswith("documents/")}
    assert len(folders) > 12
    listed: list[str] = []
    real = ObjectStore.list

    def counted(self: ObjectStore, prefix: str = "") -> Iterator[ObjectInfo]:
        listed.append(prefix)
        return real(self, prefix)

    monkeypatch.setattr(ObjectStore, "list", counted)
    report = clean(runs[0], late, dry_run=False)
    assert set(states(report).values()) == {"committed"}
    assert sorted(one for one in listed if one.startswith("documents/")) == sorted(folders)


def test_one_run_alone(make: Callable[..., StoredRun], late: Clock) -> None:
    one, two = make("r1").commit(), make("r2").commit()
    assert states(clean(one, late, run_id="r1", dry_run=False)) == {"r1": "committed"}
    assert clean(two, late).objects == 2
    with pytest.raises(UsageError, match="no run r3"):
        clean(one, late, run_id="r3")


def test_data_files_that_no_commit_names(make: Callable[..., StoredRun], late: Clock) -> None:
    run = make().commit()
    stray = "manifest/data/r1/stray.parquet"
    run.store.write(stray, b"PAR1")
    assert clean(run, late, dry_run=False).objects == 3
    assert not run.store.exists(stray)
    assert verify(run.config, hashes="all").ok


@pytest.mark.s3
def test_on_a_real_store(request: pytest.FixtureRequest, late: Clock) -> None:
    server, bucket = request.getfixturevalue("s3_server"), request.getfixturevalue("s3_bucket")
    done = StoredRun(f"{bucket}/out", "r1", options=server.options()).commit()
    abandoned = StoredRun(f"{bucket}/out", "r2", options=server.options())
    abandoned.render()
    assert clean(done, late).objects == clean(done, late, dry_run=False).objects > 10
    assert verify(done.config, hashes="all").ok
    assert abandoned.store.folders("packs") == ["r1"]
    with pytest.raises(RunPinned, match="vacuumed"):
        abandoned.run()


@pytest.mark.s3
def test_multipart_uploads_of_old_runs_are_aborted(request: pytest.FixtureRequest, late: Clock) -> None:
    server, bucket = request.getfixturevalue("s3_server"), request.getfixturevalue("s3_bucket")
    run = StoredRun(bucket, "r1", options=server.options()).commit()
    alive = StoredRun(bucket, "r2", options=server.options())
    alive.clock.later = LATER
    alive.render()
    client, name = server.client(), bucket.removeprefix("s3://")
    keys = [RunLocations(run_id).pack(1, 0, "0" * 8, 0) for run_id in ("r1", "r2", "unknown")]
    for key in keys:
        client.create_multipart_upload(Bucket=name, Key=key)
    assert clean(run, late).uploads == 1
    report = clean(run, late, dry_run=False)
    assert {one.run_id: one.uploads for one in report.runs} == {"r1": 1, "r2": 0}
    left = [one["Key"] for one in client.list_multipart_uploads(Bucket=name)["Uploads"]]
    assert sorted(left) == keys[1:]


def test_half_written_local_files_are_unfinished_uploads(tmp_path: Path, late: Clock) -> None:
    run = StoredRun(str(tmp_path / "out")).commit()
    writer = run.store.writer(run.locations.pack(1, 0, "0" * 8, 9))
    writer.write(b"half a pack")
    report = clean(run, late, dry_run=False)
    assert (report.uploads, report.objects) == (1, 2)
    assert list(run.store.unfinished() or ()) == []
    writer.abort()


def replaced(make: Callable[..., StoredRun], layout: str, *, ago: int, days: float | None) -> StoredRun:
    """A run whose documents but the first and the last a later one has made again, `ago` days ago."""
    first = make("r1", layout=layout)
    first.clock.later = timedelta(days=-50)
    first.commit()
    second = make("r2", first.ids[1:-1], layout=layout)
    second.clock.later = timedelta(days=-ago)
    second.commit()
    retention = Retention(superseded_days=days)
    second.config = second.config.model_copy(update={"retention": retention})
    return second


@pytest.mark.parametrize("layout", ["packs", "objects"])
def test_retention_lets_replaced_documents_go(make: Callable[..., StoredRun], late: Clock, layout: str) -> None:
    run = replaced(make, layout, ago=20, days=25)
    ids = {row["document_id"] for batch in run.table.scan(["document_id"], run_id="r2") for row in batch.to_pylist()}
    clean(make(), late, dry_run=False)  # what attempts have left that lost, by a config without retention
    dry = clean(run, late)
    assert dry.expired == len(ids) if layout == "objects" else 20 < dry.expired < 40, "packs with a current one stay"
    before = run.keys()
    done = clean(run, late, dry_run=False)
    assert (done.expired, done.objects, done.bytes) == (dry.expired, dry.objects, dry.bytes)
    assert done.objects > 0
    assert len(set(before) - set(run.keys())) == done.objects
    for run_id in ("r1", "r2"):
        report = verify(run.config, run_id, hashes="all")
        assert (report.ok, report.expired) == (True, done.expired if run_id == "r1" else 0)
    assert verify(run.config, hashes="all").ok, "each id's latest document is there"
    expired = [row for batch in run.table.scan(status="expired") for row in batch.to_pylist()]
    assert {row["document_id"] for row in expired} <= ids
    assert all(row["sha256"] and row["pages"] == 1 and row["uri"] is None for row in expired)
    assert clean(run, late, dry_run=False).objects == 0


@pytest.mark.parametrize(("ago", "days"), [(20, None), (2, 25)])
def test_what_was_replaced_lately_is_kept(
    make: Callable[..., StoredRun], late: Clock, ago: int, days: float | None
) -> None:
    run = replaced(make, "objects", ago=ago, days=days)
    report = clean(run, late, dry_run=False)
    assert report.expired == 0
    assert verify(run.config, "r1", hashes="all").expired == 0
