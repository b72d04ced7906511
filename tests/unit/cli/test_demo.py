from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.cli.demo import TABLES, generate
from spark_pdf.errors import UnsupportedError, UsageError


def test_orders_are_generated_once(tmp_path: Path) -> None:
    folder = generate(tmp_path / "tpch", 0.001)
    times = {table: (folder / f"{table}.parquet").stat().st_mtime_ns for table in TABLES}
    generate(folder, 0.001)
    assert times == {table: (folder / f"{table}.parquet").stat().st_mtime_ns for table in TABLES}
    with pytest.raises(UsageError, match=r"at scale 0\.001"):
        generate(folder, 0.01)


def test_a_missing_generator_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(UnsupportedError, match=r"spark-pdf\[demo\]"):
        generate(tmp_path / "tpch", 0.001)


def test_the_demo_needs_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("spark_pdf.__file__", str(tmp_path / "spark_pdf" / "__init__.py"))
    assert cli(["demo"]) == 2
    assert "clone" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_runs_and_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[3]
    for name in ("conf", "examples"):
        (tmp_path / name).symlink_to(root / name)
    monkeypatch.chdir(tmp_path)
    arguments = ["demo", "--scale", "0.001", "--engine", "local", "-q"]
    for word in ("committed: run demo-", "committed (already): run demo-"):
        assert cli(arguments) == 0
        out = capsys.readouterr().out
        assert out.startswith(word)
        assert "verified: run demo-" in out
        assert "1,500" in out
        sheet = Path(out.rpartition("look: ")[2].strip())
    with Image.open(sheet) as image:
        assert image.width > 1500
        assert len(image.convert("RGB").getcolors(1 << 24) or []) > 500, "the sheet shows nothing"


def test_a_contact_sheet_frames_first_pages(tmp_path: Path) -> None:
    from spark_pdf.cli.sheet import contact_sheet
    from spark_pdf.render.template import Template
    from spark_pdf.template.bundle import Bundle

    red = Template(Bundle.from_files({"t.html": b"<style>@page{size:100px 140px;margin:0;background:red}</style><p>x"}))
    document = red.render({}).pdf
    contact_sheet([document] * 5, tmp_path / "deep" / "sheet.png", columns=4, width=100)
    with Image.open(tmp_path / "deep" / "sheet.png") as image:
        assert image.size == (4 * 136 + 36, 2 * 176 + 36)
