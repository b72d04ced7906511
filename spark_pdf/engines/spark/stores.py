"""Object stores as Hadoop sees them: URIs with `s3a:`, and settings per bucket.

In: a config. Out: URIs and Hadoop settings. The same `stores` section serves obstore, which writes the documents, and
Hadoop, which reads the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from spark_pdf.config import Config, StoreOptions, resolve_secret
from spark_pdf.engines.spark.jars import on_platform

_S3 = ("s3", "s3a", "s3n")


def hadoop_uri(uri: str) -> str:
    """A URI for Hadoop: `s3a:` for S3, except on platforms, whose own file system serves `s3:`."""
    scheme, colon, rest = uri.partition("://")
    return f"s3a://{rest}" if colon and scheme in _S3 and not on_platform() else uri


def hadoop_options(config: Config) -> dict[str, str]:
    """Hadoop settings for every bucket that the config reads from or has its output in."""
    options: dict[str, str] = {}
    if on_platform():
        return options
    for uri in _uris(config):
        parts = urlsplit(uri)
        if parts.scheme in _S3 and parts.netloc:
            options |= s3a_options(parts.netloc, config.store_options(uri))
    return options


def _uris(config: Config) -> Iterator[str]:
    yield config.output.uri
    if config.stream is not None:
        yield from filter(None, (config.stream.checkpoint, config.stream.dead_letters.uri))
    for view in (config.source, *config.source.views.values()):
        paths: Iterable[str] = (view.path,) if isinstance(view.path, str) else view.path or ()
        yield from paths


def s3a_options(bucket: str, store: StoreOptions) -> dict[str, str]:
    """Settings of s3a for one bucket. Secrets are resolved here, for a live session's Hadoop configuration only."""
    own = f"fs.s3a.bucket.{bucket}."
    options = {own + "path.style.access": str(store.path_style).lower()}
    if store.endpoint:
        options[own + "endpoint"] = store.endpoint
        options[own + "connection.ssl.enabled"] = str(not store.endpoint.startswith("http://")).lower()
        # A bucket probe or a region lookup at AWS would leave the machine for nothing.
        options[own + "endpoint.region"] = store.region or "us-east-1"
    elif store.region:
        options[own + "endpoint.region"] = store.region
    if store.anonymous:
        options[own + "aws.credentials.provider"] = "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
    elif store.profile:
        options[own + "aws.credentials.provider"] = "org.apache.hadoop.fs.s3a.auth.ProfileAWSCredentialsProvider"
        options["fs.s3a.auth.profile.name"] = store.profile
    elif store.access_key_id and store.secret_access_key:
        kind = "Temporary" if store.session_token else "Simple"
        options[own + "aws.credentials.provider"] = f"org.apache.hadoop.fs.s3a.{kind}AWSCredentialsProvider"
        options[own + "access.key"] = resolve_secret(store.access_key_id)
        options[own + "secret.key"] = resolve_secret(store.secret_access_key)
        if store.session_token:
            options[own + "session.token"] = resolve_secret(store.session_token)
    if store.sse:
        options[own + "encryption.algorithm"] = {"AES256": "AES256", "aws:kms": "SSE-KMS"}[store.sse]
        if store.kms_key_id:
            options[own + "encryption.key"] = store.kms_key_id
    return options
