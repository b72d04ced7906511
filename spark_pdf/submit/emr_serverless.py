"""EMR Serverless: StartJobRun, GetJobRun, CancelJobRun.

The token of an attempt is the client token, so a request that was sent twice starts one job.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from spark_pdf.config import Config
from spark_pdf.submit.aws import client, conf_words, said, spark_conf
from spark_pdf.submit.platforms import JobSpec, JobState, Phase, Request, gone

PHASES: Mapping[str, Phase] = {
    "SUBMITTED": "active",
    "PENDING": "active",
    "SCHEDULED": "active",
    "QUEUED": "active",
    "RUNNING": "active",
    "CANCELLING": "active",
    "SUCCESS": "succeeded",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
}
"""JobRunState, as botocore's model has it. One that is newer is taken for active, and bounded by `submit.minutes`."""


class EmrServerlessPlatform:
    """See `platforms.Platform`."""

    archived = True

    def __init__(self, config: Config) -> None:
        assert config.submit.emr_serverless is not None
        self._own = config.submit.emr_serverless
        self._api = client("emr-serverless", self._own.region)

    def request(self, spec: JobSpec) -> Request:
        """StartJobRun's parameters."""
        submit = {
            "entryPoint": spec.staged.entry,
            "entryPointArguments": spec.arguments,
            "sparkSubmitParameters": shlex.join(conf_words(spark_conf(spec, driver="spark.emr-serverless.driverEnv"))),
        }
        request: Request = {
            "applicationId": self._own.application_id,
            "clientToken": spec.token,
            "executionRoleArn": self._own.execution_role,
            "name": spec.name,
            "jobDriver": {"sparkSubmit": submit},
            "executionTimeoutMinutes": spec.config.submit.minutes,
            "tags": spec.tags,
        }
        if self._own.logs:
            logs = {"s3MonitoringConfiguration": {"logUri": self._own.logs}}
            request["configurationOverrides"] = {"monitoringConfiguration": logs}
        return request

    def start(self, request: Request) -> str:
        """Start the job run."""
        with said(f"EMR Serverless application {self._own.application_id} takes no job"):
            return str(self._api.start_job_run(**request)["jobRunId"])

    def find(self, spec: JobSpec) -> str | None:
        """The client token does it."""
        return None

    def look(self, job_id: str) -> JobState:
        """GetJobRun."""
        with said(f"job run {job_id}"):
            try:
                run = self._api.get_job_run(applicationId=self._own.application_id, jobRunId=job_id)["jobRun"]
            except self._api.exceptions.ResourceNotFoundException:
                return gone(f"application {self._own.application_id}")
        below = f"applications/{self._own.application_id}/jobs/{job_id}/"
        logs = f"{self._own.logs.rstrip('/')}/{below}" if self._own.logs else ""
        return JobState(run["state"], PHASES.get(run["state"], "active"), run.get("stateDetails", ""), logs)

    def cancel(self, job_id: str) -> None:
        """CancelJobRun; one that has ended is no error."""
        if self.look(job_id).phase == "active":
            with said(f"job run {job_id} cannot be cancelled"):
                self._api.cancel_job_run(applicationId=self._own.application_id, jobRunId=job_id)
