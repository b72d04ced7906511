"""The door of the conformance suite: `python door.py CONFIG RUN_ID` runs a config as a DAG's only task.

Out: what the task has pushed, on stdout; how the run ended, as the exit codes of `spark-pdf run`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import conftest  # before Airflow: its settings
from world import one_task, run_dag

from spark_pdf.airflow.compat import AirflowFailException


def main(config: str, run_id: str) -> int:
    """Run it; the exit code."""
    raised: list[BaseException] = []
    dag = one_task(
        f"door-{Path(config).stem}",
        config=config,
        run_id=run_id,
        # Not Airflow's own Python: its environment has other versions of what renders.
        platform_args={"executable": [os.environ["PYSPARK_PYTHON"], "-m", "spark_pdf.cli"]},
        on_failure_callback=lambda context: raised.append(context["exception"]),
    )
    with contextlib.redirect_stdout(sys.stderr):
        conftest.migrate()
        ran = run_dag(dag)
        told: dict[str, Any] = ran.xcom("render") or {}
    print(json.dumps(told))
    if ran.states() == {"render": "success"}:
        return 0
    print(*raised, file=sys.stderr)
    return int(told.get("exit_code", 2 if any(isinstance(one, AirflowFailException) for one in raised) else 1))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
