"""Erase: a person's documents go, over all committed runs, and what stays says that they did.

In: a config and document ids. Out: an `EraseReport`. Nothing that any row says of other documents changes but where
their bytes are. Each step may be the last before a crash; the same ids again go on where it stopped.

    1  write `_erasures/begun/<id>.json`         what was asked, when, and which objects will go
    2  repack                                    each pack that holds one, without it, under a new name; of packs that
                                                 runs share, whatever holds a copy of one
    3  rewrite the table                         the rows become `erased`, their neighbours point to the new packs
    4  rewrite statuses of a queue               in their place, that the document was erased
    5  delete packs and objects                  the table names them no more
    6  purge the table                           files of its earlier state, and what crashes left of later ones
    7  scrub task manifests                      rows of the ids lose all but their name; and reports go, which name
                                                 documents: `spark-pdf report` writes others
    8  delete copies of the source               of committed runs that have the ids in them
    9  delete attempts that lost                 packs of these runs that no row names, with one of the ids in them;
                                                 objects of a queue's days that neither a row nor a status names
   10  drop dead letters                         of streams, of the edge, and those that the caller brings
   11  write the log `_erasures/<id>.json`       what was done, and what could not be looked at

Until 3 a reader sees everything, from 3 on nothing. A worker that renders one of the documents again meanwhile finds
its status, and takes its object back. Runs that are not committed are left alone, because they may be
rendering; the report names those that hold something, and erasing is complete when there are none.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.errors import CommitFailed, NotFound, UsageError
from spark_pdf.manifest.days import is_day
from spark_pdf.manifest.dead_letters import Letters, file_letters
from spark_pdf.manifest.files import read_json, write_json
from spark_pdf.manifest.leftovers import (
    all_runs,
    drop_copies,
    drop_lost_objects,
    drop_lost_packs,
    pending_days,
    scrub_tasks,
    unfinished_runs,
)
from spark_pdf.manifest.repack import Kept, repack
from spark_pdf.manifest.rewriting import Gone, MovedError, Place, Touched, erasing
from spark_pdf.manifest.runs import Clock, utc_now
from spark_pdf.manifest.schema import DOCUMENT, ERASED
from spark_pdf.manifest.shared import begun_rollups, shared_packs, unnamed
from spark_pdf.manifest.table import ManifestTable, open_table
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.documents import locate
from spark_pdf.store.locations import (
    BEGUN_ERASURES,
    KeyTemplate,
    RunLocations,
    begun_erasure,
    erasure_log,
    run_of_batch,
    shared_by,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECTS = "objects"
"""Where a begun erasure says which objects are a document's alone: no row does, once it is rewritten."""

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class EraseReport:
    """What was erased. `runs`: those that had rows of the ids. `unfinished`: runs that may still hold some.

    `elsewhere`: runs of another output that shares the table. Their documents are gone, and their files below `_runs`
    are for an erasure by their own config. `letters`: dead letters that were dropped. `unseen`: where others may
    be, and why they could not be looked at.
    """

    erasure_id: str
    document_ids: tuple[str, ...]
    documents: int = 0
    rows: int = 0
    runs: tuple[str, ...] = ()
    packs: int = 0
    objects: int = 0
    copies: int = 0
    unfinished: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    letters: int = 0
    unseen: tuple[str, ...] = ()

    @property
    def log(self) -> str:
        """Where it is written down, below the output."""
        return erasure_log(self.erasure_id)

    @property
    def complete(self) -> bool:
        """Whether no run, and no dead letters, were left out."""
        return not self.unfinished and not self.unseen

    def to_json(self) -> dict[str, Any]:
        """A mapping for `--output json` and the log."""
        values = {name: getattr(self, name) for name in EraseReport.__slots__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()} | {
            "complete": self.complete
        }


def erase(
    config: Config,
    document_ids: Collection[str],
    *,
    table: ManifestTable | None = None,
    store: ObjectStore | None = None,
    clock: Clock = utc_now,
    letters: Sequence[Letters] = (),
    unseen: Sequence[str] = (),
) -> EraseReport:
    """Erase the documents of these ids. Doing it again does nothing more.

    `letters`: dead letters elsewhere than in files; `unseen`: what of them the caller could not bring, for the report.
    Raises `UsageError` for an id that neither a committed run nor a dead letter has, before anything is touched;
    `StoreError` and `CommitFailed` where the store or the table fail: the same again goes on.
    """
    ids = tuple(dict.fromkeys(document_ids))
    store = store or output_store(config)
    places = (*file_letters(config, store), *letters)
    return _Erase(config, ids, table or open_table(config), store, clock, places, tuple(unseen)).go()


@dataclass
class _Found:
    """Rows of the ids in the table, by run; and the objects that hold them."""

    rows: int = 0
    documents: int = 0
    runs: set[str] = field(default_factory=set)
    objects: dict[str, str] = field(default_factory=dict)
    """uri to run"""
    single: dict[str, list[str]] = field(default_factory=dict)
    """document id to the objects that are its alone"""
    days: set[str] = field(default_factory=set)
    """of a queue, that have one of the ids"""
    names: set[str] = field(default_factory=set)
    """keys of documents below their day"""
    lettered: dict[str, set[str]] = field(default_factory=dict)
    """document id to the days of its dead letters"""

    @property
    def packs(self) -> dict[str, str]:
        return {uri: run for uri, run in self.objects.items() if uri.endswith(".zip")}


