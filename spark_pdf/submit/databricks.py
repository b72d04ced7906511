"""Databricks: RunNow of a job that the bundle in deploy/databricks has made, GetRun, CancelRun.

The token of an attempt is the idempotency token, so a request that was sent twice starts one job run. The job brings
the environment; what is staged is the config and the template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.errors import AccessDenied, PlatformUnreachable, UnsupportedError, UsageError
from spark_pdf.submit.platforms import JobSpec, JobState, Phase, Request, gone

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_PATIENCE = 60
"""Seconds for which the SDK asks a workspace again that gives no answer. Whoever follows a job asks later anyway."""

LIFE_CYCLE: Mapping[str, Phase] = {
    "BLOCKED": "active",
    "PENDING": "active",
    "QUEUED": "active",
    "RUNNING": "active",
    "TERMINATING": "active",
    "WAITING_FOR_RETRY": "active",
    "TERMINATED": "succeeded",
    "SKIPPED": "failed",
    "INTERNAL_ERROR": "failed",
}
"""RunLifeCycleState; of a job that is TERMINATED, the result state decides."""


class DatabricksPlatform:
    """See `platforms.Platform`."""

    archived = False

    def __init__(self, config: Config) -> None:
        assert config.submit.databricks is not None
        self._own = config.submit.databricks
        try:
            import databricks.sdk  # noqa: F401
        except ImportError:
            raise UnsupportedError(
                "submitting to Databricks needs an extra: pip install 'spark-pdf[databricks]'"
            ) from None

    def request(self, spec: JobSpec) -> Request:
        """RunNow's parameters; the job's own are `config`, `run_id` and `result`."""
        parameters = {"config": spec.staged.config, "run_id": spec.run_id, "result": spec.result}
        return {"job_id": self._own.job_id, "idempotency_token": spec.token, "job_parameters": parameters}

    def start(self, request: Request) -> str:
        """Start the job."""
        with _said(f"Databricks job {self._own.job_id} cannot be started"):
            started = self._api.jobs.run_now(**request)
            return str(started.run_id)

    def find(self, spec: JobSpec) -> str | None:
        """The idempotency token does it."""
        return None

    def look(self, job_id: str) -> JobState:
        """GetRun."""
        from databricks.sdk.errors import NotFound

        with _said(f"job run {job_id}"):
            try:
                run = self._api.jobs.get_run(int(job_id))
            except NotFound:
                return gone("the workspace")
        state = run.state
        life = state.life_cycle_state.value if state and state.life_cycle_state else "PENDING"
        result = state.result_state.value if state and state.result_state else ""
        phase = LIFE_CYCLE[life]
        if phase == "succeeded" and result not in ("SUCCESS", "SUCCESS_WITH_FAILURES"):
            phase = "cancelled" if result == "CANCELED" else "failed"
        reason = (state.state_message if state else None) or ""
        return JobState(result if life == "TERMINATED" and result else life, phase, reason, run.run_page_url or "")

    def cancel(self, job_id: str) -> None:
        """CancelRun; one that has ended is no error."""
        with _said(f"job run {job_id} cannot be cancelled"):
            self._api.jobs.cancel_run(int(job_id))

    @cached_property
    def _api(self) -> WorkspaceClient:
        """Made when it is first asked for: it calls the workspace, which a dry run must not."""
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.core import Config as Access

        with _said("submit.databricks"):
            own = Access(host=self._own.host, profile=self._own.profile, retry_timeout_seconds=_PATIENCE)
            return WorkspaceClient(config=own)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """An error of the SDK's as one of ours."""
    from databricks.sdk import errors
    from databricks.sdk.errors.base import DatabricksError

    try:
        yield
    except (errors.PermissionDenied, errors.Unauthenticated) as error:
        raise AccessDenied(f"{what}: {error}") from None
    except (errors.BadRequest, errors.NotFound, ValueError) as error:  # the SDK's own findings are ValueErrors
        raise UsageError(f"{what}: {str(error).splitlines()[0]}") from None
    except (DatabricksError, OSError, TimeoutError) as error:
        raise PlatformUnreachable(f"{what}: {type(error).__name__}: {error}") from None
