"""Compile the hot modules with mypyc: in place for development, or into the wheel.

In: the typed modules of `HOT`. Out: extension modules beside them, which Python prefers to the source. Everything runs
from source as well, only slower, and makes the same bytes: a machine without a C compiler, and an editable install, get
no extensions. A wheel gets them where `SPARK_PDF_COMPILE=1` asks for it.

    python hatch_build.py                beside the sources, as `make compile` does
    python hatch_build.py --clean        away with them
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent

HOT = (
    "spark_pdf/layout/*.py",
    "spark_pdf/layout/block/*.py",
    "spark_pdf/layout/containers/*.py",
    "spark_pdf/layout/css/cascade.py",
    "spark_pdf/layout/generation/*.py",
    "spark_pdf/layout/html/*.py",
    "spark_pdf/layout/inline/*.py",
    "spark_pdf/layout/pages/*.py",
    "spark_pdf/layout/paint/*.py",
    "spark_pdf/layout/shapes/outlines.py",
    "spark_pdf/layout/sizing/*.py",
    "spark_pdf/layout/table/*.py",
    "spark_pdf/text/bidi.py",
    "spark_pdf/text/breaking.py",
    "spark_pdf/text/doorkeeper.py",
    "spark_pdf/text/linebreak_rules.py",
    "spark_pdf/text/pairs.py",
    "spark_pdf/text/shaping.py",
    "spark_pdf/text/spaces.py",
    "spark_pdf/text/subset.py",
    "spark_pdf/text/words.py",
    "spark_pdf/pdf/assembly.py",
    "spark_pdf/pdf/borders.py",
    "spark_pdf/pdf/boxes.py",
    "spark_pdf/pdf/colors.py",
    "spark_pdf/pdf/drawing.py",
    "spark_pdf/pdf/embedding.py",
    "spark_pdf/pdf/fonts.py",
    "spark_pdf/pdf/numbers.py",
    "spark_pdf/pdf/outline.py",
    "spark_pdf/pdf/painter.py",
    "spark_pdf/pdf/resources.py",
    "spark_pdf/pdf/sheet.py",
    "spark_pdf/pdf/textdrawing.py",
    "spark_pdf/pdf/writer.py",
)
"""What a document spends its time in. Parsing of CSS happens once per bundle and stays as it is."""

COLD = frozenset(
    f"spark_pdf/layout/{name}.py"
    for name in (
        "block/floats", "containers/flex_lengths", "containers/grid_lines", "containers/grid_placement",
        "containers/grid_tracks", "document", "generation/candidates", "generation/inline_svg",
        "generation/replacing", "images", "inline/bidi", "inline/special", "inline/transform", "marks",
        "pages/footnotes", "pages/notepages", "paint/clip_shapes", "paint/gradients", "paint/transforms",
        "sizing/alignment", "values",
    )
)  # fmt: skip
"""Of those, what few documents use, what is done once per bundle, and values that are floats and tuples."""

SELDOM = """\
struct _object;
void CPyError_OutOfMemory(void) __attribute__((cold));
void CPy_AddTraceback(const char *, const char *, int, struct _object *) __attribute__((cold));
void CPy_AttributeError(const char *, const char *, const char *, const char *, int, struct _object *)
    __attribute__((cold));
void CPy_Raise(struct _object *) __attribute__((cold));
void CPy_TypeError(const char *, struct _object *) __attribute__((cold));
void CPy_TypeErrorTraceback(const char *, const char *, int, struct _object *, const char *, struct _object *)
    __attribute__((cold));
"""
"""C: functions of mypyc's runtime that raise. So the compiler puts what leads to them apart from what runs, and less of
the processor's first cache is taken by it (`python -m benchmarks.instructions --misses`)."""

KEPT = 6
"""States of the sources whose extension modules stay in the cache: branches, and versions of Python."""


def hot_modules(root: Path = ROOT) -> list[str]:
    """The modules to compile, relative to the root, in a fixed order."""
    found = {str(path.relative_to(root)) for pattern in HOT for path in root.glob(pattern)}
    return sorted(name for name in found - COLD if not name.endswith("__init__.py"))


def can_compile() -> bool:
    """Whether somebody asks for it, and a C compiler and Python's headers are there."""
    if not os.environ.get("SPARK_PDF_COMPILE"):
        return False
    compiler = os.environ.get("CC") or (sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_path("include")) / "Python.h"
    return shutil.which(compiler) is not None and header.is_file()


def compile_into(target: Path, root: Path = ROOT) -> list[Path]:
    """Compile, and put the extension modules below `target` as they lie in the package. Returns their paths.

    What was compiled of the same sources before, on this machine, is taken from the cache.
    """
    made = _cache() / _state(root)
    if not made.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            _compile(Path(folder), root)
            _keep(Path(folder) / "made", made)
    os.utime(made)
    found = []
    for extension in sorted(made.rglob("*.so")):
        place = target / extension.relative_to(made)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # a process may have it mapped: a new file, never new bytes in the old one
        shutil.copyfile(extension, place)
        found.append(place)
    return found


