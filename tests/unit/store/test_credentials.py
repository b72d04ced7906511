"""AWS credentials that are nowhere: one sentence, soon, with boto3 and without it. No server is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.config import StoreOptions
from spark_pdf.errors import AccessDenied
from spark_pdf.store import open_store, remote

CLOSED = "http://127.0.0.1:9"
_PLACES = (
    "ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "PROFILE",
    "WEB_IDENTITY_TOKEN_FILE",
    "EC2_METADATA_DISABLED",
    "CONTAINER_CREDENTIALS_RELATIVE_URI",
    "CONTAINER_CREDENTIALS_FULL_URI",
)
CONFIG = """name: nothing
engine: local
source: {format: json, path: records.json}
template: bundle
document: {id: id}
output: {uri: "s3://no-such-bucket/out"}
stores: {"s3://no-such-bucket": {region: us-east-1, endpoint: "http://127.0.0.1:9"}}
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys, no files, and a metadata service that nobody answers for: boto3 and obstore name it differently."""
    for name in _PLACES:
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("SHARED_CREDENTIALS_FILE", "CONFIG_FILE"):
        monkeypatch.setenv(f"AWS_{name}", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", CLOSED)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", CLOSED)


@pytest.mark.parametrize("boto3", [True, False])
@pytest.mark.parametrize("disabled", [True, False])
def test_no_credentials_end_a_run_in_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], boto3: bool, disabled: bool
) -> None:
    monkeypatch.setattr(remote, "has_boto3", lambda: boto3)
    if disabled:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / "records.json").write_text('{"id": 1}')
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text("<p>{{ id }}</p>")
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    began = time.monotonic()
    assert cli(["run", "c.yaml"]) == AccessDenied.exit_code
    said = capsys.readouterr().err
    assert "s3://no-such-bucket: no AWS credentials were found (environment" in said
    assert "stores.<uri>.access_key_id" in said
    assert time.monotonic() - began < 60, "as long as a store is tried that does not answer"


class _Refusing(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        self.send_error(403)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    """A metadata service that has no role to tell."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_metadata_service_that_refuses_is_no_refusal_by_the_store(
    monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    monkeypatch.setattr(remote, "has_boto3", lambda: False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", refusing)
    store = open_store("s3://another-bucket", StoreOptions(endpoint=CLOSED), patience=5)
    with pytest.raises(AccessDenied, match="no AWS credentials were found"):
        store.read("key")
