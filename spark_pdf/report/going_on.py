"""What a reader of the report does next: commands, and SQL for the run's rows. Text in a shape that can be copied."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from spark_pdf.report.text import plain, whole

if TYPE_CHECKING:
    from spark_pdf.report.page import Subject

_CONFIG = "CONFIG.yaml"


def commands(subject: Subject) -> str:
    """Commands of the command line. The config's path is the reader's to fill in: a run does not know it."""
    one = subject.one
    if one is None:
        lines = [f"spark-pdf verify {_CONFIG} --runs {shlex.quote(subject.runs or '')}"]
        with_failures = sorted(run_id for run_id, run in subject.tally.runs.items() if run.failed)
        lines += [f"spark-pdf retry {_CONFIG} --run-id {run_id}" for run_id in with_failures[:5]]
    elif one.state == "committed":
        lines = [f"spark-pdf verify {_CONFIG} --run-id {one.run_id} --hashes all"]
        if subject.tally.failed:
            lines.append(f"spark-pdf retry {_CONFIG} --run-id {one.run_id}      # once the cause is mended")
        example = next((name for _, name in subject.tally.largest if plain(name)), None)
        if subject.ids and example is not None:
            lines.append(f"spark-pdf get {_CONFIG} --run-id {one.run_id} --id {shlex.quote(example)} -o document.pdf")
    elif one.state == "vacuumed":
        lines = [f"spark-pdf run {_CONFIG}      # a new run: this one was abandoned, and its documents are gone"]
    else:
        lines = [
            f"spark-pdf run {_CONFIG} --run-id {one.run_id}      # goes on where it stopped",
            f"spark-pdf report {_CONFIG} --run-id {one.run_id}      # this page, as of then",
        ]
    return f"<pre>{whole(chr(10).join(lines))}</pre>"


def queries(subject: Subject) -> str:
    """How the manifest is asked about these rows, in DuckDB and Spark."""
    one, place = subject.one, subject.place
    if one is not None and one.state != "committed":
        return '<p class="note">The manifest has no rows of this run until it is committed.</p>'
    # Not LIKE, to which an underscore, as ids of runs may have, is any character.
    runs = subject.runs or ""
    rows = f"left(run_id, {len(runs)}) = {_text(runs)}" if one is None else f"run_id = {_text(one.run_id)}"
    asked = f"SELECT document_id, error_code, error_detail FROM {{}}\nWHERE {rows} AND status = 'failure'"
    if place.format == "parquet":
        table = place.manifest.removeprefix("file://")
        pattern = f"{one.run_id}*" if one is not None else f"{runs}*"
        text = (
            f"-- DuckDB: only what commits name is the table's\nSET VARIABLE files = (\n"
            "  WITH commits AS (SELECT arg_max(files, version) AS files FROM "
            f"read_json({_text(f'{table}/_commits/{pattern}.json')}) GROUP BY run.run_id)\n"
            f"  SELECT list({_text(table + '/')} || file.key)\n"
            "  FROM (SELECT unnest(files) AS file FROM commits)\n"
            ");\n" + asked.format("read_parquet(getvariable('files'))") + ";"
        )
    elif place.format == "delta":
        spark = asked.format(f"delta.`{place.manifest}`")
        text = f"-- Spark\n{spark};\n-- DuckDB\n{asked.format(f'delta_scan({_text(place.manifest)})')};"
    else:
        text = f"-- Spark, by the table's catalog\n{asked.format(place.manifest)};"
    return f"<pre>{whole(text)}</pre>"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
