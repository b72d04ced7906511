from __future__ import annotations

import io
import pickle
import stat
import zipfile
from pathlib import Path

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.template import files as bundle_files
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.loading import load_bundle

FILES = {
    "template.html": b'<link rel=stylesheet href="css/a.css"><img src="img/logo.png">',
    "css/a.css": b'@font-face{src:url("../fonts/f.ttf")}',
    "img/logo.png": b"\x89PNG",
    "fonts/f.ttf": b"ttf",
}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_a_bundle_is_its_content(tmp_path: Path) -> None:
    folder = write(tmp_path / "invoice", FILES)
    from_folder = Bundle.load(folder)
    assert from_folder.name == "invoice"
    assert dict(from_folder.files) == FILES
    assert from_folder.hash == Bundle.from_files(dict(reversed(FILES.items()))).hash
    assert from_folder.hash == Bundle.load(from_folder.to_archive()).hash
    assert from_folder.to_archive() == Bundle.from_files(FILES).to_archive()
    assert pickle.loads(pickle.dumps(from_folder)).hash == from_folder.hash
    assert from_folder.hash != Bundle.from_files({**FILES, "css/a.css": b""}).hash
    moved = {**FILES, "css/b.css": FILES["css/a.css"]}
    del moved["css/a.css"]
    assert from_folder.hash != Bundle.from_files(moved).hash


def test_what_editors_and_systems_leave_does_not_count(tmp_path: Path) -> None:
    clutter = dict.fromkeys((".DS_Store", ".git/HEAD", "template.html~", "a.swp", "__pycache__/t.pyc", "#a.css#"), b"x")
    assert Bundle.load(write(tmp_path, {**FILES, **clutter})).hash == Bundle.from_files(FILES).hash
    assert Bundle.from_files({**FILES, **clutter}).hash == Bundle.from_files(FILES).hash


def test_a_zip_of_the_folder_is_the_folder(tmp_path: Path) -> None:
    target = tmp_path / "invoice.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(f"invoice/{name}", data)
    assert Bundle.load(target).hash == Bundle.from_files(FILES).hash
    assert load_bundle(str(target)).name == "invoice"


