"""Vacuum: takes what no committed entry references, and nothing that anybody may still need.

In: a config. Out: a `VacuumReport` of what is (or would be) taken. A run is looked at only when its driver has sent no
heartbeat for the grace period. Then

    committed       what its rows do not name: packs and objects of attempts that lost, data files of appends that
    failed abandoned       everything but run.json, after the run has been closed for good
    rolled          packs that runs share (`rollup`), and that no row names any more
    elsewhere       nothing: the run belongs to another manifest table that shares the output
    queue           of a queue's day, whose rows its batches have: what `manifest.days` says

and of these, multipart uploads that nobody finished. Of a committed run the files of the protocol stay, and its copy of
the source: they prove the run, and with the bundle they can make its documents again. Files without a run.json are
strangers' and stay.

Closing an abandoned run has to hold against a driver that wakes up, or starts, at the same moment. run.json is
marked first, which keeps new drivers out; a wave is claimed, which supersedes older ones; after a pause, for a driver
that was between the two, all of it is checked once more. Then the task manifests go before the packs: a job commit
without them appends nothing.
"""

from __future__ import annotations

import re
import secrets
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Literal
from urllib.parse import quote

from spark_pdf.config import Config
from spark_pdf.errors import StoreError, UsageError
from spark_pdf.manifest.commit import LEASE
from spark_pdf.manifest.days import Day, DayReader, batches_of, is_day
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.retention import superseded
from spark_pdf.manifest.rewriting import Touched, expiring
from spark_pdf.manifest.runs import Clock, Run, find_run, remember_state, utc_now
from spark_pdf.manifest.schema import DOCUMENT
from spark_pdf.manifest.shared import begun_rollups
from spark_pdf.manifest.table import CommitInfo, ManifestTable, open_table
from spark_pdf.manifest.unique import UniqueIds
from spark_pdf.manifest.waves import find_wave, highest_wave, start_wave
from spark_pdf.store import ObjectInfo, ObjectStore, output_store
from spark_pdf.store.locations import ROLLED, RUNS, RunLocations, run_of, run_of_batch, shared_by
from spark_pdf.store.uris import parse_uri

GRACE = timedelta(days=7)
"""How long a run has to be silent. It can be resumed until then, and not after a vacuum."""

PAUSE = 60.0
"""Seconds between closing abandoned runs and taking their files: longer than any driver takes from pin to wave."""

_DRIVER = "vacuum"  # the driver id of the wave that closes a run

_TAKEN = ("committed", "abandoned", "queue")

RunState = Literal["recent", "committed", "abandoned", "elsewhere", "kept", "queue", "rolled"]


@dataclass(frozen=True, slots=True)
class RunVacuum:
    """What became of one run: objects and bytes taken (or, in a dry run, that would be). `note` says why none were.

    `expired`: its documents that later runs have replaced, and that `retention` lets go. `statuses`: those of a queue's
    day among the objects. "rolled": of the packs that runs share
    whose ids begin with `run_id`.
    """

    run_id: str
    state: RunState
    objects: int = 0
    bytes: int = 0
    uploads: int = 0
    note: str = ""
    expired: int = 0
    statuses: int = 0

    @classmethod
    def of_day(cls, day: Day) -> RunVacuum:
        """What became of a queue's day."""
        size = sum(one.size for one in day.garbage)
        return cls(day.name, day.state, len(day.garbage), size, day.uploads, day.note, statuses=day.statuses)


@dataclass(frozen=True, slots=True)
class VacuumReport:
    """What was taken, by run. `strangers` are folders among the documents that belong to no run of this output."""

    dry_run: bool
    runs: tuple[RunVacuum, ...] = ()
    strangers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def objects(self) -> int:
        """Objects taken, of all runs."""
        return sum(run.objects for run in self.runs)

    @property
    def expired(self) -> int:
        """Replaced documents that are kept no longer, of all runs."""
        return sum(run.expired for run in self.runs)

    @property
    def bytes(self) -> int:
        """Bytes freed, of all runs, without unfinished uploads, whose size no store says."""
        return sum(run.bytes for run in self.runs)

    @property
    def uploads(self) -> int:
        """Unfinished uploads taken, of all runs."""
        return sum(run.uploads for run in self.runs)

    def to_json(self) -> dict[str, Any]:
        """A mapping for `--output json`."""
        runs = [{name: getattr(run, name) for name in RunVacuum.__slots__} for run in self.runs]
        totals = {"objects": self.objects, "bytes": self.bytes, "uploads": self.uploads, "expired": self.expired}
        return {
            "dry_run": self.dry_run, **totals, "runs": runs, "strangers": list(self.strangers), "notes":
            list(self.notes),
        }  # fmt: skip


