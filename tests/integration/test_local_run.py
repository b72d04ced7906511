"""Runs of the local engine from a table to a committed manifest: real processes, real files, planted failures."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.local import processes
from spark_pdf.engines.local.source import LocalRecordSource
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.retry import retry
from spark_pdf.errors import (
    AccessDenied,
    ContractError,
    RunPinned,
    SourceError,
    SparkPdfError,
    TemplateError,
    TooManyFailures,
    UsageError,
    WorkerError,
)
from spark_pdf.manifest.table import open_table
from spark_pdf.model import Limits, TaskSummary
from spark_pdf.store.documents import read_document

TEMPLATE = """<!DOCTYPE html>
<html><head><title>Letter {{ id }}</title><style>@page { size: A5; margin: 15mm } b { color: #204060 }</style></head>
<body><h1>Letter {{ id }}</h1><p>Dear <b>{{ name }}</b>, you owe {{ (amount / share) | money("EUR") }}</p></body></html>
"""
PYTHON = """
import os

def draw(pdf, record):
    if record["name"] == "kill":
        os.kill(os.getpid(), 9)
    if record["name"] == "endless":
        sum(range(10**15))
    pdf.add_page()
    pdf.set_font("sans-serif", size=12)
    pdf.cell(text="Hello " + record["name"])
"""
Make = Callable[..., Config]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A config over a table with `rows`, each with id, name, amount, share; `sections` change its settings."""

    def config(rows: list[dict[str, Any]], text: str = TEMPLATE, **sections: Any) -> Config:
        folder = tmp_path / "bundle"
        folder.mkdir(exist_ok=True)
        (folder / ("template.py" if "def draw" in text else "template.html")).write_text(text)
        schema = pa.schema([("id", pa.int64()), ("name", pa.string()), ("amount", pa.int64()), ("share", pa.int64())])
        pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "rows.parquet")
        values: dict[str, Any] = {
            "name": "letters",
            "engine": "local",
            "source": {"format": "parquet", "path": str(tmp_path / "rows.parquet")},
            "template": str(folder),
            "document": {"id": "id"},
            "output": {"uri": str(tmp_path / "out")},
            "local": {"processes": 1},
            "tasks": {"documents": 20},
        }
        for name, section in sections.items():
            values[name] = {**values[name], **section} if isinstance(values.get(name), dict) else section
        return parse_config(values)

    return config


def rows(count: int, **special: Any) -> list[dict[str, Any]]:
    """`count` records; `special` maps a name to the ids that get it."""
    found = [{"id": i, "name": f"Ann {i}", "amount": 100 * i, "share": 1} for i in range(count)]
    for name, ids in special.items():
        for i in ids:
            found[i].update({"share": 0} if name == "zero" else {"name": name})
    return found


def entries(config: Config, run_id: str | None = None) -> list[dict[str, Any]]:
    """Manifest rows, sorted by id."""
    found = [row for batch in open_table(config).scan(run_id=run_id) for row in batch.to_pylist()]
    return sorted(found, key=lambda row: (row["run_id"], int(row["document_id"])))


@pytest.mark.parametrize("layout", ["packs", "objects"])
def test_every_record_becomes_a_document(make: Make, layout: str, tmp_path: Path) -> None:
    config = make(rows(60), output={"layout": layout}, manifest={"columns": ["name"]}, local={"processes": 2})
    result = run(config, "one")
    assert (result.state, result.documents, result.failed, result.pages) == ("committed", 60, 0, 60)
    found = entries(config)
    assert [row["document_id"] for row in found] == [str(i) for i in range(60)]
    assert [row["name"] for row in found] == [f"Ann {i}" for i in range(60)]
    for row in found:
        data = read_document(row["uri"], row["offset"], row["length"])
        assert data.startswith(b"%PDF-")
        assert hashlib.sha256(data).hexdigest() == row["sha256"] == row["content_sha256"]
    assert result.bytes == sum(row["length"] for row in found)
    stored = sorted((tmp_path / "out" / ("packs" if layout == "packs" else "documents")).rglob("*.*"))
    names = [name for pack in stored if layout == "packs" for name in zipfile.ZipFile(pack).namelist()]
    assert len(names if layout == "packs" else stored) == 60


