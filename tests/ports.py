"""Ports for servers that tests start: free now, and given to nobody else by the kernel.

A port of the kernel's own choice goes to the next program that asks for any, also before a server that takes seconds to
start has bound it, or while one that was killed is away. And a client that tries such a port again and again, with
nobody there, is once given it for its own end: then it talks to itself, and the server finds its port taken.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

_CHOSEN_BY_KERNEL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000


def free_ports(count: int) -> list[int]:
    """So many ports of loopback that nobody listens on."""
    lot, ports, probes = random.SystemRandom(), _ports(), []
    try:
        for _ in range(1000):
            if len(probes) == count:
                return [int(probe.getsockname()[1]) for probe in probes]
            probes.append(probe := socket.socket())
            try:
                probe.bind(("127.0.0.1", lot.choice(ports)))
            except OSError:  # somebody has it
                probes.pop().close()
    finally:
        for probe in probes:
            probe.close()
    raise OSError(f"no {count} ports between {ports[0]} and {ports[-1]} are free")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    return free_ports(1)[0]


def _ports() -> range:
    """Those that programs ask for by number. 0 is any, on a machine that leaves none."""
    try:
        low, high = map(int, _CHOSEN_BY_KERNEL.read_text().split())
    except OSError:
        low, high = 32_768, 60_999
    return next((r for r in (range(_LOWEST, low), range(high + 1, 65_536)) if len(r) >= 1000), range(1))
