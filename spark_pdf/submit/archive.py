"""The environment of a run as an archive for the platform's machines: what `--archives` unpacks on each of them.

In: a target (CPU, C library, Python). Out: a `.tar.gz` or a folder in the cache, the same bytes for the same sources,
lock and target. Wheels are taken for the target by uv, whatever machine this is; none of a dependency is built, and
each extension module is held against the target. The layout is a virtual environment's:

    bin/python                              a Python of its own, or a link to one that all machines have
    lib/python3.11/site-packages/           the project and its dependencies; Spark brings pyspark

From a clone, versions are those of `uv.lock`; from an installed package, those that are installed. What was not used
for a week, and is in no process's command line, is forgotten: sources that are gone have left it.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import spark_pdf
from spark_pdf.cache import cache_dir
from spark_pdf.errors import UnsupportedError, UsageError
from spark_pdf.submit.elf import misfit

PACKAGE = Path(spark_pdf.__file__).parent
EXTRAS = ("spark", "s3", "cli")
"""What a driver on a platform needs at least; there, workers take the same archive."""

_NOT_OURS = ("pyspark", "py4j")
_NOT_PACKED = {"__pycache__", "bin", "tests", "include", ".lock"}
_NOT_RUN = {"idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "test", "__pycache__", "site-packages"}
_LEVEL = 1
_KEPT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Target:
    """The machines: `glibc` 34 is Amazon Linux 2023's, None that of this machine, whatever it is: then `python` is the
    path of the Python that runs this. Else it is a version, or the path of one that they have.

    `extras`: of the project, beside `EXTRAS`; a format of the manifest is a third of an archive. `compiled`: with the
    hot modules as machine code, for machines like this one.
    """

    machine: str
    python: str
    glibc: int | None = 34
    extras: tuple[str, ...] = ()
    compiled: bool = False

    @property
    def minor(self) -> int:
        """Of the version of Python."""
        return int(self.python.rpartition(".")[2])

    @property
    def platform(self) -> str:
        """What uv calls it."""
        return f"{self.machine}-manylinux_2_{self.glibc}" if self.glibc else "machines like this one"

    def site(self, root: Path) -> Path:
        """Where packages lie in an environment."""
        return root / "lib" / f"python3.{self.minor}" / "site-packages"


def build_archive(target: Target, say: Callable[[str], None] = lambda text: None) -> Path:
    """The archive, from the cache if these sources were packed before. Raises `UsageError`."""

    def pack(root: Path) -> Path:
        if target.glibc is None:
            _compile_bytecode(target.site(root))
        write_tar(root, root.parent / "made.tar.gz", bytecode=target.glibc is None)
        return root.parent / "made.tar.gz"

    return _built(target, ".tar.gz", pack, say)


def build_folder(target: Target, say: Callable[[str], None] = lambda text: None) -> Path:
    """The same, to be used where it is: a driver's on this machine."""
    return _built(target, "", lambda root: root, say)


def _built(target: Target, suffix: str, finish: Callable[[Path], Path], say: Callable[[str], None]) -> Path:
    wanted = _wanted(target)
    place = cache_dir("archives") / f"{wanted.key}{suffix}"
    if place.exists():
        os.utime(place)
        return place
    _forget(place.parent)
    say(f"building the environment for {target.platform}, Python 3.{target.minor}")
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        root = Path(folder) / "environment"
        _put_python(target, root)
        _install(target, wanted, target.site(root))
        (_put_wheel if target.compiled else _put_project)(target.site(root))
        if target.glibc is not None:
            _check(target, target.glibc, root)
        made = finish(root)
        try:
            made.replace(place)
        except OSError:
            if not place.is_dir():  # another process was quicker
                raise
    return place


