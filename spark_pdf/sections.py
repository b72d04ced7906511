"""What sections of a config are made of, references to secrets included; and the sections of the queue.

In: values of YAML. Out: frozen sections that refuse unknown keys. `config` has all other sections, and gives these on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from spark_pdf.errors import ConfigError


def _secret_reference(value: str) -> str:
    if not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|secret-file:.+", value):
        raise ValueError("a secret is written as env:NAME or secret-file:/path, never in plain text")
    return value


SecretRef = Annotated[str, AfterValidator(_secret_reference)]
"""Where a secret is found: `env:NAME` or `secret-file:/path`. Resolve with `resolve_secret`."""


def resolve_secret(reference: str) -> str:
    """The secret behind a reference. Raises `ConfigError`, which names the reference only."""
    kind, _, where = reference.partition(":")
    if kind == "env":
        if where not in os.environ:
            raise ConfigError(f"the environment variable {where} is not set, but the config refers to it ({reference})")
        return os.environ[where]
    try:
        return Path(where).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"cannot read {reference}: {error.strerror}") from None


class Section(BaseModel):
    """Settings that belong together: frozen, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Callbacks(Section):
    """HTTP callbacks of the queue. Off, unless prefixes say where they may go."""

    prefixes: tuple[str, ...] = Field(
        default=(), description="URLs may begin so, host and a slash included: https://erp.example.com/hooks/"
    )
    secret: SecretRef | None = Field(default=None, description="key of the HMAC-SHA256 signature of each callback")
    attempts: int = Field(default=8, ge=1, le=100, description="how often one is tried, with pauses between")
    seconds: float = Field(default=10.0, gt=0, le=120, description="how long an answer is waited for")
    processes: int = Field(
        default=4, ge=1, le=100, description="processes of a worker that make callbacks, beside those that render"
    )

    @model_validator(mode="after")
    def _whole_hosts(self) -> Callbacks:
        for prefix in self.prefixes:
            if not re.fullmatch(r"https?://[^/?#@\\\s]+/(\S*/)?", prefix) or "/../" in prefix:
                raise ValueError("a prefix is a URL with its whole host that ends with a slash: https://host/hooks/")
        if self.prefixes and self.secret is None:
            raise ValueError("callbacks are signed: `secret` is missing")
        return self


class Queue(Section):
    """A queue of single documents: Celery over RabbitMQ ([queue](queue.md))."""

    broker: SecretRef | None = Field(
        default=None, description="URL of RabbitMQ, amqp:// or amqps://, with its credentials"
    )
    processes: int = Field(default=0, ge=0, description="rendering processes of a worker; 0: twice as many as cores")
    prefetch: int = Field(
        default=4, ge=1, le=100, description="documents that a worker holds ready for each process, of each queue"
    )
    deliveries: int = Field(
        default=5, ge=1, le=100, description="deliveries after a document's first, before it is a dead letter"
    )
    attempts: int = Field(
        default=20, ge=1, description="how often a document is tried where the world fails (the store)"
    )
    pause_seconds: float = Field(default=15.0, gt=0, le=3600, description="pause before such an attempt")
    batch_entries: int = Field(default=2000, ge=1, le=2000, description="entries that are committed together, at most")
    batch_seconds: float = Field(default=10.0, gt=0, le=600, description="how long an entry waits for others, at most")
    callbacks: Callbacks = Field(default=Callbacks(), description="HTTP callbacks")


class Serve(Section):
    """The HTTP door to the queue, `spark-pdf serve`."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0: one that is free")
    keys: Mapping[str, SecretRef] = Field(
        default_factory=dict, description="tenants, and where the API key of each is found"
    )
    rate: float = Field(default=50.0, gt=0, description="documents per second that a tenant may submit, on average")
    rates: Mapping[str, float] = Field(default_factory=dict, description="other rates, by tenant")
    burst: float = Field(default=10.0, ge=1, description="seconds' worth of documents that may come at once")
    waiting: int = Field(default=10_000, ge=1, description="documents in a queue from which on none is accepted (429)")
    body_bytes: int = Field(default=1024 * 1024, ge=1, description="bytes of a request's body, at most")

    @model_validator(mode="after")
    def _tenants(self) -> Serve:
        for tenant in self.keys:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", tenant):
                raise ValueError("a tenant is named by up to 40 letters, digits, '_' and '-'")
        for tenant in self.rates:
            if tenant not in self.keys:
                raise ValueError(f"rates names '{tenant}', which has no key")
            if not self.rates[tenant] > 0:
                raise ValueError("a rate is a number above 0")
        return self
