"""A debt whose due date waits for its delivery, told with a moving test clock."""

from __future__ import annotations

from datetime import date

from domain.kernel.context import Context
from domain.ledger.delivering import record_delivery
from domain.ledger.receivables import get_receivable
from domain.ledger.rules.delivery import Delivery
from domain.ledger.rules.payment_terms import DueRule, PaymentTerms, TermPart
from tests.factories_dunning import a_debtor, a_plan, a_receivable
from tests.scenarios.life import Life

ON_RECEIPT = PaymentTerms(parts=(TermPart(due=DueRule(days=10)),), anchor="received_on")


async def test_no_reminder_goes_out_before_the_due_date_is_known(ctx: Context) -> None:
    await a_plan(ctx)
    life = Life(ctx)
    issued = {"issued_on": date(2026, 1, 1), "due_on": None, "payment_terms": ON_RECEIPT}
    debt = await a_receivable(life.ctx, await a_debtor(life.ctx), **issued)
    await life.work()
    await life.until(date(2026, 3, 1))
    case = await life.case(debt)
    assert (case.state, case.next_action_at, case.deferred_reasons) == ("active", None, ["due_date_provisional"])
    assert (await life.told(debt), life.mailbox.mails) == ([], [])
    assert not (await get_receivable(life.ctx, debt.id)).overdue

    await record_delivery(life.ctx, debt.id, Delivery(received_on=date(2026, 2, 28)))
    await life.work()
    assert (await life.case(debt)).deferred_reasons == []
    await life.until(date(2026, 3, 8))
    assert await life.told(debt) == ["friendly done"]
    await life.until(date(2026, 3, 14))
    assert await life.told(debt) == ["friendly done", "first done"]
    assert (await get_receivable(life.ctx, debt.id)).days_overdue == 4
