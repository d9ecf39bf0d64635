"""What users of other systems complain about, told against this one: fees and interest lost, payments that drift."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.collections.escalations import list_escalations
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.charges import list_charges, preview_charge
from domain.ledger.model import AllocationWish
from domain.ledger.payment_changes import remove_allocation, reverse_payment
from domain.ledger.payments import get_payment, record_payment
from domain.ledger.receivables import get_receivable
from tests.factories_dunning import (
    a_debtor,
    a_fee,
    a_plan,
    a_receivable,
    a_thousandth_a_day,
    charge_step,
    email_step,
    escalation_step,
    events_of,
)
from tests.factories_ledger import cny
from tests.scenarios.life import Life


async def test_complaint_06_interest_follows_the_balance_and_a_fee_is_never_lost(ctx: Context) -> None:
    """erpnext #49621 (interest by segments of the balance), #58220 (a dunning resolved while its fee is unpaid)."""
    fee, interest = await a_fee(ctx), await a_thousandth_a_day(ctx)
    await a_plan(ctx, steps=[charge_step("fee", 10, fee)])
    life = Life(ctx)
    debtor = await a_debtor(ctx)
    debt = await a_receivable(ctx, debtor, amount=cny("1000.00"))
    await life.work()
    await life.until(date(2026, 1, 15))
    await life.pays(debtor, "600.00")
    preview = await preview_charge(life.ctx, debt.id, rule_id=interest.id, as_of=date(2026, 1, 20))
    # Five days of 1,000 and five of 400, a thousandth each: the day of the payment is owed in full.
    assert preview.total == cny("7.00")
    await life.until(date(2026, 1, 21))
    await life.pays(debtor, "400.00")
    still = await get_receivable(life.ctx, debt.id)
    assert (still.status, still.open_amount) == ("partly_paid", cny("40.00"))
    (charge,) = (await list_charges(life.ctx, PageRequest(), receivable_id=debt.id)).items
    assert charge.amount == cny("40.00")
    await life.pays(debtor, "40.00")
    assert (await get_receivable(life.ctx, debt.id)).status == "paid"


async def test_complaint_12_an_escalation_is_of_one_debt_and_not_for_ever(ctx: Context) -> None:
    """killbill #1997, #687; polar #8325: past due is not the end, and one debt does not suspend everything."""
    await a_plan(ctx, steps=[email_step("first", 3), escalation_step("suspend", 5, "service_suspension")])
    life = Life(ctx)
    debtor = await a_debtor(ctx)
    old = await a_receivable(ctx, debtor, number="INV-OLD")
    young = await a_receivable(ctx, debtor, number="INV-YOUNG", due_on=date(2026, 1, 20))
    await life.work()
    await life.until(date(2026, 1, 16))
    (escalation,) = (await list_escalations(life.ctx, PageRequest())).items
    assert (escalation.receivable_id, escalation.level) == (old.id, "service_suspension")
    assert (await life.case(old)).state == "escalated"
    assert (await life.case(young)).state == "active"
    payment = await record_payment(
        life.ctx,
        customer_id=debtor.id,
        amount=cny("1299.00"),
        received_on=life.ctx.today(),
        allocations=[AllocationWish(receivable_id=old.id)],
    )
    await life.work()
    # What the client system lifts the suspension by.
    assert [event.object_id for event in await events_of(life.ctx, "case.closed")] == [(await life.case(old)).id]
    await reverse_payment(life.ctx, payment.id, reason="charged_back", reversed_on=life.ctx.today())
    await life.work()
    assert (await life.case(old)).state == "escalated"
    assert len((await list_escalations(life.ctx, PageRequest())).items) == 1


async def test_complaint_15_money_that_is_over_short_or_taken_back_never_drifts(ctx: Context) -> None:
    """erpnext #49458 (taking back one assignment removes all), #42280, #41901; over-payments that are refused elsewhere."""
    await a_plan(ctx, steps=[email_step("first", 3)])
    life = Life(ctx)
    debtor = await a_debtor(ctx)
    debts = [await a_receivable(ctx, debtor, number=f"INV-{n}", amount=cny("100.00")) for n in range(3)]
    payment = await record_payment(life.ctx, customer_id=debtor.id, amount=cny("350.00"), received_on=date(2026, 1, 5))
    assert (payment.unapplied_amount, len(payment.allocations)) == (cny("50.00"), 3)
    taken_back = next(a for a in payment.allocations if a.receivable_id == debts[1].id)
    await remove_allocation(life.ctx, payment.id, taken_back.id)
    now = await get_payment(life.ctx, payment.id)
    assert (now.unapplied_amount, len(now.allocations)) == (cny("150.00"), 2)
    opens = [(await get_receivable(life.ctx, debt.id)).open_amount for debt in debts]
    assert opens == [cny("0.00"), cny("100.00"), cny("0.00")]
    await life.work()
    await life.until(date(2026, 1, 14))
    # It is open, but the customer has paid enough: nobody is reminded of what only waits to be assigned.
    assert await life.told(debts[1]) == ["first held covered_by_unapplied_amount"]
    assert not life.mailbox.mails
    total = sum((allocation.amount.amount for allocation in now.allocations), Decimal(0))
    assert Money(total, "CNY") + now.unapplied_amount == payment.amount
