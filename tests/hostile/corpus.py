"""All cases, by topic."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.hostile.case import Case

TOPICS = sorted(path.stem for path in (Path(__file__).parent / "cases").glob("*.py") if path.stem != "__init__")
CASES: tuple[Case, ...] = tuple(
    case for topic in TOPICS for case in importlib.import_module(f"tests.hostile.cases.{topic}").CORPUS.cases
)
