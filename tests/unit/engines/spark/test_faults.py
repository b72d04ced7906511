from __future__ import annotations

import pytest

from spark_pdf.engines.spark.faults import as_source_error, from_worker, sentence
from spark_pdf.errors import SourceError, SparkPdfError, StoreError, TaskConflict

pyspark_errors = pytest.importorskip("pyspark.errors")

WORKER = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/x/pyspark/worker.py", line 10, in main
  File "/x/spark_pdf/engines/partition.py", line 42, in render_partition
{last}

\tat org.apache.spark.api.python.BasePythonRunner
"""


def test_an_error_of_ours_comes_back_as_itself() -> None:
    for kind in (StoreError, TaskConflict):
        text = WORKER.format(last=f"spark_pdf.errors.{kind.__name__}: what happened")
        found = from_worker(pyspark_errors.PythonException(text))
        assert (type(found), str(found)) == (kind, "what happened")


def test_any_other_error_says_where_and_not_what() -> None:
    found = from_worker(pyspark_errors.PythonException(WORKER.format(last="ValueError: Jane Doe's account")))
    assert isinstance(found, SparkPdfError)
    assert str(found) == "a task failed with ValueError at /x/spark_pdf/engines/partition.py:42; see its log"


def test_what_is_not_sparks_stays() -> None:
    error = RuntimeError("x")
    assert from_worker(error) is error
    with pytest.raises(RuntimeError), as_source_error("source"):
        raise error


def test_run_time_errors_do_not_quote_data() -> None:
    error = pyspark_errors.NumberFormatException(
        '[CAST_INVALID_INPUT] The value \'Jane Doe\' of the type "STRING" cannot be cast to "INT". SQLSTATE: 22018'
    )
    assert "Jane" not in sentence(error)
    assert "CAST_INVALID_INPUT" in sentence(error)


def test_a_source_error_names_the_key() -> None:
    with (
        pytest.raises(SourceError, match=r"^source\.sql: The table or view `x` cannot be found\.") as caught,
        as_source_error("source.sql"),
    ):
        raise pyspark_errors.AnalysisException(
            "[TABLE_OR_VIEW_NOT_FOUND] The table or view `x` cannot be found. SQLSTATE: 42P01; line 1 pos 14;\n'Project"
        )
    assert "\n" not in str(caught.value)
