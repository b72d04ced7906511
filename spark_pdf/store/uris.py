"""Where a store is: a URI in, a frozen `Address` out; what cannot hold a run is refused here, by name.

out/x  /abs/x  file:/abs/x  file:///abs/x      a local folder; canonical `file:///abs/x`, percent-encoded (RFC 8089)
s3://bucket/x  s3a: s3n:                       canonical `s3://bucket/x`
gs://bucket/x                                  Google Cloud Storage
az://container/x                               Azure, the account from the options
abfss://container@account.dfs.core.windows.net/x
memory://name/x                                this process only, for tests
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from spark_pdf.errors import UnsupportedError

_REFUSED = {
    "hdfs": "HDFS has no conditional create that survives a lost answer",
    "dbfs": "DBFS has no conditional create, so two attempts of a task could both win",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,254}")
_S3 = ("s3", "s3a", "s3n")


@dataclass(frozen=True, slots=True)
class Address:
    """A place in a store. `bucket` is a bucket, a container, a memory store's name, or "" for local files.

    `path` has neither a leading nor a trailing slash, except that local paths keep their root.
    """

    scheme: str
    bucket: str
    path: str
    account: str = ""

    @property
    def uri(self) -> str:
        """The canonical URI, without a trailing slash."""
        return self.root + "/" + self.path if self.path else self.root

    @property
    def root(self) -> str:
        """URI of the bucket, or `file://` for local files."""
        if self.scheme == "file":
            return "file://"
        if self.scheme == "abfss":
            return f"abfss://{self.bucket}@{self.account}"
        return f"{self.scheme}://{self.bucket}"

    def parent(self) -> tuple[Address, str]:
        """The folder that holds this place, and its name in it."""
        head, _, name = self.path.rpartition("/")
        return Address(self.scheme, self.bucket, head, self.account), unquote(name) if self.scheme == "file" else name


def parse_uri(uri: str) -> Address:
    """Read a URI or a local path. Raises `UnsupportedError`, which names what is wrong with it."""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):(?://)?", uri)  # one letter is a Windows drive
    if match is None:
        return _local(Path(uri))
    scheme, rest = match[1].lower(), uri[match.end() :]
    if scheme in _REFUSED:
        raise UnsupportedError(
            f"{scheme}: cannot hold a run ({uri}): {_REFUSED[scheme]}; use s3:, gs:, abfss: or a local folder"
        )
    if scheme == "file":
        return _local(Path(unquote("/" + rest.removeprefix("localhost").lstrip("/"))))
    bucket, _, path = rest.partition("/")
    path = re.sub(r"/+", "/", path).strip("/")
    if not bucket or any(part in (".", "..") for part in path.split("/")):
        raise UnsupportedError(f"not a usable URI: {uri}; expected {scheme}://bucket/folder, without '.' and '..'")
    if scheme not in ("abfss", "abfs") and "@" in bucket:
        raise UnsupportedError(
            f"a {scheme}: URI has a name or a password in front of an @: manifests and logs hold URIs, so credentials "
            "belong into the environment, or into `stores` of the config"
        )
    if not _NAME.fullmatch(bucket) or not path.isprintable():
        raise UnsupportedError(f"not a usable URI: {uri!r}; a bucket has letters, digits, '.', '-' and '_' in its name")
    if scheme in _S3:
        return Address("s3", bucket, path)
    if scheme in ("gs", "memory", "az"):
        return Address(scheme, bucket, path)
    if scheme in ("abfss", "abfs"):
        container, at, account = bucket.partition("@")
        if not at or not account:
            raise UnsupportedError(
                f"not a usable URI: {uri}; expected abfss://container@account.dfs.core.windows.net/x"
            )
        return Address("abfss", container, path, account)
    known = "file:, s3:, s3a:, gs:, az:, abfss:, memory:"
    raise UnsupportedError(f"{scheme}: is no store that spark_pdf knows ({uri}); known are a local path, {known}")


def local_path(address: Address) -> Path:
    """The folder behind a `file` address."""
    return Path("/" + unquote(address.path))


def _local(path: Path) -> Address:
    # Path.absolute keeps symbolic links as the user wrote them; only '..' has to go.
    parts: list[str] = []
    for part in path.expanduser().absolute().parts[1:]:
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return Address("file", "", quote("/".join(parts), safe="/!$&'()*+,;=:@-._~"))
