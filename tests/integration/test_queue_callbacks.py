"""A receiver of callbacks that hangs, beside a real worker: documents go on, and callbacks come when it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from tests.processes import destroy, has_ended
from tests.queue_help import kill_tree, pool_of, service, wait_for
from tests.rabbit_fixtures import Rabbit

pytestmark = pytest.mark.timeout(300)


class Hanging:
    """Hears of everything, and answers when it is told to."""

    def __init__(self) -> None:
        hanging, self.heard, self.answers = self, [], threading.Event()  # type: ignore[var-annotated]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hanging.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                hanging.answers.wait(120)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/"

    def ids(self, after: int = 0) -> set[str]:
        """Of which documents it has heard, from so many on."""
        return {json.loads(body)["document_id"] for body in self.heard[after:]}


@pytest.fixture
def receiver() -> Iterator[Hanging]:
    made = Hanging()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.answers.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_documents_go_on_while_a_receiver_hangs(
    rabbit: Rabbit, receiver: Hanging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_CALLBACK_SECRET", "a secret")
    callbacks = {"prefixes": [receiver.url], "secret": "env:TEST_CALLBACK_SECRET", "seconds": 100, "processes": 2}
    with service(tmp_path, queue={"callbacks": callbacks, "processes": 1}) as one, one.client() as client:
        worker = one.worker()

        def beside() -> list[psutil.Process]:
            found = []
            for child in pool_of(worker):
                with suppress(psutil.Error):
                    if "spark_pdf.engines.child" in child.cmdline():
                        found.append(child)
            return found

        called = [client.submit({"id": f"c{n}", "text": "x"}, callback=receiver.url) for n in range(6)]
        assert {client.wait(ticket).state for ticket in called} == {"document"}
        wait_for(lambda: len(receiver.heard) == 2, 60, one.logs)
        later = [client.submit({"id": f"d{n}", "text": "x"}) for n in range(10)]
        assert {client.wait(ticket).state for ticket in later} == {"document"}, one.logs()
        assert len(receiver.heard) == 2, "both processes for callbacks hang"

        (first,) = beside()
        destroy(first)
        receiver.answers.set()
        names = {ticket.document_id for ticket in called}
        wait_for(lambda: receiver.ids(after=2) == names, 60, one.logs)  # those that were cut off come again
        assert "is started again" in one.logs()
        (second,) = beside()
        worker.kill()  # nothing tells its children
        wait_for(lambda: has_ended(second), 60, one.logs)
        kill_tree(worker)
        last = one.worker()
        client.wait(client.submit({"id": "last", "text": "x"}, callback=receiver.url))
        wait_for(lambda: "last" in receiver.ids(), 60, one.logs)
        last.terminate()
        assert last.wait(60) == 0
