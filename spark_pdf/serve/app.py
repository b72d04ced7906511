"""The HTTP door to the queue.

    POST   /v1/documents                a record in; 202 and an id out
    GET    /v1/documents/{id}           what became of it; `?wait=10` waits for its end
    GET    /v1/documents/{id}/pdf       the document
    DELETE /v1/documents/{id}           erase it, over all runs
    GET    /healthz, /readyz, /openapi.json

In: a config. Out: an ASGI application. A tenant's documents are named `<tenant>.<key>` in store and manifest, and
nobody else's key reaches them. Errors are JSON: `{"error": {"code", "message"}}`; no message quotes a record.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from spark_pdf.config import Config
from spark_pdf.engines.celery.client import OtherRecord, QueueClient
from spark_pdf.engines.celery.messages import Status, Ticket
from spark_pdf.engines.celery.topology import Lane
from spark_pdf.engines.day import days_from_today, today
from spark_pdf.engines.erasing import erase_everywhere
from spark_pdf.errors import (
    CommitError,
    NotFound,
    QueueError,
    SparkPdfError,
    StoreError,
    TemplateError,
    UsageError,
)
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.model import Record
from spark_pdf.serve.access import Buckets, Keys
from spark_pdf.serve.guard import Guard, TooLarge, error_body

KEY = r"[A-Za-z0-9][A-Za-z0-9._:@=+~-]{0,199}"
_ID = re.compile(rf"(20[0-9]{{6}})-({KEY})")
_DEPTH_SECONDS = 0.5
_LONGEST_WAIT = 30.0
_DAYS_BACK = 7
"""Who tries a submission again gives the day of the first try; nobody tries for longer: each day has a log of its own,
of which a compactor holds a few at a time."""
_LOOKS = 8
"""Threads that look again for clients that wait. They, those that submit and all others have threads of their own."""
_WAITING = 500
"""Clients that may wait at once: half of the connections that the server takes. Others are answered at once."""
_SUBMITTING = 32
"""Threads that submit. A broker that takes nothing for a while holds these, and no client that asks or fetches."""
_QUEUED = 200
"""Submissions that may wait for such a thread."""
_BUSY = 5
"""Seconds after which who was sent away because of the queue may ask again."""


class Failure(BaseModel):
    """Why there is no document."""

    code: str = Field(description="one of the manifest's error codes, such as `contract` or `limit_cpu`")
    detail: str = Field(description="a sentence, without the record's data")


class Document(BaseModel):
    """What became of a submission."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="names the submission in this API")
    state: Literal["accepted", "document", "failure", "erased"] = Field(
        description="accepted: waits, or is being rendered"
    )
    pages: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    warnings: list[str] = Field(default_factory=list)
    error: Failure | None = None


class Problem(BaseModel):
    """Every error."""

    error: Failure


