"""`submit`: a config, a platform and a run_id in; the run's own result and exit code out, or the request alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from spark_pdf.cli import console
from spark_pdf.cli.settings import read_config


def submit_run(
    platform: str,
    configs: Sequence[Path],
    sets: Sequence[str],
    run_id: str,
    *,
    dry_run: bool,
    wait: bool,
    cancel: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Start a run on a platform, and follow it to its end."""
    from spark_pdf.submit import follow

    config = read_config(configs, sets)
    if dry_run:
        console.result(json.dumps(follow.dry_run(config, platform, run_id), indent=2))
        return
    say = (lambda text: None) if quiet else console.note
    ending = follow.submit(config, platform, run_id, wait=wait, cancel=cancel, say=say)
    if ending is None:
        console.note("not waited for; the same command follows it")
    elif as_json:
        console.result_json(ending.result)
    else:
        console.result(f"{console.coloured('committed', 'green')}: run {run_id}")
        kept = ("documents", "failed", "skipped", "pages", "bytes", "seconds", "output", "manifest")
        shown = {name: ending.result.get(name) for name in kept}
        console.table(
            [(name, f"{value:,}" if isinstance(value, int) else str(value or "")) for name, value in shown.items()]
        )
