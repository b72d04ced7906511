"""Clients that wait, submit and fetch hold up no one but their own kind: each kind has threads of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from spark_pdf.config import load_config
from spark_pdf.errors import QueueError
from spark_pdf.serve import app
from spark_pdf.serve.app import Document, make_api

KEY = "k" * 24
CLIENTS = 100


class Holding:
    """Stands in for a look at the store, or a submission: holds the threads that come, until it is told otherwise."""

    def __init__(self, first_passes: bool = False) -> None:
        self.go, self.lock, self.first_passes = threading.Event(), threading.Lock(), first_passes
        self.inside = self.looks = 0
        self.seen: set[str] = set()

    def __call__(self, tenant: str, name: Any, *_: object) -> Document:
        with self.lock:
            passes = self.first_passes and name not in self.seen
            self.looks += 1
            self.seen.add(name)
            self.inside += not passes
        if not passes:
            assert self.go.wait(60)
        return Document(id="20261101-1", state="accepted")


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TEST_BROKER", "amqp://guest:guest@127.0.0.1:1//")
    monkeypatch.setenv("TEST_KEY", KEY)
    (tmp_path / "template.html").write_text("<p>{{ id }}")
    values = {
        "name": "letters", "template": str(tmp_path), "document": {"id": "id"},
        "output": {"uri": str(tmp_path / "out"), "layout": "objects"},
        "queue": {"broker": "env:TEST_BROKER"}, "serve": {"keys": {"shop": "env:TEST_KEY"}},
    }  # fmt: skip
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    return make_api(load_config([tmp_path / "config.yaml"]))


async def ask(api: Any, path: str, query: str = "", *, method: str = "GET", gone: bool = False) -> int:
    """The status of an answer, asked as a server asks an ASGI application. `gone`: the client has hung up."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"authorization", f"Bearer {KEY}".encode())], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }  # fmt: skip
    found: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"} if gone else {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        found.append(message.get("status", 0))

    await api(scope, receive, send)
    return found[0]


async def until(holds: Callable[[], bool]) -> None:
    await asyncio.wait_for(_until(holds), 30)


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def test_whoever_submits_is_answered_while_many_wait(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Holding(first_passes=True)
    monkeypatch.setattr(app._Door, "document", lambda self, *asked: looks(*asked))
    monkeypatch.setattr(app._Door, "submit", lambda *_: Document(id="20261101-2", state="accepted"))

    async def all_of_them() -> tuple[int, list[int]]:
        waiting = [asyncio.create_task(ask(api, f"/v1/documents/20261101-{n}", "wait=2")) for n in range(CLIENTS)]
        await until(lambda: looks.inside == app._LOOKS)
        submitted = await asyncio.wait_for(ask(api, "/v1/documents", method="POST"), 30)
        # Those that wait for a thread, too, are answered in their time; the others when the store answers.
        await until(lambda: sum(one.done() for one in waiting) == CLIENTS - app._LOOKS)
        assert looks.inside == app._LOOKS
        looks.go.set()
        return submitted, await asyncio.gather(*waiting)

    assert asyncio.run(all_of_them()) == (202, [200] * CLIENTS)


def test_whoever_asks_is_answered_while_submissions_hang(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As while a broker's disk is full; those that cannot even wait for a thread are sent away."""
    monkeypatch.setattr(app, "_QUEUED", 50)
    submissions = Holding()
    monkeypatch.setattr(app._Door, "submit", lambda self, *asked: submissions(*asked[:2]))
    monkeypatch.setattr(app._Door, "document", lambda *_: Document(id="20261101-1", state="accepted"))

    async def all_of_them() -> tuple[int, list[int]]:
        many = [asyncio.create_task(ask(api, "/v1/documents", method="POST")) for _ in range(CLIENTS)]
        await until(lambda: submissions.inside == app._SUBMITTING)
        asked = await asyncio.wait_for(ask(api, "/v1/documents/20261101-1"), 30)
        await until(lambda: sum(one.done() for one in many) == CLIENTS - app._SUBMITTING - 50)
        submissions.go.set()
        return asked, sorted(await asyncio.gather(*many))

    away = CLIENTS - app._SUBMITTING - 50
    assert asyncio.run(all_of_them()) == (200, [202] * (CLIENTS - away) + [503] * away)


def test_who_hangs_up_or_is_one_too_many_waits_no_longer(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Holding(first_passes=True)
    monkeypatch.setattr(app._Door, "document", lambda self, *asked: looks(*asked))
    assert asyncio.run(ask(api, "/v1/documents/20261101-1", "wait=30", gone=True)) == 200
    monkeypatch.setattr(app, "_WAITING", 0)
    assert asyncio.run(ask(api, "/v1/documents/20261101-2", "wait=30")) == 200
    assert looks.looks == 2


def test_a_broker_that_takes_nothing_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_DEPTH_SECONDS", 600)  # time does not pass by itself
    monkeypatch.setattr(app, "_BUSY", 600)

    class Client:
        asked = 0

        def depths(self) -> dict[str, int]:
            self.asked += 1
            if self.asked == 1:
                raise QueueError("away")
            return {"single": 7}

    client: Any = Client()
    depth = app._Depth(client)
    for _ in range(3):
        with pytest.raises(QueueError):
            depth.of("single")
    assert client.asked == 1, "who has waited for the answer takes it"
    depth._until = 0
    assert depth.of("single") == 7
    depth.broken(QueueError("full"))
    with pytest.raises(QueueError):
        depth.of("single")
    assert client.asked == 2


def test_the_description_has_no_answer_that_is_never_given(api: Any) -> None:
    described = api.openapi()
    assert "ValidationError" not in str(described)
    answers = {
        (method, path): sorted(operation["responses"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    }
    asks = ["400", "401", "404"]
    assert answers == {
        ("post", "/v1/documents"): ["202", "400", "401", "409", "413", "429", "503"],
        ("get", "/v1/documents/{name}"): ["200", *asks, "503"],
        ("delete", "/v1/documents/{name}"): ["204", *asks, "409", "503"],
        ("get", "/v1/documents/{name}/pdf"): ["200", *asks, "409", "410", "422", "503"],
    }
    assert described["paths"]["/v1/documents"]["post"]["requestBody"]["required"]
    assert all(one["security"] == [{"HTTPBearer": []}] for path in described["paths"].values() for one in path.values())
