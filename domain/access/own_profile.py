"""Use cases of a signed-in user for themselves: profile, password, second factor."""

from __future__ import annotations

from dataclasses import replace

from domain.access import user_store as store
from domain.access.attempts import count_attempt, forget_attempts
from domain.access.passwords import hash_password, password_matches
from domain.access.revocations import revoke
from domain.access.rules.passwords import check_password
from domain.access.second_factor import code_is_good, new_secret, otpauth_uri
from domain.access.user_events import user_event
from domain.access.user_model import SecondFactor, User
from domain.events.log import emit
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, TooManyRequests
from domain.kernel.usecase import use_case
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, transaction


@use_case("profile:read")
async def get_profile(ctx: Context) -> User:
    """The user whose token this is."""
    async with reading(ctx):
        return await store.get(ctx, _own_id(ctx))


@use_case("profile:write")
async def enrol_second_factor(ctx: Context) -> SecondFactor:
    """A new secret for an authenticator app; it counts once a code of it was confirmed."""
    secret = new_secret()
    async with transaction(ctx):
        user = await store.get(ctx, _own_id(ctx), lock=True)
        if user.has_second_factor:
            raise Conflict("second_factor_exists", "There is a second factor; remove it first.")
        await store.set_totp(ctx, user.id, secret.encode(), None)
        audited(ctx, user.id)
    return SecondFactor(secret=secret, otpauth_uri=otpauth_uri(secret, user.email or user.id))


@use_case("profile:write")
async def confirm_second_factor(ctx: Context, *, code: str) -> User:
    """The second factor counts from now on, proved by its first code."""
    await _may_try(ctx, "code")
    async with transaction(ctx):
        user = await store.get(ctx, _own_id(ctx), lock=True)
        if user.has_second_factor:
            raise Conflict("second_factor_exists", "There is a second factor already.")
        await _use_code(ctx, user, code)
        await store.confirm_totp(ctx, user.id, SystemClock().now())
        return await _save(ctx, replace(user, has_second_factor=True))


@use_case("profile:write")
async def drop_second_factor(ctx: Context, *, code: str) -> User:
    """Takes the second factor away, proved by one more code."""
    await _may_try(ctx, "code")
    async with transaction(ctx):
        user = await store.get(ctx, _own_id(ctx), lock=True)
        if not user.has_second_factor:
            raise Conflict("no_second_factor", "There is no second factor.")
        await _use_code(ctx, user, code)
        await store.set_totp(ctx, user.id, None, None)
        return await _save(ctx, replace(user, has_second_factor=False))


@use_case("profile:write")
async def change_password(ctx: Context, *, current: str, new: str) -> None:
    """Sets a new password, proved by the current one; every token of the user is taken back, this one too."""
    user_id = _own_id(ctx)
    await _may_try(ctx, "password")
    async with reading(ctx):
        user, known = await store.get(ctx, user_id), await store.credentials(ctx, user_id)
    if not await password_matches(known.password_hash, current):
        raise InvalidInput.at("/current", "wrong_password", "This is not the current password.")
    check_password(new, user.email or "", "/new")
    password_hash = await hash_password(new)
    async with transaction(ctx):
        await store.get(ctx, user_id, lock=True)
        await store.set_password_hash(ctx, user_id, password_hash)
        await revoke(ctx, user_id)
        audited(ctx, user_id)
    await forget_attempts(ctx, "password", user_id)


def _own_id(ctx: Context) -> str:
    if ctx.actor.kind != "user":
        raise Forbidden("user_token_required", "This needs a token of a user, not of a client for itself.")
    return ctx.actor.id


async def _may_try(ctx: Context, what: str) -> None:
    seconds = await count_attempt(ctx, what, _own_id(ctx))
    if seconds is not None:
        raise TooManyRequests("too_many_attempts", "Too many attempts failed.", retry_after_seconds=seconds)


async def _use_code(ctx: Context, user: User, code: str) -> None:
    if not await code_is_good(ctx, user.id, code):
        raise InvalidInput.at("/code", "wrong_code", "This code is wrong, too old or was used before.")
    await forget_attempts(ctx, "code", user.id)


async def _save(ctx: Context, user: User) -> User:
    user = replace(user, version=user.version + 1, updated_at=SystemClock().now())
    await store.save(ctx, user)
    emit(ctx, user_event("updated", user))
    return user
