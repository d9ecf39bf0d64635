"""Plans that are paused, resumed and tried, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.collections.escalations import list_escalations
from domain.collections.tasks import list_tasks
from domain.dunning.approvals import list_approvals
from domain.dunning.cases import case_timeline, get_case
from domain.dunning.engine import run_due_cases
from domain.dunning.plan_control import pause_plan, resume_plan
from domain.dunning.plans import create_plan, get_plan, publish_plan, update_plan
from domain.dunning.reactions import react
from domain.dunning.timeline_model import PastStep
from domain.kernel.context import Context
from domain.kernel.errors import PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.payments import record_payment
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from domain.messaging.sending import send_due_notices
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_dunning import (
    LADDER,
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
from tests.scenarios.life import Mailbox

FRIENDLY = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
FIRM = datetime(2026, 1, 25, 1, 0, tzinfo=UTC)
LEGAL = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)


async def notices(ctx: Context) -> list[Notice]:
    return (await list_notices(ctx, PageRequest())).items


async def past(ctx: Context, case_id: str) -> list[PastStep]:
    return (await case_timeline(ctx, case_id)).past


async def test_cases_of_a_paused_plan_wait_and_are_not_looked_at_again(ctx: Context) -> None:
    plan = await a_plan(ctx)
    case = await a_case(ctx)
    paused = await pause_plan(ctx, plan.id)
    assert paused.paused_at == ctx.now()
    assert await pause_plan(ctx, plan.id) == paused
    ctx = await run_at(ctx, FIRST)
    waiting = await get_case(ctx, case.id)
    assert (waiting.state, waiting.next_action_at, waiting.deferred_reasons) == ("active", None, ["plan_paused"])
    assert await drain(run_due_cases, await at(ctx, FIRM)) == 0
    assert (await notices(ctx), await past(ctx, case.id)) == ([], [])
    assert {tuple(one.reasons) for one in (await case_timeline(ctx, case.id)).future[-2:]} == {("plan_paused",)}


async def test_what_is_resumed_catches_up_with_one_notice(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[*LADDER[:2], LADDER[3]])
    case = await a_case(ctx)
    await pause_plan(ctx, plan.id)
    ctx = await run_at(ctx, FIRM)
    assert (await resume_plan(ctx, plan.id)).paused_at is None
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    assert [n.step_key for n in await notices(ctx)] == ["firm"]
    assert [o.reasons for o in await past(ctx, case.id)] == [["due_date_passed"], ["superseded"], []]
    kinds = [e.type for e in await events_of(ctx, "reminder_plan.paused", "reminder_plan.resumed")]
    assert kinds == ["reminder_plan.paused", "reminder_plan.resumed"]


async def test_what_is_queued_does_not_leave_while_the_plan_is_paused(ctx: Context) -> None:
    plan = await a_plan(ctx)
    await a_case(ctx)
    ctx = await run_at(ctx, FRIENDLY)
    await pause_plan(ctx, plan.id)
    box = Mailbox()
    await drain(lambda c: send_due_notices(c, {"email": box}), ctx)
    assert [(n.state, n.reason) for n in await notices(ctx)] == [("cancelled", "plan_paused")]
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    await resume_plan(ctx, plan.id)
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    await drain(lambda c: send_due_notices(c, {"email": box}), ctx)
    assert [(n.step_key, n.state) for n in await notices(ctx)] == [("friendly", "cancelled"), ("friendly", "sent")]
    assert len(box.mails) == 1


async def test_a_paid_receivable_closes_its_case_though_the_plan_is_paused(ctx: Context) -> None:
    plan = await a_plan(ctx)
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    await drain(react, ctx)
    await pause_plan(ctx, plan.id)
    ctx = await run_at(ctx, FIRST)
    await record_payment(ctx, customer_id=receivable.customer_id, amount=receivable.amount, received_on=ctx.today())
    ctx = await run_at(ctx, FIRST)
    assert (await case_of(ctx, receivable)).close_reason == "paid"


async def test_other_plans_go_on_while_one_is_paused(ctx: Context) -> None:
    plan = await a_plan(ctx)
    await a_case(ctx, number="INV-1")
    await pause_plan(ctx, plan.id)
    await a_plan(ctx, name="Other")
    await a_case(ctx, number="INV-2")
    ctx = await run_at(ctx, FRIENDLY)
    assert [n.state for n in await notices(ctx)] == ["queued"]


async def test_pausing_asks_for_the_version_that_was_read(ctx: Context) -> None:
    plan = await a_plan(ctx)
    with pytest.raises(PreconditionFailed):
        await pause_plan(ctx, plan.id, expected_version=plan.version + 1)
    with pytest.raises(PreconditionFailed):
        await resume_plan(ctx, plan.id, expected_version=plan.version + 1)
    assert await resume_plan(ctx, plan.id) == plan


async def test_a_plan_in_shadow_tells_what_it_would_do_and_does_nothing(ctx: Context) -> None:
    gated = {**email_step("final", 20, "firm_notice"), "requires_approval": True}
    plan = await a_plan(ctx, steps=[*LADDER[:4], gated, LADDER[4]], mode="shadow")
    assert plan.mode == "shadow"
    case = await a_case(ctx)
    for instant in (FRIENDLY, FIRST, datetime(2026, 1, 20, 1, tzinfo=UTC), FIRM, datetime(2026, 1, 30, 1, tzinfo=UTC)):
        ctx = await run_at(ctx, instant)
    ctx = await run_at(ctx, LEGAL)
    told = await past(ctx, case.id)
    assert [o.step_key for o in told] == ["friendly", "first", "call", "firm", "final", "legal"]
    assert {(o.outcome, *o.reasons) for o in told} == {("skipped", "shadow_mode")}
    assert all(o.shadow is not None and o.shadow.outcome == "done" for o in told)
    first = told[1].shadow
    assert first is not None
    assert (first.channel, first.recipient) == ("email", "w***@lanhai.example")
    assert [o.shadow.needs_approval for o in told if o.shadow] == [False, False, False, False, True, False]
    assert await notices(ctx) == []
    assert (await list_tasks(ctx, PageRequest())).items == []
    assert (await list_escalations(ctx, PageRequest())).items == []
    assert (await list_approvals(ctx, PageRequest())).items == []
    assert (await get_case(ctx, case.id)).state == "active"
    assert (await case_timeline(ctx, case.id)).future == []
    assert len(await events_of(ctx, "case.step_skipped")) == 6


async def test_what_shadow_would_hold_asks_nobody_for_an_address(ctx: Context) -> None:
    await a_plan(ctx, mode="shadow")
    receivable = await a_receivable(ctx, await a_customer(ctx))
    ctx = await run_at(ctx, FIRST)
    ctx = await run_at(ctx, FIRST)
    told = await past(ctx, (await case_of(ctx, receivable)).id)
    shadows = [(o.shadow.outcome, o.shadow.reasons) for o in told if o.shadow]
    assert shadows == [("held", ["no_contact_address"])]
    assert (await list_tasks(ctx, PageRequest())).items == []


async def test_a_plan_that_goes_live_goes_on_from_where_the_calendar_is(ctx: Context) -> None:
    plan = await a_plan(ctx, mode="shadow")
    case = await a_case(ctx)
    ctx = await run_at(ctx, FRIENDLY)
    ctx = await run_at(ctx, FIRST)
    await update_plan(ctx, plan.id, {"mode": "live"})
    ctx = await run_at(ctx, FIRST)
    assert await notices(ctx) == []
    ctx = await run_at(ctx, FIRM)
    assert [n.step_key for n in await notices(ctx)] == ["firm"]
    assert [o.outcome for o in await past(ctx, case.id)] == ["skipped", "skipped", "done", "done"]
    assert [e.type for e in await events_of(ctx, "reminder_plan.went_live")] == ["reminder_plan.went_live"]


async def test_a_case_that_would_have_been_escalated_goes_on_once_the_plan_is_live(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[escalation_step("legal", 3), email_step("last", 15)], mode="shadow")
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    assert (await get_case(ctx, case.id)).next_action_at is None
    await update_plan(ctx, plan.id, {"mode": "live"})
    ctx = await run_at(ctx, FIRST)
    assert (await get_case(ctx, case.id)).next_action_at == FIRM
    ctx = await run_at(ctx, FIRM)
    assert [n.step_key for n in await notices(ctx)] == ["last"]


async def test_what_was_queued_before_the_plan_went_into_shadow_does_not_leave(ctx: Context) -> None:
    plan = await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FRIENDLY)
    await update_plan(ctx, plan.id, {"mode": "shadow"})
    box = Mailbox()
    await drain(lambda c: send_due_notices(c, {"email": box}), ctx)
    ctx = await run_at(ctx, FRIENDLY)
    assert (box.mails, [n.reason for n in await notices(ctx)]) == ([], ["shadow_mode"])
    assert [(o.number, o.outcome) for o in await past(ctx, case.id)] == [(1, "done"), (2, "skipped")]


async def test_shadow_keeps_notices_apart_as_if_it_had_sent_them(ctx: Context) -> None:
    steps: list[dict[str, Any]] = [email_step("a", 3), email_step("b", 15, "firm_notice")]
    await a_plan(ctx, steps=steps, mode="shadow", options={"maximum_notices": 1})
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    ctx = await run_at(ctx, FIRM)
    shadows = [(o.shadow.outcome, o.shadow.reasons) for o in await past(ctx, case.id) if o.shadow]
    assert shadows == [("done", []), ("held", ["maximum_notices"])]


async def test_a_plan_may_be_published_into_shadow(ctx: Context) -> None:
    draft = await create_plan(ctx, name="Pilot", steps=LADDER)
    assert (await publish_plan(ctx, draft.id, mode="shadow")).mode == "shadow"
    assert (await get_plan(ctx, draft.id)).mode == "shadow"
    assert await events_of(ctx, "reminder_plan.put_in_shadow") == []


class Slow:
    """A channel whose provider takes its time."""

    def __init__(self) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Takes the messages once it may."""
        self.began.set()
        await self.may_end.wait()
        return [Outcome("accepted", "smtp_250", "ok")] * len(messages)


async def test_once_pausing_has_answered_nothing_more_leaves(ctx: Context) -> None:
    plan = await a_plan(ctx)
    await a_case(ctx)
    ctx = await run_at(ctx, FRIENDLY)
    slow = Slow()
    sending = asyncio.create_task(send_due_notices(ctx, {"email": slow}))
    await slow.began.wait()
    pausing = asyncio.ensure_future(pause_plan(ctx, plan.id))
    while not pausing.done() and not await _somebody_waits(ctx):
        await asyncio.sleep(0)
    assert not pausing.done()
    slow.may_end.set()
    await asyncio.gather(sending, pausing)
    assert [n.state for n in await notices(ctx)] == ["sent"]


async def _somebody_waits(ctx: Context) -> bool:
    async with reading(ctx) as tx:
        return bool(await tx.fetchval("select exists (select 1 from pg_locks where not granted)"))
