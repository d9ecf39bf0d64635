"""Use cases of a tenant's users: invite, change, shut out, let in again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.access import user_store as store
from domain.access.invitations import add_invitation, remove_invitation
from domain.access.revocations import bar, revoke, unbar
from domain.access.roles import Role, scopes_of
from domain.access.rules.addresses import is_email
from domain.access.user_events import user_event
from domain.access.user_model import User, UserInvitation
from domain.events.log import emit
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, transaction

MAX_EMAIL = 254
# A profile is one's own. The audit log is read by auditors only, whom an admin appoints without being one.
_NOT_COUNTED = ("profile:", "audit:")


@use_case("users:write")
async def invite_user(
    ctx: Context, *, name: str, email: str, role: Role, locale: str | None = None, own_customers_only: bool = False
) -> UserInvitation:
    """Invites a person; the answer is the only place of the link, which is good for seven days."""
    email = email.strip()
    if len(email) > MAX_EMAIL or not is_email(email):
        raise InvalidInput.at("/email", "malformed_email", "This is not an e-mail address.")
    _check_limit(role, own_customers_only)
    now = SystemClock().now()
    user = User(
        id=new_id("usr"),
        name=name,
        email=email,
        role=role,
        own_customers_only=own_customers_only,
        status="invited",
        locale=locale,
        has_second_factor=False,
        version=1,
        created_at=now,
        updated_at=now,
    )
    async with transaction(ctx):
        await _may_give(ctx, role)
        await store.add(ctx, user)
        invitation = await add_invitation(ctx, user)
        emit(ctx, user_event("invited", user))
    return invitation


@use_case("users:read")
async def list_users(ctx: Context, page: PageRequest) -> Page[User]:
    """The tenant's users, oldest first."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), lambda row: store.user_of(ctx, row))


@use_case("users:read")
async def get_user(ctx: Context, user_id: str) -> User:
    """One user; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, user_id)


@use_case("users:write")
async def update_user(
    ctx: Context, user_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> User:
    """Changes name, role, locale or own_customers_only; another role or limit takes back all tokens of the user."""
    async with transaction(ctx):
        user = await store.get(ctx, user_id, lock=True)
        expect(user.version, expected_version)
        changed = replace(user, **changes)
        if changed == user:
            return user
        _check_limit(changed.role, changed.own_customers_only)
        # Also what somebody holds already: nobody changes a user who may do more than they.
        await _may_give(ctx, user.role)
        await _may_give(ctx, changed.role)
        if changed.role != "admin":
            await _keep_an_admin(ctx, user)
        if (changed.role, changed.own_customers_only) != (user.role, user.own_customers_only):
            await revoke(ctx, user_id)
        return await _save(ctx, changed, "updated")


@use_case("users:write")
async def disable_user(ctx: Context, user_id: str, *, expected_version: int | None = None) -> User:
    """Shuts a user out: tokens, pending sign-ins and invitations are good for nothing at once."""
    async with transaction(ctx):
        user = await store.get(ctx, user_id, lock=True)
        expect(user.version, expected_version)
        if user.status == "disabled":
            return user
        await _may_give(ctx, user.role)
        await _keep_an_admin(ctx, user)
        await bar(ctx, user_id)
        await remove_invitation(ctx, user_id)
        return await _save(ctx, replace(user, status="disabled"), "disabled")


@use_case("users:write")
async def enable_user(ctx: Context, user_id: str, *, expected_version: int | None = None) -> User:
    """Lets a user in again; one who never set a password needs a new invitation."""
    async with transaction(ctx):
        user = await store.get(ctx, user_id, lock=True)
        expect(user.version, expected_version)
        if user.status != "disabled":
            return user
        await _may_give(ctx, user.role)
        await unbar(ctx, user_id)
        has_password = (await store.credentials(ctx, user_id)).password_hash is not None
        return await _save(ctx, replace(user, status="active" if has_password else "invited"), "enabled")


@use_case("users:write")
async def renew_invitation(ctx: Context, user_id: str) -> UserInvitation:
    """A new link, also for a forgotten password; the one before is good for nothing any more."""
    async with transaction(ctx):
        user = await store.get(ctx, user_id, lock=True)
        await _may_give(ctx, user.role)
        if user.status == "disabled":
            raise Conflict("user_disabled", "The user is disabled.")
        invitation = await add_invitation(ctx, user)
        audited(ctx, user_id)
    return invitation


@use_case("users:write")
async def remove_second_factor(ctx: Context, user_id: str, *, expected_version: int | None = None) -> User:
    """Takes away the second factor of a user who lost it; they sign in with the password alone and may set up another."""
    async with transaction(ctx):
        user = await store.get(ctx, user_id, lock=True)
        expect(user.version, expected_version)
        await _may_give(ctx, user.role)
        await store.set_totp(ctx, user_id, None, None)
        if not user.has_second_factor:
            audited(ctx, user_id)
            return user
        return await _save(ctx, replace(user, has_second_factor=False), "updated")


async def _save(ctx: Context, user: User, what: str) -> User:
    user = replace(user, version=user.version + 1, updated_at=SystemClock().now())
    await store.save(ctx, user)
    emit(ctx, user_event(what, user))
    return user


async def _may_give(ctx: Context, role: Role) -> None:
    """Raises Forbidden if the role could do more than the caller: by own role for a user, by scopes for a client."""
    held: frozenset[Scope] | frozenset[str] = ctx.scopes
    if ctx.actor.kind == "operator":
        return
    if ctx.actor.kind == "user":
        held = scopes_of((await store.get(ctx, ctx.actor.id)).role)
    if any(scope not in held and not scope.startswith(_NOT_COUNTED) for scope in scopes_of(role)):
        raise Forbidden("role_exceeds_token", f"The role {role} can do more than this token.")


async def _keep_an_admin(ctx: Context, user: User) -> None:
    is_active_admin = user.role == "admin" and user.status == "active"
    if is_active_admin and await store.other_active_admins(ctx, user.id) == 0:
        raise Conflict("last_admin", "This is the last active admin; make another one first.")


def _check_limit(role: Role, own_customers_only: bool) -> None:
    if own_customers_only and role != "collector":
        raise InvalidInput.at("/own_customers_only", "limit_needs_collector", "Only a collector can be limited.")
