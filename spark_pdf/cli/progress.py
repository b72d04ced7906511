"""A run's progress on stderr: a bar on a terminal, a line now and then in a log; rate and remaining time in both.

A task's documents are known when it ends; while an engine's action runs, only how many tasks have. So documents are
estimated from tasks, which are cut to cost about the same.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from spark_pdf.cli import console
from spark_pdf.engines.progress import Progress
from spark_pdf.errors import DocumentError
from spark_pdf.model import TaskSummary
from spark_pdf.wording import duration, plural

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_PHASES = {
    "open": "opening",
    "preflight": "rendering a few records first",
    "measure": "counting the records",
    "render": "rendering",
    "commit": "committing",
}
_EVERY_SECONDS = 10.0


class RunProgress(Progress):
    """Shows a run. Use it as a context manager, so that the bar is taken away at the end.

    What an engine prints meanwhile goes to stderr too: Ray tells of dead workers on stdout, where results belong.
    """

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet, self._clock = quiet, clock
        self._records = self._partitions = self._ended = self._failed = self._shown = 0
        self._began = self._last = 0.0
        self._bar: Bar | None = None
        self._summaries = 0
        self._stdout = contextlib.redirect_stdout(sys.stderr)

    def __enter__(self) -> RunProgress:
        self._stdout.__enter__()
        if not self._quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._stdout.__exit__(None, None, None)

    def phase(self, name: str, detail: str = "") -> None:
        """A phase begins."""
        text = _PHASES.get(name, name) + (f" {detail}" if detail else "")
        if self._bar is not None:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(text, total=None, rate="")
        elif not self._quiet:
            console.note(text)

    def note(self, message: str) -> None:
        """Something to know."""
        if not self._quiet:
            self._print(console.coloured(message, "dim", sys.stderr))

    def failed_sample(self, error: DocumentError) -> None:
        """A record of the sample cannot be rendered."""
        self._print(console.coloured(f"warning: [{error.code}] {error}", "yellow", sys.stderr))

    def planned(self, records: int, partitions: int) -> None:
        """Rendering begins."""
        self._records, self._partitions = records, partitions
        self._ended = self._summaries = 0
        self._began = self._last = self._clock()
        if self._bar is not None:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task("rendering", total=records, rate="")
        elif not self._quiet:
            console.note(f"{plural(records, 'record')} in {plural(partitions, 'task')}")

    def advanced(self, partitions: int) -> None:
        """So many tasks have ended."""
        self._ended = max(self._ended, partitions)
        self._show()

    def finished(self, summary: TaskSummary) -> None:
        """One task is committed."""
        self._summaries += 1
        self._failed += summary.failed
        self._ended = max(self._ended, self._summaries)
        self._show()

    def _show(self) -> None:
        done = round(self._records * self._ended / self._partitions) if self._partitions else 0
        now = self._clock()
        line = _line(done, self._records, self._failed, now - self._began)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[-1], completed=done, rate=line)
        elif not self._quiet and now - self._last >= _EVERY_SECONDS:
            self._last = now
            console.note(f"{done:,} of {self._records:,}" + (f", {line}" if line else ""))

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)


def _line(done: int, total: int, failed: int, seconds: float) -> str:
    """Rate, remaining time, failures."""
    parts = []
    if done and seconds > 0:
        rate = done / seconds
        if rate >= 1:
            parts.append(f"{rate:,.0f} documents/s")
        if done < total:
            parts.append(f"{duration((total - done) / rate)} left")
    if failed:
        parts.append(f"{failed:,} failed")
    return ", ".join(parts)


def _bar() -> Bar:
    # Loaded for terminals only: a log has no use for it, and it takes its time.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    return Bar(*columns, console=Console(stderr=True), transient=True)
