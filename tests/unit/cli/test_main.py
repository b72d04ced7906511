from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from spark_pdf import errors
from spark_pdf.cli import __main__ as entry
from spark_pdf.cli import runs


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SparkPdfError("failed"), 1),
        (errors.ConfigError("bad key"), 2),
        (errors.BundleError("no bundle"), 2),
        (errors.ContractError((errors.Violation("a", errors.Place("t.html", 3), "is not a column", "b"),)), 2),
        (errors.StoreError("down"), 1),
        (errors.RunPinned("pinned"), 2),
        (errors.TooManyFailures("too many", counts={"template": 3}), 3),
        (errors.CommitStateUnknown("unknown"), 4),
        (errors.CommitFailed("not appended"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_codes_come_from_the_errors(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(runs, "run_config", fails)
    assert entry.run(["run", "x.yaml"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("spark-pdf: ")
    assert str(error) in err
    assert "Traceback" not in err
    assert "\x1b" not in err  # no colours where nobody looks


def test_a_bug_is_placed_but_its_message_not_quoted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("password=secret")

    monkeypatch.setattr(runs, "run_config", fails)
    assert entry.run(["run", "x.yaml"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("spark-pdf: this should not happen: RuntimeError at cli/")
    assert "secret" not in err
    assert entry.run(["run", "x.yaml", "--debug"]) == 1
    assert "password=secret" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("Query interrupted"), 130),
        (errors.SourceError("the query failed"), 130),
        (errors.CommitStateUnknown("unknown"), 4),
    ],
)
def test_an_interrupt_counts_that_a_library_made_an_error_of(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def swallows(*_: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise error

    monkeypatch.setattr(runs, "run_config", swallows)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have background jobs ignore it
    try:
        assert entry.run(["run", "x.yaml"]) == code
        assert ("interrupted" in capsys.readouterr().err) == (code == 130)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: object) -> None:
        raise errors.StoreError("down")

    monkeypatch.setattr(runs, "run_config", fails)
    assert entry.run(["run", "x.yaml", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["nope"],
        ["run", "a.yaml", "--nope"],
        ["run", "a.yaml", "--limit", "0"],
        ["verify", "a.yaml", "--hashes", "x"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.run(arguments) == 2
    assert capsys.readouterr().out == ""


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["--version"]) == 0
    assert capsys.readouterr().out == "spark-pdf 0.1.0\n"
    assert entry.run(["--help"]) == 0
    out = capsys.readouterr().out
    for command in ["run", "render", "plan", "check", "verify", "retry", "get", "vacuum", "init", "doctor", "demo"]:
        assert f"\n  {command} " in out
        assert entry.run([command, "--help"]) == 0
    assert "4 commit" in out
    assert "..." not in out.partition("Commands:")[2], "a command's first line is too long for a terminal"


def loaded(code: str) -> set[str]:
    program = f"import sys; {code}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_next_to_nothing() -> None:
    modules = loaded("from spark_pdf.cli.__main__ import run; run(['--help'])")
    assert not modules & {"pyspark", "pyarrow", "fpdf", "jinja2", "obstore", "spark_pdf.config"}


def test_rendering_loads_neither_spark_nor_arrow_nor_stores() -> None:
    arguments = "['render', 'examples/invoice', '-o', '/dev/null']"
    modules = loaded(f"from spark_pdf.cli.__main__ import run; assert run({arguments}) == 0")
    assert "spark_pdf.pdf.writer" in modules
    assert not modules & {"fpdf", "pyspark", "pyarrow", "pandas", "rich", "obstore", "boto3", "deltalake", "duckdb"}


def test_rendering_loads_nothing_that_it_does_not_use() -> None:
    """A document from a cold start: half of the time was imports of what typer and we use for something else."""
    arguments = "['render', 'examples/invoice', '-o', '/dev/null']"
    modules = loaded(f"from spark_pdf.cli.__main__ import run; assert run({arguments}) == 0")
    assert not modules & {
        "numpy",
        "fontTools.subset",
        "fontTools.varLib",
        "fontTools.ttLib.tables.otTables",
        "unittest.mock",
        "typer",
        "pydantic",
        "yaml",
        "spark_pdf.config",
        "spark_pdf.pdf.canvas",
        "spark_pdf.template.analysis",
        "spark_pdf.layout.containers.columns",
        "spark_pdf.layout.containers.grid",
    }


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "spark_pdf.cli.app", raising=False)

    def find(name: str) -> Callable[[], None]:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    class Blocked:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "typer":
                find(name)

    monkeypatch.delitem(sys.modules, "typer")
    monkeypatch.setattr(sys, "meta_path", [Blocked(), *sys.meta_path])
    assert entry.run(["--help"]) == 2
    assert "pip install 'spark-pdf[cli]'" in capsys.readouterr().err
