"""Every kind of store behaves alike: the same tests over local files, memory and a real S3 server."""

from __future__ import annotations

import pickle
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spark_pdf.errors import NotFound, StoreError, UnsupportedError, UsageError
from spark_pdf.store import ObjectStore, open_store

KINDS = ["local", "memory", pytest.param("s3", marks=pytest.mark.s3)]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "local":
        return open_store(str(tmp_path / "a folder" / "out"))
    if request.param == "memory":
        return open_store(f"memory://{secrets.token_hex(8)}/some/out")
    server = request.getfixturevalue("s3_server")
    return open_store(request.getfixturevalue("s3_bucket") + "/some/out", server.options())


def test_what_is_written_is_read(store: ObjectStore) -> None:
    store.write("a/b.json", b"0123456789", content_type="application/json")
    assert store.read("a/b.json") == b"0123456789"
    assert store.read_range("a/b.json", 3, 4) == b"3456"
    assert store.read_range("a/b.json", 3, 0) == b""
    store.write("a/b.json", b"new")
    assert store.read("a/b.json") == b"new"


@pytest.mark.parametrize("name", ["plain", "Jürgen & Söhne", "a+b=c,(d)!'@", "100%", "a#b?c", "日本語"])
def test_names_survive(store: ObjectStore, name: str) -> None:
    store.write(f"x/{name}", name.encode())
    assert store.read(f"x/{name}") == name.encode()
    assert [info.key for info in store.list("x")] == [f"x/{name}"]


def test_absent_is_not_found(store: ObjectStore) -> None:
    assert store.head("no/such") is None
    assert not store.exists("no/such")
    for action in (lambda: store.read("no/such"), lambda: store.read_range("no/such", 0, 1)):
        with pytest.raises(NotFound, match="no/such"):
            action()
    store.delete(["no/such", "neither"])


@pytest.mark.parametrize(("offset", "length"), [(5, 6), (10, 1), (11, 2)])
def test_range_past_the_end_is_an_error(store: ObjectStore, offset: int, length: int) -> None:
    store.write("a", b"0123456789")
    with pytest.raises(StoreError, match="ends before byte"):
        store.read_range("a", offset, length)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\\b"])
def test_keys_stay_below_the_root(store: ObjectStore, key: str) -> None:
    with pytest.raises(UsageError):
        store.read(key)


def test_list_is_ordered_and_by_folder(store: ObjectStore) -> None:
    keys = ["a/b/c", "a/b-c", "a/b.c", "a/bc", "ab/x", "b"]
    for key in keys:
        store.write(key, key.encode())
    assert [info.key for info in store.list("a")] == ["a/b-c", "a/b.c", "a/b/c", "a/bc"]
    assert [info.key for info in store.list("a/b")] == ["a/b/c"]
    assert [info.key for info in store.list()] == sorted(keys)
    assert list(store.list("nothing")) == []
    info = next(iter(store.list("a/b")))
    assert info.size == 5
    assert info.modified.tzinfo is not None
    assert store.head("a/b/c") == info


def test_folders_are_those_right_below(store: ObjectStore) -> None:
    for key in ("a/1", "a/x/1", "a/y/z/1", "b/1", "top"):
        store.write(key, b"")
    assert store.folders() == ["a", "b"]
    assert store.folders("a") == ["x", "y"]
    assert store.folders("a/x") == store.folders("nothing") == []


def test_twins_in_case_are_two_objects_unless_the_store_says_not(store: ObjectStore) -> None:
    store.write("case/abc", b"lower")
    assert store.exists("case/ABC") is store.folds_case


def test_delete_many(store: ObjectStore) -> None:
    keys = [f"d/{n}" for n in range(30)]
    for key in keys:
        store.write(key, b"")
    store.delete([*keys[:29], "d/none"])
    assert [info.key for info in store.list("d")] == ["d/29"]


def test_create_once(store: ObjectStore) -> None:
    assert store.create("c/1", b"mine")
    assert store.create("c/1", b"mine"), "the same bytes are ours"
    assert not store.create("c/1", b"theirs")
    assert store.read("c/1") == b"mine"


