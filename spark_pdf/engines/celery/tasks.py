"""The tasks of a worker: `generate_pdf`, one document, and `call_back`, one HTTP callback.

In: what the client sent. Out: object and status in the store, an entry in the queue of entries; then the task is
acknowledged. What is the record's own fault is a result, not an exception. Where the world fails, the task comes back
after a pause, `queue.attempts` times, and is then laid aside among the dead letters, without an entry: it may be
replayed.
"""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import PurePath
from typing import Any

from celery import Celery
from celery.exceptions import Reject

from spark_pdf.config import Config
from spark_pdf.engines.celery.app import CALL_BACK, GENERATE, send, send_task
from spark_pdf.engines.celery.callbacks import Caller, told
from spark_pdf.engines.celery.messages import EntryMessage, Status, Ticket
from spark_pdf.engines.celery.rendering import DocumentMaker
from spark_pdf.engines.celery.topology import Topology
from spark_pdf.errors import DamagedFile, SparkPdfError

log = logging.getLogger(__name__)

REASON = "x-spark-pdf-reason"
"""Header of a dead letter that was laid aside by a worker: the name of the error."""

AGAIN = "x-spark-pdf-again"
"""Header of a task whose earlier message was delivered, and did not end."""


def register(app: Celery, config: Config) -> None:
    """Add the tasks to an app."""
    worker = _Worker(app, config)
    limit = 2 * config.limits.seconds_per_document + 603  # CPU seconds are limited; this ends what only waits

    @app.task(name=GENERATE, bind=True, time_limit=limit)  # type: ignore[untyped-decorator]
    def generate_pdf(
        task: Any, run_id: str, document_id: str, record: bytes, attempt: int = 1, callback: str | None = None
    ) -> dict[str, Any] | None:
        return worker.generate(task, Ticket(run_id, document_id), record, attempt, callback)

    patience = config.queue.callbacks.seconds + 30

    @app.task(name=CALL_BACK, bind=True, time_limit=patience)  # type: ignore[untyped-decorator]
    def call_back(task: Any, url: str, status: dict[str, Any], attempt: int = 1) -> None:
        worker.call_back(url, status, attempt)

    _ = generate_pdf, call_back


class _Worker:
    """What the tasks of a process share. The maker is made in the pool's process that uses it."""

    def __init__(self, app: Celery, config: Config) -> None:
        self._app, self._config, self._topology = app, config, Topology.of(config)
        self._maker: DocumentMaker | None = None
        self._caller = Caller(config)

    def maker(self) -> DocumentMaker:
        if self._maker is None:
            self._maker = DocumentMaker(self._config)
        return self._maker

    def generate(
        self, task: Any, ticket: Ticket, record: bytes, attempt: int, callback: str | None
    ) -> dict[str, Any] | None:
        """Make a document, announce its entry, tell who wants to know. The result goes to Celery's `link`."""
        request = task.request
        try:
            again = bool(request.delivery_info.get("redelivered")) or AGAIN in (request.headers or {})
            status = self.maker().make(ticket, record, again=again)
            announce(self._app, self._topology, status)
            said = told(status)
            if callback is not None:
                send_task(self._app, self._topology, CALL_BACK, [callback, said], "callbacks")
            if status.state != "document":
                errbacks, request.callbacks = request.errbacks or (), None
                tell(self._app, errbacks, said)
        except DamagedFile as error:
            self._lay_aside(task, error)
        except MemoryError:
            raise Reject("out of memory", requeue=True) from None  # delivered again, it is rendered apart
        except Exception as error:  # the store, the broker, the machine; or a fault of ours, which may be mended
            try:
                self._later(task, ticket, record, attempt, callback, error)
            except Exception:  # the broker takes nothing: raised, this would be told as a death of the worker
                time.sleep(self._config.queue.pause_seconds)
                raise Reject("the broker takes no message", requeue=True) from None
        else:
            return said
        request.callbacks = None
        return None

    def call_back(self, url: str, status: dict[str, Any], attempt: int) -> None:
        """One attempt at a callback; the next comes after a pause. What never succeeds is given up, and logged."""
        problem = self._caller.post(url, status, attempt)
        if problem is None:
            return
        document = f"callback for document {status.get('document_id')}"
        if attempt >= self._config.queue.callbacks.attempts:
            log.error("%s: given up after %d attempts: %s", document, attempt, problem)
        else:
            log.warning("%s: attempt %d: %s", document, attempt, problem)
            send_task(self._app, self._topology, CALL_BACK, [url, status, attempt + 1], "callbacks", later=True)

    def _later(
        self, task: Any, ticket: Ticket, record: bytes, attempt: int, callback: str | None, error: Exception
    ) -> None:
        log.warning("document %s: attempt %d: %s", ticket.document_id, attempt, described(error))
        if attempt >= self._config.queue.attempts:
            self._lay_aside(task, error)
            return
        request = task.request
        links = {"link": request.callbacks, "link_error": request.errbacks}
        args = [ticket.run_id, ticket.document_id, record, attempt + 1, callback]
        lane = request.delivery_info["routing_key"].rpartition(".")[2]
        send_task(
            self._app, self._topology, GENERATE, args, lane, later=True, task_id=request.id,
            **{name: value for name, value in links.items() if value},
        )  # fmt: skip

    def _lay_aside(self, task: Any, error: Exception) -> None:
        """Among the dead letters, as the task would be sent again."""
        log.error("task %s is laid aside: %s", task.request.id, described(error))
        headers = {REASON: type(error).__name__}
        args = list(task.request.args)
        lane = task.request.delivery_info["routing_key"].rpartition(".")[2]
        send_task(self._app, self._topology, GENERATE, args, "dead", headers={**headers, "x-spark-pdf-lane": lane})


def announce(app: Celery, topology: Topology, status: Status) -> None:
    """Send a document's entry to the compactor. Of what was erased there is nothing to say."""
    if status.entry is not None and status.made_by is not None:
        send(app, topology, "entries", EntryMessage(status.ticket, status.entry, status.made_by).encode())


def tell(app: Celery, links: Any, said: dict[str, Any]) -> None:
    """Start the tasks that a client has linked to a document's end."""
    for link in links:
        app.signature(link).apply_async((said,))


def described(error: BaseException) -> str:
    """An error for the log: our own as they are, any other by type and place, because its message may hold data."""
    if isinstance(error, SparkPdfError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
