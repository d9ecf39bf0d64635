"""A debt that is reminded later and less often than the others, told with a moving test clock."""

from __future__ import annotations

from datetime import date

from domain.dunning.reminder_settings import delete_reminder_settings, put_reminder_settings
from domain.kernel.context import Context
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, escalation_step
from tests.scenarios.life import Life

WEEKLY = [
    email_step("friendly", -3, "friendly_reminder"),
    email_step("first", 3),
    email_step("second", 10),
    email_step("third", 17, "firm_notice"),
    escalation_step("legal", 60),
]


async def test_one_debt_goes_its_own_pace_while_the_others_keep_theirs(ctx: Context) -> None:
    await a_plan(ctx, steps=WEEKLY)
    life = Life(ctx)
    customer = await a_debtor(life.ctx)
    debt, other = await a_receivable(life.ctx, customer), await a_receivable(life.ctx, customer, number="INV-2")
    await life.work()
    await put_reminder_settings(life.ctx, debt.id, grace_days=5, minimum_days_between=14)
    future = {step.step_key: step.due_at.date() for step in (await life.timeline(debt)).future}
    assert future == {
        "friendly": date(2026, 1, 7),
        "first": date(2026, 1, 21),
        "second": date(2026, 2, 4),
        "third": date(2026, 2, 18),
        "legal": date(2026, 3, 16),
    }

    await life.until(date(2026, 1, 20))
    assert await life.told(debt) == ["friendly done"]
    assert await life.told(other) == ["friendly done", "first done", "second done"]
    waiting = await life.case(debt)
    assert (waiting.next_action_at and waiting.next_action_at.date(), waiting.deferred_reasons) == (
        date(2026, 1, 21),
        ["minimum_gap"],
    )

    await life.until(date(2026, 2, 4))
    assert await life.told(debt) == ["friendly done", "first done", "second done"]
    await delete_reminder_settings(life.ctx, debt.id)
    await life.work()
    assert await life.told(debt) == ["friendly done", "first done", "second done", "third done"]
    assert len([mail for mail in life.mailbox.mails if "INV-1" in mail.subject + mail.body]) == 4
    assert (await life.case(debt)).next_action_at == (await life.case(other)).next_action_at


async def test_an_outage_sends_the_latest_notice_only_and_the_next_keeps_its_distance(ctx: Context) -> None:
    await a_plan(ctx, steps=WEEKLY)
    life = Life(ctx)
    debt = await a_receivable(life.ctx, await a_debtor(life.ctx))
    await life.work()
    await put_reminder_settings(life.ctx, debt.id, minimum_days_between=10)
    await life.until(date(2026, 1, 16))
    assert await life.told(debt) == ["friendly done"]
    (first, second, *_) = (await life.timeline(debt)).future
    await life.jump(second.due_at)
    assert await life.told(debt) == ["friendly done", "first skipped superseded", "second done"]
    (third, *_) = (await life.timeline(debt)).future
    assert (first.step_key, (third.due_at - second.due_at).days) == ("first", 10)
