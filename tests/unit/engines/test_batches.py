"""What a batch leaves in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from spark_pdf.engines.batches import batch_line, day_prefix
from spark_pdf.errors import UsageError


@dataclass(frozen=True)
class Run:
    documents: int
    failed: int = 0
    pages: int = 0
    bytes: int = 0
    failures_by_code: Mapping[str, int] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("run", "replayed", "dead", "said"),
    [
        (Run(1), False, {}, "1 document, 2.0 s"),
        (Run(2000, failed=3), False, {"empty": 1}, "2,000 documents, 3 failed, 1 dead letter (empty), 2.0 s"),
        (
            Run(1, 3, failures_by_code={"limits": 1, "template": 2}),
            False,
            {},
            "1 document, 3 failed (2 template, 1 limits), 2.0 s",
        ),
        (Run(7), True, {}, "7 documents, committed before, nothing added, 2.0 s"),
        (None, False, {"malformed": 2, "empty": 1}, "3 dead letters (empty, malformed), 2.0 s"),
        (None, False, {}, "no records, 2.0 s"),
    ],
)
def test_a_batch_in_a_line(run: Run | None, replayed: bool, dead: dict[str, int], said: str) -> None:
    assert batch_line("batch 4", run, replayed=replayed, dead=dead, seconds=2.04) == f"batch 4: {said}"


def test_a_day_that_is_none_names_no_runs() -> None:
    assert day_prefix("letters", "20261101") == "letters-20261101-"
    with pytest.raises(UsageError):
        day_prefix("letters", "20261301")
