"""The edge: folders and outboxes, crashes at every step, and how much memory it takes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.local import inbox as inboxes
from spark_pdf.engines.local import watch as module
from spark_pdf.engines.local.watch import watch
from spark_pdf.errors import ConfigError, SourceError, StoreError, TooManyFailures, UnsupportedError, UsageError
from spark_pdf.manifest.rollup import rollup
from spark_pdf.manifest.table import open_table, runs
from spark_pdf.manifest.verify import verify
from tests.memory import peak_mebibytes

TEMPLATE = """<!DOCTYPE html><html><head><title>{{ id }}</title><style>@page { size: A7 }</style></head>
<body><p>{{ name.upper() }} {{ total | money("EUR") }}</p></body></html>
"""
Make = Callable[..., Config]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A config that watches `tmp_path/in`."""
    (tmp_path / "in").mkdir()
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE)

    def config(source: dict[str, Any] | None = None, settings: dict[str, Any] | None = None, **changes: Any) -> Config:
        values: dict[str, Any] = {
            "name": "edge",
            "engine": "local",
            "source": {"format": "json", "path": str(tmp_path / "in")} | (source or {}),
            "template": str(tmp_path / "bundle"),
            "document": {"id": "id"},
            "output": {"uri": str(tmp_path / "out")},
            "watch": {"interval": 0.02} | (settings or {}),
        }
        return parse_config(values | changes)

    return config


def written(config: Config, folder: Path) -> Path:
    path = folder / "edge.yaml"
    path.write_text(yaml.safe_dump(config.model_dump(mode="json", exclude_none=True)))
    return path


def event(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "name": f"n{number}", "total": 1.5, **changes}


def put(folder: Path, name: str, events: Iterable[dict[str, Any] | str]) -> None:
    lines = (one if isinstance(one, str) else json.dumps(one) for one in events)
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def outbox(path: Path, numbers: Iterable[int]) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, payload TEXT, done INTEGER)")
        rows = [(number, json.dumps(event(number))) for number in numbers]
        database.executemany("INSERT INTO outbox (id, payload) VALUES (?, ?)", rows)


def rows(config: Config) -> list[dict[str, Any]]:
    return [row for batch in open_table(config).scan() for row in batch.to_pylist()]


def ids(config: Config) -> Counter[str]:
    return Counter(row["document_id"] for row in rows(config) if row["status"] == "document")


