"""The upload pool: bounded, in order to be trusted with errors; and layout "objects" on top."""

from __future__ import annotations

import hashlib
import secrets
import threading
from pathlib import Path

import pytest

from spark_pdf.errors import NotFound, StoreError
from spark_pdf.store import open_store
from spark_pdf.store.documents import locate, read_document
from spark_pdf.store.memory import MemoryBackend
from spark_pdf.store.uploads import Adopted, ObjectWriter, UploadPool


def test_work_runs_beside_the_caller() -> None:
    gate, seen = threading.Event(), []
    with UploadPool(threads=2) as pool:
        pool.submit(lambda: (gate.wait(), seen.append(threading.current_thread().name)), 1)
        pool.submit(gate.set, 1)
    assert len(seen) == 1
    assert seen[0].startswith("upload-")


def test_queued_bytes_are_bounded() -> None:
    gate, submitted = threading.Event(), threading.Semaphore(0)
    pool = UploadPool(threads=1, queue_bytes=100)

    def produce() -> None:
        for _ in range(10):
            pool.submit(gate.wait, 40)
            submitted.release()

    producer = threading.Thread(target=produce)
    producer.start()
    for _ in range(2):
        assert submitted.acquire(timeout=60)
    assert not submitted.acquire(timeout=0.2), "80 of 100 bytes wait, the third does not fit"
    gate.set()
    producer.join(60)
    pool.close()
    assert not producer.is_alive()


def test_one_upload_larger_than_the_bound_passes() -> None:
    done: list[int] = []
    with UploadPool(threads=1, queue_bytes=10) as pool:
        for number in range(3):
            pool.submit(lambda number=number: done.append(number), 1000)
    assert done == [0, 1, 2]


def test_threads_are_bounded_and_end() -> None:
    meeting = threading.Barrier(3)  # as many as there are to be, however seldom each gets a processor
    running, most, lock = [0], [0], threading.Lock()

    def work() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        meeting.wait(60)
        threading.Event().wait(0.01)
        with lock:
            running[0] -= 1

    with UploadPool(threads=3) as pool:
        for _ in range(30):
            pool.submit(work, 1)
    assert most[0] == 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("upload-")]


def fail() -> None:
    raise StoreError("the store is on fire")


def test_the_first_error_reaches_close_and_stops_the_rest() -> None:
    done: list[int] = []
    pool = UploadPool(threads=1)
    gate = threading.Event()
    pool.submit(gate.wait, 1)
    pool.submit(fail, 1)
    for number in range(5):
        pool.submit(lambda number=number: done.append(number), 1)
    gate.set()
    with pytest.raises(StoreError, match="on fire"):
        pool.close()
    assert done == []


def test_an_error_reaches_a_caller_that_waits_for_room() -> None:
    pool = UploadPool(threads=1, queue_bytes=10)
    gate = threading.Event()
    pool.submit(lambda: (gate.wait(), fail()), 10)
    threading.Timer(0.05, gate.set).start()
    with pytest.raises(StoreError, match="on fire"):
        pool.submit(lambda: None, 10)
    with pytest.raises(StoreError, match="on fire"):
        pool.submit(lambda: None, 1)
    pool.abort()


def test_leaving_by_an_exception_drops_the_queue() -> None:
    done: list[int] = []

    def leave() -> None:
        with UploadPool(threads=1) as pool:

            def until_left() -> None:
                with pool._changed:
                    assert pool._changed.wait_for(lambda: pool._closed, 60)

            pool.submit(until_left, 1)
            for number in range(5):
                pool.submit(lambda number=number: done.append(number), 1)
            raise KeyError("the renderer's own")

    with pytest.raises(KeyError):
        leave()
    assert done == []


def test_a_closed_pool_takes_nothing() -> None:
    pool = UploadPool()
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(lambda: None, 1)


def test_objects_are_stored_with_type_and_tags() -> None:
    name = secrets.token_hex(8)
    store = open_store(f"memory://{name}/out")
    writer = ObjectWriter(store, threads=4, tags={"class": "invoice"})
    stored = [writer.add(f"documents/{n}.pdf", b"%d" % n) for n in range(100)]
    assert writer.close() == ()
    for number, one in enumerate(stored):
        assert read_document(one.uri, one.offset, one.length) == b"%d" % number
        assert read_document(one.uri) == b"%d" % number
    headers = MemoryBackend.named(name).headers("out/documents/7.pdf")
    assert headers.content_type == "application/pdf"
    assert headers.tags == {"class": "invoice"}


def test_what_an_earlier_attempt_stored_stays_and_is_reported() -> None:
    store = open_store(f"memory://{secrets.token_hex(8)}")
    store.write("a.pdf", b"same")
    store.write("b.pdf", b"other bytes")
    writer = ObjectWriter(store)
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        writer.add(name, b"same")
    assert writer.close() == (Adopted("b.pdf", 11, hashlib.sha256(b"other bytes").hexdigest()),)
    assert store.read("b.pdf") == b"other bytes"


def test_a_failing_store_fails_the_writer(tmp_path: Path) -> None:
    (tmp_path / "documents").write_bytes(b"a file in the way")
    writer = ObjectWriter(open_store(str(tmp_path), patience=0))

    def fill() -> None:
        for number in range(1000):
            writer.add(f"documents/{number}.pdf", b"x")
        writer.close()

    with pytest.raises(StoreError):
        fill()
    writer.abort()


def test_documents_are_read_by_range(tmp_path: Path) -> None:
    (tmp_path / "a b.zip").write_bytes(b"0123456789")
    uri = open_store(str(tmp_path)).uri_of("a b.zip")
    assert read_document(uri, 2, 3) == b"234"
    assert read_document(str(tmp_path / "a b.zip"), 2, 3) == b"234"
    with pytest.raises(StoreError, match="ends before"):
        read_document(uri, 8, 3)
    with pytest.raises(NotFound):
        read_document(uri + "x", 0, 1)
    store, key = locate(uri)
    assert (store.uri, key) == (tmp_path.as_uri(), "a b.zip")
