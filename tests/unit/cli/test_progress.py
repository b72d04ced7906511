from __future__ import annotations

import pytest

from spark_pdf.cli.progress import RunProgress
from spark_pdf.errors import DocumentError
from spark_pdf.model import TaskSummary


def summary(partition: int, failed: int = 0) -> TaskSummary:
    return TaskSummary(1, partition, "a", 100, "0" * 32, 100 - failed, failed, 100, 1000)


def test_a_log_gets_a_line_now_and_then_with_rate_and_remaining_time(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with RunProgress(clock=lambda: now) as progress:
        progress.phase("render")
        progress.planned(1000, 10)
        for partition in range(10):
            now += 4
            progress.finished(summary(partition, failed=partition == 1))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "rendering",
        "1,000 records in 10 tasks",
        "300 of 1,000, 25 documents/s, 28 s left, 1 failed",
        "600 of 1,000, 25 documents/s, 16 s left, 1 failed",
        "900 of 1,000, 25 documents/s, 4.0 s left, 1 failed",
    ]


def test_a_slow_end_has_neither_rate_nor_comma(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = RunProgress(clock=lambda: now)
    progress.planned(3, 1)
    now = 20
    progress.finished(summary(0))
    assert capsys.readouterr().err.splitlines()[-1] == "3 of 3"


def test_what_an_engine_tells_ahead_of_the_tasks_counts(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = RunProgress(clock=lambda: now)
    progress.planned(1000, 10)
    now = 20
    progress.advanced(5)
    progress.finished(summary(0))  # reported late: five have ended, not one
    assert "500 of 1,000, 25 documents/s, 20 s left" in capsys.readouterr().err


def test_quiet_says_what_went_wrong_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(quiet=True) as progress:
        progress.phase("open", "x")
        progress.note("something")
        progress.planned(1, 1)
        progress.failed_sample(DocumentError("template", "t.html:1: no"))
        progress.finished(summary(0))
    assert capsys.readouterr().err == "warning: [template] t.html:1: no\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with RunProgress() as progress:
        progress.phase("open", "invoices")
        progress.planned(100, 2)
        progress.finished(summary(0))
        progress.note("a note")
        progress.phase("commit")
    out, err = capsys.readouterr()
    assert out == ""
    assert "a note" in err
