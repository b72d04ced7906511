"""What a run's rows add up to: batches in, sums of a bounded size out, whatever the order of the rows.

Distributions are kept in fixed buckets: a percentile is the upper edge of its bucket, up to 2.4 % above the value.
Of what can be listed without end (places, warnings, ids) only so much is kept, the first by name.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from spark_pdf.manifest.schema import DOCUMENT, FAILURE

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    "run_id", "document_id", "status", "uri", "length", "pages", "template", "template_hash", "renderer_version",
    "error_code", "error_detail", "warnings", "render_ms", "attempt", "committed_at", "wave", "partition",
)  # fmt: skip
"""What is read of each row; `committed_at` is absent in task manifests."""

EXAMPLES = 5
TOP = 10
KINDS = 500

_FINE = 100  # buckets for a factor of ten: each 2.4 % wider than the last
_PLACE = re.compile(r"([\w./ -]{1,150}\.(?:html?|css|py|svg|jinja2?|j2|toml|txt)(?::\d{1,7})?): ", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!\w)'.*'(?!\w)", re.DOTALL)
_HINT = re.compile(r"; did you mean '.*'\?$", re.DOTALL)
_CHARACTERS = re.compile(r"\d+ characters? (?:has|have) no glyph.*|.*U\+[0-9A-F]{4}.*", re.DOTALL)

Key = TypeVar("Key", str, "tuple[str, str]")


class Kept(Generic[Key]):
    """Counts by key: those of the first `most` keys, and the sum of all others. Order does not matter: what has been
    pushed out once comes after all that are kept, and is not taken in again."""

    def __init__(self, most: int = KINDS) -> None:
        self.counts: dict[Key, int] = {}
        self.others = 0
        self._most = most
        self._last: Key | None = None

    def add(self, key: Key, count: int) -> None:
        """Count a key."""
        if self._last is not None and key >= self._last:
            self.others += count
            return
        self.counts[key] = self.counts.get(key, 0) + count
        if len(self.counts) > self._most:
            self._last = max(self.counts)
            self.others += self.counts.pop(self._last)

    def ordered(self) -> list[tuple[Key, int]]:
        """The most frequent first."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))


