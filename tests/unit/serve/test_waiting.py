"""Clients that wait for their documents, of whom many may, leave threads to those that submit."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from spark_pdf.config import load_config
from spark_pdf.serve import app
from spark_pdf.serve.app import Document, make_api

KEY = "k" * 24
CLIENTS = 100


class Looks:
    """Stands in for the store: no document has ended yet, and each look takes a while."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = self.all = 0

    def __call__(self, *_: object) -> Document:
        with self.lock:
            self.all += 1
            again = self.all > CLIENTS  # each has looked once by then, or is about to
            self.now += again
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= again
        return Document(id="20261101-1", state="accepted")


async def ask(api: Any, path: str, query: str) -> int:
    """The status of an answer, asked as a server asks an ASGI application."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"authorization", f"Bearer {KEY}".encode())], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }  # fmt: skip
    found: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        found.append(message.get("status", 0))

    await api(scope, receive, send)
    return found[0]


def test_many_waiting_clients_take_a_few_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_BROKER", "amqp://guest:guest@127.0.0.1:1//")
    monkeypatch.setenv("TEST_KEY", KEY)
    (tmp_path / "template.html").write_text("<p>{{ id }}")
    values = {
        "name": "letters", "template": str(tmp_path), "document": {"id": "id"},
        "output": {"uri": str(tmp_path / "out"), "layout": "objects"},
        "queue": {"broker": "env:TEST_BROKER"}, "serve": {"keys": {"shop": "env:TEST_KEY"}},
    }  # fmt: skip
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    looks = Looks()
    monkeypatch.setattr(app._Door, "document", looks)
    api = make_api(load_config([tmp_path / "config.yaml"]))

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(ask(api, "/v1/documents/20261101-1", "wait=1") for _ in range(CLIENTS)))

    assert asyncio.run(all_of_them()) == [200] * CLIENTS
    assert looks.all > 2 * CLIENTS, "they look again"
    assert looks.most <= app._LOOKS
