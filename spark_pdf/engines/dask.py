"""The Dask engine: tasks of a client, on a cluster that is there or one that is started here; Dask DataFrames and Bags.

In: a config's `source`, or a DataFrame or Bag. Out: a finished run.

A task hands its partition to a child process that its worker keeps, one for each of its threads. A record may kill the
process that renders it: on a cluster that is shared, that must not be the worker, with what others hold in its memory,
and Dask would try the same task on three more. Threads of one worker would also share one interpreter, and limits on
CPU time hold in main threads only. A worker that dies of something else has its tasks run again by Dask, those that had
ended too; the first commit of a partition stands.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Generator, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.addresses import host_and_port
from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.engines.driver import run_opened
from spark_pdf.engines.local.processes import WORKER, end_of
from spark_pdf.engines.pool import Task, WorkerDied, run_partitions
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.records.files import shared
from spark_pdf.engines.records.parts import Part, PartWriter
from spark_pdf.engines.records.source import OrderedRecords
from spark_pdf.engines.records.worker import InStore
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import ConfigError, SourceError, UnsupportedError, WorkerError
from spark_pdf.model import TaskSummary

if TYPE_CHECKING:
    import dask.bag
    import dask.dataframe
    import pandas as pd
    from distributed import Client

    from spark_pdf.engines.job import RenderJob

_SECONDS = 60
"""For a scheduler to answer, and for its first worker to come."""


def run_frame(
    frame: dask.dataframe.DataFrame | dask.bag.Bag,
    config: Config,
    run_id: str | None = None,
    *,
    progress: Progress | None = None,
) -> RunResult:
    """Render every row of a Dask DataFrame, or every mapping of a Bag, on the client's cluster.

    The config's `source` says nothing here: the rows are copied below the run first, by Dask's workers, so that a retry
    sees the same. `document.id` is a column, or an expression of DuckDB's over the columns; an index is no column.
    """
    config = config.model_copy(update={"engine": "dask"})
    return run_opened(config, run_id, progress, lambda name: DaskRecordSource(config, name, progress, frame))


class DaskRecordSource(OrderedRecords):
    """See `engines.source.RecordSource`."""

    def __init__(
        self,
        config: Config,
        run_id: str,
        progress: Progress | None = None,
        frame: dask.dataframe.DataFrame | dask.bag.Bag | None = None,
    ) -> None:
        self._opened: list[Any] = []
        self._client: Client
        rows = None if frame is None else lambda writer: _copy_rows(frame, writer, self._client)
        super().__init__(config, run_id, progress, rows)
        try:
            self._client = self._connect()
            self.slots = config.dask.workers or _threads(self._client)
        except BaseException:
            self.close()
            raise

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """One task per slot; a partition whose process dies runs again, supervised."""
        del done  # the ordered file holds only what is still to do
        with shared(self.scratch, job) as records:
            yield from run_partitions(job, plan, Tasks(self._client, records, self.slots))

    def close(self) -> None:
        """Remove the scratch file; end the client and the cluster that were started here."""
        super().close()
        while self._opened:
            self._opened.pop().close()

    def _connect(self) -> Client:
        """The client of `dask.address`; else the one that is there; else that of a cluster started here."""
        try:
            import distributed
        except ImportError:
            raise UnsupportedError("`engine: dask` needs an extra: pip install 'spark-pdf[dask]'") from None
        target: Any = self._config.dask.address
        if target is None:
            try:
                return distributed.get_client()
            except ValueError:
                target = _local_cluster(self._config.dask.workers)
                self._opened.append(target)
        elif host_and_port(target) is None:  # its client would wait two minutes for what it never began
            raise ConfigError(f"dask.address: '{target}' is no address; tcp://host:8786 is", key="dask.address")
        # It prints the stacks of a connection that is lost; ours is raised as one sentence.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        try:
            client = distributed.Client(target, timeout=_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise WorkerError(f"dask.address: no scheduler answers at {target} ({type(error).__name__})") from None
        self._opened.append(client)
        return client


def _local_cluster(workers: int) -> Any:
    """Processes of this machine, which listen on loopback addresses only."""
    import distributed

    return distributed.LocalCluster(
        n_workers=workers or os.cpu_count() or 1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


def _threads(client: Client) -> int:
    """Threads of all workers. A cluster that scales by itself may have none until something is asked of it."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError:
        raise UnsupportedError(
            f"dask.workers: the cluster has no workers after {_SECONDS} seconds; where it scales by itself, say how "
            "many partitions to ask for at a time"
        ) from None
    return max(1, int(sum(client.nthreads().values())))


