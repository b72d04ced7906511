"""What every platform offers to `submit`, and the one table of them.

A platform is thin: how its job is described, started under a token, found again by it, looked at and cancelled. All
else (staging, starting once, following, the exit code) is common.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from spark_pdf.config import Config
from spark_pdf.errors import UsageError
from spark_pdf.submit.staging import Staged

Phase = Literal["active", "succeeded", "failed", "cancelled"]
Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobState:
    """What the platform says of a job: its own word, what that means, its reason, and where its logs are."""

    word: str
    phase: Phase
    reason: str = ""
    logs: str = ""


def gone(where: str) -> JobState:
    """A job that the platform has no more: deleted, forgotten, or of a cluster or application before this one."""
    return JobState("GONE", "failed", f"{where} does not know it, or not any more")


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job is made of. `token` is new for each attempt and the same however often that attempt is submitted."""

    config: Config
    run_id: str
    attempt: int
    token: str
    staged: Staged
    result: str

    @property
    def arguments(self) -> list[str]:
        """Of `spark-pdf run`."""
        return [self.staged.config, "--run-id", self.run_id, "--result", self.result, "--quiet"]

    @property
    def name(self) -> str:
        """For people, and for finding it again."""
        return f"spark-pdf {self.run_id} {self.attempt} {self.token[:8]}"

    @property
    def tags(self) -> dict[str, str]:
        """Ours and the config's."""
        return {"spark-pdf-run": self.run_id, "spark-pdf-name": self.config.name, **self.config.submit.tags}


class Platform(Protocol):
    """One kind of place where runs are started."""

    archived: bool
    """Whether the environment is sent as an archive."""

    def request(self, spec: JobSpec) -> Request:
        """The call that starts the job, as its API takes it."""
        ...

    def start(self, request: Request) -> str:
        """Start it; the job's id. The same token again starts nothing, where the platform keeps that."""
        ...

    def find(self, spec: JobSpec) -> str | None:
        """The job that was started with this token, where the platform has no token of its own; else None."""
        ...

    def look(self, job_id: str) -> JobState:
        """What has become of it; `gone` where it is not there."""
        ...

    def cancel(self, job_id: str) -> None:
        """Stop it. One that has ended is no error."""
        ...


_PLATFORMS: Mapping[str, tuple[str, str, str]] = {
    "emr-serverless": ("emr_serverless", "EmrServerlessPlatform", "emr_serverless"),
    "emr-step": ("emr_step", "EmrStepPlatform", "emr_step"),
    "databricks": ("databricks", "DatabricksPlatform", "databricks"),
    "k8s": ("kubernetes", "KubernetesPlatform", "k8s"),
}
"""Name on the command line: module, class, section of `submit`."""


def open_platform(name: str, config: Config) -> Platform:
    """The platform of that name, with its section of the config. Raises `UsageError` where that is absent."""
    module, kind, section = _PLATFORMS[name]
    if getattr(config.submit, section) is None:
        raise UsageError(f"config section 'submit.{section}' is missing, and `submit {name}` needs it")
    platform: Platform = getattr(importlib.import_module(f"spark_pdf.submit.{module}"), kind)(config)
    return platform