def _forget(folder: Path) -> None:
    """Remove what was not used for a week, and what no process was started with: a stream runs for longer."""
    running = _command_lines()
    for old in folder.iterdir():
        with suppress(FileNotFoundError):  # another process does the same
            if old.stat().st_mtime < time.time() - _KEPT_SECONDS and os.fsencode(old) not in running:
                old.unlink() if old.is_file() else shutil.rmtree(old, ignore_errors=True)


def _command_lines() -> bytes:
    """Of all processes of this machine, where it tells them (Linux): a driver's Python, and `--archives` of Spark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            found.append(path.read_bytes())
    return b"\0".join(found)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Requirements as uv reads them, and the key of everything that an archive is made of."""

    requirements: str
    constraints: str
    key: str


def _wanted(target: Target) -> _Wanted:
    extras = {*EXTRAS, *target.extras}
    requirements, constraints = _locked(extras) if _clone() else _installed(extras)
    digest = hashlib.sha256(repr([target, requirements, constraints, _uv_version()]).encode())
    building = [PACKAGE.parent / "hatch_build.py"] if target.compiled else []
    for path in [*_sources(), *building]:
        digest.update(f"{path.relative_to(PACKAGE.parent)} {path.stat().st_size} ".encode() + path.read_bytes())
    return _Wanted(requirements, constraints, digest.hexdigest()[:24])


def _clone() -> Path | None:
    root = PACKAGE.parent
    return root if (root / "uv.lock").is_file() and (root / "pyproject.toml").is_file() else None


def _locked(wanted: set[str]) -> tuple[str, str]:
    """What `uv.lock` says, with hashes."""
    extras = [part for extra in sorted(wanted) for part in ("--extra", extra)]
    left_out = [part for name in _NOT_OURS for part in ("--no-emit-package", name)]
    words = ["export", "--frozen", "--no-emit-project", "--no-default-groups", "--no-header", "--no-annotate"]
    return _uv([*words, *extras, *left_out], cwd=_clone()), ""


def _installed(wanted: set[str]) -> tuple[str, str]:
    """What the installed package asks for, in the versions that are installed."""
    asked = []
    for line in importlib.metadata.requires("spark-pdf") or ():
        extra = re.search(r"extra == ['\"](\w+)['\"]", line)
        plain = re.sub(r"\s*(;|and)\s*extra == ['\"]\w+['\"]", "", line)
        if (extra is None or extra[1] in wanted) and not plain.startswith(_NOT_OURS):
            asked.append(plain)
    found = {
        (d.name, d.version) for d in importlib.metadata.distributions() if d.name not in ("spark-pdf", "spark_pdf")
    }
    return "\n".join(sorted(asked)) + "\n", "".join(f"{name}=={version}\n" for name, version in sorted(found))


def _install(target: Target, wanted: _Wanted, site: Path) -> None:
    work = site.parent.parent
    (work / "requirements.txt").write_text(wanted.requirements)
    command = ["pip", "install", "--target", str(site), "--python", sys.executable, "--only-binary", ":all:"]
    command += ["--python-version", f"3.{target.minor}"]
    command += ["--python-platform", target.platform, "--link-mode", "copy"] if target.glibc else []
    command += ["-r", str(work / "requirements.txt")]
    if wanted.constraints:
        (work / "constraints.txt").write_text(wanted.constraints)
        command += ["-c", str(work / "constraints.txt")]
    else:
        command.append("--no-deps")
    _uv(command)
    for name in ("requirements.txt", "constraints.txt"):
        (work / name).unlink(missing_ok=True)


def _put_project(site: Path) -> None:
    """The project itself, as its sources: what was compiled here is this machine's."""
    for path in _sources():
        place = site / "spark_pdf" / path.relative_to(PACKAGE)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def _put_wheel(site: Path) -> None:
    """The project as a wheel that is built here, by the Python that runs this."""
    root = _clone()
    if root is None:
        raise UsageError("hot modules are compiled from a clone of the project, and this is an installed package")
    with tempfile.TemporaryDirectory() as folder:
        command = ["build", "--wheel", "--out-dir", folder, "--python", sys.executable, str(root)]
        _uv(command, environment={"SPARK_PDF_COMPILE": "1"})
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(site)


