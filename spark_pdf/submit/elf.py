"""Whether extension modules fit the machines that they are sent to: CPU, C library, version of Python.

In: the bytes of an ELF file (System V ABI, figure 4-3: `e_machine` at offset 18) and its name. Out: one sentence
about what does not fit, or None. Which versions of glibc's symbols a file asks for stands in it as text (`GLIBC_2.34`,
LSB 5.0, 10.7): the greatest of them is what a machine must have.
"""

from __future__ import annotations

import re

MACHINES = {"x86_64": 62, "aarch64": 183}
"""ELF's numbers of the CPUs."""

_GLIBC = re.compile(rb"GLIBC_2\.(\d{1,2})\0")
_CPYTHON = re.compile(r"\.cpython-3(\d+)-([a-z0-9_]+)-linux-gnu\.so$")


def misfit(name: str, data: bytes, *, machine: str, glibc: int, python: int) -> str | None:
    """What keeps this file from being loaded on `machine` with glibc 2.`glibc` by Python 3.`python`."""
    if data[:4] != b"\x7fELF":
        return None
    number = int.from_bytes(data[18:20], "little")
    if number != MACHINES[machine]:
        known = next((cpu for cpu, its in MACHINES.items() if its == number), f"CPU {number}")
        return f"{name} is for {known}, not {machine}"
    asked = max((int(minor) for minor in _GLIBC.findall(data)), default=0)
    if asked > glibc:
        return f"{name} needs glibc 2.{asked}, and the machines have 2.{glibc}"
    tagged = _CPYTHON.search(name)
    if tagged and int(tagged[1]) != python:
        return f"{name} is for Python 3.{tagged[1]}, not 3.{python}"
    return None
