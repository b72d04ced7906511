"""Submitting: started once, followed to the run's own exit code, whatever the platform says. The platform is moto's.

moto keeps what it is sent and never moves a job on, and starts a second job for a client token that it has seen: tests
move states on themselves, and hold the requests' tokens equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    UnauthorizedSSOTokenError,
)

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.config import Config, parse_config
from spark_pdf.errors import (
    AccessDenied,
    PlatformUnreachable,
    RunEndedElsewhere,
    RunPinned,
    SparkPdfError,
    UnsupportedError,
    UsageError,
)
from spark_pdf.submit import emr_serverless, follow
from spark_pdf.submit.attempts import Attempts
from spark_pdf.submit.staging import open_staging

COMMITTED = {"run_id": "r", "state": "committed", "documents": 3, "exit_code": 0}


def job_runs() -> dict[str, Any]:
    """moto's job runs of all applications."""
    from moto.emrserverless.models import emrserverless_backends

    backend: Any = emrserverless_backends["123456789012"]["eu-central-1"]
    return {job.id: job for jobs in backend.job_runs.values() for job in jobs}


class Machines:
    """What happens while the submitter sleeps: after a few looks, the job leaves a result and its state changes."""

    def __init__(self, config: Config, state: str, result: dict[str, Any] | None, looks: int = 2) -> None:
        self.config, self.state, self.result, self.looks = config, state, result, looks
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) != self.looks:
            return
        job = list(job_runs().values())[-1]
        if self.result is not None:
            key = job.job_driver["sparkSubmit"]["entryPointArguments"][4]
            store = open_staging(self.config)
            store.write(key.removeprefix(store.uri + "/"), json.dumps(self.result).encode())
        job.state = self.state
        job.state_details = "it is over"


def submit(config: Config, sleep: Callable[[float], None], run_id: str = "r", **more: Any) -> tuple[Any, list[str]]:
    said: list[str] = []
    return follow.submit(config, "emr-serverless", run_id, say=said.append, sleep=sleep, **more), said


def test_a_run_is_started_followed_and_told(serverless: Config) -> None:
    ending, said = submit(serverless, Machines(serverless, "SUCCESS", COMMITTED))
    assert ending.exit_code == 0
    assert ending.result["documents"] == 3
    (job,) = job_runs().values()
    assert job.execution_role_arn.endswith("role/spark-pdf-execution")
    sent = job.job_driver["sparkSubmit"]
    assert sent["entryPointArguments"][1:3] == ["--run-id", "r"]
    assert "#environment" in sent["sparkSubmitParameters"]
    assert "spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python" in sent["sparkSubmitParameters"]
    assert job.tags == {"spark-pdf-run": "r", "spark-pdf-name": "invoices", "team": "billing"}
    assert any(line.startswith("RUNNING") and "s3://logs/emr/applications/" in line for line in said)


@pytest.mark.parametrize("code", [1, 2, 3, 4])
def test_the_exit_code_is_the_runs_own(serverless: Config, code: int) -> None:
    failed = {"state": "failed", "exit_code": code, "error": "CommitStateUnknown", "message": "what the run said"}
    with pytest.raises(RunEndedElsewhere, match=r"what the run said; logs: s3://logs") as caught:
        submit(serverless, Machines(serverless, "FAILED", failed))
    assert caught.value.exit_code == code


def test_a_job_that_leaves_no_result_is_1_with_the_platforms_reason(serverless: Config) -> None:
    with pytest.raises(RunEndedElsewhere, match="FAILED and the run has left no result: it is over") as caught:
        submit(serverless, Machines(serverless, "FAILED", None))
    assert caught.value.exit_code == 1


def test_a_result_that_comes_later_than_the_platforms_word_is_waited_for(serverless: Config) -> None:
    class Late(Machines):
        def __call__(self, seconds: float) -> None:
            super().__call__(seconds)
            if len(self.slept) == 4:
                store = open_staging(serverless)
                store.write("runs/r/1-result.json", json.dumps(COMMITTED).encode())

    ending, _ = submit(serverless, Late(serverless, "SUCCESS", None))
    assert ending.exit_code == 0


