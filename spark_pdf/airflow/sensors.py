"""A sensor that waits for a committed run: a config and a run_id in, what the manifest says of it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from spark_pdf.airflow.compat import (
    AirflowException,
    AirflowFailException,
    BaseSensorOperator,
    PokeReturnValue,
    default_deferrable,
)
from spark_pdf.airflow.runs import Paths, committed_run, read_config, run_id_of
from spark_pdf.airflow.triggers import CommittedRunTrigger, dumped
from spark_pdf.errors import SparkPdfError, UsageError


class CommittedRunSensor(BaseSensorOperator):
    """Waits until the manifest has a run; its XCom is the same mapping as `RenderDocumentsOperator`'s.

    Name the run by `run_id`, or as a task of another DAG by `external_dag_id` and `external_task_id`: its run of the
    same logical date is waited for.

    :param config: the run's config, or config and overlays (templated)
    :param sets: settings laid over it, such as `{"output.uri": "s3://lake/{{ ds }}"}` (templated)
    :param run_id: the run (templated)
    :param external_dag_id: the DAG that renders (templated)
    :param external_task_id: its task (templated)
    :param deferrable: wait in the triggerer
    """

    template_fields = ("config", "sets", "run_id", "external_dag_id", "external_task_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sets": "json"}
    ui_color = "#e4f0e8"

    def __init__(
        self,
        *,
        config: Paths,
        sets: Mapping[str, Any] | None = None,
        run_id: str | None = None,
        external_dag_id: str | None = None,
        external_task_id: str | None = None,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.sets = sets
        self.run_id = run_id
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        if (run_id is None) == (external_dag_id is None) or (external_dag_id is None) != (external_task_id is None):
            raise ValueError("CommittedRunSensor takes run_id, or external_dag_id and external_task_id")

    def poke(self, context: Any) -> PokeReturnValue:
        """Ask once."""
        try:
            found = committed_run(self._config(), self._run_id(context))
        except UsageError as error:
            raise AirflowFailException(str(error)) from error
        except SparkPdfError as error:  # the store, for now
            self.log.warning("the manifest could not be asked: %s", error)
            found = None
        return PokeReturnValue(is_done=found is not None, xcom_value=found)

    def execute(self, context: Any) -> Any:
        """Wait here, or in the triggerer."""
        if not self.deferrable:
            return super().execute(context)
        asked = self.poke(context)
        if asked.is_done:
            return asked.xcom_value
        trigger = CommittedRunTrigger(dumped(self._config()), self._run_id(context), self.poke_interval)
        self.defer(trigger=trigger, method_name="execute_complete", timeout=timedelta(seconds=self.timeout))
        return None

    def execute_complete(self, context: Any, event: Mapping[str, Any] | None = None) -> Any:
        """What the manifest says, now that it has the run."""
        found = committed_run(self._config(), self._run_id(context))
        if found is None:
            raise AirflowException((event or {}).get("message", "the manifest has the run no longer"))
        return found

    def _config(self) -> Any:
        return read_config(self.config, self.sets, getattr(self.dag, "folder", None))

    def _run_id(self, context: Any) -> str:
        if self.run_id is not None:
            return self.run_id
        date = context.get("logical_date")
        if date is None:
            raise AirflowFailException(
                "this dag run has no logical date, so it has no run of another DAG at the same date: give run_id"
            )
        return run_id_of(str(self.external_dag_id), str(self.external_task_id), date, "")
