from __future__ import annotations

import pytest

from spark_pdf.config import StoreOptions
from spark_pdf.engines.spark.stores import hadoop_options, hadoop_uri, s3a_options
from tests.spark_fixtures import spark_config


def test_s3_is_s3a_for_hadoop(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hadoop_uri("s3://bucket/x") == "s3a://bucket/x"
    assert hadoop_uri("/data/x") == "/data/x"
    assert hadoop_uri("file:///data/x") == "file:///data/x"
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    assert hadoop_uri("s3://bucket/x") == "s3://bucket/x"


def test_settings_are_per_bucket_and_secrets_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "me")
    monkeypatch.setenv("SECRET", "hush")
    config = spark_config(
        source={"path": "s3://in/x"},
        output={"uri": "s3://out/x"},
        stores={
            "s3://in": {"region": "eu-west-1"},
            "s3://out": {
                "endpoint": "http://127.0.0.1:7070",
                "path_style": True,
                "access_key_id": "env:KEY",
                "secret_access_key": "env:SECRET",
            },
        },
    )
    options = hadoop_options(config)
    assert options["fs.s3a.bucket.in.endpoint.region"] == "eu-west-1"
    assert options["fs.s3a.bucket.out.endpoint"] == "http://127.0.0.1:7070"
    assert options["fs.s3a.bucket.out.connection.ssl.enabled"] == "false"
    assert options["fs.s3a.bucket.out.path.style.access"] == "true"
    assert options["fs.s3a.bucket.out.secret.key"] == "hush"
    assert not any("out" in key and "in." in key for key in options)


def test_kinds_of_credentials() -> None:
    key = "fs.s3a.bucket.b.aws.credentials.provider"
    assert "Anonymous" in s3a_options("b", StoreOptions(anonymous=True))[key]
    assert "Profile" in s3a_options("b", StoreOptions(profile="team"))[key]
    assert key not in s3a_options("b", StoreOptions())
