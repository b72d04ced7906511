"""A copy of the records below the run, for sources that cannot be held still: Spark's `materialize`, without Spark.

In: a Parquet file of the records. Out: the run's copy, whoever made it: an object of random name, made the run's by
conditional create of a marker that names it. The marker's name tells settings and columns, so that a run that was
never pinned can begin again with others.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spark_pdf.config import Config
from spark_pdf.engines.records.files import download, upload
from spark_pdf.errors import StoreError
from spark_pdf.manifest.files import create_json, read_json
from spark_pdf.store import open_store
from spark_pdf.store.locations import RunLocations


@dataclass(frozen=True)
class Copies:
    """Where a run's copy is. `columns` are the query's, in order."""

    config: Config
    run_id: str
    columns: str

    @property
    def _folder(self) -> str:
        return f"{RunLocations(self.run_id).folder}/source"

    @property
    def _marker(self) -> str:
        asked = hashlib.sha256(f"{self.config.pinned_hash()} {self.columns}".encode()).hexdigest()[:16]
        return f"{self._folder}/copy-{asked}.json"

    def fetch(self, write: Callable[[Path], None], path: Path) -> str:
        """Put the run's copy at `path`, made by `write` if there is none yet; its name."""
        store = open_store(self.config.output.uri, self.config.store_options(self.config.output.uri))
        found = read_json(store, self._marker)
        if found is None:
            write(path)
            name = secrets.token_hex(8)
            upload(store, path, f"{self._folder}/{name}.parquet")
            if create_json(store, self._marker, {"name": name}):
                return name
            found = read_json(store, self._marker)
        if found is None:
            raise StoreError(f"{self._marker} was written and is not there")
        download(store, f"{self._folder}/{found['name']}.parquet", path)
        return str(found["name"])

    def forget(self, name: str) -> None:
        """Take a copy away that the run has refused, unless it is pinned to it by now."""
        store = open_store(self.config.output.uri, self.config.store_options(self.config.output.uri))
        with suppress(StoreError):
            if not store.exists(RunLocations(self.run_id).run_json):
                store.delete((self._marker, f"{self._folder}/{name}.parquet"))
