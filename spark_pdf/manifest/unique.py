"""Whether ids are unique, in 8 bytes each: ten million take 80 MB, and as much again while they are sorted.

In: arrays of ids. Out: yes or no. A hash of 64 bits can call two different ids equal once in 400,000 runs of ten
million; such a run would be refused, never doubled.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class UniqueIds:
    """Collects ids; `check` says whether all differ."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, ids: pa.Array) -> None:
        """Take ids in."""
        self.add_texts(ids.to_pylist())

    def add_texts(self, texts: Iterable[str]) -> None:
        """Take many in."""
        self._hashes.frombytes(b"".join(blake2b(text.encode(), digest_size=8).digest() for text in texts))

    def add_text(self, text: str) -> None:
        """Take one in."""
        self._hashes.append(self.hash(text))

    @staticmethod
    def hash(text: str) -> int:
        """What is kept of an id."""
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), sys.byteorder, signed=True)

    def check(self) -> bool:
        """Whether no id came twice."""
        return not self.duplicates()

    def duplicates(self) -> set[int]:
        """The hashes that came more than once."""
        import pyarrow.compute as pc

        if len(self._hashes) < 2:
            return set()
        ordered = self._ordered()
        return set(ordered[1:].filter(pc.equal(ordered[1:], ordered[:-1])).to_pylist())

    def ordered(self) -> Sequence[int]:
        """All hashes in ascending order, for `bisect`."""
        import pyarrow as pa

        held = self._ordered() if self._hashes else pa.array([], pa.int64())
        found = array("q")
        found.frombytes(held.buffers()[1].to_pybytes() if len(held) else b"")
        return found

    def _ordered(self) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        held = pa.Array.from_buffers(pa.int64(), len(self._hashes), [None, pa.py_buffer(self._hashes)])
        return held.take(pc.array_sort_indices(held))
