"""The queue on a real RabbitMQ: each submitted document is exactly one row, whatever is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import psutil
import pytest
import yaml

from spark_pdf.engines.celery.app import CALL_BACK, GENERATE, HASTE, send, send_task
from spark_pdf.engines.celery.client import OtherRecord, QueueClient, today
from spark_pdf.engines.celery.messages import Ticket
from spark_pdf.engines.celery.rendering import count_begun
from spark_pdf.engines.celery.topology import LANES, Topology
from spark_pdf.errors import ConfigError, QueueError, UnsupportedError, UsageError
from spark_pdf.manifest.verify import verify
from tests.processes import destroy
from tests.queue_help import ROOT, Service, kill_tree, pool_of, service, wait_for
from tests.rabbit_fixtures import BROKER_VARIABLE, Rabbit

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def one(rabbit: Rabbit, tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as made:
        yield made


def records(count: int, **more: object) -> list[dict[str, object]]:
    return [{"id": f"d{n}", "text": f"letter {n}", **more} for n in range(count)]


def test_submitted_twice_a_document_is_one_row(one: Service) -> None:
    one.worker(), one.compactor()
    with one.client() as client:
        tickets = list(client.submit_all([*records(20), {"id": "bad", "text": "CANARY", "fail": True}]))
        ended = [client.wait(ticket) for ticket in tickets]
        assert [status.state for status in ended] == [*["document"] * 20, "failure"]
        assert client.document(ended[0]).startswith(b"%PDF-")
        assert ended[-1].entry is not None
        assert ended[-1].entry.error_code == "template"
        rows = one.settle(21)
        for record in records(20):
            client.submit(record)
        client.submit({"id": "d0", "text": "another letter of the same key"})
        wait_for(lambda: not any(client.depths().values()), 60, one.logs)
        assert one.settle(21) == rows
    assert {row["run_id"].rpartition("-")[0] for row in rows} == {f"{one.config.name}-{today()}"}
    assert verify(one.config, hashes="all").ok
    assert "CANARY" not in one.logs()


def test_a_corrected_record_is_one_submission_however_often_it_is_sent(rabbit: Rabbit, one: Service) -> None:
    """A client whose submission got no answer sends it again, and must not hear that its own record is another's."""
    worker = one.worker()
    with one.client() as client:
        failed = {"id": "a", "text": "x", "fail": True}
        assert client.wait(client.submit(failed, remember=True)).state == "failure"
        worker.terminate()
        worker.wait(60)
        mended = client.submit({"id": "a", "text": "mended"}, remember=True)
        assert mended.run_id.endswith("-r1")
        assert client.submit({"id": "a", "text": "mended"}, remember=True) == mended
        for other in (failed, {"id": "a", "text": "another"}):
            with pytest.raises(OtherRecord):
                client.submit(other, remember=True)
        one.worker(), one.compactor()
        assert client.wait(mended).state == "document"
        wait_for(lambda: len(one.rows()) == 2, 60, one.logs)
        assert sorted(row["status"] for row in one.rows()) == ["document", "failure"]


def test_children_and_whole_workers_are_killed_in_mid_document(one: Service) -> None:
    worker = one.worker()
    one.compactor()
    with one.client() as client:
        tickets = list(client.submit_all(records(40, seconds=0.15)))
        wait_for(lambda: one.config is not None and client.status(tickets[0]) is not None, 60, one.logs)
        for _ in range(3):
            children = pool_of(worker)
            if children:
                with suppress(psutil.NoSuchProcess):
                    children[0].kill()
            time.sleep(0.4)
        kill_tree(worker)
        one.worker()
        for ticket in tickets:
            assert client.wait(ticket, 120).state == "document", one.logs()
        one.settle(40)
    assert verify(one.config, hashes="all").ok


def test_a_record_that_kills_its_worker_is_a_failure_and_its_neighbours_are_not(one: Service) -> None:
    one.worker(), one.compactor()
    with one.client() as client:
        tickets = list(client.submit_all([*records(6), {"id": "poison", "text": "x", "die": True}]))
        ended = {ticket.document_id: client.wait(ticket, 90) for ticket in tickets}
    assert ended["poison"].entry is not None
    assert ended["poison"].entry.error_code == "worker_killed"
    assert {name for name, status in ended.items() if status.state == "document"} == {f"d{n}" for n in range(6)}
    one.settle(7)


