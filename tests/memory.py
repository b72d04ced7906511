"""How much memory a process of the tests has had, by what Linux says of it.

Not by `ru_maxrss`: that of a child begins with what its parent had when it was started, and a pytest has a lot.
"""

from __future__ import annotations

from pathlib import Path


def peak_mebibytes(pid: int) -> int:
    """The most resident memory that a process which is alive has had since its program began."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))