def test_what_the_warnings_say_holds_nothing_of_a_record(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    text = """<img src="{{ name }}.png"><link rel=stylesheet href="{{ name }}.css">
        <style>@import "{{ name }}.x";</style>
        <b style="{{ name }}: 1; width: {{ name }}; font-family: '{{ name }}'" lang="{{ name }}">{{ id }}</b>
        <a href="#{{ name }}">x</a><svg fill="{{ name }}"><image href="{{ name }}" width=3 height=3 /></svg>
        <img src="gone.png"><input value="{{ name }}" type="{{ name }}">"""
    config = make(rows(3, **{"Jane-Canary": [1], "Jane Canary's": [2]}), text=text)
    assert run(config, "one").documents == 3
    warnings = [str(row["warnings"]) for row in entries(config)]
    assert all("'gone.png' is missing" in warning for warning in warnings)
    assert all("that the record's data makes" in warning for warning in warnings)
    assert not any("canary" in warning.lower() for warning in warnings)
    shown = capfd.readouterr()
    assert "canary" not in (shown.out + shown.err).lower()


def test_the_same_run_again_adds_nothing(make: Make) -> None:
    config = make(rows(30))
    first = run(config, "one")
    again = run(config, "one")
    assert again.already_committed
    assert (again.documents, again.bytes) == (first.documents, first.bytes)
    assert len(entries(config)) == 30


def test_a_committed_run_over_a_changed_template_is_refused(make: Make) -> None:
    config = make(rows(5))
    run(config, "one")
    make(rows(5), text=TEMPLATE.replace("Dear", "Hello"))
    with pytest.raises(RunPinned, match="template bundle changed"):
        run(config, "one")
    assert run(config, "two").documents == 5


def test_an_interrupted_run_over_a_changed_source_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make(rows(60))
    _interrupt(monkeypatch, config, "one")
    make(rows(61))
    with pytest.raises(RunPinned, match="the source"):
        run(config, "one")


def _interrupt(monkeypatch: pytest.MonkeyPatch, config: Config, run_id: str) -> None:
    """Run until one partition has committed, then fail as a driver does that loses its power."""
    execute = LocalRecordSource.execute

    def once(self: LocalRecordSource, *args: Any) -> Iterator[TaskSummary]:
        with contextlib.closing(execute(self, *args)) as summaries:
            yield next(summaries)
        raise InterruptedError("power")

    with monkeypatch.context() as patch:
        patch.setattr(LocalRecordSource, "execute", once)
        with pytest.raises(InterruptedError):
            run(config, run_id)


def test_an_interrupted_run_resumes_with_what_is_left(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make(rows(100))
    _interrupt(monkeypatch, config, "one")
    assert entries(config) == []
    result = run(config, "one")
    assert (result.documents, result.waves) == (100, 2)
    found = entries(config)
    assert [row["document_id"] for row in found] == [str(i) for i in range(100)]
    assert {row["wave"] for row in found} == {1, 2}


def test_records_that_differ_each_time_are_copied_first(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a resumed run reads is what its first wave read, even where the query would give something else by now."""
    view = make(rows(100)).source.path
    sql = "SELECT id, 'Ann ' || CAST(floor(random() * 1000000) AS BIGINT) AS name, amount, share FROM t"
    source = {"views": {"t": {"format": "parquet", "path": view}}, "sql": sql, "format": None, "path": None}
    config = make(rows(100), source=source, manifest={"columns": ["name"]})
    _interrupt(monkeypatch, config, "one")
    (copy,) = Path(config.output.uri, "_runs/one/source").glob("*.parquet")
    names = dict(zip(*(pq.read_table(copy)[column].to_pylist() for column in ("__document_id", "name")), strict=True))
    assert run(config, "one").documents == 100
    assert {row["document_id"]: row["name"] for row in entries(config)} == names


def test_a_refused_copy_is_made_again(make: Make) -> None:
    config = make([*rows(3), rows(1)[0]], source={"materialize": "always"})
    with pytest.raises(SourceError, match="not unique"):
        run(config, "one")
    make(rows(3))
    assert run(config, "one").documents == 3


def test_a_retry_is_not_taken_up_as_a_plain_run(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make(rows(50, zero=[7, 30]), limits={"failed_fraction": 0.1})
    run(config, "one")
    with monkeypatch.context() as patch:
        patch.setattr(LocalRecordSource, "execute", lambda *_: (_ for _ in ()).throw(InterruptedError("power")))
        with pytest.raises(InterruptedError):
            retry(config, "one")
    with pytest.raises(RunPinned, match="the source"):
        run(config, "one.retry-1")
    make(rows(50, zero=[30]))  # the source is mended a little: what was interrupted belongs to the earlier one
    result = retry(config, "one")
    assert (result.run_id, result.documents, result.failed) == ("one.retry-2", 1, 1)


def test_failures_are_rows_and_the_others_go_on(make: Make) -> None:
    config = make(rows(50, zero=[7, 30]), limits={"failed_fraction": 0.1})
    result = run(config, "one")
    assert (result.documents, result.failed) == (48, 2)
    failed = [row for row in entries(config) if row["status"] == "failure"]
    assert [row["document_id"] for row in failed] == ["7", "30"]
    assert {row["error_code"] for row in failed} == {"template"}
    assert all("template.html:3" in row["error_detail"] and "Ann" not in row["error_detail"] for row in failed)


def test_too_many_failures_append_nothing(make: Make, tmp_path: Path) -> None:
    config = make(rows(50, zero=[7, 30]))
    with pytest.raises(TooManyFailures, match=r"2 of 50 documents failed") as caught:
        run(config, "one")
    assert caught.value.exit_code == 3
    assert caught.value.counts == {"template": 2}
    assert entries(config) == []
    tolerant = config.model_copy(update={"limits": Limits(failed_fraction=0.1)})
    result = run(tolerant, "one")
    assert (result.documents, result.failed, result.waves) == (48, 2, 2), "only the failures were tried again"


def test_retry_renders_just_the_failures(make: Make) -> None:
    config = make(rows(50, zero=[7, 30]), limits={"failed_fraction": 0.1})
    run(config, "one")
    with pytest.raises(UsageError, match="there is no run none: file:"):
        retry(config, "none")
    make(rows(50), text=TEMPLATE)  # the source is mended
    result = retry(config, "one")
    assert (result.run_id, result.documents, result.failed) == ("one.retry-1", 2, 0)
    assert [row["document_id"] for row in entries(config, "one.retry-1")] == ["7", "30"]
    with pytest.raises(UsageError, match="no failures"):
        retry(config, "one.retry-1")


def test_a_retry_that_is_named_is_made_once(make: Make) -> None:
    config = make(rows(50, zero=[7, 30]), limits={"failed_fraction": 0.1})
    run(config, "one")
    first = retry(config, "one", "mend-20261101")
    assert (first.run_id, first.failed, first.already_committed) == ("mend-20261101", 2, False)
    again = retry(config, "one", "mend-20261101")
    assert (again.run_id, again.failed, again.already_committed) == ("mend-20261101", 2, True)


def test_a_record_that_kills_its_worker_is_found(make: Make) -> None:
    config = make(rows(50, kill=[11]), text=PYTHON, limits={"failed_fraction": 0.1}, local={"processes": 2})
    result = run(config, "one")
    assert (result.documents, result.failed) == (49, 1)
    failed = next(row for row in entries(config) if row["status"] == "failure")
    assert (failed["document_id"], failed["error_code"]) == ("11", "worker_killed")
    assert "SIGKILL" in failed["error_detail"]


@pytest.mark.slow
def test_an_endless_call_in_c_is_found(make: Make) -> None:
    limits = {"failed_fraction": 0.5, "seconds_per_document": 1.0}
    config = make(rows(4, endless=[1]), text=PYTHON, limits=limits)
    result = run(config, "one")
    assert (result.documents, result.failed) == (3, 1)
    failed = next(row for row in entries(config) if row["status"] == "failure")
    assert failed["document_id"] == "1"
    assert failed["error_code"] in ("worker_killed", "limit_cpu")


def test_a_store_that_fails_is_tried_again_and_never_a_row(make: Make, tmp_path: Path) -> None:
    config = make(rows(10))
    out = tmp_path / "out"
    out.mkdir()
    (out / "packs").write_text("a file where a folder has to be")
    with pytest.raises(SparkPdfError):
        run(config, "one")
    assert entries(config) == []
    (out / "packs").unlink()
    assert run(config, "one").documents == 10


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"document": {"id": "CAST(name AS INTEGER)"}}, SourceError, "document.id: Conversion error in SQL"),
        ({"document": {"id": "share"}}, SourceError, "document.id is not unique: more than one record has '1'"),
        ({"document": {"id": "nullif(id, 3)"}}, SourceError, "document.id is null in 1 record"),
        ({"document": {"id": "nmae"}}, SourceError, "nmae"),
        ({"document": {"id": "uuid()"}}, SourceError, r"document\.id uses uuid\(\)"),
        ({"source": {"path": "/nowhere/at/all.parquet"}}, SourceError, "nothing is there"),
        ({"source": {"format": "orc"}}, SparkPdfError, "source.format: engine local reads"),
        ({"manifest": {"columns": ["nmae"]}}, SparkPdfError, "no column 'nmae'"),
        ({"output": {"uri": "hdfs://there/out"}}, SparkPdfError, "hdfs"),
        ({"template": "/nowhere/bundle"}, TemplateError, "/nowhere/bundle"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_one_sentence(
    make: Make, change: dict[str, Any], error: type[SparkPdfError], says: str, tmp_path: Path
) -> None:
    config = make(rows(5), **change)
    with pytest.raises(error, match=says) as caught:
        run(config, "one")
    assert caught.value.exit_code == 2
    assert not list((tmp_path / "out").rglob("*.*"))


def test_a_misspelt_field_is_found_before_anything_starts(make: Make, tmp_path: Path) -> None:
    config = make(rows(5), text=TEMPLATE.replace("{{ name }}", "{{ nmae }}"))
    with pytest.raises(ContractError, match=r"template\.html:3: 'nmae' .*did you mean 'name'\?"):
        run(config, "one")
    assert not (tmp_path / "out").exists()


def test_an_empty_source_is_refused(make: Make) -> None:
    config = make([])
    with pytest.raises(SourceError, match="no records"):
        run(config, "one")
    assert entries(config) == []


def test_a_template_that_fails_on_every_record_stops_in_preflight(make: Make, tmp_path: Path) -> None:
    config = make(rows(5, zero=range(5)), limits={"failed_fraction": 1.0})
    with pytest.raises(
        TemplateError, match=r"(?s)none of the 5 records.*\[template\] template\.html:3: a division by zero"
    ):
        run(config, "one")
    assert not (tmp_path / "out" / "packs").exists()


def test_what_is_tried_first_is_of_what_a_limit_takes(make: Make) -> None:
    config = make(rows(5, zero=[0, 1])[::-1], limit=2)
    with pytest.raises(TemplateError, match=r"none of the 2 records"):
        run(config, "one")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_that_cannot_be_written_is_refused(make: Make, tmp_path: Path) -> None:
    config = make(rows(5))
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(AccessDenied):
        run(config, "one")


def test_a_full_disk_is_said_and_the_run_goes_on_afterwards(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    config = make(rows(30))
    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "write_batch", full)
        with pytest.raises(WorkerError, match=r"No space left.*TMPDIR"):
            run(config, "one")
    assert run(config, "one").documents == 30


def test_a_source_file_that_goes_away_is_no_full_disk(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    config = make(rows(30))
    monkeypatch.setattr(pq.ParquetWriter, "write_batch", gone)
    with pytest.raises(SourceError, match="the records cannot be read"):
        run(config, "one")


def test_limit_takes_the_first_by_id(make: Make) -> None:
    config = make(rows(50), limit=7)
    assert run(config, "one").documents == 7


def test_a_child_that_keeps_dying_ends_the_run(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make(rows(5))
    monkeypatch.setattr(processes, "WORKER", "spark_pdf.engines.local.no_such_module:Worker")
    with pytest.raises(ModuleNotFoundError):
        run(config, "one")
    assert entries(config) == []


def test_progress_tells_the_phases_in_order(make: Make) -> None:
    class Seen(Progress):
        def __init__(self) -> None:
            self.phases: list[str] = []
            self.documents = 0

        def phase(self, name: str, detail: str = "") -> None:
            self.phases.append(name)

        def finished(self, summary: TaskSummary) -> None:
            self.documents += summary.documents

    seen = Seen()
    result = run(make(rows(30)), "one", progress=seen)
    assert seen.phases == ["open", "preflight", "measure", "render", "commit"]
    assert seen.documents == 30
    assert json.loads(json.dumps(result.to_json()))["run_id"] == "one"


def test_preflight_tells_which_fonts_stand_in_for_others(make: Make) -> None:
    class Seen(Progress):
        notes: ClassVar[list[str]] = []

        def note(self, message: str) -> None:
            self.notes.append(message)

    run(
        make(rows(3), text=TEMPLATE.replace("<style>", "<style>body { font-family: Helvetica }")),
        "one",
        progress=Seen(),
    )
    assert any("Helvetica" in note and "Arimo" in note for note in Seen.notes)
