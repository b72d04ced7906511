"""What lies in deploy/emr: requests by botocore's models of the services, policies by what they may and may not say."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from spark_pdf.config import Config, load_config
from spark_pdf.submit import emr_serverless, emr_step, follow
from tests.unit.submit.conftest import ROOT

EMR = ROOT / "deploy" / "emr"
REQUESTS = {
    "application.json": ("emr-serverless", "CreateApplication"),
    "serverless-archive.json": ("emr-serverless", "StartJobRun"),
    "serverless-image.json": ("emr-serverless", "StartJobRun"),
    "step.json": ("emr", "AddJobFlowSteps"),
    "emr-on-eks.json": ("emr-containers", "StartJobRun"),
}
ACTIONS_OF_OURS = {
    "emr-serverless": {"StartJobRun", "TagResource", "GetJobRun", "CancelJobRun"},
    "elasticmapreduce": {"AddJobFlowSteps", "ListSteps", "DescribeStep", "CancelSteps"},
    "iam": {"PassRole"},
    "s3": {
        "GetObject", "PutObject", "DeleteObject", "ListBucket", "AbortMultipartUpload", "ListMultipartUploadParts",
    },
    "sts": {"AssumeRole"},
}  # fmt: skip


def test_every_file_is_held_against_something() -> None:
    assert {path.name for path in EMR.glob("*.json")} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_what_the_services_models_say(name: str) -> None:
    import botocore.session
    from botocore.validate import validate_parameters

    service, operation = REQUESTS[name]
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    request = json.loads((EMR / name).read_text())
    validate_parameters(request, shape)
    check_patterns(request, shape)


def check_patterns(value: Any, shape: Any, where: str = "") -> None:
    """botocore checks names, types and lengths; the models' patterns and words are left to the service."""
    if shape.type_name == "structure":
        for key, inner in value.items():
            check_patterns(inner, shape.members[key], f"{where}.{key}")
    elif shape.type_name == "list":
        for inner in value:
            check_patterns(inner, shape.member, where)
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern", "").replace("\\u002F", "/").replace("\\u0021-\\u007F", "!-~")
        pattern = "" if "\\u" in pattern else pattern  # nearly all of Unicode
        pattern = re.sub(r"\\p\{[A-Za-z]+\}", r"\\w", pattern)
        assert not pattern or re.fullmatch(pattern, value), f"{where}: {value} is not {pattern}"
        assert not getattr(shape, "enum", None) or value in shape.enum, where


def test_patterns_that_do_not_match_are_caught() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("emr-serverless")
    with pytest.raises(AssertionError, match="executionRoleArn"):
        check_patterns({"executionRoleArn": "no arn"}, model.operation_model("StartJobRun").input_shape)


def statements(path: Path) -> Iterator[Mapping[str, Any]]:
    policy = json.loads(path.read_text())
    assert policy["Version"] == "2012-10-17"
    yield from policy["Statement"]


@pytest.mark.parametrize("path", sorted((EMR / "iam").glob("*.json")), ids=lambda p: p.stem)
def test_policies_allow_what_is_called_and_nothing_by_wildcard(path: Path) -> None:
    for statement in statements(path):
        assert statement["Effect"] == "Allow"
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            service, _, call = action.partition(":")
            assert call in ACTIONS_OF_OURS[service], action
        for resource in statement.get("Resource", []):
            assert resource.startswith("arn:aws:"), resource
            assert "*" not in resource.rpartition("/")[0], f"{resource}: only what lies below a named folder"
            assert resource != "*"
            assert not (resource.startswith("arn:aws:s3:::") and resource.count("/") == 1 and resource.endswith("/*"))
        if actions in (["s3:ListBucket"], ["iam:PassRole"], ["sts:AssumeRole"]):
            assert statement["Condition"], "by a condition only"


def test_the_submitters_policies_name_every_call_of_the_code() -> None:
    for module, prefix, name in (
        (emr_serverless, "emr-serverless", "submitter-emr-serverless"),
        (emr_step, "elasticmapreduce", "submitter-emr-step"),
    ):
        code = Path(module.__file__).read_text()
        called = set(re.findall(r"self\._api\.(\w+)\(", code)) - {"get_paginator"}
        called |= set(re.findall(r'get_paginator\("(\w+)"\)', code))
        allowed = {
            action.partition(":")[2]
            for statement in statements(EMR / "iam" / f"{name}.json")
            for action in statement["Action"]
            if action.startswith(prefix)
        }
        assert {"".join(part.title() for part in call.split("_")) for call in called} <= allowed


@pytest.mark.parametrize(("platform", "name"), [("emr-serverless", "serverless-archive"), ("emr-step", "step")])
def test_the_requests_are_what_submit_sends(platform: str, name: str, aws: None) -> None:
    overlays = [ROOT / "conf" / "s3.yaml", EMR / f"{platform}.yaml"]
    config = load_config([ROOT / "conf" / "invoices.yaml", *overlays])
    sent = follow.dry_run(on_s3(config), platform, "2026-11")
    shown = json.loads((EMR / f"{name}.json").read_text())
    assert shown.keys() <= sent.keys()
    assert words(shown) - {"--name", "2026-11"} <= words(sent)


def on_s3(config: Config) -> Config:
    """With its records on S3, as the overlay's reader has them."""
    values = config.model_dump(mode="json", exclude_unset=True)
    for view in values["source"]["views"].values():
        view["path"] = view["path"].replace("data/", "s3://lake/")
    return Config.model_validate(values)


def words(value: Any) -> set[str]:
    """Options and settings in a request, without what differs from run to run."""
    text = json.dumps(value)
    return set(re.findall(r"--[a-z-]+|[\w.-]+=[\w./]+", text)) - {"spark.archives=s3"}


@pytest.mark.parametrize("path", sorted(EMR.glob("*.yaml")), ids=lambda p: p.stem)
def test_overlays_load(path: Path) -> None:
    assert load_config([ROOT / "conf" / "invoices.yaml", path]).submit.staging == "s3://bucket/spark-pdf"
    assert "submit" in yaml.safe_load(path.read_text())


def test_the_image_is_what_the_archive_is() -> None:
    from spark_pdf.submit import archive, aws

    text = (EMR / "Dockerfile").read_text()
    assert {"delta", "iceberg", *archive.EXTRAS} == set(re.findall(r"--extra (\w+)", text))
    assert aws.IMAGE_PYTHON.removesuffix("/bin/python") in text
    assert "uv==" + re.search(r"UV_VERSION := (\S+)", (ROOT / "Makefile").read_text())[1] in text  # type: ignore[index]
    for source in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name


def test_the_bootstrap_action_is_a_script() -> None:
    subprocess.run(["bash", "-n", str(EMR / "bootstrap.sh")], check=True)
