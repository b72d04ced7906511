"""Inputs from inputs: a seed's bytes cut, doubled, spliced with another's and sprinkled with words that have done harm.

Mutator(random).mutate(data, others, words) -> bytes
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_NUMBERS = (
    b"0",
    b"-1",
    b"1e999",
    b"-1e999",
    b"NaN",
    b"99999999999999999999",
    b"0.0000001",
    b"2147483648",
    b"65536",
    b"100%",
    b"calc(1px*infinity)",
)
_BYTES = (0, 1, 9, 10, 13, 32, 34, 38, 39, 40, 41, 47, 58, 59, 60, 62, 92, 123, 125, 127, 128, 254, 255)


class Mutator:
    """Changes bytes by chance, repeatably: the same `Random` gives the same."""

    def __init__(self, lot: random.Random) -> None:
        self._lot = lot
        self._ways: tuple[Callable[[bytearray], None], ...] = (
            self._flip, self._cut, self._repeat, self._number, self._swap, self._special, self._word, self._word, self._splice,
        )  # fmt: skip
        self._words: Sequence[bytes] = ()
        self._others: Sequence[bytes] = ()

    def mutate(self, data: bytes, others: Sequence[bytes] = (), words: Sequence[bytes] = ()) -> bytes:
        """A changed copy, of at most 60,000 bytes."""
        self._words, self._others = words, others
        changed = bytearray(data)
        for _ in range(1 + int(self._lot.expovariate(0.4))):
            self._lot.choice(self._ways)(changed)
        return bytes(changed[:60_000])

    def _span(self, data: bytearray, most: int) -> tuple[int, int]:
        start = self._lot.randrange(len(data) + 1)
        return start, min(len(data), start + 1 + int(self._lot.expovariate(4 / most)))

    def _flip(self, data: bytearray) -> None:
        for _ in range(self._lot.randrange(1, 5)):
            if data:
                data[self._lot.randrange(len(data))] ^= 1 << self._lot.randrange(8)

    def _special(self, data: bytearray) -> None:
        if data:
            data[self._lot.randrange(len(data))] = self._lot.choice(_BYTES)

    def _cut(self, data: bytearray) -> None:
        start, end = self._span(data, 60)
        del data[start:end]

    def _repeat(self, data: bytearray) -> None:
        start, end = self._span(data, 40)
        data[start:start] = data[start:end] * self._lot.choice((1, 2, 5, 30, 200))

    def _swap(self, data: bytearray) -> None:
        start, end = self._span(data, 30)
        piece = data[start:end]
        del data[start:end]
        at = self._lot.randrange(len(data) + 1)
        data[at:at] = piece

    def _number(self, data: bytearray) -> None:
        digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
        if digits:
            at = self._lot.choice(digits)
            data[at : at + 1] = self._lot.choice(_NUMBERS)

    def _word(self, data: bytearray) -> None:
        if self._words:
            at = self._lot.randrange(len(data) + 1)
            data[at:at] = self._lot.choice(self._words)

    def _splice(self, data: bytearray) -> None:
        if self._others:
            other = self._lot.choice(self._others)
            start = self._lot.randrange(len(other) + 1)
            at = self._lot.randrange(len(data) + 1)
            data[at:] = other[start : start + 5000]
