"""A record that kills is told apart from a machine that fails: the one becomes a row, the other never does."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from spark_pdf.engines.outcome import outcome_of
from spark_pdf.engines.supervise import Supervised, cpu_fuse, disarm_fuse
from spark_pdf.errors import DocumentError, WorkerError
from spark_pdf.model import Limits, Rendition


class Renderer:
    """Renders what a record says."""

    def render(self, record: Mapping[str, Any], document_id: str = "") -> Rendition:
        if record.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if record.get("memory"):
            raise MemoryError
        if "raises" in record:
            try:
                raise record["raises"]
            except Exception as error:
                raise DocumentError(record.get("code", "render"), "somewhere") from error
        return Rendition(b"%PDF-", 1)


@dataclass(frozen=True)
class Shop:
    """A workshop whose child may not even start."""

    dies: bool = False
    limits: Limits = field(default_factory=Limits)

    def renderer(self) -> Renderer:
        if self.dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return Renderer()


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    # The child unpickles what is made here by the name of this module.
    monkeypatch.syspath_prepend(os.path.dirname(__file__))
    for made in (Shop, Renderer):
        monkeypatch.setattr(made, "__module__", "test_supervise")
    monkeypatch.setitem(__import__("sys").modules, "test_supervise", __import__("sys").modules[__name__])


def test_a_record_that_kills_becomes_a_failure_and_the_others_go_on() -> None:
    supervised = Supervised(Shop())
    try:
        outcomes = [supervised(str(n), record) for n, record in enumerate([{}, {"kill": True}, {"memory": True}, {}])]
    finally:
        supervised.close()
    assert [o.error_code for o in outcomes] == [None, "worker_killed", "worker_killed", None]


def test_a_child_that_cannot_start_is_no_record_s_failure() -> None:
    supervised = Supervised(Shop(dies=True))
    with pytest.raises(WorkerError, match="did not start \\(signal SIGKILL\\)"):
        supervised("1", {})


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC, errno.EIO])
def test_what_the_operating_system_says_of_itself_fails_the_task(number: int) -> None:
    with pytest.raises(WorkerError, match="document 7: OSError"):
        outcome_of(Renderer(), "7", {"raises": OSError(number, os.strerror(number))})


def test_a_package_that_went_away_fails_the_task_and_a_template_s_import_does_not() -> None:
    with pytest.raises(WorkerError):
        outcome_of(Renderer(), "7", {"raises": ModuleNotFoundError("no")})
    assert outcome_of(Renderer(), "7", {"raises": ModuleNotFoundError("no"), "code": "template"}).error_code


def test_a_damaged_image_is_the_record_s_own() -> None:
    assert outcome_of(Renderer(), "7", {"raises": OSError("image file is truncated")}).error_code == "render"


def test_the_fuse_is_taken_out_as_it_was_found() -> None:
    before = resource.getrlimit(resource.RLIMIT_CPU)
    cpu_fuse(Limits(seconds_per_document=100))
    cpu_fuse(Limits(seconds_per_document=100))
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] > 0
    disarm_fuse()
    assert resource.getrlimit(resource.RLIMIT_CPU) == before
