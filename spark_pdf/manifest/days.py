"""A queue's day: documents and statuses below `<service>-<day>`, whose rows its batches have, each a run of its own.

In: a store, the manifest's table, a day's name. Out: a `Day`, which knows what nobody needs any more:

    objects      that neither a row nor a status names, which has none yet, or was made after its row
    statuses     that have a row, and that `retention.status_days` lets go; those of erased documents stay
    accepted     submissions whose status has gone, or has not come in all that time
    begun        how often documents were begun that killed their workers, or that nobody submits any more

Everything else stays, and all of a day of which anything was written lately: a worker may be at it. What a worker finds
of an attempt that died it takes for its own only while that is fresh (`ADOPTED_FOR`), so nothing that is taken
here can be named by a status afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from spark_pdf.errors import UsageError
from spark_pdf.manifest.files import as_written, read_json
from spark_pdf.manifest.schema import ERASED
from spark_pdf.manifest.table import ManifestTable, runs
from spark_pdf.manifest.unique import UniqueIds
from spark_pdf.store.locations import RunLocations, run_of_batch

if TYPE_CHECKING:
    from spark_pdf.store import ObjectInfo, ObjectStore

ADOPTED_FOR = timedelta(hours=1)
"""How old an object may be that a worker adopts from an attempt that died before it."""

QUIET = timedelta(days=1)
"""How long a day has to be silent at least, whatever the grace period: longer than `ADOPTED_FOR` by any clock."""

DayState = Literal["recent", "queue", "elsewhere"]


def is_day(store: ObjectStore, name: str) -> bool:
    """Whether a folder of runs that has no run.json is a queue's day."""
    try:
        locations = RunLocations(name)
    except UsageError:
        return False
    if not {"accepted", "status"}.isdisjoint(store.folders(locations.folder)):
        return True
    bundle = re.compile(rf"{re.escape(locations.folder)}/bundle-[0-9a-f]{{32}}\.zip")
    return any(bundle.fullmatch(one.key) for one in store.list(locations.folder))


def batches_of(table: ManifestTable, days: Collection[str]) -> dict[str, list[str]]:
    """By day, the committed runs that have its rows."""
    found: dict[str, list[str]] = {day: [] for day in days}
    for _, run_id in runs(table) if found else ():
        day = run_of_batch(run_id)
        if day in found:
            found[day].append(run_id)
    return found


@dataclass
class Day:
    """A day and what may be taken of it. `note` says what is odd, or why nothing is taken."""

    name: str
    state: DayState = "queue"
    garbage: list[ObjectInfo] = field(default_factory=list)
    statuses: int = 0
    uploads: int = 0
    note: str = ""


@dataclass(frozen=True)
class DayReader:
    """Finds out what may be taken of days. `kept_for`: how long statuses are kept; None is for ever."""

    store: ObjectStore
    table: ManifestTable
    grace: timedelta
    kept_for: timedelta | None
    now: datetime

    def look(self, day: Day, batches: Sequence[str], expiring: Collection[str]) -> None:
        """Fill in a day's garbage. `expiring`: URIs of objects whose rows are about to name them no more."""
        rows, found, orphans, seen = self._looked(day.name, batches, expiring)
        newest = found.newest
        if newest is not None and self.now - newest < max(self.grace, QUIET):
            day.state = "recent"
        elif seen < len(rows.objects) and orphans:
            missing = len(rows.objects) - seen
            day.note = f"{missing} objects that its rows name are not below {self.store.uri}; nothing of it is taken"
        else:
            day.garbage, day.statuses = [*orphans, *found.garbage], found.gone
            if found.rowless:
                day.note = (
                    f"{found.rowless} with a status and no row stay: run `spark-pdf queue compact`, or, where the "
                    "broker has lost their entries, submit them again for that day"
                )

    def orphans(self, day: str, batches: Sequence[str]) -> Sequence[ObjectInfo]:
        """A day's objects that neither a row nor a status names; some may have been stored at this moment."""
        return self._looked(day, batches, ())[2]

    def _looked(
        self, day: str, batches: Sequence[str], expiring: Collection[str]
    ) -> tuple[_Rows, _Statuses, list[ObjectInfo], int]:
        """Rows, statuses, objects without a name; how many of those that rows name are there."""
        # The rows first: what is committed meanwhile has a status already, and counts as one without a row.
        rows = _Rows.read(self.table, day, batches, expiring)
        found = _Statuses(self, RunLocations(day), rows)
        found.read()
        orphans, seen = [], 0
        for one in documents_of(self.store, day):
            found.newest = max(found.newest or one.modified, one.modified)
            digest = UniqueIds.hash(one.key)
            if digest in rows.objects:
                seen += 1
            elif digest not in found.objects:
                orphans.append(one)
        return rows, found, orphans, seen


