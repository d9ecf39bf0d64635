"""OAuth clients of a platform and of its tenants; secrets are shown once and stored as hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from domain.access.model import Client, ClientIdentity, NewClient
from domain.access.tenants import tenant_of
from domain.kernel.clock import SystemClock
from domain.kernel.context import PlatformContext
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import TENANT_SCOPES
from domain.kernel.usecase import platform_use_case
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, sql, transaction, unbound


@platform_use_case("clients:write")
async def create_client(ctx: PlatformContext, tenant_id: str, *, name: str, scopes: list[str]) -> NewClient:
    """Gives one of the platform's tenants an OAuth client (client_credentials); the answer is the only place of its secret."""
    for n, scope in enumerate(scopes):
        if scope not in TENANT_SCOPES:
            raise InvalidInput.at(f"/scopes/{n}", "unknown_scope", f"There is no scope {scope!r}.")
    async with transaction(ctx):
        tenant = await tenant_of(ctx, tenant_id)
        return await add_client(ctx, tenant_id=tenant.id, name=name, scopes=sorted(set(scopes)))


@platform_use_case("clients:read")
async def list_clients(ctx: PlatformContext, tenant_id: str, page: PageRequest) -> Page[Client]:
    """The OAuth clients of one of the platform's tenants, oldest first."""
    async with reading(ctx) as tx:
        tenant = await tenant_of(ctx, tenant_id)
        rows = await tx.fetch(
            "select id as client_id, tenant_id, name, scopes, created_at, revoked_at from oauth_clients"
            " where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
            tenant.id,
            page.after,
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["client_id"]), _client_of)


async def add_client(ctx: PlatformContext, *, tenant_id: str | None, name: str, scopes: list[str]) -> NewClient:
    """Stores a client with a fresh secret, in the open transaction."""
    secret = secrets.token_urlsafe(32)
    client = NewClient(
        client_id=new_id("cli"),
        client_secret=secret,
        tenant_id=tenant_id,
        name=name,
        scopes=scopes,
        created_at=SystemClock().now(),
    )
    await sql(ctx).execute(
        "insert into oauth_clients (id, platform_id, tenant_id, name, secret_hash, scopes, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        client.client_id,
        ctx.platform_id,
        tenant_id,
        name,
        hash_secret(secret),
        scopes,
        client.created_at,
    )
    audited(ctx, client.client_id, tenant_id=tenant_id)
    return client


async def find_identity(client_id: str) -> ClientIdentity | None:
    """A client by the id it claims, of whatever tenant; for the token endpoint only."""
    async with unbound() as tx:
        row = await tx.fetchrow("select * from door_oauth_client($1)", client_id)
    if row is None:
        return None
    return ClientIdentity(
        id=row["id"],
        platform_id=row["platform_id"],
        tenant_id=row["tenant_id"],
        secret_hash=row["secret_hash"],
        scopes=frozenset(row["scopes"]),
        revoked=row["revoked_at"] is not None,
    )


def hash_secret(secret: str) -> str:
    """SHA-256, enough for a secret of 256 random bits; passwords of people need a slow hash instead."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_matches(identity: ClientIdentity, secret: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(identity.secret_hash, hash_secret(secret))


def _client_of(row: Any) -> Client:
    return Client(**dict(row))
