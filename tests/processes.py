"""Processes that tests kill, and look at while they end."""

from __future__ import annotations

from contextlib import suppress

import psutil


def destroy(process: psutil.Process) -> None:
    """`kill -9` of a process and all below it. It is stopped first, so that it starts nothing in the place of what is
    killed before it. What has ended already is no error.
    """
    with suppress(psutil.Error):
        process.suspend()
        below = process.children(recursive=True)
        process.kill()
        for child in below:
            with suppress(psutil.Error):
                child.kill()


def has_ended(process: psutil.Process) -> bool:
    """Whether it runs no more, waited for or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
