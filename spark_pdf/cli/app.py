"""Commands of `spark-pdf` and their options. Nothing is done here: each command calls a function of its module.

Commands import when they are called, so that `--help`, and `render` without Spark, start at once.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="spark-pdf",
    help="From a table to a million documents: HTML and CSS to PDF, rendered on Spark, committed exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done; 1 failed; 2 usage; 3 too many documents failed; 4 commit state unknown. "
    "--debug shows where an error came from.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Output(str, Enum):
    """How a result is printed."""

    text = "text"
    json = "json"


class Hashes(str, Enum):
    """Which stored bytes `verify` reads."""

    none = "none"
    sample = "sample"
    all = "all"


class Mode(str, Enum):
    """Which records `run` renders."""

    all = "all"
    changed = "changed"
    missing = "missing"


class Platform(str, Enum):
    """Where `submit` starts a run."""

    emr_serverless = "emr-serverless"
    emr_step = "emr-step"
    databricks = "databricks"
    k8s = "k8s"


class Engine(str, Enum):
    """Who renders the demo."""

    spark = "spark"
    local = "local"


Configs = Annotated[list[Path], typer.Argument(metavar="CONFIG.yaml", help="the config, then overlays")]
Sets = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="a setting: output.layout=objects")]
RunId = Annotated[str | None, typer.Option("--run-id", help="name of the run; the same again resumes it")]
OneRun = Annotated[str | None, typer.Option("--run-id", help="one run; without it, each document's latest")]
Runs = Annotated[
    str | None, typer.Option("--runs", metavar="PREFIX", help="all runs whose ids begin so, such as a stream's day")
]
AsOutput = Annotated[Output, typer.Option("--output", help="text for people, json for programs")]
ReportTo = Annotated[
    str | None, typer.Option("--result", metavar="URI", help="write the result, or the error, there as JSON")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress")]


queue = typer.Typer(
    help="Work on the queue of single documents.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip
app.add_typer(queue, name="queue")


def _version(asked: bool) -> None:
    if asked:
        import spark_pdf

        typer.echo(f"spark-pdf {spark_pdf.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="the version")] = False,
) -> None:
    """Options of all commands."""


@app.command()
def render(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="template bundle: a folder, a .zip or a URI")],
    data: Annotated[str | None, typer.Option("--data", "-d", help="JSON, - for stdin; default: sample.json")] = None,
    target: Annotated[str | None, typer.Option("-o", "--out", help="PDF, - for stdout; default: BUNDLE.pdf")] = None,
    output: AsOutput = Output.text,
) -> None:
    """Render one document, without Spark and Java."""
    from spark_pdf.cli.documents import render_document

    render_document(bundle, data, target, output is Output.json)


@app.command()
def run(
    configs: Configs,
    sets: Sets = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="only so many records, the first by id")] = None,
    run_id: RunId = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="every record, what changed since, or ids without an entry")
    ] = None,
    output: AsOutput = Output.text,
    report_to: ReportTo = None,
    quiet: Quiet = False,
) -> None:
    """Render a table: a document for each record.

    Every record becomes one committed document or one explained failure. The same --run-id again resumes. With --mode
    changed or missing, what the manifest has already is skipped.
    """
    from spark_pdf.cli.runs import run_config

    sets = [*(sets or []), *([f"mode={mode.value}"] if mode else [])]
    run_config(configs, sets, limit, run_id, output is Output.json, quiet, report_to)


@app.command()
def submit(
    platform: Annotated[Platform, typer.Argument(help="where")],
    configs: Configs,
    run_id: Annotated[str, typer.Option("--run-id", help="name of the run; the same again follows or resumes it")],
    sets: Sets = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the request; send nothing")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="start it, and do not follow it")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Ctrl-C cancels the job, too")] = False,
    output: AsOutput = Output.text,
    quiet: Quiet = False,
) -> None:
    """Run on EMR, Databricks or Kubernetes.

    Environment, template and config are sent to the staging store, the job is started once and followed; the exit code
    is the run's own. Platforms are described in the config's section `submit`.
    """
    from spark_pdf.cli.submitting import submit_run

    submit_run(
        platform.value, configs, sets or [], run_id,
        dry_run=dry_run, wait=not no_wait, cancel=cancel, as_json=output is Output.json, quiet=quiet,
    )  # fmt: skip


@app.command()
def watch(
    configs: Configs,
    sets: Sets = None,
    once: Annotated[bool, typer.Option("--once", help="end when nothing is left")] = False,
    output: AsOutput = Output.text,
    quiet: Quiet = False,
) -> None:
    """Render what comes into a folder or an SQLite outbox.

    Until SIGTERM, without Spark and Java, in small memory. What comes is done when its documents are committed.
    """
    from spark_pdf.cli.streams import watch_config

    watch_config(configs, sets or [], once, output is Output.json, quiet)


@app.command()
def stream(
    configs: Configs,
    sets: Sets = None,
    once: Annotated[bool, typer.Option("--once", help="end when all that is there is rendered")] = False,
    output: AsOutput = Output.text,
    quiet: Quiet = False,
) -> None:
    """Render what comes, batch by batch, until SIGTERM.

    From files, Delta or Kafka, by Spark. Each batch is a run; one that is replayed after a crash adds nothing.
    """
    from spark_pdf.cli.streams import stream_config

    stream_config(configs, sets or [], once, output is Output.json, quiet)


@app.command()
def unpack(
    configs: Configs,
    run_id: Annotated[str, typer.Option("--run-id", help="the run whose documents lie in output.table")],
    sets: Sets = None,
    output: AsOutput = Output.text,
    report_to: ReportTo = None,
    quiet: Quiet = False,
) -> None:
    """Store and commit what lies in output.table.

    For workers that reach no store: they render into a table, and a machine that may write unpacks it.
    """
    from spark_pdf.cli.runs import unpack_run

    unpack_run(configs, sets or [], run_id, output is Output.json, quiet, report_to)


@app.command()
def plan(configs: Configs, sets: Sets = None, output: AsOutput = Output.text, quiet: Quiet = False) -> None:
    """Show what a run would do; write nothing.

    Records, tasks, and the columns that are read.
    """
    from spark_pdf.cli.runs import plan_config

    plan_config(configs, sets or [], output is Output.json, quiet)


@app.command()
def check(
    targets: Annotated[list[str], typer.Argument(metavar="BUNDLE|CONFIG.yaml", help="a bundle, a config, or both")],
    sets: Sets = None,
    output: AsOutput = Output.text,
) -> None:
    """Check a template bundle, and a config.

    Templates, CSS, fonts and sample of a bundle; with a config, its contract against the source.
    """
    from spark_pdf.cli.checks import check_targets

    check_targets(targets, sets or [], output is Output.json)


@app.command()
def verify(
    configs: Configs,
    sets: Sets = None,
    run_id: OneRun = None,
    runs: Runs = None,
    hashes: Annotated[Hashes, typer.Option("--hashes", help="read no stored bytes, a sample, or all")] = Hashes.sample,
    output: AsOutput = Output.text,
    quiet: Quiet = False,
) -> None:
    """Hold the store against the manifest.

    Counts, uniqueness, existence, and hashes of the stored bytes.
    """
    from spark_pdf.cli.runs import verify_run

    verify_run(configs, sets or [], run_id, hashes.value, output is Output.json, quiet, runs)


@app.command()
def report(
    configs: Configs,
    sets: Sets = None,
    run_id: Annotated[str | None, typer.Option("--run-id", help="one run, committed or not")] = None,
    runs: Runs = None,
    target: Annotated[
        str | None,
        typer.Option("-o", "--out", help="the file, - for stdout; default: report.html beside the run's files"),
    ] = None,
    no_ids: Annotated[bool, typer.Option("--no-ids", help="name no documents")] = False,
    output: AsOutput = Output.text,
) -> None:
    """Write a page for people about a run.

    Counts, failures and warnings by kind, times, sizes, where everything is, and how to go on. Of several runs, -o says
    where it goes.
    """
    from spark_pdf.cli.reports import report_runs

    report_runs(configs, sets or [], run_id, runs, target, no_ids, output is Output.json)


@app.command()
def retry(
    configs: Configs,
    run_id: Annotated[str, typer.Option("--run-id", help="the committed run whose failures are tried again")],
    sets: Sets = None,
    retry_id: Annotated[
        str | None, typer.Option("--retry-id", help="name of the new run; the same again resumes it")
    ] = None,
    output: AsOutput = Output.text,
    report_to: ReportTo = None,
    quiet: Quiet = False,
) -> None:
    """Render a run's failures again, in a new run."""
    from spark_pdf.cli.runs import retry_run

    retry_run(configs, sets or [], run_id, output is Output.json, quiet, retry_id, report_to)


