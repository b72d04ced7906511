"""What a run says of itself when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunResult:
    """The outcome of a run. `state` is "committed", or "rendered" where `output.table` holds the documents and `unpack`
    commits them; every other end of a run is an exception.

    `documents` and `failed` are of the whole run, over all its waves. `already_committed`: this call found the run
    committed and did nothing. `seconds`: wall time of this call.

    `failures_by_code`: `failed` by error code, as far as it is known.

    `changed`, of a retry: what is another than in the run whose failures it renders, in words.
    """

    run_id: str
    state: str
    documents: int
    failed: int
    skipped: int
    pages: int
    bytes: int
    seconds: float
    manifest: str
    output: str
    waves: int = 1
    cpu_seconds: float = 0.0
    already_committed: bool = False
    changed: tuple[str, ...] | None = None
    failures_by_code: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Every field. The command line prints those that design.md names, with canonical URIs."""
        return {name: getattr(self, name) for name in self.__slots__}
