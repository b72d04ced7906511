"""Secrets are resolved once and shown to nobody."""

from __future__ import annotations

import copy
import logging
import pickle
from pathlib import Path

import pytest

from spark_pdf.config import StoreOptions
from spark_pdf.errors import ConfigError
from spark_pdf.store import open_store, resolve
from spark_pdf.store.remote import _summary, _virtual_hosted, _with_bucket

SECRET = "s3cr3t-value"


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoreOptions:
    monkeypatch.setenv("TEST_SECRET", SECRET)
    (tmp_path / "key").write_text(f"{SECRET}-from-file\n")
    return StoreOptions(
        access_key_id="env:TEST_SECRET",
        secret_access_key=f"secret-file:{tmp_path / 'key'}",
        session_token="env:TEST_SECRET",
        account_key="env:TEST_SECRET",
        sas_token="env:TEST_SECRET",
        service_account="env:TEST_SECRET",
        region="eu-central-1",
    )


def test_every_reference_is_resolved(options: StoreOptions) -> None:
    resolved = resolve(options)
    assert set(resolved.secrets()) == {SECRET, f"{SECRET}-from-file"}
    assert len(resolved.secrets()) == 6
    assert resolved.region == "eu-central-1"
    assert resolve(resolved) is resolved


def test_no_secret_is_shown(options: StoreOptions, caplog: pytest.LogCaptureFixture) -> None:
    resolved = resolve(options)
    store = open_store("s3://bucket/x", resolved)
    logging.getLogger("test").warning("%s %r %s", resolved, resolved.secret_access_key, store)
    for shown in (repr(resolved), str(resolved), f"{resolved}", repr(store), repr(store._backend), caplog.text):
        assert SECRET not in shown
    assert SECRET not in repr(pickle.loads(pickle.dumps(resolved)))


def test_pickles_and_copies_are_equal(options: StoreOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = resolve(options)
    sent = pickle.dumps(resolved)
    monkeypatch.delenv("TEST_SECRET")  # as on an executor
    assert pickle.loads(sent) == resolved == copy.deepcopy(resolved)
    assert hash(pickle.loads(sent)) == hash(resolved)
    assert pickle.loads(sent).secrets() == resolved.secrets()


def test_an_absent_secret_is_named_by_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABSENT", raising=False)
    with pytest.raises(ConfigError, match="env:ABSENT"):
        open_store("s3://bucket/x", StoreOptions(access_key_id="env:ABSENT", secret_access_key="env:ABSENT"))


def test_messages_lose_secrets_and_query_strings() -> None:
    text = (
        f"Generic error: PUT https://acc.blob.core.windows.net/c/k?sv=1&sig={SECRET} failed, key {SECRET}: 500\n\n"
        f"Debug source:\n{SECRET}"
    )
    said = _summary(text, (SECRET,))
    assert SECRET not in said
    assert "sig=" not in said
    assert said.startswith("Generic error: PUT https://acc.blob.core.windows.net/c/k failed")


@pytest.mark.parametrize(
    ("bucket", "endpoint", "path_style", "virtual"),
    [
        ("bucket", None, False, True),
        ("bucket", None, True, False),
        ("a.bucket", None, False, False),
        ("bucket", "http://127.0.0.1:7070", False, False),
        ("bucket", "http://[::1]:7070", False, False),
        ("bucket", "http://localhost:7070", False, False),
        ("bucket", "https://s3.example.com", False, True),
        ("bucket", "https://s3.example.com", True, False),
    ],
)
def test_where_the_bucket_goes(bucket: str, endpoint: str | None, path_style: bool, virtual: bool) -> None:
    assert _virtual_hosted(bucket, endpoint, path_style) is virtual


def test_the_bucket_in_the_host_name() -> None:
    assert _with_bucket("https://s3.example.com:9000", "bucket") == "https://bucket.s3.example.com:9000"
    assert _with_bucket("https://bucket.s3.example.com", "bucket") == "https://bucket.s3.example.com"


def test_azure_needs_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ConfigError, match="account"):
        open_store("az://container/x")
    assert open_store("az://container/x", StoreOptions(account="acc")).uri == "az://container/x"
    store = open_store("abfss://container@acc.dfs.core.windows.net/x")
    assert store.uri == "abfss://container@acc.dfs.core.windows.net/x"


def test_google_storage_opens_anonymously() -> None:
    assert open_store("gs://bucket/x", StoreOptions(anonymous=True)).uri == "gs://bucket/x"
