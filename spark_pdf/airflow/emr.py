"""EMR steps that are cancelled when their task is: what the platform's operator and trigger leave out."""

from __future__ import annotations

import asyncio
from inspect import unwrap
from typing import Any

from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.amazon.aws.operators.emr import EmrAddStepsOperator
from airflow.providers.amazon.aws.triggers.emr import EmrAddStepsTrigger
from airflow.providers.amazon.aws.utils.waiter_with_logging import wait

from spark_pdf.airflow.compat import TaskDeferred


class CancelledSteps(EmrAddStepsOperator):
    """Adds a step and waits for it, here rather than in the hook, which would not tell the step's id before."""

    step_ids: list[str] | None = None

    def execute(self, context: Any) -> list[str]:
        """Add the step, and wait or defer."""
        try:
            self.step_ids = unwrap(EmrAddStepsOperator.execute)(self, context)
        except TaskDeferred as deferred:
            deferred.trigger = CancelledStepsTrigger(**deferred.trigger.serialize()[1])
            raise
        for step_id in self.step_ids:
            wait(
                waiter=self._hook().conn.get_waiter("step_complete"),
                waiter_max_attempts=self.waiter_max_attempts,
                waiter_delay=self.waiter_delay,
                args={"ClusterId": self._cluster(), "StepId": step_id},
                failure_message=f"EMR Steps failed: {step_id}",
                status_message="EMR Step status is",
                status_args=["Step.Status.State", "Step.Status.StateChangeReason"],
            )
        return self.step_ids

    def on_kill(self) -> None:
        """Cancel the step."""
        if self.step_ids:
            self._hook().conn.cancel_steps(
                ClusterId=self._cluster(), StepIds=self.step_ids, StepCancellationOption="TERMINATE_PROCESS"
            )

    def _cluster(self) -> str:
        return str(
            self.job_flow_id or self._hook().get_cluster_id_by_name(str(self.job_flow_name), self.cluster_states)
        )

    def _hook(self) -> Any:
        """The operator's own; Amazon's provider of Airflow 2.10 has none."""
        return getattr(self, "hook", None) or EmrHook(aws_conn_id=self.aws_conn_id)


class CancelledStepsTrigger(EmrAddStepsTrigger):
    """Waits for steps, and cancels them when a user ends or clears the deferred task (Airflow 3.3 and newer)."""

    async def on_kill(self) -> None:
        """Cancel the steps."""
        values = self.serialize()[1]

        def cancel() -> None:
            self.hook().conn.cancel_steps(
                ClusterId=values["job_flow_id"],
                StepIds=values["step_ids"],
                StepCancellationOption="TERMINATE_PROCESS",
            )

        await asyncio.to_thread(cancel)
