"""What a worker needs to know to render a partition: small, frozen, picklable, and silent about its secrets.

In: what the driver decided. Out: the worker's output store and its renderer, which lives as long as the worker process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.model import Limits
from spark_pdf.store import ObjectStore, open_store
from spark_pdf.store.locations import RunLocations, bundle_archive
from spark_pdf.store.options import ResolvedOptions

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.render.renderer import Renderer


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One wave's work. `extra` is the Arrow schema of the source columns that the manifest copies.

    `hashed` are the columns that make a record's hash, where not all that are read do.

    `partition` is -1 until an engine hands the job to a task with `at`. `supervised`: an earlier attempt of this task
    did not end, so records are rendered in a child process that may die of them. `rendered`: the records are rows of
    documents already (`engines.rows`). `archive`: the bundle itself, for workers that reach no store.
    """

    run_id: str
    wave: int
    config: Config
    bundle_hash: str
    template: str
    renderer_version: str
    output: ResolvedOptions
    extra: pa.Schema
    hashed: Sequence[str] | None = None
    counts: Sequence[int] = ()
    partition: int = -1
    supervised: bool = False
    rendered: bool = False
    archive: bytes = field(default=b"", repr=False)

    @property
    def locations(self) -> RunLocations:
        """Where the run's files are."""
        return RunLocations(self.run_id)

    @property
    def limits(self) -> Limits:
        """What a document may cost."""
        return self.config.limits

    def at(self, partition: int, supervised: bool = False) -> RenderJob:
        """The job of one task. What other tasks are expected to see stays behind."""
        expected = self.counts[partition : partition + 1] if self.counts else ()
        return replace(self, partition=partition, supervised=supervised, counts=expected)

    def store(self) -> ObjectStore:
        """The output store."""
        return open_store(self.config.output.uri, self.output)

    def renderer(self) -> Renderer:
        """This process's renderer of the job's bundle; made once, from the archive that the driver left."""
        from spark_pdf.render.worker import renderer_for

        return renderer_for(self.bundle_hash, self._archive, self.limits)

    def _archive(self) -> bytes:
        return self.archive or self.store().read(bundle_archive(self.bundle_hash))


def keep_bundle(store: ObjectStore, bundle_hash: str, archive: Callable[[], bytes]) -> None:
    """Leave a template bundle in the output: for workers, and so that what is rendered can be made again.

    By its hash, so that a stream's many runs share one.
    """
    key = bundle_archive(bundle_hash)
    if not store.exists(key):
        store.create(key, archive())
