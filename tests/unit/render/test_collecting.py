"""The garbage collector while documents are made: held back, put back, and left with nothing to do."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from spark_pdf import Template
from spark_pdf.render.collecting import YOUNG, collector_held_back
from spark_pdf.template.bundle import Bundle

HTML = b"""<html lang="en"><title>T</title><style>@page { @bottom-right { content: counter(page) } }</style>
<table><thead><tr><th>a</th><th>b</th></tr></thead>{% for x in rows %}<tr><td>{{ x }}</td><td><b>{{ x }}</b> and
<a href="#end">on</a></td></tr>{% endfor %}</table><ul><li>one</ul><p id="end">end</p>"""


@pytest.fixture
def thresholds() -> Iterator[None]:
    """Puts the process's thresholds back, whatever a test does."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_thresholds_are_put_back_also_when_a_document_fails() -> None:
    gc.set_threshold(701, 11, 12)
    seen = []

    def fail() -> None:
        with collector_held_back():
            seen.append(gc.get_threshold())
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert seen == [(YOUNG, 11, 12)]
    assert gc.get_threshold() == (701, 11, 12)


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("first", [0, YOUNG + 1])
def test_a_collector_that_is_off_or_runs_less_stays_so(first: int) -> None:
    gc.set_threshold(first)
    with collector_held_back():
        assert gc.get_threshold()[0] == first


def test_other_threads_leave_the_thresholds_alone() -> None:
    before, seen = gc.get_threshold(), []

    def work() -> None:
        with collector_held_back():
            seen.append(gc.get_threshold())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_document_leaves_nothing_to_collect() -> None:
    template = Template(Bundle.from_files({"template.html": HTML}))
    record = {"rows": list(range(150))}
    assert template.render(record).pages > 2
    gc.collect()
    gc.disable()
    try:
        template.render(record)
        assert gc.collect() == 0
    finally:
        gc.enable()
