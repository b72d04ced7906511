"""What every door gets: 2,000 records with planted failures, a bundle, a config; and what has to come of them.

In: an empty folder. Out: a `World`, whose `expected` is the manifest's content as the local engine makes it in this
process. Planted are an amount that is divided by nothing, a name that is absent, and a letter of too many pages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spark_pdf.config import Config, parse_config
from spark_pdf.manifest.table import open_table

RECORDS = 2000
NO_SHARE = frozenset({13, 1300})
NO_NAME = frozenset({77})
TOO_LONG = frozenset({500})
FAILED = len(NO_SHARE | NO_NAME | TOO_LONG)
TASKS = 20

OWN = (
    "document_id", "status", "pages", "content_sha256", "record_hash", "template_hash", "renderer_version",
    "error_code", "error_detail",
)  # fmt: skip
"""The manifest's deterministic columns."""

CONTENT = (*OWN, "channel")
"""With one that it copies from the source."""

TEMPLATE = """<!DOCTYPE html>
<html><head><title>Letter {{ id }}</title><style>@page { size: A6; margin: 10mm }</style></head>
<body><h1>{{ customer.name.upper() }}</h1>
<p>{{ day | date }}, {{ at.isoformat() }}, {{ (total / share) | money("EUR") }}</p>
<table>{% for line in lines %}<tr><td>{{ line.text }}</td><td>{{ line.price }}</td></tr>{% endfor %}</table>
</body></html>
"""

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.struct([("name", pa.string())])),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("total", pa.decimal128(12, 2)),
        ("share", pa.int64()),
        ("lines", pa.list_(pa.struct([("text", pa.string()), ("price", pa.decimal128(12, 2))]))),
        ("channel", pa.string()),
        ("unused", pa.string()),
    ]
)


def record(number: int) -> dict[str, Any]:
    """One letter."""
    return {
        "id": number,
        "customer": {"name": None if number in NO_NAME else f"Änne {number}"},
        "day": date(2026, 1, 1) + timedelta(number),
        "at": datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc) + timedelta(minutes=number),
        "total": Decimal(number * 37) / 100,
        "share": 0 if number in NO_SHARE else 3,
        "lines": [
            {"text": f"item {i} é", "price": Decimal(i) / 4} for i in range(200 if number in TOO_LONG else number % 5)
        ],
        "channel": "mail" if number % 2 else "post",
        "unused": "x" * 100,
    }


@dataclass(frozen=True)
class World:
    """A folder with records and a bundle, and what has to come of them."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> World:
        """Write the records into three files, and the bundle."""
        (folder / "records").mkdir(parents=True)
        for part in range(3):
            rows = [record(number) for number in range(part, RECORDS, 3)]
            pq.write_table(pa.Table.from_pylist(rows, SCHEMA), folder / "records" / f"{part}.parquet")
        (folder / "bundle").mkdir()
        (folder / "bundle" / "template.html").write_text(TEMPLATE, encoding="utf-8")
        return cls(folder)

    def values(self, place: str, **changes: Any) -> dict[str, Any]:
        """A config whose documents and manifest go to the folder `place`."""
        return {
            "name": "letters",
            "source": {"format": "parquet", "path": str(self.folder / "records")},
            "template": str(self.folder / "bundle"),
            "document": {"id": "id"},
            "output": {"uri": str(self.folder / place)},
            "manifest": {"columns": ["channel"]},
            "tasks": {"documents": RECORDS // TASKS},
            "limits": {"failed_fraction": 0.01, "pages_per_document": 5},
            "spark": {"master": "local[2,4]", "packages": "none"},
            "local": {"processes": 2},
            **changes,
        }

    def write(self, place: str, **changes: Any) -> Path:
        """The config as a file. JSON is YAML."""
        path = self.folder / f"{place}.yaml"
        path.write_text(json.dumps(self.values(place, **changes)), encoding="utf-8")
        return path

    @cached_property
    def expected(self) -> list[dict[str, Any]]:
        """The manifest's content, by the local engine."""
        from spark_pdf.engines.driver import run

        config = parse_config(self.values("expected", engine="local"))
        result = run(config, "expected")
        assert (result.documents, result.failed) == (RECORDS - FAILED, FAILED)
        return content(config)


def content(config: Config, columns: Sequence[str] = CONTENT) -> list[dict[str, Any]]:
    """The deterministic columns of all rows, in order of ids; of several rows of an id, all."""
    rows = [row for batch in open_table(config).scan(columns) for row in batch.to_pylist()]
    return sorted(rows, key=lambda row: int(row["document_id"]))