def test_submitting_twice_starts_once(serverless: Config) -> None:
    assert submit(serverless, pytest.fail, wait=False)[0] is None
    ending, said = submit(serverless, Machines(serverless, "SUCCESS", COMMITTED))
    assert ending.exit_code == 0
    assert said[0].startswith("run r is active as ")
    again, said = submit(serverless, pytest.fail)
    assert (again.exit_code, said) == (0, ["run r has ended already; nothing to do"])
    assert len(job_runs()) == 1


def test_a_run_that_failed_is_tried_again_under_a_new_token(serverless: Config) -> None:
    failed = {"state": "failed", "exit_code": 4, "message": "unknown"}
    with pytest.raises(RunEndedElsewhere):
        submit(serverless, Machines(serverless, "FAILED", failed))
    assert submit(serverless, Machines(serverless, "SUCCESS", COMMITTED))[0].exit_code == 0
    first, second = job_runs().values()
    assert first.client_token != second.client_token
    assert Attempts(open_staging(serverless), "r").latest().number == 2  # type: ignore[union-attr]


def test_who_dies_between_start_and_note_starts_under_the_same_token(
    serverless: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Attempts, "started", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        with pytest.raises(OSError, match="power cut"):
            submit(serverless, pytest.fail)
    submit(serverless, pytest.fail, wait=False)
    first, second = job_runs().values()  # AWS itself would answer the second with the first job
    assert first.client_token == second.client_token


def test_what_is_there_is_not_sent_again(serverless: Config) -> None:
    _, said = submit(serverless, pytest.fail, wait=False)
    assert sum(line.startswith("sent ") for line in said) == 4
    _, said = submit(serverless, pytest.fail, "other", wait=False)
    assert [line for line in said if line.startswith("sent ")] == []


def test_a_changed_config_is_refused(serverless: Config) -> None:
    submit(serverless, pytest.fail, wait=False)
    changed = parse_config({**serverless.model_dump(exclude_unset=True), "document": {"id": "another"}})
    with pytest.raises(RunPinned, match="changed since"):
        submit(changed, pytest.fail)


def test_following_is_bounded(serverless: Config) -> None:
    config = serverless.model_copy(
        update={"submit": serverless.submit.model_copy(update={"poll_seconds": 20.0, "minutes": 5})}
    )
    slept: list[float] = []
    with pytest.raises(RunEndedElsewhere, match=r"still RUNNING after 5 minutes .*; the job goes on"):
        submit(config, slept.append)
    assert slept == [20.0] * 15


@pytest.mark.parametrize(("cancel", "state"), [(True, "CANCELLED"), (False, "RUNNING")])
def test_ctrl_c_cancels_if_asked(serverless: Config, cancel: bool, state: str) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        submit(serverless, interrupt, cancel=cancel)
    (job,) = job_runs().values()
    assert job.state == state


def test_settings_of_this_machine_are_refused_all_at_once(make_config: Any, aws: None) -> None:
    config = make_config(
        {"emr_serverless": {"application_id": "0", "execution_role": "arn:x", "region": "eu-central-1"}},
        engine="local",
        source={"path": "data/orders.parquet", "format": "parquet"},
        output={"uri": "out"},
    )
    with pytest.raises(UnsupportedError) as caught:
        submit(config, pytest.fail)
    for said in ("engine is local", "output.uri is a place", "submit.staging is a place", "source.path is a place"):
        assert said in str(caught.value)


def test_a_platform_without_its_section_is_refused(make_config: Any) -> None:
    with pytest.raises(UsageError, match=r"'submit.emr_serverless' is missing"):
        submit(make_config({}), pytest.fail)


def test_what_aws_refuses_is_one_sentence(serverless: Config) -> None:
    own = serverless.submit.emr_serverless
    assert own is not None
    gone = serverless.submit.model_copy(
        update={"emr_serverless": own.model_copy(update={"application_id": "00nothere"})}
    )
    with pytest.raises(SparkPdfError, match="EMR Serverless application 00nothere takes no job"):
        submit(serverless.model_copy(update={"submit": gone}), pytest.fail)


def test_a_job_that_the_application_has_no_more_is_started_again(serverless: Config) -> None:
    from moto.emrserverless.models import emrserverless_backends

    submit(serverless, pytest.fail, wait=False)
    backend: Any = emrserverless_backends["123456789012"]["eu-central-1"]
    for jobs in backend.job_runs.values():
        jobs.clear()
    _, said = submit(serverless, pytest.fail, wait=False)
    assert "is GONE and has left no result" in said[0]
    assert len(job_runs()) == 1
    assert Attempts(open_staging(serverless), "r").latest().number == 2  # type: ignore[union-attr]


def test_a_state_that_is_newer_than_the_code_is_followed(serverless: Config) -> None:
    submit(serverless, pytest.fail, wait=False)
    (job,) = job_runs().values()
    job.state = "REHEARSING"
    ending, said = submit(serverless, Machines(serverless, "SUCCESS", COMMITTED))
    assert ending.exit_code == 0
    assert any(line.startswith("REHEARSING") for line in said)


def test_every_state_of_the_service_has_a_meaning() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("emr-serverless")
    assert set(emr_serverless.PHASES) == set(model.shape_for("JobRunState").enum)


def test_a_dry_run_prints_the_request_and_sends_nothing(
    serverless: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import yaml

    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(serverless.model_dump(mode="json", exclude_unset=True)))
    assert cli(["submit", "emr-serverless", str(path), "--run-id", "r", "--dry-run"]) == 0
    request = json.loads(capsys.readouterr().out)
    assert request["jobDriver"]["sparkSubmit"]["entryPointArguments"][2] == "r"
    assert job_runs() == {}
    assert list(open_staging(serverless).list()) == []
    boto3.client("emr-serverless", region_name="eu-central-1").start_job_run(**request)  # botocore's own validation


def test_the_command_ends_with_the_runs_exit_code(
    serverless: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    import yaml

    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(serverless.model_dump(mode="json", exclude_unset=True)))
    failed = {"state": "failed", "exit_code": 3, "message": "too many documents failed"}
    monkeypatch.setattr(time, "sleep", Machines(serverless, "FAILED", failed))
    command = ["submit", "emr-serverless", str(path), "--output", "json", "--run-id"]
    assert cli([*command, "r"]) == 3
    assert "too many documents failed" in capsys.readouterr().err
    monkeypatch.setattr(time, "sleep", Machines(serverless, "SUCCESS", COMMITTED))
    assert cli([*command, "r"]) == 0
    assert json.loads(capsys.readouterr().out) == COMMITTED


def test_an_api_that_does_not_answer_for_a_while_is_asked_again(
    serverless: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = emr_serverless.EmrServerlessPlatform.look, []

    def look(self: Any, job_id: str) -> Any:
        asked.append(job_id)
        if len(asked) in (2, 3):
            with emr_serverless.said(f"job run {job_id}"):
                raise EndpointConnectionError(endpoint_url="https://emr-serverless")
        return real(self, job_id)

    monkeypatch.setattr(emr_serverless.EmrServerlessPlatform, "look", look)
    ending, said = submit(serverless, Machines(serverless, "SUCCESS", COMMITTED, looks=4))
    assert ending.exit_code == 0
    assert sum("asking again" in line for line in said) == 2


class Refusing:
    """A platform that answers so many looks, and none after them."""

    def __init__(self, error: Exception, answers: int = 2) -> None:
        self.error, self.answers = error, answers
        self.real = emr_serverless.EmrServerlessPlatform.look

    def look(self, platform: Any, job_id: str) -> Any:
        if self.answers:
            self.answers -= 1
            return self.real(platform, job_id)
        with emr_serverless.said(f"job run {job_id}"):
            raise self.error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "expired"}}, "GetJobRun"), AccessDenied),
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetJobRun"), AccessDenied),
        (CredentialRetrievalError(provider="sso", error_msg="expired"), AccessDenied),
        (UnauthorizedSSOTokenError(), AccessDenied),
        (EndpointConnectionError(endpoint_url="https://emr-serverless"), PlatformUnreachable),
    ],
    ids=lambda one: getattr(one, "__name__", None) or type(one).__name__,
)
def test_who_can_no_longer_look_is_told_that_the_job_goes_on(
    serverless: Config, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[SparkPdfError]
) -> None:
    refusing = Refusing(error)
    monkeypatch.setattr(emr_serverless.EmrServerlessPlatform, "look", lambda self, job: refusing.look(self, job))
    with pytest.raises(kind, match=r"job run \S+: .*; the job goes on, and the same command follows it again"):
        submit(serverless, lambda seconds: None)
    monkeypatch.undo()
    ending, said = submit(serverless, Machines(serverless, "SUCCESS", COMMITTED))
    assert (ending.exit_code, len(job_runs())) == (0, 1)
    assert "is active as" in said[0]
