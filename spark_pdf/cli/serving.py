"""`serve`: the HTTP door to a service's queue, by uvicorn."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from spark_pdf.cli import console
from spark_pdf.cli.queue import read_queue_config
from spark_pdf.engines.logs import log_to_stderr
from spark_pdf.errors import UnsupportedError, UsageError


def serve(configs: list[Path], sets: list[str]) -> None:
    """Answer requests until stopped. At SIGTERM, those that have begun are ended first."""
    config = read_queue_config(configs, sets)
    try:
        import uvicorn

        from spark_pdf.serve.app import guarded
    except ImportError:
        raise UnsupportedError("`serve` needs an extra: pip install 'spark-pdf[serve]'") from None
    log_to_stderr()
    app = guarded(config)
    host = config.serve.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, config.serve.port), family=family, backlog=512)
    except OSError as error:
        raise UsageError(f"serve.host and serve.port: {host}:{config.serve.port}: {error.strerror}") from None
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    console.result(f"http://{shown}:{port}")
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=30, lifespan="on",
        limit_concurrency=1000, h11_max_incomplete_event_size=64 * 1024, timeout_keep_alive=15,
    )  # fmt: skip
    with listening:
        uvicorn.Server(settings).run(sockets=[listening])
    sys.stdout.flush()