def _compile_bytecode(site: Path) -> None:
    """By the hash of the source and unchecked, since an archive keeps no times."""
    command = [sys.executable, "-m", "compileall", "-q", "-j0", "--invalidation-mode", "unchecked-hash"]
    # Packages bring files for other versions of Python, or broken on purpose.
    subprocess.run([*command, "-x", "/tests/", str(site)], capture_output=True, check=False)


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".so", ".pyc"):
            yield path


def _put_python(target: Target, root: Path) -> None:
    """A link to the machines' own Python, or one that needs nothing of them."""
    (root / "lib").mkdir(parents=True)
    if target.python.startswith("/"):
        (root / "bin").mkdir()
        (root / "bin" / "python").symlink_to(target.python)
        home = str(Path(target.python).parent)
        (root / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.{target.minor}\n")
        return
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        name = f"cpython-{target.python}-linux-{target.machine}-gnu"
        _uv(
            ["python", "install", "--install-dir", folder, "--no-bin", name],
            environment={"UV_PYTHON_DOWNLOADS": "automatic"},
            hint="; without a way to it, name a Python that all machines have: submit.python: /usr/bin/python3.11",
        )
        found = [path for path in Path(folder).iterdir() if (path / "bin" / f"python3.{target.minor}").exists()]
        own = max(found, key=lambda path: (not path.is_symlink(), path.name))
        shutil.copytree(own, root, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_NOT_RUN))
        (root / "bin" / "python").unlink(missing_ok=True)
        (root / "bin" / "python").symlink_to(f"python3.{target.minor}")


def _check(target: Target, glibc: int, root: Path) -> None:
    findings = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and ".so" in path.name:
            said = misfit(path.name, path.read_bytes(), machine=target.machine, glibc=glibc, python=target.minor)
            findings += [said] if said else []
    if findings:
        raise UnsupportedError(f"the environment does not fit {target.platform}: " + "; ".join(findings[:5]))


def write_tar(root: Path, place: Path, *, bytecode: bool = False) -> None:
    """All files below `root`, in order and without this machine's times and owners: equal trees are equal bytes.

    `bytecode` that was compiled by hashes stays.
    """
    left_out = _NOT_PACKED - {"__pycache__"} if bytecode else _NOT_PACKED
    site = re.compile(r"lib/python3\.\d+/site-packages(/|$)")
    with (
        place.open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).as_posix()):
            name = path.relative_to(root).as_posix()
            if not (site.match(name) and left_out & set(path.relative_to(root).parts[3:])):
                _add(tar, path, name)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    info = tar.gettarinfo(path, name)
    info.mtime, info.uid, info.gid, info.uname, info.gname = 0, 0, 0, "", ""
    info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
    if info.isreg():
        with path.open("rb") as file:
            tar.addfile(info, file)
    else:
        tar.addfile(info)


def _uv_version() -> str:
    return _uv(["--version"]).strip()


def _uv(
    arguments: list[str], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None, hint: str = ""
) -> str:
    """Run uv; what it prints. Raises `UsageError` with its own last words."""
    command = [_uv_binary(), "--quiet", *arguments] if arguments != ["--version"] else [_uv_binary(), *arguments]
    own = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    done = subprocess.run(
        command, cwd=cwd, env={**own, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[-600:]
        raise UsageError(f"uv {arguments[0]} {arguments[1]} failed: {said}{hint}")
    return done.stdout


def _uv_binary() -> str:
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        if named := shutil.which("uv"):
            return named
    made = sorted(cache_dir().glob("uv-*/bin/uv"))  # by the Makefile, or by spark-submit.sh
    if not made:
        raise UsageError("an environment is built by uv, which is not installed: pip install 'spark-pdf[emr]'")
    return str(made[-1])
