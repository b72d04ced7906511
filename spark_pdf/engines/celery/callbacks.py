"""HTTP callbacks: a document's status is posted, signed, to a URL that the config allows, and to no other.

    POST <url>   Content-Type: application/json
                 X-Spark-Pdf-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">

A callback may come more than once, and in any order. Redirects are not followed, proxies of the environment not used.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from spark_pdf.config import Config, resolve_secret
from spark_pdf.engines.celery.messages import Status
from spark_pdf.errors import UsageError

SIGNATURE = "X-Spark-Pdf-Signature"


def told(status: Status) -> dict[str, Any]:
    """What callbacks and linked tasks hear of a document: where it is and what it is, no data."""
    said: dict[str, Any] = {
        "run_id": status.ticket.run_id, "document_id": status.ticket.document_id, "state": status.state,
    }  # fmt: skip
    if status.entry is not None:
        names = ("uri", "length", "pages", "sha256", "error_code", "error_detail")
        said |= {name: getattr(status.entry, name) for name in names if getattr(status.entry, name) is not None}
    return said


def check_url(config: Config, url: str) -> None:
    """Refuse a callback that the config does not allow. Raises `UsageError`, which does not show the URL."""
    prefixes = config.queue.callbacks.prefixes
    if not prefixes:
        raise UsageError("callbacks are off: `queue.callbacks.prefixes` of the config says where they may go")
    inside = re.fullmatch(r"[!-~]+", url) and not re.search(r"[\\#@]|/\.{1,2}(/|$)|%2[eEfF]|%5[cC]", url)
    if not inside or not url.startswith(prefixes):
        raise UsageError("the callback's URL does not begin as `queue.callbacks.prefixes` of the config says")


def sign(secret: str, body: bytes, at: int) -> str:
    """The signature's header."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def is_signed(secret: str, body: bytes, header: str, *, tolerance: float = 300.0) -> bool:
    """For receivers: whether a callback is from who knows the secret, and not an old one sent again."""
    match = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", header)
    if match is None or abs(time.time() - int(match[1])) > tolerance:
        return False
    return hmac.compare_digest(sign(secret, body, int(match[1])), header)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Where a receiver points to is not where the config allows."""


class Caller:
    """Posts callbacks."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())

    def post(self, url: str, said: Mapping[str, Any], attempt: int) -> str | None:
        """Post once; what went wrong, or None."""
        settings = self._config.queue.callbacks
        try:
            check_url(self._config, url)
        except UsageError as error:  # the config has changed since
            return str(error)
        body = json.dumps({**said, "attempt": attempt}, ensure_ascii=False).encode()
        signature = sign(resolve_secret(settings.secret or ""), body, int(time.time()))
        headers = {"Content-Type": "application/json", "User-Agent": "spark-pdf", SIGNATURE: signature}
        request = urllib.request.Request(url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=settings.seconds) as response:
                return None if 200 <= response.status < 300 else f"HTTP {response.status}"
        except urllib.error.HTTPError as error:
            error.close()
            return f"HTTP {error.code}"
        except (OSError, ValueError, HTTPException) as error:  # the last: an answer that is not HTTP
            return type(error).__name__
