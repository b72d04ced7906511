# ruff: noqa: E501 - a slip and its sentence stand on one line
"""What a slip of the one who asks gets: one sentence with what was meant, the right exit code, nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spark_pdf.cli.__main__ import run

CONFIG = """
name: letters
engine: local
source: {format: csv, path: a.csv}
template: letter
document: {id: id}
output: {uri: out, layout: objects}
manifest: {format: parquet}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter").mkdir()
    (tmp_path / "letter" / "template.html").write_text("<p>{{ name }} {{ id }}")
    (tmp_path / "letter" / "sample.json").write_text('{"id": 1, "name": "Ann"}')
    (tmp_path / "a.csv").write_text("id,name\n1,Ann\n2,Bob\n")
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("output.layout=object", "config key 'output.layout' is one of: packs, objects; did you mean 'objects'?"),
        ("engine=locl", "config key 'engine' is one of: spark, local, ray, dask; did you mean 'local'?"),
        ("outptu.uri=x", "config key 'outptu' is unknown; did you mean 'output'?"),
        ("limits.failed_fraction=2", "failed_fraction is a fraction, from 0 (none may fail) to 1 (all may)"),
        ("limits.pages_per_document=-3", "pages_per_document is a number above 0"),
        ("source.format=cvs", "source.format: engine local reads parquet, csv, json, delta; did you mean 'csv'?"),
        ("source.path=b.csv", "source.path: nothing is there: b.csv; did you mean 'a.csv'?"),
        ("template=leter", "there is no template bundle at leter; did you mean 'letter'?"),
        ("document.id=idd", "document.id: the source has no column 'idd'; did you mean 'id'?"),
        ("manifest.columns=[nmae]", "the source has no column 'nmae'; it has: id, name; did you mean 'name'?"),
    ],
)
def test_a_setting_that_is_wrong_gets_what_was_meant(
    folder: Path, capsys: pytest.CaptureFixture[str], setting: str, sentence: str
) -> None:
    assert run(["plan", "config.yaml", "-q", "--set", setting]) == 2
    assert sentence in capsys.readouterr().err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.json", b'{"id": 1, "name": "Ann"}\n{"id": 2 "name": "Secret"}\n', "record 2: missing a comma or '}'"),
        ("b.json", b'[{"id": 1, "name": "Secret"}]', "b.json as json (it is one list; write one record on each line)"),
        ("a.csv", b"id,name\n1,Secret,3\n", "record 2: expected 2 columns, got 3"),
        (
            "a.parquet",
            b"junk, and Secret, and more of it",
            "cannot read a.parquet as parquet (it does not end as Parquet files do)",
        ),
    ],
)
def test_a_source_that_cannot_be_read_is_told_with_the_record_and_without_data(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, sentence: str
) -> None:
    (folder / name).write_bytes(content)
    sets = ["--set", f"source.path={name}", "--set", f"source.format={name[2:]}"]
    assert run(["plan", "config.yaml", "-q", *sets]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Secret" not in error


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def draw(pdf, record):\n    pdf.add_page()\n    raise ValueError('Secret')", "template.py:3: ValueError in draw"),
        ("def draw(pdf, record):\n    record['nmae']", "template.py:2: KeyError in draw(pdf, record): there is no 'nmae'; did "
         "you mean 'name'?"),
        ("def draw(pdf, record):\n    {}[record['name']]", "template.py:2: KeyError in draw(pdf, record)"),
        ("def draw(pdf, record):\n    pdf.add_page()\n    pdf.image('gone.png')", "template.py:3: the bundle has no file"),
        ("def draw(pdf, record)\n    pass", "template.py:1: the file is not valid Python: "),
        ("\nimport nix_nix", "template.py:2: the file cannot be loaded: ModuleNotFoundError: No module named 'nix_nix'"),
        ("def drw(pdf, record): pass", "template.py: the file has no function draw(pdf, record)"),
    ],
)  # fmt: skip
def test_a_template_in_python_is_told_by_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str], code: str, sentence: str
) -> None:
    (folder / "drawn").mkdir()
    (folder / "drawn" / "template.py").write_text(code)
    (folder / "drawn" / "sample.json").write_text('{"name": "Secret"}')
    assert run(["render", "drawn", "-o", "x.pdf"]) in (1, 2)
    error = capsys.readouterr().err
    assert f"spark-pdf: {sentence}" in error
    assert "Secret" not in error
    assert "Traceback" not in error
    assert not (folder / "x.pdf").exists()


def test_a_font_or_archive_that_is_broken_is_named_with_its_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "letter" / "template.toml").write_text('[[font]]\nfamily = "Brand"\nfile = "brand.ttf"\n')
    (folder / "letter" / "brand.ttf").write_bytes(b"junk")
    (folder / "junk.zip").write_bytes(b"junk")
    assert run(["render", "letter"]) == 2
    assert "template.toml: the font 'Brand': the font brand.ttf is neither" in capsys.readouterr().err
    assert run(["render", "junk.zip"]) == 2
    assert "junk.zip: the archive cannot be read as a zip file" in capsys.readouterr().err


def test_warnings_come_with_file_and_line_as_json_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "letter" / "template.html").write_text("<p>{{ name }}\n<img src=gone.png>")
    assert run(["render", "letter", "-o", "x.pdf", "--output", "json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("warning: template.html:2: the image 'gone.png' is missing")
    assert json.loads(out)["warnings"][0]["place"] == "template.html:2"
