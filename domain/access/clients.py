"""OAuth clients as rows and as identities; and the clients that a platform gives its tenants."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

import msgspec

from domain.access.model import AuthMethod, Client, ClientIdentity, ClientType, GrantType, NewClient
from domain.access.tenants import tenant_of
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext, PlatformContext
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import TENANT_SCOPES
from domain.kernel.usecase import platform_use_case
from domain.storage.audit_chain import audited
from domain.storage.engine import DB
from domain.storage.transaction import reading, sql, transaction

COLUMNS = (
    "id as client_id, tenant_id, name, type, auth_method, redirect_uris, grant_types, scopes, jwks, previous_secret_until,"
    " version, created_at, revoked_at"
)
# What a secret is compared with when there is none to compare: the work is the same, and nothing equals it.
_NO_HASH = "-" * 64


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
            f"select {COLUMNS} from oauth_clients"
            " where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
            tenant.id,
            page.after,
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["client_id"]), client_of)


async def add_client(
    ctx: PlatformContext,
    *,
    tenant_id: str | None,
    name: str,
    scopes: list[str],
    grant_types: tuple[GrantType, ...] = ("client_credentials",),
) -> NewClient:
    """Stores a confidential client with a fresh secret, in the open transaction."""
    secret = new_secret()
    made = await insert_client(
        ctx,
        platform_id=ctx.platform_id,
        tenant_id=tenant_id,
        name=name,
        type="confidential",
        auth_method="client_secret_basic",
        secret_hash=hash_secret(secret),
        redirect_uris=[],
        grant_types=list(grant_types),
        scopes=scopes,
        jwks=None,
    )
    return NewClient(
        client_id=made.client_id,
        client_secret=secret,
        tenant_id=tenant_id,
        name=name,
        scopes=scopes,
        created_at=made.created_at,
    )


async def insert_client(
    ctx: AnyContext,
    *,
    platform_id: str,
    tenant_id: str | None,
    name: str,
    type: ClientType,
    auth_method: AuthMethod,
    secret_hash: str | None,
    redirect_uris: list[str],
    grant_types: list[GrantType],
    scopes: list[str],
    jwks: dict[str, Any] | None,
) -> Client:
    """Stores a client in the open transaction."""
    row = await sql(ctx).fetchrow(
        "insert into oauth_clients (id, platform_id, tenant_id, name, type, auth_method, secret_hash, redirect_uris,"
        " grant_types, scopes, jwks, version, created_at)"
        f" values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, 1, $12) returning {COLUMNS}",
        new_id("cli"),
        platform_id,
        tenant_id,
        name,
        type,
        auth_method,
        secret_hash,
        redirect_uris,
        grant_types,
        scopes,
        None if jwks is None else msgspec.json.encode(jwks).decode(),
        SystemClock().now(),
    )
    client = client_of(row)
    audited(ctx, client.client_id, tenant_id=tenant_id)
    return client


async def find_identity(client_id: str) -> ClientIdentity | None:
    """A client by the id it claims, of whatever tenant; for the authorization server only.

    One statement through its door, which needs neither tenant nor transaction: the token endpoint lives on it.
    """
    if DB.pool is None:
        raise RuntimeError("the database is not open")
    row = await DB.pool.fetchrow("select * from door_oauth_client($1)", client_id)
    if row is None:
        return None
    return ClientIdentity(
        id=row["id"],
        platform_id=row["platform_id"],
        tenant_id=row["tenant_id"],
        name=row["name"],
        type=row["type"],
        auth_method=row["auth_method"],
        secret_hash=row["secret_hash"],
        previous_secret_hash=row["previous_secret_hash"],
        previous_secret_until=row["previous_secret_until"],
        redirect_uris=tuple(row["redirect_uris"]),
        grant_types=frozenset(row["grant_types"]),
        scopes=frozenset(row["scopes"]),
        jwks=None if row["jwks"] is None else msgspec.json.decode(row["jwks"]),
        usable=row["revoked_at"] is None and row["tenant_status"] in (None, "active"),
    )


def new_secret() -> str:
    """256 random bits, as text that needs no escaping anywhere."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256, enough for a secret of 256 random bits; passwords of people need a slow hash instead."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_matches(identity: ClientIdentity | None, secret: str, at: datetime) -> bool:
    """Compares in constant time with the secret and with the one before it, whether or not there are any, or a client at all."""
    hashed = hash_secret(secret)
    current = hmac.compare_digest((identity and identity.secret_hash) or _NO_HASH, hashed)
    previous = hmac.compare_digest((identity and identity.previous_secret_hash) or _NO_HASH, hashed)
    until = identity.previous_secret_until if identity else None
    return current or (previous and until is not None and at < until)


def client_of(row: Any) -> Client:
    """A row of `COLUMNS` as the client that is shown."""
    values = dict(row)
    return Client(**{**values, "jwks": None if values["jwks"] is None else msgspec.json.decode(values["jwks"])})
