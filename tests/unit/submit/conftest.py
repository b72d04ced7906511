"""AWS as moto answers: accounts, applications and clusters, and job states that the tests move on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.submit import staging

ROOT = Path(__file__).parent.parent.parent.parent
ROLE = "arn:aws:iam::123456789012:role/spark-pdf-execution"
_numbers = itertools.count()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto answers every call of boto3's; no request leaves the process."""
    from moto import mock_aws

    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("moto.emrserverless.models.JOB_STATUS", "RUNNING")
    with mock_aws():
        yield


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small file where the environment would be built: that has tests of its own."""
    made = tmp_path / "environment.tar.gz"
    made.write_bytes(b"an environment")
    monkeypatch.setattr(staging, "build_archive", lambda target, say: made)
    return made


@pytest.fixture
def make_config() -> Callable[..., Config]:
    """A config whose output, and so its staging, is a store of its own in this process's memory."""

    def make(submit: dict[str, Any], **changes: Any) -> Config:
        values: dict[str, Any] = {
            "name": "invoices",
            "source": {"format": "parquet", "path": "s3://lake/orders"},
            "template": str(ROOT / "examples" / "invoice"),
            "document": {"id": "o_orderkey"},
            "output": {"uri": f"memory://submit-{next(_numbers)}/invoices"},
            "submit": {"poll_seconds": 0.01, **submit},
        }
        return parse_config(values | changes)

    return make


@pytest.fixture
def serverless(aws: None, archive: Path, make_config: Callable[..., Config]) -> Config:
    """A config for an EMR Serverless application that exists."""
    import boto3

    api = boto3.client("emr-serverless", region_name="eu-central-1")
    made = api.create_application(name="spark-pdf", releaseLabel="emr-7.10.0", type="SPARK")["applicationId"]
    own = {"application_id": made, "execution_role": ROLE, "region": "eu-central-1", "logs": "s3://logs/emr"}
    return make_config({"emr_serverless": own, "tags": {"team": "billing"}})


@pytest.fixture
def stepped(aws: None, archive: Path, make_config: Callable[..., Config]) -> Config:
    """A config for an EMR cluster that runs."""
    import boto3

    api = boto3.client("emr", region_name="eu-central-1")
    instances = {"InstanceCount": 1, "MasterInstanceType": "m7g.xlarge", "KeepJobFlowAliveWhenNoSteps": True}
    made = api.run_job_flow(
        Name="spark-pdf", ReleaseLabel="emr-7.10.0", Instances=instances, JobFlowRole="e", ServiceRole="s"
    )
    return make_config({"emr_step": {"cluster_id": made["JobFlowId"], "region": "eu-central-1"}})
