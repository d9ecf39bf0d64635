"""The contact policy is asked again before a notice leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from domain.collections.activities import record_activity
from domain.customers.contacts import list_contacts, update_contact
from domain.dunning.cases import get_case
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import get_receivable
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.contact_policy_model import ContactHours
from domain.messaging.rules.contact_policy_fields import a_cap
from domain.messaging.sending import send_due_notices
from tests.factories_dunning import a_case, a_debtor, a_plan, a_receivable, at, drain, email_step, receivable_of, run_at
from tests.factories_policy import NIGHT, OFFICE, Post, january, many_debts, notices, set_policy, told


async def test_a_notice_that_comes_too_late_to_the_sender_waits_for_the_next_window(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    await a_case(ctx)
    await set_policy(ctx, contact_hours=[OFFICE])
    ctx = await run_at(ctx, january(13, 8, 59))
    ctx = await at(ctx, january(13, 9))  # 17:00: the sender was away
    post = Post()
    assert await send_due_notices(ctx, {"email": post}) == 1
    (notice,) = await notices(ctx)
    assert post.sent == []
    assert (notice.state, notice.reason, notice.attempt_count) == ("queued", "quiet_hours", 0)
    assert notice.next_attempt_at == january(14)
    assert await send_due_notices(ctx, {"email": post}) == 0
    ctx = await at(ctx, january(14))
    await send_due_notices(ctx, {"email": post})
    (notice,) = await notices(ctx)
    assert (notice.state, notice.reason, notice.sent_at, notice.attempt_count) == ("sent", None, january(14), 1)


async def test_what_was_paced_apart_is_not_sent_together_after_an_outage(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    customer = await a_debtor(ctx)
    await many_debts(ctx, customer, 2)
    await set_policy(ctx, minimum_gap_hours=24)
    for day in (13, 14):
        ctx = await run_at(ctx, january(day))
    assert [notice.state for notice in await notices(ctx)] == ["queued", "queued"]
    ctx = await at(ctx, january(16))
    post = Post()
    while await send_due_notices(ctx, {"email": post}):
        pass
    assert len(post.sent) == 1
    first, second = await notices(ctx)
    assert (first.state, second.state, second.reason) == ("sent", "queued", "contact_gap")
    assert second.next_attempt_at == january(17)
    await record_activity(ctx, customer_id=customer.id, kind="visit", summary="Met", occurred_at=january(16, 20))
    ctx = await at(ctx, january(17))
    await send_due_notices(ctx, {"email": post})
    assert (await notices(ctx))[1].next_attempt_at == january(17, 20)


async def test_two_senders_at_once_keep_to_the_cap(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    customer = await a_debtor(ctx)
    await many_debts(ctx, customer, 6)
    ctx = await run_at(ctx, january(13))
    assert len(await notices(ctx)) == 6
    await set_policy(ctx, caps=[a_cap(per="customer", most=2, days=7)])
    post = Post()
    await asyncio.gather(*(send_due_notices(ctx, {"email": post}, limit=2) for _ in range(3)))
    assert len(post.sent) == 2
    left = [notice for notice in await notices(ctx) if notice.state == "queued"]
    assert {notice.next_attempt_at for notice in left} == {january(20)}


async def test_a_contact_who_turns_out_to_be_a_third_party_is_not_written_to(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    case = await a_case(ctx)
    ctx = await run_at(ctx, january(13))
    (contact,) = (await list_contacts(ctx, case.customer_id, PageRequest())).items
    await update_contact(ctx, contact.id, {"role": "third_party"})
    post = Post()
    await send_due_notices(ctx, {"email": post})
    (notice,) = await notices(ctx)
    assert (post.sent, notice.state, notice.reason) == ([], "cancelled", "third_party_block")


async def test_what_is_denied_at_sending_is_decided_again_and_held(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    case = await a_case(ctx)
    ctx = await run_at(ctx, january(13))
    await set_policy(ctx, channels=["sms"])
    post = Post()
    await send_due_notices(ctx, {"email": post})
    (notice,) = await notices(ctx)
    assert (post.sent, notice.state, notice.reason) == ([], "cancelled", "channel_not_allowed")
    ctx = await run_at(ctx, january(13, 2))
    assert await told(ctx, case) == ["first done", "first held channel_not_allowed"]


async def test_new_rules_are_asked_at_once_for_what_waits(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 20)])
    case = await a_case(ctx)
    queued = await a_case(ctx, number="INV-2")
    ctx = await run_at(ctx, january(13))
    await set_policy(ctx, contact_hours=[NIGHT])
    post = Post()
    await send_due_notices(ctx, {"email": post})
    assert {notice.next_attempt_at for notice in await notices(ctx)} == {january(13, 10)}
    ctx = await run_at(ctx, january(30))
    assert (await get_case(ctx, case.id)).deferred_until == january(30, 10)
    await set_policy(ctx)
    ctx = await run_at(ctx, january(30, 1, 1))
    assert await told(ctx, queued) == ["first done", "second done quiet_hours"]
    while await send_due_notices(ctx, {"email": post}):
        pass
    assert len(post.sent) == 4


async def test_a_retry_after_hours_waits_for_the_window(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    case = await a_case(ctx)
    await set_policy(ctx, contact_hours=[OFFICE])

    class Busy:
        async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
            return [Outcome("retryable", "smtp_451", "greylisted")] * len(messages)

    ctx = await run_at(ctx, january(13, 8, 58))
    await send_due_notices(ctx, {"email": Busy()})
    assert (await notices(ctx))[0].next_attempt_at == january(13, 9, 3)
    ctx = await at(ctx, january(13, 9, 3))
    await send_due_notices(ctx, {"email": Busy()})
    (notice,) = await notices(ctx)
    assert (notice.next_attempt_at, notice.attempt_count, notice.reason) == (january(14), 1, "quiet_hours")
    assert (await get_receivable(ctx, receivable_of(case))).open_amount.amount == 1299


async def test_the_same_question_has_the_same_answer_over_a_change_of_the_clocks(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 0, time_of_day="02:30")])
    customer = await a_debtor(ctx, time_zone="Europe/Berlin")
    await a_receivable(ctx, customer, due_on=date(2026, 3, 29), issued_on=date(2026, 1, 5))
    await drain(react, ctx)
    night = ContactHours(weekdays=["sunday"], from_time="02:00", to_time="04:00")
    await set_policy(ctx, contact_hours=[night])
    skipped = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 02:00 to 03:00 do not exist that night
    ctx = await run_at(ctx, skipped - timedelta(minutes=1))
    assert await notices(ctx) == []
    ctx = await run_at(ctx, skipped + timedelta(minutes=30))
    assert len(await notices(ctx)) == 1
