"""Sending exactly once, and never to somebody who has paid."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.customers.contacts import delete_contact, update_contact
from domain.events.log import list_events
from domain.kernel.clock import FixedClock, SystemClock
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from domain.ledger.receivables import update_receivable
from domain.messaging import outbox, sending
from domain.messaging.channel_model import Outcome
from domain.messaging.lock_facts import lock_claimed
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, list_deliveries, list_notices
from domain.messaging.sending import (
    send_due_notices,
    settle_expired_sends,
    tenants_with_due_notices,
    tenants_with_expired_sends,
)
from domain.storage.transaction import transaction
from tests.conftest import NOW
from tests.factories_messaging import FakeChannel, a_queued_notice


async def test_a_due_notice_is_sent_once_with_its_text(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    channel = FakeChannel()
    assert await send_due_notices(ctx, {"email": channel}) == 1
    assert await send_due_notices(ctx, {"email": channel}) == 0
    (message,) = channel.sent
    assert (message.message_id, message.recipient) == (notice.message_id, notice.recipient)
    assert (message.subject, message.body) == (notice.subject, notice.body)
    assert message.headers == {"X-Dunwell-Notice": notice.id}
    sent = await get_notice(ctx, notice.id)
    assert (sent.state, sent.sent_at, sent.attempt_count) == ("sent", NOW, 1)
    (delivery,) = (await list_deliveries(ctx, notice.id, PageRequest())).items
    assert (delivery.number, delivery.outcome, delivery.code) == (1, "accepted", "smtp_250")
    assert await _events_of(ctx, notice) == ["notice.queued", "notice.sent"]


async def test_each_outcome_is_settled_by_itself(ctx: Context) -> None:
    outcomes = {
        "later@x.example": Outcome("retryable", "smtp_451", "greylisted"),
        "never@x.example": Outcome("rejected", "smtp_550", "no such user"),
        "perhaps@x.example": Outcome("unknown", "timeout", "after data"),
    }
    notices = {
        email: (await a_queued_notice(ctx, f"INV-{n}", email))[0]
        for n, email in enumerate(["fine@x.example", *outcomes])
    }
    assert await send_due_notices(ctx, {"email": FakeChannel(outcomes)}) == 4
    ended = {email: await get_notice(ctx, notice.id) for email, notice in notices.items()}
    assert {email: (notice.state, notice.reason) for email, notice in ended.items()} == {
        "fine@x.example": ("sent", None),
        "later@x.example": ("queued", None),
        "never@x.example": ("failed", "smtp_550"),
        "perhaps@x.example": ("unknown", "timeout"),
    }
    assert ended["later@x.example"].next_attempt_at == NOW + timedelta(minutes=5)
    assert await _events_of(ctx, notices["later@x.example"]) == ["notice.queued"]
    assert await _events_of(ctx, notices["never@x.example"]) == ["notice.queued", "notice.failed"]
    assert await _events_of(ctx, notices["perhaps@x.example"]) == ["notice.queued", "notice.unknown"]


async def test_a_retryable_notice_fails_after_its_fifth_attempt(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    channel = FakeChannel({notice.recipient: Outcome("retryable", "smtp_421", "busy")})
    attempted_at, at = [], NOW
    while (current := await get_notice(ctx, notice.id)).state == "queued":
        assert current.next_attempt_at is not None
        at = current.next_attempt_at
        assert await send_due_notices(_at(ctx, at - timedelta(seconds=1)), {"email": channel}) == 0
        assert await send_due_notices(_at(ctx, at), {"email": channel}) == 1
        attempted_at.append(at)
    assert [int((at - NOW).total_seconds() / 60) for at in attempted_at] == [0, 5, 35, 155, 455]
    assert (current.state, current.reason) == ("failed", "retries_exhausted")
    deliveries = (await list_deliveries(ctx, notice.id, PageRequest())).items
    assert [(d.number, d.outcome) for d in deliveries] == [(n, "retryable") for n in range(1, 6)]
    assert len({message.message_id for message in channel.sent}) == 1


async def test_what_is_no_longer_owed_or_wanted_is_cancelled_and_the_rest_is_sent(ctx: Context) -> None:
    paid, _, paid_receivable = await a_queued_notice(ctx, "INV-1")
    partly, _, partly_receivable = await a_queued_notice(ctx, "INV-2")
    opted, opted_contact, _ = await a_queued_notice(ctx, "INV-3")
    gone, gone_contact, _ = await a_queued_notice(ctx, "INV-4")
    moved, moved_contact, _ = await a_queued_notice(ctx, "INV-5")
    deferred, _, deferred_receivable = await a_queued_notice(ctx, "INV-7")
    wanted, _, _ = await a_queued_notice(ctx, "INV-6")
    await _pay(ctx, paid_receivable, "1299.00")
    await _pay(ctx, partly_receivable, "1.00")
    await update_contact(ctx, opted_contact.id, {"opted_out_channels": ["email"]})
    await delete_contact(ctx, gone_contact.id)
    await update_contact(ctx, moved_contact.id, {"email": "new@x.example"})
    await update_receivable(ctx, deferred_receivable.id, {"due_on": date(2026, 2, 28)})
    channel = FakeChannel()

    assert await send_due_notices(ctx, {"email": channel}) == 7
    assert [message.notice_id for message in channel.sent] == [wanted.id]
    cancelled = {n.id: n.reason for n in (await list_notices(ctx, PageRequest(), state="cancelled")).items}
    assert cancelled == {
        paid.id: "receivable_paid",
        partly.id: "amount_changed",
        opted.id: "opted_out",
        gone.id: "no_address",
        moved.id: "address_changed",
        deferred.id: "due_date_changed",
    }
    assert await _events_of(ctx, paid) == ["notice.queued", "notice.cancelled"]
    assert (await list_deliveries(ctx, paid.id, PageRequest())).items == []


async def test_two_senders_at_once_never_send_a_notice_twice(ctx: Context) -> None:
    for number in range(20):
        await a_queued_notice(ctx, f"INV-{number}")
    channel = FakeChannel(meanwhile=lambda: asyncio.sleep(0.01))

    async def drain() -> int:
        handled = 0
        while count := await send_due_notices(ctx, {"email": channel}, limit=3):
            handled += count
        return handled

    assert sum(await asyncio.gather(*(drain() for _ in range(4)))) == 20
    assert len(channel.sent) == 20
    assert len({message.notice_id for message in channel.sent}) == 20


async def test_a_payment_that_arrives_during_the_send_waits_for_it(ctx: Context) -> None:
    notice, _, receivable = await a_queued_notice(ctx)
    paying: list[asyncio.Task[None]] = []

    async def pay_meanwhile() -> None:
        # A fresh context, as in another process: the sender's transaction must not be inherited.
        paying.append(asyncio.create_task(_pay(ctx, receivable, "1299.00"), context=contextvars.Context()))
        await asyncio.sleep(0.2)
        assert not paying[0].done()

    await send_due_notices(ctx, {"email": FakeChannel(meanwhile=pay_meanwhile)})
    await paying[0]
    assert await _order(ctx, "notice.sent", "receivable.paid") == ["notice.sent", "receivable.paid"]
    assert (await get_notice(ctx, notice.id)).state == "sent"


async def test_a_payment_under_way_before_the_send_prevents_it(ctx: Context) -> None:
    notice, _, receivable = await a_queued_notice(ctx)
    channel = FakeChannel()
    async with transaction(ctx):
        await _pay(ctx, receivable, "1299.00")
        sending = asyncio.create_task(send_due_notices(ctx, {"email": channel}), context=contextvars.Context())
        await asyncio.sleep(0.2)
        assert not sending.done()
    await sending
    assert channel.sent == []
    assert (await get_notice(ctx, notice.id)).reason == "receivable_paid"


async def test_a_sender_that_died_leaves_an_unknown_notice_that_is_never_sent_again(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    await _claim_and_die(ctx)
    channel = FakeChannel()
    assert await send_due_notices(ctx, {"email": channel}) == 0
    assert await settle_expired_sends(ctx) == 0  # its lease still holds

    await _expire(ctx, notice)
    assert ctx.tenant_id in await tenants_with_expired_sends(SystemClock().now())
    assert await settle_expired_sends(ctx) == 1
    lost = await get_notice(ctx, notice.id)
    assert (lost.state, lost.reason) == ("unknown", "sender_died")
    assert await _events_of(ctx, notice) == ["notice.queued", "notice.unknown"]
    assert await send_due_notices(_at(ctx, NOW + timedelta(days=9)), {"email": channel}) == 0
    assert channel.sent == []


async def test_a_slow_sender_is_not_taken_for_dead_while_it_holds_its_rows(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=-1))
    settled: list[int] = []

    async def outlive_the_lease() -> None:
        settled.append(await asyncio.create_task(settle_expired_sends(ctx), context=contextvars.Context()))

    await send_due_notices(ctx, {"email": FakeChannel(meanwhile=outlive_the_lease)})
    assert settled == [0]
    assert (await get_notice(ctx, notice.id)).state == "sent"


async def test_a_claim_that_was_settled_meanwhile_is_not_sent(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    ids, lease = await _claim_and_die(ctx)
    await _expire(ctx, notice)
    await settle_expired_sends(ctx)
    async with transaction(ctx):
        assert await lock_claimed(ctx, ids, lease) == []


async def test_a_failure_before_anything_left_gives_the_notices_back(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice, _, _ = await a_queued_notice(ctx)

    async def deadlock(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(sending, "lock_claimed", deadlock)
        with pytest.raises(ConnectionResetError):
            await send_due_notices(ctx, {"email": FakeChannel()})
    back = await get_notice(ctx, notice.id)
    assert (back.state, back.attempt_count, back.next_attempt_at) == ("queued", 0, NOW)
    assert await send_due_notices(ctx, {"email": FakeChannel()}) == 1


async def test_a_channel_that_breaks_leaves_its_messages_unknown(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)

    async def explode() -> None:
        raise RuntimeError("bug")

    await send_due_notices(ctx, {"email": FakeChannel(meanwhile=explode)})
    assert (await get_notice(ctx, notice.id)).reason == "channel_failed"


async def test_a_notice_of_a_channel_that_is_not_set_up_fails(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    assert await send_due_notices(ctx, {}) == 1
    assert (await get_notice(ctx, notice.id)).reason == "channel_not_configured"


async def test_workers_find_the_tenants_that_have_something_to_send(ctx: Context) -> None:
    assert ctx.tenant_id not in await tenants_with_due_notices(SystemClock().now())
    await a_queued_notice(ctx)
    assert ctx.tenant_id in await tenants_with_due_notices(SystemClock().now())


def _at(ctx: Context, instant: datetime) -> Context:
    return replace(ctx, clock=FixedClock(instant), clock_kind="test")


async def _pay(ctx: Context, receivable: Receivable, amount: str) -> None:
    await record_payment(
        ctx, customer_id=receivable.customer_id, amount=Money.parse(amount, "CNY"), received_on=date(2026, 1, 5)
    )


async def _events_of(ctx: Context, notice: Notice) -> list[str]:
    return [event.type for event in (await list_events(ctx, PageRequest(), object_id=notice.id)).items]


async def _order(ctx: Context, *types: str) -> list[str]:
    return [event.type for event in (await list_events(ctx, PageRequest())).items if event.type in types]


async def _claim_and_die(ctx: Context) -> tuple[list[str], datetime]:
    async with transaction(ctx):
        claimed, lease = await outbox.claim(ctx, 8)
    return [one.id for one in claimed], lease


async def _expire(ctx: Context, notice: Notice) -> None:
    async with transaction(ctx) as tx:
        await tx.execute(
            "update notices set leased_until = now() - interval '1 second' where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            notice.id,
        )
