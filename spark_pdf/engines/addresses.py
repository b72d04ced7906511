"""Addresses of clusters, as configs have them, looked at before a cluster's own client is: that goes on for minutes."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

_SECONDS = 10.0


def host_and_port(address: str, port: int | None = None) -> tuple[str, int] | None:
    """Host and port of `host:port` or `scheme://host:port`; None where either is missing, as in `auto`.

    `port` is taken where the address has none.
    """
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        found = parts.port or port
    except ValueError:  # a port that is no number
        return None
    return (parts.hostname, found) if parts.hostname and found else None


def refusal(address: str, port: int | None = None) -> str | None:
    """Why nobody accepts connections there; None if somebody does, or if only the client knows what is meant.

    Waits 10 seconds at most.
    """
    place = host_and_port(address, port)
    if place is None:
        return None
    try:
        socket.create_connection(place, _SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return None