def test_what_a_worker_only_held_ready_when_it_was_killed_is_no_death_of_its_own(
    rabbit: Rabbit, tmp_path: Path
) -> None:
    """The broker counts what it has delivered, begun or not; RabbitMQ 3 also what a stopped worker hands back."""
    with service(tmp_path, queue={"deliveries": 1, "processes": 1}) as one, one.client() as client:
        go = tmp_path / "go"
        slow = client.submit({"id": "slow", "text": "x", "seconds": 60, "until": str(go)})
        held = [client.submit(record) for record in records(3)]
        for begun in range(2):
            worker = one.worker()
            wait_for(lambda: client.depths()["single"] == 0, 60, one.logs)
            wait_for(lambda times=begun: count_begun(client._store, slow) == times, 60, one.logs)
            kill_tree(worker)
            wait_for(lambda: client.depths()["single"] + client.depths()["killed"] == 4, 60, one.logs)
        assert client.depths()["killed"] == 4, "each was delivered twice"
        go.touch()
        one.worker(), one.compactor()
        assert [client.wait(ticket).state for ticket in held] == ["document"] * 3, one.logs()
        assert client.wait(slow).state == "failure", "it was begun each time"
        one.settle(4)


def test_a_dead_letter_becomes_a_row_and_is_replayed(rabbit: Rabbit, tmp_path: Path) -> None:
    """Its worker is lost with whatever renders apart, as when a machine runs out of memory: more often than allowed."""
    with service(tmp_path, queue={"deliveries": 1, "processes": 1}) as one:
        worker = one.worker()
        one.compactor()
        go, begun = tmp_path / "go", tmp_path / "begun"
        begun.touch()

        def times() -> int:
            return len(begun.read_text().split())

        def goes_on(killed: int) -> bool:
            return times() > killed or client.status(ticket) is not None

        with one.client() as client:
            client.wait(client.submit({"id": "first", "text": "x"}))
            record = {"id": "d", "text": "x", "seconds": 120, "until": str(go), "begun": str(begun)}
            ticket = client.submit(record)
            killed = 0
            while client.status(ticket) is None:
                # Who is killed before he has begun the document is not said to die of it.
                wait_for(lambda killed=killed: goes_on(killed), 60, one.logs)
                killed = times()
                for child in pool_of(worker):
                    destroy(child)
            status = client.wait(ticket)
            assert status.entry is not None
            assert (status.state, status.entry.error_code) == ("failure", "worker_killed")
            one.settle(2)
            wait_for(lambda: client.depths()["dead"] == 1, 60, one.logs)
            go.touch()
            replayed = _command(one, "queue", "replay", "--output", "json")
            assert replayed.stdout.strip() == '{"replayed": 1}'
            again = client.wait(ticket)
            assert again.state == "document"
            assert again.ticket.run_id == f"{one.config.name}-{today()}-r1"
            wait_for(lambda: len(one.rows()) == 3, 60, one.logs)
            assert client.depths()["dead"] == 0
        assert sorted(row["status"] for row in one.rows()) == ["document", "document", "failure"]


def test_the_broker_is_killed_and_comes_back(rabbit: Rabbit, one: Service) -> None:
    one.worker(), one.compactor()
    with one.client() as client:
        tickets = []
        for number, record in enumerate(records(30, seconds=0.05)):
            tickets.append(client.submit(record, lane="bulk"))
            if number == 12:
                rabbit.stop(hard=True)
                threading.Timer(1.0, rabbit.start).start()
        for ticket in tickets:
            assert client.wait(ticket, 120).state == "document", one.logs()
        one.settle(30, 120)


