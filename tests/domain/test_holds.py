"""Holds on a real PostgreSQL: placed, changed, ended, and what they keep from happening."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.collections.hold_model import Hold
from domain.collections.holds import (
    expire_holds,
    get_hold,
    list_holds,
    place_hold,
    release_hold,
    tenants_with_ending_holds,
    update_hold,
)
from domain.customers.model import Customer
from domain.dunning.cases import case_timeline, get_case
from domain.dunning.horizon import next_instant
from domain.dunning.reminder_settings import put_reminder_settings
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.notices import list_notices
from domain.messaging.sending import send_due_notices
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_dunning import (
    LADDER,
    a_case,
    a_debtor,
    a_fee,
    a_plan,
    a_receivable,
    at,
    charge_step,
    email_step,
    escalation_step,
    events_of,
    receivable_of,
    run_at,
    task_step,
)
from tests.factories_ledger import cny


def january(day: int, hour: int = 1) -> datetime:
    return datetime(2026, 1, day, hour, 0, tzinfo=UTC)


async def a_hold(ctx: Context, receivable: Receivable, **fields: object) -> Hold:
    return await place_hold(ctx, receivable_id=receivable.id, **{"reason": "negotiation", **fields})  # type: ignore[arg-type]


async def a_debt(ctx: Context) -> tuple[Customer, Receivable]:
    customer = await a_debtor(ctx)
    return customer, await a_receivable(ctx, customer)


async def test_a_hold_lasts_through_its_last_day_where_the_customer_lives(ctx: Context) -> None:
    customer = await a_debtor(ctx, time_zone="America/New_York")
    receivable = await a_receivable(ctx, customer)
    hold = await a_hold(ctx, receivable, until_on=date(2026, 1, 31), note="Talks go on")
    assert (hold.customer_id, hold.state, hold.placed_by) == (customer.id, "active", ctx.actor.id)
    assert hold.ends_at == datetime(2026, 2, 1, 5, 0, tzinfo=UTC)
    assert await get_hold(ctx, hold.id) == hold
    (placed,) = await events_of(ctx, "hold.placed")
    assert (placed.object_id, placed.data["hold"]["until_on"]) == (hold.id, "2026-01-31")


async def test_a_hold_is_on_one_thing_that_exists_and_its_last_day_is_to_come(ctx: Context) -> None:
    customer, receivable = await a_debt(ctx)
    wrongly: list[dict[str, Any]] = [{}, {"customer_id": customer.id, "receivable_id": receivable.id}]
    for both in wrongly:
        with pytest.raises(InvalidInput) as wrong:
            await place_hold(ctx, reason="other", **both)
        assert wrong.value.errors[0].code == "one_of_customer_or_receivable"
    with pytest.raises(NotFound):
        await place_hold(ctx, reason="other", customer_id=receivable.id)
    for day, code in ((date(2026, 1, 4), "date_in_the_past"), (date(2300, 1, 1), "date_out_of_range")):
        with pytest.raises(InvalidInput) as late:
            await a_hold(ctx, receivable, until_on=day)
        assert (late.value.errors[0].pointer, late.value.errors[0].code) == ("/until_on", code)
    assert (await a_hold(ctx, receivable, until_on=date(2026, 1, 5))).ends_at == january(5, 16)


async def test_a_hold_is_changed_and_released_once(ctx: Context) -> None:
    _, receivable = await a_debt(ctx)
    hold = await a_hold(ctx, receivable)
    same = await update_hold(ctx, hold.id, {"note": None})
    assert same == hold
    with pytest.raises(PreconditionFailed):
        await update_hold(ctx, hold.id, {"note": "New"}, expected_version=7)
    longer = await update_hold(ctx, hold.id, {"until_on": date(2026, 2, 1)}, expected_version=1)
    assert (longer.version, longer.ends_at) == (2, datetime(2026, 2, 1, 16, 0, tzinfo=UTC))
    released = await release_hold(ctx, hold.id)
    assert (released.state, released.released_by, released.ended_at) == ("released", ctx.actor.id, ctx.now())
    for again in (release_hold(ctx, hold.id), update_hold(ctx, hold.id, {"until_on": None})):
        with pytest.raises(Conflict) as ended:
            await again
        assert ended.value.code == "hold_already_released"
    kinds = [event.type for event in await events_of(ctx, "hold.placed", "hold.updated", "hold.released")]
    assert kinds == ["hold.placed", "hold.updated", "hold.released"]


async def test_holds_are_listed_by_what_they_are_on(ctx: Context) -> None:
    customer, receivable = await a_debt(ctx)
    one = await a_hold(ctx, receivable)
    whole = await place_hold(ctx, customer_id=customer.id, reason="legal")
    other = await place_hold(ctx, customer_id=(await a_customer(ctx)).id, reason="bankruptcy")
    one = await release_hold(ctx, one.id)
    page = PageRequest()
    assert (await list_holds(ctx, page)).items == [one, whole, other]
    assert (await list_holds(ctx, page, customer_id=customer.id)).items == [one, whole]
    assert (await list_holds(ctx, page, receivable_id=receivable.id)).items == [one]
    assert (await list_holds(ctx, page, state="active", reason="legal")).items == [whole]


async def test_a_limited_collector_holds_own_customers_only(ctx: Context) -> None:
    collector = await a_collector(ctx)
    mine, foreign = await a_customer(ctx, owner_id=collector), await a_customer(ctx)
    hidden = await place_hold(ctx, customer_id=foreign.id, reason="other")
    limited = limited_to(ctx, collector)
    with pytest.raises(DunwellError):
        await place_hold(limited, customer_id=foreign.id, reason="other")
    with pytest.raises(NotFound):
        await release_hold(limited, hidden.id)
    own = await place_hold(limited, customer_id=mine.id, reason="other")
    assert (await list_holds(limited, PageRequest())).items == [own]


async def test_while_on_hold_nothing_is_decided_and_nothing_is_skipped(ctx: Context) -> None:
    fee = await a_fee(ctx)
    steps = [charge_step("fee", 1, fee), task_step("call", 2), email_step("first", 3), escalation_step("legal", 4)]
    await a_plan(ctx, steps=steps)
    case = await a_case(ctx)
    hold = await place_hold(ctx, receivable_id=case.receivable_id, reason="complaint", until_on=date(2026, 1, 20))
    later = await run_at(ctx, january(18))
    waiting = await get_case(later, case.id)
    assert (waiting.state, waiting.deferred_reasons) == ("active", ["on_hold"])
    assert waiting.deferred_until == waiting.next_action_at == hold.ends_at == january(20, 16)
    assert (await case_timeline(later, case.id)).past == []

    ended = await run_at(ctx, january(20, 16))
    timeline = await case_timeline(ended, case.id)
    assert [(o.step_key, o.outcome) for o in timeline.past] == [
        ("fee", "done"),
        ("call", "done"),
        ("first", "done"),
        ("legal", "done"),
    ]
    assert (timeline.case.state, timeline.case.deferred_reasons, timeline.case.deferred_until) == (
        "escalated",
        [],
        None,
    )


async def test_a_hold_without_end_waits_until_it_is_released(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    hold = await place_hold(ctx, customer_id=case.customer_id, reason="bankruptcy")
    later = await run_at(ctx, january(13))
    waiting = await get_case(later, case.id)
    assert (waiting.deferred_reasons, waiting.deferred_until, waiting.next_action_at) == (["on_hold"], None, None)
    await release_hold(later, hold.id)
    released = await run_at(later, january(13, 2))
    past = (await case_timeline(released, case.id)).past
    assert [(o.step_key, o.outcome) for o in past] == [("friendly", "skipped"), ("first", "done")]


async def test_of_two_holds_the_longer_one_counts(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    receivable_id, customer_id = case.receivable_id, case.customer_id
    short = await place_hold(ctx, receivable_id=receivable_id, reason="other", until_on=date(2026, 1, 10))
    await place_hold(ctx, receivable_id=receivable_id, reason="other", until_on=date(2026, 1, 14))
    whole = await place_hold(ctx, customer_id=customer_id, reason="legal", until_on=date(2026, 1, 20))
    later = await run_at(ctx, january(13))
    assert (await get_case(later, case.id)).deferred_until == january(20, 16)
    await release_hold(later, whole.id)
    later = await run_at(later, january(13, 2))
    assert (await get_case(later, case.id)).deferred_until == january(14, 16)
    assert (await get_hold(later, short.id)).state == "active"  # its worker has not come yet, which changes nothing


async def test_a_settled_case_is_closed_in_spite_of_a_hold(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await place_hold(ctx, customer_id=case.customer_id, reason="other")
    from_now = await run_at(ctx, january(8))
    await _pay(from_now, case.customer_id)
    paid = await run_at(from_now, january(9))
    assert ((await get_case(paid, case.id)).state, (await get_case(paid, case.id)).deferred_reasons) == ("closed", [])


async def _pay(ctx: Context, customer_id: str) -> None:
    await record_payment(ctx, customer_id=customer_id, amount=cny(1299), received_on=ctx.today())


class Post:
    """A channel that takes everything, and tells when it is at work."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMessage] = []
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self.begun.set()
        await self.may_end.wait()
        self.sent += messages
        return [Outcome("accepted", "smtp_250", "ok")] * len(messages)


