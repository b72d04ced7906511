"""Verify: does the store hold what the manifest says, and does the manifest hold what the run counted?

In: a config, and a run, the runs whose ids begin alike, or the current view. Out: a `VerifyReport` with every finding
counted and the first of each kind named. The manifest is read as a stream: memory grows by 16 bytes a document (two
hashes, for uniqueness) and by a line a pack.

    counts        rows = documents + failures + erased + expired; rows and skipped = the records that the run's first
                  wave counted, before it rendered
    uniqueness    no document id twice in a run or a queue's day, no two documents with the same bytes of one object
    existence     every object by a HEAD, every pack by one, each document's range inside it; rows whose object is
                  absent are read once more: an erasure or a roll-up moves a row first, and then takes its bytes
    hashes        the stored bytes of a random sample, or of all, against `sha256`
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from spark_pdf.config import Config
from spark_pdf.errors import AccessDenied, NotFound, StoreError, UsageError
from spark_pdf.manifest.commit import counted_input
from spark_pdf.manifest.days import batches_of, is_day
from spark_pdf.manifest.runs import find_run, not_committed
from spark_pdf.manifest.schema import DOCUMENT, ERASED, EXPIRED, FAILURE
from spark_pdf.manifest.table import CommitInfo, ManifestTable, current_view, open_table
from spark_pdf.manifest.unique import UniqueIds
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.documents import locate
from spark_pdf.store.locations import RunLocations, checked_prefix

if TYPE_CHECKING:
    import pyarrow as pa

Hashes = Literal["none", "sample", "all"]

SAMPLE = 1000
"""Documents whose bytes are read where not all are. One bad document in a thousand is met 63 times in 100."""

_SECOND_LOOKS = 10_000  # rows; a store that lacks more has lost them
_NAMED = 20  # findings of one kind that the report names
_READ_BYTES = 8 * 1024 * 1024  # neighbours in a pack are read together up to here
_GAP_BYTES = 4096  # what lies between neighbours: a local header and a name

KINDS: Mapping[str, str] = {
    "rows": "the table's rows are not as many as its commit says",
    "input": "documents and failures are not as many as the records that the run counted",
    "duplicate_id": "a document id has more than one row",
    "shared_bytes": "two documents are the same bytes of one object",
    "malformed": "a row's columns contradict its status",
    "absent": "the object is not there",
    "unreadable": "the store refuses the object",
    "range": "the object is not as long as the row says",
    "hash": "the stored bytes are not those that were rendered",
}
"""What a finding's `kind` can be, and what it says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `document_id` is empty where it is about the whole run."""

    kind: str
    message: str
    document_id: str = ""

    def __str__(self) -> str:
        return f"{self.document_id}: {self.message}" if self.document_id else self.message


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was looked at, and what is wrong. `counts` has all findings by kind, `findings` the first of each kind."""

    run_id: str | None
    rows: int
    documents: int
    failed: int
    objects: int
    hashed: int
    hashed_bytes: int
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    erased: int = 0
    expired: int = 0
    runs: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.counts

    def to_json(self) -> dict[str, Any]:
        """A mapping for `--output json`."""
        values = {name: getattr(self, name) for name in VerifyReport.__slots__ if name not in ("counts", "findings")}
        findings = [{"kind": f.kind, "document_id": f.document_id, "message": f.message} for f in self.findings]
        return {**values, "ok": self.ok, "counts": dict(self.counts), "findings": findings}


def verify(
    config: Config,
    run_id: str | None = None,
    *,
    runs: str | None = None,
    hashes: Hashes = "sample",
    sample: int = SAMPLE,
    threads: int = 16,
    table: ManifestTable | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Check one committed run, or a queue's day, or without `run_id` the current view: each id's latest document.

    `runs`: all committed runs whose ids begin so, such as a day's of a stream or queue, each held to its own counts.
    `progress(rows, findings)` is called now and then. What is wrong is in the report, not raised. Raises `UsageError`
    if there is nothing to verify, `StoreError` if the store cannot be asked.
    """
    table = table or open_table(config)
    if runs is not None:
        checked_prefix(runs)
    infos = () if run_id is None else _committed(config, table, run_id)
    documents = sum(info.documents for info in infos) if infos else _documents(table, runs)
    check = _Check(config, hashes, min(1.0, sample / documents) if documents else 1.0, progress, apart=runs is not None)

    def rows() -> Iterator[pa.RecordBatch]:
        if runs is not None:
            return table.scan(_Row._fields, run_prefix=runs)
        if not infos:
            return current_view(table, _Row._fields)
        return chain.from_iterable(table.scan(_Row._fields, run_id=info.run_id) for info in infos)

    check.stream(rows(), threads)
    check.look_again(rows, threads)
    for info in infos if runs is None else map(table.committed, sorted(check.runs)):
        if info is not None:
            check.counts_of(info)
    check.twins(rows)
    if not check.rows:
        what = "the manifest has no rows; run something first" if runs is None else f"no committed run begins '{runs}'"
        raise UsageError(f"{table.uri}: {what}")
    return check.report(run_id, runs)


