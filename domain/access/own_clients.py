"""A platform's or a tenant's own OAuth clients: registered, changed, given new secrets, revoked.

Nobody gets at more through a client than the caller could do: neither by registering one, nor by taking over (new secret, new keys,
new addresses) one that may do more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from domain.access.clients import COLUMNS, client_of, hash_secret, insert_client, new_secret
from domain.access.model import AuthMethod, Client, ClientType, GrantType, RegisteredClient
from domain.access.revocations import revoke
from domain.access.rules.client_fields import check_client
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext, Context, PlatformContext
from domain.kernel.errors import Conflict, Forbidden, NotFound
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.kernel.usecase import owner_use_case
from domain.kernel.versions import expect
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, sql, transaction


@owner_use_case("clients:write")
async def register_client(
    ctx: AnyContext,
    *,
    name: str,
    type: ClientType = "confidential",
    auth_method: AuthMethod | None = None,
    redirect_uris: list[str],
    grant_types: list[GrantType],
    scopes: list[str],
    jwks: dict[str, Any] | None = None,
) -> RegisteredClient:
    """Registers a client; a secret, if it has one, is told only here."""
    method: AuthMethod = auth_method or ("none" if type == "public" else "client_secret_basic")
    fields: dict[str, Any] = {
        "type": type,
        "auth_method": method,
        "redirect_uris": list(dict.fromkeys(redirect_uris)),
        "grant_types": sorted(set(grant_types)),
        "scopes": sorted(set(scopes)),
        "jwks": jwks,
    }
    check_client(**{**fields, "redirect_uris": redirect_uris, "scopes": scopes}, grantable=_grantable(ctx))
    secret = new_secret() if method in ("client_secret_basic", "client_secret_post") else None
    async with transaction(ctx):
        client = await insert_client(
            ctx,
            platform_id=await _platform_id(ctx),
            tenant_id=ctx.tenant_id if isinstance(ctx, Context) else None,
            name=name,
            secret_hash=hash_secret(secret) if secret else None,
            **fields,
        )
    return RegisteredClient(client=client, client_secret=secret)


@owner_use_case("clients:read")
async def get_client(ctx: AnyContext, client_id: str) -> Client:
    """One client of the caller, for a platform also of its tenants; raises NotFound."""
    async with reading(ctx):
        return await _get(ctx, client_id)


@owner_use_case("clients:read")
async def list_own_clients(ctx: AnyContext, page: PageRequest) -> Page[Client]:
    """The caller's own clients, oldest first; a platform's are those that belong to no tenant."""
    async with reading(ctx) as tx:
        rows = await tx.fetch(
            f"select {COLUMNS} from oauth_clients where tenant_id is not distinct from $1"
            " and ($2::text is null or id > $2) order by id limit $3",
            ctx.tenant_id if isinstance(ctx, Context) else None,
            page.after,
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["client_id"]), client_of)


@owner_use_case("clients:write")
async def update_client(
    ctx: AnyContext, client_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Client:
    """Changes the given fields among name, redirect_uris, grant_types, scopes and jwks."""
    async with transaction(ctx) as tx:
        client = await _lock_in_reach(ctx, client_id)
        expect(client.version, expected_version)
        kept = {name: getattr(client, name) for name in ("redirect_uris", "grant_types", "scopes", "jwks")}
        wanted = {**kept, **{name: value for name, value in changes.items() if name != "name"}}
        grantable = _grantable(ctx) if client.tenant_id == _tenant_id(ctx) else TENANT_SCOPES
        check_client(type=client.type, auth_method=client.auth_method, **wanted, grantable=grantable)
        row = await tx.fetchrow(
            "update oauth_clients set name = $2, redirect_uris = $3, grant_types = $4, scopes = $5, jwks = $6::jsonb,"
            f" version = version + 1 where id = $1 returning {COLUMNS}",
            client_id,
            changes.get("name", client.name),
            list(dict.fromkeys(wanted["redirect_uris"])),
            sorted(set(wanted["grant_types"])),
            sorted(set(wanted["scopes"])),
            None if wanted["jwks"] is None else msgspec.json.encode(wanted["jwks"]).decode(),
        )
        # Tokens that say more than the client may do now are good for nothing from here on.
        if not set(client.scopes) <= set(wanted["scopes"]):
            await revoke(ctx, client_id)
        audited(ctx, client_id, tenant_id=client.tenant_id)
    return client_of(row)


@owner_use_case("clients:write")
async def rotate_client_secret(ctx: AnyContext, client_id: str, *, overlap_hours: int = 24) -> RegisteredClient:
    """Gives the client a new secret, told only here; the one before works for `overlap_hours` more."""
    secret = new_secret()
    async with transaction(ctx) as tx:
        client = await _lock_in_reach(ctx, client_id)
        if client.auth_method not in ("client_secret_basic", "client_secret_post"):
            raise Conflict("client_has_no_secret", "The client does not authenticate itself by a secret.")
        until = SystemClock().now() + timedelta(hours=overlap_hours) if overlap_hours else None
        row = await tx.fetchrow(
            "update oauth_clients set previous_secret_hash = case when $3::timestamptz is null then null else secret_hash end,"
            f" previous_secret_until = $3, secret_hash = $2, version = version + 1 where id = $1 returning {COLUMNS}",
            client_id,
            hash_secret(secret),
            until,
        )
        audited(ctx, client_id, tenant_id=client.tenant_id, overlap_hours=overlap_hours)
    return RegisteredClient(client=client_of(row), client_secret=secret)


@owner_use_case("clients:write")
async def revoke_client(ctx: AnyContext, client_id: str) -> Client:
    """Ends a client: its tokens are refused from now on, and it gets no others. Again has no further effect."""
    async with transaction(ctx) as tx:
        client = await _get(ctx, client_id, lock=True)
        if client.revoked_at is not None:
            return client
        row = await tx.fetchrow(
            f"update oauth_clients set revoked_at = $2, version = version + 1 where id = $1 returning {COLUMNS}",
            client_id,
            SystemClock().now(),
        )
        await revoke(ctx, client_id, for_good=True)
        audited(ctx, client_id, tenant_id=client.tenant_id)
    return client_of(row)


async def _get(ctx: AnyContext, client_id: str, *, lock: bool = False) -> Client:
    statement = f"select {COLUMNS} from oauth_clients where id = $1"
    row = await sql(ctx).fetchrow(f"{statement} for update" if lock else statement, client_id)
    if row is None:
        raise NotFound.of("client", client_id)
    return client_of(row)


async def _lock_in_reach(ctx: AnyContext, client_id: str) -> Client:
    """A client that may do no more than the caller, so that taking it over gains nothing."""
    client = await _get(ctx, client_id, lock=True)
    if client.revoked_at is not None:
        raise Conflict("client_revoked", "The client was revoked.")
    if not set(client.scopes) <= _grantable(ctx):
        raise Forbidden("client_exceeds_caller", "The client may do more than the caller's token.")
    return client


def _grantable(ctx: AnyContext) -> frozenset[str]:
    """What the caller may give: a tenant's what it has; a platform's also all that has a meaning in its tenants."""
    if isinstance(ctx, PlatformContext):
        return frozenset(ctx.scopes & PLATFORM_SCOPES) | TENANT_SCOPES
    return frozenset(ctx.scopes & TENANT_SCOPES)


def _tenant_id(ctx: AnyContext) -> str | None:
    return ctx.tenant_id if isinstance(ctx, Context) else None


async def _platform_id(ctx: AnyContext) -> str:
    if isinstance(ctx, PlatformContext):
        return ctx.platform_id
    platform_id: str = await sql(ctx).fetchval("select platform_id from tenants where id = $1", ctx.tenant_id)
    return platform_id
