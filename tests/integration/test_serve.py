"""The HTTP door, asked by a real client over a real socket, with broker, worker and compactor behind it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.engines.celery.callbacks import SIGNATURE, check_url, is_signed
from spark_pdf.errors import UsageError
from spark_pdf.manifest.verify import verify
from tests.queue_help import Service, service, wait_for
from tests.rabbit_fixtures import Rabbit

pytestmark = pytest.mark.timeout(300)

KEYS = {"shop": "shop-" + "k" * 20, "erp": "erp-" + "k" * 20}


class Door:
    """`spark-pdf serve`, and requests to it."""

    def __init__(self, made: Service) -> None:
        self.service = made
        self.process, self.port = made.serve()

    def ask(
        self, method: str, path: str, body: Any = None, *, tenant: str | None = "shop", **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if tenant is not None:
            sent["Authorization"] = f"Bearer {KEYS.get(tenant, tenant)}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            answer = response.read()
            found = dict(response.getheaders())
            is_json = found.get("content-type", "").startswith("application/json")
            return response.status, found, json.loads(answer) if is_json else answer
        finally:
            connection.close()

    def made(self, record: dict[str, Any], **headers: str) -> dict[str, Any]:
        """Submit, and wait for its end."""
        status, _, accepted = self.ask("POST", "/v1/documents", record, **headers)
        assert status == 202, accepted
        return self.ended(accepted["id"])

    def ended(self, name: str) -> dict[str, Any]:
        """Wait for a document's end, and for its worker's start."""
        for _ in range(4):
            status, _, found = self.ask("GET", f"/v1/documents/{name}?wait=30")
            assert status == 200
            if found["state"] != "accepted":
                return dict(found)
        raise AssertionError(self.service.logs())


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[bytes, str]]]]:
    heard: list[tuple[bytes, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((body, self.headers[SIGNATURE]))
            self.send_response(500 if len(heard) == 1 else 204)  # the first attempt fails
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hooks/", heard
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def door(
    rabbit: Rabbit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: tuple[str, list[tuple[bytes, str]]]
) -> Iterator[Door]:
    for tenant, key in KEYS.items():
        monkeypatch.setenv(f"TEST_KEY_{tenant.upper()}", key)
    monkeypatch.setenv("TEST_CALLBACK_SECRET", "a secret")
    keys = {tenant: f"env:TEST_KEY_{tenant.upper()}" for tenant in KEYS}
    # Two at once, and the next a quarter of an hour later: however long the first two take, there is no third.
    serve = {"port": 0, "keys": keys, "rates": {"erp": 0.001}, "burst": 2000, "body_bytes": 5000, "waiting": 5}
    callbacks = {"prefixes": [receiver[0]], "secret": "env:TEST_CALLBACK_SECRET"}
    with service(tmp_path, serve=serve, queue={"callbacks": callbacks, "pause_seconds": 0.5}) as made:
        yield Door(made)


def test_a_document_by_http_from_submission_to_erasure(
    door: Door, receiver: tuple[str, list[tuple[bytes, str]]]
) -> None:
    one = door.service
    one.worker(), one.compactor()
    prefix, heard = receiver
    record = {"id": "4711", "text": "CANARY of a record"}
    status, headers, accepted = door.ask("POST", f"/v1/documents?callback={prefix}x", record)
    assert status == 202, accepted
    name = accepted["id"]
    assert name.endswith("-4711")
    assert headers["location"] == f"/v1/documents/{name}"
    found = door.ended(name)
    assert (found["state"], found["pages"]) == ("document", 1)
    status, headers, pdf = door.ask("GET", f"/v1/documents/{name}/pdf")
    assert (status, headers["content-type"], len(pdf)) == (200, "application/pdf", found["bytes"])
    assert pdf.startswith(b"%PDF-")
    assert door.ask("POST", "/v1/documents", record)[2] == found
    status, _, problem = door.ask("POST", "/v1/documents", {**record, "text": "another"})
    assert (status, problem["error"]["code"]) == (409, "other_record")
    assert "'4711'" in problem["error"]["message"], "as the client has named it"
    assert door.ask("GET", f"/v1/documents/{name}", tenant="erp")[0] == 404
    assert door.ask("GET", f"/v1/documents/{name}", tenant="nobody")[0] == 401
    assert door.ask("GET", f"/v1/documents/{name}", tenant=None)[0] == 401

    failed = door.made({"id": "bad", "text": "CANARY of a failure", "fail": True})
    assert (failed["state"], failed["error"]["code"]) == ("failure", "template")
    status, _, problem = door.ask("GET", f"/v1/documents/{failed['id']}/pdf")
    assert (status, problem["error"]) == (422, {"code": "template", "message": failed["error"]["detail"]})
    mended = door.made({"id": "bad", "text": "mended"})
    assert mended["state"] == "document", "a failed key takes a corrected record"
    wait_for(lambda: len(one.rows()) == 3, 60, one.logs)
    assert verify(one.config, hashes="all").ok

    wait_for(lambda: len(heard) == 2, 60, one.logs)
    for body, signature in heard:
        assert is_signed("a secret", body, signature)
        assert not is_signed("another", body, signature)
        assert json.loads(body)["state"] == "document"

    assert door.ask("DELETE", f"/v1/documents/{name}")[0] == 204
    assert door.ask("GET", f"/v1/documents/{name}")[2]["state"] == "erased"
    assert door.ask("GET", f"/v1/documents/{name}/pdf")[0] == 410
    assert door.ask("DELETE", f"/v1/documents/{name}")[0] == 204
    assert door.ask("POST", "/v1/documents", record)[2]["state"] == "erased"
    left = b"".join(path.read_bytes() for path in (one.folder / "out").rglob("*4711*") if path.is_file())
    assert left == b""
    assert "CANARY" not in one.logs()


def test_what_is_refused(door: Door) -> None:
    def code(method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        status, _, answer = door.ask(method, path, body, **more)
        return status, answer["error"]["code"]

    one = {"id": "a", "text": "x"}
    assert code("POST", "/v1/documents", b"no json") == (400, "record")
    assert code("POST", "/v1/documents", {"text": "x"}) == (400, "usage")
    assert code("POST", "/v1/documents", one, Idempotency_Key="../x") == (400, "usage")
    assert code("POST", "/v1/documents?lane=fast", one) == (400, "usage")
    assert code("POST", "/v1/documents?template=other", one) == (400, "usage")
    assert code("POST", "/v1/documents?day=20990101", one) == (400, "usage")
    assert code("POST", "/v1/documents?day=20260230", one) == (400, "usage")
    assert code("POST", "/v1/documents?callback=http://127.0.0.1:1/", one) == (400, "usage")
    assert code("POST", "/v1/documents", {**one, "text": "x" * 6000}) == (413, "too_large")
    tomorrow = f"{datetime.now(timezone.utc) + timedelta(days=1):%Y%m%d}"
    assert door.ask("POST", f"/v1/documents?day={tomorrow}", one)[0] == 202
    assert code("POST", "/v1/documents?day=20200101", one) == (400, "usage")
    assert code("POST", "/v1/documents?day=20991231", one) == (400, "usage")
    assert code("GET", "/v1/documents/20261126-none") == (404, "unknown")
    assert code("GET", "/v1/documents/..%2f") in ((404, "unknown"), (404, "http"))
    assert code("GET", "/v1/nothing") == (404, "http")
    assert door.ask("GET", "/healthz", tenant=None)[0] == 200
    assert door.ask("GET", "/readyz", tenant=None)[0] == 200
    described = door.ask("GET", "/openapi.json", tenant=None)[2]
    assert set(described["paths"]) == {"/v1/documents", "/v1/documents/{name}", "/v1/documents/{name}/pdf"}
    answers = [door.ask("POST", "/v1/documents", {**one, "id": n}, tenant="erp") for n in range(4)]
    assert [status for status, _, _ in answers] == [202, 202, 429, 429]
    assert answers[-1][2]["error"]["code"] == "rate"
    assert int(answers[-1][1]["retry-after"]) >= 1
    full = [door.ask("POST", "/v1/documents", {**one, "id": f"full-{n}"}) for n in range(10)]
    time.sleep(1)  # the broker is asked twice a second at most
    full.append(door.ask("POST", "/v1/documents", {**one, "id": "full"}))
    assert (full[-1][0], full[-1][2]["error"]["code"]) == (429, "queue_full")
    door.process.terminate()
    assert door.process.wait(60) in (0, -15)


@pytest.mark.parametrize(
    "url",
    [
        "https://erp.example.com.evil/hooks/x", "https://erp.example.com/hooks/../admin", "http://erp.example.com/hooks/",
        "https://erp.example.com/hooks/%2e%2e/x", "https://u@erp.example.com/hooks/", "https://erp.example.com/hooks/\\x",
    ],
)  # fmt: skip
def test_callbacks_go_where_the_config_says_and_nowhere_else(url: str, tmp_path: Path) -> None:
    from spark_pdf.config import parse_config

    config = parse_config(
        {
            "name": "s", "template": "t", "document": {"id": "id"}, "output": {"uri": str(tmp_path)},
            "queue": {"callbacks": {"prefixes": ["https://erp.example.com/hooks/"], "secret": "env:X"}},
        }
    )  # fmt: skip
    check_url(config, "https://erp.example.com/hooks/orders?id=1")
    with pytest.raises(UsageError):
        check_url(config, url)
