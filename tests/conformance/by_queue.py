"""The queue as a command: a worker, a compactor, and a client that submits every record and waits for their rows.

python -m tests.conformance.by_queue CONFIG

The processes stand in this one's group, so that who kills it kills all. Called again, it submits the same keys again.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from spark_pdf.config import load_config
from spark_pdf.engines.celery.client import QueueClient
from spark_pdf.manifest.table import open_table
from tests.rabbit_fixtures import BROKER_VARIABLE

SECONDS = 180


def main(path: Path) -> int:
    """0 when every record has a row, and nothing is on its way."""
    sets = ["output.layout=objects", f"queue={{broker: 'env:{BROKER_VARIABLE}', batch_seconds: 1, processes: 2}}"]
    config = load_config([path], [*sets, f"name={path.stem[:40]}"])
    line = [sys.executable, "-m", "spark_pdf.cli", "queue"]
    settings = [str(path), *(part for setting in (*sets, f"name={config.name}") for part in ("--set", setting))]
    servers = [subprocess.Popen([*line, command, *settings]) for command in ("worker", "compact")]
    try:
        records = pq.read_table(config.source.path).to_pylist()
        with QueueClient(config) as client:
            for _ in client.submit_all(records):
                pass
            deadline = time.monotonic() + SECONDS
            while time.monotonic() < deadline:
                rows = sum(batch.num_rows for batch in open_table(config).scan(["document_id"]))
                if rows >= len(records) and not any(client.depths().values()):
                    return 0
                time.sleep(0.5)
        return 1
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(60)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
