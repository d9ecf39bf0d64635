"""Two engines never write two notices to one customer for what one notice should name."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import UTC, datetime

from domain.dunning.engine import run_due_cases
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.messaging.notices import list_notices
from domain.storage.transaction import transaction
from tests.factories_dunning import a_debtor, a_plan, a_receivable, at, drain, email_step

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
LADDER = [email_step("first", 3), email_step("second", 15)]


async def due_invoices(ctx: Context, customers: int, each: int) -> Context:
    """The tenant at the moment at which the first step of all of them has come."""
    await a_plan(ctx, steps=LADDER, options={"combine": True})
    for _ in range(customers):
        customer = await a_debtor(ctx)
        for n in range(each):
            await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)
    return await at(ctx, FIRST)


async def test_engines_at_once_with_a_small_limit_write_one_notice_to_each_customer(ctx: Context) -> None:
    ctx = await due_invoices(ctx, 6, 7)
    engines = [asyncio.create_task(drain(lambda c: run_due_cases(c, limit=3), ctx)) for _ in range(5)]
    assert sum(await asyncio.gather(*engines)) <= 42
    await drain(run_due_cases, ctx)
    notices = (await list_notices(ctx, PageRequest(limit=200))).items
    assert len(notices) == len({notice.customer_id for notice in notices}) == 6
    assert {len(notice.receivables) for notice in notices} == {7}


async def test_a_customer_of_whom_somebody_has_a_case_in_hand_is_left_for_the_next_time(ctx: Context) -> None:
    ctx = await due_invoices(ctx, 1, 3)
    async with transaction(ctx) as tx:
        await tx.execute(
            "select 1 from cases where tenant_id = $1 and id = (select max(id) from cases where tenant_id = $1) for update",
            ctx.tenant_id,
        )
        # Another worker, whose transactions are its own.
        assert await asyncio.create_task(run_due_cases(ctx), context=contextvars.Context()) == 0
    assert await run_due_cases(ctx) == 3
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert len(notice.receivables) == 3