def test_of_sixteen_creators_one_wins(store: ObjectStore) -> None:
    barrier = threading.Barrier(16)

    def race(key: str, token: str) -> bool:
        barrier.wait()
        return store.create(key, token.encode() * 100)

    with ThreadPoolExecutor(16) as pool:
        for turn in range(5):
            tokens = [secrets.token_hex(8) for _ in range(16)]
            won = list(pool.map(race, [f"race/{turn}"] * 16, tokens))
            assert won.count(True) == 1
            assert store.read(f"race/{turn}") == tokens[won.index(True)].encode() * 100


def test_writer_shows_nothing_before_it_is_closed(store: ObjectStore) -> None:
    part = secrets.token_bytes(1 << 20)
    with store.writer("w/big", part_bytes=5 << 20) as writer:
        for _ in range(11):
            writer.write(part)
        assert store.head("w/big") is None
        assert list(store.list("w")) == []
    assert writer.size == 11 << 20
    assert store.read("w/big") == part * 11
    assert list(store.unfinished() or ()) == []


@pytest.mark.parametrize("megabytes", [0, 1, 12])
def test_aborted_writer_leaves_nothing(store: ObjectStore, megabytes: int) -> None:
    def fail() -> None:
        with store.writer("w/aborted", part_bytes=5 << 20) as writer:
            for _ in range(megabytes):
                writer.write(bytes(1 << 20))
            raise KeyError("the renderer's own")

    with pytest.raises(KeyError):
        fail()
    assert store.head("w/aborted") is None
    assert list(store.unfinished() or ()) == []


def test_abort_after_close_keeps_the_object(store: ObjectStore) -> None:
    writer = store.writer("w/kept")
    writer.write(b"data")
    writer.close()
    writer.abort()
    assert store.read("w/kept") == b"data"


def test_probe_leaves_nothing(store: ObjectStore) -> None:
    store.probe()
    assert list(store.list()) == []


def test_below_is_a_store_of_its_own(store: ObjectStore) -> None:
    inner = store.below("x/y")
    inner.write("z", b"1")
    assert store.read("x/y/z") == b"1"
    assert inner.uri == store.uri_of("x/y")


def test_pickled_store_is_the_same_store(store: ObjectStore) -> None:
    store.write("p", b"1")
    assert pickle.loads(pickle.dumps(store)).read("p") == b"1"


@pytest.mark.parametrize("scheme", ["hdfs", "dbfs", "HDFS"])
def test_stores_without_conditional_create_are_refused(scheme: str) -> None:
    with pytest.raises(UnsupportedError, match="no conditional create"):
        open_store(f"{scheme}://namenode/out")
    with pytest.raises(UnsupportedError, match="no conditional create"):
        open_store(f"{scheme}:/out")


@pytest.mark.parametrize("uri", ["ftp://host/x", "s3://", "s3:///x", "gs://b/../c", "abfss://container/x"])
def test_uris_that_name_no_store(uri: str) -> None:
    with pytest.raises(UnsupportedError):
        open_store(uri)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("/data/out/", "file:///data/out"),
        ("file:/data/out", "file:///data/out"),
        ("file:///data/my%20out", "file:///data/my%20out"),
        ("file://localhost/data/out", "file:///data/out"),
        ("/data/my out/../in", "file:///data/in"),
        ("memory://name/x/", "memory://name/x"),
    ],
)
def test_canonical_uris(written: str, canonical: str) -> None:
    assert open_store(written).uri == canonical


def test_relative_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store("out/x").uri == (tmp_path / "out/x").as_uri()


@pytest.mark.parametrize("make", [lambda path: path, lambda path: path.as_uri()])
def test_local_uri_of_reads_back(tmp_path: Path, make: Callable[[Path], object]) -> None:
    store = open_store(str(make(tmp_path / "sp ace%20")))
    store.write("k", b"1")
    assert (tmp_path / "sp ace%20" / "k").read_bytes() == b"1"
    assert open_store(store.uri).read("k") == b"1"
