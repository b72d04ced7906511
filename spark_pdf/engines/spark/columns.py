"""What the columns of records may be, whoever brings them: a config's source, a DataFrame, a write of Spark's.

In: names and types as Spark has them. Out: the Arrow schema, or one sentence about the column that cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spark_pdf.engines.source import EXPECTED_COLUMN, ID_COLUMN, PARTITION_COLUMN
from spark_pdf.engines.spark.placement import BUCKET_COLUMN, KEY_COLUMN
from spark_pdf.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType

COST_COLUMN = "__cost"
_OURS = (ID_COLUMN, PARTITION_COLUMN, EXPECTED_COLUMN, COST_COLUMN, BUCKET_COLUMN, KEY_COLUMN)


def check_names(names: Sequence[str]) -> None:
    """Raise `SourceError` for a name that comes twice, for Spark at least, or that spark_pdf uses itself."""
    lower = [name.lower() for name in names]
    twice = sorted({name for name in lower if lower.count(name) > 1})
    if twice:
        raise SourceError(f"the source has more than one column '{twice[0]}'; give them different names")
    taken = [name for name in names if name.lower() in _OURS]
    if taken:
        raise SourceError(f"the source has a column '{taken[0]}', a name that spark_pdf uses; rename it")


def arrow_schema(schema: StructType) -> pa.Schema:
    """The schema in Arrow. Raises `SourceError` for a type that Spark cannot hand over."""
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    for column in schema.fields:
        try:
            to_arrow_schema(StructType([column]))
        except (PySparkException, TypeError):
            kind = column.dataType.simpleString()
            raise SourceError(f"the column '{column.name}' has the type {kind}, which records cannot have") from None
    return to_arrow_schema(schema)
