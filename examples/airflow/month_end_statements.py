"""Statements when the month's invoices are all there: waits for the last night's run, then Databricks renders.

The job was deployed with deploy/databricks; its parameters (config, run_id, result) are given by name. Both wait in the
triggerer.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow import DAG

from spark_pdf.airflow.operators import RenderDocumentsOperator
from spark_pdf.airflow.sensors import CommittedRunSensor

HOME = os.environ.get("SPARK_PDF_HOME", "/opt/spark-pdf")

with DAG(
    "month_end_statements",
    schedule="0 2 1 * *",
    start_date=datetime(2026, 11, 1),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
):
    invoices = CommittedRunSensor(
        task_id="invoices",
        config=f"{HOME}/conf/invoices.yaml",
        external_dag_id="nightly_invoices",
        external_task_id="render",
        deferrable=True,
        timeout=6 * 3600,
    )
    statements = RenderDocumentsOperator(
        task_id="statements",
        config=f"{HOME}/conf/statements.yaml",
        platform="databricks-run-now",
        remote_config="/Volumes/main/documents/files/statements.yaml",
        platform_args={"job_name": "spark_pdf on a job cluster", "job_parameters": {}},
        max_failed=0,
        on_failures="skip",
        deferrable=True,
    )
    invoices >> statements
