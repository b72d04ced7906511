"""The environment's archive: equal bytes for equal trees, and nothing in it that the machines cannot load."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from spark_pdf.submit.archive import write_tar
from spark_pdf.submit.elf import misfit
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


def test_the_entry_script_is_the_one_in_jobs() -> None:
    assert (ROOT / "jobs" / "render_documents.py").read_text() == ENTRY
