"""The contact policy on a real PostgreSQL: asked when a step is due, and again before its notice leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.collections.activities import record_activity
from domain.collections.model import ActivityKind
from domain.customers.contacts import list_contacts, update_contact
from domain.customers.customers import update_customer
from domain.customers.model import Customer
from domain.dunning.cases import case_timeline, get_case, list_cases
from domain.dunning.engine import run_due_cases
from domain.dunning.model import Case
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import get_receivable
from domain.messaging.contact_policies import (
    get_contact_policy,
    list_contact_policy_presets,
    put_contact_policy,
)
from domain.messaging.contact_policy_model import BlackoutDates, ContactHours, ContactPolicy
from domain.messaging.model import Notice, Outcome, OutgoingMessage
from domain.messaging.notices import list_notices
from domain.messaging.rules.contact_policy_fields import a_cap, check_policy
from domain.messaging.sending import send_due_notices
from domain.messaging.shipped.contact_policies import presets
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
    events_of,
    run_at,
    task_step,
)

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
OFFICE = ContactHours(weekdays=WEEK, from_time="09:00", to_time="17:00")  # type: ignore[arg-type]
NIGHT = ContactHours(weekdays=WEEK, from_time="18:00", to_time="20:00")  # type: ignore[arg-type]


def january(day: int, hour: int = 1, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


class Post:
    """A channel that takes everything."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMessage] = []

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self.sent += messages
        return [Outcome("accepted", "smtp_250", "ok")] * len(messages)


async def set_policy(ctx: Context, **rules: Any) -> ContactPolicy:
    return await put_contact_policy(ctx, rules)


async def told(ctx: Context, case: Case) -> list[str]:
    past = (await case_timeline(ctx, case.id)).past
    return [" ".join([o.step_key, o.outcome, *o.reasons]) for o in past]


async def notices(ctx: Context) -> list[Notice]:
    return (await list_notices(ctx, PageRequest(limit=200))).items


async def test_a_policy_is_put_as_a_whole_and_has_versions(ctx: Context) -> None:
    assert await get_contact_policy(ctx) == ContactPolicy()
    first = await set_policy(ctx, contact_hours=[OFFICE], caps=[a_cap(per="customer", most=2, days=7)])
    assert (first.version, first.updated_at) == (1, ctx.now())
    assert await get_contact_policy(ctx) == first
    assert await set_policy(ctx, contact_hours=[OFFICE], caps=[a_cap(per="customer", most=2, days=7)]) == first
    with pytest.raises(PreconditionFailed):
        await put_contact_policy(ctx, {}, expected_version=7)
    second = await put_contact_policy(ctx, {"minimum_gap_hours": 48}, expected_version=1)
    assert (second.version, second.caps, second.contact_hours) == (2, [], [])
    told_of = [event.data["contact_policy"]["version"] for event in await events_of(ctx, "contact_policy.updated")]
    assert told_of == [1, 2]


async def test_a_preset_is_taken_with_its_changes(ctx: Context) -> None:
    policy = await put_contact_policy(ctx, {"minimum_gap_hours": 24}, preset="us_reg_f")
    assert (policy.preset, policy.minimum_gap_hours) == ("us_reg_f", 24)
    assert [(h.from_time, h.to_time) for h in policy.contact_hours] == [("08:00", "21:00")]
    assert [cap.id for cap in policy.caps] == ["cap_customer_7_in_7_days_manual"]
    with pytest.raises(InvalidInput) as unknown:
        await put_contact_policy(ctx, {}, preset="moon")
    assert (unknown.value.errors[0].pointer, unknown.value.errors[0].code) == ("/preset", "unknown_preset")


async def test_presets_are_listed_a_page_at_a_time_and_each_is_a_good_policy(ctx: Context) -> None:
    first = await list_contact_policy_presets(ctx, PageRequest(limit=4))
    rest = await list_contact_policy_presets(ctx, PageRequest(limit=4, after=first.next_key))
    assert [*first.items, *rest.items] == list(presets())
    assert rest.next_key is None
    assert {"cn_consumer_2026", "us_reg_f", "uk_conc"} <= {preset.key for preset in presets()}
    for preset in presets():
        check_policy(preset.policy)
        assert preset.source
        for cap in preset.policy.caps:
            assert cap == a_cap(per=cap.per, most=cap.most, days=cap.days, counts_manual=cap.counts_manual)


@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ({"channels": ["E-Mail"]}, "/channels/0", "malformed_channel"),
        ({"contact_hours": [ContactHours(weekdays=[], from_time="09:00", to_time="10:00")]}, None, "required"),
        (
            {"contact_hours": [ContactHours(weekdays=["monday"], from_time="9", to_time="10:00")]},
            None,
            "malformed_time",
        ),
        (
            {"contact_hours": [ContactHours(weekdays=["monday"], from_time="22:00", to_time="06:00")]},
            "/contact_hours/0/to_time",
            "not_after_from_time",
        ),
        (
            {"blackout_dates": [BlackoutDates(from_on=date(2026, 2, 2), to_on=date(2026, 2, 1))]},
            "/blackout_dates/0/to_on",
            "ends_before_it_begins",
        ),
        ({"caps": [a_cap(per="customer", most=0, days=1)]}, "/caps/0/most", "cap_out_of_range"),
        ({"caps": [a_cap(per="customer", most=1, days=400)]}, "/caps/0/days", "window_out_of_range"),
        ({"caps": [a_cap(per="customer", most=1, days=1)] * 2}, "/caps/1", "repeated_cap"),
        ({"minimum_gap_hours": 0}, "/minimum_gap_hours", "gap_out_of_range"),
    ],
)
async def test_a_wrong_policy_is_refused_by_place(ctx: Context, rules: Any, pointer: str | None, code: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await put_contact_policy(ctx, rules)
    (error,) = wrong.value.errors
    assert error.code == code
    assert pointer is None or error.pointer == pointer
    assert (await get_contact_policy(ctx)).version == 0


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


async def many_debts(ctx: Context, customer: Customer, count: int) -> None:
    for n in range(count):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)


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
    assert (await get_receivable(ctx, case.receivable_id)).open_amount.amount == 1299


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
