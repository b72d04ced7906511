"""What is compiled can be imported in any order, and makes the bytes that the source makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.compiled_help import COMPILED, PACKAGE, needs_compiled

EXAMPLES = PACKAGE.parent / "examples"
CORPUS = PACKAGE.parent / "tests" / "fidelity" / "cases"

pytestmark = needs_compiled

IMPORT = """
import importlib, os, sys, traceback
import fpdf, jinja2, selectolax.lexbor, tinycss2, uharfbuzz, PIL.Image, uniseg.linebreak  # once for all children
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name)
"""

RENDER = """
import sys
from spark_pdf import Template
from spark_pdf.layout.generation import flow
print(flow.__file__.endswith(".so"))
for bundle in sys.argv[1:]:
    template = Template.load(bundle)
    rendition = template.render(template.sample() or {})
    print(bundle, rendition.pages, rendition.sha256, [str(warning) for warning in rendition.warnings])
"""


def run(code: str, root: Path, *arguments: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, env=environment, cwd=root, check=True, stdout=-1, text=True).stdout.splitlines()


def test_each_module_can_be_the_first() -> None:
    paths = [path.relative_to(PACKAGE.parent) for path in COMPILED]
    assert run(IMPORT, PACKAGE.parent, *(".".join((*path.parts[:-1], path.name.split(".")[0])) for path in paths)) == []


def test_compiled_and_source_make_the_same_bytes(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "spark_pdf", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    bundles = [
        EXAMPLES / "invoice",
        EXAMPLES / "statement",
        *sorted(path for path in CORPUS.iterdir() if path.is_dir()),
    ]
    compiled, *made = run(RENDER, PACKAGE.parent, *map(str, bundles))
    source, *expected = run(RENDER, tmp_path, *map(str, bundles))
    assert (compiled, source) == ("True", "False")
    assert made == expected
    assert len(made) == len(bundles)