class ApiError(Exception):
    """An answer other than the one hoped for."""

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after = status, code, retry_after

    def response(self) -> JSONResponse:
        """As JSON."""
        headers = {} if self.retry_after is None else {"Retry-After": str(max(1, -int(-self.retry_after // 1)))}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        body = error_body(self.code, str(self))
        return JSONResponse(body, self.status, headers)


class _Depth:
    """How much waits in a queue; the broker is asked twice a second at most, by one thread."""

    def __init__(self, client: QueueClient) -> None:
        self._client, self._lock = client, threading.Lock()
        self._found: Mapping[str, int] | QueueError = {}
        self._until = 0.0

    def of(self, lane: str) -> int:
        with self._lock:
            if time.monotonic() >= self._until:
                try:
                    self._found = self._client.depths()
                except QueueError as error:  # it took seconds: who has waited for the answer meanwhile takes this one
                    self._found = error
                self._until = time.monotonic() + _DEPTH_SECONDS
            if isinstance(self._found, QueueError):
                raise QueueError(str(self._found))
            return self._found[lane]

    def broken(self, error: QueueError) -> None:
        """The broker takes nothing: for some seconds nobody tries it."""
        with self._lock:
            self._found, self._until = error, time.monotonic() + _BUSY


def make_api(config: Config) -> FastAPI:
    """The application. Raises `ConfigError` at once for keys that are missing or weak."""
    door = _Door(config)
    api = FastAPI(
        title=f"{config.name}: documents by spark_pdf",
        version="1",
        description="Submit a record, fetch its PDF. Submissions are idempotent by their key.",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    _handle_errors(api)
    _routes(api, door)
    _describe(api)
    api.router.on_shutdown.append(door.client.close)
    return api


def guarded(config: Config) -> Guard:
    """The application behind its guard: what a server runs."""
    return Guard(make_api(config), config.serve.body_bytes)


class _Door:
    """What the routes share."""

    def __init__(self, config: Config) -> None:
        self.config, self.keys, self.buckets = config, Keys(config.serve), Buckets(config.serve)
        self.client = QueueClient(config, hasty=True)
        self.depth = _Depth(self.client)
        self.looks, self.submitting = anyio.CapacityLimiter(_LOOKS), anyio.CapacityLimiter(_SUBMITTING)
        self.erasing = anyio.CapacityLimiter(1)  # one that looks through the dead letters hides them from the next
        self.waiting = self.begun = 0

    def tenant(self, authorization: str | None) -> str:
        scheme, _, key = (authorization or "").partition(" ")
        found = self.keys.tenant(key.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise ApiError(401, "unauthorized", "send an API key: Authorization: Bearer KEY")
        return found

    def submit(
        self, tenant: str, body: bytes, key: str | None, lane: Lane, day: str | None, callback: str | None
    ) -> Document:
        wait = self.buckets.take(tenant)
        if wait:
            raise ApiError(429, "rate", "this tenant submits faster than serve.rate allows", wait)
        if self.depth.of(lane) >= self.config.serve.waiting:
            raise ApiError(429, "queue_full", "too many documents wait (serve.waiting)", _BUSY)
        record = self.client.parse(body)
        if key is None:
            key = self._own_key(record)
        if not re.fullmatch(KEY, key):
            raise UsageError("a key has up to 200 letters, digits and ._:@=+~-, and begins with a letter or digit")
        day = day or today()
        if not -_DAYS_BACK <= days_from_today(day) <= 1:
            raise UsageError(f"day is today's (UTC), tomorrow's, or one of the last {_DAYS_BACK}")
        try:
            ticket = self.client.submit(record, f"{tenant}.{key}", lane=lane, day=day, callback=callback, remember=True)
        except QueueError as error:
            self.depth.broken(error)
            raise
        except OtherRecord:  # it names the document as the manifest does
            raise ApiError(
                409, "other_record", f"the key '{key}' was used for another record on this day; use a new one"
            ) from None
        found = self.client.status(ticket)
        return self._document(found or Status(ticket, "accepted"), f"{day}-{key}")

    def _own_key(self, record: Record) -> str:
        try:
            return self.client.ticket(record).document_id
        except UsageError:
            own = self.config.document.id
            raise UsageError(
                f"a submission needs the header Idempotency-Key, or a record with '{own}' of up to 200 characters"
            ) from None

    def ticket(self, tenant: str, name: str) -> Ticket:
        match = _ID.fullmatch(name)
        if match is None:
            raise ApiError(404, "unknown", "there is no such document")
        return Ticket(f"{self.config.name}-{match[1]}", f"{tenant}.{match[2]}")

    def status(self, tenant: str, name: str) -> Status:
        found = self.client.status(self.ticket(tenant, name))
        if found is None:
            raise ApiError(404, "unknown", "there is no such document")
        return found

    def document(self, tenant: str, name: str) -> Document:
        return self._document(self.status(tenant, name), name)

    def pdf(self, tenant: str, name: str) -> Response:
        status = self.status(tenant, name)
        entry = status.entry
        if status.state == "accepted":
            raise ApiError(409, "not_rendered", "the document waits, or is being rendered", 1)
        if status.state == "erased":
            raise ApiError(410, "erased", "the document was erased")
        if entry is None or entry.uri is None:
            code = (entry.error_code if entry else None) or "render"
            raise ApiError(422, code, _detail(entry) or "the document failed")
        try:
            data = self.client.document(status)
        except NotFound:
            raise ApiError(410, "gone", "the document is no longer kept") from None
        headers = {"ETag": f'"{entry.sha256}"', "Cache-Control": "private, no-store"}
        return Response(data, media_type="application/pdf", headers=headers)

    def erase(self, tenant: str, name: str) -> None:
        status = self.status(tenant, name)
        if status.state == "erased":
            return
        wait = self.config.queue.batch_seconds
        self.client.depths()  # without the broker nothing is begun: its dead letters have to be looked at
        try:
            report = erase_everywhere(self.config, [status.ticket.document_id])
        except UsageError:
            if status.state == "accepted":
                raise ApiError(
                    409, "not_rendered", "the document waits, or is being rendered; erase it then", 1
                ) from None
            raise ApiError(
                409, "not_committed", "the manifest does not have the document yet; try again", wait
            ) from None
        if report.unseen:
            raise QueueError(report.unseen[0])
        if not report.complete:
            raise ApiError(409, "unfinished_runs", "runs that are not committed may hold it; try again", 60)

    async def submitted(self, submit: Callable[[], Document]) -> Document:
        """A submission, in one of its own threads. Raises `ApiError` if too many wait for one."""
        if self.begun >= _SUBMITTING + _QUEUED:
            raise ApiError(503, "queue", "too many submissions wait for the queue's broker", _BUSY)
        self.begun += 1
        try:
            return await run_sync(submit, limiter=self.submitting)
        finally:
            self.begun -= 1

    async def ended(self, request: Request, tenant: str, name: str, wait: float) -> Document:
        """What became of a document, when it has ended, or after so many seconds."""
        found = await run_sync(self.document, tenant, name)
        if not wait or self.waiting >= _WAITING:
            return found
        self.waiting += 1
        try:
            with anyio.move_on_after(wait):  # also of waiting for a thread
                pause = 0.02
                while found.state == "accepted" and not await request.is_disconnected():
                    await anyio.sleep(pause)
                    pause = min(pause * 1.5, 0.5)
                    found = await run_sync(self.document, tenant, name, limiter=self.looks)
        finally:
            self.waiting -= 1
        return found

    def ready(self) -> None:
        self.depth.of("single")  # asked without a key, so not the broker each time
        self.client.status(Ticket(f"{self.config.name}-20000101", "ready"))

    def _document(self, status: Status, name: str) -> Document:
        entry = status.entry
        if entry is None:
            return Document(id=name, state=status.state)
        if entry.error_code is not None:
            return Document(id=name, state="failure", error=Failure(code=entry.error_code, detail=_detail(entry)))
        return Document(
            id=name, state=status.state, pages=entry.pages, bytes=entry.length, sha256=entry.sha256,
            warnings=list(entry.warnings or ()),
        )  # fmt: skip


def _detail(entry: ManifestEntry | None) -> str:
    """Why a document failed, without its name in the manifest, which no client has given it."""
    said = "" if entry is None else entry.error_detail or ""
    return said if entry is None else said.removeprefix(f"document {entry.document_id}: ")


_ANSWERS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": says}
    for code, says in {
        400: "the record, the key or a parameter is wrong", 401: "no API key, or nobody's", 404: "nothing of that id",
        409: "not yet, or the key is another record's", 410: "erased, or no longer kept", 413: "the body is too large",
        422: "the document failed", 429: "too fast, or too many wait: see Retry-After", 503: "broker or store are away",
    }.items()
}  # fmt: skip


for _code in (409, 429, 503):
    _ANSWERS[_code]["headers"] = {"Retry-After": {"description": "seconds, if any", "schema": {"type": "integer"}}}


def _some(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _ANSWERS[code] for code in (401, *codes, 503)}


_LOCATION = {"headers": {"Location": {"description": "where to ask", "schema": {"type": "string"}}}}

_RECORD = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "description": "the record"}}},
    }
}