def documents_of(store: ObjectStore, day: str) -> Iterator[ObjectInfo]:
    """The objects of a day's documents."""
    for fan_out in store.folders("documents"):
        yield from store.list(f"documents/{fan_out}/{day}")


@dataclass(frozen=True)
class _Rows:
    """What the manifest has of a day: names of objects, and by status file when its row was committed."""

    objects: set[int]
    committed: Mapping[int, datetime]
    erased: set[int]

    @classmethod
    def read(cls, table: ManifestTable, day: str, batches: Sequence[str], but: Collection[str]) -> _Rows:
        objects: set[int] = set()
        committed: dict[int, datetime] = {}
        erased: set[int] = set()
        locations = RunLocations(day)
        for run_id in batches:
            for batch in table.scan(["document_id", "status", "uri", "committed_at"], run_id=run_id):
                for row in batch.to_pylist():
                    name = UniqueIds.hash(_file_name(locations.status(row["document_id"])))
                    committed[name] = row["committed_at"]
                    if row["status"] == ERASED:
                        erased.add(name)
                    if row["uri"] is not None and row["uri"] not in but:
                        objects.add(UniqueIds.hash(_key_of(row["uri"], day)))
        return cls(objects, committed, erased)


class _Statuses:
    """A day's statuses and submissions, looked through."""

    def __init__(self, reader: DayReader, locations: RunLocations, rows: _Rows) -> None:
        self._reader, self._locations, self._rows = reader, locations, rows
        self.newest: datetime | None = None
        self.objects: set[int] = set()
        self.garbage: list[ObjectInfo] = []
        self.gone = self.rowless = 0
        self._standing: set[int] = set()

    def read(self) -> None:
        """Look at all of them; those that no row speaks for are read."""
        for one in self._list("status"):
            name = UniqueIds.hash(_file_name(one.key))
            committed = self._rows.committed.get(name)
            self.rowless += committed is None
            if committed is None or one.modified > committed:
                self._read(one.key)
            if committed is not None and name not in self._rows.erased and self._is_over(one):
                self.garbage.append(one)
                self.gone += 1
            else:
                self._standing.add(name)
        for one in self._list("accepted"):
            if UniqueIds.hash(_file_name(one.key)) not in self._standing and self._is_over(one):
                self.garbage.append(one)
        self.garbage += self._list("begun")

    def _list(self, folder: str) -> Iterator[ObjectInfo]:
        for one in self._reader.store.list(f"{self._locations.folder}/{folder}"):
            self.newest = max(self.newest or one.modified, one.modified)
            yield one

    def _is_over(self, one: ObjectInfo) -> bool:
        kept_for, age = self._reader.kept_for, self._reader.now - one.modified
        return kept_for is not None and age >= max(kept_for, self._reader.grace)

    def _read(self, key: str) -> None:
        """Keep the object that a status names."""
        status = read_json(self._reader.store, key)
        if status is not None:  # nobody has taken it meanwhile
            with as_written(key):
                uri = (status["entry"] or {}).get("uri")
                if uri is not None:
                    self.objects.add(UniqueIds.hash(_key_of(uri, self._locations.run_id)))


def _key_of(uri: str, day: str) -> str:
    """The key of a document's object; the root may be spelt otherwise by now.

    A URI that has no key of this day comes out as it is: a row that names such a one counts as missing.
    """
    match = re.search(rf"/(documents/(?:[0-9a-f]{{1,4}}|all)/{re.escape(day)}/.+)$", uri)
    return match[1] if match else uri


def _file_name(key: str) -> str:
    return key.rpartition("/")[2]
