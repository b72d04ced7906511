"""Child processes of this machine as workers of the pool.

In: where the ordered records are, and how many processes. Out: ends of attempts. A process serves one attempt after
another; one that died, or ran out of memory, is replaced.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterator
from multiprocessing.connection import wait

from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.engines.pool import Task, WorkerDied
from spark_pdf.engines.records.worker import OnDisk
from spark_pdf.model import TaskSummary

WORKER = "spark_pdf.engines.records.worker:Worker"


class Processes:
    """See `engines.pool.Workers`."""

    def __init__(self, records: OnDisk, slots: int) -> None:
        self.records = records
        self.slots = slots
        self._idle: list[Child] = []
        self._busy: dict[object, Child] = {}

    def start(self, task: Task) -> Hashable:
        """Hand it to a process that waits, or to a new one."""
        child = self._idle.pop() if self._idle else Child(WORKER, self.records)
        self._busy[child.connection] = child
        with contextlib.suppress(ChildDied):  # seen again, and counted, when its pipe is read
            child.send(task)
        return child.connection

    def ended(self) -> Iterator[tuple[Hashable, TaskSummary | Exception]]:
        """Ends of attempts."""
        for connection in wait(list(self._busy)):  # type: ignore[arg-type]
            child = self._busy.pop(connection)
            end, lives = end_of(child)
            if lives:
                self._idle.append(child)
            yield connection, end

    def close(self) -> None:
        """Kill what renders; the others end at their closed pipes."""
        for child in self._busy.values():
            child.kill()
        for child in self._idle:
            child.close()


def end_of(child: Child) -> tuple[TaskSummary | Exception, bool]:
    """How the attempt that a child is at ends, and whether the child can be asked again; else it is closed."""
    try:
        summary: TaskSummary = child.receive()
    except ChildDied as death:
        child.close()
        return WorkerDied(death.reason), False
    except MemoryError as error:
        child.close()  # what it holds is what there was too much of
        return error, False
    except Exception as error:
        return error, True
    return summary, True