@app.command()
def get(
    configs: Configs,
    document_id: Annotated[str, typer.Option("--id", help="the document's id")],
    sets: Sets = None,
    run_id: OneRun = None,
    target: Annotated[str | None, typer.Option("-o", "--out", help="the file, - for stdout; default: ID.pdf")] = None,
    output: AsOutput = Output.text,
) -> None:
    """Fetch one document by its id."""
    from spark_pdf.cli.documents import get_document

    get_document(configs, sets or [], document_id, run_id, target, output is Output.json)


@app.command()
def erase(
    configs: Configs,
    document_ids: Annotated[list[str], typer.Option("--id", help="a document's id; may be given several times")],
    sets: Sets = None,
    output: AsOutput = Output.text,
) -> None:
    """Erase documents by their ids, over all runs.

    Bytes, hashes and copied columns go; the manifest keeps the id and says that it was erased.
    """
    from spark_pdf.cli.runs import erase_documents

    erase_documents(configs, sets or [], document_ids, output is Output.json)


@app.command()
def rollup(
    configs: Configs,
    sets: Sets = None,
    day: Annotated[str | None, typer.Option("--day", metavar="YYYYMMDD", help="a stream's runs of this day")] = None,
    runs: Annotated[str | None, typer.Option("--runs", metavar="PREFIX", help="runs whose ids begin so")] = None,
    output: AsOutput = Output.text,
) -> None:
    """Merge the small packs of many committed runs into large ones.

    For streams and the edge, whose batches are runs. Documents, hashes and rows stay; vacuum takes the old packs.
    """
    from spark_pdf.cli.runs import roll_up

    roll_up(configs, sets or [], day, runs, output is Output.json)


