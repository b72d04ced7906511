"""What only local files can get wrong: half-written names, permissions, file systems without links."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from spark_pdf.errors import AccessDenied, NotFound, StoreError, UnsafeStoreError
from spark_pdf.store import open_store

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    store.write("a", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        store.write("a", b"new")
    with pytest.raises(StoreError, match="No space left"):
        open_store(str(tmp_path), patience=0).create("b", b"new")
    monkeypatch.undo()
    assert store.read("a") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_content_is_synced_before_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    for name in ("fsync", "link", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args, _real=real, _name=name: (steps.append(_name), _real(*args))[1])
    store = open_store(str(tmp_path))
    store.create("a", b"1")
    assert steps == ["fsync", "link", "fsync"]
    steps.clear()
    store.write("b", b"1")
    assert steps == ["fsync", "replace", "fsync"]


def test_without_hard_links_the_store_is_unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(UnsafeStoreError, match="no hard links"):
        open_store(str(tmp_path)).probe()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@as_user
def test_read_only_folder_is_denied(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(AccessDenied, match="cannot be used as an output"):
        open_store(str(tmp_path)).probe()


def test_a_read_only_file_system_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(AccessDenied, match=r"cannot be used as an output.*Read-only file system"):
        open_store(str(tmp_path)).probe()


def test_a_file_in_the_way_of_a_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    store = open_store(str(tmp_path / "out"), patience=0)
    with pytest.raises(StoreError):
        store.write("a/b", b"1")
    with pytest.raises(NotFound):
        store.read("a/b")
    assert store.head("a/b") is None


def test_temporary_files_are_unfinished_objects(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.write("packs/r/whole", b"1")
    writer = store.writer("packs/r/half")
    writer.write(b"1")
    (found,) = store.unfinished("packs") or ()
    assert found.key.startswith("packs/r/.spark-pdf-")
    store.discard(found)
    assert [path.name for path in (tmp_path / "packs/r").iterdir()] == ["whole"]
    writer.abort()
