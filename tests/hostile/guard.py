"""What a process may not do while it renders: open sockets, start programs, write, or read what is not the package's.

    guard = Guard(folder); guard.watch(); ...; guard.seen -> what was tried and refused

Python's audit hooks see every socket, program and file that Python code asks for. For what compiled libraries do
behind Python's back, the Linux kernel is asked as well, where it can be (seccomp): a system call for a socket or
a program then ends the process, which no test overlooks.
"""

from __future__ import annotations

import ctypes
import os
import platform
import site
import struct
import sys
import sysconfig
from pathlib import Path
from typing import Any

_FORBIDDEN = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "urllib.",
    "ctypes.dlopen", "http.", "ftplib.", "smtplib.", "poplib.", "imaplib.", "telnetlib.", "shutil.", "os.remove",
    "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.putenv",
    "os.kill", "tempfile.", "webbrowser.", "pty.", "sqlite3.", "glob.", "mmap.",
)  # fmt: skip
_LISTING = ("os.listdir", "os.scandir", "os.walk", "os.chdir")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class ForbiddenError(BaseException):
    """Something was tried that rendering never does. Not an `Exception`, so that nobody swallows it."""


class Guard:
    """Refuses and remembers. A hook cannot be taken out, so a process stays guarded; `watch` and `rest` say when."""

    def __init__(self, folder: str) -> None:
        """`folder`: files in there may be read as well."""
        self.seen: list[str] = []
        self._watching = False
        here = Path(__file__).parents[2] / "spark_pdf"
        roots = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), *site.getsitepackages(), str(here), folder]
        self._listed = frozenset(sys.path)  # the import system looks there for modules
        self._readable = tuple({str(Path(root).resolve()) + os.sep for root in roots} - {os.sep})
        sys.addaudithook(self._hook)

    def watch(self) -> None:
        """From here on."""
        self._watching = True

    def rest(self) -> None:
        """Until here."""
        self._watching = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event == "open":
            if arguments[0] == "<template>":
                return  # Python looks for the line of a syntax error, in a file of a name that is none
            self._opened(*arguments)
        elif event.startswith(_FORBIDDEN) or (
            event in _LISTING and arguments[0] not in self._listed and not self._is_ours(arguments[0])
        ):
            self._refuse(f"{event} {arguments!r:.200}")

    def _opened(self, path: object, mode: object, flags: object) -> None:
        writes = isinstance(flags, int) and flags & _WRITES
        if writes or not self._is_ours(path):
            self._refuse(f"open {path!r:.200} {mode} {flags}")

    def _is_ours(self, path: object) -> bool:
        """Lazy imports, and data files of packages: languages, time zones, locales, fonts."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return False  # a descriptor
        self._watching = False
        try:
            real = os.path.realpath(os.fsdecode(path))
        finally:
            self._watching = True
        return real.startswith(self._readable)

    def _refuse(self, what: str) -> None:
        self.seen.append(what)
        raise ForbiddenError(what)


_CALLS = {"x86_64": (0xC000003E, (41, 42, 53, 59, 322)), "aarch64": (0xC00000B7, (198, 203, 199, 221, 281))}
"""AUDIT_ARCH, and the numbers of socket, connect, socketpair, execve, execveat."""


def seal_kernel() -> bool:
    """Let the kernel end this process at a call for a socket or a program. False: this kernel does not offer it."""
    known = _CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return False
    architecture, numbers = known
    load, equal, end = 0x20, 0x15, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    program = [(load, 0, 0, 4), (equal, 0, len(numbers) + 1, architecture), (load, 0, 0, 0)]
    program += [(equal, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    program += [(end, 0, 0, allow), (end, 0, 0, kill)]
    raw = b"".join(struct.pack("HBBI", *line) for line in program)
    code = ctypes.create_string_buffer(raw)
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS
        return False
    return bool(
        libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(head)), 0, 0) == 0
    )  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