@dataclass
class _Erase:
    """One call of `erase`."""

    config: Config
    ids: tuple[str, ...]
    table: ManifestTable
    store: ObjectStore
    clock: Clock
    letters: Sequence[Letters]
    unseen: tuple[str, ...]
    _letters_of: dict[str, set[str]] | None = None

    def go(self) -> EraseReport:
        """All steps."""
        found = self._find()
        started = self.clock()
        erasure_id = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        begun = {"format": 1, "document_ids": list(self.ids), "started_at": started.isoformat()}
        interrupted = list(self._interrupted())
        write_json(self.store, begun_erasure(erasure_id), {**begun, OBJECTS: found.single})
        self._wait_for_rollups(found.runs, begun_erasure(erasure_id))
        trace = f"erased on {started:%Y-%m-%d} (erasure {erasure_id})"
        packs, objects = self._erase(found, trace)
        for key, said in interrupted:
            self._continue(key, said)
        self.table.purge(Gone(frozenset(self.ids), frozenset(found.runs)))
        for run_id in sorted(found.runs):
            scrub_tasks(self.store, run_id, self.ids, trace)
            drop_lost_packs(self.store, self.table, run_id, self.ids)
        self.store.delete(RunLocations(run_id).report for run_id in sorted(found.runs))
        for day in sorted(found.days):
            drop_lost_objects(self.store, self.table, day, found.names)
        dropped = sum(place.drop(self.ids) for place in self.letters)
        known = all_runs(self.store, self.table)
        copies = drop_copies(self.store, [run for run, there in known.items() if there], self.ids)
        others = [run for run, there in known.items() if not there]
        days = [run for run in others if is_day(self.store, run)]  # no runs: their batches are
        unfinished = unfinished_runs(self.store, [run for run in others if run not in days], self.config)
        unfinished += pending_days(self.store, self.table, days, self.ids)
        report = EraseReport(
            erasure_id, self.ids, found.documents, found.rows, tuple(sorted(found.runs)), packs, objects, copies,
            tuple(unfinished), tuple(sorted(found.runs - known.keys())), dropped, self.unseen,
        )  # fmt: skip
        ended = {"continues": [said["erasure_id"] for _, said in interrupted], "finished_at": self.clock().isoformat()}
        write_json(self.store, report.log, {**begun, **report.to_json(), **ended})
        self.store.delete((begun_erasure(erasure_id),))
        return report

    def _wait_for_rollups(self, runs: Collection[str], mark: str) -> None:
        """A roll-up copies what is erased here: of both, each writes its mark before it looks for the other's."""
        going = {of for of in begun_rollups(self.store).values() if any(run_id.startswith(of) for run_id in runs)}
        if going:
            self.store.delete((mark,))
            raise UsageError(
                f"{self.store.uri}: a roll-up of {', '.join(sorted(going))} goes on, or was interrupted: roll up "
                "again to its end, then erase; nothing was erased"
            )

    def _scrub_statuses(self, found: _Found, trace: str) -> None:
        """What a queue has written of the ids beside their documents: in its place, that they were erased.

        So a message that comes again finds that its document has had its fate, and makes it no more. A document that
        was only a dead letter has no status yet: it gets one.
        """
        for locations in map(RunLocations, sorted(found.days)):
            for document_id in self.ids:
                gone = {
                    "format": 1, "run_id": locations.run_id, "document_id": document_id, "state": ERASED,
                    "record_hash": "", "entry": None, "made_by": None, "again": None, "at": trace,
                }  # fmt: skip
                status, accepted = locations.status(document_id), locations.accepted(document_id)
                lettered = locations.run_id in found.lettered.get(document_id, ())
                if lettered or self.store.exists(status):
                    write_json(self.store, status, gone)
                if self.store.exists(accepted):
                    write_json(self.store, accepted, gone)

    def _interrupted(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Erasures that did not end, or go on by somebody else's hand, and are about some of these ids."""
        for info in self.store.list(BEGUN_ERASURES):
            said = read_json(self.store, info.key)
            if said is not None and not set(self.ids).isdisjoint(said["document_ids"]):
                yield info.key, {**said, "erasure_id": info.key.rpartition("/")[2].removesuffix(".json")}

    def _continue(self, key: str, said: Mapping[str, Any]) -> None:
        """Delete objects that an interrupted erasure may have left: no row names them any more."""
        objects, others = dict(said[OBJECTS]), sorted(set(said["document_ids"]) - set(self.ids))
        for document_id in self.ids:
            self._delete(objects.pop(document_id, []))
        if others:
            write_json(self.store, key, {**said, "document_ids": others, OBJECTS: objects})
        else:
            self.store.delete((key,))

    def _find(self) -> _Found:
        found, seen = _Found(), set()
        columns = ["run_id", "document_id", "status", "uri", "sha256"]
        for batch in self.table.scan(columns, document_ids=self.ids):
            for row in batch.to_pylist():
                seen.add(row["document_id"])
                found.runs.add(row["run_id"])
                found.rows += row["status"] != ERASED
                found.documents += row["status"] == DOCUMENT
                if row["uri"] is not None:
                    found.objects[row["uri"]] = row["run_id"]
                    if not row["uri"].endswith(".zip"):
                        found.single.setdefault(row["document_id"], []).append(row["uri"])
                        found.names.add(_own_name(row))
        for key in shared_packs(self.store, found.runs, self.ids):
            found.objects.setdefault(self.store.uri_of(key), "")
        self._look_around(found)
        begun = {name for _, said in self._interrupted() for name in said["document_ids"]}
        absent = [one for one in self.ids if one not in seen | begun and one not in found.lettered]
        if absent or not self.ids:
            more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
            named = ", ".join(f"'{one}'" for one in absent[:5])
            raise UsageError(f"{self.table.uri}: no committed run has {named}{more}; nothing was erased")
        return found

    def _look_around(self, found: _Found) -> None:
        """Dead letters, and a queue's days: what their objects may be called that no row names."""
        found.lettered = self._lettered()
        template = KeyTemplate(self.config.output.key)
        if set(template.fields) <= {"document_id"}:
            found.names |= {template.key({}, document_id) for document_id in self.ids}
        days = {day for run_id in found.runs if (day := run_of_batch(run_id)) is not None}
        found.days = {day for day in days if is_day(self.store, day)}.union(*found.lettered.values())

    def _lettered(self) -> dict[str, set[str]]:
        """Which ids have dead letters, and of which of a queue's days. They are looked for once."""
        if self._letters_of is None:
            self._letters_of = {}
            for place in self.letters:
                for document_id, days in place.find(self.ids).items():
                    self._letters_of.setdefault(document_id, set()).update(days)
        return self._letters_of

    def _erase(self, found: _Found, trace: str) -> tuple[int, int]:
        """Repack, rewrite, delete; how many packs and objects went."""
        packs = objects = 0
        for _ in range(_ATTEMPTS):
            moved: dict[Place, Place] = {}
            try:
                for uri, kept in self._neighbours(found.packs).items():
                    store, key = self._locate(uri)
                    moved |= repack(store, key, kept, self.config.output.tags)
                touched = Touched(frozenset(found.packs), frozenset(self.ids))
                self.table.rewrite(touched, erasing(self.ids, moved, found.objects, trace))
            except (MovedError, NotFound) as error:
                # Another erasure was faster. In Parquet the rows of some runs may point to what was packed by now.
                self._delete(unnamed(self.table, {uri for uri, _ in moved.values()}))
                again = self._find()
                if isinstance(error, NotFound) and again.objects == found.objects:
                    raise
                found.objects = again.objects
                continue
            self._scrub_statuses(found, trace)
            self._delete(found.objects)
            packs += len(found.packs)
            objects += len(found.objects) - len(found.packs)
            # Two that erase from a pack that runs share may each have copied what the other takes.
            left = shared_packs(self.store, found.runs, self.ids)
            if not left:
                return packs, objects
            found.objects = dict.fromkeys(map(self.store.uri_of, left), "")
        raise CommitFailed(f"{self.table.uri}: other rewrites were faster {_ATTEMPTS} times; erase again")

    def _neighbours(self, packs: Mapping[str, str]) -> dict[str, list[Kept]]:
        """What else the manifest has in these packs."""
        found: dict[str, list[Kept]] = {uri: [] for uri in packs}
        gone = set(self.ids)
        # Rows of which runs may name it: its own run's, or of a pack that runs share, of all those.
        whose = {uri: {"run_prefix": of} if (of := shared_by(uri)) else {"run_id": run} for uri, run in packs.items()}
        for filters in {tuple(one.items()): one for one in whose.values()}.values():
            for row in self._rows_of(filters):
                if whose.get(row["uri"]) == filters and row["document_id"] not in gone:
                    found[row["uri"]].append(Kept(row["offset"], row["length"], row["sha256"]))
        return found

    def _rows_of(self, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        columns = ["document_id", "uri", "offset", "length", "sha256"]
        for batch in self.table.scan(columns, status=DOCUMENT, **filters):
            yield from batch.to_pylist()

    def _locate(self, uri: str) -> tuple[ObjectStore, str]:
        return locate(uri, self.config.store_options(uri))

    def _delete(self, uris: Collection[str]) -> None:
        by_store: dict[str, tuple[ObjectStore, list[str]]] = {}
        for uri in uris:
            store, key = self._locate(uri)
            by_store.setdefault(store.uri, (store, []))[1].append(key)
        for store, keys in by_store.values():
            store.delete(keys)


def _own_name(row: Mapping[str, Any]) -> str:
    """The key of an object below its run, without the hash that tells it from an earlier one of its name."""
    name = row["uri"].partition(f"/{run_of_batch(row['run_id']) or row['run_id']}/")[2].removesuffix(".pdf")
    mark = f"-{(row['sha256'] or '')[:24]}"
    return str(name.rpartition(mark)[0] if mark != "-" and mark in name else name)
