"""Authorization codes: made when a user has consented, good once and for 60 seconds, stored as hashes (RFC 6749 section 4.1.2)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.ids import is_id
from domain.storage.transaction import sql

CODE_LIFETIME = timedelta(seconds=60)
# A used code is kept for a while, so that its replay is seen and ends the grant.
_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCode:
    """What a code stands for. `grant_id` is what was made of it; None while it is unused."""

    code_hash: bytes
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: frozenset[str]
    code_challenge: str
    expired: bool
    grant_id: str | None


async def add_code(
    ctx: Context, *, client_id: str, user_id: str, redirect_uri: str, scopes: frozenset[str], code_challenge: str
) -> str:
    """A new code, in the open transaction; it is told only to the browser that goes back to the client."""
    now, code = SystemClock().now(), opaque_secret(ctx.tenant_id)
    tx = sql(ctx)
    await tx.execute(
        "delete from authorization_codes where tenant_id = $1 and expires_at < $2", ctx.tenant_id, now - _KEPT_FOR
    )
    await tx.execute(
        "insert into authorization_codes (tenant_id, code_hash, client_id, user_id, redirect_uri, scopes, code_challenge,"
        " created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ctx.tenant_id,
        hash_of(code),
        client_id,
        user_id,
        redirect_uri,
        sorted(scopes),
        code_challenge,
        now,
        now + CODE_LIFETIME,
    )
    return code


async def lock_code(ctx: Context, code: str) -> StoredCode | None:
    """The code's row, locked until the transaction ends: of two that redeem it at once, one is the second."""
    row = await sql(ctx).fetchrow(
        "select code_hash, client_id, user_id, redirect_uri, scopes, code_challenge, expires_at <= $3 as expired, grant_id"
        " from authorization_codes where tenant_id = $1 and code_hash = $2 for update",
        ctx.tenant_id,
        hash_of(code),
        SystemClock().now(),
    )
    return None if row is None else StoredCode(**{**dict(row), "scopes": frozenset(row["scopes"])})


async def mark_code_used(ctx: Context, code: StoredCode, grant_id: str) -> None:
    """Notes what was made of the code."""
    await sql(ctx).execute(
        "update authorization_codes set grant_id = $3 where tenant_id = $1 and code_hash = $2",
        ctx.tenant_id,
        code.code_hash,
        grant_id,
    )


def opaque_secret(tenant_id: str) -> str:
    """256 random bits behind the tenant's id, which says in whose rows to look for the hash."""
    return f"{tenant_id}.{secrets.token_urlsafe(32)}"


def tenant_named_by(text: str) -> str | None:
    """The tenant id in front of a code or refresh token; None if it is neither."""
    tenant_id, _, secret = text.partition(".")
    return tenant_id if secret and is_id(tenant_id, "tnt") else None


def hash_of(text: str) -> bytes:
    """SHA-256, enough for 256 random bits."""
    return hashlib.sha256(text.encode()).digest()
