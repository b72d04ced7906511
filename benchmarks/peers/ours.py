"""spark_pdf: the bundle in `benchmarks/bundle`, through the sandboxed template, with exact subsets per document."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spark_pdf import Template

BUNDLE = Path(__file__).parent.parent / "bundle"


def bundle(kind: str, fonts: Path, folder: Path) -> Path:
    """The bundle with its fonts, which the repository does not hold."""
    target = folder / kind
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(BUNDLE, target)
        for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
            shutil.copy(fonts / name, target / name)
    return target


def renderer(kind: str, fonts: Path, folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """A warm worker."""
    template = Template.load(bundle(kind, fonts, folder))
    return lambda record: template.render(record).pdf
