"""Run every case on every door, and keep the table in docs/engines.md.

python -m tests.conformance             print it
python -m tests.conformance --write     keep it
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
    asked = parser.parse_args()
    outcomes = Outcomes()
    code = int(pytest.main(["-q", "-p", "no:cacheprovider", str(HERE)], plugins=[outcomes]))
    print(table(outcomes.found))
    if asked.write:
        write_between(PAGE, "conformance", table(outcomes.found))
    return code


if __name__ == "__main__":
    sys.exit(main())
