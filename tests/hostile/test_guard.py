"""The guard itself: it sees what it is to see, and so does the kernel. Without this, the corpus would prove nothing."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_pdf.engines.child import Child, ChildDied
from tests.hostile.guard import ForbiddenError, Guard, seal_kernel

ACTS: dict[str, Callable[[], object]] = {
    "a socket": lambda: socket.socket(),
    "a name": lambda: socket.getaddrinfo("localhost", 1),
    "a URL": lambda: urllib.request.urlopen("http://127.0.0.1:9/"),
    "a program": lambda: subprocess.run(["true"], check=False),
    "a shell": lambda: os.system("true"),
    "a file": lambda: Path("/etc/hostname").read_bytes(),
    "a file by its descriptor": lambda: os.open("/etc/hostname", os.O_RDONLY),
    "a folder": lambda: os.listdir("/etc"),
    "a link to a file": lambda: open("/proc/self/environ"),  # noqa: SIM115
    "a file to write": lambda: open("written", "w"),  # noqa: SIM115
    "a package's file to write": lambda: open(ctypes.__file__, "a"),  # noqa: SIM115
    "a removal": lambda: os.remove("nothing"),
}


class Trying:
    """The child's side: does what it is told to, guarded."""

    def __init__(self, kernel: bool) -> None:
        self._sealed = kernel and seal_kernel()
        self._guard = Guard("/nowhere")

    def __call__(self, name: str) -> str:
        if name == "sealed":
            return str(self._sealed)
        if name == "behind Python's back":
            return str(ctypes.CDLL(None).socket(2, 1, 0))
        self._guard.watch()
        try:
            ACTS[name]()
        except ForbiddenError:
            return "refused"
        finally:
            self._guard.rest()
        return "done"


def test_python_code_is_refused() -> None:
    child = Child("tests.hostile.test_guard:Trying", False)
    try:
        assert {name: child.request(name) for name in ACTS} == dict.fromkeys(ACTS, "refused")
    finally:
        child.close()


def test_the_kernel_ends_what_python_does_not_see() -> None:
    child = Child("tests.hostile.test_guard:Trying", True)
    try:
        if child.request("sealed") != "True":
            pytest.skip("this kernel does not seal processes")
        with pytest.raises(ChildDied, match="SIGSYS"):
            child.request("behind Python's back")
    finally:
        child.close()
