"""The doors: each a command that renders a config under a run_id.

A door gets a config file of `World.write` and says how to start it. `needs` are fixtures; what they yield comes to
`command` by name. A door that has no use for a case says so in `lacks`, with the reason.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.emr_machines import DRIVER_ENVIRONMENT, submit_settings
from tests.s3_fixtures import KEY_VARIABLE, SECRET_VARIABLE, S3Server

ROOT = Path(__file__).parent.parent.parent

Command = Callable[[Path, str, Mapping[str, Any]], list[str]]
"""From a config, a run_id and what the fixtures yield to a command line."""


@dataclass(frozen=True)
class Door:
    """`changes` are settings of the config, `placed` those that follow from output folder and fixtures; `name` is what
    docs/engines.md calls it.

    `columns`: whether its manifest can copy columns of the source. `spared`: cases that `make test` leaves to other
    doors and to the integration tests, because they go the same way there.
    """

    name: str
    command: Command
    changes: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    lacks: Mapping[str, str] = field(default_factory=dict)
    placed: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] = lambda place, fixtures: {}
    columns: bool = True
    spared: tuple[str, ...] = ()


def spark_pdf_run(config: Path, run_id: str, fixtures: Mapping[str, Any], *sets: str) -> list[str]:
    """`spark-pdf run`, by this Python."""
    settings = [part for setting in sets for part in ("--set", setting)]
    command = [sys.executable, "-m", "spark_pdf.cli", "run", str(config), "--run-id", run_id, "--output", "json"]
    return [*command, *settings]


def _connect(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    return spark_pdf_run(config, run_id, fixtures, f"spark.remote={fixtures['connect_url']}", "spark.master=null")


def _engines(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    """`spark-pdf run`, by the Python that has Ray and Dask."""
    _, *command = spark_pdf_run(config, run_id, fixtures)
    return ["env", f"PYTHONPATH={ROOT}", str(fixtures["engines_python"]), *command]


def _airflow(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    """A DAG of one task, run by a real Airflow."""
    command: list[str] = fixtures["airflow"].command(
        str(ROOT / "tests/environments/airflow/door.py"), str(config), run_id
    )
    return command


def _table(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    """Into a table, and out of it: two commands, as two tasks of a job."""
    rendered = f"output.table={config.with_suffix('')}-rendered"
    run = spark_pdf_run(config, run_id, fixtures, rendered)
    unpack = ["unpack" if part == "run" else part for part in run]
    return ["sh", "-c", f"{shlex.join(run)} >&2 && {shlex.join(unpack)}"]


def _write(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    return ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.conformance.by_write", str(config), run_id]


def _queue(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    return ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.conformance.by_queue", str(config)]


def _submit(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    server: S3Server = fixtures["world_server"]
    command = [sys.executable, "-m", "tests.conformance.by_submit", str(config), run_id]
    return ["env", f"PYTHONPATH={ROOT}", *command, server.endpoint, str(server.root)]


def _in_the_bucket(place: str, fixtures: Mapping[str, Any]) -> Mapping[str, Any]:
    """The world's folder as a bucket: a platform's machines reach no folder of this one's."""
    server: S3Server = fixtures["world_server"]
    secrets = {KEY_VARIABLE: server.access_key, SECRET_VARIABLE: server.secret_key}
    return {
        "source": {"format": "parquet", "path": "s3://world/records"},
        "output": {"uri": f"s3://world/{place}"},
        "stores": {"s3://world": server.options().model_dump(mode="json", exclude_none=True)},
        "submit": submit_settings(**{DRIVER_ENVIRONMENT + name: value for name, value in secrets.items()}),
    }


def _stream(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    """What is in the folder is one batch, and one run, whose id is the stream's own."""
    stream = {"checkpoint": f"{config.with_suffix('')}-checkpoint", "limit_failures": True}
    command = [sys.executable, "-m", "spark_pdf.cli", "stream", str(config), "--once", "--output", "json"]
    return [*command, "--set", f"stream={json.dumps(stream)}"]


def _watch(config: Path, run_id: str, fixtures: Mapping[str, Any]) -> list[str]:
    """The records' files are put in, each of them a batch; those with failures first."""
    inbox, records = config.with_suffix(".in"), config.parent / "records"
    put = [["cp", str(records / f"{part}.parquet"), str(inbox / f"{9 - part}.parquet")] for part in range(3)]
    command = [sys.executable, "-m", "spark_pdf.cli", "watch", str(config), "--once", "--output", "json"]
    settings = {"source.path": str(inbox), "watch": json.dumps({"interval": 0.05, "limit_failures": True})}
    command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    return ["sh", "-c", " && ".join(map(shlex.join, [["mkdir", "-p", str(inbox)], *put, command]))]


_KILL = "resumes after a kill"
_DRIVER = (_KILL, "limits", "usage")
"""Decided by the driver and the command line, whatever runs the tasks; other tests kill drivers of Ray and Dask."""

_RAISED = "Spark raises what went wrong; the exit code is the caller's"

DOORS = (
    Door("local", spark_pdf_run, {"engine": "local"}),
    Door("Spark, mapInArrow", spark_pdf_run, {"engine": "spark"}, needs=("java",)),
    Door(
        "Spark, mapPartitions",
        lambda c, r, f: spark_pdf_run(c, r, f, "spark.adapter=rdd"),
        needs=("java",),
        spared=_DRIVER,
    ),
    Door("Spark Connect", _connect, needs=("connect_url",), spared=_DRIVER),
    Door("Spark, through a table", _table, {"engine": "spark"}, needs=("java",), spared=_DRIVER),
    Door("df.write", _write, {"engine": "spark"}, needs=("java",), lacks={"limits": _RAISED, "usage": _RAISED}),
    Door("stream", _stream, {"engine": "spark"}, needs=("java",), spared=(_KILL,)),
    Door("watch", _watch, {"engine": "local", "manifest": {}}, columns=False),
    Door("Ray", _engines, {"engine": "ray", "ray": {"actors": 2}}, needs=("engines_python",), spared=(_KILL, "usage")),
    Door("Airflow", _airflow, {"engine": "local"}, needs=("airflow",), spared=(_KILL, "usage")),
    Door(
        "queue",
        _queue,
        {"engine": "local"},
        needs=("rabbit",),
        lacks={
            "limits": "documents come one by one, and each failure is a row",
            "usage": "a client has none",
        },
    ),
    Door(
        "submit",
        _submit,
        {"engine": "spark", "spark": {}},
        needs=("world_server", "java"),
        placed=_in_the_bucket,
        spared=(_KILL, "limits"),
    ),
    Door("Dask", _engines, {"engine": "dask", "dask": {"workers": 2}}, needs=("engines_python",), spared=_DRIVER),
)
