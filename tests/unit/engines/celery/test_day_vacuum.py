"""Vacuum takes of a queue's day what neither a row nor a status needs, and nothing that may still become a document."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import Config, StoreOptions, parse_config
from spark_pdf.engines import entries as entries_module
from spark_pdf.engines.celery import rendering
from spark_pdf.engines.celery.compactor import DayLog
from spark_pdf.engines.celery.messages import Status, Ticket, pack_record
from spark_pdf.engines.celery.rendering import DocumentMaker, count_begun
from spark_pdf.errors import UsageError
from spark_pdf.manifest import vacuum as module
from spark_pdf.manifest.erase import erase
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.vacuum import RunVacuum, VacuumReport, vacuum
from spark_pdf.manifest.verify import verify
from spark_pdf.store.locations import RunLocations, batch_of
from tests.stored_runs import Clock

DAY = "service-20261126"

DRAW = """
def draw(pdf, record):
    pdf.add_page()
    pdf.set_font("DejaVu Sans", size=12)
    pdf.cell(text=record["text"])
"""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of vacuum and of workers, which a test may turn on; stores have their own."""
    clock = Clock()
    monkeypatch.setattr(module._Vacuum, "_now", lambda self: clock())
    monkeypatch.setattr(rendering, "utc_now", clock)
    return clock


class Service:
    """Worker and compactor of a service, without a broker between them."""

    def __init__(self, folder: Path, uri: str, options: StoreOptions | None, clock: Clock) -> None:
        bundle = folder / "bundle"
        bundle.mkdir()
        (bundle / "template.py").write_text(DRAW)
        self.values: dict[str, Any] = {
            "name": "service", "template": str(bundle), "document": {"id": "id"},
            "output": {"uri": uri, "layout": "objects"},
            "stores": {} if options is None else {uri: options.model_dump()},
        }  # fmt: skip
        self.clock = clock
        self.config: Config = parse_config(self.values)
        self.maker = DocumentMaker(self.config)
        self.store = self.maker.store

    def make(self, name: str, text: object = "x", *, day: str = DAY, again: bool = False) -> Status:
        """What a worker does with a message."""
        return self.maker.make(Ticket(day, name), pack_record({"id": name, "text": text}), again=again)

    def commit(self, *made: Status, day: str = DAY) -> None:
        """What a compactor does with their entries, one that has just been started."""
        log = DayLog(self.config, day, self.store, open_table(self.config))
        log.commit([status.entry for status in made if status.entry is not None], self.maker.made_by)

    def vacuum(self, run_id: str | None = None, *, delete: bool = True, **retention: Any) -> VacuumReport:
        config = parse_config({**self.values, "retention": retention})
        return vacuum(config, run_id, dry_run=not delete, clock=self.clock, sleep=lambda seconds: None)

    def day(self, day: str = DAY, **settings: Any) -> RunVacuum:
        """What a vacuum does with a day; a dry run says so before."""
        dry, done = (self.vacuum(delete=delete, **settings) for delete in (False, True))
        assert (dry.runs, dry.strangers) == (done.runs, done.strangers) == (done.runs, ())
        return next(run for run in done.runs if run.run_id == day)

    def stored(self, day: str = DAY) -> list[str]:
        return [one.key for one in self.store.list() if f"/{day}/" in one.key]

    def die_after_storing(self, monkeypatch: pytest.MonkeyPatch, name: str) -> str:
        """A worker dies between object and status; where its object is."""
        before = set(self.stored())
        with monkeypatch.context() as patch:
            patch.setattr(rendering, "settle_status", _dies)
            with pytest.raises(_Death):
                self.make(name)
        (left,) = {key for key in self.stored() if key.endswith(".pdf")} - before
        return left


class _Death(BaseException):
    pass


def _dies(*arguments: Any, **named: Any) -> Any:
    raise _Death


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.s3)])
def one(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Service]:
    if request.param == "local":
        yield Service(tmp_path, str(tmp_path / "out"), None, clock)
    else:
        server, bucket = request.getfixturevalue("s3_server"), request.getfixturevalue("s3_bucket")
        yield Service(tmp_path, f"{bucket}/out", server.options(), clock)


@pytest.fixture
def local(tmp_path: Path, clock: Clock) -> Service:
    return Service(tmp_path, str(tmp_path / "out"), None, clock)


