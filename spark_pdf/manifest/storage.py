"""How delta-rs and pyiceberg reach the stores that `StoreOptions` describe: their own names for the same settings.

In: a table's URI and its store options. Out: plain string mappings with the secrets in them, which go to the library
and nowhere else. Credentials come from where the store's own come from: the config's references, else boto3's chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from spark_pdf.config import StoreOptions
from spark_pdf.errors import UnsupportedError
from spark_pdf.store.aws import ChainCredentials, has_boto3
from spark_pdf.store.options import ResolvedOptions, resolve
from spark_pdf.store.uris import parse_uri

if TYPE_CHECKING:
    from spark_pdf.store import ObjectStore


def delta_uri(store: ObjectStore) -> str:
    """The table's URI as delta-rs reads it: local folders as plain paths."""
    return unquote(store.uri.removeprefix("file://")) if store.uri.startswith("file:") else store.uri


def storage_options(uri: str, options: StoreOptions) -> dict[str, str]:
    """delta-rs' storage options for the store at `uri`; for tables that are read as sources, too."""
    scheme = parse_uri(uri).scheme
    if scheme == "memory":
        raise UnsupportedError(f"{uri}: a Delta table cannot live in memory; use manifest.format parquet, or a folder")
    if scheme == "file":
        return {}
    resolved = resolve(options)
    if scheme == "s3":
        return _delta_s3(uri, resolved)
    if scheme == "gs":
        key = resolved.service_account
        found = {"google_service_account_key": key.reveal() if key else None, "google_base_url": resolved.endpoint}
        return {name: value for name, value in found.items() if value}
    found = {
        "azure_storage_account_name": resolved.account or parse_uri(uri).account.partition(".")[0] or None,
        "azure_storage_account_key": resolved.account_key.reveal() if resolved.account_key else None,
        "azure_storage_sas_token": resolved.sas_token.reveal() if resolved.sas_token else None,
        "azure_storage_endpoint": resolved.endpoint,
    }
    return {name: value for name, value in found.items() if value}


def _delta_s3(uri: str, options: ResolvedOptions) -> dict[str, str]:
    key, secret, token, region = _s3_credentials(uri, options)
    found = {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
        "AWS_REGION": region,
        "AWS_ENDPOINT_URL": options.endpoint,
        "AWS_ALLOW_HTTP": "true" if (options.endpoint or "").startswith("http:") else None,
        "AWS_SKIP_SIGNATURE": "true" if options.anonymous else None,
        "AWS_SERVER_SIDE_ENCRYPTION": options.sse or ("aws:kms" if options.kms_key_id else None),
        "AWS_SSE_KMS_KEY_ID": options.kms_key_id,
        # What makes two commits of one version impossible; `check` proves that the store honours it.
        "AWS_CONDITIONAL_PUT": "etag",
    }
    return {name: value for name, value in found.items() if value}


def iceberg_options(warehouse: str, options: StoreOptions) -> dict[str, str]:
    """pyiceberg's FileIO properties for the store that holds a warehouse."""
    if "://" not in warehouse or parse_uri(warehouse).scheme != "s3":
        return {}
    resolved = resolve(options)
    key, secret, token, region = _s3_credentials(warehouse, resolved)
    found = {
        "s3.endpoint": resolved.endpoint,
        "s3.region": region,
        "s3.access-key-id": key,
        "s3.secret-access-key": secret,
        "s3.session-token": token,
        "s3.force-virtual-addressing": "false" if resolved.path_style else None,
    }
    return {name: value for name, value in found.items() if value}


def _s3_credentials(uri: str, options: ResolvedOptions) -> tuple[str | None, str | None, str | None, str | None]:
    """Key id, secret, token, region. botocore hands out nothing with less than ten minutes to live."""
    if options.anonymous:
        return None, None, None, options.region
    if options.access_key_id and options.secret_access_key:
        token = options.session_token.reveal() if options.session_token else None
        return options.access_key_id.reveal(), options.secret_access_key.reveal(), token, options.region
    if not has_boto3():
        return None, None, None, options.region
    chain = ChainCredentials(options.profile, uri)
    found = chain()
    return found["access_key_id"], found["secret_access_key"], found["token"], options.region or chain.region
