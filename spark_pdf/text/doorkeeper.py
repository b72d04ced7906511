"""Which keys a worker has met before, since what comes once is not worth remembering, and how much it may remember.

A module of its own, so that it can be compiled: what stands in `cache.py` is referred to weakly, which compiled objects
do not bear.
"""

from __future__ import annotations


class Doorkeeper:
    """Which keys were met before, roughly: by hash, and of the last `most` to twice as many only.

    A key that is let in too early, or too late, costs time and changes nothing else. More would hardly be found again
    sooner, and no longer fit into a processor's cache, which each new text of a long table would then wait for.
    """

    __slots__ = ("_most", "_old", "_young")

    def __init__(self, most: int = 8192) -> None:
        self._most = most
        self._old: set[int] = set()
        self._young: set[int] = set()

    def knows(self, key: object) -> bool:
        """Whether the key was met before; it is from now on."""
        mark = hash(key)
        if mark in self._young or mark in self._old:
            return True
        self._young.add(mark)
        if len(self._young) >= self._most:
            self._old, self._young = self._young, set()
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
