"""A run submitted to EMR Serverless, with everything real that this machine has: the environment's archive, the S3
server, the driver in a process that has nothing but what was staged, and Spark. EMR's API is moto's; what its machines
would do with the request, `Machines` does.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path
from unittest import mock

import pytest
import yaml

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.submit.archive import Target, build_archive
from tests.emr_machines import MACHINE, PYTHON, Machines, submit_settings, unpack
from tests.s3_fixtures import S3Server
from tests.spark_fixtures import Java
from tests.unit.submit.conftest import ROOT

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

pytestmark = pytest.mark.slow  # an environment of 150 MB is built and unpacked


def own_python(folder: Path) -> str:
    """URL of a list of downloads as uv reads them, with this machine's Python as the only standalone build."""
    base, left_out = Path(sys.base_prefix), {"site-packages", "test", "idlelib", "__pycache__", "tkinter"}

    def kept(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if left_out & set(info.name.split("/")) or info.name.endswith(".a") else info

    made = folder / "python.tar.gz"
    with tarfile.open(made, "w:gz", compresslevel=1) as tar:
        tar.add(PYTHON, f"python/bin/python{VERSION}")
        tar.add(base / "lib" / f"python{VERSION}", f"python/lib/python{VERSION}", filter=kept)
    numbers = dict(zip(("major", "minor", "patch"), sys.version_info, strict=False))
    entry = {
        **numbers, "name": "cpython", "arch": {"family": MACHINE, "variant": None}, "os": "linux", "libc": "gnu",
        "prerelease": "", "variant": None, "build": "20260101", "url": made.as_uri(),
        "sha256": hashlib.sha256(made.read_bytes()).hexdigest(),
    }  # fmt: skip
    listing = folder / "downloads.json"
    listing.write_text(json.dumps({f"cpython-{platform.python_version()}-linux-{MACHINE}-gnu": entry}))
    return listing.as_uri()


def test_an_archive_with_its_own_python_runs_where_there_is_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", own_python(tmp_path))
    libc = int(platform.libc_ver()[1].partition(".")[2])  # this machine's Python may need it
    archive = build_archive(Target(MACHINE, VERSION, glibc=max(34, libc)))
    unpack(archive, tmp_path)
    command = ["environment/bin/python", "-m", "spark_pdf.cli", "render", str(ROOT / "examples" / "invoice")]
    subprocess.run([*command, "-o", "out.pdf"], cwd=tmp_path, env={}, check=True)
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")


def test_an_archive_for_another_cpu_is_made_here_and_fits() -> None:
    """`build_archive` refuses what does not fit, so that it came back is the proof."""
    machine = {"x86_64": "aarch64", "aarch64": "x86_64"}[MACHINE]
    with tarfile.open(build_archive(Target(machine, "/usr/bin/python3.11"))) as tar:
        names = tar.getnames()
        link = tar.getmember("bin/python").linkname
    assert link == "/usr/bin/python3.11"
    assert "lib/python3.11/site-packages/spark_pdf/cli/__main__.py" in names
    modules = [name for name in names if name.endswith(f"{machine}-linux-gnu.so")]
    assert len(modules) > 20
    assert not any("pyspark" in name or "__mypyc" in name for name in names)


def test_a_run_is_submitted_and_ends_with_its_own_exit_code(
    s3_server: S3Server,
    s3_bucket: str,
    java: Java,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from spark_pdf import Template

    sample = Template.load(ROOT / "examples" / "invoice").sample()
    assert sample is not None
    records = [{**sample, "o_orderkey": number} for number in range(30)]
    records[7]["o_orderdate"] = None  # no filter prints that
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "orders.parquet")
    bucket = s3_bucket.removeprefix("s3://")
    s3_server.client().upload_file(str(tmp_path / "orders.parquet"), bucket, "lake/orders.parquet")
    store = {"endpoint": s3_server.endpoint, "region": s3_server.region, "path_style": True}
    config = {
        "name": "invoices",
        "source": {"format": "parquet", "path": f"{s3_bucket}/lake/orders.parquet"},
        "template": str(ROOT / "examples" / "invoice"),
        "document": {"id": "o_orderkey"},
        "output": {"uri": f"{s3_bucket}/invoices"},
        "stores": {s3_bucket: store},
        "limits": {"failed_fraction": 0.0},
        "submit": submit_settings(),
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    credentials = {"AWS_ACCESS_KEY_ID": s3_server.access_key, "AWS_SECRET_ACCESS_KEY": s3_server.secret_key}
    with Machines(tmp_path / "emr", s3_server, java).at_work(), mock.patch.dict(os.environ, credentials):
        command = ["submit", "emr-serverless", str(tmp_path / "config.yaml"), "--output", "json", "--run-id", "r1"]
        assert cli(command) == 3
        assert "1 of 30 documents failed" in capsys.readouterr().err
        assert cli([*command, "--set", "limits.failed_fraction=0.1"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["run_id"], result["state"], result["documents"], result["failed"]) == ("r1", "committed", 29, 1)