@pytest.mark.parametrize("on", ["receivable_id", "customer_id"])
async def test_a_notice_queued_before_the_hold_is_not_sent_and_its_step_comes_again(ctx: Context, on: str) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await run_at(ctx, january(13))
    hold = await place_hold(ctx, reason="complaint", **{on: getattr(case, on)})
    post = Post()
    assert await send_due_notices(ctx, {"email": post}) == 1
    assert post.sent == []
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert (notice.state, notice.reason, notice.attempt_count) == ("cancelled", "on_hold", 0)
    ctx = await run_at(ctx, january(14))
    assert (await get_case(ctx, case.id)).deferred_reasons == ["on_hold"]
    await release_hold(ctx, hold.id)
    ctx = await run_at(ctx, january(15))
    await send_due_notices(ctx, {"email": post})
    assert len(post.sent) == 1
    past = (await case_timeline(ctx, case.id)).past
    assert [(o.step_key, o.number, o.outcome) for o in past] == [
        ("friendly", 1, "skipped"),
        ("first", 1, "done"),
        ("first", 2, "done"),
    ]


@pytest.mark.parametrize("on", ["receivable_id", "customer_id"])
async def test_a_hold_waits_for_what_is_being_sent_at_this_moment(ctx: Context, on: str) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await run_at(ctx, january(13))
    post = Post()
    post.may_end.clear()
    sending = asyncio.create_task(send_due_notices(ctx, {"email": post}))
    await post.begun.wait()
    placing = asyncio.ensure_future(place_hold(ctx, reason="complaint", **{on: getattr(case, on)}))
    done, _ = await asyncio.wait({placing}, timeout=0.2)
    post.may_end.set()
    await sending
    assert not done
    assert (await placing).state == "active"
    assert len(post.sent) == 1