def dead(tmp_path: Path) -> list[dict[str, Any]]:
    files = (tmp_path / "out" / "dead-letters").glob("*.json")
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_files_become_documents_and_are_moved(make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", [event(n) for n in range(10)] + [event(10, name=None), {"id": 11}])
    put(tmp_path / "in", "b.json", [event(20), event(20), "no json", "[1]", "", {"name": "x"}])
    put(tmp_path / "in", ".hidden", ["not yet"])
    put(tmp_path / "in", "c.tmp", ["not yet"])
    config = make()
    result = watch(config, once=True)
    assert (result.batches, result.documents, result.failed) == (1, 11, 2)
    assert result.dead_letters == {"duplicate": 1, "malformed": 2, "no_id": 1}
    assert Counter(one["reason"] for one in dead(tmp_path)) == result.dead_letters
    assert {one["place"] for one in dead(tmp_path)} == {"b.json:2", "b.json:3", "b.json:4", "b.json:6"}
    assert ids(config) == {str(n): 1 for n in [*range(10), 20]}
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == [".hidden", "c.tmp", "done"]
    assert sorted(path.name for path in (tmp_path / "in" / "done").iterdir()) == ["a.json", "b.json"]
    assert verify(config, hashes="all").ok
    # The same batch again adds nothing; another file of the same name does, and both are kept.
    for name in ("a.json", "b.json"):
        (tmp_path / "in" / "done" / name).rename(tmp_path / "in" / name)
    again = watch(config, once=True)
    assert (again.documents, again.replayed) == (0, 1)
    put(tmp_path / "in", "b.json", [event(30)])
    assert watch(config, once=True).documents == 1
    assert len(list((tmp_path / "in" / "done").iterdir())) == 3


def test_csv_and_parquet_come_too(make: Make, tmp_path: Path) -> None:
    (tmp_path / "in" / "a.csv").write_text("id;name;total\n1;eins;2\n2;zwei;3\n")
    assert watch(make({"format": "csv", "options": {"sep": ";"}}), once=True).documents == 2
    pq.write_table(pa.Table.from_pylist([event(3), event(4)]), tmp_path / "in" / "b.parquet")
    (tmp_path / "in" / "c.parquet").write_bytes(b"PAR1 no more")
    config = make({"format": "parquet"}, {"done": "delete"})
    result = watch(config, once=True)
    assert (result.documents, result.dead_letters) == (2, {"malformed": 1})
    assert not list((tmp_path / "in").glob("*.parquet"))
    assert ids(config) == {str(n): 1 for n in range(1, 5)}


def test_an_outbox_is_marked_after_the_commit(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    outbox(path, range(25))
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO outbox (id, payload) VALUES (100, NULL), (101, '{')")
    config = make({"format": "sqlite", "path": str(path)}, {"max_records": 10})
    result = watch(config, once=True)
    assert (result.batches, result.documents, result.dead_letters) == (3, 25, {"empty": 1, "malformed": 1})
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM outbox WHERE done = 1").fetchone() == (27,)
    outbox(path, [25])
    assert watch(config, once=True).documents == 1
    assert ids(config) == {str(n): 1 for n in range(26)}
    assert cli(["rollup", str(written(config, tmp_path)), "--runs", "edge-"]) == 0
    assert len({row["uri"] for row in rows(config)}) == 1
    assert {row["run_id"] for row in rows(config)} == {run_id for _, run_id in runs(open_table(config))}
    assert all(verify(config, run_id, hashes="all").ok for _, run_id in runs(open_table(config)))
    assert rollup(config, "edge-").merged == 0


class Cut(BaseException):
    """The power goes."""


@pytest.mark.parametrize("form", ["json", "sqlite"])
@pytest.mark.parametrize("where", ["run", "commit", "done", "half done", "state"])
def test_a_crash_at_any_step_renders_nothing_twice(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, form: str
) -> None:
    source = {"format": form, "path": str(tmp_path / ("box.sqlite" if form == "sqlite" else "in"))}
    if form == "sqlite":
        outbox(tmp_path / "box.sqlite", range(6))
    for n in range(3):
        put(tmp_path / "in", f"{n}.json", [event(2 * n), event(2 * n + 1)])
    config = make(source)

    def cut(*arguments: Any, **options: Any) -> Any:
        raise Cut

    def half(self: Any, names: list[str]) -> None:
        before(self, names[:1])
        raise Cut

    inbox = module.open_inbox(config)
    before = type(inbox).done
    inbox.close()
    if where == "run":
        monkeypatch.setattr(module, "run_batch", cut)
    elif where == "commit":
        monkeypatch.setattr("spark_pdf.engines.driver.commit_job", cut)
    elif where == "state":
        monkeypatch.setattr("spark_pdf.store.ObjectStore.delete", _unless_state(cut))
    else:
        monkeypatch.setattr(type(inbox), "done", cut if where == "done" else half)
    with pytest.raises(Cut):
        watch(config, once=True)
    monkeypatch.undo()
    # More comes while nobody looks.
    if form == "sqlite":
        outbox(tmp_path / "box.sqlite", [6, 7])
    else:
        put(tmp_path / "in", "0-more.json", [event(6), event(7)])
    watch(config, once=True)
    assert ids(config) == {str(n): 1 for n in range(8)}
    assert len(rows(config)) == 8
    assert watch(config, once=True).batches == 0


def _unless_state(cut: Callable[..., None]) -> Callable[..., None]:
    from spark_pdf.store import ObjectStore

    before = ObjectStore.delete

    def delete(self: Any, keys: Iterable[str]) -> None:
        kept = list(keys)
        if any(key.startswith("_watch/") for key in kept):
            cut()
        before(self, kept)

    return delete


@pytest.mark.parametrize("done", ["move", "delete"])
def test_a_file_that_is_read_by_parts_is_done_once_and_goes_on_after_a_crash(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: str
) -> None:
    monkeypatch.setattr(inboxes, "PART_BYTES", 100)  # two or three records
    monkeypatch.setattr(inboxes, "_BATCH_BYTES", 250)
    put(tmp_path / "in", "a.json", [event(n) for n in range(10)] + ["no json"] + [event(n) for n in range(10, 20)])
    config = make(settings={"done": done})
    before, calls = inboxes.Folder.done, 0

    def cut(self: inboxes.Folder, names: list[str]) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            before(self, names[:1])
            raise Cut
        before(self, names)

    monkeypatch.setattr(inboxes.Folder, "done", cut)
    with pytest.raises(Cut):
        watch(config, once=True)
    assert 0 < len(rows(config)) < 20
    assert (tmp_path / "in" / "a.json").exists()
    put(tmp_path / "in", "0.json", [event(20)])  # sorts before what is half done
    watch(config, once=True)
    assert ids(config) == {str(n): 1 for n in range(21)}
    assert [one["place"] for one in dead(tmp_path)] == ["a.json:11"]
    assert [path.name for path in (tmp_path / "in").iterdir()] == (["done"] if done == "move" else [])
    # What was half done is not taken for done when another file has its name.
    monkeypatch.setattr(inboxes.Folder, "done", before)
    put(tmp_path / "in", "a.json", [event(n) for n in range(30, 40)])
    (tmp_path / "in" / ".a.json.done").write_text("1 1 300 7")
    assert watch(config, once=True).documents == 10


def test_a_file_larger_than_its_memory(make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", (event(n, more="x" * 500_000) for n in range(240)))
    path = written(make(), tmp_path)
    process = subprocess.Popen([sys.executable, "-m", "spark_pdf.cli", "watch", str(path)], stderr=subprocess.DEVNULL)
    _until(lambda: not list((tmp_path / "in").glob("*.json")), process)
    peak = peak_mebibytes(process.pid)
    process.terminate()
    assert process.wait(60) == 0
    assert ids(make()) == {str(n): 1 for n in range(240)}
    assert peak < 150


def test_a_batch_whose_template_changes_in_between_goes_on(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in", "a.json", [event(1), event(2)])
    config = make()
    monkeypatch.setattr("spark_pdf.engines.driver.commit_job", lambda *a, **o: (_ for _ in ()).throw(Cut))
    with pytest.raises(Cut):
        watch(config, once=True)
    monkeypatch.undo()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE.replace("upper", "lower"))
    assert watch(config, once=True).documents == 2
    assert {row["run_id"][-2:] for row in rows(config)} == {".1"}


def test_a_store_that_is_away_is_waited_for(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "in", "a.json", [event(1)])
    stop, calls, config = threading.Event(), 0, make()
    real = module.run_batch

    def away(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StoreError("the network is down")
        stop.set()
        return real(*arguments, **options)

    monkeypatch.setattr(module, "run_batch", away)
    assert watch(config, stop=stop).documents == 1
    assert ids(config) == {"1": 1}


def test_failures_end_it_only_where_the_config_says_so(make: Make, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.json", [event(1, name=None), event(2)])
    with pytest.raises(TooManyFailures):
        watch(make(settings={"limit_failures": True}), once=True)
    assert watch(make(), once=True).failed == 1


def test_what_the_edge_cannot_do_is_refused_by_name(make: Make, tmp_path: Path) -> None:
    wrong: list[tuple[type[Exception], str, Config]] = [
        (UnsupportedError, "engine", make(engine="spark")),
        (UnsupportedError, "manifest.columns", make(manifest={"columns": ["name"]})),
        (UnsupportedError, "mode", make(mode="changed")),
        (UnsupportedError, "limit", make(limit=1)),
        (UnsupportedError, "document.id", make(document={"id": "id || 1"})),
        (ConfigError, "source.format", make({"format": "delta"})),
        (SourceError, "source.path", make({"path": "s3://bucket/in"})),
        (SourceError, "source.path", make({"format": "sqlite", "path": str(tmp_path / "nothing")})),
        (ConfigError, "watch", make().model_copy(update={"watch": None})),
    ]
    for kind, named, config in wrong:
        with pytest.raises(kind, match=named):
            watch(config, once=True)
    with pytest.raises(UsageError, match="spark-pdf watch"):
        run(make(), "run-1")


@pytest.mark.parametrize("option", ["table", "id", "payload", "done"])
def test_an_outbox_without_a_column_is_refused_and_left_alone(option: str, make: Make, tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    outbox(path, [1])
    with pytest.raises(SourceError, match=r"no such .*absent"):
        watch(make({"format": "sqlite", "path": str(path), "options": {option: "absent"}}), once=True)
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT done FROM outbox").fetchall() == [(None,)]


def test_it_stays_small_is_killed_and_stops_when_it_is_asked(make: Make, tmp_path: Path) -> None:
    """The real command, with 600 records, SIGKILL and SIGTERM; memory is the largest that the kernel has seen."""

    def put_files(numbers: range) -> None:
        for n in numbers:
            put(tmp_path / "in", f"{n:02}.json", [event(k) for k in range(n * 50, n * 50 + 50)])

    config = make(settings={"max_records": 100, "interval": 0.05})
    path = written(config, tmp_path)
    put_files(range(10))
    command = [sys.executable, "-m", "spark_pdf.cli", "watch", str(path), "--output", "json"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _until(lambda: len(list((tmp_path / "in").glob("*.json"))) < 8, first)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    put_files(range(10, 12))  # whatever the first one has done, there is something left for the second
    second = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    _until(lambda: not list((tmp_path / "in").glob("*.json")), second)
    with pytest.raises(UnsupportedError, match="another"):
        watch(config, once=True)
    peak = peak_mebibytes(second.pid)
    names = {Path(one.path).name for one in psutil.Process(second.pid).memory_maps()}
    second.terminate()
    said = json.loads(second.communicate(timeout=60)[0])
    assert second.returncode == 0
    assert said["documents"] > 0
    assert ids(config) == {str(n): 1 for n in range(600)}
    assert not any("duckdb" in name for name in names)
    print(f"{peak:.0f} MB")
    assert peak < 150


def _until(condition: Callable[[], bool], process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
