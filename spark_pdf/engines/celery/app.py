"""The Celery app of a service: a config in, an app with the broker, the queues and the settings that make it safe out.

A task is acknowledged when its document is stored and its entry confirmed by the broker, and comes back when its worker
dies. There is no result backend: a document's status stands beside it. Nothing is pickled, no events are sent, and what
Celery would put of a task's arguments into headers and logs is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celery import Celery

from spark_pdf.config import Config
from spark_pdf.engines.celery.topology import LANES, Topology, broker_url

GENERATE = "spark_pdf.generate_pdf"
"""Name of the task that renders a document."""

CALL_BACK = "spark_pdf.call_back"
"""Name of the task that makes an HTTP callback."""

CONFIRM_SECONDS = 30.0
"""How long the broker may take to confirm a message. Then it counts as lost, and is sent again."""

RETRIES = {"max_retries": 20, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 3.0}
"""For about a minute a broker that is away is waited for, as while it restarts."""

HASTE: Mapping[str, Any] = {
    "confirm_timeout": 5.0,
    "retry_policy": {"max_retries": 1, "interval_start": 0.2, "interval_step": 0.2, "interval_max": 0.4},
}
"""How tasks are sent for somebody who waits for an answer, and can try again himself."""


def make_app(config: Config, *, patience: float | None = None) -> Celery:
    """An app that can publish. `tasks.register` adds the tasks, for workers.

    `patience`: seconds after which a broker that takes or says nothing, where it should, is away.
    """
    topology = Topology.of(config)
    app = Celery(f"spark_pdf-{config.name}", broker=broker_url(config), set_as_current=False)
    app.conf.update(
        task_serializer="msgpack",
        accept_content=["msgpack"],
        result_backend=None,
        task_ignore_result=True,
        task_queues=[topology.lane(lane) for lane in (*LANES, "callbacks")],
        task_default_exchange=topology.exchange.name,
        task_default_exchange_type="direct",
        task_default_queue=topology.queue_name(LANES[0]),
        task_default_routing_key=topology.queue_name(LANES[0]),
        task_create_missing_queues=True,  # of tasks that clients link to a document
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=False,
        task_publish_retry_policy=RETRIES,
        task_send_sent_event=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_disable_rate_limits=True,
        worker_prefetch_multiplier=config.queue.prefetch,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=60,
        broker_transport_options={"confirm_publish": True, "read_timeout": patience, "write_timeout": patience},
        enable_utc=True,
    )
    return app


def send(app: Celery, topology: Topology, role: str, body: bytes, headers: dict[str, Any] | None = None) -> None:
    """Publish bytes to one of the service's queues, and wait until the broker has them."""
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(
            body,
            exchange=topology.exchange.name,
            routing_key=topology.queue_name(role),
            content_type="application/octet-stream",
            content_encoding="binary",
            headers=headers or {},
            delivery_mode=2,
            mandatory=True,  # a queue that somebody has deleted is an error, not a place where entries vanish
            retry=True,
            retry_policy=RETRIES,
            confirm_timeout=CONFIRM_SECONDS,
        )


def send_task(
    app: Celery,
    topology: Topology,
    name: str,
    args: list[Any],
    role: str,
    *,
    later: bool = False,
    producer: Any = None,
    **options: Any,
) -> None:
    """Publish a task, and wait until the broker has it. `later`: after a pause."""
    app.send_task(
        name,
        args,
        exchange=topology.queue_name("later") if later else topology.exchange.name,
        exchange_type="fanout" if later else "direct",
        routing_key=topology.queue_name(role),
        argsrepr="...",  # Celery would put the record into a header
        kwargsrepr="{}",
        ignore_result=True,
        mandatory=True,
        retry=True,
        producer=producer,
        **{"confirm_timeout": CONFIRM_SECONDS, **options},
    )
