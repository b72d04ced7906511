"""The garbage collector, held back while a document is made.

A document is some ten thousand objects that live until it is written; Python's collector would walk through them again
and again as they become more (an eighth of an invoice's time, more than that of a long table's). Layout unlinks its
trees when they are done with, so that next to nothing is left for the collector. Where a document makes garbage
nevertheless, it is collected once there are `YOUNG` objects, so memory stays bounded.

Thresholds belong to the process, so only the main thread sets them, where workers render.
"""

from __future__ import annotations

import gc
import threading

YOUNG = 2_000_000
"""Objects made and not freed since the last collection that start the next one: some 300 MB. A table of 20,000 rows
stays below it: with a tenth of this, collecting made each of its rows three times as dear as one of 200."""


class collector_held_back:  # noqa: N801 - reads as the statement that it is: with collector_held_back():
    """A context in which the collector runs seldom. One that is off, or runs more seldom yet, stays as it is."""

    __slots__ = ("_previous",)

    def __init__(self) -> None:
        self._previous: tuple[int, int, int] | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            previous = gc.get_threshold()
            if 0 < previous[0] < YOUNG:
                self._previous = previous
                gc.set_threshold(YOUNG, *previous[1:])

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            gc.set_threshold(*self._previous)
            self._previous = None
