"""Every Sunday: hold the store against the manifest, bytes included, then take what nobody references.

Verify fails the task if anything is missing or changed, and vacuum then does not run.
"""

from __future__ import annotations

import os
from datetime import datetime

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator

HOME = os.environ.get("SPARK_PDF_HOME", "/opt/spark-pdf")
CONFIG = f"{HOME}/conf/invoices.yaml"

with DAG("weekly_upkeep", schedule="0 6 * * 0", start_date=datetime(2026, 11, 1), catchup=False, max_active_runs=1):
    verify = BashOperator(
        task_id="verify", bash_command=f"spark-pdf verify {CONFIG} --hashes all --output json", cwd=HOME, retries=1
    )
    vacuum = BashOperator(
        task_id="vacuum", bash_command=f"spark-pdf vacuum {CONFIG} --delete --output json", cwd=HOME, retries=1
    )
    verify >> vacuum
