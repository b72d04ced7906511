"""What each platform's own operator is given: a submission in, an operator that submits it and waits out.

Whatever the platform's operator takes (connections, clusters, Spark settings), DAGs give in `platform_args`, by its
own names; only the command line, the job's name and its idempotency token are ours. A provider is imported when its
platform is used.
"""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from spark_pdf.airflow.compat import AirflowException
from spark_pdf.errors import UsageError

_DAY_OF_MINUTES = {"waiter_delay": 60, "waiter_max_attempts": 24 * 60}
"""How long to wait for EMR: its operators give up after half an hour, which bulk runs may take."""


@dataclass(frozen=True)
class Submission:
    """A command line that a platform has to run.

    `token` is another for each submission, at most 64 characters; `config` is the config's path there, if the DAG says
    it; `args` are the DAG's `platform_args`.
    """

    task_id: str
    run_id: str
    arguments: tuple[str, ...]
    token: str
    deferrable: bool = False
    cancel_on_kill: bool = True
    config: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)

    def take(self, *needed: str) -> tuple[list[Any], dict[str, Any]]:
        """The values that are needed and not the operator's own, and all others. Raises `UsageError` for what lacks."""
        absent = [name for name in needed if name not in self.args]
        if absent:
            raise UsageError(f"platform_args lacks {' and '.join(absent)}")
        rest = {name: value for name, value in self.args.items() if name not in needed}
        return [self.args[name] for name in needed], {"task_id": self.task_id, **rest}


class Delegate(Protocol):
    """What we ask of an operator."""

    def execute(self, context: Any) -> Any:
        """Submit, and wait or defer."""
        ...

    def on_kill(self) -> None:
        """End what was submitted."""
        ...


def build(platform: str, job: Submission) -> Delegate:
    """The platform's operator for a submission. Raises `UsageError` for arguments that it does not know."""
    if platform not in PLATFORMS:
        raise UsageError(f"platform is one of {', '.join(PLATFORMS)}, not '{platform}'")
    try:
        return PLATFORMS[platform](job)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("airflow"):
            raise
        raise UsageError(f"platform {platform} needs a provider of Airflow's that is not installed: {error}") from None
    except (TypeError, AirflowException) as error:  # an unknown keyword, as Airflow 3 says so and as 2 does
        raise UsageError(f"platform_args of {platform}: {_without_values(str(error))}") from None


def _without_values(text: str) -> str:
    """What is wrong with arguments. Airflow 3 names operator and keyword; Airflow 2 tells the values as well."""
    said, there, given = text.partition("**kwargs: ")
    names = ", ".join(re.findall(r"'([^']+)': ", given))
    return f"{said.strip()} {names}" if there else text


def _command(job: Submission) -> Delegate:
    from spark_pdf.airflow.command import LocalCommand

    return LocalCommand(job.arguments, **job.args)


def _spark_submit(job: Submission) -> Delegate:
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

    (application,), rest = job.take("application")
    operator: Delegate = SparkSubmitOperator(
        **{"name": job.run_id, **rest}, application=application, application_args=list(job.arguments)
    )
    return operator


def _emr_step(job: Submission) -> Delegate:
    from spark_pdf.airflow.emr import CancelledSteps

    (application,), rest = job.take("application")
    submit = ["spark-submit", *_words(rest.pop("spark_submit_args", ())), application, *job.arguments]
    step = {
        "Name": rest.pop("name", job.run_id),
        "ActionOnFailure": rest.pop("action_on_failure", "CONTINUE"),
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": submit},
    }
    return CancelledSteps(**{**_DAY_OF_MINUTES, **rest}, steps=[step], deferrable=job.deferrable)


def _emr_serverless(job: Submission) -> Delegate:
    from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator

    (application,), rest = job.take("application")
    driver: dict[str, Any] = {"entryPoint": application, "entryPointArguments": list(job.arguments)}
    if words := _words(rest.pop("spark_submit_args", ())):
        driver["sparkSubmitParameters"] = shlex.join(words)
    own: dict[str, Any] = {"name": job.run_id, "cancel_on_kill": job.cancel_on_kill}
    if "cancel_on_kill" not in inspect.signature(EmrServerlessStartJobOperator.__init__).parameters:
        del own["cancel_on_kill"]  # Amazon's provider of Airflow 2.10: `on_kill` cancels, and we ask before we call it
    operator: Delegate = EmrServerlessStartJobOperator(
        **{**own, **_DAY_OF_MINUTES, **rest},
        job_driver={"sparkSubmit": driver},
        client_request_token=job.token,
        deferrable=job.deferrable,
    )
    return operator


def _databricks_run_now(job: Submission) -> Delegate:
    from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

    _, args = job.take()
    if "job_parameters" in args:  # a job that was deployed with parameters: it puts the command line together itself
        if job.arguments[0] != "run" or not job.arguments[2].startswith("--") or "--set" in job.arguments:
            raise UsageError(
                "platform_args.job_parameters: a job with parameters runs one config as it is, without retry_of, sets "
                "and overlays; use databricks-submit-run, or a job without parameters"
            )
        args["job_parameters"] = {**_named(job), **args["job_parameters"]}
    else:
        args["python_params"] = list(job.arguments)
    operator: Delegate = DatabricksRunNowOperator(**args, idempotency_token=job.token, deferrable=job.deferrable)
    return operator


def _databricks_submit_run(job: Submission) -> Delegate:
    from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

    _, args = job.take()
    filled = 0
    tasks = []
    for task in args.get("tasks", ()):
        task = dict(task)
        for kind in ("spark_python_task", "python_wheel_task"):
            if kind in task and "parameters" not in task[kind]:
                task[kind] = {**task[kind], "parameters": list(job.arguments)}
                filled += 1
        tasks.append(task)
    if filled != 1:
        raise UsageError(
            "platform_args.tasks of databricks-submit-run has to have one spark_python_task (jobs/render_documents.py) "
            f"or python_wheel_task (entry point spark-pdf) without `parameters`, which are ours to give; found {filled}"
        )
    operator: Delegate = DatabricksSubmitRunOperator(
        **{"run_name": job.run_id, **args, "tasks": tasks}, idempotency_token=job.token, deferrable=job.deferrable
    )
    return operator


def _named(job: Submission) -> dict[str, str]:
    """The command line by names, for jobs with parameters."""
    named = {"run_id": job.run_id, **({"config": job.config} if job.config else {})}
    for option, value in zip(job.arguments, job.arguments[1:], strict=False):
        if option == "--result":
            named["result"] = value
    return named


def _words(text: str | Sequence[str]) -> list[str]:
    return shlex.split(text) if isinstance(text, str) else list(text)


PLATFORMS: Mapping[str, Callable[[Submission], Delegate]] = {
    "command": _command,
    "spark-submit": _spark_submit,
    "emr-step": _emr_step,
    "emr-serverless": _emr_serverless,
    "databricks-run-now": _databricks_run_now,
    "databricks-submit-run": _databricks_submit_run,
}
"""Who submits, by name."""
