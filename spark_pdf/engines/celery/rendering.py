"""A worker's part of a document: a packed record in, an object and its status in the store out.

    DocumentMaker(config).make(ticket, packed, again=False) -> Status

The status decides: whoever creates it, by conditional create, has said what became of the document; every other
attempt, whatever it has rendered, only repeats what stands there. So a document that is delivered twice, or submitted
twice, has one fate. A first delivery is rendered in this process; one whose first delivery did not end goes through a
child process, which may die of it (`engines.supervise`), and is written down before (`count_begun`): brokers count what
they have delivered, also what a worker held ready and never began.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any

from spark_pdf.config import Config
from spark_pdf.engines.celery.messages import Status, Ticket, unpack_record
from spark_pdf.engines.entries import MadeBy
from spark_pdf.engines.outcome import Outcome, outcome_of
from spark_pdf.engines.partition import stored_entry
from spark_pdf.engines.supervise import Supervised, cpu_fuse, disarm_fuse
from spark_pdf.errors import DamagedFile, NotFound, StoreError
from spark_pdf.manifest.days import ADOPTED_FOR
from spark_pdf.manifest.runs import utc_now
from spark_pdf.manifest.schema import DOCUMENT, ManifestEntry
from spark_pdf.model import Limits, Record
from spark_pdf.render.version import renderer_version
from spark_pdf.render.worker import renderer_for
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.documents import locate
from spark_pdf.store.locations import KeyTemplate, RunLocations, key_fields
from spark_pdf.store.uploads import StoredDocument
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.loading import load_bundle
from spark_pdf.template.record import record_hash

_PDF = "application/pdf"
_JSON = "application/json"
_MOST_DIGITS = 500


@dataclass(frozen=True, slots=True)
class BundleShop:
    """What a child process makes its renderer from."""

    bundle_hash: str
    archive: bytes
    limits: Limits

    def renderer(self) -> Any:
        """This process's renderer of the bundle."""
        return renderer_for(self.bundle_hash, lambda: self.archive, self.limits)


def read_status(store: ObjectStore, ticket: Ticket) -> Status | None:
    """What became of a submission; of the latest attempt, where there were more. None: nothing yet."""
    for _ in range(100):
        found = _standing(store, RunLocations(ticket.run_id).status(ticket.document_id))
        if found is None or found.again is None:
            return found
        ticket = Ticket(found.again, ticket.document_id)
        later = store.head(RunLocations(ticket.run_id).status(ticket.document_id))
        if later is None:  # a replay leaves no submission, and has the record that failed
            return read_accepted(store, ticket) or Status(ticket, "accepted", found.record_hash, at=found.at)
    raise StoreError(f"{store.uri}: the attempts at document {ticket.document_id} lead in a circle")


def read_accepted(store: ObjectStore, ticket: Ticket) -> Status | None:
    """A submission that is written down, whatever became of it."""
    return _standing(store, RunLocations(ticket.run_id).accepted(ticket.document_id))


def _standing(store: ObjectStore, key: str) -> Status | None:
    try:
        return Status.decode(store.read(key), key)
    except NotFound:
        return None


def settle_status(store: ObjectStore, status: Status) -> Status:
    """Say what became of a document, once: the status that stands, ours or an earlier one."""
    key = RunLocations(status.ticket.run_id).status(status.ticket.document_id)
    if store.create(key, status.encode(), content_type=_JSON):
        return status
    return Status.decode(store.read(key), key)


def count_begun(store: ObjectStore, ticket: Ticket) -> int:
    """How often a document was begun, after its first delivery, by a worker that did not end it."""
    key = RunLocations(ticket.run_id).begun(ticket.document_id)
    try:
        return int(json.loads(store.read(key))["times"])
    except NotFound:
        return 0
    except (ValueError, KeyError, TypeError):
        raise DamagedFile(
            f"{key} does not say how often a document was begun; another program has written it"
        ) from None


@contextlib.contextmanager
def noted_begin(store: ObjectStore, ticket: Ticket) -> Iterator[None]:
    """Write down that a document is begun, until that ends; whoever is killed meanwhile leaves it there."""
    key = RunLocations(ticket.run_id).begun(ticket.document_id)
    store.write(key, json.dumps({"times": count_begun(store, ticket) + 1}).encode(), content_type=_JSON)
    try:
        yield
    finally:
        with contextlib.suppress(StoreError):  # what stays says too much by one, and vacuum takes it
            store.delete((key,))


def utc_text() -> str:
    """The time, for people."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


class HashedRecord:
    """Which columns of a record are read, and which make its hash: as in a run over a table."""

    def __init__(self, config: Config, bundle: Bundle) -> None:
        wanted = bundle.contract.columns
        self._hashed = None if wanted is None else frozenset(wanted)
        fields = [path.split(".")[0] for path in key_fields(config.output.key) if path != "document_id"]
        self._read = None if self._hashed is None else self._hashed | {*fields, *config.manifest.columns}

    def __call__(self, record: Record) -> tuple[dict[str, Any], str]:
        """The record as it is rendered, and its hash."""
        if self._read is None or self._hashed is None:
            return dict(record), record_hash(record)
        read = {name: value for name, value in record.items() if name in self._read}
        return read, record_hash({name: value for name, value in read.items() if name in self._hashed})


def copied_text(value: Any) -> str | None:
    """A copied column's value as text, because no schema gives it a type; nothing of lists and structs."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):  # 1e99999999 is ten bytes of JSON; nobody wants its hundred million digits
        return format(value, "f") if abs(value.adjusted()) < _MOST_DIGITS else str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (str, int, float)) else None


