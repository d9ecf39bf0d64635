"""Receipts on a real database: the notice, the contact, the case and everybody who listens."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.collections.activities import list_activities
from domain.collections.tasks import list_tasks
from domain.customers.contacts import get_contact, update_contact
from domain.dunning.reactions import react
from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.messaging.account_model import AccountRef
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.channel_model import Outcome
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice
from domain.messaging.receipt_model import IgnoredReceipts
from domain.messaging.receipts import list_ignored_receipts, list_receipts, record_receipts, report_receipts
from domain.messaging.sending import send_due_notices
from domain.storage.transaction import transaction
from tests.conftest import NOW
from tests.factories_channels import a_queued_sms, an_sms_account
from tests.factories_messaging import FakeChannel, a_queued_notice
from tests.factories_receipts import a_receipt, a_sent_notice

PAGE = PageRequest()


async def _events(ctx: Context, notice: Notice) -> list[str]:
    return [event.type for event in (await list_events(ctx, PAGE, object_id=notice.id)).items]


async def test_a_receipt_moves_the_notice_once(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    delivered = a_receipt(notice, "delivered")
    assert await record_receipts(ctx, [delivered, delivered], account_id=None) == 1
    assert await record_receipts(ctx, [delivered], account_id=None) == 0
    read = a_receipt(notice, "read", at=NOW + timedelta(minutes=5))
    assert await record_receipts(ctx, [read], account_id=None) == 1
    late = a_receipt(notice, "delivered", code="again", at=NOW + timedelta(minutes=1))
    assert await record_receipts(ctx, [late], account_id=None) == 1
    told = await get_notice(ctx, notice.id)
    assert (told.state, told.delivered_at, told.read_at) == ("read", NOW, NOW + timedelta(minutes=5))
    assert [one.kind for one in (await list_receipts(ctx, notice.id, PAGE)).items] == ["delivered", "read", "delivered"]
    assert (await _events(ctx, notice))[2:] == ["notice.delivered", "notice.read"]


async def test_two_who_say_the_same_at_once_are_heard_once(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    said = [
        asyncio.create_task(
            record_receipts(ctx, [a_receipt(notice, "delivered")], account_id=None), context=contextvars.Context()
        )
        for _ in range(4)
    ]
    assert sum(await asyncio.gather(*said)) == 1


async def test_a_bounce_marks_the_address_and_it_is_not_written_to_again(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    second, _, _ = await _another(ctx, notice)
    await record_receipts(ctx, [a_receipt(notice, "bounced", "5.1.1", detail="no such user")], account_id=None)
    contact = await get_contact(ctx, notice.contact_id or "")
    (invalid,) = contact.invalid_addresses
    assert (invalid.channel, invalid.reason, invalid.told_at) == ("email", "5.1.1", NOW)
    channel = FakeChannel()
    await send_due_notices(ctx, {"email": channel})
    assert channel.sent == []
    assert (await get_notice(ctx, second.id)).reason == "address_invalid"
    await update_contact(ctx, contact.id, {"name": "Wang F."})
    assert (await get_contact(ctx, contact.id)).invalid_addresses != []
    await update_contact(ctx, contact.id, {"email": "new@lanhai.example"})
    assert (await get_contact(ctx, contact.id)).invalid_addresses == []


async def _another(ctx: Context, like: Notice) -> tuple[Notice, object, object]:
    """A second notice to the same contact."""
    from_other, contact, receivable = await a_queued_notice(ctx, "INV-2")
    async with transaction(ctx) as tx:
        await tx.execute(
            "update notices set contact_id = $3 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            from_other.id,
            like.contact_id,
        )
    return from_other, contact, receivable


async def test_a_new_address_is_not_blamed_for_the_old_one(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    await update_contact(ctx, notice.contact_id or "", {"email": "new@lanhai.example"})
    await record_receipts(ctx, [a_receipt(notice, "bounced", "5.1.1")], account_id=None)
    assert (await get_contact(ctx, notice.contact_id or "")).invalid_addresses == []
    assert (await get_notice(ctx, notice.id)).state == "bounced"


async def test_a_refusal_of_the_address_while_sending_is_a_bounce(ctx: Context) -> None:
    notice, contact, _ = await a_queued_notice(ctx)
    refusal = Outcome("rejected", "smtp_550", "5.1.1 unknown", invalid_address=True)
    await send_due_notices(ctx, {"email": FakeChannel({notice.recipient: refusal})})
    bounced = await get_notice(ctx, notice.id)
    assert (bounced.state, bounced.reason, bounced.bounced_at) == ("bounced", "smtp_550", NOW)
    while await react(ctx):
        pass
    assert [one.reason for one in (await get_contact(ctx, contact.id)).invalid_addresses] == ["smtp_550"]


@pytest.mark.parametrize("kind", ["complained", "opted_out"])
async def test_who_complains_is_not_written_to_on_that_channel(ctx: Context, kind: str) -> None:
    notice = await a_sent_notice(ctx)
    receipt = replace(a_receipt(notice, "opted_out"), kind=kind)  # type: ignore[arg-type]
    await record_receipts(ctx, [receipt], account_id=None)
    contact = await get_contact(ctx, notice.contact_id or "")
    assert contact.opted_out_channels == ["email"]
    assert (await get_notice(ctx, notice.id)).state == "sent"
    events = (await list_events(ctx, PAGE, object_id=contact.id)).items
    assert [event.type for event in events] == ["contact.created", "contact.updated"]


async def test_a_reply_becomes_an_activity_with_its_text(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    text = "We paid on Monday, ask li.si@lanhai.example. " + "x" * 3000
    await record_receipts(ctx, [a_receipt(notice, "replied", detail=text)], account_id=None)
    while await react(ctx):
        pass
    (activity,) = (await list_activities(ctx, PAGE, customer_id=notice.customer_id)).items
    assert activity.kind == "message"
    assert "We paid on Monday" in activity.summary
    assert "li.si@" not in activity.summary
    (receipt,) = (await list_receipts(ctx, notice.id, PAGE)).items
    assert len(receipt.detail) == 2000
    assert (await _events(ctx, notice))[-1] == "notice.replied"


async def test_a_receipt_ends_the_doubt_and_closes_its_task(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    await send_due_notices(ctx, {"email": FakeChannel({notice.recipient: Outcome("unknown", "timeout", "")})})
    while await react(ctx):
        pass
    assert len((await list_tasks(ctx, PAGE, state="open")).items) == 1
    await record_receipts(ctx, [a_receipt(notice, "delivered")], account_id=None)
    while await react(ctx):
        pass
    assert (await list_tasks(ctx, PAGE, state="open")).items == []
    (task,) = (await list_tasks(ctx, PAGE, state="completed")).items
    assert (task.notice_id, task.completion_note) == (
        notice.id,
        "A receipt has told what became of the reminder: delivered.",
    )


async def test_what_belongs_to_no_notice_is_counted(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    mine, other = await _account(ctx, "whatsapp"), await _account(ctx, "sms")
    await _from_account(ctx, notice, mine, "m-1")
    known = a_receipt(None, "delivered", provider_message_id="m-1")
    assert await record_receipts(ctx, [known], account_id=mine) == 1
    strange = [
        a_receipt(None, "delivered", provider_message_id="m-2"),
        a_receipt(None, "delivered", provider_message_id="m-3"),
        a_receipt(None, "failed"),
    ]
    assert await record_receipts(ctx, strange, account_id=mine) == 0
    assert await record_receipts(ctx, [a_receipt(notice, "read")], account_id=other) == 0
    assert await record_receipts(ctx, [known], account_id=None) == 0
    counted = {(one.channel_account_id, one.kind, one.reason): one.count for one in await _ignored(ctx)}
    assert counted == {
        (mine, "delivered", "unknown_notice"): 2,
        (mine, "failed", "names_no_notice"): 1,
        (other, "read", "of_another_account"): 1,
        (None, "delivered", "unknown_notice"): 1,
    }
    assert await record_receipts(ctx, [known], account_id=None) == 0
    assert {one.count for one in await _ignored(ctx) if one.channel_account_id is None} == {2}


async def _ignored(ctx: Context) -> list[IgnoredReceipts]:
    return list((await list_ignored_receipts(ctx, PAGE)).items)


async def _account(ctx: Context, channel: str) -> str:
    return (await create_channel_account(ctx, channel=channel, provider="integrator", name="Ours")).id


async def _from_account(ctx: Context, notice: Notice, account_id: str, message_id: str) -> None:
    async with transaction(ctx) as tx:
        await tx.execute(
            "update notices set channel_account_id = $3, provider_message_id = $4 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            notice.id,
            account_id,
            message_id,
        )


class _OneChannel:
    """Every account's channel is this one."""

    def __init__(self, channel: FakeChannel) -> None:
        self._channel = channel

    async def channel(self, ctx: Context, account: AccountRef, /) -> FakeChannel:
        """The channel."""
        return self._channel


