"""Partitions over a few child processes, of which any may die.

In: a job, a plan, the scratch file. Out: a `TaskSummary` per partition, in the order in which they end. A partition
whose process died, or whose store or machine failed, runs again, up to `ATTEMPTS` times; after a death, or without
memory, in supervised mode.
"""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterator
from multiprocessing.connection import wait

from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.engines.job import RenderJob
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import AccessDenied, SparkPdfError, StoreError, WorkerError
from spark_pdf.model import TaskSummary

ATTEMPTS = 4
WORKER = "spark_pdf.engines.local.worker:Worker"


def run_partitions(job: RenderJob, plan: PartitionPlan, path: str, slots: int) -> Iterator[TaskSummary]:
    """Render all partitions of the plan in `slots` processes. Raises what a partition's last attempt raised."""
    pending = collections.deque((p, 0, False) for p in range(plan.partitions) if plan.counts[p])
    busy: dict[object, tuple[Child, int, int]] = {}
    idle: list[Child] = []
    try:
        while pending or busy:
            while pending and len(busy) < slots:
                partition, attempt, supervised = pending.popleft()
                child = idle.pop() if idle else Child(WORKER, path)
                busy[child.connection] = (child, partition, attempt + 1)
                with contextlib.suppress(ChildDied):  # seen again, and counted, when its pipe is read below
                    child.send((job.at(partition, supervised), plan.bounds[partition], plan.bounds[partition + 1]))
            for connection in wait(list(busy)):  # type: ignore[arg-type]
                child, partition, attempt = busy.pop(connection)
                try:
                    summary = child.receive()
                except ChildDied as death:
                    child.close()
                    if attempt >= ATTEMPTS:
                        message = f"partition {partition} ended its process {attempt} times ({death.reason})"
                        raise SparkPdfError(message) from None
                    pending.append((partition, attempt, True))
                except MemoryError:
                    child.close()  # what it holds is what there was too much of
                    if attempt >= ATTEMPTS:
                        raise WorkerError(f"partition {partition} ran out of memory {attempt} times") from None
                    pending.append((partition, attempt, True))
                except (StoreError, WorkerError, OSError) as error:
                    idle.append(child)
                    if attempt >= ATTEMPTS or isinstance(error, AccessDenied):
                        raise _ours(error, partition) from None
                    pending.append((partition, attempt, False))
                except BaseException:
                    child.kill()
                    raise
                else:
                    idle.append(child)
                    yield summary
    finally:
        for child, _, _ in busy.values():
            child.kill()
        for child in idle:
            child.close()


def _ours(error: StoreError | WorkerError | OSError, partition: int) -> SparkPdfError:
    """The error of ours that says it; the text of an `OSError` names a file and no data."""
    if isinstance(error, OSError):
        return WorkerError(f"partition {partition} failed {ATTEMPTS} times: {type(error).__name__}: {error.strerror}")
    return error
