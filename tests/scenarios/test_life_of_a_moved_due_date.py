"""A due date moves while a reminder is on its way: what was written for the old day is not sent, and the new day is reminded of."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import update_receivable
from domain.messaging.notices import list_notices
from tests.factories_dunning import a_debtor, a_plan, a_receivable
from tests.scenarios.life import Life


async def test_a_reminder_is_not_sent_for_a_due_date_that_has_moved(ctx: Context) -> None:
    """Due on 10 January, reminded of three days before; then on 10 February."""
    await a_plan(ctx)
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.work()
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    await update_receivable(ctx, debt.id, {"due_on": date(2026, 2, 10)})
    await life.work()
    assert life.mailbox.mails == []
    assert [(n.state, n.reason, n.due_on) for n in (await list_notices(ctx, PageRequest())).items] == [
        ("cancelled", "due_date_changed", date(2026, 1, 10))
    ]
    await life.until(date(2026, 2, 6))
    assert life.mailbox.mails == []
    await life.until(date(2026, 2, 7))
    (mail,) = life.mailbox.mails
    assert "Feb 10, 2026" in mail.body