def test_a_broker_that_takes_nothing_is_told_to_who_waits_for_an_answer(
    rabbit: Rabbit, one: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its own connection is what hangs, or the message that it does not read."""
    monkeypatch.setitem(cast("dict[str, float]", HASTE), "confirm_timeout", 1.0)

    def submit(record: dict[str, object]) -> Ticket:
        """Try again, as who is in haste has to: on a busy machine a broker that is well takes seconds, too."""
        for _ in range(60):
            with suppress(QueueError):
                return client.submit(record)
        raise AssertionError(one.logs())

    def is_there() -> bool:
        with suppress(QueueError):
            return client.depths()["single"] >= 1
        return False

    with QueueClient(one.config, hasty=True) as client:
        submit({"id": "before", "text": "x"})
        with rabbit.short_of_memory():
            wait_for(is_there, 60)
            for size in (1, 4_000_000):
                with pytest.raises(QueueError):
                    client.submit({"id": "meanwhile", "text": "x" * size})
        tickets = [submit({"id": name, "text": "x"}) for name in ("meanwhile", "after")]
        one.worker(), one.compactor()
        assert {client.wait(ticket).state for ticket in tickets} == {"document"}
        one.settle(3)


KILLED = """
import os, sys, amqp
from spark_pdf.cli.__main__ import run
amqp.Channel.basic_ack = lambda *a, **k: os._exit(9)
run(["queue", "compact", sys.argv[1]])
"""


def test_a_compactor_dies_between_commit_and_acknowledgement(one: Service) -> None:
    one.worker()
    with one.client() as client:
        for ticket in list(client.submit_all(records(10))):
            client.wait(ticket)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(one.file)], cwd=ROOT, capture_output=True, timeout=60)
    assert killed.returncode == 9
    before = one.rows()
    assert before
    one.compactor()
    assert {row["document_id"] for row in one.settle(10)} >= {row["document_id"] for row in before}
    assert [row for row in one.rows() if row["run_id"].endswith("-000001")] == before


def test_two_compactors_and_a_graceful_stop(one: Service) -> None:
    worker, _, second = one.worker(), one.compactor(), one.compactor()
    with one.client() as client:
        tickets = list(client.submit_all(records(30, seconds=0.05)))
        client.wait(tickets[2])
        # Before it listens to signals, SIGTERM ends it like any other process.
        wait_for(lambda: "waits for entries" in one.log_of(second), 60, one.logs)
        worker.terminate()
        assert worker.wait(60) == 0
        second.terminate()
        assert second.wait(60) == 0
        one.worker()
        for ticket in tickets:
            client.wait(ticket, 90)
    one.settle(30)


def test_single_documents_pass_those_in_bulk(one: Service) -> None:
    with one.client() as client:
        bulk = list(client.submit_all(records(60, seconds=0.1)))
        ticket = client.submit({"id": "now", "text": "x"})
        one.worker()
        now = client.wait(ticket, 90)
        ended = [client.status(one_of_many) for one_of_many in bulk]
        # By when they were made: until somebody looks, others are.
        assert sum(status is not None and status.at < now.at for status in ended) < 30


def test_a_store_that_is_away_is_waited_for_and_then_laid_aside(
    rabbit: Rabbit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the record's fault, so never a row: the letter waits for its replay, or is erased."""
    with service(tmp_path, queue={"attempts": 2}) as one:
        one.worker(), one.compactor()
        with one.client() as client:
            client.wait(client.submit({"id": "first", "text": "x"}))
            documents = tmp_path / "out" / "documents"
            documents.rename(tmp_path / "away")
            documents.write_text("a file where a folder was")
            ticket = client.submit({"id": "second", "text": "x"})
            third = client.submit({"id": "third", "text": "CANARY"}, remember=True)
            wait_for(lambda: client.depths()["dead"] == 2, 60, one.logs)
            assert client.status(ticket) is None
            documents.unlink()
            (tmp_path / "away").rename(documents)
            said = _command(one, "erase", "--id", "third", "--output", "json").stdout
            assert (json.loads(said)["letters"], json.loads(said)["complete"]) == (1, True)
            assert client.wait(third).state == "erased"
            assert client.replay() == 1, "what stays can be replayed"
            assert client.wait(ticket).state == "document"
        one.settle(2)
        monkeypatch.setenv(BROKER_VARIABLE, "amqp://guest:SECRET@127.0.0.1:9//")
        said = _command(one, "erase", "--id", "first", check=False)
        assert (said.returncode, "not looked at" in said.stderr) == (1, True)
        assert "SECRET" not in said.stderr


def test_messages_of_another_hand_stop_nothing_that_comes_after_them(rabbit: Rabbit, tmp_path: Path) -> None:
    """Letters without a record, entries that are none, and those of a worker whose config copies other columns."""
    import msgpack

    with service(tmp_path, manifest={"columns": ["text"]}) as one, one.client() as client:
        worker = one.worker()
        client.wait(client.submit({"id": "a", "text": "copied"}))
        worker.terminate()
        worker.wait(60)
        values = yaml.safe_load(one.file.read_text())
        one.file.write_text(yaml.safe_dump({**values, "manifest": {"columns": ["text", "added"]}}))
        app, topology = client._app, client._topology
        send(app, topology, "entries", msgpack.packb([1, f"{one.config.name}-20261126", ["t", "h", "r"], [7] * 14]))
        for run_id in ("../..", f"{one.config.name}-20261126"):
            send(app, topology, "killed", msgpack.packb([[run_id, "b", b"no record", 1, None], {}, {}]))
        done = _command(one, "queue", "compact", "--until-idle", "2")
        assert done.returncode == 0
        assert [(row["document_id"], row["text"], row["added"]) for row in one.rows()] == [("a", None, None)]
        assert client.depths() == {**dict.fromkeys(client.depths(), 0), "dead": 2}
    assert "copied" not in done.stderr


def test_what_is_none_of_our_tasks_is_laid_aside_and_not_in_the_log(rabbit: Rabbit, one: Service) -> None:
    with one.client() as client:
        app, topology = client._app, client._topology
        args = [f"{one.config.name}-20261126", "a", "CANARY", 1, None]
        client.declare()
        send(app, topology, "single", b"CANARY")
        send(app, topology, "dead", b"CANARY", {"task": CALL_BACK})
        send_task(app, topology, "another.task", args[2:3], "single")
        send_task(app, topology, GENERATE, args, "single", serializer="json")
        with app.producer_pool.acquire(block=True) as producer:  # as programs wrote tasks before Celery 4, and none
            for body in ({"task": GENERATE, "id": "i", "args": ["CANARY"]}, ["CANARY"], "CANARY"):
                for role in ("single", "entries"):
                    key = topology.queue_name(role)
                    producer.publish(body, exchange=topology.exchange.name, routing_key=key, serializer="json")
        one.worker(), one.compactor()
        wait_for(lambda: client.depths()["dead"] == 7, 60, one.logs)
        assert (client.replay(), client.depths()["dead"]) == (0, 0), "none is a document"
        assert client.wait(client.submit({"id": "after", "text": "x"})).state == "document"
        assert [row["document_id"] for row in one.settle(1)] == ["after"]
    assert "CANARY" not in one.logs()
    assert "another program has sent it" in one.logs()


def test_no_queue_has_the_brokers_own_limit_of_deliveries(one: Service) -> None:
    """RabbitMQ 4 drops what was delivered twenty times: entries, whenever a store is away for some minutes."""
    for queue in Topology.of(one.config).all():
        at_most = one.config.queue.deliveries if queue.name.endswith((*LANES, "callbacks")) else 10**9
        assert queue.queue_arguments["x-delivery-limit"] == at_most


def test_a_link_hears_of_document_and_failure(rabbit: Rabbit, one: Service) -> None:
    import msgpack
    from celery import signature

    one.worker(), one.compactor()
    queue = f"{one.config.name}.heard"
    with one.client() as client:
        app = client._app
        with app.connection_for_write() as connection:
            app.amqp.queues.new_missing(queue)(connection.default_channel).declare()
        links = {name: signature(name, options={"queue": queue}) for name in ("made", "failed")}
        client.submit({"id": "a", "text": "x"}, link=links["made"], link_error=links["failed"])
        client.submit({"id": "b", "text": "x", "fail": True}, link=links["made"], link_error=links["failed"])
        heard = {}
        with app.connection_for_read() as connection, connection.channel() as channel:
            deadline = time.monotonic() + 120
            while len(heard) < 2 and time.monotonic() < deadline:
                message = channel.basic_get(queue, no_ack=True)
                if message is None:
                    time.sleep(0.1)
                    continue
                (said,), _, _ = msgpack.unpackb(bytes(message.body))
                heard[message.headers["task"]] = said
            channel.queue_delete(queue)
    assert heard["made"]["document_id"] == "a"
    assert heard["made"]["pages"] == 1
    assert (heard["failed"]["document_id"], heard["failed"]["error_code"]) == ("b", "template")


def test_what_a_queue_cannot_do_is_refused_by_name(one: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    packs = one.config.model_copy(update={"output": one.config.output.model_copy(update={"layout": "packs"})})
    with pytest.raises(UnsupportedError, match=r"output\.layout"):
        QueueClient(packs)
    without = one.config.model_copy(update={"queue": one.config.queue.model_copy(update={"broker": None})})
    with pytest.raises(ConfigError, match=r"queue\.broker"):
        QueueClient(without)
    with one.client() as client, pytest.raises(UsageError, match=r"queue\.callbacks\.prefixes"):
        client.submit({"id": "a", "text": "x"}, callback="http://127.0.0.1/x")
    monkeypatch.setenv("SPARK_PDF_TEST_BROKER", "amqp://guest:SECRET@127.0.0.1:9//")
    with one.client() as client, pytest.raises(QueueError) as raised:
        client.declare()
    assert "SECRET" not in str(raised.value)


def _command(one: Service, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    verbs = 2 if words[0] == "queue" else 1
    line = [sys.executable, "-m", "spark_pdf.cli", *words[:verbs], str(one.file), *words[verbs:]]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=check)


def test_nothing_that_was_started_is_left(one: Service) -> None:
    worker = one.worker()
    wait_for(lambda: len(pool_of(worker)) == 2, 60, one.logs)
    pool = pool_of(worker)
    one.end()
    assert not [child for child in pool if psutil.pid_exists(child.pid) and child.is_running()]
