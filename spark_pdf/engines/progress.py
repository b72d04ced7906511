"""What a driver says while it works. The command line shows it; everyone else may ignore it."""

from __future__ import annotations

from spark_pdf.errors import DocumentError
from spark_pdf.model import TaskSummary


class Progress:
    """Hears nothing, says nothing. Override what is of interest; all calls come from the driver's thread.

    Phases, in order: "open", "preflight", "measure", "render", "commit".
    """

    def phase(self, name: str, detail: str = "") -> None:
        """The driver has come to a phase."""

    def note(self, message: str) -> None:
        """Something that the user should know, and that does not stop the run."""

    def failed_sample(self, error: DocumentError) -> None:
        """Preflight could not render one of its records; the run goes on and will list it as a failure."""

    def planned(self, records: int, partitions: int) -> None:
        """The wave has so many records in so many partitions."""

    def advanced(self, partitions: int) -> None:
        """So many partitions have ended, as far as the engine can tell while its action runs."""

    def finished(self, summary: TaskSummary) -> None:
        """One task is committed."""
