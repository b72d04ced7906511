"""The limit on CPU seconds: it interrupts in the main thread, tells afterwards in others, and leaves nothing behind."""

from __future__ import annotations

import importlib
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_pdf.errors import LimitExceeded
from spark_pdf.render import limits
from spark_pdf.render.limits import cpu_limit


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def armed() -> bool:
    return signal.getitimer(signal.ITIMER_PROF) != (0.0, 0.0)


def test_work_within_the_limit_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with cpu_limit(5):
        assert armed()
    assert not armed()
    assert signal.getsignal(signal.SIGPROF) is before


def test_an_endless_loop_is_interrupted_and_the_handler_restored() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(LimitExceeded) as caught, cpu_limit(0.05):
        spin(60)
    assert caught.value.code == "limit_cpu"
    assert not armed()
    assert signal.getsignal(signal.SIGPROF) is before


def test_code_that_swallows_the_first_interruption_gets_another() -> None:
    swallowed = 0

    def swallow() -> None:
        nonlocal swallowed
        while swallowed < 50:
            try:
                spin(60)
            except Exception:
                swallowed += 1
                if swallowed == 2:
                    raise

    with pytest.raises(LimitExceeded), cpu_limit(0.05):
        swallow()
    assert swallowed == 2


PACKAGE = {
    "__init__.py": "import {name}.quick\nimport {name}.slow\nvalue = {name}.quick.value\n",
    "quick.py": "value = 1\n",
    "slow.py": "import time\nend = time.thread_time() + {seconds}\nwhile time.thread_time() < end:\n    pass\n",
}


@pytest.fixture
def slow_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Makes a package of that name, whose submodule takes so many CPU seconds to import."""

    def make(name: str, seconds: float) -> None:
        (tmp_path / name).mkdir()
        for file, text in PACKAGE.items():
            (tmp_path / name / file).write_text(text.format(name=name, seconds=seconds))

    monkeypatch.syspath_prepend(tmp_path)
    return make


def test_an_import_ends_before_it_is_interrupted(slow_package: Callable[[str, float], None]) -> None:
    slow_package("imported_slowly", 0.3)
    with pytest.raises(LimitExceeded), cpu_limit(0.05):
        importlib.import_module("imported_slowly")
    assert importlib.import_module("imported_slowly").value == 1
    assert not armed()


def test_an_import_that_does_not_end_is_interrupted(
    slow_package: Callable[[str, float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_IMPORT_SECONDS", 0.2)
    slow_package("imported_endlessly", 60)
    with pytest.raises(LimitExceeded), cpu_limit(0.05):
        importlib.import_module("imported_endlessly")


def test_an_import_that_the_work_lies_in_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that is imported may render while it is."""
    text = "from tests.unit.render.test_limits import spin\nfrom spark_pdf.render.limits import cpu_limit\n"
    (tmp_path / "renders_while_imported.py").write_text(f"{text}with cpu_limit(0.05):\n    spin(5)\n")
    monkeypatch.syspath_prepend(tmp_path)
    start = time.thread_time()
    with pytest.raises(LimitExceeded):
        importlib.import_module("renders_while_imported")
    assert time.thread_time() - start < 4


def test_time_that_passes_elsewhere_does_not_count() -> None:
    with cpu_limit(0.2):
        time.sleep(0.4)
        other = threading.Thread(target=spin, args=(0.4,))
        other.start()
        other.join()


def test_in_other_threads_the_time_is_checked_at_the_end() -> None:
    found: list[BaseException] = []

    def work() -> None:
        try:
            with cpu_limit(0.05):
                spin(0.1)
        except LimitExceeded as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(found) == 1


def test_an_error_of_the_work_is_not_replaced() -> None:
    with pytest.raises(KeyError), cpu_limit(5):
        raise KeyError
    assert not armed()