def _cache() -> Path:
    named = os.environ.get("SPARK_PDF_CACHE")
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spark-pdf"
    return base / "compiled"


def _state(root: Path) -> str:
    """A name for everything that extension modules are made from."""
    digest = hashlib.sha256()
    options = [os.environ.get(name, "") for name in ("CC", "CFLAGS", "LDFLAGS", "MYPYC_OPT_LEVEL")]
    digest.update(repr([version("mypy"), sys.version, sysconfig.get_config_var("EXT_SUFFIX"), options]).encode())
    for path in [Path(__file__), *sorted((root / "spark_pdf").rglob("*.py"))]:  # mypyc reads types of all of them
        digest.update(b"%b %d " % (path.name.encode(), path.stat().st_size) + path.read_bytes())
    return digest.hexdigest()[:24]


def _keep(made: Path, place: Path) -> None:
    """Move into the cache, whole or not at all, and let go of what was not used lately."""
    place.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=place.parent))
    shutil.copytree(made, building / "made")
    with contextlib.suppress(OSError):  # another process was quicker
        (building / "made").rename(place)
    shutil.rmtree(building)
    kept = sorted(place.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _compile(work: Path, root: Path) -> None:
    """Compile in a process and a folder of its own: mypyc leaves C files, prints, and ends its process on errors."""
    shutil.copytree(root / "spark_pdf", work / "spark_pdf", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    command = [sys.executable, str(Path(__file__).resolve()), "--setup", *hot_modules(root)]
    done = subprocess.run(
        command, cwd=work, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        errors = [line for line in (done.stdout + done.stderr).splitlines() if "warning" not in line]
        raise SystemExit("cannot compile the hot modules:\n" + "\n".join(errors[-30:]))


def _setup(modules: list[str]) -> None:
    """What a `setup.py` would say. Each module is a C file of its own, so that all cores have work."""
    from mypyc.build import mypycify
    from setuptools import Extension, setup
    from setuptools.command.build_ext import build_ext

    class ParallelBuild(build_ext):
        """Setuptools compiles extensions in parallel, but not the many sources of one."""

        def build_extension(self, ext: Extension) -> None:
            def compiled(source: str) -> list[str]:
                return self.compiler.compile(  # type: ignore[no-any-return]
                    [source], self.build_temp, include_dirs=ext.include_dirs, extra_postargs=ext.extra_compile_args
                )

            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                largest_first = sorted(ext.sources, key=os.path.getsize, reverse=True)
                objects = dict(zip(largest_first, pool.map(compiled, largest_first), strict=True))
            ext.extra_objects = [made for source in ext.sources for made in objects[source]]
            ext.sources = []
            super().build_extension(ext)

    # Without the packages installed here, mypyc makes the same of the same sources on every machine.
    options = ["--config-file=", "--ignore-missing-imports", "--no-site-packages"]
    Path("seldom.h").write_text(SELDOM)
    extensions = mypycify(
        [*options, *modules], group_name="spark_pdf_hot", multi_file=True, debug_level="0",
        opt_level=os.environ.get("MYPYC_OPT_LEVEL", "2"),
    )  # fmt: skip
    for extension in extensions:
        if extension.extra_compile_args and extension.extra_compile_args[0].startswith("-"):
            # Calls between our own C files take no detour for somebody who might replace a function; calls of Python's
            # go by its address, without a line of code of their own.
            extension.extra_compile_args += ["-fvisibility=hidden", "-fno-plt", "-include", os.path.abspath("seldom.h")]
    setup(
        name="spark_pdf_hot", packages=[], ext_modules=extensions, cmdclass={"build_ext": ParallelBuild},
        script_args=["-q", "build_ext", "--build-lib", "made"],
    )  # fmt: skip


def clean(root: Path = ROOT) -> None:
    """Remove extension modules that were put beside the sources."""
    for path in [*root.glob("*__mypyc*.so"), *(root / "spark_pdf").rglob("*.so")]:
        path.unlink()


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # in development: hatchling is only there while a wheel is built
    pass
else:

    class CompileHook(BuildHookInterface):  # type: ignore[misc,type-arg]
        """Puts the extension modules into a wheel that is built where they can be compiled."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            """What compiling needs."""
            return ["mypy==2.4.1", "setuptools>=75"] if can_compile() else []

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Hatchling's call before it collects files."""
            if self.target_name != "wheel" or version == "editable" or not can_compile():
                return
            made = Path(self.root) / "build" / "hot"
            shutil.rmtree(made, ignore_errors=True)
            for path in compile_into(made, Path(self.root)):
                build_data["force_include"][str(path)] = str(path.relative_to(made))
            build_data["infer_tag"] = True
            build_data["pure_python"] = False


if __name__ == "__main__":
    if "--setup" in sys.argv:
        _setup(sys.argv[2:])
    else:
        clean()
        if "--clean" not in sys.argv:
            compile_into(ROOT)
