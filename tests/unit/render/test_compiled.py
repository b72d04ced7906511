"""What is compiled can be imported in any order, and makes the bytes that the source makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "spark_pdf"
COMPILED = sorted(PACKAGE.rglob("*.so"))
EXAMPLES = PACKAGE.parent / "examples"

pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is compiled (make compile)")

RENDER = """
import sys
from spark_pdf import Template
for bundle in sys.argv[1:]:
    template = Template.load(bundle)
    print(template.render(template.sample()).sha256)
"""


def run(code: str, root: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, env=environment, cwd=root, check=True, capture_output=True, text=True).stdout


def test_each_module_can_be_the_first() -> None:
    failed = []
    for path in COMPILED:
        name = ".".join(path.relative_to(PACKAGE.parent).with_name(path.name.split(".")[0]).parts)
        try:
            run(f"import {name}", PACKAGE.parent)
        except subprocess.CalledProcessError as error:
            failed.append((name, error.returncode, error.stderr[-200:]))
    assert failed == []


def test_compiled_and_source_make_the_same_bytes(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "spark_pdf", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    bundles = [str(EXAMPLES / name) for name in ("invoice", "statement")]
    made = run(RENDER, PACKAGE.parent, *bundles)
    assert made == run(RENDER, tmp_path, *bundles)
    assert len(made.split()) == len(bundles)
