"""The operator: a task of a dag run in, a committed run out.

It submits `spark-pdf run CONFIG --run-id ID` by the platform's own operator, lets that wait or defer, and then asks
the manifest table what came of it. The run_id is the same in every try of the task, so a try after a failure, a lost
worker or a commit whose answer was lost resumes the run, and adds nothing to one that is committed.

What another try can mend is retried (exit codes 1 and 4); what it cannot is not (2: the config, the template, the
source; 3: too many documents failed).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from inspect import unwrap
from typing import Any, ClassVar

from spark_pdf.airflow.assets import ALIAS, emit
from spark_pdf.airflow.compat import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    AssetAlias,
    BaseOperator,
    BranchMixIn,
    TaskDeferred,
    default_deferrable,
)
from spark_pdf.airflow.links import REPORT, RunReportLink
from spark_pdf.airflow.platforms import PLATFORMS, Delegate, Submission, build
from spark_pdf.airflow.runs import (
    Paths,
    committed_run,
    config_paths,
    forget_result,
    read_config,
    report_url,
    result_uri,
    run_id_of,
    settings,
    submission_result,
    where,
)
from spark_pdf.airflow.triggers import CommittedRunTrigger, dumped
from spark_pdf.config import Config
from spark_pdf.errors import SparkPdfError
from spark_pdf.store.locations import RunLocations

_DEFERRED = "spark_pdf_deferred"

_A_DAY = timedelta(days=1)
"""For a run that the platform's operator does not wait for. One that was killed says nothing; the next try resumes."""

ON_FAILURES = ("fail", "skip", "branch")

_USAGE, _TOO_MANY, _UNKNOWN = 2, 3, 4  # exit codes of `spark-pdf run`; see errors.py