def test_what_a_worker_left_that_died_is_taken_and_all_else_stays(
    one: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.commit(one.make("a"), one.make("b"))
    waiting = one.make("waits")  # its entry is on its way to the compactor
    left = one.die_after_storing(monkeypatch, "crashed")
    assert one.day() == RunVacuum(DAY, "recent")
    clock.later = timedelta(days=8)
    kept = set(one.stored()) - {left}
    found = one.day()
    assert (found.state, found.objects, found.statuses) == ("queue", 1, 0)
    assert found.note.startswith("1 with a status and no row stay")
    assert set(one.stored()) == kept
    one.commit(waiting)
    one.commit(one.make("crashed", again=True))  # the broker gives it to another worker, late
    assert verify(one.config, hashes="all").ok
    assert one.day().objects == 0


def test_a_document_that_comes_again_is_written_down_while_it_is_made(
    local: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    made = DocumentMaker._made

    def looked(self: DocumentMaker, ticket: Ticket, *more: Any) -> Status:
        counted.append(count_begun(self.store, ticket))
        return made(self, ticket, *more)

    monkeypatch.setattr(DocumentMaker, "_made", looked)
    killer = RunLocations(DAY).begun("killer")
    local.store.write(killer, b'{"times": 3}')  # as a worker leaves it that is killed
    local.make("first"), local.make("second", again=True)
    local.make("killer", again=True)
    assert counted == [0, 1, 4]
    assert not [key for key in local.stored() if "/begun/" in key], "none has killed its worker this time"
    local.store.write(killer, b'{"times": 3}')
    clock.later = timedelta(days=8)
    assert local.day().objects == 1
    assert not local.store.exists(killer)


@pytest.mark.parametrize("again", [True, False], ids=["redelivered", "replayed"])
def test_a_worker_adopts_no_object_that_vacuum_may_be_taking(
    one: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    one.commit(one.make("a"))
    left = one.die_after_storing(monkeypatch, "late")
    clock.later = timedelta(days=8)
    made: list[Status] = []
    listed = module._Vacuum._expire

    def meanwhile(self: Any, runs: Any) -> None:  # all is looked at, nothing taken
        made.append(one.make("late", again=again))
        listed(self, runs)

    monkeypatch.setattr(module._Vacuum, "_expire", meanwhile)
    assert one.vacuum().objects == 1
    assert left not in one.stored()
    one.commit(*made)
    assert verify(one.config, hashes="all").ok
    assert one.vacuum().objects == 0


def test_a_fresh_object_of_a_dead_attempt_is_adopted(local: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    left = local.die_after_storing(monkeypatch, "a")
    local.make("a", again=True)
    assert [key for key in local.stored() if key.endswith(".pdf")] == [left]


def test_a_compactor_that_commits_meanwhile_loses_nothing(
    one: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows come after those that vacuum has read."""
    made = [one.make(name) for name in ("a", "b", "c")]
    one.commit(made[0])
    clock.later = timedelta(days=8)
    reading = module.batches_of

    def meanwhile(*arguments: Any) -> Any:
        found = reading(*arguments)
        one.commit(made[1])
        return found

    monkeypatch.setattr(module, "batches_of", meanwhile)
    assert one.vacuum(status_days=7).objects == 1, "the status of a"
    monkeypatch.setattr(module, "batches_of", reading)
    one.commit(made[2])
    assert verify(one.config, hashes="all").ok
    assert len([key for key in one.stored() if key.endswith(".pdf")]) == 3


def test_statuses_are_kept_as_long_as_retention_says(one: Service, clock: Clock) -> None:
    one.commit(one.make("a"), one.make("gone"))
    waiting = one.make("waits")
    locations = RunLocations(DAY)
    for name in ("a", "gone", "waits", "lost"):
        one.store.write(locations.accepted(name), Status(Ticket(DAY, name), "accepted", at="then").encode())
    erase(one.config, ["gone"])
    clock.later = timedelta(days=20)
    assert one.day().objects == 0, "for ever, where nothing is said"
    assert one.day(status_days=30).objects == 0
    found = one.day(status_days=10)
    assert (found.objects, found.statuses) == (3, 1)
    for name in ("gone", "waits"):
        assert one.store.exists(locations.status(name)), "says that it was erased; has no row yet"
        assert one.store.exists(locations.accepted(name))
    assert not any(map(one.store.exists, (locations.status("a"), locations.accepted("a"), locations.accepted("lost"))))
    # The key works no longer: rendered once more, it is a row no more.
    time.sleep(1.1)  # S3 tells in whole seconds what was written when; here it is days later by our clock alone
    one.commit(waiting, one.make("a", "another record"))
    assert verify(one.config, hashes="all").ok
    assert sum(batch.num_rows for batch in open_table(one.config).scan(["document_id"])) == 3
    assert one.day().objects == 0, "what the later status names stays as long as that does"


def test_documents_that_another_day_replaced_expire(one: Service, clock: Clock) -> None:
    one.commit(one.make("a"), one.make("b"))
    tomorrow = "service-20261127"
    one.commit(one.make("a", "corrected", day=tomorrow), day=tomorrow)
    clock.later = timedelta(days=40)
    assert one.day(superseded_days=60).objects == 0
    assert one.vacuum(DAY, delete=False, superseded_days=30).objects == 1
    found = one.vacuum(superseded_days=30)
    assert {run.run_id: (run.objects, run.expired) for run in found.runs if run.objects or run.expired} == {
        DAY: (1, 0), batch_of(DAY, 1): (0, 1),
    }  # fmt: skip
    assert verify(one.config, batch_of(DAY, 1), hashes="all").expired == 1
    assert verify(one.config, hashes="all").ok


def test_an_abandoned_batch_is_closed_and_the_day_goes_on(
    local: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [local.make("a"), local.make("b")]
    with monkeypatch.context() as patch:
        patch.setattr(entries_module, "commit_job", _dies)
        with pytest.raises(_Death):
            local.commit(*made)
    clock.later = timedelta(days=8)
    states = {run.run_id: run.state for run in local.vacuum(status_days=1).runs}
    assert states == {DAY: "queue", batch_of(DAY, 1): "abandoned"}
    local.commit(*made)  # the broker still has the entries
    assert verify(local.config, hashes="all").documents == 2


def test_a_day_of_another_manifest_and_one_whose_objects_are_elsewhere_are_left_alone(
    local: Service, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.commit(local.make("a"), local.make("b"))
    left = local.die_after_storing(monkeypatch, "crashed")
    clock.later = timedelta(days=8)
    ours = local.values
    local.values = {**ours, "manifest": {"uri": str(tmp_path / "other")}}
    found = local.day(status_days=1)
    assert (found.state, found.objects) == ("elsewhere", 0)
    local.values = ours
    referenced = [key for key in local.stored() if key.endswith(".pdf") and key != left]
    local.store.delete(referenced[:1])
    found = local.day(status_days=1)
    assert found.objects == 0
    assert found.note.startswith("1 objects that its rows name")
    assert local.store.exists(left)


def test_one_day_alone(local: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    local.commit(local.make("a"))
    left = local.die_after_storing(monkeypatch, "b")
    clock.later = timedelta(days=8)
    assert {run.run_id for run in local.vacuum(DAY).runs} == {DAY, batch_of(DAY, 1)}
    assert not local.store.exists(left)


def test_a_day_is_verified_as_one(local: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [local.make("a"), local.make("b")]
    with monkeypatch.context() as patch:
        patch.setattr(entries_module, "commit_job", _dies)
        with pytest.raises(_Death):
            local.commit(*made, local.make("bad", 5))  # not a text: a failure, which comes again
    local.commit(made[0], local.make("c"))  # settles what the other has begun
    report = verify(local.config, DAY, hashes="all")
    assert (report.ok, report.run_id, report.documents) == (True, DAY, 3)
    assert verify(local.config, batch_of(DAY, 1)).ok
    with pytest.raises(UsageError, match="there is no run"):
        verify(local.config, "service-20261127")
    local.store.delete([key for key in local.stored() if key.endswith("/a.pdf")])
    assert verify(local.config, DAY).counts == {"absent": 1}


def test_what_attempts_left_of_an_erased_document_goes_with_it(one: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ["a", "a-507f1f77bcf86cd799439011"]  # the second ends as an object does that was second to come
    one.commit(*map(one.make, ids))
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "settle_status", _dies)
        for name in ids:
            with pytest.raises(_Death):
                one.make(name, "an attempt at another record")
    before = [key for key in one.stored() if key.endswith(".pdf")]
    assert len(before) == 4
    report = erase(one.config, ["a"])
    assert (report.documents, report.objects, report.complete) == (1, 1, True)
    left = [key for key in one.stored() if key.endswith(".pdf")]
    assert sorted(left) == sorted(key for key in before if ids[1] in key)
    assert one.make("a").state == "erased", "the broker has brought it again"
    assert left == [key for key in one.stored() if key.endswith(".pdf")], "and its object is taken back"


def test_what_has_no_row_yet_is_named(local: Service) -> None:
    local.commit(local.make("a"), local.make("b"))
    tomorrow = local.make("a", day="service-20261127")
    report = erase(local.config, ["a"])
    assert (report.documents, report.unfinished) == (1, ("service-20261127",))
    local.commit(tomorrow, day="service-20261127")
    assert erase(local.config, ["a"]).complete
