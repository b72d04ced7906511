"""What became of one record, before it is stored: a rendition, or a typed failure.

In: a renderer, a document id, a record. Out: an `Outcome`. The record's own failures end here; the world's (store,
memory) pass through and fail the task attempt.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from spark_pdf.errors import DocumentError
from spark_pdf.model import Record, Rendition
from spark_pdf.template.record import record_hash


class Renders(Protocol):
    """What `render.Renderer` offers."""

    def render(self, record: Mapping[str, Any], document_id: str = "") -> Rendition:
        """Render one record; raises `DocumentError` for its own failures."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One record's document or failure. `render_ms` is CPU time."""

    document_id: str
    record_hash: str
    rendition: Rendition | None
    error_code: str | None = None
    error_detail: str | None = None
    render_ms: float = 0.0

    @classmethod
    def failure(cls, document_id: str, record: Record, code: str, detail: str, render_ms: float = 0.0) -> Outcome:
        """A failure with one of `model.FAILURE_CODES`."""
        return cls(document_id, record_hash(record), None, code, detail, render_ms)


def outcome_of(renderer: Renders, document_id: str, record: Record) -> Outcome:
    """Render one record and say what became of it."""
    began = time.thread_time()
    try:
        rendition = renderer.render(record, document_id)
    except DocumentError as error:
        return Outcome.failure(document_id, record, error.code, error.detail, _since(began))
    return Outcome(document_id, record_hash(record), rendition, render_ms=_since(began))


def _since(began: float) -> float:
    return round((time.thread_time() - began) * 1000, 3)
