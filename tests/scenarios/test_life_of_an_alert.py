"""Staff hear of a debt in their Feishu group: through the tenant's account, once somebody has agreed, and never as a reminder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from domain.dunning.approvals import approve_step, list_approvals, reject_step
from domain.dunning.model import Approval
from domain.events.address_policy import install_address_policy, private_addresses_allowed
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.notices import list_notices
from domain.messaging.ways import Accounts
from tests.factories import a_contact, a_customer
from tests.factories_dunning import a_plan, email_step
from tests.factories_ledger import a_receivable
from tests.factories_policy import OFFICE, set_policy
from tests.fakes.feishu import SECRET, TOKEN, FakeFeishu
from tests.fakes.messages import impatient_http
from tests.fakes.serving import served
from tests.scenarios.life import Life
from workers.channels.registry import AccountChannels

ALERT: dict[str, Any] = {
    "key": "tell-us",
    "offset_days": 5,
    "time_of_day": "09:00",
    "action": {"type": "alert", "channel": "feishu", "template": "staff_alert"},
}
LADDER = [email_step("first", 3), ALERT, email_step("second", 10)]


@pytest.fixture
async def accounts() -> AsyncIterator[Accounts]:
    """The channels of accounts as a developer's worker opens them."""
    before = private_addresses_allowed()
    install_address_policy(allow_private=True)
    try:
        async with impatient_http() as http:
            yield AccountChannels(http)
    finally:
        install_address_policy(allow_private=before)


async def a_life(ctx: Context, accounts: Accounts, *steps: dict[str, Any], **plan: Any) -> tuple[Life, Receivable]:
    """A debt of 10 January."""
    life = Life(ctx)
    life.accounts = accounts
    await a_plan(ctx, steps=list(steps), **plan)
    customer = await a_customer(ctx)
    await a_contact(ctx, customer)
    return life, await a_receivable(ctx, customer, due_on=date(2026, 1, 10))


async def an_account(ctx: Context, url: str) -> None:
    """The robot of the tenant's group."""
    await create_channel_account(
        ctx,
        channel="feishu",
        provider="feishu",
        name="Finance",
        settings={"base_url": url},
        credentials={"token": TOKEN, "secret": SECRET},
    )


async def asked(life: Life) -> Approval:
    """The only step that somebody is asked about."""
    (approval,) = (await list_approvals(life.ctx, PageRequest(), state="open")).items
    return approval


async def test_the_group_is_told_what_is_owed(ctx: Context, accounts: Accounts) -> None:
    robot = FakeFeishu()
    async with served(robot.app()) as url:
        life, receivable = await a_life(ctx, accounts, *LADDER, options={"maximum_notices": 2})
        await an_account(ctx, url)
        await life.until(date(2026, 1, 16))
        (said,) = robot.said
        assert receivable.number in said["content"]["text"]
        alert = (await list_notices(life.ctx, PageRequest())).items[-1]
        assert (alert.audience, alert.channel, alert.state, alert.contact_id) == ("staff", "feishu", "sent", None)
        # It is no reminder: of two that the plan allows the second is still to come.
        await life.until(date(2026, 1, 21))
        assert await life.told(receivable) == ["first done", "tell-us done", "second done"]
        assert len(robot.said) == 1


async def test_an_alert_goes_out_at_night_and_is_not_counted_by_the_contact_policy(
    ctx: Context, accounts: Accounts
) -> None:
    robot = FakeFeishu()
    async with served(robot.app()) as url:
        at_night = {**ALERT, "time_of_day": "03:00", "offset_days": 3}
        life, receivable = await a_life(ctx, accounts, at_night, email_step("first", 3))
        await an_account(ctx, url)
        await set_policy(ctx, contact_hours=[OFFICE], minimum_gap_hours=24)
        await life.until(date(2026, 1, 13), 4)
        assert len(robot.said) == 1
        await life.until(date(2026, 1, 13), 10)
        assert await life.told(receivable) == ["tell-us done", "first done"]
        assert len(life.mailbox.mails) == 1


async def test_without_an_account_it_waits_for_one(ctx: Context, accounts: Accounts) -> None:
    robot = FakeFeishu()
    async with served(robot.app()) as url:
        life, receivable = await a_life(ctx, accounts, *LADDER)
        await life.until(date(2026, 1, 16))
        assert await life.told(receivable) == ["first done", "tell-us held no_channel_account"]
        await an_account(life.ctx, url)
        await life.work()
        assert len(robot.said) == 1
        await life.until(date(2026, 1, 21))
        assert await life.told(receivable) == [
            "first done",
            "tell-us held no_channel_account",
            "tell-us done",
            "second done",
        ]


async def test_a_gated_alert_is_told_once_somebody_has_approved(ctx: Context, accounts: Accounts) -> None:
    robot = FakeFeishu()
    async with served(robot.app()) as url:
        life, receivable = await a_life(ctx, accounts, {**ALERT, "requires_approval": True}, email_step("second", 10))
        await an_account(ctx, url)
        await life.until(date(2026, 1, 22))
        assert (robot.said, await life.told(receivable)) == ([], [])
        approval = await asked(life)
        assert (approval.step_key, approval.action) == ("tell-us", "alert")
        await approve_step(life.ctx, approval.id)
        await life.work()
        assert len(robot.said) == 1
        assert await life.told(receivable) == ["tell-us done", "second done"]


async def test_a_rejected_alert_is_told_to_nobody_and_a_gate_before_it_keeps_it_back(
    ctx: Context, accounts: Accounts
) -> None:
    robot = FakeFeishu()
    gate = {"key": "ask", "offset_days": 4, "time_of_day": "09:00", "action": {"type": "approval", "title": "Go on?"}}
    async with served(robot.app()) as url:
        life, receivable = await a_life(ctx, accounts, gate, {**ALERT, "requires_approval": True})
        await an_account(ctx, url)
        await life.until(date(2026, 1, 17))
        await approve_step(life.ctx, (await asked(life)).id)
        await life.work()
        assert await life.told(receivable) == ["ask done"]
        await reject_step(life.ctx, (await asked(life)).id)
        await life.work()
        assert await life.told(receivable) == ["ask done", "tell-us skipped approval_rejected"]
        assert robot.said == []


async def test_what_the_robot_refuses_is_no_failure_of_the_reminders(ctx: Context, accounts: Accounts) -> None:
    robot = FakeFeishu(keyword="not-in-the-text")
    async with served(robot.app()) as url:
        life, receivable = await a_life(ctx, accounts, *LADDER)
        await an_account(ctx, url)
        await life.until(date(2026, 1, 21))
        states = [(one.audience, one.state) for one in (await list_notices(life.ctx, PageRequest())).items]
        assert states == [("customer", "sent"), ("staff", "failed"), ("customer", "sent")]
        assert await life.told(receivable) == ["first done", "tell-us done", "second done"]
