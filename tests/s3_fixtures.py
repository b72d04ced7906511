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
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal
from unittest import mock

import pytest

from spark_pdf.config import StoreOptions
from tests.ports import free_port

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


class S3Process:
    """versitygw over a folder, which can be killed and started again at the same place."""

    def __init__(self, root: Path) -> None:
        self._program, self._port = _versitygw(), free_port()
        endpoint = f"http://127.0.0.1:{self._port}"
        self.server = S3Server(endpoint, f"test{secrets.token_hex(6)}", secrets.token_hex(20), root)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        server = self.server
        environment = {**os.environ, "ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key}
        command = [self._program, "--port", f"127.0.0.1:{self._port}", "--quiet", "posix", str(server.root)]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for(self._port, self._process)

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)

    def end(self) -> None:
        """End it as a user would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


@contextmanager
def running_s3(root: Path) -> Iterator[S3Process]:
    """A server with random credentials, which stand in the environment meanwhile."""
    process = S3Process(root)
    ours = {KEY_VARIABLE: process.server.access_key, SECRET_VARIABLE: process.server.secret_key}
    try:
        with mock.patch.dict(os.environ, ours):  # another server's may stand there
            process.start()
            yield process
    finally:
        process.end()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """versitygw over a temporary folder."""
    with running_s3(tmp_path_factory.mktemp("s3")) as process:
        yield process.server


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


Fault = Literal[
    "slow_down", "server_error", "lost_request", "reset", "stall", "lost_answer", "truncated_answer", "sent_twice",
    "ignore_condition",
]  # fmt: skip
"""What can become of a request: two errors of the server's; a request that never arrives, quietly or by a reset; an
answer that is late, lost, or cut; a request that arrives twice, answered for the second; a condition not honoured.
"""

STALL_SECONDS = 3.0
_ABORTING = struct.pack("ii", 1, 0)  # SO_LINGER: close by RST


@dataclass(frozen=True)
class Request:
    """What passed through the proxy."""

    method: str
    path: str
    headers: dict[str, str]


_ERRORS: dict[str, tuple[int, str]] = {"slow_down": (503, "SlowDown"), "server_error": (500, "InternalError")}


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # clients keep connections open

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up: some are killed."""


class FaultProxy:
    """Passes requests on to an S3 server, except where `fault` says what to break."""

    def __init__(self, server: S3Server) -> None:
        self._server_client = server.client()
        self.requests: list[Request] = []
        self.fault: Callable[[Request], Fault | None] = lambda request: None
        self._server = _Server(("127.0.0.1", 0), self._handler(server.endpoint.removeprefix("http://")))
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
                body = self._body()
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers)
                proxy.requests.append(request)
                fault = proxy.fault(request)
                if fault in _ERRORS:
                    status, code = _ERRORS[fault]
                    self._answer(status, [], f"<Error><Code>{code}</Code><Message>Try again</Message></Error>".encode())
                    return
                if fault in ("lost_request", "reset"):
                    self._drop(reset=fault == "reset")
                    return
                if fault == "stall":
                    time.sleep(STALL_SECONDS)
                if fault == "ignore_condition" and "if-none-match" in headers:
                    # The header is signed and cannot be taken away; what it would find can.
                    bucket, _, key = self.path.lstrip("/").partition("/")
                    proxy._server_client.delete_object(Bucket=bucket, Key=key)
                try:
                    for _ in range(2 if fault == "sent_twice" else 1):
                        status, answered, data = self._ask(headers, body)
                except OSError:  # the server is down
                    self._drop()
                    return
                if fault == "lost_answer":
                    self._drop()
                elif fault == "truncated_answer":
                    self._answer(status, answered, data, cut=True)
                    self._drop()
                else:
                    self._answer(status, answered, data)

            def _chunked(self) -> bool:
                return "chunked" in (self.headers.get("Transfer-Encoding") or "").lower()

            def _body(self) -> bytes:
                if not self._chunked():
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                while self.rfile.readline().strip():  # trailers
                    pass
                return body

            def _ask(self, headers: dict[str, str], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
                connection = http.client.HTTPConnection(upstream, timeout=30)
                try:
                    connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in headers.items():
                        connection.putheader(name, value)
                    connection.endheaders(body, encode_chunked=self._chunked())
                    response = connection.getresponse()
                    return response.status, response.getheaders(), response.read()
                except http.client.HTTPException as error:
                    raise ConnectionError from error
                finally:
                    connection.close()

            def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, *, cut: bool = False) -> None:
                self.send_response_only(status)
                length = str(len(data))
                for name, value in headers:
                    if name.lower() == "content-length" and self.command == "HEAD":
                        length = value
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "keep-alive"):
                        self.send_header(name, value)
                self.send_header("Content-Length", length)
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if cut else data)

            def _drop(self, *, reset: bool = False) -> None:
                self.close_connection = True
                if reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTING)
                    self.connection.close()
                else:
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
