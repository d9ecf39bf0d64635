"""Platforms, their tenants, and the OAuth clients that act for either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.kernel.context import ClockKind

TenantMode = Literal["live", "sandbox"]
TenantStatus = Literal["active", "suspended", "closed"]


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
    """An OAuth client as it is shown: never its secret."""

    client_id: str
    tenant_id: str | None
    name: str
    scopes: list[str]
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
class ClientIdentity:
    """What the token endpoint needs to know of a client."""

    id: str
    platform_id: str
    tenant_id: str | None
    secret_hash: str
    scopes: frozenset[str]
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What time it is for a tenant."""

    kind: ClockKind
    now: datetime
