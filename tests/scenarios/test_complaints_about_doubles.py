"""What users of other systems complain about, told against this one: doubled reminders, and reminders after the payment."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

from domain.dunning.engine import run_due_cases
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.charges import list_charges
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from domain.messaging.sending import send_due_notices
from tests.factories_dunning import a_debtor, a_fee, a_plan, a_receivable, at, charge_step, email_step
from tests.scenarios.life import Life

# 13 January, 09:00 in Shanghai: three days after the due date.
DUE_AT = datetime(2026, 1, 13, 1, tzinfo=UTC)


async def test_complaint_02_a_job_that_runs_twice_neither_reminds_nor_charges_twice(ctx: Context) -> None:
    """invoiceninja #2330 (a fee every hour), FOSSBilling #4024 (a mail every five minutes)."""
    fee = await a_fee(ctx)
    await a_plan(ctx, steps=[email_step("first", 3), charge_step("fee", 3, fee)])
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.work()
    await _five_at_once(life, DUE_AT)
    for hour in range(1, 49):
        await life.jump(DUE_AT + timedelta(hours=hour))
    assert len(life.mailbox.mails) == 1
    assert await life.told(debt) == ["first done", "fee done"]
    (charge,) = (await list_charges(life.ctx, PageRequest(), receivable_id=debt.id)).items
    assert charge.amount.amount == 40


async def test_complaint_02_holding_back_a_double_does_not_hold_back_the_next_reminder(ctx: Context) -> None:
    """invoiceninja #9299: what guards against "already today" must not swallow what is wanted."""
    await a_plan(
        ctx, steps=[email_step("morning", 3, time_of_day="09:00"), email_step("evening", 3, time_of_day="18:00")]
    )
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.work()
    await life.until(date(2026, 1, 14))
    assert await life.told(debt) == ["morning done", "evening done"]
    assert len(life.mailbox.mails) == 2


async def test_complaint_03_nobody_is_reminded_of_what_is_paid_at_whatever_moment_the_money_comes(ctx: Context) -> None:
    """akaunting #259; Chaser and Xero ask their users to "reconcile first"."""
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 10)])
    life = Life(ctx)
    before, between, never = [await a_debtor(ctx, name=name) for name in ("Before", "Between", "Never")]
    debts = [await a_receivable(ctx, owing, number=f"INV-{owing.name}") for owing in (before, between, never)]
    await life.work()
    await life.jump(DUE_AT - timedelta(minutes=1))
    await life.pays(before, "1299.00")
    await life.decide_only(DUE_AT)
    # The notice of this one is queued already, its text is written: the payment comes before it leaves.
    await life.pays(between, "1299.00")
    await life.work()
    assert len(life.mailbox.mails) == 1
    told = {notice.receivable_id: (notice.state, notice.reason) for notice in await _notices(life)}
    assert debts[0].id not in told
    assert told[debts[1].id] == ("cancelled", "receivable_paid")
    assert told[debts[2].id] == ("sent", None)


async def test_complaint_03_no_past_due_mail_on_the_morning_after_the_first_one(ctx: Context) -> None:
    """invoiceninja #9312: the ladder of an old debt must not run through its rungs day after day."""
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 10), email_step("third", 30)])
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx), due_on=date(2025, 12, 20))
    await life.work()
    await life.until(date(2026, 1, 12))
    assert len(life.mailbox.mails) == 1
    assert await life.told(debt) == ["first skipped superseded", "second done"]


async def _five_at_once(life: Life, instant: datetime) -> None:
    """Five workers at the same moment: all decide, all send."""
    life.ctx = await at(life.ctx, instant)
    await asyncio.gather(*(run_due_cases(life.ctx) for _ in range(5)))
    await asyncio.gather(*(send_due_notices(life.ctx, {"email": life.mailbox}) for _ in range(5)))


async def _notices(life: Life) -> list[Notice]:
    return (await list_notices(life.ctx, PageRequest())).items
