"""The contact policy is asked when a step is due: it waits, or is held, or goes out."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

from domain.collections.activities import record_activity
from domain.collections.model import ActivityKind
from domain.customers.contacts import list_contacts, update_contact
from domain.customers.customers import update_customer
from domain.dunning.cases import get_case, list_cases
from domain.dunning.engine import run_due_cases
from domain.dunning.model import Case
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.messaging.contact_policy_model import BlackoutDates
from domain.messaging.rules.contact_policy_fields import a_cap
from tests.factories import a_contact, a_customer
from tests.factories_dunning import (
    a_case,
    a_debtor,
    a_plan,
    a_receivable,
    at,
    drain,
    email_step,
    escalation_step,
    run_at,
    task_step,
)
from tests.factories_policy import NIGHT, OFFICE, january, many_debts, notices, set_policy, told


async def test_a_step_out_of_hours_waits_and_the_case_says_why_and_until_when(ctx: Context) -> None:
    await a_plan(ctx, steps=[task_step("call", 1), email_step("first", 3), escalation_step("legal", 3)])
    case = await a_case(ctx)
    policy = await set_policy(ctx, contact_hours=[NIGHT])
    ctx = await run_at(ctx, january(13))
    waiting = await get_case(ctx, case.id)
    assert await told(ctx, case) == ["call done"]  # what comes after the step that waits does not overtake it
    assert (waiting.state, waiting.deferred_reasons) == ("active", ["quiet_hours"])
    assert waiting.deferred_until == waiting.next_action_at == january(13, 10)
    ctx = await run_at(ctx, january(13, 10))
    done = await get_case(ctx, case.id)
    assert await told(ctx, case) == ["call done", "first done quiet_hours", "legal done"]
    assert (done.state, done.deferred_reasons, done.deferred_until) == ("escalated", [], None)
    (notice,) = await notices(ctx)
    assert notice.contact_policy is not None
    assert notice.contact_policy.rules == ["opted_out", "third_party_block", "quiet_hours"]
    assert (notice.contact_policy.policy_version, notice.contact_policy.asked_at) == (policy.version, ctx.now())


async def test_what_an_old_debt_enters_with_is_the_one_that_waits(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 4), email_step("third", 5)])
    case = await a_case(ctx)
    await set_policy(ctx, blackout_dates=[BlackoutDates(from_on=date(2026, 1, 12), to_on=date(2026, 1, 14))])
    ctx = await run_at(ctx, january(14))
    assert await told(ctx, case) == []
    ctx = await run_at(ctx, january(14, 16))
    assert await told(ctx, case) == ["first skipped superseded", "second done blackout_dates"]
    waiting = await get_case(ctx, case.id)  # the third is due already, and comes on a day of its own
    assert (waiting.deferred_step, waiting.deferred_reasons) == (None, [])
    ctx = await run_at(ctx, january(15))
    waiting = await get_case(ctx, case.id)
    assert (waiting.deferred_step, waiting.deferred_reasons) == ("third", ["one_rung_a_day"])
    assert waiting.deferred_until == january(16)
    ctx = await run_at(ctx, january(16))
    assert (await told(ctx, case))[-1] == "third done one_rung_a_day"


async def test_without_a_policy_nothing_is_asked_and_nothing_is_kept_on_the_notice(ctx: Context) -> None:
    await a_plan(ctx)
    await a_case(ctx)
    ctx = await run_at(ctx, january(13))
    assert [notice.contact_policy for notice in await notices(ctx)] == [None]


async def test_hours_run_on_the_contacts_clock_else_on_the_customers(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    customer = await a_debtor(ctx, time_zone="Europe/Berlin")
    await a_receivable(ctx, customer)
    await drain(react, ctx)
    (case,) = (await list_cases(ctx, PageRequest(), customer_id=customer.id)).items
    await set_policy(ctx, contact_hours=[NIGHT])
    ctx = await run_at(ctx, january(13, 8))  # 09:00 in Berlin
    assert (await get_case(ctx, case.id)).deferred_until == january(13, 17)
    (contact,) = (await list_contacts(ctx, customer.id, PageRequest())).items
    await update_contact(ctx, contact.id, {"time_zone": "America/New_York"})
    ctx = await run_at(ctx, january(13, 17))
    assert (await get_case(ctx, case.id)).deferred_until == january(13, 23)


async def test_holidays_are_those_of_the_customers_country(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 0)])
    customer = await a_debtor(ctx, country="CN")
    await a_receivable(ctx, customer, due_on=date(2026, 2, 14), issued_on=date(2026, 1, 5))  # a Saturday that is worked
    other = await a_debtor(ctx)
    await a_receivable(ctx, other, due_on=date(2026, 2, 14), issued_on=date(2026, 1, 5), number="INV-2")
    await set_policy(ctx, business_days_only=True, contact_hours=[OFFICE])
    await run_at(ctx, datetime(2026, 2, 14, 1, 0, tzinfo=UTC))
    assert [notice.customer_id for notice in await notices(ctx)] == [customer.id]
    (waiting,) = (await list_cases(ctx, PageRequest(), customer_id=other.id)).items
    assert waiting.deferred_until == datetime(2026, 2, 16, 1, 0, tzinfo=UTC)
    await update_customer(ctx, other.id, {"country": "CN"})
    ctx = await run_at(ctx, datetime(2026, 2, 15, 1, 0, tzinfo=UTC))
    (waiting,) = (await list_cases(ctx, PageRequest(), customer_id=other.id)).items
    assert waiting.deferred_until == datetime(2026, 2, 24, 1, 0, tzinfo=UTC)  # the New Year's week is over


async def test_a_channel_that_is_not_allowed_holds_the_step(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await set_policy(ctx, channels=["letter"])
    ctx = await run_at(ctx, january(13))
    assert await told(ctx, case) == ["friendly skipped due_date_passed", "first held channel_not_allowed"]
    assert await notices(ctx) == []


async def test_a_third_party_is_never_written_to(ctx: Context) -> None:
    await a_plan(ctx)
    customer = await a_customer(ctx)
    await a_contact(ctx, customer, role="third_party")
    await a_receivable(ctx, customer)
    await drain(react, ctx)
    (case,) = (await list_cases(ctx, PageRequest())).items
    ctx = await run_at(ctx, january(13))
    reasons = "no_contact_address third_party_block"
    assert await told(ctx, case) == ["friendly skipped due_date_passed", f"first held {reasons}"]


async def test_a_cap_holds_within_one_batch(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    customer, other = await a_debtor(ctx), await a_debtor(ctx)
    await many_debts(ctx, customer, 4)
    await many_debts(ctx, other, 1)
    await set_policy(ctx, caps=[a_cap(per="customer", most=2, days=7)])
    ctx = await run_at(ctx, january(13))
    assert sorted(notice.customer_id for notice in await notices(ctx)) == sorted([customer.id] * 2 + [other.id])
    cases = (await list_cases(ctx, PageRequest(), customer_id=customer.id)).items
    waiting = [case for case in cases if case.deferred_reasons]
    assert [case.deferred_reasons for case in waiting] == [["cap_customer_2_in_7_days"]] * 2
    assert {case.deferred_until for case in waiting} == {january(20)}
    ctx = await run_at(ctx, january(20))
    assert len(await notices(ctx)) == 5


async def test_a_cap_holds_between_workers_at_the_same_time(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    customer = await a_debtor(ctx)
    await many_debts(ctx, customer, 6)
    await set_policy(ctx, caps=[a_cap(per="customer", most=2, days=7)])
    ctx = await at(ctx, january(13))
    await asyncio.gather(*(run_due_cases(ctx, limit=2) for _ in range(4)))
    await drain(run_due_cases, ctx)
    assert len(await notices(ctx)) == 2


async def test_a_call_keeps_reminders_away_for_the_gap_and_a_note_does_not(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    called, noted = await a_case(ctx), await a_case(ctx)
    await set_policy(ctx, minimum_gap_hours=72)
    kinds: list[tuple[Case, ActivityKind]] = [(called, "call"), (noted, "note")]
    for case, kind in kinds:
        await record_activity(ctx, customer_id=case.customer_id, kind=kind, summary="Spoke", occurred_at=january(12))
    ctx = await run_at(ctx, january(13))
    assert await told(ctx, noted) == ["first done"]
    waiting = await get_case(ctx, called.id)
    assert (waiting.deferred_reasons, waiting.deferred_until) == (["contact_gap"], january(15))
