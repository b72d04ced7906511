"""The one object that decides where a run's files are: a run id and numbers in, keys below the output root out.

    documents/<fan-out>/<run>/<document key>.pdf      layout "objects"
    packs/<run>/<wave>-<partition>-<random>-<n>.zip   layout "packs"; random per attempt
    _runs/<run>/run.json, commit-<n>.json, result-<random>.json, report.html
    _runs/<run>/baseline/<hash>.json, <random>-<n>.parquet
    _runs/<run>/records/<wave>.parquet
    _runs/<run>/waves/<n>.json, <n>-plan.json
    _runs/<run>/tasks/<wave>-<partition>.parquet
    _runs/<service>-<day>/accepted|status/<xx>/<hash>.json, bundle-<hash>.zip
    _bundles/<hash>.zip                               a template bundle, of all runs that were made with it
    _erasures/<erasure>.json, begun/<erasure>.json
    rolled/<runs>/0-0-<random>-0.zip                  packs of several runs, whose ids begin with <runs>
    _rollups/<random>.json                            a roll-up that goes on
    _streams/<query>/<batch>.json, _watch/<name>.json
    dead-letters/...                                  what streams and the edge have met that is no record

Documents that a queue renders one by one are stored below a run for each service and day, `<service>-<day>`; batches
of them are committed as runs `<service>-<day>-<number>`, which have no documents of their own.

Every key but those of bundles, erasures, roll-ups, streams and the edge names its run, so that vacuum knows whose it is
without reading anything. Without fan-out `<fan-out>` is `all`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from spark_pdf.errors import UsageError
from spark_pdf.store.keys import KeyTemplate, key_fields

__all__ = [
    "BEGUN_ERASURES",
    "BEGUN_ROLLUPS",
    "DEAD_LETTERS",
    "ERASURES",
    "ROLLED",
    "RUNS",
    "KeyTemplate",
    "RunLocations",
    "batch_of",
    "begun_erasure",
    "begun_rollup",
    "bundle_archive",
    "checked_prefix",
    "dead_letters_of",
    "erasure_log",
    "key_fields",
    "rolled_folder",
    "rolled_pack",
    "run_of",
    "run_of_batch",
    "shared_by",
    "stream_batch",
    "watch_state",
]

RUNS = "_runs"
"""Folder of all runs."""

ERASURES = "_erasures"
"""Folder of the logs of what was erased."""

BEGUN_ERASURES = f"{ERASURES}/begun"
"""Folder of erasures that go on, or were interrupted."""

ROLLED = "rolled"
"""Folder of packs that several runs share."""

BEGUN_ROLLUPS = "_rollups"
"""Folder of roll-ups that go on, or were interrupted."""

DEAD_LETTERS = "dead-letters"
"""Folder of messages that are no record, where a stream's config names no other."""

_NO_FAN_OUT = "all"  # no hex digits, so that a run called `ab` is never taken for a fan-out
_FAN_OUT = re.compile(rf"[0-9a-f]{{1,4}}|{_NO_FAN_OUT}")
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ATTEMPT = re.compile(r"[0-9a-f]{8,32}")
_TASK = re.compile(r"(\d+)-(\d+)\.parquet")
_WAVE = re.compile(r"(\d+)\.json")
_COMMIT = re.compile(r"commit-(\d+)\.json")
_BATCH = re.compile(r"(.+)-\d{6,}")
_PACK = re.compile(r"(\d+)-(\d+)-([0-9a-f]{8,32})-(\d+)\.zip")


