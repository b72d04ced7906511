"""spark_pdf: from a table to a million documents.

    from spark_pdf import Template
    rendition = Template.load("examples/invoice").render(record)

Importing the package starts neither Java nor Spark and loads nothing but this file: names are found when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_pdf.render.template import Template

__version__ = "0.1.0"

__all__ = ["Template", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Template":
        from spark_pdf.render.template import Template

        return Template
    raise AttributeError(f"module 'spark_pdf' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
