"""Users and limited contexts for tests."""

from __future__ import annotations

from dataclasses import replace

from domain.kernel.context import Actor, Context
from domain.kernel.ids import new_id
from domain.storage.transaction import transaction


async def a_collector(ctx: Context) -> str:
    """The id of a collector who is limited to own customers."""
    user_id = new_id("usr")
    async with transaction(ctx) as tx:
        await tx.execute(
            "insert into users (tenant_id, id, name, sealed_email, email_hash, role, own_customers_only, status, version,"
            " created_at, updated_at) values ($1, $2, 'Li Na', $3, $4, 'collector', true, 'active', 1, $5, $5)",
            ctx.tenant_id,
            user_id,
            b"sealed",
            ctx.keys.search_hash(user_id),
            ctx.now(),
        )
    return user_id


def limited_to(ctx: Context, user_id: str) -> Context:
    """The same tenant as a collector sees it who is limited to own customers."""
    return replace(ctx, customers_of=user_id, actor=Actor("user", user_id, "cli_test"))