@dataclass(frozen=True, slots=True)
class RunLocations:
    """Keys of one run. Raises `UsageError` for a run id that could not be part of a key."""

    run_id: str

    def __post_init__(self) -> None:
        if not _RUN_ID.fullmatch(self.run_id) or self.run_id.endswith("."):
            raise UsageError(
                f"not a run id: '{self.run_id}'; it takes letters, digits, '.', '_' and '-', begins with a letter or "
                "digit, and is at most 100 long"
            )

    @property
    def folder(self) -> str:
        """Folder of the commit protocol's own files."""
        return f"{RUNS}/{self.run_id}"

    @property
    def run_json(self) -> str:
        """What the run is pinned to."""
        return f"{self.folder}/run.json"

    @property
    def retry(self) -> str:
        """Of a retry: the ids that failed in the run before."""
        return f"{self.folder}/retry.parquet"

    @property
    def report(self) -> str:
        """The run's report, for people."""
        return f"{self.folder}/report.html"

    def result(self, submission: str) -> str:
        """How one submission of the run ended, for whoever submitted it: by `--result`."""
        return f"{self.folder}/result-{submission}.json"

    @property
    def source(self) -> str:
        """Folder of the copy of the records, where the source cannot be pinned."""
        return f"{self.folder}/source"

    def records(self, wave: int | None = None) -> str:
        """A wave's records in order, for workers on other machines; without a wave, the folder."""
        folder = f"{self.folder}/records"
        return folder if wave is None else f"{folder}/{wave}.parquet"

    @property
    def waves(self) -> str:
        """Folder of wave files and plans."""
        return f"{self.folder}/waves"

    @property
    def tasks(self) -> str:
        """Folder of task manifests: the only one that a run ever lists."""
        return f"{self.folder}/tasks"

    @property
    def packs(self) -> str:
        """Folder of packs."""
        return f"packs/{self.run_id}"

    def baseline(self, name: str = "") -> str:
        """Of an incremental run: what it compares with; without a name, the folder."""
        return f"{self.folder}/baseline/{name}".rstrip("/")

    def wave(self, number: int) -> str:
        """The driver that started a wave, and its heartbeat."""
        return f"{self.waves}/{number}.json"

    def plan(self, number: int) -> str:
        """A wave's partition plan."""
        return f"{self.waves}/{number}-plan.json"

    def task(self, wave: int, partition: int) -> str:
        """A task manifest."""
        return f"{self.tasks}/{wave}-{partition}.parquet"

    def commit(self, number: int) -> str:
        """The right to append to the table."""
        return f"{self.folder}/commit-{number}.json"

    def pack(self, wave: int, partition: int, attempt_random: str, number: int) -> str:
        """A pack. `attempt_random` is the attempt's own hex digits, so that no two attempts share a name."""
        if not _ATTEMPT.fullmatch(attempt_random):
            raise ValueError("the random part of a pack's name is 8 to 32 lower-case hex digits")
        return f"{self.packs}/{wave}-{partition}-{attempt_random}-{number}.zip"

    def document(self, key: str, fan_out: int = 2) -> str:
        """An object of layout "objects". Object stores scale by prefix: `fan_out` hex digits of hash stand in front."""
        spread = hashlib.sha256(key.encode()).hexdigest()[:fan_out] if fan_out else _NO_FAN_OUT
        return f"documents/{spread}/{self.run_id}/{key}.pdf"

    def document_folders(self, fan_out: int) -> tuple[str, ...]:
        """The folders in which `document` puts this run's objects."""
        if not fan_out:
            return (f"documents/{_NO_FAN_OUT}/{self.run_id}",)
        return tuple(f"documents/{number:0{fan_out}x}/{self.run_id}" for number in range(16**fan_out))

    def accepted(self, document_id: str) -> str:
        """Of a queue: that a document was submitted."""
        return self._of_document("accepted", document_id)

    def status(self, document_id: str) -> str:
        """Of a queue: what became of a document. Found by its id alone, whatever its object is called."""
        return self._of_document("status", document_id)

    def begun(self, document_id: str) -> str:
        """Of a queue: how often a document that had been delivered before was begun, and not ended."""
        return self._of_document("begun", document_id)

    def _of_document(self, folder: str, document_id: str) -> str:
        name = hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return f"{self.folder}/{folder}/{name[:2]}/{name}.json"

    def archive(self, bundle_hash: str) -> str:
        """Of a queue: a template bundle by its hash; more than one may be in use on a day, which is known by it."""
        return f"{self.folder}/bundle-{bundle_hash[:32]}.zip"

    def parse_task(self, key: str) -> tuple[int, int] | None:
        """(wave, partition) of a task manifest's key; None if it is none."""
        match = _TASK.fullmatch(key.removeprefix(self.tasks + "/"))
        return (int(match[1]), int(match[2])) if match else None

    def parse_wave(self, key: str) -> int | None:
        """Number of a wave file's key; None if it is none (a plan is none)."""
        match = _WAVE.fullmatch(key.removeprefix(self.waves + "/"))
        return int(match[1]) if match else None

    def parse_commit(self, key: str) -> int | None:
        """Number of a commit file's key; None if it is none."""
        match = _COMMIT.fullmatch(key.removeprefix(self.folder + "/"))
        return int(match[1]) if match else None

    def parse_pack(self, key: str) -> tuple[int, int, str, int] | None:
        """(wave, partition, random, number) of a pack's key; None if it is none."""
        match = _PACK.fullmatch(key.removeprefix(self.packs + "/"))
        return (int(match[1]), int(match[2]), match[3], int(match[4])) if match else None


