"""The Ray engine: actors that render, each as long as the run lasts, so that its caches do; and Ray Datasets.

In: a config's `source`, or a Ray Dataset. Out: a finished run.

Partitions are rendered by plain actors under our own loop of attempts, and not by Ray Data's `map_batches`, for three
reasons. A Python exception ends a dataset, where a store that fails for a moment should cost one attempt. A function
cannot tell a retry from a first attempt there, so a record that kills its worker would kill each that follows. And
blocks are cut by size and merged at will, where a task commit is about the records that the plan gave its partition.
What a Dataset's rows are copied with is `map_batches`: those functions run where the blocks are, and what one that is
run again writes twice counts once.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Generator, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.addresses import refusal
from spark_pdf.engines.driver import run_opened
from spark_pdf.engines.pool import ATTEMPTS, Task, WorkerDied, run_partitions
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.records.files import shared
from spark_pdf.engines.records.parts import Part, PartWriter
from spark_pdf.engines.records.source import OrderedRecords
from spark_pdf.engines.records.worker import InStore, Worker
from spark_pdf.engines.result import RunResult
from spark_pdf.engines.source import PartitionPlan
from spark_pdf.errors import SourceError, UnsupportedError, WorkerError
from spark_pdf.model import TaskSummary

if TYPE_CHECKING:
    import pyarrow as pa
    import ray.data

    from spark_pdf.engines.job import RenderJob

_OBJECT_STORE = 128 * 1024 * 1024
"""Of a Ray that is started here: only jobs and summaries go through it, and Ray would take a third of all memory."""

_LOOK_SECONDS = 5
"""After so long without news, whether Ray's nodes live is asked."""


def run_dataset(
    dataset: ray.data.Dataset, config: Config, run_id: str | None = None, *, progress: Progress | None = None
) -> RunResult:
    """Render every row of a Ray Dataset, on the cluster that it belongs to.

    The config's `source` says nothing here: the rows are copied below the run first, by Ray's workers, so that a retry
    sees the same. `document.id` is a column, or an expression of DuckDB's over the columns.
    """
    config = config.model_copy(update={"engine": "ray"})
    return run_opened(config, run_id, progress, lambda name: RayRecordSource(config, name, progress, dataset))


class RayRecordSource(OrderedRecords):
    """See `engines.source.RecordSource`."""

    def __init__(
        self,
        config: Config,
        run_id: str,
        progress: Progress | None = None,
        dataset: ray.data.Dataset | None = None,
    ) -> None:
        rows = None if dataset is None else lambda writer: _copy_rows(dataset, writer)
        self._ours = False
        super().__init__(config, run_id, progress, rows)
        try:
            self._ours = _connect(config)
            self.slots = _actors(config)
        except BaseException:
            self.close()
            raise

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """One actor per slot; a partition whose actor dies runs again, supervised."""
        del done  # the ordered file holds only what is still to do
        with shared(self.scratch, job) as records:
            yield from run_partitions(job, plan, Actors(records, self.slots, self._config.ray.num_cpus))

    def close(self) -> None:
        """Remove the scratch file, and end the Ray that was started here."""
        super().close()
        if self._ours:
            import ray

            self._ours = False
            ray.shutdown()


class Actors:
    """See `engines.pool.Workers`. An actor gets a task when it has started: until then, others that have may take it,
    so that no run waits for a node that never comes.
    """

    def __init__(self, records: InStore, slots: int, num_cpus: float) -> None:
        import ray

        self.slots = slots
        self._records = records
        self._actor = ray.remote(num_cpus=num_cpus)(_Actor)
        self._waiting: deque[tuple[Hashable, Task]] = deque()
        self._starting: dict[Any, Any] = {}
        self._busy: dict[Any, tuple[Hashable, Any]] = {}
        self._idle: list[Any] = []
        self._failed_starts = 0

    def start(self, task: Task) -> Hashable:
        """Hand it to an actor that waits, or to the next that does."""
        name = object()
        self._waiting.append((name, task))
        self._assign()
        return name

    def ended(self) -> Iterator[tuple[Hashable, TaskSummary | Exception]]:
        """The end of the next attempt that ends."""
        while True:
            ref = self._next()
            if ref in self._starting:
                self._started(ref)
                self._assign()
                continue
            name, actor = self._busy.pop(ref)
            end = self._end(ref, actor)
            self._assign()
            yield name, end
            return

    def _next(self) -> Any:
        """What is there next. An actor may wait for a node that is yet to come, but not where the last one has died:
        Ray itself would wait for ever.
        """
        import ray

        while True:
            found, _ = ray.wait([*self._starting, *self._busy], num_returns=1, timeout=_LOOK_SECONDS)
            if found:
                return found[0]
            if not any(node["Alive"] for node in ray.nodes()):
                raise WorkerError("none of Ray's nodes lives any more; the same run_id again resumes the run")

    def close(self) -> None:
        """End all actors, whatever they are doing."""
        import ray

        for actor in (*self._starting.values(), *(actor for _, actor in self._busy.values()), *self._idle):
            ray.kill(actor)

    def _assign(self) -> None:
        while self._waiting and self._idle:
            name, task = self._waiting.popleft()
            actor = self._idle.pop()
            self._busy[actor.render.remote(task)] = name, actor
        while len(self._starting) < min(len(self._waiting), self.slots - len(self._busy)):
            actor = self._actor.remote(self._records)
            self._starting[actor.ready.remote()] = actor

    def _started(self, ref: Any) -> None:
        import ray

        actor = self._starting.pop(ref)
        try:
            ray.get(ref)
        except ray.exceptions.RayError as error:
            self._failed_starts += 1
            if self._failed_starts >= ATTEMPTS:
                kind = type(error).__name__
                message = f"Ray's actors do not start ({kind}); every node needs spark_pdf as the driver has it"
                raise WorkerError(message) from None
        else:
            self._failed_starts = 0
            self._idle.append(actor)

    def _end(self, ref: Any, actor: Any) -> TaskSummary | Exception:
        import ray

        try:
            end: TaskSummary | Exception = ray.get(ref)
        except ray.exceptions.RayActorError as error:
            ray.kill(actor)  # one that was only out of reach would render beside its successor
            return WorkerDied(type(error).__name__)
        except ray.exceptions.RayError as error:
            ray.kill(actor)
            return WorkerError(f"Ray could not run an attempt ({type(error).__name__})")
        if isinstance(end, MemoryError):
            ray.kill(actor)  # what it holds is what there was too much of
        else:
            self._idle.append(actor)
        return end


