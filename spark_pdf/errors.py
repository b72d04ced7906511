"""Everything that spark_pdf raises on purpose.

    SparkPdfError                      one root; `exit_code` says what a command line returns for it
    ├── UsageError                     the caller can mend it by changing what was asked (exit 2)
    │   ├── ConfigError                a config key or value; carries the key's path
    │   ├── SourceError                the records can't be read, named, pinned or counted
    │   └── UnsupportedError           this engine, store or version cannot do what the config asks
    ├── TemplateError                  a bundle is wrong; carries file and line
    │   ├── BundleError                the folder, its template.toml, an asset
    │   ├── ContractError              the template needs fields that the schema lacks; carries all violations
    │   └── StylesheetError            CSS that cannot be read at all
    ├── DocumentError                  one record's own failure: becomes a manifest row, never fails a task
    │   └── LimitExceeded              CPU seconds, pages, bytes, pixels
    ├── StoreError                     the world's failure: fails the task attempt, which is tried again
    │   ├── NotFound                   nothing stands at that key, or the bucket does not exist
    │   ├── AccessDenied               the store answered and said no
    │   ├── DamagedFile                what stands at that key is not what spark_pdf wrote there
    │   └── UnsafeStoreError           the store does not honour conditional creates
    ├── QueueError                     the broker is away or refuses, or a document was not rendered in time
    ├── WorkerError                    the machine under a task failed, and not the record: tried again, never a row
    ├── CommitError
    │   ├── CommitFailed               nothing was appended
    │   ├── CommitStateUnknown         the table may or may not hold the run; running again settles it (exit 4)
    │   ├── RunPinned                  the same run_id over a changed world
    │   ├── RunSuperseded              a later driver has taken over this run
    │   └── TaskConflict               two attempts of one task saw different input
    ├── TooManyFailures                more documents failed than the config allows; nothing was appended (exit 3)
    ├── RunEndedElsewhere              a submitted run has failed; the exit code is its own
    └── PlatformUnreachable            a platform did not answer; a job that was started there goes on

Messages say what happened, where, and what to do. They name documents by id and templates by file and line, and
never quote a record's values or a secret.
"""

from __future__ import annotations

from dataclasses import dataclass


class SparkPdfError(Exception):
    """Root of every error that spark_pdf raises on purpose."""

    exit_code = 1


class UsageError(SparkPdfError):
    """What was asked for cannot be done as asked; the message says what to change."""

    exit_code = 2


class ConfigError(UsageError):
    """A config key or value is wrong. `key` is its dotted path, such as `output.layout`."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class SourceError(UsageError):
    """The source's records cannot be read, named, pinned or counted."""


class UnsupportedError(UsageError):
    """This engine, store or version cannot do what the config asks; the message names the setting."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a bundle something stands: file relative to the bundle, line counted from 1 (0: the whole file)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class TemplateError(SparkPdfError):
    """A template bundle is wrong. `place` is the file and line, where one is known.

    `reason` is the message without the place.
    """

    exit_code = 2

    def __init__(self, message: str, *, place: Place | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.reason = message


class BundleError(TemplateError):
    """The bundle's folder, its `template.toml`, or an asset that it names."""


class StylesheetError(TemplateError):
    """A style sheet that cannot be read at all (a mere unknown property is a warning)."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that a template needs and a schema lacks, with the nearest name that the schema has."""

    field: str
    place: Place
    reason: str
    nearest: str | None = None

    def __str__(self) -> str:
        hint = f"; did you mean '{self.nearest}'?" if self.nearest else ""
        return f"{self.place}: '{self.field}' {self.reason}{hint}"


class ContractError(TemplateError):
    """Every field that the template needs and the schema lacks, all at once."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("the records do not have what the template needs:\n  " + "\n  ".join(map(str, violations)))
        self.violations = violations


class DocumentError(SparkPdfError):
    """One record's own failure. `code` is one of `model.FAILURE_CODES`; `detail` may name id, file and line only."""

    def __init__(self, code: str, detail: str, *, place: Place | None = None) -> None:
        super().__init__(f"{place}: {detail}" if place else detail)
        self.code = code
        self.detail = str(self)
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        return _document_error, (type(self), self.code, self.detail)


def _document_error(kind: type[DocumentError], code: str, detail: str) -> DocumentError:
    """Rebuild a `DocumentError` that crossed a process boundary."""
    return kind(code, detail)


class LimitExceeded(DocumentError):
    """A document went over one of its limits; `code` names which."""


class StoreError(SparkPdfError):
    """The object store failed in a way that another attempt may survive."""


class NotFound(StoreError):
    """Nothing stands at that key, or the bucket itself does not exist; the message says which."""


class AccessDenied(StoreError):
    """The store refused the credentials or the operation; trying again will not help."""


class DamagedFile(StoreError):
    """What stands at that key is not what spark_pdf wrote there: damaged, edited, or another program's."""


class UnsafeStoreError(StoreError):
    """The store lets a conditional create succeed twice, so nothing on it can be exactly once."""

    exit_code = 2


class WorkerError(SparkPdfError):
    """The machine under a task failed (files, memory, processes), and not the record: the attempt is tried again."""


class QueueError(SparkPdfError):
    """The broker is away or refuses what was sent, or a document is not rendered in the time that was given."""


class CommitError(SparkPdfError):
    """The commit protocol stopped."""


class CommitFailed(CommitError):
    """The append did not happen; the manifest is as it was."""


class CommitStateUnknown(CommitError):
    """The append may or may not have happened. Running the same run_id again settles it."""

    exit_code = 4


class RunPinned(CommitError):
    """The same run_id was used over a changed config, bundle, renderer or source."""

    exit_code = 2


class RunSuperseded(CommitError):
    """A later driver has started a wave of this run; this one has to stop."""


class TaskConflict(CommitError):
    """Two attempts of one task did not see the same records, so neither may be adopted."""


class TooManyFailures(SparkPdfError):
    """More documents failed than `limits.failed_fraction` allows. `counts` says how many by code."""

    exit_code = 3

    def __init__(self, message: str, *, counts: dict[str, int]) -> None:
        super().__init__(message)
        self.counts = counts


class PlatformUnreachable(SparkPdfError):
    """A platform's API did not answer, or not now. A job that was started there goes on."""


class RunEndedElsewhere(SparkPdfError):
    """A run that was submitted to a platform has failed there. `exit_code` is what the run itself ended with."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
