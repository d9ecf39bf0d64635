"""Platforms, their tenants, and the OAuth clients that act for either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.kernel.context import ClockKind

TenantMode = Literal["live", "sandbox"]
TenantStatus = Literal["active", "suspended", "closed"]
ClientType = Literal["confidential", "public"]
AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
GrantType = Literal["client_credentials", "authorization_code", "refresh_token", "token_exchange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """An integrator, which owns tenants."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organisation that is owed money. `test_clock_at` is where its test clock stands, None on the system clock."""

    id: str
    external_id: str | None
    name: str
    mode: TenantMode
    status: TenantStatus
    base_currency: str
    time_zone: str
    locale: str
    country: str | None
    clock_kind: ClockKind
    test_clock_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An OAuth client as it is shown: never its secret. Until `previous_secret_until` the secret before the last also works."""

    client_id: str
    tenant_id: str | None
    name: str
    type: ClientType
    auth_method: AuthMethod
    redirect_uris: list[str]
    grant_types: list[GrantType]
    scopes: list[str]
    jwks: dict[str, Any] | None
    previous_secret_until: datetime | None
    version: int
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """An OAuth client with its secret, which is shown this once and stored only as a hash."""

    client_id: str
    client_secret: str
    tenant_id: str | None
    name: str
    scopes: list[str]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """A client, and its new secret if it has one: shown this once and stored only as a hash."""

    client: Client
    client_secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIdentity:
    """What the authorization server needs to know of a client."""

    id: str
    platform_id: str
    tenant_id: str | None
    name: str
    type: ClientType
    auth_method: AuthMethod
    secret_hash: str | None
    previous_secret_hash: str | None
    previous_secret_until: datetime | None
    redirect_uris: tuple[str, ...]
    grant_types: frozenset[str]
    scopes: frozenset[str]
    jwks: dict[str, Any] | None
    usable: bool
    """Neither revoked nor of a tenant that is suspended or closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What time it is for a tenant."""

    kind: ClockKind
    now: datetime
