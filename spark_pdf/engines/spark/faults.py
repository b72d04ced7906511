"""What Spark says, in our words: one sentence, without a stack, and without the data that run-time errors quote.

In: an exception of pyspark or py4j. Out: an error of `spark_pdf.errors`. An error that a worker raised on purpose
comes back as what it was: Spark hands its traceback over as text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from spark_pdf import errors
from spark_pdf.errors import SourceError, SparkPdfError

_RAISED = re.compile(r"^(?:spark_pdf\.errors\.)(\w+): (.*)", re.MULTILINE)
_FRAME = re.compile(r'File "([^"]+)", line (\d+), in ')
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Died|Interrupt))\b", re.MULTILINE)
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]")
_SUFFIX = re.compile(r"\s*(SQLSTATE: \w+)?[;.]?\s*(line \d+, pos \d+)?;?\s*$")

_RESOLVE = {"AnalysisException", "ParseException"}
"""Raised before a row is read, so their text quotes names and SQL, and no data."""


@contextmanager
def as_source_error(key: str) -> Iterator[None]:
    """Turn what Spark raises inside into a `SourceError` about a config key."""
    try:
        yield
    except SparkPdfError:
        raise
    except Exception as error:
        if not is_sparks(error):
            raise
        raise SourceError(f"{key}: {sentence(error)}") from None


def is_sparks(error: BaseException) -> bool:
    """Whether an exception comes from pyspark, py4j or gRPC."""
    return type(error).__module__.split(".")[0] in ("pyspark", "py4j", "grpc")


def sentence(error: BaseException) -> str:
    """One sentence about an exception of Spark's."""
    text = str(error)
    condition = _CONDITION.search(text)
    kind = type(error).__name__
    if kind in _RESOLVE:
        start = condition.end() if condition else 0
        return _first_sentences(text[start:])
    cause = re.search(r"(?:Caused by: |: )([\w.$]+(?:Exception|Error))", text)
    name = condition.group(1) if condition else (cause.group(1).rpartition(".")[2] if cause else kind)
    hint = _HINTS.get(name, "")
    return f"Spark could not read the records ({name}){hint}"


_HINTS = {
    "DATA_SOURCE_NOT_FOUND": ": there is no such format, or its jar is missing (spark.jars.packages in spark.conf)",
    "ClassNotFoundException": ": a data source's jar is not there; add it to spark.conf (spark.jars.packages)",
    "UnsupportedFileSystemException": ": no file system for this scheme; add its jar to spark.jars.packages",
    "AccessDeniedException": ": the store refused the credentials; see the `stores` section of the config",
    "UnknownStoreException": ": there is no such bucket",
    "NoAuthWithAWSException": ": no credentials were found; see the `stores` section of the config",
    "CAST_INVALID_INPUT": ": a value does not convert to the type an expression asks for; try_cast gives null",
}


def _first_sentences(text: str) -> str:
    """The first line, and no more than what comes before a plan is printed."""
    line = next((part.strip() for part in text.strip().splitlines() if part.strip()), "")
    return _SUFFIX.sub("", line)


def from_worker(error: BaseException) -> BaseException:
    """What a task raised: the error of ours that failed it, else one that says where it failed.

    The message of any other exception stays in the executor's log: it may quote a record.
    """
    text = str(error)
    for name, message in reversed(_RAISED.findall(text)):
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, SparkPdfError):
            return _rebuilt(kind, message)
    if not is_sparks(error):
        return error
    frames = _FRAME.findall(text)
    if frames:
        file, line = frames[-1]
        raised = _EXCEPTION.findall(text[text.rindex(file) :])
        return SparkPdfError(f"a task failed with {raised[0] if raised else 'an error'} at {file}:{line}; see its log")
    return SparkPdfError(f"Spark failed the job: {_abort_reason(text) or type(error).__name__}")


def _abort_reason(text: str) -> str:
    """Spark's own reason, such as a lost executor or a result that is too large; its first line holds no data."""
    found = re.search(r"(?:SparkException: |\] )(Job aborted[^\n]*|Job \d+ cancelled[^\n]*)", text)
    return found.group(1).strip() if found else ""


def _rebuilt(kind: type[SparkPdfError], message: str) -> SparkPdfError:
    """An error of that kind; those whose constructor asks for more are rebuilt without it."""
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    return error
