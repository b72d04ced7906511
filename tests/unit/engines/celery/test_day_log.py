"""A day's log of batches without a broker: compactors that overlap, stall and die commit each document once."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines import entries as entries_module
from spark_pdf.engines.celery.compactor import DayLog
from spark_pdf.engines.entries import MadeBy, commit_entries, settle_entries
from spark_pdf.errors import RunPinned, RunSuperseded
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from spark_pdf.store import ObjectStore, open_store

DAY = "service-20261126"
MADE = MadeBy("invoice", "ab" * 32, "1")


@pytest.fixture(params=["parquet", "delta"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    return parse_config(
        {
            "name": "service", "template": "/nowhere", "document": {"id": "id"},
            "output": {"uri": str(tmp_path), "layout": "objects"}, "manifest": {"format": request.param},
        }
    )  # fmt: skip


class World:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.store: ObjectStore = open_store(config.output.uri)

    def log(self) -> DayLog:
        return DayLog(self.config, DAY, self.store, open_table(self.config))

    def ids(self) -> list[str]:
        table = open_table(self.config)
        return [name for batch in table.scan(["document_id"]) for name in batch["document_id"].to_pylist()]


@pytest.fixture
def world(config: Config) -> World:
    return World(config)


def entry(name: str) -> ManifestEntry:
    if name.startswith("bad"):
        return ManifestEntry.failure(name, "h", code="template", detail="x")
    return ManifestEntry.document(
        name, f"h{name}", uri=f"file:///{name}.pdf", offset=0, length=3, pages=1, content_sha256="a", sha256="a"
    )


def batch(*names: str) -> list[ManifestEntry]:
    return [entry(name) for name in names]


def test_entries_become_a_run_once(world: World) -> None:
    first = commit_entries(world.config, "r1", batch("a", "bad"), made_by=MADE)
    assert (first.documents, first.failed, first.already_committed) == (1, 1, False)
    again = commit_entries(world.config, "r1", batch("bad", "a"), made_by=MADE)
    assert (again.documents, again.failed, again.already_committed) == (1, 1, True)
    assert sorted(world.ids()) == ["a", "bad"]
    with pytest.raises(RunPinned):
        commit_entries(world.config, "r1", batch("a", "b"), made_by=MADE)
    assert verify(world.config, "r1", hashes="none").counts.keys() <= {"absent"}


def test_a_run_of_entries_that_was_interrupted_is_finished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in ("start_wave", "commit_task", "commit_job"):
        with monkeypatch.context() as patch:
            patch.setattr(entries_module, step, _dies)
            with pytest.raises(_Death):
                commit_entries(world.config, f"r-{step}", batch(step, f"bad-{step}"), made_by=MADE)
        assert commit_entries(world.config, f"r-{step}", batch(step, f"bad-{step}"), made_by=MADE).documents == 1
    assert len(world.ids()) == 6


def test_what_comes_twice_is_committed_once(world: World) -> None:
    log = world.log()
    assert [run.run_id for run in log.commit(batch("a", "b", "a"), MADE)] == [f"{DAY}-000001"]
    assert log.commit(batch("b", "a"), MADE) == []
    assert [run.documents for run in world.log().commit(batch("b", "c"), MADE)] == [1]
    assert sorted(world.ids()) == ["a", "b", "c"]


def test_a_late_compactor_looks_once_at_a_day_and_not_once_for_each_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = world.log()
    for number in range(6):
        log.commit(batch(f"d{number}", f"bad{number}"), MADE)
    again = DayLog(world.config, f"{DAY}-r1", world.store, open_table(world.config))
    again.commit(batch("d0"), MADE)
    table, looks = open_table(world.config), Counter[str]()
    for name in ("scan", "committed"):
        monkeypatch.setattr(table, name, _counted(looks, name, getattr(table, name)))
    late = DayLog(world.config, DAY, world.store, table)
    assert late.next_number == 7
    assert late.commit(batch("d1", "bad5"), MADE) == []
    assert looks.total() <= 3
    assert [run.run_id for run in late.commit(batch("d6", "d2"), MADE)] == [f"{DAY}-000007"]
    assert Counter(world.ids())["d0"] == 2, "an attempt of a run of its own"


def _counted(looks: Counter[str], name: str, real: Any) -> Any:
    def call(*arguments: Any, **named: Any) -> Any:
        looks[name] += 1
        return real(*arguments, **named)

    return call


def test_a_compactor_that_was_away_finds_what_another_has_committed(world: World) -> None:
    stalled, other = world.log(), world.log()
    other.commit(batch("a", "b"), MADE)
    other.commit(batch("c"), MADE)
    assert [run.documents for run in stalled.commit(batch("a", "c", "d"), MADE)] == [1]
    assert stalled.next_number == 4
    assert Counter(world.ids()) == Counter("abcd")


def test_rows_that_another_compactor_commits_keep_what_they_copy(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = config.model_copy(update={"manifest": config.manifest.model_copy(update={"columns": ("channel",)})})
    world = World(copies)
    with monkeypatch.context() as patch:
        patch.setattr(entries_module, "commit_job", _dies)
        with pytest.raises(_Death):
            world.log().commit([entry("a")._replace(extra=("mail",))], MADE)
    world.log().commit([entry("b")._replace(extra=("post",))], MADE)
    rows = [row for batch in open_table(copies).scan(["document_id", "channel"]) for row in batch.to_pylist()]
    assert sorted((row["document_id"], row["channel"]) for row in rows) == [("a", "mail"), ("b", "post")]


def test_one_that_stalls_in_mid_commit_is_shut_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its task commit another settles its number: documents stand, the rest comes again."""
    stalled, real = world.log(), entries_module.commit_job

    def overtaken(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(entries_module, "commit_job", real)
        assert settle_entries(world.config, f"{DAY}-000001", world.store, open_table(world.config))
        assert world.ids() == ["a"]
        return real(*arguments, **named)

    monkeypatch.setattr(entries_module, "commit_job", overtaken)
    stalled.commit(batch("a", "bad"), MADE)
    assert sorted(world.ids()) == ["a", "bad"]


class _Death(BaseException):
    pass


def _dies(*arguments: Any, **named: Any) -> Any:
    raise _Death


@pytest.mark.parametrize("seed", range(8))
def test_compactors_that_die_anywhere_and_batches_that_come_again(
    config: Config, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if config.manifest.format == "delta" and seed > 1:
        return  # the protocol is the same, and Delta slower
    world, chance = World(config), random.Random(seed)
    names = [f"{'bad' if n % 5 == 0 else 'd'}{n}" for n in range(30)]
    waiting = list(names)  # what the broker has not had acknowledged
    logs = [world.log(), world.log()]
    for step in ("pin_run", "start_wave", "commit_task", "commit_job"):
        monkeypatch.setattr(entries_module, step, _sometimes(getattr(entries_module, step), chance))
    for _ in range(400):
        if not waiting:
            break
        which = chance.randrange(2)
        taken = chance.sample(waiting, min(len(waiting), chance.randrange(1, 8))) + chance.sample(names, 2)
        try:
            logs[which].commit(batch(*taken), MADE)
        except (_Death, RunSuperseded):
            try:
                logs[which] = world.log()
            except _Death:
                continue
        else:
            waiting = [name for name in waiting if name not in taken or chance.random() < 0.1]
    assert Counter(world.ids()) == Counter(names)


def _sometimes(real: Any, chance: random.Random) -> Any:
    def call(*arguments: Any, **named: Any) -> Any:
        dies = chance.random() < 0.08
        if dies and chance.random() < 0.5:
            raise _Death
        result = real(*arguments, **named)
        if dies:
            raise _Death
        return result

    return call
