"""A trigger that waits for a committed run: a config and a run_id in, one event out.

It asks the manifest table, and the file of `--result` where there is one, in a thread, once a minute. The config
travels with it, so that no file of the DAG's has to be there; secrets do not (`env:` and `secret-file:` are looked up
in the triggerer).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from spark_pdf.airflow.compat import BaseTrigger, TriggerEvent
from spark_pdf.airflow.runs import submission_result
from spark_pdf.config import Config, parse_config
from spark_pdf.errors import SparkPdfError
from spark_pdf.manifest.table import open_table

_PATIENCE = 10
"""So many times in a row the store may be out of reach."""


class CommittedRunTrigger(BaseTrigger):
    """Fires when the manifest has the run, or when its submission has ended otherwise."""

    def __init__(
        self, config: dict[str, Any], run_id: str, poll_interval: float = 60.0, submission: str | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.run_id = run_id
        self.poll_interval = poll_interval
        self.submission = submission

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again."""
        values = {name: getattr(self, name) for name in ("config", "run_id", "poll_interval", "submission")}
        return f"{type(self).__module__}.{type(self).__qualname__}", values

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event: `{"state": "committed"}`, "ended" or "lost", with the run_id and what is known."""
        config, lost = parse_config(self.config), 0
        while True:
            try:
                event = await asyncio.to_thread(_look, config, self.run_id, self.submission)
                lost = 0
            except SparkPdfError as error:
                lost += 1
                event = {"state": "lost", "message": str(error)} if lost == _PATIENCE else None
            if event is not None:
                yield TriggerEvent({"run_id": self.run_id, **event})
                return
            await asyncio.sleep(self.poll_interval)


def _look(config: Config, run_id: str, submission: str | None) -> dict[str, Any] | None:
    if open_table(config).committed(run_id) is not None:
        return {"state": "committed"}
    if submission is not None and submission_result(config, run_id, submission) is not None:
        return {"state": "ended"}
    return None


def dumped(config: Config) -> dict[str, Any]:
    """A config as plain values; it holds no secrets, only where they are found."""
    return config.model_dump(mode="json", exclude_defaults=True)
