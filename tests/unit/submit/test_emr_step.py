"""Steps of an EMR cluster: found again by their names, because the API has no client token."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from spark_pdf.config import Config
from spark_pdf.errors import RunEndedElsewhere
from spark_pdf.submit import emr_step, follow
from spark_pdf.submit.attempts import Attempts
from spark_pdf.submit.staging import open_staging


def steps() -> list[Any]:
    """moto's steps of all clusters."""
    from moto.emr.models import emr_backends

    backend: Any = emr_backends["123456789012"]["eu-central-1"]
    return [step for cluster in backend.clusters.values() for step in cluster.steps]


def test_a_step_runs_in_cluster_mode_with_the_environment(stepped: Config) -> None:
    follow.submit(stepped, "emr-step", "2026-11", wait=False)
    (step,) = steps()
    words = list(step.args)
    assert words[:5] == ["spark-submit", "--master", "yarn", "--deploy-mode", "cluster"]
    assert "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./environment/bin/python" in words
    assert "spark.yarn.maxAppAttempts=1" in words
    store = open_staging(stepped)
    entry = words.index(next(word for word in words if word.endswith("render_documents.py")))
    for uri in words[entry : entry + 2]:
        assert store.exists(uri.removeprefix(store.uri + "/"))
    assert step.action_on_failure == "CONTINUE"


def test_a_step_whose_submitter_died_is_found_and_not_added_twice(
    stepped: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Attempts, "started", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        with pytest.raises(OSError, match="power cut"):
            follow.submit(stepped, "emr-step", "r", wait=False)
    follow.submit(stepped, "emr-step", "r", wait=False)
    (step,) = steps()
    latest = Attempts(open_staging(stepped), "r").latest()
    assert latest is not None
    assert latest.job_id == step.id


@pytest.mark.parametrize(("result", "code"), [({"exit_code": 3, "message": "too many failed"}, 3), (None, 1)])
def test_a_failed_step_ends_with_the_runs_exit_code(stepped: Config, result: Any, code: int) -> None:
    def machines(seconds: float) -> None:
        (step,) = steps()
        if result is not None:
            store = open_staging(stepped)
            store.write("runs/r/1-result.json", json.dumps(result).encode())
        step.state = "FAILED"

    with pytest.raises(RunEndedElsewhere) as caught:
        follow.submit(stepped, "emr-step", "r", sleep=machines)
    assert caught.value.exit_code == code


def test_a_step_of_an_earlier_cluster_is_added_to_this_one(stepped: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clusters that live for a night: the run that died with one goes on with the next."""
    from moto.emr.exceptions import InvalidRequestException
    from moto.emr.models import ElasticMapReduceBackend

    follow.submit(stepped, "emr-step", "r", wait=False)
    own = stepped.submit.emr_step
    assert own is not None
    emr: Any = boto3.client("emr", region_name="eu-central-1")
    night = emr.run_job_flow(Name="tonight", Instances={"KeepJobFlowAliveWhenNoSteps": True}, ReleaseLabel="emr-7.10.0")
    other = stepped.submit.model_copy(update={"emr_step": own.model_copy(update={"cluster_id": night["JobFlowId"]})})

    def refused(*_: object) -> None:
        raise InvalidRequestException("Step id 's-1' is not valid.")

    # moto answers with nothing, where EMR says this.
    monkeypatch.setattr(ElasticMapReduceBackend, "describe_step", refused)
    said: list[str] = []
    follow.submit(stepped.model_copy(update={"submit": other}), "emr-step", "r", wait=False, say=said.append)
    assert f"GONE and has left no result: cluster {night['JobFlowId']} does not know it" in said[0]
    assert [step.name.rpartition(" ")[0] for step in steps()] == ["spark-pdf r 1", "spark-pdf r 2"]


def test_every_state_of_the_service_has_a_meaning() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("emr")
    assert set(emr_step.PHASES) == set(model.shape_for("StepState").enum)


def test_requests_are_what_the_services_model_says(stepped: Config) -> None:
    import botocore.session
    from botocore.validate import validate_parameters

    model = botocore.session.get_session().get_service_model("emr")
    request = follow.dry_run(stepped, "emr-step", "r")
    validate_parameters(request, model.operation_model("AddJobFlowSteps").input_shape)
