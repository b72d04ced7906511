"""A worker: Celery's own, with a pool of processes that render, and without what this queue has no use for.

In: a config, and which queues to serve. Out: it returns when it was stopped: at SIGTERM it finishes what it renders and
hands back the rest. Callbacks are made beside documents (`beside`), by a pool of their own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

from celery.worker.consumer import Consumer

from spark_pdf.config import Config
from spark_pdf.engines.celery.app import make_app
from spark_pdf.engines.celery.beside import callbacks_beside
from spark_pdf.engines.celery.rendering import warm_up
from spark_pdf.engines.celery.tasks import register
from spark_pdf.engines.celery.topology import LANES, Topology
from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.errors import WorkerError
from spark_pdf.template.loading import load_bundle

log = logging.getLogger(__name__)

ROLES = (*LANES, "callbacks")
"""Queues that a worker may serve."""

_LEFT_OUT = ("DelayedDelivery", "Heart", "Gossip", "Control", "Agent")


class PlainConsumer(Consumer):  # type: ignore[misc]
    """Celery's consumer of tasks without gossip, remote control, and 28 queues for delays that nobody asks for.

    Messages that are none of our tasks go where dead letters go. Celery would log their bodies, which may be records,
    and drop those that it cannot read.
    """

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """The steps that remain."""

        default_steps = tuple(
            step for step in Consumer.Blueprint.default_steps if str(step).rpartition(":")[2] not in _LEFT_OUT
        )

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """It is no task."""
        self._lay_aside(message, "no task")

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """It is a task that nobody has here."""
        self._lay_aside(message, "a task of another name")

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """It is a task that is not written as tasks are."""
        self._lay_aside(message, "no valid task")

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """It is not in MessagePack."""
        self._lay_aside(message, f"unreadable ({type(exc).__name__})")

    def _lay_aside(self, message: Any, what: str) -> None:
        queue = (message.delivery_info or {}).get("routing_key")
        log.error("a message of %s is %s; another program has sent it: it is laid aside", queue, what)
        message.reject_log_error(log, self.connection_errors)


def work(config: Config, roles: Sequence[str] = ROLES) -> int:
    """Serve queues until stopped; the exit code. A broker that is away is waited for."""
    app = make_app(config)
    topology = Topology.of(config)
    register(app, config)
    renders = not set(LANES).isdisjoint(roles)
    if renders:
        _check_apart(config)
        if "://" not in config.template:
            warm_up(load_bundle(config.template), config.limits)  # what it loads, the pool's processes inherit
    served = roles
    if renders and "callbacks" in roles and config.queue.callbacks.prefixes:  # without any, none waits for anybody
        served = [role for role in roles if role != "callbacks"]
        app.steps["worker"].add(callbacks_beside(config))
    with app.connection_for_write() as connection:
        connection.ensure_connection(interval_start=0.5, interval_step=0.5, interval_max=5)
        topology.declare(connection.default_channel)
    worker = app.Worker(
        queues=[topology.queue_name(role) for role in served],
        concurrency=_processes(config) if renders else config.queue.callbacks.processes,
        pool="prefork",
        optimization="fair",
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        consumer_cls=PlainConsumer,
    )
    log.info("serves %s of %s with %d processes", ", ".join(roles), config.name, worker.concurrency)
    worker.start()
    return int(worker.exitcode or 0)


def _processes(config: Config) -> int:
    return config.queue.processes or 2 * (os.cpu_count() or 1)


def _check_apart(config: Config) -> None:
    """Tell at once of a bundle that is wrong and a store that cannot be used; in a child, because a client of a store
    that has been used before a fork is of no use after it.
    """
    child = Child("spark_pdf.engines.celery.rendering:Checker", config)
    try:
        child.request(None)
    except ChildDied as death:
        raise WorkerError(f"a worker's process does not start ({death.reason})") from None
    finally:
        child.close()
