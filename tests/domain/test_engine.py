"""The engine on a real PostgreSQL: what a due case makes, exactly once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.collections.escalations import list_escalations
from domain.collections.tasks import complete_task, list_tasks
from domain.customers.contacts import create_contact, list_contacts, update_contact
from domain.dunning.cases import case_timeline, get_case, list_cases
from domain.dunning.engine import run_due_cases, tenants_with_due_cases
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.payments import record_payment
from domain.messaging.notices import list_notices
from domain.storage.transaction import transaction
from tests.factories import a_customer
from tests.factories_dunning import (
    a_case,
    a_debtor,
    a_plan,
    a_receivable,
    at,
    case_of,
    drain,
    email_step,
    escalation_step,
    events_of,
    run_at,
)

FRIENDLY = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
CALL = datetime(2026, 1, 20, 1, 0, tzinfo=UTC)
LEGAL = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)


async def test_nothing_is_done_before_its_time(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    assert await run_due_cases(ctx) == 0
    assert ctx.tenant_id not in await tenants_with_due_cases(ctx.now())
    assert (await get_case(ctx, case.id)).next_action_at == FRIENDLY


async def test_a_due_email_step_queues_one_notice_and_tells_it(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await at(ctx, FRIENDLY)
    assert ctx.tenant_id in await tenants_with_due_cases(datetime(2000, 1, 1, tzinfo=UTC))
    assert await run_due_cases(ctx) == 1
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert (notice.case_id, notice.step_key, notice.recipient) == (case.id, "friendly", "wang.fang@lanhai.example")
    assert (notice.state, notice.open_amount) == ("queued", Money(Decimal(1299), "CNY"))
    assert "INV-1" in notice.subject + notice.body
    (event,) = await events_of(ctx, "case.step_done")
    assert event.data["occurrence"]["notice_id"] == notice.id
    assert event.data["case"]["next_action_at"] == "2026-01-13T01:00:00Z"


async def test_the_same_tick_twice_does_nothing_more(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await at(ctx, FRIENDLY)
    assert await run_due_cases(ctx) == 1
    assert await run_due_cases(ctx) == 0
    async with transaction(ctx) as tx:
        await tx.execute("update cases set next_action_at = $2 where tenant_id = $1", ctx.tenant_id, ctx.now())
    assert await run_due_cases(ctx) == 1
    assert len((await list_notices(ctx, PageRequest())).items) == 1
    assert (await get_case(ctx, case.id)).next_action_at == FIRST


async def test_two_engines_at_once_never_double(ctx: Context) -> None:
    await a_plan(ctx)
    customer = await a_debtor(ctx)
    for n in range(60):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)
    ctx = await at(ctx, FRIENDLY)
    engines = [asyncio.create_task(drain(lambda c: run_due_cases(c, limit=7), ctx)) for _ in range(5)]
    assert sum(await asyncio.gather(*engines)) == 60
    notices = (await list_notices(ctx, PageRequest(limit=200))).items
    assert len({notice.receivable_id for notice in notices}) == len(notices) == 60
    events = await events_of(ctx)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


async def test_steps_of_every_kind_leave_what_they_made_in_the_timeline(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    for instant in (FRIENDLY, FIRST, CALL):
        await run_at(ctx, instant)
    timeline = await case_timeline(ctx, case.id)
    assert [(o.step_key, o.outcome, o.action) for o in timeline.past] == [
        ("friendly", "done", "email"),
        ("first", "done", "email"),
        ("call", "done", "task"),
    ]
    assert [bool(o.notice_id) for o in timeline.past] == [True, True, False]
    (task,) = (await list_tasks(ctx, PageRequest())).items
    assert (timeline.past[2].task_id, task.assignee, task.due_at) == (task.id, "li.na", CALL)
    assert [(s.step_key, s.action) for s in timeline.future] == [("firm", "email"), ("legal", "escalation")]
    assert timeline.future[1].due_at == LEGAL


async def test_an_escalation_ends_the_ladder(ctx: Context) -> None:
    await a_plan(ctx, steps=[escalation_step("legal", 60), email_step("never", 61)])
    case = await a_case(ctx)
    ctx = await run_at(ctx, LEGAL)
    (escalation,) = (await list_escalations(ctx, PageRequest(), case_id=case.id)).items
    assert (escalation.level, escalation.open_amount) == ("legal", Money(Decimal(1299), "CNY"))
    escalated = await get_case(ctx, case.id)
    assert (escalated.state, escalated.next_action_at) == ("escalated", None)
    assert [e.type for e in await events_of(ctx)][-3:] == ["escalation.raised", "case.step_done", "case.escalated"]
    assert (await case_timeline(ctx, case.id)).future == []
    await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal(1299), "CNY"), received_on=date(2026, 3, 11)
    )
    await run_at(ctx, ctx.now())
    assert (await get_case(ctx, case.id)).state == "closed"


async def test_without_an_address_the_step_is_held_and_one_task_asks_for_it(ctx: Context) -> None:
    await a_plan(ctx)
    customer = await a_customer(ctx)
    for n in range(3):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    ctx = await run_at(ctx, FRIENDLY)
    assert (await list_notices(ctx, PageRequest())).items == []
    (task,) = (await list_tasks(ctx, PageRequest())).items
    assert customer.name in task.title
    cases = (await list_cases(ctx, PageRequest())).items
    past = [o for case in cases for o in (await case_timeline(ctx, case.id)).past]
    assert [(o.outcome, o.reasons) for o in past] == [("held", ["no_contact_address"])] * 3
    assert [o.task_id for o in past].count(task.id) == 1
    ctx = await run_at(ctx, FIRST)
    assert len((await list_tasks(ctx, PageRequest())).items) == 1
    await complete_task(ctx, task.id)
    await create_contact(ctx, customer.id, name="Found", email="found@lanhai.example")
    ctx = await run_at(ctx, datetime(2026, 1, 25, 1, 0, tzinfo=UTC))
    assert len((await list_notices(ctx, PageRequest())).items) == 3


async def test_who_has_opted_out_is_not_written_to(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    (contact,) = (await list_contacts(ctx, case.customer_id, PageRequest())).items
    await update_contact(ctx, contact.id, {"opted_out_channels": ["email"]})
    ctx = await run_at(ctx, FRIENDLY)
    (held,) = (await case_timeline(ctx, case.id)).past
    assert (held.outcome, held.reasons, held.notice_id) == ("held", ["opted_out"], None)
    (event,) = await events_of(ctx, "case.step_skipped")
    assert event.data["occurrence"]["outcome"] == "held"


async def test_money_that_is_not_assigned_yet_holds_the_reminder(ctx: Context) -> None:
    await a_plan(ctx)
    customer = await a_debtor(ctx)
    await record_payment(ctx, customer_id=customer.id, amount=Money(Decimal(5000), "CNY"), received_on=date(2026, 1, 4))
    covered = await a_receivable(ctx, customer, number="covered")
    larger = await a_receivable(ctx, customer, number="larger", amount=Money(Decimal(6000), "CNY"))
    dollars = await a_receivable(ctx, customer, number="dollars", amount=Money(Decimal(10), "USD"))
    ctx = await run_at(ctx, FRIENDLY)
    (held,) = (await case_timeline(ctx, (await case_of(ctx, covered)).id)).past
    assert (held.outcome, held.reasons) == ("held", ["covered_by_unapplied_amount"])
    reminded = {notice.receivable_id for notice in (await list_notices(ctx, PageRequest())).items}
    assert reminded == {larger.id, dollars.id}


async def test_the_text_is_in_the_contacts_language_then_the_customers_then_the_tenants(ctx: Context) -> None:
    await a_plan(ctx)
    for locales in ((None, None), ("zh-CN", None), ("zh-CN", "en")):
        customer = await a_customer(ctx, locale=locales[0])
        await create_contact(ctx, customer.id, name="x", email="x@lanhai.example", locale=locales[1])
        await a_receivable(ctx, customer)
    ctx = await run_at(ctx, FRIENDLY)
    assert [n.locale for n in (await list_notices(ctx, PageRequest())).items] == ["en", "zh-CN", "en"]


async def test_running_cases_keep_their_version_when_the_plan_changes(ctx: Context) -> None:
    plan = await a_plan(ctx)
    case = await a_case(ctx)
    from_draft = await a_plan(ctx, name="Other", steps=[email_step("only", -1)])
    ctx = await run_at(ctx, FRIENDLY)
    assert (await get_case(ctx, case.id)).plan_id == plan.id
    assert [o.step_key for o in (await case_timeline(ctx, case.id)).past] == ["friendly"]
    newer = await a_receivable(ctx, await a_debtor(ctx), number="INV-2")
    await drain(react, ctx)
    assert (await case_of(ctx, newer)).plan_id == from_draft.id
