"""Where a report goes: a config and runs in, a page in the store or in a file out.

A report may name documents. So erasing takes the reports of the runs that it touches away, and whoever has written one
elsewhere has it in hand.
"""

from __future__ import annotations

import logging

from spark_pdf.config import Config
from spark_pdf.errors import SparkPdfError, StoreError
from spark_pdf.manifest.table import ManifestTable, open_table
from spark_pdf.report.facts import many_runs, one_run
from spark_pdf.report.page import Place, Subject, page
from spark_pdf.store import ObjectStore, output_store
from spark_pdf.store.locations import BEGUN_ERASURES, ERASURES, RunLocations, checked_prefix
from spark_pdf.store.uris import parse_uri

log = logging.getLogger(__name__)


def run_report(
    config: Config, run_id: str | None = None, *, runs: str | None = None, ids: bool | None = None,
    table: ManifestTable | None = None,
) -> str:  # fmt: skip
    """The page of one run, committed or not; or of all committed runs whose ids begin with `runs`.

    `ids`: whether documents are named; by itself as the config says. Raises `UsageError` where there is no such run.
    """
    store, table = output_store(config), table or open_table(config)
    named = config.report != "without_ids" if ids is None else ids
    manifest = config.manifest_uri()
    if config.manifest.format != "iceberg":
        manifest = parse_uri(manifest).uri
    place = Place(store.uri, manifest, config.manifest.format)
    if runs is not None:
        several, tally = many_runs(store, table, checked_prefix(runs))
        return page(Subject(config.name, several, tally, place, runs, named))
    facts, tally = one_run(store, table, run_id or "")
    return page(Subject(str(facts.detail("name") or config.name), (facts,), tally, place, None, named))


def write_report(config: Config, run_id: str, *, ids: bool | None = None, table: ManifestTable | None = None) -> str:
    """Write a run's report beside its files, over an earlier one; its URI.

    Raises `StoreError`, and leaves none, if documents were erased meanwhile: the page may name them, and whoever erases
    may have looked for reports before it was there.
    """
    store, key = output_store(config), RunLocations(run_id).report
    before = _erasures(store)
    text = run_report(config, run_id, ids=ids, table=table)
    store.write(key, text.encode(), content_type="text/html; charset=utf-8")
    after = _erasures(store)
    begun = sorted(one for one in after if one.startswith(f"{BEGUN_ERASURES}/"))
    if begun or after != before:
        store.delete((key,))
        said = f"the erasure {begun[0]} goes on, or was interrupted: erase again" if begun else "documents were erased"
        raise StoreError(f"run {run_id} has no report, because meanwhile {said}; then write it again")
    return store.uri_of(key)


def leave_report(config: Config, run_id: str, *, again: bool = True) -> None:
    """At the end of a run, however it ended: write its report, if the config asks for one.

    What cannot be written is a warning, because the run has ended as it has ended. `again`: over an earlier one.
    """
    if not config.report:
        return
    try:
        if again or not output_store(config).exists(RunLocations(run_id).report):
            log.info("report: %s", write_report(config, run_id))
    except SparkPdfError as error:
        log.warning("the report of run %s could not be written: %s", run_id, error)


def _erasures(store: ObjectStore) -> set[str]:
    return {info.key for info in store.list(ERASURES)}
