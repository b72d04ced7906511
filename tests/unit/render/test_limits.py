"""The limit on CPU seconds: it interrupts in the main thread, tells afterwards in others, and leaves nothing behind."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from spark_pdf.errors import LimitExceeded
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
