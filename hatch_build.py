"""Compile the hot modules with mypyc: in place for development, or into the wheel.

In: the typed modules of `HOT`. Out: extension modules beside them, which Python prefers to the source. Everything runs
from source as well, only slower, and makes the same bytes: a machine without a C compiler, and an editable install, get
no extensions. A wheel gets them where `SPARK_PDF_COMPILE=1` asks for it.

    python hatch_build.py                beside the sources, as `make compile` does
    python hatch_build.py --clean        away with them
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
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

_SETUP = """
import sys
from setuptools import setup
from mypyc.build import mypycify
options = ["--config-file=/dev/null", "--ignore-missing-imports", "--python-executable", sys.executable]
setup(name="spark_pdf_hot", packages=[], ext_modules=mypycify([*options, *MODULES], group_name="spark_pdf_hot"))
"""


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
    """Compile, and put the extension modules below `target` as they lie in the package. Returns their paths."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copytree(root / "spark_pdf", work / "spark_pdf", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        (work / "setup.py").write_text(_SETUP.replace("MODULES", repr(hot_modules(root))))
        environment = {**os.environ, "PYTHONPATH": "", "MYPYC_OPT_LEVEL": os.environ.get("MYPYC_OPT_LEVEL", "2")}
        done = subprocess.run(
            [sys.executable, "setup.py", "-q", "build_ext", "--build-lib", "made"],
            cwd=work, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            errors = [line for line in (done.stdout + done.stderr).splitlines() if "warning" not in line]
            raise SystemExit("cannot compile the hot modules:\n" + "\n".join(errors[-30:]))
        found = []
        for made in sorted((work / "made").rglob("*.so")):
            place = target / made.relative_to(work / "made")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, place)
            found.append(place)
        return found


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
    clean()
    if "--clean" not in sys.argv:
        compile_into(ROOT)
