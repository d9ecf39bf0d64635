"""What did not arrive about several debts at once takes the next channel as a whole."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.dunning.cases import list_cases
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.notices import list_notices
from domain.messaging.receipts import record_receipts
from tests.factories import a_contact, a_customer
from tests.factories_channels import PHONE, FakeAccounts, an_sms_account
from tests.factories_dunning import a_plan, email_step
from tests.factories_ledger import a_receivable, cny
from tests.factories_receipts import a_receipt
from tests.scenarios.life import Life

WRITES = {"type": "notice", "template": "overdue_notice", "channels": ["email", "sms"]}
STEPS: list[dict[str, Any]] = [
    {"key": "first", "offset_days": 3, "time_of_day": "09:00", "action": WRITES},
    email_step("second", 20),
]


async def a_life(ctx: Context, **options: Any) -> tuple[Life, list[Receivable]]:
    """Three debts of one customer, due on 10 January."""
    life = Life(ctx)
    life.accounts = FakeAccounts()
    await an_sms_account(ctx)
    await a_plan(ctx, steps=STEPS, options=options)
    customer = await a_customer(ctx)
    await a_contact(ctx, customer, email="wang@lanhai.example", phone=PHONE)
    debts = [
        await a_receivable(ctx, customer, number=f"INV-{n}", amount=cny(100 * n), due_on=date(2026, 1, 10))
        for n in (1, 2, 3)
    ]
    return life, debts


async def written(life: Life) -> list[tuple[str, str, str]]:
    """Channel, state and open amount of each notice."""
    notices = (await list_notices(life.ctx, PageRequest())).items
    return [(one.channel, one.state, str(one.open_amount.amount)) for one in notices]


async def fails(life: Life) -> None:
    """The newest notice did not arrive."""
    last = (await list_notices(life.ctx, PageRequest())).items[-1]
    await record_receipts(life.ctx, [a_receipt(last, "failed", "spam", life.ctx.now())], account_id=None)
    await life.work()


async def test_a_combined_notice_that_failed_is_combined_again(ctx: Context) -> None:
    life, debts = await a_life(ctx, combine=True)
    await life.until(date(2026, 1, 13))
    await fails(life)
    assert await written(life) == [("email", "failed", "600.00"), ("sms", "sent", "600.00")]
    for debt in debts:
        assert await life.told(debt) == ["first done", "first done failed"]


async def test_a_combined_notice_that_nobody_read_is_combined_again(ctx: Context) -> None:
    life, debts = await a_life(ctx, combine=True, next_channel_when_unread_days=2)
    await life.until(date(2026, 1, 16))
    assert await written(life) == [("email", "sent", "600.00"), ("sms", "sent", "600.00")]
    for debt in debts:
        assert await life.told(debt) == ["first done", "first done unread"]


async def test_an_account_that_hears_of_a_failure_is_written_another_way(ctx: Context) -> None:
    life, _ = await a_life(ctx, anchor="balance")
    await life.until(date(2026, 1, 13))
    await fails(life)
    assert await written(life) == [("email", "failed", "600.00"), ("sms", "sent", "600.00")]
    await life.until(date(2026, 1, 31))
    assert [channel for channel, *_ in await written(life)] == ["email", "sms", "email"]


async def test_an_account_is_followed_and_raised_like_one_debt(ctx: Context) -> None:
    life, _ = await a_life(ctx, anchor="oldest_open", next_channel_when_unread_days=2, raise_when_no_reply_days=5)
    await life.until(date(2026, 1, 31))
    (case,) = (await list_cases(life.ctx, PageRequest())).items
    notices = (await list_notices(life.ctx, PageRequest(), case_id=case.id)).items
    told = [(f"{one.created_at:%m-%d}", one.step_key, one.channel) for one in notices]
    assert told == [("01-13", "first", "email"), ("01-15", "first", "sms"), ("01-20", "second", "email")]
