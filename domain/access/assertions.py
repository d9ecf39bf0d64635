"""Client assertions (RFC 7523) are good once: their ids are remembered until they expire by themselves."""

from __future__ import annotations

from datetime import datetime

from domain.access.codes import hash_of
from domain.access.model import ClientIdentity
from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, AnyContext, Context, PlatformContext
from domain.storage.transaction import sql, transaction


def owner_context(platform_id: str, tenant_id: str | None, actor: Actor) -> AnyContext:
    """A bare context of whom a client or token belongs to, for the authorization server's own work."""
    if tenant_id is not None:
        return Context(tenant_id=tenant_id, actor=actor)
    return PlatformContext(platform_id=platform_id, actor=actor)


async def use_assertion(client: ClientIdentity, jti: str, expires_at: datetime) -> bool:
    """Takes note of an assertion's id; False if it was used before."""
    ctx = owner_context(client.platform_id, client.tenant_id, Actor("client", client.id, client.id))
    async with transaction(ctx):
        tx = sql(ctx)
        await tx.execute(
            "delete from client_assertions where owner_id = $1 and client_id = $2 and expires_at < $3",
            ctx.owner_id,
            client.id,
            SystemClock().now(),
        )
        made = await tx.fetchval(
            "insert into client_assertions (owner_id, client_id, jti_hash, expires_at) values ($1, $2, $3, $4)"
            " on conflict do nothing returning true",
            ctx.owner_id,
            client.id,
            hash_of(jti),
            expires_at,
        )
    return bool(made)