async def test_holds_expire_once_by_the_tenants_clock(ctx: Context) -> None:
    customer, receivable = await a_debt(ctx)
    hold = await a_hold(ctx, receivable, until_on=date(2026, 1, 6))
    whole = await place_hold(ctx, customer_id=customer.id, reason="legal", until_on=date(2026, 1, 6))
    await place_hold(ctx, customer_id=customer.id, reason="legal")
    assert await next_instant(ctx) == hold.ends_at == january(6, 16)
    assert await expire_holds(ctx) == 0
    assert ctx.tenant_id not in await tenants_with_ending_holds(january(30))
    ctx = await at(ctx, january(6, 16))
    assert ctx.tenant_id in await tenants_with_ending_holds(ctx.now())
    assert sum(await asyncio.gather(expire_holds(ctx), expire_holds(ctx))) == 2
    assert await expire_holds(ctx) == 0
    expired = await get_hold(ctx, hold.id)
    assert (expired.state, expired.ended_at, expired.released_by) == ("expired", ctx.now(), None)
    told = [event.object_id for event in await events_of(ctx, "hold.expired")]
    assert sorted(told) == sorted([hold.id, whole.id])


async def test_changed_reminder_settings_leave_a_hold_alone(ctx: Context) -> None:
    await a_plan(ctx, steps=LADDER)
    case = await a_case(ctx)
    await place_hold(ctx, receivable_id=case.receivable_id, reason="other", until_on=date(2026, 1, 30))
    ctx = await run_at(ctx, january(13))
    await put_reminder_settings(ctx, receivable_of(case), grace_days=1)
    ctx = await run_at(ctx, january(14) + timedelta(hours=1))
    case = await get_case(ctx, case.id)
    assert (case.deferred_reasons, case.deferred_until) == (["on_hold"], january(30, 16))
