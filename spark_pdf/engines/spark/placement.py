"""Which task renders a record: a pure function of its document id and the plan.

In: a `PartitionPlan`. Out: SQL for an id's bucket; for partition and key, SQL or rows. Spark places a row by
pmod(Murmur3(key, seed 42), n); each partition p is given a key whose hash is p, so that partition p is task p in
every version of Spark, over Connect too, and nothing is ranged, sampled or left to adaptive execution. Should an
engine that calls itself Spark hash otherwise, tasks hold other partitions than their own number, or several: still
each partition whole, in one task.
"""

from __future__ import annotations

from spark_pdf.engines.source import BUCKETS, ID_COLUMN, PARTITION_COLUMN, PartitionPlan

BUCKET_COLUMN = "__bucket"
KEY_COLUMN = "__key"

BUCKET_SQL = f"CAST(pmod(xxhash64(`{ID_COLUMN}`), {BUCKETS}L) AS INT)"
"""The hash bucket of a document id."""

_SEED = 42
_MASK = 0xFFFFFFFF


def murmur3_int(value: int, seed: int = _SEED) -> int:
    """Murmur3 (x86, 32 bit) of one 32-bit integer, signed, as Spark's `hash(int)`."""
    k = (value * 0xCC9E2D51) & _MASK
    k = ((k << 15) | (k >> 17)) & _MASK
    k = (k * 0x1B873593) & _MASK
    h = seed ^ k
    h = ((h << 13) | (h >> 19)) & _MASK
    h = (h * 5 + 0xE6546B64) & _MASK
    h ^= 4  # the length in bytes
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & _MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & _MASK
    h ^= h >> 16
    return h - (1 << 32) if h & 0x80000000 else h


def keys(partitions: int) -> list[int]:
    """For each partition the smallest non-negative integer that Spark's hash partitioning puts there."""
    found: dict[int, int] = {}
    candidate = 0
    while len(found) < partitions:
        found.setdefault(murmur3_int(candidate) % partitions, candidate)
        candidate += 1
    return [found[partition] for partition in range(partitions)]


FEW = 64
"""Partitions up to which a plan is an expression; more are a table that is joined."""


def placement_sql(plan: PartitionPlan) -> tuple[str, str]:
    """Partition and key of a row as SQL over its bucket: for a small plan, a join would take longer than the rest."""
    later = list(enumerate(plan.bounds[1 : plan.partitions], 1))
    cases = "".join(f"WHEN `{BUCKET_COLUMN}` >= {bound} THEN {partition} " for partition, bound in reversed(later))
    partition = f"CASE {cases}ELSE 0 END" if cases else "0"
    listed = ", ".join(map(str, keys(plan.partitions)))
    return partition, f"element_at(array({listed}), `{PARTITION_COLUMN}` + 1)"


def placement_rows(plan: PartitionPlan) -> list[tuple[int, int, int, int]]:
    """(first bucket, last bucket, partition, key) of every partition."""
    return [
        (plan.bounds[partition], plan.bounds[partition + 1] - 1, partition, key)
        for partition, key in enumerate(keys(plan.partitions))
    ]
