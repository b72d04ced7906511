"""Whether ids are unique, in 8 bytes each: ten million take 80 MB, and as much again while they are sorted.

In: arrays of ids. Out: yes or no. A hash of 64 bits can call two different ids equal once in 400,000 runs of ten
million; such a run would be refused, never doubled.
"""

from __future__ import annotations

from array import array
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
        hashes = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in ids.to_pylist())
        self._hashes.frombytes(hashes)

    def check(self) -> bool:
        """Whether no id came twice."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(self._hashes) < 2:
            return True
        held = pa.Array.from_buffers(pa.int64(), len(self._hashes), [None, pa.py_buffer(self._hashes)])
        ordered = held.take(pc.array_sort_indices(held))
        return not pc.any(pc.equal(ordered[1:], ordered[:-1])).as_py()
