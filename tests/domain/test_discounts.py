"""Discounts for paying early on a real PostgreSQL: earned by a payment, and lost with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.charges import add_charge
from domain.ledger.credit_notes import cancel_credit_note, issue_credit_note
from domain.ledger.ledger_policy import put_ledger_policy
from domain.ledger.model import AllocationWish, Payment, Receivable
from domain.ledger.payment_changes import allocate_payment, refund_payment, remove_allocation, reverse_payment
from domain.ledger.receivables import get_receivable, list_entries
from domain.ledger.write_offs import list_write_offs, reverse_write_off, write_off_receivable
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_ledger import TWO_TEN, a_payment, a_receivable, cny, events_of

LAST_DAY, LATE = date(2026, 1, 11), date(2026, 1, 12)


async def two_ten(ctx: Context, customer: Customer, **overrides: Any) -> Receivable:
    """1,000 CNY at 2/10 net 30: 980 are enough until 2026-01-11."""
    return await a_receivable(ctx, customer, **{"due_on": None, "payment_terms": TWO_TEN, **overrides})


async def test_what_is_paid_in_time_earns_the_discount_in_the_same_step(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    payment = await a_payment(ctx, customer, 980, received_on=LAST_DAY)
    paid = await get_receivable(ctx, made.id)
    assert (paid.status, paid.open_amount, paid.version) == ("paid", cny(0), 2)
    assert _taken(paid) == cny(20)
    entries = (await list_entries(ctx, made.id, PageRequest())).items
    assert [(e.kind, e.component, e.amount, e.effective_on) for e in entries[1:]] == [
        ("allocation", "principal", cny(-980), LAST_DAY),
        ("discount", "principal", cny(-20), LAST_DAY),
    ]
    assert {e.allocation_id for e in entries[1:]} == {payment.allocations[0].id}
    (told,) = await events_of(ctx, "receivable.paid", "receivable.partly_paid")
    assert (told.type, told.data["payment_id"]) == ("receivable.paid", payment.id)
    assert told.data["receivable"]["discount"]["taken_amount"]["amount"] == "20.00"
    async with reading(ctx) as tx:
        assert await tx.fetchval("select overdue_at from receivables where id = $1", made.id) is None


@pytest.mark.parametrize(
    ("paid", "received_on", "left"),
    [("980", LATE, "20"), ("979.99", LAST_DAY, "20.01"), ("990", LAST_DAY, "0"), ("1000", LAST_DAY, "0")],
)
async def test_a_day_late_or_a_cent_short_earns_nothing(ctx: Context, paid: str, received_on: date, left: str) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    payment = await a_payment(ctx, customer, paid, received_on=received_on)
    after = await get_receivable(ctx, made.id)
    assert after.open_amount == cny(left)
    assert _taken(after) == (cny(1000) - payment.amount if left == "0" else cny(0))


async def test_parts_in_time_earn_it_together_and_a_late_part_does_not_count(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    await a_payment(ctx, customer, 100, received_on=LATE)
    await a_payment(ctx, customer, 500)
    await a_payment(ctx, customer, 380)
    assert _taken(await get_receivable(ctx, made.id)) == cny(0)
    other = await two_ten(ctx, customer)
    for amount in ("500", "480"):
        await a_payment(ctx, customer, amount, allocations=[AllocationWish(receivable_id=other.id)])
    settled = await get_receivable(ctx, other.id)
    assert (settled.status, _taken(settled)) == ("paid", cny(20))


async def test_a_named_amount_of_a_payment_earns_it_and_the_rest_stays_unapplied(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    wish = AllocationWish(receivable_id=made.id, amount="980.00")
    payment = await a_payment(ctx, customer, 1000, allocations=[wish])
    assert payment.unapplied_amount == cny(20)
    assert (await get_receivable(ctx, made.id)).status == "paid"


async def test_money_that_came_in_time_earns_it_also_when_it_is_allocated_or_moved_later(ctx: Context) -> None:
    customer = await a_customer(ctx)
    early = await a_payment(ctx, customer, 980, received_on=LAST_DAY)
    late = await a_payment(ctx, customer, 980, received_on=LATE)
    first, second = await two_ten(ctx, customer), await two_ten(ctx, customer)
    named = [AllocationWish(receivable_id=first.id)]
    late = await allocate_payment(ctx, late.id, allocations=named)
    assert _taken(await get_receivable(ctx, first.id)) == cny(0)
    await remove_allocation(ctx, late.id, late.allocations[0].id)
    early = await allocate_payment(ctx, early.id, allocations=named)
    assert _taken(await get_receivable(ctx, first.id)) == cny(20)
    await remove_allocation(ctx, early.id, early.allocations[0].id)
    await allocate_payment(ctx, early.id, allocations=[AllocationWish(receivable_id=second.id)])
    assert _taken(await get_receivable(ctx, first.id)) == cny(0)
    assert (await get_receivable(ctx, first.id)).open_amount == cny(1000)
    assert _taken(await get_receivable(ctx, second.id)) == cny(20)


@pytest.mark.parametrize("how", ["reverse", "remove", "refund"])
async def test_whatever_undoes_the_payment_takes_the_discount_back(ctx: Context, how: str) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    await _undo(ctx, await a_payment(ctx, customer, 980), how)
    again = await get_receivable(ctx, made.id)
    assert (again.status, again.open_amount, _taken(again)) == ("open", cny(1000), cny(0))
    *_, undone, reversal = (await list_entries(ctx, made.id, PageRequest())).items
    assert [(e.kind, e.amount) for e in (undone, reversal)] == [
        ("allocation_reversal", cny(980)),
        ("discount_reversal", cny(20)),
    ]
    assert undone.allocation_id == reversal.allocation_id
    (told,) = await events_of(ctx, "receivable.reopened")
    assert told.data["receivable"]["open_amount"]["amount"] == "1000.00"
    await a_payment(ctx, customer, 980)
    assert _taken(await get_receivable(ctx, made.id)) == cny(20)


async def test_losing_an_earlier_part_loses_the_discount_that_a_later_one_earned(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    first = await a_payment(ctx, customer, 500)
    second = await a_payment(ctx, customer, 480)
    await reverse_payment(ctx, first.id, reason="bounced", reversed_on=LAST_DAY)
    left = await get_receivable(ctx, made.id)
    assert (left.open_amount, left.status, _taken(left)) == (cny(520), "partly_paid", cny(0))
    await reverse_payment(ctx, second.id, reason="bounced", reversed_on=LAST_DAY)
    assert (await get_receivable(ctx, made.id)).open_amount == cny(1000)


async def test_a_discount_is_not_taken_back_before_the_day_on_which_it_was_given(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    part = await a_payment(ctx, customer, 10)
    await a_payment(ctx, customer, 970, received_on=LAST_DAY)
    await remove_allocation(ctx, part.id, part.allocations[0].id)
    entries = (await list_entries(ctx, made.id, PageRequest())).items
    assert [(e.kind, e.effective_on) for e in entries if e.kind.startswith("discount")] == [
        ("discount", LAST_DAY),
        ("discount_reversal", LAST_DAY),
    ]


async def test_a_payment_after_the_last_day_neither_earns_nor_loses_it(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    await a_payment(ctx, customer, 980)
    await add_charge(ctx, made.id, component="fee", amount=cny(40), reason="reminder")
    fee = await a_payment(ctx, customer, 40, received_on=LATE)
    await reverse_payment(ctx, fee.id, reason="bounced", reversed_on=LATE)
    after = await get_receivable(ctx, made.id)
    assert (after.open_amount, after.open_parts.fee, _taken(after)) == (cny(40), cny(40), cny(20))


async def test_what_settles_charges_was_not_paid_for_the_goods(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    await add_charge(ctx, made.id, component="fee", amount=cny(10), reason="delivery")
    await a_payment(ctx, customer, 980)
    assert _taken(await get_receivable(ctx, made.id)) == cny(0)
    await a_payment(ctx, customer, 10)
    after = await get_receivable(ctx, made.id)
    assert (after.status, _taken(after)) == ("paid", cny(20))


async def test_a_credit_note_earns_none_and_leaves_less_to_discount(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    note = await _credit(ctx, customer, "985")
    assert _taken(await get_receivable(ctx, made.id)) == cny(0)
    await cancel_credit_note(ctx, note)
    note = await _credit(ctx, customer, "15")
    payment = await a_payment(ctx, customer, 980)
    assert _taken(await get_receivable(ctx, made.id)) == cny(5)
    await cancel_credit_note(ctx, note)
    after = await get_receivable(ctx, made.id)
    assert (after.open_amount, _taken(after)) == (cny(15), cny(5))
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=LAST_DAY)
    assert (await get_receivable(ctx, made.id)).open_amount == cny(1000)


async def test_the_tolerance_lets_go_only_what_the_discount_leaves(ctx: Context) -> None:
    await put_ledger_policy(ctx, allocation_policy="oldest_due_first", tolerances=[cny(30)], approval_limits=[])
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    payment = await a_payment(ctx, customer, 980)
    assert _taken(await get_receivable(ctx, made.id)) == cny(20)
    assert (await list_write_offs(ctx, PageRequest())).items == []
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=LAST_DAY)
    await a_payment(ctx, customer, 980, received_on=LATE)
    after = await get_receivable(ctx, made.id)
    assert (after.status, after.written_off_amount, _taken(after)) == ("written_off", cny(20), cny(0))


async def test_what_was_given_up_is_not_discounted_too(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await two_ten(ctx, customer)
    write_off = await write_off_receivable(ctx, made.id, amount=cny(12), reason="other")
    await a_payment(ctx, customer, 980)
    settled = await get_receivable(ctx, made.id)
    assert (settled.open_amount, settled.written_off_amount, _taken(settled)) == (cny(0), cny(12), cny(8))
    await reverse_write_off(ctx, write_off.id)
    after = await get_receivable(ctx, made.id)
    assert (after.open_amount, _taken(after)) == (cny(12), cny(8))


async def _undo(ctx: Context, payment: Payment, how: str) -> None:
    if how == "reverse":
        await reverse_payment(ctx, payment.id, reason="charged_back", reversed_on=LAST_DAY)
        return
    await remove_allocation(ctx, payment.id, payment.allocations[0].id)
    if how == "refund":
        await refund_payment(ctx, payment.id, amount=payment.amount, refunded_on=LAST_DAY)


async def _credit(ctx: Context, customer: Customer, amount: str) -> str:
    note = await issue_credit_note(
        ctx,
        customer_id=customer.id,
        number="CN-1",
        amount=cny(amount),
        issued_on=date(2026, 1, 5),
        reason="other",
    )
    return note.id


def _taken(receivable: Receivable) -> Any:
    assert receivable.discount is not None
    return receivable.discount.taken_amount
