"""`spark-pdf submit emr-serverless` as a command, with machines that run what it is sent.

python -m tests.conformance.by_submit CONFIG RUN_ID ENDPOINT ROOT

The job stands in this process's group, so that who kills it kills the submitter and the driver. Called again, the
platform is the one that it was before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from spark_pdf.cli.__main__ import run as cli
from tests.emr_machines import Machines
from tests.s3_fixtures import KEY_VARIABLE, SECRET_VARIABLE, S3Server
from tests.spark_fixtures import find_java


def main(config: Path, run_id: str, endpoint: str, root: str) -> int:
    """The exit code of `submit`."""
    server = S3Server(endpoint, os.environ[KEY_VARIABLE], os.environ[SECRET_VARIABLE], Path(root))
    with Machines(config.with_suffix(".emr"), server, find_java()).at_work():
        return cli(["submit", "emr-serverless", str(config), "--run-id", run_id, "--output", "json"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
