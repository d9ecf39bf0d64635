"""Reminders that did not get through on one channel and take the next, or that wait until there is a channel at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.customers.model import Customer
from domain.dunning.cases import get_case
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.channel_accounts import disable_channel_account, enable_channel_account
from domain.messaging.channel_model import Outcome
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from domain.messaging.receipts import record_receipts
from tests.factories import a_contact, a_customer
from tests.factories_channels import PHONE, FakeAccounts, an_sms_account
from tests.factories_dunning import a_plan, email_step
from tests.factories_ledger import a_receivable
from tests.factories_receipts import a_receipt
from tests.scenarios.life import Life

NO_SUCH_NUMBER = Outcome("rejected", "21211", "The 'To' number is not a valid phone number.")


def notice_step(key: str, offset_days: int, *channels: str, **more: Any) -> dict[str, Any]:
    """A step that writes through the first of the channels that reaches somebody."""
    action = {"type": "notice", "template": "overdue_notice", "channels": list(channels), **more}
    return {"key": key, "offset_days": offset_days, "time_of_day": "09:00", "action": action}


async def a_life(ctx: Context, *steps: dict[str, Any]) -> tuple[Life, Customer, Receivable]:
    """A debt of 10 January, of a customer with mailbox and telephone."""
    life = Life(ctx)
    life.accounts = FakeAccounts()
    await a_plan(ctx, steps=list(steps))
    customer = await a_customer(ctx)
    await a_contact(ctx, customer, email="wang@lanhai.example", phone=PHONE)
    return life, customer, await a_receivable(ctx, customer, due_on=date(2026, 1, 10))


async def written(life: Life) -> list[str]:
    """Each notice as `channel state`, oldest first."""
    return [f"{one.channel} {one.state}" for one in (await list_notices(life.ctx, PageRequest())).items]


async def last_notice(life: Life) -> Notice:
    """The newest."""
    return (await list_notices(life.ctx, PageRequest())).items[-1]


async def hears(life: Life, kind: Any, code: str = "") -> None:
    """The provider tells something of the newest notice."""
    await record_receipts(life.ctx, [a_receipt(await last_notice(life), kind, code, life.ctx.now())], account_id=None)
    await life.work()


async def test_a_mail_that_failed_is_followed_by_an_sms(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "email", "sms"), email_step("second", 10))
    await an_sms_account(ctx)
    await life.until(date(2026, 1, 13), 10)
    assert await written(life) == ["email sent"]
    await hears(life, "failed", "mailbox_full")
    assert await written(life) == ["email failed", "sms sent"]
    await life.until(date(2026, 1, 25))
    assert await life.told(receivable) == ["first done", "first done failed", "second done"]
    assert await written(life) == ["email failed", "sms sent", "email sent"]


async def test_a_provider_that_refuses_the_number_sends_it_on_to_the_next_channel(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "sms", "email"))
    await an_sms_account(ctx)
    life.accounts = FakeAccounts(outcome=NO_SUCH_NUMBER)
    await life.until(date(2026, 1, 14))
    assert await written(life) == ["sms failed", "email sent"]
    assert await life.told(receivable) == ["first done", "first done failed"]


async def test_where_every_channel_has_failed_the_failure_stands_and_the_ladder_goes_on(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "sms", "email"), email_step("second", 10))
    await an_sms_account(ctx)
    life.accounts = FakeAccounts(outcome=NO_SUCH_NUMBER)
    await life.until(date(2026, 1, 14))
    await hears(life, "failed", "spam")
    await life.until(date(2026, 1, 25))
    assert await life.told(receivable) == ["first done", "first done failed", "second done"]
    assert await written(life) == ["sms failed", "email failed", "email sent"]


async def test_a_bounce_after_a_failure_does_not_go_back_to_what_failed(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "sms", "email"))
    await an_sms_account(ctx)
    life.accounts = FakeAccounts(outcome=NO_SUCH_NUMBER)
    await life.until(date(2026, 1, 14))
    await hears(life, "bounced", "5.1.1")
    assert await written(life) == ["sms failed", "email bounced"]
    assert (await life.told(receivable))[-1] == "first held address_invalid"


async def test_a_failure_that_is_heard_after_the_next_step_is_not_followed(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "email", "sms"), email_step("second", 10))
    await an_sms_account(ctx)
    await life.until(date(2026, 1, 13))
    early = await last_notice(life)
    await life.until(date(2026, 1, 21))
    await record_receipts(life.ctx, [a_receipt(early, "failed", "spam", life.ctx.now())], account_id=None)
    await life.work()
    assert await life.told(receivable) == ["first done", "second done"]


async def test_a_step_waits_for_an_account_of_its_channel(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "sms"), email_step("second", 10))
    await life.until(date(2026, 1, 14))
    assert await life.told(receivable) == ["first held channel_not_configured"]
    made = await an_sms_account(life.ctx, state="disabled")
    await life.work()
    assert await written(life) == []
    await enable_channel_account(life.ctx, made.id)
    await life.work()
    assert await written(life) == ["sms sent"]
    await life.until(date(2026, 1, 21))
    assert await life.told(receivable) == ["first held channel_not_configured", "first done", "second done"]


async def test_an_account_that_comes_after_the_next_reminder_does_not_go_back_on_the_ladder(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "sms"), email_step("second", 10))
    await life.until(date(2026, 1, 21))
    await an_sms_account(life.ctx)
    await life.until(date(2026, 1, 25))
    assert await life.told(receivable) == ["first held channel_not_configured", "second done"]
    case = await get_case(life.ctx, (await life.case(receivable)).id)
    assert (case.state, case.next_action_at) == ("active", None)


async def test_an_account_that_is_closed_before_a_message_leaves_sends_it_another_way(ctx: Context) -> None:
    life, _, receivable = await a_life(ctx, notice_step("first", 3, "sms", "email"))
    account = await an_sms_account(ctx)
    await life.decide_only(datetime(2026, 1, 13, 1, tzinfo=UTC))
    await disable_channel_account(life.ctx, account.id)
    await life.work()
    assert await written(life) == ["sms failed", "email sent"]
    assert await life.told(receivable) == ["first done", "first done failed"]
