"""Run every case on every door, and keep the table in docs/engines.md.

python -m tests.conformance             print it
python -m tests.conformance --write     keep it
python -m tests.conformance --only stream --only watch --write      run these doors; the others' rows stay as they are
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.marked import write_between
from tests.conformance.cases import CASES
from tests.conformance.doors import DOORS

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "engines.md"


class Outcomes:
    """A pytest plugin that remembers how each case ended."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The worst of a test's phases counts."""
        _, _, parameters = report.nodeid.partition("[")
        door, _, case = parameters.removesuffix("]").rpartition("-")
        if report.when == "call" or not report.passed:
            self.found[door, case] = {"passed": "yes", "failed": "**no**", "skipped": "-"}[report.outcome]


def kept(page: str) -> dict[tuple[str, str], str]:
    """How each case ended, by the table that a page has."""
    _, _, body = page.partition("<!-- conformance -->\n")
    rows = [line.strip("| ").split(" | ") for line in body.partition("<!-- /conformance -->")[0].splitlines()]
    lines = [row for row in rows if len(row) == len(CASES) + 1]
    return {(row[0], case): cell for row in lines for case, cell in zip(CASES, row[1:], strict=True)}


def table(found: Mapping[tuple[str, str], str]) -> str:
    """One row a door, one column a case; below it, why a door has no use for a case."""
    lines = ["| | " + " | ".join(CASES) + " |", "| --- " * (len(CASES) + 1) + "|"]
    for door in DOORS:
        lines.append(f"| {door.name} | " + " | ".join(found.get((door.name, case), "not run") for case in CASES) + " |")
    why = [f"{door.name}, {case}: {reason}" for door in DOORS for case, reason in door.lacks.items()]
    return "\n".join([*lines, *(["", *(f"- {line}" for line in why)] if why else [])])


def main() -> int:
    """Exit 1 if a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/engines.md")
    parser.add_argument("--only", action="append", default=[], choices=[door.name for door in DOORS], help="a door")
    asked = parser.parse_args()
    outcomes = Outcomes()
    chosen = [f"{HERE}/test_conformance.py::test_conforms[{door}-{case}]" for door in asked.only for case in CASES]
    code = int(pytest.main(["-q", "-p", "no:cacheprovider", *(chosen or [str(HERE)])], plugins=[outcomes]))
    before = kept(PAGE.read_text()) if asked.only else {}
    print(text := table({**before, **outcomes.found}))
    if asked.write:
        write_between(PAGE, "conformance", text)
    return code


if __name__ == "__main__":
    sys.exit(main())
