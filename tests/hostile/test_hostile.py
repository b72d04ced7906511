"""The corpus: each case in a guarded process, with its outcome; nothing fetched, no data told, no neighbour harmed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle
from tests.hostile.case import PLANTED, Case
from tests.hostile.corpus import CASES
from tests.hostile.worker import NEIGHBOUR, RECORD, Report

PATIENCE = 120.0
"""Seconds until a case counts as a hang, on a busy machine. Each is over in a fraction of one."""


class Workshop:
    """One guarded child for many cases, and another when it died."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: Child | None = None

    def report(self, name: str) -> Report:
        """What became of a case; fails the test if that is a death or a hang."""
        if self._child is None:
            self._child = Child("tests.hostile.worker:Worker", str(self._folder))
        try:
            self._child.send(name)
            if not self._child.connection.poll(PATIENCE):
                self.close()
                pytest.fail("it hangs")
            report: Report = self._child.receive()
        except ChildDied as death:
            self.close()
            pytest.fail(f"the process died of it: {death.reason}")
        return report

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child = None


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    made = Workshop(tmp_path_factory.mktemp("cases"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def neighbour() -> str:
    """The neighbour's bytes where nothing hostile has been."""
    return Renderer(Bundle.from_files({"template.html": NEIGHBOUR})).render(RECORD).sha256


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, workshop: Workshop, neighbour: str) -> None:
    report = workshop.report(case.name)
    answer = report.answer
    assert report.seen == (), "something was opened"
    assert report.neighbour == neighbour, "the neighbour is harmed"
    told = "\n".join([answer.message, *answer.warnings])
    assert answer.outcome in case.outcome.split(" or "), told
    assert case.says in told
    for text in (PLANTED, *planted(case)):
        assert text.casefold() not in told.casefold(), "a message holds data"
    if case.check is not None:
        case.check(answer)


def planted(case: Case) -> set[str]:
    """Words of five letters and more that the record has and no file of the bundle spells."""
    words: set[str] = set()
    waiting: list[object] = [case.record()]
    for _ in range(10_000):
        if not waiting:
            break
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()][:200]
        elif isinstance(value, (list, tuple)):
            waiting += value[:100]
        elif isinstance(value, str):
            words.update(re.findall(r"[^\W_]{5,}", value[:10_000]))
    if not words:
        return words
    spelt = b"\n".join([name.encode() + b"\n" + data for name, data in case.files().items()]).decode("utf-8", "replace")
    return {word for word in words if word.casefold() not in spelt.casefold() and word.casefold() not in OURS}


OURS = frozenset(("limits", "document", "image", "pixels", "base64", "characters"))
"""Words that our own messages have."""
