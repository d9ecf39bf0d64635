"""Links by which users set their first or a new password: good for seven days and once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from domain.access import user_store as store
from domain.access.passwords import hash_password
from domain.access.profile import context_for
from domain.access.public_url import public_url
from domain.access.revocations import revoke
from domain.access.rules.passwords import check_password
from domain.access.user_events import user_event
from domain.access.user_model import User, UserInvitation
from domain.events.log import emit
from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, Context
from domain.kernel.errors import NotFound, Unauthenticated
from domain.kernel.ids import is_id
from domain.storage.audit_chain import audit
from domain.storage.transaction import reading, sql, transaction

GOOD_FOR = timedelta(days=7)


async def add_invitation(ctx: Context, user: User) -> UserInvitation:
    """A new link, in the open transaction; the one before is good for nothing any more."""
    now = SystemClock().now()
    token = f"{ctx.tenant_id}.{secrets.token_urlsafe(32)}"
    await sql(ctx).execute(
        "insert into user_invitations (tenant_id, user_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)"
        " on conflict (tenant_id, user_id) do update set token_hash = excluded.token_hash,"
        " created_at = excluded.created_at, expires_at = excluded.expires_at",
        ctx.tenant_id,
        user.id,
        _hash(token),
        now,
        now + GOOD_FOR,
    )
    url = f"{public_url()}/oauth/invitation/{token}"
    return UserInvitation(user=user, invitation_url=url, expires_at=now + GOOD_FOR)


async def invited_user(token: str) -> User:
    """Whom a link is for; raises NotFound if it is unknown, used or expired."""
    ctx = await _context_of(token)
    async with reading(ctx):
        return await _user_of(ctx, token)


async def accept_invitation(token: str, password: str, address: str | None = None) -> User:
    """Sets the password, which also makes an invited user active; raises NotFound, or InvalidInput for a poor password."""
    ctx = await _context_of(token)
    async with reading(ctx):
        user = await _user_of(ctx, token)
    check_password(password, user.email or "")
    password_hash = await hash_password(password)
    async with transaction(ctx):
        user = await _user_of(ctx, token, lock=True)
        await remove_invitation(ctx, user.id)
        await store.set_password_hash(ctx, user.id, password_hash)
        await revoke(ctx, user.id)
        audit(ctx, "invitation.accepted", user.id, Actor("user", user.id, None, address))
        if user.status == "invited":
            user = replace(user, status="active", version=user.version + 1, updated_at=SystemClock().now())
            await store.save(ctx, user)
            emit(ctx, user_event("activated", user))
    return user


async def remove_invitation(ctx: Context, user_id: str) -> None:
    """The user's link is good for nothing any more."""
    await sql(ctx).execute("delete from user_invitations where tenant_id = $1 and user_id = $2", ctx.tenant_id, user_id)


async def _context_of(token: str) -> Context:
    tenant_id = token.partition(".")[0]
    if not is_id(tenant_id, "tnt"):
        raise NotFound("invitation_not_found", "There is no such invitation.")
    try:
        return await context_for(tenant_id, Actor("system", "invitation"))
    except Unauthenticated as refused:
        raise NotFound("invitation_not_found", "There is no such invitation.") from refused


async def _user_of(ctx: Context, token: str, *, lock: bool = False) -> User:
    user_id = await sql(ctx).fetchval(
        "select user_id from user_invitations where tenant_id = $1 and token_hash = $2 and expires_at > $3"
        + (" for update" if lock else ""),
        ctx.tenant_id,
        _hash(token),
        SystemClock().now(),
    )
    if user_id is None:
        raise NotFound("invitation_not_found", "There is no such invitation.")
    user = await store.get(ctx, user_id, lock=lock)
    if user.status == "disabled":
        raise NotFound("invitation_not_found", "There is no such invitation.")
    return user


def _hash(token: str) -> bytes:
    # Enough for 256 random bits.
    return hashlib.sha256(token.encode()).digest()