def _routes(api: FastAPI, door: _Door) -> None:
    bearer = HTTPBearer(auto_error=False, description="a tenant's API key")

    async def no_others(request: Request) -> None:
        known = {"lane", "day", "callback"} if request.method == "POST" else {"wait"}
        unknown = sorted(request.query_params.keys() - known)
        if unknown:
            raise UsageError(f"there is no parameter '{unknown[0][:40]}' here")

    async def body(request: Request) -> bytes:
        return await request.body()

    async def tenant(authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> str:
        return door.tenant(authorization)

    # As defaults, not in annotations: those are text here, and these names are local.
    guard, who_asks, the_body = [Depends(bearer), Depends(no_others)], Depends(tenant), Depends(body)

    @api.post(
        "/v1/documents", status_code=202, responses={202: _LOCATION, **_some(400, 409, 413, 429)},
        openapi_extra=_RECORD, dependencies=guard,
    )  # fmt: skip
    async def submit(
        response: Response,
        who: str = who_asks,
        data: bytes = the_body,
        idempotency_key: Annotated[
            str | None, Header(description="names the document; default: the record's own id")
        ] = None,
        lane: Annotated[Literal["single", "bulk"], Query(description="bulk waits behind single documents")] = "single",
        day: Annotated[
            str | None, Query(pattern=r"^20[0-9]{6}$", description="yyyymmdd (UTC) of the first try; default: today")
        ] = None,
        callback: Annotated[str | None, Query(description="URL that hears of document or failure")] = None,
    ) -> Document:
        """Submit a record. The same key again, on the same day, is the same document."""
        found = await door.submitted(partial(door.submit, who, data, idempotency_key, lane, day, callback))
        response.headers["Location"] = f"/v1/documents/{found.id}"
        return found

    @api.get("/v1/documents/{name}", responses=_some(400, 404), dependencies=guard)
    async def status(
        request: Request,
        name: str,
        who: str = who_asks,
        wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT, description="seconds to wait for its end")] = 0,
    ) -> Document:
        """What became of a submission."""
        return await door.ended(request, who, name, wait)

    @api.get(
        "/v1/documents/{name}/pdf",
        responses={200: {"content": {"application/pdf": {}}}, **_some(400, 404, 409, 410, 422)},
        response_class=Response,
        dependencies=guard,
    )
    def pdf(name: str, who: str = who_asks) -> Response:
        """The document."""
        return door.pdf(who, name)

    @api.delete(
        "/v1/documents/{name}",
        status_code=204,
        response_class=Response,
        responses=_some(400, 404, 409),
        dependencies=guard,
    )
    async def delete(name: str, who: str = who_asks) -> Response:
        """Erase a document: its bytes, its status, and what the manifest says of it but its id."""
        await run_sync(door.erase, who, name, limiter=door.erasing)
        return Response(status_code=204)

    @api.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @api.get("/readyz", include_in_schema=False)
    def readyz() -> dict[str, str]:
        door.ready()
        return {"status": "ready"}


