"""The environment's archive: equal bytes for equal trees, and nothing in it that the machines cannot load."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from spark_pdf.submit import here
from spark_pdf.submit.archive import PACKAGE, Target, build_archive, build_folder, write_tar
from spark_pdf.submit.elf import misfit
from spark_pdf.submit.here import own_target
from spark_pdf.submit.staging import ENTRY
from tests.unit.submit.conftest import ROOT

FITS = {"machine": "x86_64", "glibc": 34, "python": 11}


def elf(machine: int, *symbols: str) -> bytes:
    """As much of an ELF file as is looked at."""
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + b"".join(s.encode() + b"\0" for s in symbols)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.abi3.so", elf(62, "GLIBC_2.2.5", "GLIBC_2.34"), None),
        ("libx.so.1", elf(62), None),
        ("README.so.txt", b"text", None),
        ("a.abi3.so", elf(183, "GLIBC_2.17"), "is for aarch64, not x86_64"),
        ("a.abi3.so", elf(243), "is for CPU 243, not x86_64"),
        ("a.so", elf(62, "GLIBC_2.35"), "needs glibc 2.35, and the machines have 2.34"),
        ("a.cpython-312-x86_64-linux-gnu.so", elf(62), "is for Python 3.12, not 3.11"),
        ("a.cpython-311-x86_64-linux-gnu.so", elf(62), None),
    ],
)
def test_what_does_not_fit_is_found(name: str, data: bytes, said: str | None) -> None:
    found = misfit(name, data, **FITS)  # type: ignore[arg-type]
    assert found == (f"{name} {said}" if said else None)


def test_extension_modules_of_this_machine_are_its_own() -> None:
    import platform

    import pyarrow.lib as extension

    data = Path(extension.__file__).read_bytes()
    own = platform.machine()
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[own]
    assert misfit("lib.so", data, machine=own, glibc=60, python=11) is None
    assert misfit("lib.so", data, machine=other, glibc=60, python=11) == f"lib.so is for {own}, not {other}"
    assert "needs glibc" in (misfit("lib.so", data, machine=own, glibc=1, python=11) or "")


def tree(folder: Path, when: float) -> Path:
    site = folder / "lib" / "python3.11" / "site-packages" / "package"
    for name in ("b.py", "a.py", "tests/test_a.py", "include/a.h", "__pycache__/a.pyc", "tests.py"):
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (when, when))
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to("/usr/bin/python3.11")
    return folder


def test_equal_trees_are_equal_archives(tmp_path: Path) -> None:
    made = []
    for number in range(2):
        place = tmp_path / f"{number}.tar.gz"
        write_tar(tree(tmp_path / str(number), 1e9 + number), place)
        made.append(place.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "0.tar.gz") as tar:
        names = tar.getnames()
        assert tar.getmember("bin/python").linkname == "/usr/bin/python3.11"
    inner = [name.partition("package/")[2] for name in names if "package/" in name]
    assert inner == ["a.py", "b.py", "tests.py"]
    write_tar(tmp_path / "0", tmp_path / "bytecode.tar.gz", bytecode=True)
    with tarfile.open(tmp_path / "bytecode.tar.gz") as tar:
        assert any(name.endswith("__pycache__/a.pyc") for name in tar.getnames())


@pytest.fixture
def no_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """A cache of the test's own, no dependencies, and of the project one module; which targets were built."""
    built: list[Target] = []
    monkeypatch.setattr("spark_pdf.submit.archive._sources", lambda: iter([PACKAGE / "errors.py"]))
    monkeypatch.setenv("SPARK_PDF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("spark_pdf.submit.archive._uv", lambda arguments, **_: "nothing\n")
    monkeypatch.setattr("spark_pdf.submit.archive._install", lambda target, wanted, site: built.append(target))
    return built


def test_what_was_built_is_taken_again_and_what_nobody_used_for_a_week_is_forgotten(
    tmp_path: Path, no_downloads: list[Target]
) -> None:
    target = own_target()
    first, folder = build_archive(target), build_folder(target)
    assert build_archive(target) == first
    assert build_folder(target) == folder
    assert len(no_downloads) == 2
    assert (folder / "bin" / "python").resolve() == Path(sys.executable).resolve()
    command = [folder / "bin" / "python", "-c", "import spark_pdf.errors as e; print(e.__cached__)"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(folder)
    with tarfile.open(first) as tar:
        assert str(Path(done.stdout.strip()).relative_to(folder)) in tar.getnames(), "what workers would compile again"
    os.utime(folder, (1e9, 1e9))
    os.utime(first, (1e9, 1e9))
    command = [folder / "bin" / "python", "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as stream:
        assert stream.stdout is not None
        stream.stdout.readline()  # right behind exec a process has no command line yet
        build_archive(own_target(["delta"]))
        assert (folder / "bin" / "python").exists(), "a driver that has run for longer"
        stream.communicate(b"\n")
    build_archive(own_target(["iceberg"]))
    assert not folder.exists()
    assert not first.exists()


def test_the_environment_of_machines_like_this_one(
    no_downloads: list[Target], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here.main(["--folder", "--extra", "iceberg", "--extra", "delta"]) == 0
    printed = capsys.readouterr()
    assert Path(printed.out.strip(), "lib").is_dir()
    assert "building" in printed.err
    (target,) = no_downloads
    assert (target.extras, target.compiled, target.glibc) == (("delta", "iceberg"), False, None)
    monkeypatch.setenv("SPARK_PDF_COMPILE", "1")
    assert own_target().compiled
    monkeypatch.setattr("sys.base_prefix", "/nowhere")
    assert here.main([]) == 2
    assert "PYTHON=" in capsys.readouterr().err


def test_the_entry_script_is_the_one_in_jobs() -> None:
    assert (ROOT / "jobs" / "render_documents.py").read_text() == ENTRY
