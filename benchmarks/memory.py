"""Memory of one worker over many documents: it has to be flat.

In: a number of documents. Out: resident MiB after each tenth of them, in a process of its own that renders the same way
as an executor does. Records come from a stream, as they would from Spark; texts differ from record to record.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

from benchmarks.tpch import ROOT, config


def run(documents: int) -> list[float]:
    """Resident MiB after each tenth of `documents`."""
    from spark_pdf.engines.local.source import LocalRecordSource

    source = LocalRecordSource(config("invoices", 0.1 if documents > 15_000 else 0.01), "bench")
    try:
        source.measure([])  # sorting the records is the driver's work: it stays out of the measured process
        command = [sys.executable, "-m", "benchmarks.memory", str(source.scratch), str(documents)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        source.close()
    found: list[float] = json.loads(done.stdout)
    return found


def _worker(path: str, documents: int) -> list[float]:
    import psutil

    from spark_pdf import Template
    from spark_pdf.engines.local.worker import Worker
    from spark_pdf.engines.source import BUCKETS, ID_COLUMN

    template, process, seen = Template.load(ROOT / "examples" / "invoice"), psutil.Process(), []
    for count, record in enumerate(itertools.islice(Worker(path).records(0, BUCKETS), documents), 1):
        values = dict(record)
        values.pop(ID_COLUMN)
        template.render(values)
        if count % (documents // 10) == 0:
            seen.append(round(process.memory_info().rss / 2**20, 1))
    return seen


if __name__ == "__main__":
    print(json.dumps(_worker(sys.argv[1], int(sys.argv[2]))))
