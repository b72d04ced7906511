"""A plain command on the Airflow worker, shaped as platforms' operators are: for `engine: local`, and for tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from spark_pdf.airflow.compat import AirflowException, SubprocessHook


class CommandFailed(AirflowException):
    """The command ended with another exit code than 0."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class LocalCommand:
    """`spark-pdf` in a process of its own, whose output is the task's log. By default with Airflow's own Python."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        executable: str | Sequence[str] = (sys.executable, "-m", "spark_pdf.cli"),
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self.command = [*([executable] if isinstance(executable, str) else executable), *arguments]
        self.env = {**os.environ, **(env or {})}
        self.cwd = cwd or os.getcwd()  # the hook would take a temporary folder, and relative paths end there
        self.hook = SubprocessHook()

    def execute(self, context: Any) -> None:
        """Run it to its end."""
        code = self.hook.run_command(command=self.command, env=self.env, cwd=self.cwd).exit_code
        if code:
            raise CommandFailed(f"the command ended with exit code {code}", code)

    def on_kill(self) -> None:
        """End it; the same run id goes on where it stopped."""
        self.hook.send_sigterm()
