"""Announcing what has turned overdue."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

from domain.access.clock import set_test_clock
from domain.customers.customers import update_customer
from domain.kernel.context import Context
from domain.ledger.overdue import announce_overdue, tenants_turning_overdue
from domain.ledger.receivables import update_receivable
from domain.storage.transaction import transaction
from tests.factories import a_customer
from tests.factories_ledger import a_payment, a_receivable, events_of, standing_at

BEFORE = datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 1, 31, 16, tzinfo=UTC)  # 2026-02-01 00:00 in Shanghai


async def test_each_receivable_is_announced_once_at_its_customers_midnight(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    assert await announce_overdue(standing_at(ctx, BEFORE)) == 0
    assert await announce_overdue(standing_at(ctx, MIDNIGHT)) == 1
    assert await announce_overdue(standing_at(ctx, MIDNIGHT)) == 0
    (event,) = await events_of(ctx, "receivable.overdue")
    assert (event.object_id, event.occurred_at) == (made.id, MIDNIGHT)
    assert event.data["receivable"]["overdue"] is True
    assert event.data["receivable"]["days_overdue"] == 1


async def test_what_was_settled_in_time_is_not_announced(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer)
    await a_payment(ctx, customer, 1000)
    assert await announce_overdue(standing_at(ctx, MIDNIGHT)) == 0


async def test_a_later_due_date_is_announced_anew(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    await announce_overdue(standing_at(ctx, MIDNIGHT))
    await update_receivable(standing_at(ctx, MIDNIGHT), made.id, {"due_on": date(2026, 2, 1)})
    assert await announce_overdue(standing_at(ctx, MIDNIGHT)) == 0
    assert await announce_overdue(standing_at(ctx, datetime(2026, 2, 1, 16, tzinfo=UTC))) == 1


async def test_a_customer_that_moved_west_has_until_its_own_midnight(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer)
    await update_customer(ctx, customer.id, {"time_zone": "America/New_York"})
    assert await announce_overdue(standing_at(ctx, MIDNIGHT)) == 1
    assert await events_of(ctx, "receivable.overdue") == []
    assert await announce_overdue(standing_at(ctx, datetime(2026, 2, 1, 5, tzinfo=UTC))) == 1
    assert len(await events_of(ctx, "receivable.overdue")) == 1


async def test_several_workers_announce_each_receivable_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = {(await a_receivable(ctx, customer)).id for _ in range(30)}
    later = standing_at(ctx, MIDNIGHT)
    await asyncio.gather(*(announce_overdue(later, limit=4) for _ in range(12)))
    while await announce_overdue(later, limit=4):
        pass
    assert sorted(event.object_id for event in await events_of(ctx, "receivable.overdue")) == sorted(made)


async def test_tenants_are_found_by_their_own_clock(ctx: Context) -> None:
    await a_receivable(ctx, await a_customer(ctx))
    assert ctx.tenant_id not in await tenants_turning_overdue(MIDNIGHT)
    async with transaction(ctx):
        await set_test_clock(ctx, MIDNIGHT)
    assert ctx.tenant_id in await tenants_turning_overdue(BEFORE)
