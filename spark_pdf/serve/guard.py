"""What stands before every request, as plain ASGI: a limit on bodies, and an end to whatever nobody foresaw.

In: an ASGI application. Out: the same one, which answers 413 to a body that is too large, however it is sent, and 500
to an exception that reached nobody, of which the log gets type and place: its message may hold data.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import PurePath
from typing import Any

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def error_body(code: str, message: str) -> dict[str, Any]:
    """What every error looks like."""
    return {"error": {"code": code, "message": message}}


class TooLarge(Exception):  # noqa: N818 - it ends as an answer
    """A body that is larger than allowed was being read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a body has at most {limit} bytes (serve.body_bytes)")


class Guard:
    """See above."""

    def __init__(self, app: App, body_bytes: int) -> None:
        self._app, self._limit = app, body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, answered = 0, False

        async def counted() -> MutableMapping[str, Any]:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise TooLarge(self._limit)
            return message

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            length = dict(scope["headers"]).get(b"content-length", b"0")
            if not length.isdigit() or int(length) > self._limit:
                raise TooLarge(self._limit)
            await self._app(scope, counted, noted)
        except TooLarge as error:
            if not answered:
                await _answer(send, 413, "too_large", str(error))
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            log.error(
                "a request ended with %s at %s:%s", type(error).__name__, PurePath(frame.filename).name, frame.lineno
            )
            if not answered:
                await _answer(send, 500, "internal", "this should not happen; the server's log says where")


async def _answer(send: Send, status: int, code: str, message: str) -> None:
    body = json.dumps(error_body(code, message)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
