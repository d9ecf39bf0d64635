"""The steps of a sign-in: password, then the second factor of those who have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.access import user_store as store
from domain.access.attempts import count_attempt, forget_attempts
from domain.access.identity_providers import find_provider
from domain.access.passwords import hash_password, is_outdated, password_matches
from domain.access.profile import context_for
from domain.access.rules.passwords import normal_email
from domain.access.second_factor import code_is_good
from domain.access.sign_ins import SignIn, Stage, advance_sign_in, find_organisation, platform_of
from domain.access.user_model import Credentials, User
from domain.kernel.context import Actor, AnyContext, Context
from domain.kernel.errors import Unauthenticated
from domain.storage.audit_chain import audit
from domain.storage.transaction import reading, transaction


@dataclass(frozen=True, slots=True)
class Passed:
    """The step was passed; the browser's secret from now on."""

    browser_secret: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The step was not passed, and why, which is the same for unknown users."""

    why: Literal["wrong", "locked", "ended"]
    retry_after_seconds: int = 0


async def prove_password(
    sign_in: SignIn, *, organisation: str, email: str, password: str, address: str | None
) -> Passed | Refused:
    """Judges organisation, address and password as one: nobody learns which of them was wrong."""
    email = normal_email(email)
    tenant_id = sign_in.tenant_id or await find_organisation(sign_in.platform_id, organisation.strip())
    platform, subject = platform_of(sign_in.platform_id), ("password", tenant_id or organisation.strip(), email)
    if seconds := await count_attempt(platform, *subject):
        return Refused("locked", seconds)
    ctx = await tenant_context_of(tenant_id)
    user, known = await _user_of(ctx, email)
    if not await password_matches(known.password_hash if known else None, password):
        user = None
    if ctx is None or user is None or known is None or user.status != "active":
        await record(ctx or platform, sign_in, "sign_in.failed", user, address, step="password")
        return Refused("wrong")
    await forget_attempts(platform, *subject)
    assert known.password_hash is not None
    if is_outdated(known.password_hash):
        await _rehash(ctx, user, password)
    return await go_on(ctx, sign_in, user, "second_factor" if known.totp_confirmed else "consent", address)


async def prove_second_factor(sign_in: SignIn, *, code: str, address: str | None) -> Passed | Refused:
    """Judges a one-time code; those who keep failing have to wait."""
    assert sign_in.tenant_id is not None
    assert sign_in.user_id is not None
    ctx = await tenant_context_of(sign_in.tenant_id)
    if ctx is None:
        return Refused("ended")
    if seconds := await count_attempt(ctx, "code", sign_in.user_id):
        return Refused("locked", seconds)
    async with transaction(ctx):
        user = await store.get(ctx, sign_in.user_id)
        is_good = user.status == "active" and await code_is_good(ctx, user.id, code)
    if not is_good:
        await record(ctx, sign_in, "sign_in.failed", user, address, step="second_factor")
        return Refused("wrong")
    await forget_attempts(ctx, "code", user.id)
    return await go_on(ctx, sign_in, user, "consent", address)


async def go_on(ctx: Context, sign_in: SignIn, user: User, stage: Stage, address: str | None) -> Passed | Refused:
    """On to the next stage, under a new secret."""
    secret = await advance_sign_in(sign_in, stage, tenant_id=ctx.tenant_id, user_id=user.id)
    if secret is None:
        return Refused("ended")
    if stage == "consent":
        await record(ctx, sign_in, "sign_in.succeeded", user, address)
    return Passed(secret)


async def tenant_context_of(tenant_id: str | None) -> Context | None:
    """The tenant in which somebody signs in; None if it is unknown, suspended or closed."""
    if tenant_id is None:
        return None
    try:
        return await context_for(tenant_id, Actor("system", "sign_in"))
    except Unauthenticated:
        return None


async def _user_of(ctx: Context | None, email: str) -> tuple[User | None, Credentials | None]:
    if ctx is None:
        return None, None
    async with reading(ctx):
        provider = await find_provider(ctx)
        if provider is not None and provider.only:
            return None, None
        user = await store.find_by_email(ctx, email)
        return user, await store.credentials(ctx, user.id) if user else None


async def _rehash(ctx: Context, user: User, password: str) -> None:
    password_hash = await hash_password(password)
    async with transaction(ctx):
        await store.set_password_hash(ctx, user.id, password_hash)


async def record(
    ctx: AnyContext, sign_in: SignIn, action: str, user: User | None, address: str | None, **details: str
) -> None:
    """Tells the audit log; a failed attempt of nobody we know is told without a name."""
    actor = Actor("user", user.id if user else "unknown", sign_in.client_id, address)
    async with transaction(ctx):
        audit(ctx, action, user.id if user else None, actor, **details)
