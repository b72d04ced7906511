"""What a session is taught: the format `spark_pdf`, and functions for single documents.

In: a session, classic or Connect. Out: names that its SQL and DataFrames know. What its version lacks is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spark_pdf.config import StoreOptions
from spark_pdf.errors import UnsupportedError
from spark_pdf.model import Limits

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DOCUMENT = "pdf binary, pages int, sha256 string, error_code string, error_detail string"
"""What `render_document` gives."""

PUSHDOWN = "spark.sql.python.filterPushdown.enabled"
"""Of Spark 4.1; by default false. A reader that takes filters is refused by sessions that push none down."""


def register_format(spark: SparkSession) -> None:
    """Make `df.write.format("spark_pdf")` and `spark.read.format("spark_pdf")` known.

    Whether filters reach the manifest's scan is decided here, by the session's own setting.
    """
    # A client may be newer than the server behind it, and Databricks has part of the API in its own 3.5.
    if not hasattr(spark, "dataSource") or _version(spark) < (4, 0):
        raise UnsupportedError(
            f'Spark {spark.version} has no data sources in Python: format("spark_pdf") needs Spark 4; '
            "run_dataframe renders a DataFrame on this one"
        )
    from spark_pdf.engines.spark.datasource import FilteringDataSource, SparkPdfDataSource

    pushed = str(spark.conf.get(PUSHDOWN, "false")).lower() == "true"
    spark.dataSource.register(FilteringDataSource if pushed else SparkPdfDataSource)


def register_functions(
    spark: SparkSession,
    bundles: Mapping[str, str],
    *,
    limits: Limits | None = None,
    options: StoreOptions | None = None,
) -> None:
    """Make SQL functions known that render single documents, by the bundles that are named here.

    `render_document(struct(*), 'name')`, `render_pdf(...)`, `pdf_pages(...)`, and `pdf_content(uri, offset, length)`.
    """
    refused = UnsupportedError(f"Spark {spark.version} has no Arrow functions: render_pdf needs Spark 4.1")
    if _version(spark) < (4, 1):
        raise refused
    try:
        from pyspark.sql.pandas.functions import arrow_udf
    except ImportError:
        raise refused from None

    from spark_pdf.engines.spark.functions import Renders, content
    from spark_pdf.template.loading import load_bundle

    found = {name: load_bundle(uri, options) for name, uri in bundles.items()}
    renders = Renders({n: (b.hash, b.to_archive()) for n, b in found.items()}, limits or Limits())
    functions: dict[str, tuple[Any, str]] = {
        "render_document": (renders.document, DOCUMENT),
        "render_pdf": (renders.pdf, "binary"),
        "pdf_pages": (renders.pages, "int"),
        "pdf_content": (content(options or StoreOptions()), "binary"),
    }
    for name, (function, kind) in functions.items():
        spark.udf.register(name, arrow_udf(function, kind))  # type: ignore[call-overload]


def _version(spark: SparkSession) -> tuple[int, ...]:
    """Major and minor version of what executes, which over Connect is the server's."""
    return tuple(map(int, re.findall(r"\d+", spark.version)[:2]))
