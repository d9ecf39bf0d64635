"""Alerts to staff: like notices, but to nobody at the customer and never taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import asyncpg
import pytest

from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.payments import record_payment
from domain.messaging.alerts import queue_alerts
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.channel_model import Outcome
from domain.messaging.notices import get_notice, list_deliveries, list_notices
from domain.messaging.sending import send_due_notices
from domain.storage.transaction import transaction
from tests.factories_messaging import FakeChannel, an_alert

ACCEPTED = Outcome("accepted", "feishu_0", "success")


async def a_feishu_account(ctx: Context) -> str:
    """The id of an active account."""
    account = await create_channel_account(
        ctx, channel="feishu", provider="feishu", name="Finance", credentials={"token": "t"}
    )
    return account.id


async def test_an_alert_is_a_notice_to_staff_through_the_channels_account(ctx: Context) -> None:
    account_id = await a_feishu_account(ctx)
    draft = await an_alert(ctx)
    (alert,) = await queue_alerts(ctx, [draft])
    found = await get_notice(ctx, alert.id)
    assert (found.audience, found.contact_id, found.recipient, found.state) == ("staff", None, account_id, "queued")
    assert (found.customer_id, found.receivable_id) == (draft.customer_id, draft.receivable_id)
    assert found.subject == ""
    assert "INV-1" in found.body
    assert "1,299.00" in found.body
    page = await list_notices(ctx, PageRequest(), receivable_id=draft.receivable_id)
    assert [notice.id for notice in page.items] == [alert.id]
    events = (await list_events(ctx, PageRequest(), object_id=alert.id)).items
    assert [(event.type, event.data["notice"]["audience"]) for event in events] == [("notice.queued", "staff")]


async def test_who_is_named_is_called_and_without_an_account_the_channel_is_kept(ctx: Context) -> None:
    named = await an_alert(ctx, recipient="zhangsan", channel="wecom_staff")
    unnamed = await an_alert(ctx, number="INV-2")
    alerts = await queue_alerts(ctx, [named, unnamed])
    assert [alert.recipient for alert in alerts] == ["zhangsan", "feishu"]
    assert await queue_alerts(ctx, []) == []


async def test_an_alert_is_sent_although_the_invoice_was_paid_meanwhile(ctx: Context) -> None:
    draft = await an_alert(ctx)
    (alert,) = await queue_alerts(ctx, [draft])
    await record_payment(
        ctx, customer_id=draft.customer_id, amount=Money(Decimal("1299.00"), "CNY"), received_on=date(2026, 1, 5)
    )
    channel = FakeChannel({alert.recipient: ACCEPTED})
    assert await send_due_notices(ctx, {"feishu": channel}) == 1
    assert [message.subject for message in channel.sent] == [alert.subject]
    assert (await get_notice(ctx, alert.id)).state == "sent"
    (delivery,) = (await list_deliveries(ctx, alert.id, PageRequest())).items
    assert delivery.code == "feishu_0"


async def test_a_failing_text_neither_stops_the_others_nor_disappears(ctx: Context) -> None:
    broken = await an_alert(ctx, template_key="no_such_text")
    good = await an_alert(ctx, number="INV-2")
    alerts = await queue_alerts(ctx, [broken, good])
    assert [(alert.state, alert.reason) for alert in alerts] == [("failed", "template_failed"), ("queued", None)]


async def test_a_notice_to_a_customer_has_a_contact(ctx: Context) -> None:
    draft = await an_alert(ctx)
    (alert,) = await queue_alerts(ctx, [draft])
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction(ctx) as tx:
            await tx.execute("update notices set audience = 'customer' where id = $1", alert.id)
