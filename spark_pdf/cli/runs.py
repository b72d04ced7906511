"""`run`, `plan`, `retry`, `verify`, `erase`, `rollup`, `vacuum`: a config in, what became of its records out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from spark_pdf.cli import console
from spark_pdf.cli.progress import RunProgress
from spark_pdf.cli.reporting import reporting
from spark_pdf.cli.settings import one_choice, read_config
from spark_pdf.errors import SparkPdfError
from spark_pdf.wording import by_kind, duration, plural, size

if TYPE_CHECKING:
    from spark_pdf.config import Config
    from spark_pdf.engines.result import RunResult
    from spark_pdf.manifest.vacuum import VacuumReport
    from spark_pdf.manifest.verify import Hashes, VerifyReport

RESULT_KEYS = ("run_id", "state", "documents", "failed", "pages", "bytes", "seconds", "manifest", "output", "skipped")
"""What `run --output json` prints: tools rely on these names."""


def run_config(
    configs: list[Path],
    sets: list[str],
    limit: int | None,
    run_id: str | None,
    as_json: bool,
    quiet: bool,
    report_to: str | None = None,
) -> None:
    """Run a config to its committed end."""
    from spark_pdf.engines.driver import run

    config = read_config(configs, sets, limit)
    with reporting(config, report_to) as report:
        with RunProgress(quiet=quiet) as progress:
            result = run(config, run_id, progress=progress)
        report.update(result_values(config, result))
    print_run(config, result, as_json)


def unpack_run(
    configs: list[Path], sets: list[str], run_id: str, as_json: bool, quiet: bool, report_to: str | None = None
) -> None:
    """Store and commit the documents of a run that were rendered into a table."""
    from spark_pdf.engines.spark.table import unpack

    config = read_config(configs, sets)
    with reporting(config, report_to) as report:
        with RunProgress(quiet=quiet) as progress:
            result = unpack(config, run_id, progress=progress)
        report.update(result_values(config, result))
    print_run(config, result, as_json)


def retry_run(
    configs: list[Path],
    sets: list[str],
    run_id: str,
    as_json: bool,
    quiet: bool,
    retry_id: str | None = None,
    report_to: str | None = None,
) -> None:
    """Render a committed run's failures again."""
    from spark_pdf.engines.retry import retry

    config = read_config(configs, sets)
    with reporting(config, report_to) as report:
        with RunProgress(quiet=quiet) as progress:
            result = retry(config, run_id, retry_id, progress=progress)
        report.update(result_values(config, result))
    print_run(config, result, as_json)


def result_values(config: Config, result: RunResult) -> dict[str, Any]:
    """What programs hear of a run: `RESULT_KEYS`, with canonical URIs; of a retry also what changed."""
    from spark_pdf.store.uris import parse_uri

    values = {key: getattr(result, key) for key in RESULT_KEYS}
    values["output"] = parse_uri(result.output).uri
    if config.manifest.format != "iceberg":
        values["manifest"] = parse_uri(result.manifest).uri
    if result.changed is not None:
        values["changed"] = list(result.changed)
    return values


def print_run(config: Config, result: RunResult, as_json: bool) -> None:
    """What became of a run."""
    values = result_values(config, result)
    if as_json:
        console.result_json(values)
        return
    done = " (already)" if result.already_committed else ""
    console.result(f"{console.coloured(result.state, 'green')}{done}: run {result.run_id}")
    per_second = result.documents / result.seconds if result.seconds and not done else 0.0
    why = by_kind(result.failures_by_code)
    rate = f", {per_second:,.0f} documents/s" if per_second >= 1 else ""
    console.table(
        [
            ("documents", f"{result.documents:,}"),
            ("failed", f"{result.failed:,}" + (f" ({why})" if why else "") if result.failed else ""),
            ("skipped", f"{result.skipped:,}" if result.skipped else ""),
            ("changed", ("; ".join(result.changed) or "nothing since") if result.changed is not None else ""),
            ("pages", f"{result.pages:,}"),
            ("bytes", size(result.bytes)),
            ("time", duration(result.seconds) + rate),
            ("output", values["output"]),
            ("manifest", values["manifest"]),
        ]
    )
    if result.state == "rendered":
        console.note(f"into {config.output.table}; spark-pdf unpack CONFIG --run-id {result.run_id} stores and commits")
    elif result.failed:
        console.note(f"once the cause is mended: spark-pdf retry CONFIG --run-id {result.run_id}")


