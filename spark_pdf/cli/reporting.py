"""`--result URI`: how a command ended, as JSON in a store, for whoever started it where no exit code comes back.

In: a command's result, or the error that came instead. Out: one object, such as `{"state": "failed", "exit_code": 3,
"error": "TooManyFailures", "message": ..., "counts": {...}}`. EMR and Databricks tell their callers that a job failed,
and seldom more; schedulers need to know whether trying again can help.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spark_pdf.cli import console
from spark_pdf.errors import SparkPdfError, TooManyFailures

if TYPE_CHECKING:
    from spark_pdf.config import Config


@contextmanager
def reporting(config: Config, uri: str | None) -> Iterator[dict[str, Any]]:
    """What the block puts into the mapping is written to `uri`; what it raises too, and is raised.

    A result that cannot be written is a warning: the run has ended as it has ended.
    """
    values: dict[str, Any] = {}
    try:
        yield values
    except SparkPdfError as error:
        _write(config, uri, failure(error))
        raise
    _write(config, uri, {**values, "exit_code": 0})


def failure(error: SparkPdfError) -> dict[str, Any]:
    """What an error says, for programs."""
    values = {"state": "failed", "exit_code": error.exit_code, "error": type(error).__name__, "message": str(error)}
    return {**values, "counts": error.counts} if isinstance(error, TooManyFailures) else values


def _write(config: Config, uri: str | None, values: Mapping[str, Any]) -> None:
    from spark_pdf.manifest.files import write_json
    from spark_pdf.store.documents import locate

    if not uri:  # a parameter of a job that nobody has given
        return
    try:
        store, key = locate(uri, config.store_options(uri))
        write_json(store, key, values)
    except SparkPdfError as error:
        console.warn(f"the result could not be written to {uri}: {error}")