def warm_up(bundle: Bundle, limits: Limits) -> None:
    """Make this process's renderer. Raises `TemplateError` for a bundle that is wrong."""
    renderer_for(bundle.hash, bundle.to_archive, limits)


class Checker:
    """Tries in a process of its own what a worker needs, and raises what is wrong with it."""

    def __init__(self, config: Config) -> None:
        warm_up(load_bundle(config.template, config.store_options(config.template)), config.limits)
        output_store(config).probe()

    def __call__(self, request: None) -> None:
        """All is well."""


class DocumentMaker:
    """Renders and stores documents of one service. Lives as long as its process; serves one thread."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._bundle = load_bundle(config.template, config.store_options(config.template))
        self.made_by = MadeBy(self._bundle.name, self._bundle.hash, renderer_version())
        self._shop = BundleShop(self._bundle.hash, self._bundle.to_archive(), config.limits)
        self.store = output_store(config)
        id_column = config.document.id if config.document.id.isidentifier() else None
        self._keys = KeyTemplate(config.output.key, id_column=id_column, fold_case=self.store.folds_case)
        self._hashed = HashedRecord(config, self._bundle)
        self._runs: set[str] = set()

    def make(self, ticket: Ticket, packed: bytes, *, again: bool = False) -> Status:
        """Render and store a document, or repeat what became of it. `again`: an earlier delivery did not end.

        Raises `StoreError` and `WorkerError` where the world failed: the document is to be tried later.
        """
        if again:
            found = self._find(ticket)
            if found is not None:
                return found
            with noted_begin(self.store, ticket):
                return self._made(ticket, packed, again)
        return self._made(ticket, packed, again)

    def _made(self, ticket: Ticket, packed: bytes, again: bool) -> Status:
        self._begin(ticket.run_id)
        record, digest = self._hashed(unpack_record(packed))
        outcome = self._supervised(ticket, record) if again else self._rendered(ticket, record)
        mine = self._status(ticket, record, digest, outcome)
        settled = settle_status(self.store, mine)
        if settled is not mine:
            self._take_back(mine, settled)
        return settled

    def _take_back(self, mine: Status, settled: Status) -> None:
        """Take our object, if another one counts, or none because the document was erased: nobody will name ours."""
        uri = None if mine.entry is None else mine.entry.uri
        if uri is not None and (settled.entry is None or settled.entry.uri != uri):
            store, key = locate(uri, self._config.store_options(uri))
            store.delete((key,))

    def _find(self, ticket: Ticket) -> Status | None:
        return _standing(self.store, RunLocations(ticket.run_id).status(ticket.document_id))

    def _begin(self, run_id: str) -> None:
        """Leave the bundle below the day's run, so that its documents can be made again."""
        if run_id not in self._runs:
            if len(self._runs) > 1000:
                self._runs.clear()
            key = RunLocations(run_id).archive(self._bundle.hash)
            if not self.store.exists(key):
                self.store.create(key, self._shop.archive)
            self._runs.add(run_id)

    def _rendered(self, ticket: Ticket, record: Record) -> Outcome:
        cpu_fuse(self._config.limits)
        try:
            return outcome_of(self._shop.renderer(), ticket.document_id, record)
        finally:
            disarm_fuse()

    def _supervised(self, ticket: Ticket, record: Record) -> Outcome:
        child = Supervised(self._shop)
        try:
            return child(ticket.document_id, record)
        finally:
            child.close()

    def _status(self, ticket: Ticket, record: Record, digest: str, outcome: Outcome) -> Status:
        entry = self._entry(ticket, record, digest, outcome)
        state = "document" if entry.status == DOCUMENT else "failure"
        return Status(ticket, state, digest, entry, self.made_by, at=utc_text())  # type: ignore[arg-type]

    def _entry(self, ticket: Ticket, record: Record, digest: str, outcome: Outcome) -> ManifestEntry:
        def sink(document_id: str, values: Record, pdf: bytes) -> StoredDocument:
            assert outcome.rendition is not None
            where = self._put(ticket, self._keys.key(values, document_id), pdf, outcome.rendition.sha256)
            return StoredDocument(where, self.store.uri_of(where), 0, len(pdf))

        extra = tuple(copied_text(record.get(name)) for name in self._config.manifest.columns)
        return stored_entry(outcome, record, digest, sink, extra)

    def _put(self, ticket: Ticket, key: str, pdf: bytes, sha256: str) -> str:
        """Store a document, and say where. Nothing that stands there is ever replaced.

        Where an attempt of another bundle, or of a record that differs, was there first, ours gets a name by its
        content: the status decides which of the two counts, and the other is referenced by nobody. So is what an
        attempt left that died long ago: vacuum may be taking it at this moment.
        """
        locations, output = RunLocations(ticket.run_id), self._config.output
        mine = f"{key}-{sha256[:24]}"
        for name in (key, mine, f"{mine}-{secrets.token_hex(4)}"):
            where = locations.document(name, output.fan_out)
            found = self.store.create_or_find(where, pdf, content_type=_PDF, tags=output.tags)
            if found == "new" or (found == "same" and self._is_kept(ticket, where)):
                return where
        raise StoreError(f"{self.store.uri_of(where)} is not what its name says; another program has written it")

    def _is_kept(self, ticket: Ticket, where: str) -> bool:
        """Whether no vacuum may take an object that was found: it is fresh, or the status names it."""
        info = self.store.head(where)
        if info is not None and utc_now() - info.modified < ADOPTED_FOR:
            return True
        status = self._find(ticket)
        return status is not None and status.entry is not None and status.entry.uri == self.store.uri_of(where)