def plan_config(configs: list[Path], sets: list[str], as_json: bool, quiet: bool) -> None:
    """What a run would do, up to the point where it would write."""
    from spark_pdf.engines.driver import new_run_id, open_source
    from spark_pdf.engines.planning import cut
    from spark_pdf.engines.preflight import needed_columns
    from spark_pdf.template.loading import load_bundle

    config = read_config(configs, sets)
    with RunProgress(quiet=quiet) as progress:
        progress.phase("open", config.name)
        bundle = load_bundle(config.template, config.store_options(config.template))
        source = open_source(config, new_run_id(config.name), progress)
        try:
            schema = source.schema()
            bundle.contract.check(schema)
            columns = needed_columns(config, bundle, schema.names)
            source.prune(columns)
            progress.phase("measure")
            measure = source.measure([])
            partitions = cut(measure, config.tasks, source.slots)
        finally:
            source.close()
    counts = partitions.counts or (0,)
    values: dict[str, Any] = {
        "mode": config.mode,
        "records": measure.records,
        "tasks": partitions.partitions,
        "smallest_task": min(counts),
        "largest_task": max(counts),
        "columns": columns if columns is not None else list(schema.names),
        "template_hash": bundle.hash,
    }
    if as_json:
        console.result_json(values)
        return
    sizes = f"{values['tasks']:,}, of {min(counts):,} to {max(counts):,} records"
    skips = "" if config.mode == "all" else f", less what the manifest has (mode: {config.mode})"
    console.table(
        [("records", f"{measure.records:,}{skips}"), ("tasks", sizes), ("columns", ", ".join(values["columns"]))], ""
    )


def verify_run(
    configs: list[Path],
    sets: list[str],
    run_id: str | None,
    hashes: str,
    as_json: bool,
    quiet: bool,
    runs: str | None = None,
) -> None:
    """Hold the store against the manifest. Raises `SparkPdfError` (exit 1) if anything is wrong."""
    from spark_pdf.manifest.verify import verify

    one_choice(required=False, run_id=run_id, runs=runs)
    config = read_config(configs, sets)
    report = verify(config, run_id, runs=runs, hashes=cast("Hashes", hashes), progress=None if quiet else _verified())
    print_report(report, as_json)


def print_report(report: VerifyReport, as_json: bool = False) -> None:
    """What a verification found; raises if that is anything wrong."""
    if as_json:
        console.result_json(report.to_json())
    else:
        word = console.coloured("verified", "green") if report.ok else console.coloured("WRONG", "red")
        of = f"run {report.run_id}" if report.run_id else "each document's latest run"
        of = f"runs {report.runs}…" if report.runs is not None else of
        console.result(f"{word}: {of}")
        read = f"{plural(report.hashed, 'document')}, {size(report.hashed_bytes)}"
        console.table(
            [
                ("documents", f"{report.documents:,}"),
                ("failures", f"{report.failed:,}" if report.failed else ""),
                ("erased", f"{report.erased:,}" if report.erased else ""),
                ("expired", f"{report.expired:,}" if report.expired else ""),
                ("objects", f"{report.objects:,}"),
                ("hashes", f"{read} read" if report.hashed else "none read"),
            ]
        )
        for finding in report.findings:
            console.result(console.coloured(f"  {finding}", "red"))
    if not report.ok:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.counts.items())
        raise SparkPdfError(f"the store is not what the manifest says: {kinds}")


def _verified() -> Callable[[int, int], None]:
    """Says now and then how far a verification is."""
    import time

    last = time.monotonic()

    def show(rows: int, findings: int) -> None:
        nonlocal last
        if time.monotonic() - last >= 5:
            last = time.monotonic()
            wrong = f", {plural(findings, 'finding')}" if findings else ""
            console.note(f"{plural(rows, 'row')}{wrong}")

    return show


