"""A receiver may answer whatever it likes: a callback that was not taken is said to be so, and tried again."""

from __future__ import annotations

import socket
import threading

import pytest

from spark_pdf.config import parse_config
from spark_pdf.engines.celery.callbacks import Caller


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", None),
        (b"HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "HTTP 307"),
        (b"no HTTP at all\r\n\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", "LineTooLong"),
        (b"", "RemoteDisconnected"),
    ],
)
def test_what_a_receiver_answers(answer: bytes, problem: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CALLBACK_SECRET", "a secret")
    with socket.create_server(("127.0.0.1", 0)) as receiver:

        def take() -> None:
            connection, _ = receiver.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=take)
        thread.start()
        prefix = f"http://127.0.0.1:{receiver.getsockname()[1]}/"
        callbacks = {"prefixes": [prefix], "secret": "env:TEST_CALLBACK_SECRET", "seconds": 5}
        config = parse_config(
            {
                "name": "s", "template": "/nowhere", "document": {"id": "id"}, "output": {"uri": "/nowhere"},
                "queue": {"callbacks": callbacks},
            }
        )  # fmt: skip
        assert Caller(config).post(f"{prefix}hook", {"state": "document"}, 1) == problem
        thread.join(5)
