"""A year of statements again, month by month, on EMR Serverless: twelve mapped tasks, three at a time.

Each month is a run of its own, named after the month and a version: triggered again, committed months do nothing, and
months that stopped go on. A corrected template needs another `version`. Waiting takes no worker (deferrable).
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow import DAG

from spark_pdf.airflow.operators import RenderDocumentsOperator

LAKE = os.environ.get("SPARK_PDF_LAKE", "s3://lake")
YEAR = 2025
MONTHS = [f"{YEAR}-{month:02d}" for month in range(1, 13)]

with DAG(
    "backfill_year",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    params={"version": "v1"},
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
):
    RenderDocumentsOperator.partial(
        task_id="render_month",
        config=f"{os.environ.get('SPARK_PDF_HOME', '/opt/spark-pdf')}/conf/statements.yaml",
        remote_config="statements.yaml",  # --files puts it into the driver's folder
        platform="emr-serverless",
        platform_args={
            "application_id": "{{ var.value.get('emr_application', '00example') }}",
            "execution_role_arn": "{{ var.value.get('emr_role', 'arn:aws:iam::123456789012:role/spark-pdf') }}",
            "application": f"{LAKE}/code/render_documents.py",
            "spark_submit_args": f"--files {LAKE}/code/statements.yaml "
            f"--archives {LAKE}/code/environment.tar.gz#environment "
            "--conf spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python "
            "--conf spark.executorEnv.PYSPARK_PYTHON=./environment/bin/python",
        },
        deferrable=True,
        max_active_tis_per_dagrun=3,
    ).expand_kwargs(
        [
            {
                "run_id": f"statements-{month}-" + "{{ params.version }}",
                "sets": {"source.path": f"{LAKE}/statements/month={month}"},
            }
            for month in MONTHS
        ]
    )
