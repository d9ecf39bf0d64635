"""Signing in at the tenant's own OpenID provider: whom its word makes of a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.access import user_store as store
from domain.access.identity_providers import IdentityProvider, find_provider, secret_of_provider
from domain.access.invitations import remove_invitation
from domain.access.proofs import Passed, Refused, go_on, record, tenant_context_of
from domain.access.sign_ins import SignIn
from domain.access.user_events import user_event
from domain.access.user_model import User
from domain.events.log import emit
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.storage.transaction import reading, sql, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedIdentity:
    """What a validated ID token says."""

    issuer: str
    subject: str
    verified_email: str | None


async def provider_of(sign_in: SignIn) -> IdentityProvider | None:
    """The provider of the tenant in which somebody signs in, as far as it is known which."""
    ctx = await tenant_context_of(sign_in.tenant_id)
    if ctx is None:
        return None
    async with reading(ctx):
        return await find_provider(ctx)


async def provider_with_secret(sign_in: SignIn) -> tuple[IdentityProvider, str] | None:
    """The provider and our secret there."""
    ctx = await tenant_context_of(sign_in.tenant_id)
    if ctx is None:
        return None
    async with reading(ctx):
        provider = await find_provider(ctx)
        return (provider, await secret_of_provider(ctx, provider)) if provider else None


async def prove_identity(sign_in: SignIn, identity: ProvedIdentity | None, address: str | None) -> Passed | Refused:
    """Lets in the user whom the provider knows: by subject, the first time by verified e-mail address; nobody else."""
    ctx = await tenant_context_of(sign_in.tenant_id)
    if ctx is None:
        return Refused("ended")
    async with transaction(ctx):
        user = await _user_of(ctx, identity) if identity else None
        if user is not None and user.status == "invited":
            user = await _activate(ctx, user)
        known = await store.credentials(ctx, user.id) if user else None
    if user is None or known is None:
        await record(ctx, sign_in, "sign_in.failed", None, address, step="provider")
        return Refused("wrong")
    return await go_on(ctx, sign_in, user, "second_factor" if known.totp_confirmed else "consent", address)


async def _user_of(ctx: Context, identity: ProvedIdentity) -> User | None:
    user_id = await sql(ctx).fetchval(
        "select user_id from user_identities where tenant_id = $1 and issuer = $2 and subject = $3",
        ctx.tenant_id,
        identity.issuer,
        identity.subject,
    )
    if user_id is not None:
        user: User | None = await store.get(ctx, user_id, lock=True)
    else:
        user = await store.find_by_email(ctx, identity.verified_email) if identity.verified_email else None
    if user is None or user.status == "disabled":
        return None
    await sql(ctx).execute(
        "insert into user_identities (tenant_id, issuer, subject, user_id, created_at) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing",
        ctx.tenant_id,
        identity.issuer,
        identity.subject,
        user.id,
        SystemClock().now(),
    )
    return user


async def _activate(ctx: Context, user: User) -> User:
    await remove_invitation(ctx, user.id)
    active = replace(user, status="active", version=user.version + 1, updated_at=SystemClock().now())
    await store.save(ctx, active)
    emit(ctx, user_event("activated", active))
    return active
