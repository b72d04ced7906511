"""The one action of a wave, and what can be seen of it while it runs.

In: placed records and a job. Out: the summaries of all partitions, at once, when Spark has them. The action runs in
a thread of its own, so that the driver's thread can report progress and be interrupted.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from spark_pdf.engines.progress import Progress
from spark_pdf.engines.spark.adapters import Adapter, run_arrow, run_rdd
from spark_pdf.engines.spark.faults import from_worker
from spark_pdf.engines.spark.session import OpenSession
from spark_pdf.errors import UnsupportedError
from spark_pdf.model import TaskSummary

if TYPE_CHECKING:
    from pyspark.resource import ResourceProfile
    from pyspark.sql import DataFrame

    from spark_pdf.engines.job import RenderJob

_POLL_SECONDS = 0.5

Result = TypeVar("Result")


def choose_adapter(setting: str, connect: bool) -> Adapter:
    """`spark.adapter`. Auto is mapInArrow where it can be: every kind of session has it, and it costs a third."""
    if setting == "rdd":
        if connect:
            raise UnsupportedError("spark.adapter: rdd needs a classic session; Spark Connect has no RDDs: use arrow")
        return run_rdd
    if not connect and setting == "auto" and importlib.util.find_spec("pandas") is None:
        return run_rdd  # Spark refuses mapInArrow without pandas
    return run_arrow


def run_action(
    session: OpenSession,
    frame: DataFrame,
    job: RenderJob,
    adapter: Adapter,
    progress: Progress,
    profile: ResourceProfile | None = None,
) -> Iterator[TaskSummary]:
    """Run it and yield the summaries."""
    yield from watched(session, job, progress, lambda: adapter(frame, job, profile))


def watched(session: OpenSession, job: RenderJob, progress: Progress, action: Callable[[], Result]) -> Result:
    """What an action of Spark's gives. Spark's UI shows whose it is; an interrupt cancels it."""
    handle = _ConnectHandle(session, job) if session.connect else _ClassicHandle(session, job)
    outcome: dict[str, Any] = {}

    def act() -> None:
        try:
            handle.label()
            outcome["result"] = action()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=act, name=f"spark-pdf-{job.run_id}", daemon=True)
    thread.start()
    try:
        seen = 0
        while thread.is_alive():
            thread.join(_POLL_SECONDS)
            finished = handle.finished()
            if finished > seen:
                seen = finished
                progress.advanced(finished)
    except BaseException:
        handle.cancel()
        thread.join(30)
        raise
    if "error" in outcome:
        raise from_worker(outcome["error"]) from None
    return cast("Result", outcome["result"])


class _ClassicHandle:
    """A job group of a classic session."""

    def __init__(self, session: OpenSession, job: RenderJob) -> None:
        self._context = session.spark.sparkContext
        self._group = f"spark-pdf {job.run_id} wave {job.wave}"
        self._description = f"{job.run_id}: render wave {job.wave}"
        self._partitions = len(job.counts)

    def label(self) -> None:
        """Called in the thread that acts: groups belong to threads."""
        self._context.setJobGroup(self._group, self._description, interruptOnCancel=False)

    def finished(self) -> int:
        """Finished tasks of the stage that renders: of those with as many tasks as the plan, the last."""
        tracker = self._context.statusTracker()
        stages = sorted(
            stage
            for number in tracker.getJobIdsForGroup(self._group)
            if (info := tracker.getJobInfo(number)) is not None
            for stage in info.stageIds
        )
        infos = filter(None, map(tracker.getStageInfo, stages))
        found = [stage.numCompletedTasks for stage in infos if stage.numTasks == self._partitions]
        return found[-1] if found else 0

    def cancel(self) -> None:
        """Stop the job's tasks."""
        self._context.cancelJobGroup(self._group)


class _ConnectHandle:
    """A tagged operation of a Connect session, which tells nothing of its tasks until it ends."""

    def __init__(self, session: OpenSession, job: RenderJob) -> None:
        self._spark = session.spark
        self._tag = f"spark-pdf-{job.run_id}-{job.wave}".replace(",", "-")

    def label(self) -> None:
        """Called in the thread that acts: tags belong to threads."""
        self._spark.addTag(self._tag)

    def finished(self) -> int:
        """Unknown."""
        return 0

    def cancel(self) -> None:
        """Stop the operation."""
        self._spark.interruptTag(self._tag)
