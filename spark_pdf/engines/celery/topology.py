"""The queues of a service: names and arguments in, declared queues out. docs/queue.md draws them.

    <name>.single, <name>.bulk    documents to render        dead letters -> <name>.killed
    <name>.entries                manifest entries           one consumer at a time, the compactor
    <name>.killed                 deaths to be told          -> an entry `worker_killed`, then <name>.dead
    <name>.dead                   kept for a replay
    <name>.later                  second attempts wait       -> back to their queue
    <name>.callbacks              HTTP callbacks

All are quorum queues: they survive a broker's restart, and count deliveries. Dead letters go at least once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from kombu import Exchange, Queue

from spark_pdf.config import Config, resolve_secret
from spark_pdf.errors import ConfigError, UnsupportedError

Lane = Literal["single", "bulk"]
LANES: tuple[Lane, ...] = ("single", "bulk")
"""Queues of documents. RabbitMQ's quorum queues have no priorities before 4.0, so single documents have their own."""

_NO_LIMIT = 1_000_000_000
"""Deliveries of what must not be lost. RabbitMQ 4 drops messages of quorum queues after 20, unless a queue says
otherwise; that there is no limit, 3 cannot be told.
"""

_LONGEST_NAME = 80
"""A batch's run_id is the service's name, a day, perhaps an attempt, and a number: 100 characters at most."""


def check_queue(config: Config) -> None:
    """Refuse at once what a queue cannot do, by the name of the setting."""
    if config.queue.broker is None:
        raise ConfigError("config key 'queue.broker' is missing: where RabbitMQ is, as env:NAME", key="queue.broker")
    if len(config.name) > _LONGEST_NAME:
        raise ConfigError(f"a queue's `name` has at most {_LONGEST_NAME} characters", key="name")
    refused = {
        "output.layout": (config.output.layout != "objects", "a queue stores each document by itself: set `objects`"),
        "mode": (config.mode != "all", "a queue renders what is submitted; there is nothing to compare with"),
        "limit": (config.limit is not None, "a queue renders what is submitted"),
    }
    for setting, (is_set, why) in refused.items():
        if is_set:
            raise UnsupportedError(f"{setting}: {why}")


def broker_url(config: Config) -> str:
    """Where the broker is, with its secrets. Raises `ConfigError`, which shows none."""
    check_queue(config)
    url = resolve_secret(config.queue.broker or "")
    if urlsplit(url).scheme not in ("amqp", "amqps", "pyamqp"):
        raise ConfigError(f"queue.broker ({config.queue.broker}) is no amqp:// or amqps:// URL", key="queue.broker")
    return url


@dataclass(frozen=True, slots=True)
class Topology:
    """The queues of one service."""

    name: str
    deliveries: int
    pause_seconds: float

    @classmethod
    def of(cls, config: Config) -> Topology:
        """Those of a config."""
        return cls(config.name, config.queue.deliveries, config.queue.pause_seconds)

    def queue_name(self, role: str) -> str:
        """The name of a queue by its role."""
        return f"{self.name}.{role}"

    @property
    def exchange(self) -> Exchange:
        """Where all messages of the service are published; the routing key is the queue's name."""
        return Exchange(self.name, "direct", durable=True)

    def lane(self, lane: str) -> Queue:
        """A queue of documents, or of callbacks."""
        return self._queue(
            lane,
            {
                "x-delivery-limit": self.deliveries,
                # At least once needs a queue that refuses rather than drops; there is no length that it could exceed.
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
                "x-dead-letter-exchange": self.name,
                "x-dead-letter-routing-key": self.queue_name("killed" if lane in LANES else "dead"),
            },
        )

    def rest(self) -> list[Queue]:
        """All other queues."""
        later = {
            "x-message-ttl": int(self.pause_seconds * 1000),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": self.name,  # with the routing key that the message came with
        }
        # Whatever is published for later keeps its own routing key, by which it will return.
        waiting = Exchange(self.queue_name("later"), "fanout", durable=True)
        return [
            self._queue("entries", {"x-single-active-consumer": True}),
            self._queue("killed", {"x-single-active-consumer": True}),
            self._queue("dead", {}),
            self._queue("later", later, waiting),
        ]

    def all(self) -> list[Queue]:
        """Every queue."""
        return [*(self.lane(lane) for lane in (*LANES, "callbacks")), *self.rest()]

    def declare(self, channel: Any) -> None:
        """Make the queues, or find them. Raises where one of the same name has other arguments."""
        for queue in self.all():
            queue(channel).declare()

    def _queue(self, role: str, arguments: dict[str, Any], exchange: Exchange | None = None) -> Queue:
        name = self.queue_name(role)
        arguments = {"x-queue-type": "quorum", "x-delivery-limit": _NO_LIMIT, **arguments}
        return Queue(name, exchange or self.exchange, routing_key=name, durable=True, queue_arguments=arguments)
