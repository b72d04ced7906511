"""What else may hold a document's record: task manifests, copies of the source, packs of attempts that lost.

In: a store, and document ids that are erased from the table already. Out: the same places without them. All of it is
of committed runs, in which nothing reads these files to decide anything. What runs that are not committed hold cannot
be taken without harm; `unfinished_runs` names them.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from spark_pdf.errors import NotFound, UsageError
from spark_pdf.manifest.days import DayReader, batches_of
from spark_pdf.manifest.files import read_bytes, read_json
from spark_pdf.manifest.ranges import parquet_file
from spark_pdf.manifest.repack import entry_names
from spark_pdf.manifest.rewriting import erased_rows
from spark_pdf.manifest.runs import find_run, utc_now
from spark_pdf.manifest.schema import DOCUMENT, ERASED
from spark_pdf.manifest.shared import entry_names_of
from spark_pdf.manifest.table import ManifestTable, runs
from spark_pdf.manifest.tasks import list_tasks
from spark_pdf.manifest.vacuum import manifest_identity
from spark_pdf.store.locations import RUNS, RunLocations

if TYPE_CHECKING:
    from spark_pdf.config import Config
    from spark_pdf.store import ObjectInfo, ObjectStore

_COPIED_ID = "__document_id"
_LIST_THREADS = 16


def scrub_tasks(store: ObjectStore, run_id: str, document_ids: Collection[str], trace: str) -> None:
    """Rewrite a committed run's task manifests that have rows of these ids; what they say of themselves stays.

    A late attempt that finds the file adopts its summary as before. All are read: which task an id was in is the
    engine's knowledge, and a failure of an earlier wave is in no row of the table.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    locations = RunLocations(run_id)
    for task in list(list_tasks(store, locations)):
        key = locations.task(*task)
        try:
            file = pq.ParquetFile(pa.BufferReader(store.read(key)))
        except NotFound:
            continue
        rows = file.read()
        scrubbed = erased_rows(rows, document_ids, trace)
        if scrubbed is not rows:
            sink = io.BytesIO()
            # The metadata of the schema is the footer's, in which the attempt says what it did.
            pq.write_table(scrubbed.replace_schema_metadata(file.metadata.metadata), sink, compression="zstd")
            store.write(key, sink.getvalue())


def all_runs(store: ObjectStore, table: ManifestTable) -> dict[str, bool]:
    """Every run of this output, and whether the table has it."""
    known, found = {run_id for _, run_id in runs(table)}, {}
    for name in store.folders(RUNS):
        with suppress(UsageError):  # no run of ours has such a name
            RunLocations(name)
            # One that rendered nothing has no rows, and is committed all the same.
            found[name] = name in known or table.committed(name) is not None
    return found


def drop_copies(store: ObjectStore, committed: Iterable[str], document_ids: Collection[str]) -> int:
    """Take copies of records that have one of these ids, of committed runs; how many. They were for resuming.

    Nothing tells which run has one but a look at its folder; a year of a stream is a hundred thousand of them.
    """
    with ThreadPoolExecutor(_LIST_THREADS) as pool:
        return sum(pool.map(lambda run_id: _drop_copies_of(store, run_id, document_ids), committed))


def _drop_copies_of(store: ObjectStore, run_id: str, document_ids: Collection[str]) -> bool:
    locations = RunLocations(run_id)
    files = [*store.list(locations.source), *store.list(locations.records())]
    if not any(_has(store, info, document_ids) for info in files if info.key.endswith(".parquet")):
        return False
    # The markers first: a copy without one is used by nobody.
    files.sort(key=lambda info: not info.key.endswith(".json"))
    store.delete(info.key for info in files)
    return True


