"""A button on the task's page: where people look at the run."""

from __future__ import annotations

from typing import Any

from spark_pdf.airflow.compat import BaseOperatorLink, XCom

REPORT = "spark_pdf_report"
"""Key of the XCom that holds the address."""


class RunReportLink(BaseOperatorLink):
    """`report_url` of the operator; by default the run's report, or its folder, in the store's console."""

    name = "Run report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The address that the task has pushed; "" before it has, and where the store has no console."""
        return XCom.get_value(ti_key=ti_key, key=REPORT) or ""
