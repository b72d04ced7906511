"""One trial: a run, something that goes wrong in it, the same run_id again until it is committed.

In: a world and a number, from which all chance comes. Out: a `Trial` whose run is committed; `checks` looks at it.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from spark_pdf.config import Config, load_config
from tests.chaos.world import Driver, World, wait_until

RECORDS = 240
TASKS = 12

LAYOUTS = ("packs", "objects")
MANIFESTS = ("parquet", "delta", "iceberg")

TEMPLATE = """<!DOCTYPE html><html><head><title>{{ id }}</title></head><body><h1>{{ name }}</h1>
<table>{% for i in range(40) %}<tr><td>{{ i }}</td><td>{{ name }}</td></tr>{% endfor %}</table></body></html>"""


@dataclass
class Trial:
    """What a fault works with, and what came of it."""

    world: World
    number: int
    fault: str
    seed: int
    rng: random.Random = field(init=False)
    layout: str = field(init=False)
    manifest: str = field(init=False)
    folder: Path = field(init=False)
    killed: frozenset[str] = frozenset()
    """Ids of records that are to end as `worker_killed`."""

    attempts: int = 0
    errors: list[str] = field(default_factory=list)
    """Classes of the errors that drivers came back with, in order."""

    seconds: float = 0.0
    engine: str = "spark"

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed}-{self.number}-{self.fault}")
        self.layout = self.rng.choice(LAYOUTS)
        self.manifest = self.rng.choice(MANIFESTS)
        self.folder = self.world.folder / f"trial-{self.seed}-{self.number}"
        self.folder.mkdir()
        self.name = f"t{self.seed}-{self.number}"
        self.run_id = f"run-{self.name}"
        self.world.s3.server.client().create_bucket(Bucket=self.bucket)
        self.write_records()
        self.write_bundle({"template.html": TEMPLATE})
        self.config_file = self.write_config()

    @property
    def bucket(self) -> str:
        """The trial's own bucket."""
        return f"chaos-{self.name}"

    @property
    def output(self) -> Path:
        """Where the S3 server keeps what the run writes: checks look there, past the proxy and past our own code."""
        return self.world.s3.server.root / self.bucket / "out"

    @property
    def config(self) -> Config:
        """The config of the run, as the driver reads it."""
        return load_config([self.config_file])

    def write_records(self, *, changed: bool = False) -> None:
        """The source: 240 records in two files."""
        folder = self.folder / "records"
        folder.mkdir(exist_ok=True)
        for part in range(2):
            ids = list(range(part * RECORDS // 2, (part + 1) * RECORDS // 2))
            names = [f"{'New' if changed else 'Ann'} {i}" for i in ids]
            pq.write_table(pa.table({"id": ids, "name": names}), folder / f"{part}.parquet")

    def write_bundle(self, files: dict[str, str]) -> None:
        """The template bundle, instead of what was there."""
        folder = self.folder / "bundle"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, text in files.items():
            (folder / name).write_text(text)

    def write_config(self, name: str = "config", **changes: Any) -> Path:
        """A config file; every byte to the store goes through the proxy."""
        manifest: dict[str, Any] = {"format": self.manifest}
        if self.manifest == "iceberg":
            catalog = {
                "type": "sql",
                "uri": f"sqlite:///{self.folder}/catalog.db",
                "warehouse": f"s3://{self.bucket}/w",
            }
            manifest |= {"table": "billing.manifest", "catalog": catalog}
        options = self.world.s3.server.options(self.world.proxy.endpoint)
        config = {
            "name": self.name,
            "engine": self.engine,
            "source": {"format": "parquet", "path": str(self.folder / "records")},
            "template": str(self.folder / "bundle"),
            "document": {"id": "id"},
            "output": {"uri": f"s3://{self.bucket}/out", "layout": self.layout},
            "manifest": manifest,
            "stores": {f"s3://{self.bucket}": options.model_dump(exclude_none=True) | {"path_style": True}},
            "tasks": {"documents": RECORDS // TASKS},
            "limits": {"seconds_per_document": 5},
            **changes,
        }
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    def submit(
        self, driver: int = 0, *, seam: str | None = None, config: Path | None = None, run_id: str = ""
    ) -> Driver:
        """Order the run of a driver, and return at once."""
        self.attempts += 1
        found = self.world.driver(driver)
        found.submit(self.config_file, run_id or self.run_id, seam)
        return found

    def tasks_done(self) -> int:
        """Task manifests of the run so far."""
        return sum(1 for _ in (self.output / "_runs" / self.run_id / "tasks").glob("*.parquet"))

    def at(self, driver: Driver, tasks: int) -> bool:
        """Wait until so many task manifests are there; False if the run was over before."""
        wait_until(lambda: self.tasks_done() >= tasks or driver.answered() or driver.process.poll() is not None)
        return not driver.answered()

    def outcome(self, driver: Driver) -> dict[str, Any] | None:
        """What became of an order: a result, or None. An error that is not one of ours fails the trial."""
        answer = driver.answer()
        if answer is None:
            self.errors.append("driver killed")
            return None
        if "error" in answer:
            assert answer["typed"], f"{self}: an untyped error, {answer['error']}: {answer['message']}"
            self.errors.append(answer["error"])
            return None
        result: dict[str, Any] = answer["result"]
        return result

    def settle(self, driver: Driver | None = None, *, tries: int = 6) -> dict[str, Any]:
        """The same run_id again, until it is committed."""
        for number in range(tries):
            result = self.outcome(driver or self.submit())
            if result is not None:
                return result
            driver = None
            time.sleep(0.2 * number)
        raise AssertionError(f"{self}: not committed after {tries} tries: {self.errors}")

    def __str__(self) -> str:
        return f"trial {self.number} of seed {self.seed}: {self.fault}, {self.layout}, {self.manifest}"
