"""Airflow: a dag run in, a run that is submitted, awaited and committed out.

    operators.py   RenderDocumentsOperator      submits by the platform's own operator; the manifest says what came
    sensors.py     CommittedRunSensor           waits for a run that somebody else renders
    triggers.py    CommittedRunTrigger          the same, in the triggerer
    platforms.py   what each platform's operator is given; emr.py, command.py: what two of them lack
    runs.py        names of runs, what became of one: no Airflow in it
    assets.py, lineage.py, links.py             what Airflow shows: assets, OpenLineage, a link
    compat.py      what Airflow 3 and 2.10 call differently

The only importer of airflow. This module imports nothing: Airflow reads it to learn what the package provides.
"""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """What Airflow's list of providers shows; the entry point `apache_airflow_provider`."""
    from spark_pdf import __version__

    package = "spark_pdf.airflow"
    return {
        "package-name": "spark-pdf",
        "name": "spark_pdf",
        "description": "Documents from tables: PDFs rendered on Spark, committed exactly once.",
        "versions": [__version__],
        "integrations": [
            {
                "integration-name": "spark_pdf",
                "external-doc-url": "https://pypi.org/project/spark-pdf/",
                "tags": ["software"],
            }
        ],
        "operators": [{"integration-name": "spark_pdf", "python-modules": [f"{package}.operators"]}],
        "sensors": [{"integration-name": "spark_pdf", "python-modules": [f"{package}.sensors"]}],
        "triggers": [{"integration-name": "spark_pdf", "python-modules": [f"{package}.triggers"]}],
        "extra-links": [f"{package}.links.RunReportLink"],
    }
