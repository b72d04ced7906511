"""A real S3 server for tests, and a proxy that breaks what passes through it. All on loopback.

versitygw serves a temporary folder with random credentials. It is looked for in `SPARK_PDF_VERSITYGW` (set by the
Makefile), on PATH, and in ~/.cache/spark-pdf/bin; tests marked `s3` are skipped where it is not, unless the variable
names it.
"""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import pytest

from spark_pdf.config import StoreOptions

KEY_VARIABLE, SECRET_VARIABLE = "SPARK_PDF_TEST_S3_KEY", "SPARK_PDF_TEST_S3_SECRET"


@dataclass(frozen=True)
class S3Server:
    """A running server. Its credentials stand in the environment, as a user's would."""

    endpoint: str
    access_key: str
    secret_key: str
    root: Path
    region: str = "us-east-1"

    def options(self, endpoint: str | None = None) -> StoreOptions:
        """How to reach it, with `env:` references."""
        return StoreOptions(
            endpoint=endpoint or self.endpoint,
            region=self.region,
            access_key_id=f"env:{KEY_VARIABLE}",
            secret_access_key=f"env:{SECRET_VARIABLE}",
        )

    def client(self) -> Any:
        """A boto3 client: the second opinion."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )


def _versitygw() -> str:
    named = os.environ.get("SPARK_PDF_VERSITYGW")
    if named:
        assert Path(named).exists(), f"SPARK_PDF_VERSITYGW names {named}, which is not there"
        return named
    cached = sorted((Path.home() / ".cache/spark-pdf/bin").glob("versitygw*"))
    found = shutil.which("versitygw") or (str(cached[-1]) if cached else None)
    if found is None:
        pytest.skip("versitygw is not installed; `make test` does")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """versitygw over a temporary folder."""
    program, root, port = _versitygw(), tmp_path_factory.mktemp("s3"), _free_port()
    server = S3Server(f"http://127.0.0.1:{port}", f"test{secrets.token_hex(6)}", secrets.token_hex(20), root)
    environment = {**os.environ, "ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key}
    command = [program, "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(root)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ[KEY_VARIABLE], os.environ[SECRET_VARIABLE] = server.access_key, server.secret_key
    try:
        _wait_for(port, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)
        del os.environ[KEY_VARIABLE], os.environ[SECRET_VARIABLE]


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "versitygw ended as it started"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("versitygw does not answer")


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """The URI of a new bucket."""
    name = f"test-{secrets.token_hex(8)}"
    s3_server.client().create_bucket(Bucket=name)
    return f"s3://{name}"


Fault = Literal["slow_down", "lost_request", "lost_answer", "ignore_condition"]


@dataclass(frozen=True)
class Request:
    """What passed through the proxy."""

    method: str
    path: str
    headers: dict[str, str]


class FaultProxy:
    """Passes requests on to an S3 server, except where `fault` says what to break."""

    def __init__(self, server: S3Server) -> None:
        self._server_client = server.client()
        self.requests: list[Request] = []
        self.fault: Callable[[Request], Fault | None] = lambda request: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(server.endpoint.removeprefix("http://")))
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self, upstream: str) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers)
                proxy.requests.append(request)
                fault = proxy.fault(request)
                if fault == "slow_down":
                    self._answer(503, [], b"<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>")
                    return
                if fault == "lost_request":
                    self._drop()
                    return
                if fault == "ignore_condition" and "if-none-match" in headers:
                    # The header is signed and cannot be taken away; what it would find can.
                    bucket, _, key = self.path.lstrip("/").partition("/")
                    proxy._server_client.delete_object(Bucket=bucket, Key=key)
                connection = http.client.HTTPConnection(upstream, timeout=30)
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in headers.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                data = response.read()
                connection.close()
                if fault == "lost_answer":
                    self._drop()
                    return
                self._answer(response.status, response.getheaders(), data)

            def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
                self.send_response_only(status)
                length = str(len(data))
                for name, value in headers:
                    if name.lower() == "content-length" and self.command == "HEAD":
                        length = value
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "keep-alive"):
                        self.send_header(name, value)
                self.send_header("Content-Length", length)
                self.end_headers()
                self.wfile.write(data)

            def _drop(self) -> None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def fault_proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    """A proxy before the S3 server."""
    proxy = FaultProxy(s3_server)
    yield proxy
    proxy.close()
