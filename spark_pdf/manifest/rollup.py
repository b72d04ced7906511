"""Roll up: the small packs of many runs become few large ones. Documents, hashes and rows stay what and whose they are.

In: a config, and how the runs' ids begin (a stream's day, an edge's name). Out: a `RollupReport`. Only what is
committed is touched; a run that commits meanwhile is for the next time. The steps, each of which may be the last
before a crash; the same again goes on:

    1  write `_rollups/<token>.json`   which runs; an erasure waits until it is gone, as we do for erasures
    2  merge                           small packs into one, `rolled/<runs>/...`, as large as packs may be
    3  rewrite the table               the rows point there, in one commit (Parquet: one a run)
    4  take `_rollups/<token>.json` away, and those of calls that were killed

2 and 3 are repeated while there are two small packs. The packs that no row names any more are vacuum's, after its
grace period: whoever has read the rows before can still read the bytes. A crash before 3 leaves a pack that no row
names, which is vacuum's too.

Roll-ups and erasures keep out of each other's way by their marks: each writes its own, and only then looks for the
other's. For a roll-up copies what an erasure takes.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.errors import CommitFailed, RunSuperseded, SparkPdfError, StoreError, UsageError
from spark_pdf.manifest.files import write_json
from spark_pdf.manifest.repack import Kept, merge
from spark_pdf.manifest.rewriting import MovedError, Place, Touched, moving
from spark_pdf.manifest.runs import Clock, utc_now
from spark_pdf.manifest.schema import DOCUMENT
from spark_pdf.manifest.shared import begun_rollups, unnamed
from spark_pdf.manifest.table import ManifestTable, open_table
from spark_pdf.manifest.tasks import new_attempt_id
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.locations import (
    BEGUN_ERASURES,
    ROLLED,
    begun_rollup,
    rolled_folder,
    rolled_pack,
    run_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

_ATTEMPTS = 5
_STEP_PACKS = 4
"""New packs of one commit, at most: so much is copied anew if another rewrite was faster."""

_COLUMNS = ("run_id", "document_id", "uri", "offset", "length", "sha256")


@dataclass(frozen=True, slots=True)
class RollupReport:
    """What was done: `merged` packs have become `packs`. `runs`: how many have rows that point elsewhere now."""

    prefix: str
    runs: int = 0
    documents: int = 0
    bytes: int = 0
    merged: int = 0
    packs: int = 0

    def to_json(self) -> dict[str, Any]:
        """Every field."""
        return asdict(self)


def rollup(
    config: Config,
    prefix: str,
    *,
    table: ManifestTable | None = None,
    store: ObjectStore | None = None,
    clock: Clock = utc_now,
) -> RollupReport:
    """Merge the small packs of committed runs whose ids begin with `prefix`. Doing it again does nothing more.

    Raises `UsageError` where an erasure has begun and not ended, `StoreError` and `CommitFailed` where store or table
    fail: the same again goes on.
    """
    rolled_folder(prefix)
    store = store or output_store(config)
    return _Rollup(config, prefix, table or open_table(config), store, clock).go()


@dataclass
class _Small:
    """A small pack: what rows name of it, each with its run and document id."""

    key: str
    bytes: int = 0
    rows: list[tuple[str, str, Kept]] = field(default_factory=list)


@dataclass
class _Rollup:
    """One call of `rollup`."""

    config: Config
    prefix: str
    table: ManifestTable
    store: ObjectStore
    clock: Clock

    def go(self) -> RollupReport:
        """All steps."""
        mark = begun_rollup(secrets.token_hex(8))
        write_json(self.store, mark, {"format": 1, "runs": self.prefix, "started_at": self.clock().isoformat()})
        if next(iter(self.store.list(BEGUN_ERASURES)), None) is not None:
            self.store.delete((mark,))
            raise UsageError(
                f"{self.store.uri}: an erasure goes on, or was interrupted: erase the same ids again, then roll up"
            )
        # Whoever has another mark stops before its next commit: it was killed, or we take its place.
        begun = begun_rollups(self.store)
        self.store.delete([key for key, runs in begun.items() if runs == self.prefix and key != mark])
        try:
            done = self._merge_all(mark)
        except SparkPdfError:
            # It has ended and copies nothing any more. A pack that cannot be read must not keep erasures waiting.
            with suppress(StoreError):
                self.store.delete((mark,))
            raise
        self.store.delete((mark,))
        return done

    def _merge_all(self, mark: str) -> RollupReport:
        """Step by step; what was planned is planned anew where another rewrite was faster."""
        report, runs, faster = RollupReport(self.prefix), set[str](), 0
        groups = self._plan()
        while groups:
            now, groups = groups[:_STEP_PACKS], groups[_STEP_PACKS:]
            try:
                self._step(now, mark)
            except MovedError:
                faster += 1
                if faster == _ATTEMPTS:
                    text = f"{self.table.uri}: other rewrites were faster {faster} times; roll up again"
                    raise CommitFailed(text) from None
                groups = self._plan()
                continue
            small = [one for group in now for one in group]
            runs.update(run_id for one in small for run_id, _, _ in one.rows)
            report = RollupReport(
                self.prefix,
                len(runs),
                report.documents + sum(len(one.rows) for one in small),
                report.bytes + sum(one.bytes for one in small),
                report.merged + len(small),
                report.packs + len(now),
            )
        return report

    def _plan(self) -> list[list[_Small]]:
        """Small packs, in groups of which each becomes a pack: by run, so that neighbours stay neighbours."""
        most = self.config.output.pack_bytes
        groups: list[list[_Small]] = []
        size = most
        # Half as large is large enough: then a group that another pack does not fit into is, too.
        for one in self._packs(most // 2):
            if size + one.bytes > most:
                groups.append([])
                size = 0
            groups[-1].append(one)
            size += one.bytes
        return [group for group in groups if len(group) > 1]

    def _packs(self, most: int) -> Sequence[_Small]:
        """Packs of this output that rows of these runs name, of so many bytes at most.

        Rows are read twice, because only those of small packs are kept: a day may have millions of others.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        root, sizes = f"{self.store.uri}/", Counter[str]()
        for batch in self._rows(("uri", "length")):
            sums = pa.Table.from_batches([batch]).group_by("uri").aggregate([("length", "sum")])
            sizes.update(dict(zip(sums["uri"].to_pylist(), sums["length_sum"].to_pylist(), strict=True)))
        places = (f"{root}packs/", f"{root}{ROLLED}/")
        found = {
            uri: _Small(uri.removeprefix(root), size)
            for uri, size in sizes.items()
            if size <= most and uri.endswith(".zip") and uri.startswith(places)
        }
        wanted = pa.array(found, pa.string())
        for batch in self._rows(_COLUMNS) if found else ():
            for row in batch.filter(pc.is_in(batch["uri"], wanted)).to_pylist():
                place = Kept(row["offset"], row["length"], row["sha256"])
                found[row["uri"]].rows.append((row["run_id"], row["document_id"], place))
        seen = (pack for pack in found.values() if pack.rows)  # nobody has moved all of it meanwhile
        return sorted(seen, key=lambda pack: min(row[:2] for row in pack.rows))

    def _rows(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        return self.table.scan(columns, run_prefix=self.prefix, status=DOCUMENT)

    def _step(self, groups: Sequence[Sequence[_Small]], mark: str) -> None:
        """Merge, and point the rows there. Raises `MovedError` if another rewrite was faster."""
        moved: dict[Place, Place] = {}
        planned: dict[tuple[str, str], Place] = {}
        for group in groups:
            sources = {one.key: [place for _, _, place in one.rows] for one in group}
            target = rolled_pack(self.prefix, new_attempt_id())
            moved |= merge(self.store, sources, target, self.config.output.tags, _entry_name)
            for one in group:
                uri = self.store.uri_of(one.key)
                planned |= {(run_id, document_id): (uri, place.offset) for run_id, document_id, place in one.rows}
        if not self.store.exists(mark):
            raise RunSuperseded(f"another roll-up of {self.prefix} has begun since; this one stops")
        try:
            self.table.rewrite(Touched(run_ids=frozenset(run_id for run_id, _ in planned)), moving(moved, planned))
        except MovedError:
            # In Parquet some of the runs may point there by now.
            fresh = unnamed(self.table, {uri for uri, _ in moved.values()})
            self.store.delete(uri.removeprefix(f"{self.store.uri}/") for uri in fresh)
            raise


def _entry_name(key: str, name: str) -> str:
    """What a document is called in a pack of several runs: the same id may be in each of them."""
    return name if key.startswith(f"{ROLLED}/") else f"{run_of(key)}/{name}"
