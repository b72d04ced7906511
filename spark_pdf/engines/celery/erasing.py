"""Dead letters in the broker, for erasures: a config and document ids in, `<name>.dead` without their letters out.

    with dead_queue(config) as letters:
        letters.find(ids)       goes through the queue once; letters of the ids are held back, others stay
        letters.drop(ids)       what was held back goes

A letter that was held back and not dropped, because the process died or the erasure failed, is in the queue again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spark_pdf.config import Config
from spark_pdf.engines.celery.app import make_app
from spark_pdf.engines.celery.client import broker_errors
from spark_pdf.engines.celery.letters import Letter, forward
from spark_pdf.engines.celery.topology import Topology
from spark_pdf.errors import DamagedFile


class DeadQueue:
    """See above. One that is open hides its letters from others."""

    def __init__(self, app: Any, topology: Topology, channel: Any) -> None:
        self._app, self._topology, self._channel = app, topology, channel
        self._held: list[tuple[Letter, Any]] = []

    def find(self, document_ids: Collection[str]) -> Mapping[str, Collection[str]]:
        """Which of the ids have letters, and of which days."""
        name, wanted = self._topology.queue_name("dead"), frozenset(document_ids)
        with broker_errors():
            for _ in range(self._channel.queue_declare(name, passive=True).message_count):
                message = self._channel.basic_get(name, no_ack=False)
                if message is None:
                    break
                self._sort(message, wanted)
        found: dict[str, set[str]] = {}
        for letter, _ in self._held:
            found.setdefault(letter.ticket.document_id, set()).add(letter.ticket.run_id)
        return found

    def drop(self, document_ids: Collection[str]) -> int:
        """Take the letters that were found."""
        with broker_errors():
            for _, tag in self._held:
                self._channel.basic_ack(tag)
        count, self._held = len(self._held), []
        return count

    def _sort(self, message: Any, wanted: Collection[str]) -> None:
        headers = dict(message.headers or {})
        try:
            letter = Letter(message.body, headers)
        except DamagedFile:
            letter = None
        if letter is not None and letter.ticket.document_id in wanted:
            self._held.append((letter, message.delivery_tag))
            return
        # Sent again rather than handed back: a broker may count what is handed back, and drop it in the end.
        forward(self._app, self._topology, message.body, headers)
        self._channel.basic_ack(message.delivery_tag)


@contextmanager
def dead_queue(config: Config) -> Iterator[DeadQueue]:
    """The dead letters of a service. Raises `QueueError` where the broker is away, `ConfigError` for its URL."""
    app, topology = make_app(config), Topology.of(config)
    try:
        with broker_errors():
            connection = app.connection_for_read()
            connection.ensure_connection(max_retries=1, timeout=10)
            channel = connection.channel()
            topology.declare(channel)
        try:
            yield DeadQueue(app, topology, channel)
        finally:
            connection.release()
    finally:
        app.close()
