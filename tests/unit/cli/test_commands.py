"""The commands on a real bundle, a real local run, a real manifest."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.cli.machine import _EXTRAS

KEYS = ["run_id", "state", "documents", "failed", "pages", "bytes", "seconds", "manifest", "output", "skipped"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What `init` writes, with a fourth record whose date no filter can print; run once."""
    folder = tmp_path_factory.mktemp("cli") / "starter"
    with pytest.MonkeyPatch.context() as patch:
        assert cli(["init", str(folder)]) == 0
        patch.chdir(folder)
        records = (folder / "records.jsonl").read_text().splitlines()
        broken = {**json.loads(records[0]), "number": "2026-0009", "date": "soon"}
        (folder / "records.jsonl").write_text("\n".join([*records, json.dumps(broken)]))
        assert cli(["run", "config.yaml", "--set", "limits.failed_fraction=0.5", "--run-id", "first", "-q"]) == 0
        yield folder


@pytest.fixture
def at(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    return project


LOOSE = ["config.yaml", "--set", "limits.failed_fraction=0.5"]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert cli([*arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_run_again_prints_the_same_and_does_nothing(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = printed(capsys, "run", *LOOSE, "--run-id", "first", "-q")
    assert list(result) == KEYS
    assert (result["run_id"], result["state"], result["documents"], result["failed"]) == ("first", "committed", 3, 1)
    assert result["output"] == (at / "out").as_uri()
    assert result["manifest"] == (at / "out" / "manifest").as_uri()
    assert cli(["run", *LOOSE, "--run-id", "first"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("committed (already): run first\n")
    assert "nothing to do" in err


def test_too_many_failures_are_3(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["run", "config.yaml", "--run-id", "strict", "-q", "--output", "json"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "template" in err
    assert "soon" not in err


def test_the_result_is_written_where_a_caller_without_exit_codes_reads_it(at: Path, tmp_path: Path) -> None:
    told = tmp_path / "told" / "result.json"
    assert cli(["run", *LOOSE, "--run-id", "first", "-q", "--result", str(told)]) == 0
    result = json.loads(told.read_text())
    assert list(result) == [*KEYS, "exit_code"]
    assert (result["run_id"], result["documents"], result["exit_code"]) == ("first", 3, 0)
    assert cli(["run", "config.yaml", "--run-id", "strict", "-q", "--result", told.as_uri()]) == 3
    failed = json.loads(told.read_text())
    assert (failed["state"], failed["exit_code"], failed["error"]) == ("failed", 3, "TooManyFailures")
    assert failed["counts"] == {"template": 1}
    assert "soon" not in told.read_text()
    assert cli(["retry", *LOOSE, "--run-id", "none", "-q", "--result", str(told)]) == 2
    assert json.loads(told.read_text())["error"] == "UsageError"


def test_a_result_that_cannot_be_written_changes_no_ending(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = str(at / "config.yaml" / "result.json")
    assert cli(["run", *LOOSE, "--run-id", "first", "-q", "--result", here]) == 0
    assert f"could not be written to {here}" in capsys.readouterr().err
    assert cli(["run", "config.yaml", "--run-id", "strict", "-q", "--result", here]) == 3


def test_verify(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = printed(capsys, "verify", "config.yaml", "--hashes", "all", "-q")
    assert (report["ok"], report["documents"], report["failed"], report["hashed"]) == (True, 3, 1, 3)
    assert cli(["verify", "config.yaml", "--run-id", "first"]) == 0
    assert "verified: run first" in capsys.readouterr().out
    assert cli(["verify", "config.yaml", "--run-id", "none"]) == 2


def test_verify_and_report_of_runs_that_begin_alike(
    at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli(["verify", "config.yaml", "--runs", "fir", "-q"]) == 0
    assert "verified: runs fir…" in capsys.readouterr().out
    page = tmp_path / "day.html"
    assert printed(capsys, "report", "config.yaml", "--runs", "fir", "-o", str(page))["report"] == str(page)
    assert "Runs fir…" in page.read_text()
    for wrong in (["--runs", "fir"], ["--runs", "f", "--run-id", "first"], [], ["--runs", "x", "-o", str(page)]):
        assert cli(["report", "config.yaml", *wrong]) == 2
    assert cli(["verify", "config.yaml", "--runs", "f", "--run-id", "first"]) == 2


def test_report(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = printed(capsys, "report", "config.yaml", "--run-id", "first")["report"]
    page = at / "out" / "_runs" / "first" / "report.html"
    assert where == page.as_uri()
    text = page.read_text()
    assert "2026-0009" in text
    assert "soon" not in text, "what the record says stays in the record"
    assert cli(["report", "config.yaml", "--run-id", "first", "--no-ids", "-o", "-"]) == 0
    out, _ = capsys.readouterr()
    assert "Run first" in out
    assert "2026-00" not in out
    assert cli(["report", "config.yaml", "--run-id", "none"]) == 2


def test_a_run_leaves_a_report_however_it_ends(at: Path, tmp_path: Path) -> None:
    asked = ["--set", "report=true", "--set", f"output.uri={tmp_path}", "-q"]
    assert cli(["run", *LOOSE, *asked, "--run-id", "told"]) == 0
    page = tmp_path / "_runs" / "told" / "report.html"
    text = page.read_text()
    assert "Reconciled: 4 records counted = 3 documents + 1 failure" in text
    assert "<td>local</td>" in text
    page.write_text("kept")
    assert cli(["run", *LOOSE, *asked, "--run-id", "told"]) == 0
    assert page.read_text() == "kept", "a run that was committed before has nothing new to tell"
    assert cli(["run", "config.yaml", *asked, "--run-id", "told-strict"]) == 3
    assert ">failed</span>" in (tmp_path / "_runs" / "told-strict" / "report.html").read_text()


def test_verify_finds_what_was_changed(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = next((at / "out" / "documents").rglob("*2026-0002*.pdf"))
    kept = document.read_bytes()
    document.write_bytes(kept[:-1] + b"!")
    try:
        report = printed(capsys, "verify", "config.yaml", "--hashes", "all", "-q", code=1)
        assert report["counts"] == {"hash": 1}
        assert cli(["verify", "config.yaml", "--hashes", "all", "-q"]) == 1
        out, err = capsys.readouterr()
        assert "2026-0002" in out
        assert "1 hash" in err
        assert cli(["get", "config.yaml", "--id", "2026-0002", "-o", str(tmp_path / "x.pdf")]) == 1
        assert not (tmp_path / "x.pdf").exists()
    finally:
        document.write_bytes(kept)


def test_get(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "one.pdf"
    row = printed(capsys, "get", "config.yaml", "--id", "2026-0001", "-o", str(target))
    assert hashlib.sha256(target.read_bytes()).hexdigest() == row["sha256"]
    assert target.read_bytes().startswith(b"%PDF-")
    assert (row["out"], row["run_id"], row["status"]) == (str(target), "first", "document")
    assert cli(["get", "config.yaml", "--id", "2026-0009"]) == 1
    assert "document 2026-0009 failed in run first: [template]" in capsys.readouterr().err
    assert cli(["get", "config.yaml", "--id", "nobody"]) == 2
    assert cli(["get", "config.yaml", "--id", "2026-0001", "--run-id", "none"]) == 2


def test_get_to_stdout(at: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli(["get", "config.yaml", "--id", "2026-0001", "-o", "-"]) == 0
    out = capfdbinary.readouterr().out
    assert out.startswith(b"%PDF-")
    assert out.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize(
    "command", [["retry"], ["verify"], ["report"], ["get", "--id", "2026-0001"], ["vacuum"]], ids=lambda words: words[0]
)
def test_a_run_that_does_not_exist_is_told_as_that(
    at: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert cli([*command, "config.yaml", "--run-id", "nobody"]) == 2
    assert "there is no run nobody" in capsys.readouterr().err


def test_one_of_two_options_is_asked_for_in_one_way(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command, first in (("report", "--run-id"), ("verify", "--run-id"), ("rollup", "--day")):
        assert cli([command, "config.yaml", first, "20261126", "--runs", "f"]) == 2
        assert f"give {first} or --runs, one of them" in capsys.readouterr().err


def test_retry_and_vacuum(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = printed(capsys, "vacuum", "config.yaml")
    assert (report["dry_run"], report["objects"]) == (True, 0)
    assert cli(["vacuum", "config.yaml", "--grace-days", "0"]) == 2


def test_plan_writes_nothing(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = printed(capsys, "plan", "config.yaml", "--set", f"output.uri={tmp_path}/out", "-q")
    assert (plan["records"], plan["tasks"], plan["largest_task"]) == (4, 1, 4)
    assert "customer" in plan["columns"]
    assert not (tmp_path / "out").exists()


def test_check(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = printed(capsys, "check", "config.yaml")
    assert (report["bundle"], report["pages"], report["warnings"]) == ("template", 1, [])
    field = next(field for field in report["fields"] if field["path"] == "lines[].price")
    assert field["required"]
    assert all(place.startswith("template.html:") for place in field["places"])
    assert cli(["check", "template"]) == 0
    assert "ok: template" in capsys.readouterr().out
    assert cli(["check"]) == 2
    (tmp_path / "t.html").write_text("<p>{{ numbr }}\n{{ customer.nmae }}")
    capsys.readouterr()
    assert cli(["check", str(tmp_path), "config.yaml"]) == 2
    err = capsys.readouterr().err
    assert "t.html:1: 'numbr' is not a column; did you mean 'number'?" in err
    assert "t.html:2: 'customer.nmae' is not a field of the struct; did you mean 'name'?" in err


def test_doctor(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "doctor", "config.yaml")
    states = {finding["name"]: finding["state"] for finding in found["findings"]}
    assert states.items() >= {"python": "ok", "renderer": "ok", "fonts": "ok", "output": "ok", "manifest": "ok"}.items()
    found = printed(capsys, "doctor", "config.yaml", "--set", "template=nowhere", code=1)
    assert next(f for f in found["findings"] if f["name"] == "template")["state"] == "wrong"


def test_doctor_knows_all_extras() -> None:
    """But Airflow's, which does not stand beside Spark's."""
    declared: dict[str, set[str]] = {}
    for requirement in requires("spark-pdf") or []:
        if found := re.match(r"""([\w.-]+).*extra == ['"](\w+)""", requirement):
            declared.setdefault(found[2], set()).add(found[1])
    del declared["airflow"]
    assert {extra: set(names) for extra, names in _EXTRAS.items()} == declared


def test_configs_that_are_wrong_are_2(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (["run", "nowhere.yaml"], "cannot read the config nowhere.yaml"),
        (["run", "config.yaml", "--set", "outptu.uri=x"], "did you mean 'output'"),
        (["run", "config.yaml", "--set", "template=nowhere"], "no template bundle at nowhere"),
        (["run", "config.yaml", "--set", "source.path=nowhere.jsonl"], "nowhere"),
        (["run", "config.yaml", "--set", "document.id=nope"], "nope"),
        (["run", "config.yaml", "--run-id", "a/b"], "a/b"),
    ):
        assert cli([*arguments, "-q"]) == 2, arguments
        out, err = capsys.readouterr()
        assert out == ""
        assert message in err


def test_init_refuses_what_is_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["init", str(project)]) == 2
    assert "not empty" in capsys.readouterr().err


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    monkeypatch.chdir(tmp_path)

    def make(html: str) -> Path:
        (tmp_path / "letter").mkdir(exist_ok=True)
        (tmp_path / "letter" / "letter.html").write_text(html)
        return tmp_path

    return make


def test_render(bundle: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = bundle("<p style='colour: red'>Dear {{ name }}\u4e2d")
    (folder / "data.json").write_text('{"name": "Ada"}')
    assert cli(["render", "letter", "--data", "data.json"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("letter.pdf  1 page, ")
    assert "warning: " in err
    first = (folder / "letter.pdf").read_bytes()
    result = printed(capsys, "render", "letter", "--data", "data.json", "-o", "b.pdf")
    assert result["sha256"] == hashlib.sha256(first).hexdigest()
    assert result["warnings"]


def test_render_to_stdout(bundle: Callable[[str], Path], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    folder = bundle("<p>hello")
    (folder / "letter" / "sample.json").write_text("{}")
    assert cli(["render", "letter", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"%PDF-")


def test_render_says_what_is_wrong(bundle: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = bundle("<p>\n{{ nmae }}")
    (folder / "data.json").write_text('{"name": "Ada"}')
    for arguments, code, message in (
        (["render", "letter", "--data", "data.json"], 1, "letter.html:2: 'nmae' is not in the record"),
        (["render", "letter"], 2, "no sample.json"),
        (["render", "nowhere"], 2, "no template bundle"),
        (["render", "letter", "--data", "nowhere.json"], 2, "cannot read the record nowhere.json"),
        (["render", "letter", "--data", "letter/letter.html"], 2, "not valid JSON"),
    ):
        assert cli(arguments) == code
        assert message in capsys.readouterr().err
    assert not (folder / "letter.pdf").exists()


def test_incremental_runs_and_erasing(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apart = ["config.yaml", "--set", f"output.uri={tmp_path}/out", "--set", "limits.failed_fraction=1"]
    first = printed(capsys, "run", *apart, "--run-id", "one", "--mode", "changed", "-q")
    assert (first["documents"], first["failed"], first["skipped"]) == (3, 1, 0)
    again = printed(capsys, "run", *apart, "--run-id", "two", "--mode", "missing", "-q")
    assert (again["documents"], again["failed"], again["skipped"]) == (0, 0, 4)
    report = printed(capsys, "erase", *apart, "--id", "2026-0002")
    assert (report["documents"], report["runs"], report["complete"]) == (1, ["one"], True)
    assert cli(["get", *apart, "--id", "2026-0002"]) == 1
    assert "document 2026-0002 of run one was erased on 20" in capsys.readouterr().err
    assert cli(["erase", *apart, "--id", "2026-0001", "--id", "nobody"]) == 2
    assert "nothing was erased" in capsys.readouterr().err
    assert cli(["erase", *apart, "--id", "2026-0002"]) == 0
    assert capsys.readouterr().out.startswith("erased: 0 documents of 1 id\n")
    assert cli(["verify", *apart, "--hashes", "all", "-q"]) == 0
    assert "erased" in capsys.readouterr().out


def test_a_roll_up_names_a_day_or_runs(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ([], ["--day", "20261126", "--runs", "x"], ["--day", "2026-11-26"], ["--runs", "../x"]):
        assert cli(["rollup", *LOOSE, *wrong]) == 2
    found = printed(capsys, "rollup", *LOOSE, "--day", "20261126")
    assert found["prefix"].endswith("-20261126-")
    assert found["merged"] == 0


def test_the_package_runs_as_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "spark_pdf", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("spark-pdf ")
