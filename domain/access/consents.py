"""A user's consent: what an app would be allowed, and what becomes of the answer."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access import user_store as store
from domain.access.codes import add_code
from domain.access.profile import context_for
from domain.access.roles import scopes_of
from domain.access.sign_ins import SignIn, use_up_sign_in
from domain.access.user_model import User
from domain.kernel.context import Actor, Context
from domain.kernel.errors import Unauthenticated
from domain.storage.audit_chain import audit
from domain.storage.transaction import reading, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """What the user is asked: which organisation, as whom, and what the app would be allowed."""

    organisation: str
    user_name: str
    email: str
    scopes: list[str]


async def consent_request(sign_in: SignIn) -> ConsentRequest | None:
    """What to ask; None if the user or the tenant was shut out meanwhile."""
    ctx = await _context_of(sign_in)
    if ctx is None:
        return None
    async with reading(ctx) as tx:
        user = await _active_user(ctx, sign_in)
        name: str = await tx.fetchval("select name from tenants where id = $1", ctx.tenant_id)
    if user is None:
        return None
    return ConsentRequest(
        organisation=name, user_name=user.name, email=user.email or "", scopes=sorted(_granted(sign_in, user))
    )


async def approve(sign_in: SignIn, address: str | None) -> str | None:
    """The authorization code; None if there is nothing (any more) that could be granted. The sign-in is used up."""
    ctx = await _context_of(sign_in)
    if not await use_up_sign_in(sign_in) or ctx is None:
        return None
    async with transaction(ctx):
        user = await _active_user(ctx, sign_in)
        granted = _granted(sign_in, user) if user else frozenset()
        if user is None or not granted:
            return None
        code = await add_code(
            ctx,
            client_id=sign_in.client_id,
            user_id=user.id,
            redirect_uri=sign_in.redirect_uri,
            scopes=granted,
            code_challenge=sign_in.code_challenge,
        )
        actor = Actor("user", user.id, sign_in.client_id, address)
        audit(ctx, "consent.granted", user.id, actor, scopes=sorted(granted))
    return code


async def deny(sign_in: SignIn, address: str | None) -> None:
    """The user said no; the sign-in is used up."""
    ctx = await _context_of(sign_in)
    if not await use_up_sign_in(sign_in) or ctx is None:
        return
    async with transaction(ctx):
        actor = Actor("user", sign_in.user_id or "unknown", sign_in.client_id, address)
        audit(ctx, "consent.denied", sign_in.user_id, actor)


def _granted(sign_in: SignIn, user: User) -> frozenset[str]:
    return frozenset(sign_in.scopes) & scopes_of(user.role)


async def _active_user(ctx: Context, sign_in: SignIn) -> User | None:
    user = await store.get(ctx, sign_in.user_id or "")
    return user if user.status == "active" else None


async def _context_of(sign_in: SignIn) -> Context | None:
    if sign_in.tenant_id is None or sign_in.stage != "consent":
        return None
    try:
        return await context_for(sign_in.tenant_id, Actor("system", "sign_in"))
    except Unauthenticated:
        return None
