"""The pipelines of examples/pipelines, from their own data to a committed run; called again, they add nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.config import load_config
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from tests.queue_help import service
from tests.rabbit_fixtures import Rabbit

ROOT = Path(__file__).parents[2]
PIPELINES = ROOT / "examples" / "pipelines"


def run(python: Path | str, *arguments: str) -> str:
    """A script or module of the project, from its root; what it says on stdout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(python), *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def held(config: str, uri: Path) -> list[dict[str, Any]]:
    """The manifest's rows, of which every document's bytes are as it says."""
    found = load_config([PIPELINES / config], [f"output.uri={uri}"])
    report = verify(found, hashes="all")
    assert report.ok, report
    return [row for batch in open_table(found).scan() for row in batch.to_pylist()]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("script", "config", "arguments"),
    [
        ("risk_ray.py", "risk.yaml", ["--portfolios", "24"]),
        ("letters_dask.py", "letters.yaml", ["--customers", "60"]),
    ],
)
def test_what_an_engine_has_computed_becomes_documents(
    script: str, config: str, arguments: list[str], tmp_path: Path, engines_python: Path
) -> None:
    output = tmp_path / "out"
    command = [str(PIPELINES / script), *arguments, "--set", f"output.uri={output}"]
    result = json.loads(run(engines_python, *command).splitlines()[-1])
    assert (result["state"], result["documents"], result["failed"]) == ("committed", int(arguments[1]), 0)
    rows = held(config, output)
    assert len(rows) == int(arguments[1])
    assert all(row["pages"] == 1 and not row["warnings"] for row in rows)
    assert json.loads(run(engines_python, *command).splitlines()[-1])["already_committed"]
    assert len(held(config, output)) == len(rows)


def test_sensors_at_the_edge_report_each_day_once(tmp_path: Path) -> None:
    outbox, output = tmp_path / "outbox.sqlite", tmp_path / "out"
    watch = ["-m", "spark_pdf.cli", "watch", str(PIPELINES / "sensors.yaml"), "--once"]
    watch += ["--set", f"source.path={outbox}", "--set", f"output.uri={output}"]
    for day in ("2026-11-25", "2026-11-26"):
        run(sys.executable, str(PIPELINES / "sensors_edge.py"), str(outbox), "--stations", "5", "--day", day)
        run(sys.executable, *watch)
        run(sys.executable, *watch)
    rows = held("sensors.yaml", output)
    expected = {f"store-{station}-202611{day}" for station in range(1, 6) for day in (25, 26)}
    assert {row["document_id"] for row in rows} == expected
    assert len(rows) == len(expected)
    assert all(row["pages"] == 1 for row in rows)


@pytest.mark.timeout(300)
def test_a_shop_that_asks_twice_gets_the_same_invoices(
    tmp_path: Path, rabbit: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "shop-" + "k" * 20)
    changes = {"template": str(ROOT / "examples" / "invoice"), "document": {"id": "o_orderkey"}}
    with service(tmp_path, serve={"port": 0, "keys": {"shop": "env:SHOP_KEY"}}, **changes) as made:
        made.worker(), made.compactor()
        _, port = made.serve()
        url = f"http://127.0.0.1:{port}"
        for folder in ("once", "again"):
            command = [str(PIPELINES / "web_service.py"), "--url", url, "--orders", "12"]
            run(sys.executable, *command, "--to", str(tmp_path / folder))
        once, again = ({p.name: p.read_bytes() for p in (tmp_path / f).iterdir()} for f in ("once", "again"))
        assert len(once) == 12
        assert once == again
        assert len(made.settle(12)) == 12
        assert verify(made.config, hashes="all").ok