class _Actor:
    """One process of Ray's. What an attempt raises is a value, which Ray neither logs nor tries again."""

    def __init__(self, records: InStore) -> None:
        self._worker = Worker(records)

    def ready(self) -> None:
        """Say that the process has started."""

    def render(self, task: Task) -> TaskSummary | Exception:
        """Render a partition."""
        try:
            return self._worker(task)
        except Exception as error:
            return portable(error)


def portable(error: Exception) -> Exception:
    """The error, if it can travel; else one that says its type."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__} in a worker")
    return error


def _connect(config: Config) -> bool:
    """Be connected to Ray; whether it was started here."""
    try:
        import ray
    except ImportError:
        raise UnsupportedError("`engine: ray` needs an extra: pip install 'spark-pdf[ray]'") from None
    if ray.is_initialized():
        return False
    address = config.ray.address or os.environ.get("RAY_ADDRESS")
    quiet = {"log_to_driver": False, "logging_level": "warning"}
    if address is None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
        cpus = max(os.cpu_count() or 1, int(-(-config.ray.actors * config.ray.num_cpus // 1)))
        try:
            ray.init(
                "local",
                num_cpus=cpus,
                object_store_memory=_OBJECT_STORE,
                include_dashboard=False,
                _node_ip_address="127.0.0.1",
                **quiet,
            )
        except Exception as error:  # a bare Exception where its processes take too long
            raise WorkerError(
                f"Ray cannot be started on this machine ({type(error).__name__}): its processes have half a minute; "
                "try again, or name a cluster in ray.address. Its logs are in /tmp/ray/session_latest/logs"
            ) from error
        return True
    named = "ray.address" if config.ray.address else "RAY_ADDRESS"
    if why := refusal(address):  # Ray itself tries for minutes, and prints each time
        raise WorkerError(f"{named}: no cluster answers at {address} ({why})")
    try:
        ray.init(address, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise WorkerError(f"{named}: no cluster answers at {address} ({type(error).__name__})") from None
    return True


def _actors(config: Config) -> int:
    """How many actors: those that the config names, else those that the cluster has CPUs for."""
    import ray

    num_cpus = config.ray.num_cpus
    largest = max((node["Resources"].get("CPU", 0.0) for node in ray.nodes() if node["Alive"]), default=0.0)
    if largest < num_cpus:
        raise UnsupportedError(
            f"ray.num_cpus: no node of the cluster has {num_cpus:g} CPUs; the largest has {largest:g}"
        )
    return config.ray.actors or max(1, int(ray.cluster_resources().get("CPU", 0.0) // num_cpus))


def _copy_rows(dataset: ray.data.Dataset, writer: PartWriter) -> list[Part]:
    """Have Ray's workers write the blocks; what came of each."""
    import ray

    copied = dataset.map_batches(_copy_block, batch_format="pyarrow", batch_size=None, fn_kwargs={"writer": writer})
    try:
        return [pickle.loads(row["part"]) for row in copied.take_all()]
    except ray.exceptions.RayError as error:
        kind = type(getattr(error, "cause", None) or error).__name__
        raise SourceError(f"the Dataset cannot be computed ({kind}); Ray's logs say why") from None


def _copy_block(rows: pa.Table, writer: PartWriter) -> pa.Table:
    """On a worker of Ray Data's: one block."""
    import pyarrow

    parts = [pickle.dumps(part) for part in writer(lambda: rows)]
    return pyarrow.table({"part": pyarrow.array(parts, pyarrow.binary())})