class Tasks:
    """See `engines.pool.Workers`."""

    def __init__(self, client: Client, records: InStore, slots: int) -> None:
        self.slots = slots
        self._client, self._records = client, records
        self._running: dict[str, Any] = {}

    def start(self, task: Task) -> Hashable:
        """Submit it. The key is random: a task that is asked for again has to run again."""
        key = f"spark-pdf-{task.job.run_id}-{task.job.wave}-{task.job.partition}-{secrets.token_hex(4)}"
        self._running[key] = self._client.submit(_render, self._records, task, key=key, pure=False)
        return key

    def ended(self) -> Iterator[tuple[Hashable, TaskSummary | Exception]]:
        """Ends of attempts, gathered at once: what is not with us dies with the worker that has it."""
        import distributed

        # As the current client: the caller may have another. What is cancelled has ended too.
        with self._client.as_current(), suppress(distributed.CancelledError):
            distributed.wait(list(self._running.values()), return_when="FIRST_COMPLETED")
        if self._client.status != "running":
            raise WorkerError("the scheduler was lost; the same run_id again resumes the run")
        for key in [key for key, future in self._running.items() if future.done()]:
            yield key, _end(self._running.pop(key))

    def close(self) -> None:
        """Forget the tasks, and end the processes that the workers keep for this wave."""
        if self._client.status == "running":
            self._client.cancel(list(self._running.values()))
            self._client.run(_let_go, self._records, on_error="ignore")


def _end(future: Any) -> TaskSummary | Exception:
    import distributed

    try:
        end: TaskSummary | Exception = future.result()
    except distributed.KilledWorker as death:
        return WorkerDied(type(death).__name__)
    except Exception as error:
        return WorkerError(
            f"Dask could not run an attempt ({type(error).__name__}); workers need spark_pdf as the driver"
        )
    return end


class _Children:
    """On a worker: the processes that its threads hand partitions to, by the records that they render."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[InStore, list[Child]] = {}
        self._busy: dict[InStore, set[Child]] = {}
        self._gone: set[InStore] = set()

    def take(self, records: InStore) -> Child:
        """One that waits, or a new one."""
        with self._lock:
            idle = self._idle.get(records)
            child = idle.pop() if idle else Child(WORKER, records)
            self._busy.setdefault(records, set()).add(child)
            return child

    def give(self, records: InStore, child: Child, lives: bool) -> None:
        """Keep it for the next partition, unless it or its wave has ended."""
        with self._lock:
            self._busy[records].discard(child)
            kept = lives and records not in self._gone
            if kept:
                self._idle.setdefault(records, []).append(child)
        if not kept:
            child.close()

    def let_go(self, records: InStore) -> None:
        """End all of a wave's."""
        with self._lock:
            self._gone.add(records)
            idle = self._idle.pop(records, [])
            for child in self._busy.get(records, ()):
                child.process.kill()  # the thread that waits for it hears of it, and closes it
        for child in idle:
            child.close()


_children = _Children()


def _render(records: InStore, task: Task) -> TaskSummary | Exception:
    """On a worker: hand a partition to a child. What it raises is a value, which Dask neither logs nor tries again."""
    child, lives = _children.take(records), False
    try:
        child.send(task)
        end, lives = end_of(child)
    except ChildDied as death:
        end = WorkerDied(death.reason)
    finally:
        _children.give(records, child, lives)
    return end


def _let_go(records: InStore) -> None:
    _children.let_go(records)


def _copy_rows(frame: Any, writer: PartWriter, client: Client) -> list[Part]:
    """Have Dask's workers write the partitions; what came of each."""
    if hasattr(frame, "to_dataframe"):  # a Bag
        copied = frame.map_partitions(_copy_bag, writer)
    else:
        copied = frame.map_partitions(_copy_frame, writer, meta=("part", "object"))
    try:
        return list(client.compute(copied).result())
    except Exception as error:
        raise SourceError(f"the frame cannot be computed ({type(error).__name__}); Dask's logs say why") from None


def _copy_bag(rows: Any, writer: PartWriter) -> list[Part]:
    import pyarrow

    def table() -> pyarrow.Table:
        found = list(rows)
        if not all(isinstance(row, dict) for row in found):
            raise SourceError("the Bag holds something else than mappings")
        return pyarrow.Table.from_pylist(found)

    return writer(table)


def _copy_frame(rows: pd.DataFrame, writer: PartWriter) -> pd.Series[Any]:
    import pandas
    import pyarrow

    parts = writer(lambda: pyarrow.Table.from_pandas(rows, preserve_index=False))
    return pandas.Series(parts, name="part", dtype="object")