def manifest_identity(config: Config) -> str:
    """Which manifest table a config means, however its URI is spelt: run.json has it, for vacuum to know its own."""
    uri = config.manifest_uri()
    return f"iceberg:{uri}" if config.manifest.format == "iceberg" else f"{config.manifest.format}:{parse_uri(uri).uri}"


def vacuum(
    config: Config,
    run_id: str | None = None,
    *,
    dry_run: bool = True,
    grace: timedelta = GRACE,
    table: ManifestTable | None = None,
    clock: Clock = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> VacuumReport:
    """Take, or by default only count, what nobody references, of one run or of all in this output.

    Raises `UsageError` for a grace period shorter than a driver's lease and for a run that is not there, `StoreError`
    if the store fails; running it again goes on where it stopped.
    """
    if grace < LEASE:
        raise UsageError(f"a grace period below {LEASE.seconds} seconds could take files of a driver that is alive")
    store = output_store(config)
    retention = config.retention
    job = _Vacuum(
        store, table or open_table(config), manifest_identity(config), dry_run, grace, clock, sleep,
        _days(retention.superseded_days), _days(retention.status_days),
    )  # fmt: skip
    return job.go(run_id)


def _days(count: float | None) -> timedelta | None:
    return None if count is None else timedelta(days=count)


@dataclass
class _Known:
    """A run and what will be done with it. `garbage` is a committed run's; of an abandoned one nearly all is."""

    run: Run
    state: RunState
    info: CommitInfo | None = None
    garbage: list[ObjectInfo] = field(default_factory=list)
    objects: int = 0
    bytes: int = 0
    uploads: int = 0
    wave: int = 0
    note: str = ""
    expiring: Mapping[str, int] = field(default_factory=dict)

    def count(self, one: ObjectInfo) -> None:
        self.objects += 1
        self.bytes += one.size

    def keep(self, why: str) -> None:
        self.garbage, self.expiring, self.objects, self.bytes, self.note = [], {}, 0, 0, why

    def report(self) -> RunVacuum:
        expired = sum(self.expiring.values())
        return RunVacuum(self.run.run_id, self.state, self.objects, self.bytes, self.uploads, self.note, expired)


@dataclass
class _Vacuum:
    """One call of `vacuum`."""

    store: ObjectStore
    table: ManifestTable
    identity: str
    dry_run: bool
    grace: timedelta
    clock: Clock
    sleep: Callable[[float], None]
    kept_for: timedelta | None = None
    statuses_for: timedelta | None = None
    _rolled: Mapping[int, ObjectInfo] = field(default_factory=dict)
    _fan_outs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By run: the folders of layout objects that have a folder of its documents."""

    def go(self, run_id: str | None) -> VacuumReport:
        """All steps: know the runs, find what is theirs, close the abandoned ones, take."""
        now = self._now()
        folders = self.store.folders(RUNS) if run_id is None or is_day(self.store, run_id) else [run_id]
        runs: dict[str, _Known] = {}
        for name in folders:
            known = self._known(name, now) if run_id in (None, name, run_of_batch(name)) else None
            if known is not None:
                runs[name] = known
        days = {
            name: Day(name)
            for name in ([run_id] if run_id is not None else folders)
            if name not in runs and is_day(self.store, name)
        }
        if run_id is not None and run_id not in runs and not days:
            raise UsageError(f"{self.store.uri}: there is no run {run_id}")
        self._find_replaced(runs, now)
        self._fan_outs = self._folders_of_runs(run_id)
        self._rolled = {UniqueIds.hash(one.key): one for one in self.store.list(ROLLED)}
        for known in runs.values():
            self._find(known, now, in_day=run_of_batch(known.run.run_id) in days)
        self._find_days(days, runs, now)
        if not self.dry_run:
            self._expire(runs.values())
            self._take(list(runs.values()), now)
            for day in days.values():
                self.store.delete(one.key for one in day.garbage)
        notes = self._uploads({**runs, **days}, now)
        reports = (*(known.report() for known in runs.values()), *map(RunVacuum.of_day, days.values()))
        if run_id is None:
            reports = (*reports, *(self._vacuum_rolled(folder, now) for folder in self.store.folders(ROLLED)))
        strangers = self._strangers({**runs, **days}) if run_id is None else ()
        return VacuumReport(self.dry_run, tuple(sorted(reports, key=lambda one: one.run_id)), strangers, notes)

    def _find_days(self, days: Mapping[str, Day], runs: Mapping[str, _Known], now: datetime) -> None:
        """What nobody needs any more of days whose batches are silent, and this manifest's."""
        reader = DayReader(self.store, self.table, self.grace, self.statuses_for, now)
        batches = batches_of(self.table, days)
        for name, day in days.items():
            own = [known for known in runs.values() if run_of_batch(known.run.run_id) == name]
            states = {known.state for known in own}
            if "recent" in states:
                day.state = "recent"
            elif "elsewhere" in states:
                day.state, day.note = "elsewhere", next(known.note for known in own if known.state == "elsewhere")
            else:
                reader.look(day, batches[name], {uri for known in own for uri in known.expiring})

    def _find_replaced(self, runs: Mapping[str, _Known], now: datetime) -> None:
        """Objects of which retention lets every document go."""
        if self.kept_for is not None and any(known.state == "committed" for known in runs.values()):
            for run_id, uris in superseded(self.table, self.kept_for, now).items():
                if run_id in runs and runs[run_id].state == "committed":
                    runs[run_id].expiring = uris

    def _expire(self, runs: Iterable[_Known]) -> None:
        """Say so in the table first: from then on no row names these objects, and any vacuum takes them."""
        uris = frozenset(uri for known in runs for uri in known.expiring)
        if uris:
            self.table.rewrite(Touched(uris), expiring(uris))

    def _now(self) -> datetime:
        """The earlier of our clock and the store's: one that is ahead must not make files look old."""
        now = self.clock()
        if self.dry_run:
            return now
        key = f"{RUNS}/_vacuum-{secrets.token_hex(8)}"
        self.store.write(key, b"what time is it?")
        info = self.store.head(key)
        self.store.delete((key,))
        return now if info is None else min(now, info.modified)

    def _known(self, name: str, now: datetime) -> _Known | None:
        """What a run is to us; None where there is no run.json."""
        try:
            run = find_run(self.store, RunLocations(name))
        except UsageError:  # no run of ours has such a name
            return None
        if run is None:
            return None
        wave = highest_wave(run)
        if now - self._last_sign(run, wave) < self.grace:
            return _Known(run, "recent")
        info = self.table.committed(name)
        if info is not None:
            return _Known(run, "committed", info)
        theirs = (run.details or {}).get("manifest")
        if theirs != self.identity:
            what = f"the manifest {theirs}" if theirs else "a manifest that run.json does not name"
            return _Known(run, "elsewhere", note=f"belongs to {what}")
        return _Known(run, "abandoned")

    def _last_sign(self, run: Run, wave: int) -> datetime:
        """The last sign of life: heartbeats by the driver's clock, writes by the store's."""
        signs, keys = [run.created_at], []
        if run.state != "vacuumed":  # a vacuum that was interrupted wrote the mark
            keys.append(run.locations.run_json)
        for number in range(wave, 0, -1):
            found = find_wave(run, number)
            if found is not None and found.driver_id != _DRIVER:
                signs.append(found.heartbeat_at)
                keys.append(run.locations.wave(number))
                break
        signs += [info.modified for info in map(self.store.head, keys) if info is not None]
        return max(signs)

    def _find(self, known: _Known, now: datetime, *, in_day: bool) -> None:
        """Find out what nobody references. A queue's batch has its documents in its day."""
        if known.state == "committed":
            if not in_day:
                self._find_unreferenced(known, now)
            # What only a run that is not committed reads: what it compares with, and its records in order.
            if not known.note:
                known.garbage.extend(self.store.list(known.run.locations.baseline()))
                known.garbage.extend(self.store.list(known.run.locations.records()))
            for one in chain(known.garbage, self._data_files(known.run.run_id, now)):
                known.count(one)
        elif known.state == "abandoned":
            run = known.run
            for one in chain(
                self._stored(run, self._fan_outs.get(run.run_id, ())),
                self._protocol_files(run),
                self._data_files(run.run_id, now),
            ):
                known.count(one)

    def _find_unreferenced(self, known: _Known, now: datetime) -> None:
        """Of a committed run: what its rows do not name. Only where all that they do name is found to be there."""
        referenced = self._referenced(known.run.run_id, known.expiring)
        seen = 0
        for one in self._stored(known.run, self._fan_outs.get(known.run.run_id, ())):
            digest = UniqueIds.hash(one.key)
            at = bisect_left(referenced, digest)
            if at < len(referenced) and referenced[at] == digest:
                seen += 1
            elif now - one.modified >= self.grace:
                known.garbage.append(one)
        rolled = [self._rolled[digest] for digest in referenced if digest in self._rolled] if self._rolled else []
        if any(now - one.modified < self.grace for one in rolled):
            # Whoever read the rows before they were rolled up still reads what they named then.
            known.garbage.clear()
        missing = len(referenced) - seen - len(rolled)
        if missing > 0 and known.garbage:
            known.keep(f"{missing} objects that its rows name are not below {self.store.uri}; nothing of it is taken")

    def _referenced(self, run_id: str, but: Collection[str]) -> Sequence[int]:
        """Hashes of the keys that a run's rows name, ascending, each once. The root may be spelt otherwise by now."""
        name = re.escape(run_id)
        key = re.compile(rf"/(packs/{name}/.+|documents/(?:[0-9a-f]{{1,4}}|all)/{name}/.+|{ROLLED}/[^/]+/[^/]+)$")
        found = UniqueIds()
        for batch in self.table.scan(["uri"], run_id=run_id, status=DOCUMENT):
            for uri in batch["uri"].unique().to_pylist():
                if uri in but:
                    continue
                match = key.search(uri or "")
                # A row that names no key of ours counts as missing, and keeps the run as it is.
                found.add_text(match[1] if match else str(uri))
        ordered = found.ordered()
        return array("q", (one for at, one in enumerate(ordered) if not at or ordered[at - 1] != one))

    def _vacuum_rolled(self, folder: str, now: datetime) -> RunVacuum:
        """Of packs that runs share: what no row names, unless a roll-up may still be about to."""
        found = list(self.store.list(f"{ROLLED}/{folder}"))
        begun = [self.store.head(key) for key, runs in begun_rollups(self.store).items() if runs.startswith(folder)]
        if any(info is not None and now - info.modified < self.grace for info in begun):
            return RunVacuum(folder, "rolled", note="a roll-up goes on")
        named: set[str] = set()
        for batch in self.table.scan(["uri"], run_prefix=folder, status=DOCUMENT):
            uris = (uri for uri in batch["uri"].unique().to_pylist() if shared_by(uri) == folder)
            named.update(uri.rpartition("/")[2] for uri in uris)
        names = {info.key.rpartition("/")[2] for info in found}
        if named - names:
            absent = f"{len(named - names)} objects that rows name are not below {self.store.uri}"
            return RunVacuum(folder, "rolled", note=f"{absent}; nothing of it is taken")
        old = [one for one in found if one.key.rpartition("/")[2] not in named and now - one.modified >= self.grace]
        uploads = [one for one in self.store.unfinished(f"{ROLLED}/{folder}") or () if now - one.started >= self.grace]
        if not self.dry_run:
            self.store.delete(one.key for one in old)
            for one in uploads:
                self.store.discard(one)
        return RunVacuum(folder, "rolled", len(old), sum(one.size for one in old), len(uploads))

    def _folders_of_runs(self, run_id: str | None) -> Mapping[str, Sequence[str]]:
        """Of one run, or of all: by a LIST for each folder and thousand runs, where one for each of both were many.

        A day's batches have none: its documents are the day's own, and `DayReader` finds them.
        """
        spread = self.store.folders("documents")
        if run_id is not None:
            return {run_id: spread}
        found: dict[str, list[str]] = {}
        for fan_out in spread:
            for name in self.store.folders(f"documents/{fan_out}"):
                found.setdefault(name, []).append(fan_out)
        return found

    def _stored(self, run: Run, fan_outs: Iterable[str]) -> Iterator[ObjectInfo]:
        """Packs of a run, and its objects in these folders."""
        yield from self.store.list(run.locations.packs)
        for fan_out in fan_outs:
            yield from self.store.list(f"documents/{fan_out}/{run.run_id}")

    def _protocol_files(self, run: Run) -> Iterator[ObjectInfo]:
        """Files below the run's folder, but for run.json."""
        return (one for one in self.store.list(run.locations.folder) if one.key != run.locations.run_json)

    def _data_files(self, run_id: str, now: datetime) -> Iterator[ObjectInfo]:
        """Data files of a Parquet manifest that no commit names. Delta and Iceberg have a vacuum of their own."""
        if not isinstance(self.table, ParquetManifest):
            return
        commit = self.table.commit_of(run_id)
        named = {file.key for file in commit.files} if commit is not None else set()
        for one in self.table.store.list(f"data/{quote(run_id, safe='')}"):
            if one.key not in named and now - one.modified >= self.grace:
                yield one

    def _take(self, runs: Sequence[_Known], now: datetime) -> None:
        """Delete what was found; abandoned runs are closed first, all together, so that one pause serves them."""
        abandoned = [known for known in runs if known.state == "abandoned" and known.objects]
        before = {known.run.run_id: known.run.state for known in abandoned}
        for known in abandoned:
            known.run = remember_state(known.run, "vacuumed")
            known.wave = start_wave(known.run, _DRIVER, clock=self.clock).number
        for known in runs:
            if known.state == "committed":
                self.store.delete(one.key for one in known.garbage)
                self._delete_data_files(known, now)
        if abandoned:
            self.sleep(PAUSE)
        for known in abandoned:
            if self._is_taken_up(known):
                state = before[known.run.run_id]
                remember_state(known.run, "running" if state == "vacuumed" else state)
                known.state = "kept"
                known.keep("a driver has taken the run up again")
            else:
                self._delete_run(known, now)

    def _is_taken_up(self, known: _Known) -> bool:
        return highest_wave(known.run) != known.wave or self.table.committed(known.run.run_id) is not None

    def _delete_run(self, known: _Known, now: datetime) -> None:
        """All of an abandoned run but run.json, in an order in which any interruption is safe."""
        run, locations = known.run, known.run.locations
        # Without task manifests a job commit appends nothing, and a resumed run renders everything anew.
        self.store.delete(one.key for one in self.store.list(locations.tasks))
        if self._is_taken_up(known):
            raise StoreError(f"run {run.run_id} was taken up while it was vacuumed; its documents are untouched")
        # Looked for anew: who was stopped just now may have stored into a folder that the run did not have.
        self.store.delete(one.key for one in self._stored(run, self.store.folders("documents")))
        self._delete_data_files(known, now)
        waves = f"{locations.waves}/"
        self.store.delete(one.key for one in self._protocol_files(run) if not one.key.startswith(waves))
        for number in range(known.wave, 0, -1):  # waves are found by probing upwards: no gap may ever show
            self.store.delete((locations.plan(number), locations.wave(number)))

    def _delete_data_files(self, known: _Known, now: datetime) -> None:
        if isinstance(self.table, ParquetManifest):
            self.table.store.delete(one.key for one in self._data_files(known.run.run_id, now))

    def _uploads(self, runs: Mapping[str, _Known | Day], now: datetime) -> tuple[str, ...]:
        """Unfinished uploads of committed and abandoned runs, and of days."""
        for folder in ("packs", "documents", RUNS):
            unfinished = self.store.unfinished(folder)
            if unfinished is None:
                return (
                    f"{self.store.uri}: unfinished uploads cannot be listed here (S3 needs boto3: spark-pdf[s3]); "
                    "a life-cycle rule on the bucket can abort them after a week",
                )
            for one in list(unfinished):
                known = runs.get(run_of(one.key) or "")
                if known is None or known.state not in _TAKEN or now - one.started < self.grace:
                    continue
                known.uploads += 1
                if not self.dry_run:
                    self.store.discard(one)
        return ()

    def _strangers(self, runs: Mapping[str, _Known | Day]) -> tuple[str, ...]:
        """Folders where runs have theirs, without a run.json to say whose they are."""
        found = {f"packs/{name}" for name in self.store.folders("packs") if name not in runs}
        found.update(f"documents/*/{name}" for name in self._fan_outs if name not in runs)
        return tuple(sorted(found))
