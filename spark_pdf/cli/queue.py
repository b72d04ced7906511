"""`queue worker`, `compact`, `status`, `replay`: processes and questions of a service's queue."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from spark_pdf.cli import console
from spark_pdf.cli.settings import read_config
from spark_pdf.config import Config
from spark_pdf.engines.logs import log_to_stderr
from spark_pdf.errors import UnsupportedError, UsageError
from spark_pdf.wording import plural


def read_queue_config(configs: list[Path], sets: list[str]) -> Config:
    """The config of a service. Raises `UnsupportedError` where the extra is not installed."""
    config = read_config(configs, sets)
    if not (find_spec("celery") and find_spec("msgpack")):
        raise UnsupportedError("the queue needs an extra: pip install 'spark-pdf[celery]'")
    from spark_pdf.engines.celery.topology import check_queue

    check_queue(config)
    return config


def start_worker(configs: list[Path], sets: list[str], only: Sequence[str]) -> int:
    """Render what is submitted, until stopped."""
    config = read_queue_config(configs, sets)
    from spark_pdf.engines.celery.worker import ROLES, work

    unknown = [role for role in only if role not in ROLES]
    if unknown:
        raise UsageError(f"--only takes {', '.join(ROLES)}; got '{unknown[0]}'")
    log_to_stderr()
    return work(config, tuple(only) or ROLES)


def compact(configs: list[Path], sets: list[str], until_idle: float | None) -> None:
    """Commit entries in batches, until stopped."""
    config = read_queue_config(configs, sets)
    from spark_pdf.engines.celery.compactor import Compactor

    log_to_stderr()
    compactor = Compactor(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: compactor.stop())
    compactor.run(until_idle=until_idle)


def show_depths(configs: list[Path], sets: list[str], as_json: bool) -> None:
    """How many messages wait in each queue."""
    config = read_queue_config(configs, sets)
    from spark_pdf.engines.celery.client import QueueClient

    with QueueClient(config) as client:
        depths = client.depths()
    if as_json:
        console.result_json(depths)
    else:
        console.table([(f"{config.name}.{role}", f"{count:,}") for role, count in depths.items()], "")


def replay_letters(configs: list[Path], sets: list[str], most: int | None, as_json: bool) -> None:
    """Submit dead letters again."""
    config = read_queue_config(configs, sets)
    from spark_pdf.engines.celery.client import QueueClient

    with QueueClient(config) as client:
        replayed = client.replay(most)
    if as_json:
        console.result_json({"replayed": replayed})
    else:
        console.result(f"{plural(replayed, 'dead letter')} submitted again")
