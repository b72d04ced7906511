"""Who may call, and how often: API keys and a token bucket for each tenant.

In: a config's `serve`. Out: a tenant's name, or nothing; and whether it may submit now. A bucket holds for one
process: two servers give a tenant twice the rate. What is promised over all of them is the queue's depth.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable

from spark_pdf.config import Serve, resolve_secret
from spark_pdf.errors import ConfigError

_SHORTEST_KEY = 16


class Keys:
    """API keys, of which only hashes are kept."""

    def __init__(self, settings: Serve) -> None:
        if not settings.keys:
            raise ConfigError(
                "config key 'serve.keys' is missing: tenants, and where their API keys are", key="serve.keys"
            )
        self._digests: dict[str, bytes] = {}
        for tenant, reference in settings.keys.items():
            secret = resolve_secret(reference)
            if len(secret) < _SHORTEST_KEY:
                raise ConfigError(
                    f"serve.keys.{tenant}: an API key has at least {_SHORTEST_KEY} characters", key="serve.keys"
                )
            digest = hashlib.sha256(secret.encode()).digest()
            if digest in self._digests.values():
                raise ConfigError(f"serve.keys.{tenant}: another tenant has the same API key", key="serve.keys")
            self._digests[tenant] = digest

    def tenant(self, key: str) -> str | None:
        """Whose key it is. Takes the same time whoever's it is, and if it is nobody's."""
        digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
        found = None
        for tenant, known in self._digests.items():
            if hmac.compare_digest(known, digest):
                found = tenant
        return found


class Buckets:
    """A token bucket for each tenant: `rate` documents a second on average, `burst` seconds' worth at once."""

    def __init__(self, settings: Serve, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._state: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, tenant: str) -> float:
        """Take a token: 0, or the seconds after which there will be one."""
        rate = self._settings.rates.get(tenant, self._settings.rate)
        most = max(rate * self._settings.burst, 1.0)
        with self._lock:
            now = self._clock()
            tokens, at = self._state.get(tenant, (most, now))
            tokens = min(tokens + (now - at) * rate, most)
            if tokens < 1:
                self._state[tenant] = (tokens, now)
                return (1 - tokens) / rate
            self._state[tenant] = (tokens - 1, now)
            return 0.0
