"""The operator's work on keys: new data keys for every tenant, sealing anew what older keys sealed, and how far that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from asyncpg import UniqueViolationError

from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, Context
from domain.storage.audit_chain import audit
from domain.storage.data_keys import ACTIVE_AFTER, add_key, load_keys
from domain.storage.doors import tenants_through
from domain.storage.resealing import Resealed, count_outdated, reseal_signing_keys, reseal_tenant
from domain.storage.transaction import sql, transaction

_TENANTS_AT_ONCE = 500
_OPERATOR = Actor("operator", "keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How many tenants have a new data key, and from when on it seals; `not_rotated` are those whose audit log is broken."""

    tenants: int
    active_at: datetime
    not_rotated: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """Where a change of keys stands: values that older keys sealed, by column, and when the last new key begins to seal."""

    tenants: int
    data_keys: int
    outdated: dict[str, int]
    waiting_until: datetime | None


async def rotate_data_keys() -> Rotated:
    """Gives every tenant a new data key; running processes seal with it only once all of them know it."""
    active_at = SystemClock().now() + ACTIVE_AFTER
    count, not_rotated = 0, []
    async for ctx in _every_tenant():
        try:
            await _rotate(ctx, active_at)
        except UniqueViolationError:
            # Somebody turned its audit log back: nothing more can be written for it, and that must not hold up the others.
            not_rotated.append(ctx.tenant_id)
        else:
            count += 1
    return Rotated(tenants=count, active_at=active_at, not_rotated=not_rotated)


async def _rotate(ctx: Context, active_at: datetime) -> None:
    async with transaction(ctx) as tx:
        await load_keys(tx, ctx.tenant_id)
        number: int = await tx.fetchval("select max(number) + 1 from data_keys where tenant_id = $1", ctx.tenant_id)
        await add_key(tx, ctx.tenant_id, number, active_at)
        audit(ctx, "rotate_data_key", None, number=number)


async def reseal_everything() -> Resealed:
    """Seals with the present keys whatever was sealed with older ones."""
    counted = Resealed()
    async for ctx in _every_tenant():
        async with transaction(ctx) as tx:
            keys = await load_keys(tx, ctx.tenant_id)
        await reseal_tenant(ctx, keys, counted)
    await reseal_signing_keys(counted)
    return counted


async def key_status() -> KeyStatus:
    """Counts across all tenants."""
    tenants, data_keys, waiting_until = 0, 0, None
    outdated: Counter[str] = Counter()
    async for ctx in _every_tenant():
        async with transaction(ctx) as tx:
            keys = await load_keys(tx, ctx.tenant_id)
            count, last_active_at = await _own_keys(ctx)
        outdated.update(await count_outdated(ctx, keys))
        tenants, data_keys = tenants + 1, data_keys + count
        if last_active_at > SystemClock().now():
            waiting_until = max(last_active_at, waiting_until or last_active_at)
    return KeyStatus(tenants=tenants, data_keys=data_keys, outdated=dict(outdated), waiting_until=waiting_until)


async def _own_keys(ctx: Context) -> tuple[int, datetime]:
    row = await sql(ctx).fetchrow(
        "select count(*) as count, max(active_at) as last from data_keys where tenant_id = $1 and number > 0",
        ctx.tenant_id,
    )
    assert row is not None
    return row["count"], row["last"]


async def _every_tenant() -> AsyncIterator[Context]:
    """Contexts of all tenants, closed and suspended ones too: what they have sealed must stay readable."""
    after = ""
    while ids := await tenants_through("door_tenants_after", after, _TENANTS_AT_ONCE):
        for tenant_id in ids:
            yield Context(tenant_id=tenant_id, actor=_OPERATOR)
        after = ids[-1]
