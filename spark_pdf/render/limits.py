"""A limit on the CPU seconds of one document.

In the main thread of a process, where Spark's and our own workers render, a profiling timer (`ITIMER_PROF`)
interrupts the work wherever Python code runs; a signal that comes during one long call into C is seen when that
returns (an endless one is the supervisor's to end), and an import ends first, because half a module would stay behind
for the documents that follow. Other threads, and systems without interval timers, have no such
interruption: there the time is checked when the work ends and wherever it calls `check`. Arming and disarming takes 2
µs.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import CodeType, FrameType, TracebackType

from spark_pdf.errors import LimitExceeded

try:  # the one in `signal` is this one, with handlers turned into enums and back, which takes 40,000 instructions
    from _signal import signal as set_handler  # type: ignore[import-not-found]
except ImportError:
    from signal import signal as set_handler

_AGAIN = 0.1
"""CPU seconds after which the signal comes again, where somebody's `except Exception` has swallowed the first."""

_HAS_TIMER = hasattr(signal, "setitimer")

_IMPORT_SECONDS = 10.0
"""CPU seconds beyond the limit for an import that is under way: a `template.py` can write one that never ends."""


class cpu_limit:  # noqa: N801 - reads as the statement that it is: with cpu_limit(10):
    """A context that raises `LimitExceeded` ("limit_cpu") after so many CPU seconds of the current thread."""

    __slots__ = ("_active", "_end", "_previous", "_seconds", "_timed", "_work")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = 0.0
        self._active = self._timed = False
        self._previous: object = None
        self._work: CodeType | None = None

    def __enter__(self) -> cpu_limit:
        self._end = time.thread_time() + self._seconds
        self._timed = _HAS_TIMER and threading.current_thread() is threading.main_thread()
        if self._timed:
            self._work = sys._getframe(1).f_code
            self._previous = set_handler(signal.SIGPROF, self._interrupt)
            self._active = True
            signal.setitimer(signal.ITIMER_PROF, max(self._seconds, 0.001), _AGAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disarm()
        if kind is None:
            self.check()

    def check(self) -> None:
        """Raise `LimitExceeded` if the time is over."""
        if time.thread_time() > self._end:
            text = f"more than {self._seconds:g} CPU seconds (limits.seconds_per_document)"
            raise LimitExceeded("limit_cpu", text)

    def disarm(self) -> None:
        """Stop the timer; calling it twice does no harm."""
        self._active = False
        if self._timed:
            signal.setitimer(signal.ITIMER_PROF, 0)
            set_handler(signal.SIGPROF, self._previous)
            self._timed = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """The timer counts all threads of the process; what decides is the time of this one."""
        if self._active and not (self._imports(frame) and time.thread_time() < self._end + _IMPORT_SECONDS):
            self.check()

    def _imports(self, frame: FrameType | None) -> bool:
        """Whether the work is amid an import.

        Python takes a package whose import is interrupted out of `sys.modules`, but leaves its submodules there; they
        would be missing as attributes of the package that the next import makes.
        """
        while frame is not None and frame.f_code is not self._work:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return True
            frame = frame.f_back
        return False
