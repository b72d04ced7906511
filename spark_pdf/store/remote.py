"""S3 and its kin, Google Cloud Storage and Azure, by obstore: the only importer of it.

Puts are synchronous and made from threads: obstore 0.12 could abort the interpreter when async puts were followed by
exit. obstore tries 5xx (SlowDown too), 429 and lost connections again by itself; it does not do so for a conditional
create whose answer was lost, which `objects.ObjectStore.create` settles.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, S3Store

from spark_pdf.errors import AccessDenied, ConfigError, NotFound, StoreError, UnsupportedError
from spark_pdf.store.aws import (
    WITHOUT_BOTO3,
    ChainCredentials,
    MultipartUploads,
    StaticCredentials,
    check_metadata_service,
    has_boto3,
    no_credentials,
)
from spark_pdf.store.backend import ObjectHeaders, ObjectInfo, Unfinished
from spark_pdf.store.options import ResolvedOptions
from spark_pdf.store.uris import Address

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_PARTS_AT_ONCE = 4  # with parts of 8 MiB a pack holds 40 MiB at most
_REQUEST_SECONDS = 60  # a part of 8 MiB at 1.2 Mbit/s
_CONNECT_SECONDS = 5
_FAILURES = (BaseError, OSError, ValueError)
_METADATA = "/latest/api/token"  # what obstore asks an instance's metadata service first
_requests_from: int | None = None  # the process whose threads obstore's runtime has
_BAD_KEYS = ("InvalidAccessKeyId", "XAdminUserNotFound", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken")


def remote_backend(address: Address, options: ResolvedOptions, patience: float) -> RemoteBackend:
    """The backend of a bucket, one per process, so that its connections are shared. Nothing is requested yet."""
    return _remote_backend(address, options, patience, os.getpid())


@functools.lru_cache(maxsize=64)
def _remote_backend(address: Address, options: ResolvedOptions, patience: float, process: int) -> RemoteBackend:
    makers: dict[str, Callable[..., Any]] = {"s3": _s3, "gs": _gcs, "az": _azure, "abfss": _azure}
    retry: RetryConfig = {
        "max_retries": 20,
        "retry_timeout": timedelta(seconds=patience),
        "backoff": {
            "init_backoff": timedelta(seconds=0.1),
            "max_backoff": timedelta(seconds=min(10.0, patience / 4)),
            "base": 2,
        },
    }
    seconds = min(_REQUEST_SECONDS, max(patience, 5.0))
    client: ClientConfig = {
        "timeout": timedelta(seconds=seconds),
        "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        "user_agent": "spark-pdf",
    }
    return RemoteBackend(address, options, makers[address.scheme](address, options, client, retry))


class RemoteBackend:
    """One bucket or container."""

    def __init__(self, address: Address, options: ResolvedOptions, store: Any) -> None:
        self._address, self._options, self._obstore = address, options, store
        self._secrets = options.secrets()
        self._multipart: MultipartUploads | None = None

    @property
    def _store(self) -> Any:
        """obstore's store. Its threads do not survive a fork, and a request in a forked child would wait for ever."""
        global _requests_from
        process = os.getpid()
        if _requests_from != process:
            if _requests_from is not None:
                raise UnsupportedError(
                    f"{self._address.root}: this process was forked from one that had used an object store, whose "
                    "threads do not survive that; start workers by spawn, or fork before the first use"
                )
            _requests_from = process
        return self._obstore

    def get(self, key: str) -> bytes:
        """The whole object. Raises `NotFound`."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except _FAILURES as error:
            raise self._typed(error, key) from None

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Bytes of an object. Raises `NotFound`."""
        try:
            return bytes(obstore.get_range(self._store, key, start=offset, length=length))
        except _FAILURES as error:
            if "416" in str(error)[:2000] and "InvalidRange" in str(error):
                return b""
            raise self._typed(error, key) from None

    def put(self, key: str, data: bytes, headers: ObjectHeaders) -> None:
        """Write atomically, replacing what was there."""
        self._put(key, data, headers, "overwrite")

    def put_new(self, key: str, data: bytes, headers: ObjectHeaders) -> bool:
        """Write atomically if nothing is there."""
        try:
            self._put(key, data, headers, "create")
        except AlreadyExistsError:
            return False
        return True

    def head(self, key: str) -> ObjectInfo | None:
        """Size and time of an object, or None."""
        try:
            return _info(obstore.head(self._store, key))
        except _FAILURES as error:
            typed = self._typed(error, key)
            if isinstance(typed, NotFound):
                return None
            raise typed from None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects in the folder `prefix`, in the order of keys, a page at a time."""
        try:
            for page in obstore.list(self._store, prefix or None, chunk_size=1000):
                for meta in page:
                    yield _info(meta)
        except _FAILURES as error:
            raise self._typed(error, prefix) from None

    def folders(self, prefix: str) -> Sequence[str]:
        """Folders right below `prefix`."""
        try:
            found = obstore.list_with_delimiter(self._store, prefix or None)["common_prefixes"]
        except _FAILURES as error:
            raise self._typed(error, prefix) from None
        return [folder.rstrip("/").rpartition("/")[2] for folder in found]

    def folds_case(self) -> bool:
        """No object store does."""
        return False

    def delete(self, keys: Sequence[str]) -> None:
        """Delete; what is absent is no error."""
        try:
            obstore.delete(self._store, list(keys))
        except FileNotFoundError:  # GCS and Azure say so, and may have stopped there
            for key in keys:
                self._delete_one(key)
        except _FAILURES as error:
            raise self._typed(error, keys[0]) from None

    def writer(self, key: str, headers: ObjectHeaders, part_bytes: int) -> RemoteWriter:
        """An object sent in parts while it is made."""
        return RemoteWriter(self, key, headers, part_bytes)

    def unfinished(self, prefix: str) -> Iterator[Unfinished] | None:
        """Multipart uploads below `prefix`: of S3, with boto3.

        Azure drops uncommitted blocks after a week by itself; Google Cloud Storage needs a life-cycle rule.
        """
        if self._address.scheme != "s3" or not has_boto3():
            return None
        return self._boto3_typed(self._uploads().list(f"{prefix}/" if prefix else ""), prefix)

    def discard(self, unfinished: Unfinished) -> None:
        """Abort a multipart upload."""
        self._uploads().abort(unfinished)

    def drop_uploads_of(self, key: str) -> None:
        """Abort every multipart upload of one key, as far as that can be done; vacuum finds the rest."""
        if self._address.scheme == "s3" and has_boto3():
            uploads = self._uploads()
            for upload in list(uploads.list(key)):
                if upload.key == key:
                    uploads.abort(upload)

    def _put(self, key: str, data: bytes, headers: ObjectHeaders, mode: Any) -> None:
        try:
            obstore.put(
                self._store,
                key,
                data,
                attributes=_attributes(headers),
                tags=dict(headers.tags) or None,
                mode=mode,
                use_multipart=False,
            )
        except AlreadyExistsError:
            raise
        except _FAILURES as error:
            raise self._typed(error, key) from None

    def _delete_one(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            pass
        except _FAILURES as error:
            raise self._typed(error, key) from None

    def _uploads(self) -> MultipartUploads:
        if self._multipart is None:  # a boto3 client takes a tenth of a second to make
            self._multipart = MultipartUploads(self._address.bucket, self._options, self._address.uri)
        return self._multipart

    def _boto3_typed(self, found: Iterator[Unfinished], prefix: str) -> Iterator[Unfinished]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield from found
        except (BotoCoreError, ClientError) as error:
            raise self._typed(error, prefix) from None

    def _typed(self, error: Exception, key: str) -> StoreError:
        """The error of ours for one of a library's; its text loses secrets, URLs' queries and the debug dump."""
        uri = f"{self._address.root}/{key}"
        text = str(error)
        code = re.search(r"<Code>([A-Za-z0-9]+)</Code>", text)
        status = re.search(r"status code: (\d{3})", text)
        if _METADATA in text.partition("\n")[0]:
            return no_credentials(self._address.root, WITHOUT_BOTO3)
        said = code[1] if code else f"HTTP {status[1]}" if status else type(error).__name__
        denied = isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or (status and status[1] in "401 403")
        if denied or said in _BAD_KEYS or "AccessDenied" in text:
            return AccessDenied(f"{uri}: the store refused ({said}); check the credentials and what they may do")
        if said in ("NoSuchBucket", "ContainerNotFound") or "bucket does not exist" in text:
            return NotFound(f"there is no bucket {self._address.root}")
        if isinstance(error, FileNotFoundError):
            return NotFound(f"nothing stands at {uri}")
        if "redirect" in text or said == "PermanentRedirect":
            return StoreError(f"{uri}: the bucket is in another region; set stores.<uri>.region")
        if status is None and "error sending request" in text:
            tried = re.search(r"after (\d+ retries)", text)
            after = " after " + tried[1] if tried else ""
            return StoreError(f"{uri}: the store cannot be reached{after}; check network and `stores.<uri>.endpoint`")
        return StoreError(f"{uri}: {_summary(text, self._secrets)}")


class RemoteWriter:
    """obstore's writable file: parts go out in the background while the caller makes the next."""

    def __init__(self, backend: RemoteBackend, key: str, headers: ObjectHeaders, part_bytes: int) -> None:
        self._backend, self._key = backend, key
        self._part_bytes, self._sent = part_bytes, 0
        self._file = obstore.open_writer(
            backend._store,
            key,
            attributes=_attributes(headers),
            buffer_size=part_bytes,
            tags=dict(headers.tags) or None,
            max_concurrency=_PARTS_AT_ONCE,
        )

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes; waits while too many parts are on their way."""
        self._sent += len(data)
        try:
            self._file.write(data)
        except _FAILURES as error:
            raise self._backend._typed(error, self._key) from None

    def close(self) -> None:
        """Wait for the parts and complete."""
        try:
            self._file.close()
        except _FAILURES as error:
            raise self._backend._typed(error, self._key) from None

    def abort(self) -> None:
        """Abort the upload. Best effort: what is left is not visible, and vacuum takes it."""
        stop = InterruptedError("aborted")
        with contextlib.suppress(*_FAILURES):
            self._file.__exit__(type(stop), stop, None)  # obstore's way to abort: leaving by an exception
        if self._sent > self._part_bytes:
            with contextlib.suppress(Exception):
                self._backend.drop_uploads_of(self._key)


def _s3(address: Address, options: ResolvedOptions, client: ClientConfig, retry: RetryConfig) -> S3Store:
    config: Any = {"virtual_hosted_style_request": False}
    provider: Any = None
    region = options.region
    if options.anonymous:
        config["skip_signature"] = True
    elif options.access_key_id and options.secret_access_key:
        provider = StaticCredentials(options.access_key_id, options.secret_access_key, options.session_token)
    elif options.access_key_id or options.secret_access_key:
        raise ConfigError(
            f"stores: {address.root} needs both access_key_id and secret_access_key", key="stores.access_key_id"
        )
    elif has_boto3():
        provider = ChainCredentials(options.profile, address.root)
        region = region or provider.region
    elif options.profile:
        raise UnsupportedError(f"{address.root}: a profile needs boto3; install spark-pdf[s3]")
    else:
        check_metadata_service(address.root)
    if region:
        config["region"] = region
    endpoint = options.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if _virtual_hosted(address.bucket, endpoint, options.path_style):
        config["virtual_hosted_style_request"] = True
        endpoint = _with_bucket(endpoint, address.bucket)
    if endpoint:
        config["endpoint"] = endpoint
        client["allow_http"] = endpoint.startswith("http:")
        if "AWS_ENDPOINT_URL_S3" in os.environ:  # obstore would take it over ours
            config["aws_endpoint_url_s3"] = endpoint
    if options.sse:
        config["server_side_encryption"] = options.sse
    if options.kms_key_id:
        config["sse_kms_key_id"] = options.kms_key_id
        config.setdefault("server_side_encryption", "aws:kms")
    return S3Store(
        address.bucket, config=config, client_options=client, retry_config=retry, credential_provider=provider
    )


def _virtual_hosted(bucket: str, endpoint: str | None, path_style: bool) -> bool:
    """Whether the bucket goes into the host name, as boto3 decides: not for dotted buckets, addresses and localhost."""
    host = urlsplit(endpoint).hostname or "" if endpoint else ""
    if path_style or "." in bucket or host == "localhost":
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def _with_bucket(endpoint: str | None, bucket: str) -> str | None:
    if endpoint is None:
        return None
    parts = urlsplit(endpoint)
    if parts.netloc.startswith(f"{bucket}."):
        return endpoint
    return urlunsplit((parts.scheme, f"{bucket}.{parts.netloc}", parts.path, "", ""))


def _gcs(address: Address, options: ResolvedOptions, client: ClientConfig, retry: RetryConfig) -> GCSStore:
    config: Any = {}
    if options.anonymous:
        config["skip_signature"] = True
    if options.service_account:
        config["service_account_key"] = options.service_account.reveal()
    if options.endpoint:
        config["base_url"] = options.endpoint
        client["allow_http"] = options.endpoint.startswith("http:")
    return GCSStore(address.bucket, config=config, client_options=client, retry_config=retry)


def _azure(address: Address, options: ResolvedOptions, client: ClientConfig, retry: RetryConfig) -> AzureStore:
    account = options.account or address.account.partition(".")[0] or os.environ.get("AZURE_STORAGE_ACCOUNT_NAME")
    if not account:
        raise ConfigError(
            f"{address.root}: which account? set stores.<uri>.account, or use abfss://container@account...",
            key="stores.account",
        )
    config: Any = {"account_name": account}
    if options.anonymous:
        config["skip_signature"] = True
    if options.account_key:
        config["account_key"] = options.account_key.reveal()
    if options.sas_token:
        config["sas_key"] = options.sas_token.reveal()
    if options.endpoint:
        config["endpoint"] = options.endpoint
        client["allow_http"] = options.endpoint.startswith("http:")
    return AzureStore(address.bucket, config=config, client_options=client, retry_config=retry)


def _attributes(headers: ObjectHeaders) -> dict[str, str] | None:
    return {"Content-Type": headers.content_type} if headers.content_type else None


def _info(meta: Any) -> ObjectInfo:
    return ObjectInfo(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"])


def _summary(text: str, secrets: Sequence[str]) -> str:
    """The first line of a library's message, without what nobody should read in a log."""
    first = text.partition("\n\nDebug source")[0].partition("\n")[0]
    first = re.sub(r"(https?://[^\s?]+)\?\S+", r"\1", first)
    code = re.search(r"<Code>[^<]*</Code><Message>([^<]*)</Message>", text)
    if code:
        first = f"{first.partition('<?xml')[0].rstrip(': ')}: {code[1]}"
    for secret in secrets:
        first = first.replace(secret, "***")
    return first[:400]
