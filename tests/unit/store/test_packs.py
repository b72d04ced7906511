"""Packs: what is added can be had by range, by zipfile and by unzip; what is not closed is not there."""

from __future__ import annotations

import hashlib
import io
import secrets
import subprocess
import zipfile
from pathlib import Path

import pytest

from spark_pdf.errors import StoreError
from spark_pdf.store import ObjectStore, open_store
from spark_pdf.store.documents import read_document
from spark_pdf.store.packs import PackWriter, _Pack
from spark_pdf.store.uploads import StoredDocument


@pytest.fixture
def memory() -> ObjectStore:
    return open_store(f"memory://{secrets.token_hex(8)}")


def fill(writer: PackWriter, documents: dict[str, bytes]) -> list[StoredDocument]:
    return [writer.add(name, data) for name, data in documents.items()]


def documents(count: int, size: int) -> dict[str, bytes]:
    return {f"ordner/Jürgen-{n}.pdf": secrets.token_bytes(size + n) for n in range(count)}


def check(store: ObjectStore, writer: PackWriter, wanted: dict[str, bytes], stored: list[StoredDocument]) -> None:
    for one, data in zip(stored, wanted.values(), strict=True):
        assert store.read_range(one.key, one.offset, one.length) == data
        assert one.uri == store.uri_of(one.key)
    names: list[str] = []
    for key in writer.keys:
        with zipfile.ZipFile(io.BytesIO(store.read(key))) as pack:
            assert pack.testzip() is None
            assert all(entry.compress_type == zipfile.ZIP_STORED for entry in pack.infolist())
            for entry in pack.infolist():
                assert pack.read(entry) == wanted[entry.filename]
                names.append(entry.filename)
    assert names == list(wanted)


def test_ranges_are_the_documents(memory: ObjectStore) -> None:
    wanted = documents(50, 10_000)
    writer = PackWriter(memory, lambda n: f"packs/r/{n}.zip", pack_bytes=200_000)
    stored = fill(writer, wanted)
    assert writer.close() == ()
    assert len(writer.keys) == 3
    assert len({one.key for one in stored}) == 3
    check(memory, writer, wanted, stored)


def test_packs_stay_below_their_size_where_documents_do(memory: ObjectStore) -> None:
    writer = PackWriter(memory, lambda n: f"p/{n}.zip", pack_bytes=100_000)
    fill(writer, documents(30, 30_000))
    writer.add("huge.pdf", bytes(500_000))
    writer.add("after.pdf", b"x")
    writer.close()
    sizes = [info.size for info in memory.list("p")]
    assert sorted(sizes)[-2] < 102_000
    assert len(sizes) == len(writer.keys) == 12


@pytest.mark.parametrize("count", [1, 65_535, 70_000])
def test_any_number_of_entries(memory: ObjectStore, tmp_path: Path, count: int) -> None:
    writer = PackWriter(memory, lambda n: f"p/{n}.zip")
    for number in range(count):
        writer.add(f"{number}.pdf", b"%d" % number)
    writer.close()
    (key,) = writer.keys
    (tmp_path / "pack.zip").write_bytes(memory.read(key))
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        assert len(pack.namelist()) == count
        assert pack.read(f"{count - 1}.pdf") == b"%d" % (count - 1)


def test_offsets_over_four_gigabytes(memory: ObjectStore) -> None:
    """The directory of a pack whose first 5 GiB we only pretend to have written."""
    skipped = 5 << 30
    with memory.writer("p") as writer:
        pack = _Pack(writer, "p")
        pack._sent = pack.size = skipped
        offset = pack.add("späte.pdf".encode(), b"late")
        pack.end()
    assert offset == skipped + 30 + len("späte.pdf".encode())

    class Sparse(io.BytesIO):
        """Reads as zeros before the end that was written."""

        def seek(self, position: int, whence: int = 0) -> int:
            return super().seek(position - (skipped if whence == 0 else 0), whence) + skipped

        def tell(self) -> int:
            return super().tell() + skipped

    with zipfile.ZipFile(Sparse(memory.read("p"))) as archive:
        assert archive.namelist() == ["späte.pdf"]
        assert archive.getinfo("späte.pdf").header_offset == skipped
        assert archive.read("späte.pdf") == b"late"


def test_unzip_reads_them(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "out"))
    writer = PackWriter(store, lambda n: f"{n}.zip")
    wanted = documents(20, 1000)
    fill(writer, wanted)
    writer.close()
    pack = tmp_path / "out" / "0.zip"
    said = subprocess.run(["unzip", "-t", str(pack)], capture_output=True, text=True, check=True).stdout
    assert "No errors detected" in said
    subprocess.run(["unzip", "-q", str(pack), "-d", str(tmp_path / "x")], check=True, env={"LC_ALL": "C.UTF-8"})
    assert {p.name: p.read_bytes() for p in (tmp_path / "x/ordner").iterdir()} == {
        name.rpartition("/")[2]: data for name, data in wanted.items()
    }


def test_the_same_documents_make_the_same_pack() -> None:
    digests = set()
    wanted = documents(10, 5000)
    for _ in range(2):
        store = open_store(f"memory://{secrets.token_hex(8)}")
        writer = PackWriter(store, lambda n: f"{n}.zip")
        fill(writer, wanted)
        writer.close()
        digests.add(hashlib.sha256(store.read("0.zip")).hexdigest())
    assert len(digests) == 1


def test_without_documents_there_is_no_pack(memory: ObjectStore) -> None:
    writer = PackWriter(memory, lambda n: f"{n}.zip")
    assert writer.close() == ()
    assert list(memory.list()) == []


def test_abort_leaves_nothing(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    writer = PackWriter(store, lambda n: f"p/{n}.zip", pack_bytes=50_000)
    fill(writer, documents(20, 10_000))
    writer.abort()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_pack_that_cannot_be_completed_fails_the_task_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(tmp_path))
    writer = PackWriter(store, lambda n: f"p/{n}.zip", pack_bytes=50_000)
    fill(writer, documents(4, 10_000))

    def fail(self: object) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr("spark_pdf.store.local.LocalWriter.close", fail)

    def fill_until_it_fails() -> None:
        for _ in range(100):
            fill(writer, documents(10, 10_000))
        writer.close()

    with pytest.raises(StoreError, match="no space left"):
        fill_until_it_fails()
    writer.abort()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.s3
def test_packs_on_a_real_store(request: pytest.FixtureRequest) -> None:
    server, bucket = request.getfixturevalue("s3_server"), request.getfixturevalue("s3_bucket")
    store = open_store(f"{bucket}/out", server.options())
    wanted = documents(40, 500_000)
    writer = PackWriter(store, lambda n: f"packs/r/{n}.zip", pack_bytes=12 << 20, part_bytes=5 << 20)
    stored = fill(writer, wanted)
    assert [info.key for info in store.list("packs")] != list(writer.keys), "the last pack is not closed"
    writer.close()
    check(store, writer, wanted, stored)
    data = list(wanted.values())[-1]
    assert read_document(stored[-1].uri, stored[-1].offset, stored[-1].length, server.options()) == data
    aborted = PackWriter(store, lambda n: f"packs/s/{n}.zip", pack_bytes=12 << 20, part_bytes=5 << 20)
    fill(aborted, wanted)
    aborted.abort()
    assert list(store.list("packs/s")) == []
    assert list(store.unfinished() or ()) == []