def _has(store: ObjectStore, info: ObjectInfo, document_ids: Collection[str]) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(sorted(document_ids), pa.string())
    with parquet_file(store, info.key, info.size) as parquet:
        if _COPIED_ID not in parquet.schema_arrow.names:
            return True  # not ours to read; a copy too much is no harm
        return any(
            pc.any(pc.is_in(batch[_COPIED_ID].cast(pa.string()), wanted)).as_py()
            for batch in parquet.iter_batches(columns=[_COPIED_ID])
        )


def drop_lost_packs(store: ObjectStore, table: ManifestTable, run_id: str, document_ids: Collection[str]) -> int:
    """Take a committed run's packs that no row names and that hold one of these documents; how many.

    Another rewrite may be about to name a pack of its own making, but none with one of these documents in it: its rows
    say by now that they were erased, and it has to begin again.
    """
    locations = RunLocations(run_id)
    named = {
        uri.rpartition("/")[2]
        for batch in table.scan(["uri"], run_id=run_id, status=DOCUMENT)
        for uri in batch["uri"].unique().to_pylist()
        if uri is not None
    }
    names = entry_names_of(document_ids)
    lost = [info.key for info in store.list(locations.packs) if info.key.rpartition("/")[2] not in named]
    holding = [key for key in lost if names & set(entry_names(store, key).values())]
    store.delete(holding)
    return len(holding)


def drop_lost_objects(store: ObjectStore, table: ManifestTable, day: str, names: Collection[str]) -> int:
    """Take what attempts that died have left in a queue's day, of documents with these keys below it; how many.

    `engines.celery.rendering` calls them by the key, and where that was taken by their content's hash, too.
    """
    reader = DayReader(store, table, timedelta(), None, utc_now())
    lost = [
        one.key
        for one in reader.orphans(day, batches_of(table, [day])[day])
        if _is_called(store, one.key, names, one.key.partition(f"/{day}/")[2].removesuffix(".pdf"))
    ]
    store.delete(lost)
    return len(lost)


def _is_called(store: ObjectStore, key: str, names: Collection[str], name: str) -> bool:
    match = re.fullmatch(r"(.+)-([0-9a-f]{24})(-[0-9a-f]{8})?", name)
    if name in names or match is None or match[1] not in names:
        return name in names
    data = read_bytes(store, key)  # an id may end like a hash
    return data is not None and hashlib.sha256(data).hexdigest().startswith(match[2])


def pending_days(store: ObjectStore, table: ManifestTable, days: Collection[str], ids: Collection[str]) -> list[str]:
    """A queue's days that have one of these ids and no row of it yet: it is rendered, or waits for the compactor."""
    found, batches = [], batches_of(table, days)
    for day in days:
        left = {one for one in ids if _waits(store, RunLocations(day), one)}
        for run_id in batches[day] if left else ():
            for batch in table.scan(["document_id"], run_id=run_id, document_ids=sorted(left)):
                left.difference_update(batch["document_id"].to_pylist())
        if left:
            found.append(day)
    return found


def _waits(store: ObjectStore, locations: RunLocations, document_id: str) -> bool:
    places = (locations.status(document_id), locations.accepted(document_id))
    found = next((value for value in (read_json(store, key) for key in places) if value is not None), None)
    return found is not None and found.get("state") != ERASED


def unfinished_runs(store: ObjectStore, uncommitted: Iterable[str], config: Config) -> list[str]:
    """Runs of this manifest that are not committed and have stored something."""
    identity, found = manifest_identity(config), []
    for run_id in uncommitted:
        run = find_run(store, RunLocations(run_id))
        theirs = (run.details or {}).get("manifest") if run is not None else None
        if theirs in (None, identity) and _holds_something(store, run_id):
            found.append(run_id)
    return found


def _holds_something(store: ObjectStore, run_id: str) -> bool:
    locations = RunLocations(run_id)
    folders = [locations.packs, locations.tasks, locations.source, locations.records(), locations.baseline()]
    folders += [f"documents/{fan_out}/{run_id}" for fan_out in store.folders("documents")]
    return any(next(iter(store.list(folder)), None) is not None for folder in folders)
