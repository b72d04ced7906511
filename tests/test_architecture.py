"""The house rules that a machine can check: imports point one way, each SDK has one door, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "spark_pdf"

# What each room may import from the project, besides itself. ARCHITECTURE.md draws it.
LEAVES = {"errors", "model", "config", "wording"}
ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "model": {"errors"},
    "sections": {"errors"},
    "overlays": {"errors"},
    "config": {"errors", "model", "overlays", "sections"},
    "cache": set(),
    "wording": set(),
    "store": LEAVES,
    "template": LEAVES | {"store"},
    "manifest": LEAVES | {"store"},
    "text": LEAVES,
    "layout": LEAVES | {"text"},
    "pdf": LEAVES | {"text", "layout"},
    "render": LEAVES | {"store", "template", "text", "layout", "pdf"},
    "report": LEAVES | {"store", "manifest"},
    "engines": LEAVES | {"cache", "store", "template", "render", "manifest", "report"},
    "submit": LEAVES | {"cache", "store", "template"},
    "serve": LEAVES | {"store", "manifest", "engines"},
    "airflow": LEAVES | {"store", "manifest", "engines", "submit"},
    "cli": LEAVES | {"store", "template", "text", "render", "manifest", "report", "engines", "submit", "serve"},
    "": {"render"},  # spark_pdf/__init__.py
    "__main__": {"cli"},
}

# Third-party packages with one door. Prefixes of module paths that may import them.
DOORS: dict[str, tuple[str, ...]] = {
    "fpdf": ("pdf",),
    "deflate": ("pdf", "render/version"),
    "pyspark": ("engines/spark",),
    "duckdb": ("engines/records",),
    "ray": ("engines/ray",),
    "dask": ("engines/dask",),
    "distributed": ("engines/dask",),
    "celery": ("engines/celery",),
    "kombu": ("engines/celery",),
    "fastapi": ("serve",),
    "uvicorn": ("serve", "cli/serving"),
    "airflow": ("airflow",),
    "obstore": ("store",),
    "boto3": ("store", "submit"),
    "botocore": ("store", "submit"),
    "databricks": ("submit",),
    "kubernetes": ("submit",),
    "deltalake": ("manifest", "engines/records"),
    "pyiceberg": ("manifest",),
    "uharfbuzz": ("text",),
    "fontTools": ("text",),
    "brotli": ("text/woff2",),
    "pyphen": ("text",),
    "uniseg": ("text",),
    "selectolax": ("layout", "render/version"),
    "tinycss2": ("layout",),
    "jinja2": ("template",),
    "babel": ("template", "render/version"),
    "typer": ("cli",),
    "rich": ("cli",),
    # CRC-32 of pack entries; inflating WOFF, the same everywhere. Document bytes are deflated by `deflate`, pinned
    "zlib": ("store", "text/sfnt"),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


# The stages of layout, in the order in which they may import each other while the program runs. What has no folder is
# the data that they hand on, which all may import.
STAGES = (
    {"html", "shapes"}, {"css"}, {"paint", "sizing"}, {"inline"}, {"svg", "table"}, {"block"}, {"containers", "pages"},
    {"generation"},
)  # fmt: skip


def imports(path: Path) -> list[str]:
    """Dotted names that a module imports, wherever in it, type checking included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
            found += [f"{node.module}.{alias.name}" for alias in node.names if node.module == "spark_pdf"]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    room = "" if room == "__init__" else room
    for name in imports(path):
        parts = name.split(".")
        if (
            parts[0] == "spark_pdf"
            and len(parts) > 1
            and (PACKAGE / parts[1]).exists() | (PACKAGE / f"{parts[1]}.py").exists()
        ):
            assert parts[1] == room or parts[1] in ARROWS[room], f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parts[-3] == "layout"], ids=lambda p: "/".join(p.parts[-2:]))
def test_stages_of_layout_import_one_way(path: Path) -> None:
    (place,) = (number for number, stages in enumerate(STAGES) if path.parent.name in stages)
    later = set().union(*STAGES[place:]) - {path.parent.name}
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spark_pdf.layout."):
            assert node.module.split(".")[2] not in later, f"{path.relative_to(ROOT)} imports {node.module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_each_sdk_has_one_door(path: Path) -> None:
    place = path.relative_to(PACKAGE).with_suffix("").as_posix()
    for name in imports(path):
        doors = DOORS.get(name.split(".")[0])
        assert doors is None or place.startswith(doors), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_are_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 600, f"{path.relative_to(ROOT)} is too long to be one thing"
    assert ast.get_docstring(ast.parse(text)), f"{path.relative_to(ROOT)} has no docstring"


def test_importing_the_package_starts_nothing() -> None:
    code = (
        "import sys, spark_pdf; print([m for m in ('pyspark', 'py4j', 'boto3', 'fpdf', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
