"""A user: a person who works for a tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.access.roles import Role
from domain.kernel.pii import EMAIL

UserStatus = Literal["invited", "active", "disabled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who works for a tenant; a collector may be limited to own customers."""

    id: str
    name: str
    email: str | None = field(metadata=EMAIL)
    role: Role
    own_customers_only: bool
    status: UserStatus
    locale: str | None
    has_second_factor: bool
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvitation:
    """The link by which a user sets a password, shown this once and stored only as a hash."""

    user: User
    invitation_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """The secret of an authenticator app (RFC 6238), shown this once; it counts after the first code was confirmed."""

    secret: str
    otpauth_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a user proves who they are with; never shown."""

    password_hash: str | None
    totp_secret: bytes | None
    totp_confirmed: bool