@app.command()
def vacuum(
    configs: Configs,
    sets: Sets = None,
    run_id: Annotated[str | None, typer.Option("--run-id", help="one run; default: all of this output")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="take it; without this it is only counted")] = False,
    grace_days: Annotated[float, typer.Option("--grace-days", help="spare runs that were alive so lately")] = 7.0,
    output: AsOutput = Output.text,
) -> None:
    """Take what no committed run references.

    Attempts that lost, and runs that were abandoned. Without --delete it is only counted.
    """
    from spark_pdf.cli.runs import vacuum_output

    vacuum_output(configs, sets or [], run_id, delete, grace_days, output is Output.json)


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="a new folder")]) -> None:
    """Write a template, records and a config to start from."""
    from spark_pdf.cli.starting import write_starter

    write_starter(folder)


@app.command()
def doctor(
    configs: Annotated[list[Path] | None, typer.Argument(metavar="CONFIG.yaml", help="try its stores, too")] = None,
    sets: Sets = None,
    output: AsOutput = Output.text,
) -> None:
    """Say what this machine has and lacks.

    Python, Java, Spark, extras, fonts; with a config, whether its template, output and manifest are reachable.
    """
    from spark_pdf.cli.machine import examine

    examine(configs or [], sets or [], output is Output.json)


@app.command()
def demo(
    scale: Annotated[float, typer.Option("--scale", help="TPC-H scale: 0.01 is 15,000 invoices")] = 0.01,
    folder: Annotated[Path, typer.Option("--folder", help="where the documents go")] = Path("out/demo"),
    engine: Annotated[Engine, typer.Option("--engine", help="who renders")] = Engine.spark,
    quiet: Quiet = False,
) -> None:
    """15,000 invoices from TPC-H, and a picture.

    Orders are generated, rendered, and verified; twelve of the invoices come on a contact sheet.
    """
    from spark_pdf.cli.demo import show

    show(scale, folder, engine.value, quiet)


@app.command()
def serve(configs: Configs, sets: Sets = None) -> None:
    """Answer HTTP requests: submit a record, fetch its PDF.

    The door to the queue; its address is printed. docs/queue.md.
    """
    from spark_pdf.cli.serving import serve as serve_http

    serve_http(configs, sets or [])


@queue.command("worker")
def queue_worker(
    configs: Configs,
    sets: Sets = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="serve this queue alone: single, bulk, callbacks")
    ] = None,
) -> None:
    """Render what is submitted, until stopped."""
    from spark_pdf.cli.queue import start_worker

    raise typer.Exit(start_worker(configs, sets or [], only or []))


@queue.command("compact")
def queue_compact(
    configs: Configs,
    sets: Sets = None,
    until_idle: Annotated[
        float | None, typer.Option("--until-idle", min=0, help="end when nothing has come for so many seconds")
    ] = None,
) -> None:
    """Commit what was rendered to the manifest, in batches, until stopped. Dead letters become failures."""
    from spark_pdf.cli.queue import compact

    compact(configs, sets or [], until_idle)


@queue.command("status")
def queue_status(configs: Configs, sets: Sets = None, output: AsOutput = Output.text) -> None:
    """Say how much waits in each queue."""
    from spark_pdf.cli.queue import show_depths

    show_depths(configs, sets or [], output is Output.json)


@queue.command("replay")
def queue_replay(
    configs: Configs,
    sets: Sets = None,
    most: Annotated[int | None, typer.Option("--most", min=1, help="at most so many")] = None,
    output: AsOutput = Output.text,
) -> None:
    """Submit dead letters again, each as another attempt."""
    from spark_pdf.cli.queue import replay_letters

    replay_letters(configs, sets or [], most, output is Output.json)
