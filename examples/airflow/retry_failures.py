"""When invoices are committed and some failed, they are tried again in an hour: a feed that was late may have come.

Scheduled on the manifest, as an asset. A retry is a run of its own over just the failures, by the dag run's id; what
fails again stays a failure, and no third attempt is made.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator

from spark_pdf.airflow.compat import Asset
from spark_pdf.airflow.operators import RenderDocumentsOperator

HOME = os.environ.get("SPARK_PDF_HOME", "/opt/spark-pdf")
MANIFEST = os.environ.get("SPARK_PDF_MANIFEST", "s3://lake/invoices/manifest")  # as conf/invoices.yaml has it


FAILED = "{{ failed_run(triggering_asset_events | default(triggering_dataset_events), params) }}"  # Airflow 3, 2


def failed_run(triggering_events: dict, params: dict) -> str:
    """The run that this dag run is about: the parameter of one that is triggered by hand, or the latest committed."""
    if params["run_id"]:
        return params["run_id"]
    told = [event.extra for events in triggering_events.values() for event in events]
    runs = [extra["run_id"] for extra in told if not extra["run_id"].startswith("retry_failures")]  # its own
    return runs[-1] if runs else ""


with DAG(
    "retry_failures",
    schedule=[Asset(MANIFEST)],
    start_date=datetime(2026, 11, 1),
    user_defined_macros={"failed_run": failed_run},
    default_args={"retries": 2},
    params={"wait": 3600, "run_id": ""},
):
    wait = BashOperator(
        task_id="wait",
        # By the environment: what whoever triggers this says is no part of a command.
        bash_command='test -n "$FAILED" || exit 99; sleep "$WAIT"',
        env={"FAILED": FAILED, "WAIT": "{{ params.wait }}"},
        append_env=True,
    )
    retry = RenderDocumentsOperator(
        task_id="retry",
        config=f"{HOME}/conf/invoices.yaml",
        retry_of=FAILED,
        platform="spark-submit",
        platform_args={"application": f"{HOME}/jobs/render_documents.py", "conn_id": "spark_default"},
        execution_timeout=timedelta(hours=2),
    )
    wait >> retry