def archive_of(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for info, content in members:
            archive.writestr(info, content)
    return data.getvalue()


@pytest.mark.parametrize("name", ["../evil.html", "/etc/passwd", "a/../../b", "a//b", "C:/x", "./a"])
def test_paths_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(BundleError, match="leads out"):
        Bundle.load(archive_of(("template.html", b""), (name, b"x")))
    with pytest.raises(BundleError, match="leads out"):
        Bundle.from_files({"template.html": b"", name: b""})


def test_links_in_archives_are_refused() -> None:
    link = zipfile.ZipInfo("passwd")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BundleError, match="links"):
        Bundle.load(archive_of(("template.html", b""), (link, b"/etc/passwd")))


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_files, "MAX_BYTES", 1000)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("template.html", b"\0" * 100_000)
    with pytest.raises(BundleError, match="MiB"):
        Bundle.load(data.getvalue())
    # An entry that says it is small, and is not.
    lying = data.getvalue().replace((100_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    with pytest.raises(BundleError):
        Bundle.load(lying)
    with pytest.raises(BundleError, match="zip"):
        Bundle.load(b"PK no zip")


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "b", FILES)
    (tmp_path / "secret").write_text("s")
    (folder / "inside.html").symlink_to(folder / "template.html")
    assert Bundle.load(folder).files["inside.html"] == FILES["template.html"]
    (folder / "outside.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(BundleError, match=r"outside.txt: a link that leads out"):
        Bundle.load(folder)
    (folder / "outside.txt").unlink()
    (folder / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(BundleError, match="elsewhere: links to folders"):
        Bundle.load(folder)


def test_the_entry_is_found_or_asked_for() -> None:
    assert Bundle.from_files({"letter.html": b""}).entry == "letter.html"
    assert Bundle.from_files({"template.html": b"", "part.html": b""}).entry == "template.html"
    assert Bundle.from_files({"template.py": b"", "part.html": b""}).is_python
    assert Bundle.from_files({"a.html": b"", "x/b.html": b"", "template.toml": b'entry="x/b.html"'}).entry == "x/b.html"
    for files, message in (
        ({"a.css": b""}, "no template.html"),
        ({"a.html": b"", "b.html": b""}, "several templates"),
        ({"template.html": b"", "template.py": b""}, "several templates"),
        ({"a.html": b"", "template.toml": b'entry="aa.html"'}, "did you mean 'a.html'"),
    ):
        with pytest.raises(BundleError, match=message):
            Bundle.from_files(files)


def test_missing_bundles_are_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no template bundle at"):
        Bundle.load(tmp_path / "nowhere")
    (tmp_path / "template.html").write_text("x")
    with pytest.raises(BundleError, match="give the folder of"):
        Bundle.load(tmp_path / "template.html")


def test_relative_urls_are_read_from_the_bundle() -> None:
    bundle = Bundle.from_files({**FILES, "img/a b.png": b"ab"})
    assert bundle.read("img/logo.png") == b"\x89PNG"
    assert bundle.read("../fonts/f.ttf?v=2#x", "css/a.css") == b"ttf"
    assert bundle.read("./img/a%20b.png", "template.html") == b"ab"
    assert bundle.resolve("../img/logo.png", "css/a.css") == "img/logo.png"
    assert bundle.read("data:;base64,aGkg\n b3U") == b"hi ou"
    assert bundle.read("data:text/plain,a%20b,c") == b"a b,c"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://x/y.png",
        "HTTPS://x",
        "//x/y",
        "/etc/passwd",
        "../x",
        "..\\x",
        "%2e%2e/x",
        "img/../../x",
        "",
        "#a",
        "?",
        "C:/x",
        "javascript:alert(1)",
        "img/nowhere.png",
        "data:nocomma",
        "data:;base64,%%%",
        "img",
    ],
)
def test_nothing_else_can_be_read(url: str) -> None:
    with pytest.raises(BundleError):
        Bundle.from_files(FILES).read(url, "template.html")


def test_urls_made_of_data_are_never_quoted() -> None:
    bundle = Bundle.from_files({**FILES, "template.html": b'<img src="img/lgo.png">'})
    with pytest.raises(BundleError, match=r"no file 'img/lgo.png'; did you mean 'img/logo.png'"):
        bundle.read("img/lgo.png", "template.html")
    with pytest.raises(BundleError) as caught:
        bundle.read("customers/4711-miller.png", "template.html")
    assert "miller" not in str(caught.value)


def test_template_py_draws() -> None:
    bundle = Bundle.from_files({"template.py": b"def draw(pdf, record):\n    pdf.append(record['a'])\n"})
    drawn: list[int] = []
    bundle.draw(drawn, {"a": 3})
    assert drawn == [3]
    assert bundle.contract.columns is None
    declared = Bundle.from_files({"template.py": b"", "template.toml": b'[columns]\na="integer"\n"b[].c"="any"'})
    assert declared.contract.columns == ("a", "b")
    for source, message in (
        (b"x=", "template.py:1: the file is not valid"),
        (b"1/0", "ZeroDivisionError"),
        (b"", "no function draw"),
    ):
        with pytest.raises(BundleError, match=message):
            _ = Bundle.from_files({"template.py": source}).draw


def test_bundles_come_from_object_stores() -> None:
    from spark_pdf.store import open_store

    store = open_store("memory://bundles/templates/invoice")
    for name, data in {**FILES, ".hidden": b"x"}.items():
        store.write(name, data)
    bundle = load_bundle("memory://bundles/templates/invoice")
    assert (bundle.name, bundle.hash) == ("invoice", Bundle.from_files(FILES).hash)
    open_store("memory://bundles/templates").write("packed.zip", bundle.to_archive())
    assert load_bundle("memory://bundles/templates/packed.zip").hash == bundle.hash
    for absent in ("memory://bundles/nowhere", "memory://bundles/nowhere.zip"):
        with pytest.raises(BundleError, match="no template bundle"):
            load_bundle(absent)
