"""Notices that an integrator sends by itself: one pair of hands at a time, and nothing that is not owed any more."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.collections.tasks import list_tasks
from domain.customers.contacts import update_contact
from domain.dunning.horizon import is_idle
from domain.dunning.reactions import react
from domain.events.log import list_events
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import Scope
from domain.ledger.model import Receivable
from domain.ledger.overdue import announce_overdue
from domain.ledger.payments import record_payment
from domain.messaging.channel_accounts import disable_channel_account, enable_channel_account
from domain.messaging.intent_model import NoticeIntent
from domain.messaging.intents import acknowledge_notice, check_notice, claim_notices, release_notice
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, list_deliveries
from domain.messaging.receipts import report_receipts
from domain.messaging.sending import send_due_notices, tenants_with_due_notices
from domain.storage.transaction import transaction
from tests.conftest import NOW
from tests.factories_messaging import FakeChannel, a_queued_notice
from tests.factories_receipts import a_claimed_notice, a_receipt, an_integrator, an_offered_notice

PAGE = PageRequest()


async def _expire(ctx: Context, notice: Notice) -> None:
    async with transaction(ctx) as tx:
        await tx.execute(
            "update notices set claimed_until = $3 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            notice.id,
            SystemClock().now() - timedelta(seconds=1),
        )


async def _pay(ctx: Context, receivable: Receivable) -> None:
    await record_payment(ctx, customer_id=receivable.customer_id, amount=receivable.amount, received_on=ctx.today())


async def _events(ctx: Context, notice: Notice) -> list[str]:
    return [event.type for event in (await list_events(ctx, PAGE, object_id=notice.id)).items]


async def _refused(ctx: Context, intent: NoticeIntent, outcome: str = "sent") -> str:
    with pytest.raises(Conflict) as refused:
        await acknowledge_notice(ctx, intent.notice.id, lease_token=intent.lease_token, outcome=outcome)  # type: ignore[arg-type]
    return refused.value.code


async def _claim(ctx: Context) -> list[NoticeIntent]:
    return (await claim_notices(ctx)).intents


async def test_a_notice_is_claimed_with_all_that_is_needed_and_acknowledged(ctx: Context) -> None:
    notice, _ = await an_offered_notice(ctx)
    (intent,) = (await claim_notices(ctx, channel="whatsapp", lease_seconds=60)).intents
    assert (intent.notice.id, intent.notice.recipient, intent.attempt) == (notice.id, "+8613800006789", 1)
    assert (intent.notice.subject, intent.notice.body, intent.notice.variables["number"]) == (
        "INV-1",
        "CN¥1,299.00\n",
        "INV-1",
    )
    assert not intent.possibly_sent
    left = (intent.leased_until - SystemClock().now()).total_seconds()
    assert 50 < left <= 60
    assert (await claim_notices(ctx)).intents == []
    sent = await acknowledge_notice(
        ctx, notice.id, lease_token=intent.lease_token, outcome="sent", provider_message_id="wamid.1"
    )
    assert (sent.state, sent.sent_at, sent.provider_message_id, sent.offered_at) == ("sent", NOW, "wamid.1", None)
    (delivery,) = (await list_deliveries(ctx, notice.id, PAGE)).items
    assert (delivery.number, delivery.outcome, delivery.code) == (1, "accepted", "acknowledged")
    assert await _events(ctx, notice) == ["notice.queued", "notice.sent"]


async def test_our_own_sender_never_sees_it_and_the_test_clock_does_not_wait_for_it(ctx: Context) -> None:
    await an_offered_notice(ctx)
    channel = FakeChannel()
    assert await send_due_notices(ctx, {"whatsapp": channel, "email": channel}) == 0
    assert ctx.tenant_id not in await tenants_with_due_notices(NOW)
    while await react(ctx) + await announce_overdue(ctx):
        pass
    assert await is_idle(ctx)
    await claim_notices(ctx)
    assert await is_idle(ctx)


async def test_two_who_claim_at_once_never_get_the_same(ctx: Context) -> None:
    for number in range(20):
        await an_offered_notice(ctx, f"INV-{number}")

    async def take_all() -> list[str]:
        taken: list[str] = []
        while intents := (await claim_notices(ctx, limit=3)).intents:
            taken += [intent.notice.id for intent in intents]
        return taken

    hands = await asyncio.gather(*(asyncio.create_task(take_all(), context=contextvars.Context()) for _ in range(4)))
    taken = [notice_id for hand in hands for notice_id in hand]
    assert len(taken) == len(set(taken)) == 20


async def test_a_word_that_is_said_twice_has_the_same_answer(ctx: Context) -> None:
    intent, _ = await a_claimed_notice(ctx)
    said = {"lease_token": intent.lease_token, "outcome": "sent"}
    first = await acknowledge_notice(ctx, intent.notice.id, **said)  # type: ignore[arg-type]
    assert await acknowledge_notice(ctx, intent.notice.id, **said) == first  # type: ignore[arg-type]
    assert await _refused(ctx, intent, "failed") == "acknowledged_otherwise"
    assert len((await list_deliveries(ctx, intent.notice.id, PAGE)).items) == 1
    failing, _ = await a_claimed_notice(ctx, "INV-2")
    for _ in range(2):
        failed = await acknowledge_notice(
            ctx, failing.notice.id, lease_token=failing.lease_token, outcome="failed", code="131026"
        )
        assert (failed.state, failed.reason, failed.version) == ("failed", "131026", failing.notice.version + 1)
    assert await _refused(ctx, failing, "sent") == "acknowledged_otherwise"


async def test_an_ended_lease_returns_the_notice_with_a_warning(ctx: Context) -> None:
    first, _ = await a_claimed_notice(ctx)
    await _expire(ctx, first.notice)
    (second,) = (await claim_notices(ctx)).intents
    assert (second.attempt, second.possibly_sent) == (2, True)
    assert second.lease_token != first.lease_token
    assert await _refused(ctx, first) == "lease_lost"
    sent = await acknowledge_notice(ctx, first.notice.id, lease_token=second.lease_token, outcome="sent")
    assert (sent.state, sent.attempt_count) == ("sent", 2)
    assert await _refused(ctx, first) == "lease_lost"


async def test_a_late_word_counts_while_nobody_else_has_taken_the_notice(ctx: Context) -> None:
    intent, _ = await a_claimed_notice(ctx)
    await _expire(ctx, intent.notice)
    sent = await acknowledge_notice(ctx, intent.notice.id, lease_token=intent.lease_token, outcome="sent")
    assert sent.state == "sent"
    assert (await claim_notices(ctx)).intents == []


async def test_what_is_given_back_waits_as_if_it_had_not_been_taken(ctx: Context) -> None:
    intent, _ = await a_claimed_notice(ctx)
    for _ in range(2):
        back = await release_notice(ctx, intent.notice.id, lease_token=intent.lease_token)
        assert (back.state, back.attempt_count, back.claimed_until) == ("queued", 0, None)
    assert await _refused(ctx, intent) == "lease_lost"
    (again,) = (await claim_notices(ctx)).intents
    assert (again.attempt, again.possibly_sent) == (1, False)
    with pytest.raises(Conflict):
        await release_notice(ctx, intent.notice.id, lease_token=intent.lease_token)


async def test_what_is_not_owed_or_wanted_any_more_is_cancelled_and_not_handed_out(ctx: Context) -> None:
    paid, receivable = await an_offered_notice(ctx, "INV-1")
    silent, _ = await an_offered_notice(ctx, "INV-2")
    moved, _ = await an_offered_notice(ctx, "INV-3")
    await _pay(ctx, receivable)
    await update_contact(ctx, silent.contact_id or "", {"opted_out_channels": ["whatsapp"]})
    await update_contact(ctx, moved.contact_id or "", {"phone": "+8613800000000"})
    assert (await claim_notices(ctx)).intents == []
    ended = [await get_notice(ctx, notice.id) for notice in (paid, silent, moved)]
    assert {notice.state for notice in ended} == {"cancelled"}
    assert [notice.reason for notice in ended] == ["receivable_paid", "opted_out", "address_changed"]
    assert await _events(ctx, paid) == ["notice.queued", "notice.cancelled"]


async def test_a_payment_after_the_claim_is_found_by_asking_before_sending(ctx: Context) -> None:
    intent, receivable = await a_claimed_notice(ctx)
    fine = await check_notice(ctx, intent.notice.id, lease_token=intent.lease_token)
    assert (fine.is_wanted, fine.reason) == (True, None)
    await _pay(ctx, receivable)
    for _ in range(2):
        told = await check_notice(ctx, intent.notice.id, lease_token=intent.lease_token)
        assert (told.is_wanted, told.reason, told.notice.state) == (False, "receivable_paid", "cancelled")
    assert await _refused(ctx, intent) == "notice_cancelled"
    assert await _events(ctx, intent.notice) == ["notice.queued", "notice.cancelled"]


async def test_a_payment_under_way_before_the_claim_prevents_it(ctx: Context) -> None:
    notice, receivable = await an_offered_notice(ctx)
    async with transaction(ctx):
        await _pay(ctx, receivable)
        claiming = asyncio.create_task(_claim(ctx), context=contextvars.Context())
        await asyncio.sleep(0.2)
        assert not claiming.done()
    assert await claiming == []
    assert (await get_notice(ctx, notice.id)).reason == "receivable_paid"


async def test_a_suspended_tenants_notices_are_not_handed_out(
    ctx: Context, platform: tuple[PlatformContext, object]
) -> None:
    notice, _ = await an_offered_notice(ctx)
    async with transaction(platform[0]) as tx:
        await tx.execute("update tenants set status = 'suspended' where id = $1", ctx.tenant_id)
    assert (await claim_notices(ctx)).intents == []
    assert (await get_notice(ctx, notice.id)).state == "queued"


async def test_a_lease_that_ended_is_no_licence_to_send(ctx: Context) -> None:
    intent, _ = await a_claimed_notice(ctx)
    await _expire(ctx, intent.notice)
    with pytest.raises(Conflict) as ended:
        await check_notice(ctx, intent.notice.id, lease_token=intent.lease_token)
    assert ended.value.code == "lease_expired"
    with pytest.raises(Conflict) as strange:
        await check_notice(ctx, intent.notice.id, lease_token="guessed")
    assert strange.value.code == "lease_lost"


async def test_what_was_perhaps_sent_and_is_not_wanted_any_more_is_unknown_and_somebody_looks(ctx: Context) -> None:
    intent, receivable = await a_claimed_notice(ctx)
    await _expire(ctx, intent.notice)
    await _pay(ctx, receivable)
    assert (await claim_notices(ctx)).intents == []
    lost = await get_notice(ctx, intent.notice.id)
    assert (lost.state, lost.reason) == ("unknown", "not_acknowledged")
    while await react(ctx):
        pass
    assert len((await list_tasks(ctx, PAGE, state="open")).items) == 1
    sent = await acknowledge_notice(ctx, intent.notice.id, lease_token=intent.lease_token, outcome="sent")
    assert sent.state == "sent"
    while await react(ctx):
        pass
    assert (await list_tasks(ctx, PAGE, state="open")).items == []


async def test_a_receipt_may_come_before_the_word(ctx: Context) -> None:
    intent, _ = await a_claimed_notice(ctx)
    await report_receipts(ctx, intent.notice.id, [a_receipt(None, "read")])
    assert await _refused(ctx, intent, "failed") == "acknowledged_otherwise"
    sent = await acknowledge_notice(
        ctx, intent.notice.id, lease_token=intent.lease_token, outcome="sent", provider_message_id="wamid.2"
    )
    assert (sent.state, sent.sent_at, sent.provider_message_id) == ("read", NOW, "wamid.2")
    assert await _events(ctx, intent.notice) == ["notice.queued", "notice.read"]
    assert (await claim_notices(ctx)).intents == []


async def test_a_receipt_settles_what_was_never_acknowledged(ctx: Context) -> None:
    intent, _ = await a_claimed_notice(ctx)
    await _expire(ctx, intent.notice)
    await report_receipts(ctx, intent.notice.id, [a_receipt(None, "delivered")])
    assert (await claim_notices(ctx)).intents == []
    assert (await get_notice(ctx, intent.notice.id)).state == "delivered"


async def test_whoever_serves_the_channel_gets_what_waits_on_it(ctx: Context) -> None:
    account = await an_integrator(ctx, "email")
    taken, _ = await an_offered_notice(ctx, "INV-1", "email")
    waiting, _ = await an_offered_notice(ctx, "INV-2", "email")
    await claim_notices(ctx, limit=1)
    await disable_channel_account(ctx, account)
    ours, _, _ = await a_queued_notice(ctx, "INV-3")
    assert [(await get_notice(ctx, n.id)).offered_at is not None for n in (taken, waiting, ours)] == [
        True,
        False,
        False,
    ]
    await enable_channel_account(ctx, account)
    assert [(await get_notice(ctx, n.id)).offered_at is not None for n in (taken, waiting, ours)] == [True] * 3
    assert len((await claim_notices(ctx)).intents) == 2


async def test_a_claim_needs_sensible_numbers_and_the_right_to_see_addresses(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await claim_notices(ctx, limit=0, lease_seconds=5)
    assert [error.pointer for error in wrong.value.errors] == ["/limit", "/lease_seconds"]
    with pytest.raises(Forbidden):
        await claim_notices(replace(ctx, scopes=ctx.scopes - {Scope.PII_READ}))
    with pytest.raises(NotFound):
        await release_notice(ctx, "ntc_00000000000000000000000000", lease_token="x")
