"""Addresses of clusters (`ray.address`, `dask.address`), looked at before the cluster's own client is."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

_SECONDS = 10.0


def host_and_port(address: str) -> tuple[str, int] | None:
    """Host and port of `host:port` or `scheme://host:port`; None where either is missing, as in `auto`."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return (parts.hostname, parts.port) if parts.hostname and parts.port else None
    except ValueError:  # a port that is no number
        return None


def accepts(address: str, seconds: float = _SECONDS) -> bool:
    """Whether somebody accepts connections there; an address without host and port is for the client to know."""
    place = host_and_port(address)
    if place is None:
        return True
    try:
        socket.create_connection(place, seconds).close()
    except OSError:
        return False
    return True
