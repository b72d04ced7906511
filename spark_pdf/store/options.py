"""How to reach a store: `StoreOptions` with references to secrets in, `ResolvedOptions` with the secrets out.

References (`env:NAME`, `secret-file:/path`) are resolved once, on the driver, because its environment is not that of
the executors. What comes out travels to them by pickle and shows its secrets to nobody: not in repr, str, errors or
logs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from spark_pdf.config import StoreOptions, resolve_secret


class Secret:
    """A string that does not print itself. `reveal()` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, (self._value,)


@dataclass(frozen=True, slots=True)
class ResolvedOptions:
    """Options of one store with their secrets resolved: hashable, picklable, and masked in repr."""

    endpoint: str | None = None
    region: str | None = None
    path_style: bool = False
    profile: str | None = None
    anonymous: bool = False
    access_key_id: Secret | None = None
    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    sse: str | None = None
    kms_key_id: str | None = None
    account: str | None = None
    account_key: Secret | None = None
    sas_token: Secret | None = None
    service_account: Secret | None = None

    def secrets(self) -> tuple[str, ...]:
        """Every secret in plain text, for masking messages of libraries."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(value.reveal() for value in values if isinstance(value, Secret) and value.reveal())


_SECRET_FIELDS = ("access_key_id", "secret_access_key", "session_token", "account_key", "sas_token", "service_account")


def resolve(options: StoreOptions | ResolvedOptions) -> ResolvedOptions:
    """Look up every secret that `options` refers to. Raises `ConfigError`, which names the reference only."""
    if isinstance(options, ResolvedOptions):
        return options
    values = {field.name: getattr(options, field.name) for field in fields(ResolvedOptions)}
    for name in _SECRET_FIELDS:
        if values[name] is not None:
            values[name] = Secret(resolve_secret(values[name]))
    return ResolvedOptions(**values)
