"""Mails that come in, and links that stop them, on a real database."""

from __future__ import annotations

import pytest

from domain.collections.activities import list_activities
from domain.customers.contacts import delete_contact, get_contact
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.messaging.inbound_email import LARGEST_MAIL, receive_email
from domain.messaging.notices import get_notice
from domain.messaging.receipts import list_receipts
from domain.messaging.sending import send_due_notices
from domain.messaging.unsubscribing import notice_of_token, unsubscribe, unsubscribe_token
from tests.factories_messaging import FakeChannel, a_queued_notice
from tests.factories_receipts import a_sent_notice
from tests.rules.test_mail_reports import NOTICE, a_bounce, a_reply

PAGE = PageRequest()


async def test_a_bounce_marks_the_address_once(ctx: Context) -> None:
    notice = await a_sent_notice(ctx, email="gone@lanhai.example")
    mail = a_bounce().replace(NOTICE.encode(), notice.id.encode())
    assert (await receive_email(ctx, mail)).recorded_count == 1
    again = await receive_email(ctx, mail)
    assert (again.recorded_count, again.ignored) == (0, "known_already")
    assert (await get_notice(ctx, notice.id)).state == "bounced"
    assert [one.reason for one in (await get_contact(ctx, notice.contact_id or "")).invalid_addresses] == ["5.1.1"]
    (receipt,) = (await list_receipts(ctx, notice.id, PAGE)).items
    assert "gone@" not in receipt.detail


async def test_an_answer_becomes_an_activity(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    await receive_email(ctx, a_reply().replace(NOTICE.encode(), notice.id.encode()))
    while await react(ctx):
        pass
    (activity,) = (await list_activities(ctx, PAGE, customer_id=notice.customer_id)).items
    assert activity.summary.endswith(":\nPaid on Monday.")


async def test_what_is_nobodys_or_a_robots_is_ignored_with_its_reason(ctx: Context) -> None:
    assert (await receive_email(ctx, a_bounce())).ignored == "belongs_to_no_notice"
    assert (await receive_email(ctx, a_reply(To="x@acme.example"))).ignored == "belongs_to_no_notice"
    assert (await receive_email(ctx, a_reply(Auto_Submitted="auto-replied"))).ignored == "automatic_answer"
    with pytest.raises(InvalidInput):
        await receive_email(ctx, b"x" * (LARGEST_MAIL + 1))


async def test_a_link_stops_the_mails_to_its_contact(ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    token = unsubscribe_token(ctx, notice.id)
    assert (await notice_of_token(token))[1].id == notice.id
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == []
    for _ in range(2):
        await unsubscribe(token)
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == ["email"]
    assert [one.code for one in (await list_receipts(ctx, notice.id, PAGE)).items] == ["one_click"]
    await delete_contact(ctx, notice.contact_id or "")
    await unsubscribe(token)


async def test_a_link_that_was_tampered_with_is_no_link(ctx: Context) -> None:
    first, second = await a_sent_notice(ctx, "INV-1"), await a_sent_notice(ctx, "INV-2")
    token, other = unsubscribe_token(ctx, first.id), unsubscribe_token(ctx, second.id)
    for wrong in ("", "x", token[:-1], token[:26] + other[26:52] + token[52:], "0" * 26 + token[26:]):
        with pytest.raises(NotFound):
            await unsubscribe(wrong)
    assert (await get_contact(ctx, first.contact_id or "")).opted_out_channels == []


async def test_a_mail_gets_its_link(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    channel = FakeChannel()
    await send_due_notices(ctx, {"email": channel})
    assert channel.sent[0].unsubscribe_token == unsubscribe_token(ctx, notice.id)