def _describe(api: FastAPI) -> None:
    """Without the answers that FastAPI adds for parameters that are wrong: here they are 400, as `Problem` says."""
    described = api.openapi()  # kept by FastAPI, and served
    for operation in (one for path in described["paths"].values() for one in path.values()):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)


def _handle_errors(api: FastAPI) -> None:
    def ours(request: Request, error: Exception) -> JSONResponse:
        return _answer_for(error).response()

    for kind in (ApiError, SparkPdfError, TooLarge, HTTPException, RequestValidationError, Exception):
        api.add_exception_handler(kind, ours)


def _answer_for(error: Exception) -> ApiError:
    """What a client hears of an exception."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, TooLarge):
        return ApiError(413, "too_large", str(error))
    if isinstance(error, TemplateError):  # of a record: nothing else is read here
        return ApiError(400, "record", str(error))
    if isinstance(error, UsageError):
        return ApiError(400, "usage", str(error))
    if isinstance(error, QueueError):
        return ApiError(503, "queue", "the queue's broker does not answer", _BUSY)
    if isinstance(error, (StoreError, CommitError)):
        return ApiError(503, "store", "the store does not answer as it should", _BUSY)
    if isinstance(error, RequestValidationError):
        where = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        return ApiError(400, "usage", f"not as the API says: {where}")
    if isinstance(error, HTTPException):
        return ApiError(error.status_code, "http", str(error.detail))
    return ApiError(500, "internal", "this should not happen; the server's log says where")