class RenderDocumentsOperator(BaseOperator, BranchMixIn):
    """Renders a table into documents, exactly once for each run_id.

    :param config: the run's config, or config and overlays, as this worker reads them; relative paths begin at the
        DAG's file (templated)
    :param platform: who runs it: `command`, `spark-submit`, `emr-step`, `emr-serverless`, `databricks-run-now`,
        `databricks-submit-run`
    :param platform_args: what the platform's own operator takes, by its names (templated)
    :param sets: settings laid over the config, such as `{"source.path": "s3://lake/day={{ ds }}"}` (templated)
    :param remote_config: the config's paths where the platform runs, if they are others there (templated)
    :param run_id: default: from DAG, task, logical date (or the dag run's id) and map index (templated)
    :param retry_of: render the failures of this committed run again, in place of the config's records; skipped if it
        has none (templated)
    :param on_failures: if too many documents failed: `fail` the task, `skip` what follows, or `branch` to
        `failure_task_ids`
    :param failure_task_ids: with `branch`: the tasks that follow then, and only then
    :param max_failed: so many failures of a committed run are too many as well; `limits.failed_fraction` of the config
        decides what is committed
    :param deferrable: wait in the triggerer, where the platform can; default: Airflow's setting
    :param poll_interval: seconds between looks at the manifest, where the platform's operator does not wait itself
    :param cancel_on_kill: cancel the platform's job when the task is killed
    :param report_url: where people look at a run; `{run_id}` is filled in (templated)
    """

    template_fields: Sequence[str] = (
        "config", "platform_args", "sets", "remote_config", "run_id", "retry_of", "report_url",
    )  # fmt: skip
    template_fields_renderers: ClassVar[dict[str, str]] = {"platform_args": "json", "sets": "json"}
    operator_extra_links = (RunReportLink(),)
    inherits_from_skipmixin = True
    ui_color = "#d7eadf"

    def __init__(
        self,
        *,
        config: Paths,
        platform: str = "command",
        platform_args: Mapping[str, Any] | None = None,
        sets: Mapping[str, Any] | None = None,
        remote_config: Paths | None = None,
        run_id: str | None = None,
        retry_of: str | None = None,
        on_failures: str = "fail",
        failure_task_ids: str | Sequence[str] = (),
        max_failed: int | None = None,
        deferrable: bool | None = None,
        poll_interval: float = 60.0,
        cancel_on_kill: bool = True,
        report_url: str | None = None,
        **kwargs: Any,
    ) -> None:
        outlets = kwargs.pop("outlets", None) or []
        super().__init__(**kwargs, outlets=[*outlets, AssetAlias(ALIAS)])
        self.config = config
        self.platform = platform
        self.platform_args = dict(platform_args or {})
        self.sets = sets
        self.remote_config = remote_config
        self.run_id = run_id
        self.retry_of = retry_of
        self.on_failures = on_failures
        self.failure_task_ids = [failure_task_ids] if isinstance(failure_task_ids, str) else list(failure_task_ids)
        self.max_failed = max_failed
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.poll_interval = poll_interval
        self.cancel_on_kill = cancel_on_kill
        self.report_url = report_url
        self._delegate: Delegate | None = None
        self._check()

    def _check(self) -> None:
        """What is wrong whatever the dag run: said when the DAG is parsed."""
        if self.platform not in PLATFORMS:
            raise ValueError(f"platform is one of {', '.join(PLATFORMS)}, not '{self.platform}'")
        if self.on_failures not in ON_FAILURES:
            raise ValueError(f"on_failures is one of {', '.join(ON_FAILURES)}, not '{self.on_failures}'")
        if (self.on_failures == "branch") != bool(self.failure_task_ids):
            raise ValueError("on_failures='branch' and failure_task_ids belong together")

    def execute(self, context: Any) -> Any:
        """Submit, and wait or defer."""
        if self.retry_of is not None and not self.retry_of.strip():  # a template that found none: not all records!
            raise AirflowSkipException("retry_of is empty; there is no run to try again")
        with _airflow_errors():
            config = self._read_config()
            run_id = self._run_id(context)
            RunLocations(run_id)
            if self.retry_of and self._nothing_failed(config):
                raise AirflowSkipException(f"run {self.retry_of} has no failures; there is nothing to try again")
        context["ti"].xcom_push(key=REPORT, value=report_url(config, run_id, self.report_url))
        token = uuid.uuid4().hex
        self.log.info("run %s of %s, by %s", run_id, config.name, self.platform)
        delegate = self._build(config, run_id, token)
        return self._follow(context, config, run_id, token, partial(unwrap(type(delegate).execute), delegate, context))

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Go on where the task deferred: with the platform's own method, or with what the manifest says."""
        ti = context["ti"]
        left = ti.xcom_pull(
            task_ids=self.task_id, key=_DEFERRED, map_indexes=ti.map_index if ti.map_index >= 0 else None
        )
        run_id, token, method = left["run_id"], left["token"], left["method"]
        with _airflow_errors():
            config = self._read_config()
        if not method:
            lost = AirflowException(event["message"]) if event.get("state") == "lost" else None
            return self._ended(context, config, run_id, token, lost, waited=True)
        delegate = self._build(config, run_id, token)
        going_on = partial(unwrap(getattr(type(delegate), method)), delegate, context, event=event, **left["arguments"])
        return self._follow(context, config, run_id, token, going_on)

    def on_kill(self) -> None:
        """End the platform's job. Tasks that are committed stay so, and the next try goes on with the rest."""
        if self.cancel_on_kill and self._delegate is not None:
            self._delegate.on_kill()

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What was read and written, with rows and bytes."""
        from spark_pdf.airflow.lineage import lineage

        config = self._read_config()
        values = task_instance.xcom_pull(task_ids=self.task_id, map_indexes=task_instance.map_index)
        return lineage(config, values if values and values.get("state") == "committed" else None)

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> Any:
        """What was read, and would have been written."""
        from spark_pdf.airflow.lineage import lineage

        return lineage(self._read_config(), None)

    def _read_config(self) -> Config:
        return read_config(self.config, self.sets, self._folder())

    def _folder(self) -> str | None:
        return getattr(self.dag, "folder", None) if self.has_dag() else None

    def _run_id(self, context: Any) -> str:
        if self.run_id:
            return self.run_id
        ti = context["ti"]
        return run_id_of(ti.dag_id, ti.task_id, context.get("logical_date"), context["run_id"], ti.map_index)

    def _nothing_failed(self, config: Config) -> bool:
        earlier = committed_run(config, str(self.retry_of))
        return earlier is not None and not earlier["failed"]

    def _build(self, config: Config, run_id: str, token: str) -> Delegate:
        """The platform's operator, with our command line."""
        there = [self.remote_config] if isinstance(self.remote_config, str) else list(self.remote_config or ())
        command = ["retry" if self.retry_of else "run", *(there or config_paths(self.config, self._folder()))]
        for setting in settings(self.sets):
            command += ["--set", setting]
        command += ["--run-id", self.retry_of, "--retry-id", run_id] if self.retry_of else ["--run-id", run_id]
        command += ["--output", "json", "--result", result_uri(config, run_id, token)]
        job = Submission(
            self.task_id,
            run_id,
            tuple(command),
            token,
            deferrable=self.deferrable,
            cancel_on_kill=self.cancel_on_kill,
            config=there[0] if there else None,
            args=self.platform_args,
        )
        with _airflow_errors():
            self._delegate = build(self.platform, job)
        return self._delegate

    def _follow(self, context: Any, config: Config, run_id: str, token: str, call: Callable[[], Any]) -> Any:
        """Let the platform's operator work; where it defers, so do we, and come back to it."""
        failed: Exception | None = None
        try:
            call()
        except TaskDeferred as deferred:
            self._remember(context, run_id, token, deferred.method_name, deferred.kwargs)
            self.defer(trigger=deferred.trigger, method_name="execute_complete", timeout=deferred.timeout)
        except Exception as error:
            failed = error
        return self._ended(context, config, run_id, token, failed)

    @staticmethod
    def _remember(
        context: Any, run_id: str, token: str, method: str = "", arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Where to go on, as an XCom: what `defer` takes for it is lost in `dag.test()`."""
        left = {"run_id": run_id, "token": token, "method": method, "arguments": dict(arguments or {})}
        context["ti"].xcom_push(key=_DEFERRED, value=left)

    def _ended(
        self, context: Any, config: Config, run_id: str, token: str, failed: Exception | None, *, waited: bool = False
    ) -> Any:
        """What became of the run: the table decides; if it has none, the file of `--result` says why."""
        with _airflow_errors():
            found = committed_run(config, run_id)
            told = submission_result(config, run_id, token) or {}
            if found is not None:
                if failed is not None:
                    self.log.warning("the platform reports a failure, but run %s is committed: %s", run_id, failed)
                forget_result(config, run_id, token)
                return self._committed(context, config, found)
        if failed is None and not told and self.deferrable and not waited:  # submitted, and not waited for
            trigger = CommittedRunTrigger(dumped(config), run_id, self.poll_interval, token)
            self._remember(context, run_id, token)
            self.defer(trigger=trigger, method_name="execute_complete", timeout=self.execution_timeout or _A_DAY)
        forget_result(config, run_id, token)
        return self._not_committed(context, config, run_id, told, failed)

    def _committed(self, context: Any, config: Config, values: dict[str, Any]) -> Any:
        emit(config, self.outlets, context["outlet_events"], values)
        self.log.info("committed: %s", values)
        if self.max_failed is not None and values["failed"] > self.max_failed:
            message = f"run {values['run_id']} is committed, with {values['failed']} failures; max_failed is "
            return self._too_many(context, values, f"{message}{self.max_failed}")
        if self.on_failures == "branch":
            context["ti"].xcom_push(key="return_value", value=values)  # Airflow 3 leaves do_branch by an exception
            self.do_branch(context, sorted(self.downstream_task_ids - set(self.failure_task_ids)))
        return values

    def _not_committed(
        self, context: Any, config: Config, run_id: str, told: Mapping[str, Any], failed: Exception | None
    ) -> Any:
        code = told.get("exit_code", getattr(failed, "exit_code", 1))
        message = told.get("message") or str(failed or "") or _NOT_THERE.format(**where(config), run_id=run_id)
        values = {"run_id": run_id, "state": "failed", "exit_code": code, **where(config), "message": message}
        if code == _TOO_MANY:
            counts = told.get("counts", {})
            return self._too_many(
                context, {**values, "failed": sum(counts.values()), "failures_by_code": counts}, message
            )
        context["ti"].xcom_push(key="return_value", value=values)
        if code == _USAGE:
            raise AirflowFailException(message) from failed
        if code == _UNKNOWN:
            message = f"{message} (the next try of this task settles it)"
        raise AirflowException(message) from failed

    def _too_many(self, context: Any, values: dict[str, Any], message: str) -> Any:
        context["ti"].xcom_push(key="return_value", value=values)
        if self.on_failures == "branch":
            self.log.warning("%s", message)
            self.do_branch(context, self.failure_task_ids)
            return values
        raise AirflowSkipException(message) if self.on_failures == "skip" else AirflowFailException(message)


_NOT_THERE = (
    "the platform reports success, but the manifest {manifest} has no run {run_id}: is it submitted with the same "
    "config, and waited for? (deferrable=True waits for what spark-submit leaves behind)"
)


@contextmanager
def _airflow_errors() -> Iterator[None]:
    """Errors of ours as Airflow's: what another try cannot mend ends the task."""
    try:
        yield
    except SparkPdfError as error:
        final = error.exit_code == _USAGE
        raise (AirflowFailException if final else AirflowException)(str(error)) from error
