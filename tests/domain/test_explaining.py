"""Why a receivable is, or is not, being reminded of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.collections.holds import place_hold
from domain.dunning.engine import run_due_cases
from domain.dunning.explaining import explain_receivable
from domain.dunning.reactions import react
from domain.dunning.timeline_model import ReceivableExplanation
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.ledger.disputes import open_dispute
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from tests.factories import a_customer
from tests.factories_dunning import (
    LADDER,
    a_debtor,
    a_plan,
    a_receivable,
    at,
    drain,
    email_step,
    escalation_step,
    run_at,
)
from tests.factories_ledger import cny
from tests.factories_policy import NIGHT, january, set_policy


async def owed(ctx: Context, **fields: Any) -> Receivable:
    """A receivable of a debtor with an address, and its case if a plan applies."""
    receivable = await a_receivable(ctx, await a_debtor(ctx), **fields)
    await drain(react, ctx)
    return receivable


def codes(told: ReceivableExplanation) -> list[str]:
    return [one.code for one in told.blockers]


async def test_what_is_not_due_yet_says_when_and_what_comes(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    receivable = await owed(ctx)
    told = await explain_receivable(await at(ctx, january(2)), receivable.id, texts=True, locale="en")
    assert (codes(told), told.is_allowed, told.plan.winner.source) == (["not_due_yet"], False, "default")
    assert (told.blockers[0].message, told.blockers[0].until) == ("The next step is not due yet.", january(13))
    assert told.next_step is not None
    assert (told.eligible_from, told.next_step.step_key, told.next_step.channel) == (january(13), "first", "email")
    assert (told.next_step.recipient, told.next_step.template_key) == ("wang.fang@lanhai.example", "overdue_notice")
    assert "INV-1" in f"{told.next_step.subject} {told.next_step.body}"
    assert told.last_step is None


async def test_nothing_is_in_the_way_of_what_is_due_now(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    receivable = await owed(ctx)
    told = await explain_receivable(await at(ctx, january(13)), receivable.id)
    assert (told.is_allowed, told.blockers, told.eligible_from) == (True, [], january(13))


async def test_without_a_plan_there_is_no_case(ctx: Context) -> None:
    receivable = await owed(ctx)
    told = await explain_receivable(ctx, receivable.id)
    assert (codes(told), told.case, told.next_step, told.plan.winner.source) == (["no_plan"], None, None, "none")
    await a_plan(ctx, steps=[email_step("first", 3)])
    waits = await explain_receivable(ctx, receivable.id)
    assert (codes(waits), waits.plan.winner.source) == (["case_not_opened"], "default")


async def test_every_obstacle_is_told_at_once(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    await drain(react, ctx)
    await place_hold(ctx, receivable_id=receivable.id, reason="negotiation", until_on=date(2026, 1, 19))
    await record_payment(ctx, customer_id=customer.id, amount=cny(5000), received_on=ctx.today(), allocations=[])
    await drain(react, ctx)
    told = await explain_receivable(await at(ctx, january(14)), receivable.id, locale="zh-CN")
    assert codes(told) == ["on_hold", "covered_by_unapplied_amount", "no_contact_address"]
    assert told.blockers[0].until == january(19, 16)
    assert told.blockers[0].message == "应收款或客户处于暂停催收状态。"


async def test_the_contact_policy_says_until_when_and_by_which_rule(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    receivable = await owed(ctx)
    await set_policy(ctx, contact_hours=[NIGHT])
    told = await explain_receivable(await at(ctx, january(13)), receivable.id)
    assert [(one.code, one.until) for one in told.blockers] == [("quiet_hours", january(13, 10))]
    assert told.eligible_from == january(13, 10)


async def test_what_is_contested_as_a_whole_says_so(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    receivable = await owed(ctx)
    await open_dispute(ctx, receivable_id=receivable.id, reason="quality")
    await drain(react, ctx)
    disputed = await explain_receivable(await at(ctx, january(13)), receivable.id)
    assert codes(disputed) == ["disputed"]


async def test_an_escalated_case_is_left_to_people(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), escalation_step("legal", 10)])
    receivable = await owed(ctx)
    told = await explain_receivable(await run_at(ctx, january(21)), receivable.id)
    assert (codes(told), told.next_step) == (["escalated"], None)
    assert told.last_step is not None
    assert (told.last_step.step_key, told.last_step.outcome) == ("legal", "done")


async def test_a_paid_receivable_is_paid_and_a_missing_one_is_not_found(ctx: Context) -> None:
    await a_plan(ctx, steps=LADDER)
    receivable = await owed(ctx)
    await record_payment(
        ctx, customer_id=receivable.customer_id, amount=receivable.open_amount, received_on=ctx.today()
    )
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    assert codes(await explain_receivable(ctx, receivable.id)) == ["paid"]
    with pytest.raises(NotFound):
        await explain_receivable(ctx, "rcv_00000000000000000000000000")
