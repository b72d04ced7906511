"""`report`: a config and runs in, a page for people out, in the store or in a file."""

from __future__ import annotations

import sys
from pathlib import Path

from spark_pdf.cli import console
from spark_pdf.cli.settings import one_choice, read_config
from spark_pdf.errors import UsageError


def report_runs(
    configs: list[Path],
    sets: list[str],
    run_id: str | None,
    runs: str | None,
    target: str | None,
    no_ids: bool,
    as_json: bool,
) -> None:
    """Write a report, and say where. Raises `UsageError` where there is no such run."""
    from spark_pdf.report.writing import run_report, write_report

    one_choice(required=True, run_id=run_id, runs=runs)
    config, ids = read_config(configs, sets), False if no_ids else None
    if target is None:
        if run_id is None:
            raise UsageError("a report of several runs has no place beside the files of one: say where with -o")
        where = write_report(config, run_id, ids=ids)
    else:
        data = run_report(config, run_id, runs=runs, ids=ids).encode()
        if target == "-":
            sys.stdout.buffer.write(data)
            return
        try:
            Path(target).write_bytes(data)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror}") from None
        where = str(Path(target).absolute())
    if as_json:
        console.result_json({"run_id": run_id, "runs": runs, "report": where})
    else:
        console.result(f"{console.coloured('report', 'green')}: {where}")
