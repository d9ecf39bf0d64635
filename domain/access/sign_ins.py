"""Sign-ins: authorization requests whose user is still proving who they are, bound to one browser by a secret in its cookie."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.ids import is_id, new_id
from domain.storage.transaction import reading, transaction

GOOD_FOR = timedelta(minutes=10)
Stage = Literal["identify", "second_factor", "consent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunSignIn:
    """A new sign-in and the secret that binds it to the browser, which is stored only as a hash."""

    id: str
    browser_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A pending authorization request and how far its user has come."""

    platform_id: str
    id: str
    client_id: str
    client_name: str
    tenant_id: str | None
    asks_organisation: bool
    redirect_uri: str
    scopes: list[str]
    state: str | None
    code_challenge: str
    stage: Stage
    user_id: str | None
    provider_attempt: str | None
    expires_at: datetime


_COLUMNS = ", ".join(field.name for field in fields(SignIn))


async def begin_sign_in(
    *,
    client_id: str,
    client_name: str,
    platform_id: str,
    tenant_id: str | None,
    redirect_uri: str,
    scopes: frozenset[str],
    state: str | None,
    code_challenge: str,
) -> BegunSignIn:
    """Keeps a validated authorization request for ten minutes; without a tenant the user will be asked for theirs."""
    ctx, now, secret = platform_of(platform_id), SystemClock().now(), _new_secret(platform_id)
    begun = BegunSignIn(id=new_id("sgn"), browser_secret=secret)
    async with transaction(ctx) as tx:
        await tx.execute("delete from sign_ins where platform_id = $1 and expires_at < $2", platform_id, now)
        await tx.execute(
            "insert into sign_ins (platform_id, id, secret_hash, client_id, client_name, tenant_id, asks_organisation,"
            " redirect_uri, scopes, state, code_challenge, stage, created_at, expires_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'identify', $12, $13)",
            platform_id,
            begun.id,
            _hash(secret),
            client_id,
            client_name,
            tenant_id,
            tenant_id is None,
            redirect_uri,
            sorted(scopes),
            state,
            code_challenge,
            now,
            now + GOOD_FOR,
        )
    return begun


async def find_sign_in(browser_secret: str) -> SignIn | None:
    """The sign-in of the browser that holds this secret; None if it is unknown, finished or expired."""
    platform_id = browser_secret.partition(".")[0]
    if not is_id(platform_id, "plt"):
        return None
    async with reading(platform_of(platform_id)) as tx:
        row = await tx.fetchrow(
            f"select {_COLUMNS} from sign_ins where platform_id = $1 and secret_hash = $2 and expires_at > $3",
            platform_id,
            _hash(browser_secret),
            SystemClock().now(),
        )
    return SignIn(**dict(row)) if row else None


async def advance_sign_in(sign_in: SignIn, stage: Stage, *, tenant_id: str, user_id: str) -> str | None:
    """Takes a sign-in from its stage to `stage`; the new browser secret, since whoever planted the old one must not follow.

    None if it was not at that stage any more.
    """
    secret = _new_secret(sign_in.platform_id)
    async with transaction(platform_of(sign_in.platform_id)) as tx:
        moved = await tx.fetchval(
            "update sign_ins set stage = $3, tenant_id = $4, user_id = $5, secret_hash = $6"
            " where platform_id = $1 and id = $2 and stage = $7 and expires_at > $8 returning 1",
            sign_in.platform_id,
            sign_in.id,
            stage,
            tenant_id,
            user_id,
            _hash(secret),
            sign_in.stage,
            SystemClock().now(),
        )
    return secret if moved else None


async def use_up_sign_in(sign_in: SignIn) -> bool:
    """Ends a sign-in; False if somebody else just did."""
    async with transaction(platform_of(sign_in.platform_id)) as tx:
        ended = await tx.fetchval(
            "delete from sign_ins where platform_id = $1 and id = $2 and stage = $3 returning 1",
            sign_in.platform_id,
            sign_in.id,
            sign_in.stage,
        )
    return ended is not None


async def begin_provider_attempt(sign_in: SignIn) -> str:
    """A fresh number for one trip to the tenant's own provider; the one before is good for nothing any more."""
    attempt = secrets.token_urlsafe(16)
    async with transaction(platform_of(sign_in.platform_id)) as tx:
        await tx.execute(
            "update sign_ins set provider_attempt = $3 where platform_id = $1 and id = $2 and stage = 'identify'",
            sign_in.platform_id,
            sign_in.id,
            attempt,
        )
    return attempt


async def use_provider_attempt(sign_in: SignIn) -> bool:
    """Uses the trip up before its outcome is judged; False if it was used before."""
    async with transaction(platform_of(sign_in.platform_id)) as tx:
        used = await tx.fetchval(
            "update sign_ins set provider_attempt = null"
            " where platform_id = $1 and id = $2 and provider_attempt = $3 returning 1",
            sign_in.platform_id,
            sign_in.id,
            sign_in.provider_attempt,
        )
    return used is not None


async def find_organisation(platform_id: str, named: str) -> str | None:
    """The id of the platform's tenant with this id or external id."""
    async with reading(platform_of(platform_id)) as tx:
        found: str | None = await tx.fetchval(
            "select id from tenants where platform_id = $1 and (id = $2 or external_id = $2) order by id = $2 desc limit 1",
            platform_id,
            named,
        )
    return found


def platform_of(platform_id: str) -> PlatformContext:
    """The context in which a sign-in is kept."""
    return PlatformContext(platform_id=platform_id, actor=Actor("system", "sign_in"))


def _new_secret(platform_id: str) -> str:
    return f"{platform_id}.{secrets.token_urlsafe(32)}"


def _hash(secret: str) -> bytes:
    # Enough for 256 random bits.
    return hashlib.sha256(secret.encode()).digest()