def _committed(config: Config, table: ManifestTable, run_id: str) -> Sequence[CommitInfo]:
    """What the table says of a run, or of each batch of a queue's day."""
    names, store = [run_id], output_store(config)
    if table.committed(run_id) is None and is_day(store, run_id):
        names = batches_of(table, names)[run_id]
    found = [info for info in map(table.committed, names) if info is not None]
    if not found:
        raise not_committed(store, table.uri, run_id)
    return found


def _documents(table: ManifestTable, runs: str | None) -> int:
    """Documents in the current view, from above: rows of ids that were rendered twice count twice. Or of some runs."""
    return sum(batch.num_rows for batch in table.scan(["status"], run_prefix=runs, status=DOCUMENT))


class _Row(NamedTuple):
    run_id: str
    document_id: str
    status: str
    uri: str | None
    offset: int | None
    length: int | None
    sha256: str | None
    error_code: str | None


def _rows(batch: pa.RecordBatch) -> list[_Row]:
    return list(map(_Row._make, zip(*(batch[name].to_pylist() for name in _Row._fields), strict=True)))


@dataclass(frozen=True, slots=True)
class _Absent(Finding):
    """A row whose object was not there, unless it has left it since the manifest was read."""

    row: _Row = field(kw_only=True)


class _Check:
    """One verification. Only the caller's thread touches its fields; the pool's threads return findings."""

    def __init__(
        self,
        config: Config,
        hashes: Hashes,
        fraction: float,
        progress: Callable[[int, int], None] | None,
        apart: bool,
    ) -> None:
        self.rows = self.documents = self.failed = self.erased = self.expired = self.hashed = self.hashed_bytes = 0
        # Of several runs each may have made a document of an id; within a run, or a queue's day, none may come twice.
        self._apart = apart
        self.runs: dict[str, Counter[str]] = {}
        """By run: its rows by status."""
        self._config, self._hashes, self._progress = config, hashes, progress
        # Another sample every time: what one verification passed over, the next may meet.
        self._salt = secrets.token_bytes(16)
        self._threshold = int(fraction * 2**64)
        self._counts: Counter[str] = Counter()
        self._findings: list[Finding] = []
        self._absent: list[_Absent] = []
        self._ids, self._places = UniqueIds(), UniqueIds()
        self._packs: dict[str, int | Finding] = {}
        self._single = 0
        self._stores: dict[str, ObjectStore] = {}

    def stream(self, batches: Iterator[pa.RecordBatch], threads: int) -> None:
        """Check every row, a few requests at a time."""
        waiting: deque[Future[list[Finding]]] = deque()
        pool = ThreadPoolExecutor(threads)
        try:
            for batch in batches:
                rows = _rows(batch)
                self._ids.add_texts(map(self._name, rows))
                for work in self._work(pool, rows):
                    waiting.append(work)
                    while len(waiting) > 4 * threads:
                        self._take(waiting.popleft().result())
                if self._progress is not None:
                    self._progress(self.rows, self._counts.total())
            while waiting:
                self._take(waiting.popleft().result())
        finally:
            pool.shutdown(cancel_futures=True)

    def look_again(self, again: Callable[[], Iterator[pa.RecordBatch]], threads: int) -> None:
        """Keep those of the absent whose rows still name the same object; a row that names another is checked there."""
        before = {(one.row.run_id, one.row.document_id): one for one in self._absent}
        if not before:
            return
        self._absent = []
        with ThreadPoolExecutor(threads) as pool:
            for batch in again():
                moved: list[_Row] = []
                for row in _rows(batch):
                    one = before.get((row.run_id, row.document_id))
                    if one is not None and _place(row) == _place(one.row):
                        self._count(one)
                    elif one is not None and row.status == DOCUMENT:
                        moved.append(row)
                self._know_packs(pool, moved)
                for work in list(self._in_store(pool, moved, filter(self._is_read, moved))):
                    self._take(work.result())
        for one in self._absent:
            self._count(one)

    def counts_of(self, info: CommitInfo) -> None:
        """Hold the rows against the commit, and against what the run counted before it rendered."""
        of = self.runs.get(info.run_id, Counter())
        rows, documents, failed, gone = of.total(), of[DOCUMENT], of[FAILURE], of[ERASED] + of[EXPIRED]
        # What was erased or has expired since was a document or a failure when the commit said so.
        fewer = documents <= info.documents and failed <= info.failed if gone else False
        same = (documents, failed) == (info.documents, info.failed)
        if rows != info.rows or documents + failed + gone != rows or not (same or fewer):
            said = f"{info.rows} rows, {info.documents} documents and {info.failed} failures"
            found = f"{rows} rows, {documents} documents and {failed} failures"
            self._take([Finding("rows", f"the commit of run {info.run_id} says {said}; the table has {found}")])
        counted, skipped = self._counted(info.run_id)
        if counted is not None and counted != rows + skipped:
            accounted = f"{rows} and {skipped} skipped" if skipped else f"{rows}"
            said = f"run {info.run_id} counted {counted} records; the manifest accounts for {accounted}"
            self._take([Finding("input", said)])

    def _counted(self, run_id: str) -> tuple[int | None, int]:
        """The records that the run's first wave with a plan counted, None if its files are gone; those it skipped."""
        run = find_run(output_store(self._config), RunLocations(run_id))
        return (None, 0) if run is None else counted_input(run)

    def twins(self, again: Callable[[], Iterator[pa.RecordBatch]]) -> None:
        """Find ids and places that came twice. Only if some did is the manifest read once more, to name them."""
        ids, places = self._ids.duplicates(), self._places.duplicates()
        if not ids and not places:
            return
        seen_ids: set[str] = set()
        seen_places: set[str] = set()
        for batch in again():
            for row in _rows(batch):
                name = self._name(row)
                if UniqueIds.hash(name) in ids:
                    if name in seen_ids:
                        self._take([Finding("duplicate_id", KINDS["duplicate_id"], row.document_id)])
                    seen_ids.add(name)
                place = _place(row)
                if row.uri is not None and UniqueIds.hash(place) in places:
                    if place in seen_places:
                        self._take([Finding("shared_bytes", f"another document is {place} too", row.document_id)])
                    seen_places.add(place)

    def _name(self, row: _Row) -> str:
        """What has to be unique."""
        return f"{row.run_id}/{row.document_id}" if self._apart else row.document_id  # no run id has that sign

    def report(self, run_id: str | None, runs: str | None) -> VerifyReport:
        """What was found."""
        order = {kind: number for number, kind in enumerate(KINDS)}
        findings = sorted(self._findings, key=lambda one: (order[one.kind], one.document_id))
        return VerifyReport(
            run_id, self.rows, self.documents, self.failed, self._single + len(self._packs), self.hashed,
            self.hashed_bytes, {kind: self._counts[kind] for kind in KINDS if self._counts[kind]}, tuple(findings),
            self.erased, self.expired, runs,
        )  # fmt: skip

    def _take(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            if isinstance(finding, _Absent) and len(self._absent) < _SECOND_LOOKS:
                self._absent.append(finding)
            else:
                self._count(finding)

    def _count(self, finding: Finding) -> None:
        self._counts[finding.kind] += 1
        if self._counts[finding.kind] <= _NAMED:
            self._findings.append(finding)

    def _work(self, pool: ThreadPoolExecutor, rows: Sequence[_Row]) -> Iterator[Future[list[Finding]]]:
        """Check what a batch's rows say by themselves; what has to be asked of the store comes out as work."""
        self._know_packs(pool, rows)
        documents: list[_Row] = []
        to_read: list[_Row] = []
        for row in rows:
            self.rows += 1
            self.runs.setdefault(row.run_id, Counter())[row.status] += 1
            self.documents += row.status == DOCUMENT
            self.failed += row.status == FAILURE
            self.erased += row.status == ERASED
            self.expired += row.status == EXPIRED
            wrong = _malformed(row)
            if wrong:
                self._take([Finding("malformed", wrong, row.document_id)])
            elif row.status == DOCUMENT:
                self._places.add_text(_place(row))
                if self._is_read(row):
                    self.hashed += 1
                    self.hashed_bytes += row.length or 0
                    to_read.append(row)
                documents.append(row)
        yield from self._in_store(pool, documents, to_read)

    def _know_packs(self, pool: ThreadPoolExecutor, rows: Sequence[_Row]) -> None:
        """Ask once for each pack that these rows name."""
        packs = sorted({row.uri for row in rows if row.uri and row.uri.endswith(".zip")} - self._packs.keys())
        self._packs.update(zip(packs, pool.map(self._head, packs), strict=True))

    def _in_store(
        self, pool: ThreadPoolExecutor, documents: Sequence[_Row], to_read: Iterable[_Row]
    ) -> Iterator[Future[list[Finding]]]:
        """Hold documents, whose packs are known, against what is stored, and the bytes of some against their hashes."""
        for row in documents:
            pack = self._packs.get(row.uri or "")
            if pack is not None:
                self._take(_fits_pack(row, pack))
            else:
                self._single += 1
                yield pool.submit(self._look, row)
        for group in _neighbours(to_read):
            yield pool.submit(self._read, group)

    def _head(self, uri: str) -> int | Finding:
        try:
            store, key = self._locate(uri)
            info = store.head(key)
        except AccessDenied as error:
            return Finding("unreadable", str(error))
        return Finding("absent", f"{uri} is not there") if info is None else info.size

    def _look(self, row: _Row) -> list[Finding]:
        """Is the object of one document there, and as long as it has to be?"""
        size = self._head(row.uri or "")
        if isinstance(size, Finding):
            return [_of(row, size)]
        if (row.offset, row.length) != (0, size):
            return [Finding("range", f"{row.uri} has {size} bytes, the row says {row.length}", row.document_id)]
        return []

    def _is_read(self, row: _Row) -> bool:
        if self._hashes != "sample":
            return self._hashes == "all"
        drawn = hashlib.blake2b(row.document_id.encode(), digest_size=8, key=self._salt).digest()
        return int.from_bytes(drawn, "big") < self._threshold

    def _read(self, rows: Sequence[_Row]) -> list[Finding]:
        """Hash documents that lie one behind the other in one object."""
        uri = rows[0].uri or ""
        start, end = rows[0].offset or 0, (rows[-1].offset or 0) + (rows[-1].length or 0)
        try:
            store, key = self._locate(uri)
            data = memoryview(store.read_range(key, start, end - start))
        except (NotFound, AccessDenied):
            return []  # `_look` says so
        except StoreError as error:
            if "ends before byte" not in str(error):
                raise
            return [] if len(rows) == 1 else [finding for row in rows for finding in self._read([row])]
        findings = []
        for row in rows:
            at = (row.offset or 0) - start
            found = hashlib.sha256(data[at : at + (row.length or 0)]).hexdigest()
            if found != row.sha256:
                findings.append(
                    Finding("hash", f"{_place(row)}: SHA-256 is {found}, not {row.sha256}", row.document_id)
                )
        return findings

    def _locate(self, uri: str) -> tuple[ObjectStore, str]:
        """The object's store, one for each folder; a race of two threads only makes one twice."""
        folder, _, name = uri.rpartition("/")
        store = self._stores.get(folder)
        if store is None or "%" in name:
            store, name = locate(uri, self._config.store_options(uri))
            if len(self._stores) < 10_000:  # layout objects may have a folder for each document
                self._stores[folder] = store
        return store, name


def _fits_pack(row: _Row, pack: int | Finding) -> list[Finding]:
    """Does a document lie inside its pack?"""
    if isinstance(pack, Finding):
        return [_of(row, pack)]
    end = (row.offset or 0) + (row.length or 0)
    if end <= pack:
        return []
    return [Finding("range", f"{row.uri} ends at byte {pack}, the row needs {end}", row.document_id)]


def _of(row: _Row, finding: Finding) -> Finding:
    """What was found of an object, said of a document that is to be in it."""
    if finding.kind == "absent":
        return _Absent(finding.kind, finding.message, row.document_id, row=row)
    return Finding(finding.kind, finding.message, row.document_id)


def _malformed(row: _Row) -> str:
    """What contradicts the row's status; "" if nothing does."""
    if row.status == DOCUMENT:
        if row.uri is None or row.offset is None or not row.length or row.sha256 is None:
            return "a document without uri, offset, length or sha256"
        return "a document with an error code" if row.error_code is not None else ""
    if row.status == FAILURE:
        if row.error_code is None:
            return "a failure without an error code"
        return "a failure with an object" if row.uri is not None else ""
    if row.status == ERASED:
        # The word of a person who asked for it: not even a hash may be left.
        return "an erased row that names an object or a hash" if row.uri is not None or row.sha256 is not None else ""
    if row.status == EXPIRED:
        return "an expired row that names an object" if row.uri is not None else ""
    return f"the status is '{row.status}'"


def _place(row: _Row) -> str:
    return f"{row.uri} from byte {row.offset}"


def _neighbours(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Cut rows into groups that one ranged read serves."""
    group: list[_Row] = []
    for row in rows:
        if group and not _follows(group, row):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _follows(group: Sequence[_Row], row: _Row) -> bool:
    first, last = group[0], group[-1]
    if row.uri != last.uri:
        return False
    start, end = row.offset or 0, (last.offset or 0) + (last.length or 0)
    return end <= start <= end + _GAP_BYTES and start + (row.length or 0) - (first.offset or 0) <= _READ_BYTES
