"""A tenant's notices leave through its own account of their channel, no faster than the provider takes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.access.model import NewClient
from domain.access.tenants import create_tenant
from domain.customers.contacts import update_contact
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context, PlatformContext
from domain.kernel.paging import PageRequest
from domain.messaging.channel_accounts import create_channel_account, disable_channel_account
from domain.messaging.channel_model import Outcome
from domain.messaging.notices import get_notice, list_deliveries
from domain.messaging.sending import send_due_notices, tenants_with_due_notices
from tests.conftest import NOW
from tests.factories import tenant_context
from tests.factories_channels import PHONE, FakeAccounts, a_queued_sms, an_sms_account
from tests.factories_messaging import FakeChannel, a_queued_notice


async def test_an_sms_leaves_through_the_tenants_account(ctx: Context) -> None:
    account, accounts = await an_sms_account(ctx), FakeAccounts()
    notice = await a_queued_sms(ctx)
    assert await send_due_notices(ctx, {}, accounts=accounts) == 1
    ((sent_through, message),) = accounts.sent
    assert (sent_through, message.recipient, message.template_key) == (account.id, PHONE, "overdue_notice")
    assert message.variables["number"] == "INV-1"
    sent = await get_notice(ctx, notice.id)
    assert (sent.state, sent.provider_message_id, sent.channel_account_id) == ("sent", "SM1", account.id)


async def test_email_leaves_through_the_server_until_the_tenant_has_an_account(ctx: Context) -> None:
    server, accounts = FakeChannel(), FakeAccounts()
    await a_queued_notice(ctx)
    await send_due_notices(ctx, {"email": server}, accounts=accounts)
    assert (len(server.sent), accounts.sent) == (1, [])
    settings = {"host": "mail.acme.example", "from": "dunning@acme.example"}
    account = await create_channel_account(ctx, channel="email", provider="smtp", name="Mail", settings=settings)
    await a_queued_notice(ctx, "INV-2")
    await send_due_notices(ctx, {"email": server}, accounts=accounts)
    assert (len(server.sent), [sent[0] for sent in accounts.sent]) == (1, [account.id])


async def test_without_an_account_and_without_the_servers_own_a_notice_fails(ctx: Context) -> None:
    notice = await a_queued_sms(ctx)
    await send_due_notices(ctx, {"email": FakeChannel()}, accounts=FakeAccounts())
    failed = await get_notice(ctx, notice.id)
    assert (failed.state, failed.reason, failed.channel_account_id) == ("failed", "channel_not_configured", None)


async def test_a_disabled_account_sends_nothing(ctx: Context) -> None:
    account = await an_sms_account(ctx)
    await disable_channel_account(ctx, account.id)
    accounts, notice = FakeAccounts(), await a_queued_sms(ctx)
    await send_due_notices(ctx, {}, accounts=accounts)
    assert (accounts.sent, (await get_notice(ctx, notice.id)).reason) == ([], "channel_not_configured")


async def test_an_account_that_does_not_open_is_tried_again(ctx: Context) -> None:
    await an_sms_account(ctx)
    notice = await a_queued_sms(ctx)
    await send_due_notices(ctx, {}, accounts=FakeAccounts(fails=LookupError("not installed here")))
    waiting = await get_notice(ctx, notice.id)
    assert (waiting.state, waiting.attempt_count) == ("queued", 1)
    (made,) = (await list_deliveries(ctx, notice.id, PageRequest())).items
    assert (made.outcome, made.code) == ("retryable", "channel_unavailable")


async def test_the_integrators_notices_are_left_alone(ctx: Context) -> None:
    await create_channel_account(ctx, channel="sms", provider="integrator", name="The CRM sends")
    notice = await a_queued_sms(ctx)
    assert await send_due_notices(ctx, {}, accounts=FakeAccounts()) == 0
    assert (await get_notice(ctx, notice.id)).state == "queued"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"opted_out_channels": ["sms"]}, "opted_out"),
        ({"phone": None}, "no_address"),
        ({"phone": "13900001111"}, "address_changed"),
        ({"addresses": {"sms": "13900001111"}}, "address_changed"),
        ({"opted_out_channels": ["email"]}, None),
    ],
)
async def test_the_address_of_the_channel_is_looked_at_again(
    ctx: Context, changes: dict[str, Any], reason: str | None
) -> None:
    await an_sms_account(ctx)
    notice = await a_queued_sms(ctx)
    await update_contact(ctx, notice.contact_id or "", changes)
    await send_due_notices(ctx, {}, accounts=FakeAccounts())
    looked_at = await get_notice(ctx, notice.id)
    assert (looked_at.state, looked_at.reason) == (("cancelled", reason) if reason else ("sent", None))


async def test_a_rate_limited_message_waits_as_long_as_the_provider_asks(ctx: Context) -> None:
    await an_sms_account(ctx)
    notice = await a_queued_sms(ctx)
    asked = Outcome("retryable", "twilio_20429", "Too many requests", retry_after=7200)
    await send_due_notices(ctx, {}, accounts=FakeAccounts(asked))
    assert (await get_notice(ctx, notice.id)).next_attempt_at == NOW + timedelta(hours=2)


@pytest.fixture
async def live(platform: tuple[PlatformContext, NewClient]) -> Context:
    """A tenant in real time."""
    made = await create_tenant(
        platform[0], name="Live", mode="live", base_currency="CNY", time_zone="Asia/Shanghai", locale="en"
    )
    return await tenant_context(made.id)


async def test_more_than_the_account_may_send_wait_and_nothing_counts_as_an_attempt(live: Context) -> None:
    await an_sms_account(live, messages_per_minute=120)
    notices = [await a_queued_sms(live, f"INV-{n}") for n in range(5)]
    accounts = FakeAccounts()
    assert await send_due_notices(live, {}, accounts=accounts) == 5
    assert len(accounts.sent) == 2
    now = SystemClock().now()
    waiting = [n for n in [await get_notice(live, one.id) for one in notices] if n.state == "queued"]
    assert {
        (n.attempt_count, n.next_attempt_at is not None and n.next_attempt_at <= now + timedelta(seconds=1))
        for n in waiting
    } == {(0, True)}
    assert live.tenant_id not in await tenants_with_due_notices(now - timedelta(seconds=1))
    later = replace(live, clock=_Later())
    await send_due_notices(later, {}, accounts=accounts)
    assert len(accounts.sent) < 5  # the pace is kept by real time, whoever asks


class _Later:
    def now(self) -> Any:
        return SystemClock().now() + timedelta(minutes=1)
