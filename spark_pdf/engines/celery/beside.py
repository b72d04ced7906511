"""HTTP callbacks beside documents: a worker that renders has a process of its own for them, with its own small pool.

In: a config. Out: a step of Celery's worker, which starts that process, starts it again if it dies, and ends it with
the worker. In one pool with documents, a receiver that hangs would hold the processes that render, one after another.
The process ends by itself when its worker is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from typing import Any

from celery.bootsteps import StartStopStep

from spark_pdf.config import Config
from spark_pdf.engines.child import Child
from spark_pdf.engines.logs import log_to_stderr

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
"""How often it is seen to that worker and process both live."""


class CallbackServer:
    """The process's side: a handler for `engines.child`, whose one request is served until the process is ended."""

    def __init__(self, config: Config) -> None:
        self._config, self._worker = config, os.getppid()

    def __call__(self, request: None) -> None:
        """Serve the queue of callbacks."""
        from spark_pdf.engines.celery.worker import work

        log_to_stderr()
        threading.Thread(target=self._end_with_worker, daemon=True).start()
        raise SystemExit(work(self._config, ("callbacks",)))

    def _end_with_worker(self) -> None:
        while os.getppid() == self._worker:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)


def callbacks_beside(config: Config) -> type[StartStopStep]:
    """The step, for `app.steps["worker"]`."""

    class CallbacksBeside(StartStopStep):  # type: ignore[misc]
        """Keeps the process while the worker works."""

        requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

        def __init__(self, worker: Any, **options: Any) -> None:
            super().__init__(worker, **options)
            self._child: Child | None = None
            self._timer: Any = None

        def start(self, worker: Any) -> None:
            """Start the process, and look after it."""
            self._begin()
            self._timer = worker.timer.call_repeatedly(_LOOK_SECONDS, self._look)

        def close(self, worker: Any) -> None:
            """Tell the process to end what it has begun, while the pool does so, too."""
            if self._timer is not None:
                self._timer.cancel()
            if self._child is not None:
                self._child.process.terminate()

        def stop(self, worker: Any) -> None:
            """Wait for its end. What it is killed in is delivered again."""
            if self._child is not None:
                try:
                    self._child.process.wait(config.queue.callbacks.seconds + 5)
                except subprocess.TimeoutExpired:
                    log.warning("a callback did not end in time; it will be made again")
                self._child.kill()

        def terminate(self, worker: Any) -> None:
            """End it now."""
            if self._child is not None:
                self._child.kill()

        def _begin(self) -> None:
            self._child = Child("spark_pdf.engines.celery.beside:CallbackServer", config)
            self._child.send(None)

        def _look(self) -> None:
            if self._child is not None and self._child.process.poll() is not None:
                log.error("the process that makes callbacks has ended; it is started again")
                self._child.close()
                self._begin()

    return CallbacksBeside