def erase_documents(configs: list[Path], sets: list[str], document_ids: list[str], as_json: bool) -> None:
    """Erase documents over all runs. Raises `SparkPdfError` (exit 1) if something may hold some that was left alone."""
    from spark_pdf.engines.erasing import erase_everywhere

    config = read_config(configs, sets)
    report = erase_everywhere(config, document_ids)
    if as_json:
        console.result_json(report.to_json())
    else:
        of = plural(len(report.document_ids), "id")
        console.result(f"{console.coloured('erased', 'green')}: {plural(report.documents, 'document')} of {of}")
        console.table(
            [
                ("runs", f"{len(report.runs):,}"),
                ("packs", f"{report.packs:,} written anew" if report.packs else ""),
                ("objects", f"{report.objects:,}" if report.objects else ""),
                ("copies", f"of the source, of {plural(report.copies, 'run')}" if report.copies else ""),
                ("dead letters", f"{report.letters:,}" if report.letters else ""),
                ("log", report.log),
            ]
        )
    if report.elsewhere:
        runs = ", ".join(report.elsewhere)
        console.warn(f"these runs are of another output; erase by its config too, for their task manifests: {runs}")
    if config.stream is not None and config.stream.dead_letters.topic:
        console.warn(
            f"the topic {config.stream.dead_letters.topic} was not looked at: nobody can take messages out of it"
        )
    if report.unseen:
        raise SparkPdfError(
            f"dead letters that were not looked at may hold these ids: {'; '.join(report.unseen)}. Erase again then"
        )
    if not report.complete:
        runs = ", ".join(report.unfinished)
        raise SparkPdfError(
            f"runs that are not committed may hold documents of these ids: {runs}. Finish each (run it again with its "
            "--run-id), or take away what nobody drives any more (spark-pdf vacuum CONFIG --run-id ID "
            "--grace-days 0.01 --delete); then erase again"
        )


def roll_up(configs: list[Path], sets: list[str], day: str | None, runs: str | None, as_json: bool) -> None:
    """Merge the small packs of a stream's day, or of runs whose ids begin so."""
    from spark_pdf.engines.batches import day_prefix
    from spark_pdf.manifest.rollup import rollup

    one_choice(required=True, day=day, runs=runs)
    config = read_config(configs, sets)
    report = rollup(config, runs if runs is not None else day_prefix(config.name, day or ""))
    if as_json:
        console.result_json(report.to_json())
        return
    what = plural(report.merged, "small pack")
    console.result(f"{console.coloured('rolled up', 'green')}: {what} into {report.packs:,}, of runs {report.prefix}*")
    if report.merged:
        console.table(
            [
                ("runs", f"{report.runs:,}"),
                ("documents", f"{report.documents:,}"),
                ("bytes", size(report.bytes)),
                ("old packs", "for spark-pdf vacuum, after its grace period"),
            ]
        )


def vacuum_output(
    configs: list[Path], sets: list[str], run_id: str | None, delete: bool, grace_days: float, as_json: bool
) -> None:
    """Count, or take, what nobody references."""
    from spark_pdf.manifest.vacuum import vacuum

    config = read_config(configs, sets)
    report = vacuum(config, run_id, dry_run=not delete, grace=timedelta(days=grace_days))
    if as_json:
        console.result_json(report.to_json())
    else:
        _print_vacuum(report)


def _print_vacuum(report: VacuumReport) -> None:
    verb = "would take" if report.dry_run else "took"
    uploads = f", {plural(report.uploads, 'unfinished upload')}" if report.uploads else ""
    console.result(f"{verb} {plural(report.objects, 'object')}, {size(report.bytes)}{uploads}")
    if report.expired:
        console.result(f"  with {plural(report.expired, 'document')} that later runs have replaced (retention)")
    for run in report.runs:
        what = f"{plural(run.objects, 'object')}, {size(run.bytes)}" if run.objects else "nothing"
        console.result(f"  {run.run_id}  {run.state}: {what}" + (f" ({run.note})" if run.note else ""))
    for stranger in report.strangers:
        console.warn(f"{stranger} belongs to no run of this output; it stays")
    for text in report.notes:
        console.note(text)
    if report.dry_run and (report.objects or report.uploads):
        console.note("nothing was taken; --delete takes it")
