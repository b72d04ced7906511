"""The driver process of chaos trials: one Spark session on the cluster, and runs on demand, until somebody kills it.

In: lines of JSON on stdin, `{"config": file, "run_id": ..., "seam": name or null}`. Out: a line each on stdout, with
the run's result or the class and message of what it raised. A process serves many trials: a session costs eight
seconds.

    python -m tests.chaos.driver MASTER
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from spark_pdf.config import load_config
from spark_pdf.engines.driver import run
from spark_pdf.errors import SparkPdfError
from tests.chaos.seams import open_seam
from tests.spark_fixtures import LOOPBACK, find_java

ROOT = Path(__file__).parents[2]

CONF = {
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.memory": "1g",
    "spark.executor.memory": "768m",
    "spark.cores.max": "2",  # two drivers share the cluster
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20",
    "spark.executorEnv.PYTHONPATH": str(ROOT),
    "spark.task.maxFailures": "8",
    # An executor that is stopped, and not dead, is given up soon.
    "spark.executor.heartbeatInterval": "2s",
    "spark.network.timeout": "12s",
    "spark.network.timeoutInterval": "4s",
    "spark.speculation": "true",
    "spark.speculation.interval": "200ms",
    "spark.speculation.quantile": "0.5",
    "spark.speculation.minTaskRuntime": "2s",
    # Trials kill executors all day long; the cluster's patience is not what is tested.
    "spark.deploy.maxExecutorRetries": "-1",
}


def session(master: str) -> SparkSession:
    """The session, on the cluster."""
    builder = SparkSession.builder.master(master).appName("chaos")
    jars = ",".join(map(str, find_java().jars))
    for key, value in {**CONF, "spark.jars": jars}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def serve(order: dict[str, Any]) -> dict[str, Any]:
    """One order: a run, with a fault at a seam of this process if it names one."""
    try:
        config = load_config([order["config"]])
        with open_seam(order["seam"]):
            return {"result": run(config, order["run_id"]).to_json()}
    except SparkPdfError as error:
        return {"error": type(error).__name__, "message": str(error), "typed": True}
    except BaseException as error:
        traceback.print_exc()
        return {"error": type(error).__name__, "message": str(error), "typed": False}


def main() -> None:
    """Serve until stdin ends."""
    spark = session(sys.argv[1])
    print(json.dumps({"ready": spark.sparkContext.applicationId}), flush=True)
    for line in sys.stdin:
        print(json.dumps(serve(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
