"""What dunning makes of events, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.collections.tasks import list_tasks
from domain.customers.customers import update_customer
from domain.dunning import opening
from domain.dunning.cases import list_cases
from domain.dunning.engine import run_due_cases
from domain.dunning.reactions import react, tenants_to_react
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.payments import record_payment
from domain.ledger.receivables import update_receivable
from domain.storage.transaction import transaction
from tests.factories_dunning import (
    a_case,
    a_debtor,
    a_plan,
    a_receivable,
    case_of,
    drain,
    events_of,
    receivable_of,
    run_at,
)
from tests.factories_ledger import TWO_TEN


async def test_a_new_receivable_gets_a_case_of_the_default_plan(ctx: Context) -> None:
    plan = await a_plan(ctx)
    receivable = await a_receivable(ctx, await a_debtor(ctx, time_zone="Europe/Berlin"))
    await drain(react, ctx)
    case = await case_of(ctx, receivable)
    assert plan.published_version is not None
    assert (case.plan_id, case.plan_version_id, case.state) == (plan.id, plan.published_version.id, "active")
    assert case.next_action_at == datetime(2026, 1, 7, 8, 0, tzinfo=UTC)
    (event,) = await events_of(ctx, "case.opened")
    assert event.data["case"]["receivable_id"] == receivable.id


async def test_reacting_comes_to_an_end_although_it_writes_events_itself(ctx: Context) -> None:
    await a_plan(ctx)
    await a_case(ctx)
    assert ctx.tenant_id not in await tenants_to_react()
    assert await react(ctx) == 0


async def test_without_a_published_default_plan_no_case_is_opened(ctx: Context) -> None:
    await a_plan(ctx, is_default=False)
    await a_receivable(ctx, await a_debtor(ctx))
    await drain(react, ctx)
    assert (await list_cases(ctx, PageRequest())).items == []


async def test_publishing_the_default_plan_opens_a_case_for_every_open_receivable(
    ctx: Context, monkeypatch: object
) -> None:
    customer = await a_debtor(ctx)
    receivables = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in range(7)]
    await record_payment(ctx, customer_id=customer.id, amount=Money(Decimal(1299), "CNY"), received_on=date(2026, 1, 5))
    monkeypatch.setattr(opening, "_CHUNK", 2)  # type: ignore[attr-defined]
    await a_plan(ctx)
    late = await a_receivable(ctx, customer, number="late")
    await drain(react, ctx)
    cases = (await list_cases(ctx, PageRequest())).items
    assert [case.receivable_id for case in cases] == [r.id for r in [*receivables[1:], late]]
    assert len(await events_of(ctx, "case.opened")) == 7


async def test_two_reactions_at_once_open_each_case_once(ctx: Context) -> None:
    await a_plan(ctx)
    customer = await a_debtor(ctx)
    for n in range(20):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    await asyncio.gather(*[asyncio.create_task(drain(lambda c: react(c, limit=3), ctx)) for _ in range(4)])
    assert len((await list_cases(ctx, PageRequest())).items) == 20
    assert len(await events_of(ctx, "case.opened")) == 20


async def test_a_payment_wakes_the_case_which_then_closes(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal(1299), "CNY"), received_on=date(2026, 1, 5)
    )
    assert await drain(react, ctx) > 0
    assert await drain(run_due_cases, ctx) == 1
    (closed,) = (await list_cases(ctx, PageRequest(), state="closed")).items
    assert (closed.close_reason, closed.closed_at, closed.next_action_at) == ("paid", ctx.now(), None)
    assert [event.data["case"]["state"] for event in await events_of(ctx, "case.closed")] == ["closed"]


async def test_a_discount_closes_the_case_and_losing_it_takes_the_case_up_again(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx, due_on=None, issued_on=date(2026, 1, 1), payment_terms=TWO_TEN)
    payment = await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal("1273.02"), "CNY"), received_on=date(2026, 1, 5)
    )
    ctx = await run_at(ctx, ctx.now())
    (closed,) = (await list_cases(ctx, PageRequest(), state="closed")).items
    assert (closed.id, closed.close_reason) == (case.id, "paid")
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=date(2026, 1, 5))
    await run_at(ctx, ctx.now())
    (again,) = (await list_cases(ctx, PageRequest(), state="active")).items
    assert (again.id, again.next_action_at) == (case.id, case.next_action_at)


async def test_a_corrected_amount_takes_a_closed_case_up_again(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal(1299), "CNY"), received_on=date(2026, 1, 5)
    )
    ctx = await run_at(ctx, ctx.now())
    await update_receivable(ctx, receivable_of(case), {"amount": Money(Decimal(2000), "CNY")})
    await run_at(ctx, ctx.now())
    (again,) = (await list_cases(ctx, PageRequest(), state="active")).items
    assert (again.id, again.close_reason, again.closed_at) == (case.id, None, None)
    assert again.next_action_at == case.next_action_at
    assert len(await events_of(ctx, "case.opened")) == 2


async def test_a_new_due_date_or_time_zone_moves_the_steps_to_come(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await update_receivable(ctx, receivable_of(case), {"due_on": date(2026, 2, 10)})
    await update_customer(ctx, case.customer_id, {"time_zone": "UTC"})
    await run_at(ctx, ctx.now())
    (moved,) = (await list_cases(ctx, PageRequest())).items
    assert moved.next_action_at == datetime(2026, 2, 7, 9, 0, tzinfo=UTC)


async def test_a_notice_of_unknown_outcome_becomes_a_task_once(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    notice = {
        "id": "ntc_00000000000000000000000000",
        "message_id": "<ntc_00000000000000000000000000@dunwell.local>",
        "customer_id": case.customer_id,
        "receivable_id": receivable_of(case),
        "case_id": case.id,
        "step_key": "first",
    }
    async with transaction(ctx):
        emit(ctx, NewEvent("notice.unknown", notice["id"], {"notice": notice}))
    await drain(react, ctx)
    await drain(react, ctx)
    (task,) = (await list_tasks(ctx, PageRequest())).items
    assert (task.notice_id, task.case_id, task.state) == (notice["id"], case.id, "open")
