"""Memory of one worker over many documents: it has to be flat.

In: a number of documents. Out: resident MiB after each tenth of them, in a process of its own that renders the same way
as an executor does. Records come from a stream, as they would from Spark; texts differ from record to record.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

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


def rotation(documents: int, bundles: int = 10) -> list[float]:
    """Resident MiB after each tenth of `documents`, which take turns among so many bundles."""
    command = [sys.executable, "-m", "benchmarks.memory", "--rotation", str(documents), str(bundles)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def _rotation(documents: int, bundles: int) -> list[float]:
    import psutil

    from benchmarks.peers import data, ours
    from benchmarks.peers.compare import FONTS
    from spark_pdf import Template

    process, seen = psutil.Process(), []
    with tempfile.TemporaryDirectory() as folder:
        templates = []
        for number in range(bundles):
            path = ours.bundle("invoice", FONTS, Path(folder) / str(number))
            sheet = path / "style.css"
            sheet.write_text(
                sheet.read_text() + f"\nh1 {{ color: hsl({36 * number} 60% 30%); font-size: {15 + number}pt }}"
            )
            templates.append(Template.load(path))
        for start in range(0, documents, documents // 10):
            for index, record in enumerate(data.records("invoice", documents // 10, start)):
                templates[index % bundles].render(record)
            seen.append(round(process.memory_info().rss / 2**20, 1))
    return seen


def _worker(path: str, documents: int) -> list[float]:
    import psutil

    from spark_pdf import Template
    from spark_pdf.engines.records.worker import OnDisk
    from spark_pdf.engines.source import BUCKETS, ID_COLUMN

    template, process, seen = Template.load(ROOT / "examples" / "invoice"), psutil.Process(), []
    for count, record in enumerate(itertools.islice(OnDisk(path).records(0, BUCKETS), documents), 1):
        values = dict(record)
        values.pop(ID_COLUMN)
        template.render(values)
        if count % (documents // 10) == 0:
            seen.append(round(process.memory_info().rss / 2**20, 1))
    return seen


if __name__ == "__main__":
    if sys.argv[1] == "--rotation":
        print(json.dumps(_rotation(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        print(json.dumps(_worker(sys.argv[1], int(sys.argv[2]))))
