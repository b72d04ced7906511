"""What EMR Serverless's machines would do with the jobs that moto was sent: run them, with nothing but what was staged.

moto keeps requests and answers with the states that it is told; it runs nothing. In: moto's own memory, a folder, the
S3 server that the jobs' URIs mean. Out: each job's entry point run by a local spark-submit with the parameters that
were sent, in the environment that was staged, and its state told to moto. Of the exit code, EMR tells no more.
"""

from __future__ import annotations

import os
import pickle
import platform
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from spark_pdf.submit.aws import conf_words
from tests.s3_fixtures import S3Server
from tests.spark_fixtures import LOOPBACK, Java

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/spark-pdf-execution"
APPLICATION = "00f1machines"
PYTHON = os.path.realpath(sys.executable)
MACHINE = platform.machine()
DRIVER_ENVIRONMENT = "spark.emr-serverless.driverEnv."
SECONDS = 900
"""No job may take longer; who waits for it mostly gives up before."""


def unpack(archive: Path, folder: Path) -> Path:
    """What `--archives x.tar.gz#environment` does in the working folder of a driver or an executor."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "environment", filter="tar")
    return folder


@dataclass(frozen=True)
class Machines:
    """An application of EMR Serverless whose jobs run here, in folders below `folder`."""

    folder: Path
    s3: S3Server
    java: Java

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """moto with the application; whenever `submit` sleeps, the job that waits is run. A platform outlives those
        who submit to it: jobs are remembered, and one that ran when its driver was killed has failed.
        """
        from moto import mock_aws

        with mock.patch("moto.emrserverless.models.JOB_STATUS", "RUNNING"), mock_aws():
            self._recall()
            with mock.patch("spark_pdf.submit.follow.time", SimpleNamespace(sleep=self._work)):
                yield

    @property
    def _backend(self) -> Any:
        from moto.emrserverless.models import emrserverless_backends

        return emrserverless_backends[ACCOUNT][REGION]

    def _recall(self) -> None:
        import boto3

        made = boto3.client("emr-serverless", region_name=REGION).create_application(
            name="spark-pdf", releaseLabel="emr-7.10.0", type="SPARK"
        )
        application = self._backend.applications.pop(made["applicationId"])
        application.id = APPLICATION
        self._backend.applications[APPLICATION] = application
        if self._memory.exists():
            self._backend.job_runs.update(pickle.loads(self._memory.read_bytes()))
        for job in self._active():
            job.state, job.state_details = "FAILED", "the driver was lost"

    @property
    def _memory(self) -> Path:
        return self.folder / "jobs.pickle"

    def _active(self) -> list[Any]:
        return [job for jobs in self._backend.job_runs.values() for job in jobs if job.state == "RUNNING"]

    def _work(self, seconds: float) -> None:
        (job,) = self._active()
        here = self.folder / job.id
        here.mkdir(parents=True)
        self._memory.write_bytes(pickle.dumps(dict(self._backend.job_runs)))
        sent = job.job_driver["sparkSubmit"]
        conf = dict(word.split("=", 1) for word in shlex.split(sent["sparkSubmitParameters"])[1::2])
        archive, _, name = conf.pop("spark.archives").partition("#")
        (here / name).symlink_to(self._unpacked(archive), target_is_directory=True)
        (here / "entry.py").write_bytes(self._staged(sent["entryPoint"]).read_bytes())
        command = [str(self.java.spark_home / "bin" / "spark-submit"), "--master", "local[2,4]"]
        command += ["--jars", ",".join(map(str, self.java.jars)), "--conf", f"spark.driver.host={LOOPBACK}"]
        command += ["--conf", "spark.ui.enabled=false", *conf_words(conf)]
        with (here / "log").open("wb") as log:
            ended = subprocess.run(
                [*command, "entry.py", *sent["entryPointArguments"]],
                cwd=here, env=self._environment(conf), stdout=log, stderr=log, timeout=SECONDS, check=False,
            )  # fmt: skip
        job.state = "FAILED" if ended.returncode else "SUCCESS"
        job.state_details = (here / "log").read_text(errors="replace")[-3000:]
        self._memory.write_bytes(pickle.dumps(dict(self._backend.job_runs)))

    def _environment(self, conf: Mapping[str, str]) -> dict[str, str]:
        """Of a driver: nothing of this process's but where Java is."""
        kept = {name: value for name, value in self.java.environment.items() if name in ("JAVA_HOME", "HOME", "PATH")}
        prefix = DRIVER_ENVIRONMENT
        asked = {key.removeprefix(prefix): value for key, value in conf.items() if key.startswith(prefix)}
        role = {
            "AWS_ENDPOINT_URL_S3": self.s3.endpoint,
            "AWS_ACCESS_KEY_ID": self.s3.access_key,
            "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
            "AWS_REGION": self.s3.region,
        }
        return {**kept, **role, **asked, "SPARK_HOME": str(self.java.spark_home), "SPARK_LOCAL_IP": LOOPBACK}

    def _staged(self, uri: str) -> Path:
        return self.s3.root / uri.removeprefix("s3://")

    def _unpacked(self, uri: str) -> Path:
        """The environment, unpacked once for all jobs."""
        place = self.folder / Path(uri).name.partition(".")[0]
        if not place.exists():
            unpack(self._staged(uri), place)
        return place / "environment"


def submit_settings(**conf: str) -> dict[str, Any]:
    """The config's section `submit` for these machines."""
    own = {"region": REGION, "execution_role": ROLE, "application_id": APPLICATION}
    return {"poll_seconds": 0.01, "python": PYTHON, "machine": MACHINE, "conf": conf, "emr_serverless": own}
