"""Which keys a worker has met before, since what comes once is not worth remembering, and how much it may remember.

A module of its own, so that it can be compiled: what stands in `cache.py` is referred to weakly, which compiled objects
do not bear.
"""

from __future__ import annotations


class Doorkeeper:
    """Which keys were met before, roughly: one byte of the hash of the last key that fell into each slot.

    A key that is let in too early (one in 255 of those that share a slot), or too late, costs time and changes nothing
    else. The bytes stand still: sets of hashes took a hundred times as much, and each of their numbers, between what
    documents make and free, kept a page of memory from being given back.
    """

    __slots__ = ("_marks", "_mask")

    def __init__(self, bits: int = 14) -> None:
        self._marks = bytearray(1 << bits)
        self._mask = (1 << bits) - 1

    def knows(self, key: object) -> bool:
        """Whether the key was met before; it is from now on."""
        number = hash(key)
        slot = number & self._mask
        mark = (number >> 32 & 0xFFFF) % 255 + 1
        if self._marks[slot] == mark:
            return True
        self._marks[slot] = mark
        return False


class Room:
    """What caches of one kind may take together in a process, however many templates it serves: two generations.

    A cache charges what it keeps. When a generation is full, `generation` counts on; each cache sees that when it next
    keeps something, and makes its young entries old ones, in place of those that it then forgets. So a cache that
    nobody uses stays as it is, at no more than two generations.
    """

    __slots__ = ("_held", "_size", "generation")

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = 0
        self.generation = 0

    def charge(self, cost: int) -> None:
        """Count something that is kept, in the same unit as `size`."""
        self._held += cost
        if self._held > self._size:
            self._held = 0
            self.generation += 1
