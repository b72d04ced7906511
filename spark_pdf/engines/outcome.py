"""What became of one record, before it is stored: a rendition, or a typed failure.

In: a renderer, a document id, a record. Out: an `Outcome`. The record's own failures end here; the world's (store,
memory, a machine out of file handles or disk) pass through and fail the task attempt.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from spark_pdf.errors import DocumentError, WorkerError
from spark_pdf.model import Record, Rendition

MACHINE_ERRORS = frozenset(
    getattr(errno, name)
    for name in ("EAGAIN", "EDQUOT", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EROFS", "ESTALE")
    if hasattr(errno, name)
)
"""What the operating system says of itself. Pillow's `OSError`s about damaged images carry no number."""


class Rendered(NamedTuple):
    """A record without our own columns, and what became of it; no outcome if it was skipped."""

    document_id: str
    record: Record
    record_hash: str
    outcome: Outcome | None


class Renders(Protocol):
    """What `render.Renderer` offers."""

    def render(self, record: Mapping[str, Any], document_id: str = "") -> Rendition:
        """Render one record; raises `DocumentError` for its own failures."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One record's document or failure. `render_ms` is CPU time."""

    document_id: str
    rendition: Rendition | None
    error_code: str | None = None
    error_detail: str | None = None
    render_ms: float = 0.0

    @classmethod
    def failure(cls, document_id: str, code: str, detail: str, render_ms: float = 0.0) -> Outcome:
        """A failure with one of `model.FAILURE_CODES`."""
        return cls(document_id, None, code, detail, render_ms)


def outcome_of(renderer: Renders, document_id: str, record: Record) -> Outcome:
    """Render one record and say what became of it. Raises `WorkerError` if the machine failed and not the record."""
    began = time.thread_time()
    try:
        rendition = renderer.render(record, document_id)
    except DocumentError as error:
        if _is_machines(error):
            kind = type(error.__cause__).__name__
            raise WorkerError(f"document {document_id}: {kind} while it was rendered: the machine's failure") from error
        return Outcome.failure(document_id, error.code, error.detail, _since(began))
    return Outcome(document_id, rendition, render_ms=_since(began))


def _is_machines(error: DocumentError) -> bool:
    """Whether a failure that nobody foresaw came from below: disk, file handles, a package that went away."""
    cause = error.__cause__
    if isinstance(cause, ImportError):
        return error.code == "render"  # our own; a template's import is the template's
    return isinstance(cause, OSError) and cause.errno in MACHINE_ERRORS


def _since(began: float) -> float:
    return round((time.thread_time() - began) * 1000, 3)