@dataclass
class Spread:
    """How a number is spread: counts by bucket of a logarithmic scale, and the greatest."""

    least: float
    buckets: Counter[int] = field(default_factory=Counter)
    greatest: float = 0.0

    def add(self, values: pa.Array) -> None:
        """Take numbers in; what is null counts for nothing."""
        import pyarrow.compute as pc

        values = values.drop_null().cast("double")
        if not len(values):
            return
        self.greatest = max(self.greatest, pc.max(values).as_py())
        scaled = pc.log10(pc.max_element_wise(pc.divide(values, self.least), 1.0))
        self.buckets.update(counts(pc.floor(pc.multiply(scaled, float(_FINE))).cast("int32")))

    @property
    def count(self) -> int:
        """How many numbers."""
        return self.buckets.total()

    def edge(self, bucket: float) -> float:
        """Where a bucket begins."""
        return float(self.least * 10 ** (bucket / _FINE))

    def percentile(self, fraction: float) -> float:
        """What so large a part of the numbers is not above."""
        wanted, seen = fraction * self.count, 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                return min(self.edge(bucket + 1), self.greatest)
        return self.greatest

    def bars(self, most: int = 24) -> list[tuple[float, float, int]]:
        """(from, to, how many) in at most `most` bars of equal width on the scale, from the first that has any."""
        if not self.buckets:
            return []
        first, last = min(self.buckets), max(self.buckets)
        width = -(-(last - first + 1) // most)
        bars = []
        for start in range(first, last + 1, width):
            among = sum(self.buckets[bucket] for bucket in range(start, start + width))
            bars.append((self.edge(start), self.edge(start + width), among))
        return bars


@dataclass
class Failures:
    """Failures with one code: how many, where in the template, and the first ids."""

    count: int = 0
    places: Kept[str] = field(default_factory=lambda: Kept[str](100))
    ids: list[str] = field(default_factory=list)


@dataclass
class RunSum:
    """What one run adds up to."""

    committed_at: datetime | None = None
    documents: int = 0
    failed: int = 0
    gone: int = 0
    pages: int = 0
    bytes: int = 0

    @property
    def rows(self) -> int:
        """All rows."""
        return self.documents + self.failed + self.gone


class Tally:
    """Adds up rows. Memory grows with runs, tasks and packs, not with documents."""

    def __init__(self) -> None:
        self.runs: dict[str, RunSum] = {}
        self.failures: dict[str, Failures] = {}
        self.warnings: Kept[tuple[str, str]] = Kept()
        self.warned = 0
        self.by_wave: dict[tuple[int, str], int] = {}
        self.tasks: set[tuple[str, int, int]] = set()
        self.pages: Counter[int] = Counter()
        self.bytes, self.render_ms = Spread(1.0), Spread(0.01)
        self.render_us = 0
        self.largest: list[tuple[int, str]] = []
        self.slowest: list[tuple[float, str]] = []
        self.templates: Kept[tuple[str, str]] = Kept(20)
        self.renderers: Kept[str] = Kept(20)
        self.folders: Kept[str] = Kept(3)
        self._packs: set[int] = set()
        self.single = 0
        self._kinds: dict[str, tuple[str, str]] = {}

    def add_all(self, batches: Iterable[pa.RecordBatch]) -> Tally:
        """Take a stream in."""
        for batch in batches:
            self.add(batch)
        return self

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows in."""
        import pyarrow.compute as pc

        self._sum(batch)
        documents = batch.filter(pc.equal(batch["status"], DOCUMENT))
        if documents.num_rows:
            self._add_documents(documents)
        failures = batch.filter(pc.equal(batch["status"], FAILURE))
        if failures.num_rows:
            self._add_failures(failures)

    @property
    def documents(self) -> int:
        """Documents of all runs."""
        return sum(run.documents for run in self.runs.values())

    @property
    def failed(self) -> int:
        """Failures of all runs."""
        return sum(run.failed for run in self.runs.values())

    @property
    def gone(self) -> int:
        """Rows of all runs whose documents were erased or have expired."""
        return sum(run.gone for run in self.runs.values())

    @property
    def packs(self) -> int:
        """Packs that hold documents."""
        return len(self._packs)

    def _sum(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        names = ["run_id", "status", "wave", "partition", "template", "template_hash", "renderer_version"]
        times = ["committed_at"] if "committed_at" in batch.schema.names else []
        table = pa.Table.from_batches([batch.select([*names, *times, "pages", "length"])])
        sums = [([], "count_all"), ("pages", "sum"), ("length", "sum")]
        for row in table.group_by([*names, *times], use_threads=False).aggregate(sums).to_pylist():
            run = self.runs.setdefault(row["run_id"], RunSum())
            run.committed_at = row.get("committed_at") or run.committed_at
            count, status = row["count_all"], row["status"]
            run.documents += count * (status == DOCUMENT)
            run.failed += count * (status == FAILURE)
            run.gone += count * (status not in (DOCUMENT, FAILURE))
            if status == DOCUMENT:
                run.pages += row["pages_sum"] or 0
                run.bytes += row["length_sum"] or 0
            wave = row["wave"], status
            self.by_wave[wave] = self.by_wave.get(wave, 0) + count
            self.tasks.add((row["run_id"], row["wave"], row["partition"]))
            self.templates.add((row["template"], row["template_hash"]), count)
            self.renderers.add(row["renderer_version"], count)

    def _add_documents(self, rows: pa.RecordBatch) -> None:
        import pyarrow.compute as pc

        self.pages.update(counts(rows["pages"]))
        self.bytes.add(rows["length"])
        self.render_ms.add(rows["render_ms"])
        self.render_us += pc.sum(pc.round(pc.multiply(rows["render_ms"], 1000.0)).cast("int64")).as_py() or 0
        self.largest = _top(self.largest, rows, "length")
        self.slowest = _top(self.slowest, rows, "render_ms")
        packed = pc.ends_with(rows["uri"], ".zip")
        for uri in rows["uri"].filter(packed).unique().to_pylist():
            if hash(uri) not in self._packs:
                self._packs.add(hash(uri))
                self.folders.add(uri.rpartition("/")[0], 1)
        self.single += rows.num_rows - (pc.sum(packed).as_py() or 0)
        self._add_warnings(rows["warnings"])

    def _add_warnings(self, warnings: pa.Array) -> None:
        import pyarrow.compute as pc

        some = pc.greater(pc.list_value_length(warnings), 0)
        self.warned += pc.sum(some).as_py() or 0
        for text, count in counts(pc.list_flatten(warnings)).items():
            if text not in self._kinds:
                if len(self._kinds) >= 2 * KINDS:
                    self._kinds.clear()
                self._kinds[text] = warning_kind(text)
            self.warnings.add(self._kinds[text], count)

    def _add_failures(self, rows: pa.RecordBatch) -> None:
        columns = (rows[name].to_pylist() for name in ("document_id", "error_code", "error_detail"))
        found: dict[str, list[str]] = {}
        places: Counter[tuple[str, str]] = Counter()
        for document_id, code, detail in zip(*columns, strict=True):
            found.setdefault(code or "", []).append(document_id)
            places[code or "", failure_place(document_id, detail or "")] += 1
        for code, ids in found.items():
            failures = self.failures.setdefault(code, Failures())
            failures.count += len(ids)
            failures.ids = heapq.nsmallest(EXAMPLES, [*failures.ids, *ids])
        for (code, place), count in places.items():
            if place:
                self.failures[code].places.add(place, count)


def counts(values: pa.Array) -> Mapping[Any, int]:
    """How often each value comes; null is none."""
    return {one["values"]: one["counts"] for one in values.drop_null().value_counts().to_pylist()}


def failure_place(document_id: str, detail: str) -> str:
    """File and line that a failure's detail begins with, behind the id; "" where it names none."""
    match = _PLACE.match(detail.removeprefix(f"document {document_id}: "))
    return match[1] if match else ""


def warning_kind(text: str) -> tuple[str, str]:
    """(kind, place) of a warning: its sentence without what it quotes, characters, and its place."""
    match = _PLACE.match(text)
    place = match[1] if match else ""
    said = text[match.end() :] if match else text
    if _CHARACTERS.search(said):
        return "characters have no glyph in any font", place
    return _QUOTED.sub("'…'", _HINT.sub("", said))[:200], place


def _top(held: list[tuple[Any, str]], rows: pa.RecordBatch, column: str) -> list[tuple[Any, str]]:
    """The greatest by value, then the first by id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.Table.from_batches([rows.select([column, "document_id"])]).filter(pc.is_valid(pc.field(column)))
    if len(held) == TOP:
        table = table.filter(pc.greater_equal(pc.field(column), held[-1][0]))
    if table.num_rows > TOP:
        keys = [(column, "descending"), ("document_id", "ascending")]
        table = table.take(pc.select_k_unstable(table, TOP, keys))
    return sorted([*held, *_pairs(table)], key=lambda one: (-one[0], one[1]))[:TOP]


def _pairs(table: pa.Table) -> Iterator[tuple[Any, str]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)
