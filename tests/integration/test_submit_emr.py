"""A run submitted to EMR Serverless, with everything real that this machine has: the environment's archive, the S3
server, the driver in a process that has nothing but what was staged, and Spark. EMR's API is moto's; what its machines
would do with the request, `machines` does.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
import yaml

from spark_pdf.cli.__main__ import run as cli
from spark_pdf.submit.archive import Target, build_archive
from tests.s3_fixtures import S3Server
from tests.spark_fixtures import Java
from tests.unit.submit.conftest import ROLE, ROOT

PYTHON = os.path.realpath(sys.executable)
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
MACHINE = platform.machine()

pytestmark = pytest.mark.slow  # an environment of 150 MB is built and unpacked


def unpack(archive: Path, folder: Path) -> Path:
    """What `--archives x.tar.gz#environment` does in the working folder of a driver or an executor."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "environment", filter="tar")
    return folder


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


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    from moto import mock_aws

    monkeypatch.setattr("moto.emrserverless.models.JOB_STATUS", "RUNNING")
    with mock_aws():
        yield


def machines(folder: Path, s3: S3Server, java: Java) -> Any:
    """When the submitter sleeps, the job that moto was sent is run as EMR would: in a folder with what was staged."""
    from moto.emrserverless.models import emrserverless_backends

    done: set[str] = set()

    def work(seconds: float) -> None:
        backend: Any = emrserverless_backends["123456789012"]["us-east-1"]
        (job,) = [job for jobs in backend.job_runs.values() for job in jobs if job.id not in done]
        done.add(job.id)
        here = folder / job.id
        here.mkdir()
        sent = job.job_driver["sparkSubmit"]
        words = shlex.split(sent["sparkSubmitParameters"])[1::2]
        conf = dict(word.split("=", 1) for word in words)
        archive, _, name = conf["spark.archives"].partition("#")
        for uri, place in ((archive, here / "archive.tar.gz"), (sent["entryPoint"], here / "entry.py")):
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            place.write_bytes((s3.root / bucket / key).read_bytes())
        assert name == "environment"
        unpack(here / "archive.tar.gz", here)
        python = conf["spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON"]
        spark = java.spark_home / "python"
        environment = {
            **{name: value for name, value in java.environment.items() if name in ("JAVA_HOME", "HOME", "PATH")},
            "SPARK_HOME": str(java.spark_home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            # Spark's own pyspark, as a platform brings it, in front of nothing else.
            "PYTHONPATH": ":".join(map(str, [*spark.glob("lib/*.zip")])) or str(java.spark_home.parent),
            "PYSPARK_PYTHON": conf["spark.executorEnv.PYSPARK_PYTHON"].replace("./", f"{here}/"),
            "AWS_ENDPOINT_URL_S3": s3.endpoint,
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.secret_key,
            "AWS_REGION": s3.region,
        }
        with (here / "log").open("wb") as log:
            command = [python, "entry.py", *sent["entryPointArguments"]]
            ended = subprocess.run(command, cwd=here, env=environment, stdout=log, stderr=log, timeout=240, check=False)
        job.state = "FAILED" if ended.returncode else "SUCCESS"  # of the exit code, EMR tells no more
        job.state_details = (here / "log").read_text(errors="replace")[-3000:]

    return work


def test_a_run_is_submitted_and_ends_with_its_own_exit_code(
    aws: Any,
    s3_server: S3Server,
    s3_bucket: str,
    java: Java,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import boto3
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
    own = {"region": "us-east-1", "execution_role": ROLE}
    own["application_id"] = boto3.client("emr-serverless", region_name="us-east-1").create_application(
        name="spark-pdf", releaseLabel="emr-7.10.0", type="SPARK"
    )["applicationId"]
    store = {"endpoint": s3_server.endpoint, "region": s3_server.region, "path_style": True}
    config = {
        "name": "invoices",
        "source": {"format": "parquet", "path": f"{s3_bucket}/lake/orders.parquet"},
        "template": str(ROOT / "examples" / "invoice"),
        "document": {"id": "o_orderkey"},
        "output": {"uri": f"{s3_bucket}/invoices"},
        "stores": {s3_bucket: store},
        "limits": {"failed_fraction": 0.0},
        "submit": {"poll_seconds": 0.01, "python": PYTHON, "machine": MACHINE, "emr_serverless": own},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    credentials = {"AWS_ACCESS_KEY_ID": s3_server.access_key, "AWS_SECRET_ACCESS_KEY": s3_server.secret_key}
    monkeypatch.setattr("spark_pdf.submit.follow.time", SimpleNamespace(sleep=machines(tmp_path, s3_server, java)))
    with mock.patch.dict(os.environ, credentials):
        command = ["submit", "emr-serverless", str(tmp_path / "config.yaml"), "--output", "json", "--run-id", "r1"]
        assert cli(command) == 3
        assert "1 of 30 documents failed" in capsys.readouterr().err
        assert cli([*command, "--set", "limits.failed_fraction=0.1"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["run_id"], result["state"], result["documents"], result["failed"]) == ("r1", "committed", 29, 1)
