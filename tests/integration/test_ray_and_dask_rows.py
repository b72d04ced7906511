"""Rows that Ray and Dask hold already: copied once by their workers, rendered, and not asked for again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from spark_pdf.config import parse_config
from spark_pdf.manifest.table import open_table
from tests.engines_fixtures import EnginesEnvironment

TEMPLATE = """<!DOCTYPE html><title>Letter {{ id }}</title><style>@page { size: A6 }</style>
<p>Dear {{ name or "customer" }}, {{ lines | length }} lines, the last {{ lines[-1].text }}</p>"""

PROGRAM = """
import sys
from spark_pdf.config import load_config

config = load_config([sys.argv[1]])

def row(i):
    with open({asked!r}, "a") as file:
        file.write(f"{{i}}\\n")
    lines = [{{"text": f"line {{n}}"}} for n in range(1 + i % 3)]
    return {{"id": i, "name": None if i < 10 else f"Ann {{i}}", "lines": lines}}

if __name__ == "__main__":
{body}
"""
BODIES = {
    "dataset": """
    import ray
    from spark_pdf.engines.ray import run_dataset
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    rows = ray.data.range(60, override_num_blocks=6).map(lambda found: row(found["id"]))
    render = lambda: run_dataset(rows, config, "one")
""",
    "bag": """
    import dask.bag as db
    from spark_pdf.engines.dask import run_frame
    rows = db.from_sequence(range(60), npartitions=6).map(row)
    render = lambda: run_frame(rows, config, "one")
""",
    "dataframe": """
    import dask
    dask.config.set({"dataframe.convert-string": False})  # else it makes strings of lists
    import dask.dataframe as dd
    import pandas as pd
    from distributed import Client, LocalCluster
    from spark_pdf.engines.dask import run_frame
    cluster = LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0")
    client = Client(cluster)
    def part(numbers):
        return pd.DataFrame([row(i) for i in numbers], columns=["id", "name", "lines"])
    meta = {"id": "int64", "name": "object", "lines": "object"}
    rows = dd.from_map(part, [range(start, start + 10) for start in range(0, 60, 10)] + [range(0)], meta=meta)
    render = lambda: run_frame(rows, config, "one")
""",
}
RENDER = """
    from spark_pdf.engines import driver
    commit = driver.commit_job
    def lost(*args, **kwargs):
        raise KeyboardInterrupt
    driver.commit_job = lost
    try:
        render()
    except KeyboardInterrupt:
        pass
    driver.commit_job = commit
    open({asked!r}, "a").write("again\\n")
    result = render()
    assert (result.documents, result.waves) == (60, 2), result
"""


@pytest.mark.parametrize("kind", BODIES)
def test_rows_are_copied_once_and_rendered(engines: EnginesEnvironment, tmp_path: Path, kind: str) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text(TEMPLATE)
    values: dict[str, Any] = {
        "name": "letters",
        "source": {"format": "parquet", "path": "/nowhere"},
        "template": str(tmp_path / "bundle"),
        "document": {"id": "'no-' || id", "cost": "len(lines)"},
        "output": {"uri": str(tmp_path / "out")},
        "manifest": {"format": "delta", "columns": ["name"]},
        "tasks": {"documents": 20},
        "dask": {"workers": 2},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    asked = str(tmp_path / "asked")
    program = PROGRAM.format(asked=asked, body=BODIES[kind] + RENDER.format(asked=asked))
    (tmp_path / "program.py").write_text(program)
    done = engines.start(str(tmp_path / "program.py"), str(tmp_path / "config.yaml"))
    assert done.process.wait(240) == 0, done.log.read_text()
    rows = [row for batch in open_table(parse_config(values)).scan() for row in batch.to_pylist()]
    assert sorted(row["document_id"] for row in rows) == sorted(f"no-{i}" for i in range(60))
    assert {row["document_id"]: row["name"] for row in rows if row["name"] is None}.keys() == {
        f"no-{i}" for i in range(10)
    }
    lines = Path(asked).read_text().split()
    assert sorted(map(int, lines[: lines.index("again")])) == list(range(60))
    assert lines[lines.index("again") + 1 :] == [], "the second driver reads what the first one's workers have copied"
    copy = tmp_path / "out" / "_runs" / "one" / "source"
    ids = [i for part in copy.rglob("*.parquet") for i in pq.read_table(part)["__document_id"].to_pylist()]
    assert sorted(ids) == sorted(f"no-{i}" for i in range(60))
