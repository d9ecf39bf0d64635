"""Use cases of the tenant's own OpenID provider: one, whose client secret is sealed and never shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.events.address_policy import private_addresses_allowed
from domain.events.rules.addresses import url_error
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import FieldError, InvalidInput, NotFound
from domain.kernel.ids import new_id
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, sql, transaction

_COLUMNS = "id, issuer, client_id, label, enabled, passwords_refused as only, version, updated_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """Where a tenant's users sign in; `only` means that passwords are refused."""

    id: str
    issuer: str
    client_id: str
    label: str
    enabled: bool
    only: bool
    version: int
    updated_at: datetime


@use_case("sign_in:read")
async def get_identity_provider(ctx: Context) -> IdentityProvider:
    """The tenant's provider, without its secret; raises NotFound."""
    async with reading(ctx):
        return await _get(ctx)


@use_case("sign_in:write")
async def set_identity_provider(
    ctx: Context,
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    label: str,
    enabled: bool = True,
    only: bool = False,
    expected_version: int | None = None,
) -> IdentityProvider:
    """Replaces the tenant's provider; its callback is {public URL}/oauth/sign-in/provider/callback."""
    _check_issuer(issuer)
    async with transaction(ctx) as tx:
        await tx.execute("select id from tenants where id = $1 for no key update", ctx.tenant_id)
        before = await _find(ctx)
        expect(before.version if before else 0, expected_version)
        provider_id = before.id if before else new_id("idp")
        await tx.execute(
            "insert into identity_providers (tenant_id, id, issuer, client_id, sealed_client_secret, label, enabled,"
            " passwords_refused, version, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)"
            " on conflict (tenant_id) do update set issuer = excluded.issuer, client_id = excluded.client_id,"
            " sealed_client_secret = excluded.sealed_client_secret, label = excluded.label, enabled = excluded.enabled,"
            " passwords_refused = excluded.passwords_refused, version = identity_providers.version + 1,"
            " updated_at = excluded.updated_at",
            ctx.tenant_id,
            provider_id,
            issuer,
            client_id,
            ctx.keys.seal(client_secret.encode(), "identity_providers", provider_id, "client_secret"),
            label,
            enabled,
            only,
            SystemClock().now(),
        )
        audited(ctx, provider_id)
        return await _get(ctx)


@use_case("sign_in:write")
async def delete_identity_provider(ctx: Context, *, expected_version: int | None = None) -> None:
    """Removes the provider and who the users are there; they sign in with passwords."""
    async with transaction(ctx) as tx:
        provider = await _get(ctx)
        expect(provider.version, expected_version)
        await tx.execute("delete from identity_providers where tenant_id = $1", ctx.tenant_id)
        await tx.execute(
            "delete from user_identities where tenant_id = $1 and issuer = $2", ctx.tenant_id, provider.issuer
        )
        audited(ctx, provider.id)


async def find_provider(ctx: Context) -> IdentityProvider | None:
    """The provider at which users may sign in now, in the open transaction."""
    provider = await _find(ctx)
    return provider if provider is not None and provider.enabled else None


async def secret_of_provider(ctx: Context, provider: IdentityProvider) -> str:
    """The secret by which we authenticate there, in the open transaction."""
    sealed = await sql(ctx).fetchval(
        "select sealed_client_secret from identity_providers where tenant_id = $1", ctx.tenant_id
    )
    return ctx.keys.open(sealed, "identity_providers", provider.id, "client_secret").decode()


async def _get(ctx: Context) -> IdentityProvider:
    provider = await _find(ctx)
    if provider is None:
        raise NotFound("identity_provider_not_found", "The tenant has no identity provider.")
    return provider


async def _find(ctx: Context) -> IdentityProvider | None:
    row: Any = await sql(ctx).fetchrow(f"select {_COLUMNS} from identity_providers where tenant_id = $1", ctx.tenant_id)
    return IdentityProvider(**dict(row)) if row else None


def _check_issuer(issuer: str) -> None:
    wrong = url_error(issuer, allow_private=private_addresses_allowed())
    if wrong is not None:
        raise InvalidInput.at("/issuer", wrong.code, "The issuer is not a URL that we could reach.")
    if not issuer.startswith("https://") and not private_addresses_allowed():
        raise InvalidInput(
            "invalid_input", "An issuer is https.", (FieldError("/issuer", "issuer_not_https", "An issuer is https."),)
        )
    if "?" in issuer:
        raise InvalidInput.at(
            "/issuer", "malformed_issuer", "An issuer has no query (OpenID Connect Discovery section 2)."
        )
