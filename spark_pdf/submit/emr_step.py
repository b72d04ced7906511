"""EMR on EC2: a step of a running cluster, by AddJobFlowSteps, DescribeStep, CancelSteps.

AddJobFlowSteps has no client token. So a step bears the attempt's token in its name, and is looked for before it is
added.
"""

from __future__ import annotations

from collections.abc import Mapping

from spark_pdf.config import Config
from spark_pdf.errors import UsageError
from spark_pdf.submit.aws import client, conf_words, said, spark_conf
from spark_pdf.submit.platforms import JobSpec, JobState, Phase, Request, gone

PHASES: Mapping[str, Phase] = {
    "PENDING": "active",
    "CANCEL_PENDING": "active",
    "RUNNING": "active",
    "COMPLETED": "succeeded",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
    "INTERRUPTED": "failed",
}
"""StepState, as botocore's model has it. One that is newer is taken for active, and bounded by `submit.minutes`."""


class EmrStepPlatform:
    """See `platforms.Platform`."""

    archived = True

    def __init__(self, config: Config) -> None:
        assert config.submit.emr_step is not None
        self._own = config.submit.emr_step
        self._api = client("emr", self._own.region)

    def request(self, spec: JobSpec) -> Request:
        """AddJobFlowSteps' parameters. In cluster mode, so that the driver has the environment too."""
        conf = spark_conf(spec, driver="spark.yarn.appMasterEnv")
        # A driver that YARN starts again by itself would resume the run, and the step would never tell its exit code.
        conf.setdefault("spark.yarn.maxAppAttempts", "1")
        words = ["spark-submit", "--master", "yarn", "--deploy-mode", "cluster", "--name", spec.name]
        step = {
            "Name": spec.name,
            "ActionOnFailure": "CONTINUE",
            "HadoopJarStep": {
                "Jar": "command-runner.jar",
                "Args": [*words, *conf_words(conf), spec.staged.entry, *spec.arguments],
            },
        }
        request: Request = {"JobFlowId": self._own.cluster_id, "Steps": [step]}
        if self._own.execution_role:
            request["ExecutionRoleArn"] = self._own.execution_role
        return request

    def start(self, request: Request) -> str:
        """Add the step."""
        with said(f"EMR cluster {self._own.cluster_id} takes no step"):
            return str(self._api.add_job_flow_steps(**request)["StepIds"][0])

    def find(self, spec: JobSpec) -> str | None:
        """The step of this attempt's name. EMR lists the newest first, and a cluster's 10,000 steps in pages of 50."""
        with said(f"EMR cluster {self._own.cluster_id}"):
            for page in self._api.get_paginator("list_steps").paginate(ClusterId=self._own.cluster_id):
                for step in page["Steps"]:
                    if step["Name"] == spec.name:
                        return str(step["Id"])
        return None

    def look(self, job_id: str) -> JobState:
        """DescribeStep."""
        with said(f"step {job_id}"):
            try:
                status = self._api.describe_step(ClusterId=self._own.cluster_id, StepId=job_id)["Step"]["Status"]
            except self._api.exceptions.InvalidRequestException:
                return gone(f"cluster {self._own.cluster_id}")
        failure = status.get("FailureDetails", {})
        reason = (
            failure.get("Message") or failure.get("Reason") or status.get("StateChangeReason", {}).get("Message", "")
        )
        return JobState(status["State"], PHASES.get(status["State"], "active"), reason, failure.get("LogFile", ""))

    def cancel(self, job_id: str) -> None:
        """CancelSteps; a step that runs is killed, too. One that has ended is no error."""
        if self.look(job_id).phase != "active":
            return
        with said(f"step {job_id} cannot be cancelled"):
            answer = self._api.cancel_steps(
                ClusterId=self._own.cluster_id, StepIds=[job_id], StepCancellationOption="SEND_INTERRUPT"
            )
        for info in answer.get("CancelStepsInfoList", ()):
            if info.get("Status") == "FAILED" and self.look(job_id).phase == "active":
                raise UsageError(f"step {job_id} cannot be cancelled: {info.get('Reason', '')}")
