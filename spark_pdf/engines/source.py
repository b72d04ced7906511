"""What an engine brings: records that can be pinned, counted, and cut into partitions.

In: a config's `source`. Out: a schema for the contract, a snapshot to pin the run to, an independent count, and one
`TaskSummary` for each partition. `PartitionPlan` is the pure function from a document id's hash bucket to its
partition.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from spark_pdf.model import Record, TaskSummary

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.engines.job import RenderJob
    from spark_pdf.manifest.baseline import Mode

BUCKETS = 1 << 16
"""Hash buckets of document ids: the grain of planning. A plan has at most so many partitions."""

ID_COLUMN = "__document_id"
"""Column in which the engine hands over the document id, a string. Taken off before the template sees the record."""

EXPECTED_COLUMN = "__expected"
"""Column in which the engine hands over the record hash that the manifest has of the id: equal, it is skipped."""

PARTITION_COLUMN = "__partition"
"""Column in which the engine hands over the partition that the plan gives the record."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a run reads, exactly: a Delta version, an Iceberg snapshot, a list of files with sizes and ETags.

    `detail` is JSON-able and holds no secrets. `summary` is one line for people.
    """

    kind: str
    summary: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over kind and detail: equal if and only if the run would read the same records."""
        text = json.dumps([self.kind, self.detail], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Measure:
    """Records and cost by hash bucket, counted by the engine before anything renders.

    `counts[b]` and `costs[b]` are for the buckets in `buckets`, ascending; buckets without records are left out. This
    is the independent count that a job commit is checked against. `left_out` records are not among them: the engine
    knows from the baseline alone that they are not rendered.
    """

    buckets: Sequence[int]
    counts: Sequence[int]
    costs: Sequence[float]
    left_out: int = 0

    @property
    def records(self) -> int:
        """Number of records."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """Partition p holds the buckets b with bounds[p] <= b < bounds[p + 1]. `counts[p]` records are expected in it.

    An empty plan (no partitions) is what seals a wave that never got one.
    """

    bounds: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def partitions(self) -> int:
        """Number of partitions."""
        return len(self.counts)

    @property
    def records(self) -> int:
        """Number of records that the wave has to account for."""
        return sum(self.counts)

    def to_json(self) -> dict[str, Any]:
        """A mapping for the plan file."""
        return {"bounds": list(self.bounds), "counts": list(self.counts)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> PartitionPlan:
        """The plan that a plan file holds."""
        return cls(tuple(value["bounds"]), tuple(value["counts"]))


class RecordSource(Protocol):
    """One source, opened by one engine for one run."""

    slots: int
    """Tasks that run at the same time."""

    def schema(self) -> pa.Schema:
        """Arrow schema of the records, before column pruning. Raises `SourceError`."""
        ...

    def prune(self, columns: Sequence[str] | None) -> None:
        """Keep only these top-level columns from now on (None: all). Raises `SourceError` for one that is absent."""
        ...

    def only(self, failures: Sequence[str]) -> None:
        """Keep only records whose ids have `status = 'failure'` in one of these Parquet files, given by URI."""
        ...

    def against(self, mode: Mode, baseline: Sequence[str]) -> None:
        """Compare with what the manifest has: Parquet files of `manifest.baseline`, given by URI.

        `missing`: records whose ids it has are left out. `changed`: `EXPECTED_COLUMN` comes along with each record,
        and only ids that were erased are left out.
        """
        ...

    def snapshot(self) -> Snapshot:
        """What this source reads; materialises it below `_runs/<run>/source` first where it cannot be pinned."""
        ...

    def sample(self, count: int) -> list[Record]:
        """A few records with `ID_COLUMN`, for preflight; cheap, in no particular order."""
        ...

    def measure(self, done: Sequence[str]) -> Measure:
        """Count and cost by bucket of the records whose ids no file of `done` has as a document.

        `done`: URIs of task manifests. Raises `SourceError` if an id is null or occurs twice; names up to five.
        """
        ...

    def execute(self, job: RenderJob, plan: PartitionPlan, done: Sequence[str]) -> Generator[TaskSummary, None, None]:
        """Render every partition of the plan: exactly one action, one summary for each partition."""
        ...

    def close(self) -> None:
        """Let go of what the source holds."""
        ...
