"""Frozen values that pass between the stages: records, renditions, limits, and what a task says of itself.

A leaf: imports nothing of the project but `errors`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from spark_pdf.errors import Place

Record = Mapping[str, Any]
"""One input row: structs are mappings, arrays lists, decimals `Decimal`, dates `date`, timestamps aware `datetime`."""

FAILURE_CODES: Mapping[str, str] = {
    "contract": "the record lacks a field that the template needs, or has it with another type",
    "template": "the template raised an error on this record",
    "render": "layout or PDF could not be made of this record",
    "limit_cpu": "more CPU seconds than limits.seconds_per_document",
    "limit_pages": "more pages than limits.pages_per_document",
    "limit_bytes": "more bytes than limits.bytes_per_document",
    "limit_pixels": "an image has more pixels than limits.pixels_per_image",
    "key": "the document key cannot be made of this record, or two records make the same one",
    "worker_killed": "the record kills the process that renders it",
}
"""`error_code` of a manifest entry, and what each says. Only the record's own failures: the world's fail the task."""


@dataclass(frozen=True, slots=True)
class RenderWarning:
    """Something that a document lacks or shows otherwise than asked, without being wrong.

    `code` is a stable word (`missing_glyph`, `unknown_property`, `missing_image`, ...); `message` names what, never
    the record's data beyond single characters; `place` is where in the bundle, where known. `clues` are what the
    warning is about, as it stands in the document, and a line within that: from them `render` finds the place, and
    leaves them out, since data may stand in them.
    """

    code: str
    message: str
    place: Place | None = None
    clues: tuple[tuple[str, int], ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True, slots=True)
class Rendition:
    """A rendered document: bytes, number of pages, warnings. `sha256` is of `pdf`, in hex."""

    pdf: bytes
    pages: int
    warnings: tuple[RenderWarning, ...] = ()
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.pdf).hexdigest())


def _limit(default: Any, description: str) -> Any:
    """A field of `Limits`; docs/configuration.md shows the description."""
    return field(default=default, metadata={"description": description})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document, and one run, may cost. CPU seconds, not wall seconds, so a busy machine changes nothing.

    `bytes_per_worker` is the address space of the child process in which a record that killed its worker is tried
    again.
    """

    failed_fraction: float = _limit(0.0, "documents that may fail, as a fraction of all; over it nothing is committed")
    seconds_per_document: float = _limit(10.0, "CPU seconds for one document")
    pages_per_document: int = _limit(5000, "pages of one document")
    bytes_per_document: int = _limit(256 * 1024 * 1024, "bytes of one document")
    pixels_per_image: int = _limit(50_000_000, "pixels of one image")
    bytes_per_worker: int = _limit(4 * 1024 * 1024 * 1024, "address space of a child that tries a record again")


class Resources(Protocol):
    """The bytes that a bundle lends to layout and pdf. Nothing else can be read while a document is rendered."""

    def read(self, url: str, base: str = "") -> bytes:
        """Bytes of a URL relative to `base` (a bundle path), or of a `data:` URL.

        Raises `BundleError` if it is absent, outside the bundle, or of a scheme that is not allowed.
        """
        ...


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """What one task commit says of itself: the only thing that travels through an engine's results.

    `input_count` and `input_digest` describe the records that the task saw: the digest is order-independent over
    (document id, record hash), as 32 hex digits. `attempt_id` is the random id of the attempt that won, and `adopted`
    says that it was another attempt than the one that reports. `skipped` records were in the input and need no row.
    """

    wave: int
    partition: int
    attempt_id: str
    input_count: int
    input_digest: str
    documents: int
    failed: int
    pages: int
    bytes: int
    failures_by_code: Mapping[str, int] = field(default_factory=dict)
    cpu_ms: float = 0.0
    adopted: bool = False
    skipped: int = 0
