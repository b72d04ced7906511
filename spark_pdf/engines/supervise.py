"""Rendering where a death does no harm: each record goes through a child process that may die of it.

In: records of a task whose first attempt did not end. Out: the same outcomes as in-process rendering; a record that
kills the child twice, the second time alone in a fresh process with limits, becomes a failure `worker_killed`. The
parent knows which record the child was at, so no breadcrumb needs to survive the machine.
"""

from __future__ import annotations

import resource
from typing import Protocol

from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.engines.outcome import Outcome, Renders, outcome_of
from spark_pdf.errors import WorkerError
from spark_pdf.model import Limits, Record


class Workshop(Protocol):
    """What a child makes its renderer from: a `RenderJob`, or preflight's bundle. Picklable."""

    @property
    def limits(self) -> Limits:
        """What a document may cost."""
        ...

    def renderer(self) -> Renders:
        """A renderer, made in the child."""
        ...


def cpu_fuse(limits: Limits) -> None:
    """Arm the kernel: a document that ignores its CPU limit (an endless call in C) ends this process by SIGXCPU.

    Renewed before each document. Twice the limit and two seconds more, because the process has other threads
    (uploads) and the limit proper is enforced from Python. Only for processes that are made to be lost: workers and
    children.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(usage.ru_utime + usage.ru_stime + 2 * limits.seconds_per_document) + 3
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or allowed < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def disarm_fuse() -> None:
    """Take the fuse out again: a worker outlives its task."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


class Supervised:
    """Renders records in a child process of its own. Call it like `RenderJob.render`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._child: Child | None = None

    def __call__(self, document_id: str, record: Record) -> Outcome:
        """One outcome, whatever the record does to the process that renders it."""
        try:
            return self._ask(document_id, record)
        except ChildDied:
            self.close()
        # The child may have died of what earlier records left behind: only a second death, alone, is the record's own.
        try:
            return self._ask(document_id, record)
        except ChildDied as death:
            self.close()
            detail = f"document {document_id}: the process that renders it ended twice ({death.reason})"
            return Outcome.failure(document_id, "worker_killed", detail)

    def _ask(self, document_id: str, record: Record) -> Outcome:
        child = self._child or self._start()
        answer: Outcome = child.request((document_id, record))
        return answer

    def _start(self) -> Child:
        """A child that has said that it is ready: one that dies before has died of no record."""
        self._child = child = Child("spark_pdf.engines.supervise:Server", self._workshop)
        try:
            child.request(None)
        except ChildDied as death:
            self.close()
            raise WorkerError(
                f"the process that is to render records apart did not start ({death.reason}); it may need more "
                "memory than the machine or limits.bytes_per_worker allows"
            ) from None
        return child

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None


class Server:
    """The child's side of `Supervised`."""

    def __init__(self, workshop: Workshop) -> None:
        memory = workshop.limits.bytes_per_worker
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self._limits = workshop.limits
        self._renderer = workshop.renderer()

    def __call__(self, request: tuple[str, Record] | None) -> Outcome | None:
        """Render one record. Out of memory ends the process: what it left behind cannot be trusted.

        None asks whether the child is ready.
        """
        if request is None:
            return None
        cpu_fuse(self._limits)
        try:
            return outcome_of(self._renderer, *request)
        except MemoryError:
            raise SystemExit(137) from None
