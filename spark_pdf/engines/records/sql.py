"""DuckDB's SQL about records: what names one, what it costs, and what DuckDB's complaints mean.

In: a config's expressions. Out: columns of ours, or one sentence without an excerpt of data.
"""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from spark_pdf.config import Config
from spark_pdf.engines.outcome import MACHINE_ERRORS
from spark_pdf.engines.records.determinism import differs_each_time
from spark_pdf.engines.records.worker import COST_COLUMN
from spark_pdf.engines.source import ID_COLUMN
from spark_pdf.errors import SourceError, WorkerError


def identity(config: Config) -> str:
    """The document id as a column."""
    return f"CAST(({config.document.id}) AS VARCHAR) AS {ID_COLUMN}"


def costs(config: Config) -> str:
    """The work in a record as a column."""
    return f"CAST(({config.document.cost or '1'}) AS DOUBLE) AS {COST_COLUMN}"


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def check_expressions(config: Config) -> None:
    """Raise `SourceError` for an id or cost that is another each time it is asked."""
    for key, text in (("document.id", config.document.id), ("document.cost", config.document.cost or "")):
        found = differs_each_time(text)
        if found:
            raise SourceError(
                f"{key} uses {found}, which gives another value each time it is asked; a resumed run would not match"
            )


@contextmanager
def as_source_error(key: str) -> Iterator[None]:
    """What DuckDB or Arrow raise while records are read, as a `SourceError` about a config key."""
    import duckdb
    import pyarrow as pa

    try:
        yield
    except duckdb.Error as error:
        raise SourceError(f"{key}: {_explained(error)}") from None
    except OSError as error:
        if error.errno is None or error.errno not in MACHINE_ERRORS:
            raise SourceError(f"{key}: the records cannot be read ({type(error).__name__})") from None
        raise WorkerError(
            f"{key}: the records, on their way through {tempfile.gettempdir()}: {os.strerror(error.errno)}. "
            "They are sorted there before they are rendered; TMPDIR names another folder"
        ) from None
    except pa.ArrowException as error:
        # Raised through a stream of batches, with an excerpt of data in its message.
        raise SourceError(f"{key}: the records cannot be read ({type(error).__name__})") from None


def _explained(error: Exception) -> str:
    """DuckDB's first line; of a column that is not there, what is there and what was meant."""
    text = str(error)
    absent = re.search(r'Referenced column "([^"]+)" not found', text)
    if absent is None:
        return _first_line(error)
    known = re.findall(r'"([^"]+)"', text[absent.end() :].partition("LINE")[0])
    near = difflib.get_close_matches(absent[1], known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"the source has no column '{absent[1]}'{hint}"


def _first_line(error: Exception) -> str:
    """DuckDB's complaint without the excerpt of data that conversion errors quote."""
    kind = type(error).__name__.removesuffix("Exception")
    if kind in ("Conversion", "InvalidInput", "OutOfRange"):
        return f"{kind} error in SQL; a value does not convert as the expression asks"
    return str(error).splitlines()[0]
