"""Plans that learn: they write before the day on which a customer pays, and do not wait for ever to be read or answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.collections.activities import record_activity
from domain.customers.customers import get_customer
from domain.customers.model import Customer
from domain.dunning.cases import case_timeline
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.disputes import open_dispute
from domain.ledger.model import Receivable
from domain.ledger.payment_changes import reverse_payment
from domain.messaging.notices import list_notices
from domain.messaging.receipts import record_receipts
from tests.factories import a_contact, a_customer
from tests.factories_channels import PHONE, FakeAccounts, an_sms_account
from tests.factories_dunning import a_plan, email_step, escalation_step
from tests.factories_ledger import a_payment, a_receivable, cny
from tests.factories_receipts import a_receipt
from tests.scenarios.life import Life

PAID_ON = (date(2025, 10, 25), date(2025, 11, 24), date(2025, 12, 26))
WRITES = {"type": "notice", "template": "overdue_notice", "channels": ["email", "sms"]}
BOTH_WAYS = {"key": "first", "offset_days": 3, "time_of_day": "09:00", "action": WRITES}


async def a_customer_who_pays(ctx: Context, *days: date) -> Customer:
    """Someone who owed an invoice for each of these days, and paid it then."""
    customer = await a_customer(ctx)
    await a_contact(ctx, customer, email="wang@lanhai.example", phone=PHONE)
    for day in days:
        old = await a_receivable(
            ctx, customer, number=f"OLD-{day}", amount=cny(100), issued_on=date(2025, 9, 1), due_on=date(2025, 9, 30)
        )
        await a_payment(ctx, customer, 100, received_on=day)
        assert old.open_amount == cny(100)
    return customer


async def ahead(life: Life, receivable: Receivable) -> list[str]:
    """The steps to come, each as `key day reasons`."""
    timeline = await case_timeline(life.ctx, (await life.case(receivable)).id)
    return [" ".join([one.step_key, f"{one.due_at:%m-%d}", *one.reasons]) for one in timeline.future]


async def written(life: Life) -> list[str]:
    """Each notice as `day channel state`, oldest first."""
    notices = (await list_notices(life.ctx, PageRequest())).items
    return [f"{one.created_at:%m-%d} {one.channel} {one.state}" for one in notices]


async def hears(life: Life, kind: Any, code: str = "") -> None:
    """Something is told of the newest notice."""
    last = (await list_notices(life.ctx, PageRequest())).items[-1]
    await record_receipts(life.ctx, [a_receipt(last, kind, code, life.ctx.now())], account_id=None)
    await life.work()


FRIENDLY = [email_step("friendly", -3, "friendly_reminder"), email_step("first", 3)]
LEARNS = {"learn_pay_day": True}


async def test_who_always_pays_on_the_25th_is_reminded_before_the_25th(ctx: Context) -> None:
    life = Life(ctx)
    customer = await a_customer_who_pays(ctx, *PAID_ON)
    await a_plan(ctx, steps=FRIENDLY, options=LEARNS)
    due = await a_receivable(ctx, customer, number="INV-1", due_on=date(2026, 2, 10))
    await life.work()
    assert await ahead(life, due) == ["friendly 01-22 before_pay_day", "first 02-13"]
    await life.until(date(2026, 1, 21))
    assert await written(life) == []
    await life.until(date(2026, 1, 22))
    assert await written(life) == ["01-22 email sent"]
    await life.until(date(2026, 2, 14))
    assert await life.told(due) == ["friendly done before_pay_day", "first done"]
    assert await written(life) == ["01-22 email sent", "02-13 email sent"]


async def test_without_a_habit_or_the_option_everything_keeps_its_day(ctx: Context) -> None:
    life = Life(ctx)
    customer = await a_customer_who_pays(ctx, *PAID_ON)
    plain = await a_customer_who_pays(ctx, date(2025, 10, 3), date(2025, 11, 14), date(2025, 12, 26))
    await a_plan(ctx, steps=FRIENDLY, options=LEARNS, name="Learns")
    learnt = await a_receivable(ctx, plain, number="INV-1", due_on=date(2026, 2, 10))
    await life.work()
    assert await ahead(life, learnt) == ["friendly 02-07", "first 02-13"]
    # A payment that was taken back was none.
    debt = await a_receivable(ctx, customer, number="INV-2", due_on=date(2026, 2, 10))
    returned = await a_payment(ctx, customer, 100, received_on=date(2025, 12, 3))
    await reverse_payment(ctx, returned.id, reason="bounced", reversed_on=date(2026, 1, 5))
    await life.work()
    assert await ahead(life, debt) == ["friendly 01-22 before_pay_day", "first 02-13"]


async def test_a_mail_that_nobody_reads_is_followed_by_an_sms(ctx: Context) -> None:
    life, receivable = await _life(ctx, [BOTH_WAYS, email_step("second", 20)], {"next_channel_when_unread_days": 3})
    await life.until(date(2026, 1, 14))
    assert await ahead(life, receivable) == ["first 01-16 unread", "second 01-30"]
    await hears(life, "delivered")
    await life.until(date(2026, 1, 31))
    assert await life.told(receivable) == ["first done", "first done unread", "second done"]
    assert await written(life) == ["01-13 email delivered", "01-16 sms sent", "01-30 email sent"]


async def test_a_mail_that_is_read_is_not_followed(ctx: Context) -> None:
    life, receivable = await _life(ctx, [BOTH_WAYS], {"next_channel_when_unread_days": 3})
    await life.until(date(2026, 1, 15))
    await hears(life, "read")
    await life.until(date(2026, 1, 25))
    assert await written(life) == ["01-13 email read"]
    assert (await life.case(receivable)).next_action_at is None


async def test_a_mail_that_bounces_is_followed_at_once(ctx: Context) -> None:
    life, receivable = await _life(ctx, [BOTH_WAYS], {"next_channel_when_unread_days": 3})
    await life.until(date(2026, 1, 14))
    await hears(life, "bounced", "5.1.1")
    assert await written(life) == ["01-13 email bounced", "01-14 sms sent"]
    await life.until(date(2026, 1, 25))
    assert await life.told(receivable) == ["first done", "first done bounced"]


RUNGS = [email_step("first", 3), email_step("second", 20), escalation_step("legal", 40)]
SILENT = {"raise_when_no_reply_days": 7}


async def test_silence_brings_the_next_step_forward(ctx: Context) -> None:
    life, receivable = await _life(ctx, RUNGS, SILENT)
    await life.until(date(2026, 1, 14))
    assert await ahead(life, receivable) == ["second 01-20 no_reply", "legal 01-27 no_reply"]
    await life.until(date(2026, 1, 28))
    assert await life.told(receivable) == ["first done", "second done no_reply", "legal done no_reply"]
    assert (await life.case(receivable)).state == "escalated"


async def test_a_reply_a_part_a_dispute_or_a_call_lets_the_plan_keep_its_days(ctx: Context) -> None:
    async def replies(life: Life, debt: Receivable) -> None:
        (last,) = (await list_notices(life.ctx, PageRequest(), customer_id=debt.customer_id)).items
        await record_receipts(life.ctx, [a_receipt(last, "replied", at=life.ctx.now())], account_id=None)

    async def pays(life: Life, debt: Receivable) -> None:
        await a_payment(life.ctx, await _of(life, debt), 10, received_on=life.ctx.today())

    async def disputes(life: Life, debt: Receivable) -> None:
        await open_dispute(life.ctx, receivable_id=debt.id, amount=cny(10), reason="quality")

    async def talks(life: Life, debt: Receivable) -> None:
        await record_activity(
            life.ctx,
            customer_id=debt.customer_id,
            kind="call",
            outcome="reached",
            summary="They will look into it.",
            occurred_at=life.ctx.now(),
        )

    signs = [replies, pays, disputes, talks]
    life = Life(ctx)
    await a_plan(ctx, steps=RUNGS, options=SILENT)
    debts = []
    for position in range(len(signs) + 1):
        customer = await a_customer_who_pays(ctx)
        debts.append(await a_receivable(ctx, customer, number=f"INV-{position}", due_on=date(2026, 1, 10)))
    await life.until(date(2026, 1, 15))
    for sign, debt in zip(signs, debts, strict=False):
        await sign(life, debt)
    await life.until(date(2026, 1, 21))
    told = [(await life.told(debt))[-1] for debt in debts]
    assert told == ["first done"] * len(signs) + ["second done no_reply"]
    await life.until(date(2026, 1, 31))
    assert [(await life.told(debt))[-1] for debt in debts[:-1]] == ["second done"] * len(signs)


async def _life(ctx: Context, steps: list[dict[str, Any]], options: dict[str, Any]) -> tuple[Life, Receivable]:
    life = Life(ctx)
    life.accounts = FakeAccounts()
    await an_sms_account(ctx)
    await a_plan(ctx, steps=steps, options=options)
    customer = await a_customer_who_pays(ctx)
    return life, await a_receivable(ctx, customer, due_on=date(2026, 1, 10))


async def _of(life: Life, debt: Receivable) -> Customer:
    return await get_customer(life.ctx, debt.customer_id)
