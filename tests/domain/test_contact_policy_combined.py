"""The contact policy and notices that several receivables share."""

from __future__ import annotations

from datetime import date

from domain.kernel.context import Context
from domain.messaging.contact_policies import put_contact_policy
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step
from tests.scenarios.life import Life


async def test_receivables_that_share_a_notice_do_not_keep_each_other_waiting(ctx: Context) -> None:
    await put_contact_policy(ctx, rules={"minimum_gap_hours": 48})
    steps = [email_step("first", 3), email_step("second", 4)]
    await a_plan(ctx, steps=steps, options={"combine": True})
    life, debtor = Life(ctx), await a_debtor(ctx)
    debts = [await a_receivable(ctx, debtor, number=f"INV-{n}") for n in range(3)]
    await life.work()
    await life.until(date(2026, 1, 14))
    assert len(life.mailbox.mails) == 1
    assert all([await life.told(debt) == ["first done"] for debt in debts])
    await life.until(date(2026, 1, 16))
    # The second one waits for 48 hours since the first, and is one notice again.
    assert len(life.mailbox.mails) == 2
    assert all([(await life.told(debt))[-1].startswith("second done") for debt in debts])
