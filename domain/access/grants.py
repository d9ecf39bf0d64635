"""What users allowed clients to do for them, and the refresh tokens by which it lives on.

A refresh token works once and is answered by the next; the one who comes with a used one has stolen it, or lost it to a thief, so the
whole family ends (RFC 9700 section 4.14.2). A family ends by itself 30 days after its last use and 90 days after consent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.codes import hash_of, opaque_secret
from domain.access.revocations import revoke
from domain.access.roles import Role, scopes_of
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext, Context
from domain.storage.transaction import sql

ABSOLUTE_LIFETIME = timedelta(days=90)
IDLE_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRefreshToken:
    """One refresh token with the grant that it belongs to."""

    token_hash: bytes
    grant_id: str
    client_id: str
    user_id: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    grant_expires_at: datetime
    used: bool
    ended: bool
    """Expired, or its grant was revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStanding:
    """What a user may do at this moment."""

    user_id: str
    role: Role
    own_customers_only: bool
    scopes: frozenset[str]


async def add_grant(ctx: Context, grant_id: str, *, client_id: str, user_id: str, scopes: frozenset[str]) -> None:
    """Stores a new grant, in the open transaction."""
    now, tx = SystemClock().now(), sql(ctx)
    await tx.execute("delete from grants where tenant_id = $1 and expires_at < $2", ctx.tenant_id, now)
    await tx.execute(
        "insert into grants (tenant_id, id, client_id, user_id, scopes, created_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        ctx.tenant_id,
        grant_id,
        client_id,
        user_id,
        sorted(scopes),
        now,
        now + ABSOLUTE_LIFETIME,
    )


async def add_refresh_token(ctx: Context, grant_id: str, token: str, *, until: datetime | None = None) -> None:
    """Stores the next refresh token of a grant, good for `IDLE_LIFETIME` and at most `until`."""
    now = SystemClock().now()
    await sql(ctx).execute(
        "insert into refresh_tokens (tenant_id, token_hash, grant_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        ctx.tenant_id,
        hash_of(token),
        grant_id,
        now,
        min(now + IDLE_LIFETIME, until or now + IDLE_LIFETIME),
    )


def new_refresh_token(ctx: Context) -> str:
    """An unguessable token that names its tenant."""
    return opaque_secret(ctx.tenant_id)


async def lock_refresh_token(ctx: Context, token: str) -> StoredRefreshToken | None:
    """The token with its grant, both locked until the transaction ends: a family has one successor at a time."""
    row = await sql(ctx).fetchrow(
        """
        select t.token_hash, t.grant_id, g.client_id, g.user_id, g.scopes, t.created_at, t.expires_at,
          g.expires_at as grant_expires_at, t.used_at is not null as used,
          g.revoked_at is not null or least(t.expires_at, g.expires_at) <= $3 as ended
        from refresh_tokens t join grants g on g.tenant_id = t.tenant_id and g.id = t.grant_id
        where t.tenant_id = $1 and t.token_hash = $2 for update
        """,
        ctx.tenant_id,
        hash_of(token),
        SystemClock().now(),
    )
    return None if row is None else StoredRefreshToken(**{**dict(row), "scopes": frozenset(row["scopes"])})


async def mark_refresh_token_used(ctx: Context, token: StoredRefreshToken) -> None:
    """From now on it proves a theft."""
    await sql(ctx).execute(
        "update refresh_tokens set used_at = $3 where tenant_id = $1 and token_hash = $2",
        ctx.tenant_id,
        token.token_hash,
        SystemClock().now(),
    )


async def revoke_grant(ctx: Context, grant_id: str) -> None:
    """Ends a grant with all its tokens."""
    await sql(ctx).execute(
        "update grants set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null",
        ctx.tenant_id,
        grant_id,
        SystemClock().now(),
    )
    await revoke(ctx, grant_id)


async def standing_of(ctx: Context, user_id: str) -> UserStanding | None:
    """The user as things stand now; None if the user or the tenant is not active."""
    row = await sql(ctx).fetchrow(
        "select u.role, u.own_customers_only from users u join tenants t on t.id = u.tenant_id"
        " where u.tenant_id = $1 and u.id = $2 and u.status = 'active' and t.status = 'active'",
        ctx.tenant_id,
        user_id,
    )
    if row is None:
        return None
    return UserStanding(
        user_id=user_id,
        role=row["role"],
        own_customers_only=row["own_customers_only"],
        scopes=frozenset(scopes_of(row["role"])),
    )


async def is_tenant_active(ctx: AnyContext, tenant_id: str) -> bool:
    """Whether the tenant is there for the owner of the open transaction, and active."""
    status = await sql(ctx).fetchval("select status from tenants where id = $1", tenant_id)
    return bool(status == "active")


async def is_revoked(ctx: AnyContext, jti: str, *subjects: str | None) -> bool:
    """Whether a token with this id, naming `subjects`, was revoked, as the owner of the open transaction knows it."""
    named = [subject for subject in (jti, *subjects) if subject is not None]
    found: bool = await sql(ctx).fetchval(
        "select exists (select from revocations where subject = any($1::text[]) and revoked_before > $2)", named, jti
    )
    return found