async def test_a_receipt_that_overtakes_the_sender_waits_for_it(ctx: Context) -> None:
    account = (await an_sms_account(ctx)).id
    notice = await a_queued_sms(ctx)
    hearing: list[asyncio.Task[int]] = []

    async def tell_meanwhile() -> None:
        told = a_receipt(None, "delivered", provider_message_id="m-9")
        recording = record_receipts(ctx, [told], account_id=account)
        hearing.append(asyncio.create_task(recording, context=contextvars.Context()))
        await asyncio.sleep(0.2)
        assert not hearing[0].done()

    accepted = Outcome("accepted", "ok", "", provider_message_id="m-9")
    channel = FakeChannel({notice.recipient: accepted}, meanwhile=tell_meanwhile)
    await send_due_notices(ctx, {}, accounts=_OneChannel(channel))
    assert await hearing[0] == 1
    assert (await get_notice(ctx, notice.id)).state == "delivered"


async def test_who_opts_out_by_the_address_alone_is_found(ctx: Context) -> None:
    account = (await an_sms_account(ctx)).id
    notice = await a_queued_sms(ctx)
    stop = a_receipt(None, "opted_out", address="+86 138-0000-6789")
    assert await record_receipts(ctx, [stop, stop], account_id=account) == 0
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == ["sms"]
    assert await _ignored(ctx) == []
    stranger = a_receipt(None, "opted_out", address="+8613911112222")
    await record_receipts(ctx, [stranger], account_id=account)
    assert [(one.kind, one.reason) for one in await _ignored(ctx)] == [("opted_out", "unknown_address")]


async def test_an_integrator_cannot_tell_of_tomorrow_or_of_nothing(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    with pytest.raises(InvalidInput) as wrong:
        await report_receipts(ctx, notice.id, [a_receipt(notice, "read", at=NOW + timedelta(seconds=1))])
    assert [error.pointer for error in wrong.value.errors] == ["/receipts/0/occurred_at"]
    with pytest.raises(NotFound):
        await report_receipts(ctx, "ntc_00000000000000000000000000", [a_receipt(None, "read")])
    told = await report_receipts(ctx, notice.id, [a_receipt(None, "read")])
    assert told.state == "read"
