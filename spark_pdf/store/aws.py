"""What is AWS's own, by boto3: credentials from its chain (profile, environment, role, web identity), and multipart
uploads that nobody finished. The data itself goes through obstore, which costs a fifth of boto3's CPU.

boto3 is the extra `s3`. Without it, obstore looks for credentials itself (environment, web identity, container,
instance). `obstore.auth.boto3` would do the first half, but needs Python 3.11.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from spark_pdf.errors import AccessDenied, UnsupportedError
from spark_pdf.store.backend import Unfinished
from spark_pdf.store.options import ResolvedOptions, Secret

# obstore asks again 5 minutes before; botocore refreshes what has less than 10 to live.
_LIFETIME = timedelta(minutes=10)


def has_boto3() -> bool:
    """Whether boto3 is installed."""
    return importlib.util.find_spec("boto3") is not None


def no_credentials(uri: str, where: str) -> AccessDenied:
    """That nothing was found in any of the places that `where` names."""
    return AccessDenied(
        f"{uri}: no AWS credentials were found ({where}); "
        "set stores.<uri>.access_key_id and secret_access_key as env: references, or anonymous: true"
    )


WITHOUT_BOTO3 = "environment, web identity, container, instance; profiles and SSO need spark-pdf[s3]"
"""Where obstore looks by itself."""
_ELSEWHERE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_METADATA_SECONDS = 2


def check_metadata_service(uri: str) -> None:
    """Raises `AccessDenied` if an instance's role is the only place left, and no service tells it.

    obstore would ask that service as long as it asks a store, for minutes.
    """
    if any(os.environ.get(name) for name in _ELSEWHERE):
        return
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise no_credentials(uri, WITHOUT_BOTO3)
    service = urlsplit(os.environ.get("AWS_METADATA_ENDPOINT") or "http://169.254.169.254")
    try:
        socket.create_connection((service.hostname or "", service.port or 80), _METADATA_SECONDS).close()
    except OSError:
        raise no_credentials(uri, WITHOUT_BOTO3) from None


class StaticCredentials:
    """Keys from the config. To a provider obstore adds nothing of its environment, such as a session token."""

    def __init__(self, key_id: Secret, secret: Secret, token: Secret | None) -> None:
        self._key_id, self._secret, self._token = key_id, secret, token

    def __call__(self) -> dict[str, Any]:
        """What obstore signs with."""
        return {
            "access_key_id": self._key_id.reveal(),
            "secret_access_key": self._secret.reveal(),
            "token": self._token.reveal() if self._token else None,
            "expires_at": None,
        }


class ChainCredentials:
    """Whatever boto3's chain finds, refreshed by botocore. `region` is the profile's, if it has one."""

    def __init__(self, profile: str | None, uri: str) -> None:
        self._session = _session(profile, uri)
        self.region: str | None = self._session.region_name
        self._credentials = self._session.get_credentials()
        if self._credentials is None:
            raise no_credentials(uri, "environment, profile, web identity, role")

    def __call__(self) -> dict[str, Any]:
        """What obstore signs with for the next minutes."""
        frozen = self._credentials.get_frozen_credentials()
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            "expires_at": datetime.now(timezone.utc) + _LIFETIME,
        }


class MultipartUploads:
    """Multipart uploads of one bucket that nobody completed. They cost storage, and no listing shows them."""

    def __init__(self, bucket: str, options: ResolvedOptions, uri: str) -> None:
        self._bucket = bucket
        self._client = _client(options, uri)

    def list(self, prefix: str) -> Iterator[Unfinished]:
        """Those whose key starts with `prefix`."""
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for upload in page.get("Uploads", ()):
                yield Unfinished(upload["Key"], upload["Initiated"], upload["UploadId"])

    def abort(self, upload: Unfinished) -> None:
        """Free its parts. One that is gone is no error."""
        with contextlib.suppress(self._client.exceptions.NoSuchUpload):
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=upload.key, UploadId=upload.handle)


def _session(profile: str | None, uri: str) -> Any:
    import boto3
    from botocore.exceptions import ProfileNotFound

    try:
        return boto3.Session(profile_name=profile)
    except ProfileNotFound:
        raise UnsupportedError(f"{uri}: there is no AWS profile '{profile}' on this machine") from None


def _client(options: ResolvedOptions, uri: str) -> Any:
    from botocore import UNSIGNED
    from botocore.config import Config

    style = {"addressing_style": "path" if options.path_style else "auto"}
    config = Config(s3=style, retries={"mode": "standard", "max_attempts": 5})
    if options.anonymous:
        config = config.merge(Config(signature_version=UNSIGNED))
    keys: dict[str, str] = {}
    if options.access_key_id and options.secret_access_key:
        keys["aws_access_key_id"] = options.access_key_id.reveal()
        keys["aws_secret_access_key"] = options.secret_access_key.reveal()
        if options.session_token:
            keys["aws_session_token"] = options.session_token.reveal()
    session = _session(options.profile, uri)
    region = options.region or session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=options.endpoint, region_name=region, config=config, **keys)