def checked_prefix(runs: str) -> str:
    """What the ids of several runs begin with, such as `invoices-20261126-`. Raises `UsageError` for no such thing."""
    if not _RUN_ID.fullmatch(runs):
        raise UsageError(f"no run id begins with '{runs}'; it takes letters, digits, '.', '_' and '-'")
    return runs


def bundle_archive(bundle_hash: str) -> str:
    """A template bundle, by its hash: for workers, and to make documents of any run again. It is never taken."""
    return f"_bundles/{bundle_hash}.zip"


def batch_of(run_id: str, number: int) -> str:
    """The run that commits a queue's `number`-th batch of a day's documents."""
    return f"{run_id}-{number:06d}"


def run_of_batch(run_id: str) -> str | None:
    """The day's run, below which the documents of a batch are; None if the name is no batch's."""
    match = _BATCH.fullmatch(run_id)
    return match[1] if match else None


def erasure_log(erasure_id: str) -> str:
    """What an erasure was asked for, and what it did."""
    return f"{ERASURES}/{erasure_id}.json"


def begun_erasure(erasure_id: str) -> str:
    """What an erasure was asked for, until it has ended."""
    return f"{BEGUN_ERASURES}/{erasure_id}.json"


def rolled_folder(prefix: str) -> str:
    """Folder of the packs that runs share whose ids begin with `prefix`: each of them begins with its name, too."""
    name = prefix.rstrip("-._")
    RunLocations(name)
    return f"{ROLLED}/{name}"


def rolled_pack(prefix: str, attempt_random: str) -> str:
    """A pack that several runs share."""
    return f"{rolled_folder(prefix)}/0-0-{attempt_random}-0.zip"


def shared_by(uri: str) -> str:
    """How the ids of the runs begin that share a pack, by its URI or key; empty if it is one run's own."""
    parts = uri.split("/")
    return parts[-2] if len(parts) > 2 and parts[-3] == ROLLED else ""


def begun_rollup(token: str) -> str:
    """Which runs are being rolled up, until that has ended."""
    return f"{BEGUN_ROLLUPS}/{token}.json"


def stream_batch(query: str, batch: int) -> str:
    """What was decided of a stream's batch: its day. `query` is the id that Spark gives the stream's checkpoint."""
    return f"_streams/{query}/{batch}.json"


def watch_state(name: str) -> str:
    """The batch that the edge has in hand."""
    return f"_watch/{name}.json"


def dead_letters_of(run_id: str) -> str:
    """What an edge's batch held that is no record."""
    return f"{DEAD_LETTERS}/{run_id}.json"


def run_of(key: str) -> str | None:
    """The run that a key belongs to; None for what is no run's (the manifest, strangers' files)."""
    parts = key.split("/")
    if len(parts) >= 3 and parts[0] in (RUNS, "packs"):
        return parts[1]
    if len(parts) >= 4 and parts[0] == "documents" and _FAN_OUT.fullmatch(parts[1]):
        return parts[2]
    return None
