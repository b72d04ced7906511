"""What can be found out about columns before anything renders: a table's schema and a run's in, one sentence out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spark_pdf.errors import ConfigError
from spark_pdf.manifest.batches import plain_schema

if TYPE_CHECKING:
    import pyarrow as pa


def check_partition_columns(partition_by: Sequence[str], schema: pa.Schema) -> None:
    """Raises `ConfigError` for a partition column that the manifest does not have, or that is a list."""
    import pyarrow as pa

    for name in partition_by:
        if name not in schema.names:
            raise ConfigError(
                f"manifest.partition_by: the manifest has no column '{name}'; name it in manifest.columns too",
                key="manifest.partition_by",
            )
        if pa.types.is_nested(schema.field(name).type):
            raise ConfigError(f"manifest.partition_by: '{name}' is a list", key="manifest.partition_by")


def check_columns(there: pa.Schema, wanted: pa.Schema, uri: str) -> None:
    """Raises `ConfigError` for a column that an existing table has with another type."""
    there = plain_schema(there)
    for field in plain_schema(wanted):
        if field.name in there.names and there.field(field.name).type != field.type:
            raise ConfigError(
                f"{uri}: the table's column '{field.name}' is {there.field(field.name).type}, this run's is "
                f"{field.type}; cast it in source.sql, or take another table",
                key="manifest.columns",
            )
