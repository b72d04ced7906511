"""Every night the day's invoices: submitted by spark-submit, and if too many failed, somebody is told instead.

The run_id follows from the dag run, so a retry, a cleared task or a lost worker resumes the run. The manifest is an
asset: `retry_failures` is scheduled on it.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator

from spark_pdf.airflow.operators import RenderDocumentsOperator

HOME = os.environ.get("SPARK_PDF_HOME", "/opt/spark-pdf")  # a clone, or its jobs/, conf/ and examples/

with DAG(
    "nightly_invoices",
    schedule="0 2 * * *",
    start_date=datetime(2026, 11, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5), "retry_exponential_backoff": True},
):
    render = RenderDocumentsOperator(
        task_id="render",
        config=f"{HOME}/conf/invoices.yaml",
        # Where a day has a partition of its own: sets={"source.views.orders.path": "s3://lake/orders/day={{ ds }}"}
        platform="spark-submit",
        platform_args={
            "application": f"{HOME}/jobs/render_documents.py",
            "conn_id": "spark_default",
            "conf": {"spark.executor.memoryOverheadFactor": "0.4"},
        },
        on_failures="branch",
        failure_task_ids="tell",
    )
    verify = BashOperator(
        task_id="verify",
        bash_command=f"spark-pdf verify {HOME}/conf/invoices.yaml "
        "--run-id {{ ti.xcom_pull(task_ids='render')['run_id'] }} --quiet",
        cwd=HOME,
    )
    tell = BashOperator(
        task_id="tell",
        bash_command="echo 'too many invoices failed:' {{ ti.xcom_pull(task_ids='render')['failures_by_code'] }}",
    )
    render >> [verify, tell]
