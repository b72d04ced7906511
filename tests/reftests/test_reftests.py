"""Every page under tests/reftests against its reference. README.md says how to write one."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import pytest

from spark_pdf.errors import SparkPdfError
from tests.reftests.runner import Runner, expected_failures, save_pictures

PICTURES = Path(os.environ.get("SPARK_PDF_REFTESTS") or Path(tempfile.gettempdir()) / "spark-pdf-reftests")
TESTS = Runner().tests()


@cache
def runner(topic: str) -> Runner:
    return Runner()


@pytest.mark.parametrize("path", TESTS)
def test_page_looks_like_its_reference(path: str) -> None:
    mine = runner(path.partition("/")[0])
    try:
        wrong = mine.check(path)
    except (SparkPdfError, ArithmeticError, AssertionError, LookupError, TypeError, AttributeError) as error:
        if path not in expected_failures():
            raise
        wrong = f"{type(error).__name__}: {error}"
    if path in expected_failures():
        assert wrong, f"{path} passes: take it out of expected_failures.txt"
        pytest.xfail(expected_failures()[path])
    assert not wrong, f"{wrong}\n{save_pictures(mine, path, PICTURES)}"


def test_expected_failures_exist_and_have_reasons() -> None:
    for path, reason in expected_failures().items():
        assert path in TESTS, f"{path} is no test any more"
        assert reason, f"{path} has no reason"


FUZZY = "<meta name=fuzzy content=%s>"
PAGE = "<style>@page{size:100px;margin:0}div{width:20px;height:20px;background:%s}</style>%s"
DIV = "<div></div>"


@pytest.mark.parametrize(
    ("test", "reference", "verdict"),
    [
        (PAGE % ("green", DIV), PAGE % ("#008000", DIV), ""),
        (PAGE % ("green", DIV), PAGE % ("#008100", DIV), ""),
        (PAGE % ("green", DIV), PAGE % ("red", DIV), "400 pixels differ by up to 255, first on page 1, (8, 8, 28, 28)"),
        (FUZZY % "maxDifference=255;totalPixels=400" + PAGE % ("green", DIV), PAGE % ("red", DIV), ""),
        (FUZZY % "0-255;0-399" + PAGE % ("green", DIV), PAGE % ("red", DIV), "400 pixels differ"),
        (FUZZY % "99;400" + PAGE % ("green", DIV), PAGE % ("red", DIV), "400 pixels differ"),
        (PAGE % ("white", DIV), PAGE % ("white", DIV), "broken: the reference t-ref.html is blank"),
        ("<meta name=reftest content=blank>" + PAGE % ("white", DIV), PAGE % ("#fff", DIV), ""),
        ("<meta name=reftest content=nonsense>" + PAGE % ("green", DIV), PAGE % ("#008000", DIV), "unknown marks"),
        (PAGE % ("green; nonsense: 1", DIV), PAGE % ("green", DIV), "it is rendered with warnings"),
        ("<meta name=reftest content=warnings>" + PAGE % ("green; nonsense: 1", DIV), PAGE % ("green", DIV), ""),
        (PAGE % ("green", DIV), PAGE % ("green; nonsense: 1", DIV), "broken: t-ref.html is rendered with warnings"),
        (PAGE % ("green", DIV), PAGE % ("green", DIV + "<p style='break-before:page'>2"), "1 pages; the reference"),
    ],
)  # fmt: skip
def test_runner_tells_right_from_wrong(test: str, reference: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "t.html").write_text("<link rel=match href=t-ref.html>" + test)
    (tmp_path / "t-ref.html").write_text(reference)
    found = Runner(tmp_path).check("t.html")
    assert found.startswith(verdict)
    assert bool(found) == bool(verdict)


def test_runner_refuses_tests_without_a_reference_of_their_own(tmp_path: Path) -> None:
    page = PAGE % ("green", DIV)
    (tmp_path / "none.html").write_text(page)
    (tmp_path / "self.html").write_text("<link rel=match href=self.html>" + page)
    (tmp_path / "gone.html").write_text("<link rel=mismatch href=gone-ref.html>" + page)
    (tmp_path / "twin.html").write_text("<link rel=mismatch href=twin-ref.html>" + page)
    (tmp_path / "twin-ref.html").write_text(page)
    mine = Runner(tmp_path)
    assert mine.tests() == ["gone.html", "none.html", "self.html", "twin.html"]
    assert mine.check("none.html").startswith("it names no reference")
    assert mine.check("self.html").endswith("is the test itself")
    assert mine.check("gone.html").endswith("does not exist")
    assert mine.check("twin.html") == "it looks like twin-ref.html, and must not"
    assert save_pictures(mine, "twin.html", tmp_path).is_file()
