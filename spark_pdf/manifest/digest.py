"""A digest of a set of records that does not depend on their order.

In: document ids and record hashes, one by one. Out: 32 hex digits. Two attempts of a task saw the same records if count
and digest are equal: the sum modulo 2^128 of a 128-bit hash of each, which also notices a record that came twice.
"""

from __future__ import annotations

from hashlib import blake2b

_MASK = (1 << 128) - 1


class InputDigest:
    """Counts records and sums their hashes. `count` and `hexdigest()` are the same in any order of `add`."""

    __slots__ = ("_sum", "count")

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, document_id: str, record_hash: str) -> None:
        """Take one record in."""
        # Record hashes are hex, so the zero byte cannot be part of them and the pair cannot be cut elsewhere.
        text = f"{record_hash}\0{document_id}".encode("utf-8", "surrogatepass")
        self._sum += int.from_bytes(blake2b(text, digest_size=16).digest(), "little")
        self.count += 1

    def merge(self, other: InputDigest) -> None:
        """Take in all records of another digest."""
        self._sum += other._sum
        self.count += other.count

    def hexdigest(self) -> str:
        """32 hex digits."""
        return f"{self._sum & _MASK:032x}"
